"""The recorder keeps up with what the engine leaves, says what it missed, and survives a full disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dsp import ring
from dsp.ring import Event
from dsp.size import DeskSize
from firmware.errors import OutputError
from firmware.recorder import Recorder
from firmware.shared import LOG_WRITTEN, TAPS_WRITTEN, Shared, Sizes

SIZES = Sizes(DeskSize(8, 2, 1), log_slots=64, tap_bytes=4096 * 12)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared.create(tmp_path / "desk", SIZES)
    yield made
    made.unlink()


def play(shared: Shared, count: int) -> None:
    at = int(shared.control[TAPS_WRITTEN])
    for n in range(at, at + count):
        shared.taps[n % SIZES.tap_frames] = (n, -n, n / 2)
    shared.control[TAPS_WRITTEN] = at + count


def begin(shared: Shared, life: int, clock: int, log_index: int) -> None:
    shared.start_values[:] = life
    shared.start_words[1:3] = clock, log_index
    shared.start_words[0] = life


def test_sound_log_and_lives_are_all_kept_in_order(shared: Shared, tmp_path: Path) -> None:
    recorder = Recorder(shared, keep_sound=True, folder=tmp_path)
    before = set(tmp_path.iterdir())
    begin(shared, 1, 0, 0)
    for n in range(5):
        play(shared, 960)
        ring.write(shared.log, [Event(960 * n, 1, float(n), 0)], n)
        shared.control[LOG_WRITTEN] = n + 1
        if n == 3:
            begin(shared, 2, 2880, 3)
        assert [event.value for event in recorder.drain()] == [float(n)]
    recorder.close()
    sound = recorder.sound()
    assert np.array_equal(sound[:, 0], np.arange(4800, dtype=np.float32))
    assert np.array_equal(sound[:, 2], np.arange(4800, dtype=np.float32) / 2)
    assert [(life.number, life.clock, life.log_index, life.values[0]) for life in recorder.lives] == [
        (1, 0, 0, 1.0),
        (2, 2880, 3, 2.0),
    ]
    assert (recorder.lost_frames, recorder.lost_entries) == (0, 0)
    assert set(tmp_path.iterdir()) == before  # its file has no name: nothing is left behind, whatever happens
    recorder.forget()


def test_what_was_overwritten_before_it_was_read_is_counted(shared: Shared) -> None:
    recorder = Recorder(shared, keep_sound=True)
    play(shared, 3 * SIZES.tap_frames)
    recorder.close()
    assert recorder.lost_frames + recorder.frames == 3 * SIZES.tap_frames
    assert recorder.lost_frames > 0
    recorder.forget()


def test_a_full_disk_ends_the_recording_with_a_sentence_and_keeps_what_it_took(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(shared, keep_sound=True)
    real, room = os.write, 12 * 2000 + 5  # 62 quanta, half of the next and a bit of a frame

    def nearly_full(handle: int, data: bytes) -> int:
        nonlocal room
        if handle != recorder.file:
            return real(handle, data)
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = real(handle, data[:room])
        room -= count
        return count

    monkeypatch.setattr(os, "write", nearly_full)
    for _ in range(5):
        play(shared, 960)
        recorder.drain()
    recorder.close()
    assert isinstance(recorder.error, OutputError)
    assert str(recorder.error).startswith("There is no space left for what the desk records: make room, ")
    assert str(recorder.error).endswith(" What was recorded until then is kept.")
    assert recorder.frames == 62 * 32
    assert np.array_equal(recorder.sound()[:, 0], np.arange(62 * 32, dtype=np.float32))
    recorder.forget()


def test_a_folder_that_cannot_be_written_is_one_sentence(shared: Shared, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^What the desk records cannot be written: .*\.$"):
        Recorder(shared, keep_sound=True, folder=tmp_path / "none")


def test_nothing_is_kept_where_nothing_is_wanted(shared: Shared) -> None:
    recorder = Recorder(shared, keep_sound=False)
    play(shared, 960)
    recorder.close()
    assert recorder.frames == 0
    assert len(recorder.sound()) == 0
    recorder.forget()
