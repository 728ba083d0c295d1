"""Two lanes as one stereo strip: width, balance, detectors that hear both sides (`docs/signal.md`, "Pairs")."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import STRIP, Domain
from tests.dsp.console import GLIDE_FRAMES, Console, Settings, address, code, steady
from tests.dsp.rig import Signal, db, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=4, inputs=4, outputs=4, rate_hz=RATE_HZ, buses=4, effects=1, matrices=4)
LEFT, RIGHT = 0.125, 0.0625

# A stereo strip, and how inputs 1 and 2 come to its sides
STEREO: dict[str, dict[str, float]] = {
    "channel.1": {"channel.1.link": 1},
    "bus.1": {"channel.1.link": 1, "bus.1.link": 1, "channel.1.send.1.level_db": 0},
    "return.1": {"return.1.source": 0, "return.1.right.source": 1},
    "main.lr": {"channel.1.link": 1},
    "matrix.1": {
        "channel.1.link": 1, "channel.1.send.1.level_db": 0, "bus.1.link": 1, "bus.1.matrix.1.level_db": 0,
        "matrix.1.link": 1,
    },
}  # fmt: skip


def _right(strip: str) -> str:
    kind, which = strip.split(".")
    return f"{strip}.right" if kind in ("return", "main") else f"{kind}.{int(which) + 1}"


def _console(strip: str, settings: Settings) -> Console:
    """Its sides at outputs 1 and 2, its inputs at 3 and 4."""
    centre = {f"{name}.pan": 0 for name in STEREO}
    heard = {f"output.{k}.source": code(s) for k, s in enumerate((strip, _right(strip)) * 2, 1)}
    return Console(SIZE, {**centre, **STEREO[strip], **heard, "output.3.tap": 0, "output.4.tap": 0, **settings})


def _sides(strip: str, settings: Settings) -> tuple[float, float]:
    y = _console(strip, {f"{strip}.{name}": value for name, value in settings.items()}).play(
        steady(SIZE, [LEFT, RIGHT, 0, 0])
    )
    assert (y[-1, 2:] == [LEFT, RIGHT]).all()
    return float(y[-1, 0]), float(y[-1, 1])


@pytest.mark.parametrize("strip", list(STEREO))
@pytest.mark.parametrize("width_pct", [100.0, 0.0, 50.0, -100.0, 150.0, -150.0])
def test_width_is_how_much_of_the_difference_is_left(strip: str, width_pct: float) -> None:
    middle, side = (LEFT + RIGHT) / 2, (LEFT - RIGHT) / 2
    wanted = middle + width_pct / 100 * side, middle - width_pct / 100 * side
    assert _sides(strip, {"width_pct": width_pct}) == pytest.approx(wanted, rel=1e-6)
    if width_pct == 100:
        assert _sides(strip, {"width_pct": width_pct}) == (LEFT, RIGHT), "it is a wire"


@pytest.mark.parametrize("strip", list(STEREO))
@pytest.mark.parametrize("pan", [-100.0, -30.0, 0.0, 70.0, 100.0])
def test_the_balance_takes_from_one_side_and_leaves_the_other(strip: str, pan: float) -> None:
    angle = (pan + 100) / 200 * math.pi / 2
    left, right = _sides(strip, {"pan": pan})
    assert left == pytest.approx(LEFT * min(1.0, math.sqrt(2) * math.cos(angle)), rel=1e-6, abs=1e-12)
    assert right == pytest.approx(RIGHT * min(1.0, math.sqrt(2) * math.sin(angle)), rel=1e-6, abs=1e-12)
    assert left == LEFT or right == RIGHT
    if abs(pan) == 100:
        assert 0.0 in (left, right)


def test_balance_and_width_come_together_at_the_fader() -> None:
    left, right = _sides("channel.1", {"pan": 50, "width_pct": 0, "fader_db": -6})
    gain, angle = 10 ** (-6 / 20), 0.75 * math.pi / 2
    assert left == pytest.approx(gain * math.sqrt(2) * math.cos(angle) * (LEFT + RIGHT) / 2, rel=1e-6)
    assert right == pytest.approx(gain * (LEFT + RIGHT) / 2, rel=1e-6)


def _tones(left_db: float, right_db: float, frames: int = 24000) -> Signal:
    x = np.zeros((frames, 4), np.float32)
    x[:, :1], x[:, 1:2] = sine(frames, 1000.0, RATE_HZ, left_db), sine(frames, 1500.0, RATE_HZ, right_db)
    return x


COMP: dict[str, float] = {
    "comp.on": 1, "comp.threshold_db": -30, "comp.ratio": 4, "comp.knee_db": 0, "comp.attack_ms": 5,
    "comp.release_ms": 4000,
}  # fmt: skip
DYNAMICS: dict[str, dict[str, float]] = {
    "compressor before the eq": COMP,
    "compressor after the eq": COMP | {"comp.position": 1},
    "compressor by rms": COMP | {"comp.detector": 1},
    "compressor with a key filter": COMP | {"comp.key.filter": 3, "comp.key.freq_hz": 1200},
    "ducker": {"gate.on": 1, "gate.mode": 2, "gate.threshold_db": -20, "gate.range_db": 15},
    "gate that only the louder side opens": {"gate.on": 1, "gate.threshold_db": -20, "gate.range_db": 60},
    "expander": {"gate.on": 1, "gate.mode": 1, "gate.threshold_db": -10, "gate.range_db": 30},
}


@pytest.mark.parametrize("levels_db", [(-12.0, -40.0), (-40.0, -12.0)])
@pytest.mark.parametrize("strip", list(STEREO))
@pytest.mark.parametrize("name", list(DYNAMICS))
def test_both_sides_are_reduced_by_the_same_gain(name: str, strip: str, levels_db: tuple[float, float]) -> None:
    settings = {f"{strip}.{slot}": value for slot, value in DYNAMICS[name].items()}
    y = _console(strip, settings).play(_tones(*levels_db))[4800:].astype(np.float64)
    heard = (np.abs(y[:, 2:]) > np.abs(y[:, 2:]).max(axis=0) * 0.05).all(axis=1)
    gains = 20 * np.log10(np.abs(y[heard, :2] / y[heard, 2:]))
    assert np.abs(gains[:, 0] - gains[:, 1]).max() < 1e-3
    if "opens" in name:
        assert gains.min() > -0.01, "the louder side holds it open"
    else:
        assert gains.mean() < -2.0, "it does something"


def test_unlinked_sides_are_reduced_each_by_its_own() -> None:
    settings = {f"{strip}.{slot}": value for slot, value in COMP.items() for strip in ("channel.1", "channel.2")}
    y = _console("channel.1", {**settings, "channel.1.link": 0}).play(_tones(-12.0, -40.0))[-4800:]
    assert db(float(np.abs(y[:, 0]).max())) == pytest.approx(-12 - 13.5, abs=0.1)  # 18 dB over at 4:1
    assert db(float(np.abs(y[:, 1]).max())) == pytest.approx(-40.0, abs=0.01)


def test_an_event_for_the_left_lane_is_one_for_the_right_but_for_source_and_slot() -> None:
    console = _console("channel.1", {})
    kernel = console.kernel()
    moved = {slot.name: 500.0 if slot.domain is Domain.LOG else 1.0 for slot in STRIP if slot.name != "link"}
    moved |= {"source": 3.0, "insert.slot": 3.0}
    strips = {n: kernel.arena.value[n * len(STRIP) : (n + 1) * len(STRIP)] for n in range(4)}
    before = strips[3].copy()
    events = [console.event(0, f"channel.{n}.{name}", v, 0) for name, v in moved.items() for n in (1, 3)]
    kernel.process(steady(SIZE, [0.0] * 4, 96), events)
    assert {slot.name for k, slot in enumerate(STRIP) if strips[0][k] != strips[1][k]} == {"source", "insert.slot"}
    assert (strips[2] != before).sum() > 100
    assert (strips[3] == before).all(), "an unlinked neighbour is left alone"


def test_an_event_for_the_right_lane_alone_is_taken_as_it_comes() -> None:
    console = _console("channel.1", {})
    y = console.play(steady(SIZE, [LEFT, RIGHT, 0, 0]), [console.event(320, "channel.2.fader_db", -6.0, 32)])
    assert y[-1, 0] == LEFT
    assert y[-1, 1] == pytest.approx(RIGHT * 10 ** (-6 / 20), rel=1e-6)


def test_at_a_start_the_right_lane_takes_the_lefts_values_and_keeps_its_source() -> None:
    console = _console("channel.1", {"channel.1.fader_db": -6, "channel.2.fader_db": 10, "channel.2.source": 3})
    y = console.play(steady(SIZE, [0.125, 0.0, 0.0, 0.25]))
    assert y[-1, :2] == pytest.approx([0.125 * 10 ** (-6 / 20), 0.25 * 10 ** (-6 / 20)], rel=1e-6)


def test_joining_and_parting_a_pair_takes_it_from_pan_to_balance_and_back() -> None:
    console = Console(SIZE, {"channel.1.pan": 0, "channel.2.pan": 0})
    events = [console.event(640, "channel.1.link", 1.0), console.event(4800, "channel.1.link", 0.0)]
    y = console.play(steady(SIZE, [LEFT, RIGHT, 0, 0], 9600), events)[:, :2]
    both = (LEFT + RIGHT) * math.sqrt(0.5)
    assert y[600] == pytest.approx([both, both], rel=1e-6)
    assert y[4700] == pytest.approx([LEFT, RIGHT], rel=1e-6)
    assert y[-1] == pytest.approx([both, both], rel=1e-6)
    assert (np.diff(y[640 + 128 : 640 + GLIDE_FRAMES, 0]) <= 1e-6).all(), "it goes straight there"


@pytest.mark.parametrize("strip", ["main.lr", "return.1"])
def test_some_strips_are_stereo_for_ever(strip: str) -> None:
    settings = {f"{strip}.link": 0, f"{strip}.width_pct": -100}
    console = _console(strip, settings)
    y = console.play(steady(SIZE, [LEFT, RIGHT, 0, 0]), [console.event(320, f"{strip}.link", 0.0)])
    assert y[-1, :2] == pytest.approx([RIGHT, LEFT], rel=1e-6)


def test_the_mono_main_has_no_other_side() -> None:
    settings = {"main.mono.link": 1, "main.mono.width_pct": 0, "main.mono.pan": 100, "channel.1.to_mono": 1}
    y = Console(SIZE, {**settings, "output.1.source": code("main.mono")}).play(steady(SIZE, [LEFT, 0, 0, 0]))
    assert y[-1, 0] == LEFT


def test_a_stereo_bus_does_not_hear_itself() -> None:
    """The left bus may feed the right one while they are two; as one pair that would be a loop in no time."""
    feeds = {"bus.1.send.2.level_db": 0, "channel.1.send.1.level_db": 0, "channel.1.pan": 0}
    heard = {"output.1.source": code("bus.1"), "output.2.source": code("bus.2")}
    console = Console(SIZE, {**feeds, **heard})
    y = console.play(steady(SIZE, [LEFT, 0, 0, 0], 9600), [console.event(640, "bus.1.link", 1.0)])
    assert y[600, :2].tolist() == [LEFT, LEFT]
    assert y[-1, :2] == pytest.approx([LEFT * math.sqrt(0.5)] * 2, rel=1e-6)


@pytest.mark.parametrize("strip", ["channel.3", "bus.3", "matrix.3"])
def test_pairs_of_every_kind_can_be_joined(strip: str) -> None:
    console = Console(SIZE)
    kernel = console.kernel()
    kernel.process(steady(SIZE, [0.0] * 4, 1024), [console.event(0, f"{strip}.link", 1.0, 320)])
    kernel.process(steady(SIZE, [0.0] * 4, 1024), [console.event(1024, f"{strip}.fader_db", -7.0, 0)])
    fader = address(SIZE, f"{_right(strip)}.fader_db")
    assert kernel.arena.value[fader] == -7.0
    assert kernel.arena.value[address(SIZE, f"{_right(strip)}.link")] == 1.0
