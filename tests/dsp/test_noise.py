"""The noise of float32 arithmetic, and that a filter that moves never gains energy (`dsp/section.py` says why)."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp import design
from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.rig import LATENCY_FRAMES, Kernel, db
from tests.oracle import loops

BAR_DB = -130.0


def _sections(scene: dict[str, float], rate_hz: int) -> NDArray[np.float64]:
    """The coefficients a float32 section holds, g, k, g/(1 + g(g + k)), m0, m1, m2, as numbers in float64."""
    chosen, rate = scenes.STRIP_DEFAULTS | scene, float(rate_hz)
    rows = [
        design.hpf(place, int(chosen["hpf.slope_db_oct"]), float(chosen["hpf.freq_hz"]), 1.0, rate) for place in (0, 1)
    ]
    rows.append(design.lpf(int(chosen["lpf.slope_db_oct"]), float(chosen["lpf.freq_hz"]), 1.0, rate))
    for n in range(1, 7):
        kind, freq, gain, q = (float(chosen[f"eq.band.{n}.{name}"]) for name in ("type", "freq_hz", "gain_db", "q"))
        rows.append(design.eq_band(int(kind), freq, gain, q, 1.0, rate))
    held = [(g, k, g / (1.0 + g * (g + k)), *m) for g, k, *m in rows]
    return np.array(held).astype(np.float32).astype(np.float64)


@numba.njit
def _in_float64(x: NDArray[np.float64], sections: NDArray[np.float64]) -> None:
    """The same sections without rounding, in place."""
    for s in range(sections.shape[0]):
        g, k, a2, m0, m1, m2 = sections[s]
        ic1, ic2 = 0.0, 0.0
        for i in range(len(x)):
            v1 = ic1 + a2 * (x[i] - ic2 - (g + k) * ic1)
            v2 = ic2 + g * v1
            ic1, ic2 = 2.0 * v1 - ic1, 2.0 * v2 - ic2
            x[i] = m0 * x[i] + m1 * v1 + m2 * v2


def _noise_db(scene: dict[str, float], rate_hz: int, freq_hz: float) -> float:
    """Noise of a full-scale sine through the scene, dB re full scale at the input, from a quarter of a second on."""
    size = DeskSize(channels=1, inputs=1, outputs=2, rate_hz=rate_hz)
    values = scenes.flat(size)
    scenes.change(size, values, 1, scene)
    x = np.sin(2 * np.pi * freq_hz * np.arange(rate_hz // 32 * 32) / rate_hz).astype(np.float32)[:, None]
    scale = 0.125  # a power of two costs no bit and stays clear of the limiter
    ours = Kernel(size, values).process(x * np.float32(scale))[LATENCY_FRAMES:, 0].astype(np.float64) / scale
    theirs = x[:, 0].astype(np.float64)
    _in_float64(theirs, _sections(scene, rate_hz))
    noise = ours - theirs[: len(ours)]
    return db(float(np.sqrt(np.mean(noise[rate_hz // 4 :] ** 2))))


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
@pytest.mark.parametrize("scene", list(scenes.EVERY_SECTION))
@pytest.mark.parametrize("freq_hz", [100.0, 997.0])
def test_nine_sections_are_quieter_than_130_db_below_full_scale(scene: str, rate_hz: int, freq_hz: float) -> None:
    figure = _noise_db(scenes.EVERY_SECTION[scene], rate_hz, freq_hz)
    print(f"{scene}, {rate_hz} Hz, {freq_hz:.0f} Hz: {figure:.1f} dB")
    assert figure <= BAR_DB


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
def test_the_hardest_scene_stays_below_the_noise_of_any_converter(rate_hz: int) -> None:
    figure = _noise_db(scenes.LOW_AND_NARROW, rate_hz, 100.0)
    print(f"low and narrow, {rate_hz} Hz, 100 Hz: {figure:.1f} dB")
    assert figure <= -112.0


@settings(derandomize=True, deadline=None, max_examples=25, database=None)
@given(seed=st.integers(0, 2**32))
def test_a_filter_that_jumps_about_never_gains_energy(seed: int) -> None:
    """With no input the state's norm falls at every step, whatever g and k do (a trapezoidal contraction)."""
    rng = np.random.default_rng(seed)
    state = rng.standard_normal((1, 2))
    for _ in range(300):
        before = float(np.sum(state**2))
        kind, freq = int(rng.integers(8)), float(np.exp(rng.uniform(np.log(20), np.log(20000))))
        g, k, *_ = design.eq_band(
            kind, freq, float(rng.uniform(-18, 18)), float(np.exp(rng.uniform(np.log(0.1), np.log(16)))), 1.0, 48000.0
        )
        section = np.array([[g, k, 1.0, 0.0, 0.0]])
        for _ in range(4):
            loops.sections(np.zeros(1), 0, 1, section, section, loops.RAMP_FRAMES, state)
            now = float(np.sum(state**2))
            assert now <= before * (1.0 + 1e-12)
            before = now


def test_a_kernel_with_its_filters_thrown_about_dies_away() -> None:
    from dsp.ring import Event

    size = DeskSize(channels=1, inputs=1, outputs=2)
    values = scenes.flat(size)
    scenes.change(size, values, 1, {"eq.on": 1, **{f"eq.band.{n}.on": 1 for n in range(1, 7)}})
    rng = np.random.default_rng(6)
    events = []
    for at in range(0, 36000, 64):
        n = int(rng.integers(1, 7))
        events.append(Event(at, size.channel(1, f"eq.band.{n}.freq_hz"), float(np.exp(rng.uniform(3, 9.9))), 0))
        events.append(Event(at, size.channel(1, f"eq.band.{n}.gain_db"), float(rng.uniform(-18, 18)), 0))
        events.append(Event(at, size.channel(1, f"eq.band.{n}.q"), float(np.exp(rng.uniform(-2.3, 2.7))), 0))
    x = np.zeros((72000, 1), np.float32)
    x[:2000] = 0.01
    y = Kernel(size, values).process(x, events)[:, 0]
    assert np.isfinite(y).all()
    assert np.abs(y[60000:]).max() < 1e-4
