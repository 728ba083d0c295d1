"""Soft takeover: a table of cases, and no sequence of whatever happens makes a parameter jump."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from drivers.panel_events import Health
from dsp.laws import db_to_fader, fader_to_db
from firmware import scene
from firmware.surface.fader import SNAP
from firmware.surface.pickup import GLIDE_MS, WINDOW, Takeover
from firmware.surface.surface import Surface
from tests.firmware.surface.fakes import PAGES, Desk, Hands, full

CH1 = "channel.1.fader_db"
CH9 = "channel.9.fader_db"


def ratio(position: float) -> float:
    """What the wiper gives where the fader is at `position`."""
    return SNAP + position * (1.0 - 2.0 * SNAP)


def at(db: float) -> float:
    return ratio(db_to_fader(db))


def holding(db: float = -10.0) -> Hands:
    """Fader 1 at so many dB, holding its parameter; all others at the bottom."""
    hands = Hands(at={"fader.1": at(db - 4.0)})
    hands.desk.model.set(CH1, db)
    hands.slide("fader.1", at(db), 3)
    assert hands.get(CH1) == pytest.approx(db, abs=0.05)
    hands.desk.told.clear()
    return hands


# --- the law by itself ------------------------------------------------------------------------------------------------

CASES = [
    # where it stood, where it moves to, where the value is, holds
    ("within the window from below", 0.40, 0.495, 0.50, True),
    ("within the window from above", 0.60, 0.505, 0.50, True),
    ("short of the window", 0.40, 0.48, 0.50, False),
    ("away from the value", 0.40, 0.30, 0.50, False),
    ("across it upwards between two scans", 0.40, 0.80, 0.50, True),
    ("across it downwards between two scans", 0.90, 0.10, 0.50, True),
    ("it stood in the window already and goes quickly", 0.495, 0.10, 0.50, True),
    ("from end to end in one scan", 0.0, 1.0, 0.50, True),
    ("to the bottom where the value is", 0.30, 0.0, 0.0, True),
    ("from the bottom where the value is, quickly", 0.0, 0.5, 0.0, True),
    ("to the top where the value is", 0.30, 1.0, 1.0, True),
    ("all the way up and the value is at the bottom", 0.10, 1.0, 0.0, False),
    ("it is not known where it stood", None, 0.80, 0.50, False),
    ("it is not known where it stood, but it is there", None, 0.501, 0.50, True),
]


@pytest.mark.parametrize(("before", "to", "wanted", "holds"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_when_a_fader_takes_hold(before: float | None, to: float, wanted: float, holds: bool) -> None:
    takeover = Takeover()
    takeover.at = before
    assert takeover.move(to, "x", 1.0, wanted) is holds
    assert takeover.at == to


def test_a_fader_that_holds_is_followed_wherever_it_goes() -> None:
    takeover = Takeover()
    takeover.at = 0.5
    for k, to in enumerate((0.51, 0.9, 0.0, 1.0)):
        assert takeover.move(to, "x", float(k), wanted=takeover.at) is True
        takeover.keep("x", float(k + 1))


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [("x", 2.0, "someone else has moved it"), ("y", 1.0, "another parameter is under the fader")],
)
def test_a_fader_loses_hold_without_being_told(path: str, value: float, why: str) -> None:
    takeover = Takeover()
    takeover.at = 0.5
    takeover.keep("x", 1.0)
    assert takeover.holds("x", 1.0)
    assert not takeover.move(0.55, path, value, 0.9), why
    assert not takeover.move(0.56, "x", 1.0, 0.9), "what was lost does not come back by itself"


# --- the same on the surface ------------------------------------------------------------------------------------------


def test_a_still_fader_moves_nothing_at_the_start_wherever_it_stands() -> None:
    hands = Hands(at={"fader.1": at(-10.2), "fader.2": at(0.0), "fader.main": at(-3.0)})
    hands.desk.model.set(CH1, -10.0)
    hands.wait_s(5.0)
    assert hands.desk.told == []


def test_a_fader_that_is_elsewhere_shows_where_the_value_is_and_moves_nothing() -> None:
    hands = Hands(at={"fader.1": at(-30.0)})
    hands.desk.model.set(CH1, 0.0)
    hands.slide("fader.1", at(-20.0), 10)
    assert hands.desk.told == []
    pickup = hands.view.pickup
    assert pickup is not None
    assert (pickup.name, pickup.path, pickup.wanted) == ("fader.1", CH1, 0.75)
    assert pickup.at == pytest.approx(db_to_fader(-20.0), abs=0.002)
    hands.wait_s(1.6)
    assert hands.view.pickup is None


def test_reaching_the_value_takes_hold_and_the_arrow_goes_away() -> None:
    hands = Hands(at={"fader.1": at(-30.0)})
    hands.desk.model.set(CH1, -10.0)
    hands.slide("fader.1", at(-5.0), 60)
    assert hands.view.pickup is None
    first = hands.desk.told[0]
    assert first[0] == CH1
    assert db_to_fader(-10.0) - WINDOW - 0.005 <= db_to_fader(float(first[1])) <= db_to_fader(-10.0) + WINDOW + 0.005
    assert hands.get(CH1) == pytest.approx(-5.0, abs=0.05)
    assert all(over_ms == GLIDE_MS for _, _, over_ms in hands.desk.told)


def test_crossing_the_value_between_two_scans_takes_hold_and_glides() -> None:
    hands = Hands(at={"fader.1": at(-40.0)})
    hands.desk.model.set(CH1, -10.0)
    hands.slide("fader.1", at(5.0), 1)
    assert hands.get(CH1) == pytest.approx(5.0, abs=0.05)
    assert all(over_ms is not None and over_ms >= 20.0 for _, _, over_ms in hands.desk.told)


def _recall(hands: Hands) -> None:
    hands.desk.apply(scene.parse("format = 1\n[channel.1]\nfader_db = 0.0\n"), "x")


def _remote(hands: Hands) -> None:
    hands.desk.set(CH1, 0.0)


def _layer(hands: Hands) -> None:
    hands.press("key.layer")
    hands.desk.model.set(CH9, 0.0)


def _undo(hands: Hands) -> None:
    hands.desk.set(CH1, -11.0)
    hands.slide("fader.1", at(-9.9))
    hands.surface.changes.set(CH1, 0.0, "", "x", hands.now_ns)
    hands.surface.changes.set(CH1, -50.0, "", "x", hands.now_ns)
    hands.surface.changes.undo()


def _unplug(hands: Hands) -> None:
    hands.panel.chips["adc1"] = Health.LOST
    hands.wait_s(0.5)
    hands.panel.chips["adc1"] = Health.GOOD
    hands.wipers["fader.1"] = at(-20.0)  # it was moved while it was away
    hands.scan(10)


def _flip(hands: Hands) -> None:
    hands.press("key.layer")
    hands.press("key.layer")
    hands.press("select.1")
    hands.press("key.flip")


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (_recall, CH1), (_remote, CH1), (_layer, CH9), (_undo, CH1), (_unplug, CH1),
        (_flip, "channel.1.send.1.level_db"),
    ],
    ids=["recall", "remote", "layer", "undo", "unplug", "flip"],
)  # fmt: skip
def test_a_fader_lets_go_and_has_to_pick_up_again(event: Callable[[Hands], None], path: str) -> None:
    setup = replace(full(), chip_of={"fader.1": "adc1"})
    hands = Hands(setup, at={"fader.1": at(-14.0)})
    hands.desk.model.set(CH1, -10.0)
    hands.slide("fader.1", at(-10.0), 3)
    event(hands)
    before = hands.get(path)
    hands.desk.told.clear()
    hands.slide("fader.1", at(-14.0), 5)
    assert hands.desk.told == []
    assert hands.get(path) == before
    wanted = db_to_fader(float(before))
    hands.slide("fader.1", ratio(wanted), 100)
    hands.slide("fader.1", ratio(min(wanted + 0.1, 1.0)), 5)
    assert hands.get(path) == pytest.approx(fader_to_db(wanted + 0.1), abs=0.1)


def test_a_remote_change_to_where_it_already_is_does_not_shake_the_fader_off() -> None:
    hands = holding(-10.0)
    hands.desk.set(CH1, hands.get(CH1))
    hands.slide("fader.1", at(-5.0))
    assert hands.get(CH1) == pytest.approx(-5.0, abs=0.05)


def test_two_faders_on_one_parameter_take_it_from_each_other() -> None:
    """The layer of the mains puts the main fader under fader 1 too."""
    hands = Hands(at={"fader.1": at(-20.0), "fader.main": at(-20.0)})
    hands.desk.model.set("main.lr.fader_db", -20.0)
    hands.surface.bank.show("main.lr")
    hands.slide("fader.main", at(0.0), 5)
    assert hands.get("main.lr.fader_db") == pytest.approx(0.0, abs=0.05)
    hands.slide("fader.1", at(-25.0), 5)
    assert hands.get("main.lr.fader_db") == pytest.approx(0.0, abs=0.05)
    hands.slide("fader.1", at(5.0), 50)
    assert hands.get("main.lr.fader_db") == pytest.approx(5.0, abs=0.05)


def test_back_on_a_layer_a_fader_that_was_not_moved_holds_at_once_and_one_that_was_does_not() -> None:
    hands = holding(-10.0)
    for _ in hands.surface.bank.all:
        hands.press("key.layer")
    hands.slide("fader.1", at(-6.0))
    assert hands.get(CH1) == pytest.approx(-6.0, abs=0.05)
    hands.press("key.layer")
    hands.slide("fader.1", at(-20.0), 5)
    hands.shifted("key.layer")
    hands.slide("fader.1", at(-22.0))
    assert hands.get(CH1) == pytest.approx(-6.0, abs=0.05)


def test_on_the_very_first_start_parameters_take_the_places_of_the_faders() -> None:
    hands = Hands(replace(full(), adopt=True), at={"fader.2": at(-10.0), "fader.main": at(0.0)})
    assert hands.get(CH1) == -math.inf
    assert hands.get("channel.2.fader_db") == pytest.approx(-10.0, abs=0.05)
    assert hands.get("main.lr.fader_db") == pytest.approx(0.0, abs=0.05)
    hands.slide("fader.2", at(-30.0))  # and it holds
    assert hands.get("channel.2.fader_db") == pytest.approx(-30.0, abs=0.1)
    hands.press("key.layer")  # the other layers do not
    hands.slide("fader.1", at(-10.0), 1)
    assert hands.get("channel.9.fader_db") == pytest.approx(-10.0, abs=0.05)  # it is at −inf, where the fader stood
    hands.slide("fader.2", at(-20.0))
    assert hands.get("channel.10.fader_db") == -math.inf


@pytest.mark.parametrize(
    ("muted", "opened_s", "back_s", "adopts"),
    [
        (True, None, 1.0, True), (True, None, 2.1, False), (True, 0.5, 1.0, False), (True, 2.5, 5.0, False),
        (False, None, 1.0, True), (False, None, 2.1, False),
    ],
    ids=["in time", "late", "mains open", "mains open long ago", "no mute in time", "no mute late"],
)  # fmt: skip
def test_a_converter_that_comes_late_on_the_first_start_moves_nothing(
    muted: bool, opened_s: float | None, back_s: float, adopts: bool
) -> None:
    """Boards whose hands cannot open the mains begin with open ones: there the time alone counts."""
    desk = Desk()
    desk.model.set("main.lr.mute", muted)
    hands = Hands(replace(full(), adopt=True, chip_of={"fader.5": "adc2"}), desk)
    hands.surface = Surface(desk, hands.panel, hands.setup, lambda: hands.now_ns, PAGES)  # before any reading
    hands.panel.chips["adc2"] = Health.LOST
    hands.wipers["fader.5"] = at(8.0)
    start_ns = hands.now_ns
    hands.scan()
    desk.set("channel.5.fader_db", -12.0)
    while hands.now_ns < start_ns + back_s * 1e9:
        if opened_s is not None and hands.now_ns >= start_ns + opened_s * 1e9:
            desk.set("main.lr.mute", False)
        hands.scan()
    hands.panel.chips["adc2"] = Health.GOOD
    hands.wait_s(1.0)
    assert hands.get("channel.5.fader_db") == pytest.approx(8.0 if adopts else -12.0, abs=0.05)
    if not adopts:  # and is picked up as any other is
        hands.slide("fader.5", at(-20.0), 60)
        assert hands.get("channel.5.fader_db") == pytest.approx(-20.0, abs=0.1)


def test_the_ends_are_reached_exactly() -> None:
    hands = holding(-10.0)
    hands.slide("fader.1", 0.001, 6)
    assert hands.get(CH1) == -math.inf
    hands.slide("fader.1", 0.998, 6)
    assert hands.get(CH1) == 10.0
