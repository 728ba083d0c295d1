"""Where each of the five taps of a strip is: which of a strip's stages it hears, and by how much."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import TAPS
from tests.dsp.console import Console, Settings, code, gain_db
from tests.dsp.rig import QUANTUM, Signal, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=2, inputs=2, outputs=10, rate_hz=RATE_HZ, buses=6, effects=1, matrices=1)
SETTLED = slice(7200, 9600)
STRIPS = ("channel.1", "bus.1", "return.1", "main.lr", "matrix.1")

# A change at a strip: what it is, the first tap that hears it, by how many dB the 1 kHz sine of −20 dBFS is then louder
CHANGES: dict[str, tuple[Settings, str, float]] = {
    "trim": ({"trim_db": -6}, "input", -6),
    "polarity": ({"polarity_invert": 1}, "input", 0),
    "delay": ({"delay_ms": 1.25}, "pre_eq", 0),
    "high-pass": ({"hpf.on": 1, "hpf.freq_hz": 1000}, "pre_eq", -3.01),
    "low-pass": ({"lpf.on": 1, "lpf.freq_hz": 1000}, "pre_eq", -3.01),
    "gate": ({"gate.on": 1, "gate.threshold_db": 0, "gate.range_db": 12, "gate.release_ms": 5}, "pre_eq", -12),
    "insert before the eq": ({"insert.on": 1, "insert.slot": 1, "insert.position": 0}, "post_eq", -math.inf),
    "compressor before the eq": ({"comp.on": 1, "comp.threshold_db": 0, "comp.makeup_db": 3}, "post_eq", 3),
    "eq": ({"eq.on": 1, "eq.band.3.on": 1, "eq.band.3.gain_db": 5}, "post_eq", 5),
    "compressor after the eq": (
        {"comp.on": 1, "comp.position": 1, "comp.threshold_db": 0, "comp.makeup_db": 4}, "post_eq", 4
    ),
    "insert after the eq": ({"insert.on": 1, "insert.slot": 1, "insert.position": 1}, "post_eq", -math.inf),
    "mute": ({"mute": 1}, "pre_fader", -math.inf),
    "fader": ({"fader_db": -7}, "post_fader", -7),
    "fader at the bottom": ({"fader_db": -math.inf}, "post_fader", -math.inf),
}  # fmt: skip
MASTERS: dict[str, tuple[Settings, Settings, str, float]] = {  # the same for what masters do, with their own settings
    "mute group": ({"mute_group.2": 1}, {"mute_group.2.mute": 1}, "pre_fader", -math.inf),
    "dca mute": ({"dca.5": 1}, {"dca.5.mute": 1}, "pre_fader", -math.inf),
    "dca fader": ({"dca.5": 1}, {"dca.5.fader_db": -9}, "post_fader", -9),
}


def _feed(strip: str) -> dict[str, float]:
    """Input 1 to the strip at unity; its taps by sends to buses 2 to 6 (outputs 1 to 5) and straight to outputs 6 to
    10."""
    to_main: dict[str, float] = {"channel.1.to_main": 1, "channel.1.pan": -100}
    ways: dict[str, dict[str, float]] = {
        "channel.1": {}, "bus.1": {"channel.1.send.1.level_db": 0},
        "return.1": {"return.1.source": 0, "return.1.right.source": 0}, "main.lr": to_main,
        "matrix.1": {"channel.1.to_mono": 1, "main.mono.matrix.1.level_db": 0},
    }  # fmt: skip
    taps: dict[str, float] = {}
    for n in range(len(TAPS)):
        send = f"{strip}.send.{n + 2}"
        taps |= {f"{send}.level_db": 0, f"{send}.tap": n, f"output.{n + 1}.source": code(f"bus.{n + 2}")}
        taps |= {f"output.{n + 6}.source": code(strip), f"output.{n + 6}.tap": n}
    return ways[strip] | taps


@cache
def _heard(strip: str, changed: tuple[tuple[str, float], ...] = ()) -> Signal:
    """The taps by sends, then straight."""
    x = np.zeros((9600, 2), np.float32)
    x[:, :1] = sine(9600, 1000.0, RATE_HZ, -20.0)
    return Console(SIZE, {**_feed(strip), **dict(changed)}).play(x)[SETTLED]


def _check(strip: str, changed: Settings, first: str, louder_db: float) -> None:
    before, after = _heard(strip), _heard(strip, tuple(changed.items()))
    sends = () if strip in ("main.lr", "matrix.1") else range(len(TAPS))
    for column in (*sends, *range(5, 10)):
        tap = TAPS[column % 5]
        was, now = before[:, column], after[:, column]
        assert np.abs(was).max() == pytest.approx(0.1, rel=1e-3), tap
        if column % 5 < TAPS.index(first):
            assert (was == now).all(), f"{tap} hears it"
        else:
            assert (was != now).mean() > 0.9, f"{tap} does not hear it"
            assert gain_db(float(np.abs(now).max()), 0.1) == pytest.approx(louder_db, abs=0.05), tap


@pytest.mark.parametrize("strip", STRIPS)
@pytest.mark.parametrize("change", list(CHANGES))
def test_the_taps_that_hear(change: str, strip: str) -> None:
    settings, first, louder_db = CHANGES[change]
    changed = {f"{strip}.{name}": value for name, value in settings.items()}
    if strip == "return.1" and "insert.slot" in settings:  # each side has its own
        changed["return.1.right.insert.slot"] = settings["insert.slot"]
    _check(strip, changed, first, louder_db)


@pytest.mark.parametrize("strip", STRIPS)
@pytest.mark.parametrize("master", list(MASTERS))
def test_the_taps_that_hear_a_master(master: str, strip: str) -> None:
    member, settings, first, louder_db = MASTERS[master]
    _check(strip, {f"{strip}.{name}": value for name, value in member.items()} | dict(settings), first, louder_db)


@pytest.mark.parametrize("strip", ["channel.1", "return.1"])
def test_solo_in_place_is_heard_by_the_taps_around_the_fader(strip: str) -> None:
    _check(strip, {"monitor.solo_mode": 2, "channel.2.solo": 1}, "pre_fader", -math.inf)


@pytest.mark.parametrize("strip", ["channel.1", "bus.1"])
def test_the_pan_of_a_mono_strip_is_heard_by_no_tap(strip: str) -> None:
    assert (_heard(strip) == _heard(strip, ((f"{strip}.pan", 77.0),))).all()


@pytest.mark.parametrize("strip", ["channel.1", "bus.1", "return.1"])
def test_a_send_hears_the_tap_that_an_output_hears(strip: str) -> None:
    late = QUANTUM if strip == "return.1" else 0
    moved = (("polarity_invert", 1), ("eq.on", 1), ("eq.band.1.on", 1), ("eq.band.1.gain_db", 3), ("fader_db", -2))
    y = _heard(strip, tuple((f"{strip}.{name}", float(value)) for name, value in moved))
    sent, straight = y[late:, :5], y[: len(y) - late, 5:]
    assert np.abs(sent - straight).max() < 1e-7
    assert len({float(np.abs(sent[:, n]).max()) for n in range(5)}) >= 3
