"""A sound file that ends before it says is refused in one sentence, whatever its format; one that is whole never is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware import audio_files, cli
from firmware.audio_length import what_is_missing
from firmware.errors import AudioFileError

FRAMES = 96000
X = (0.1 * np.random.default_rng(1).standard_normal((FRAMES, 2))).astype(np.float32)
FORMATS = [
    ("AIFF", "PCM_16", "BIG"), ("AIFF", "FLOAT", "FILE"), ("AIFF", "PCM_16", "LITTLE"), ("AU", "PCM_16", "BIG"),
    ("AU", "PCM_24", "LITTLE"), ("RF64", "PCM_24", "FILE"), ("W64", "PCM_16", "FILE"), ("WAV", "PCM_24", "LITTLE"),
    ("WAV", "PCM_16", "BIG"), ("WAVEX", "PCM_16", "FILE"), ("OGG", "VORBIS", "FILE"), ("OGG", "OPUS", "FILE"),
    ("MP3", None, "FILE"),
]  # fmt: skip
COMPRESSED = ("OGG", "MP3")


def whole(path: Path, kind: str, subtype: str | None, endian: str = "FILE") -> bytes:
    soundfile.write(path, X, 48000, subtype, endian, kind)
    return path.read_bytes()


@pytest.mark.parametrize(("kind", "subtype", "endian"), FORMATS)
def test_a_file_is_read_whole_or_refused(tmp_path: Path, kind: str, subtype: str | None, endian: str) -> None:
    path = tmp_path / "a"
    content = whole(path, kind, subtype, endian)
    assert what_is_missing(path) == ""
    found = len(audio_files.read(path)[0])
    assert found == FRAMES or (kind == "MP3" and FRAMES <= found < FRAMES + 3 * 1152)  # an encoder's own frames
    for cut in (1, 7, len(content) // 3):
        path.write_bytes(content[:-cut])
        wanted = "its last part is missing" if kind in COMPRESSED else f"{cut} bytes of its sound are missing"
        with pytest.raises(AudioFileError) as told:
            audio_files.read(path)
        assert str(told.value) == f"{path} is cut off: {wanted}. Copy or export it again."


def pages(content: bytes) -> list[int]:
    """Where the pages of an OGG file begin."""
    found, at = [], 0
    while at < len(content):
        assert content[at : at + 4] == b"OggS"
        found.append(at)
        segments = content[at + 26]
        at += 27 + segments + sum(content[at + 27 : at + 27 + segments])
    return found


def test_an_ogg_that_ends_between_two_pages_lacks_its_last(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    content = whole(path, "OGG", "VORBIS")
    for end in pages(content)[3:]:
        path.write_bytes(content[:end])
        assert what_is_missing(path) == "its last part is missing"
    path.write_bytes(content + bytes(100))  # what some players leave behind
    assert what_is_missing(path) == ""


# Headers of MP3 frames with the lengths that ISO 11172-3 and 13818-3 give them: 128 kbit/s at 48 kHz, the same at
# 44.1 kHz with and without a byte of padding, 64 kbit/s at 24 kHz (MPEG 2), 8 kbit/s at 8 kHz (MPEG 2.5).
HEADERS = [("fffb9400", 384), ("fffb9000", 417), ("fffb9200", 418), ("fff38400", 192), ("ffe31800", 72)]


def mp3(header: str, length: int, count: int, announced: int | None = None, word: bytes = b"Xing") -> bytes:
    """So many frames of silence, before them one that announces a number."""
    frame = bytes.fromhex(header) + bytes(length - 4)
    first = frame[:36] + word + (1).to_bytes(4, "big") + (announced or 0).to_bytes(4, "big") + frame[48:]
    return (b"" if announced is None else first) + count * frame


@pytest.mark.parametrize(("header", "length"), HEADERS)
def test_an_mp3_that_ends_between_two_frames_has_fewer_than_its_first_says(
    tmp_path: Path, header: str, length: int
) -> None:
    path = tmp_path / "a.mp3"
    for word in (b"Xing", b"Info"):
        path.write_bytes(mp3(header, length, 40, announced=40, word=word))
        assert what_is_missing(path) == ""
        path.write_bytes(mp3(header, length, 39, announced=40, word=word))
        assert what_is_missing(path) == ""  # some encoders count the first one too
        path.write_bytes(mp3(header, length, 38, announced=40, word=word))
        assert what_is_missing(path) == "its last part is missing"


@pytest.mark.parametrize(("header", "length"), HEADERS)
def test_an_mp3_that_says_nothing_is_cut_only_where_a_frame_is(tmp_path: Path, header: str, length: int) -> None:
    path = tmp_path / "a.mp3"
    for end in (0, 1, 3, 4, length - 1):
        path.write_bytes(mp3(header, length, 41)[: 40 * length + end])
        assert what_is_missing(path) == ("its last part is missing" if end else ""), end


TAG = b"ID3\x04\0\0" + bytes([0, 0, 1, 2]) + bytes(130)


@pytest.mark.parametrize("behind", [b"", b"TAG" + bytes(125), b"APETAGEX" + bytes(24), bytes(17)])
def test_tags_around_an_mp3_are_no_sound(tmp_path: Path, behind: bytes) -> None:
    path = tmp_path / "a.mp3"
    content = whole(path, "MP3", None)
    path.write_bytes(TAG + content + behind)
    assert what_is_missing(path) == ""
    path.write_bytes(TAG + content[:-5000])
    assert what_is_missing(path) == "its last part is missing"


def _au(content: bytes) -> bytes:
    return content[:8] + struct.pack(">I", 0xFFFFFFFF) + content[12:]


def _wav(content: bytes) -> bytes:
    at = content.index(b"data") + 4
    return content[:at] + struct.pack("<I", 0xFFFFFFFF) + content[at + 4 :]


@pytest.mark.parametrize(("kind", "unknown"), [("AU", _au), ("WAV", _wav)])
def test_a_length_that_was_never_known_is_not_missed(
    tmp_path: Path, kind: str, unknown: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(unknown(whole(path, kind, "PCM_16")))
    assert what_is_missing(path) == ""


def test_the_decoders_own_warnings_stay_off_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.mp3"
    content = bytearray(whole(path, "MP3", None))
    at = content.index(b"Xing") + 12
    content[at : at + 4] = (7).to_bytes(4, "big")  # a length in bytes that is wrong: libmpg123 has much to say of it
    path.write_bytes(bytes(content))
    with soundfile.SoundFile(path) as file:
        file.read()
    assert "stream size" in capfd.readouterr().err
    assert cli.main(["meter", str(path)]) == 0
    assert capfd.readouterr().err == ""
