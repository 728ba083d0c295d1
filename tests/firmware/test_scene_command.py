"""`pidesk scene`: what each sub-command prints, asks the running desk, and ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import config
from firmware import cli, control, paths
from firmware.errors import NoDeskRunning


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """`pidesk scene …`: exit code, what it printed, what it complained of."""
    code = cli.main(["scene", *args])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_check_ends_with_1_for_a_wrong_scene_and_with_0_and_a_note_for_a_bigger_desks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, bigger = tmp_path / "bad.toml", tmp_path / "bigger.toml"
    bad.write_text("format = 1\nwibble = 3\nchannel.1.pan = nan\n", "utf-8")
    bigger.write_text("format = 1\nchannel.12 = {mute = true, pan = 1}\n", "utf-8")
    code, out, err = run(capsys, "check", str(bigger), "--channels", "8", "--inputs", "4")
    assert (code, err) == (0, "")
    assert "channel.12 (2 values) cannot be applied" in out
    code, out, err = run(capsys, "check", str(bad), str(bigger), str(tmp_path / "none.toml"), "flat")
    assert code == 1
    assert err.count("bad.toml, line") == 2
    assert "none.toml does not exist." in err
    assert "flat.toml is in order: 16 values." in out
    assert run(capsys, "check", "flat", "--channels", "65")[0] == 2


def test_show_and_diff_speak_to_people_and_to_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        "format = 1\ntitle = 'A'\n[channel.1]\nname = 'Kick'\nfader_db = -inf\nhpf.freq_hz = 1020\n", "utf-8"
    )
    out = run(capsys, "show", str(path))[1]
    assert "channel.1  Kick" in out
    assert "1.02 kHz" in out
    told = json.loads(run(capsys, "show", "--json", str(path))[1])
    assert told["values"]["channel.1.fader_db"] == "-inf"
    assert "channel.1.fader_db     −∞ dB → −10.0 dB\n" in run(capsys, "diff", str(path), "flat")[1]
    assert json.loads(run(capsys, "diff", "--json", str(path), "flat")[1])["channel.1.fader_db"] == ["-inf", -10.0]
    assert run(capsys, "diff", "flat", "flat")[1] == "The two scenes say the same.\n"


def test_list_names_scenes_and_marks_those_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = paths.ensure(paths.scenes_dir())
    (folder / "broken.toml").write_text("=", "utf-8")
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "broken  (cannot be read" in out
    assert "Flat" in out


def test_recall_and_store_ask_the_running_desk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked: list[dict[str, object]] = []

    def ask(request: dict[str, object]) -> dict[str, object]:
        asked.append(request)
        return {"ok": True, "notes": ["A note."]}

    monkeypatch.setattr(control, "ask", ask)
    assert run(capsys, "recall", "flat", "--everything") == (0, "A note.\n", "")
    assert run(capsys, "recall", "desks-own")[0] == 0
    assert run(capsys, "store", "mine", "--title", "T")[0] == 0
    assert run(capsys, "store", str(tmp_path / "x.toml"))[0] == 0
    assert asked == [
        {"do": "recall", "scene": str(config.path("scenes/flat.toml")), "everything": True},
        {"do": "recall", "scene": "desks-own", "everything": False},
        {"do": "store", "scene": "mine", "title": "T"},
        {"do": "store", "scene": str(tmp_path / "x.toml")},
    ]


def test_without_a_running_desk_recall_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(_: object) -> dict[str, object]:
        raise NoDeskRunning("No desk is running here.")

    monkeypatch.setattr(control, "ask", ask)
    assert run(capsys, "recall", "flat") == (1, "", "pidesk: No desk is running here.\n")


def test_a_scene_that_is_wrong_never_reaches_the_desk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def ask(_: object) -> dict[str, object]:
        raise AssertionError("the desk was asked")

    monkeypatch.setattr(control, "ask", ask)
    bad = tmp_path / "bad.toml"
    bad.write_text("format = 1\nx = 1", "utf-8")
    assert run(capsys, "recall", str(bad))[0] == 1
