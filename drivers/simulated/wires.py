"""Lines and wipers over time: what a hand did to them, to be asked for any moment of the near past and future."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from random import Random

KEEP_NS = 2_000_000_000
"""What is longer ago than this is forgotten."""


class Wire:
    """One line pulled up to 1 that contacts close to 0. Changes are added in the order of time."""

    __slots__ = ("_at_ns", "_levels")

    def __init__(self, level: int = 1) -> None:
        self._at_ns = [-(1 << 62)]
        self._levels = [level]

    @property
    def final(self) -> int:
        """Where it will be after all changes known."""
        return self._levels[-1]

    def put(self, at_ns: int, level: int) -> None:
        """It goes to `level` then, or right after its last change where that is later."""
        if level == self._levels[-1]:
            return
        self._levels.append(level)
        self._at_ns.append(max(at_ns, self._at_ns[-1] + 1))

    def bounce(self, at_ns: int, level: int, bounce_ns: int, random: Random) -> None:
        """As put(), and the contact opens and closes one to three times more within `bounce_ns`."""
        self.put(at_ns, level)
        if bounce_ns > 0:
            for index, later_ns in enumerate(sorted(random.sample(range(1, bounce_ns + 1), 2 * random.randint(1, 3)))):
                self.put(at_ns + later_ns, level if index % 2 else 1 - level)

    def level(self, at_ns: int) -> int:
        """0 or 1."""
        return self._levels[bisect_right(self._at_ns, at_ns) - 1]

    def changes(self, after_ns: int, until_ns: int) -> list[tuple[int, int]]:
        """All changes later than `after_ns` and no later than `until_ns`: when and to what."""
        first, last = bisect_right(self._at_ns, after_ns), bisect_right(self._at_ns, until_ns)
        return list(zip(self._at_ns[first:last], self._levels[first:last], strict=True))

    def next_ns(self, after_ns: int) -> int | None:
        """When it changes next after `after_ns`."""
        index = bisect_right(self._at_ns, after_ns)
        return self._at_ns[index] if index < len(self._at_ns) else None

    def forget(self, before_ns: int) -> None:
        """Changes before then will not be asked for again."""
        old = bisect_right(self._at_ns, before_ns) - 1
        if old > 0:
            del self._at_ns[:old], self._levels[:old]


@dataclass(frozen=True, slots=True)
class _Move:
    from_ns: int
    until_ns: int
    start: float
    end: float


class Wiper:
    """A fader's cap, 0 at the bottom to 1 at the top, moved evenly from where it is."""

    __slots__ = ("_moves",)

    def __init__(self, position: float = 0.0) -> None:
        self._moves = [_Move(0, 0, position, position)]

    def move(self, at_ns: int, to: float, over_ns: int = 0) -> None:
        """From where it is then to `to` within `over_ns`; a move that is not over ends there."""
        start = self.position(at_ns)
        kept = [move for move in self._moves if move.from_ns <= at_ns][-2:]
        self._moves = [*kept, _Move(at_ns, at_ns + over_ns, start, min(max(to, 0.0), 1.0))]

    def position(self, at_ns: int) -> float:
        """0 to 1."""
        moves = self._moves
        move = next((move for move in reversed(moves) if move.from_ns <= at_ns), moves[0])
        if at_ns >= move.until_ns:
            return move.end
        if at_ns <= move.from_ns:
            return move.start
        return move.start + (move.end - move.start) * (at_ns - move.from_ns) / (move.until_ns - move.from_ns)
