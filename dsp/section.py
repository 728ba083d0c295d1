"""The one filter of the desk: the trapezoidal state variable filter on eight lanes (`docs/signal.md`, "Filters").

Written in the differences from the state, so that every coefficient keeps its full precision in float32 however low
the frequency: u = x − ic2 − (g+k) ic1, v1 = ic1 + a2 u, v2 = ic2 + g v1, with a2 = g / (1 + g (g+k)). Its
transition matrix is a contraction for every g, k > 0 (the Cayley transform of a dissipative system), so it stays
bounded however the coefficients move. At rest w = ic2 + (g+k) ic1 stands in place of ic2, and the output is a sum of
u, ic1 and w: fewer operations, and the way from one frame's states to the next one's is half as long. Of w only what it
has moved by within the quantum is rounded each frame, which is quieter where frequencies are low.
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
def at_rest(f32: Floats, section: int) -> Any:
    """Of a section at rest: what leads from u, ic1 and the move of w to the next ones and to the output, −(g+k), and w
    as it begins; then its states ic1 and the move of w. A wire's are zero: it gives what it gets to the bit."""
    g, a2 = load(f32, section + COEF_G * LANES), load(f32, section + COEF_A2 * LANES)
    r, m0 = load(f32, section + COEF_R * LANES), load(f32, section + COEF_M0 * LANES)
    m1, m2 = load(f32, section + COEF_M1 * LANES), load(f32, section + COEF_M2 * LANES)
    s1, s2 = load(f32, section + STATE_1 * LANES), load(f32, section + STATE_2 * LANES)
    zero, half = splat(np.float32(0.0)), splat(np.float32(0.5))
    filters = absolute(m1) + absolute(m2) > zero
    a2, g2 = select(filters, a2 + a2, zero), select(filters, g + g, zero)
    s1, w = select(filters, s1, zero), select(filters, fma(r, s1, s2), zero)
    of_u, of_s1, of_w = fma(half * a2, fma(m2, g, m1), m0), fma(m2, g - r, m1), m0 + m2
    return (a2, g2, a2 * (g + r), of_u, of_s1, of_w, zero - r, w, of_w * w), s1, zero


@inline
def frame(x: Any, s1: Any, moved: Any, c: Any) -> Any:
    """One frame through one section: its output and its states after it."""
    u = (x - c[7]) - moved
    y = fma(c[3], u, fma(c[4], s1, fma(c[5], moved, c[8])))
    return y, fma(c[0], u, s1), moved + fma(c[2], u, c[1] * s1)


@inline
def keep(f32: Floats, section: int, s1: Any, moved: Any, c: Any) -> None:
    """Puts the states of a section at rest back."""
    store(f32, section + STATE_1 * LANES, s1)
    store(f32, section + STATE_2 * LANES, fma(c[6], s1, c[7] + moved))


# At rest, over the quantum at `signal`, in place; `section` is where the (first) section's rows start. The recurrences
# of three overlap in one pass, which hides the latency of each.


@inline
def run_one(f32: Floats, signal: int, section: int) -> None:
    """One section."""
    a, a1, am = at_rest(f32, section)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, am = frame(load(f32, at), a1, am, a)
        store(f32, at, x)
    keep(f32, section, a1, am, a)


@inline
def run_three(f32: Floats, signal: int, section: int) -> None:
    """Three sections in a row."""
    second, third = section + _ONE_SECTION, section + 2 * _ONE_SECTION
    a, a1, am = at_rest(f32, section)
    b, b1, bm = at_rest(f32, second)
    c, c1, cm = at_rest(f32, third)
    for n in range(QUANTUM_FRAMES):
        at = signal + n * LANES
        x, a1, am = frame(load(f32, at), a1, am, a)
        x, b1, bm = frame(x, b1, bm, b)
        x, c1, cm = frame(x, c1, cm, c)
        store(f32, at, x)
    keep(f32, section, a1, am, a)
    keep(f32, second, b1, bm, b)
    keep(f32, third, c1, cm, c)


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

    In those g and g+k go in straight lines and a2 is worked out each frame, so that every frame's filter is a true one.
    The others come out to the same bits as if all were at rest.
    """
    moves = _on_its_way(f32, section)
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
    c, rest1, rest_moved = at_rest(f32, section)
    one, minus = splat(np.float32(1.0)), splat(np.float32(-1.0))
    for n in range(QUANTUM_FRAMES):
        at = splat(np.float32(done_frames + n + 1))
        g, r = fma(dg, at, g0), fma(dr, at, r0)
        a2 = g / fma(g, r, one)
        x = load(f32, signal + n * LANES)
        rest, rest1, rest_moved = frame(x, rest1, rest_moved, c)
        u = fma(minus * r, s1, x - s2)
        v1 = fma(a2, u, s1)
        v2 = fma(g, v1, s2)
        s1 = fma(a2 + a2, u, s1)
        s2 = fma(g + g, v1, s2)
        y = fma(fma(d2, at, m20), v2, fma(fma(d1, at, m10), v1, fma(d0, at, m00) * x))
        store(f32, signal + n * LANES, select(moves, y, rest))
    keep(f32, section, rest1, rest_moved, c)
    store(f32, section + STATE_1 * LANES, select(moves, s1, load(f32, section + STATE_1 * LANES)))
    store(f32, section + STATE_2 * LANES, select(moves, s2, load(f32, section + STATE_2 * LANES)))


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
