"""What the monitor hears: chosen lanes or the solo bus, its matrix, its delay."""

from __future__ import annotations

import numpy as np

from dsp.slots import SOLO_BUS
from tests.oracle import loops
from tests.oracle.glides import Slots
from tests.oracle.groups import Groups
from tests.oracle.lanes import POST_FADER, TO_SOLO, Lanes, Signals
from tests.oracle.loops import QUANTUM, F
from tests.oracle.ramps import DelayLine, Fade, Ramped, Walk

SIDES = (0, 1)


class Monitor:
    """The monitor, and the solo bus that takes its place."""

    def __init__(self, desk: Slots, lanes: Lanes, groups: Groups, rate_hz: int) -> None:
        self._desk, self._lanes, self._groups = desk, lanes, groups
        self._chosen = Fade(self._wanted(), rate_hz)
        chosen, solo = self._wants()
        self._walks = Walk(chosen, rate_hz), Walk(solo, rate_hz)
        self._gains = [[Ramped(g) for g in gains] for gains in self._gains_now()]
        self._delay = DelayLine(2, desk.u("monitor.delay_ms"), rate_hz)

    def _wanted(self) -> tuple[int, int]:
        return self._lanes.both(self._lanes.named(self._desk.choice("monitor.source")))

    def _wants(self) -> tuple[float, float]:
        if self._groups.is_soloed or self._desk.choice("monitor.source") == SOLO_BUS:
            return 0.0, 1.0
        return 1.0, 0.0

    def _gains_now(self) -> list[list[float]]:
        """Of what is chosen and of solo: left from left, left from right, right from left, right from right."""
        desk = self._desk
        swap, mono = desk.u("monitor.swap"), desk.u("monitor.mono")
        turn = 1.0 - 2.0 * desk.u("monitor.polarity")
        dim_db = desk.u("monitor.dim") * desk.u("monitor.dim_db") + desk.u("talkback.on") * desk.u("talkback.dim_db")
        level = desk.level("monitor.level_db") * 10.0 ** (dim_db / 20.0)
        swapped = np.array([[1.0 - swap, swap], [swap, 1.0 - swap]])
        flipped = np.array([[1.0, 0.0], [0.0, turn]])
        mixed = np.array([[1.0 - mono / 2.0, mono / 2.0], [mono / 2.0, 1.0 - mono / 2.0]])
        matrix = (level * mixed @ flipped @ swapped).ravel()
        chosen, solo = self._walks[0].after * self._chosen.factor.after, self._walks[1].after
        return [[float(g) * share for g in matrix] for share in (chosen, solo)]

    def process(self, signals: Signals) -> None:
        """The monitor of a quantum."""
        lanes = self._chosen.step(self._wanted())
        for walk, want in zip(self._walks, self._wants(), strict=True):
            walk.toward(want)
        chosen = [signals.line(lane, POST_FADER) for lane in lanes]
        solo = [signals.sent[TO_SOLO + side] for side in SIDES]
        out: F = np.zeros((2, QUANTUM))
        for heard, ramps, gains in zip((chosen, solo), self._gains, self._gains_now(), strict=True):
            for cell, gain in enumerate(gains):
                ramp = ramps[cell].to(gain)
                loops.add_ramped(out[cell // 2], heard[cell % 2], ramp.before, ramp.after)
        self._delay.process(out, self._desk.u("monitor.delay_ms"))
        signals.monitor = out
