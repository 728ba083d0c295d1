"""The one filter of the desk: the trapezoidal state variable filter on eight lanes (`docs/signal.md`, "Filters").

Written in the differences from the state, so that every coefficient keeps its full precision in float32 however low
the frequency: u = x − ic2 − (g+k) ic1, v1 = ic1 + a2 u, v2 = ic2 + g v1, with a2 = g / (1 + g (g+k)). Its
transition matrix is a contraction for every g, k > 0 (the Cayley transform of a dissipative system), so it stays
bounded however the coefficients move. At rest the same is reckoned from u, ic1 and ic2 alone, in fewer operations. What
ic2 moves by is summed up first, so that ic2 itself is rounded once a frame, and k is held instead of g+k: where g is
large, k may be a small part of it, and it is all the damping.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.compile import inline
from dsp.lanes import absolute, fma, load, select, splat, store
from dsp.rows import (
    COEF_A2,
    COEF_G,
    COEF_K,
    COEF_M0,
    COEF_M1,
    COEF_M2,
    GOAL_G,
    GOAL_K,
    GOAL_M0,
    GOAL_M1,
    GOAL_M2,
    LANES,
    QUANTUM_FRAMES,
    SECTION_ROWS,
    STATE_1,
    STATE_2,
    STEP_G,
    STEP_K,
    STEP_M0,
    STEP_M1,
    STEP_M2,
)

Floats = NDArray[np.float32]
_ONE_SECTION = SECTION_ROWS * LANES


@inline
def at_rest(f32: Floats, section: int) -> Any:
    """What `frame` needs of a section at rest; then its states. A wire's are zero: it gives what it gets to the bit."""
    g, a2 = load(f32, section + COEF_G * LANES), load(f32, section + COEF_A2 * LANES)
    k, m0 = load(f32, section + COEF_K * LANES), load(f32, section + COEF_M0 * LANES)
    m1, m2 = load(f32, section + COEF_M1 * LANES), load(f32, section + COEF_M2 * LANES)
    s1, s2 = load(f32, section + STATE_1 * LANES), load(f32, section + STATE_2 * LANES)
    zero, r, of_v2 = splat(np.float32(0.0)), g + k, fma(m2, g, m1)
    filters = absolute(m1) + absolute(m2) > zero
    twice_a2, twice_g = select(filters, a2 + a2, zero), select(filters, g + g, zero)
    of_states = (fma(a2, of_v2, m0), fma(m0, r, of_v2), m0 + m2)
    s1, s2 = select(filters, s1, zero), select(filters, s2, zero)
    return (zero - r, twice_a2, twice_g, g * twice_a2, *of_states), s1, s2


@inline
def frame(x: Any, s1: Any, s2: Any, c: Any) -> Any:
    """One frame through one section: its output and its states after it."""
    u = fma(c[0], s1, x - s2)
    return fma(c[4], u, fma(c[5], s1, c[6] * s2)), fma(c[1], u, s1), s2 + fma(c[3], u, c[2] * s1)


@inline
def keep(f32: Floats, section: int, s1: Any, s2: Any) -> None:
    """Puts the states of a section at rest back."""
    store(f32, section + STATE_1 * LANES, s1)
    store(f32, section + STATE_2 * LANES, s2)


# At rest, over the quantum at `signal`, in place; `section` is where the (first) section's rows start. The recurrences
# of three overlap in one pass, which hides the latency of each.


@inline
def run_one(f32: Floats, signal: int, section: int) -> None:
    """One section."""
    a, a1, a2 = at_rest(f32, section)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, a2 = frame(load(f32, at), a1, a2, a)
        store(f32, at, x)
    keep(f32, section, a1, a2)


@inline
def run_three(f32: Floats, signal: int, section: int) -> None:
    """Three sections in a row."""
    second, third = section + _ONE_SECTION, section + 2 * _ONE_SECTION
    a, a1, a2 = at_rest(f32, section)
    b, b1, b2 = at_rest(f32, second)
    c, c1, c2 = at_rest(f32, third)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, a2 = frame(load(f32, at), a1, a2, a)
        x, b1, b2 = frame(x, b1, b2, b)
        x, c1, c2 = frame(x, c1, c2, c)
        store(f32, at, x)
    keep(f32, section, a1, a2)
    keep(f32, second, b1, b2)
    keep(f32, third, c1, c2)


@inline
def _on_its_way(f32: Floats, section: int) -> Any:
    """The lanes whose coefficients move."""
    way = zero = splat(np.float32(0.0))
    for row in range(STEP_G, STEP_M2 + 1):
        way = way + absolute(load(f32, section + row * LANES))
    return way > zero


@inline
def run_moving(f32: Floats, signal: int, section: int, done_frames: int) -> None:
    """One section of which some lanes are on their way, `done_frames` of the ramp's 128 having passed.

    In those g and k go in straight lines and a2 is worked out each frame, so that every frame's filter is a true one.
    The others come out to the same bits as if all were at rest.
    """
    moves = _on_its_way(f32, section)
    g0, k0 = load(f32, section + COEF_G * LANES), load(f32, section + COEF_K * LANES)
    m00, m10, m20 = (
        load(f32, section + COEF_M0 * LANES),
        load(f32, section + COEF_M1 * LANES),
        load(f32, section + COEF_M2 * LANES),
    )
    dg, dk = load(f32, section + STEP_G * LANES), load(f32, section + STEP_K * LANES)
    d0, d1, d2 = (
        load(f32, section + STEP_M0 * LANES),
        load(f32, section + STEP_M1 * LANES),
        load(f32, section + STEP_M2 * LANES),
    )
    s1, s2 = load(f32, section + STATE_1 * LANES), load(f32, section + STATE_2 * LANES)
    c, rest1, rest2 = at_rest(f32, section)
    one, minus = splat(np.float32(1.0)), splat(np.float32(-1.0))
    for n in range(QUANTUM_FRAMES):
        at = splat(np.float32(done_frames + n + 1))
        g = fma(dg, at, g0)
        r = g + fma(dk, at, k0)
        a2 = g / fma(g, r, one)
        x = load(f32, signal + n * LANES)
        rest, rest1, rest2 = frame(x, rest1, rest2, c)
        u = fma(minus * r, s1, x - s2)
        v1 = fma(a2, u, s1)
        v2 = fma(g, v1, s2)
        s1 = fma(a2 + a2, u, s1)
        s2 = fma(g + g, v1, s2)
        y = fma(fma(d2, at, m20), v2, fma(fma(d1, at, m10), v1, fma(d0, at, m00) * x))
        store(f32, signal + n * LANES, select(moves, y, rest))
    keep(f32, section, rest1, rest2)
    store(f32, section + STATE_1 * LANES, select(moves, s1, load(f32, section + STATE_1 * LANES)))
    store(f32, section + STATE_2 * LANES, select(moves, s2, load(f32, section + STATE_2 * LANES)))


@inline
def arrive(f32: Floats, section: int) -> None:
    """Ends a ramp: the coefficients are exactly their goals and the steps are zero."""
    zero, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    g, k = load(f32, section + GOAL_G * LANES), load(f32, section + GOAL_K * LANES)
    store(f32, section + COEF_G * LANES, g)
    store(f32, section + COEF_K * LANES, k)
    store(f32, section + COEF_A2 * LANES, g / fma(g, g + k, one))
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
        (STEP_K, GOAL_K, COEF_K),
        (STEP_M0, GOAL_M0, COEF_M0),
        (STEP_M1, GOAL_M1, COEF_M1),
        (STEP_M2, GOAL_M2, COEF_M2),
    ):
        way = load(f32, section + goal * LANES) - load(f32, section + now * LANES)
        store(f32, section + step * LANES, way * share)
