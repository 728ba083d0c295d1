"""How far an encoder goes with a detent: the faster the hand, the further."""

from __future__ import annotations

FACTORS = ((5.0, 6), (10.0, 4), (20.0, 3), (30.0, 2))
"""Below so many ms between two detents, so many steps for each (the table of monome norns)."""


class Acceleration:
    """Of one encoder."""

    __slots__ = ("_at_ns", "_clockwise")

    def __init__(self) -> None:
        self._at_ns: int | None = None
        self._clockwise = True

    def steps(self, detents: int, at_ns: int) -> int:
        """Steps for so many detents (not 0) that ended at `at_ns`; a turn back starts slowly."""
        before, self._at_ns = self._at_ns, at_ns
        turned_back = self._clockwise is not (detents > 0)
        self._clockwise = detents > 0
        if before is None or turned_back:
            return detents
        interval_ms = (at_ns - before) / 1e6 / abs(detents)
        return detents * next((factor for below_ms, factor in FACTORS if interval_ms < below_ms), 1)
