"""What preparations are made of: levels and pans as gains, ramps, and choices that fade over (`docs/signal.md`)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import laws
from dsp.compile import njit
from dsp.rows import FADE_LEFT, FADE_NEXT, LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

FADE_S, WALK_S = 0.010, 0.020

db_to_amplitude = njit(laws.db_to_amplitude)
pan_gains = njit(laws.pan_gains)
balance_gains = njit(laws.balance_gains)


@njit
def rate_of(time_ms: float, rate_hz: int) -> float:
    """1 − exp(−1/(τ rate)): the share of the way that a one-pole of time constant τ goes in a frame."""
    return -math.expm1(-1000.0 / (max(time_ms, 1e-3) * rate_hz))


@njit
def amplitude_of_level(u: float) -> float:
    """Amplitude of a level parameter at `u` of its domain: dB above −90, amplitude itself below."""
    return db_to_amplitude(u) if u >= -90.0 else (u + 91.0) * db_to_amplitude(-90.0)


@njit
def fade_factor(left: int, quanta: int) -> float:
    """How much is heard at the end of a quantum with `left` quanta to go of a fade out and in of `quanta` each."""
    if left == 0:
        return 1.0
    return (left - quanta) / quanta if left >= quanta else (quanta - left) / quanta


@njit
def walk_fade(i64: Words, in_use: int, wanted: int, quanta: int) -> bool:
    """One quantum of a source's change; `in_use`, then the next source, then the quanta left. True while it moves."""
    if i64[in_use + FADE_LEFT] == 0:
        if i64[in_use] == wanted:
            return False
        i64[in_use + FADE_NEXT] = wanted
        i64[in_use + FADE_LEFT] = 2 * quanta
    if i64[in_use + FADE_LEFT] == quanta:
        i64[in_use] = i64[in_use + FADE_NEXT]
    i64[in_use + FADE_LEFT] -= 1
    return True


@njit
def ramp(f32: Floats, row: int, goal: float, moved: bool) -> None:
    """Leads the pair of base at `row` (already the lane's) to `goal` in this quantum, or puts it there."""
    if moved:
        now = f32[row] + np.float32(QUANTUM_FRAMES) * f32[row + LANES]
        f32[row] = now
        f32[row + LANES] = (np.float32(goal) - now) * np.float32(1.0 / QUANTUM_FRAMES)
    else:
        f32[row] = goal
        f32[row + LANES] = 0.0


@njit
def ramp_or_rest(f32: Floats, row: int, goal: float, fresh: bool) -> None:
    """As a ramp that is worked out anew in every quantum: at rest it is the goal itself, whatever the last bit of the
    ramp before."""
    wanted = np.float32(goal)
    before = wanted if fresh else f32[row] + np.float32(QUANTUM_FRAMES) * f32[row + LANES]
    step = (wanted - before) * np.float32(1.0 / QUANTUM_FRAMES)
    if abs(wanted - before) < np.float32(1e-7):
        before, step = wanted, np.float32(0.0)
    f32[row], f32[row + LANES] = before, step


@njit
def walk(now: float, to: float, most: float) -> float:
    """`now` moved towards `to` by at most `most`."""
    return min(now + most, to) if now < to else max(now - most, to)
