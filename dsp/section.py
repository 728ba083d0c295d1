"""The one filter of the desk: the trapezoidal state variable filter on eight lanes (`docs/signal.md`, "Filters").

Written in the differences from the state, so that every coefficient keeps its full precision in float32 however low
the frequency: u = x − ic2 − (g+k) ic1, v1 = ic1 + a2 u, v2 = ic2 + g v1, with a2 = g / (1 + g (g+k)). Its
transition matrix is a contraction for every g, k > 0 (the Cayley transform of a dissipative system), so it stays
bounded however the coefficients move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.compile import inline
from dsp.lanes import fma, load, splat, store
from dsp.rows import (
    COEF_A2,
    COEF_G,
    COEF_M0,
    COEF_M1,
    COEF_M2,
    COEF_R,
    GOAL_G,
    GOAL_M0,
    GOAL_M1,
    GOAL_M2,
    GOAL_R,
    LANES,
    QUANTUM_FRAMES,
    SECTION_ROWS,
    STATE_1,
    STATE_2,
    STEP_G,
    STEP_M0,
    STEP_M1,
    STEP_M2,
    STEP_R,
)

Floats = NDArray[np.float32]
_ONE_SECTION = SECTION_ROWS * LANES


@inline
def _coefficients(f32: Floats, section: int) -> Any:
    """−(g+k), a2, 2 a2, g, 2 g, m0, m1, m2 of a section at rest."""
    g, a2 = load(f32, section + COEF_G * LANES), load(f32, section + COEF_A2 * LANES)
    minus_r = splat(np.float32(0.0)) - load(f32, section + COEF_R * LANES)
    m0, m1 = load(f32, section + COEF_M0 * LANES), load(f32, section + COEF_M1 * LANES)
    return minus_r, a2, a2 + a2, g, g + g, m0, m1, load(f32, section + COEF_M2 * LANES)


@inline
def _frame(x: Any, s1: Any, s2: Any, c: Any) -> Any:
    """One frame through one section: its output and its states after it."""
    u = fma(c[0], s1, x - s2)
    v1 = fma(c[1], u, s1)
    v2 = fma(c[3], v1, s2)
    return fma(c[7], v2, fma(c[6], v1, c[5] * x)), fma(c[2], u, s1), fma(c[4], v1, s2)


# The same with w = ic2 + (g+k) ic1 in place of ic2: one operation more, but the way from one frame's states to the next
# one's is half as long, which is what counts where few sections run beside each other.


@inline
def quick(f32: Floats, section: int) -> Any:
    """What `quick_frame` needs of a section at rest, and its two states: coefficients, ic1, w."""
    c = _coefficients(f32, section)
    s1, s2 = _states(f32, section)
    r = load(f32, section + COEF_R * LANES)
    return (c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[2] * (c[3] + r)), s1, fma(r, s1, s2)


@inline
def quick_frame(x: Any, s1: Any, w: Any, c: Any) -> Any:
    """One frame through one section: its output and its states after it."""
    u = x - w
    v1 = fma(c[1], u, s1)
    v2 = fma(c[3], v1, fma(c[0], s1, w))
    return fma(c[7], v2, fma(c[6], v1, c[5] * x)), fma(c[2], u, s1), fma(c[8], u, fma(c[4], s1, w))


@inline
def keep_quick(f32: Floats, section: int, s1: Any, w: Any, c: Any) -> None:
    """Puts the states of a section back."""
    _keep(f32, section, s1, fma(c[0], s1, w))


@inline
def _states(f32: Floats, section: int) -> Any:
    return load(f32, section + STATE_1 * LANES), load(f32, section + STATE_2 * LANES)


@inline
def _keep(f32: Floats, section: int, s1: Any, s2: Any) -> None:
    store(f32, section + STATE_1 * LANES, s1)
    store(f32, section + STATE_2 * LANES, s2)


# Sections in a row at rest, over the quantum at `signal`, in place; `section` is where the first one's rows start.
# Their recurrences overlap in one pass, which hides the latency of each.


@inline
def run_one(f32: Floats, signal: int, section: int) -> None:
    """One section."""
    a, a1, aw = quick(f32, section)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, aw = quick_frame(load(f32, at), a1, aw, a)
        store(f32, at, x)
    keep_quick(f32, section, a1, aw, a)


@inline
def run_two(f32: Floats, signal: int, section: int) -> None:
    """Two sections."""
    second = section + _ONE_SECTION
    a, a1, aw = quick(f32, section)
    b, b1, bw = quick(f32, second)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, aw = quick_frame(load(f32, at), a1, aw, a)
        x, b1, bw = quick_frame(x, b1, bw, b)
        store(f32, at, x)
    keep_quick(f32, section, a1, aw, a)
    keep_quick(f32, second, b1, bw, b)


@inline
def run_three(f32: Floats, signal: int, section: int) -> None:
    """Three sections."""
    second, third = section + _ONE_SECTION, section + 2 * _ONE_SECTION
    a, b, c = _coefficients(f32, section), _coefficients(f32, second), _coefficients(f32, third)
    a1, a2 = _states(f32, section)
    b1, b2 = _states(f32, second)
    c1, c2 = _states(f32, third)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, a2 = _frame(load(f32, at), a1, a2, a)
        x, b1, b2 = _frame(x, b1, b2, b)
        x, c1, c2 = _frame(x, c1, c2, c)
        store(f32, at, x)
    _keep(f32, section, a1, a2)
    _keep(f32, second, b1, b2)
    _keep(f32, third, c1, c2)


@inline
def run_four(f32: Floats, signal: int, section: int) -> None:
    """Four sections."""
    second, third, fourth = section + _ONE_SECTION, section + 2 * _ONE_SECTION, section + 3 * _ONE_SECTION
    a, b = _coefficients(f32, section), _coefficients(f32, second)
    c, d = _coefficients(f32, third), _coefficients(f32, fourth)
    a1, a2 = _states(f32, section)
    b1, b2 = _states(f32, second)
    c1, c2 = _states(f32, third)
    d1, d2 = _states(f32, fourth)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, a2 = _frame(load(f32, at), a1, a2, a)
        x, b1, b2 = _frame(x, b1, b2, b)
        x, c1, c2 = _frame(x, c1, c2, c)
        x, d1, d2 = _frame(x, d1, d2, d)
        store(f32, at, x)
    _keep(f32, section, a1, a2)
    _keep(f32, second, b1, b2)
    _keep(f32, third, c1, c2)
    _keep(f32, fourth, d1, d2)


@inline
def run_moving(f32: Floats, signal: int, section: int, done_frames: int) -> None:
    """One section whose coefficients are on their way, `done_frames` of the ramp's 128 having passed.

    g and g+k go in straight lines and a2 is worked out each frame, so that every frame's filter is a true one.
    """
    g0, r0 = load(f32, section + COEF_G * LANES), load(f32, section + COEF_R * LANES)
    m00, m10, m20 = (
        load(f32, section + COEF_M0 * LANES),
        load(f32, section + COEF_M1 * LANES),
        load(f32, section + COEF_M2 * LANES),
    )
    dg, dr = load(f32, section + STEP_G * LANES), load(f32, section + STEP_R * LANES)
    d0, d1, d2 = (
        load(f32, section + STEP_M0 * LANES),
        load(f32, section + STEP_M1 * LANES),
        load(f32, section + STEP_M2 * LANES),
    )
    s1, s2 = load(f32, section + STATE_1 * LANES), load(f32, section + STATE_2 * LANES)
    one = splat(np.float32(1.0))
    minus = splat(np.float32(-1.0))
    for n in range(QUANTUM_FRAMES):
        at = splat(np.float32(done_frames + n + 1))
        g, r = fma(dg, at, g0), fma(dr, at, r0)
        a2 = g / fma(g, r, one)
        x = load(f32, signal + n * LANES)
        u = fma(minus * r, s1, x - s2)
        v1 = fma(a2, u, s1)
        v2 = fma(g, v1, s2)
        s1 = fma(a2 + a2, u, s1)
        s2 = fma(g + g, v1, s2)
        y = fma(fma(d2, at, m20), v2, fma(fma(d1, at, m10), v1, fma(d0, at, m00) * x))
        store(f32, signal + n * LANES, y)
    store(f32, section + STATE_1 * LANES, s1)
    store(f32, section + STATE_2 * LANES, s2)


@inline
def arrive(f32: Floats, section: int) -> None:
    """Ends a ramp: the coefficients are exactly their goals and the steps are zero."""
    zero, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    g, r = load(f32, section + GOAL_G * LANES), load(f32, section + GOAL_R * LANES)
    store(f32, section + COEF_G * LANES, g)
    store(f32, section + COEF_R * LANES, r)
    store(f32, section + COEF_A2 * LANES, g / fma(g, r, one))
    store(f32, section + COEF_M0 * LANES, load(f32, section + GOAL_M0 * LANES))
    store(f32, section + COEF_M1 * LANES, load(f32, section + GOAL_M1 * LANES))
    store(f32, section + COEF_M2 * LANES, load(f32, section + GOAL_M2 * LANES))
    for row in range(STEP_G, STEP_M2 + 1):
        store(f32, section + row * LANES, zero)


@inline
def set_out(f32: Floats, section: int, frames: float) -> None:
    """Sets the steps that lead from the coefficients now to their goals in `frames`."""
    share = splat(np.float32(1.0 / frames))
    for step, goal, now in (
        (STEP_G, GOAL_G, COEF_G),
        (STEP_R, GOAL_R, COEF_R),
        (STEP_M0, GOAL_M0, COEF_M0),
        (STEP_M1, GOAL_M1, COEF_M1),
        (STEP_M2, GOAL_M2, COEF_M2),
    ):
        way = load(f32, section + goal * LANES) - load(f32, section + now * LANES)
        store(f32, section + step * LANES, way * share)
