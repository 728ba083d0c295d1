"""The desk: one compiled call takes the frames of a period through everything, a quantum of 32 at a time.

The sound is a pure function of the input frames, the arena and the stamped events. Live and offline make this same
call.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float32 as f4
from numba import float64 as f8
from numba import int64, void
from numpy.typing import NDArray

from dsp import glide, laws, meters, outputs, prepare, rows, section, strip
from dsp.arena import Arena
from dsp.compile import inline, njit
from dsp.lanes import fetch, load, splat, store, total
from dsp.limiter import folded_taps
from dsp.machine import flush_denormals, restore_mode
from dsp.rows import LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES
RMS_MS = 10.0
PROCESS_SIGNATURE = void(f4[:, ::1], f4[:, ::1], f4[::1], f8[::1], int64[::1], int64[::1], int64[::1])
INJECT_SIGNATURE = int64(f8[::1], int64[::1], int64[::1], int64, f8, int64)
NOTE_SIGNATURE = void(int64[::1], int64[::1], int64, int64, int64)


@inline
def _prepare(f32: Floats, f64: Floats64, i64: Words, ring: Words, log: Words) -> int:
    glide.take_events(f64, i64, ring, log)
    glide.advance(f64, i64)
    awake = i64[rows.AT_LANE] + rows.LANE_AWAKE
    for lane in range(i64[rows.HEAD_TILES] * LANES):
        if i64[awake + lane * rows.LANE_WORDS]:
            prepare.prepare_lane(f32, f64, i64, lane)
    if i64[rows.HEAD_AWAKE]:
        walks = outputs.prepare_monitor(f32, f64, i64)
        walks = outputs.prepare_outputs(f32, f64, i64) or walks
        i64[rows.HEAD_AWAKE] = rows.AWAKE_QUANTA if walks else i64[rows.HEAD_AWAKE] - 1
        i64[rows.HEAD_FRESH] = 0
    return i64[rows.HEAD_CLOCK] // QUANTUM_FRAMES


@inline
def _clear_buses(f32: Floats, work: int, first: int, blocks: int) -> None:
    zero = splat(np.float32(0.0))
    for i in range(blocks * QUANTUM_FRAMES):
        store(f32, work + first * _BLOCK + i * LANES, zero)


@inline
def _sum_buses(f32: Floats, work: int, first: int) -> None:
    """Two buses' eight lanes into each one's lane 0."""
    for bus in range(first, first + 2):
        at = work + bus * _BLOCK
        for n in range(QUANTUM_FRAMES):
            f32[at + n * LANES] = total(load(f32, at + n * LANES))


@inline
def _fetch_ahead(x: Floats, first: int) -> None:
    """Asks for the frames of the next quantum while this one is worked on: a long file is in no cache."""
    inputs = x.shape[1]
    flat = x.reshape(-1)
    for i in range(first * inputs, (first + QUANTUM_FRAMES) * inputs, rows.CACHE_LINE_WORDS):
        fetch(flat, i)


@inline
def _quantum(x: Floats, y: Floats, first: int, f32: Floats, f64: Floats64, i64: Words, number: int) -> None:
    tiles, work, own = i64[rows.HEAD_TILES], i64[rows.AT_WORK], i64[rows.AT_WEIGHTS]
    fall, share = f64[own + rows.METER_FALL], f64[own + rows.METER_SHARE]
    _clear_buses(f32, work, rows.WORK_MAIN_L, 2)
    if i64[rows.HEAD_SOLO_USED]:
        _clear_buses(f32, work, rows.WORK_SOLO_L, 2)
        i64[rows.HEAD_SOLO_USED] = 0
    after_fader = work + rows.WORK_MAIN * _BLOCK
    _fetch_ahead(x, first + QUANTUM_FRAMES)
    for tile in range(tiles):
        phase = (number + tile) % prepare.REDESIGN_QUANTA
        if phase == 0:
            prepare.redesign_tile(f32, f64, i64, tile)
        if tile < tiles - 1:
            strip.gather(x, first, f32, i64, tile)
        else:
            _sum_buses(f32, work, rows.WORK_MAIN_L)
            _clear_buses(f32, work, rows.WORK_SIGNAL, 1)
            for n in range(QUANTUM_FRAMES):
                at = work + rows.WORK_SIGNAL * _BLOCK + n * LANES
                f32[at] = f32[work + rows.WORK_MAIN_L * _BLOCK + n * LANES]
                f32[at + 1] = f32[work + rows.WORK_MAIN_R * _BLOCK + n * LANES]
        strip.process(f32, f64, i64, tile, phase * QUANTUM_FRAMES)
        if tile < tiles - 1:
            strip.mix(f32, i64, tile, fall, share)
        else:
            strip.fade(f32, i64, tile, after_fader, fall, share)
    monitors = work + rows.WORK_MONITOR * _BLOCK
    solo_l, solo_r = work + rows.WORK_SOLO_L * _BLOCK, work + rows.WORK_SOLO_R * _BLOCK
    if i64[rows.HEAD_SOLO_USED]:
        _sum_buses(f32, work, rows.WORK_SOLO_L)
    outputs.monitor(f32, i64, after_fader, solo_l, solo_r, monitors)
    outputs.run(y, first, f32, i64, after_fader, monitors, fall, share)


@njit(PROCESS_SIGNATURE)
def process(x: Floats, y: Floats, f32: Floats, f64: Floats64, i64: Words, ring: Words, log: Words) -> None:
    """Takes x[frames, inputs] to y[frames, outputs], frames a multiple of 32, and moves the arena's clock on by as
    many.

    Events that are due in `ring` are applied and written to `log` with the sample at which they were. Allocates
    nothing, waits for nothing.
    """
    mode = flush_denormals()
    for first in range(0, x.shape[0] - QUANTUM_FRAMES + 1, QUANTUM_FRAMES):
        number = _prepare(f32, f64, i64, ring, log)
        _quantum(x, y, first, f32, f64, i64, number)
        i64[rows.HEAD_CLOCK] += QUANTUM_FRAMES
    restore_mode(mode)


@njit(INJECT_SIGNATURE)
def _inject(f64: Floats64, i64: Words, log: Words, address: int, value: float, over_frames: int) -> int:
    if not glide.apply(f64, i64, address, value, over_frames):
        return 0
    bits = np.empty(1, np.float64)
    bits[0] = value
    glide.write_log(i64, log, i64[rows.HEAD_CLOCK], address, bits.view(np.int64)[0], over_frames)
    return 1


@njit(NOTE_SIGNATURE)
def _note(i64: Words, log: Words, address: int, value_bits: int, over_frames: int) -> None:
    glide.write_log(i64, log, i64[rows.HEAD_CLOCK], address, value_bits, over_frames)


@njit(void(f4[::1], f8[::1], int64[::1]))
def _start(f32: Floats, f64: Floats64, i64: Words) -> None:
    tiles = i64[rows.HEAD_TILES]
    for lane in range(tiles * LANES):
        prepare.start_lane(f32, f64, i64, lane)
    for number in range(tiles * SECTIONS):
        section.arrive(f32, i64[rows.AT_SECTION] + number * SECTION_ROWS * LANES)
        i64[i64[rows.AT_SECTION_FLAGS] + number * rows.SECTION_FLAGS + rows.SECTION_MOVING] = 1
        i64[i64[rows.AT_SECTION_FLAGS] + number * rows.SECTION_FLAGS + rows.SECTION_ACTIVE] = 1
    for side in range(2):
        f32[i64[rows.AT_TILE] + ((tiles - 1) * rows.TILE_ROWS + rows.LINK) * LANES + side] = 1.0
    i64[rows.HEAD_FRESH] = 1
    i64[rows.HEAD_AWAKE] = rows.AWAKE_QUANTA
    quantum_s = QUANTUM_FRAMES / i64[rows.HEAD_RATE]
    own = i64[rows.AT_WEIGHTS]
    f64[own + rows.METER_FALL] = 10.0 ** (-meters.FALL_DB_PER_S * quantum_s / 20.0)
    f64[own + rows.RMS_RATE] = prepare.rate_of(RMS_MS, i64[rows.HEAD_RATE])
    f64[own + rows.METER_SHARE] = -math.expm1(-quantum_s / meters.MEAN_S)


def reset(desk: Arena, values: NDArray[np.float64]) -> None:
    """Puts the desk at `values`, at rest: states clear, clock 0, queue and log at their beginning.

    values: float64[addresses] in the parameters' units. One that its domain has no place for counts as 0 of that
    domain. Raises ValueError for another length.
    """
    size = desk.size
    if len(values) != size.addresses:
        raise ValueError(f"this desk has {size.addresses} parameters, not {len(values)}")
    fresh = Arena(size)
    desk.block[:] = fresh.block
    main = size.main_lane * STRIP_SLOTS
    places = np.asarray(values, np.float64).copy()
    places[main + STRIP_SLOTS : main + 2 * STRIP_SLOTS] = places[main : main + STRIP_SLOTS]
    for address in range(size.addresses):
        u = laws.into_domain(glide.domain_of(address, size.lanes), places[address])
        places[address] = 0.0 if math.isnan(u) else u
    at = size.offsets.at
    desk.f64[at["value"] : at["value"] + size.addresses] = places
    desk.f64[at["goal"] : at["goal"] + size.addresses] = places
    taps = folded_taps().ravel()
    desk.f32[at["taps"] : at["taps"] + len(taps)] = taps
    _start(desk.f32, desk.f64, desk.i64)


def inject(desk: Arena, log: Words, address: int, value: float, over_frames: int) -> bool:
    """Applies and logs one event of the engine's own between two calls of `process`; False if it cannot be applied."""
    return bool(_inject(desk.f64, desk.i64, log, address, value, over_frames))


def note(desk: Arena, log: Words, code: int, detail: int = 0) -> None:
    """Writes a note of the engine's into the log at the present clock: address −1, `code` as the value's bits."""
    _note(desk.i64, log, -1, code, detail)
