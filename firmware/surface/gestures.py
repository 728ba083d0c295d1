"""What presses mean: down, a second time soon after, held for how long, and how a tempo is tapped.

A press acts when the key goes down: nobody waits to learn whether a second one follows. What a second or a long press
does is done on top of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

DOUBLE_MS = 350.0
ASK_MS, HOLD_MS = 300.0, 1200.0
"""A hold shows what it would do after the first and does it after the second."""
SLOWEST_BPM, FASTEST_BPM = 30.0, 300.0


@dataclass(frozen=True, slots=True)
class Press:
    """A button went down. `double`: soon after it had gone down before, the first of the two not being a double, and
    about the same as then."""

    name: str
    at_ns: int
    double: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A button came up. `was_short`: before a hold showed."""

    name: str
    at_ns: int
    was_short: bool


class Buttons:
    """Which buttons are down and since when."""

    def __init__(self) -> None:
        self._down: dict[str, int] = {}
        self._last: dict[str, tuple[str, int]] = {}

    def update(self, name: str, down: bool, at_ns: int, about: str = "") -> Press | Release | None:
        """A debounced change; None where it is none. `about`: the strip that the button is about now, if it is one's:
        two presses about two strips are no double one."""
        if down is (name in self._down):
            return None
        if not down:
            held_ns = at_ns - self._down.pop(name)
            return Release(name, at_ns, held_ns < ASK_MS * 1e6)
        self._down[name] = at_ns
        before, before_ns = self._last.pop(name, ("", -(1 << 62)))
        double = before == about and at_ns - before_ns < DOUBLE_MS * 1e6
        if not double:
            self._last[name] = about, at_ns
        return Press(name, at_ns, double)

    def is_down(self, name: str) -> bool:
        """Whether a button is down."""
        return name in self._down

    def down(self) -> list[str]:
        """The buttons that are down, in the order in which they went down."""
        return list(self._down)


class TapTempo:
    """A tempo from taps: the median of the last four intervals, so that one bad tap does little."""

    def __init__(self) -> None:
        self._taps: list[int] = []

    def tap(self, at_ns: int) -> float | None:
        """The tempo in beats a minute, 30 to 300; None with the first tap, and after a pause longer than a beat of the
        slowest."""
        if self._taps and at_ns - self._taps[-1] > 60e9 / SLOWEST_BPM:
            self._taps.clear()
        self._taps = [*self._taps[-4:], at_ns]
        if len(self._taps) < 2:
            return None
        beat_ns = median(b - a for a, b in zip(self._taps, self._taps[1:], strict=False))
        return FASTEST_BPM if beat_ns <= 60e9 / FASTEST_BPM else 60e9 / beat_ns
