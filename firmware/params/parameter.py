"""One declaration of a parameter: everything that scenes, encoders, the display and the manual know about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firmware.params.values import Value, ValueType

GLIDE_MS = 20.0

# Copied from dsp.arena, which needs numpy: help and reference must answer at once. A test holds them equal.
MAX_CHANNELS = 64
MAX_PORTS = 32
LIMITER_LATENCY_FRAMES = 43


class Kind(StrEnum):
    """What a parameter belongs to."""

    CHANNEL = "channel"
    MAIN = "main"
    DESK = "desk"
    OUTPUT = "output"


PREFIX = {Kind.CHANNEL: "channel.N.", Kind.MAIN: "main.lr.", Kind.DESK: "", Kind.OUTPUT: "output.N."}
HIGHEST = {Kind.CHANNEL: MAX_CHANNELS, Kind.OUTPUT: MAX_PORTS}


class Scope(StrEnum):
    """Whether recalling a scene moves a parameter: always, or only when asked for (recall-safe)."""

    SCENE = "scene"
    SAFE = "safe"


@dataclass(frozen=True)
class Parameter:
    """A parameter of every strip, output or desk of its `kinds`.

    `name` is the path below them and, where the kernel knows it, the slot's name in `dsp.slots`. `defaults` has one
    value, or one for each number from 1 on with the last for all beyond; in a text "N" stands for the number.
    """

    name: str
    type: ValueType
    defaults: tuple[Value, ...]
    about: str
    kinds: tuple[Kind, ...] = (Kind.CHANNEL, Kind.MAIN)
    safe: tuple[Kind, ...] = ()
    glide_ms: float = GLIDE_MS
    slot: bool = True
    main_default: Value | None = None

    @property
    def templates(self) -> dict[Kind, str]:
        """Its path for each kind, with N where a number goes."""
        return {kind: PREFIX[kind] + self.name for kind in self.kinds}

    def scope(self, kind: Kind) -> Scope:
        """Whether a scene moves it."""
        return Scope.SAFE if kind in self.safe else Scope.SCENE

    def defaults_of(self, kind: Kind) -> tuple[Value, ...]:
        """The default of each number, the last for all beyond."""
        if kind is Kind.MAIN and self.main_default is not None:
            return (self.main_default,)
        return self.defaults

    def default(self, kind: Kind, number: int = 1) -> Value:
        """The default of the `number`-th strip or output of a kind (1 where there is only one)."""
        return numbered(self.defaults_of(kind), number)


def numbered(defaults: tuple[Value, ...], number: int) -> Value:
    """The default for a number, from 1: the number-th or the last; "in.N" becomes "in.3"."""
    value = defaults[min(number, len(defaults)) - 1]
    return value.replace("N", str(number)) if isinstance(value, str) else value


@dataclass(frozen=True)
class Meter:
    """Something the desk tells and nobody sets."""

    name: str
    unit: str
    about: str
    kinds: tuple[Kind, ...]

    @property
    def templates(self) -> dict[Kind, str]:
        """Its path for each kind, with N where a number goes."""
        return {kind: PREFIX[kind] + self.name for kind in self.kinds}
