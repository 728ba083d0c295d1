"""The eleven filter sections of one lane: their designs by turns, and their states."""

from __future__ import annotations

import numpy as np

from dsp.slots import EQ_BANDS, HPF_SLOPES_DB_OCT, LPF_SLOPES_DB_OCT
from tests.oracle import designs, loops
from tests.oracle.glides import Slots
from tests.oracle.loops import F
from tests.oracle.ramps import LongRamp

FILTERS, EQ = (0, 3), (3, 9)  # sections from … to
GATE_KEY, COMP_KEY = (9, 10), (10, 11)
SECTIONS = 11
WIRE = (1.0, 0.0, 0.0)

Settings = tuple[float, ...]


class Sections:
    """HPF, LPF, EQ and the filters of both keys."""

    def __init__(self, slots: Slots, rate_hz: int) -> None:
        self._slots, self._rate = slots, float(rate_hz)
        self._seen: list[Settings] = [()] * SECTIONS
        self._designs = np.zeros((SECTIONS, 5))
        self._look()
        self._ramp = LongRamp(self._designs)
        self._states = np.zeros((SECTIONS, 2))

    def _settings(self) -> list[Settings]:
        u = self._slots.u
        hpf = (u("hpf.on"), u("hpf.freq_hz"), u("hpf.slope_db_oct"))
        lpf = (u("lpf.on"), u("lpf.freq_hz"), u("lpf.slope_db_oct"))
        on = u("eq.on")
        bands = [
            (on * u(f"eq.band.{n}.on"), *(u(f"eq.band.{n}.{name}") for name in ("type", "freq_hz", "gain_db", "q")))
            for n in range(1, EQ_BANDS + 1)
        ]
        keys = [tuple(u(f"{of}.key.{name}") for name in ("filter", "freq_hz", "q")) for of in ("gate", "comp")]
        return [hpf, hpf, lpf, *bands, *keys]

    def _designed(self, section: int, settings: Settings) -> designs.Svf:
        if section < FILTERS[1]:
            wet, freq, slope = settings
            if section == FILTERS[1] - 1:
                return designs.lpf_section(2.0**freq, LPF_SLOPES_DB_OCT[int(slope)], wet, self._rate)
            return designs.hpf_sections(2.0**freq, HPF_SLOPES_DB_OCT[int(slope)], wet, self._rate)[section]
        if section < EQ[1]:
            wet, kind, freq, gain, q = settings
            return designs.eq_section(int(kind), 2.0**freq, gain, 2.0**q, wet, self._rate)
        kind, freq, q = settings
        return designs.key_section(int(kind), 2.0**freq, 2.0**q, self._rate)

    def _look(self) -> None:
        """Designs anew what has moved: the others would get the same numbers."""
        settings = self._settings()
        for s in range(SECTIONS):
            if settings[s] != self._seen[s]:
                self._designs[s] = self._designed(s, settings[s])
        self._seen = settings

    def turn(self) -> None:
        """The next ramp. A wire's state is not heard, so to clear it when its ramp stays a wire changes nothing."""
        self._look()
        self._ramp.turn(self._designs)
        for s in range(SECTIONS):
            if tuple(self._ramp.start[s, 2:]) == WIRE:
                self._states[s] = 0.0

    def advance(self) -> None:
        """One quantum has been made."""
        self._ramp.advance()

    def clear(self) -> None:
        """Forgets what all of them heard."""
        self._states[:] = 0.0

    def clear_one(self, which: tuple[int, int]) -> None:
        """Forgets what one part heard."""
        self._states[which[0] : which[1]] = 0.0

    def process(self, x: F, which: tuple[int, int]) -> None:
        """x through a part, in place."""
        ramp = self._ramp
        loops.sections(x, which[0], which[1], ramp.start, ramp.goal, ramp.frame, self._states)
