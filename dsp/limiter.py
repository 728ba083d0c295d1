"""The limiter before every physical output: lookahead, true peak, eight outputs at a time (`docs/signal.md`,
"Outputs").

The window of 32 frames is a quantum long, so the least (and the sum) over it is that of the quantum so far and of
the last quantum from there on: no running sum that could drift, and a signal that needs no limiting passes with a
gain of exactly 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import inline
from dsp.dynamics import FLOOR_AMPLITUDE, GROUP_FRAMES
from dsp.lanes import absolute, any_lane, exp2, fma, larger, load, log2, select, smaller, splat, spread, store
from dsp.rows import LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]

PAST = rows.LIMITER_PAST_FRAMES
LOOKAHEAD = rows.LOOKAHEAD_FRAMES
TAPS = rows.TRUE_PEAK_TAPS
PHASES = rows.TRUE_PEAK_PHASES
PAIRS = TAPS // 2
DETECTOR_DELAY = TAPS // 2
AT_REST = 1e-7  # an envelope so near 0, in log₂, is 0


def true_peak_taps() -> Floats:
    """float32[8, 24]: row k gives the signal k/8 of a frame after frame n from x[n−11] … x[n+12] (Kaiser-windowed
    sinc).
    """
    places = np.arange(1 - TAPS // 2, TAPS // 2 + 1) - np.arange(PHASES)[:, None] / PHASES
    inside = np.clip(1.0 - (places / (TAPS / 2)) ** 2, 0.0, None)
    window = np.i0(rows.TRUE_PEAK_BETA * np.sqrt(inside)) / np.i0(rows.TRUE_PEAK_BETA)
    return (np.sinc(places) * window * (inside > 0.0)).astype(np.float32)


def folded_taps() -> Floats:
    """float32[7, 12]: the even and odd halves of phases 1, 2, 3, then the even one of 4, over the 12 pairs of frames.

    Phase 8 − k is phase k backwards, so with the sums and differences of x[i] and x[23−i] both come from even ± odd.
    """
    taps = true_peak_taps().astype(np.float64)
    first, last = taps[:, :PAIRS], taps[:, : PAIRS - 1 : -1]
    even, odd = 0.5 * (first + last), 0.5 * (first - last)
    return np.array([even[1], odd[1], even[2], odd[2], even[3], odd[3], even[4]], np.float32)


BETWEEN_AT_MOST = float(np.abs(true_peak_taps()).sum(axis=1).max()) * 1.001  # of the largest frame around


@inline
def _largest_between(f32: Floats, first: int, taps: int) -> Any:
    """The largest of the seven values after each of eight frames; `first` is 11 frames before the first of them."""
    e1 = o1 = e2 = o2 = e3 = o3 = e4 = splat(np.float32(0.0))
    for i in range(PAIRS):
        a, b = load(f32, first + i), load(f32, first + TAPS - 1 - i)
        same, other = a + b, a - b
        e1 = fma(same, spread(f32, taps + i), e1)
        o1 = fma(other, spread(f32, taps + PAIRS + i), o1)
        e2 = fma(same, spread(f32, taps + 2 * PAIRS + i), e2)
        o2 = fma(other, spread(f32, taps + 3 * PAIRS + i), o2)
        e3 = fma(same, spread(f32, taps + 4 * PAIRS + i), e3)
        o3 = fma(other, spread(f32, taps + 5 * PAIRS + i), o3)
        e4 = fma(same, spread(f32, taps + 6 * PAIRS + i), e4)
    # |even + odd| and |even − odd|: the larger is |even| + |odd|
    outer = larger(absolute(e1) + absolute(o1), absolute(e2) + absolute(o2))
    return larger(outer, larger(absolute(e3) + absolute(o3), absolute(e4)))


@inline
def is_near(f32: Floats, frames: int, limit_at: float) -> bool:
    """Whether anything at or between the 80 frames at `frames` could pass log₂ amplitude `limit_at`."""
    loudest = splat(np.float32(0.0))
    for n in range(0, PAST + QUANTUM_FRAMES, LANES):
        loudest = larger(absolute(load(f32, frames + n)), loudest)
    return any_lane(loudest * splat(np.float32(BETWEEN_AT_MOST)) > exp2(splat(np.float32(limit_at))))


@inline
def detect(f32: Floats, frames: int, between: int, limit_at: float, taps: int, wanted: int) -> None:
    """One output's wanted gains, log₂, at `wanted`, LANES apart; eight frames at a time along its own signal.

    `frames` is where its 48 past and 32 new frames stand in a row. `between` holds what the last interval between
    frames wanted in the quantum before, and has room for the 32 of this one, then for 32 more.
    """
    at = frames + PAST - DETECTOR_DELAY
    lowest, zero, tiny = splat(np.float32(limit_at)), splat(np.float32(0.0)), splat(np.float32(FLOOR_AMPLITUDE))
    for n in range(0, QUANTUM_FRAMES, LANES):
        peak = larger(_largest_between(f32, at + n + 1 - PAIRS, taps), tiny)
        store(f32, between + 1 + n, smaller(lowest - log2(peak), zero))
    own = between + 1 + QUANTUM_FRAMES
    for n in range(0, QUANTUM_FRAMES, LANES):
        around = smaller(load(f32, between + n), load(f32, between + n + 1))
        peak = larger(absolute(load(f32, at + n)), tiny)
        store(f32, own + n, smaller(lowest - log2(peak), around))
    for n in range(QUANTUM_FRAMES):
        f32[wanted + n * LANES] = f32[own + n]
    f32[between] = f32[between + QUANTUM_FRAMES]


@inline
def is_at_work(f32: Floats, tile: int, past_r: int, past_e: int) -> bool:
    """Whether eight limiters have still to come back from what they limited before this quantum."""
    least = smaller(load(f32, past_r), smaller(load(f32, past_e), load(f32, tile + rows.LIMIT_INTERVAL * LANES)))
    return any_lane(smaller(least, load(f32, tile + rows.LIMIT_ENV * LANES)) < splat(np.float32(0.0)))


@inline
def follow(f32: Floats, tile: int, past_r: int, past_e: int, wanted: int, envelope: int) -> None:
    """From eight outputs' wanted gains at `wanted` to the gains themselves, in place; `envelope` is room for a block.

    `past_r` and `past_e` hold, for each frame of the last quantum, the least wanted and the sum of the envelope from
    there to its end.
    """
    release = load(f32, tile + rows.LIMIT_RELEASE * LANES)
    env, low = load(f32, tile + rows.LIMIT_ENV * LANES), load(f32, tile + rows.LIMIT_ENV_LOW * LANES)
    zero, share = splat(np.float32(0.0)), splat(np.float32(1.0 / LOOKAHEAD))
    so_far, least_to_end = zero, zero
    for first in range(0, QUANTUM_FRAMES, GROUP_FRAMES):
        # As in the strips' envelopes only the rest moves within a group.
        for n in range(first, first + GROUP_FRAMES):
            so_far = smaller(so_far, load(f32, wanted + n * LANES))
            before = load(f32, past_r + (n + 1) * LANES) if n < LOOKAHEAD - 1 else zero
            far = smaller(so_far, before) - env
            low = select(far < low, far, fma(release, far - low, low))
            store(f32, envelope + n * LANES, env + low)
        whole = env + low
        low = low - (whole - env)
        env = whole
    rests = env > splat(np.float32(-AT_REST))
    store(f32, tile + rows.LIMIT_ENV * LANES, select(rests, zero, env))
    store(f32, tile + rows.LIMIT_ENV_LOW * LANES, select(rests, zero, low))
    for n in range(QUANTUM_FRAMES - 1, -1, -1):
        least_to_end = smaller(least_to_end, load(f32, wanted + n * LANES))
        store(f32, past_r + n * LANES, least_to_end)
    sum_so_far = zero
    for n in range(QUANTUM_FRAMES):
        sum_so_far = sum_so_far + load(f32, envelope + n * LANES)
        before = load(f32, past_e + (n + 1) * LANES) if n < LOOKAHEAD - 1 else zero
        store(f32, wanted + n * LANES, exp2((sum_so_far + before) * share))
    sum_to_end = zero
    for n in range(QUANTUM_FRAMES - 1, -1, -1):
        sum_to_end = sum_to_end + load(f32, envelope + n * LANES)
        store(f32, past_e + n * LANES, sum_to_end)


@inline
def hold_below(f32: Floats, tile: int, signal: int) -> None:
    """Holds eight outputs within their ceilings, the largest of this quantum's and of the two before."""
    newest = tile + rows.LIMIT_CEILING * LANES
    ceiling = larger(load(f32, newest), larger(load(f32, newest + LANES), load(f32, newest + 2 * LANES)))
    lowest = splat(np.float32(0.0)) - ceiling
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        store(f32, at, smaller(larger(load(f32, at), lowest), ceiling))
