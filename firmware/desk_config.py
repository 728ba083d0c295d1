"""`desk.toml`: how large the desk is, what is stereo on it, and on which card it runs. Missing keys are as shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config
from dsp import slots
from dsp.size import DeskSize
from firmware import files, paths, toml_lines
from firmware.desk_model import DeskModel
from firmware.desk_places import Pair, count_of, counted, pair_of
from firmware.errors import ConfigError, ParameterError, Problem, did_you_mean
from firmware.params import MAX_CHANNELS, MAX_PLAYS, STRIP, Choice, Kind, Number, Text, Value, ValueType, needs, quoted
from firmware.params.lookup import NUMBER
from firmware.scene_check import shown

RATES_HZ = (44100, 48000, 88200, 96000)
PERIODS_FRAMES = tuple(range(32, 1025, 32))
COUNTS: dict[str, Number] = {
    "channels": Number(1, MAX_CHANNELS, "channels"),
    "buses": Number(0, slots.MAX_BUSES, "buses"),
    "effects": Number(0, slots.MAX_EFFECTS, "effects"),
    "matrices": Number(0, slots.MAX_MATRICES, "matrices"),
}
# What a card with two outputs carries: the sources of output 1 and 2, and how loud each may become.
TWO_OUTPUTS: dict[str, dict[str, Value]] = {
    "mains": {},
    "mono_and_phones": {
        "output.1.source": "main.sum",
        "output.2.source": "monitor.sum",
        "output.2.ceiling_dbfs": -12.0,
    },
    "monitor": {
        "output.1.source": "monitor.l",
        "output.2.source": "monitor.r",
        "output.1.ceiling_dbfs": -12.0,
        "output.2.ceiling_dbfs": -12.0,
    },
}
KEYS: dict[str, ValueType] = {
    "size": Text(40),
    **COUNTS,
    "rate_hz": Choice(RATES_HZ),
    "period_frames": Choice(PERIODS_FRAMES),
    "periods": Choice((2, 3, 4)),
    "card": Text(80),
    "board": Text(80),
    "two_outputs": Choice(tuple(TWO_OUTPUTS)),
    "plays": Number(0, MAX_PLAYS, "playback channels"),
    "play": Text(400),
}
_STRIP_KEYS = {parameter.name: parameter.type for parameter in STRIP if parameter.name in ("name", "colour", "source")}
_NAMED = {Kind.CHANNEL: MAX_CHANNELS, Kind.BUS: slots.MAX_BUSES, Kind.MATRIX: slots.MAX_MATRICES}


@dataclass(frozen=True)
class DeskConfig:
    """A desk as configured. `card` is a card's name or "auto"; inputs and outputs are the card's matter. `board`: the
    panel's, by name; "" without a panel. `plays`: None for as many playback channels as the stems need. `strips`: what
    its strips are called, coloured and hear where a scene does not say. `order`: the channels that hands find first,
    from left to right."""

    channels: int
    buses: int
    effects: int
    matrices: int
    rate_hz: int
    period_frames: int
    periods: int
    card: str
    two_outputs: str = "mains"
    board: str = ""
    plays: int | None = None
    play: str = ""
    stereo: tuple[Pair, ...] = ()
    order: tuple[int, ...] = ()
    strips: Mapping[str, Value] = field(default_factory=dict)

    def size(self, inputs: int, outputs: int) -> DeskSize:
        """The desk on a card with so many inputs and outputs."""
        plays = self.plays or 0
        return DeskSize(self.channels, inputs, outputs, self.rate_hz, self.buses, self.effects, self.matrices, plays)

    def model(self, size: DeskSize) -> DeskModel:
        """The desk of that size at its defaults; strips beyond the card's inputs hear the playback channels."""
        stereo = [(kind, number) for kind, number in self.stereo if number < count_of(kind, size)]
        own: dict[str, Value] = {}
        for n in range(size.inputs + 1, min(size.channels, size.inputs + size.plays) + 1):
            play = n - size.inputs
            pair = (Kind.CHANNEL, n) in stereo and play < size.plays
            own[f"channel.{n}.source"] = f"play.{play}+{play + 1}" if pair else f"play.{play}"
        if size.outputs == 2:
            own |= TWO_OUTPUTS[self.two_outputs]
        order = [number for number in self.order if number <= size.channels]
        return DeskModel(size, stereo, own | dict(self.strips), order)


def load(path: Path | None = None, size: str | None = None) -> DeskConfig:
    """The configuration in `path`, else in the user's `desk.toml`, else as shipped; `size` overrules its size.

    Raises ConfigError that lists all that is wrong.
    """
    values = _read(config.path("desk.toml"), {})
    own = path if path is not None else paths.config_dir() / "desk.toml"
    if path is not None or own.exists():
        values |= _read(own, values)
    if size is not None:
        values |= counts_of(size)
    return DeskConfig(**values)


def sizes() -> list[str]:
    """The sizes that come with Pidesk, by name."""
    return config.names("sizes")


def counts_of(size: str) -> dict[str, int]:
    """How many channels, buses, effects and matrices a named size has. Raises ConfigError."""
    if size not in sizes():
        raise ConfigError(f"There is no size {quoted(size)}: {', '.join(sizes())}.{did_you_mean(size, sizes())}")
    table, _ = toml_lines.load(config.path(f"sizes/{size}.toml"), ConfigError)
    return {key: int(table[key]) for key in COUNTS}


def _read(path: Path, base: Mapping[str, Any]) -> dict[str, Any]:
    return _Reader(path, base).values()


class _Reader:
    """One file, all its problems at once. `base` is what holds where it is silent."""

    def __init__(self, path: Path, base: Mapping[str, Any]) -> None:
        self._base = base
        self._table, self._lines = toml_lines.load(path, ConfigError)
        self._name = files.name_of(path)
        self._problems: list[Problem] = []
        self._wrong: set[str] = set()
        self._values: dict[str, Any] = {}

    def wrong(self, keys: toml_lines.Keys, sentence: str) -> None:
        line = next((self._lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self._lines), 1)
        self._wrong.add(keys[0])
        self._problems.append(Problem(self._name, line, sentence))

    def values(self) -> dict[str, Any]:
        """What the file says, by the fields of DeskConfig. Raises ConfigError."""
        strips: dict[str, Value] = {}
        for key, value in self._table.items():
            if key in _NAMED:
                strips |= self.strips(key, value)
            elif key == "stereo":
                self._values[key] = self.stereo(key, value)
            elif key == "order":
                self._values[key] = self.order(key, value)
            elif key in KEYS:
                self.plain(key, value)
            else:
                known = [*KEYS, "stereo", "order", *_NAMED]
                self.wrong((key,), f"There is no {quoted(key)}.{did_you_mean(key[:80], known)}")
        if strips:
            self._values["strips"] = strips
        self.size()
        if {*COUNTS, "size"}.isdisjoint(self._wrong):  # else nobody knows how large the desk is
            self.belongs_together()
        if self._problems:
            raise ConfigError(self._problems)
        return self._values

    def plain(self, key: str, value: object) -> None:
        try:
            self._values[key] = _whole(KEYS[key], value)
        except ValueError as error:
            self.wrong((key,), f"{key} = {quoted(value)} {error}.")

    def size(self) -> None:
        if "size" not in self._values:
            return
        try:
            named = counts_of(self._values.pop("size"))
        except ConfigError as error:
            self.wrong(("size",), str(error))
            return
        twice = [key for key in COUNTS if key in self._table]
        if twice:
            self.wrong(("size",), f"size and {' and '.join(twice)} say the same thing twice; keep one of them.")
        self._values |= named

    def stereo(self, key: str, value: object) -> tuple[Pair, ...]:
        pairs: list[Pair] = []
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self.wrong((key,), 'stereo is a list of strips: ["channel.1", "bus.3"] joins 1 with 2 and 3 with 4.')
            return ()
        for name in value:
            try:
                pair = pair_of(name)
            except ParameterError as error:
                self.wrong((key,), f"stereo: {error}")
                continue
            if pair[1] % 2 == 0:
                self.wrong((key,), f"stereo: {name} is a right side; name the left one, {pair[0]}.{pair[1] - 1}.")
            else:
                pairs.append(pair)
        return tuple(dict.fromkeys(pairs))

    def order(self, key: str, value: object) -> tuple[int, ...]:
        whole = isinstance(value, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
        if not whole or len(set(value)) != len(value):  # type: ignore[arg-type,call-overload]
            self.wrong((key,), "order is a list of channels, each once: [3, 1, 2] puts channel 3 first.")
            return ()
        there = [n for n in value if 1 <= n <= MAX_CHANNELS]  # type: ignore[attr-defined]
        for n in value:  # type: ignore[attr-defined]
            if n not in there:
                self.wrong((key,), f"order: there is no channel.{quoted(n)}: they are numbered 1 to {MAX_CHANNELS}.")
        return tuple(there)

    def strips(self, key: str, value: object) -> dict[str, Value]:
        found: dict[str, Value] = {}
        if not isinstance(value, dict):
            self.wrong((key,), f'{key} is a table of strips: [{key}.1] with name = "…".')
            return found
        highest = _NAMED[Kind(key)]
        for number, strip in value.items():
            if not NUMBER.fullmatch(number) or int(number) > highest:
                there = f"they are numbered {key}.1 to {key}.{highest}"
                self.wrong((key, number), f"There is no {shown((key, number))}: {there}.")
                continue
            if not isinstance(strip, dict):
                self.wrong((key, number), f'{key}.{number} is a table: [{key}.{number}] with name = "…".')
                continue
            for name, given in strip.items():
                if name not in _STRIP_KEYS or (name == "source" and key != Kind.CHANNEL):
                    has = "a name, a colour and a source" if key == Kind.CHANNEL else "a name and a colour"
                    self.wrong((key, number, name), f"{key}.{number} has {has} here, no {quoted(name)}.")
                    continue
                try:
                    found[f"{key}.{number}.{name}"] = _STRIP_KEYS[name].check(given)
                except ValueError as error:
                    self.wrong((key, number, name), f"{key}.{number}.{name} = {quoted(given)} {error}.")
        return found

    def belongs_together(self) -> None:
        """What can only be seen with all counts known: pairs, an order and strips beyond them, right sides."""
        counts = [int({**self._base, **self._values}[key]) for key in COUNTS]
        size = DeskSize(counts[0], 1, 1, 48000, *counts[1:])
        stereo = self._values.get("stereo", ())
        for kind, number in stereo:
            if number + 1 > count_of(kind, size):
                self.wrong(("stereo",), f"stereo: this desk has {_of(kind, size)}, no {kind}.{number + 1}.")
        for number in self._values.get("order", ()):
            if number > size.channels:
                self.wrong(("order",), f"order: this desk has {_of(Kind.CHANNEL, size)}, no channel.{number}.")
            elif number % 2 == 0 and (Kind.CHANNEL, number - 1) in stereo:
                self.wrong(("order",), f"order: channel.{number} is the right side of channel.{number - 1}.")
        for path, value in self._values.get("strips", {}).items():
            word, text, name = path.split(".")
            kind, number = Kind(word), int(text)
            needed = needs(value) if name == "source" else None
            if number > count_of(kind, size):
                self.wrong((word, text), f"This desk has {_of(kind, size)}, no {word}.{text}.")
            elif number % 2 == 0 and (kind, number - 1) in stereo:
                self.wrong((word, text), f"{word}.{text} is the right side of {word}.{number - 1}: name that one.")
            elif needed is not None and (needed.stereo or needed.word == "fx") and (kind, number) not in stereo:
                self.wrong((word, text, name), f"{path} = {quoted(value)} has two sides; name {word}.{text} in stereo.")


def _of(kind: Kind, size: DeskSize) -> str:
    return counted(count_of(kind, size), kind)


def _whole(kind: ValueType, value: object) -> object:
    checked = kind.check(value)
    if not isinstance(kind, Number):
        return checked
    if not isinstance(value, int):
        raise ValueError(f"is not a whole number: {kind.range_text}")  # noqa: TRY004  a wrong value in a file
    return value
