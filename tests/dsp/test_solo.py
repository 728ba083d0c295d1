"""Solo: before the fader, after it, in place; who is heard, who falls silent, who is safe (`docs/signal.md`)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import MONITOR_L, MONITOR_R, NONE, SOLO_BUS
from tests.dsp.console import Console, Settings, code, steady
from tests.dsp.rig import Signal

SIZE = DeskSize(channels=4, inputs=4, outputs=6, buses=4, effects=1, matrices=2)
PFL, AFL, SIP = range(3)
IN = (0.25, 0.125, 0.0625, 0.03125)
HALF = math.sqrt(0.5)
MONITOR = {"output.1.source": MONITOR_L, "output.2.source": MONITOR_R}
WALK = 960  # 20 ms


def _monitor(settings: Settings) -> tuple[float, float]:
    y = Console(SIZE, {**MONITOR, **settings}).play(steady(SIZE, IN))
    return float(y[-1, 0]), float(y[-1, 1])


def test_before_the_fader_neither_fader_nor_mute_nor_pan_matter() -> None:
    moved = {"channel.1.fader_db": -30, "channel.1.mute": 1, "channel.1.pan": 80, "channel.1.trim_db": -6}
    assert _monitor({"channel.1.solo": 1, **moved}) == pytest.approx([IN[0] * 10 ** (-6 / 20)] * 2, rel=1e-6)


def test_after_the_fader_all_of_them_do() -> None:
    left, right = _monitor(
        {"monitor.solo_mode": AFL, "channel.1.solo": 1, "channel.1.fader_db": -30, "channel.1.pan": 0}
    )
    assert (left, right) == pytest.approx([IN[0] * 10 ** (-30 / 20) * HALF] * 2, rel=1e-6)
    assert _monitor({"monitor.solo_mode": AFL, "channel.1.solo": 1, "channel.1.mute": 1}) == (0.0, 0.0)


@pytest.mark.parametrize("mode", [PFL, AFL])
def test_several_soloed_strips_are_heard_together_and_no_other(mode: int) -> None:
    pans = {f"channel.{n}.pan": -100 for n in (1, 2, 3)}
    left, right = _monitor({"monitor.solo_mode": mode, "channel.1.solo": 1, "channel.3.solo": 1, **pans})
    assert left == IN[0] + IN[2]
    assert right == (left if mode == PFL else 0.0)


@pytest.mark.parametrize("mode", [PFL, AFL])
@pytest.mark.parametrize("strip", ["channel.1", "bus.1", "return.1", "main.lr"])
def test_a_soloed_stereo_strip_keeps_its_sides(strip: str, mode: int) -> None:
    feed = {
        "channel.1.link": 1, "channel.1.pan": 0, "channel.1.send.1.level_db": 0, "bus.1.link": 1, "return.1.source": 0,
        "return.1.right.source": 1, "return.1.to_main": 0, "channel.3.to_main": 0, "channel.4.to_main": 0,
    }  # fmt: skip
    assert _monitor({**feed, f"{strip}.solo": 1, "monitor.solo_mode": mode}) == IN[:2]


@pytest.mark.parametrize("strip", ["bus.2", "main.mono", "matrix.2"])
def test_buses_mains_and_matrices_can_be_soloed_too(strip: str) -> None:
    feed = {"channel.2.send.2.level_db": 0, "bus.2.matrix.2.level_db": 0, "channel.2.to_mono": 1}
    assert _monitor({**feed, f"{strip}.solo": 1}) == (IN[1], IN[1])


def test_the_solo_bus_is_a_source_of_the_monitor_too() -> None:
    assert _monitor({"monitor.source": SOLO_BUS}) == (0.0, 0.0)
    assert _monitor({"monitor.source": SOLO_BUS, "channel.2.solo": 1}) == (IN[1], IN[1])


def test_solo_takes_the_monitors_place_in_20_ms_and_gives_it_back() -> None:
    console = Console(SIZE, {**MONITOR, "monitor.source": code("channel.2")})
    events = [console.event(640, "channel.1.solo", 1.0, 0), console.event(4000, "channel.1.solo", 0.0, 0)]
    y = console.play(steady(SIZE, IN, 8000), events)[:, 0]
    assert (y[:640] == IN[1]).all()
    assert (y[640 + WALK + 128 : 4000] == IN[0]).all()
    assert (y[4000 + WALK :] == IN[1]).all()
    assert np.abs(np.diff(y)).max() < 0.004, "no step"


# --- in place -----------------------------------------------------------------------------------------------------

PLACE: dict[str, float] = {  # every strip at an output of its own
    "monitor.solo_mode": SIP, "return.1.source": 3, "return.1.right.source": 3, "return.1.to_main": 0,
    "channel.1.to_main": 0, "channel.2.to_main": 0, "channel.3.to_main": 0, "channel.4.to_main": 0,
    "channel.2.send.1.level_db": 0, "channel.2.to_mono": 1, "bus.1.matrix.1.level_db": 0,
    **{
        f"output.{k}.source": code(strip)
        for k, strip in enumerate(("channel.1", "channel.2", "return.1", "bus.1", "main.mono", "matrix.1"), 1)
    },
}  # fmt: skip


def _in_place(settings: Settings) -> list[float]:
    return [float(v) for v in Console(SIZE, {**PLACE, **settings}).play(steady(SIZE, IN))[-1]]


def test_in_place_with_nobody_soloed_all_are_heard() -> None:
    assert _in_place({}) == [IN[0], IN[1], IN[3], IN[1], IN[1], IN[1]]


def test_in_place_all_channels_and_returns_but_the_soloed_fall_silent_and_buses_pass() -> None:
    assert _in_place({"channel.2.solo": 1}) == [0, IN[1], 0, IN[1], IN[1], IN[1]]
    assert _in_place({"channel.1.solo": 1}) == [IN[0], 0, 0, 0, 0, 0]
    assert _in_place({"return.1.solo": 1}) == [0, 0, IN[3], 0, 0, 0]


def test_in_place_the_safe_ones_stay() -> None:
    assert _in_place({"channel.1.solo": 1, "channel.2.solo_safe": 1}) == [IN[0], IN[1], 0, IN[1], IN[1], IN[1]]
    assert _in_place({"channel.1.solo": 1, "return.1.solo_safe": 1}) == [IN[0], 0, IN[3], 0, 0, 0]


@pytest.mark.parametrize("strip", ["bus.1", "main.lr", "main.mono", "matrix.1"])
def test_in_place_a_soloed_bus_main_or_matrix_silences_nobody(strip: str) -> None:
    assert _in_place({f"{strip}.solo": 1}) == [IN[0], IN[1], IN[3], IN[1], IN[1], IN[1]]


def test_in_place_a_soloed_strip_that_is_muted_stays_so() -> None:
    assert _in_place({"channel.2.solo": 1, "channel.2.mute": 1}) == [0.0] * 6


@pytest.mark.parametrize("mode", [PFL, AFL])
def test_the_other_modes_silence_nobody(mode: int) -> None:
    assert _in_place({"channel.2.solo": 1, "monitor.solo_mode": mode}) == [IN[0], IN[1], IN[3], IN[1], IN[1], IN[1]]


def test_in_place_the_monitor_goes_on_with_what_it_hears() -> None:
    assert _monitor({"monitor.solo_mode": SIP, "channel.1.solo": 1, "monitor.source": code("channel.1")}) == (
        IN[0],
        IN[0],
    )
    assert _monitor({"monitor.solo_mode": SIP, "channel.1.solo": 1, "monitor.source": code("channel.2")}) == (0.0, 0.0)
    assert _monitor({"monitor.solo_mode": SIP, "channel.1.solo": 1, "monitor.source": NONE}) == (0.0, 0.0)


def _walk(events: list[tuple[int, str, float]], settings: Settings | None = None) -> Signal:
    console = Console(SIZE, {**PLACE, **(settings or {})})
    return console.play(steady(SIZE, IN, 8000), [console.event(at, path, value, 0) for at, path, value in events])


def test_in_place_comes_and_goes_in_20_ms_and_leaves_nothing_behind() -> None:
    y = _walk([(640, "channel.2.solo", 1.0), (4000, "channel.2.solo", 0.0)])
    assert (y[:640, 0] == IN[0]).all()
    assert (y[640 + WALK : 4000, 0] == 0.0).all()
    assert y[640 + WALK // 2, 0] == pytest.approx(IN[0] / 2, rel=0.05)
    assert (y[4000 + WALK :, 0] == IN[0]).all()
    assert (y[:, 1] == IN[1]).all(), "the soloed one is not touched"


def test_a_change_of_mode_is_one_of_who_is_silent() -> None:
    y = _walk([(640, "monitor.solo_mode", AFL), (4000, "monitor.solo_mode", SIP)], {"channel.2.solo": 1})
    assert (y[:640, 0] == 0.0).all()
    assert (y[640 + WALK : 4000, 0] == IN[0]).all()
    assert (y[4000 + WALK :, 0] == 0.0).all()
