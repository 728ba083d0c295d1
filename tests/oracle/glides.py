"""Parameters that move: their domains and their steps, one a quantum."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.arena import DeskSize
from dsp.slots import DESK, OUTPUT, STRIP, Domain

QUANTUM = 32
FLOOR_DB = -90.0


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
    """The domain of each address of a desk."""
    by_address: dict[int, Domain] = {}
    for slot in STRIP:
        for n in range(1, size.channels + 1):
            by_address[size.channel(n, slot.name)] = slot.domain
        by_address[size.main(slot.name)] = slot.domain
    for slot in OUTPUT:
        for n in range(1, size.outputs + 1):
            by_address[size.output(n, slot.name)] = slot.domain
    for slot in DESK:
        by_address[size.desk(slot.name)] = slot.domain
    # what is left belongs to strips that no desk has: nothing hears of it
    return [by_address.get(a, Domain.STEP) for a in range(size.addresses)]


class Glides:
    """All parameters of the desk in their domains, where they are and where they go."""

    def __init__(self, size: DeskSize, values: NDArray[np.float64]) -> None:
        self._domains = domains(size)
        start = [to_domain(d, float(v)) for d, v in zip(self._domains, values, strict=True)]
        assert None not in start
        self.u = np.array(start, dtype=np.float64)
        self.target = self.u.copy()
        self._step = np.zeros_like(self.u)
        self._left = np.zeros(len(self.u), dtype=np.int64)

    def apply(self, address: int, value: float, over_frames: int) -> None:
        """One event: from where u is, in n equal steps."""
        if not 0 <= address < len(self.u):
            return
        domain = self._domains[address]
        u = to_domain(domain, value)
        if u is None:
            return
        self.target[address] = u
        steps = 1 if domain == Domain.STEP else max(1, -(-over_frames // QUANTUM))
        self._step[address] = (u - self.u[address]) / steps
        self._left[address] = steps

    def advance(self) -> None:
        """One step of everything that moves."""
        for a in np.flatnonzero(self._left):
            self._left[a] -= 1
            self.u[a] = self.u[a] + self._step[a] if self._left[a] else self.target[a]
