"""What is soloed, listened to and monitored changes nothing else: every other output stays the same to the last bit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import MAIN_MEAN, MONITOR_L, MONITOR_R, NONE, SOLO_BUS, StripKind, lane_code
from tests.dsp import scenes
from tests.dsp.chance import Chance
from tests.dsp.console import Console, code
from tests.dsp.rig import LATENCY_FRAMES, Signal

SIZE = DeskSize(channels=10, inputs=4, outputs=16, buses=10, effects=2, matrices=3, plays=2)
FRAMES = 12800
# Fourteen outputs with mains, matrices, buses, returns and a channel, then the monitor
CARRIED = (
    "main.lr", "main.lr.right", "main.mono", "matrix.1", "matrix.2", "matrix.3", "bus.1", "bus.2", "bus.9", "return.1",
    "return.2.right", "channel.1", "channel.10",
)  # fmt: skip
STRIPS = [(kind, place) for kind in StripKind for place in range(SIZE.lanes_of[kind])]
NAMES = ("solo", "gate.key.listen", "comp.key.listen")
MUTED_BY = ("mute", "solo_safe", *(f"dca.{d}" for d in range(1, 9)), *(f"mute_group.{g}" for g in range(1, 7)))


def _console(seed: int, mode: int) -> Console:
    """A busy desk on which nobody listens yet."""
    console = Console(SIZE)
    console.values[:] = Chance(seed).values(SIZE)
    for kind, place in STRIPS:
        for name in (*NAMES, *MUTED_BY):
            console.values[SIZE.strip(kind, place, name)] = 0
    console.set({f"output.{k}.source": code(strip) for k, strip in enumerate(CARRIED, 1)})
    console.set({"output.14.source": MAIN_MEAN, "output.15.source": MONITOR_L, "output.16.source": MONITOR_R})
    return console.set({
        "monitor.solo_mode": mode, "monitor.source": code("main.lr"), "monitor.level_db": 0, "monitor.dim": 0,
        "monitor.dim_db": -20, "monitor.mono": 0, "monitor.swap": 0, "monitor.polarity": 0, "monitor.delay_ms": 0,
        "output.15.tap": 4, "output.16.tap": 4, "osc.destination": code("bus.1"), "talkback.on": 0,
        "talkback.source": 0, "talkback.level_db": 0, "talkback.dim_db": -12,
        **{f"talkback.to.bus.{b}": 0 for b in range(1, 17)}, **{f"talkback.to.matrix.{m}": 0 for m in range(1, 9)},
        "talkback.to.main": 0, "talkback.to.mono": 0,
    })  # fmt: skip


@cache
def _undisturbed(seed: int, mode: int) -> Signal:
    return _console(seed, mode).play(scenes.programme(FRAMES, SIZE.columns, SIZE.rate_hz, seed))


def _of_all(console: Console, *names: str) -> list[Event]:
    """On, one strip after the other, then off again."""
    size, events = console.size, []
    for k, (kind, place) in enumerate(STRIPS):
        for name in names:
            events += [Event(320 + 160 * k, size.strip(kind, place, name), 1.0, 320 * (k % 3))]
            events += [Event(6400 + 160 * k, size.strip(kind, place, name), 0.0, 320 * (k % 3))]
    return sorted(events)


def _desk(console: Console, *moves: tuple[str, float]) -> list[Event]:
    return [console.event(640 + 1280 * k, path, value, 640) for k, (path, value) in enumerate(moves)]


def _disturbances(console: Console) -> Mapping[str, list[Event]]:
    """What is done on a busy desk."""
    return {
        "everyone soloed": _of_all(console, "solo"),
        "every gate's key listened to": _of_all(console, "gate.key.listen"),
        "every compressor's key listened to": _of_all(console, "comp.key.listen"),
        "the solo mode changed": _of_all(console, "solo")
        + _desk(console, ("monitor.solo_mode", 1), ("monitor.solo_mode", 0), ("monitor.solo_mode", 1)),
        "other monitor sources": _desk(
            console,
            *(("monitor.source", source) for source in (NONE, code("bus.9"), code("return.2"), SOLO_BUS)),
            ("monitor.source", lane_code(StripKind.CHANNEL, 9)),
        ),
        "monitor level and dim": _desk(
            console,
            ("monitor.level_db", 6),
            ("monitor.dim", 1),
            ("monitor.dim_db", -40),
            ("monitor.level_db", -math.inf),
        ),
        "monitor mono, swap, polarity and delay": _desk(
            console, ("monitor.mono", 1), ("monitor.swap", 1), ("monitor.polarity", 1), ("monitor.delay_ms", 20)
        ),
        "talkback to nobody": _desk(
            console, ("talkback.on", 1), ("talkback.level_db", 6), ("talkback.dim_db", -30), ("talkback.source", 2)
        ),
        "solo safe": _of_all(console, "solo", "solo_safe"),
    }


@pytest.mark.parametrize("mode", [0, 1], ids=["pfl", "afl"])
@pytest.mark.parametrize("name", list(_disturbances(Console(SIZE))))
def test_the_monitor_changes_and_nothing_else(name: str, mode: int) -> None:
    console = _console(42, mode)
    events = sorted(_disturbances(console)[name])
    y = console.play(scenes.programme(FRAMES, SIZE.columns, SIZE.rate_hz, 42), events)
    before = _undisturbed(42, mode)
    assert (np.abs(before[:, :14]).max(axis=0) > 1e-3).sum() >= 12, "most of them carry something"
    assert (y[:, :14].view(np.int32) == before[:, :14].view(np.int32)).all()
    assert np.abs(y[:, 14:] - before[:, 14:]).max() > 0.01


@pytest.mark.parametrize("seed", [43, 53, 54])
def test_all_of_it_at_once_on_other_desks(seed: int) -> None:
    console = _console(seed, seed % 2)
    events = sorted(event for events in _disturbances(console).values() for event in events)
    y = console.play(scenes.programme(FRAMES, SIZE.columns, SIZE.rate_hz, seed), events)
    before = _undisturbed(seed, seed % 2)
    assert (y[:, :14].view(np.int32) == before[:, :14].view(np.int32)).all()
    assert (y[:, 14:] != before[:, 14:]).any()


def test_solo_in_place_is_the_one_that_the_mains_hear_and_it_leaves_no_trace() -> None:
    console = _console(45, 2)
    moves = [console.event(640, "channel.2.solo", 1.0, 0), console.event(3200, "channel.2.solo", 0.0, 0)]
    console.set({f"{strip}.{of}.on": 0 for strip in CARRIED for of in ("comp", "gate")} | {"channel.1.link": 0})
    channel = CARRIED.index("channel.1")
    console.set({f"output.{channel + 1}.tap": 4, f"output.{channel + 1}.delay_ms": 0})
    x = scenes.programme(FRAMES, SIZE.columns, SIZE.rate_hz, 45)
    y, before = console.play(x, moves), console.play(x)
    looks_ahead = 640 - LATENCY_FRAMES  # a limiter may
    assert (y[:looks_ahead] == before[:looks_ahead]).all()
    assert np.abs(y[1600:3200, :14] - before[1600:3200, :14]).max() > 0.01
    assert np.abs(before[1600:3200, channel]).max() > 1e-3
    assert (y[1600:3200, channel] == 0).all()
    assert (y[3200 + 960 :, channel] == before[3200 + 960 :, channel]).all()
