"""The sums: what is sent to a destination, from tile to tile (`dsp.sends` makes the lists), and what comes of it.

A lane of a destination has a sum of eight lanes: lane n holds what the n-th lanes of all tiles have sent. So a send of
eight strips to one bus is one multiply-add a frame; only when the destination has its turn are its sums' lanes added.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import inline
from dsp.lanes import eight_totals, fma, four_totals, load, splat, store
from dsp.rows import ENTRY_WORDS, LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES


@inline
def _sum_at(i64: Words, dest: int, to: int) -> int:
    return i64[rows.AT_SUM] + (dest * LANES + to) * _BLOCK


@inline
def _add_moving(f32: Floats, signal: int, row: int, to: int, begins: bool, done_frames: int) -> None:
    gain, step = load(f32, row), load(f32, row + LANES)
    for n in range(QUANTUM_FRAMES):
        at, along = n * LANES, splat(np.float32(done_frames + n + 1))
        before = splat(np.float32(0.0)) if begins else load(f32, to + at)
        store(f32, to + at, fma(load(f32, signal + at), fma(step, along, gain), before))


@inline
def add(f32: Floats, i64: Words, tile: int, dest: int, into: int, done_frames: int) -> None:
    """Adds what tile `tile` sends to destination `dest` to the sums `into` (the destination itself, or `SUM_OWN`),
    `done_frames` of its ramps' 128 having passed."""
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    count, moves = i64[words + rows.TILE_COUNTS + dest], i64[words + rows.TILE_MOVES + dest]
    entry = words + rows.TILE_LISTS + dest * rows.MAX_ENTRIES * ENTRY_WORDS
    heard = i64[rows.HEAD_HEARD + into]
    for _ in range(count):
        signal, row, lane = i64[entry], i64[entry + 1], i64[entry + 2]
        to, begins = _sum_at(i64, into, lane), (heard >> lane) & 1 == 0
        if moves:
            _add_moving(f32, signal, row, to, begins, done_frames)
        elif begins:
            gain = load(f32, row)
            for i in range(0, _BLOCK, LANES):
                store(f32, to + i, load(f32, signal + i) * gain)
        else:
            gain = load(f32, row)
            for i in range(0, _BLOCK, LANES):
                store(f32, to + i, fma(load(f32, signal + i), gain, load(f32, to + i)))
        heard |= 1 << lane
        entry += ENTRY_WORDS
    i64[rows.HEAD_HEARD + into] = heard


@inline
def take(f32: Floats, i64: Words, of: int, block: int) -> None:
    """The sums `of` a destination into the block at `block`, a lane each; then they are empty."""
    heard, zero = i64[rows.HEAD_HEARD + of], i64[rows.AT_ZERO]
    i64[rows.HEAD_HEARD + of] = 0
    if heard == 0:
        for i in range(0, _BLOCK, LANES):
            store(f32, block + i, splat(np.float32(0.0)))
        return
    first = _sum_at(i64, of, 0)
    at0, on0 = (first, LANES) if heard & 1 else (zero, 0)
    at1, on1 = (first + _BLOCK, LANES) if heard & 2 else (zero, 0)
    at2, on2 = (first + 2 * _BLOCK, LANES) if heard & 4 else (zero, 0)
    at3, on3 = (first + 3 * _BLOCK, LANES) if heard & 8 else (zero, 0)
    if heard < 16:
        for n in range(QUANTUM_FRAMES):
            sums = four_totals(
                load(f32, at0 + n * on0), load(f32, at1 + n * on1), load(f32, at2 + n * on2), load(f32, at3 + n * on3)
            )
            store(f32, block + n * LANES, sums)
        return
    at4, on4 = (first + 4 * _BLOCK, LANES) if heard & 16 else (zero, 0)
    at5, on5 = (first + 5 * _BLOCK, LANES) if heard & 32 else (zero, 0)
    at6, on6 = (first + 6 * _BLOCK, LANES) if heard & 64 else (zero, 0)
    at7, on7 = (first + 7 * _BLOCK, LANES) if heard & 128 else (zero, 0)
    for n in range(QUANTUM_FRAMES):
        sums = eight_totals(
            load(f32, at0 + n * on0), load(f32, at1 + n * on1), load(f32, at2 + n * on2), load(f32, at3 + n * on3),
            load(f32, at4 + n * on4), load(f32, at5 + n * on5), load(f32, at6 + n * on6), load(f32, at7 + n * on7),
        )  # fmt: skip
        store(f32, block + n * LANES, sums)
