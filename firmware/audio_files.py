"""Sound files: reading WAV, FLAC, MP3 and more at the desk's rate; writing float32 WAV, whole or not at all."""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dsp.rows import MAX_PORTS
from firmware import audio_length
from firmware.errors import AudioFileError, OutputError, Problem
from firmware.files import name_of
from firmware.progress import Progress

RATES_HZ = (1000, 768000)
BLOCK_FRAMES = 1 << 16
GUESSED_LENGTH = ("MP3",)  # such a file does not say how long it is; libsndfile reckons from its size

Signal = NDArray[np.float32]


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file says of itself. `format` is libsndfile's short name: "WAV PCM_24"."""

    path: Path
    frames: int
    channels: int
    rate_hz: int
    format: str


def _wrong(path: Path, text: str) -> AudioFileError:
    return AudioFileError(Problem(name_of(path), None, text))


@contextmanager
def _mute_decoder() -> Iterator[None]:
    """Within, nothing reaches stderr: libmpg123 writes warnings of its own there, past all that libsndfile offers."""
    try:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is no stderr
        yield
        return
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _open(path: Path) -> Any:
    """The open soundfile.SoundFile. Raises AudioFileError for all that can be seen without reading the sound."""
    import soundfile

    try:
        if path.is_dir():
            raise _wrong(path, "is a folder, not a sound file.")
        if not path.is_file():
            raise _wrong(path, "is a device or a pipe, not a sound file." if path.exists() else "does not exist.")
        if not os.access(path, os.R_OK):
            raise _wrong(path, "may not be read by this user.")
        if missing := audio_length.what_is_missing(path):
            raise _wrong(path, f"is cut off: {missing}. Copy or export it again.")
        with _mute_decoder():
            file = soundfile.SoundFile(os.fsencode(path))
    except (soundfile.LibsndfileError, TypeError):
        what = "is empty (0 bytes)" if path.stat().st_size == 0 else "is not a sound file this desk can read"
        raise _wrong(path, f"{what}; WAV, FLAC, OGG, AIFF and MP3 are possible.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, AudioFileError):
            raise
        raise _wrong(path, f"cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        _check(path, file)
    except AudioFileError:
        file.close()
        raise
    return file


def _check(path: Path, file: Any) -> None:
    if not 1 <= file.channels <= MAX_PORTS:
        what = f"has {file.channels} channels; a desk has at most {MAX_PORTS} inputs"
        raise _wrong(path, f"{what}. Split it into several files.")
    if not RATES_HZ[0] <= file.samplerate <= RATES_HZ[1]:
        raise _wrong(
            path, f"says that its rate is {file.samplerate} Hz, which no sound has; export it again at its true rate."
        )
    if file.frames <= 0:
        raise _wrong(path, "holds no sound (0 frames); export it again.")


def probe(path: str | Path) -> AudioInfo:
    """What a file holds, without reading its sound. Raises AudioFileError."""
    if path == "":
        raise AudioFileError("The name of a sound file is empty; give a file.")
    path = Path(path)
    with _open(path) as file:
        return AudioInfo(path, file.frames, file.channels, file.samplerate, f"{file.format} {file.subtype}")


def probe_all(paths: Sequence[str | Path]) -> list[AudioInfo]:
    """As `probe`, of several files. Raises AudioFileError that names all that cannot be read."""
    infos: list[AudioInfo] = []
    wrong: list[AudioFileError] = []
    for path in paths:
        try:
            infos.append(probe(path))
        except AudioFileError as error:
            wrong.append(error)
    if len(wrong) == 1 or not all(error.problems for error in wrong):
        raise wrong[0]
    if wrong:
        raise AudioFileError([problem for error in wrong for problem in error.problems])
    return infos


def blocks(path: str | Path, rate_hz: int | None = None, start: int = 0) -> Iterator[Signal]:
    """The sound in pieces, float32[frames, channels], resampled (soxr, HQ) where `rate_hz` is another, from frame
    `start` on, counted at that rate.

    Raises AudioFileError: unreadable, cut off, no frames, too many channels, or a number that is none (NaN, infinity).
    """
    import soundfile
    import soxr

    path = Path(path)
    with _open(path) as file:
        resampler = None
        if rate_hz is not None and rate_hz != file.samplerate:
            resampler = soxr.ResampleStream(file.samplerate, rate_hz, file.channels, dtype="float32", quality="HQ")
        done, ended = min(start * file.samplerate // (rate_hz or file.samplerate), file.frames), False
        if done:
            file.seek(done)
        while not ended:
            try:
                with _mute_decoder():
                    block = file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
            except (soundfile.LibsndfileError, RuntimeError):
                raise _wrong(path, "is damaged and cannot be read to its end. Copy or export it again.") from None
            if not np.all(np.isfinite(block)):
                bad = done + int(np.argmin(np.all(np.isfinite(block), axis=1)))
                what = f"holds a sample that is not a number (NaN or infinite), the first in frame {bad}"
                raise _wrong(path, f"{what}; export it again.")
            done += len(block)
            ended = len(block) < BLOCK_FRAMES
            if ended and done < file.frames and file.format not in GUESSED_LENGTH:
                raise _wrong(
                    path, f"is cut off: it ends after {done} of {file.frames} frames. Copy or export it again."
                )
            if resampler is not None:
                block = resampler.resample_chunk(block, last=ended)
            yield np.ascontiguousarray(block, dtype=np.float32)


def read(path: str | Path, rate_hz: int | None = None, progress: Progress | None = None) -> tuple[Signal, int]:
    """A whole file as (float32[frames, channels], rate in Hz), at `rate_hz` if one is given. Raises AudioFileError."""
    info = probe(path)
    rate = rate_hz or info.rate_hz
    expected = -(-info.frames * rate // info.rate_hz)
    sound = np.zeros((expected + BLOCK_FRAMES, info.channels), np.float32)
    done = 0
    for block in blocks(path, rate):
        if done + len(block) > len(sound):
            sound = np.concatenate([sound, np.zeros_like(sound)])
        sound[done : done + len(block)] = block
        done += len(block)
        if progress is not None:
            progress(min(1.0, done / expected))
    if progress is not None:
        progress(1.0)
    return sound[:done], rate


def check_inputs(channels: int) -> None:
    """Raises AudioFileError when files have more channels together than any desk has inputs."""
    if channels > MAX_PORTS:
        raise AudioFileError(f"The files have {channels} channels together; a desk has at most {MAX_PORTS} inputs.")


def read_stack(paths: Sequence[str | Path], rate_hz: int, progress: Progress | None = None) -> Signal:
    """The channels of several files side by side, float32[frames, channels], the shorter ones padded with silence.

    Raises AudioFileError: as `read`, or when there are more channels together than a desk has inputs.
    """
    infos = probe_all(paths)
    total = sum(info.channels for info in infos)
    check_inputs(total)
    weights = np.cumsum([0.0] + [float(info.frames * info.channels / info.rate_hz) for info in infos])
    sounds = []
    for n, path in enumerate(paths):

        def told(share: float, n: int = n) -> None:
            if progress is not None:
                progress(float((weights[n] + share * (weights[n + 1] - weights[n])) / weights[-1]))

        sounds.append(read(path, rate_hz, told)[0])
    stack = np.zeros((max(map(len, sounds)), total), np.float32)
    column = 0
    for sound in sounds:
        stack[: len(sound), column : column + sound.shape[1]] = sound
        column += sound.shape[1]
    return stack


class WavWriter:
    """Writes float32 WAV: to a temporary file beside the target, which takes the target's name when all is on the disk.

    Whatever ends the `with` early (a full disk, Ctrl-C) leaves what stood there before. Written here and not by
    libsndfile: that swallows the reason when a disk is full, and puts the time of day into the file. Beyond 4 GB the
    header is RF64's.
    """

    HEADER_BYTES = 92

    def __init__(self, path: str | Path, rate_hz: int, channels: int) -> None:
        """Raises OutputError when the file cannot be made."""
        self._shown = name_of(Path(path))
        self._rate_hz, self._channels = rate_hz, channels
        self.frames = 0
        try:
            self._target = Path(os.path.realpath(path))
            if self._target.is_dir():
                raise OutputError(f"{self._shown} is a folder; give the file a name.")
            if self._target.exists() and not self._target.is_file():
                raise OutputError(f"{self._shown} is a device or a pipe; give the name of a file.")
            handle, name = tempfile.mkstemp(
                prefix=f".{self._target.name[:80]}.", suffix=".tmp", dir=self._target.parent
            )
        except (OSError, ValueError) as error:
            raise self._explained(error) from None
        self._temporary = Path(name)
        self._file = os.fdopen(handle, "wb")

    def _explained(self, error: OSError | ValueError) -> OutputError:
        if isinstance(error, OutputError):
            return error
        number = getattr(error, "errno", None)
        if number in (errno.ENOSPC, errno.EDQUOT):
            return OutputError(f"There is no space left on the disk for {self._shown}; make room and try again.")
        if number == errno.ENOENT:
            return OutputError(f"{self._shown} cannot be written: its folder does not exist.")
        return OutputError(f"{self._shown} cannot be written: {getattr(error, 'strerror', None) or error}.")

    def __enter__(self) -> Self:
        try:
            self._file.write(b"\0" * self.HEADER_BYTES)
        except OSError as error:
            self._discard()
            raise self._explained(error) from None
        return self

    def write(self, y: Signal) -> None:
        """Append float32[frames, channels]. Raises OutputError."""
        if y.ndim != 2 or y.shape[1] != self._channels:
            raise ValueError(f"{self._channels} channels were announced, this has the shape {y.shape}")
        try:
            self._file.write(np.ascontiguousarray(y, dtype="<f4").data)
        except OSError as error:
            raise self._explained(error) from None
        self.frames += len(y)

    def _header(self) -> bytes:
        width = 4 * self._channels
        size = self.frames * width
        large = size + self.HEADER_BYTES > 0xFFFFFFFF
        riff, data = (0xFFFFFFFF, 0xFFFFFFFF) if large else (size + self.HEADER_BYTES - 8, size)
        # ds64 must stand first in an RF64; in a plain WAV the same room is a chunk that readers skip.
        sizes = struct.pack("<QQQI", size + self.HEADER_BYTES - 8, size, self.frames, 0)
        return (
            struct.pack("<4sI4s", b"RF64" if large else b"RIFF", riff, b"WAVE")
            + struct.pack("<4sI", b"ds64" if large else b"JUNK", len(sizes))
            + (sizes if large else b"\0" * len(sizes))
            + struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, self._channels, self._rate_hz, self._rate_hz * width, width, 32)
            + struct.pack("<4sII", b"fact", 4, min(self.frames, 0xFFFFFFFF))
            + struct.pack("<4sI", b"data", data)
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            self._file.flush()
            self._file.seek(0)
            self._file.write(self._header())
            self._file.flush()
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(self._file.fileno(), 0o666 & ~mask)
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.replace(self._target)
        except OSError as reason:
            self._discard()
            raise self._explained(reason) from None
        except BaseException:
            self._discard()
            raise

    def _discard(self) -> None:
        with suppress(OSError):  # a full disk lets the buffer be lost, and that is wanted
            self._file.close()
        self._temporary.unlink(missing_ok=True)


def write(path: str | Path, y: Signal, rate_hz: int, progress: Progress | None = None) -> None:
    """Write float32[frames, channels] as float32 WAV, whole or not at all. Raises OutputError."""
    y = y[:, None] if y.ndim == 1 else y
    with WavWriter(path, rate_hz, y.shape[1]) as file:
        for start in range(0, len(y), BLOCK_FRAMES):
            file.write(y[start : start + BLOCK_FRAMES])
            if progress is not None:
                progress(min(1.0, (start + BLOCK_FRAMES) / len(y)))
