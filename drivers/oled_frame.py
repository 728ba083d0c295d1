"""The OLED's picture on its way over I2C: only what differs is sent, in slices as long as the bus has time for.

SSD1306, SSD1309 and SH1106 keep pages of 8 rows, one byte a column, LSB on top (data sheets, "Graphic Display Data
RAM"). The SH1106 knows page addressing only and shows columns 2 to 129 of its 132; the others are put into the same
mode, so that one way of writing serves all three.
"""

from __future__ import annotations

from collections import deque

import numpy as np

COMMAND, DATA = 0x00, 0x40  # the control byte that says what follows
PLACE_BYTES = 5  # address, control byte, page, low and high nibble of the column
DATA_BYTES = 2  # address and control byte of the data
LEAST_COLUMNS = 6  # a run is not cut for less: it would not be worth its addresses
MOST_MESSAGES = 40  # in a slice: the kernel takes 42 in one transaction (linux/i2c-dev.h)
_PAGE_MODE = bytes([COMMAND, 0x20, 0x02])
_NARROW = {(64, 48): 32, (64, 32): 32}  # glass that begins in the middle of the RAM


class Frame:
    """What a display of `kind` shows and is to show. put() may be called from any thread, all else from the bus's.

    A new picture waits until the one before it is whole on the glass, so that no number is half old and half new; of
    those that come meanwhile the last one counts. `frames`: pictures that got there.
    """

    __slots__ = (
        "_at",
        "_column",
        "_fresh",
        "_next",
        "_runs",
        "_shown",
        "_wanted",
        "columns",
        "frames",
        "kind",
        "pages",
    )

    def __init__(self, kind: str, width: int = 128, height: int = 64) -> None:
        self.kind, self.columns, self.pages = kind, width, height // 8
        self.frames = 0
        self._column = 2 if kind == "sh1106" else _NARROW.get((width, height), 0)
        self._next: bytes | None = None
        self._fresh = False
        self._wanted = bytes(self.pages * width)
        self._shown = bytearray(self.pages * width)
        self._runs: deque[tuple[int, int]] = deque()
        self.all_dirty()

    def setup(self) -> tuple[bytes, ...]:
        """What the display must be told before slices, after its own initialisation."""
        return () if self.kind == "sh1106" else (_PAGE_MODE,)

    def put(self, pages: bytes) -> None:
        """A whole picture, page after page. Raises ValueError for one of another size."""
        if len(pages) != self.pages * self.columns:
            raise ValueError(f"A picture of {len(pages)} bytes is none for {self.columns} × {self.pages * 8} pixels.")
        self._next = pages

    def all_dirty(self) -> None:
        """The display has forgotten, or may have: send everything again."""
        self._newest()
        self._runs = deque((page * self.columns, (page + 1) * self.columns) for page in range(self.pages))
        self._at = -1

    @property
    def sending(self) -> bool:
        """Whether a picture is on its way and not whole."""
        return bool(self._runs)

    @property
    def dirty(self) -> bool:
        """Whether there is anything to send."""
        return self.sending or self._take()

    def next_slice(self, max_bytes: int) -> list[bytes] | None:
        """The next runs that differ as I2C messages of one transaction, each with its control byte, that take at most
        `max_bytes` on the bus with their addresses; None where nothing differs or too little fits. It may go on where
        the one before it ended: if that did not arrive, call all_dirty()."""
        if not self.dirty:
            return None
        messages: list[bytes] = []
        room = max_bytes
        while self._runs and len(messages) < MOST_MESSAGES:
            first, end = self._runs[0]
            goes_on = first == self._at and first % self.columns > 0
            fits = room - DATA_BYTES - (0 if goes_on else PLACE_BYTES)
            if fits < min(end - first, LEAST_COLUMNS):
                break
            last = min(end, first + fits)
            if not goes_on:
                messages.append(self._place(first))
            messages.append(bytes((DATA,)) + self._wanted[first:last])
            self._shown[first:last] = self._wanted[first:last]
            self._at = last
            room = fits - (last - first)
            if last < end:
                self._runs[0] = (last, end)
                break
            self._runs.popleft()
        if messages and not self._runs:
            self._whole()
        return messages or None

    def _place(self, first: int) -> bytes:
        page, column = divmod(first, self.columns)
        column += self._column
        return bytes((COMMAND, 0xB0 | page, column & 15, 0x10 | column >> 4))

    def _take(self) -> bool:
        """The picture that waits becomes the one to send; whether it differs from what is shown."""
        if not self._newest():
            return False
        self._runs = self._differing()
        if self._runs:
            return True
        self._whole()
        return False

    def _differing(self) -> deque[tuple[int, int]]:
        """The runs to send, within pages: each goes on over gaps that cost less than placing the next one."""
        wanted, shown = np.frombuffer(self._wanted, np.uint8), np.frombuffer(self._shown, np.uint8)
        places = np.flatnonzero(wanted != shown)
        if not len(places):
            return deque()
        apart = (np.diff(places) > PLACE_BYTES + DATA_BYTES) | (np.diff(places // self.columns) > 0)
        first, last = places[np.r_[True, apart]], places[np.r_[apart, True]] + 1
        return deque(zip(first.tolist(), last.tolist(), strict=True))

    def _whole(self) -> None:
        self.frames += self._fresh
        self._fresh = False

    def _newest(self) -> bool:
        pages, self._next = self._next, None
        if pages is None:
            return False
        self._wanted = pages
        self._fresh = True
        return True
