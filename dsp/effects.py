"""Effects: what each one takes from a bus, and what it gives to its return (`docs/signal.md`, "Effect k").

No effect is loaded yet: what comes in goes out, held within bounds, since every way back in the desk leads through
here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import gains, rows, slots
from dsp.compile import njit
from dsp.delay import quanta_of
from dsp.lanes import fma, larger, load, smaller, splat, store
from dsp.places import lane_of, sides_of
from dsp.rows import EFFECT_GAIN, FADE_LEFT, LANES, QUANTUM_FRAMES, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_SOURCE_1 = slots.DESK_INDEX["fx.1.source"]
LARGEST = 16.0
SIDES = 4096  # a choice of two lanes is one number: left · SIDES + right + 1, 0 for none


@njit
def both_sides(f64: Floats64, i64: Words, code: int) -> int:
    """The choice of the lanes that are left and right of the strip `code` names."""
    left, right = sides_of(f64, i64, lane_of(i64, code))
    return 0 if left < 0 else left * SIDES + right + 1


@njit
def prepare_effects(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Walks from one source to another; True while one of them moves."""
    desk = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    quanta = quanta_of(gains.FADE_S, i64[rows.HEAD_RATE])
    moves = False
    for k in range(i64[rows.HEAD_EFFECTS]):
        words = i64[rows.AT_EFFECT_WORDS] + k * rows.EFFECT_WORDS
        code = int(f64[desk + _SOURCE_1 + k])
        wanted = both_sides(f64, i64, code) if code // slots.CODES_OF_A_KIND - 1 == rows.KIND_BUS else 0
        if i64[rows.HEAD_FRESH]:
            i64[words] = wanted
        moves = gains.walk_fade(i64, words, wanted, quanta) or moves
        row = i64[rows.AT_EFFECT] + k * rows.EFFECT_FLOATS + EFFECT_GAIN
        factor = gains.fade_factor(i64[words + FADE_LEFT], quanta)
        gains.ramp_or_rest(f32, row, factor, i64[rows.HEAD_FRESH] != 0)
    return moves


@njit
def run(f32: Floats, i64: Words) -> None:
    """Every effect over the quantum: from its patch rows to what its return hears."""
    highest, lowest = splat(np.float32(LARGEST)), splat(np.float32(-LARGEST))
    for k in range(i64[rows.HEAD_EFFECTS]):
        effect = i64[rows.AT_EFFECT] + k * rows.EFFECT_FLOATS
        patched = i64[rows.AT_PATCH] + (rows.PATCH_EFFECTS + 2 * k) * QUANTUM_FRAMES
        if i64[i64[rows.AT_EFFECT_WORDS] + k * rows.EFFECT_WORDS] == 0:
            for i in range(0, 2 * QUANTUM_FRAMES, LANES):
                store(f32, effect + i, splat(np.float32(0.0)))
            continue
        gain, step = splat(f32[effect + EFFECT_GAIN]), splat(f32[effect + EFFECT_GAIN + LANES])
        for side in range(2):
            for i in range(0, QUANTUM_FRAMES, LANES):
                at = side * QUANTUM_FRAMES + i
                along = load(f32, i64[rows.AT_COUNT] + i)
                y = load(f32, patched + at) * fma(step, along, gain)
                store(f32, effect + at, smaller(larger(y, lowest), highest))
