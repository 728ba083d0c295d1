"""The desk as values, twice: what a restarted engine begins with.

Two slots are written in turn. A writer killed half-way leaves one slot that its CRC gives away, and the other whole; a
sequence lock would stay odd for ever.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.size import DeskSize
from dsp.slots import SOLO_MODES
from firmware.shared import IMAGE_HEAD, Shared

MOMENTS = ("osc.on", "talkback.on")
SOLO_MODE, IN_PLACE = "monitor.solo_mode", "sip"

_GENERATION, _RING_INDEX, _CRC = range(3)


class Image(NamedTuple):
    """`values` are the targets of every parameter once the events before `ring_index` have been applied."""

    generation: int
    ring_index: int
    values: NDArray[np.float64]


def _crc(slot: NDArray[np.int64]) -> int:
    return zlib.crc32(slot[IMAGE_HEAD:].tobytes(), zlib.crc32(slot[:_CRC].tobytes()))


def write(shared: Shared, ring_index: int, values: NDArray[np.float64]) -> int:
    """Surface only: write the older slot and return its generation."""
    found = newest(shared)
    generation = 1 if found is None else found.generation + 1
    slot = np.zeros(shared.layout.image_words, np.int64)
    slot[_GENERATION], slot[_RING_INDEX] = generation, ring_index
    slot[IMAGE_HEAD:] = np.asarray(values, np.float64).view(np.int64)
    slot[_CRC] = _crc(slot)
    shared.images[generation & 1] = slot
    return generation


def put_to_sleep(size: DeskSize, values: NDArray[np.float64]) -> None:
    """Generator, talkback and solo in place do not survive the start of an engine: nothing hurts."""
    for name in MOMENTS:
        values[size.desk(name)] = 0.0
    if values[size.desk(SOLO_MODE)] == SOLO_MODES.index(IN_PLACE):
        values[size.desk(SOLO_MODE)] = 0.0


def newest(shared: Shared) -> Image | None:
    """The newest image that is whole; None when there is none."""
    best: Image | None = None
    for slot in shared.images.copy():
        generation = int(slot[_GENERATION])
        if generation > 0 and int(slot[_CRC]) == _crc(slot) and (best is None or generation > best.generation):
            values = np.ascontiguousarray(slot[IMAGE_HEAD:]).view(np.float64)
            best = Image(generation, int(slot[_RING_INDEX]), values)
    return best
