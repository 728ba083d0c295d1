"""What the simulated card hears: the band, or a folder of sound files, as one raw file of S32_LE frames."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware import paths
from firmware.errors import AudioFileError, OutputError
from firmware.files import name_of

FULL_SCALE = 2147483648.0
INPUTS, OUTPUTS = 16, 4  # mains and monitor
SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3")

Progress = Callable[[float], None]


def to_s32(tracks: NDArray[np.float32]) -> NDArray[np.int32]:
    """float32[frames, n] within ±1 as 32 bit integers, rounded to nearest."""
    scaled = np.rint(tracks.astype(np.float64) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i4")


def as_heard(tracks: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[frames, n] within ±1 as a desk hears them from a 32 bit card: rounded to steps that float32 holds."""
    return (to_s32(tracks) / FULL_SCALE).astype(np.float32)


def band(rate_hz: int, progress: Progress | None = None) -> tuple[Path, int]:
    """The band's sixteen tracks as raw S32_LE, kept in the cache, and its frames. Raises OutputError."""
    folder = Path(__file__).with_name("band")
    source = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()[:12]
    path = paths.cache_dir() / f"band-{source}-{rate_hz}.s32"
    if not path.exists():
        from firmware.band import tracks

        def told(_name: str, done: int, of: int) -> None:
            if progress is not None:
                progress(done / of)

        _, played = tracks(rate_hz, told)
        _write(path, to_s32(played))
    return path, path.stat().st_size // (4 * INPUTS)


def sound_files(source: Path) -> list[Path]:
    """The sound files of a folder, by name. Raises AudioFileError when there is none."""
    return [path for path in _named_so(source) if path.is_file()]


def no_files(source: Path) -> list[str]:
    """A sentence for each thing in a folder of stems that is called like a sound file and is none."""
    return [
        f"{name_of(Path(path.name))} in {name_of(source)} is {_what(path)}, no sound file: it is not heard."
        for path in _named_so(source)
        if not path.is_file()
    ]


def _what(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        return "a link that leads nowhere"
    return "a folder" if path.is_dir() else "a device or a pipe"


def _named_so(source: Path) -> list[Path]:
    if not source.is_dir():
        raise AudioFileError(f"{source} is not a folder; a folder of sound files is needed.")
    try:
        files = sorted(p for p in source.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    except OSError as error:
        raise AudioFileError(f"{source} cannot be read: {error.strerror}.") from None
    if not any(path.is_file() for path in files):
        raise AudioFileError(f"There is no sound file in {source}; {', '.join(SUFFIXES)} are looked for.")
    return files


def silence(path: Path, inputs: int) -> Path:
    """A raw file of a second of silence for so many inputs, to be looped. Raises OutputError."""
    _write(path, np.zeros((48000, inputs), np.int32))
    return path


def folder(source: Path, rate_hz: int, path: Path, progress: Progress | None = None) -> tuple[Path, int, int]:
    """The sound files of a folder in the order of their names, channel by channel, as sixteen inputs at `path`; its
    frames, and how many channels the files have together.

    Channels beyond the sixteenth are left out, missing ones are silent. Raises AudioFileError, OutputError.
    """
    from firmware import audio_files

    taken, channels = [], 0
    for info in audio_files.probe_all(sound_files(source)):
        if channels < INPUTS:
            taken.append(info.path)
        channels += info.channels
    stack = audio_files.read_stack(taken, rate_hz, progress)[:, :INPUTS]
    frames = np.zeros((len(stack), INPUTS), np.int32)
    frames[:, : stack.shape[1]] = to_s32(stack)
    _write(path, frames)
    return path, len(frames), channels


def _write(path: Path, frames: NDArray[np.int32]) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        paths.ensure(path.parent)
        with part.open("wb") as file:
            file.write(np.ascontiguousarray(frames).data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror}; make room, or set XDG_CACHE_HOME.") from error
