"""The player: sound files side by side into the playback channels' ring, heard through the engine's own reading end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from dsp.size import DeskSize
from firmware import audio_files
from firmware.player import CHUNK_FRAMES, FADE_FRAMES, Player
from firmware.shared import PLAY_FRAMES, PLAY_PLAYING, PLAY_POSITION, PLAY_WRITTEN, Shared, Sizes

ROOT = Path(__file__).parents[2]
RATE_HZ = 48000
PLAYS = 4
PERIOD = 64
Sound = NDArray[np.float32]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared.create(tmp_path / "desk", Sizes(DeskSize(8, 2, 2, RATE_HZ, plays=PLAYS), tap_bytes=1 << 20))
    yield made
    made.unlink()


def noise(frames: int, channels: int, seed: int = 1) -> Sound:
    return (0.2 * np.random.default_rng(seed).standard_normal((frames, channels))).clip(-1, 1).astype(np.float32)


def stem(path: Path, sound: Sound, rate_hz: int = RATE_HZ) -> str:
    soundfile.write(path, sound, rate_hz, subtype="FLOAT" if path.suffix == ".wav" else "PCM_24")
    return str(path)


def hear(shared: Shared, player: Player | None, frames: int) -> tuple[Sound, int]:
    """What the engine gets in so many frames, block by block, and how many of them were missing. `player`: kept at
    work meanwhile; None: it hangs."""
    from firmware import publish

    blocks, missing = [], 0
    for _ in range(frames // PERIOD):
        if player is not None:
            player.fill()
        x = np.full((PERIOD, 2 + PLAYS), 9.0, np.float32)
        missing += publish.play(shared.play, x, 2, shared.player, shared.control)
        assert (x[:, :2] == 9.0).all()  # the inputs are not the player's
        blocks.append(x[:, 2:])
    return np.concatenate(blocks), missing


def playing(shared: Shared, files: list[str], position: int = 0) -> Player:
    player = Player(shared)
    player.do({"files": files, "position": position, "playing": True})
    return player


def test_files_lie_side_by_side_and_begin_again_together_when_the_longest_has_ended(
    shared: Shared, tmp_path: Path
) -> None:
    mono, stereo, last = noise(5000, 1), noise(30000, 2, 2), noise(20011, 1, 3)
    files = [stem(tmp_path / f"{n}.wav", sound) for n, sound in enumerate((mono, stereo, last))]
    player = playing(shared, files)
    heard, missing = hear(shared, player, 96000)
    take = np.zeros((30000, 4), np.float32)
    take[:5000, :1], take[:, 1:3], take[:20011, 3:] = mono, stereo, last
    assert missing == 0
    assert shared.player[PLAY_FRAMES] == 30000
    assert np.array_equal(heard, np.concatenate([take] * 4)[:96000])


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff"])
@pytest.mark.parametrize("rate_hz", [48000, 44100, 96000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_and_rate_is_the_file_as_the_desk_reads_it(
    shared: Shared, tmp_path: Path, name: str, rate_hz: int, channels: int
) -> None:
    file = stem(tmp_path / name, noise(rate_hz // 4, channels), rate_hz)
    wanted = audio_files.read(file, RATE_HZ)[0]
    heard, missing = hear(shared, playing(shared, [file]), RATE_HZ // 4 - RATE_HZ // 4 % PERIOD)
    assert missing == 0
    assert np.array_equal(heard[:, :channels], wanted[: len(heard)])
    assert len(wanted) == RATE_HZ // 4
    assert not heard[:, channels:].any()


def test_it_begins_where_it_is_told_to_and_fades_in_there(shared: Shared, tmp_path: Path) -> None:
    sound = noise(20000, 1)
    heard, _ = hear(shared, playing(shared, [stem(tmp_path / "a.wav", sound)], 7001), 6400)
    assert np.array_equal(heard[FADE_FRAMES:, 0], sound[7001 + FADE_FRAMES : 13401, 0])
    rise = np.linspace(0.0, 1.0, FADE_FRAMES, dtype=np.float32)
    assert np.array_equal(heard[:FADE_FRAMES, 0], sound[7001 : 7001 + FADE_FRAMES, 0] * rise)


def position(shared: Shared) -> int:
    """Where in the take the desk hears it, as `Playback.position_frames` has it."""
    from firmware.playback import Playback

    return Playback(shared, []).position_frames


def test_the_position_is_that_of_the_frame_heard_next_all_the_time(shared: Shared, tmp_path: Path) -> None:
    player = playing(shared, [stem(tmp_path / "a.wav", noise(30000, 1))])
    for block in range(1200):  # two and a half times round
        hear(shared, player, PERIOD)
        assert position(shared) == (block + 1) * PERIOD % 30000


def test_a_steady_sound_goes_elsewhere_stops_and_starts_without_a_step(shared: Shared, tmp_path: Path) -> None:
    player = playing(shared, [stem(tmp_path / "a.wav", np.full((96000, 1), 0.5, np.float32))])
    heard = [hear(shared, player, 6400)[0]]
    player.do({"position": 50000})
    heard.append(hear(shared, player, 6400)[0])
    player.do({"playing": False})
    heard.append(hear(shared, player, 6400)[0])
    stopped = position(shared)
    player.do({"playing": True})
    heard.append(hear(shared, player, 6400)[0])
    assert np.abs(np.diff(np.concatenate(heard)[:, 0])).max() <= 0.5 / PERIOD + 1e-6  # out within a block
    assert [piece[-1, 0] for piece in heard] == [0.5, 0.5, 0.0, 0.5]
    assert stopped == 50000 + 6400 - PERIOD  # the frames that were skipped come later; the first block crossed over
    assert position(shared) == stopped + 6400


def test_nothing_is_late_before_the_first_piece_is_ready_and_on_the_way_to_another_place(
    shared: Shared, tmp_path: Path
) -> None:
    """The engine counts as late what is missing while PLAY_PLAYING is 1."""
    player = playing(shared, [stem(tmp_path / "a.wav", noise(96000, 1))])
    seen = [int(shared.player[PLAY_PLAYING])]
    for what in ({}, {"position": 30000}, {}, {"playing": False}, {}, {"playing": True}, {}):
        player.do(what)
        if not what:
            hear(shared, player, 2 * PERIOD)
        seen.append(int(shared.player[PLAY_PLAYING]))
    assert seen == [0, 1, 0, 1, 0, 0, 0, 1]


def test_stopped_it_goes_on_with_the_frame_after_the_last_one_heard(shared: Shared, tmp_path: Path) -> None:
    sound = noise(96000, 1)
    player = playing(shared, [stem(tmp_path / "a.wav", sound)])
    hear(shared, player, 6400)
    player.do({"playing": False})
    silence, _ = hear(shared, player, 640)
    assert not silence[PERIOD:].any()
    assert position(shared) == 6400
    player.do({"playing": True})
    heard, _ = hear(shared, player, 6400)
    assert np.array_equal(heard[FADE_FRAMES:, 0], sound[6400 + FADE_FRAMES : 12800, 0])


def test_a_player_that_hangs_leaves_silence_that_is_counted_and_nothing_is_skipped(
    shared: Shared, tmp_path: Path
) -> None:
    sound = noise(4 * RATE_HZ, 1)
    player = playing(shared, [stem(tmp_path / "a.wav", sound)])
    player.fill()
    ready = int(shared.player[PLAY_WRITTEN])
    assert RATE_HZ < ready <= 2 * RATE_HZ  # two seconds ahead
    heard, missing = hear(shared, None, 3 * RATE_HZ)  # a disk that does not answer for three seconds
    assert missing == 3 * RATE_HZ - ready
    assert np.array_equal(heard[:ready, 0], sound[:ready, 0])
    assert not heard[ready:].any()
    after, missing = hear(shared, player, RATE_HZ)
    assert missing == 0
    assert np.array_equal(after[:, 0], sound[ready : ready + RATE_HZ, 0])


@pytest.mark.parametrize("died_after", [0, 64, 6400, 2 * RATE_HZ - 2 * CHUNK_FRAMES])
def test_one_that_takes_the_place_of_another_goes_on_without_a_gap(
    shared: Shared, tmp_path: Path, died_after: int
) -> None:
    sound = noise(7 * RATE_HZ, 2)
    file = stem(tmp_path / "a.wav", sound)
    first = playing(shared, [file])
    first.fill()
    heard = [hear(shared, None, died_after + PERIOD)[0]]
    second = Player(shared)
    second.do({"files": [file], "playing": True})
    heard.append(hear(shared, second, 3 * RATE_HZ)[0])
    whole = np.concatenate(heard)
    assert np.array_equal(whole[:, :2], sound[: len(whole)])
    assert position(shared) == len(whole)


def test_after_a_gap_it_fades_in(shared: Shared, tmp_path: Path) -> None:
    file = stem(tmp_path / "a.wav", np.full((7 * RATE_HZ, 1), 0.5, np.float32))
    playing(shared, [file]).fill()
    ready = int(shared.player[PLAY_WRITTEN])
    hear(shared, None, ready + 640)
    second = Player(shared)
    second.do({"files": [file], "playing": True})
    heard, missing = hear(shared, second, 6400)
    assert missing == 0
    assert np.abs(np.diff(heard[:, 0], prepend=0.0)).max() <= 0.5 / (FADE_FRAMES - 1) + 1e-6
    assert position(shared) == ready + 6400


def test_a_file_that_goes_bad_is_silent_and_told_once_and_the_others_play_on(
    shared: Shared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = noise(3 * audio_files.BLOCK_FRAMES, 1), noise(3 * audio_files.BLOCK_FRAMES, 1, 2)
    bad[audio_files.BLOCK_FRAMES + 5] = np.nan
    player = playing(shared, [stem(tmp_path / "bad.wav", bad), stem(tmp_path / "good.wav", good)])
    heard, missing = hear(shared, player, 2 * audio_files.BLOCK_FRAMES)
    hear(shared, player, 3 * audio_files.BLOCK_FRAMES)  # once more round
    told = capsys.readouterr().err
    assert told.startswith(f"{tmp_path / 'bad.wav'} holds a sample that is not a number")
    assert told.count("\n") == 1
    assert missing == 0
    assert np.array_equal(heard[:, 1], good[: len(heard), 0])
    assert np.array_equal(heard[: audio_files.BLOCK_FRAMES, 0], bad[: audio_files.BLOCK_FRAMES, 0])
    assert not heard[audio_files.BLOCK_FRAMES :, 0].any()


def test_as_a_process_it_does_what_the_lines_say_and_ends_with_its_input(shared: Shared, tmp_path: Path) -> None:
    file = stem(tmp_path / "a.wav", noise(10 * CHUNK_FRAMES, 1))
    lines = [{"files": [file], "position": 64, "playing": False}, {"position": 128}]
    process = subprocess.Popen(
        [sys.executable, "-m", "firmware.player", str(shared.path)],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))  # both at once
    process.stdin.flush()
    end = time.monotonic() + 240
    while shared.player[PLAY_POSITION] != 128 and time.monotonic() < end:
        time.sleep(0.01)
    assert shared.player[PLAY_POSITION] == 128
    assert shared.player[PLAY_FRAMES] == 10 * CHUNK_FRAMES
    assert shared.player[PLAY_WRITTEN] == 0
    assert process.communicate()[1] == ""
    assert process.returncode == 0
