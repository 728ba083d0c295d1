"""The kernel under test, as short as the oracle to use, and measures that several tests share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dsp import desk
from dsp import ring as rings
from dsp.arena import Arena
from dsp.ring import Event
from dsp.size import DeskSize

QUANTUM = 32
LATENCY_FRAMES = 43
Signal = NDArray[np.float32]


class Kernel:
    """A desk of `size` with `values`, that takes events as they come and keeps the log."""

    def __init__(self, size: DeskSize, values: NDArray[np.float64], slots: int = 8192) -> None:
        self.size, self.arena = size, Arena(size)
        self.ring, self.log = rings.empty(slots), rings.empty(slots)
        self._next = 0
        desk.reset(self.arena, values)

    def send(self, events: Sequence[Event]) -> None:
        self._next = rings.write(self.ring, events, self._next)

    def process(self, x: NDArray[np.floating], events: Sequence[Event] = (), block: int = 0) -> Signal:
        """Outputs for inputs [frames, inputs], in blocks of `block` frames (0: all at once)."""
        self.send(events)
        x32 = np.ascontiguousarray(x, np.float32)
        y = np.zeros((len(x32), self.size.outputs), np.float32)
        step = block or len(x32)
        for at in range(0, len(x32), step):
            desk.process(x32[at : at + step], y[at : at + step], self.arena.f32, self.arena.f64, self.arena.i64,
                         self.ring, self.log)  # fmt: skip
        return y

    def logged(self) -> list[Event]:
        return rings.read(self.log, 0)[0]


def db(amplitude: float) -> float:
    return 20.0 * float(np.log10(max(abs(amplitude), 1e-12)))


def sine(frames: int, freq_hz: float, rate_hz: int, level_db: float = 0.0) -> Signal:
    """float32[frames, 1]."""
    wave = np.sin(2 * np.pi * freq_hz * np.arange(frames) / rate_hz) * 10 ** (level_db / 20)
    return wave.astype(np.float32)[:, None]


def whole(frames: int) -> int:
    """Rounded up to whole quanta."""
    return -(-frames // QUANTUM) * QUANTUM
