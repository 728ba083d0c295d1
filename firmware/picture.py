"""A strip's curves drawn as one picture: filters and equaliser above, gate and compressor below."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from firmware import curves
from firmware.curves import Settings
from firmware.params import STRIP

INK, FAINT, GRID, PAPER = "#1c2430", "#6b7685", "#e3e7ec", "#ffffff"
BAND_COLOURS = ("#d1495b", "#e08e2b", "#3d9a50", "#2a9d9d", "#3b6fd4", "#8a56c2")
DESK_COLOUR, ANALOG_COLOUR = "#14407f", "#d1495b"
RANGE_DB = 18.0
FREQUENCIES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
FORMATS = ("png", "svg", "pdf")
_TYPES = {parameter.name: parameter.type for parameter in STRIP}


def draw(settings: Settings, title: str, rate_hz: int, file_format: str = "png") -> bytes:
    """The picture of one strip, 1600 × 1280 as PNG; `file_format` of `FORMATS`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    style: Any = {
        "font.size": 10.5, "axes.edgecolor": FAINT, "axes.labelcolor": INK, "text.color": INK, "xtick.color": FAINT,
        "ytick.color": FAINT, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
        "axes.grid": True, "grid.color": GRID, "svg.hashsalt": "pidesk",
    }  # fmt: skip
    with mpl.rc_context(style):
        figure = plt.figure(figsize=(10, 8), facecolor=PAPER)
        grid = figure.add_gridspec(
            2, 2, height_ratios=(1.15, 1), left=0.075, right=0.975, top=0.87, bottom=0.07, hspace=0.36, wspace=0.18
        )
        figure.text(0.075, 0.953, title, fontsize=17, fontweight="bold", va="center")
        figure.text(0.975, 0.953, f"at {rate_hz:g} Hz", color=FAINT, ha="right", va="center")
        _frequency(figure.add_subplot(grid[0, :]), settings, rate_hz)
        _gate(figure.add_subplot(grid[1, 0]), settings)
        _comp(figure.add_subplot(grid[1, 1]), settings)
        content = io.BytesIO()
        figure.savefig(content, format=file_format, dpi=160, metadata={"Date": None} if file_format == "svg" else {})
        plt.close(figure)
    return content.getvalue()


def _shown(settings: Settings, *names: str) -> str:
    """Values as the desk shows them, side by side."""
    return "   ".join(_TYPES[name].show(settings[name]) for name in names)


def _times(settings: Settings, stage: str, *steps: str) -> str:
    """`attack 6.00 ms   release 140 ms`."""
    return "   ".join(f"{step} {_shown(settings, f'{stage}.{step}_ms')}" for step in steps)


def _heading(axes: Any, text: str, detail: str) -> None:
    axes.set_title(text, loc="left", fontsize=12, fontweight="bold", pad=9)
    axes.set_title(detail, loc="right", fontsize=9.5, color=FAINT, pad=9)


def _frequency(axes: Any, settings: Settings, rate_hz: int) -> None:
    hz = np.geomspace(20.0, min(20000.0, 0.499 * rate_hz), 1200)
    desk, analog = curves.to_db(curves.digital(settings, hz, rate_hz)), curves.to_db(curves.analog(settings, hz))
    seen = np.concatenate([desk, analog])[None, :]
    top = max(RANGE_DB, 6.0 * np.ceil(np.max(seen) / 6.0))
    for number in curves.BANDS:
        if not curves.band_is_heard(settings, number):
            continue
        colour, at = BAND_COLOURS[number - 1], f"eq.band.{number}"
        own = curves.to_db(curves.analog_band(settings, number, hz))
        axes.fill_between(hz, 0.0, own, color=colour, alpha=0.16, lw=0)
        place = float(settings[f"{at}.freq_hz"])
        level = float(np.interp(place, hz, desk))
        marker = min(max(level, -top + 1.6), top - 1.6)
        axes.plot([place], [marker], "o", ms=15, color=colour, mec=PAPER, mew=1.6, zorder=6, clip_on=False)
        axes.text(
            place,
            marker,
            str(number),
            color=PAPER,
            ha="center",
            va="center_baseline",
            fontsize=9,
            fontweight="bold",
            zorder=7,
        )
    axes.axhline(0.0, color=FAINT, lw=0.8)
    axes.plot(hz, desk, color=DESK_COLOUR, lw=2.6, label="the desk", zorder=4)
    axes.plot(hz, analog, color=ANALOG_COLOUR, lw=1.1, ls=(0, (4, 3)), label="the analog filters", zorder=5)
    heard = np.maximum(desk, analog) > -24.0
    off = float(np.max(np.abs(desk - analog)[heard], initial=0.0))
    axes.set_xscale("log")
    axes.set_xlim(20, 20000)
    axes.set_ylim(-top, top)
    axes.set_yticks(np.arange(-top, top + 1, 6))
    axes.set_xticks(FREQUENCIES, [f"{f // 1000}k" if f >= 1000 else str(f) for f in FREQUENCIES])
    axes.minorticks_off()
    axes.set_xlabel("Hz")
    axes.set_ylabel("dB")
    axes.legend(loc="upper right", fontsize=9, frameon=True, facecolor=PAPER, edgecolor="none", framealpha=0.85)
    parts = [
        f"{name.upper()} {_shown(settings, f'{name}.freq_hz', f'{name}.slope_db_oct')}"
        for name in ("hpf", "lpf")
        if settings[f"{name}.on"]
    ]
    _heading(axes, "Filters and equaliser", "      ".join([*parts, f"farthest from analog {off:.2f} dB"]))


def _levels(axes: Any) -> Any:
    level = np.linspace(-80.0, 0.0, 801)
    axes.plot([-80, 12], [-80, 12], color=FAINT, lw=0.8)
    axes.set_xlim(-80, 0)
    axes.set_ylim(-80, 6)
    axes.set_xticks(range(-80, 1, 20))
    axes.set_yticks(range(-80, 1, 20))
    axes.set_xlabel("in, dBFS")
    axes.set_ylabel("out, dBFS")
    return level


def _gate(axes: Any, settings: Settings) -> None:
    level = _levels(axes)
    mode = str(settings["gate.mode"])
    if not settings["gate.on"]:
        _heading(axes, "Gate", "off")
        axes.plot(level, level, color=DESK_COLOUR, lw=2.6, alpha=0.35)
        return
    up, down = (level + gain for gain in curves.gate_db(settings, level))
    threshold = float(settings["gate.threshold_db"])
    axes.text(threshold, -78, f" {_shown(settings, 'gate.threshold_db')}", color=ANALOG_COLOUR, fontsize=9)
    axes.axvline(threshold, color=ANALOG_COLOUR, lw=1.1, ls=(0, (4, 3)))
    axes.fill_between(level, np.minimum(up, level), level, color=DESK_COLOUR, alpha=0.10, lw=0)
    if mode != "expander" and np.any(up != down):
        axes.plot(level, down, color=BAND_COLOURS[1], lw=2.0, label="falling", zorder=3)
    axes.plot(level, up, color=DESK_COLOUR, lw=2.6, label="rising", zorder=4)
    if len(axes.get_legend_handles_labels()[0]) > 1:
        axes.legend(loc="upper left", fontsize=9, frameon=False)
    _heading(axes, mode.capitalize(), _times(settings, "gate", "attack", "hold", "release"))


def _comp(axes: Any, settings: Settings) -> None:
    level = _levels(axes)
    if not settings["comp.on"]:
        _heading(axes, "Compressor", "off")
        axes.plot(level, level, color=DESK_COLOUR, lw=2.6, alpha=0.35)
        return
    out = level + curves.comp_db(settings, level)
    threshold, half = float(settings["comp.threshold_db"]), float(settings["comp.knee_db"]) / 2.0
    axes.axvspan(threshold - half, threshold + half, color=BAND_COLOURS[1], alpha=0.12, lw=0)
    axes.text(threshold, -78, f" {_shown(settings, 'comp.threshold_db')}", color=ANALOG_COLOUR, fontsize=9)
    axes.axvline(threshold, color=ANALOG_COLOUR, lw=1.1, ls=(0, (4, 3)))
    axes.fill_between(level, out, level, color=DESK_COLOUR, alpha=0.10, lw=0)
    axes.plot(level, out, color=DESK_COLOUR, lw=2.6, zorder=4)
    ratio = _shown(settings, "comp.ratio")
    _heading(axes, "Compressor", f"{ratio}   {_times(settings, 'comp', 'attack', 'release')}")
