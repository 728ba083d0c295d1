"""Gate and compressor against the figures of their laws (docs/signal.md; Giannoulis, Massberg, Reiss, JAES 2012)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.rig import LATENCY_FRAMES, Kernel, db, whole

RATE_HZ = 48000
SIZE = DeskSize(channels=2, inputs=1, outputs=2, rate_hz=RATE_HZ)


def _through(settings: dict[str, float], x: NDArray[np.floating], rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """What strip 1, hard left, makes of the mono signal x, latency taken off. Levels stay below the limiter."""
    size = DeskSize(channels=2, inputs=1, outputs=2, rate_hz=rate_hz)
    values = scenes.flat(size)
    values[size.output(1, "ceiling_dbfs")] = 0
    scenes.change(size, values, 1, settings)
    padded = np.zeros((whole(len(x) + LATENCY_FRAMES), 1), np.float32)
    padded[: len(x), 0] = x
    return Kernel(size, values).process(padded)[LATENCY_FRAMES : LATENCY_FRAMES + len(x), 0].astype(np.float64)


def _square(levels_db: list[tuple[float, float]], rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """A 1 kHz square wave: (level in dBFS, seconds) one after the other."""
    level = np.concatenate([np.full(int(s * rate_hz), 10 ** (d / 20)) for d, s in levels_db])
    phase = np.arange(len(level)) * 1000 % rate_hz
    return np.where(phase < rate_hz // 2, level, -level)


def _gain_db(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(np.maximum(np.abs(y), 1e-9) / np.abs(x)))


SQUARE: dict[str, float] = {
    "comp.on": 1,
    "comp.threshold_db": -20,
    "comp.ratio": 4,
    "comp.knee_db": 0,
    "comp.attack_ms": 10,
    "comp.release_ms": 100,
}


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
@pytest.mark.parametrize("position", [0, 1])
def test_attack_and_release_are_the_times_to_63_2_percent(rate_hz: int, position: int) -> None:
    x = _square([(-40, 0.2), (-6, 0.5), (-40, 1.0)], rate_hz)
    gain = _gain_db(_through({**SQUARE, "comp.position": position}, x, rate_hz), x)
    steady = gain[int(0.69 * rate_hz)]
    assert steady == pytest.approx(-10.50, abs=0.01)  # all five peers agree on this one
    part = 1 - math.exp(-1)
    attack = np.argmax(gain[int(0.2 * rate_hz) :] <= part * steady) / rate_hz
    release = np.argmax(gain[int(0.7 * rate_hz) :] >= (1 - part) * steady) / rate_hz
    assert attack == pytest.approx(0.010, rel=0.02)
    assert release == pytest.approx(0.100, rel=0.02)


@pytest.mark.parametrize(
    ("level_db", "reduction_db"),
    # T −20, R 4, W 6: below the knee, its start, its middle (0.5625), its end (2.25), far above
    [(-40, 0.0), (-23, 0.0), (-21.5, 0.140625), (-20, 0.5625), (-18.5, 1.265625), (-17, 2.25), (-6, 10.5)],
)
def test_the_static_curve(level_db: float, reduction_db: float) -> None:
    x = _square([(level_db, 0.6)])
    gain = _gain_db(_through({**SQUARE, "comp.knee_db": 6}, x), x)
    assert gain[-1] == pytest.approx(-reduction_db, abs=0.002)


def test_an_infinite_ratio_holds_the_threshold() -> None:
    y = _through({**SQUARE, "comp.ratio": math.inf}, _square([(-3, 0.4)]))
    assert db(y[-1]) == pytest.approx(-20.0, abs=0.005)


def test_the_rms_detector_reads_a_sine_3_01_db_below_its_peak() -> None:
    x = 10 ** (-6 / 20) * np.sin(2 * np.pi * 2000 * np.arange(48000) / RATE_HZ)
    settings = {**SQUARE, "comp.attack_ms": 50, "comp.release_ms": 50}
    y = _through({**settings, "comp.detector": 1}, x)
    reduction = db(float(np.abs(y[-480:]).max())) + 6
    assert reduction == pytest.approx(-0.75 * (14 - 3.01), abs=0.05)


def test_hold_keeps_the_gain_down_before_the_release() -> None:
    x = _square([(-6, 0.3), (-40, 0.5)])
    gain = _gain_db(_through({**SQUARE, "comp.hold_ms": 50}, x), x)
    end = int(0.3 * RATE_HZ)
    assert gain[end + int(0.049 * RATE_HZ)] == pytest.approx(-10.5, abs=0.01)
    released = np.argmax(gain[end:] >= math.exp(-1) * -10.5) / RATE_HZ
    assert released == pytest.approx(0.150, rel=0.01)


def test_auto_makeup_gives_back_half_of_what_full_scale_loses() -> None:
    x = _square([(-60, 0.1)])
    gain = _gain_db(_through({**SQUARE, "comp.auto_makeup": 1}, x), x)
    assert gain[-1] == pytest.approx(7.5, abs=0.005)  # −½ · (1/4 − 1) · 20
    gain = _gain_db(_through({**SQUARE, "comp.makeup_db": 4}, x), x)
    assert gain[-1] == pytest.approx(4.0, abs=0.005)


def test_a_parallel_mix_adds_the_dry_signal() -> None:
    x = _square([(-6, 0.4)])
    gain = _gain_db(_through({**SQUARE, "comp.mix_pct": 25}, x), x)
    assert gain[-1] == pytest.approx(20 * math.log10(0.75 + 0.25 * 10 ** (-10.5 / 20)), abs=0.005)


GATE: dict[str, float] = {
    "gate.on": 1,
    "gate.threshold_db": -40,
    "gate.range_db": 60,
    "gate.hysteresis_db": 3,
    "gate.attack_ms": 1,
    "gate.hold_ms": 20,
    "gate.release_ms": 50,
}


def test_a_closed_gate_is_down_by_exactly_its_range() -> None:
    for depth in (6.0, 20.0, 60.0, 90.0):
        x = _square([(-46, 1.5)])
        gain = _gain_db(_through({**GATE, "gate.range_db": depth, "gate.hold_ms": 0}, x), x)
        assert gain[-1] == pytest.approx(-depth, abs=0.01)


def test_an_open_gate_is_a_wire() -> None:
    x = _square([(-30, 0.5)])
    y = _through(GATE, x)
    assert (y == x.astype(np.float32)).all()


@pytest.mark.parametrize("start_db", [-30, -60])
def test_a_level_wandering_about_the_threshold_makes_one_transition_at_most(start_db: float) -> None:
    rng = np.random.default_rng(4)
    steps = np.repeat(rng.uniform(-2, 2, 60), RATE_HZ // 20)
    x = np.concatenate([_square([(start_db, 1.0)]), _square([(0, 3.0)]) * 10 ** ((-41 + steps) / 20)])
    # Hysteresis 3 dB below the threshold holds ±2 dB about the middle of the two
    gain = _gain_db(_through({**GATE, "gate.hysteresis_db": 4.0, "gate.threshold_db": -39}, x), x)[RATE_HZ:]
    opened = gain > -30
    assert np.count_nonzero(np.diff(opened.astype(int))) <= 1


def test_a_level_wandering_about_the_threshold_itself_opens_once_with_the_default_hysteresis() -> None:
    rng = np.random.default_rng(5)
    steps = np.repeat(rng.uniform(-2, 2, 60), RATE_HZ // 20)
    x = np.concatenate([_square([(-60, 1.0)]), _square([(0, 3.0)]) * 10 ** ((-40 + steps) / 20)])
    gain = _gain_db(_through({**GATE, "gate.hysteresis_db": 3.0, "gate.threshold_db": -40}, x), x)[RATE_HZ:]
    assert np.count_nonzero(np.diff((gain > -30).astype(int))) == 1


def test_a_gate_holds_then_closes() -> None:
    x = _square([(-20, 0.2), (-70, 0.6)])
    gain = _gain_db(_through({**GATE, "gate.hold_ms": 100}, x), x)
    end = int(0.2 * RATE_HZ)
    assert gain[end + int(0.0999 * RATE_HZ)] == pytest.approx(0.0, abs=0.01)
    closed = np.argmax(gain[end:] <= -60 * (1 - math.exp(-1))) / RATE_HZ
    assert closed == pytest.approx(0.150, rel=0.01)


def test_a_gate_opens_in_its_attack() -> None:
    x = _square([(-70, 1.0), (-20, 0.2)])
    gain = _gain_db(_through({**GATE, "gate.attack_ms": 10, "gate.hold_ms": 0}, x), x)
    opened = np.argmax(gain[RATE_HZ:] >= -60 * math.exp(-1)) / RATE_HZ
    assert opened == pytest.approx(0.010, rel=0.02)


def test_an_expander_follows_its_ratio_down_to_its_range() -> None:
    settings = {**GATE, "gate.mode": 1, "gate.ratio": 3, "gate.range_db": 30, "gate.hold_ms": 0}
    for level_db, expected in ((-30, 0.0), (-40, 0.0), (-45, -10.0), (-50, -20.0), (-70, -30.0)):
        x = _square([(level_db, 1.0)])
        assert _gain_db(_through(settings, x), x)[-1] == pytest.approx(expected, abs=0.01)


def test_a_ducker_ducks_by_its_range_while_its_key_is_loud() -> None:
    settings = {**GATE, "gate.mode": 2, "gate.range_db": 12}
    x = _square([(-60, 0.2), (-20, 0.4), (-60, 0.6)])
    gain = _gain_db(_through(settings, x), x)
    assert gain[int(0.19 * RATE_HZ)] == pytest.approx(0.0, abs=0.001)
    assert gain[int(0.59 * RATE_HZ)] == pytest.approx(-12.0, abs=0.01)
    assert gain[-1] == pytest.approx(0.0, abs=0.05)


def test_the_mains_detectors_are_linked() -> None:
    size = DeskSize(channels=2, inputs=2, outputs=2, rate_hz=RATE_HZ)
    values = scenes.flat(size)
    scenes.change(size, values, "main", SQUARE)
    x = np.stack([_square([(-6, 0.4)]), _square([(-46, 0.4)])], axis=1)
    y = Kernel(size, values).process(x)[LATENCY_FRAMES:]
    assert db(float(np.abs(y[-1, 0]))) == pytest.approx(-16.5, abs=0.01)
    assert db(float(np.abs(y[-1, 1]))) == pytest.approx(-56.5, abs=0.01)
