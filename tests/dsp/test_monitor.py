"""The monitor: what it hears, its level, dim, mono, swap, polarity and delay; talkback dims it (`docs/signal.md`)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import MONITOR_L, MONITOR_MEAN, MONITOR_R, NONE
from tests.dsp.console import Console, Settings, code, steady

SIZE = DeskSize(channels=4, inputs=4, outputs=4, buses=4, effects=1, matrices=2)
IN = (0.25, 0.125, 0.0625, 0.03125)
HEARD = {"output.1.source": MONITOR_L, "output.2.source": MONITOR_R, "output.3.source": MONITOR_MEAN}
FEED = {
    "channel.1.link": 1, "channel.1.pan": 0, "channel.3.to_main": 0, "channel.4.to_main": 0, "channel.4.to_mono": 1,
    "channel.1.send.1.level_db": 0, "bus.1.link": 1, "channel.3.send.3.level_db": 0, "bus.3.matrix.2.level_db": 0,
    "return.1.source": 2, "return.1.right.source": 3, "return.1.to_main": 0, "monitor.source": code("main.lr"),
}  # fmt: skip


def _monitor(settings: Settings) -> tuple[float, float]:
    y = Console(SIZE, {**FEED, **HEARD, **settings}).play(steady(SIZE, IN))
    left, right, mean = (float(v) for v in y[-1, :3])
    assert mean == pytest.approx((left + right) / 2, rel=1e-6)
    return left, right


SOURCES = {
    "main.lr": IN[:2], "main.lr.right": IN[:2], "main.mono": (IN[3], IN[3]), "bus.1": IN[:2], "bus.2": IN[:2],
    "bus.3": (IN[2], IN[2]), "channel.1": IN[:2], "channel.2": IN[:2], "channel.3": (IN[2], IN[2]),
    "return.1": IN[2:], "return.1.right": IN[2:], "matrix.2": (IN[2], IN[2]), "matrix.1": (0.0, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("strip", list(SOURCES))
def test_it_hears_any_strip_with_both_its_sides(strip: str) -> None:
    assert _monitor({"monitor.source": code(strip)}) == SOURCES[strip]


@pytest.mark.parametrize("source", [NONE, 0, 999, 1004, 2004, 6000, 6003, 70000])
def test_what_the_desk_has_not_is_silence(source: int) -> None:
    assert _monitor({"monitor.source": source}) == (0.0, 0.0)


def test_it_hears_after_the_fader() -> None:
    assert _monitor({"monitor.source": code("channel.3"), "channel.3.fader_db": -20})[0] == pytest.approx(
        IN[2] * 0.1, rel=1e-6
    )
    assert _monitor({"monitor.source": code("channel.3"), "channel.3.mute": 1}) == (0.0, 0.0)


@pytest.mark.parametrize("level_db", [6.0, -20.0, -60.0, -math.inf])
def test_its_level(level_db: float) -> None:
    wanted = [v * 10 ** (level_db / 20) for v in IN[:2]]
    assert _monitor({"monitor.level_db": level_db}) == pytest.approx(wanted, rel=1e-5)


def test_dim_and_talkbacks_dim_add_up() -> None:
    dims = {"monitor.dim_db": -14, "talkback.dim_db": -9}
    for dim, talk, total_db in ((0, 0, 0), (1, 0, -14), (0, 1, -9), (1, 1, -23)):
        got = _monitor({**dims, "monitor.dim": dim, "talkback.on": talk})
        assert got == pytest.approx([v * 10 ** (total_db / 20) for v in IN[:2]], rel=1e-5)


MATRIX = {  # swap, then polarity of the right side, then mono
    (): (IN[0], IN[1]),
    ("mono",): ((IN[0] + IN[1]) / 2, (IN[0] + IN[1]) / 2),
    ("swap",): (IN[1], IN[0]),
    ("polarity",): (IN[0], -IN[1]),
    ("swap", "polarity"): (IN[1], -IN[0]),
    ("polarity", "mono"): ((IN[0] - IN[1]) / 2, (IN[0] - IN[1]) / 2),
    ("swap", "polarity", "mono"): ((IN[1] - IN[0]) / 2, (IN[1] - IN[0]) / 2),
}


@pytest.mark.parametrize("switches", list(MATRIX), ids=" and ".join)
@pytest.mark.parametrize("solo", [False, True])
def test_mono_swap_and_polarity_of_what_is_chosen_and_of_solo(switches: tuple[str, ...], solo: bool) -> None:
    soloed = {"channel.1.solo": 1, "monitor.source": NONE} if solo else {}
    assert _monitor({f"monitor.{name}": 1 for name in switches} | soloed) == pytest.approx(MATRIX[switches], rel=1e-6)


def test_its_delay_is_of_the_monitor_alone() -> None:
    settings = {"monitor.delay_ms": 2.5, "output.3.source": code("main.lr"), "monitor.mono": 1}
    ages = Console(SIZE, {**FEED, **HEARD, **settings}).impulse()
    assert ages[:3] == [[120], [120], [0]]


def test_from_one_source_to_another_it_fades_out_and_in() -> None:
    console = Console(SIZE, {**FEED, **HEARD})
    y = console.play(steady(SIZE, IN, 4000), [console.event(640, "monitor.source", code("main.mono"))])[:, 0]
    fade = 480  # 10 ms each way
    assert (y[:640] == IN[0]).all()
    assert y[640 + fade - 1] == 0.0
    assert (np.diff(y[639 : 640 + fade]) < 0).all()
    assert (np.diff(y[640 + fade : 640 + 2 * fade]) > 0).all()
    assert (y[640 + 2 * fade :] == IN[3]).all()
