"""`desk.toml`: how large the desk is and on which card it runs. Missing keys are as Pidesk ships them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import config
from dsp.arena import DeskSize
from firmware import files, paths, toml_lines
from firmware.errors import ConfigError, Problem, did_you_mean
from firmware.params import MAX_CHANNELS, Choice, Number, Text, ValueType, quoted

RATES_HZ = (44100, 48000, 88200, 96000)
PERIODS_FRAMES = tuple(range(32, 1025, 32))

KEYS: dict[str, ValueType] = {
    "size": Text(40),
    "channels": Number(1, MAX_CHANNELS, "channels"),
    "rate_hz": Choice(RATES_HZ),
    "period_frames": Choice(PERIODS_FRAMES),
    "periods": Choice((2, 3, 4)),
    "card": Text(80),
}


@dataclass(frozen=True)
class DeskConfig:
    """A desk as configured. `card` is a card's name or "auto"; inputs and outputs are the card's matter."""

    channels: int
    rate_hz: int
    period_frames: int
    periods: int
    card: str

    def size(self, inputs: int, outputs: int) -> DeskSize:
        """The desk on a card with so many inputs and outputs."""
        return DeskSize(self.channels, inputs, outputs, self.rate_hz)


def load(path: Path | None = None, size: str | None = None) -> DeskConfig:
    """The configuration in `path`, else in the user's `desk.toml`, else as shipped; `size` overrules its size.

    Raises ConfigError that lists all that is wrong.
    """
    values = _read(config.path("desk.toml"))
    own = path if path is not None else paths.config_dir() / "desk.toml"
    if path is not None or own.exists():
        values |= _read(own)
    if size is not None:
        values["channels"] = channels_of(size)
    return DeskConfig(**values)


def sizes() -> list[str]:
    """The sizes that come with Pidesk, by name."""
    return config.names("sizes")


def channels_of(size: str) -> int:
    """How many channels a named size has. Raises ConfigError."""
    if size not in sizes():
        raise ConfigError(f"There is no size {quoted(size)}: {', '.join(sizes())}.{did_you_mean(size, sizes())}")
    return int(_read(config.path(f"sizes/{size}.toml"))["channels"])


def _read(path: Path) -> dict[str, Any]:
    table, lines = toml_lines.load(path, ConfigError)
    name = files.name_of(path)
    values: dict[str, Any] = {}
    problems: list[Problem] = []

    def wrong(key: str, sentence: str) -> None:
        problems.append(Problem(name, lines.get((key,), 1), sentence))

    for key, value in table.items():
        if key not in KEYS:
            wrong(key, f"There is no {quoted(key)}.{did_you_mean(key[:80], KEYS)}")
            continue
        try:
            values[key] = _whole(KEYS[key], value)
        except ValueError as error:
            wrong(key, f"{key} = {quoted(value)} {error}.")
    if "size" in values:
        try:
            named = channels_of(values.pop("size"))
        except ConfigError as error:
            wrong("size", str(error))
        else:
            if "channels" in table:
                wrong("size", "size and channels say the same thing twice; keep one of them.")
            values["channels"] = named
    if problems:
        raise ConfigError(problems)
    return values


def _whole(kind: ValueType, value: object) -> object:
    checked = kind.check(value)
    if not isinstance(kind, Number):
        return checked
    if not isinstance(value, int):
        raise ValueError(f"is not a whole number: {kind.range_text}")  # noqa: TRY004  a wrong value in a file
    return value
