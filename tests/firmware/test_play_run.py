"""Stems in a running desk: a player that dies, a disk too slow, and the same run made offline from its log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from dsp.size import DeskSize
from firmware import audio_files, cli, playback
from firmware.commands import status as status_command
from firmware.playback import Playback, plan
from firmware.player import Player
from firmware.shared import PLAY_WRITTEN, Shared, Sizes
from firmware.status import Word
from tests.firmware.test_engine import assert_live_is_offline
from tests.rigs.running import RATE_HZ, noise, running

ROOT = Path(__file__).parents[2]
LATENCY_FRAMES = 43  # of the output limiter, docs/signal.md


def write_stems(folder: Path) -> dict[str, np.ndarray]:
    """Seven seconds each: a mono WAV, a stereo FLAC, a mono WAV of two seconds. None of their samples is zero."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    sounds = {}
    for name, frames, channels in (("1 Bass.wav", 7, 1), ("2 Keys.flac", 7, 2), ("3 Shout.wav", 2, 1)):
        sound = rng.uniform(0.01, 0.2, (frames * RATE_HZ, channels)) * rng.choice([-1, 1], (frames * RATE_HZ, channels))
        soundfile.write(folder / name, sound, RATE_HZ, subtype="PCM_24")
        sounds[name] = audio_files.read(folder / name)[0]
    return sounds


def test_a_player_that_dies_is_replaced_and_the_take_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playback, "AGAIN_AFTER_S", 0.0)
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 2)
    folder = tmp_path / "stems"
    folder.mkdir()
    take = np.arange(1, 6 * RATE_HZ + 1) / (8.0 * RATE_HZ)  # each sample says where in the take it is
    soundfile.write(folder / "a.wav", take, RATE_HZ, subtype="FLOAT")
    # At half the speed: the two seconds that are ready last twice as long as any start of a player takes.
    with running(tmp_path, channels=4, inputs=2, infile=tmp_path / "in.raw", speed=0.5, behind=(2, 1, 1, 1)) as run:
        desk = run.desk
        desk.playback = Playback(run.shared, plan(folder, 3, 4).landings)
        desk.set("channel.3.source", "play.1")
        run.until(lambda: desk.status()["playback"]["position_s"] > 0.1)
        ready = int(run.shared.player[PLAY_WRITTEN])
        process = desk.playback._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        run.until(lambda: desk.status()["playback"]["restarts"] == 1)
        run.until(lambda: int(run.shared.player[PLAY_WRITTEN]) > ready + RATE_HZ // 4)  # the second one plays
        assert desk.status()["playback"]["playing"] is True
        desk.playback.close()
        assert run.close()
        heard = run.recorder.sound()[:, 2]
        places = np.rint(heard * (8.0 * RATE_HZ)).astype(int)
        began = int(np.argmax(places > 0))
        assert not places[:began].any()
        assert np.array_equal(places[began:], np.arange(1, len(places) - began + 1))
        assert_live_is_offline(run, heard=False)
    assert process.poll() is not None


@pytest.mark.parametrize("broken", ["gone", "damaged"])
def test_a_stem_that_cannot_be_played_is_told_by_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(playback, "AGAIN_AFTER_S", 0.0)
    folder = tmp_path / "stems"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.zeros(480), RATE_HZ)
    landings = plan(folder, 3, 4).landings
    if broken == "gone":
        (folder / "a.wav").unlink()
    else:
        (folder / "a.wav").write_bytes(b"RIFF")
    shared = Shared.create(tmp_path / "desk", Sizes(DeskSize(4, 2, 2, plays=1), tap_bytes=1 << 20))
    played = Playback(shared, landings)
    end = time.monotonic() + 240
    while played.restarts < 1 and time.monotonic() < end:
        played.tick()
        time.sleep(0.01)
    played.close()
    told = played.status()["trouble"]
    sentence = "does not exist." if broken == "gone" else "is not a sound file this desk can read; WAV, FLAC, OGG,"
    assert f"{folder / 'a.wav'} {sentence}" in told
    shared.player[PLAY_WRITTEN] += 64  # a player that has the file again has put sound into the ring
    assert played.status()["trouble"] == ""
    assert sentence in played.trouble, "the run's end still tells it"
    shared.unlink()


@pytest.mark.parametrize("trouble", ["", "a.wav does not exist."])
def test_a_run_says_at_its_end_which_stems_were_not_played(trouble: str) -> None:
    from firmware.session import Session

    ended: list[str] = []
    playing = SimpleNamespace(close=lambda: ended.append("player"), trouble=trouble)
    supervisor = SimpleNamespace(has_begun=lambda: True)
    session: Any = SimpleNamespace(
        desk=SimpleNamespace(supervisor=supervisor, stop=lambda: True, playback=playing), _listener=None, made=None,
        shared=SimpleNamespace(unlink=lambda: ended.append("memory")), notes=[], _tell_of_lost_sound=lambda: None,
    )  # fmt: skip
    Session.close(session)
    assert ended == ["player", "memory"]
    assert session.notes == ([f"The stems were not all played: {trouble}"] if trouble else [])


def test_a_disk_too_slow_is_silence_that_is_counted_and_shown(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 10 * RATE_HZ, 2)
    folder = tmp_path / "stems"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.full(8 * RATE_HZ, 0.25), RATE_HZ)
    with running(tmp_path, channels=4, inputs=2, infile=tmp_path / "in.raw", behind=(0, 0, 0, 1)) as run:
        landings = plan(folder, 3, 4).landings
        player = Player(run.shared)  # in place of the process, so that it reads when the test says so
        player.do({"files": [str(one.file) for one in landings], "position": 0, "playing": True})
        player.fill()
        ready = int(run.shared.player[PLAY_WRITTEN])
        run.until_clock(4 * RATE_HZ)
        run.desk.playback = Playback(run.shared, landings)
        run.desk.playback._started_s = float("inf")  # it starts none of its own
        told, late = status_command.text(run.desk.status()), int(run.shared.status[Word.PLAY_LATE])
        player.fill()  # the disk answers again
        run.until_clock(run.clock + RATE_HZ)
        assert run.close()
        heard = run.recorder.sound()[:, 2]
        silent = np.flatnonzero(heard == 0.0)
        assert silent[0] == ready
        assert late > RATE_HZ
        assert len(silent) == run.shared.status[Word.PLAY_LATE] >= late
        assert heard[silent[0] + late :].any()
        assert " frames late, player restarted 0 times" in told
        assert_live_is_offline(run)


DESK = """\
stereo = ["channel.5"]
[channel.3]
source = "play.1"
[channel.4]
source = "none"
[channel.5]
source = "play.2+3"
[channel.7]
source = "play.4"
"""
SCENE = """\
format = 1
[channel.3]
fader_db = -3
eq.band.2.gain_db = 6
comp = {on = true, threshold_db = -30}
[channel.5]
fader_db = -6
width_pct = 60
send.1.level_db = -6
delay_ms = 3
[channel.7]
fader_db = -2
pan = 30
gate.on = true
[bus.1]
to_main = true
"""


@pytest.mark.all
def test_a_run_with_stems_rendered_from_its_log_and_the_same_stems_is_that_run_to_the_last_bit(tmp_path: Path) -> None:
    """DESIGN, law 1: live and offline agree to the last bit. Compared from the end of the cold start's ramp on."""
    sounds = write_stems(tmp_path / "stems")
    (tmp_path / "runtime").mkdir(mode=0o700)
    (tmp_path / "s.toml").write_text(SCENE)
    done = subprocess.run(
        [sys.executable, "-m", "firmware", "run", "--board", "simulated", "--play", "stems", "--seconds", "5",
         "--scene", "s.toml", "--log", "l.jsonl", "--report", "r.json"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["live_equals_offline"] is True
    assert report["desk"]["plays"] == 4
    assert report["board"] == "the simulated board, playing stems"
    mix = audio_files.read(tmp_path / "mix.wav")[0]
    began = int(np.flatnonzero(mix.any(axis=1))[0]) - LATENCY_FRAMES  # where the player was ready
    assert began >= 0
    assert began % 32 == 0
    played = []
    for name, sound in sounds.items():
        whole = np.concatenate([sound, np.zeros((7 * RATE_HZ - len(sound), sound.shape[1]), np.float32)])
        audio_files.write(tmp_path / f"later {name}.wav", np.pad(whole, ((began, 0), (0, 0))), RATE_HZ)
        played.append(str(tmp_path / f"later {name}.wav"))
    audio_files.write(tmp_path / "in.wav", np.zeros((64, 2), np.float32), RATE_HZ)
    (tmp_path / "desk.toml").write_text(DESK)
    command = ["render", "--scene", "flat", "--desk", str(tmp_path / "desk.toml"), "--outputs", "4"]
    command += ["--input", str(tmp_path / "in.wav"), "--play", *played, "--events", str(tmp_path / "l.jsonl")]
    assert cli.main([*command, "--output", str(tmp_path / "y.wav")]) == 0
    y = audio_files.read(tmp_path / "y.wav")[0][: len(mix), :2]
    after = slice(2 * RATE_HZ + 32 + LATENCY_FRAMES, len(mix))
    assert report["play_late_frames"] == 0
    assert np.abs(mix[after]).max() > 0.1
    assert np.array_equal(y[after], mix[after])
