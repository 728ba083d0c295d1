"""Every board that comes with Pidesk, played by scripts through its chips: what each can do, down to the card alone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from drivers.card_profile import CardProfile
from drivers.errors import ScriptError
from firmware import boards
from firmware.params import Text
from firmware.surface import board_file, screen
from firmware.surface.pages.all import PAGES
from firmware.surface.steps import turned
from firmware.surface.view import PageName
from tests.firmware.surface.played import Played

MINIMAL = ("minimal", "minimal-pisound")
FULL = ("reference", "codec-zero", "dac8x", "pisound")


def card_of(board: str) -> CardProfile | None:
    """The card that a board is made for."""
    made_for = board_file.load(board).card
    return boards.profiles()[made_for] if made_for else None


def play(board: str) -> Played:
    return Played(board, card=card_of(board))


def test_all_boards_that_come_with_pidesk_are_played_here() -> None:
    assert sorted((*MINIMAL, *FULL, "faders-only", "hat-only")) == board_file.shipped()


# --- all there is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("board", FULL)
def test_a_full_panel_sets_levels_mutes_selects_turns_and_undoes(board: str) -> None:
    with play(board) as desk:
        desk.play(
            """
            fader 3 to 75 % in 300 ms
            fader main to 75 % in 300 ms
            press select 3
            press mute 5
            encoder 1 by +8 at 20 detents/s   # trim
            press eq
            encoder 5 by +1                   # band 2
            encoder 2 by +10 at 20 detents/s
            press layer
            press select 1
            press solo
            press shift+flip                  # the solo is undone
            """
        )
        changed = desk.changed()
        assert changed.keys() == {
            "channel.3.fader_db", "main.lr.fader_db", "channel.5.mute", "channel.3.trim_db",
            "channel.3.eq.band.2.gain_db",
        }  # fmt: skip
        assert float(changed["channel.3.fader_db"]) == pytest.approx(0.1, abs=0.1)
        assert float(changed["main.lr.fader_db"]) == pytest.approx(0.1, abs=0.1)
        assert changed["channel.3.trim_db"] == 2.0
        assert changed["channel.3.eq.band.2.gain_db"] == pytest.approx(1.0)
        assert desk.view.strip == "channel.9"
        encoders = len(desk.setup.value_encoders)
        assert desk.view.chosen == (-1 if encoders == 4 else 0)
        assert desk.view.turned == encoders
        assert desk.view.note == "Undo: Ch 9 solo"


def test_with_three_encoders_for_four_values_those_are_marked_that_they_turn() -> None:
    with play("pisound") as desk:
        assert desk.setup.value_encoders == ("encoder.1", "encoder.2", "encoder.3")
        assert marked(desk) == [True, True, True, False]
        desk.play("encoder 3 by +5\npress push 5\npress push 5\nencoder 5 by +1\nencoder 1 by +1")
        assert (desk.view.cursor, desk.view.chosen, desk.view.turned) == ("field", 3, 3)
        assert desk.changed() == {"channel.1.delay_ms": pytest.approx(0.5), "channel.1.source": "in.2"}
        desk.play("wait 2 s")
        assert marked(desk) == [False, False, False, True]


def marked(desk: Played) -> list[bool]:
    """Which of the four rows of values has its name reversed: the row of pixels above it is lit."""
    image = screen.render(desk.view)
    return [bool(image.getpixel((0, screen.HEADER_PX + row * screen.ROW_PX))) for row in range(4)]


# --- two encoders -----------------------------------------------------------------------------------------------------


def move_cursor_to(desk: Played, stage: str) -> bool:
    """Push the cursor until it moves that; False where it cannot on this page."""
    for _ in range(5):
        if desk.view.cursor == stage:
            return True
        desk.play("press push 5", 0.02)
    return False


def turn_cursor(desk: Played, now: int, wanted: int) -> None:
    if now != wanted:
        desk.play(f"encoder 5 by {wanted - now:+d} at 50 detents/s", 0.02)


@pytest.mark.parametrize("board", MINIMAL)
def test_two_encoders_do_what_the_display_says_they_do(board: str) -> None:
    with play(board) as desk:
        assert (desk.view.cursor, desk.view.chosen) == ("strip", 0)
        desk.play(
            """
            fader 2 to 75 % in 300 ms
            encoder 5 by +1            # the strip: channel 2
            encoder 1 by +8            # the chosen value of GAIN: trim
            press push 5
            press push 5
            encoder 5 by +4            # the part: fader, mute, solo
            press push 5
            encoder 5 by +1            # the value: mute
            encoder 1 by +1
            """
        )
        assert float(desk.get("channel.2.fader_db")) == pytest.approx(0.1, abs=0.1)
        assert desk.get("channel.2.trim_db") == 2.0
        assert desk.get("channel.2.mute") is True
        assert (desk.view.strip, desk.view.part, desk.view.cursor, desk.view.chosen) == ("channel.2", 4, "field", 1)
        assert desk.view.fields[1].path == "channel.2.mute"
        assert desk.view.label_text == "Ch 2 Mute"
        desk.play("hold push 5 for 600 ms")
        assert desk.get("channel.2.mute") is True
        desk.play("hold push 5 for 1.3 s")
        assert desk.get("channel.2.mute") is False
        assert desk.view.note == "Undo: Ch 2 Mute"
        assert desk.view.cursor == "field", "a hold does not move the cursor on"
        desk.play("encoder 5 by +1\nencoder 1 by +1")
        assert desk.get("channel.2.solo") is True


@pytest.mark.parametrize("kind", ["dca", "mute_group"])
def test_without_select_buttons_the_cursor_goes_to_groups_too(kind: str) -> None:
    with play("minimal") as desk:
        strips = list(desk.surface.bank.strips(groups=True))
        desk.play(f"encoder 5 by +{strips.index(f'{kind}.2')} at 40 detents/s")
        assert desk.view.strip == f"{kind}.2"
        value = "" if kind == "mute_group" else "press push 5\npress push 5\nencoder 5 by +1\n"
        desk.play(f"{value}fader 2 to 90 % in 300 ms\nencoder 1 by +1")
        assert desk.get(f"{kind}.2.mute") is True
        assert len(desk.changed()) == (1 if kind == "mute_group" else 2)
        for page in PAGES:
            desk.surface.editor.show(page)
            desk.play("wait 150 ms", 0.0)
            assert screen.render(desk.view).size == screen.SIZE


@pytest.mark.parametrize("board", MINIMAL)
def test_the_four_faders_follow_the_strip_that_is_selected(board: str) -> None:
    with play(board) as desk:
        desk.play("encoder 5 by +5 at 10 detents/s\nfader 2 to 75 % in 300 ms")
        assert desk.view.strip == "channel.6"
        assert desk.changed().keys() == {"channel.6.fader_db"}
        desk.play("encoder 5 by +60 at 40 detents/s\nfader 1 to 90 % in 200 ms\nfader 1 to 40 % in 500 ms")
        assert desk.view.strip == "main.mono"
        assert float(desk.get("main.lr.fader_db")) == pytest.approx(-18.0, abs=0.7), "the mains are the last layer"


def test_every_value_of_every_page_can_be_turned_with_two_encoders() -> None:
    """All that a strip has, the monitor, the outputs: no value is out of reach for want of keys."""
    with play("minimal") as desk:
        turned_paths = set()
        for name, page in PAGES.items():
            assert move_cursor_to(desk, "page")
            turn_cursor(desk, list(PAGES).index(desk.view.page), list(PAGES).index(name))
            assert desk.view.page is name
            for part in range(page.parts(desk.desk.model, "channel.1")):
                if desk.view.part != part:
                    assert move_cursor_to(desk, "part")
                    is_list = desk.view.page is PageName.SETUP
                    turn_cursor(
                        desk, desk.view.part + (desk.view.row - len(desk.view.rows) + 1 if is_list else 0), part
                    )
                assert desk.view.part == part
                turned_paths |= turn_all(desk)
        everything = {
            field.path
            for page in PAGES.values()
            for part in range(page.parts(desk.desk.model, "channel.1"))
            for field in page.fields(desk.desk.model, "channel.1", part)
            if field.path
        }
        assert everything <= turned_paths
        assert len(turned_paths) > 150


def turn_all(desk: Played) -> set[str]:
    """Turn each value of the part that is shown, and see that it and nothing else has moved; their paths."""
    found = set()
    for place in range(len(desk.view.fields)):
        field = desk.view.fields[place]  # a gate that has become an expander has a ratio there
        if not field.path:
            continue
        if desk.view.chosen != place:
            assert move_cursor_to(desk, "field")
            for _ in range(4):
                turn_cursor(desk, 0, 1 if desk.view.chosen < place else -1 if desk.view.chosen > place else 0)
        assert desk.view.chosen == place, field
        assert screen.render(desk.view).size == screen.SIZE
        model = desk.desk.model
        ways = [way for way in (1, -1) if turned(model, field.path, way) != model.values[field.path]]
        assert ways or isinstance(model.places[field.path].parameter.type, Text), f"{field.path} has only one value"
        before = dict(model.values)
        desk.play(f"encoder 1 by {ways[0]:+d} at 50 detents/s", 0.02)
        assert {path for path in before if before[path] != desk.get(path)} == {field.path}
        assert desk.view.touched == field.path
        found.add(field.path)
    return found


def test_scenes_and_settings_with_two_encoders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with play("minimal") as desk:
        desk.play("press push 5\nencoder 5 by +5 at 10 detents/s")
        assert desk.view.page is PageName.SCENES
        desk.play("press push 5\nencoder 5 by +1\npress push 1")  # from the place for a new one to the first
        desk.surface.library.wait()
        desk.play("wait 50 ms")
        assert desk.desk.scene == "band"
        assert desk.get("channel.6.trim_db") == -9.0
        desk.play("hold push 5 for 1.3 s")
        assert desk.changed() == {}, "the recall is undone as one step"
        assert move_cursor_to(desk, "page")
        desk.play("encoder 5 by +1\nencoder 1 by -3 at 10 detents/s")
        assert desk.surface.state.page is PageName.SETUP
        assert desk.surface.settings.brightness == 4
        assert desk.changed() == {}


# --- without encoders -------------------------------------------------------------------------------------------------


def test_nine_faders_alone_are_nine_levels_and_their_bottom_is_silence() -> None:
    with play("faders-only") as desk:
        assert desk.panel.glass() is None
        assert (desk.view.chosen, desk.view.cursor) == (-1, "")
        # All of them cross their values on the way, the mains just so: 0 dB is at 75 %.
        ups = "\n".join(f"fader {name} to {60 + 2 * n} % in 300 ms" for n, name in enumerate((*range(1, 9), "main")))
        desk.play(ups)
        levels = [float(desk.get(f"channel.{n}.fader_db")) for n in range(1, 9)]
        assert levels == pytest.approx([-6.0 + 0.8 * n for n in range(8)], abs=0.4)
        assert levels == sorted(levels)
        assert len(desk.changed()) == 9
        desk.play("fader 4 to 0 % in 400 ms\nfader main to 90 % in 200 ms\nfader main to 50 % in 400 ms")
        assert desk.get("channel.4.fader_db") == -math.inf
        assert float(desk.get("main.lr.fader_db")) == pytest.approx(-10.0, abs=0.4)
        with pytest.raises(ScriptError, match="no button"):
            desk.play("press mute 4")


def test_the_card_alone_has_its_button_and_taps_the_tempo() -> None:
    codec_zero = boards.profiles()["codec-zero"]
    with Played("hat-only", card=codec_zero) as desk:
        assert [one.name for one in desk.config.buttons] == ["foot.1"]
        desk.play("\n".join(["press foot 1", "wait 380 ms"] * 5))  # 80 ms down, 40 ms of rest
        assert desk.view.value_text == "120 BPM"
        assert desk.changed() == {}
    with Played("hat-only") as desk:
        assert desk.config.buttons == ()
        desk.play("wait 100 ms")
        assert desk.told == []
