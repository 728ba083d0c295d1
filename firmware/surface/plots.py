"""The curves that the display's pictures are made of: filters over frequency, dynamics over level."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import ImageChops, ImageDraw
from PIL.Image import Image, fromarray
from PIL.Image import new as new_image

from firmware import curves
from firmware.curves import Floats
from firmware.desk_model import DeskModel
from firmware.params import STRIP, Value
from firmware.surface import scales
from firmware.surface.ink import Box, Ink

RANGE_DB = 18.0
LEVELS_DBFS = (-60.0, 0.0)
_SPECTRUM_DBFS = (-90.0, -6.0)
_FILTERS = tuple(p.name for p in STRIP if p.name.startswith(("hpf.", "lpf.", "eq.")))
_GATE = tuple(p.name for p in STRIP if p.name.startswith("gate."))
_COMP = tuple(p.name for p in STRIP if p.name.startswith("comp."))


def settings_of(model: DeskModel, strip: str, names: tuple[str, ...]) -> tuple[Value, ...]:
    """The values of a strip by their names below it; empty where it has them not."""
    at = f"{strip}."
    return tuple(model.values[at + name] for name in names) if at + names[0] in model.values else ()


def _pixels(places: Floats) -> list[int]:
    """The nearest pixels. What differs from machine to machine, the last bits of a logarithm, decides nothing here."""
    return [int(pixel) for pixel in np.rint(np.round(places, 6))]


@lru_cache(64)
def _filters_db(settings: tuple[Value, ...], points: int) -> Floats:
    hz = np.geomspace(scales.LOWEST_HZ, scales.HIGHEST_HZ, points)
    return curves.to_db(curves.analog(dict(zip(_FILTERS, settings, strict=True)), hz))


@lru_cache(64)
def _dynamics_db(settings: tuple[Value, ...], names: tuple[str, ...], points: int) -> Floats:
    levels = np.linspace(*LEVELS_DBFS, points)
    values = dict(zip(names, settings, strict=True))
    return curves.gate_db(values, levels)[0] if names is _GATE else curves.comp_db(values, levels)


def response(ink: Ink, box: Box, model: DeskModel, strip: str, spectrum_db: tuple[float, ...], band: int = 0) -> None:
    """Filters and equaliser from 20 Hz to 20 kHz within ±18 dB, before the spectrum; `band`: the one under the hands,
    marked on the curve; 0: none."""
    left, top, right, bottom = box
    settings = settings_of(model, strip, _FILTERS)
    if spectrum_db:
        _spectrum(ink, box, spectrum_db)
    middle, half = (top + bottom - 1) / 2, (bottom - top - 1) / 2
    ink.dots((left, round(middle)), (right, round(middle)), 3)
    if not settings:
        return
    gains = _filters_db(settings, right - left)
    heights = _pixels(middle - half * np.clip(gains / RANGE_DB, -1.0, 1.0))
    # A response that is steeper than the picture is high ends at its edge.
    ink.line(list(zip(range(left, right), heights, strict=True)), fill=1)
    if band:
        x = left + round((right - left - 1) * scales.of_hz(float(model.values[f"{strip}.eq.band.{band}.freq_hz"])))
        y = heights[x - left]
        ink.dots((x, top), (x, bottom), 2)
        ink.block((x - 3, y - 3, x + 4, y + 4), fill=0)
        ink.block((x - 2, y - 2, x + 3, y + 3))


def _spectrum(ink: Ink, box: Box, levels_db: tuple[float, ...]) -> None:
    """Grey behind the curve: every fourth pixel below the spectrum, so that the curve stands out within it."""
    left, top, right, bottom = box
    low, high = _SPECTRUM_DBFS
    count, width, height = len(levels_db), right - left, bottom - top
    shares = np.clip((np.array(levels_db) - low) / (high - low), 0.0, 1.0)
    tops = np.interp(np.arange(width), np.linspace(0, width - 1, count), height * (1.0 - shares))
    mountain = new_image("1", (width, height))
    outline = list(enumerate(_pixels(tops)))
    ImageDraw.Draw(mountain).polygon([*outline, (width - 1, height), (0, height)], fill=1)
    ink.image.paste(ImageChops.logical_and(mountain, _checks(width, height)), (left, top))


@lru_cache(16)
def _checks(width: int, height: int) -> Image:
    y, x = np.indices((height, width))
    return fromarray((y % 2 == 0) & ((x + y // 2) % 2 == 0))


def transfer(
    ink: Ink, box: Box, model: DeskModel, strip: str, stage: str, level_db: float, reduction_db: float
) -> None:
    """Level out over level in, −60 to 0 dBFS both, of `stage` "gate" or "comp"; the live point is where the sound is
    now: `level_db` in, `reduction_db` taken away. Beside it what is taken away, from the top, 24 dB at the foot."""
    left, top, right, bottom = box
    names = _GATE if stage == "gate" else _COMP
    settings = settings_of(model, strip, names)
    side = bottom - top
    bar = (right - 7, top, right, bottom)
    width = min(right - left - 11, 2 * side)
    low, high = LEVELS_DBFS
    ink.line((left, top, left, bottom - 1), fill=1)
    ink.line((left, bottom - 1, left + width - 1, bottom - 1), fill=1)
    for share in np.arange(0.0, 1.0, 4.0 / width):
        ink.point((left + round(float(share) * (width - 1)), bottom - 1 - round(float(share) * (side - 1))), 1)
    if settings:
        gains = _dynamics_db(settings, names, width)
        out = np.linspace(low, high, width) + gains
        rows = _pixels(bottom - 1 - (side - 1) * np.clip((out - low) / (high - low), 0.0, 1.0))
        ink.line(list(zip(range(left, left + width), rows, strict=True)), fill=1)
        if level_db > low:
            added = float(gains[0]) if stage == "comp" else 0.0
            now = min(max((level_db - reduction_db + added - low) / (high - low), 0.0), 1.0)
            x = left + round((width - 1) * min((level_db - low) / (high - low), 1.0))
            y = bottom - 1 - round((side - 1) * now)
            ink.block((x - 3, y - 3, x + 4, y + 4), fill=0)
            ink.block((x - 2, y - 2, x + 3, y + 3))
    ink.frame(bar)
    ink.block((bar[0] + 2, top + 2, bar[2] - 2, top + 2 + round((side - 4) * min(reduction_db / 24.0, 1.0))))


def meter(ink: Ink, box: Box, level_db: float, clipped: bool) -> None:
    """A lying meter from −60 to 0 dBFS, with a mark at −18 dBFS and a full end where it clipped."""
    left, top, right, bottom = box
    ink.frame((left, top, right, bottom))
    inside = right - left - 9
    ink.block((left + 2, top + 2, left + 2 + round(inside * scales.of_level(level_db)), bottom - 2))
    ink.line((right - 6, top, right - 6, bottom - 1), fill=1)
    if clipped:
        ink.block((right - 6, top, right, bottom))
    x = left + 2 + round(inside * scales.of_level(-18.0))
    ink.line((x, bottom, x, bottom), fill=1)
