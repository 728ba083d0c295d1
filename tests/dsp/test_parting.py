"""Pairs that are joined and parted while they sound: in every quantum of a turn, the kernel does what the oracle does,
and what was there before the pair is there after it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from tests.dsp.agreement import assert_agrees
from tests.dsp.console import Console, code, steady
from tests.dsp.rig import QUANTUM, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=2, inputs=2, outputs=4, rate_hz=RATE_HZ, buses=4, effects=0, matrices=2)
LEVEL = 0.125
TURN = range(4)  # the quanta from one turn of a tile to its next
GLIDES = [0, 32, 64, 960]
# The left bus of a pair feeds the right one, by a way that the pair itself cannot have
FEED = {
    "channel.1.to_main": 0, "channel.2.to_main": 0, "channel.1.send.1.level_db": 0, "bus.1.send.2.level_db": 0,
    "output.1.source": code("bus.1"), "output.2.source": code("bus.2"), "output.3.source": code("matrix.1"),
    "output.4.source": code("main.mono"),
}  # fmt: skip


@pytest.mark.parametrize("over", GLIDES)
@pytest.mark.parametrize("quanta", TURN)
def test_what_a_left_bus_sends_to_its_right_one_is_heard_again_after_the_pair(quanta: int, over: int) -> None:
    console = Console(SIZE, FEED)
    parts = 4800 + quanta * QUANTUM
    moves = [console.event(1600, "bus.1.link", 1.0, over), console.event(parts, "bus.1.link", 0.0, over)]
    y = console.play(steady(SIZE, [LEVEL, 0.0], 9600), moves)
    assert y[1500, :2].tolist() == [LEVEL, LEVEL]
    assert y[4700, :2] == pytest.approx([LEVEL * math.sqrt(0.5)] * 2, rel=1e-6), "of the pair it is a panned send"
    assert y[-1, :2].tolist() == [LEVEL, LEVEL]


@pytest.mark.parametrize("over", [0, 64])
@pytest.mark.parametrize("quanta", TURN)
def test_a_pair_of_buses_joined_and_parted_agrees_with_the_oracle(quanta: int, over: int) -> None:
    """Its right side is in its left one while λ moves (a width of 30 %): a send back would be a loop in no time."""
    width = {"bus.1.width_pct": 30, "bus.2.width_pct": 30, "bus.1.pan": 40, "bus.2.pan": 40}
    console = Console(SIZE, {**FEED, **width, "channel.2.send.2.level_db": -3, "channel.2.send.1.level_db": -9})
    x = np.concatenate([sine(3200, 440.0, RATE_HZ, -20), sine(3200, 997.0, RATE_HZ, -20)], axis=1)
    moves = [
        console.event(640 + quanta * QUANTUM, "bus.1.link", 1.0, over),
        console.event(1600 + quanta * QUANTUM, "bus.1.link", 0.0, over),
    ]
    assert_agrees(SIZE, console.values, x, moves)


def test_a_stereo_strip_gives_the_mono_main_half_of_each_side_of_it() -> None:
    """λ/2 of each: the mean, and not the sum, of left and right."""
    settings = {"channel.1.link": 1, "channel.1.pan": 0, "channel.1.to_mono": 1, "channel.1.mono_level_db": -6}
    y = Console(SIZE, {**settings, "output.1.source": code("main.mono")}).play(steady(SIZE, [0.25, 0.125]))
    assert y[-1, 0] == pytest.approx(10 ** (-6 / 20) * (0.25 + 0.125) / 2, rel=1e-6)


@pytest.mark.parametrize("quanta", TURN)
def test_joining_takes_generator_and_talkback_along(quanta: int) -> None:
    """Nobody moves a parameter of theirs: the link alone tells them that the pair has two sides."""
    own = {
        "osc.on": 1, "osc.level_db": -20, "osc.freq_hz": 1000, "osc.destination": code("bus.3"), "osc.type": 0,
        "talkback.on": 1, "talkback.source": 0, "talkback.to.matrix.1": 1,
    }  # fmt: skip
    heard = {f"output.{k}.source": code(strip) for k, strip in enumerate(("bus.3", "bus.4", "matrix.1", "matrix.2"), 1)}
    console = Console(SIZE, {**FEED, **own, **heard})
    at = 960 + quanta * QUANTUM
    moves = [console.event(at, f"{strip}.link", 1.0) for strip in ("bus.3", "matrix.1")]
    moves += [console.event(6400 + quanta * QUANTUM, f"{strip}.link", 0.0) for strip in ("bus.3", "matrix.1")]
    y = np.abs(console.play(steady(SIZE, [LEVEL, 0.0], 12800), moves))
    for start, end, right in ((480, 960, 0.0), (4000, 6400, 1.0), (10000, 12800, 0.0)):
        osc, osc_right, talk, talk_right = y[start:end].max(axis=0)
        assert osc == pytest.approx(0.1, rel=1e-3)
        assert osc_right == pytest.approx(0.1 * right, rel=1e-3)
        assert talk == pytest.approx(LEVEL, rel=1e-5)
        assert talk_right == pytest.approx(LEVEL * right, rel=1e-5)
