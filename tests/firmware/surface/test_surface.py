"""Keys, selects, mutes, encoders, pages and what is shown of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from drivers.panel_events import Health, Slid, Turned
from firmware.surface import key_table
from firmware.surface.keys import KEYS, SHIFTED, Do
from firmware.surface.roles import ENCODERS, KEY_ROLES, ROLES
from firmware.surface.settings import Settings
from firmware.surface.surface import Surface
from firmware.surface.view import PageName
from tests.firmware.surface.fakes import Desk, Hands, Panel, full


@pytest.fixture
def hands() -> Hands:
    return Hands()


# --- the table of keys ------------------------------------------------------------------------------------------------


def test_every_key_is_in_the_table_and_all_that_design_asks_for_is_on_some_key() -> None:
    assert set(KEYS) == {*KEY_ROLES, *ROLES["foot"]}
    assert set(SHIFTED) == set(KEYS) - {"key.shift"}
    words = {key.word for key in SHIFTED.values()}
    assert {"setup", "undo", "tap", "GO", "record", "play", "talkback", "clear"} <= words
    done = {key.does for key in (*KEYS.values(), *SHIFTED.values())} | {key.held for key in SHIFTED.values()}
    assert done >= {Do.SILENCE, Do.UNDO, Do.FLIP, Do.NEXT_LAYER, Do.TALKBACK}


def test_the_manual_has_the_keys_as_they_are() -> None:
    text = key_table.PAGE.read_text("utf-8")
    assert key_table.page(text) == text, "python -m firmware.surface.key_table writes it anew"
    assert text.count(Do.SILENCE.value) == 1


# --- strips -----------------------------------------------------------------------------------------------------------


def test_a_mute_acts_at_once_and_is_lit_and_undone(hands: Hands) -> None:
    hands.key("mute.3", True)
    assert hands.get("channel.3.mute") is True
    hands.key("mute.3", False)
    hands.scan(6)
    assert hands.panel.lit["light.mute.3"] == 1.0
    assert hands.view.touched == "channel.3.mute"
    hands.press("mute.3")
    assert hands.get("channel.3.mute") is False
    hands.press("mute.3")
    hands.shifted("key.flip")
    hands.shifted("key.flip")
    assert hands.get("channel.3.mute") is True
    hands.shifted("key.flip")
    assert hands.get("channel.3.mute") is False
    assert hands.view.note == "Undo: Ch 3 mute"
    hands.shifted("key.flip")
    assert hands.view.note == "Nothing to undo"


def test_a_mute_that_comes_from_a_group_is_lit_dimly(hands: Hands) -> None:
    hands.desk.model.update({"channel.2.dca.4": True, "dca.4.mute": True, "channel.5.mute_group.1": True})
    hands.scan(6)
    assert (hands.panel.lit["light.mute.2"], hands.panel.lit["light.mute.5"]) == (0.25, 0.0)


def test_select_shows_a_strip_and_a_second_press_or_shift_solos_it(hands: Hands) -> None:
    hands.press("select.4")
    assert hands.view.strip == "channel.4"
    hands.scan(6)
    assert [hands.panel.lit[f"light.select.{n}"] for n in (1, 4)] == [0.0, 1.0]
    assert hands.get("channel.4.solo") is False
    hands.press("select.4")
    assert hands.get("channel.4.solo") is True
    hands.apart()
    hands.shifted("select.2")
    assert hands.get("channel.2.solo") is True
    assert hands.view.strip == "channel.4"
    assert hands.panel.lit["light.key.solo"] == 1.0


def test_solos_are_cleared_come_back_and_can_be_undone(hands: Hands) -> None:
    hands.press("key.solo")
    hands.press("select.2")
    hands.press("key.solo")
    assert hands.desk.solos.on() == ["channel.1.solo", "channel.2.solo"]
    hands.shifted("key.solo")
    assert hands.desk.solos.on() == []
    hands.shifted("key.flip")
    assert hands.desk.solos.on() == ["channel.1.solo", "channel.2.solo"]
    hands.shifted("key.solo")
    hands.shifted("key.solo")
    assert hands.desk.solos.on() == ["channel.1.solo", "channel.2.solo"]


def test_an_exclusive_solo_is_undone_with_what_it_ended(hands: Hands) -> None:
    hands.desk.model.set("monitor.exclusive", True)
    hands.press("key.solo")
    hands.press("select.2")
    hands.press("key.solo")
    assert hands.desk.solos.on() == ["channel.2.solo"]
    hands.shifted("key.flip")
    assert hands.desk.solos.on() == ["channel.1.solo"]


def test_the_select_of_a_dca_takes_the_selected_strip_in_and_lets_it_out(hands: Hands) -> None:
    hands.press("select.3")
    hands.surface.bank.show("dca.1")
    hands.press("select.2")
    assert hands.get("channel.3.dca.2") is True
    assert hands.view.strip == "channel.3"
    hands.scan(6)
    assert hands.panel.lit["light.select.2"] == 1.0
    hands.apart()
    hands.press("select.2")
    assert hands.get("channel.3.dca.2") is False


def test_mute_groups_are_muted_and_filled_beside_the_faders(hands: Hands) -> None:
    hands.press("select.3")
    hands.surface.bank.show("mute_group.1")
    hands.press("select.2")
    assert hands.get("channel.3.mute_group.2") is True
    hands.press("mute.2")
    assert hands.get("mute_group.2.mute") is True
    hands.scan(6)
    assert (hands.panel.lit["light.select.2"], hands.panel.lit["light.mute.2"]) == (1.0, 1.0)
    hands.slide("fader.2", 0.8, 5)
    assert hands.view.note == ""
    hands.shifted("key.flip")
    assert hands.get("mute_group.2.mute") is False
    hands.shifted("key.flip")
    assert hands.get("channel.3.mute_group.2") is False
    hands.surface.bank.first()
    hands.press("mute.3")
    assert hands.get("channel.3.mute") is True


def test_layers_go_round_and_a_hold_leads_back(hands: Hands) -> None:
    count = len(hands.surface.bank.all)
    seen = []
    for _ in range(count):
        hands.press("key.layer")
        seen.append(hands.view.note)
    assert seen[0] == "Channels 2"
    assert seen[-1] == "Channels 1"
    hands.shifted("key.layer")
    assert hands.view.note == "Mains"
    hands.press("key.layer", seconds=1.3)
    assert hands.view.note == "Channels 1"


def test_flip_follows_the_bus_that_is_selected(hands: Hands) -> None:
    hands.surface.bank.show("bus.1")
    hands.press("select.3")
    hands.press("key.flip")
    assert hands.view.note == "Sends to Bus 3"
    assert hands.surface.faders.path("fader.2") == "channel.2.send.3.level_db"
    assert hands.surface.faders.path("fader.main") == "main.lr.fader_db"
    hands.slide("fader.2", 0.5, 5)
    assert float(hands.get("channel.2.send.3.level_db")) == pytest.approx(-10.0, abs=0.1)
    assert hands.view.label_text == "Ch 2 to Bus 3"
    hands.press("key.flip")
    assert hands.surface.bank.flipped == ""


# --- the rest of the keys ---------------------------------------------------------------------------------------------


def test_shift_and_a_held_clear_silence_everything_after_asking(hands: Hands) -> None:
    hands.desk.model.set("monitor.level_db", -20.0)
    hands.shifted("key.solo", seconds=0.8)
    assert not hands.view.main_muted
    hands.key("key.shift", True)
    hands.key("key.solo", True)
    hands.wait_s(0.7)
    assert hands.view.ask == "Hold to silence all outputs"
    hands.wait_s(0.6)
    assert hands.view.main_muted
    assert hands.get("monitor.level_db") == -math.inf
    assert hands.desk.told[-2:] == [("main.lr.mute", True, 50.0), ("monitor.level_db", -math.inf, 50.0)]
    hands.key("key.solo", False)
    hands.key("key.shift", False)
    hands.shifted("key.flip")
    assert not hands.view.main_muted
    assert hands.get("monitor.level_db") == -20.0


def test_talkback_is_on_while_its_key_is_down_whenever_shift_comes_up(hands: Hands) -> None:
    hands.key("key.shift", True)
    hands.key("key.monitor", True)
    assert hands.get("talkback.on") is True
    hands.key("key.shift", False)
    assert hands.get("talkback.on") is True
    hands.key("key.monitor", False)
    assert hands.get("talkback.on") is False
    assert hands.view.page is PageName.GAIN
    hands.desk.model.set("talkback.latch", True)
    hands.shifted("key.monitor")
    assert hands.get("talkback.on") is True
    hands.shifted("key.monitor")
    assert hands.get("talkback.on") is False
    hands.shifted("key.flip")
    assert hands.view.note == "Nothing to undo"


def test_talkback_ends_when_the_chip_of_its_key_goes_away() -> None:
    hands = Hands(replace(full(), chip_of={"key.monitor": "exp2", "push.1": "exp2"}))
    hands.key("key.shift", True)
    hands.key("key.monitor", True)
    hands.key("push.1", True)
    hands.panel.chips["exp2"] = Health.LOST
    hands.scan(8)
    assert hands.get("talkback.on") is False
    assert list(hands.view.lost) == ["exp2"]
    hands.wait_s(2.0)
    assert (hands.view.ask, hands.view.fine) == ("", False)
    hands.panel.chips["exp2"] = Health.GOOD
    hands.scan(8)
    assert not hands.view.lost


def test_a_chip_that_was_away_between_two_ticks_lets_its_faders_and_buttons_go() -> None:
    hands = Hands(replace(full(), chip_of={"fader.1": "adc1", "key.monitor": "exp2"}))
    hands.panel.chips = {"adc1": Health.GOOD, "exp2": Health.GOOD}
    hands.slide("fader.1", 0.5, 10)
    hands.key("key.shift", True)
    hands.key("key.monitor", True)
    before = hands.get("channel.1.fader_db")
    assert hands.get("talkback.on") is True
    hands.panel.since_ns = {"adc1": hands.now_ns + 1, "exp2": hands.now_ns + 1}
    hands.panel.happened.append(Slid(hands.now_ns, "fader.1", 0.5))  # read before it went, taken after it came back
    hands.slide("fader.1", 0.7, 1)
    assert hands.get("channel.1.fader_db") == before, "it has to be picked up"
    assert hands.get("talkback.on") is False


def test_select_of_two_strips_in_quick_succession_is_no_solo(hands: Hands) -> None:
    for name in ("select.2", "key.layer", "select.2"):
        hands.press(name, 0.04)
    assert hands.view.strip == "channel.10"
    assert hands.get("channel.10.solo") is False
    hands.press("select.2", 0.04)
    assert hands.get("channel.10.solo") is True


def test_taps_and_play_by_key_and_foot(hands: Hands) -> None:
    for _ in range(5):
        hands.press("foot.1", seconds=0.0)
        hands.now_ns += 480_000_000
        hands.scan()
    assert hands.view.value_text.endswith(" BPM")
    assert hands.surface.state.tempo_bpm == pytest.approx(60.0 / 0.5, rel=0.01)
    hands.shifted("key.pan")
    hands.press("foot.2")
    assert hands.desk.playback is not None
    assert hands.desk.playback.done == ["stop", "start"]
    hands.desk.playback = None
    hands.press("foot.2")
    assert hands.view.note == "No stems are loaded"


# --- setup, rest and the whole ----------------------------------------------------------------------------------------


def test_setup_lists_settings_and_chips_and_goes_on_to_its_parts(hands: Hands) -> None:
    hands.panel.chips.update({"adc1": Health.GOOD, "exp1": Health.LOST})
    hands.scan(8)
    hands.shifted("key.gain")
    assert list(hands.view.rows) == ["Brightness: 7", "Screensaver: off", "adc1: good", "exp1: lost"]
    assert hands.panel.contrasts[-1] == round(7 * 25.5)
    hands.turn("encoder.1", 20)
    assert hands.view.rows[0] == "Brightness: 10"
    hands.scan()
    assert hands.panel.contrasts[-1] == 255
    hands.turn("encoder.5", 1)
    hands.turn("encoder.1", 4)
    assert hands.setup.settings.saver_minutes == 10
    hands.turn("encoder.5", 3)
    assert (hands.view.row, hands.view.part) == (3, 1)
    hands.turn("encoder.1", -1)
    assert hands.get("output.1.ceiling_dbfs") == -1.5
    hands.turn("encoder.5", -2)
    assert (hands.view.row, hands.view.part) == (2, 0)


def test_the_display_rests_after_a_while_and_any_touch_wakes_it_and_acts() -> None:
    hands = Hands(replace(full(), settings=Settings(saver_minutes=1)))
    hands.wait_s(59.0)
    assert not hands.view.saver
    hands.wait_s(2.0)
    assert hands.view.saver
    assert hands.panel.contrasts[-1] == 26  # a tenth of 255
    hands.key("mute.1", True)
    assert not hands.view.saver
    assert hands.get("channel.1.mute") is True
    assert hands.panel.contrasts[-1] == round(7 * 25.5)
    hands.wait_s(61.0)
    hands.slide("fader.1", 0.2)
    assert not hands.view.saver


def test_lights_are_sent_when_they_change_and_only_those_the_board_has() -> None:
    hands = Hands(replace(full(), lights=frozenset({"light.mute.1"})))
    hands.scan(20)
    assert hands.panel.lights_sent == 1
    hands.press("mute.1")
    hands.scan(20)
    assert (hands.panel.lit, hands.panel.lights_sent) == ({"light.mute.1": 1.0}, 2)


def test_a_strip_that_becomes_a_right_side_gives_the_selection_to_its_left(hands: Hands) -> None:
    from firmware.params import Kind

    hands.press("select.2")
    hands.desk.model.link((Kind.CHANNEL, 1), stereo=True)
    hands.scan()
    assert hands.view.strip == "channel.1"
    assert hands.surface.faders.path("fader.2") == "channel.3.fader_db"


def test_the_real_pages_work_for_every_strip_and_part() -> None:
    panel, desk = Panel(), Desk()
    surface = Surface(desk, panel, full(), lambda: 0)
    for strip in surface.bank.strips():
        surface.editor.select(strip)
        for page in (PageName.EQ, PageName.DYNAMICS, PageName.PAN, PageName.MONITOR, PageName.GAIN):
            surface.editor.show(page)
            for part in range(surface.editor.parts):
                surface.state.part = part
                fields = surface.view().fields
                assert len(fields) <= 4
                for k in range(1, ENCODERS):
                    surface.editor.turn(f"encoder.{k}", 1, k)
    assert len(desk.told) > 1000
    assert surface.state.note == ""


def test_names_that_are_no_roles_are_left_alone(hands: Hands) -> None:
    hands.panel.happened.append(Turned(hands.now_ns, "encoder.9", 1))
    hands.key("key.coffee", True)
    hands.key("key.coffee", False)
    hands.wipers["fader.77"] = 0.5
    hands.scan()
    assert hands.desk.told == []
