"""Pages, encoders and scenes by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from firmware.surface.settings import Settings
from firmware.surface.setup import Setup
from firmware.surface.view import PageName
from firmware.surface.words import said
from tests.firmware.surface.fakes import Hands

MINIMAL = (tuple(f"fader.{n}" for n in range(1, 5)), ("encoder.1", "encoder.2"), ("push.1", "push.2"))


def minimal() -> Hands:
    return Hands(Setup(*MINIMAL, settings=Settings(saver_minutes=0)))


@pytest.fixture
def hands() -> Hands:
    return Hands()


# --- pages and encoders -----------------------------------------------------------------------------------------------


def test_a_page_key_shows_its_page_and_once_more_the_next_part(hands: Hands) -> None:
    hands.press("key.eq")
    assert (hands.view.page, hands.view.part) == (PageName.EQ, 0)
    hands.press("key.eq")
    assert hands.view.part == 1
    for _ in range(5):
        hands.press("key.eq")
    assert hands.view.part == 0
    hands.scan(6)
    assert hands.panel.lit["light.key.eq"] == 1.0
    hands.turn("encoder.5", 3)
    assert hands.view.part == 3


@pytest.mark.parametrize(
    ("key", "shift"),
    [("key.effects", False), ("key.automation", False), ("key.scenes", True), ("key.automation", True)],
)
def test_what_is_not_there_yet_is_one_plain_note_and_nothing_else(hands: Hands, key: str, shift: bool) -> None:
    before = dict(hands.desk.model.values)
    (hands.shifted if shift else hands.press)(key)
    assert "yet" in hands.view.note
    assert hands.view.page is PageName.GAIN
    assert hands.desk.model.values == before


def test_encoders_turn_the_values_of_the_page(hands: Hands) -> None:
    hands.turn("encoder.1", 4)
    assert hands.get("channel.1.trim_db") == 1.0
    assert (hands.view.touched, hands.view.label_text) == ("channel.1.trim_db", "Ch 1 trim_db")
    hands.turn("encoder.2", 1)
    assert hands.get("channel.1.polarity_invert") is True
    hands.turn("encoder.2", 5)
    assert hands.get("channel.1.polarity_invert") is True
    hands.wait_s(1.6)
    assert hands.view.touched == ""


def test_a_quick_hand_goes_further_but_never_through_choices(hands: Hands) -> None:
    hands.turn("encoder.1", 5, every_ms=15.0)
    assert hands.get("channel.1.trim_db") == 0.25 * (1 + 4 * 3)
    hands.turn("encoder.4", 2, every_ms=3.0)
    assert hands.get("channel.1.source") == "in.3"


def test_a_push_is_for_fine_and_a_hold_asks_before_it_resets(hands: Hands) -> None:
    hands.press("push.1")
    assert hands.view.fine
    hands.turn("encoder.1", 3, every_ms=3.0)
    assert hands.get("channel.1.trim_db") == pytest.approx(0.075)
    hands.press("push.1")
    assert not hands.view.fine
    hands.key("push.1", True)
    hands.wait_s(0.25)
    assert hands.view.ask == ""
    hands.wait_s(0.4)
    assert hands.view.ask == "Hold to reset trim_db"
    assert 0.2 < hands.view.ask_share < 0.6
    hands.key("push.1", False)
    assert hands.view.ask == ""
    assert hands.get("channel.1.trim_db") == pytest.approx(0.075)
    assert not hands.view.fine  # a hold that was let go is no push
    hands.press("push.1", seconds=1.3)
    assert hands.get("channel.1.trim_db") == 0.0
    assert hands.view.note == "Reset: Ch 1 trim_db"
    hands.shifted("key.flip")
    assert hands.get("channel.1.trim_db") == pytest.approx(0.075)


def test_holding_a_pages_key_resets_all_its_parts_as_one_step(hands: Hands) -> None:
    hands.press("key.eq")
    hands.desk.model.update(
        {"channel.1.eq.band.2.gain_db": 6.0, "channel.1.eq.band.5.q": 3.0, "channel.1.trim_db": 3.0}
    )
    hands.apart()
    hands.press("key.eq", seconds=1.3)
    assert hands.get("channel.1.eq.band.2.gain_db") == 0.0
    assert hands.get("channel.1.eq.band.5.q") == 0.71
    assert hands.get("channel.1.trim_db") == 3.0
    hands.shifted("key.flip")
    assert (hands.get("channel.1.eq.band.2.gain_db"), hands.get("channel.1.eq.band.5.q")) == (6.0, 3.0)


def test_one_turn_is_one_step_of_undo_and_two_turns_are_two(hands: Hands) -> None:
    hands.turn("encoder.1", 8)
    hands.apart()
    hands.turn("encoder.1", 4)
    assert hands.get("channel.1.trim_db") == 3.0
    hands.shifted("key.flip")
    assert hands.get("channel.1.trim_db") == 2.0
    hands.shifted("key.flip")
    assert hands.get("channel.1.trim_db") == 0.0


def test_with_two_encoders_one_chooses_and_the_other_turns() -> None:
    hands = minimal()
    assert hands.surface.bank.width == 4
    hands.turn("encoder.2", 2)  # the cursor begins with strips
    assert hands.view.strip == "channel.3"
    hands.turn("encoder.2", 2)
    assert hands.view.strip == "channel.5"
    assert hands.surface.faders.path("fader.1") == "channel.5.fader_db"  # the layer follows
    hands.press("push.2")
    hands.turn("encoder.2", 1)
    assert hands.view.page is PageName.EQ
    hands.press("push.2")
    hands.turn("encoder.2", 2)
    assert hands.view.part == 2
    hands.press("push.2")
    assert hands.view.note == "Cursor: value"
    hands.turn("encoder.2", 1)
    hands.turn("encoder.1", 10)
    assert hands.get("channel.5.eq.band.3.gain_db") == pytest.approx(1.0)
    hands.press("push.2")
    assert hands.view.note == "Cursor: strip"


@pytest.mark.parametrize(
    "setup",
    [
        Setup(tuple(f"fader.{n}" for n in range(1, 9)), settings=Settings(saver_minutes=0)),
        Setup(settings=Settings(saver_minutes=0)),
        Setup((), ("encoder.1",), ("push.1",), settings=Settings(saver_minutes=0)),
    ],
    ids=["faders only", "the card alone", "one encoder"],
)
def test_fewer_controls_are_a_smaller_surface_and_not_a_broken_one(setup: Setup) -> None:
    hands = Hands(setup)
    for name in setup.faders:
        hands.slide(name, 0.75, 5, rest=5)
    for name in setup.encoders:
        for _ in range(6):
            hands.turn(name, 3)
            hands.press(name.replace("encoder", "push"))
    assert hands.view.strip.startswith("channel.")
    if setup.faders:
        assert hands.get("channel.8.fader_db") == pytest.approx(0.0, abs=0.1)


# --- what is told for a moment ----------------------------------------------------------------------------------------


def test_a_note_takes_the_place_of_what_was_touched_and_gives_way_to_what_is_touched_next(hands: Hands) -> None:
    hands.turn("encoder.1", 1)
    hands.press("key.layer")
    assert (hands.view.note, hands.view.touched) == ("Channels 2", ""), "the value is not one of the layer’s"
    hands.wait_s(0.3)
    hands.turn("encoder.1", 1)
    assert hands.view.note == "Channels 2", "it has not been read yet"
    hands.wait_s(0.4)
    assert (hands.view.note, hands.view.touched) == ("", "channel.1.trim_db")
    hands.press("key.layer")
    hands.wait_s(0.7)
    assert hands.view.note == "Buses", "nothing wants its place"
    hands.press("key.eq")
    hands.scan()
    assert hands.view.note == ""


def test_a_longer_note_is_left_for_as_long_as_it_takes_to_read_it(hands: Hands) -> None:
    hands.desk.model.set("channel.1.name", "Rhythm guitar")
    hands.turn("encoder.1", 1)
    hands.shifted("key.flip")
    assert hands.view.note == "Undo: Rhythm guitar trim_db"
    hands.wait_s(0.7)
    hands.turn("encoder.1", 1)
    assert hands.view.note != ""
    hands.wait_s(1.4)
    assert hands.view.note == ""


@pytest.mark.parametrize("act", ["key.eq", "select.3", "cursor"])
def test_whoever_wants_to_see_a_page_sees_it_at_once(hands: Hands, act: str) -> None:
    hands.press("key.eq")
    hands.press("key.gain")
    hands.turn("encoder.1", 2)
    assert hands.view.touched
    if act == "cursor":
        hands.press("key.eq")
        hands.turn("encoder.1", 2)
        hands.turn("encoder.5", 1)
    else:
        hands.press(act)
    assert hands.view.touched == ""


def test_the_label_says_which_band_or_stage_a_value_is_of() -> None:
    model = Hands().desk.model
    model.set("channel.1.name", "Kick")
    wanted = {
        ("channel.1.trim_db", "Trim"): "Kick Trim",
        ("channel.1.eq.band.2.gain_db", "Gain"): "Kick Band 2 Gain",
        ("channel.1.eq.band.2.on", "Band2"): "Kick Band 2",
        ("channel.1.eq.on", "EQ"): "Kick EQ",
        ("channel.1.hpf.on", "LoCut"): "Kick Low cut",
        ("channel.1.lpf.freq_hz", "Freq"): "Kick High cut Freq",
        ("channel.1.gate.threshold_db", "Thr"): "Kick Gate Thr",
        ("channel.1.comp.threshold_db", "Thr"): "Kick Comp Thr",
        ("channel.1.comp.on", "Comp"): "Kick Comp",
        ("channel.1.comp.key.source", "Key"): "Kick Comp key",
        ("channel.1.comp.key.freq_hz", "Freq"): "Kick Comp key Freq",
        ("channel.1.send.3.level_db", "Hall"): "Kick to Hall",
        ("channel.1.send.3.tap", "Hall"): "Kick to Hall tap",
        ("main.lr.matrix.1.level_db", "Mtx1"): "Main to Mtx1",
        ("monitor.level_db", "Vol"): "Vol",
    }
    assert {one: said(model, *one) for one in wanted} == wanted


# --- scenes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "pidesk" / "scenes"


def test_a_scene_is_recalled_from_the_list_and_the_recall_undone(hands: Hands, shelf: Path) -> None:
    hands.press("key.scenes")
    assert hands.view.rows == ("New scene", "band", "flat")
    hands.turn("encoder.5", 2)
    hands.press("push.5")
    hands.surface.library.wait()
    assert hands.desk.scene == "flat"
    assert hands.get("channel.16.fader_db") == -10.0
    assert hands.view.note == "Recalled flat"
    hands.shifted("key.flip")
    assert hands.get("channel.16.fader_db") == -math.inf
    assert hands.view.note == "Undo: Recall flat"
    assert not shelf.exists()


def test_a_hold_asks_before_it_stores_and_stores_what_was_there_then(hands: Hands, shelf: Path) -> None:
    hands.press("key.scenes")
    hands.desk.model.set("channel.1.fader_db", -12.5)
    hands.key("key.scenes", True)
    hands.wait_s(0.6)
    assert hands.view.ask == "Hold to store scene 1"
    assert not shelf.exists()
    hands.wait_s(0.7)
    hands.desk.model.set("channel.1.fader_db", -40.0)
    hands.key("key.scenes", False)
    hands.surface.library.wait()
    assert "fader_db = -12.5" in (shelf / "scene 1.toml").read_text()
    assert hands.view.note == "Stored scene 1"
    assert hands.view.rows[hands.view.row] == "scene 1"
    hands.apart()
    hands.key("key.scenes", True)
    hands.wait_s(0.6)
    assert hands.view.ask == "Hold to store over scene 1"


def test_what_a_hold_asks_is_what_it_stores_wherever_the_cursor_goes_meanwhile(hands: Hands, shelf: Path) -> None:
    hands.press("key.scenes")
    hands.turn("encoder.5", 1)
    hands.key("key.scenes", True)
    hands.wait_s(0.6)
    assert hands.view.ask == "Hold to store over band"
    hands.turn("encoder.5", 1, 50)
    assert hands.view.ask == "Hold to store over band"
    hands.wait_s(1.0)
    hands.surface.library.wait()
    assert [one.name for one in shelf.iterdir()] == ["band.toml"]


def test_what_a_hold_resets_is_what_it_asked_about(hands: Hands) -> None:
    for strip in ("channel.1", "channel.2"):
        hands.desk.model.set(f"{strip}.trim_db", 6.0)
    hands.key("push.1", True)
    hands.wait_s(0.6)
    hands.press("select.2")
    hands.wait_s(1.0)
    assert (hands.get("channel.1.trim_db"), hands.get("channel.2.trim_db")) == (0.0, 6.0)


def test_a_scene_that_cannot_be_read_is_told_and_changes_nothing(hands: Hands, shelf: Path) -> None:
    shelf.mkdir(parents=True)
    (shelf / "bad.toml").write_text("format = 1\n[channel.1]\nfader_db = 99.0\n")
    hands.press("key.scenes")
    hands.turn("encoder.5", 1)
    before = dict(hands.desk.model.values)
    hands.press("push.5")
    hands.surface.library.wait()
    assert "out of range" in hands.view.note
    assert hands.desk.model.values == before
