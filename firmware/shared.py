"""The one file that the engine and the surface share: where each part of it lies, and how it is made and attached.

It lives on tmpfs, is filled with pages when it is made (a write never meets a full memory later) and says its version
and sizes in its head; whoever attaches checks them. Every part has exactly one writer:

| part | writer | what it is |
| --- | --- | --- |
| head | maker | magic, version, sizes |
| control | engine | indices up to which it has read and written: one cache line each |
| status | engine | `firmware.status` |
| histogram | engine | blocks by thread time |
| start | engine | the values this life of the engine began with |
| meters | engine | under a sequence lock (`firmware.status.MeterReader`) |
| log, taps | engine | rings (`firmware.rings`) |
| player, play | player | how much has been decoded, and a ring of it (`firmware.player`) |
| events | surface | ring (`firmware.rings`) |
| images | surface | two slots (`firmware.image`) |
"""

from __future__ import annotations

import errno
import mmap
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.layout import layout_of
from dsp.ring import LIVE_SLOTS, WORDS
from dsp.rows import HEAD, LANE_WORDS, STAGES
from dsp.size import DeskSize
from firmware.errors import EngineDied, OutputError

MAGIC = int.from_bytes(b"pidesk\x00\x7f", "little")
VERSION = 2
LOG_SLOTS = 65536
TAP_BYTES = 16 << 20  # four seconds of 16 inputs and 4 outputs
PLAY_S = 2.0  # of sound decoded ahead
LINE = 8  # words in a cache line: indices that two processes poll lie on lines of their own
HISTOGRAM_BINS = 8192
HISTOGRAM_BINS_PER_DEADLINE = 4096
TEXT_BYTES = 512

# Words of the control part
EVENTS_TAKEN, LOG_WRITTEN, TAPS_WRITTEN, METER_SEQUENCE, PLAY_READ = (n * LINE for n in range(5))
CONTROL_WORDS = 5 * LINE
# Words of the player's part: frames written, where that is in the take, 1 while it plays (from the first piece that is
# ready on), how long the take is; what was written before the last one is not to be played any more
PLAY_WRITTEN, PLAY_POSITION, PLAY_PLAYING, PLAY_FRAMES, PLAY_SKIP_TO = 0, LINE, LINE + 1, LINE + 2, LINE + 3
PLAYER_WORDS = 2 * LINE
STATUS_WORDS = 64
IMAGE_HEAD = 8  # words: generation, ring index, CRC32
START_HEAD = 8  # words: life, clock, log index, tap index

_HEAD_WORDS = 64
_PAGE = 4096


@dataclass(frozen=True)
class Sizes:
    """What the file is made for. Slots are powers of two; `tap_bytes` is how much sound the taps hold."""

    desk: DeskSize
    event_slots: int = LIVE_SLOTS
    log_slots: int = LOG_SLOTS
    tap_bytes: int = TAP_BYTES

    @property
    def tap_width(self) -> int:
        """Numbers in a frame of the taps: the inputs, the playback channels, then the outputs."""
        return self.desk.columns + self.desk.outputs

    @property
    def tap_frames(self) -> int:
        """Frames that the taps hold."""
        return max(self.tap_bytes // (4 * self.tap_width), 4096)

    @property
    def play_frames(self) -> int:
        """Frames that the ring of the playback channels holds; none where the desk has none."""
        return round(PLAY_S * self.desk.rate_hz) if self.desk.plays else 0

    def words(self) -> list[int]:
        """The head of a file of these sizes."""
        d = self.desk
        return [
            MAGIC,
            VERSION,
            d.channels,
            d.inputs,
            d.outputs,
            d.rate_hz,
            d.buses,
            d.effects,
            d.matrices,
            d.plays,
            d.addresses,
            self.event_slots,
            self.log_slots,
            self.tap_bytes,
            Layout(self).total,
        ]


def meter_floats(size: DeskSize) -> tuple[int, int]:
    """Where the meters start in the f32 view of an arena, and how many numbers they are."""
    at, lanes, outputs = layout_of(size).at, STAGES * size.lanes, size.outputs
    parts = [(at[name], lanes) for name in ("peak", "mean_square")]
    parts += [(at[name], size.lanes) for name in ("gr_gate", "gr_comp")]
    parts += [(at[name], outputs) for name in ("out_peak", "out_mean_square", "limiter_gr")]
    start = min(first for first, _ in parts)
    return start, max(first + count for first, count in parts) - start


class Layout:
    """First byte of each part, and the whole length; each part starts on a page."""

    def __init__(self, sizes: Sizes) -> None:
        d = sizes.desk
        self.total = 0
        self.head = self._take(8 * _HEAD_WORDS)
        self.control = self._take(8 * CONTROL_WORDS)
        self.status = self._take(8 * STATUS_WORDS)
        self.text = self._take(TEXT_BYTES)
        self.histogram = self._take(8 * HISTOGRAM_BINS)
        self.start = self._take(8 * (START_HEAD + d.addresses))
        self.image_words = IMAGE_HEAD + d.addresses
        self.images = self._take(2 * 8 * self.image_words)
        self.meter_words = HEAD + d.lanes * (LANE_WORDS + STAGES)
        self.meters_i64 = self._take(8 * self.meter_words)
        self.meters_from, self.meter_floats = meter_floats(d)
        self.meters_f32 = self._take(4 * self.meter_floats)
        self.events = self._take(8 * WORDS * sizes.event_slots)
        self.log = self._take(8 * WORDS * sizes.log_slots)
        self.taps = self._take(4 * sizes.tap_frames * sizes.tap_width)
        self.player = self._take(8 * PLAYER_WORDS)
        self.play = self._take(4 * max(sizes.play_frames * d.plays, 1))

    def _take(self, count: int) -> int:
        start = self.total
        self.total += -(-count // _PAGE) * _PAGE
        return start


class Shared:
    """The file, mapped. `sizes` says for what; the properties are the parts, as views."""

    def __init__(self, path: Path, sizes: Sizes, memory: mmap.mmap) -> None:
        self.path, self.sizes, self.layout = path, sizes, Layout(sizes)
        self._memory = memory
        self.bytes: NDArray[np.uint8] = np.frombuffer(memory, np.uint8)

    @classmethod
    def create(cls, path: Path, sizes: Sizes) -> Shared:
        """Make the file anew, all zero. Raises OutputError when there is no room for it."""
        total = Layout(sizes).total
        try:
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                # Pages now: a write to tmpfs that is full would be a SIGBUS in the engine.
                os.posix_fallocate(descriptor, 0, total)
                # Who makes it touches little of it: what is decoded ahead, most of the log. The engine maps all of it.
                memory = mmap.mmap(descriptor, total, flags=mmap.MAP_SHARED)
            finally:
                os.close(descriptor)
        except OSError as error:
            path.unlink(missing_ok=True)
            sentence = f"The memory shared with the engine cannot be made ({path}): {error.strerror}."
            if error.errno in (errno.ENOSPC, errno.ENOMEM, errno.EFBIG):
                sentence = too_large(total, _free_bytes(path.parent), f" in {path.parent}")
            raise OutputError(sentence) from error
        words = sizes.words()
        np.frombuffer(memory, np.int64, _HEAD_WORDS)[: len(words)] = words
        return cls(path, sizes, memory)

    @classmethod
    def attach(cls, path: Path) -> Shared:
        """Map a file that is there. Raises EngineDied when it is none, of another version, or not of its own size."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise EngineDied(f"The memory shared with the desk is not there ({path}): {error.strerror}.") from error
        try:
            length = os.fstat(descriptor).st_size
            if length < 8 * _HEAD_WORDS:
                raise EngineDied(f"{path} is too short to be the memory of a desk.")
            head = np.frombuffer(os.pread(descriptor, 8 * _HEAD_WORDS, 0), np.int64)
            sizes = _sizes(path, [int(word) for word in head], length)
            return cls(path, sizes, _map(descriptor, length))
        finally:
            os.close(descriptor)

    def unlink(self) -> None:
        """Remove the name; who has it mapped keeps it."""
        self.path.unlink(missing_ok=True)

    def touch(self) -> None:
        """Engine only: write once to every page that it writes to, so that none is missing in the loop.

        That the pages are there does not suffice: each takes a fault at this process's first write to it.
        """
        for part in (
            self.control,
            self.status,
            self.text,
            self.histogram,
            self.start_words,
            self.start_values,
            self.meters_i64,
            self.meters_f32,
            self.log,
            self.taps.reshape(-1),
        ):
            pages = part.view(np.uint8)[::_PAGE]
            pages[:] = pages.copy()

    def _words(self, start: int, count: int) -> NDArray[np.int64]:
        return self.bytes[start : start + 8 * count].view(np.int64)

    @cached_property
    def control(self) -> NDArray[np.int64]:
        """int64: the indices named above."""
        return self._words(self.layout.control, CONTROL_WORDS)

    @cached_property
    def status(self) -> NDArray[np.int64]:
        """int64: `firmware.status.Word`."""
        return self._words(self.layout.status, STATUS_WORDS)

    @cached_property
    def text(self) -> NDArray[np.uint8]:
        """uint8: the sentence the engine left, UTF-8, ended by 0."""
        return self.bytes[self.layout.text : self.layout.text + TEXT_BYTES]

    @cached_property
    def histogram(self) -> NDArray[np.int64]:
        """int64: blocks by thread time, `HISTOGRAM_BINS_PER_DEADLINE` bins to a deadline."""
        return self._words(self.layout.histogram, HISTOGRAM_BINS)

    @cached_property
    def start_words(self) -> NDArray[np.int64]:
        """int64: life, clock, log index and ring index at its start."""
        return self._words(self.layout.start, START_HEAD)

    @cached_property
    def start_values(self) -> NDArray[np.float64]:
        """float64[addresses]: what this life began with."""
        return self._words(self.layout.start + 8 * START_HEAD, self.sizes.desk.addresses).view(np.float64)

    @cached_property
    def images(self) -> NDArray[np.int64]:
        """int64[2, words]: each a head and the values."""
        return self._words(self.layout.images, 2 * self.layout.image_words).reshape(2, -1)

    @cached_property
    def meters_i64(self) -> NDArray[np.int64]:
        """int64: the arena's head, its lanes' words, the clips."""
        return self._words(self.layout.meters_i64, self.layout.meter_words)

    @cached_property
    def meters_f32(self) -> NDArray[np.float32]:
        """float32: the arena's meters."""
        start = self.layout.meters_f32
        return self.bytes[start : start + 4 * self.layout.meter_floats].view(np.float32)

    @cached_property
    def events(self) -> NDArray[np.int64]:
        """int64: the event ring."""
        return self._words(self.layout.events, WORDS * self.sizes.event_slots)

    @cached_property
    def log(self) -> NDArray[np.int64]:
        """int64: the log ring."""
        return self._words(self.layout.log, WORDS * self.sizes.log_slots)

    @cached_property
    def taps(self) -> NDArray[np.float32]:
        """float32[frames, inputs + outputs]."""
        count = 4 * self.sizes.tap_frames * self.sizes.tap_width
        flat = self.bytes[self.layout.taps : self.layout.taps + count].view(np.float32)
        return flat.reshape(-1, self.sizes.tap_width)

    @cached_property
    def player(self) -> NDArray[np.int64]:
        """int64: the player's words named above."""
        return self._words(self.layout.player, PLAYER_WORDS)

    @cached_property
    def play(self) -> NDArray[np.float32]:
        """float32[frames, plays]: what has been decoded; of a desk without playback channels [1, 0]."""
        sizes = self.sizes
        count = 4 * sizes.play_frames * sizes.desk.plays
        flat = self.bytes[self.layout.play : self.layout.play + count].view(np.float32)
        return flat.reshape(max(sizes.play_frames, 1), sizes.desk.plays)


def too_large(needed: int, free: int, where: str = "") -> str:
    """The sentence for a desk that finds no room."""
    sizes = f"{-(-needed // 1_000_000)} MB of memory{where}, {free // 1_000_000} MB are free"
    return f"This desk takes {sizes}: make it smaller (size in desk.toml), or end other programs."


def _free_bytes(folder: Path) -> int:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize


def _map(descriptor: int, length: int) -> mmap.mmap:
    populate = getattr(mmap, "MAP_POPULATE", 0)
    return mmap.mmap(descriptor, length, flags=mmap.MAP_SHARED | populate)


def _sizes(path: Path, head: list[int], length: int) -> Sizes:
    if head[0] != MAGIC:
        raise EngineDied(f"{path} is not the memory of a desk.")
    if head[1] != VERSION:
        raise EngineDied(f"{path} is of version {head[1]}, this engine speaks version {VERSION}; restart the desk.")
    refused = EngineDied(f"{path} does not have the size it says; restart the desk.")
    try:
        sizes = Sizes(DeskSize(*head[2:10]), *head[11:14])
        if any(n < 2 or n & (n - 1) for n in (sizes.event_slots, sizes.log_slots)):
            raise refused
        if not 0 <= sizes.tap_bytes <= length:
            raise refused
        fits = sizes.words() == head[: len(sizes.words())] and Layout(sizes).total == length
    except ValueError:
        raise refused from None
    if not fits:
        raise refused
    return sizes
