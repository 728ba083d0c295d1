"""What the surface remembers between two ticks: what is selected and shown, and what is told for a moment."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.surface.view import PageName

TOUCHED_MS = 1500.0
NOTE_MS = 2000.0


@dataclass
class State:
    """`chosen`: the first of the page's fields that the value encoders turn, where there are fewer of them than four.
    `rows`, `row`: of a page that lists things. Times are CLOCK_MONOTONIC in ns."""

    strip: str
    page: PageName = PageName.GAIN
    part: int = 0
    chosen: int = 0
    fine: bool = False
    rows: tuple[str, ...] = ()
    row: int = 0
    tempo_bpm: float = 120.0
    now_ns: int = 0
    used_ns: int = 0
    """When a hand last did something."""
    note: str = ""
    touched: str = ""
    value_text: str = ""
    label: str = ""
    loose: str = ""
    """The fader that was moved last without holding its parameter; empty: none."""
    _note_until_ns: int = 0
    _touched_until_ns: int = 0

    def tell(self, text: str) -> None:
        """Show one line for a moment."""
        self.note, self._note_until_ns = text, self.now_ns + int(NOTE_MS * 1e6)

    def touch(self, path: str, label: str, loose: str = "", value_text: str = "") -> None:
        """Show a value large for a moment; `loose`: the fader that was moved and does not hold it."""
        self.touched, self.label, self.loose, self.value_text = path, label, loose, value_text
        self._touched_until_ns = self.now_ns + int(TOUCHED_MS * 1e6)

    def tick(self, now_ns: int) -> None:
        """Time goes on; what was told long enough ends."""
        self.now_ns = now_ns
        if self.note and now_ns >= self._note_until_ns:
            self.note = ""
        if (self.touched or self.value_text) and now_ns >= self._touched_until_ns:
            self.touched = self.label = self.loose = self.value_text = ""
