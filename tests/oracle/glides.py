"""Parameters that move: their domains, their events, their steps, one a quantum."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.size import MONO, DeskSize
from dsp.slots import DESK, DESK_INDEX, OUTPUT, OUTPUT_INDEX, STRIP, STRIP_INDEX, Domain, StripKind

QUANTUM = 32
FLOOR_DB = -90.0
LINK = STRIP_INDEX["link"]
OF_A_SIDE = [STRIP_INDEX["source"], STRIP_INDEX["insert.slot"]]  # of which each side has its own


def to_domain(domain: Domain, value: float) -> float | None:
    """u of a value; None if the domain has no place for it."""
    if math.isnan(value):
        return None
    if math.isinf(value) and not ((domain == Domain.LEVEL and value < 0) or (domain == Domain.INVERSE and value > 0)):
        return None
    if domain == Domain.LOG:
        return math.log2(max(value, 0.01))
    if domain == Domain.LEVEL:
        return value if value >= FLOOR_DB else -91.0 + (10.0 ** ((value + 90.0) / 20.0) if value > -math.inf else 0.0)
    if domain == Domain.INVERSE:
        return 1.0 / value if value > 0.0 else None
    return value


def level_gain(u: float) -> float:
    """Amplitude of a level's u: dB above −90, amplitude below, 0 at −91."""
    return float(10.0 ** (u / 20.0)) if u >= FLOOR_DB else max(0.0, u + 91.0) * 10.0 ** (FLOOR_DB / 20.0)


def domains(size: DeskSize) -> list[Domain]:
    """The domain of each address of a desk: every lane's slots, the desk's, every output's."""
    strip, output = [slot.domain for slot in STRIP], [slot.domain for slot in OUTPUT]
    found = strip * size.lanes + [slot.domain for slot in DESK] + output * size.outputs
    assert len(found) == size.addresses
    return found


class Glides:
    """All parameters of the desk in their domains, where they are and where they go."""

    def __init__(self, size: DeskSize, values: NDArray[np.float64]) -> None:
        self._size = size
        self._domains = domains(size)
        self._strips_end = size.lanes * len(STRIP)
        self._first_of_outputs = self._strips_end + len(DESK)
        start = [to_domain(d, float(v)) for d, v in zip(self._domains, values, strict=True)]
        assert None not in start
        self.u = np.array(start, dtype=np.float64)
        self._force_links()
        self._copy_to_right_lanes()
        self.goal = self.u.copy()
        self._step = np.zeros_like(self.u)
        self._left = np.zeros(len(self.u), dtype=np.int64)

    def _forced_link(self, lane: int) -> float | None:
        """What `link` of a lane is for ever; None where it may be chosen."""
        if self._size.is_linked_for_ever(lane):
            return 1.0
        return 0.0 if lane == self._size.first_lane(StripKind.MAIN) + MONO else None

    def _force_links(self) -> None:
        for lane in range(self._size.lanes):
            forced = self._forced_link(lane)
            if forced is not None:
                self.u[lane * len(STRIP) + LINK] = forced

    def _copy_to_right_lanes(self) -> None:
        for lane in range(0, self._size.lanes, 2):
            left = lane * len(STRIP)
            if self.u[left + LINK] > 0.0:
                right = left + len(STRIP)
                own = {slot: self.u[right + slot] for slot in OF_A_SIDE}
                self.u[right : right + len(STRIP)] = self.u[left:right]
                for slot, u in own.items():
                    self.u[right + slot] = u

    def apply(self, address: int, value: float, over_frames: int) -> None:
        """One event, and what it means for the right lane of a linked pair."""
        if not 0 <= address < len(self.u):
            return
        lane, slot = divmod(address, len(STRIP))
        if address >= self._strips_end:
            self._move(address, value, over_frames)
            return
        if slot == LINK and self._forced_link(lane) is not None:
            return
        linked = self.goal[lane * len(STRIP) + LINK] > 0.0 and slot not in OF_A_SIDE
        self._move(address, value, over_frames)
        if lane % 2 == 0 and (slot == LINK or linked):
            self._move(address + len(STRIP), value, over_frames)

    def _move(self, address: int, value: float, over_frames: int) -> None:
        """From where u is to a value, in n equal steps."""
        domain = self._domains[address]
        u = to_domain(domain, value)
        if u is None:
            return
        self.goal[address] = u
        steps = 1 if domain == Domain.STEP else max(1, -(-over_frames // QUANTUM))
        self._step[address] = (u - self.u[address]) / steps
        self._left[address] = steps

    def advance(self) -> None:
        """One step of everything that moves."""
        for a in np.flatnonzero(self._left):
            self._left[a] -= 1
            self.u[a] = self.u[a] + self._step[a] if self._left[a] else self.goal[a]

    def strip(self, lane: int) -> Slots:
        """The parameters of a lane."""
        return Slots(self, lane * len(STRIP), STRIP_INDEX)

    def desk(self) -> Slots:
        """The parameters of the desk itself."""
        return Slots(self, self._strips_end, DESK_INDEX)

    def output(self, place: int) -> Slots:
        """The parameters of a physical output, by its place from 0."""
        return Slots(self, self._first_of_outputs + place * len(OUTPUT), OUTPUT_INDEX)


class Slots:
    """The parameters of one strip, of one output or of the desk, by name."""

    def __init__(self, glides: Glides, first: int, index: dict[str, int]) -> None:
        self._glides, self._first, self._index = glides, first, index

    def u(self, name: str) -> float:
        """Where a parameter is, in its domain."""
        return float(self._glides.u[self._first + self._index[name]])

    def goal(self, name: str) -> float:
        """Where it goes, in its domain: the value of the last event."""
        return float(self._glides.goal[self._first + self._index[name]])

    def choice(self, name: str) -> int:
        """A choice, or another whole number."""
        return int(self.u(name))

    def power2(self, name: str) -> float:
        """The value of a parameter of the domain *log*."""
        return float(2.0 ** self.u(name))

    def level(self, name: str) -> float:
        """The amplitude of a level."""
        return level_gain(self.u(name))
