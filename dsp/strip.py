"""One tile of eight strips through a quantum, from what it hears to its taps (`docs/signal.md`, "Strips").

Input, delay, filters, gate, insert, compressor, EQ, compressor, insert, mute, fader; meters on the way. Every kind of
strip is run by this one function; only where its input comes from differs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import delay, dynamics, insert, keys, meters, redesign, rows, section
from dsp.compile import inline, njit
from dsp.delay import quanta_of
from dsp.gains import FADE_S
from dsp.lanes import absolute, all_lanes, any_lane, fma, larger, load, splat, store, swap
from dsp.rows import EQ_SECTION, LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, STAGES, TILE_ROWS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES
IN, FILTERS, GATE, PRE_COMP, EQ, POST_COMP, POST = range(STAGES)
GUARD_S = 0.050


@inline
def _block(i64: Words, number: int) -> int:
    return i64[rows.AT_WORK] + number * _BLOCK


@inline
def _meter(i64: Words, stage: int) -> int:
    return _block(i64, rows.WORK_STAGES) + 2 * stage * LANES


@inline
def _measure(f32: Floats, i64: Words, stage: int) -> None:
    meters.measure(f32, _block(i64, rows.WORK_SIGNAL), _meter(i64, stage))


@inline
def _same_as_before(f32: Floats, i64: Words, stage: int) -> None:
    at = _meter(i64, stage)
    store(f32, at, load(f32, at - 2 * LANES))
    store(f32, at + LANES, load(f32, at - LANES))


@inline
def _measure_if(f32: Floats, i64: Words, stage: int, changed: bool) -> None:
    if changed:
        _measure(f32, i64, stage)
    else:
        _same_as_before(f32, i64, stage)


@inline
def _copy(f32: Floats, start: int, to: int) -> None:
    for i in range(0, _BLOCK, LANES):
        store(f32, to + i, load(f32, start + i))


@inline
def _begin(f32: Floats, i64: Words, tile: int) -> None:
    """The tile's input line into the signal block, measured."""
    signal, line = _block(i64, rows.WORK_SIGNAL), i64[rows.AT_INPUT] + tile * _BLOCK
    peak = square = splat(np.float32(0.0))
    for i in range(0, _BLOCK, LANES):
        x = load(f32, line + i)
        store(f32, signal + i, x)
        peak, square = larger(absolute(x), peak), fma(x, x, square)
    meters.keep(f32, _meter(i64, IN), peak, square)


@inline
def _sections(f32: Floats, i64: Words, tile: int, first: int, done_frames: int) -> bool:
    """Three sections in a row from number `first` on: in one pass where none moves, else one by one.

    False where all of them are wires.
    """
    signal = _block(i64, rows.WORK_SIGNAL)
    flags = i64[rows.AT_SECTION_FLAGS] + (tile * SECTIONS + first) * rows.SECTION_FLAGS
    base = i64[rows.AT_SECTION] + (tile * SECTIONS + first) * SECTION_ROWS * LANES
    moving, active = 0, 0
    for k in range(3):
        moving += i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_MOVING]
        active += i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_ACTIVE]
    if active == 0:
        return False
    if moving == 0 and active > 1:
        section.run_three(f32, signal, base)
        return True
    for k in range(3):
        one = base + k * SECTION_ROWS * LANES
        if i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_MOVING]:
            section.run_moving(f32, signal, one, done_frames)
        elif i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_ACTIVE]:
            section.run_one(f32, signal, one)
    return True


@inline
def _engaged(f32: Floats, wet: int) -> bool:
    zero = splat(np.float32(0.0))
    return any_lane(load(f32, wet) > zero) or any_lane(load(f32, wet + LANES) > zero)


@inline
def _is_heard(i64: Words, words: int, line: int) -> bool:
    return ((i64[words + rows.TILE_SENT] | i64[words + rows.TILE_TAPPED]) >> line) & 1 != 0


@inline
def _gate(f32: Floats, i64: Words, tile: int, words: int, base: int, changed: bool, done_frames: int) -> None:
    """The gate and its key; `changed` says whether anything before it did something."""
    signal, heard = _block(i64, rows.WORK_SIGNAL), _block(i64, rows.WORK_SIGNAL)
    if i64[words + rows.TILE_GATE_KEYED]:
        keys.listen(f32, i64, tile, True, signal, done_frames)
        heard = _block(i64, rows.WORK_GATE_KEY)
    elif _is_heard(i64, words, rows.TAP_GATE_KEY):
        _copy(f32, signal, _block(i64, rows.WORK_GATE_KEY))
    if _engaged(f32, base + rows.GATE_WET * LANES):
        levels = _block(i64, rows.WORK_LEVELS)
        dynamics.gate(f32, signal, heard, base, levels, _meter(i64, FILTERS), _meter(i64, GATE))
    else:
        _measure_if(f32, i64, FILTERS, changed)
        store(f32, base + rows.GATE_GR * LANES, splat(np.float32(0.0)))
        _same_as_before(f32, i64, GATE)


@inline
def _compress(
    f32: Floats, f64: Floats64, i64: Words, words: int, base: int, place: int, stage: int, changed: bool
) -> None:
    """The compressor at `place`; `changed` says whether what stands before it did anything."""
    if not _engaged(f32, base + place * LANES):
        store(f32, base + (place + rows.PRE_GR - rows.PRE_WET) * LANES, splat(np.float32(0.0)))
        if stage == POST_COMP:
            _measure_if(f32, i64, EQ, changed)
        _same_as_before(f32, i64, stage)
        return
    signal, heard = _block(i64, rows.WORK_SIGNAL), _block(i64, rows.WORK_SIGNAL)
    if i64[words + rows.TILE_COMP_KEYED]:
        heard, keyed = _block(i64, rows.WORK_COMP_KEY), base + rows.COMP_KEYED * LANES
        if not all_lanes(load(f32, keyed) > splat(np.float32(0.0))):
            heard = _block(i64, rows.WORK_HEARD)
            keys.mix(f32, keyed, _block(i64, rows.WORK_COMP_KEY), signal, heard)
    rate, levels = f64[i64[rows.AT_WEIGHTS] + rows.RMS_RATE], _block(i64, rows.WORK_LEVELS)
    dynamics.compressor(f32, signal, heard, base, place, levels, rate, _meter(i64, stage - 1), _meter(i64, stage))


@njit
def _clear_lane(f32: Floats, i64: Words, tile: int, lane: int, base: int) -> None:
    """What a bad number may have reached: states, envelopes, delay line, this quantum's taps and meters."""
    for number in range(SECTIONS):
        redesign.clear(f32, i64, tile * LANES + lane, number)
    for row in (rows.GATE_COUNT, rows.GATE_ENV, rows.GATE_ENV_LOW, rows.GATE_GR):
        f32[base + row * LANES + lane] = 0.0
    f32[base + rows.GATE_OPEN * LANES + lane] = 1.0 - f32[base + rows.GATE_DUCKS * LANES + lane]
    for row in range(rows.PRE_COUNT, rows.PRE_GR + 1):
        f32[base + row * LANES + lane] = 0.0
        f32[base + (row + rows.POST_WET - rows.PRE_WET) * LANES + lane] = 0.0
    f32[base + rows.INPUT_GAIN * LANES + lane] = 0.0
    f32[base + rows.INPUT_GAIN_STEP * LANES + lane] = 0.0
    for stage in range(POST):
        at = _meter(i64, stage) + lane
        f32[at] = 0.0
        f32[at + LANES] = 0.0
    line = i64[rows.AT_INPUT] + tile * _BLOCK + lane
    for n in range(0, _BLOCK, LANES):
        f32[line + n] = 0.0
        f32[_block(i64, rows.WORK_SIGNAL) + lane + n] = 0.0
        f32[_block(i64, rows.WORK_PRE_EQ) + lane + n] = 0.0
        f32[_block(i64, rows.WORK_GATE_KEY) + lane + n] = 0.0
        f32[_block(i64, rows.WORK_COMP_KEY) + lane + n] = 0.0
    words = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS
    rate_hz = i64[rows.HEAD_RATE]
    i64[words + rows.LANE_DELAY + rows.DELAY_SINCE] = i64[rows.HEAD_CLOCK] + QUANTUM_FRAMES
    i64[words + rows.LANE_GUARD] = quanta_of(GUARD_S, rate_hz) + quanta_of(FADE_S, rate_hz)
    i64[words + rows.LANE_BAD] += 1
    i64[words + rows.LANE_AWAKE] = 1


@inline
def _clear_bad_lanes(f32: Floats, i64: Words, tile: int, base: int) -> None:
    squares = _meter(i64, POST_COMP) + LANES
    if all_lanes(load(f32, squares) <= splat(np.float32(meters.TOO_LOUD))):
        return
    for lane in range(LANES):
        if not f32[squares + lane] <= meters.TOO_LOUD:  # a NaN is not ≤ anything
            _clear_lane(f32, i64, tile, lane, base)


@inline
def _fade(f32: Floats, i64: Words, words: int, base: int) -> None:
    """Mute, then fader with balance and width: the taps before and after the fader, measured."""
    signal, pre = _block(i64, rows.WORK_SIGNAL), _block(i64, rows.WORK_PRE_FADER)
    post = _block(i64, rows.WORK_POST_FADER)
    mute, mute_step = load(f32, base + rows.MUTE * LANES), load(f32, base + rows.MUTE_STEP * LANES)
    own, own_step = load(f32, base + rows.OWN * LANES), load(f32, base + rows.OWN_STEP * LANES)
    one, zero = splat(np.float32(1.0)), splat(np.float32(0.0))
    peak = square = along = zero
    if i64[words + rows.TILE_CROSS]:
        cross, cross_step = load(f32, base + rows.CROSS * LANES), load(f32, base + rows.CROSS_STEP * LANES)
        for i in range(0, _BLOCK, LANES):
            along = along + one
            x = load(f32, signal + i) * fma(mute_step, along, mute)
            y = fma(x, fma(own_step, along, own), swap(x) * fma(cross_step, along, cross))
            store(f32, pre + i, x)
            store(f32, post + i, y)
            peak, square = larger(absolute(y), peak), fma(y, y, square)
    else:
        for i in range(0, _BLOCK, LANES):
            along = along + one
            x = load(f32, signal + i) * fma(mute_step, along, mute)
            y = x * fma(own_step, along, own)
            store(f32, pre + i, x)
            store(f32, post + i, y)
            peak, square = larger(absolute(y), peak), fma(y, y, square)
    meters.keep(f32, _meter(i64, POST), peak, square)


@inline
def _to_listeners(f32: Floats, row: int, key: int) -> None:
    """A detector's key as it is given to people: faded out and in where it changes over."""
    gain, step, along, one = load(f32, row), load(f32, row + LANES), splat(np.float32(0.0)), splat(np.float32(1.0))
    for i in range(0, _BLOCK, LANES):
        along = along + one
        store(f32, key + i, load(f32, key + i) * fma(step, along, gain))


@inline
def process(
    x: Floats, first: int, f32: Floats, f64: Floats64, i64: Words, tile: int, done_frames: int, sends: bool
) -> None:
    """The tile's input line through everything into its taps; bad numbers are found and cleared.

    x[frames, columns] from frame `first` on is what comes back from inserts, which are sent to only if `sends`.
    """
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    signal = _block(i64, rows.WORK_SIGNAL)
    _begin(f32, i64, tile)
    late = delay.has_line(i64, tile)
    if late:
        delay.tile_of_strips(f32, i64, tile, signal)
    changed = _sections(f32, i64, tile, 0, done_frames) or late
    _gate(f32, i64, tile, words, base, changed, done_frames)
    if _is_heard(i64, words, rows.TAP_PRE_EQ):
        _copy(f32, signal, _block(i64, rows.WORK_PRE_EQ))
    if i64[words + rows.TILE_COMP_KEYED]:
        keys.listen(f32, i64, tile, False, signal, done_frames)
    elif _is_heard(i64, words, rows.TAP_COMP_KEY):
        _copy(f32, signal, _block(i64, rows.WORK_COMP_KEY))
    inserts = i64[words + rows.TILE_INSERTS] != 0
    if inserts:
        insert.through(x, first, f32, i64, tile, rows.INSERT_PRE, signal, sends)
        _measure(f32, i64, GATE)
    _compress(f32, f64, i64, words, base, rows.PRE_WET, PRE_COMP, False)
    changed = _sections(f32, i64, tile, EQ_SECTION, done_frames)
    changed = _sections(f32, i64, tile, EQ_SECTION + 3, done_frames) or changed
    _compress(f32, f64, i64, words, base, rows.POST_WET, POST_COMP, changed)
    if inserts:
        insert.through(x, first, f32, i64, tile, rows.INSERT_POST, signal, sends)
        _measure(f32, i64, POST_COMP)
    _clear_bad_lanes(f32, i64, tile, base)
    _fade(f32, i64, words, base)
    if _is_heard(i64, words, rows.TAP_GATE_KEY):
        _to_listeners(f32, base + rows.GATE_LISTEN * LANES, _block(i64, rows.WORK_GATE_KEY))
    if _is_heard(i64, words, rows.TAP_COMP_KEY):
        _to_listeners(f32, base + rows.COMP_LISTEN * LANES, _block(i64, rows.WORK_COMP_KEY))


@njit
def _count_clips(f32: Floats, i64: Words, tile: int) -> None:
    lanes = i64[rows.HEAD_TILES] * LANES
    for stage in range(STAGES):
        for lane in range(LANES):
            if f32[_meter(i64, stage) + lane] >= 1.0:
                i64[i64[rows.AT_CLIPS] + stage * lanes + tile * LANES + lane] += 1


@inline
def settle_meters(f32: Floats, i64: Words, tile: int, fall: float, share: float) -> None:
    """Moves the tile's meters on by the quantum it has been through."""
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    lanes = i64[rows.HEAD_TILES] * LANES
    loudest = splat(np.float32(0.0))
    for stage in range(STAGES):
        now = _meter(i64, stage)
        place = stage * lanes + tile * LANES
        loudest = larger(load(f32, now), loudest)
        meters.settle(f32, now, now + LANES, i64[rows.AT_PEAK] + place, i64[rows.AT_MEAN_SQUARE] + place, fall, share)
    if any_lane(loudest >= splat(np.float32(1.0))):
        _count_clips(f32, i64, tile)
    to_db = splat(np.float32(dynamics.DB_PER_OCTAVE))
    store(f32, i64[rows.AT_GR_GATE] + tile * LANES, load(f32, base + rows.GATE_GR * LANES) * to_db)
    reduction = load(f32, base + rows.PRE_GR * LANES) + load(f32, base + rows.POST_GR * LANES)
    store(f32, i64[rows.AT_GR_COMP] + tile * LANES, reduction * to_db)
