"""DCAs and mute groups: eight faders and six mutes that many strips have in common."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import DCAS, MUTE_GROUPS
from tests.dsp.console import Console, Settings, code, gain_db, steady

SIZE = DeskSize(channels=10, inputs=2, outputs=8, buses=2, effects=1, matrices=1)
IN = 0.25
STRIPS = ("channel.1", "channel.10", "bus.2", "return.1", "return.1.right", "main.lr", "main.mono", "matrix.1")
FEED: dict[str, float] = {  # input 1 at unity to every one of these, each heard at an output of its own
    "channel.1.pan": -100, "channel.10.source": 0, "channel.10.to_main": 0, "channel.10.to_mono": 1,
    "channel.1.send.2.level_db": 0, "channel.1.send.2.tap": 0, "return.1.source": 0, "return.1.right.source": 0,
    "return.1.to_main": 0, "bus.2.matrix.1.level_db": 0, "bus.2.matrix.1.tap": 0,
    **{f"output.{k}.source": code(strip) for k, strip in enumerate(STRIPS, 1)},
}  # fmt: skip


def _gains_db(settings: Settings) -> dict[str, float]:
    y = Console(SIZE, {**FEED, **settings}).play(steady(SIZE, [IN, 0]))[-1]
    return {strip: gain_db(float(v), IN) for strip, v in zip(STRIPS, y, strict=True)}


def test_a_strip_in_no_group_is_moved_by_none() -> None:
    masters: dict[str, float] = {f"dca.{d}.fader_db": -7 for d in range(1, DCAS + 1)}
    masters |= {f"dca.{d}.mute": 1 for d in range(1, DCAS + 1)}
    masters |= {f"mute_group.{g}.mute": 1 for g in range(1, MUTE_GROUPS + 1)}
    assert set(_gains_db(masters).values()) == {0.0}


@pytest.mark.parametrize("strip", STRIPS)
@pytest.mark.parametrize("dca", range(1, DCAS + 1))
def test_each_dca_moves_its_members_and_no_other(dca: int, strip: str) -> None:
    member = strip.removesuffix(".right")
    moved = {f"dca.{d}.fader_db": -float(d) for d in range(1, DCAS + 1)}
    got = _gains_db({**moved, f"{member}.dca.{dca}": 1})
    assert got.pop(strip) == pytest.approx(-dca, abs=1e-4)
    above = {"channel.1": ("main.lr",), "channel.10": ("main.mono",)}.get(strip, ())
    same = {"return.1": ("return.1.right",), "return.1.right": ("return.1",)}.get(strip, ())
    assert {name for name, value in got.items() if value != 0.0} == {*above, *same}


def test_the_levels_of_dcas_and_fader_add_up_in_decibels() -> None:
    settings: dict[str, float] = {"channel.10.fader_db": -3, "dca.2.fader_db": -4.5, "dca.7.fader_db": 2}
    settings |= {"dca.3.fader_db": -50, "channel.10.dca.2": 1, "channel.10.dca.7": 1}
    assert _gains_db(settings)["channel.10"] == pytest.approx(-3 - 4.5 + 2, abs=1e-4)


def test_all_eight_dcas_at_once() -> None:
    settings = {f"dca.{d}.fader_db": -0.5 * d for d in range(1, 9)} | {f"channel.10.dca.{d}": 1 for d in range(1, 9)}
    assert _gains_db(settings)["channel.10"] == pytest.approx(-18.0, abs=1e-4)


def test_a_dca_pulled_down_silences() -> None:
    got = _gains_db({"channel.1.dca.4": 1, "dca.4.fader_db": -math.inf})
    assert got["channel.1"] == -math.inf
    assert got["channel.10"] == 0.0
    assert got["bus.2"] == 0.0, "its input tap is before the fader"


@pytest.mark.parametrize("group", [f"mute_group.{g}" for g in range(1, MUTE_GROUPS + 1)] + ["dca.1", "dca.8"])
def test_a_groups_mute_silences_its_members_and_no_other(group: str) -> None:
    for strip in ("channel.1", "bus.2", "return.1", "main.mono", "matrix.1"):
        got = _gains_db({f"{strip}.{group}": 1, f"{group}.mute": 1})
        silent = {name for name, value in got.items() if value == -math.inf}
        above = {"channel.1": {"main.lr"}, "return.1": {"return.1.right"}}.get(strip, set())
        assert silent == {strip} | above
        assert set(got.values()) == {-math.inf, 0.0}


def test_a_strip_is_heard_again_when_the_last_of_its_mutes_is_gone() -> None:
    muted = {"channel.1.mute_group.1": 1, "channel.1.mute_group.6": 1, "channel.1.dca.3": 1, "channel.1.mute": 1}
    masters = {"mute_group.1.mute": 1, "mute_group.6.mute": 1, "dca.3.mute": 1}
    console = Console(SIZE, {**FEED, **muted, **masters})
    events = [
        console.event(2000 * k, path, 0.0)
        for k, path in enumerate(("mute_group.1.mute", "channel.1.mute", "dca.3.mute", "mute_group.6.mute"))
    ]
    y = console.play(steady(SIZE, [IN, 0], 8000), events)[:, 0]
    assert (y[:6000] == 0).all()
    assert y[-1] == IN


def test_a_master_moves_all_its_members_in_step() -> None:
    members: dict[str, float] = {f"{strip}.dca.1": 1 for strip in ("channel.1", "channel.10", "bus.2", "matrix.1")}
    console = Console(SIZE, {**FEED, **members, "channel.10.fader_db": -6})
    y = console.play(steady(SIZE, [IN, 0]), [console.event(640, "dca.1.fader_db", -20.0)]).astype(np.float64)
    first, second = y[:, STRIPS.index("channel.1")], y[:, STRIPS.index("channel.10")]
    assert first[-1] == pytest.approx(IN * 0.1, rel=1e-5)
    assert second / first == pytest.approx(10 ** (-6 / 20), rel=1e-5)
    for strip in ("bus.2", "matrix.1"):
        assert (y[:, STRIPS.index(strip)] == first).all()


def test_one_who_joins_a_dca_glides_to_its_level() -> None:
    console = Console(SIZE, {**FEED, "dca.1.fader_db": -20})
    y = console.play(steady(SIZE, [IN, 0]), [console.event(640, "channel.1.dca.1", 1.0)])[:, 0]
    assert y[600] == IN
    assert y[-1] == pytest.approx(IN * 0.1, rel=1e-5)
    assert np.abs(np.diff(y)).max() < IN / 900, "in a straight line of 20 ms"
