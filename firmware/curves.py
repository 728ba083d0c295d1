"""The curves of a strip: what its filters and equaliser do over frequency, its gate and compressor over level.

`settings` is a strip's values by their name below the strip ("eq.band.1.freq_hz"); `of_strip` takes them from a desk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from firmware.desk_model import DeskModel
from firmware.params import Value

Floats = NDArray[np.float64]
Complex = NDArray[Any]
Settings = Mapping[str, Value]

BUTTERWORTH_Q = math.sqrt(0.5)
HPF_SECTIONS_Q = {6: (0.0,), 12: (BUTTERWORTH_Q,), 18: (0.0, 1.0), 24: (0.541196, 1.306563)}
"""Q of the sections of each slope; 0 stands for a first-order section."""
SHELF_Q = (0.4, 1.0)
BANDS = range(1, slots.EQ_BANDS + 1)


def of_strip(model: DeskModel, strip: str) -> dict[str, Value]:
    """The values of `strip` ("channel.3", "main.lr"), by name below it; empty when there is none."""
    return {path[len(strip) + 1 :]: value for path, value in model.values.items() if path.startswith(strip + ".")}


def analog_section(kind: str, s: Complex, gain_db: float, q: float) -> Complex:
    """The analog truth of an equaliser band: s = j f/f0, `kind` of `EQ_TYPES` (Bristow-Johnson's prototypes)."""
    a = 10.0 ** (gain_db / 40.0)
    if kind.endswith("shelf"):
        q = min(max(q, SHELF_Q[0]), SHELF_Q[1])
    root, one = math.sqrt(a) / q, np.ones_like(s)
    below = s * s + s / q + 1.0
    forms: dict[str, tuple[Complex, Complex]] = {
        "bell": (s * s + s * a / q + 1.0, s * s + s / (a * q) + 1.0),
        "low_shelf": (a * (s * s + root * s + a), a * s * s + root * s + 1.0),
        "high_shelf": (a * (a * s * s + root * s + 1.0), s * s + root * s + a),
        "low_cut": (s * s, below),
        "high_cut": (one, below),
        "notch": (s * s + 1.0, below),
        "band_pass": (s / q, below),
        "tilt": (a * s + 1.0, s + a),
    }
    top, bottom = forms[kind]
    return top / bottom


def _cut(s: Complex, q: float, high_pass: bool) -> Complex:
    if q == 0.0:
        return (s if high_pass else np.ones_like(s)) / (s + 1.0)
    return (s * s if high_pass else np.ones_like(s)) / (s * s + s / q + 1.0)


def band_is_heard(settings: Settings, number: int) -> bool:
    """Whether an equaliser band changes anything."""
    at = f"eq.band.{number}"
    flat = settings[f"{at}.type"] in ("bell", "low_shelf", "high_shelf", "tilt") and settings[f"{at}.gain_db"] == 0.0
    return bool(settings["eq.on"] and settings[f"{at}.on"]) and not flat


def analog_band(settings: Settings, number: int, hz: Floats) -> Complex:
    """One equaliser band as the analog filter it stands for; 1 where it is not heard."""
    at = f"eq.band.{number}"
    if not band_is_heard(settings, number):
        return np.ones(len(hz), np.complex128)
    s = 1j * hz / float(settings[f"{at}.freq_hz"])
    return analog_section(str(settings[f"{at}.type"]), s, float(settings[f"{at}.gain_db"]), float(settings[f"{at}.q"]))


def analog(settings: Settings, hz: Floats) -> Complex:
    """HPF, LPF and equaliser together as analog filters."""
    total = np.ones(len(hz), np.complex128)
    if settings["hpf.on"]:
        for q in HPF_SECTIONS_Q[int(settings["hpf.slope_db_oct"])]:
            total *= _cut(1j * hz / float(settings["hpf.freq_hz"]), q, True)
    if settings["lpf.on"]:
        q = 0.0 if settings["lpf.slope_db_oct"] == 6 else BUTTERWORTH_Q
        total *= _cut(1j * hz / float(settings["lpf.freq_hz"]), q, False)
    for number in BANDS:
        total *= analog_band(settings, number, hz)
    return total


def digital(settings: Settings, hz: Floats, rate_hz: float) -> Complex:
    """The same as the desk does it at `rate_hz`: the kernel's own designs, as its state variable filter plays them."""
    import dsp.compile  # noqa: F401  # names the cache's folder, before numba is imported
    from dsp import design

    wet = float(bool(settings["hpf.on"]))
    slope = slots.HPF_SLOPES_DB_OCT.index(int(settings["hpf.slope_db_oct"]))
    sections = [design.hpf(place, slope, float(settings["hpf.freq_hz"]), wet, rate_hz) for place in (0, 1)]
    slope = slots.LPF_SLOPES_DB_OCT.index(int(settings["lpf.slope_db_oct"]))
    sections.append(design.lpf(slope, float(settings["lpf.freq_hz"]), float(bool(settings["lpf.on"])), rate_hz))
    for number in BANDS:
        at = f"eq.band.{number}"
        kind = slots.EQ_TYPES.index(str(settings[f"{at}.type"]))
        shape = (float(settings[f"{at}.{name}"]) for name in ("freq_hz", "gain_db", "q"))
        sections.append(design.eq_band(kind, *shape, float(band_is_heard(settings, number)), rate_hz))
    total = np.ones(len(hz), np.complex128)
    tangent = 1j * np.tan(np.pi * np.minimum(hz, 0.4999 * rate_hz) / rate_hz)
    for g, k, m0, m1, m2 in sections:
        s = tangent / g
        total *= m0 + (m1 * s + m2) / (s * s + k * s + 1.0)
    return total


def to_db(gain: Complex) -> Floats:
    """20 log₁₀ of the magnitude, −200 at the least."""
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(gain), 1e-10)), dtype=np.float64)


def gate_db(settings: Settings, level_db: Floats) -> tuple[Floats, Floats]:
    """Gain of the gate at steady levels: (on the way up, on the way down), the hysteresis apart. 0 when off."""
    mode, reach = str(settings["gate.mode"]), float(settings["gate.range_db"])
    threshold = float(settings["gate.threshold_db"])
    if not settings["gate.on"]:
        return np.zeros_like(level_db), np.zeros_like(level_db)
    if mode == "expander":
        below = np.minimum(level_db - threshold, 0.0)
        gain = np.maximum(-reach, (float(settings["gate.ratio"]) - 1.0) * below)
        return gain, gain
    up = level_db >= threshold
    down = level_db >= threshold - float(settings["gate.hysteresis_db"])
    gains = [np.where(is_open != (mode == "ducker"), 0.0, -reach) for is_open in (up, down)]
    return gains[0], gains[1]


def comp_db(settings: Settings, level_db: Floats) -> Floats:
    """Gain of the compressor at steady levels, makeup and dry share included (Giannoulis et al. 2012). 0 when off."""
    if not settings["comp.on"]:
        return np.zeros_like(level_db)
    threshold, knee = float(settings["comp.threshold_db"]), float(settings["comp.knee_db"])
    slope = 1.0 / float(settings["comp.ratio"]) - 1.0
    over = level_db - threshold
    gain = np.where(over > 0.0, slope * over, 0.0)
    if knee > 0.0:
        inside = np.abs(2.0 * over) < knee
        gain = np.where(inside, slope * (over + knee / 2.0) ** 2 / (2.0 * knee), gain)
    makeup = float(settings["comp.makeup_db"]) + (slope * threshold / 2.0 if settings["comp.auto_makeup"] else 0.0)
    wet = float(settings["comp.mix_pct"]) / 100.0
    return np.asarray(20.0 * np.log10(1.0 + wet * (10.0 ** ((gain + makeup) / 20.0) - 1.0)), dtype=np.float64)
