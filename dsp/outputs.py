"""Monitor and physical outputs: what the mains and the solo bus become before the converters (`docs/signal.md`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import limiter, meters, prepare, rows, slots
from dsp.compile import inline, njit
from dsp.dynamics import DB_PER_OCTAVE
from dsp.glide import from_domain
from dsp.lanes import fma, load, splat, spread, store
from dsp.rows import DESK_SLOTS, LANES, OUTPUT_SLOTS, OUTPUT_TILE_ROWS, QUANTUM_FRAMES, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_D, _O, _S = slots.DESK_INDEX, slots.OUTPUT_INDEX, slots.STRIP_INDEX
_SOURCE, _LEVEL, _DIM, _DIM_DB = _D["monitor.source"], _D["monitor.level_db"], _D["monitor.dim"], _D["monitor.dim_db"]
_MONO, _SWAP, _POLARITY = _D["monitor.mono"], _D["monitor.swap"], _D["monitor.polarity"]
_ENGINE_GAIN = _D["engine.gain_db"]
_OUT_SOURCE, _OUT_CEILING, _OUT_RELEASE = _O["source"], _O["ceiling_dbfs"], _O["release_ms"]
_SOLO = _S["solo"]
_LOG = int(slots.Domain.LOG)
_MAIN, _SOLO_SOURCE = slots.MONITOR_SOURCES.index("main"), slots.MONITOR_SOURCES.index("solo")
_BLOCK = QUANTUM_FRAMES * LANES
_STEPS = rows.MONITOR_SOURCES * LANES
_IN_A_ROW = rows.LIMITER_PAST_FRAMES + QUANTUM_FRAMES
_SOURCES = len(slots.OUTPUT_SOURCES)


@njit
def _walk(now: float, to: float, most: float) -> float:
    return min(now + most, to) if now < to else max(now - most, to)


@njit
def prepare_monitor(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Works out the eight gains from main and solo, left and right, to the monitor's left and right, as ramps.

    True while it walks from one source to another.
    """
    lanes = i64[rows.HEAD_TILES] * LANES
    value = i64[rows.AT_VALUE] + lanes * STRIP_SLOTS
    fresh = i64[rows.HEAD_FRESH] != 0
    soloed = False
    for channel in range(i64[rows.HEAD_CHANNELS]):
        soloed = soloed or f64[i64[rows.AT_GOAL] + channel * STRIP_SLOTS + _SOLO] == 1.0
    source = int(f64[value + _SOURCE])
    to_solo = 1.0 if soloed or source == _SOLO_SOURCE else 0.0
    to_main = 1.0 if source == _MAIN and not soloed else 0.0
    weights = i64[rows.AT_WEIGHTS]
    most = 1.0 if fresh else 1.0 / prepare.quanta_of(0.020, i64[rows.HEAD_RATE])
    f64[weights] = _walk(f64[weights], to_main, most)
    f64[weights + 1] = _walk(f64[weights + 1], to_solo, most)
    level = prepare.amplitude_of_level(f64[value + _LEVEL])
    level *= prepare.db_to_amplitude(f64[value + _DIM] * f64[value + _DIM_DB])
    mono, swap = f64[value + _MONO], f64[value + _SWAP]
    right_sign = 1.0 - 2.0 * f64[value + _POLARITY]
    gains = i64[rows.AT_MONITOR]
    for side in range(2):
        for which in range(4):
            from_right = which % 2
            left = 1.0 - swap if from_right == 0 else swap
            right = (swap if from_right == 0 else 1.0 - swap) * right_sign
            own, other = (left, right) if side == 0 else (right, left)
            goal = ((1.0 - 0.5 * mono) * own + 0.5 * mono * other) * level * f64[weights + which // 2]
            at = gains + which * LANES + side
            before = np.float32(goal) if fresh else f32[at] + np.float32(QUANTUM_FRAMES) * f32[at + _STEPS]
            f32[at] = before
            f32[at + _STEPS] = (np.float32(goal) - before) * np.float32(1.0 / QUANTUM_FRAMES)
    return f64[weights] != to_main or f64[weights + 1] != to_solo


@inline
def monitor(f32: Floats, i64: Words, main: int, solo_l: int, solo_r: int, out: int) -> None:
    """The monitor's left and right into lanes 0 and 1 of the block at `out`; each input holds its signal in lane 0,
    main's right in lane 1.
    """
    gains = i64[rows.AT_MONITOR]
    g0, g1 = load(f32, gains), load(f32, gains + LANES)
    g2, g3 = load(f32, gains + 2 * LANES), load(f32, gains + 3 * LANES)
    steps = gains + _STEPS
    d0, d1 = load(f32, steps), load(f32, steps + LANES)
    d2, d3 = load(f32, steps + 2 * LANES), load(f32, steps + 3 * LANES)
    for n in range(QUANTUM_FRAMES):
        at = n * LANES
        along = splat(np.float32(n + 1))
        y = spread(f32, main + at) * fma(d0, along, g0)
        y = fma(spread(f32, main + at + 1), fma(d1, along, g1), y)
        y = fma(spread(f32, solo_l + at), fma(d2, along, g2), y)
        store(f32, out + at, fma(spread(f32, solo_r + at), fma(d3, along, g3), y))


@njit
def prepare_outputs(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Works out every output's gain (a ramp), ceiling and release; True while one fades to another source."""
    lanes, rate_hz = i64[rows.HEAD_TILES] * LANES, i64[rows.HEAD_RATE]
    desk = i64[rows.AT_VALUE] + lanes * STRIP_SLOTS
    fresh = i64[rows.HEAD_FRESH] != 0
    engine = prepare.amplitude_of_level(f64[desk + _ENGINE_GAIN])
    fade_quanta = prepare.quanta_of(0.010, rate_hz)
    fading = False
    for k in range(i64[rows.HEAD_OUTPUTS]):
        value = desk + DESK_SLOTS + k * OUTPUT_SLOTS
        state = i64[rows.AT_OUTPUT] + k * rows.OUTPUT_WORDS
        base = i64[rows.AT_OUTPUT_TILE] + (k // LANES) * OUTPUT_TILE_ROWS * LANES + k % LANES
        wanted = int(f64[value + _OUT_SOURCE])
        if fresh:
            i64[state] = wanted
        fading = prepare.walk_fade(i64, state, wanted, fade_quanta) or fading
        goal = np.float32(engine * prepare.fade_factor(i64[state + rows.OUTPUT_SOURCE_FADE], fade_quanta))
        gain = base + rows.OUT_GAIN * LANES
        before = goal if fresh else f32[gain] + np.float32(QUANTUM_FRAMES) * f32[gain + LANES]
        step = (goal - before) * np.float32(1.0 / QUANTUM_FRAMES)
        if abs(goal - before) < np.float32(1e-7):  # the last bit of the ramp before: at rest it is the goal itself
            before, step = goal, np.float32(0.0)
        f32[gain] = before
        f32[gain + LANES] = step
        ceiling_db = f64[value + _OUT_CEILING]
        f32[base + rows.LIMIT_AT * LANES] = (ceiling_db - rows.LIMITER_MARGIN_DB) / DB_PER_OCTAVE
        ceiling = base + rows.LIMIT_CEILING * LANES
        f32[ceiling + 2 * LANES] = f32[ceiling + LANES]
        f32[ceiling + LANES] = f32[ceiling]
        f32[ceiling] = prepare.db_to_amplitude(ceiling_db)
        release_ms = from_domain(_LOG, f64[value + _OUT_RELEASE])
        f32[base + rows.LIMIT_RELEASE * LANES] = prepare.rate_of(release_ms, rate_hz)
    return fading


@inline
def _line_up(f32: Floats, i64: Words, base: int, output: int, main: int, monitors: int, frames: int) -> None:
    """An output's 48 past frames and its 32 new ones, source times gain, in a row at `frames`; the past moves on."""
    past = i64[rows.AT_LIMITER_X] + output * rows.LIMITER_PAST_FRAMES
    for n in range(0, rows.LIMITER_PAST_FRAMES, LANES):
        store(f32, frames + n, load(f32, past + n))
    new = frames + rows.LIMITER_PAST_FRAMES
    source = i64[i64[rows.AT_OUTPUT] + output * rows.OUTPUT_WORDS]
    if 1 <= source <= _SOURCES - 1:
        signal = (main if source <= 2 else monitors) + (source - 1) % 2
        gain = base + rows.OUT_GAIN * LANES + output % LANES
        level, step = f32[gain], f32[gain + LANES]
        for n in range(QUANTUM_FRAMES):
            f32[new + n] = f32[signal + n * LANES] * (level + np.float32(n + 1) * step)
    else:
        for n in range(QUANTUM_FRAMES):
            f32[new + n] = 0.0
    for n in range(0, rows.LIMITER_PAST_FRAMES, LANES):
        store(f32, past + n, load(f32, frames + QUANTUM_FRAMES + n))


@inline
def run(y: Floats, first: int, f32: Floats, i64: Words, main: int, monitors: int, fall: float, share: float) -> None:
    """Every physical output: its source times its gain, through the limiter, into frames `first` … +31 of y."""
    work = i64[rows.AT_WORK] + rows.WORK_LIMITER * _BLOCK
    wanted, envelope, limited = work, work + _BLOCK, work + 2 * _BLOCK
    between, frames = work + 3 * _BLOCK, work + 4 * _BLOCK
    outputs = i64[rows.HEAD_OUTPUTS]
    for tile in range((outputs + LANES - 1) // LANES):
        at = tile * LANES
        base = i64[rows.AT_OUTPUT_TILE] + at * OUTPUT_TILE_ROWS
        count = min(LANES, outputs - at)
        past_r = i64[rows.AT_LIMITER_R] + at * rows.LOOKAHEAD_FRAMES
        past_e = i64[rows.AT_LIMITER_E] + at * rows.LOOKAHEAD_FRAMES
        limits = limiter.is_at_work(f32, base, past_r, past_e)
        for n in range(QUANTUM_FRAMES):
            store(f32, wanted + n * LANES, splat(np.float32(0.0)))
            store(f32, limited + n * LANES, splat(np.float32(0.0)))
        for lane in range(count):
            own = frames + lane * _IN_A_ROW
            _line_up(f32, i64, base, at + lane, main, monitors, own)
            limit_at, interval = f32[base + rows.LIMIT_AT * LANES + lane], base + rows.LIMIT_INTERVAL * LANES + lane
            if limiter.is_near(f32, own, limit_at):
                limits = True
                f32[between] = f32[interval]
                limiter.detect(f32, own, between, limit_at, i64[rows.AT_TAPS], wanted + lane)
                f32[interval] = f32[between]
            else:
                f32[wanted + lane] = f32[interval]
                f32[interval] = 0.0
        if limits:
            limiter.follow(f32, base, past_r, past_e, wanted, envelope)
        for lane in range(count):
            late = frames + lane * _IN_A_ROW + limiter.PAST - rows.LIMITER_LATENCY_FRAMES
            if limits:
                for n in range(QUANTUM_FRAMES):
                    f32[limited + n * LANES + lane] = f32[late + n] * f32[wanted + n * LANES + lane]
            else:
                for n in range(QUANTUM_FRAMES):
                    f32[limited + n * LANES + lane] = f32[late + n]
        limiter.hold_below(f32, base, limited)
        for n in range(QUANTUM_FRAMES):
            for lane in range(count):
                y[first + n, at + lane] = f32[limited + n * LANES + lane]
        peak = wanted  # the block is free now
        meters.measure(f32, limited, peak)
        meters.settle(
            f32, peak, peak + LANES, i64[rows.AT_OUT_PEAK] + at, i64[rows.AT_OUT_MEAN_SQUARE] + at, fall, share
        )
        reduction = load(f32, base + rows.LIMIT_ENV * LANES) * splat(np.float32(DB_PER_OCTAVE))
        store(f32, i64[rows.AT_LIMITER_GR] + at, reduction)
