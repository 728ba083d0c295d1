"""Which lane a number names, what kind of strip it belongs to, and whether it is a side of a stereo one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows, slots
from dsp.compile import njit
from dsp.rows import LANES, STRIP_SLOTS

Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

LINK_SLOT = slots.STRIP_INDEX["link"]
_CODES = slots.CODES_OF_A_KIND


@njit
def lane_of(i64: Words, code: int) -> int:
    """The lane that `code` names (`docs/signal.md`, "Lanes by number"); −1 where this desk has none of it."""
    kind = code // _CODES - 1
    if kind < 0 or kind >= rows.KINDS or code % _CODES >= i64[rows.HEAD_LANES_OF + kind]:
        return -1
    return i64[rows.HEAD_FIRST_TILE + kind] * LANES + code % _CODES


@njit
def kind_of(i64: Words, lane: int) -> int:
    """The `dsp.slots.StripKind` of a lane."""
    return i64[i64[rows.AT_TILE_WORDS] + (lane // LANES) * rows.TILE_WORDS + rows.TILE_KIND]


@njit
def is_linked(f64: Floats64, i64: Words, lane: int) -> bool:
    """Whether a lane is a side of a stereo strip, by the goal of its pair's link."""
    return f64[i64[rows.AT_GOAL] + (lane - lane % 2) * STRIP_SLOTS + LINK_SLOT] == 1.0


@njit
def link_of(f64: Floats64, i64: Words, lane: int) -> float:
    """λ: where the link of a lane's pair is now, 0 … 1."""
    return f64[i64[rows.AT_VALUE] + (lane - lane % 2) * STRIP_SLOTS + LINK_SLOT]


@njit
def sides_of(f64: Floats64, i64: Words, lane: int) -> tuple[int, int]:
    """The lanes that are left and right of what a lane belongs to: of a mono strip the same for both, −1 of none."""
    if lane < 0 or not is_linked(f64, i64, lane):
        return lane, lane
    return lane - lane % 2, lane - lane % 2 + 1
