"""Buses that feed buses of their own tile: the tile is run again with what came in, from the same state, as often as
its longest chain of buses is long. What is right already comes out the same again, to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import njit
from dsp.lanes import load, store
from dsp.rows import LANES, LINES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, TILE_ROWS
from dsp.sends import row_at

Floats = NDArray[np.float32]
Words = NDArray[np.int64]


@njit
def _feeds(f32: Floats, i64: Words, lane: int, dest: int, to: int) -> bool:
    for line in range(LINES):
        row = row_at(i64, lane // LANES, line, dest, to) + lane % LANES
        if f32[row] != 0.0 or f32[row + rows.SEND_GOAL * LANES] != 0.0:
            return True
    return False


@njit
def _key_depth(i64: Words, tile: int, lane: int, inputs: int) -> int:
    """How deep the inputs lie that a lane's keys are taken from, of lower lanes of its own tile; `inputs` holds four
    bits for each lane."""
    depth = 0
    words = i64[rows.AT_LANE] + lane * rows.LANE_WORDS + rows.LANE_GATE_KEY
    for k in range(4):
        source = i64[words + k]
        if source >= tile * LANES and source <= lane:
            depth = max(depth, (inputs >> (4 * (source % LANES))) & 15)
    return depth


@njit
def _hear_each_other(f32: Floats, right: int) -> bool:
    """Whether the sides of a pair do, in detectors or by width; `right` is the right lane in the rows."""
    cross, step = right + rows.CROSS * LANES, right + rows.CROSS_STEP * LANES
    crosses = f32[cross] != 0.0 or f32[step] != 0.0 or f32[cross - 1] != 0.0 or f32[step - 1] != 0.0
    return crosses or f32[right + rows.LINK * LANES] > 0.0


@njit
def count_passes(f32: Floats, i64: Words, tile: int) -> None:
    """Works out how often a tile of buses has to be run."""
    first = i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS]
    dest = rows.DEST_BUS + tile - first
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    inputs, outputs = 0, 0  # of each lane, four bits: after how many passes its input, its output is right
    for n in range(LANES):
        heard = 0
        for m in range(n):
            if _feeds(f32, i64, tile * LANES + m, dest, n):
                heard = max(heard, ((outputs >> (4 * m)) & 15) + 1)
        inputs |= heard << (4 * n)
        given = max(heard, _key_depth(i64, tile, tile * LANES + n, inputs))
        if n % 2 == 1 and _hear_each_other(f32, base + n):  # a stereo bus is right when both sides are
            given = max(given, (outputs >> (4 * (n - 1))) & 15)
            outputs = (outputs & ~(15 << (4 * (n - 1)))) | given << (4 * (n - 1))
        outputs |= given << (4 * n)
    passes = 1
    for n in range(LANES):
        passes = max(passes, ((outputs >> (4 * n)) & 15) + 1)
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    i64[words + rows.TILE_PASSES] = passes
    i64[words + rows.TILE_STIRRED] = 0


@njit
def keep(f32: Floats, i64: Words, tile: int, back: bool) -> None:
    """Puts the tile's state away, or back where it was."""
    kept = i64[rows.AT_KEPT]
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    for i in range(0, TILE_ROWS * LANES, LANES):
        if back:
            store(f32, base + i, load(f32, kept + i))
        else:
            store(f32, kept + i, load(f32, base + i))
    kept += TILE_ROWS * LANES
    for k in range(SECTIONS):
        state = i64[rows.AT_SECTION] + ((tile * SECTIONS + k) * SECTION_ROWS + rows.STATE_1) * LANES
        for i in range(0, 2 * LANES, LANES):
            at = kept + 2 * k * LANES + i
            if back:
                store(f32, state + i, load(f32, at))
            else:
                store(f32, at, load(f32, state + i))
    words, kept_words = i64[rows.AT_LANE] + tile * LANES * rows.LANE_WORDS, i64[rows.AT_KEPT_WORDS]
    for k in range(LANES * rows.LANE_WORDS):
        if back:
            i64[words + k] = i64[kept_words + k]
        else:
            i64[kept_words + k] = i64[words + k]


@njit
def remember_inputs(f32: Floats, i64: Words, tile: int) -> None:
    """Keeps the tile's input lines of the last quantum, for keys from buses above."""
    line = i64[rows.AT_INPUT] + tile * QUANTUM_FRAMES * LANES
    before = i64[rows.AT_WORK] + rows.WORK_INPUT_BEFORE * QUANTUM_FRAMES * LANES
    for i in range(0, QUANTUM_FRAMES * LANES, LANES):
        store(f32, before + i, load(f32, line + i))
