"""What a board's hands are on: faders, encoders, buttons and lights, each checked where it stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drivers.card_profile import CardProfile
from drivers.panel_config import ADC_CHANNELS, EDGES_PER_DETENT, Analog, Button, Encoder, Light
from firmware.errors import did_you_mean
from firmware.params import quoted
from firmware.surface import chips
from firmware.surface.board_source import Source, line_number
from firmware.surface.header import LINES
from firmware.surface.roles import ROLES
from firmware.toml_lines import Keys

SECTIONS = {
    "faders": "fader", "encoders": "encoder", "push": "push", "select": "select", "mute": "mute", "keys": "key",
    "foot": "foot", "lights": "light",
}  # fmt: skip
BUTTONS = ("push", "select", "mute", "keys", "foot")
CARD_BUTTON = "card.button"
_ASIDE = {"faders": "supply", "encoders": "edges_per_detent"}  # no roles
_FIT = {"fader": tuple(ADC_CHANNELS), "button": ("mcp23017",), "light": tuple(chips.LIGHT_PLACES)}
_WAYS = {
    "fader": 'the channels of a converter: "adc1.0-3"',
    "button": f'GPIO lines from 2 to {LINES - 1} or pins of an expander: 17, "exp1.A0-A6"',
    "light": 'the places of a light driver: "leds.0-7"',
}
_PLACE = re.compile(r"(\w+)\.([AB]?\d{1,3})(?:-([AB]?\d{1,3}))?", re.ASCII)
_RANGE = re.compile(r"(.*?)(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a control hangs; `chip` is empty for a GPIO line."""

    chip: str
    number: int


class Controls:
    """Reads the controls of a board whose chips are of these `kinds`, by name. `own_button`: the one that is the
    card's own."""

    def __init__(self, source: Source, kinds: dict[str, str], card: CardProfile | None) -> None:
        self._source = source
        self._kinds = kinds
        self._card_button = card.button_gpio if card is not None else -1
        self.own_button = ""
        self.faders = tuple(Analog(name, p.chip, p.number) for name, p in self._pairs("faders", "fader"))
        self.supply = self._supply()
        self.encoders = tuple(self._encoders())
        buttons = [pair for section in BUTTONS for pair in self._pairs(section, "button")]
        self.buttons = tuple(Button(name, p.number, p.chip) for name, p in buttons if p.chip or p.number >= 0)
        self.lights = tuple(self._lights())

    def _entries(self, section: str) -> Iterator[tuple[list[str], Keys, Any]]:
        """The names each entry of a section binds, where it stands, and what it says."""
        kind = SECTIONS[section]
        if section == "faders" and self._source.value(section) is False:
            return  # none, and said so
        for keys, given in _leaves((section,), self._source.section(section)):
            written = ".".join(keys[1:])
            if written == _ASIDE.get(section):
                continue
            found = _RANGE.fullmatch(written)
            words = [f"{found[1]}{n}" for n in range(int(found[2]), int(found[3]) + 1)] if found else [written]
            names = [f"{kind}.{word}" for word in words]
            if not names or any(name not in ROLES[kind] for name in names):
                there = ", ".join(_gathered(ROLES[kind]))
                near = did_you_mean(written, [role.partition(".")[2] for role in ROLES[kind]])
                self._source.wrong(keys, f"[{section}] has no {quoted(written)}; it can have {there}.{near}")
                continue
            for name in names:
                if name in self._source.at:
                    other = self._source.line_of(self._source.at[name])
                    also = f", also in line {other}" if other else ""
                    self._source.wrong(keys, f"{name} is bound twice{also}; take one of them out.")
                self._source.at.setdefault(name, keys)
            yield names, keys, given

    def _pairs(self, section: str, what: str) -> Iterator[tuple[str, Place]]:
        """Each name of a section with the one place it hangs on."""
        for names, keys, given in self._entries(section):
            places = self._places(keys, given, what)
            if places is not None and len(places) != len(names):
                has = f"{_count(len(names), 'control')} and {_count(len(places), 'place')}"
                self._source.wrong(keys, f"here are {has}; each control needs one of its own.")
            elif places is not None:
                yield from zip(names, places, strict=True)

    def _places(self, keys: Keys, given: object, what: str) -> list[Place] | None:
        """GPIO lines and places of chips, alone, as ranges and in lists; None where one is wrong."""
        found: list[Place] = []
        for one in given if isinstance(given, list) else [given]:
            line = line_number(one) if what == "button" else None
            read = _PLACE.fullmatch(one) if isinstance(one, str) else None
            if line is not None:
                found.append(Place("", line))
            elif one == CARD_BUTTON and what == "button":
                found.append(Place("", self._card_button))
                self.own_button = self.own_button or f"{SECTIONS[keys[0]]}.{keys[-1]}"
            elif read is None:
                self._source.wrong(keys, f"{_shown(one)} is no place here; write {_WAYS[what]}.")
                return None
            else:
                places = self._on_chip(keys, read[1], read[2], read[3] or read[2], what)
                if places is None:
                    return None
                found += places
        return found

    def _on_chip(self, keys: Keys, chip: str, first: str, last: str, what: str) -> list[Place] | None:
        kind = self._kinds.get(chip)
        if kind is None:
            near = did_you_mean(chip, self._kinds)
            self._source.wrong(keys, f"there is no chip {quoted(chip)}; name it in [chips].{near}")
            return None
        if not kind:
            return None  # the chip itself is wrong, and told where it stands
        if kind not in _FIT[what]:
            title = chips.FACTS[kind].title
            self._source.wrong(keys, f"{chip} is of the kind {title}, which takes no {what}s; write {_WAYS[what]}.")
            return None
        low, high = _number(kind, first), _number(kind, last)
        if low is None or high is None or low > high:
            span = first if first == last else f"{first}-{last}"
            has = "A0 to A6 and B0 to B6" if kind == "mcp23017" else f"0 to {chips.places(kind) - 1}"
            self._source.wrong(keys, f"{chip} has no {span}; it has {has}.")
            return None
        if kind == "mcp23017" and any(low <= pin <= high for pin in chips.OUTPUT_ONLY):
            text = f"A7 and B7 of {chip} are outputs only; take A0 to A6 and B0 to B6 for buttons."
            self._source.wrong(keys, text)
            return None
        return [Place(chip, number) for number in range(low, high + 1)]

    def _supply(self) -> Analog | None:
        section = self._source.value("faders")
        if not isinstance(section, dict) or "supply" not in section:
            return None
        keys = ("faders", "supply")
        self._source.at["supply"] = keys
        places = self._places(keys, section["supply"], "fader")
        if places is not None and len(places) != 1:
            self._source.wrong(keys, 'supply is one channel: "adc3.3".')
        return Analog("supply", places[0].chip, places[0].number) if places else None

    def _encoders(self) -> Iterator[Encoder]:
        section = self._source.section("encoders")
        edges = section.get("edges_per_detent", 4)
        if type(edges) is not int or edges not in EDGES_PER_DETENT:
            text = "edges_per_detent is 1, 2 or 4, as its data sheet says (most have 4)."
            self._source.wrong(("encoders", "edges_per_detent"), text)
            edges = 4
        for names, keys, given in self._entries("encoders"):
            lines = [line_number(one) for one in given] if isinstance(given, list) else []
            if len(names) != 1 or len(lines) != 2 or None in lines:
                text = f"an encoder hangs on two GPIO lines from 2 to {LINES - 1}, its A and its B: 1 = [5, 6]."
                self._source.wrong(keys, text)
            else:
                yield Encoder(names[0], lines[0] or 0, lines[1] or 0, edges)

    def _lights(self) -> Iterator[Light]:
        for names, keys, given in self._entries("lights"):
            places = self._places(keys, given, "light")
            if places is None:
                continue
            steps, over = divmod(len(places), len(names))
            columns = [places[n * steps : (n + 1) * steps] for n in range(len(names))]
            if over or not steps or not all(_in_a_row(column) for column in columns):
                shares = f"{_count(len(places), 'place')} cannot be shared evenly by {_count(len(names), 'light')}"
                self._source.wrong(keys, f"{shares}; give each the same number, one after the other.")
                continue
            yield from (Light(name, c[0].chip, c[0].number, steps) for name, c in zip(names, columns, strict=True))


def _in_a_row(column: list[Place]) -> bool:
    first = column[0]
    return column == [Place(first.chip, first.number + step) for step in range(len(column))]


def _leaves(keys: Keys, table: dict[str, Any]) -> Iterator[tuple[Keys, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves((*keys, key), value)
        else:
            yield (*keys, key), value


def _gathered(roles: tuple[str, ...]) -> list[str]:
    """Roles as a board writes them, numbers as a range: "1 to 8", "main"."""
    counts: dict[str, int] = {}
    for role in roles:
        word = role.partition(".")[2]
        head = word.rstrip("0123456789")
        counts[head] = int(word[len(head) :] or 0)
    return [f"{head}1 to {highest}" if highest else head for head, highest in counts.items()]


def _number(kind: str, text: str) -> int | None:
    """A place as written: A0 to B7 on an expander, a number elsewhere; None where the chip has none such."""
    if kind == "mcp23017":
        port, pin = text[0], text[1:]
        return "AB".index(port) * 8 + int(pin) if port in "AB" and pin in "01234567" and pin else None
    return int(text) if text.isdecimal() and int(text) < chips.places(kind) else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(value: object) -> str:
    return quoted(value) if isinstance(value, str | int | float) else "this"
