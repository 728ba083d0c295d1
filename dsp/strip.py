"""One tile of eight strips through a quantum: input, delay, filters, gate, compressor, EQ, compressor, sends and
meters.

`docs/signal.md`, "A strip". The main is a strip like any other; only where its input comes from and its output goes
to differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import dynamics, meters, prepare, rows, section
from dsp.compile import inline, njit
from dsp.lanes import absolute, all_lanes, any_lane, fma, larger, load, splat, store, stream
from dsp.rows import EQ_SECTION, LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, STAGES, TILE_ROWS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_BLOCK = QUANTUM_FRAMES * LANES
IN, FILTERS, GATE, PRE_COMP, EQ, POST_COMP, POST = range(STAGES)


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
def _first_of_neighbours(i64: Words, tile: int, inputs: int) -> int:
    """The first source where the tile's eight are neighbours in a row, as they mostly are; −1 otherwise."""
    at = i64[rows.AT_LANE] + tile * LANES * rows.LANE_WORDS + rows.LANE_SOURCE
    first = i64[at]
    for lane in range(1, LANES):
        if i64[at + lane * rows.LANE_WORDS] != first + lane:
            return -1
    return first if 0 <= first <= inputs - LANES else -1


@inline
def gather(x: Floats, first: int, f32: Floats, i64: Words, tile: int) -> None:
    """Brings the tile's sources, frames `first` … +31 of x[frames, inputs], into the signal block; silence for none."""
    signal = _block(i64, rows.WORK_SIGNAL)
    inputs = x.shape[1]
    flat = x.reshape(-1)
    neighbours = _first_of_neighbours(i64, tile, inputs)
    if neighbours >= 0:
        for n in range(QUANTUM_FRAMES):
            store(f32, signal + n * LANES, load(flat, (first + n) * inputs + neighbours))
        return
    for lane in range(LANES):
        source = i64[i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS + rows.LANE_SOURCE]
        if 0 <= source < inputs:
            for n in range(QUANTUM_FRAMES):
                f32[signal + n * LANES + lane] = flat[(first + n) * inputs + source]
        else:
            for n in range(QUANTUM_FRAMES):
                f32[signal + n * LANES + lane] = 0.0


@inline
def _input(f32: Floats, i64: Words, base: int) -> None:
    """The tile's trim and polarity, measured."""
    signal = _block(i64, rows.WORK_SIGNAL)
    gain, step = load(f32, base + rows.INPUT_GAIN * LANES), load(f32, base + rows.INPUT_GAIN_STEP * LANES)
    one, zero = splat(np.float32(1.0)), splat(np.float32(0.0))
    peak = square = along = zero
    for n in range(QUANTUM_FRAMES):
        along = along + one
        x = load(f32, signal + n * LANES) * fma(step, along, gain)
        store(f32, signal + n * LANES, x)
        peak, square = larger(absolute(x), peak), fma(x, x, square)
    meters.keep(f32, _meter(i64, IN), peak, square)


@inline
def _has_delay_line(i64: Words, tile: int) -> bool:
    lines = 0
    for lane in range(LANES):
        lines |= i64[i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS + rows.LANE_DELAY_LINE]
    return lines != 0


@njit
def _delay(f32: Floats, i64: Words, tile: int) -> None:
    """The tile's delays: the line takes the quantum, the lanes that are late are read from it."""
    signal, clock = _block(i64, rows.WORK_SIGNAL), i64[rows.HEAD_CLOCK]
    length = i64[rows.HEAD_DELAY_FRAMES]
    line = i64[rows.AT_DELAY] + tile * length * LANES
    written = line + (clock & (length - 1)) * LANES
    for n in range(QUANTUM_FRAMES):
        stream(f32, written + n * LANES, load(f32, signal + n * LANES))
    fade_frames = QUANTUM_FRAMES * prepare.quanta_of(0.020, i64[rows.HEAD_RATE])
    for lane in range(LANES):
        state = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS
        late, fade = i64[state + rows.LANE_DELAY], i64[state + rows.LANE_DELAY_FADE]
        if late == 0 and fade < 0:
            continue
        since, next_late = i64[state + rows.LANE_DELAY_SINCE], i64[state + rows.LANE_DELAY_NEXT]
        for n in range(QUANTUM_FRAMES):
            then = clock + n - late
            y = f32[line + (then & (length - 1)) * LANES + lane] if then >= since else np.float32(0.0)
            if fade >= 0:
                then = clock + n - next_late
                z = f32[line + (then & (length - 1)) * LANES + lane] if then >= since else np.float32(0.0)
                y += (z - y) * np.float32((fade + n + 1) / fade_frames)
            f32[signal + n * LANES + lane] = y
        if fade >= 0:
            fade += QUANTUM_FRAMES
            if fade >= fade_frames:
                i64[state + rows.LANE_DELAY] = next_late
                fade = -1
            i64[state + rows.LANE_DELAY_FADE] = fade


@inline
def _sections(f32: Floats, i64: Words, tile: int, first: int, count: int, done_frames: int) -> bool:
    """`count` sections in a row (2 to 4) from number `first` on: in one pass where none moves, else one by one.

    False where all of them are wires.
    """
    signal = _block(i64, rows.WORK_SIGNAL)
    flags = i64[rows.AT_SECTION_FLAGS] + (tile * SECTIONS + first) * rows.SECTION_FLAGS
    base = i64[rows.AT_SECTION] + (tile * SECTIONS + first) * SECTION_ROWS * LANES
    moving, active = 0, 0
    for k in range(count):
        moving += i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_MOVING]
        active += i64[flags + k * rows.SECTION_FLAGS + rows.SECTION_ACTIVE]
    if active == 0:
        return False
    if moving == 0 and active > 1:
        if count == 2:
            section.run_two(f32, signal, base)
        elif count == 3:
            section.run_three(f32, signal, base)
        else:
            section.run_four(f32, signal, base)
        return True
    for k in range(count):
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
def _compress(f32: Floats, f64: Floats64, i64: Words, base: int, place: int, stage: int, changed: bool) -> None:
    """The compressor at `place`; `changed` says whether the EQ before it did anything."""
    if not _engaged(f32, base + place * LANES):
        store(f32, base + (place + rows.PRE_GR - rows.PRE_WET) * LANES, splat(np.float32(0.0)))
        if stage == POST_COMP:
            _measure_if(f32, i64, EQ, changed)
        _same_as_before(f32, i64, stage)
        return
    signal, levels = _block(i64, rows.WORK_SIGNAL), _block(i64, rows.WORK_LIMITER)
    rate = f64[i64[rows.AT_WEIGHTS] + rows.RMS_RATE]
    dynamics.compressor(f32, signal, base, place, levels, rate, _meter(i64, stage - 1), _meter(i64, stage))


@njit
def _clear_lane(f32: Floats, i64: Words, tile: int, lane: int, base: int) -> None:
    """What a bad number may have reached: states, envelopes, delay line, this quantum's signal and meters, sends."""
    for number in range(SECTIONS):
        one = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES + lane
        f32[one + rows.STATE_1 * LANES] = 0.0
        f32[one + rows.STATE_2 * LANES] = 0.0
    for row in (rows.GATE_COUNT, rows.GATE_ENV, rows.GATE_ENV_LOW, rows.GATE_GR):
        f32[base + row * LANES + lane] = 0.0
    f32[base + rows.GATE_OPEN * LANES + lane] = 1.0 - f32[base + rows.GATE_DUCKS * LANES + lane]
    for row in range(rows.PRE_COUNT, rows.PRE_GR + 1):
        f32[base + row * LANES + lane] = 0.0
        f32[base + (row + rows.POST_WET - rows.PRE_WET) * LANES + lane] = 0.0
    for row in range(rows.FADER, rows.SEND_SOLO_R_STEP + 1):
        f32[base + row * LANES + lane] = 0.0
    for stage in range(STAGES):
        at = _meter(i64, stage) + lane
        f32[at] = 0.0
        f32[at + LANES] = 0.0
    signal = _block(i64, rows.WORK_SIGNAL) + lane
    for n in range(QUANTUM_FRAMES):
        f32[signal + n * LANES] = 0.0
    state = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS
    rate_hz = i64[rows.HEAD_RATE]
    i64[state + rows.LANE_DELAY_SINCE] = i64[rows.HEAD_CLOCK] + QUANTUM_FRAMES
    i64[state + rows.LANE_GUARD] = prepare.quanta_of(0.050, rate_hz) + prepare.quanta_of(0.010, rate_hz)
    i64[state + rows.LANE_BAD] += 1
    i64[state + rows.LANE_AWAKE] = 1


@inline
def _clear_bad_lanes(f32: Floats, i64: Words, tile: int, base: int) -> None:
    squares = _meter(i64, POST_COMP) + LANES
    if all_lanes(load(f32, squares) <= splat(np.float32(meters.TOO_LOUD))):
        return
    for lane in range(LANES):
        if not f32[squares + lane] <= meters.TOO_LOUD:  # a NaN is not ≤ anything
            _clear_lane(f32, i64, tile, lane, base)


@njit
def _count_clips(f32: Floats, i64: Words, tile: int) -> None:
    lanes = i64[rows.HEAD_TILES] * LANES
    for stage in range(STAGES):
        for lane in range(LANES):
            if f32[_meter(i64, stage) + lane] >= 1.0:
                i64[i64[rows.AT_CLIPS] + stage * lanes + tile * LANES + lane] += 1


@inline
def _settle_meters(f32: Floats, i64: Words, tile: int, base: int, fall: float, share: float) -> None:
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


@inline
def process(f32: Floats, f64: Floats64, i64: Words, tile: int, done_frames: int) -> None:
    """The tile's signal block from its sources to before the fader, in place; bad numbers are found and cleared."""
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    _input(f32, i64, base)
    late = _has_delay_line(i64, tile)
    if late:
        _delay(f32, i64, tile)
    changed = _sections(f32, i64, tile, 0, EQ_SECTION, done_frames) or late
    if _engaged(f32, base + rows.GATE_WET * LANES):
        signal, levels = _block(i64, rows.WORK_SIGNAL), _block(i64, rows.WORK_LIMITER)
        dynamics.gate(f32, signal, base, levels, _meter(i64, FILTERS), _meter(i64, GATE))
    else:
        _measure_if(f32, i64, FILTERS, changed)
        store(f32, base + rows.GATE_GR * LANES, splat(np.float32(0.0)))
        _same_as_before(f32, i64, GATE)
    _compress(f32, f64, i64, base, rows.PRE_WET, PRE_COMP, False)
    changed = _sections(f32, i64, tile, EQ_SECTION, 4, done_frames)
    changed = _sections(f32, i64, tile, EQ_SECTION + 4, 2, done_frames) or changed
    _compress(f32, f64, i64, base, rows.POST_WET, POST_COMP, changed)
    _clear_bad_lanes(f32, i64, tile, base)


@inline
def _send(f32: Floats, signal: int, bus: int, row: int) -> None:
    gain, step = load(f32, row), load(f32, row + LANES)
    along, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    for n in range(QUANTUM_FRAMES):
        along = along + one
        at = bus + n * LANES
        x = load(f32, signal + n * LANES)
        store(f32, at, fma(x, fma(step, along, gain), load(f32, at)))


@inline
def mix(f32: Floats, i64: Words, tile: int, fall: float, share: float) -> None:
    """Adds the tile's channels, lane by lane, to the main and solo buses; then their meters move on."""
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    signal = _block(i64, rows.WORK_SIGNAL)
    main_l, main_r = _block(i64, rows.WORK_MAIN_L), _block(i64, rows.WORK_MAIN_R)
    gain, step = load(f32, base + rows.FADER * LANES), load(f32, base + rows.FADER_STEP * LANES)
    left, left_step = load(f32, base + rows.SEND_MAIN_L * LANES), load(f32, base + rows.SEND_MAIN_L_STEP * LANES)
    right, right_step = load(f32, base + rows.SEND_MAIN_R * LANES), load(f32, base + rows.SEND_MAIN_R_STEP * LANES)
    one, zero = splat(np.float32(1.0)), splat(np.float32(0.0))
    peak = square = along = zero
    for n in range(QUANTUM_FRAMES):
        at, along = n * LANES, along + one
        x = load(f32, signal + at)
        y = x * fma(step, along, gain)
        peak, square = larger(absolute(y), peak), fma(y, y, square)
        store(f32, main_l + at, fma(x, fma(left_step, along, left), load(f32, main_l + at)))
        store(f32, main_r + at, fma(x, fma(right_step, along, right), load(f32, main_r + at)))
    meters.keep(f32, _meter(i64, POST), peak, square)
    for side in range(2):
        row = base + (rows.SEND_SOLO_L + 2 * side) * LANES
        if any_lane(load(f32, row) > zero) or any_lane(load(f32, row + LANES) > zero):
            _send(f32, signal, _block(i64, rows.WORK_SOLO_L + side), row)
            i64[rows.HEAD_SOLO_USED] = 1
    _settle_meters(f32, i64, tile, base, fall, share)


@inline
def fade(f32: Floats, i64: Words, tile: int, out: int, fall: float, share: float) -> None:
    """The mains' tile after its fader, into the block at `out`; then its meters move on."""
    base = i64[rows.AT_TILE] + tile * TILE_ROWS * LANES
    signal = _block(i64, rows.WORK_SIGNAL)
    gain, step = load(f32, base + rows.FADER * LANES), load(f32, base + rows.FADER_STEP * LANES)
    along, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    for n in range(QUANTUM_FRAMES):
        along = along + one
        x = load(f32, signal + n * LANES)
        store(f32, out + n * LANES, x * fma(step, along, gain))
    meters.measure(f32, out, _meter(i64, POST))
    _settle_meters(f32, i64, tile, base, fall, share)
