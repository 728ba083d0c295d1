"""The desk: one compiled call takes the frames of a period through everything, a quantum of 32 at a time.

The sound is a pure function of the input frames, the arena and the stamped events. Live and offline make this same
call.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import float32 as f4
from numba import float64 as f8
from numba import int64, void
from numpy.typing import NDArray

from dsp import (
    buses,
    effects,
    generator,
    glide,
    laws,
    meters,
    mix,
    monitor,
    outputs,
    prepare,
    redesign,
    rows,
    sends,
    solo,
    strip,
)
from dsp.arena import Arena
from dsp.compile import inline, merged, njit
from dsp.gains import rate_of
from dsp.lanes import fetch, fma, load, splat, store
from dsp.limiter import folded_taps
from dsp.machine import flush_denormals, restore_mode
from dsp.redesign import TURN_QUANTA
from dsp.rows import DESTS, LANES, QUANTUM_FRAMES, STRIP_SLOTS, TILE_ROWS
from dsp.size import DeskSize
from dsp.slots import SOURCE_FX, SOURCE_OSC, SOURCE_PLAY, STRIP_INDEX, StripKind

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES
_LINK, _OF_A_SIDE = STRIP_INDEX["link"], [STRIP_INDEX["source"], STRIP_INDEX["insert.slot"]]
RMS_MS = 10.0
PROCESS_SIGNATURE = void(f4[:, ::1], f4[:, ::1], f4[::1], f8[::1], int64[::1], int64[::1], int64[::1])
INJECT_SIGNATURE = int64(f8[::1], int64[::1], int64[::1], int64, f8, int64, int64)
NOTE_SIGNATURE = void(int64[::1], int64[::1], int64, int64, int64)


@merged
def _prepare(f32: Floats, f64: Floats64, i64: Words, ring: Words, log: Words) -> int:
    glide.take_events(f64, i64, ring, log)
    glide.advance(f64, i64)
    if i64[rows.HEAD_SOLO_AWAKE]:
        solo.prepare(f32, f64, i64)
    awake = i64[rows.AT_LANE] + rows.LANE_AWAKE
    for lane in range(i64[rows.HEAD_TILES] * LANES):
        if i64[awake + lane * rows.LANE_WORDS]:
            prepare.prepare_lane(f32, f64, i64, lane)
    if i64[rows.HEAD_GENERATOR_AWAKE]:
        moves = generator.prepare(f32, f64, i64)
        i64[rows.HEAD_GENERATOR_AWAKE] = rows.AWAKE_QUANTA if moves else i64[rows.HEAD_GENERATOR_AWAKE] - 1
    if i64[rows.HEAD_AWAKE]:
        moves = monitor.prepare(f32, f64, i64)
        moves = effects.prepare_effects(f32, f64, i64) or moves
        moves = outputs.prepare_outputs(f32, f64, i64) or moves
        outputs.prepare_patch(i64)
        i64[rows.HEAD_AWAKE] = rows.AWAKE_QUANTA if moves else i64[rows.HEAD_AWAKE] - 1
    return i64[rows.HEAD_CLOCK] // QUANTUM_FRAMES


@inline
def _fetch_ahead(x: Floats, first: int) -> None:
    """Asks for the frames of the next quantum while this one is worked on: a long file is in no cache."""
    columns = x.shape[1]
    flat = x.reshape(-1)
    for i in range(first * columns, (first + QUANTUM_FRAMES) * columns, rows.CACHE_LINE_WORDS):
        fetch(flat, i)


@inline
def _column_of(i64: Words, lane: int) -> int:
    """The column of the frames that a lane's source is; −1 where it is none of them."""
    code = i64[i64[rows.AT_LANE] + lane * rows.LANE_WORDS + rows.LANE_SOURCE]
    if code >= SOURCE_PLAY and code - SOURCE_PLAY < i64[rows.HEAD_PLAYS]:
        return i64[rows.HEAD_INPUTS] + code - SOURCE_PLAY
    return code if 0 <= code < i64[rows.HEAD_INPUTS] else -1


@inline
def _bring_one(x: Floats, first: int, f32: Floats, i64: Words, lane: int, to: int) -> None:
    """One lane's source into the block at `to` (already the lane's); silence for none."""
    flat, columns = x.reshape(-1), x.shape[1]
    column = _column_of(i64, lane)
    if column >= 0:
        for n in range(QUANTUM_FRAMES):
            f32[to + n * LANES] = flat[(first + n) * columns + column]
        return
    code = i64[i64[rows.AT_LANE] + lane * rows.LANE_WORDS + rows.LANE_SOURCE]
    if code == SOURCE_OSC:
        start, stride = i64[rows.AT_AUX] + rows.AUX_OSC, LANES
    elif code >= SOURCE_FX and code < SOURCE_FX + 2 * i64[rows.HEAD_EFFECTS]:
        effect = i64[rows.AT_EFFECT] + (code - SOURCE_FX) // 2 * rows.EFFECT_FLOATS
        start, stride = effect + (code - SOURCE_FX) % 2 * QUANTUM_FRAMES, 1
    else:
        start, stride = i64[rows.AT_ZERO], 0
    for n in range(QUANTUM_FRAMES):
        f32[to + n * LANES] = f32[start + n * stride]


@inline
def _bring(x: Floats, first: int, f32: Floats, i64: Words, tile: int) -> None:
    """The tile's sources, frames `first` … +31 of x, times trim and polarity, into its input lines."""
    line, gain_at = i64[rows.AT_INPUT] + tile * _BLOCK, i64[rows.AT_TILE] + (tile * TILE_ROWS + rows.INPUT_GAIN) * LANES
    gain, step = load(f32, gain_at), load(f32, gain_at + LANES)
    along, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    column = _column_of(i64, tile * LANES)
    in_a_row = column >= 0
    for n in range(1, LANES):  # eight neighbours, as they mostly are
        in_a_row = in_a_row and _column_of(i64, tile * LANES + n) == column + n
    if in_a_row:
        flat, columns = x.reshape(-1), x.shape[1]
        for n in range(QUANTUM_FRAMES):
            along = along + one
            store(f32, line + n * LANES, load(flat, (first + n) * columns + column) * fma(step, along, gain))
        return
    for n in range(LANES):
        _bring_one(x, first, f32, i64, tile * LANES + n, line + n)
    _take(f32, line, line, gain, step)


@inline
def _take(f32: Floats, start: int, line: int, gain: Any, step: Any) -> None:
    """The block at `start` times a ramp into the one at `line`."""
    along, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    for i in range(0, _BLOCK, LANES):
        along = along + one
        store(f32, line + i, load(f32, start + i) * fma(step, along, gain))


@inline
def _hear(f32: Floats, i64: Words, tile: int, start: int) -> None:
    """What was sent to a tile of buses, mains or matrices, times trim and polarity, into its input lines."""
    gain_at = i64[rows.AT_TILE] + (tile * TILE_ROWS + rows.INPUT_GAIN) * LANES
    gain, step = load(f32, gain_at), load(f32, gain_at + LANES)
    _take(f32, start, i64[rows.AT_INPUT] + tile * _BLOCK, gain, step)


@inline
def _dest_of(i64: Words, tile: int, kind: int) -> int:
    """What stands for a tile of buses, mains or matrices among the destinations; −1 for others."""
    if kind == rows.KIND_BUS:
        return rows.DEST_BUS + tile - i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS]
    if kind == rows.KIND_MAIN:
        return rows.DEST_MAIN
    return rows.DEST_MATRIX if kind == rows.KIND_MATRIX else -1


@inline
def _again(f32: Floats, i64: Words, tile: int, dest: int, done_frames: int) -> None:
    """A tile of buses back as it was before this quantum, its input lines with what its own buses have sent now."""
    buses.keep(f32, i64, tile, True)
    sent, own = i64[rows.AT_WORK] + rows.WORK_SENT * _BLOCK, i64[rows.AT_WORK] + rows.WORK_OWN * _BLOCK
    mix.add(f32, i64, tile, dest, rows.SUM_OWN, done_frames)
    mix.take(f32, i64, rows.SUM_OWN, own)
    for i in range(0, _BLOCK, LANES):
        store(f32, own + i, load(f32, own + i) + load(f32, sent + i))
    _hear(f32, i64, tile, own)


@merged
def _quantum(x: Floats, y: Floats, first: int, f32: Floats, f64: Floats64, i64: Words, number: int) -> None:
    tiles, own = i64[rows.HEAD_TILES], i64[rows.AT_WEIGHTS]
    fall, share = f64[own + rows.METER_FALL], f64[own + rows.METER_SHARE]
    sent = i64[rows.AT_WORK] + rows.WORK_SENT * _BLOCK
    i64[rows.HEAD_INSERTS] = 0
    _fetch_ahead(x, first + QUANTUM_FRAMES)
    phase = (number + tiles) % TURN_QUANTA
    if phase == 0:
        generator.turn(f32, f64, i64)
    generator.run(x, first, f32, f64, i64, phase * QUANTUM_FRAMES)
    for tile in range(i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS]):
        _bring(x, first, f32, i64, tile)
    for tile in range(tiles):
        words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
        kind, passes = i64[words + rows.TILE_KIND], 1
        dest = _dest_of(i64, tile, kind)
        phase = (number + tile) % TURN_QUANTA
        if phase == 0:
            redesign.sections_of(f32, f64, i64, tile)
            sends.turn(f32, f64, i64, tile)
        done = phase * QUANTUM_FRAMES
        if kind == rows.KIND_RETURN:
            if tile == i64[rows.HEAD_FIRST_TILE + rows.KIND_RETURN]:
                effects.run(f32, i64)
            _bring(x, first, f32, i64, tile)
        elif kind != rows.KIND_CHANNEL:
            if kind == rows.KIND_BUS:
                if i64[words + rows.TILE_STIRRED]:
                    buses.count_passes(f32, i64, tile)
                passes = i64[words + rows.TILE_PASSES]
                if i64[words + rows.TILE_GATE_KEYED] or i64[words + rows.TILE_COMP_KEYED]:
                    buses.remember_inputs(f32, i64, tile)
                if passes > 1:
                    buses.keep(f32, i64, tile, False)
            mix.take(f32, i64, dest, sent)
            _hear(f32, i64, tile, sent)
        for number_of_pass in range(passes):
            if number_of_pass > 0:
                _again(f32, i64, tile, dest, done)
            strip.process(x, first, f32, f64, i64, tile, done, number_of_pass == passes - 1)
        for to in range(DESTS):
            if to != dest:
                mix.add(f32, i64, tile, to, to, done)
        outputs.patch(f32, i64, tile)
        strip.settle_meters(f32, i64, tile, fall, share)
    monitor.run(f32, i64)
    outputs.run(y, first, f32, i64, fall, share)


@njit(PROCESS_SIGNATURE)
def process(x: Floats, y: Floats, f32: Floats, f64: Floats64, i64: Words, ring: Words, log: Words) -> None:
    """Takes x[frames, columns] (inputs, then playback) to y[frames, outputs], frames a multiple of 32, and moves the
    arena's clock on by as many.

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
def _inject(f64: Floats64, i64: Words, log: Words, address: int, value: float, bits: int, over_frames: int) -> int:
    if not glide.apply(f64, i64, address, value, over_frames):
        return 0
    glide.write_log(i64, log, i64[rows.HEAD_CLOCK], address, bits, over_frames)
    return 1


@njit(NOTE_SIGNATURE)
def _note(i64: Words, log: Words, address: int, value_bits: int, over_frames: int) -> None:
    glide.write_log(i64, log, i64[rows.HEAD_CLOCK], address, value_bits, over_frames)


@njit(void(f4[::1], f8[::1], int64[::1]))
def _start(f32: Floats, f64: Floats64, i64: Words) -> None:
    tiles = i64[rows.HEAD_TILES]
    i64[rows.HEAD_FRESH] = 1
    i64[rows.HEAD_AWAKE] = i64[rows.HEAD_GENERATOR_AWAKE] = rows.AWAKE_QUANTA
    for n in range(QUANTUM_FRAMES):
        f32[i64[rows.AT_COUNT] + n] = n + 1
    for tile in range(tiles):
        i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_PASSES] = 1
        store(f32, i64[rows.AT_TILE] + (tile * TILE_ROWS + rows.IN_PLACE) * LANES, splat(np.float32(1.0)))
    solo.prepare(f32, f64, i64)
    for lane in range(tiles * LANES):
        prepare.start_lane(f32, f64, i64, lane)
    redesign.start(f32, f64, i64)
    sends.start(f32, f64, i64)
    for lane in range(tiles * LANES):
        prepare.prepare_lane(f32, f64, i64, lane)
    generator.start(f32, f64, i64)
    monitor.prepare(f32, f64, i64)
    effects.prepare_effects(f32, f64, i64)
    outputs.prepare_outputs(f32, f64, i64)
    outputs.prepare_patch(i64)
    i64[rows.HEAD_FRESH] = 0
    quantum_s = QUANTUM_FRAMES / i64[rows.HEAD_RATE]
    own = i64[rows.AT_WEIGHTS]
    f64[own + rows.METER_FALL] = 10.0 ** (-meters.FALL_DB_PER_S * quantum_s / 20.0)
    f64[own + rows.RMS_RATE] = rate_of(RMS_MS, i64[rows.HEAD_RATE])
    f64[own + rows.METER_SHARE] = -math.expm1(-quantum_s / meters.MEAN_S)


def _settled(size: DeskSize, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places of all values in their domains, links as they must be, right sides of stereo strips like the left."""
    places = np.asarray(values, np.float64).copy()
    strips = places[: size.lanes * STRIP_SLOTS].reshape(size.lanes, STRIP_SLOTS)
    first_main = size.first_lane(StripKind.MAIN)
    for left in range(0, size.lanes, 2):
        if size.is_linked_for_ever(left):
            strips[left, _LINK] = 1.0
        elif left >= first_main and left < first_main + LANES:
            strips[left, _LINK] = 0.0
        if strips[left, _LINK] == 1.0:
            own = strips[left + 1, _OF_A_SIDE]
            strips[left + 1] = strips[left]
            strips[left + 1, _OF_A_SIDE] = own
        strips[left + 1, _LINK] = strips[left, _LINK]
    for address in range(size.addresses):
        u = laws.into_domain(glide.domain_of(address, size.lanes), places[address])
        places[address] = 0.0 if math.isnan(u) else u
    return places


def reset(desk: Arena, values: NDArray[np.float64]) -> None:
    """Puts the desk at `values`, at rest: states clear, clock 0, queue and log at their beginning.

    values: float64[addresses] in the parameters' units. One that its domain has no place for counts as 0 of that
    domain. Raises ValueError for another length.
    """
    size = desk.size
    if len(values) != size.addresses:
        raise ValueError(f"this desk has {size.addresses} parameters, not {len(values)}")
    desk.clear()
    places, at = _settled(size, values), desk.layout.at
    desk.f64[at["value"] : at["value"] + size.addresses] = places
    desk.f64[at["goal"] : at["goal"] + size.addresses] = places
    taps = folded_taps().ravel()
    desk.f32[at["taps"] : at["taps"] + len(taps)] = taps
    _start(desk.f32, desk.f64, desk.i64)


def inject(desk: Arena, log: Words, address: int, value: float, over_frames: int) -> bool:
    """Applies and logs one event of the engine's own between two calls of `process`; False if it cannot be applied."""
    bits = int(np.float64(value).view(np.int64))
    return bool(_inject(desk.f64, desk.i64, log, address, value, bits, over_frames))


def note(desk: Arena, log: Words, code: int, detail: int = 0) -> None:
    """Writes a note of the engine's into the log at the present clock: address −1, `code` as the value's bits."""
    _note(desk.i64, log, -1, code, detail)
