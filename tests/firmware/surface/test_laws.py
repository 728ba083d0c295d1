"""Encoders' acceleration and steps, presses, tap tempo, undo: each by itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind, Number
from firmware.surface.acceleration import Acceleration
from firmware.surface.gestures import Buttons, Press, Release, TapTempo
from firmware.surface.history import DEPTH, History
from firmware.surface.steps import turned
from tests.firmware.surface.fakes import SIZE

MS = 1_000_000


# --- acceleration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval_ms", "factor"), [(100.0, 1), (30.0, 1), (29.9, 2), (20.0, 2), (19.9, 3), (10.0, 3), (9.9, 4), (4.9, 6)]
)
def test_the_faster_the_hand_the_further_by_the_table_of_norns(interval_ms: float, factor: int) -> None:
    acceleration = Acceleration()
    assert acceleration.steps(1, 0) == 1
    assert acceleration.steps(1, int(interval_ms * MS)) == factor
    assert acceleration.steps(-1, int(interval_ms * MS) + 1 * MS) == -1  # a turn back starts slowly
    assert acceleration.steps(-1, int(2 * interval_ms * MS) + 1 * MS) == -factor


def test_detents_that_come_together_share_their_time() -> None:
    acceleration = Acceleration()
    acceleration.steps(1, 0)
    assert acceleration.steps(3, 75 * MS) == 6  # 25 ms each


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_step_is_what_the_parameter_declares_and_fine_a_tenth_of_it() -> None:
    model = DeskModel(SIZE)
    assert turned(model, "channel.1.trim_db", 1) == 0.25
    assert turned(model, "channel.1.trim_db", -3, fine=True) == -0.075
    assert turned(model, "channel.1.eq.band.1.gain_db", 3) == 0.3  # not 0.30000000000000004
    third = float(turned(model, "channel.1.eq.band.3.freq_hz", 24))
    assert third == pytest.approx(800.0 * 10.0**0.3, rel=1e-5)  # 24 steps of 240 over three decades: an octave
    assert turned(model, "channel.1.fader_db", 1) == pytest.approx(-87.6)
    assert turned(model, "channel.1.trim_db", 1000) == 24.0
    assert turned(model, "channel.1.fader_db", -5) == -math.inf


def test_choices_go_one_by_one_through_what_this_desk_has() -> None:
    model = DeskModel(DeskSize(4, 2, 2, 48000, buses=2, effects=1))
    seen = []
    for _ in range(6):
        model.set("channel.1.source", turned(model, "channel.1.source", 1))
        seen.append(model.values["channel.1.source"])
    assert seen == ["in.2", "osc", "osc", "osc", "osc", "osc"]  # an effect has two sides and this strip is mono
    assert turned(model, "channel.1.source", -100) == "none"
    assert turned(model, "channel.1.mute", 1) is True
    assert turned(model, "channel.1.mute", -1) is False
    assert turned(model, "channel.1.name", 5) == ""


def test_a_stereo_strip_is_offered_pairs() -> None:
    model = DeskModel(DeskSize(4, 5, 2, 48000, plays=2), [(Kind.CHANNEL, 1)])
    model.set("channel.1.source", "none")
    seen = []
    for _ in range(4):
        model.set("channel.1.source", turned(model, "channel.1.source", 1))
        seen.append(model.values["channel.1.source"])
    assert seen == ["in.1+2", "in.3+4", "play.1+2", "osc"]


NUMBERS = [path for path, place in DeskModel(SIZE).places.items() if isinstance(place.parameter.type, Number)]


@given(st.sampled_from(NUMBERS), st.integers(-2000, 2000), st.integers(-30, 30), st.booleans())
def test_every_number_takes_what_an_encoder_makes_of_it(path: str, first: int, then: int, fine: bool) -> None:
    model = _MODEL
    kind = model.places[path].parameter.type
    assert isinstance(kind, Number)
    before = float(model.set(path, turned(model, path, first)))
    after = float(model.set(path, turned(model, path, then, fine)))
    assert kind.low <= after <= kind.high
    if then > 0 and before < kind.high:
        assert after > before
    if then < 0 and before > kind.low:
        assert after < before


_MODEL = DeskModel(SIZE)


# --- presses ----------------------------------------------------------------------------------------------------------


def test_a_second_press_is_a_double_and_a_third_is_not() -> None:
    buttons = Buttons()
    seen = []
    for k, at_ms in enumerate((0, 300, 500, 1200)):
        found = buttons.update("a", True, at_ms * MS)
        assert isinstance(found, Press)
        seen.append(found.double)
        assert isinstance(buttons.update("a", False, at_ms * MS + 50 * MS), Release), k
    assert seen == [False, True, False, False]


def test_two_presses_about_two_strips_are_no_double_one() -> None:
    buttons = Buttons()
    seen = []
    for at_ms, strip in ((0, "channel.2"), (150, "channel.10"), (300, "channel.10"), (400, "channel.10")):
        found = buttons.update("select.2", True, at_ms * MS, strip)
        assert isinstance(found, Press)
        seen.append(found.double)
        buttons.update("select.2", False, at_ms * MS + 30 * MS, strip)
    assert seen == [False, False, True, False]


def test_a_release_says_whether_it_was_short_and_what_is_no_change_is_none() -> None:
    buttons = Buttons()
    assert buttons.update("a", False, 0) is None
    assert buttons.update("a", True, 0) == Press("a", 0, False)
    assert buttons.update("a", True, 1) is None
    assert buttons.is_down("a")
    assert buttons.update("a", False, 299 * MS) == Release("a", 299 * MS, was_short=True)
    buttons.update("a", True, 1000 * MS)
    assert buttons.update("a", False, 1300 * MS) == Release("a", 1300 * MS, was_short=False)
    assert buttons.down() == []


def test_a_tempo_is_the_median_of_the_last_four_beats() -> None:
    taps = TapTempo()
    assert taps.tap(0) is None
    assert taps.tap(500 * MS) == pytest.approx(120.0)
    assert taps.tap(1000 * MS) == pytest.approx(120.0)
    assert taps.tap(1700 * MS) == pytest.approx(120.0)  # one bad tap
    assert taps.tap(2200 * MS) == pytest.approx(120.0)
    for k in range(1, 5):  # another tempo is there after four beats
        bpm = taps.tap(2200 * MS + k * 1000 * MS)
    assert bpm == pytest.approx(60.0)
    assert taps.tap(6200 * MS + 2001 * MS) is None  # a pause begins anew
    assert taps.tap(6200 * MS + 2002 * MS) == 300.0


# --- undo -------------------------------------------------------------------------------------------------------------


def test_a_gesture_is_one_step_and_a_pause_ends_it() -> None:
    history = History()
    for k in range(10):
        history.record("fader.1 a", "A", {"a": float(k)}, k * 900 * MS)
    history.record("fader.1 a", "A", {"a": 10.0}, (9 * 900 + 1001) * MS)
    history.record("fader.2 b", "B", {"b": 1.0}, (9 * 900 + 1002) * MS)
    history.record("", "C", {"c": 1.0}, (9 * 900 + 1003) * MS)
    history.record("", "C", {"c": 2.0}, (9 * 900 + 1003) * MS)
    steps = []
    while (step := history.take()) is not None:
        steps.append((step.label, step.before))
    assert steps == [
        ("C", {"c": 2.0}), ("C", {"c": 1.0}), ("B", {"b": 1.0}), ("A", {"a": 10.0}), ("A", {"a": 0.0}),
    ]  # fmt: skip


def test_two_hands_at_once_make_two_steps_and_the_newest_is_the_one_that_moved_last() -> None:
    history = History()
    history.record("", "mute", {"m": False}, 0)
    for k in range(2000):
        history.record("fader.1 a", "A", {"a": float(k)}, k * 8 * MS)
        history.record("fader.2 b", "B", {"b": -float(k)}, (k * 8 + 1) * MS)
    history.record("", "solo", {"s": False}, 2000 * 8 * MS)
    history.record("fader.1 a", "A", {"a": 2000.0}, 2001 * 8 * MS)
    steps = [(step.label, step.before) for _ in range(len(history)) if (step := history.take()) is not None]
    assert steps == [("A", {"a": 0.0}), ("solo", {"s": False}), ("B", {"b": 0.0}), ("mute", {"m": False})]


@given(st.lists(st.tuples(st.sampled_from(("x", "y", "")), st.sampled_from("abc"), st.integers(0, 700)), max_size=30))
def test_undoing_everything_comes_back_to_the_beginning_by_values_that_there_were(
    moves: list[tuple[str, str, int]],
) -> None:
    history, now_ms = History(), 0
    values = dict.fromkeys("abc", 0)
    was = {path: {0} for path in values}
    for k, (hand, path, after_ms) in enumerate(moves, 1):
        now_ms += after_ms
        history.record(f"{hand} {path}" if hand else "", path, {path: values[path]}, now_ms * MS)
        values[path] = k
        was[path].add(k)
    while (step := history.take()) is not None:
        for path, value in step.before.items():
            assert value in was[path]
            assert int(value) < values[path], "undo never goes forward"
            values[path] = int(value)
    assert set(values.values()) == {0}


def test_the_oldest_step_goes_when_there_are_too_many() -> None:
    history = History()
    for k in range(DEPTH + 5):
        history.record("", str(k), {"a": float(k)}, 0)
    assert len(history) == DEPTH
    steps = [history.take() for _ in range(DEPTH)]
    assert steps[-1] is not None
    assert steps[-1].label == "5"
