"""Meters tell the level after every stage, where it clips, how much is reduced, and fall at their standard's speed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from dsp import slots
from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.rig import Kernel, Signal, db, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=3, inputs=1, outputs=2, rate_hz=RATE_HZ)
STAGE = {name: n for n, name in enumerate(slots.METER_STAGES)}
SECOND = RATE_HZ


def _desk(settings: Mapping[str, float]) -> Kernel:
    values = scenes.flat(SIZE)
    for name, value in settings.items():
        values[SIZE.channel(1, name)] = value
    return Kernel(SIZE, values)


def _peak_db(kernel: Kernel, stage: str, lane: int = 0) -> float:
    return db(float(kernel.arena.meters["peak"][STAGE[stage], lane]))


def _rms_db(kernel: Kernel, stage: str, lane: int = 0) -> float:
    return db(float(np.sqrt(kernel.arena.meters["mean_square"][STAGE[stage], lane])))


def _tone(level_db: float, freq_hz: float = 997.0, seconds: float = 3.0) -> Signal:
    return sine(int(seconds * SECOND), freq_hz, RATE_HZ, level_db)


def test_a_sine_reads_its_peak_and_3_db_less_rms_at_every_stage() -> None:
    kernel = _desk({"fader_db": -6.0})
    kernel.process(_tone(-12.0))
    for stage in slots.METER_STAGES:
        below = 6.0 if stage == "post" else 0.0
        assert _peak_db(kernel, stage) == pytest.approx(-12.0 - below, abs=0.05), stage
        assert _rms_db(kernel, stage) == pytest.approx(-15.01 - below, abs=0.05), stage


def test_each_stage_reads_what_it_has_done() -> None:
    kernel = _desk(
        {
            "trim_db": 6.0,
            "hpf.on": 1, "hpf.freq_hz": 997.0,  # −3.01 dB at its corner
            "gate.on": 1, "gate.threshold_db": 0.0, "gate.range_db": 10.0, "gate.attack_ms": 1.0,  # closed: −10 dB
            "eq.on": 1, "eq.band.1.on": 1, "eq.band.1.freq_hz": 997.0, "eq.band.1.gain_db": 8.0,
            "comp.on": 1, "comp.position": 1, "comp.threshold_db": -60.0, "comp.ratio": 1.0, "comp.makeup_db": 5.0,
            "mute": 1,
        }
    )  # fmt: skip
    kernel.process(_tone(-20.0))
    expected = {"in": -14.0, "filters": -17.01, "gate": -27.01, "pre_comp": -27.01, "eq": -19.01, "post_comp": -14.01}
    for stage, level_db in expected.items():
        assert _peak_db(kernel, stage) == pytest.approx(level_db, abs=0.05), stage
    assert _peak_db(kernel, "post") < -200.0
    assert kernel.arena.meters["gr_gate_db"][0] == pytest.approx(-10.0, abs=0.01)


def test_the_filters_read_there_when_no_gate_runs() -> None:
    eq = {"eq.on": 1, "eq.band.1.on": 1, "eq.band.1.freq_hz": 997.0, "eq.band.1.gain_db": 8.0}
    kernel = _desk({"hpf.on": 1, "hpf.freq_hz": 997.0, **eq})  # −3.01 dB at its corner
    kernel.process(_tone(-20.0))
    expected = {"in": -20.0, "filters": -23.01, "gate": -23.01, "pre_comp": -23.01, "eq": -15.01, "post_comp": -15.01}
    for stage, level_db in expected.items():
        assert _peak_db(kernel, stage) == pytest.approx(level_db, abs=0.05), stage
        assert _rms_db(kernel, stage) == pytest.approx(level_db - 3.01, abs=0.05), stage


def test_a_compressor_before_the_eq_reads_there() -> None:
    settings = {
        "comp.on": 1,
        "comp.threshold_db": -20.0,
        "comp.ratio": 4.0,
        "comp.knee_db": 0.0,
        "comp.attack_ms": 0.05,
    }
    kernel = _desk({**settings, "comp.position": 0, "comp.release_ms": 4000.0})
    kernel.process(np.full((SECOND, 1), 10 ** (-6 / 20), np.float32))  # 14 dB over, 4:1 takes 10.5 away
    assert _peak_db(kernel, "gate") == pytest.approx(-6.0, abs=0.01)
    assert _rms_db(kernel, "pre_comp") == pytest.approx(-16.5, abs=0.3)
    assert kernel.arena.meters["gr_comp_db"][0] == pytest.approx(-10.5, abs=0.01)


def test_the_stage_that_clips_is_named_and_no_other() -> None:
    kernel = _desk(
        {"eq.on": 1, "eq.band.1.on": 1, "eq.band.1.freq_hz": 997.0, "eq.band.1.gain_db": 9.0, "fader_db": -20}
    )
    kernel.process(_tone(-6.0, seconds=0.1))
    clips = kernel.arena.meters["clips"]
    assert {name for name, stage in STAGE.items() if clips[stage, 0]} == {"eq", "post_comp"}
    assert not clips[:, 1:8].any()
    before = clips.copy()
    kernel.process(np.zeros((SECOND, 1), np.float32))
    assert (clips == before).all()  # counted, not held


def test_a_peak_falls_20_db_in_1_7_s() -> None:  # IEC 60268-18
    kernel = _desk({})
    kernel.process(_tone(0.0, seconds=0.2))
    start_db = _peak_db(kernel, "in")
    kernel.process(np.zeros((int(1.7 * SECOND) // 32 * 32, 1), np.float32))
    assert start_db - _peak_db(kernel, "in") == pytest.approx(20.0, abs=0.05)


def test_the_mean_square_goes_63_percent_of_its_way_in_300_ms() -> None:
    kernel = _desk({})
    kernel.process(np.full((int(0.3 * SECOND), 1), 0.5, np.float32))
    share = float(kernel.arena.meters["mean_square"][STAGE["in"], 0]) / 0.25
    assert share == pytest.approx(1 - np.exp(-1), abs=0.002)


def test_outputs_read_after_the_limiter_and_say_what_it_takes() -> None:
    kernel = _desk({"pan": -100, "trim_db": 12.0})
    kernel.process(_tone(0.0, seconds=1.0))
    meters = kernel.arena.meters
    assert db(float(meters["out_peak"][0])) <= -1.0
    assert db(float(meters["out_peak"][0])) == pytest.approx(-1.1, abs=0.1)
    assert meters["limiter_gr_db"][0] == pytest.approx(-13.1, abs=0.1)
    assert meters["out_peak"][1] == 0.0
    assert meters["limiter_gr_db"][1] == 0.0


def test_an_idle_strip_reads_nothing() -> None:
    kernel = _desk({})
    kernel.process(_tone(0.0, seconds=0.2))
    assert not kernel.arena.meters["peak"][:, 1:8].any()
    assert not kernel.arena.meters["mean_square"][:, 1:8].any()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_bad_number_on_its_way_through_a_delay_leaves_no_meter_broken(bad: float) -> None:
    kernel = _desk({"delay_ms": 100.0})
    x = _tone(-12.0, seconds=0.02)
    x[100, 0] = bad
    kernel.process(x)
    kernel.process(_tone(-12.0))
    assert kernel.arena.meters["bad_numbers"][0] == 1
    for stage in slots.METER_STAGES:
        assert _peak_db(kernel, stage) == pytest.approx(-12.0, abs=0.05), stage
        assert _rms_db(kernel, stage) == pytest.approx(-15.01, abs=0.05), stage
