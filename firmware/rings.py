"""The surface's ends of the rings: it sends events, and reads the log and the taps.

The engine never waits for any of them. So the sender looks for room itself, and the readers find out what they missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dsp import ring
from dsp.ring import Event
from firmware import image
from firmware.shared import EVENTS_TAKEN, LOG_WRITTEN, TAPS_WRITTEN, Shared

_BLOCK_FRAMES = 2048  # the engine may be writing a block of up to this many frames ahead of its index


class EventSender:
    """The only producer of the event ring.

    `waiting` is what found no room yet and goes in first at the next `send` or `flush`: nothing is dropped, and the
    surface can show it. A slot is not used again before the engine has taken it *and* an image covers it, because a
    restarted engine replays from the image on. The image holds what the engine has taken and no more: an event stamped
    for later is still to come, also for the next engine.
    """

    def __init__(self, shared: Shared, values: NDArray[np.float64]) -> None:
        """`values`: what the desk stands at, float64[addresses]."""
        self._shared = shared
        self._slots = shared.sizes.event_slots
        self.written = 0
        self.imaged = 0  # events before this index are in the image
        self._values = values.copy()
        self.full_count = 0
        self.repaired = 0
        self._queue: deque[Event] = deque()
        self._sent: deque[Event] = deque()  # what the engine may still ask for
        self._sent_from = 0

    @property
    def waiting(self) -> int:
        """Events that found no room."""
        return len(self._queue)

    @property
    def taken(self) -> int:
        """Index up to which the engine has read."""
        return int(self._shared.control[EVENTS_TAKEN])

    @property
    def room(self) -> int:
        """Slots that may be written now."""
        return max(self._slots - (self.written - min(self.taken, self.imaged)), 0)

    def send(self, events: Iterable[Event]) -> int:
        """Queue `events` and write what there is room for; returns how many wait."""
        self._queue.extend(events)
        return self.flush()

    def flush(self) -> int:
        """Write as many waiting events as there is room for; returns how many still wait."""
        count = min(self.room, len(self._queue))
        if count:
            batch = [self._queue.popleft() for _ in range(count)]
            self.written = ring.write(self._shared.events, batch, self.written)
            self._sent.extend(batch)
        self.full_count += bool(self._queue)
        return len(self._queue)

    def repair(self) -> bool:
        """Write the slot that the engine stands at once more when it does not fit (memory was damaged on the way).

        To be called now and then; costs nothing while the engine keeps up. Returns whether a slot was repaired.
        """
        index = self.taken
        if not self._sent_from <= index < self.written or ring.read(self._shared.events, index, 1)[0]:
            return False
        ring.write(self._shared.events, [self._sent[index - self._sent_from]], index)
        self.repaired += 1
        return True

    def write_image(self) -> None:
        """Write down what the engine has taken; not to be called while another engine may be reading the image."""
        taken = min(self.taken, self.written)
        while self._sent_from < taken:
            event = self._sent.popleft()
            self._values[event.address] = event.value
            self._sent_from += 1
        image.write(self._shared, self._sent_from, self._values)
        self.imaged = self._sent_from


class LogReader:
    """Reads the log; `lost` counts entries that were overwritten before they were read."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.index = int(shared.control[LOG_WRITTEN])
        self.lost = 0

    def read(self) -> list[Event]:
        """The entries since the last call."""
        written = int(self._shared.control[LOG_WRITTEN])
        if written <= self.index:
            return []
        overrun = written - self.index - self._shared.sizes.log_slots
        if overrun > 0:
            self.lost += overrun
            self.index += overrun
        events, self.index, lost = ring.read(self._shared.log, self.index, written - self.index)
        self.lost += lost
        return events


class TapReader:
    """Reads the taps in order; `lost` counts frames that were overwritten before they were read."""

    def __init__(self, shared: Shared, index: int | None = None) -> None:
        self._shared = shared
        self.index = int(shared.control[TAPS_WRITTEN]) if index is None else index
        self.lost = 0

    def read(self, most: int = 1 << 20) -> NDArray[np.float32]:
        """Up to `most` frames since the last call, float32[frames, columns + outputs], a copy."""
        taps, frames = self._shared.taps, self._shared.sizes.tap_frames
        written = int(self._shared.control[TAPS_WRITTEN])
        self._skip(written)
        count = min(written - self.index, most)
        if count <= 0:
            return np.empty((0, taps.shape[1]), np.float32)
        first = self.index % frames
        head = min(count, frames - first)
        data = np.concatenate([taps[first : first + head], taps[: count - head]])
        # What the engine overwrote while it was copied is not what was there.
        before = self.index
        self._skip(int(self._shared.control[TAPS_WRITTEN]))
        data = data[self.index - before :]
        self.index += len(data)
        return data

    def _skip(self, written: int) -> None:
        oldest = written - self._shared.sizes.tap_frames + _BLOCK_FRAMES
        if oldest > self.index:
            self.lost += oldest - self.index
            self.index = oldest
