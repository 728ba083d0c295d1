"""A run with a panel: hands play the desk through simulated chips; what status and doctor tell of it."""

from __future__ import annotations

import json
import signal
import time
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from drivers.errors import DisplayError
from drivers.simulated.card import SimulatedCard
from dsp.size import DeskSize
from firmware import boards, cli, control, desk_config, doctor, panels
from firmware.boards import Board
from firmware.commands import run, status
from firmware.desk_model import DeskModel
from firmware.findings import BAD, OK, WARN
from tests.firmware.test_run_command import RATE_HZ, finish, left_over, start

SCRIPT = """
wait 300 ms
fader 1 to 75 % in 200 ms          # from the bottom past −10 dB, where it takes hold
press mute 2
unplug the ADC at 0x49
encoder 1 by -4                    # the trim of channel 1
wait 200 ms
plug the ADC at 0x49
"""


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    """Two sines for the first two inputs."""
    folder = tmp_path / "stems"
    folder.mkdir()
    t = np.arange(5 * RATE_HZ) / RATE_HZ
    for n, hz in enumerate((220.0, 880.0)):
        soundfile.write(folder / f"{n}.wav", 0.1 * np.sin(2 * np.pi * hz * t), RATE_HZ, subtype="PCM_24")
    return folder


def test_hands_play_the_desk_through_the_chips_and_what_the_display_showed_is_written(
    tmp_path: Path, stems: Path
) -> None:
    (tmp_path / "hands.txt").write_text(SCRIPT, "utf-8")
    arguments = (
        "--hear",
        str(stems),
        "--hands",
        "hands.txt",
        "--seconds",
        "4",
        "--report",
        "r.json",
        "--log",
        "l.jsonl",
    )
    code, out, err = finish(start(tmp_path, *arguments))
    assert (code, err) == (0, "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["live_equals_offline"] is True
    panel = report["panel"]
    assert (panel["board"], panel["trouble"]) == ("Reference panel, simulated", "")
    chips = {chip["name"]: chip for chip in panel["chips"]}
    assert len(chips) == 8
    assert all(chip["health"] == "good" for chip in chips.values())
    assert chips["adc2"]["errors"] > 0  # it was away, and the sound went on
    assert chips["adc1"]["errors"] == 0
    log = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    last = {line["set"]: line["to"] for line in log if "set" in line}
    assert last["channel.1.fader_db"] == pytest.approx(0.0, abs=0.3)  # 75 % of the travel is 0 dB
    assert last["channel.2.mute"] is True
    assert last["channel.1.trim_db"] == -1.0
    assert not {path for path in last if path.partition(".")[0] not in ("channel", "engine")}  # no scene was recalled
    with Image.open(tmp_path / "oled.gif") as film:
        assert film.size == (512, 256)
        assert 10 < int(getattr(film, "n_frames", 1)) <= panel["pictures"] + 1
    assert f"wrote {tmp_path / 'oled.gif'}" in out
    assert left_over(tmp_path) == []


@pytest.mark.all
def test_a_film_that_cannot_be_written_costs_nothing_else(tmp_path: Path, stems: Path) -> None:
    (tmp_path / "hands.txt").write_text("press select 2\n", "utf-8")
    (tmp_path / "oled.gif").symlink_to("/dev/full")
    code, out, err = finish(
        start(tmp_path, "--hear", str(stems), "--hands", "hands.txt", "--seconds", "0.5", "--report", "r.json")
    )
    assert code == 1
    assert "oled.gif" in err
    assert len(err.strip().splitlines()) == 1
    assert f"wrote {tmp_path / 'mix.wav'}" in out
    assert json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True


@pytest.mark.all
def test_ended_while_hands_play_it_leaves_whole_files(tmp_path: Path, stems: Path) -> None:
    (tmp_path / "hands.txt").write_text("fader 1 to 90 % in 1 min\n", "utf-8")
    for number, wait_s in ((signal.SIGTERM, 1.0), (signal.SIGINT, 3.0)):
        process = start(tmp_path, "--hear", str(stems), "--hands", "hands.txt", "--report", "r.json")
        time.sleep(wait_s)
        process.send_signal(number)
        code, _, err = finish(process)
        assert code in (0, 128 + number), err
        assert (code == 0) is (tmp_path / "r.json").exists()
        if code == 0:
            assert json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True
            with Image.open(tmp_path / "oled.gif") as film:
                film.load()
            (tmp_path / "r.json").unlink()
        assert left_over(tmp_path) == []


def test_a_panel_that_cannot_be_made_costs_only_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(*_: object) -> None:
        raise DisplayError("A sh1106 has 128 × 64 pixels, not 96 × 16.")

    monkeypatch.setattr(panels, "make", make)
    choice = panels.simulated(None, None, plays=True)
    assert choice is not None
    run._attach(SimpleNamespace(desk=None, attach=lambda _: pytest.fail("there is nothing to attach")), choice)  # type: ignore[arg-type]
    told = capsys.readouterr().err
    assert told == "pidesk: The desk runs without its panel: A sh1106 has 128 × 64 pixels, not 96 × 16.\n"


@pytest.mark.parametrize(
    ("changed", "played"),
    [
        ({}, True),
        ({"scene": "band"}, False),
        ({"speed": 0.0}, False),
        ({"size": 8}, False),  # other channels lie under the faders than the script thinks
        ({"is_band": False}, False),
        ({"panel": "minimal"}, False),
    ],
)
def test_hands_mix_the_band_only_where_they_can(changed: dict[str, Any], played: bool) -> None:
    asked = {"scene": None, "speed": 1.0, "panel": None, "hands": None, "size": 16, "is_band": True} | changed
    card = SimulatedCard(inputs=16, outputs=4).config(64, 3)
    board = Board("", card, DeskSize(int(asked["size"]), 16, 4, RATE_HZ), environment={}, is_band=asked["is_band"])
    choice = run._panel(Namespace(**asked), board, desk_config.load(), DeskModel(board.size))
    assert (choice is not None and choice.steps != ()) is played


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--hands", "nowhere.txt"], 1, "nowhere.txt does not exist."),
        (["--hands", "wrong.txt"], 1, "Line 2: The panel has no fader “12”"),
        (["--hands", "right.txt", "--speed", "2"], 2, "--hands needs real time"),
        (["--hands", "right.txt", "--panel", "faders-only"], 1, "Line 1: The panel has no encoder “1”"),
        (["--panel", "referense"], 1, 'There is no board "referense"'),
        (["--panel", ""], 1, 'There is no board ""'),
        (["--report", "oled.gif"], 2, "--report and the film oled.gif would both be"),
    ],
)
def test_a_panel_that_cannot_be_had_is_told_before_anything_is_made(
    tmp_path: Path,
    arguments: list[str],
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(boards, "find", lambda *_: pytest.fail("a board was made"))
    (tmp_path / "right.txt").write_text("encoder 1 by 1", "utf-8")
    (tmp_path / "wrong.txt").write_text("press mute 1\nfader 12 to 5 %\nhop", "utf-8")
    assert cli.main(["run", "--board", "simulated", *arguments]) == code
    assert sentence in capsys.readouterr().err


# --- what is told of it -----------------------------------------------------------------------------------------------


def of(health: str, reason: str = "", trouble: str = "") -> dict[str, Any]:
    """A panel of two chips as a desk tells it."""
    chips = [
        {"name": "adc1", "health": "good", "errors": 0, "reason": ""},
        {"name": "exp1", "health": health, "errors": 3, "reason": reason},
    ]
    return {"board": "Reference panel", "trouble": trouble, "chips": [] if trouble else chips, "pictures": 5}


WHY = "Nothing answers at 0x20 on I2C bus 1: look at the chip's plug, its power and its address."


@pytest.mark.parametrize(
    ("panel", "lines", "findings"),
    [
        (of("good"), ["panel     Reference panel: 2 of 2 chips answer"], [(OK, "2 chips answer")]),
        (
            of("lost", WHY),
            ["panel     Reference panel: 1 of 2 chips answer", f"          exp1 lost: {WHY}"],
            [(BAD, WHY)],
        ),
        (
            of("good", trouble="GPIO17 is held."),
            ["panel     Reference panel: GPIO17 is held."],
            [(BAD, "GPIO17 is held.")],
        ),
        (None, [], [(WARN, "the desk that runs has none")]),
    ],
)
def test_status_and_doctor_tell_how_the_panel_is(
    panel: dict[str, Any] | None,
    lines: list[str],
    findings: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert panel is None or status.panel_lines(panel) == lines
    monkeypatch.setattr(control, "ask", lambda *_, **__: {"status": {"panel": panel}})
    assert [(one.level, one.found) for one in doctor._panel_in_use()] == findings


def test_what_is_written_is_where_it_was_said_whatever_a_library_does_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    args = Namespace(output_folder=Path(), report=Path("r.json"), log=Path("l.jsonl"), board="usb")
    assert run._folder(args) == tmp_path
    assert (args.report, args.log) == (tmp_path / "r.json", tmp_path / "l.jsonl")
