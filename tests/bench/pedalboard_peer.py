"""A strip of pedalboard's plug-ins (JUCE, C++): one Pedalboard for each of 32 mono strips, as its users do."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.errors import SetupError

CHAIN = "HighpassFilter (6 dB/oct), NoiseGate, LowShelfFilter, 2 PeakFilter, HighShelfFilter, Compressor, Gain"
RATE_HZ = 48000
BUFFER_FRAMES = 64

Floats = NDArray[np.float32]


class Strips:
    """The strips; `x` is float32[strips, frames], one after another in memory."""

    def __init__(self, x: Floats) -> None:
        try:
            p: Any = importlib.import_module("pedalboard")
        except ModuleNotFoundError:
            raise SetupError("pedalboard is missing; ./pidesk bench --peers installs it.") from None
        self.version = p.__version__
        self._boards = [
            p.Pedalboard(
                [
                    p.HighpassFilter(80.0 * (1.0 + 0.01 * n)),
                    p.NoiseGate(threshold_db=-45.0, ratio=10.0, attack_ms=1.0, release_ms=150.0),
                    p.LowShelfFilter(120.0 * (1.0 + 0.01 * n), 3.0, 0.7),
                    p.PeakFilter(350.0 * (1.0 + 0.01 * n), -4.0, 1.2),
                    p.PeakFilter(2500.0 * (1.0 + 0.01 * n), 3.0, 1.0),
                    p.HighShelfFilter(9000.0, 2.0, 0.7),
                    p.Compressor(threshold_db=-18.0, ratio=3.0, attack_ms=10.0, release_ms=120.0),
                    p.Gain(-6.0),
                ]
            )
            for n in range(len(x))
        ]
        self._x = x
        starts = range(0, x.shape[1] - BUFFER_FRAMES + 1, BUFFER_FRAMES)
        self._blocks = [[np.ascontiguousarray(row[at : at + BUFFER_FRAMES]) for row in x] for at in starts]

    def run_blocks(self) -> NDArray[np.int64]:
        """Nanoseconds of thread time per block when every strip is called with 64 frames, as live sound must be."""
        times = np.zeros(len(self._blocks), np.int64)
        for i, block in enumerate(self._blocks):
            start = time.thread_time_ns()
            for board, strip in zip(self._boards, block, strict=True):
                board.process(strip, RATE_HZ, buffer_size=BUFFER_FRAMES, reset=False)
            times[i] = time.thread_time_ns() - start
        return times

    def run_whole(self, buffer_frames: int = BUFFER_FRAMES) -> NDArray[np.int64]:
        """Nanoseconds of thread time per strip for all of its sound in one call, cut into buffers inside pedalboard."""
        times = np.zeros(len(self._boards), np.int64)
        for i, board in enumerate(self._boards):
            start = time.thread_time_ns()
            board.process(self._x[i], RATE_HZ, buffer_size=buffer_frames, reset=False)
            times[i] = time.thread_time_ns() - start
        return times
