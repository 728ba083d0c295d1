"""A whole console to try things on: every parameter by its path, sound in, sound out with the latency taken off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dsp.ring import Event
from dsp.size import MONO, DeskSize
from dsp.slots import StripKind, lane_code
from tests.dsp import scenes
from tests.dsp.rig import LATENCY_FRAMES, Kernel, Signal, whole

GLIDE_FRAMES = 960  # 20 ms, what the surface gives every move
Settings = Mapping[str, float]


def place_of(strip: str) -> tuple[StripKind, int]:
    """Kind and place among its kind: `bus.3`, `return.1` (its left side), `return.1.right`, `main.lr`, `main.mono`."""
    kind_name, which, *side = strip.split(".")
    kind, right = StripKind[kind_name.upper()], int(side == ["right"])
    if kind is StripKind.MAIN:
        return kind, {"lr": 0, "mono": MONO}[which] + right
    return kind, (int(which) - 1) * (2 if kind is StripKind.RETURN else 1) + right


def code(strip: str) -> int:
    """The number that names a strip's left or only lane."""
    return lane_code(*place_of(strip))


def address(size: DeskSize, path: str) -> int:
    """Of `channel.1.eq.on`, `return.1.right.source`, `main.lr.pan`, `output.2.tap`, `monitor.dim` …"""
    first, _, rest = path.partition(".")
    if first == "output":
        number, _, name = rest.partition(".")
        return size.output(int(number), name)
    if first.upper() not in StripKind.__members__:
        return size.desk(path)
    which, _, name = rest.partition(".")
    if name.startswith("right."):
        which, name = f"{which}.right", name.removeprefix("right.")
    return size.strip(*place_of(f"{first}.{which}"), name)


class Console:
    """A desk that changes nothing (`scenes.flat`) until something is set on it."""

    def __init__(self, size: DeskSize, settings: Settings | None = None) -> None:
        self.size, self.values = size, scenes.flat(size)
        self.set(settings or {})

    def set(self, settings: Settings) -> Console:
        """Where everything stands from the start."""
        for path, value in settings.items():
            self.values[address(self.size, path)] = value
        return self

    def event(self, at: int, path: str, value: float, over: int = GLIDE_FRAMES) -> Event:
        return Event(at, address(self.size, path), value, over)

    def events(self, at: int, settings: Settings, over: int = GLIDE_FRAMES) -> list[Event]:
        return [self.event(at, path, value, over) for path, value in settings.items()]

    def kernel(self) -> Kernel:
        return Kernel(self.size, self.values)

    def play(self, x: NDArray[np.floating], events: Sequence[Event] = ()) -> Signal:
        """Outputs for inputs [frames, columns], frame by frame as if the limiter took no time."""
        padded = np.zeros((whole(len(x) + LATENCY_FRAMES), self.size.columns), np.float32)
        padded[: len(x)] = x
        return self.kernel().process(padded, events)[LATENCY_FRAMES : LATENCY_FRAMES + len(x)]

    def impulse(self, column: int = 0, at: int = 100, frames: int = 320) -> list[list[int]]:
        """How many frames after an impulse at an input something is heard, for each output."""
        x = np.zeros((frames, self.size.columns), np.float32)
        x[at, column] = 0.25
        return [(np.flatnonzero(y) - at).tolist() for y in self.play(x).T]


def steady(size: DeskSize, levels: Sequence[float], frames: int = 3200) -> Signal:
    """A constant on every input: what a desk of gains makes of it is those gains."""
    return np.tile(np.array(levels, np.float32), (frames, 1))[:, : size.columns]


def gain_db(out: float, heard: float) -> float:
    """Of what comes out over what went in; −inf for nothing."""
    return 20.0 * math.log10(abs(out) / abs(heard)) if out else -math.inf
