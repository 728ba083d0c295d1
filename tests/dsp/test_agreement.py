"""The kernels against the oracle: −120 dB re full scale, stage by stage and all at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import EQ_TYPES, MONITOR_R, NONE, SOLO_BUS
from tests.dsp import scenes
from tests.dsp.agreement import assert_agrees
from tests.dsp.chance import Chance
from tests.dsp.rig import whole

FRAMES = 9600
SMALL = DeskSize(channels=2, inputs=2, outputs=4, rate_hz=48000)


def _music(size: DeskSize, frames: int = FRAMES, gain_db: float = -12.0, seed: int = 1) -> np.ndarray:
    """Quiet enough to stay below the limiter unless a test asks for more."""
    return scenes.programme(whole(frames), size.inputs, size.rate_hz, seed) * np.float32(10 ** (gain_db / 20))


def _with(settings_of_strip_1: dict[str, float], size: DeskSize = SMALL) -> scenes.Values:
    values = scenes.flat(size)
    scenes.change(size, values, 1, settings_of_strip_1)
    return values


def test_a_flat_desk() -> None:
    assert_agrees(SMALL, scenes.flat(SMALL), _music(SMALL))


def test_trim_polarity_and_delay() -> None:
    values = _with({"trim_db": 7.25, "polarity_invert": 1, "delay_ms": 12.34})
    at = SMALL.channel
    events = [
        Event(1000, at(1, "trim_db"), -11.0, 960), Event(2000, at(1, "polarity_invert"), 0.0, 960),
        Event(3000, at(1, "delay_ms"), 44.0, 0), Event(3100, at(1, "delay_ms"), 3.0, 0),
        Event(6000, at(2, "delay_ms"), 500.0, 0), Event(8000, at(2, "delay_ms"), 0.0, 0),
    ]  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL), events)


@pytest.mark.parametrize("slope", range(4))
def test_the_high_pass(slope: int) -> None:
    values = _with({"hpf.on": 1, "hpf.freq_hz": 90, "hpf.slope_db_oct": slope})
    at = SMALL.channel
    events = [
        Event(1500, at(1, "hpf.freq_hz"), 700.0, 2000), Event(4500, at(1, "hpf.slope_db_oct"), (slope + 1) % 4, 0),
        Event(6000, at(1, "hpf.on"), 0.0, 960), Event(7500, at(1, "hpf.on"), 1.0, 960),
        Event(2000, at(2, "hpf.on"), 1.0, 0),
    ]  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL), sorted(events))


@pytest.mark.parametrize("slope", range(2))
def test_the_low_pass(slope: int) -> None:
    values = _with({"lpf.on": 1, "lpf.freq_hz": 12000, "lpf.slope_db_oct": slope})
    at = SMALL.channel
    events = [Event(1500, at(1, "lpf.freq_hz"), 150.0, 2000), Event(5000, at(1, "lpf.slope_db_oct"), 1 - slope, 0)]
    assert_agrees(SMALL, values, _music(SMALL), events)


@pytest.mark.parametrize("kind", range(8), ids=EQ_TYPES)
def test_an_eq_band_of_each_type_as_it_moves(kind: int) -> None:
    band: dict[str, float] = {"eq.on": 1, "eq.band.2.on": 1, "eq.band.2.type": kind, "eq.band.2.freq_hz": 300}
    band["eq.band.2.gain_db"] = 9
    at = SMALL.channel
    events = [
        Event(1000, at(1, "eq.band.2.gain_db"), -14.0, 960), Event(2500, at(1, "eq.band.2.freq_hz"), 5000.0, 1500),
        Event(4500, at(1, "eq.band.2.q"), 6.0, 960), Event(5500, at(1, "eq.band.2.type"), (kind + 3) % 8, 0),
        Event(6500, at(1, "eq.on"), 0.0, 960), Event(8000, at(1, "eq.on"), 1.0, 960),
    ]  # fmt: skip
    assert_agrees(SMALL, _with(band), _music(SMALL), events)


@pytest.mark.parametrize("mode", range(3))
def test_the_gate_in_each_mode(mode: int) -> None:
    values = _with({
        "gate.on": 1, "gate.mode": mode, "gate.threshold_db": -30, "gate.range_db": 40, "gate.ratio": 3,
        "gate.attack_ms": 0.5, "gate.hold_ms": 4, "gate.release_ms": 40,
    })  # fmt: skip
    at = SMALL.channel
    events = [
        Event(3000, at(1, "gate.threshold_db"), -36.0, 960), Event(4000, at(1, "gate.on"), 0.0, 960),
        Event(6000, at(1, "gate.on"), 1.0, 960), Event(7000, at(1, "gate.release_ms"), 15.0, 960),
    ]  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL), events)


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("detector", [0, 1])
def test_the_compressor_in_each_place_with_each_detector(position: int, detector: int) -> None:
    values = _with({
        "comp.on": 1, "comp.position": position, "comp.detector": detector, "comp.threshold_db": -32, "comp.ratio": 4,
        "comp.knee_db": 8, "comp.attack_ms": 3, "comp.release_ms": 60, "comp.makeup_db": 5,
        "eq.on": 1, "eq.band.1.on": 1, "eq.band.1.gain_db": 10,
    })  # fmt: skip
    at = SMALL.channel
    events = [
        Event(2000, at(1, "comp.ratio"), math.inf, 960), Event(3000, at(1, "comp.threshold_db"), -40.0, 960),
        Event(4000, at(1, "comp.position"), 1 - position, 960), Event(6000, at(1, "comp.mix_pct"), 40.0, 960),
        Event(7000, at(1, "comp.auto_makeup"), 1.0, 960), Event(8000, at(1, "comp.knee_db"), 0.0, 960),
        Event(8600, at(1, "comp.on"), 0.0, 500),
    ]  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL), events)


def test_the_slowest_compressor() -> None:
    values = _with({"comp.on": 1, "comp.threshold_db": -50, "comp.attack_ms": 200, "comp.release_ms": 4000})
    assert_agrees(SMALL, values, _music(SMALL))


def test_fader_mute_pan_and_routing() -> None:
    at = SMALL.channel
    events = [
        Event(500, at(1, "fader_db"), -math.inf, 960), Event(2000, at(1, "fader_db"), 10.0, 3000),
        Event(5500, at(1, "pan"), 33.0, 960), Event(6500, at(1, "mute"), 1.0, 960), Event(7500, at(1, "mute"), 0.0, 0),
        Event(8000, at(2, "to_main"), 0.0, 960), Event(8200, SMALL.main("pan"), 60.0, 960),
        Event(9000, SMALL.main("fader_db"), -20.0, 960),
    ]  # fmt: skip
    assert_agrees(SMALL, scenes.flat(SMALL), _music(SMALL), events)


def test_the_main_strip_with_all_of_it_working() -> None:
    values = scenes.flat(SMALL)
    scenes.change(SMALL, values, "main", scenes.EVERY_SECTION["broad and bright"] | {
        "trim_db": 3, "delay_ms": 5, "gate.on": 1, "gate.threshold_db": -40, "gate.hold_ms": 2, "comp.on": 1,
        "comp.threshold_db": -30, "comp.position": 1, "comp.detector": 1, "pan": -20, "fader_db": -3,
    })  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL))


def test_solo_and_monitor() -> None:
    at, desk = SMALL.channel, SMALL.desk
    values = scenes.flat(SMALL)
    values[at(1, "fader_db")] = -6
    events = [
        Event(500, at(1, "solo"), 1.0, 960), Event(2000, desk("monitor.solo_mode"), 1.0, 960),
        Event(3500, at(2, "solo"), 1.0, 0), Event(4000, at(1, "solo"), 0.0, 960), Event(4800, at(2, "solo"), 0.0, 960),
        Event(5500, desk("monitor.dim"), 1.0, 960), Event(6200, desk("monitor.mono"), 1.0, 960),
        Event(6400, desk("monitor.swap"), 1.0, 960), Event(6600, desk("monitor.polarity"), 1.0, 960),
        Event(7800, desk("monitor.mono"), 0.0, 960), Event(8200, desk("monitor.source"), SOLO_BUS, 0),
        Event(9000, desk("monitor.source"), NONE, 0),
    ]  # fmt: skip
    assert_agrees(SMALL, values, _music(SMALL), events)


def test_sources_of_strips_and_outputs() -> None:
    at = SMALL.channel
    events = [
        Event(500, at(1, "source"), 1.0, 0), Event(700, at(1, "source"), 0.0, 0), Event(2600, at(1, "source"), -1.0, 0),
        Event(3000, SMALL.output(1, "source"), scenes.MAIN_R, 0), Event(3100, SMALL.output(2, "source"), MONITOR_R, 0),
        Event(5000, SMALL.output(3, "source"), NONE, 0), Event(6000, SMALL.desk("engine.gain_db"), -math.inf, 1920),
        Event(8000, SMALL.desk("engine.gain_db"), 0.0, 960),
    ]  # fmt: skip
    assert_agrees(SMALL, scenes.flat(SMALL), _music(SMALL), events)


def test_a_source_means_nothing_to_the_main() -> None:
    events = [Event(500, SMALL.main("source"), 1.0, 0), Event(3000, SMALL.main("source"), -1.0, 0)]
    assert_agrees(SMALL, scenes.flat(SMALL), _music(SMALL), events)


@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_the_limiter_at_work(rate_hz: int) -> None:
    size = DeskSize(channels=2, inputs=2, outputs=4, rate_hz=rate_hz)
    events = [
        Event(3000, size.output(1, "ceiling_dbfs"), -9.0, 960), Event(5000, size.output(1, "release_ms"), 30.0, 960),
        Event(6000, size.main("trim_db"), 24.0, 480),
    ]  # fmt: skip
    assert_agrees(size, scenes.flat(size), _music(size, gain_db=9.0), events)


def test_a_bad_number_in_the_midst() -> None:
    x = _music(SMALL)
    x[2000, 0], x[2700, 0], x[7000, 1] = math.nan, math.inf, 3e20
    values = _with({"hpf.on": 1, "gate.on": 1, "gate.hold_ms": 2, "comp.on": 1, "delay_ms": 1.0})
    assert_agrees(SMALL, values, x)


@settings(derandomize=True, deadline=None, max_examples=5, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32), rate_hz=st.sampled_from([44100, 48000, 88200, 96000]))
def test_any_scene_with_any_events(seed: int, rate_hz: int) -> None:
    size = DeskSize(channels=10, inputs=3, outputs=4, rate_hz=rate_hz)
    chance = Chance(seed)
    x = _music(size, rate_hz // 4, gain_db=0.0, seed=seed)
    if seed % 2:
        x[int(chance.rng.integers(len(x))), 0] = math.nan
    assert_agrees(size, chance.values(size), x, chance.events(size, 250, len(x)))
