"""Keeps what the engine did: every entry of the log, the start of each of its lives, and the tapped sound.

The sound goes to a file without a name (nothing is left behind, whatever happens) through a thread of its own, so that
a slow disk never makes the desk late; a full one is remembered as `error` and ends the recording, not the desk, and
what was written until then is kept.
"""

from __future__ import annotations

import errno
import os
import queue
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.ring import Event
from dsp.slots import QUANTUM_FRAMES
from firmware.errors import OutputError
from firmware.rings import LogReader, TapReader
from firmware.shared import Shared
from firmware.status import Word

QUEUE_BLOCKS = 256
BLOCK_FRAMES = 16384

Frames = NDArray[np.float32]


@dataclass(frozen=True)
class Life:
    """What one engine began with: sample clock, index of its first log entry, and the values of all parameters."""

    number: int
    clock: int
    log_index: int
    values: NDArray[np.float64]


class Recorder:
    """Drains log and taps. `drain` is called often, from one thread; `close` at the end."""

    def __init__(
        self,
        shared: Shared,
        *,
        keep_sound: bool,
        folder: Path | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """`folder`: where the nameless file lives (default: the system's). Raises OutputError when it cannot."""
        self.shared = shared
        self.log: list[Event] = []
        self.lives: list[Life] = []
        self.first_frame = 0
        self.error: OutputError | None = None
        self._on_event = on_event
        self._keep = keep_sound
        self._log_reader, self._taps = LogReader(shared), TapReader(shared)
        self.first_frame = self._taps.index
        self._queue: queue.Queue[Frames | None] = queue.Queue(QUEUE_BLOCKS)
        self._thread: threading.Thread | None = None
        self.file: int = -1
        self._kept_bytes = 0
        if keep_sound:
            try:
                with tempfile.TemporaryFile(dir=folder) as made:
                    self.file = os.dup(made.fileno())
            except OSError as error:
                raise _explain(error) from error
            self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
            self._thread.start()

    @property
    def frames(self) -> int:
        """Frames of sound that are in the file, whole quanta of the kernel's: a full disk may have cut the last one."""
        quantum_bytes = QUANTUM_FRAMES * 4 * self.shared.sizes.tap_width
        return self._kept_bytes // quantum_bytes * QUANTUM_FRAMES

    @property
    def lost_frames(self) -> int:
        """Tapped frames that were overwritten before they were read."""
        return self._taps.lost

    @property
    def lost_entries(self) -> int:
        """Log entries that were overwritten before they were read."""
        return self._log_reader.lost

    def drain(self) -> list[Event]:
        """Take what is new; returns the new log entries."""
        self._see_life()
        events = self._log_reader.read()
        self.log.extend(events)
        if self._on_event is not None:
            for event in events:
                self._on_event(event)
        while len(block := self._taps.read(BLOCK_FRAMES)):
            if self._keep and self.error is None:
                self._queue.put(block)
        return events

    def _see_life(self) -> None:
        number, clock, log_index = (int(word) for word in self.shared.start_words[:3])
        if number and (not self.lives or self.lives[-1].number != number):
            self.lives.append(Life(number, clock, log_index, self.shared.start_values.copy()))

    def _write(self) -> None:
        while (block := self._queue.get()) is not None:
            if self.error is not None:
                continue
            data = memoryview(block.tobytes())
            try:
                while data:
                    count = os.write(self.file, data)
                    self._kept_bytes += count
                    data = data[count:]
            except OSError as error:
                self.error = OutputError(f"{_explain(error)} What was recorded until then is kept.")

    def close(self) -> None:
        """Drain once more and see everything written; the sound stays readable through `sound`."""
        self.drain()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def sound(self) -> NDArray[np.float32]:
        """What was tapped, as far as the disk took it, float32[frames, columns + outputs], mapped from the file; after
        `close`."""
        width = self.shared.sizes.tap_width
        if self.file < 0 or not self.frames:
            return np.empty((0, width), np.float32)
        with os.fdopen(os.dup(self.file), "rb") as file:
            return np.memmap(file, np.float32, "r", shape=(self.frames, width))

    @property
    def raw_hash(self) -> int:
        """The engine's fold over all converted output of its last life."""
        return int(self.shared.status[Word.RAW_HASH])

    def forget(self) -> None:
        """Give the file back."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def _explain(error: OSError) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError("There is no space left for what the desk records: make room, or set TMPDIR elsewhere.")
    return OutputError(f"What the desk records cannot be written: {error.strerror}.")
