"""What is compiled and run both here and on Arm: the desk's kernels one by one, and probes of the lanes and the mode.

Each takes float32 numbers and places in them, so that both sides start from the same numbers and give all they have
written back.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from dsp import dynamics, limiter, section
from dsp.lanes import (
    absolute,
    all_lanes,
    any_lane,
    exp2,
    fma,
    larger,
    load,
    log2,
    select,
    smaller,
    splat,
    spread,
    store,
    swap,
    total,
)
from dsp.machine import flush_denormals, restore_mode
from dsp.rows import LANES

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

# One row of eight numbers for each of these, for every eight of a, b, c
LANE_ROWS = (
    "a + b", "a - b", "a * b", "a / b", "fma(a, b, c)", "absolute(a)", "larger(a, b)", "smaller(a, b)", "swap(a)",
    "select(a > b, c, a)", "splat(total(c))", "any_lane(a >= b)", "spread(a, 3)", "all_lanes(a >= b)",
    "log2(c)", "exp2(c)",
)  # fmt: skip


def lanes(f32: Floats, rows: Floats) -> None:
    """f32 holds a, then b, then c; rows[frames, LANE_ROWS, lanes] flat."""
    count = f32.size // 3
    for i in range(0, count, LANES):
        a, b, c = load(f32, i), load(f32, count + i), load(f32, 2 * count + i)
        out = len(LANE_ROWS) * i
        zero, one = splat(np.float32(0.0)), splat(np.float32(1.0))
        store(rows, out, a + b)
        store(rows, out + LANES, a - b)
        store(rows, out + 2 * LANES, a * b)
        store(rows, out + 3 * LANES, a / b)
        store(rows, out + 4 * LANES, fma(a, b, c))
        store(rows, out + 5 * LANES, absolute(a))
        store(rows, out + 6 * LANES, larger(a, b))
        store(rows, out + 7 * LANES, smaller(a, b))
        store(rows, out + 8 * LANES, swap(a))
        store(rows, out + 9 * LANES, select(a > b, c, a))
        store(rows, out + 10 * LANES, splat(total(c)))
        store(rows, out + 11 * LANES, one if any_lane(a >= b) else zero)
        store(rows, out + 12 * LANES, spread(f32, i + 3))
        store(rows, out + 13 * LANES, one if all_lanes(a >= b) else zero)
        store(rows, out + 14 * LANES, log2(c))
        store(rows, out + 15 * LANES, exp2(c))


def mode(f32: Floats, f64: NDArray[np.float64], modes: Words) -> None:
    """Halves and doubles numbers with denormals flushed, then again with the mode put back.

    f32, f64 [3, n] flat: row 0 is halved into row 1 (flushed) and row 2 (not flushed). modes: before, after, inside.
    """
    n = f64.size // 3
    modes[0] = flush_denormals()
    for i in range(n):
        f32[n + i] = f32[i] * np.float32(0.5)
        f64[n + i] = f64[i] * 0.5
    modes[2] = flush_denormals()
    restore_mode(modes[0])
    for i in range(n):
        f32[2 * n + i] = f32[i] * np.float32(0.5)
        f64[2 * n + i] = f64[i] * 0.5
    modes[1] = flush_denormals()
    restore_mode(modes[1])


KERNELS = {
    f"{kernel.py_func.__module__.removeprefix('dsp.')}.{kernel.py_func.__name__}": kernel
    for kernel in (
        section.run_one, section.run_three, section.run_moving,
        dynamics.rms_levels, dynamics.gate, dynamics.compressor, limiter.detect, limiter.follow, limiter.hold_below,
    )
}  # fmt: skip
_TYPES = {"Floats": "float32[::1]", "int": "int64", "float": "float64", "bool": "boolean"}
PROBES: dict[str, tuple[Callable[..., None], str]] = {
    "lanes": (lanes, "void(float32[::1], float32[::1])"),
    "mode": (mode, "void(float32[::1], float64[::1], int64[::1])"),
}


@functools.cache
def compiled(name: str) -> Any:
    """A kernel or probe by its name, compiled for this machine, without reference counts."""
    if name in PROBES:
        function, signature = PROBES[name]
    else:
        function = KERNELS[name].py_func
        kinds = inspect.signature(function).parameters.values()
        signature = f"void({', '.join(_TYPES[kind.annotation] for kind in kinds)})"
    return numba.njit(signature, _nrt=False)(function)


def assembly() -> dict[str, str]:
    """The assembly of each."""
    return {name: (made := compiled(name)).inspect_asm(made.signatures[0]) for name in (*KERNELS, *PROBES)}


def outcome(name: str, f32: Floats, places: dict[str, float]) -> Floats:
    """What a kernel makes of a copy of f32, its other arguments by their names (or `kernel.argument`) from places."""
    after = f32.copy()
    _, *arguments = inspect.signature(KERNELS[name].py_func).parameters
    compiled(name)(after, *(places.get(f"{name}.{argument}", places.get(argument)) for argument in arguments))
    return after


def probe_lanes(f32: Floats) -> Floats:
    """float32[frames, LANE_ROWS, lanes] for a, b, c in f32."""
    rows = np.zeros(f32.size // 3 * len(LANE_ROWS), np.float32)
    compiled("lanes")(f32, rows)
    return rows.reshape(-1, len(LANE_ROWS), LANES)


def probe_mode() -> tuple[Floats, NDArray[np.float64], Words]:
    """float32[3, n], float64[3, n]: numbers, their halves flushed, their halves not flushed; int64[3]: the modes."""
    f32 = np.zeros((3, 4), np.float32)
    f64 = np.zeros((3, 4), np.float64)
    # the smallest normal number, a larger one, the smallest denormal's double, 1
    f32[0] = np.float32(2.0**-126), np.float32(2.0**-125), np.float32(2.0**-148), np.float32(1.0)
    f64[0] = 2.0**-1022, 2.0**-1021, 2.0**-1073, 1.0
    modes = np.zeros(3, np.int64)
    flat32, flat64 = f32.reshape(-1), f64.reshape(-1)
    compiled("mode")(flat32, flat64, modes)
    return f32, f64, modes
