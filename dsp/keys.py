"""What a detector listens to where it is not the signal at its place (`docs/signal.md`, "Keys")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows, section
from dsp.compile import inline, njit
from dsp.lanes import absolute, load, select, splat, store
from dsp.rows import LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, TILE_ROWS

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES
LARGEST = 1e18  # beyond this a number counts as none


@inline
def _input_line(i64: Words, tile: int, lane: int, source: int) -> int:
    """Where the input line of lane `source` starts for a key of lane `lane`: a bus above in its own tile is heard as it
    was in the last quantum."""
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    is_above = source > lane and source // LANES == tile
    if is_above and i64[words + rows.TILE_KIND] == rows.KIND_BUS:
        return i64[rows.AT_WORK] + rows.WORK_INPUT_BEFORE * _BLOCK + source % LANES
    return i64[rows.AT_INPUT] + (source // LANES) * _BLOCK + source % LANES


@inline
def _gather(f32: Floats, i64: Words, tile: int, word: int, row: int, own: int, block: int) -> None:
    """The unfiltered key of every keyed lane into `block`, silence into the others; `own` is the signal that a lane
    without another source listens to."""
    for n in range(LANES):
        lane = tile * LANES + n
        if f32[row + n] == 0.0:
            for i in range(QUANTUM_FRAMES):
                f32[block + i * LANES + n] = 0.0
            continue
        words = i64[rows.AT_LANE] + lane * rows.LANE_WORDS + word
        source, too = i64[words], i64[words + 1]
        first = own + n if source < 0 else _input_line(i64, tile, lane, source)
        if too < 0:
            for i in range(QUANTUM_FRAMES):
                f32[block + i * LANES + n] = f32[first + i * LANES]
        else:
            second = _input_line(i64, tile, lane, too)
            for i in range(QUANTUM_FRAMES):
                f32[block + i * LANES + n] = np.float32(0.5) * (f32[first + i * LANES] + f32[second + i * LANES])
    largest, zero = splat(np.float32(LARGEST)), splat(np.float32(0.0))
    for i in range(0, _BLOCK, LANES):
        x = load(f32, block + i)
        store(f32, block + i, select(absolute(x) <= largest, x, zero))


@njit
def listen(f32: Floats, i64: Words, tile: int, of_gate: bool, own: int, done_frames: int) -> None:
    """Fills the tile's key block of the gate or the compressor: keyed lanes with their filtered key, the others with
    the signal at `own`."""
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    work = i64[rows.AT_WORK]
    if of_gate:
        word, row, number, block = rows.LANE_GATE_KEY, rows.GATE_KEYED, rows.GATE_KEY_SECTION, rows.WORK_GATE_KEY
    else:
        word, row, number, block = rows.LANE_COMP_KEY, rows.COMP_KEYED, rows.COMP_KEY_SECTION, rows.WORK_COMP_KEY
    key, keyed = work + block * _BLOCK, base + row * LANES
    _gather(f32, i64, tile, word, keyed, own, key)
    flags = i64[rows.AT_SECTION_FLAGS] + (tile * SECTIONS + number) * rows.SECTION_FLAGS
    one = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES
    if i64[flags + rows.SECTION_MOVING]:
        section.run_moving(f32, key, one, done_frames)
    elif i64[flags + rows.SECTION_ACTIVE]:
        section.run_one(f32, key, one)
    mix(f32, keyed, key, own, key)


@inline
def mix(f32: Floats, keyed: int, key: int, own: int, to: int) -> None:
    """The key in the keyed lanes, the signal at `own` in the others, into the block at `to`."""
    where = load(f32, keyed) > splat(np.float32(0.0))
    for i in range(0, _BLOCK, LANES):
        store(f32, to + i, select(where, load(f32, key + i), load(f32, own + i)))
