"""A contact bounces when it closes and when it opens: what it is taken for only changes when it has rested.

The level is looked at as often as the caller pleases; the time comes from the caller, so there is no clock in here.
"""

from __future__ import annotations

MS_NS = 1_000_000


class Debouncer:
    """One contact. A change is told when the contact has been seen in the new state, and in no other, for `stable_ms`
    (0 and up; 5 to 10 suits key switches, 0 believes every look). It starts as `down`, which is not told."""

    __slots__ = ("_candidate", "_since_ns", "_stable_ns", "down")

    def __init__(self, stable_ms: float = 5.0, *, down: bool = False) -> None:
        self.down = down
        self._stable_ns = round(stable_ms * MS_NS)
        self._candidate = down
        self._since_ns = 0

    def update(self, at_ns: int, down: bool) -> bool | None:
        """The contact was seen `down` or not at `at_ns`, no earlier than the last time: the new stable state when
        that changes it, else None."""
        if down != self._candidate:
            self._candidate, self._since_ns = down, at_ns
        if down == self.down or at_ns - self._since_ns < self._stable_ns:
            return None
        self.down = down
        return down

    def missed(self) -> bool:
        """It was down, and perhaps is no longer, while nobody looked: True where that is news."""
        is_news = not self.down
        self.down = self._candidate = True
        return is_news

    @property
    def settling(self) -> bool:
        """Whether the contact was last seen in another state than it is taken for: look again soon."""
        return self._candidate != self.down
