"""The band, played once for all tests of a run, and the desk's two mixes of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dsp.size import DeskSize
from firmware import band, render, scene
from firmware.desk_model import DeskModel

RATE_HZ = 48000
SIZE = DeskSize(16, 16, 2, RATE_HZ)

Signal = NDArray[np.float32]


@cache
def tracks() -> Signal:
    return band.tracks(RATE_HZ)[1]


def track(name: str) -> Signal:
    return tracks()[:, band.NAMES.index(name)]


def model(name: str) -> DeskModel:
    made = DeskModel(SIZE)
    assert scene.apply(made, scene.load(scene.find(name))) == []
    return made


@cache
def mix(name: str) -> Signal:
    return render.offline(SIZE, model(name).kernel_values(), tracks())


def alone(name: str, strip: str, seconds: tuple[float, float]) -> Signal:
    """One strip of a scene as it reaches the mains, whose compressor is off: float32[frames]."""
    desk = model(name)
    for number, other in enumerate(band.NAMES, 1):
        desk.set(f"channel.{number}.mute", other != strip)
    desk.set("main.lr.comp.on", False)
    start, end = (round(s * RATE_HZ) for s in seconds)
    return np.asarray(render.offline(SIZE, desk.kernel_values(), tracks()[start:end]).sum(axis=1), np.float32)


def prominence_db(x: Signal, rate_hz: int, hz: float) -> float:
    """How far a ring at `hz` (±2 %) stands out of its surroundings (to ±20 %), in dB of power density, of [frames]."""
    size = min(len(x), 1 << 16)
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[:: max(1, size // 2)] * np.hanning(size)
    power = np.sum(np.square(np.abs(np.fft.rfft(frames))), axis=0)
    away = np.abs(np.fft.rfftfreq(size, 1.0 / rate_hz) / hz - 1.0)
    near, around = power[away <= 0.02], power[(away > 0.04) & (away <= 0.2)]
    return 10.0 * math.log10((float(np.mean(near)) + 1e-30) / (float(np.mean(around)) + 1e-30))


def level_range_db(x: Signal, rate_hz: int, window_s: float = 0.2, gate_db: float = -40.0) -> float:
    """How unevenly someone plays or sings: from the 10 % to the 95 % point of the RMS of windows of [frames], those
    more than `gate_db` below the loudest left out."""
    n = max(1, round(window_s * rate_hz))
    rows = x[: len(x) // n * n].reshape(-1, n).astype(np.float64)
    if not len(rows):
        return 0.0
    levels = 10.0 * np.log10(np.mean(np.square(rows), axis=1) + 1e-20)
    low, high = np.percentile(levels[levels >= np.max(levels) + gate_db], (10.0, 95.0))
    return float(high - low)
