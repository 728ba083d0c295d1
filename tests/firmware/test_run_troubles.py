"""`pidesk run` where something is in its way: no room for what it records, files that would take each other's place."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp.size import DeskSize
from firmware import audio_files, leftovers
from firmware.shared import Layout, Sizes
from tests.firmware.test_run_command import RATE_HZ, finish, left_over, start

FRAME_BYTES = 4 * (16 + 4)  # what is recorded of each: the inputs and outputs of the simulated board


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    """A second of a sine in a folder."""
    folder = tmp_path / "stems"
    folder.mkdir()
    t = np.arange(RATE_HZ) / RATE_HZ
    soundfile.write(folder / "a.wav", 0.1 * np.sin(2 * np.pi * 220.0 * t), RATE_HZ, subtype="PCM_24")
    return folder


def test_no_room_for_the_recording_is_told_while_the_desk_runs_and_what_it_took_is_written(
    tmp_path: Path, stem: Path
) -> None:
    """A limit on the size of files stands in for a full disk: only the recording grows beyond it."""
    limit = Layout(Sizes(DeskSize(16, 16, 4, RATE_HZ))).total + (1 << 20)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))  # what is started now inherits it
    try:
        process = start(tmp_path, "--hear", str(stem), "--seconds", "600", "--speed", "6", "--report", "r.json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert process.stderr is not None
    told = process.stderr.readline()
    assert told == (
        "pidesk: What the desk records cannot be written: File too large. What was recorded until then is kept.\n"
    )
    assert process.poll() is None  # it goes on
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, err) == (1, "")  # told once
    report = json.loads((tmp_path / "r.json").read_text())
    frames = limit // FRAME_BYTES // 32 * 32
    assert report["seconds"] * RATE_HZ > frames
    assert report["proof"]["frames"] == frames
    assert (report["live_equals_offline"], report["proof"]["converted_equal"]) == (True, None)
    for name in ("flat.wav", "mix.wav"):
        assert audio_files.probe(tmp_path / name).frames == frames
        assert f"wrote {tmp_path / name}" in out
    assert left_over(tmp_path) == []


def test_the_temporary_files_of_a_desk_that_was_killed_are_removed_by_the_next(
    tmp_path: Path, stem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    killed = start(tmp_path, "--hear", str(stem), "--seconds", "600", "--speed", "1")
    control_socket = tmp_path / "runtime" / "pidesk" / "control.sock"
    while not control_socket.exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    (left,) = temporary.iterdir()
    assert (left / "stems.s32").stat().st_size == RATE_HZ * 4 * 16
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    kept = [temporary / f"pidesk-scratch-{os.getpid()}-a", temporary / "pidesk-scratch-x-a", temporary / "pidesk-a"]
    for folder in kept:
        folder.mkdir()
    (temporary / f"pidesk-scratch-{killed.pid}-link").symlink_to(elsewhere)
    monkeypatch.setattr(leftovers, "PROGRAMS", ("pytest",))  # what this process is called
    assert leftovers.clear_scratch(temporary) == 1
    assert not left.exists()
    assert all(folder.exists() for folder in kept)
    assert (elsewhere / "precious").exists()
    left.mkdir()
    code, _, err = finish(start(tmp_path, "--hear", str(stem), "--speed", "0"))
    assert (code, err) == (0, "")
    assert not left.exists()


def test_a_desk_is_known_by_either_of_its_command_lines() -> None:
    program = "import time; print(flush=True); time.sleep(600)"
    for name, alive in (("firmware", True), ("/usr/local/bin/pidesk", True), ("/a/pidesk/another", False)):
        with subprocess.Popen([sys.executable, "-c", program, name], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert leftovers._is_alive(process.pid, *leftovers.PROGRAMS) is alive
            process.kill()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--report", "mix.wav"], "--report and the sound mix.wav would both be {0}/mix.wav;"),
        (["--log", "./stems/../flat.wav"], "--log and the sound flat.wav would both be {0}/flat.wav;"),
        (["--report", "x", "--log", "x"], "--report and --log would both be x;"),
        (["--report", "x", "--log", "link"], "--report and --log would both be link;"),
    ],
)
def test_two_files_that_would_be_one_are_refused_before_anything_is_made(
    tmp_path: Path, stem: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "x").write_text("precious")
    (tmp_path / "link").symlink_to("x")
    code, out, err = finish(start(tmp_path, "--hear", str(stem), "--speed", "0", *arguments))
    assert (code, out) == (2, "")
    assert err == f"pidesk: {sentence.format(tmp_path)} give one of them another name.\n"
    assert (tmp_path / "x").read_text() == "precious"
    assert not list(tmp_path.glob("*.wav"))


def test_a_device_takes_both_the_report_and_the_log(tmp_path: Path, stem: Path) -> None:
    both = ("--report", "/dev/null", "--log", "/dev/null")
    assert finish(start(tmp_path, "--hear", str(stem), "--speed", "0", *both))[::2] == (0, "")


@pytest.mark.all  # it mounts a small disk, for which it has to be root
def test_with_a_full_disk_for_temporary_files_both_takes_are_written_elsewhere(
    tmp_path: Path, stem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctypes

    disk = tmp_path / "disk"
    disk.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", str(disk).encode(), b"tmpfs", 0, b"size=8m") != 0:
        pytest.fail("this test has to be root, to mount a small disk")
    try:
        monkeypatch.setenv("TMPDIR", str(disk))
        process = start(tmp_path, "--hear", str(stem), "--seconds", "4", "--speed", "0", "--report", "r.json")
        code, _, err = finish(process)
        assert code == 1
        assert err.startswith("pidesk: There is no space left for what the desk records: make room, or set TMPDIR")
        assert len(err.strip().splitlines()) == 1
        frames = audio_files.probe(tmp_path / "mix.wav").frames
        assert 0 < frames < 2 * RATE_HZ
        assert audio_files.probe(tmp_path / "flat.wav").frames == frames
        assert json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True
    finally:
        libc.umount2(str(disk).encode(), 2)
