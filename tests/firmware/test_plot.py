"""Curves of a strip: the analog truth, what the desk makes of it, the static curves, and the picture."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from dsp.size import DeskSize
from firmware import cli, curves
from firmware.desk_model import DeskModel
from firmware.params import Value

HZ = np.geomspace(20.0, 20000.0, 400)


def settings(**values: Value) -> dict[str, Value]:
    model = DeskModel(DeskSize(1, 1, 2))
    model.update({f"channel.1.{name.replace('__', '.')}": value for name, value in values.items()})
    return curves.of_strip(model, "channel.1")


def test_a_strip_at_its_defaults_is_a_wire() -> None:
    assert np.all(curves.to_db(curves.analog(settings(), HZ)) == 0.0)
    np.testing.assert_allclose(curves.to_db(curves.digital(settings(), HZ, 48000.0)), 0.0, atol=1e-9)
    assert not np.any(curves.comp_db(settings(), HZ))


def test_a_bell_has_its_gain_at_its_frequency() -> None:
    bell = settings(eq__band__3__freq_hz=1000.0, eq__band__3__gain_db=12.0, eq__band__3__q=1.0)
    at = np.array([1000.0])
    assert curves.to_db(curves.analog(bell, at))[0] == pytest.approx(12.0)
    assert curves.to_db(curves.digital(bell, at, 48000.0))[0] == pytest.approx(12.0, abs=0.01)


@pytest.mark.parametrize(("slope", "fall_db"), [(12, 24.1), (18, 36.1), (24, 48.2)])
def test_low_cuts_are_3_db_down_at_the_corner_and_fall_as_they_say(slope: int, fall_db: float) -> None:
    """Butterworth: −3.01 dB at f0; 12 and 24 dB/oct are −24.1 and −48.2 dB two octaves down."""
    cut = settings(hpf__on=True, hpf__freq_hz=400.0, hpf__slope_db_oct=slope)
    at = np.array([400.0, 100.0])
    for found in (curves.to_db(curves.analog(cut, at)), curves.to_db(curves.digital(cut, at, 48000.0))):
        assert found[0] == pytest.approx(-3.01, abs=0.05)
        assert found[1] == pytest.approx(-fall_db, abs=0.3)


@pytest.mark.parametrize(
    "kind", ["bell", "low_shelf", "high_shelf", "low_cut", "high_cut", "notch", "band_pass", "tilt"]
)
def test_the_desk_follows_the_analog_curve_at_low_frequencies(kind: str) -> None:
    band = settings(eq__band__3__type=kind, eq__band__3__freq_hz=500.0, eq__band__3__gain_db=6.0)
    low = np.array([50.0, 200.0, 400.0, 600.0, 1500.0])
    analog, desk = curves.to_db(curves.analog(band, low)), curves.to_db(curves.digital(band, low, 48000.0))
    np.testing.assert_allclose(desk, analog, atol=0.15)
    assert np.max(np.abs(analog)) > 1.0


def test_the_compressors_curve_has_the_figures_of_its_formula() -> None:
    """T −20, R 4: −6 dBFS is turned down 10.5 dB; at the threshold a 6 dB knee takes 0.5625 dB (docs/signal.md)."""
    comp = settings(comp__on=True, comp__threshold_db=-20.0, comp__ratio=4.0, comp__knee_db=6.0)
    found = curves.comp_db(comp, np.array([-40.0, -20.0, -6.0]))
    np.testing.assert_allclose(found, [0.0, -0.5625, -10.5])
    infinite = settings(comp__on=True, comp__threshold_db=-20.0, comp__ratio=math.inf, comp__knee_db=0.0)
    assert curves.comp_db(infinite, np.array([-5.0]))[0] == pytest.approx(-15.0)
    made_up = settings(comp__on=True, comp__threshold_db=-20.0, comp__ratio=4.0, comp__auto_makeup=True)
    assert curves.comp_db(made_up, np.array([-60.0]))[0] == pytest.approx(7.5)
    half = settings(
        comp__on=True, comp__threshold_db=-60.0, comp__ratio=math.inf, comp__mix_pct=50.0, comp__knee_db=0.0
    )
    assert curves.comp_db(half, np.array([0.0]))[0] == pytest.approx(20 * math.log10(0.5005))


def test_the_gates_curve_shows_range_hysteresis_and_mode() -> None:
    level = np.array([-50.0, -42.0, -30.0])
    gate = settings(gate__on=True, gate__threshold_db=-40.0, gate__range_db=30.0, gate__hysteresis_db=4.0)
    up, down = curves.gate_db(gate, level)
    assert up.tolist() == [-30.0, -30.0, 0.0]
    assert down.tolist() == [-30.0, 0.0, 0.0]
    expander = {**gate, "gate.mode": "expander", "gate.ratio": 3.0}
    assert curves.gate_db(expander, level)[0].tolist() == [-20.0, -4.0, 0.0]
    ducker = {**gate, "gate.mode": "ducker"}
    assert curves.gate_db(ducker, level)[0].tolist() == [0.0, 0.0, -30.0]


def test_plot_draws_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.png"
    assert cli.main(["plot", "band", "lead voice", "-o", str(path)]) == 0
    from matplotlib import image

    pixels = image.imread(path)
    assert pixels.shape[:2] == (1280, 1600)
    assert 0.02 < float(np.mean(pixels[:, :, :3].min(axis=2) < 0.9)) < 0.4  # neither blank nor blackened
    assert "is drawn" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["band", "lead voise"], 2, 'Did you mean "lead voice"?'),
        (["band", "channel.99"], 2, "no strip"),
        (
            ["band", "99"],
            2,
            "strips are channel 1 to 64 (say 1 or channel.1), bus.1, return.1, main, main.mono, matrix.1 and so on.",
        ),
        (["nowhere", "1"], 1, "no scene"),
        (["band", "1", "-o", "x.gif"], 2, ".gif"),
        (["band", "1", "--rate", "5"], 2, "rate"),
        (["band", "1", "-o", "/nowhere/x.png"], 1, "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    capsys: pytest.CaptureFixture[str], args: list[str], code: int, sentence: str
) -> None:
    assert cli.main(["plot", *args]) == code
    assert sentence in capsys.readouterr().err
