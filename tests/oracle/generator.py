"""Generator and talkback of the oracle."""

from __future__ import annotations

import math

import numpy as np

from dsp.slots import OSC_TYPES
from tests.oracle import loops
from tests.oracle.glides import Slots
from tests.oracle.lanes import Signals, sane
from tests.oracle.loops import QUANTUM, F
from tests.oracle.ramps import Fade, Ramped

PINK_SECTIONS = 12
PINK_LOWEST = 9e-5  # of the rate
PINK_POWER = 3.5589634560207695
SWEEP_HIGHEST_HZ = 20000.0


def _pole(r: float) -> float:
    return (1.0 - math.tan(math.pi * r)) / (1.0 + math.tan(math.pi * r))


class Generator:
    """The desk's one test signal."""

    def __init__(self, desk: Slots, rate_hz: int) -> None:
        self._desk, self._rate = desk, rate_hz
        self._type = Fade(desk.choice("osc.type"), rate_hz)
        self._gain = Ramped(self._amplitude())
        corners = [PINK_LOWEST * 2.0**k for k in range(PINK_SECTIONS)]
        self._poles = np.array([_pole(r) for r in corners])
        self._zeros = np.array([_pole(math.sqrt(2.0) * r) for r in corners])
        self._seed = np.ones(1, np.uint64)
        self._phases = np.zeros(2)
        self._pink = np.zeros((PINK_SECTIONS, 2))
        self._sweep = np.zeros(2)

    def _amplitude(self) -> float:
        return self._desk.level("osc.level_db") * self._desk.u("osc.on") * self._type.factor.after

    def make(self) -> F:
        """The signal of a quantum."""
        used = self._type.choice
        if self._type.step(self._desk.choice("osc.type")) != used:
            for state in (self._phases, self._pink, self._sweep):
                state[:] = 0.0
        gain = self._gain.to(self._amplitude())
        out = np.zeros(QUANTUM)
        if not gain.is_silent:
            self._fill(out, OSC_TYPES[self._type.choice])
            loops.ramp(out, gain.before, gain.after)
        return out

    def _fill(self, out: F, kind: str) -> None:
        desk, rate = self._desk, float(self._rate)
        if kind in ("sine", "two_sines"):
            steps = desk.power2("osc.freq_hz") / rate, desk.power2("osc.freq_2_hz") / rate
            loops.tones(out, self._phases, *steps, kind == "two_sines")
        elif kind == "sweep":
            length = max(1.0, math.floor(desk.u("osc.sweep_s") * rate + 0.5))
            loops.sweep(out, self._phases, self._sweep, length, rate, min(SWEEP_HIGHEST_HZ, 0.45 * rate))
        else:
            loops.white_noise(out, self._seed)
            if kind == "pink":
                loops.pink_from_white(out, self._poles, self._zeros, self._pink)
                out /= math.sqrt(PINK_POWER)


class Talkback:
    """The desk's microphone."""

    def __init__(self, desk: Slots, rate_hz: int) -> None:
        self._desk = desk
        self._source = Fade(desk.choice("talkback.source"), rate_hz)
        self._gain = Ramped(self._amplitude())

    def _amplitude(self) -> float:
        return self._desk.level("talkback.level_db") * self._desk.u("talkback.on") * self._source.factor.after

    def make(self, signals: Signals) -> F:
        """The signal of a quantum."""
        out = sane(signals.port(self._source.step(self._desk.choice("talkback.source"))))
        gain = self._gain.to(self._amplitude())
        loops.ramp(out, gain.before, gain.after)
        return out
