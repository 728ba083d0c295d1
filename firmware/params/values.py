"""The kinds of value a parameter can have. Each checks, shows, reads, and maps to the kernel's number and to travel.

`check` takes what a TOML file or a program gives and raises ValueError with the end of a sentence that starts with the
parameter's name: "is out of range: 0 to 500 ms".
"""

# ruff: noqa: D102  the kinds do what ValueType's docstrings say
# ruff: noqa: TRY004  a wrong type in a file is a wrong value for whoever reads it

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from firmware.params import taper, text
from firmware.params.taper import Taper

Value = bool | int | float | str

MAX_SHOWN = 40


def quoted(value: object) -> str:
    """A value as TOML would write it, short and safe for a terminal."""
    if isinstance(value, bool):
        shown = "true" if value else "false"
    elif isinstance(value, str):
        shown = json.dumps(value[: 2 * MAX_SHOWN])
    elif isinstance(value, dict):
        shown = "a table"
    elif isinstance(value, list):
        shown = "a list"
    elif isinstance(value, int) and abs(value) >= 10**MAX_SHOWN:
        shown = "a very long number"  # str() refuses thousands of digits
    else:
        shown = str(value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"


class ValueType:
    """What all kinds have. `choices` and `unit` are empty where they say nothing."""

    unit: str = ""
    choices: tuple[Value, ...] = ()

    @property
    def range_text(self) -> str:
        """What is possible, in words."""
        raise NotImplementedError

    def check(self, value: object) -> Value:
        """The value in its own type. Raises ValueError with a reason."""
        raise NotImplementedError

    def show(self, value: Value) -> str:
        """The value as a desk shows it."""
        raise NotImplementedError

    def read(self, typed: str) -> Value:
        """The value of what someone typed. Raises ValueError with a reason."""
        raise NotImplementedError

    def to_kernel(self, value: Value) -> float:
        """The number the kernel takes for a value."""
        raise NotImplementedError

    def from_kernel(self, number: float) -> Value:
        """The value the kernel's number stands for."""
        raise NotImplementedError

    def position(self, value: Value) -> float:
        """Where a control stands on its travel 0…1."""
        raise NotImplementedError

    def at_position(self, position: float) -> Value:
        """The value at a place 0…1 of the travel."""
        raise NotImplementedError

    def stepped(self, value: Value, clicks: int) -> Value:
        """The value so many encoder clicks away, held at the ends."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(ValueType):
    """A number from low to high. `step` is one encoder click: in the unit if the taper is linear, else in travel."""

    low: float
    high: float
    unit: str = ""
    step: float = 1.0
    taper: Taper = Taper.LINEAR

    @property
    def range_text(self) -> str:
        unit = {"pan": "(-100 is left)", ":1": ""}.get(self.unit, self.unit)
        return f"{_bare(self.low)} to {_bare(self.high)} {unit}".rstrip()

    def check(self, value: object) -> float:
        if isinstance(value, str):
            raise ValueError(f"is text: a number is needed, {self.range_text}{self._hint(value)}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"has the wrong type: a number is needed, {self.range_text}")
        if value != value:  # noqa: PLR0124  NaN is the one that differs from itself
            raise ValueError(f"is not a number: {self.range_text} is possible")
        if not self.low <= value <= self.high:
            raise ValueError(f"is out of range: {self.range_text}")
        return float(value) + 0.0  # and −0 becomes 0

    def _hint(self, typed: str) -> str:
        try:
            return f"; the name says the unit, so write {_bare(self.read(typed))} without quotes"
        except ValueError:
            return ""

    def show(self, value: Value) -> str:
        return text.show(float(value), self.unit)

    def read(self, typed: str) -> float:
        return self.check(text.read(typed, self.unit))

    def to_kernel(self, value: Value) -> float:
        return float(value)

    def from_kernel(self, number: float) -> float:
        # The kernel glides in its own scale; coming back, an end of the range may be missed by the last bit.
        return min(max(float(number), self.low), self.high) + 0.0

    def position(self, value: Value) -> float:
        return taper.to_position(self.taper, self.low, self.high, float(value))

    def at_position(self, position: float) -> float:
        return taper.to_value(self.taper, self.low, self.high, position) + 0.0

    def stepped(self, value: Value, clicks: int) -> float:
        if self.taper is not Taper.LINEAR:
            return self.at_position(self.position(value) + clicks * self.step)
        moved = round((float(value) + clicks * self.step) / self.step) * self.step
        return min(max(moved, self.low), self.high) + 0.0


def _bare(number: float) -> str:
    """A number as TOML takes it: -inf, 0.05, 20000."""
    return f"{number:.10g}" if math.isfinite(number) else str(number)


class Listed(ValueType):
    """One of `choices`; the kernel knows its index, plus `first`."""

    first = 0

    @property
    def range_text(self) -> str:
        return ", ".join(str(choice) for choice in self.choices)

    def check(self, value: object) -> Value:
        for choice in self.choices:
            if type(value) is type(choice) and value == choice:
                return choice
        if not any(type(value) is type(choice) for choice in self.choices):
            raise ValueError(f"has the wrong type: one of {self.range_text} is needed")
        raise ValueError(f"is not possible: one of {self.range_text} is needed")

    def show(self, value: Value) -> str:
        return f"{value} {self.unit}".rstrip()

    def read(self, typed: str) -> Value:
        word = typed.strip().removesuffix(self.unit).strip()
        for choice in self.choices:
            if word == str(choice):
                return choice
        raise ValueError(f'"{typed}" is not one of {self.range_text}')

    def to_kernel(self, value: Value) -> float:
        return float(self.choices.index(value) + self.first)

    def from_kernel(self, number: float) -> Value:
        index = round(number) - self.first
        return self.choices[min(max(index, 0), len(self.choices) - 1)]

    def position(self, value: Value) -> float:
        return self.choices.index(value) / (len(self.choices) - 1)

    def at_position(self, position: float) -> Value:
        last = len(self.choices) - 1
        return self.choices[round(min(max(position, 0.0), 1.0) * last)]

    def stepped(self, value: Value, clicks: int) -> Value:
        index = self.choices.index(value) + clicks
        return self.choices[min(max(index, 0), len(self.choices) - 1)]


@dataclass(frozen=True)
class Choice(Listed):
    """One of a few words or whole numbers, in the order of the kernel's indices."""

    choices: tuple[Value, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Switch(Listed):
    """On or off; true and false in files."""

    choices: tuple[Value, ...] = (False, True)

    @property
    def range_text(self) -> str:
        return "true or false"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError("has the wrong type: true or false is needed")
        return value

    def show(self, value: Value) -> str:
        return "on" if value else "off"

    def read(self, typed: str) -> bool:
        word = typed.strip().lower()
        if word not in ("on", "off", "true", "false"):
            raise ValueError(f'"{typed}" is neither on nor off')
        return word in ("on", "true")


@dataclass(frozen=True)
class Text(ValueType):
    """A few printable characters on one line. The kernel knows nothing of it."""

    longest: int = 24

    @property
    def range_text(self) -> str:
        return f"up to {self.longest} characters"

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("has the wrong type: text in quotes is needed")
        if len(value) > self.longest:
            raise ValueError(f"is too long: {self.range_text}")
        if not value.isprintable():
            raise ValueError("contains a character that cannot be shown")
        return value

    def show(self, value: Value) -> str:
        return str(value)

    def read(self, typed: str) -> str:
        return self.check(typed)
