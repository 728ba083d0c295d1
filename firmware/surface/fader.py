"""From the readings of a wiper to where the hand has put it: a still hand is a still fader, a moving one is followed at
once.

Each reading is held to `REACH` around the median of the last three, so that a wiper that loses contact for one scan
does not get far, while a hand is seen in the scan in which it moves. One pole follows, quick for what moves and slow
for noise. What is left of noise stays within `REST` of a fader at rest; a fader that has left it is followed finely
until it has rested for `SETTLE_MS`.
"""

from __future__ import annotations

SNAP = 0.005
"""The share of the travel at either end that is the end: 1/8 inch of tape would not be more exact."""
REACH = 0.02
REST = 0.0015
"""A hand that moves 1.5 parts in 1000 of the travel moves: 0.06 dB around 0 dB (HARDWARE.md: 2–3 LSB at 10 bit)."""
FINE = 0.0004
SETTLE_MS = 300.0
_SLOWEST, _SWING = 0.1, 0.004  # the pole of a fader at rest; the distance over which it opens wholly
_SHORTEST_SPAN = 0.05  # a calibration that covers less of the supply is none


class Fader:
    """One fader. `low` and `high`: the ratios to the pots' supply at its two ends, 0 to 1; high may be the lower one
    where a pot is wired the other way round."""

    __slots__ = ("_awake_until_ns", "_offset", "_old", "_older", "_scale", "_smooth", "position")

    def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
        span = high - low if abs(high - low) >= _SHORTEST_SPAN else 1.0
        low = low if abs(high - low) >= _SHORTEST_SPAN else 0.0
        self._scale = 1.0 / (span * (1.0 - 2.0 * SNAP))
        self._offset = (low + SNAP * span) * self._scale
        self.forget()

    def forget(self) -> None:
        """Begin anew with the next reading: the fader was away."""
        self.position: float | None = None
        """Where the hand has it, 0 to 1; None before the first reading."""
        self._smooth = self._old = self._older = 0.0
        self._awake_until_ns = 0

    def update(self, at_ns: int, ratio: float) -> bool:
        """Take a reading (0 to 1 of the supply); True when `position` has moved, as it does with the first one."""
        x = ratio * self._scale - self._offset
        old, older = self._old, self._older
        self._older, self._old = old, x
        place = self.position
        if place is None:
            self._smooth = self._old = self._older = x
            self.position = 0.0 if x <= 0.0 else min(x, 1.0)
            return True
        middle = max(min(old, x), min(max(old, x), older))
        x = min(max(x, middle - REACH), middle + REACH)
        away = x - self._smooth
        share = abs(away) / _SWING
        smooth = self._smooth = self._smooth + away * (1.0 if share > 1.0 else max(share, _SLOWEST))
        target = 0.0 if smooth <= 0.0 else min(smooth, 1.0)
        distance = abs(target - place)
        if distance > REST:
            self._awake_until_ns = at_ns + int(SETTLE_MS * 1e6)
        elif distance == 0.0 or self._is_noise(at_ns, smooth, distance):
            return False
        self.position = target
        return True

    def _is_noise(self, at_ns: int, smooth: float, distance: float) -> bool:
        """Whether what is left of a distance within `REST` is no movement. The ends themselves are reached by any."""
        if not -FINE <= smooth <= 1.0 + FINE:
            return False
        return at_ns >= self._awake_until_ns or (distance <= FINE and 0.0 < smooth < 1.0)
