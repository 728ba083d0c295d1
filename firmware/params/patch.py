"""Values that name a place on the desk: an input, a strip, a bus. The kernel knows each as a number (`dsp.slots`)."""

# ruff: noqa: D102  the kinds do what ValueType's docstrings say

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from dsp import slots
from dsp.slots import StripKind, lane_code
from firmware.params.values import Listed, Value

MAX_CHANNELS, MAX_PORTS, MAX_PLAYS = 64, 32, 64  # dsp.rows, which a test holds equal


class Need(NamedTuple):
    """What a desk must have for a value: `number` things of a word ("in", "bus"), and a stereo strip or not."""

    word: str
    number: int
    stereo: bool = False


_PLACE = re.compile(r"(in|play|fx|io|channel|bus|return|matrix)\.([1-9]\d?)(?:\+([1-9]\d?))?(?:\.[lr])?")


def needs(value: Value) -> Need | None:
    """What a desk must have for a place to be there; None where every desk has it."""
    found = _PLACE.fullmatch(str(value))
    if found is None:
        return None
    return Need(found[1], max(int(found[2]), int(found[3] or 0)), bool(found[3]))


def _numbered(word: str, count: int, kind: StripKind) -> dict[str, float]:
    return {f"{word}.{n}": float(lane_code(kind, n - 1)) for n in range(1, count + 1)}


CHANNELS = _numbered("channel", MAX_CHANNELS, StripKind.CHANNEL)
BUSES = _numbered("bus", slots.MAX_BUSES, StripKind.BUS)
MATRICES = _numbered("matrix", slots.MAX_MATRICES, StripKind.MATRIX)
RETURNS = {f"return.{k}": float(lane_code(StripKind.RETURN, 2 * k - 2)) for k in range(1, slots.MAX_EFFECTS + 1)}
MAIN = float(lane_code(StripKind.MAIN, 0))
MONO = float(lane_code(StripKind.MAIN, 2))
NONE = {"none": float(slots.NONE)}


def _sides(strips: dict[str, float]) -> dict[str, float]:
    return {f"{name}.{side}": code + s for name, code in strips.items() for s, side in enumerate("lr")}


def _ranges(names: Iterable[str]) -> str:
    """Names in words: "none, bus.1 to bus.16"; what is numbered in a row is not listed one by one."""
    runs: list[list[str]] = []
    for name in names:
        head, _, number = name.partition(".")
        last = runs[-1][-1].partition(".") if runs else ("", "", "")
        if number.isdigit() and last[0] == head and last[2].isdigit() and int(number) == int(last[2]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


@dataclass(frozen=True)
class Place(Listed):
    """One of `codes`, by name; the first is what a parameter falls back to where a desk lacks the place."""

    codes: dict[str, float] = field(default_factory=dict, hash=False)

    @cached_property
    def choices(self) -> tuple[Value, ...]:  # type: ignore[override]
        return tuple(self.codes)

    @cached_property
    def _names(self) -> dict[float, str]:
        return {code: name for name, code in self.codes.items()}

    @property
    def neutral(self) -> str:
        """What stands for a place that a desk has not."""
        return next(iter(self.codes))

    @property
    def range_text(self) -> str:
        return _ranges(self.codes)

    def to_kernel(self, value: Value) -> float:
        return self.codes[str(value)]

    def from_kernel(self, number: float) -> Value:
        return self._names.get(number, self.neutral)


_INPUTS = {f"in.{k}": float(slots.SOURCE_IN + k - 1) for k in range(1, MAX_PORTS + 1)}
_PLAYS = {f"play.{k}": float(slots.SOURCE_PLAY + k - 1) for k in range(1, MAX_PLAYS + 1)}
_EFFECTS = {f"fx.{k}": float(slots.SOURCE_FX + 2 * k - 2) for k in range(1, slots.MAX_EFFECTS + 1)}
_PAIR = re.compile(r"(in|play|io)\.([1-9]\d?)\+([1-9]\d?)")


@dataclass(frozen=True)
class Sided(Place):
    """A place that each side of a stereo strip has its own of: it also takes pairs, `in.1+2`; the kernel knows one
    number for each side. `stereo` are names that stand for both sides of something, the right one's number the next."""

    stereo: tuple[str, ...] = ()

    @property
    def range_text(self) -> str:
        pair = "io.1+2" if "io.1" in self.codes else "in.1+2"
        return f"{super().range_text}, pairs such as {pair}"

    def check(self, value: object) -> Value:
        found = _PAIR.fullmatch(value) if isinstance(value, str) else None
        if found and all(f"{found[1]}.{found[k]}" in self.codes for k in (2, 3)):
            return found[0]
        return super().check(value)

    def read(self, typed: str) -> Value:
        return self.check(typed.strip()) if _PAIR.fullmatch(typed.strip()) else super().read(typed)

    def to_kernel(self, value: Value) -> float:
        return self.sides(value)[0]

    def sides(self, value: Value) -> tuple[float, float]:
        """The kernel's numbers for left and right."""
        found = _PAIR.fullmatch(str(value))
        if found:
            return self.codes[f"{found[1]}.{found[2]}"], self.codes[f"{found[1]}.{found[3]}"]
        code = self.codes[str(value)]
        return code, code + 1.0 if value in self.stereo else code

    def joined(self, left: Value, right: Value) -> Value:
        """What a stereo strip hears that was two: in.3 and in.8 are in.3+8; where that cannot be said, the left's."""
        (word, _, first), (other, _, second) = (str(side).partition(".") for side in (left, right))
        pair = f"{word}.{first}+{second}"
        return pair if word == other and first != second and _PAIR.fullmatch(pair) else left

    def side(self, value: Value, side: int) -> Value:
        """What one side (0 left, 1 right) of a stereo strip hears, once it stands alone."""
        found = _PAIR.fullmatch(str(value))
        return f"{found[1]}.{found[2 + side]}" if found else value

    def position(self, value: Value) -> float:
        found = _PAIR.fullmatch(str(value))
        return super().position(f"{found[1]}.{found[2]}" if found else value)

    def stepped(self, value: Value, clicks: int) -> Value:
        """A pair steps to the next pair, anything else to the next single one."""
        found = _PAIR.fullmatch(str(value))
        if not found:
            return super().stepped(value, clicks)
        first, distance = int(found[2]) + 2 * clicks, int(found[3]) - int(found[2])
        highest = (MAX_PLAYS if found[1] == "play" else MAX_PORTS) - max(distance, 0)
        lowest = 1 - min(distance, 0)
        first = min(max(first, lowest), highest)
        return f"{found[1]}.{first}+{first + distance}"


SOURCE = Sided(codes={**NONE, **_INPUTS, **_PLAYS, "osc": float(slots.SOURCE_OSC), **_EFFECTS}, stereo=tuple(_EFFECTS))
INSERT = Sided(codes={**NONE, **{f"io.{k}": float(k - 1) for k in range(1, MAX_PORTS + 1)}})
KEY = Place(
    codes={"self": float(slots.NONE), **CHANNELS, **BUSES, **RETURNS, "main.lr": MAIN, "main.mono": MONO, **MATRICES}
)
BUS = Place(codes={**NONE, **BUSES})
DESTINATION = Place(codes={**NONE, "main.lr": MAIN, "main.mono": MONO, **BUSES, **MATRICES})
MICROPHONE = Place(codes={**NONE, **_INPUTS})
MONITORED = Place(
    codes={"none": float(slots.NONE), "main": MAIN, "solo": float(slots.SOLO_BUS), "mono": MONO, **BUSES, **MATRICES}
)
CARRIED = Place(
    codes={
        **NONE,
        "main.l": MAIN,
        "main.r": MAIN + 1.0,
        "main.sum": float(slots.MAIN_MEAN),
        "main.mono": MONO,
        "monitor.l": float(slots.MONITOR_L),
        "monitor.r": float(slots.MONITOR_R),
        "monitor.sum": float(slots.MONITOR_MEAN),
        **BUSES,
        **MATRICES,
        **_sides(RETURNS),
        **CHANNELS,
        "insert": float(slots.INSERT_LINE),
    }
)
