"""Physical outputs: what was patched to each, its delay, its limiter (`docs/signal.md`, "Outputs"); and the patch,
which brings single lanes of the strips' tiles into rows for outputs, monitor and effects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import delay, gains, limiter, meters, rows, sends, slots
from dsp.compile import inline, njit
from dsp.delay import quanta_of
from dsp.dynamics import DB_PER_OCTAVE
from dsp.effects import SIDES
from dsp.glide import from_domain
from dsp.lanes import fma, load, splat, store
from dsp.places import lane_of
from dsp.rows import DESK_SLOTS, FADE_LEFT, LANES, OUTPUT_SLOTS, OUTPUT_TILE_ROWS, QUANTUM_FRAMES, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_O = slots.OUTPUT_INDEX
_SOURCE, _TAP, _DELAY, _CEILING, _RELEASE = (
    _O["source"], _O["tap"], _O["delay_ms"], _O["ceiling_dbfs"], _O["release_ms"],
)  # fmt: skip
_ENGINE_GAIN = slots.DESK_INDEX["engine.gain_db"]
_LOG = int(slots.Domain.LOG)
_BLOCK = QUANTUM_FRAMES * LANES
_IN_A_ROW = rows.LIMITER_PAST_FRAMES + QUANTUM_FRAMES
_MAIN_LEFT = slots.lane_code(slots.StripKind.MAIN, 0)
TAPS = 8  # source and tap as one choice: (source + 1) · TAPS + tap, 0 for none


@njit
def _wanted(f64: Floats64, i64: Words, value: int) -> int:
    """Source and tap of an output as one choice."""
    code = int(f64[value + _SOURCE])
    if lane_of(i64, code) >= 0:
        return (code + 1) * TAPS + min(max(int(f64[value + _TAP]), 0), rows.TAPS - 1)
    known = code in (slots.MAIN_MEAN, slots.MONITOR_L, slots.MONITOR_R)
    return (code + 1) * TAPS if known or code in (slots.MONITOR_MEAN, slots.INSERT_LINE) else 0


@njit
def prepare_outputs(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Works out every output's gains (ramps), delay, ceiling and release; True while one fades to another source."""
    rate_hz = i64[rows.HEAD_RATE]
    desk = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    fresh = i64[rows.HEAD_FRESH] != 0
    engine = gains.amplitude_of_level(f64[desk + _ENGINE_GAIN])
    fade_quanta = quanta_of(gains.FADE_S, rate_hz)
    moves = False
    for k in range(i64[rows.HEAD_OUTPUTS]):
        value = desk + DESK_SLOTS + k * OUTPUT_SLOTS
        words = i64[rows.AT_OUTPUT] + k * rows.OUTPUT_WORDS
        base = i64[rows.AT_OUTPUT_TILE] + (k // LANES) * OUTPUT_TILE_ROWS * LANES + k % LANES
        wanted, late = _wanted(f64, i64, value), delay.frames_of(f64[value + _DELAY], i64)
        if fresh:
            i64[words + rows.OUTPUT_SOURCE] = wanted
            delay.start(i64, words + rows.OUTPUT_DELAY, late)
        moves = gains.walk_fade(i64, words + rows.OUTPUT_SOURCE, wanted, fade_quanta) or moves
        moves = delay.prepare(i64, words + rows.OUTPUT_DELAY, late) or moves
        fade = gains.fade_factor(i64[words + rows.OUTPUT_SOURCE + FADE_LEFT], fade_quanta)
        gains.ramp_or_rest(f32, base + rows.PATCH_GAIN * LANES, fade, fresh)
        gains.ramp_or_rest(f32, base + rows.OUT_GAIN * LANES, engine, fresh)
        ceiling_db = f64[value + _CEILING]
        f32[base + rows.LIMIT_AT * LANES] = (ceiling_db - rows.LIMITER_MARGIN_DB) / DB_PER_OCTAVE
        ceiling = base + rows.LIMIT_CEILING * LANES
        f32[ceiling + 2 * LANES] = f32[ceiling + LANES]
        f32[ceiling + LANES] = f32[ceiling]
        f32[ceiling] = gains.db_to_amplitude(ceiling_db)
        f32[base + rows.LIMIT_RELEASE * LANES] = gains.rate_of(from_domain(_LOG, f64[value + _RELEASE]), rate_hz)
    return moves


@njit
def _take_from(i64: Words, row: int, lane: int, tap: int, too: int) -> None:
    """Row `row` of the patch is taken from a tap of a lane, or is the mean of that and lane `too`."""
    tile = lane // LANES
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    i64[words + rows.TILE_PATCHED] |= 1 << row
    i64[words + rows.TILE_TAPPED] |= 1 << tap
    patch = i64[rows.AT_PATCH_WORDS] + row * rows.PATCH_WORDS
    line = sends.line_at(i64, tile, tap)
    i64[patch] = line + lane % LANES
    i64[patch + 1] = line + too % LANES if too >= 0 else -1


@njit
def prepare_patch(i64: Words) -> None:
    """Notes at every tile which of its lanes are wanted, by what is in use now."""
    for tile in range(i64[rows.HEAD_TILES]):
        words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
        i64[words + rows.TILE_PATCHED] = i64[words + rows.TILE_TAPPED] = 0
    for k in range(i64[rows.HEAD_OUTPUTS]):
        choice = i64[i64[rows.AT_OUTPUT] + k * rows.OUTPUT_WORDS + rows.OUTPUT_SOURCE]
        code = choice // TAPS - 1
        lane = lane_of(i64, code)
        if lane >= 0:
            _take_from(i64, k, lane, choice % TAPS, -1)
        elif code == slots.MAIN_MEAN:
            left = lane_of(i64, _MAIN_LEFT)
            _take_from(i64, k, left, rows.TAP_POST_FADER, left + 1)
    for pair in range(1 + i64[rows.HEAD_EFFECTS]):
        if pair == 0:
            row, choice = rows.PATCH_CHOSEN, i64[i64[rows.AT_MONITOR_WORDS] + rows.MONITOR_SOURCE]
        else:
            row = rows.PATCH_EFFECTS + 2 * (pair - 1)
            choice = i64[i64[rows.AT_EFFECT_WORDS] + (pair - 1) * rows.EFFECT_WORDS]
        if choice > 0:
            _take_from(i64, row, (choice - 1) // SIDES, rows.TAP_POST_FADER, -1)
            _take_from(i64, row + 1, (choice - 1) % SIDES, rows.TAP_POST_FADER, -1)


@inline
def patch(f32: Floats, i64: Words, tile: int) -> None:
    """Copies the tile's wanted lanes into their rows."""
    wanted = i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_PATCHED]
    row = 0
    while wanted != 0:
        if wanted & 1:
            words, to = i64[rows.AT_PATCH_WORDS] + row * rows.PATCH_WORDS, i64[rows.AT_PATCH] + row * QUANTUM_FRAMES
            start, too = i64[words], i64[words + 1]
            if too < 0:
                for n in range(QUANTUM_FRAMES):
                    f32[to + n] = f32[start + n * LANES]
            else:
                for n in range(QUANTUM_FRAMES):
                    f32[to + n] = np.float32(0.5) * (f32[start + n * LANES] + f32[too + n * LANES])
        wanted >>= 1
        row += 1


@inline
def _row_of(f32: Floats, i64: Words, output: int) -> int:
    """Where the 32 frames of what an output carries stand in a row; −1 for silence."""
    code = i64[i64[rows.AT_OUTPUT] + output * rows.OUTPUT_WORDS + rows.OUTPUT_SOURCE] // TAPS - 1
    own = i64[rows.AT_PATCH] + output * QUANTUM_FRAMES
    monitor = i64[rows.AT_PATCH] + rows.PATCH_MONITOR * QUANTUM_FRAMES
    if code < 0:
        return -1
    if code == slots.MONITOR_L:
        return monitor
    if code == slots.MONITOR_R:
        return monitor + QUANTUM_FRAMES
    if code == slots.MONITOR_MEAN:
        half = splat(np.float32(0.5))
        for n in range(0, QUANTUM_FRAMES, LANES):
            store(f32, own + n, half * (load(f32, monitor + n) + load(f32, monitor + QUANTUM_FRAMES + n)))
        return own
    if code == slots.INSERT_LINE:
        return i64[rows.AT_INSERT] + output * QUANTUM_FRAMES if (i64[rows.HEAD_INSERTS] >> output) & 1 else -1
    return own


@inline
def _line_up(f32: Floats, i64: Words, base: int, output: int, frames: int) -> None:
    """An output's 48 past frames and its 32 new ones, with fade, delay and gain, in a row at `frames`; the past moves
    on."""
    past = i64[rows.AT_LIMITER_X] + output * rows.LIMITER_PAST_FRAMES
    for n in range(0, rows.LIMITER_PAST_FRAMES, LANES):
        store(f32, frames + n, load(f32, past + n))
    new, row = frames + rows.LIMITER_PAST_FRAMES, _row_of(f32, i64, output)
    words, lane = i64[rows.AT_OUTPUT] + output * rows.OUTPUT_WORDS, base + output % LANES
    count = i64[rows.AT_COUNT]
    fade, fade_step = splat(f32[lane + rows.PATCH_GAIN * LANES]), splat(f32[lane + rows.PATCH_GAIN_STEP * LANES])
    for n in range(0, QUANTUM_FRAMES, LANES):
        if row < 0:
            store(f32, new + n, splat(np.float32(0.0)))
        else:
            store(f32, new + n, load(f32, row + n) * fma(fade_step, load(f32, count + n), fade))
    delay_line = i64[rows.AT_OUTPUT_DELAY] + output * i64[rows.HEAD_DELAY_FRAMES]
    delay.one_row(f32, i64, words + rows.OUTPUT_DELAY, delay_line, new)
    gain, step = splat(f32[lane + rows.OUT_GAIN * LANES]), splat(f32[lane + rows.OUT_GAIN_STEP * LANES])
    for n in range(0, QUANTUM_FRAMES, LANES):
        store(f32, new + n, load(f32, new + n) * fma(step, load(f32, count + n), gain))
    for n in range(0, rows.LIMITER_PAST_FRAMES, LANES):
        store(f32, past + n, load(f32, frames + QUANTUM_FRAMES + n))


@inline
def run(y: Floats, first: int, f32: Floats, i64: Words, fall: float, share: float) -> None:
    """Every physical output: what is patched to it, through its limiter, into frames `first` … +31 of y."""
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
            _line_up(f32, i64, base, at + lane, own)
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
