"""What hands do to a panel, as its drivers report it, and how its chips are. Times are CLOCK_MONOTONIC in ns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Slid:
    """A converter was read: `ratio` of the wiper's voltage to the pots' supply, 0 to 1, as it is: neither filtered nor
    calibrated. One for each fader and scan, moved or not."""

    at_ns: int
    name: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Turned:
    """An encoder went `detents` on: positive is clockwise."""

    at_ns: int
    name: str
    detents: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button went down or came up, debounced."""

    at_ns: int
    name: str
    down: bool


Happened = Slid | Turned | Pressed


class Health(Enum):
    """How a chip is."""

    GOOD = "good"
    LOST = "lost"
    """It does not answer: its last values are held, and it is asked again from time to time."""


@dataclass(frozen=True, slots=True)
class ChipState:
    """A chip by its name on the board. `errors`: transfers that failed, `since_ns`: since when it is so."""

    name: str
    health: Health
    errors: int
    since_ns: int
    reason: str = ""
