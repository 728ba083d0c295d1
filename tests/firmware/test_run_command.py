"""`pidesk run` from outside: what it leaves, how it ends, and how it is ended."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import pytest
import soundfile

from firmware import audio_files

RATE_HZ = 48000
TRACE = "Traceback"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    """Four seconds of two sines, a stem each."""
    folder = tmp_path / "stems"
    folder.mkdir()
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    for n, hz in enumerate((220.0, 880.0)):
        soundfile.write(folder / f"{n}.wav", 0.1 * np.sin(2 * np.pi * hz * t), RATE_HZ, subtype="PCM_24")
    return folder


def start(folder: Path, *arguments: str, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    runtime = folder / "runtime"
    runtime.mkdir(exist_ok=True, mode=0o700)
    return subprocess.Popen(
        [sys.executable, "-m", "firmware", "run", "--board", "simulated", "--output-folder", str(folder), *arguments],
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(runtime),
            "PYTHONPATH": str(ROOT),
        },
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    assert TRACE not in f"{out}{err}"
    return process.returncode, out or "", err


def left_over(folder: Path) -> list[str]:
    """What should not be there any more: shared memory, sockets, half files."""
    return [str(p) for p in folder.rglob("*") if p.suffix in (".shm", ".sock", ".tmp", ".part")]


def test_it_plays_once_proves_itself_and_leaves_two_files_and_a_report(tmp_path: Path, stems: Path) -> None:
    code, out, err = finish(
        start(tmp_path, "--hear", str(stems), "--speed", "4", "--report", "r.json", "--log", "l.jsonl")
    )
    assert (code, err) == (0, "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["live_equals_offline"] is True
    assert report["proof"]["converted_equal"] is True
    assert report["blocks"] >= 4 * RATE_HZ // 64
    assert report["xruns"] == 0
    assert 0 < report["dsp_load"]["median"] <= report["dsp_load"]["p999"] <= report["dsp_load"]["max"]
    assert report["start_to_first_block_s"] > 0
    assert 50 < report["engine_rss_mb"] <= 250
    log = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    assert log[0]["desk"] == {
        "channels": 16, "inputs": 16, "outputs": 4, "buses": 8, "effects": 2, "matrices": 2, "plays": 0,
    }  # fmt: skip
    assert log[1]["note"] == "engine started"
    assert log[-1]["note"] == "engine stopped"
    assert sum(line.get("set", "").startswith("channel.") for line in log) > 50  # the recall of scene band
    flat, rate_hz = audio_files.read(tmp_path / "flat.wav")
    mix, _ = audio_files.read(tmp_path / "mix.wav")
    assert rate_hz == RATE_HZ
    assert flat.shape == mix.shape
    assert len(flat) >= 4 * RATE_HZ
    assert not np.array_equal(flat, mix)
    assert np.abs(mix).max() <= 10 ** (-1 / 20)  # the line outputs' ceiling
    assert "loudness" in out
    assert "equal to the last bit" in out
    assert "band_share" not in out
    assert left_over(tmp_path) == []


def test_channels_that_the_board_has_no_inputs_for_are_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "stems"
    folder.mkdir()
    for n in range(9):
        soundfile.write(folder / f"{n}.wav", np.full((4800, 2), 0.1), RATE_HZ, subtype="PCM_16")
    code, _, err = finish(start(tmp_path, "--hear", str(folder), "--speed", "0"))
    assert (code, err) == (0, f"pidesk: {folder} has 18 channels; the first 16 are heard.\n")


def test_a_short_run_ends_where_it_was_asked_to_and_its_scene_is_heard(tmp_path: Path, stems: Path) -> None:
    scene = tmp_path / "hush.toml"
    scene.write_text("format = 1\n" + "".join(f"channel.{n}.fader_db = -inf\n" for n in range(1, 17)), "utf-8")
    arguments = ("--seconds", "1", "--scene", str(scene), "--report", "r.json", "--log", "l.jsonl", "--speed", "0")
    code, _, err = finish(start(tmp_path, "--hear", str(stems), *arguments))
    assert (code, err) == (0, "")
    log = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    faded = next(line["at"] for line in log if line.get("note") == "ramp out")
    assert RATE_HZ <= faded < RATE_HZ + 64  # the period that reaches it
    recalled = next(line["at"] for line in log if line.get("to") == "-inf" and "channel" in line.get("set", ""))
    assert RATE_HZ // 2 <= recalled < RATE_HZ // 2 + 64
    fade = 2400 + 32 + 43 + 3 * 64  # the ramp, what is under way in the desk, and what the card holds
    mix, _ = audio_files.read(tmp_path / "mix.wav")
    flat, _ = audio_files.read(tmp_path / "flat.wav")
    assert RATE_HZ <= len(mix) <= RATE_HZ + fade + 2 * 64
    hushed = slice(recalled + 4800, RATE_HZ)
    assert not mix[hushed].any()
    assert mix[recalled - 4800 : recalled].any()
    assert np.abs(flat[hushed]).max() > 1e-3
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["restarts"] == 0
    assert report["engine_rss_mb"] > 120  # the compiler's runtime and the desk: not as it was before they were loaded


@pytest.mark.parametrize("lost", ["report", "stdout"])
def test_what_fails_after_the_sound_does_not_cost_the_take(tmp_path: Path, stems: Path, lost: str) -> None:
    arguments = ["--hear", str(stems), "--seconds", "0.5", "--speed", "0", "--log", "l.jsonl"]
    arguments += ["--report", "/dev/full" if lost == "report" else "r.json"]
    with Path("/dev/full").open("w") as full:
        process = start(tmp_path, *arguments, stdout=full if lost == "stdout" else subprocess.PIPE)
        code, out, err = finish(process)
    assert code == 1
    assert "o space left on" in err
    assert "still there" not in err  # nothing was there before
    assert len(err.strip().splitlines()) == 1
    for name in ("flat.wav", "mix.wav"):
        assert len(audio_files.read(tmp_path / name)[0]) >= RATE_HZ // 2
        assert lost == "stdout" or f"wrote {tmp_path / name}" in out
    assert (tmp_path / "l.jsonl").exists()
    assert lost == "report" or json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_stopped_before_any_sound_says_so_and_ends_as_what_was_stopped(
    tmp_path: Path, stems: Path, number: signal.Signals
) -> None:
    process = start(tmp_path, "--hear", str(stems), "--speed", "0.000001")  # its first block comes after minutes
    shared = tmp_path / "runtime" / "pidesk"
    end = time.monotonic() + 240
    while not list(shared.glob("*.sock")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(number)
    code, _, err = finish(process)
    assert (code, err) == (128 + number, "pidesk: Stopped before there was any sound; nothing was written.\n")
    assert left_over(tmp_path) == []


def test_a_desk_that_runs_is_asked_for_its_status_and_ended_by_the_same_commands(tmp_path: Path, stems: Path) -> None:
    process = start(tmp_path, "--hear", str(stems), "--seconds", "600", "--report", "r.json")
    runtime = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "PYTHONPATH": str(ROOT)}

    def pidesk(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "firmware", *arguments]
        return subprocess.run(command, env=runtime, capture_output=True, text=True, check=False, cwd=tmp_path)

    end = time.monotonic() + 240
    while (asked := pidesk("status", "--json")).returncode and time.monotonic() < end:
        time.sleep(0.1)
    found = json.loads(asked.stdout)
    assert found["state"] == "running"
    assert "16 channels" in pidesk("status").stdout
    second = start(tmp_path, "--hear", str(stems))
    assert finish(second)[::2] == (1, "pidesk: A desk is running already; end it first, or ask it: pidesk status.\n")
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert (code, err) == (0, "")
    assert json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True
    assert pidesk("status").stderr == "pidesk: No desk is running here; start one with: pidesk run.\n"
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.all)])
def test_ended_at_any_moment_it_leaves_whole_files_and_no_traceback(
    tmp_path: Path, stems: Path, number: signal.Signals
) -> None:
    chance = random.Random(int(number))
    for wait_s in (0.2, 0.3, 0.6, chance.uniform(0.8, 2.0), chance.uniform(2.0, 4.0)):  # from 0.2: Python itself is up
        process = start(tmp_path, "--hear", str(stems), "--report", "r.json")
        time.sleep(wait_s)
        process.send_signal(number)
        code, _, err = finish(process)
        assert code in (0, 128 + number, -number), err
        for name in ("flat.wav", "mix.wav"):
            if (tmp_path / name).exists():
                audio_files.probe(tmp_path / name)  # raises when it is cut off
        if (tmp_path / "r.json").exists():
            json.loads((tmp_path / "r.json").read_text())
        assert left_over(tmp_path) == [], f"after {wait_s} s"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--period", "33"], 2, "a multiple of 32"),
        (["--periods", "9"], 2, "2, 3 or 4"),
        (["--scene", "none such"], 1, "There is no scene"),
        (["--play", "nowhere"], 1, "is not a folder"),
        (["--output-folder", "nowhere"], 1, "is not a folder"),
        (["--report", "nowhere/r.json"], 1, "does not exist"),
        (["--log", "."], 1, "is a folder"),
        (["--board", "nosuch"], 2, 'There is no board or card "nosuch"'),
        (["--board", ""], 2, "--board needs a name"),
        (["--board", "usb"], 1, 'No sound card here fits "usb" (cards here: '),
        (["--faults", "xrun"], 2, "--faults: fault 'xrun' is not"),
        (["--faults", "foo@1"], 2, "fault 'foo@1' is not"),
        (["--faults", "xrun@-5"], 2, "fault 'xrun@-5' is not"),
        (["--faults", ","], 2, "fault '' is not"),
        (["--speed", "-1"], 2, '--speed "-1" is not possible'),
        (["--speed", "nan"], 2, '--speed "nan" is not possible'),
        (["--speed", "inf"], 2, '--speed "inf" is not possible'),
        (["--seconds", "abc"], 2, '--seconds "abc" is not possible: a number of seconds above 0.'),
        (["--seconds", "0"], 2, '--seconds "0" is not possible'),
        (["--size", "foo"], 2, '--size "foo" is not possible: '),
    ],
)
def test_what_cannot_be_run_is_one_sentence(
    tmp_path: Path,
    arguments: list[str],
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from firmware import cli

    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "--board", "simulated", *arguments]) == code
    told = capsys.readouterr()
    assert sentence in told.err
    assert len(told.err.strip().splitlines()) <= 3
    assert TRACE not in told.err
    assert left_over(tmp_path) == []


def test_a_kernel_that_cannot_be_kept_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from firmware.commands import run

    (tmp_path / "file").write_bytes(b"")
    kept = tmp_path / "kept" / "0123" / "dsp_1"
    kept.mkdir(parents=True)
    (kept / "desk.process-1.py311.1.nbc").write_bytes(b"")
    told = {}
    for name in ("file/kernel", "kept", "new"):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / name))
        run._tell_of_lost_kernel()
        told[name] = capsys.readouterr().err
    cannot = f"pidesk: The compiled sound kernel cannot be kept in {tmp_path}/file/kernel: "
    assert told["file/kernel"].startswith(cannot)
    assert (told["file/kernel"].count("\n"), told["kept"], told["new"]) == (1, "", "")


@pytest.mark.all  # it mounts a small disk, for which it has to be root
def test_a_full_disk_under_the_output_is_a_sentence_for_each_file_and_the_report_is_still_written(
    tmp_path: Path, stems: Path
) -> None:
    import ctypes

    disk = tmp_path / "disk"
    disk.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", str(disk).encode(), b"tmpfs", 0, b"size=200k") != 0:
        pytest.fail("this test has to be root, to mount a small disk")
    try:
        process = start(
            tmp_path, "--hear", str(stems), "--speed", "8", "--output-folder", str(disk), "--report", "r.json"
        )
        code, _, err = finish(process)
        assert code == 1
        assert "no space left on the disk" in err
        assert len(err.strip().splitlines()) == 2  # one for each file
        assert list(disk.iterdir()) == []
        assert json.loads((tmp_path / "r.json").read_text())["live_equals_offline"] is True
    finally:
        libc.umount2(str(disk).encode(), 2)


def test_a_desk_that_was_killed_leaves_an_engine_that_the_next_desk_ends(tmp_path: Path) -> None:
    from firmware import leftovers
    from tests.rigs.running import running

    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with running(tmp_path, speed=1.0) as run:
        run.until_clock(4800)
        process = run.desk.supervisor._process
        assert process is not None
        run.shared.path.rename(tmp_path / leftovers.name_for(dead.pid))
        program = "import time; print(flush=True); time.sleep(600)"
        running_desk = subprocess.Popen([sys.executable, "-c", program, "firmware"], stdout=subprocess.PIPE)
        assert running_desk.stdout is not None
        running_desk.stdout.readline()  # it has its own command line now, which tells a desk from another program
        alive = tmp_path / leftovers.name_for(running_desk.pid)
        alive.write_bytes(b"")
        cleared = leftovers.clear(tmp_path)
        running_desk.kill()
        running_desk.wait()
        running_desk.stdout.close()
        assert cleared == 1
        assert alive.exists()
        assert process.wait(10) == 0  # ramped out, not killed
        assert not (tmp_path / leftovers.name_for(dead.pid)).exists()
        run.desk.supervisor._process = None


@pytest.mark.parametrize("simulated", [True, False])
def test_only_a_simulated_board_is_listened_to_through_another_program(
    simulated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine whose only card is the desk's, a listener on it would keep the desk itself out (seen in a guest)."""
    import subprocess

    from firmware import listen
    from firmware.session import Session

    started: list[list[str]] = []
    monkeypatch.setattr(listen, "why_not", str)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    desk: Any = SimpleNamespace(board=SimpleNamespace(simulated=simulated), shared=SimpleNamespace(path="memory"))
    told = Session.listen(desk)
    assert ([command[1:3] for command in started] == [["-m", "firmware.listen"]]) is simulated
    assert bool(told) is simulated
