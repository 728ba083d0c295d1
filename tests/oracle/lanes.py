"""Lanes: how they are numbered, which of them are pairs, and what each of them gave in this quantum."""

from __future__ import annotations

import math

import numpy as np

from dsp.size import DeskSize
from dsp.slots import CODES_OF_A_KIND, MAX_BUSES, MAX_MATRICES, NONE, StripKind
from tests.oracle.glides import QUANTUM, Glides
from tests.oracle.loops import F

INPUT, PRE_EQ, POST_EQ, PRE_FADER, POST_FADER, GATE_KEY, COMP_KEY = range(7)  # the lines of a lane: taps, detectors
LINES = 7
LANES_OF_A_TILE = 8
TO_BUS, TO_MAIN = 0, MAX_BUSES  # rows of what may be sent to: buses, main l, r and mono, matrices, solo l and r
TO_MATRIX = TO_MAIN + 3
TO_SOLO = TO_MATRIX + MAX_MATRICES
DESTINATIONS = TO_SOLO + 2
INSERT_LINES = 32
LOUDEST_HEARD = 1e18


def sane(x: F) -> F:
    """A copy in which numbers beyond ±10¹⁸, and those that are none, are 0."""
    return np.where(np.abs(x) <= LOUDEST_HEARD, x, 0.0)


def pan_gains(pan: float) -> tuple[float, float]:
    """Constant power, exact at both ends."""
    if abs(pan) >= 100.0:
        return (1.0, 0.0) if pan < 0.0 else (0.0, 1.0)
    theta = (pan + 100.0) / 200.0 * math.pi / 2.0
    return math.cos(theta), math.sin(theta)


def balance_gains(pan: float) -> tuple[float, float]:
    """√2 times the pan, held at 1."""
    left, right = pan_gains(pan)
    return min(1.0, math.sqrt(2.0) * left), min(1.0, math.sqrt(2.0) * right)


class Lanes:
    """The lanes of a desk: kinds, numbers, links."""

    def __init__(self, size: DeskSize, glides: Glides) -> None:
        self._size = size
        self.count = size.lanes
        self.of: dict[StripKind, list[int]] = {
            kind: [size.lane(kind, place) for place in range(size.lanes_of[kind])] for kind in StripKind
        }
        self._kind = {lane: kind for kind, lanes in self.of.items() for lane in lanes}
        self._left = [glides.strip(lane & ~1) for lane in range(size.lanes)]
        first_rows = {StripKind.BUS: TO_BUS, StripKind.MAIN: TO_MAIN, StripKind.MATRIX: TO_MATRIX}
        self._row = {lane: row + place for kind, row in first_rows.items() for place, lane in enumerate(self.of[kind])}

    def named(self, code: int) -> int:
        """The lane that a number names; −1 for none, and for one that the desk has not."""
        kind, place = divmod(code, CODES_OF_A_KIND)
        if code < CODES_OF_A_KIND or kind > len(StripKind):
            return NONE
        lanes = self.of[StripKind(kind - 1)]
        return lanes[place] if place < len(lanes) else NONE

    def exists(self, lane: int) -> bool:
        """Whether the desk has this lane; others only fill a tile up."""
        return lane in self._kind

    def kind(self, lane: int) -> StripKind:
        """The kind of a lane that exists."""
        return self._kind[lane]

    def row(self, lane: int) -> int | None:
        """The row of what is sent to a lane; None where nothing can be sent to."""
        return self._row.get(lane)

    def lam(self, lane: int) -> float:
        """λ of the pair of a lane."""
        return self._left[lane].u("link")

    def linked(self, lane: int) -> bool:
        """Whether the goal of `link` of a lane's pair is 1."""
        return self._left[lane].goal("link") > 0.0

    def both(self, lane: int) -> tuple[int, int]:
        """What one hears who listens to a lane in stereo: its linked pair, else the lane on both sides."""
        if lane != NONE and self.linked(lane):
            return lane & ~1, lane | 1
        return lane, lane

    def key_of(self, lane: int, code: int) -> tuple[int, int]:
        """The lanes that a strip with this key source listens to the mean of; −1 for itself."""
        left, right = self.both(self.named(code))
        if left != right and self.linked(lane):
            left = right = (left, right)[lane % 2]
        return left, right


class Signals:
    """What there is to hear in a quantum. What is written late in a quantum is read early in the next one."""

    def __init__(self, size: DeskSize, lanes: Lanes) -> None:
        self._size, self._lanes = size, lanes
        self.inputs = np.zeros((size.columns, QUANTUM))  # physical, then playback
        self.lines = np.zeros((size.lanes, LINES, QUANTUM))
        self.sent = np.zeros((DESTINATIONS, QUANTUM))
        self.sent_later = np.zeros((DESTINATIONS, QUANTUM))  # by returns to buses
        self.generator, self.talkback = np.zeros(QUANTUM), np.zeros(QUANTUM)
        self.effects = np.zeros((size.effects, 2, QUANTUM))
        self.inserts = np.zeros((INSERT_LINES, QUANTUM))
        self.monitor = np.zeros((2, QUANTUM))
        self.silence = np.zeros(QUANTUM)
        self._before = np.zeros((size.lanes, QUANTUM))

    def begin(self, x: F) -> None:
        """A new quantum of inputs [32, columns]; nothing is sent yet but by the returns of the last one."""
        self._before = self.lines[:, INPUT].copy()
        self.inputs = np.ascontiguousarray(x.T)
        self.sent, self.sent_later = self.sent_later, np.zeros_like(self.sent)
        self.inserts[:] = 0.0

    def port(self, number: int) -> F:
        """A physical input, silence where the desk has none."""
        return self.inputs[number] if 0 <= number < self._size.inputs else self.silence

    def play(self, number: int) -> F:
        """A playback channel, silence where the desk has none."""
        return self.inputs[self._size.inputs + number] if 0 <= number < self._size.plays else self.silence

    def line(self, lane: int, line: int = POST_FADER) -> F:
        """A line of a lane, silence of none."""
        return self.lines[lane, line] if lane != NONE else self.silence

    def key(self, lane: int, sides: tuple[int, int]) -> F | None:
        """What a strip listens to whose key comes from these lanes, before the key filter; None for itself."""
        left, right = sides
        if left == NONE:
            return None
        return sane((self._input(lane, left) + self._input(lane, right)) / 2.0)

    def _input(self, lane: int, source: int) -> F:
        """The input line of `source` as `lane` may know it: of a bus above it, that of the last quantum."""
        is_bus = self._lanes.kind(lane) == self._lanes.kind(source) == StripKind.BUS
        return self._before[source] if is_bus and source > lane else self.lines[source, INPUT]
