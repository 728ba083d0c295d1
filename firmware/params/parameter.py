"""One declaration of a parameter: everything that scenes, encoders, the display and the manual know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dsp import slots
from firmware.params.patch import MAX_CHANNELS, MAX_PORTS
from firmware.params.values import Value, ValueType

GLIDE_MS = 20.0

# Copied from dsp.rows, which needs numpy: help and reference must answer at once. A test holds them equal.
LIMITER_LATENCY_FRAMES = 43


class Kind(StrEnum):
    """What a parameter belongs to."""

    CHANNEL = "channel"
    BUS = "bus"
    RETURN = "return"
    MAIN = "main.lr"
    MONO = "main.mono"
    MATRIX = "matrix"
    DCA = "dca"
    MUTE_GROUP = "mute_group"
    EFFECT = "fx"
    DESK = "desk"
    OUTPUT = "output"


HIGHEST = {
    Kind.CHANNEL: MAX_CHANNELS,
    Kind.BUS: slots.MAX_BUSES,
    Kind.RETURN: slots.MAX_EFFECTS,
    Kind.MATRIX: slots.MAX_MATRICES,
    Kind.DCA: slots.DCAS,
    Kind.MUTE_GROUP: slots.MUTE_GROUPS,
    Kind.EFFECT: slots.MAX_EFFECTS,
    Kind.OUTPUT: MAX_PORTS,
}
STRIPS = (Kind.CHANNEL, Kind.BUS, Kind.RETURN, Kind.MAIN, Kind.MONO, Kind.MATRIX)
PREFIX = {kind: f"{kind}.N." if kind in HIGHEST else f"{kind}." for kind in Kind} | {Kind.DESK: ""}


class Scope(StrEnum):
    """Whether recalling a scene moves a parameter: always, only when asked for (recall-safe), or never: what is on for
    a moment is in no scene."""

    SCENE = "scene"
    SAFE = "safe"
    MOMENT = "moment"


@dataclass(frozen=True)
class Parameter:
    """A parameter of every strip, output or desk of its `kinds`.

    `name` is the path below them and, where the kernel knows it, the slot's name in `dsp.slots`. `defaults` has one
    value, or one for each number from 1 on with the last for all beyond; in a text "N" stands for the number.
    `of_kind` overrules it for single kinds. `series` is the name with a letter in place of a number, for parameters
    that are alike but for that: `send.B.level_db`. Those of `stereo_only` are there in stereo strips alone.
    """

    name: str
    type: ValueType
    defaults: tuple[Value, ...]
    about: str
    kinds: tuple[Kind, ...] = STRIPS
    safe: tuple[Kind, ...] = ()
    glide_ms: float = GLIDE_MS
    slot: bool = True
    of_kind: Mapping[Kind, Value] = field(default_factory=dict)
    series: str = ""
    moment: bool = False
    stereo_only: bool = False

    @property
    def templates(self) -> dict[Kind, str]:
        """Its path for each kind, with N where a number goes."""
        return {kind: PREFIX[kind] + self.name for kind in self.kinds}

    def scope(self, kind: Kind) -> Scope:
        """Whether a scene moves it."""
        if self.moment:
            return Scope.MOMENT
        return Scope.SAFE if kind in self.safe else Scope.SCENE

    def defaults_of(self, kind: Kind) -> tuple[Value, ...]:
        """The default of each number, the last for all beyond."""
        return (self.of_kind[kind],) if kind in self.of_kind else self.defaults

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
