"""`pidesk boards` and `pidesk learn` from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from firmware import cli, control
from firmware.commands import learn
from firmware.errors import NoDeskRunning
from firmware.surface import board_file, budget_page

ROOT = Path(__file__).resolve().parents[2]


def words_of(drawing: Path) -> list[str]:
    return [text.text or "" for text in ET.parse(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    return tmp_path


def test_boards_shows_all_or_one_and_draws_it(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["boards"]) == 0
    assert capsys.readouterr().out == budget_page.text() + "\n"
    assert cli.main(["boards", "codec-zero", "--svg", str(own / "w.svg")]) == 0
    shown = capsys.readouterr().out
    assert any(
        line.split("  ")[0] == "foot 2" and line.endswith("the card's own button") for line in shown.splitlines()
    )
    assert {"GPIO 23 (card)", "GPIO 24 (card)"} <= {line.strip() for line in words_of(own / "w.svg")}


def test_boards_checks_a_file_of_ones_own(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own / "mine.toml"
    path.write_text('[chips]\na = "ads1115 0x50"\n[faders]\n1 = "a.0"\n2 = "b.0"\n')
    assert cli.main(["boards", str(path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all(line.startswith(f"pidesk: {path}, line ") for line in told)
    assert cli.main(["boards", "reference", "--card", "codec-zero"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert cli.main(["boards", "reference", "--card", "codeczero"]) == 2
    assert 'Did you mean "codec-zero"?' in capsys.readouterr().err
    assert cli.main(["boards", "--card", "usb"]) == 2


def test_a_board_may_be_named_or_be_a_file(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own / "mine.toml"
    path.write_text('title = "Mine"\n[chips]\na = "mcp3208 spi0.0"\n[faders]\n1 = "a.0"\n')
    assert cli.main(["boards", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("Mine\n")
    assert "10 kΩ to 3.3 V  MISO, GPIO 9 (pin 21)" in told.out
    assert told.err.count("10 kΩ from MISO to 3.3 V") == 1, "nothing measures the supply"
    assert learn._board(str(path), simulated=True).title == "Mine"
    assert learn._board("minimal", simulated=True).key == "minimal"


def test_learn_wants_a_board_and_the_panel_for_itself(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own.is_dir()
    assert cli.main(["learn"]) == 2
    assert "--board NAME" in capsys.readouterr().err
    monkeypatch.setattr(control, "ask", lambda _: {"ok": True})
    assert cli.main(["learn", "--board", "minimal"]) == 1
    assert "sudo systemctl stop pidesk" in capsys.readouterr().err

    def nobody(_: object) -> object:
        raise NoDeskRunning("No desk is running here.")

    monkeypatch.setattr(control, "ask", nobody)
    assert cli.main(["learn", "--board", "minimul"]) == 1
    assert ", ".join(board_file.names()) in capsys.readouterr().err


@pytest.mark.all
def test_learn_can_be_seen_on_a_simulated_panel(own: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "firmware", "learn", "--simulated", "--board", "minimal"],
        cwd=own,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert "Encoder 5 answers (A GPIO 12 (pin 32), B GPIO 13 (pin 33))." in done.stdout
    assert done.stdout.count("% of the supply") == 4
    assert not list(own.rglob("calibration"))
