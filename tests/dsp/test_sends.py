"""How loud a send is: its switch, level, pan, and what becomes of the sides of stereo strips (`docs/signal.md`)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import MAX_BUSES, MAX_MATRICES
from tests.dsp.console import Console, Settings, code, gain_db, steady

SIZE = DeskSize(channels=4, inputs=4, outputs=4, buses=4, effects=1, matrices=4)
LEFT, RIGHT = 0.125, 0.0625  # on inputs 1 and 2, powers of two: sums and halves are exact
APART: dict[str, float] = {f"channel.{n}.to_main": 0 for n in range(1, 5)}


def _gains(settings: Settings, *outputs: str, inputs: tuple[float, ...] = (LEFT, RIGHT, 0, 0)) -> list[float]:
    """What each of these strips gives in the end, of constants at the inputs."""
    heard = {f"output.{k}.source": code(strip) for k, strip in enumerate(outputs, 1)}
    y = Console(SIZE, {**APART, **heard, **settings}).play(steady(SIZE, inputs))
    assert (y[-960:] == y[-1]).all(), "it has settled"
    return [float(v) for v in y[-1, : len(outputs)]]


@pytest.mark.parametrize("level_db", [10.0, 0.0, -5.5, -60.0, -89.9, -95.0, -math.inf])
def test_a_level_is_decibels(level_db: float) -> None:
    (got,) = _gains({"channel.1.send.3.level_db": level_db}, "bus.3")
    assert got == pytest.approx(LEFT * 10 ** (level_db / 20), rel=1e-5)


def test_a_send_that_is_off_is_silent_whatever_its_level() -> None:
    assert _gains({"channel.1.send.3.level_db": 10, "channel.1.send.3.on": 0}, "bus.3") == [0.0]


def test_every_bus_and_matrix_hears_its_own_send_and_no_other() -> None:
    size = DeskSize(channels=9, inputs=1, outputs=24, buses=MAX_BUSES, matrices=MAX_MATRICES)
    console = Console(size, {"channel.1.source": -1, "channel.1.to_main": 0})
    console.set({"channel.9.source": 0, "channel.9.to_main": 0, "channel.9.to_mono": 1})
    wanted: list[float] = []
    for kind, count, sender in (("send", MAX_BUSES, "channel.9"), ("matrix", MAX_MATRICES, "main.mono")):
        for n in range(1, count + 1):
            wanted.append(-1.0 * len(wanted) - 1.0)
            strip = f"bus.{n}" if kind == "send" else f"matrix.{n}"
            console.set({f"{sender}.{kind}.{n}.level_db": wanted[-1], f"output.{len(wanted)}.source": code(strip)})
    y = console.play(steady(size, [0.5]))
    assert [gain_db(float(v), 0.5) for v in y[-1]] == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("sender", ["channel.1", "bus.1"])
@pytest.mark.parametrize("pan", [-100.0, -50.0, 0.0, 33.0, 100.0])
def test_a_mono_strip_is_panned_to_the_mains_with_constant_power(sender: str, pan: float) -> None:
    way = {"channel.1.send.1.level_db": 0, f"{sender}.to_main": 1, f"{sender}.pan": pan}
    left, right = _gains(way, "main.lr", "main.lr.right")
    angle = (pan + 100) / 200 * math.pi / 2
    assert (left, right) == pytest.approx((LEFT * math.cos(angle), LEFT * math.sin(angle)), rel=1e-6, abs=1e-12)
    if abs(pan) == 100:
        assert 0.0 in (left, right), "the ends are exact"


@pytest.mark.parametrize("level_db", [0.0, -6.0, -math.inf])
def test_the_mono_main_has_a_switch_and_a_level(level_db: float) -> None:
    to_mono = {"channel.1.to_mono": 1, "channel.1.mono_level_db": level_db, "channel.1.pan": 80}
    mono, left = _gains(to_mono, "main.mono", "main.lr")
    assert mono == pytest.approx(LEFT * 10 ** (level_db / 20), rel=1e-6)
    assert left == 0.0


def test_a_strip_sent_nowhere_is_heard_nowhere() -> None:
    assert _gains({}, "main.lr", "main.mono", "bus.1", "matrix.1") == [0.0] * 4


PAIRS = {  # a stereo sender of LEFT and RIGHT, its send, a pair it is sent to
    "a channel to a bus": ({"channel.1.link": 1}, "channel.1.send.3", "bus.3"),
    "a bus to a bus": (
        {"channel.1.link": 1, "channel.1.send.1.level_db": 0, "bus.1.link": 1}, "bus.1.send.3", "bus.3"
    ),
    "the mains to a matrix": (
        {"channel.1.link": 1, "channel.1.to_main": 1, "channel.2.to_main": 1}, "main.lr.matrix.1", "matrix.1"
    ),
    "a return to a bus": (
        {"return.1.source": 0, "return.1.right.source": 1, "return.1.to_main": 0}, "return.1.send.3", "bus.3"
    ),
}  # fmt: skip


def _sides(strip: str) -> tuple[str, str]:
    kind, number = strip.split(".")
    return strip, f"{kind}.{int(number) + 1}"


@pytest.mark.parametrize("pair", list(PAIRS))
def test_a_stereo_strip_gives_a_mono_one_half_of_each_side(pair: str) -> None:
    stereo, send, to = PAIRS[pair]
    way = {**stereo, "channel.1.pan": 0, f"{send}.level_db": -6}
    assert _gains(way, to)[0] == pytest.approx(10 ** (-6 / 20) * (LEFT + RIGHT) / 2, rel=1e-6)


@pytest.mark.parametrize("pan", [-100.0, -40.0, 0.0, 25.0, 100.0])
@pytest.mark.parametrize("pair", list(PAIRS))
def test_a_stereo_strip_gives_a_stereo_one_each_side_balanced(pair: str, pan: float) -> None:
    stereo, send, to = PAIRS[pair]
    way = {**stereo, "channel.1.pan": 0, f"{send}.level_db": 0, f"{send}.pan": pan, f"{to}.link": 1}
    angle = (pan + 100) / 200 * math.pi / 2
    balance = min(1.0, math.sqrt(2) * math.cos(angle)), min(1.0, math.sqrt(2) * math.sin(angle))
    assert _gains(way, *_sides(to)) == pytest.approx([LEFT * balance[0], RIGHT * balance[1]], rel=1e-6, abs=1e-9)
    if pan == 0:
        assert _gains(way, *_sides(to)) == pytest.approx([LEFT, RIGHT], rel=1e-6)


@pytest.mark.parametrize("pan", [-100.0, 0.0, 60.0])
@pytest.mark.parametrize(("send", "to"), [("channel.1.send.3", "bus.3"), ("bus.1.matrix.3", "matrix.3")])
def test_a_mono_strip_is_panned_into_a_stereo_one(send: str, to: str, pan: float) -> None:
    way = {"channel.1.send.1.level_db": 0, f"{send}.level_db": 0, f"{send}.pan": pan, f"{to}.link": 1}
    angle = (pan + 100) / 200 * math.pi / 2
    panned = [LEFT * math.cos(angle), LEFT * math.sin(angle)]
    assert _gains(way, *_sides(to)) == pytest.approx(panned, rel=1e-6, abs=1e-9)


def test_of_a_stereo_bus_the_left_send_speaks_for_both() -> None:
    way = {"channel.1.send.3.level_db": 0, "channel.1.send.4.level_db": 10, "bus.3.link": 1}
    assert _gains(way, "bus.3", "bus.4") == pytest.approx([LEFT * math.sqrt(0.5)] * 2, rel=1e-6)


def test_what_is_sent_adds_up() -> None:
    way = {f"channel.{n}.send.2.level_db": 0 for n in range(1, 5)} | {"bus.1.send.2.level_db": 0}
    way |= {"channel.3.polarity_invert": 1, "channel.1.send.1.level_db": 0}
    assert _gains(way, "bus.2", inputs=(0.25, 0.125, 0.0625, 0.03125)) == [0.25 + 0.125 - 0.0625 + 0.03125 + 0.25]


def test_two_matrices_have_mixes_of_their_own() -> None:
    way = {"channel.1.to_mono": 1, "channel.2.send.1.level_db": 0}
    levels = {"main.mono.matrix.1.level_db": 0, "bus.1.matrix.1.level_db": -6, "bus.1.matrix.2.level_db": 4}
    first, second = _gains(way | levels, "matrix.1", "matrix.2")
    assert first == pytest.approx(LEFT + RIGHT * 10 ** (-6 / 20), rel=1e-6)
    assert second == pytest.approx(RIGHT * 10 ** (4 / 20), rel=1e-6)


def test_a_send_moves_from_turn_to_turn_in_straight_lines_and_arrives() -> None:
    """128 frames a turn (`docs/signal.md`, "Turns"); the last one ends where the level does."""
    console = Console(SIZE, {**APART, "output.1.source": code("bus.1"), "channel.1.send.1.level_db": -20})
    y = console.play(steady(SIZE, [0.5]), [console.event(640, "channel.1.send.1.level_db", 0.0)])[:, 0].astype(float)
    assert (y[:640] == y[0]).all()
    assert y[-1] == 0.5
    arrived = int(np.argmax(y == 0.5))
    assert 640 + 960 - 32 <= arrived <= 640 + 960 + 2 * 128
    bends = np.flatnonzero(np.abs(np.diff(y, 2)) > 1e-6) + 1
    assert len(bends) >= 7
    assert set(np.diff(bends)) == {128}
