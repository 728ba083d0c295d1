"""The oracle desk: `docs/signal.md` once more, in scalar float64, sample by sample."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import StripKind
from tests.oracle import loops
from tests.oracle.generator import Generator, Talkback
from tests.oracle.glides import QUANTUM, Glides
from tests.oracle.groups import Groups
from tests.oracle.lanes import LANES_OF_A_TILE, Lanes, Signals
from tests.oracle.loops import F
from tests.oracle.monitor import Monitor
from tests.oracle.output import Effect, Output, interpolation_phases
from tests.oracle.ramps import LongRamp, is_turn
from tests.oracle.sends import aside_wanted
from tests.oracle.strip import Strip, work

EVENTS_A_QUANTUM = 1024
LATENCY_FRAMES = 43


class Oracle:
    """A desk of `size` with parameters `values` (float64[addresses], natural units), at rest."""

    def __init__(self, size: DeskSize, values: NDArray[np.float64]) -> None:
        self.size = size
        self.glides = Glides(size, values)
        rate, desk = size.rate_hz, self.glides.desk()
        self._desk = desk
        self._lanes = lanes = Lanes(size, self.glides)
        numbers = [lane for kind in StripKind for lane in lanes.of[kind]]
        self._groups = Groups(desk, lanes, {lane: self.glides.strip(lane) for lane in numbers})
        self.strips = {lane: Strip(lane, rate, self.glides, lanes, self._groups) for lane in numbers}
        self._signals = Signals(size, lanes)
        self._generator, self._talkback = Generator(desk, rate), Talkback(desk, rate)
        self._aside = LongRamp(aside_wanted(desk, lanes))
        self._effects = [Effect(place, desk, lanes, rate) for place in range(size.effects)]
        self._monitor = Monitor(desk, lanes, self._groups, rate)
        phases = interpolation_phases()
        self.outputs = [Output(place, self.glides, lanes, rate, phases) for place in range(size.outputs)]
        self.quantum = 0
        self.applied: list[tuple[int, Event]] = []
        self._waiting: deque[Event] = deque()

    def _take_events(self, clock: int) -> None:
        for _ in range(EVENTS_A_QUANTUM):
            if not self._waiting or self._waiting[0].at > clock:
                return
            event = self._waiting.popleft()
            self.glides.apply(event.address, event.value, event.over_frames)
            self.applied.append((clock, event))

    def process(self, x: NDArray[np.floating], events: Sequence[Event] = ()) -> F:
        """Outputs float64[frames, outputs] for inputs [frames, columns]; frames a multiple of 32."""
        frames = len(x)
        if frames % QUANTUM:
            raise ValueError("frames must be a multiple of 32")
        self._waiting.extend(events)
        signal: F = np.asarray(x, np.float64)
        y = np.zeros((frames, self.size.outputs))
        with np.errstate(all="ignore"):
            for start in range(0, frames, QUANTUM):
                self._one(signal[start : start + QUANTUM], y[start : start + QUANTUM])
        return y

    def _one(self, x: F, y: F) -> None:
        clock = self.quantum * QUANTUM
        self._take_events(clock)
        self.glides.advance()
        self._groups.look()
        counting = self._begin_strips()
        self._take_turns()
        self._signals.begin(x)
        self._make_aside()
        self._all_of(StripKind.CHANNEL, counting)
        self._buses(counting)
        for effect in self._effects:
            effect.process(self._signals)
        for kind in (StripKind.RETURN, StripKind.MAIN, StripKind.MATRIX):
            self._all_of(kind, counting)
        self._monitor.process(self._signals)
        for place, output in enumerate(self.outputs):
            y[:, place] = output.process(self._signals, clock)
        self.quantum += 1

    def _begin_strips(self) -> dict[int, float]:
        """The λ that counts for each lane: while its left bus still sends to its right one, a pair is none."""
        counting = {lane: self._lanes.lam(lane) for lane in self.strips}
        for left in self._lanes.of[StripKind.BUS][::2]:
            if self.strips[left].sender.sends_to(left + 1):
                counting[left] = counting[left + 1] = 0.0
        for lane, strip in self.strips.items():
            strip.begin(counting[lane])
        return counting

    def _take_turns(self) -> None:
        for lane, strip in self.strips.items():
            if is_turn(self.quantum, lane // LANES_OF_A_TILE):
                strip.turn()
        if is_turn(self.quantum, self.size.tiles):
            self._aside.turn(aside_wanted(self._desk, self._lanes))

    def _make_aside(self) -> None:
        """Generator and talkback, and what they send."""
        signals, ramp = self._signals, self._aside
        signals.generator, signals.talkback = self._generator.make(), self._talkback.make(signals)
        loops.send(np.stack([signals.generator, signals.talkback]), ramp.start, ramp.goal, ramp.frame, signals.sent)
        ramp.advance()

    def _hear(self, lanes: Sequence[int]) -> list[Strip]:
        """The inputs of several strips, then the keys they listen to."""
        strips = [self.strips[lane] for lane in lanes]
        for strip in strips:
            row = self._lanes.row(strip.lane)
            strip.hear(self._signals, self._signals.silence if row is None else self._signals.sent[row])
        for strip in strips:
            strip.hear_keys(self._signals)
        return strips

    def _all_of(self, kind: StripKind, counting: dict[int, float]) -> None:
        """All strips of a kind whose strips do not send to each other."""
        strips = self._hear(self._lanes.of[kind])
        for place in range(0, len(strips), 2):
            work(strips[place : place + 2], counting[strips[place].lane], self._signals)

    def _buses(self, counting: dict[int, float]) -> None:
        """One after the other; both of a pair at once while anything of one is heard in the other."""
        buses = self._lanes.of[StripKind.BUS]
        for place in range(0, len(buses), 2):
            pair = buses[place : place + 2]
            lam = counting[pair[0]]
            together = lam > 0.0 or any(self.strips[lane].is_crossing for lane in pair)
            for group in [pair] if together else [[lane] for lane in pair]:
                work(self._hear(group), lam, self._signals)
