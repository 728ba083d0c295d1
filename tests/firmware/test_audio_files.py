"""Sound files: read at the desk's rate, refused in one sentence, written whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware import audio_files
from firmware.errors import AudioFileError, OutputError

RNG = np.random.Generator(np.random.PCG64(5))
NOISE = (0.1 * RNG.standard_normal((10001, 3))).astype(np.float32)


def test_what_is_written_is_read_back_to_the_bit(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    audio_files.write(file, NOISE, 44100)
    found, rate_hz = audio_files.read(file)
    assert rate_hz == 44100
    np.testing.assert_array_equal(found, NOISE)
    info = audio_files.probe(file)
    assert (info.frames, info.channels, info.rate_hz, info.format) == (10001, 3, 44100, "WAV FLOAT")
    other, _ = soundfile.read(file, dtype="float32")
    np.testing.assert_array_equal(other, NOISE)


def test_the_same_sound_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        audio_files.write(tmp_path / name, NOISE, 48000)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize(
    ("suffix", "subtype", "off"), [("wav", "PCM_24", 1e-6), ("flac", "PCM_16", 1e-4), ("mp3", None, 0.2)]
)
def test_other_formats_are_read(tmp_path: Path, suffix: str, subtype: str | None, off: float) -> None:
    file = tmp_path / f"a.{suffix}"
    wave = (0.5 * np.sin(2.0 * np.pi * 440.0 * np.arange(48000) / 48000.0)).astype(np.float32)
    soundfile.write(file, wave, 48000, subtype)
    found, _ = audio_files.read(file)
    assert found.shape == (48000, 1)
    assert float(np.max(np.abs(found[2000:-2000, 0] - wave[2000:-2000]))) < off


def test_another_rate_is_resampled_with_progress(tmp_path: Path) -> None:
    """1 kHz from 44.1 to 48 kHz: the sine where it should be, −80 dB and better."""
    wave = (0.5 * np.sin(2.0 * np.pi * 1000.0 * np.arange(441000) / 44100.0)).astype(np.float32)
    audio_files.write(tmp_path / "a.wav", wave, 44100)
    shares: list[float] = []
    found, rate_hz = audio_files.read(tmp_path / "a.wav", 48000, shares.append)
    assert (rate_hz, len(found)) == (48000, 480000)
    wanted = 0.5 * np.sin(2.0 * np.pi * 1000.0 * np.arange(480000) / 48000.0)
    assert np.max(np.abs(found[2000:-2000, 0] - wanted[2000:-2000])) < 5e-5
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 3


def test_an_mp3_shorter_than_its_size_lets_one_guess_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An MP3 does not say how long it is; what libsndfile reckons from its size is often more than there is."""
    file = tmp_path / "a.mp3"
    soundfile.write(file, np.tile(NOISE, (20, 1))[:, 0], 48000)
    whole = audio_files.read(file, 44100)[0]
    real = audio_files.probe(file).frames
    monkeypatch.setattr(soundfile.SoundFile, "frames", real + 22218)
    np.testing.assert_array_equal(audio_files.read(file, 44100)[0], whole)


def test_files_stack_up_channel_by_channel_and_short_ones_are_padded(tmp_path: Path) -> None:
    audio_files.write(tmp_path / "a.wav", NOISE, 48000)
    audio_files.write(tmp_path / "b.wav", NOISE[:4000, :1], 48000)
    found = audio_files.read_stack([tmp_path / "a.wav", tmp_path / "b.wav"], 48000)
    np.testing.assert_array_equal(found[:, :3], NOISE)
    np.testing.assert_array_equal(found[:4000, 3], NOISE[:4000, 0])
    assert not np.any(found[4000:, 3])


def _cut(path: Path) -> None:
    audio_files.write(path, NOISE, 48000)
    path.write_bytes(path.read_bytes()[:-5000])


def _cut_flac(path: Path) -> None:
    flac = path.with_suffix(".flac")
    soundfile.write(flac, np.tile(NOISE, (20, 1)), 48000)
    path.write_bytes(flac.read_bytes()[: flac.stat().st_size // 2])


def _nan(path: Path) -> None:
    bad = NOISE.copy()
    bad[7000, 1] = np.nan
    audio_files.write(path, bad, 48000)


BROKEN: list[tuple[str, Callable[[Path], object]]] = [
    ("cut off: 5000 bytes", _cut),
    (r"(cut off|damaged).* Copy or export it again", _cut_flac),
    (r"0 frames\); export it again", lambda path: audio_files.write(path, NOISE[:0], 48000)),
    ("33 channels; a desk has at most 32 inputs", lambda path: soundfile.write(path, np.zeros((10, 33)), 48000)),
    ("not a sound file", lambda path: path.write_text("this is a letter")),
    ("empty", lambda path: path.write_bytes(b"")),
    ("does not exist", lambda _path: None),
    ("is a folder", lambda path: path.mkdir()),
    ("device or a pipe", os.mkfifo),
    ("not a number .* frame 7000; export it again", _nan),
]


@pytest.mark.parametrize(("sentence", "make"), BROKEN, ids=[sentence[:20] for sentence, _ in BROKEN])
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, sentence: str, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(AudioFileError, match=sentence) as told:
        audio_files.read_stack([path], 48000)
    assert str(told.value).startswith(str(path))
    assert "\n" not in str(told.value)


def test_a_wav_from_a_pipe_that_never_knew_its_length_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    audio_files.write(path, NOISE, 48000)
    content = bytearray(path.read_bytes())
    at = content.index(b"data")
    content[at + 4 : at + 8] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(bytes(content))
    assert len(audio_files.read(path)[0]) == len(NOISE)


def test_more_channels_together_than_a_desk_has_inputs_are_refused(tmp_path: Path) -> None:
    audio_files.write(tmp_path / "a.wav", np.zeros((10, 11), np.float32), 48000)
    files = [tmp_path / "a.wav"] * 3
    with pytest.raises(AudioFileError, match="The files have 33 channels together; a desk has at most 32 inputs"):
        audio_files.read_stack(files, 48000)
    audio_files.write(tmp_path / "b.wav", np.zeros((10, 10), np.float32), 48000)
    assert audio_files.read_stack([*files[:2], tmp_path / "b.wav"], 48000).shape == (10, 32)


def _broken_off(path: Path, ending: type[BaseException]) -> None:
    with audio_files.WavWriter(path, 48000, 3) as file:
        file.write(NOISE)
        raise ending


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, OutputError])
def test_a_write_that_is_broken_off_leaves_what_was_there(tmp_path: Path, ending: type[BaseException]) -> None:
    path = tmp_path / "a.wav"
    audio_files.write(path, NOISE, 48000)
    before = path.read_bytes()
    with pytest.raises(ending):
        _broken_off(path, ending)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_write_leaves_nothing_of_it(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import os, sys; from firmware import audio_files, cli, interrupts\n"
        "interrupts.listen()\n"
        "with audio_files.WavWriter(sys.argv[1], 48000, 3): os.kill(os.getpid(), int(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.wav"), str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stderr.endswith("KeyboardInterrupt\n")
    assert list(tmp_path.iterdir()) == []


class _FullDisk:
    """A file on a disk that has no room after the header."""

    def __init__(self, real: object) -> None:
        self._real = real

    def write(self, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def _write_to_a_full_disk(path: Path) -> None:
    with audio_files.WavWriter(path, 48000, 3) as file:
        file._file = _FullDisk(file._file)  # type: ignore[assignment]
        file.write(NOISE)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no space left on the disk for .*a\.wav"):
        _write_to_a_full_disk(tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/a.wav", ".", "a\0b.wav"])
def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        audio_files.write(f"{tmp_path}/{name}", NOISE, 48000)


def test_beyond_four_gigabytes_the_header_is_rf64(tmp_path: Path) -> None:
    with audio_files.WavWriter(tmp_path / "a.wav", 48000, 2) as file:
        file.frames = 600_000_000
        header = file._header()
        file.frames = 0
    assert len(header) == audio_files.WavWriter.HEADER_BYTES
    assert header[:4] == b"RF64"
    assert struct.unpack("<Q", header[28:36])[0] == 600_000_000 * 8
