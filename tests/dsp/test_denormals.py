"""Denormal numbers are zero inside the kernel, all the way through it, and live on in Python's own arithmetic."""

from __future__ import annotations

import numpy as np

from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.rig import Kernel

SIZE = DeskSize(channels=2, inputs=2, outputs=2)
SMALLEST_NORMAL = np.finfo(np.float32).tiny  # 1.18e-38


def denormals_live() -> bool:
    """In float32 as NumPy reckons it and in Python's float64."""
    half32 = np.array([SMALLEST_NORMAL], np.float32) * np.float32(0.5)
    return bool(half32[0] > 0.0) and float(np.finfo(np.float64).tiny) * 0.5 > 0.0


def test_a_denormal_input_comes_out_as_zero() -> None:
    """Every other one; the strip, a wire at unity gain, would hand them on."""
    x = np.full((320, 2), 1e-30, np.float32)
    x[::2] = 1e-40
    y = Kernel(SIZE, scenes.flat(SIZE)).process(x)
    assert denormals_live()
    assert set(np.unique(y)) == {np.float32(0.0), np.float32(1e-30)}


def test_a_tail_decays_to_nothing_and_leaves_no_denormal_in_any_state() -> None:
    values = scenes.flat(SIZE)
    ring = {"eq.on": 1, "eq.band.1.on": 1, "eq.band.1.freq_hz": 4000.0, "eq.band.1.gain_db": 18.0, "eq.band.1.q": 4.0}
    scenes.change(SIZE, values, 1, {**ring, "hpf.on": 1, "hpf.freq_hz": 500.0})
    kernel = Kernel(SIZE, values)
    x = np.zeros((32 * 150, 2), np.float32)
    x[0] = 0.5
    sizes = []
    for _ in range(20):  # of a tenth of a second each
        kernel.process(x)
        x[0] = 0.0
        state = np.abs(kernel.arena.f32)
        sizes.append(int(np.count_nonzero((state > 0.0) & (state < SMALLEST_NORMAL))))
    assert sizes == [0] * len(sizes)
    assert np.abs(kernel.process(x)).max() < 1e-35  # −700 dBFS: states stand still where their steps would be denormal
    assert denormals_live()
