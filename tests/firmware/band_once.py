"""The band, played once for all tests of a run, and the desk's two mixes of it."""

from __future__ import annotations

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
