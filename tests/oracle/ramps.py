"""What moves from one quantum to the next: ramps, long ramps, fades, walks, delays."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

import numpy as np

from tests.oracle import loops
from tests.oracle.loops import QUANTUM, RAMP_FRAMES, F

Choice = TypeVar("Choice")
QUANTA_OF_A_TURN = 4


def quanta(seconds: float, rate_hz: float) -> int:
    """⌈seconds · rate / 32⌉."""
    return math.ceil(seconds * rate_hz / QUANTUM - 1e-9)


def one_pole(ms: float, rate_hz: float) -> float:
    """α = exp(−1/(τ rate))."""
    return math.exp(-1000.0 / (ms * rate_hz))


def hold_frames(ms: float, rate_hz: float) -> int:
    """Hold in frames."""
    return math.floor(ms * rate_hz / 1000.0 + 0.5)


def is_turn(quantum: int, tile: int) -> bool:
    """Whether a tile has its turn."""
    return (quantum + tile) % QUANTA_OF_A_TURN == 0


class Ramped:
    """A gain and what it was at the end of the last quantum."""

    def __init__(self, value: float) -> None:
        self.before = self.after = value

    def to(self, value: float) -> Ramped:
        """The ramp of this quantum."""
        self.before, self.after = self.after, value
        return self

    @property
    def pair(self) -> F:
        """Before and after."""
        return np.array([self.before, self.after])

    @property
    def is_silent(self) -> bool:
        """Whether it is 0 and stays so."""
        return self.before == 0.0 and self.after == 0.0


class Walk(Ramped):
    """A gain that goes where it wants to be by no more than 1/⌈0.020 rate/32⌉ a quantum."""

    def __init__(self, value: float, rate_hz: float) -> None:
        super().__init__(value)
        self._most = 1.0 / quanta(0.020, rate_hz)

    def toward(self, want: float) -> Walk:
        """The step of this quantum."""
        self.to(self.after + min(max(want - self.after, -self._most), self._most))
        return self


class Fade(Generic[Choice]):
    """A choice that changes by fading out, then in, over 10 ms each; `factor` is a ramp."""

    def __init__(self, choice: Choice, rate_hz: float) -> None:
        self.choice = choice
        self._next = choice
        self._n = quanta(0.010, rate_hz)
        self._done = 2 * self._n
        self.factor = Ramped(1.0)

    def step(self, wanted: Choice) -> Choice:
        """What is in use in this quantum."""
        n = self._n
        if self._done == 2 * n and wanted != self.choice:
            self._next, self._done = wanted, 0
        factor = 1.0
        if self._done < 2 * n:
            if self._done == n:
                self.choice = self._next
            self._done += 1
            factor = 1.0 - self._done / n if self._done <= n else self._done / n - 1.0
        self.factor.to(factor)
        return self.choice


class LongRamp:
    """Numbers that go to their goals in straight lines of 128 frames, from turn to turn."""

    def __init__(self, value: F) -> None:
        self.start, self.goal = value.copy(), value.copy()
        self.frame = RAMP_FRAMES  # of the 128, those behind us

    def turn(self, goal: F) -> None:
        """The ramp in progress ends at its goal and the next one starts. To where it is, if nothing has moved."""
        self.start, self.goal = self.goal, goal.copy()
        self.frame = 0

    def advance(self) -> None:
        """One quantum has been made."""
        self.frame = min(self.frame + QUANTUM, RAMP_FRAMES)


class DelayLine:
    """A delay that changes by a crossfade of 20 ms, as soon as its line has run for long enough."""

    def __init__(self, sides: int, ms: float, rate_hz: int) -> None:
        self._sides, self._rate = sides, rate_hz
        self._longest = math.floor(0.5 * rate_hz + 0.5)
        self._line = np.zeros((sides, self._longest + 2 * QUANTUM))
        self._written = 0
        self._delay = self._next = self._frames(ms)
        self._since: int | None = 0 if self._delay else None
        self._fade_done, self._fade_length = 0, 0

    def _frames(self, ms: float) -> int:
        return min(max(math.floor(ms * self._rate / 1000.0 + 0.5), 0), self._longest)

    def clear(self) -> None:
        """Forgets what was heard; a line that runs starts anew with the next quantum."""
        self._line[:] = 0.0
        if self._since is not None:
            self._since = self._written

    def process(self, x: F, ms: float) -> None:
        """x [sides, 32], in place."""
        wanted = self._frames(ms)
        if self._fade_length == 0:
            if wanted == self._delay == 0:
                self._since = None
            elif self._since is None:
                self._since = self._written
            if wanted != self._delay and self._since is not None and self._written - self._since >= wanted:
                self._next, self._fade_done = wanted, 0
                self._fade_length = QUANTUM * quanta(0.020, self._rate)
        for side in range(self._sides):
            loops.delay(x[side], self._line[side], self._written, self._delay, self._next,
                        self._fade_done, self._fade_length)  # fmt: skip
        self._written += QUANTUM
        if self._fade_length:
            self._fade_done += QUANTUM
            if self._fade_done == self._fade_length:
                self._delay, self._fade_length = self._next, 0
