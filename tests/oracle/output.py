"""Effects' inputs and physical outputs of the oracle: what they are patched to, and the limiter."""

from __future__ import annotations

import math

import numpy as np

from dsp.slots import (
    INSERT_LINE,
    MAIN_MEAN,
    MONITOR_L,
    MONITOR_MEAN,
    MONITOR_R,
    NONE,
    StripKind,
)
from tests.oracle import loops
from tests.oracle.glides import Glides, Slots
from tests.oracle.lanes import POST_FADER, Lanes, Signals
from tests.oracle.loops import QUANTUM, F
from tests.oracle.ramps import DelayLine, Fade, Ramped, one_pole

KAISER_BETA = 7.0
HALF_TAPS = 12
LOUDEST_EFFECT = 16.0
SIDES = (0, 1)


def interpolation_phases() -> F:
    """h(i − k/8) for k = 1…7, i = −11…12: a windowed sinc, Kaiser β = 7, half-width 12 frames."""
    phases = np.zeros((7, 24))
    for k in range(1, 8):
        for i in range(-11, 13):
            t = i - k / 8.0
            if abs(t) < HALF_TAPS:
                window = float(np.i0(KAISER_BETA * math.sqrt(1.0 - (t / HALF_TAPS) ** 2)) / np.i0(KAISER_BETA))
                phases[k - 1, i + 11] = float(np.sinc(t)) * window
    return phases


class Effect:
    """An effects slot with nothing in it: what it takes from its bus comes out again."""

    def __init__(self, place: int, desk: Slots, lanes: Lanes, rate_hz: int) -> None:
        self._place, self._desk, self._lanes = place, desk, lanes
        self._source = Fade(self._wanted(), rate_hz)

    def _wanted(self) -> tuple[int, int]:
        lane = self._lanes.named(self._desk.choice(f"fx.{self._place + 1}.source"))
        if lane == NONE or self._lanes.kind(lane) != StripKind.BUS:
            return NONE, NONE
        return self._lanes.both(lane)

    def process(self, signals: Signals) -> None:
        """One quantum, once the buses are made."""
        lanes = self._source.step(self._wanted())
        factor = self._source.factor
        for side in SIDES:
            out = signals.line(lanes[side], POST_FADER).copy()
            loops.ramp(out, factor.before, factor.after)
            signals.effects[self._place, side] = np.clip(out, -LOUDEST_EFFECT, LOUDEST_EFFECT)


class Output:
    """A physical output: what it is patched to, its delay, the engine's gain, the limiter."""

    def __init__(self, place: int, glides: Glides, lanes: Lanes, rate_hz: int, phases: F) -> None:
        slots, desk = glides.output(place), glides.desk()
        self._place = place
        self._slots, self._desk, self._lanes, self._rate = slots, desk, lanes, rate_hz
        self._patch = Fade(self._wanted(), rate_hz)
        self._delay = DelayLine(1, slots.u("delay_ms"), rate_hz)
        self._gain = Ramped(desk.level("engine.gain_db"))
        self._phases = phases
        self._past, self._b, self._r, self._e = (np.zeros(128) for _ in range(4))
        self._ceilings_db: list[float] = []  # of the last three quanta

    def _wanted(self) -> tuple[int, int]:
        """Lane and tap, or another source and 0: a tap is one of a lane."""
        source = self._slots.choice("source")
        if self._lanes.named(source) != NONE:
            return source, self._slots.choice("tap")
        others = (MONITOR_L, MONITOR_R, MAIN_MEAN, MONITOR_MEAN, INSERT_LINE)
        return (source, 0) if source in others else (NONE, 0)

    def _heard(self, signals: Signals, source: int, tap: int) -> F:
        if source == NONE:
            return signals.silence
        if source in (MONITOR_L, MONITOR_R):
            return signals.monitor[source - MONITOR_L]
        if source == MONITOR_MEAN:
            return (signals.monitor[0] + signals.monitor[1]) / 2.0
        if source == MAIN_MEAN:
            left, right, _ = self._lanes.of[StripKind.MAIN]
            return (signals.lines[left, POST_FADER] + signals.lines[right, POST_FADER]) / 2.0
        if source == INSERT_LINE:
            return signals.inserts[self._place]
        return signals.lines[self._lanes.named(source), tap]

    def process(self, signals: Signals, clock: int) -> F:
        """One quantum."""
        source, tap = self._patch.step(self._wanted())
        x = self._heard(signals, source, tap).copy()
        loops.ramp(x, self._patch.factor.before, self._patch.factor.after)
        self._delay.process(x[np.newaxis], self._slots.u("delay_ms"))
        gain = self._gain.to(self._desk.level("engine.gain_db"))
        loops.ramp(x, gain.before, gain.after)
        y = np.zeros(QUANTUM)
        ceiling_db = self._slots.u("ceiling_dbfs")
        self._ceilings_db = [*self._ceilings_db[-2:], ceiling_db]
        loops.limit(x, y, self._past, self._b, self._r, self._e, clock, self._phases, ceiling_db,
                    max(self._ceilings_db), one_pole(self._slots.power2("release_ms"), self._rate))  # fmt: skip
        return y
