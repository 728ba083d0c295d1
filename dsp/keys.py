"""What a detector listens to where it is not the signal at its place (`docs/signal.md`, "Keys")."""

from __future__ import annotations

from typing import Any

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
def _gather(f32: Floats, i64: Words, tile: int, word: int, own: int, block: int) -> bool:
    """The signal at `own` into `block`, with the lanes in their places that listen to another's input; False where none
    does, and `block` is left as it is."""
    words = i64[rows.AT_LANE] + tile * LANES * rows.LANE_WORDS + word
    others = False
    for n in range(LANES):
        others = others or i64[words + n * rows.LANE_WORDS] >= 0
    if not others:
        return False
    for i in range(0, _BLOCK, LANES):
        store(f32, block + i, load(f32, own + i))
    for n in range(LANES):
        source, too = i64[words + n * rows.LANE_WORDS], i64[words + n * rows.LANE_WORDS + 1]
        if source < 0:
            continue
        first = _input_line(i64, tile, tile * LANES + n, source)
        if too < 0:
            for i in range(QUANTUM_FRAMES):
                f32[block + i * LANES + n] = f32[first + i * LANES]
        else:
            second = _input_line(i64, tile, tile * LANES + n, too)
            for i in range(QUANTUM_FRAMES):
                f32[block + i * LANES + n] = np.float32(0.5) * (f32[first + i * LANES] + f32[second + i * LANES])
    return True


@inline
def _sound(x: Any, where: Any) -> Any:
    """A key's frame: silence in the lanes that are not keyed, and for numbers that are none or too large to be one."""
    zero = splat(np.float32(0.0))
    return select(where, select(absolute(x) <= splat(np.float32(LARGEST)), x, zero), zero)


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
    start = key if _gather(f32, i64, tile, word, own, key) else own
    flags = i64[rows.AT_SECTION_FLAGS] + (tile * SECTIONS + number) * rows.SECTION_FLAGS
    one = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES
    where = load(f32, keyed) > splat(np.float32(0.0))
    if i64[flags + rows.SECTION_MOVING]:
        for i in range(0, _BLOCK, LANES):
            store(f32, key + i, _sound(load(f32, start + i), where))
        section.run_moving(f32, key, one, done_frames)
        mix(f32, keyed, key, own, key)
    elif i64[flags + rows.SECTION_ACTIVE]:
        c, s1, s2 = section.at_rest(f32, one)
        for i in range(0, _BLOCK, LANES):
            y, s1, s2 = section.frame(_sound(load(f32, start + i), where), s1, s2, c)
            store(f32, key + i, select(where, y, load(f32, own + i)))
        section.keep(f32, one, s1, s2)
    else:
        for i in range(0, _BLOCK, LANES):
            store(f32, key + i, select(where, _sound(load(f32, start + i), where), load(f32, own + i)))


@inline
def mix(f32: Floats, keyed: int, key: int, own: int, to: int) -> None:
    """The key in the keyed lanes, the signal at `own` in the others, into the block at `to`."""
    where = load(f32, keyed) > splat(np.float32(0.0))
    for i in range(0, _BLOCK, LANES):
        store(f32, to + i, select(where, load(f32, key + i), load(f32, own + i)))
