"""The sums: a tile's lines times their rows of gains, added to what a destination hears (`dsp.sends` makes them)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import inline
from dsp.lanes import fma, load, splat, spread, store
from dsp.rows import ENTRY_WORDS, LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]
Words = NDArray[np.int64]


@inline
def _eight(f32: Floats, i64: Words, entry: int, to: int) -> None:
    s0, s1, s2, s3 = i64[entry], i64[entry + 2], i64[entry + 4], i64[entry + 6]
    s4, s5, s6, s7 = i64[entry + 8], i64[entry + 10], i64[entry + 12], i64[entry + 14]
    g0, g1, g2, g3 = (
        load(f32, i64[entry + 1]), load(f32, i64[entry + 3]), load(f32, i64[entry + 5]), load(f32, i64[entry + 7]),
    )  # fmt: skip
    g4, g5, g6, g7 = (
        load(f32, i64[entry + 9]), load(f32, i64[entry + 11]), load(f32, i64[entry + 13]), load(f32, i64[entry + 15]),
    )  # fmt: skip
    for n in range(QUANTUM_FRAMES):
        at = n * LANES
        a = fma(spread(f32, s0 + at), g0, load(f32, to + at))
        b = spread(f32, s1 + at) * g1
        a, b = fma(spread(f32, s2 + at), g2, a), fma(spread(f32, s3 + at), g3, b)
        a, b = fma(spread(f32, s4 + at), g4, a), fma(spread(f32, s5 + at), g5, b)
        a, b = fma(spread(f32, s6 + at), g6, a), fma(spread(f32, s7 + at), g7, b)
        store(f32, to + at, a + b)


@inline
def _four(f32: Floats, i64: Words, entry: int, to: int) -> None:
    s0, s1, s2, s3 = i64[entry], i64[entry + 2], i64[entry + 4], i64[entry + 6]
    g0, g1, g2, g3 = (
        load(f32, i64[entry + 1]), load(f32, i64[entry + 3]), load(f32, i64[entry + 5]), load(f32, i64[entry + 7]),
    )  # fmt: skip
    for n in range(QUANTUM_FRAMES):
        at = n * LANES
        a = fma(spread(f32, s0 + at), g0, load(f32, to + at))
        a, b = fma(spread(f32, s1 + at), g1, a), spread(f32, s2 + at) * g2
        store(f32, to + at, a + fma(spread(f32, s3 + at), g3, b))


@inline
def _four_moving(f32: Floats, i64: Words, entry: int, to: int, done_frames: int) -> None:
    s0, s1, s2, s3 = i64[entry], i64[entry + 2], i64[entry + 4], i64[entry + 6]
    r0, r1, r2, r3 = i64[entry + 1], i64[entry + 3], i64[entry + 5], i64[entry + 7]
    g0, g1, g2, g3 = load(f32, r0), load(f32, r1), load(f32, r2), load(f32, r3)
    d0, d1, d2, d3 = (
        load(f32, r0 + LANES), load(f32, r1 + LANES), load(f32, r2 + LANES), load(f32, r3 + LANES),
    )  # fmt: skip
    for n in range(QUANTUM_FRAMES):
        at, along = n * LANES, splat(np.float32(done_frames + n + 1))
        a = fma(spread(f32, s0 + at), fma(d0, along, g0), load(f32, to + at))
        a = fma(spread(f32, s1 + at), fma(d1, along, g1), a)
        b = spread(f32, s2 + at) * fma(d2, along, g2)
        store(f32, to + at, a + fma(spread(f32, s3 + at), fma(d3, along, g3), b))


@inline
def add(f32: Floats, i64: Words, tile: int, dest: int, to: int, done_frames: int) -> None:
    """Adds what tile `tile` sends to destination `dest` to the block at `to`, `done_frames` of its ramps' 128 having
    passed."""
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    count = i64[words + rows.TILE_COUNTS + dest]
    entry = words + rows.TILE_LISTS + dest * rows.MAX_ENTRIES * ENTRY_WORDS
    if i64[words + rows.TILE_MOVES + dest]:
        for k in range(0, count, 4):
            _four_moving(f32, i64, entry + k * ENTRY_WORDS, to, done_frames)
        return
    k = 0
    while k + 8 <= count:
        _eight(f32, i64, entry + k * ENTRY_WORDS, to)
        k += 8
    if k < count:
        _four(f32, i64, entry + k * ENTRY_WORDS, to)
