"""Questions that are answered by holding on: "Hold to reset Trim"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmware.surface.gestures import ASK_MS, HOLD_MS


@dataclass(frozen=True)
class _Hold:
    name: str
    question: str
    do: Callable[[], None]
    since_ns: int


class Holds:
    """The newest key that can be held; an older one gives way to it."""

    def __init__(self) -> None:
        self._hold: _Hold | None = None
        self.share = 0.0
        """How far the hold is, 0 to 1."""

    @property
    def question(self) -> str:
        """What is asked; empty before the hold is long enough to be one."""
        return self._hold.question if self._hold is not None and self.share > 0.0 else ""

    def begin(self, name: str, question: str, do: Callable[[], None], at_ns: int) -> None:
        """The button `name` went down and does `do` when it is held through."""
        self._hold, self.share = _Hold(name, question, do, at_ns), 0.0

    def end(self, name: str) -> None:
        """The button came up."""
        if self._hold is not None and self._hold.name == name:
            self._hold, self.share = None, 0.0

    def tick(self, now_ns: int) -> None:
        """Time goes on."""
        hold = self._hold
        if hold is None:
            return
        held_ms = (now_ns - hold.since_ns) / 1e6
        self.share = min(max((held_ms - ASK_MS) / (HOLD_MS - ASK_MS), 0.0), 1.0)
        if held_ms >= HOLD_MS:
            self._hold, self.share = None, 0.0
            hold.do()
