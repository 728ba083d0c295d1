"""A quadrature encoder: levels of its two lines in, detents out. Nothing here knows where the levels come from.

Contacts close to ground, so 1 is open. Clockwise A leads: A B go 11, 01, 00, 10, 11. What each change counts is looked
up by previous and new state; a change of both lines at once has no direction and counts 0. A contact that bounces goes
forth and back between two neighbours and sums to nothing, so there is no debounce time: it would eat fast turns.

An encoder rests where its detents are: with 4 edges a detent where both lines are open, with 2 where they are alike,
with 1 anywhere. Detents are counted on arrival at a rest, never between: a knob that rocks on the way tells nothing.
With 1 edge a bounce would still be told, as a detent back and one forth again. So there a line that goes back to where
it came from is held, until the other line moves or all is quiet: only the first detent of a turn the other way is later
for it, and nothing is lost.
"""

from __future__ import annotations

STEPS = (0, 1, -1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 0, -1, 1, 0)
"""By previous << 2 | new, each B << 1 | A."""
RESTS = {1: (0b00, 0b01, 0b10, 0b11), 2: (0b00, 0b11), 4: (0b11,)}
OPEN = 0b11


class Quadrature:
    """One encoder of `edges_per_detent` (1, 2 or 4), starting with both lines as `state` (B << 1 | A) says."""

    __slots__ = ("_edges", "_moved", "_rests", "_sum", "state")

    def __init__(self, edges_per_detent: int = 4, state: int = OPEN) -> None:
        self.state = state
        self._edges = edges_per_detent
        self._rests = RESTS[edges_per_detent]
        self._sum = 0
        self._moved = 0

    def update(self, state: int) -> int:
        """The lines are at `state` (B << 1 | A) now: detents since the last rest if this is one, clockwise positive.

        Where edges were missed, half a detent and more counts as one: a knob is turned more often than rocked.
        """
        if state == self.state:
            return 0
        moved = self.state ^ state
        self._sum += STEPS[self.state << 2 | state]
        self.state = state
        if state not in self._rests or (self._edges == 1 and moved == self._moved):
            return 0
        self._moved = moved
        return self._take()

    @property
    def held(self) -> bool:
        """Whether settle() has something to tell."""
        return self._edges == 1 and self._sum != 0

    def settle(self) -> int:
        """The lines have been quiet for longer than a contact bounces: the detents held back."""
        self._moved = 0
        return self._take() if self._edges == 1 else 0

    def _take(self) -> int:
        detents = (2 * abs(self._sum) + self._edges) // (2 * self._edges)
        if self._sum < 0:
            detents = -detents
        self._sum = 0
        return detents

    def line_a(self, level: int) -> int:
        """As update(): line A is at `level`, B where it was."""
        return self.update(self.state & 2 | level)

    def line_b(self, level: int) -> int:
        """As update(): line B is at `level`, A where it was."""
        return self.update(level << 1 | self.state & 1)
