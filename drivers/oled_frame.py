"""The OLED's picture on its way over I2C: only what differs is sent, in slices as long as the bus has time for.

SSD1306, SSD1309 and SH1106 keep pages of 8 rows, one byte a column, LSB on top (data sheets, "Graphic Display Data
RAM"). The SH1106 knows page addressing only and shows columns 2 to 129 of its 132; the others are put into the same
mode, so that one way of writing serves all three.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COMMAND, DATA = 0x00, 0x40  # the control byte that says what follows
PLACE_BYTES = 5  # address, control byte, page, low and high nibble of the column
DATA_BYTES = 2  # address and control byte of the data
LEAST_COLUMNS = 6  # a slice of less is not worth its addresses, unless it is all there is
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
        "_differs",
        "_fresh",
        "_next",
        "_page",
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
        self._wanted = np.zeros((self.pages, width), np.uint8)
        self._shown = np.zeros((self.pages, width), np.uint8)
        self._differs = np.ones((self.pages, width), np.bool_)
        self._page = 0
        self._at = -1

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
        self._differs = np.ones((self.pages, self.columns), np.bool_)
        self._at = -1

    @property
    def sending(self) -> bool:
        """Whether a picture is on its way and not whole."""
        return bool(self._differs.any())

    @property
    def dirty(self) -> bool:
        """Whether there is anything to send."""
        return self.sending or self._take()

    def next_slice(self, max_bytes: int) -> list[bytes] | None:
        """The next run that differs as I2C messages, each with its control byte, that take at most `max_bytes` on the
        bus with their addresses; None where nothing differs or too little fits. It may go on where the one before it
        ended: if that did not arrive, call all_dirty()."""
        if not self.dirty:
            return None
        while not self._differs[self._page].any():
            self._page, self._at = (self._page + 1) % self.pages, -1
        first = int(self._differs[self._page].argmax())
        goes_on = first == self._at
        room = max_bytes - DATA_BYTES - (0 if goes_on else PLACE_BYTES)
        last = first + _end(self._differs[self._page, first:], max(room, LEAST_COLUMNS))
        if room < last - first:
            return None
        data = self._wanted[self._page, first:last].tobytes()
        self._differs[self._page, first:last] = False
        self._shown[self._page, first:last] = self._wanted[self._page, first:last]
        if not self._differs.any():
            self._whole()
        self._at = last
        column = first + self._column
        place = bytes([COMMAND, 0xB0 | self._page, column & 15, 0x10 | column >> 4])
        return [bytes([DATA]) + data] if goes_on else [place, bytes([DATA]) + data]

    def _take(self) -> bool:
        """The picture that waits becomes the one to send; whether it differs from what is shown."""
        if not self._newest():
            return False
        self._differs = self._wanted != self._shown
        if self._differs.any():
            return True
        self._whole()
        return False

    def _whole(self) -> None:
        self.frames += self._fresh
        self._fresh = False

    def _newest(self) -> bool:
        pages, self._next = self._next, None
        if pages is None:
            return False
        self._wanted = np.frombuffer(pages, np.uint8).reshape(self.pages, self.columns)
        self._fresh = True
        return True


def _end(differs: NDArray[np.bool_], room: int) -> int:
    """Where the run that begins at 0 ends, after at most `room` columns: it goes on over gaps that cost less than
    placing the next run."""
    places = np.flatnonzero(differs[:room])
    gaps = np.flatnonzero(np.diff(places) > PLACE_BYTES + DATA_BYTES)
    return int(places[gaps[0]] if len(gaps) else places[-1]) + 1
