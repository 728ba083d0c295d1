"""Gate and compressor of one lane of the oracle."""

from __future__ import annotations

import math

import numpy as np

from tests.oracle import loops
from tests.oracle.glides import Slots
from tests.oracle.loops import QUANTUM, F
from tests.oracle.ramps import Ramped, hold_frames, one_pole

DUCKER = 2
RMS = 1


def _times(slots: Slots, of: str, rate_hz: int) -> tuple[float, float, float]:
    """Hold in frames, α of attack and release."""
    return (
        float(hold_frames(slots.power2(f"{of}.hold_ms"), rate_hz)),
        one_pole(slots.power2(f"{of}.attack_ms"), rate_hz),
        one_pole(slots.power2(f"{of}.release_ms"), rate_hz),
    )


class Gate:
    """Gate, expander or ducker."""

    def __init__(self, slots: Slots, rate_hz: int) -> None:
        self._slots, self._rate = slots, rate_hz
        self._wet = Ramped(slots.u("gate.on"))
        self._env = np.zeros(3)
        self.clear()

    def clear(self) -> None:
        """At rest: open, but for a ducker."""
        self._env[:] = 0.0
        self._env[2] = 0.0 if self._slots.choice("gate.mode") == DUCKER else 1.0

    def process(self, x: F, own: F, other: F, lam: float) -> None:
        """x in place; own and other are what the gates of both sides listen to."""
        slots, wet = self._slots, self._wet.to(self._slots.u("gate.on"))
        if wet.before == 0.0:
            self.clear()
        if wet.is_silent:
            return
        inverse = slots.u("gate.ratio")
        ratio = 1.0 / inverse if inverse > 0.0 else math.inf
        heard = np.zeros(QUANTUM)
        loops.louder(own, other, lam, heard)
        loops.gate(x, heard, self._env, wet.pair, slots.choice("gate.mode"), slots.u("gate.threshold_db"),
                   slots.u("gate.hysteresis_db"), slots.u("gate.range_db"), ratio,
                   *_times(slots, "gate", self._rate))  # fmt: skip


class Compressor:
    """The compressor at its two places, each with its own envelope."""

    def __init__(self, slots: Slots, rate_hz: int) -> None:
        self._slots, self._rate = slots, rate_hz
        self._env = [np.zeros(3), np.zeros(3)]
        before, after, threshold, slope, makeup = self._now()
        self._wet = Ramped(before), Ramped(after)
        self._threshold, self._slope, self._makeup = Ramped(threshold), Ramped(slope), Ramped(makeup)

    def _now(self) -> tuple[float, float, float, float, float]:
        """Wet before and after the EQ, threshold, 1/R − 1, makeup."""
        slots = self._slots
        threshold, slope = slots.u("comp.threshold_db"), slots.u("comp.ratio") - 1.0
        wet, position = slots.u("comp.on") * slots.u("comp.mix_pct") / 100.0, slots.u("comp.position")
        makeup = slots.u("comp.makeup_db") + slots.u("comp.auto_makeup") * -0.5 * slope * (0.0 - threshold)
        return wet * (1.0 - position), wet * position, threshold, slope, makeup

    def clear(self) -> None:
        """At rest, at both places."""
        for env in self._env:
            env[:] = 0.0

    def begin(self) -> None:
        """The ramps of a new quantum."""
        before, after, threshold, slope, makeup = self._now()
        self._wet[0].to(before)
        self._wet[1].to(after)
        self._threshold.to(threshold)
        self._slope.to(slope)
        self._makeup.to(makeup)
        for wet, env in zip(self._wet, self._env, strict=True):
            if wet.before == 0.0:
                env[:] = 0.0

    def is_engaged(self, place: int) -> bool:
        """Whether it does anything at a place (0 before the EQ, 1 after it)."""
        return not self._wet[place].is_silent

    def mean_squares(self, x: F, place: int) -> F:
        """Those of what it listens to at a place; 0 while its detector is not *rms*."""
        found = np.zeros(QUANTUM)
        if self._slots.choice("comp.detector") != RMS:
            self._env[place][2] = 0.0
            return found
        loops.mean_squares(x, self._env[place], one_pole(1000.0 * loops.RMS_SECONDS, self._rate), found)
        return found

    def process(self, x: F, place: int, peaks: tuple[F, F], squares: tuple[F, F], lam: float) -> None:
        """x in place; peaks and squares: what the compressors of both sides listen to, own first, and its means."""
        if not self.is_engaged(place):
            return
        heard = np.zeros(QUANTUM)
        if self._slots.choice("comp.detector") == RMS:
            loops.louder(squares[0], squares[1], lam * lam, heard)
            heard = np.sqrt(heard)
        else:
            loops.louder(peaks[0], peaks[1], lam, heard)
        loops.compress(x, heard, self._env[place], self._wet[place].pair, self._threshold.pair, self._slope.pair,
                       self._makeup.pair, self._slots.u("comp.knee_db"),
                       *_times(self._slots, "comp", self._rate))  # fmt: skip
