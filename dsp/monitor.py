"""The monitor: what was chosen, or the solo bus, on its way to phones and control room (`docs/signal.md`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import delay, gains, mix, rows, slots
from dsp.compile import inline, njit
from dsp.delay import quanta_of
from dsp.effects import both_sides
from dsp.lanes import fma, load, splat, spread, store
from dsp.rows import FADE_LEFT, LANES, QUANTUM_FRAMES, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_D = slots.DESK_INDEX
_SOURCE, _LEVEL, _DIM, _DIM_DB = _D["monitor.source"], _D["monitor.level_db"], _D["monitor.dim"], _D["monitor.dim_db"]
_MONO, _SWAP, _POLARITY, _DELAY = _D["monitor.mono"], _D["monitor.swap"], _D["monitor.polarity"], _D["monitor.delay_ms"]
_TALK_ON, _TALK_DIM_DB = _D["talkback.on"], _D["talkback.dim_db"]
_BLOCK = QUANTUM_FRAMES * LANES
_STEPS = rows.MONITOR_SOURCES * LANES


@njit
def prepare(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Works out the eight gains from chosen and solo, left and right, to the monitor's left and right, as ramps.

    True while it walks from one source to another, or to another delay.
    """
    value = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    own, rate_hz = i64[rows.AT_MONITOR_WORDS], i64[rows.HEAD_RATE]
    fresh, fade_quanta = i64[rows.HEAD_FRESH] != 0, quanta_of(gains.FADE_S, rate_hz)
    code = int(f64[value + _SOURCE])
    chosen = both_sides(f64, i64, code)
    if fresh:
        i64[own] = chosen
        delay.start(i64, own + rows.MONITOR_DELAY, delay.frames_of(f64[value + _DELAY], i64))
    moves = gains.walk_fade(i64, own, chosen, fade_quanta)
    moves = delay.prepare(i64, own + rows.MONITOR_DELAY, delay.frames_of(f64[value + _DELAY], i64)) or moves
    to_solo = 1.0 if i64[rows.HEAD_SOLOED] or code == slots.SOLO_BUS else 0.0
    most = 1.0 if fresh else 1.0 / quanta_of(gains.WALK_S, rate_hz)
    weights = i64[rows.AT_WEIGHTS]
    f64[weights + rows.WEIGHT_MAIN] = gains.walk(f64[weights + rows.WEIGHT_MAIN], 1.0 - to_solo, most)
    f64[weights + rows.WEIGHT_SOLO] = gains.walk(f64[weights + rows.WEIGHT_SOLO], to_solo, most)
    fade = gains.fade_factor(i64[own + FADE_LEFT], fade_quanta)
    level = gains.amplitude_of_level(f64[value + _LEVEL])
    dim_db = f64[value + _DIM] * f64[value + _DIM_DB] + f64[value + _TALK_ON] * f64[value + _TALK_DIM_DB]
    level *= gains.db_to_amplitude(dim_db)
    mono, swap = f64[value + _MONO], f64[value + _SWAP]
    right_sign = 1.0 - 2.0 * f64[value + _POLARITY]
    for side in range(2):
        for which in range(4):
            from_right = which % 2
            left = 1.0 - swap if from_right == 0 else swap
            right = (swap if from_right == 0 else 1.0 - swap) * right_sign
            mine, other = (left, right) if side == 0 else (right, left)
            heard = f64[weights + rows.WEIGHT_MAIN] * fade if which < 2 else f64[weights + rows.WEIGHT_SOLO]
            goal = np.float32(((1.0 - 0.5 * mono) * mine + 0.5 * mono * other) * level * heard)
            at = i64[rows.AT_MONITOR] + which * LANES + side
            before = goal if fresh else f32[at] + np.float32(QUANTUM_FRAMES) * f32[at + _STEPS]
            f32[at] = before
            f32[at + _STEPS] = (goal - before) * np.float32(1.0 / QUANTUM_FRAMES)
    return moves or f64[weights + rows.WEIGHT_SOLO] != to_solo


@inline
def run(f32: Floats, i64: Words) -> None:
    """The monitor's two patch rows, from the chosen strip's and the solo bus."""
    gain, out = i64[rows.AT_MONITOR], i64[rows.AT_WORK] + rows.WORK_MONITOR * _BLOCK
    g0, g1 = load(f32, gain), load(f32, gain + LANES)
    g2, g3 = load(f32, gain + 2 * LANES), load(f32, gain + 3 * LANES)
    steps = gain + _STEPS
    d0, d1 = load(f32, steps), load(f32, steps + LANES)
    d2, d3 = load(f32, steps + 2 * LANES), load(f32, steps + 3 * LANES)
    chosen = i64[rows.AT_PATCH] + rows.PATCH_CHOSEN * QUANTUM_FRAMES
    if i64[i64[rows.AT_MONITOR_WORDS]] == 0:
        for n in range(0, 2 * QUANTUM_FRAMES, LANES):
            store(f32, chosen + n, splat(np.float32(0.0)))
    solo = i64[rows.AT_WORK] + rows.WORK_SENT * _BLOCK
    mix.take(f32, i64, rows.DEST_SOLO, solo)
    rows_out = i64[rows.AT_PATCH] + rows.PATCH_MONITOR * QUANTUM_FRAMES
    for n in range(QUANTUM_FRAMES):
        at = n * LANES
        along = splat(np.float32(n + 1))
        y = spread(f32, chosen + n) * fma(d0, along, g0)
        y = fma(spread(f32, chosen + QUANTUM_FRAMES + n), fma(d1, along, g1), y)
        y = fma(spread(f32, solo + at), fma(d2, along, g2), y)
        store(f32, out, fma(spread(f32, solo + at + 1), fma(d3, along, g3), y))
        f32[rows_out + n], f32[rows_out + QUANTUM_FRAMES + n] = f32[out], f32[out + 1]
    words = i64[rows.AT_MONITOR_WORDS] + rows.MONITOR_DELAY
    frames = i64[rows.HEAD_DELAY_FRAMES]
    delay.both_rows(f32, i64, words, i64[rows.AT_MONITOR_DELAY], i64[rows.AT_MONITOR_DELAY] + frames, rows_out)
