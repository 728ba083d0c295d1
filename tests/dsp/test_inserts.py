"""External inserts: out through one of the card's outputs, back through the input of that number (`docs/signal.md`)."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import INSERT_LINE, NONE
from tests.dsp.console import GLIDE_FRAMES, Console, Settings, code, steady
from tests.dsp.rig import LATENCY_FRAMES, Signal, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=4, inputs=4, outputs=4, rate_hz=RATE_HZ, buses=2, effects=1)
STRIPS = ("channel.1", "bus.1", "return.1", "main.lr")
OUT, BACK = 0.25, 0.0625  # what a strip sends out, what comes back
FEED: dict[str, dict[str, float]] = {
    "channel.1": {}, "bus.1": {"channel.1.send.1.level_db": 0}, "return.1": {"return.1.source": 0},
    "main.lr": {"channel.1.to_main": 1},
}  # fmt: skip


def _settings(strip: str, settings: Settings) -> dict[str, float]:
    """The strip at output 1, the line of slot 1 (the second) at output 2, of slot 2 at output 3."""
    quiet = {f"channel.{n}.to_main": 0 for n in range(1, 5)} | {"return.1.to_main": 0}
    heard = {"output.1.source": code(strip), "output.2.source": INSERT_LINE, "output.3.source": INSERT_LINE}
    own = {f"{strip}.{name}": value for name, value in settings.items()}
    return {**quiet, **FEED[strip], **heard, "output.4.source": NONE, **own}


def _ends(strip: str, settings: Settings) -> list[float]:
    return [float(v) for v in Console(SIZE, _settings(strip, settings)).play(steady(SIZE, [OUT, BACK, 0, 0]))[-1, :3]]


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("strip", STRIPS)
def test_a_strip_goes_out_and_what_comes_back_takes_its_place(strip: str, position: int) -> None:
    assert _ends(strip, {"insert.on": 1, "insert.slot": 1, "insert.position": position}) == [BACK, OUT, 0.0]


@pytest.mark.parametrize("strip", STRIPS)
def test_one_that_is_off_or_has_no_slot_is_a_wire(strip: str) -> None:
    assert _ends(strip, {"insert.on": 0, "insert.slot": 1}) == [OUT, 0.0, 0.0]
    assert _ends(strip, {"insert.on": 1, "insert.slot": -1}) == [OUT, 0.0, 0.0]


def test_where_the_card_has_no_such_input_silence_comes_back() -> None:
    assert _ends("channel.1", {"insert.on": 1, "insert.slot": 31}) == [0.0, 0.0, 0.0]


def test_mute_and_fader_come_after_it() -> None:
    moved = {"insert.on": 1, "insert.slot": 1, "fader_db": -20, "trim_db": -6}
    strip, line, _ = _ends("channel.1", moved)
    assert strip == pytest.approx(BACK * 0.1, rel=1e-6)
    assert line == pytest.approx(OUT * 10 ** (-6 / 20), rel=1e-6)
    assert _ends("channel.1", {**moved, "mute": 1})[1] == line


def test_the_eq_comes_before_it_or_after_it() -> None:
    eq = {
        "eq.on": 1,
        "eq.band.1.on": 1,
        "eq.band.1.gain_db": 6,
        "eq.band.1.freq_hz": 1000,
        "insert.on": 1,
        "insert.slot": 1,
    }
    x = np.zeros((9600, 4), np.float32)
    x[:, :1] = sine(9600, 1000.0, RATE_HZ, -20.0)
    x[:, 1:2] = sine(9600, 1000.0, RATE_HZ, -30.0)
    for position, line_db, strip_db in ((0, -20.0, -24.0), (1, -14.0, -30.0)):
        y = np.abs(Console(SIZE, _settings("channel.1", {**eq, "insert.position": position})).play(x)[-4800:])
        assert 20 * np.log10(y[:, 1].max()) == pytest.approx(line_db, abs=0.02)
        assert 20 * np.log10(y[:, 0].max()) == pytest.approx(strip_db, abs=0.02)


def test_strips_that_share_a_slot_are_heard_together() -> None:
    shared = {f"channel.{n}.insert.{name}": value for n in (1, 2, 3) for name, value in (("on", 1), ("slot", 1))}
    console = Console(SIZE, {**_settings("channel.1", {}), **shared, "channel.3.insert.position": 0})
    y = console.play(steady(SIZE, [0.25, 0.0625, 0.125, 0.0]))
    assert y[-1, 1] == 0.25 + 0.0625 + 0.125


def test_each_side_of_a_stereo_strip_has_a_slot_of_its_own() -> None:
    pair = {"link": 1, "pan": 0, "insert.on": 1, "insert.slot": 1}
    console = Console(SIZE, {**_settings("channel.1", pair), "channel.2.source": 3, "channel.2.insert.slot": 2})
    y = console.set({"output.4.source": code("channel.2")}).play(steady(SIZE, [0.25, 0.125, 0.0625, 0.03125]))
    assert y[-1].tolist() == [0.125, 0.25, 0.03125, 0.0625]


def _with_a_box(settings: Settings, gain: float, card_frames: int) -> tuple[Signal, Signal]:
    """A box of that gain between output and input 2, the card's way there and back card_frames long: the signal, and
    what comes out of the strip."""
    console = Console(SIZE, _settings("channel.1", settings))
    kernel, block = console.kernel(), 32
    x = np.zeros((9600, 4), np.float32)
    x[:, 0] = np.random.default_rng(8).uniform(-0.25, 0.25, len(x))
    y = np.zeros((len(x), 4), np.float32)
    for at in range(0, len(x), block):
        begin = at - card_frames
        if begin >= 0:
            x[at : at + block, 1] = gain * y[begin : begin + block, 1]
        y[at : at + block] = kernel.process(x[at : at + block])
    return x[:, 0], y[:, 0]


@pytest.mark.parametrize("card_frames", [64, 192])
def test_through_a_box_at_the_card_it_comes_back_as_late_as_card_and_limiter_are(card_frames: int) -> None:
    x, y = _with_a_box({"insert.on": 1, "insert.slot": 1}, 0.5, card_frames)
    late = card_frames + 2 * LATENCY_FRAMES  # out through a limiter, and what comes back goes out through another
    assert (y[late:] == np.float32(0.5) * x[:-late]).all()
    assert (y[:late] == 0).all()


def test_switching_it_on_crosses_over_from_dry_to_what_comes_back() -> None:
    console = Console(SIZE, _settings("channel.1", {"insert.on": 0, "insert.slot": 1}))
    y = console.play(steady(SIZE, [OUT, BACK, 0, 0]), [console.event(640, "channel.1.insert.on", 1.0)])
    assert (y[:640, 0] == OUT).all()
    assert (np.diff(y[640 : 640 + GLIDE_FRAMES, 0]) < 0).all()
    assert (y[640 + GLIDE_FRAMES :, 0] == BACK).all()
    assert (np.diff(y[640 : 640 + GLIDE_FRAMES, 1]) > 0).all()


def test_another_slot_is_faded_to() -> None:
    console = Console(SIZE, _settings("channel.1", {"insert.on": 1, "insert.slot": 1}))
    y = console.play(steady(SIZE, [OUT, BACK, 0.125, 0]), [console.event(640, "channel.1.insert.slot", 2.0)])
    assert y[600].tolist()[:3] == [BACK, OUT, 0.0]
    assert y[640 + 480 - 1].tolist()[:3] == [OUT, 0.0, 0.0], "dry in between"
    assert y[640 + 960].tolist()[:3] == [0.125, 0.0, OUT]


@pytest.mark.parametrize("position", [0, 1])
def test_what_is_no_sound_does_not_leave_through_it(position: int) -> None:
    """`docs/signal.md`: what is added to a line is 0 where it is not within ±10¹⁸."""
    own = {"insert.on": 1, "insert.slot": 1, "insert.position": position}
    for level, heard in ((1.1e18, False), (-1.1e18, False), (9e17, True)):
        x = steady(SIZE, [level, BACK, 0, 0])
        x[:1600, 0] = OUT
        line = Console(SIZE, _settings("channel.1", own)).play(x)[:, 1]
        assert (line[320:1500] == OUT).all()
        assert (np.abs(line[1700:]) > 0.5).all() if heard else not line[1700:].any()
