"""Peak and mean square of eight lanes over a quantum, and the ballistics that make a meter of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.compile import inline
from dsp.lanes import absolute, fma, larger, load, select, splat, store
from dsp.rows import LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]

FALL_DB_PER_S = 20.0 / 1.7  # IEC 60268-18, digital peak meter
MEAN_S = 0.3
TOO_LOUD = 1e36  # mean square of a quantum beyond which a signal counts as broken


@inline
def keep(f32: Floats, meter: int, peak: Any, square: Any) -> None:
    """Puts a quantum's largest |x| at `meter` and, from its sum of squares, the mean square into the next row."""
    store(f32, meter, peak)
    store(f32, meter + LANES, square * splat(np.float32(1.0 / QUANTUM_FRAMES)))


@inline
def measure(f32: Floats, signal: int, meter: int) -> None:
    """Measures the block at `signal`: as `keep` puts it. A NaN shows in the mean square alone."""
    p0 = p1 = p2 = p3 = splat(np.float32(0.0))
    s0 = s1 = s2 = s3 = splat(np.float32(0.0))
    for n in range(0, QUANTUM_FRAMES, 4):
        at = signal + n * LANES
        x0, x1 = load(f32, at), load(f32, at + LANES)
        x2, x3 = load(f32, at + 2 * LANES), load(f32, at + 3 * LANES)
        p0, p1 = larger(absolute(x0), p0), larger(absolute(x1), p1)
        p2, p3 = larger(absolute(x2), p2), larger(absolute(x3), p3)
        s0, s1, s2, s3 = fma(x0, x0, s0), fma(x1, x1, s1), fma(x2, x2, s2), fma(x3, x3, s3)
    keep(f32, meter, larger(larger(p0, p1), larger(p2, p3)), (s0 + s1) + (s2 + s3))


@inline
def settle(f32: Floats, peak_now: int, square_now: int, peak: int, square: int, fall: float, share: float) -> None:
    """Moves a meter's peak (falling by the factor `fall` a quantum) and mean square (by `share`) on by one quantum.

    A bad number reads as nothing: it would never leave the mean again.
    """
    zero = splat(np.float32(0.0))
    loudest, power = load(f32, peak_now), load(f32, square_now)
    good = power <= splat(np.float32(TOO_LOUD))
    store(f32, peak, larger(select(good, loudest, zero), load(f32, peak) * splat(np.float32(fall))))
    mean = load(f32, square)
    store(f32, square, fma(splat(np.float32(share)), select(good, power, zero) - mean, mean))
