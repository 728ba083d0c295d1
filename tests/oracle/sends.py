"""Sends: how much of each line of a lane goes to whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dsp.slots import MAX_BUSES, MAX_MATRICES, NONE, StripKind
from tests.oracle.glides import Glides, Slots
from tests.oracle.groups import AFL, PFL
from tests.oracle.lanes import (
    COMP_KEY,
    DESTINATIONS,
    GATE_KEY,
    LINES,
    POST_EQ,
    POST_FADER,
    TO_MAIN,
    TO_SOLO,
    Lanes,
    balance_gains,
    pan_gains,
)
from tests.oracle.loops import F
from tests.oracle.ramps import LongRamp

_TO_BUSES = (StripKind.CHANNEL, StripKind.BUS, StripKind.RETURN)
_TO_MATRICES = (StripKind.BUS, StripKind.MAIN)
_BUS_SENDS = [f"send.{b}" for b in range(1, MAX_BUSES + 1)]
_MATRIX_SENDS = [f"matrix.{m}" for m in range(1, MAX_MATRICES + 1)]


class Sender:
    """What one lane sends; `gains` [lines, destinations] are long ramps."""

    def __init__(self, lane: int, glides: Glides, lanes: Lanes) -> None:
        self._lane, self._lanes = lane, lanes
        self._strip, self._desk = glides.strip(lane), glides.desk()
        self._lam_before = lanes.lam(lane)  # of the last quantum
        self.gains = LongRamp(self._wanted())

    def turn(self) -> None:
        """The next ramp."""
        self.gains.turn(self._wanted())

    def advance(self) -> None:
        """One quantum has been made."""
        self.gains.advance()
        self._lam_before = self._lanes.lam(self._lane)

    def sends_to(self, other: int) -> bool:
        """Whether anything goes to another lane, or is about to."""
        row = self._lanes.row(other)
        return row is not None and bool(np.any(self.gains.start[:, row]) or np.any(self.gains.goal[:, row]))

    def _spread(self, left: float, right: float, left_stereo: float, right_stereo: float) -> tuple[float, float]:
        """To left and right: of a mono strip panned, of a stereo strip each side to its own."""
        lam, side = self._lanes.lam(self._lane), self._lane % 2
        return (
            (1.0 - lam) * left + (lam * left_stereo if side == 0 else 0.0),
            (1.0 - lam) * right + (lam * right_stereo if side == 1 else 0.0),
        )

    def _to_one(self) -> float:
        """Of a stereo strip half of each side."""
        lam = self._lanes.lam(self._lane)
        return (1.0 - lam) + lam / 2.0

    def _may_send_to_bus(self, bus: int) -> bool:
        """A bus sends to higher ones only, and to the other of its pair only while they have nothing in common."""
        lane, lanes = self._lane, self._lanes
        if lanes.kind(lane) != StripKind.BUS:
            return True
        # while λ goes down to 0, cross still brings the right side into the left: a send now would be a loop in no time
        if bus == lane ^ 1 and (lanes.linked(lane) or lanes.lam(lane) != 0.0 or self._lam_before != 0.0):
            return False
        return bus > lane

    def _to_lanes(self, gains: F, names: list[str], to: list[int], may: Callable[[int], bool]) -> None:
        for place, lane in enumerate(to):
            strip, name = self._strip, names[place]
            level = strip.u(f"{name}.on") * strip.level(f"{name}.level_db")
            if level == 0.0:
                continue
            tap, mu = strip.choice(f"{name}.tap"), self._lanes.lam(lane)
            if may(lane):
                gains[tap, self._lanes.row(lane)] += (1.0 - mu) * level * self._to_one()
            if place % 2 or mu == 0.0:
                continue
            pan = strip.u(f"{name}.pan")
            for side, gain in enumerate(self._spread(*pan_gains(pan), *balance_gains(pan))):
                if place + side < len(to) and may(lane + side):
                    gains[tap, self._lanes.row(lane + side)] += mu * level * gain

    def _wanted(self) -> F:
        gains = np.zeros((LINES, DESTINATIONS))
        strip, lanes = self._strip, self._lanes
        kind = lanes.kind(self._lane)
        panned = self._spread(*pan_gains(strip.u("pan")), 1.0, 1.0)
        if kind in _TO_BUSES:
            self._to_lanes(gains, _BUS_SENDS, lanes.of[StripKind.BUS], self._may_send_to_bus)
            for side in (0, 1):
                gains[POST_FADER, TO_MAIN + side] = strip.u("to_main") * panned[side]
            gains[POST_FADER, TO_MAIN + 2] = strip.u("to_mono") * strip.level("mono_level_db") * self._to_one()
        if kind in _TO_MATRICES:
            self._to_lanes(gains, _MATRIX_SENDS, lanes.of[StripKind.MATRIX], lambda _: True)
        self._to_solo(gains, panned)
        return gains

    def _to_solo(self, gains: F, panned: tuple[float, float]) -> None:
        strip, mode = self._strip, self._desk.choice("monitor.solo_mode")
        both = self._spread(1.0, 1.0, 1.0, 1.0)
        for side in (0, 1):
            row = TO_SOLO + side
            if mode == PFL:
                gains[POST_EQ, row] = strip.u("solo") * both[side]
            elif mode == AFL:
                gains[POST_FADER, row] = strip.u("solo") * panned[side]
            gains[GATE_KEY, row] = strip.u("gate.key.listen") * both[side]
            gains[COMP_KEY, row] = strip.u("comp.key.listen") * both[side]


def aside_wanted(desk: Slots, lanes: Lanes) -> F:
    """Gains [2, destinations] of generator and talkback."""
    gains = np.zeros((2, DESTINATIONS))
    aim = lanes.named(desk.choice("osc.destination"))
    for lane in lanes.both(aim) if aim != NONE else ():
        row = lanes.row(lane)
        if row is not None:
            gains[0, row] = 1.0
    main = lanes.of[StripKind.MAIN]
    names = {main[0]: "main", main[1]: "main", main[2]: "mono"}
    for word, kind in (("bus", StripKind.BUS), ("matrix", StripKind.MATRIX)):
        of_kind = lanes.of[kind]
        for lane in of_kind:
            left, _ = lanes.both(lane)  # of a stereo strip the left side's
            names[lane] = f"{word}.{of_kind.index(left) + 1}"
    for lane, name in names.items():
        gains[1, lanes.row(lane)] = desk.u(f"talkback.to.{name}")
    return gains
