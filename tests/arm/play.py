"""A desk that plays a scene through everything the engine compiles: the desk, the converter, the taps' checksum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from drivers.card_config import SAMPLE_BYTES
from dsp import convert, desk
from dsp import ring as rings
from dsp.arena import Arena
from dsp.ring import Event
from dsp.size import DeskSize
from firmware import publish


def events_of(given: Mapping[str, Any]) -> list[Event]:
    """The scene's events."""
    return [Event(int(at), int(address), float(value), int(over)) for at, address, value, over in given["events"]]


def play(given: Mapping[str, Any]) -> dict[str, Any]:
    """Takes size int64[8], values float64[addresses], x float32[frames, columns], events float64[n, 4].

    Returns y float32[frames, outputs], the same as S32, S24 and dithered S16 bytes, x back from S24, the arena's block,
    the number of entries in the log, the sum over the S32 bytes, and whether all compiled code came from the cache.
    """
    size = DeskSize(*(int(number) for number in given["size"]))
    arena = Arena(size)
    desk.reset(arena, given["values"])
    ring, log = rings.empty(8192), rings.empty(8192)
    rings.write(ring, events_of(given), 0)
    x = np.ascontiguousarray(given["x"], np.float32)
    y = np.zeros((len(x), size.outputs), np.float32)
    desk.process(x, y, arena.f32, arena.f64, arena.i64, ring, log)
    out: dict[str, Any] = {"y": y, "block": arena.block, "logged": arena.events_logged}
    for name in ("S16_LE", "S24_3LE", "S32_LE"):
        code = convert.FORMATS.index(name)
        raw = np.zeros(y.size * SAMPLE_BYTES[name], np.uint8)
        convert.from_float(y, raw, code, np.array([convert.DITHER_SEED], np.int64))
        back = np.zeros_like(y)
        convert.to_float(raw, back, code)
        out |= {name: raw, f"{name}_back": back}
    words = np.ascontiguousarray(out["S32_LE"]).view(np.int64)
    out["fold"] = publish.fold(words, 0)
    out["compiled_here"] = len(desk.process.stats.cache_misses)
    return out
