"""Which panel a run has, what its scripts may say, and what its first start is."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.errors import ScriptError
from drivers.simulated.card import SimulatedCard
from drivers.simulated.script import Hold
from dsp.size import DeskSize
from firmware import boards, desk_config, panels
from firmware.boards import Board
from firmware.errors import ConfigError, FileError
from firmware.session import Course
from firmware.surface import calibration, remembered
from firmware.surface.settings import Settings
from tests.firmware.surface import fakes

RATE_HZ = 48000


def test_the_band_is_mixed_by_hands_on_the_reference_panel() -> None:
    found = panels.simulated(None, None, plays=True)
    assert found is not None
    assert (found.board.key, found.simulated, found.is_first) == ("reference", True, False)
    assert 20e9 < max(step.at_ns + step.took_ns for step in found.steps) <= 40e9
    assert panels.simulated(None, None, plays=False) is None
    other = panels.simulated("minimal", None, plays=True)
    assert other is not None
    assert (other.board.key, other.steps) == ("minimal", ())  # the band's script is for another panel


def test_scripts_may_say_what_is_written_at_the_keys(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(
        "press dyn\nhold clear for 1 s\npress layer back\npress undo\npress shift+flip", "utf-8"
    )
    found = panels.simulated(None, tmp_path / "a", plays=False)
    assert found is not None
    held = [step.action.names for step in found.steps if isinstance(step.action, Hold)]
    assert held == [
        ("key.dynamics",), ("key.shift", "key.solo"), ("key.shift", "key.layer"), ("key.shift", "key.flip"),
        ("key.shift", "key.flip"),
    ]  # fmt: skip


def test_scripts_that_are_no_scripts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="b, line 1: this is not UTF-8 text"):
        panels.simulated(None, tmp_path / "b", plays=False)
    (tmp_path / "c").write_text("press nothing\npress mute 99")
    with pytest.raises(ScriptError, match=r"(?s)/c is no script for this panel:.*Line 1: .*Line 2: "):
        panels.simulated(None, tmp_path / "c", plays=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x" * 900_000, "Line 1: It has 900000 characters"),
        ("encoder 1 by " + "9" * 5000, "Line 1: It has"),
        ("jump\n" * 100_000, "… and 99980 more."),
    ],
)
def test_a_script_of_rubbish_has_a_short_answer(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "d").write_text(text)
    with pytest.raises(ScriptError) as caught:
        panels.simulated(None, tmp_path / "d", plays=False)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 3000


def test_a_script_is_a_file_of_some_size(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="/dev/zero is a device"):
        panels.simulated(None, Path("/dev/zero"), plays=False)
    with (tmp_path / "e").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(FileError, match="e is larger than 1 MB"):
        panels.simulated(None, tmp_path / "e", plays=False)


def test_a_panel_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    mine = tmp_path / "mine.toml"
    mine.write_text('like = "minimal"\ntitle = "Mine"\n', "utf-8")
    panels.check(str(mine), None)
    found = panels.simulated(str(mine), None, plays=False)
    assert found is not None
    assert (found.board.key, found.board.title) == ("mine", "Mine")
    beside = panels.real(card("usb"), desk_config.load(), str(mine))
    assert beside is not None
    assert beside.board.title == "Mine"


def test_converters_on_spi_without_a_measured_supply_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    mine = tmp_path / "mine.toml"
    text = '[chips]\nadc1 = "mcp3208 spi0.0"\n[faders]\n1-4 = "adc1.0-3"\n'
    mine.write_text(text)
    board = card("usb")
    panels.real(board, desk_config.load(), str(mine))
    assert "10 kΩ from MISO to 3.3 V" in board.warnings[0]
    mine.write_text(text + 'supply = "adc1.7"\n')
    board = card("usb")
    panels.real(board, desk_config.load(), str(mine))
    assert not any("MISO" in warning for warning in board.warnings)


class Desk(fakes.Desk):
    def wake(self) -> None:
        raise AssertionError("nothing wakes it")


def card(key: str) -> Board:
    """A board of a card of this machine, as far as a panel asks."""
    profile = boards.profiles()[key]
    return Board(
        profile.title, SimulatedCard(inputs=2, outputs=2).config(64, 3), DeskSize(8, 2, 2, RATE_HZ), profile=profile
    )


def test_beside_a_card_it_is_the_configured_one_or_the_one_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    board, none = card("usb"), desk_config.load()
    assert panels.real(board, none, None) is None
    configured = tmp_path / "desk.toml"
    configured.write_text('board = "minimal"\n', "utf-8")
    desk = desk_config.load(configured)
    found = panels.real(board, desk, None)
    assert found is not None
    assert (found.board.key, found.simulated, found.steps) == ("minimal", False, ())
    asked = panels.real(board, desk, "reference")
    assert asked is not None
    assert asked.board.key == "reference"


def test_a_board_that_does_not_fit_the_card_is_left_out_or_refused_where_it_was_asked_for(tmp_path: Path) -> None:
    board = card("pisound")  # takes lines that the reference panel uses
    configured = tmp_path / "desk.toml"
    configured.write_text('board = "reference"\n', "utf-8")
    assert panels.real(board, desk_config.load(configured), None) is None
    assert "The desk runs without its panel." in board.warnings[-1]
    assert "GPIO" in board.warnings[-1]
    with pytest.raises(ConfigError, match="GPIO"):
        panels.real(board, desk_config.load(), "reference")


def test_the_first_start_ever_has_the_mains_muted_and_later_ones_have_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    board, desk = card("usb"), desk_config.load()
    first = panels.real(board, desk, "reference")
    assert first is not None
    assert first.is_first
    assert board.warnings[-1].startswith(panels.FIRST_START)
    assert "MUTE 1 on layer Mains" in board.warnings[-1]
    model = boards.model(board, desk)
    Course(None, None, None, record=False, muted=first.opens != "").prepare(model)
    assert model.get("main.lr.mute") is True
    panels.remember(first)
    assert remembered.path().exists()
    again = panels.real(board, desk, "reference")
    assert again is not None
    assert (again.is_first, again.opens) == (False, "")


def test_a_panel_whose_lines_are_not_there_is_told_and_the_desk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    remembered.save(Settings(2, 5))
    calibration.save("reference", {"fader.1": (0.1, 0.9)})
    choice = panels.real(card("usb"), desk_config.load(), "reference")
    assert choice is not None
    made = panels.make(choice, Desk())  # type: ignore[arg-type]
    assert (made.hands, made.film) == (None, None)
    assert made.panel.surface.settings == Settings(2, 5)
    assert not made.panel.start()
    made.panel.tick()
    assert capsys.readouterr().err.startswith("pidesk: The desk runs without its panel: GPIO lines need rpi-lgpio")
    made.close()
    assert remembered.load()[0] == Settings(2, 5)


@pytest.mark.parametrize(("name", "opens"), [("minimal", "part Fader"), ("faders-only", ""), ("hat-only", "")])
def test_a_panel_that_cannot_open_the_mains_does_not_begin_with_them_muted(
    name: str, opens: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    board = card("usb")
    found = panels.real(board, desk_config.load(), name)
    assert found is not None
    assert found.is_first
    assert opens in found.opens
    assert (found.opens != "") is (opens != "") is ("muted" in board.warnings[-1])
