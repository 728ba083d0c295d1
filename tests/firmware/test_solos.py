"""Solos as the hands use them: exclusive ones, clearing them all, bringing back those that were cleared last."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind, Value
from firmware.solos import Solos

SIZE = DeskSize(4, 4, 2, 48000, buses=2, effects=1, matrices=2)


class Desk:
    """A desk without an engine: the model, and what was set on it in order."""

    def __init__(self) -> None:
        self.model = DeskModel(SIZE)
        self.solos = Solos(self)
        self.told: list[tuple[str, Value]] = []

    def set(self, path: str, value: object, over_ms: float | None = None) -> Value:
        assert over_ms is None
        checked = self.model.set(path, value)
        self.told.append((path, checked))
        self.solos.seen(path, checked)
        return checked


SOLOS = [path for path in Desk().model.places if path.endswith((".solo", ".key.listen"))]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_every_kind_of_strip_can_be_soloed_and_each_detector_heard() -> None:
    strips = ["channel.1", "bus.2", "return.1", "main.lr", "main.mono", "matrix.1"]
    wanted = {f"{strip}.{end}" for strip in strips for end in ("solo", "gate.key.listen", "comp.key.listen")}
    assert wanted <= set(SOLOS)
    assert len(SOLOS) == 3 * (4 + 2 + 1 + 2 + 2)


def test_solos_add_up_unless_they_are_exclusive(desk: Desk) -> None:
    for path in ("channel.1.solo", "bus.1.solo", "channel.2.comp.key.listen"):
        desk.set(path, True)
    assert desk.solos.on() == ["channel.1.solo", "channel.2.comp.key.listen", "bus.1.solo"]
    desk.set("monitor.exclusive", True)
    assert len(desk.solos.on()) == 3  # it is the next solo that ends the others
    desk.set("channel.3.mute", True)
    desk.set("channel.2.solo", False)
    assert len(desk.solos.on()) == 3
    desk.set("main.lr.solo", True)
    assert desk.solos.on() == ["main.lr.solo"]
    desk.set("channel.1.gate.key.listen", True)
    assert desk.solos.on() == ["channel.1.gate.key.listen"]


def test_an_exclusive_solo_is_on_before_the_others_end(desk: Desk) -> None:
    """Else the monitor would go back to its source between two solos."""
    desk.set("monitor.exclusive", True)
    desk.set("channel.1.solo", True)
    desk.set("channel.2.solo", True)
    assert desk.told[-2:] == [("channel.2.solo", True), ("channel.1.solo", False)]


def test_clearing_an_empty_desk_does_not_forget_what_was_cleared_before(desk: Desk) -> None:
    assert desk.solos.clear() == desk.solos.again() == []
    desk.set("channel.1.solo", True)
    desk.set("matrix.2.solo", True)
    assert desk.solos.clear() == ["channel.1.solo", "matrix.2.solo"]
    assert desk.solos.clear() == []
    assert desk.solos.again() == ["channel.1.solo", "matrix.2.solo"]


def test_what_became_a_right_side_meanwhile_does_not_come_back(desk: Desk) -> None:
    desk.set("channel.1.solo", True)
    desk.set("channel.2.solo", True)
    desk.solos.clear()
    desk.model.link((Kind.CHANNEL, 1), stereo=True)
    assert desk.solos.again() == ["channel.1.solo"]
    assert desk.solos.on() == ["channel.1.solo"]


class Hands(RuleBasedStateMachine):
    """Whatever is pressed in whatever order, beside the plainest account of it: a set of paths."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.on: set[str] = set()
        self.cleared: set[str] = set()
        self.last_cleared = ""
        self.exclusive = False

    def _press(self, path: str) -> None:
        self.on = {path} if self.exclusive else self.on | {path}

    @rule(path=st.sampled_from(SOLOS), down=st.booleans())
    def solo(self, path: str, down: bool) -> None:
        self.desk.set(path, down)
        if down:
            self._press(path)
        else:
            self.on -= {path}

    @rule(exclusive=st.booleans())
    def switch(self, exclusive: bool) -> None:
        self.desk.set("monitor.exclusive", exclusive)
        self.exclusive = exclusive

    @rule()
    def clear(self) -> None:
        assert set(self.desk.solos.clear()) == self.on
        if self.on:
            self.cleared, self.last_cleared = self.on, max(self.on, key=SOLOS.index)
        self.on = set()

    @rule()
    def again(self) -> None:
        back = ([self.last_cleared] if self.last_cleared else []) if self.exclusive else sorted(self.cleared)
        for path in back:
            self._press(path)
        assert set(self.desk.solos.again()) == self.on

    @rule(path=st.sampled_from(["channel.1.mute", "bus.1.fader_db", "monitor.dim"]), up=st.booleans())
    def other(self, path: str, up: bool) -> None:
        self.desk.set(path, (0.0 if up else -10.0) if path.endswith("_db") else up)

    @invariant()
    def the_model_says_what_is_on(self) -> None:
        assert self.desk.solos.on() == sorted(self.on, key=SOLOS.index)
        assert [path for path in SOLOS if self.desk.model.get(path) is True] == self.desk.solos.on()


TestHands = Hands.TestCase
TestHands.settings = settings(max_examples=60, stateful_step_count=25)
