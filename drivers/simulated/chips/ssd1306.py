"""SSD1306, SSD1309 (Solomon Systech) and SH1106 (Sino Wealth): what their RAM holds and what their glass shows."""

from __future__ import annotations

import numpy as np
from PIL import Image

from drivers.simulated.chips import rubbish

PAGES = 8
COLUMNS = {"ssd1306": 128, "ssd1309": 128, "sh1106": 132}
SH1106_FIRST = 2  # the glass has 128 columns in the middle of 132
# How many bytes follow a command, where any do.
_SSD_FOLLOW = {
    **dict.fromkeys((0x20, 0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB, 0xFD), 1),
    **dict.fromkeys((0x21, 0x22, 0xA3), 2),
    **dict.fromkeys((0x29, 0x2A), 5),
    **dict.fromkeys((0x26, 0x27), 6),
}
_SH_FOLLOW = dict.fromkeys((0x81, 0xA8, 0xAD, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB), 1)
_MORE = 0x80  # the control byte is for one byte, and another control byte comes
_IS_DATA = 0x40
_BY_PAGE = 2


class Ssd1306Model:
    """A display of 128 × 64 and its `kind`: ssd1306, ssd1309 or sh1106."""

    def __init__(self, kind: str = "ssd1306") -> None:
        self.kind = kind
        self._columns = COLUMNS[kind]
        self._follow = _SH_FOLLOW if kind == "sh1106" else _SSD_FOLLOW
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """Dark; its RAM holds rubbish; page addressing."""
        self.ram = np.frombuffer(rubbish(PAGES * self._columns), np.uint8).reshape(PAGES, self._columns).copy()
        self.on = False
        self.contrast = 0x7F
        self._inverse = self._all_on = self._mirrored = self._upside_down = False
        self._start_row = 0
        self._mode = _BY_PAGE
        self._page = self._column = 0
        self._page_window, self._column_window = (0, PAGES - 1), (0, self._columns - 1)
        self._command = bytearray()

    def write(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """Control bytes, and the commands or the data each of them announces."""
        place = 0
        while place < len(data):
            control = data[place]
            end = place + 2 if control & _MORE else len(data)
            values = data[place + 1 : end]
            if not control & _IS_DATA:
                for value in values:
                    self._take(value)
            elif self._mode == _BY_PAGE and self._column + len(values) < self._columns:
                self.ram[self._page, self._column : self._column + len(values)] = np.frombuffer(values, np.uint8)
                self._column += len(values)
            else:
                for value in values:
                    self._store(value)
            place = end

    def read(self, count: int, at_ns: int) -> bytes:  # noqa: ARG002 - nothing in it runs
        """Its status: bit 6 is set while it is dark."""
        return bytes([0x00 if self.on else 0x40]) * count

    def image(self) -> Image.Image:
        """What a person sees, 128 × 64 in mode "1". Modules are built so that the usual A1 and C8 put it upright."""
        first = SH1106_FIRST if self.kind == "sh1106" else 0
        bits = np.unpackbits(self.ram[:, first : first + 128], axis=0, bitorder="little")
        bits = np.roll(bits, -self._start_row, axis=0)
        bits = bits[:, ::-1] if not self._mirrored else bits
        bits = bits[::-1] if not self._upside_down else bits
        bits = np.ones_like(bits) if self._all_on else bits
        bits = (bits ^ self._inverse) & self.on
        return Image.fromarray((bits * 255).astype(np.uint8)).convert("1")

    def _take(self, value: int) -> None:
        self._command.append(value)
        if len(self._command) > self._follow.get(self._command[0], 0):
            code, *rest = self._command
            self._command.clear()
            self._do(code, rest)

    def _do(self, code: int, rest: list[int]) -> None:
        if code < 0x10:
            self._column = self._column & 0xF0 | code
        elif code < 0x20:
            self._column = self._column & 0x0F | (code & 15) << 4
        elif code == 0x20 and rest:
            self._mode = rest[0] & 3
        elif code == 0x21 and rest:
            self._column_window = (rest[0] & 127, rest[1] & 127)
            self._column = self._column_window[0]
        elif code == 0x22 and rest:
            self._page_window = (rest[0] & 7, rest[1] & 7)
            self._page = self._page_window[0]
        elif 0x40 <= code < 0x80:
            self._start_row = code & 63
        elif code == 0x81:
            self.contrast = rest[0]
        elif code in {0xA0, 0xA1}:
            self._mirrored = bool(code & 1)
        elif code in {0xA4, 0xA5}:
            self._all_on = bool(code & 1)
        elif code in {0xA6, 0xA7}:
            self._inverse = bool(code & 1)
        elif code in {0xAE, 0xAF}:
            self.on = bool(code & 1)
        elif 0xB0 <= code <= 0xB7:
            self._page = code & 7
        elif code in {0xC0, 0xC8}:
            self._upside_down = bool(code & 8)

    def _store(self, value: int) -> None:
        """A byte at the place, which moves on as the addressing mode says."""
        if self._column < self._columns:
            self.ram[self._page, self._column] = value
        if self._mode == _BY_PAGE:
            self._column = min(self._column + 1, self._columns) if self.kind == "sh1106" else (self._column + 1) % 128
            return
        first, last = self._column_window
        top, bottom = self._page_window
        if self._mode == 0:
            self._page, self._column = _next(self._page, self._column, (top, bottom), (first, last))
        else:
            self._column, self._page = _next(self._column, self._page, (first, last), (top, bottom))


def _next(slow: int, fast: int, slow_window: tuple[int, int], fast_window: tuple[int, int]) -> tuple[int, int]:
    """The place after this one in a window that is filled along `fast`."""
    if fast != fast_window[1]:
        return slow, fast + 1
    return (slow_window[0] if slow == slow_window[1] else slow + 1), fast_window[0]
