"""A clock that stands still but when somebody waits by it: the same run every time, as fast as the machine goes."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class VirtualClock:
    """A `drivers.clock.Clock`. What was asked for with at() happens while somebody waits past its time."""

    def __init__(self, now_ns: int = 0) -> None:
        self._now_ns = now_ns
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now_ns(self) -> int:
        """The time."""
        return self._now_ns

    def sleep_until_ns(self, at_ns: int) -> None:
        """It is then; what was planned until then has happened, each in its own time."""
        while self._planned and self._planned[0][0] <= at_ns:
            when_ns, _, act = heapq.heappop(self._planned)
            self._now_ns = max(self._now_ns, when_ns)
            act()
        self._now_ns = max(self._now_ns, at_ns)

    def at(self, when_ns: int, act: Callable[[], None]) -> None:
        """Plan `act` for a time. What is planned for one time happens in the order it was planned in."""
        heapq.heappush(self._planned, (when_ns, next(self._order), act))
