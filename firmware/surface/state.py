"""What the surface remembers between two ticks: what is selected and shown, and what is told for a moment."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.surface.view import PageName

TOUCHED_MS = 1500.0
NOTE_MS = 2000.0
SHORT_NOTE_MS, SHORT_NOTE = 600.0, 20
"""A note of so few letters is read in so short a time: then it gives way to what a hand does."""


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
    _note_at_ns: int = 0
    _touched_at_ns: int = 0
    _acted_at_ns: int = 0
    """When a hand last wanted to see something else than the note."""

    def tell(self, text: str) -> None:
        """Show one line for a moment, in place of what was touched before."""
        if self._touched_at_ns < self.now_ns:
            self._let_go()
        self.note, self._note_at_ns = text, self.now_ns

    def look(self) -> None:
        """Show the page: the hand is done with the value that it touched before."""
        self._let_go()
        self._acted_at_ns = self.now_ns

    def _let_go(self) -> None:
        self.touched = self.label = self.loose = self.value_text = ""

    def touch(self, path: str, label: str, loose: str = "", value_text: str = "") -> None:
        """Show a value large for a moment; `loose`: the fader that was moved and does not hold it."""
        self.touched, self.label, self.loose, self.value_text = path, label, loose, value_text
        self._touched_at_ns = self._acted_at_ns = self.now_ns

    def tick(self, now_ns: int) -> None:
        """Time goes on; what was told long enough ends."""
        self.now_ns = now_ns
        told_ms = (now_ns - self._note_at_ns) / 1e6
        is_over = told_ms >= SHORT_NOTE_MS and len(self.note) <= SHORT_NOTE and self._acted_at_ns > self._note_at_ns
        if self.note and (told_ms >= NOTE_MS or is_over):
            self.note = ""
        if (self.touched or self.value_text) and now_ns - self._touched_at_ns >= TOUCHED_MS * 1e6:
            self._let_go()
