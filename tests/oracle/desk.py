"""The oracle desk: `docs/signal.md` once more, in scalar float64, sample by sample."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dsp.arena import DeskSize
from dsp.ring import Event
from dsp.slots import STRIP
from tests.oracle import loops
from tests.oracle.glides import QUANTUM, Glides, level_gain
from tests.oracle.loops import F
from tests.oracle.strip import Ramped, SourceFade, Strip, one_pole, quanta

EVENTS_A_QUANTUM = 1024
LATENCY_FRAMES = 43
KAISER_BETA = 7.0
HALF_TAPS = 12
SIDES = (0, 1)


def _interpolation_phases() -> F:
    """h(i − k/8) for k = 1…7, i = −11…12: a windowed sinc, Kaiser β = 7, half-width 12 frames."""
    phases = np.zeros((7, 24))
    for k in range(1, 8):
        for i in range(-11, 13):
            t = i - k / 8.0
            if abs(t) < HALF_TAPS:
                window = float(np.i0(KAISER_BETA * math.sqrt(1.0 - (t / HALF_TAPS) ** 2)) / np.i0(KAISER_BETA))
                phases[k - 1, i + 11] = float(np.sinc(t)) * window
    return phases


def pan_gains(pan: float) -> tuple[float, float]:
    """Constant power, exact at both ends."""
    if abs(pan) >= 100.0:
        return (1.0, 0.0) if pan < 0.0 else (0.0, 1.0)
    theta = (pan + 100.0) / 200.0 * math.pi / 2.0
    return math.cos(theta), math.sin(theta)


def balance_gains(pan: float) -> tuple[float, float]:
    """The main's balance: √2 times the pan, held at 1."""
    left, right = pan_gains(pan)
    return min(1.0, math.sqrt(2.0) * left), min(1.0, math.sqrt(2.0) * right)


class Output:
    """A physical output: its source's fade, the engine's gain, the limiter."""

    def __init__(self, source: int, engine_gain: float, rate_hz: int) -> None:
        self.source = SourceFade(source, rate_hz)
        self.gain = Ramped(engine_gain)
        self.past, self.b, self.r, self.e = (np.zeros(128) for _ in range(4))
        self.ceilings_db: list[float] = []  # of the last three quanta


class Oracle:
    """A desk of `size` with parameters `values` (float64[addresses], natural units), at rest."""

    def __init__(self, size: DeskSize, values: NDArray[np.float64]) -> None:
        self.size = size
        self.glides = Glides(size, values)
        rate = size.rate_hz
        tiles = -(-size.channels // 8) + 1
        self.channels = [
            Strip(self.glides, {s.name: size.channel(n, s.name) for s in STRIP}, (n - 1) // 8, 1, rate)
            for n in range(1, size.channels + 1)
        ]
        self.main = Strip(self.glides, {s.name: size.main(s.name) for s in STRIP}, tiles - 1, 2, rate)
        self.quantum = 0
        self.applied: list[tuple[int, Event]] = []
        self._waiting: deque[Event] = deque()
        self._phases = _interpolation_phases()
        a, b = self._monitor_wants()
        self._monitor_mix = [Ramped(a), Ramped(b)]
        self._sends = [[Ramped(g) for g in self._channel_sends(c)] for c in self.channels]
        self._main_out = [Ramped(g) for g in self._main_gains()]
        self._matrix = [Ramped(g) for g in self._monitor_matrix()]
        engine = level_gain(self._desk("engine.gain_db"))
        self.outputs = [Output(int(self._out(k, "source")), engine, rate) for k in range(1, size.outputs + 1)]

    def _desk(self, name: str) -> float:
        return float(self.glides.u[self.size.desk(name)])

    def _out(self, k: int, name: str) -> float:
        return float(self.glides.u[self.size.output(k, name)])

    def _channel_sends(self, c: Strip) -> list[float]:
        """Gains to main left, main right, solo left, solo right."""
        fader = level_gain(c.u("fader_db")) * (1.0 - c.u("mute"))
        pan = pan_gains(c.u("pan"))
        afl, solo, to_main = self._desk("monitor.solo_mode"), c.u("solo"), c.u("to_main")
        return [
            *(fader * to_main * pan[side] for side in SIDES),
            *(solo * ((1.0 - afl) + afl * fader * pan[side]) for side in SIDES),
        ]

    def _main_gains(self) -> list[float]:
        fader = level_gain(self.main.u("fader_db")) * (1.0 - self.main.u("mute"))
        return [fader * g for g in balance_gains(self.main.u("pan"))]

    def _monitor_wants(self) -> tuple[float, float]:
        soloed = any(self.glides.target[self.size.channel(n, "solo")] > 0.0 for n in range(1, self.size.channels + 1))
        source = int(self._desk("monitor.source"))
        if soloed or source == 2:
            return 0.0, 1.0
        return (1.0, 0.0) if source == 1 else (0.0, 0.0)

    def _monitor_matrix(self) -> list[float]:
        """Left from left, left from right, right from left, right from right."""
        swap, mono = self._desk("monitor.swap"), self._desk("monitor.mono")
        turn = 1.0 - 2.0 * self._desk("monitor.polarity")
        level = level_gain(self._desk("monitor.level_db"))
        level *= 10.0 ** (self._desk("monitor.dim") * self._desk("monitor.dim_db") / 20.0)
        swapped = np.array([[1.0 - swap, swap], [swap, 1.0 - swap]])
        flipped = np.array([[1.0, 0.0], [0.0, turn]])
        mixed = np.array([[1.0 - mono / 2.0, mono / 2.0], [mono / 2.0, 1.0 - mono / 2.0]])
        return [float(g) for g in (level * mixed @ flipped @ swapped).ravel()]

    def _take_events(self, clock: int) -> None:
        for _ in range(EVENTS_A_QUANTUM):
            if not self._waiting or self._waiting[0].at > clock:
                return
            event = self._waiting.popleft()
            self.glides.apply(event.address, event.value, event.over_frames)
            self.applied.append((clock, event))

    def process(self, x: NDArray[np.floating], events: Sequence[Event] = ()) -> F:
        """Outputs float64[frames, outputs] for inputs [frames, inputs]; frames a multiple of 32."""
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
        self._take_events(self.quantum * QUANTUM)
        self.glides.advance()
        main, solo = np.zeros((2, QUANTUM)), np.zeros((2, QUANTUM))
        for number, channel in enumerate(self.channels):
            source = channel.source.step(int(channel.u("source")))
            signal = np.zeros((1, QUANTUM))
            if 0 <= source < self.size.inputs:
                signal[0] = x[:, source]
            channel.process(signal, self.quantum)
            sends = self._sends[number]
            for ramped, gain in zip(sends, self._channel_sends(channel), strict=True):
                ramped.to(gain)
            for side in SIDES:
                loops.add_ramped(main[side], signal[0], sends[side].before, sends[side].after)
                loops.add_ramped(solo[side], signal[0], sends[2 + side].before, sends[2 + side].after)
        self.main.process(main, self.quantum)
        for side, gain in enumerate(self._main_gains()):
            ramped = self._main_out[side].to(gain)
            loops.ramp(main[side], ramped.before, ramped.after)
        monitor = self._monitor(main, solo)
        for k in range(1, self.size.outputs + 1):
            y[:, k - 1] = self._output(k, main, monitor)
        self.quantum += 1

    def _monitor(self, main: F, solo: F) -> F:
        most = 1.0 / quanta(0.020, self.size.rate_hz)
        for mix, want in zip(self._monitor_mix, self._monitor_wants(), strict=True):
            mix.to(mix.after + min(max(want - mix.after, -most), most))
        for ramped, gain in zip(self._matrix, self._monitor_matrix(), strict=True):
            ramped.to(gain)
        out = np.zeros((2, QUANTUM))
        for mix, signal in zip(self._monitor_mix, (main, solo), strict=True):
            for to in SIDES:
                for of in SIDES:
                    cell = self._matrix[2 * to + of]
                    loops.add_ramped(out[to], signal[of], mix.before * cell.before, mix.after * cell.after)
        return out

    def _output(self, k: int, main: F, monitor: F) -> F:
        output = self.outputs[k - 1]
        source = output.source.step(int(self._out(k, "source")))
        signal = np.zeros(QUANTUM)
        if source > 0:
            signal += (main if source <= 2 else monitor)[(source - 1) % 2]
        gain = output.gain.to(level_gain(self._desk("engine.gain_db")) * output.source.factor)
        loops.ramp(signal, gain.before, gain.after)
        y = np.zeros(QUANTUM)
        release = one_pole(2.0 ** self._out(k, "release_ms"), self.size.rate_hz)
        ceiling_db = self._out(k, "ceiling_dbfs")
        output.ceilings_db = [*output.ceilings_db[-2:], ceiling_db]
        loops.limit(signal, y, output.past, output.b, output.r, output.e, self.quantum * QUANTUM, self._phases,
                    ceiling_db, max(output.ceilings_db), release)  # fmt: skip
        return y
