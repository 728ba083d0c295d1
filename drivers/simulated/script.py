"""A script of what hands do to a panel, one action a line, and what is wrong with it, line by line.

    fader 3 to 70 % in 80 ms
    encoder 2 by +5 at 20 detents/s
    press select 4
    press shift+scenes
    press mute 1 twice
    hold clear for 1 s
    wait 500 ms
    at 3.2 s fader main to 0 %
    unplug the ADC at 0x49
    plug the ADC at 0x49

Actions follow one another, each when the one before it is done; "at" begins one at its time from the script's start,
and what follows goes on from there. "#" begins a remark. Names are the board's: "fader 3" is fader.3, "select 4" is
select.4, and a word alone may be a key: "scenes" is key.scenes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from drivers.errors import ScriptError
from drivers.panel_config import PanelConfig

UNITS_NS = {"ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000}
PRESS_NS = 80_000_000  # how long a finger is on a key
BETWEEN_NS = 80_000_000  # from one press of two to the other
LONGEST_LINE = 200
"""Characters of one action; what is longer is not read, nor said again in an error."""
MOST_FAULTS = 20
CHORD_NS = 40_000_000  # the keys of a chord go down one after the other
DETENTS_PER_S, MOST_DETENTS_PER_S = 20.0, 1000.0

_NUMBER = r"\d+(?:\.\d+)?"
_TIME = rf"{_NUMBER}\s*(?:ms|s|min)"
FORMS = {
    "fader": (
        rf"fader (?P<name>\S+) to (?P<to>{_NUMBER})\s*%(?: in (?P<time>{_TIME}))?",
        "fader 3 to 70 % in 80 ms",
    ),
    "encoder": (
        rf"encoder (?P<name>\S+) by (?P<by>[+\-−]?\d+)(?: at (?P<rate>{_NUMBER}) detents/s)?",
        "encoder 2 by +5 at 20 detents/s",
    ),
    "press": (r"press (?P<keys>.+?)(?P<twice> twice)?", "press select 4, or press shift+scenes"),
    "hold": (rf"hold (?P<keys>.+?) for (?P<time>{_TIME})", "hold clear for 1 s"),
    "wait": (rf"wait (?P<time>{_TIME})", "wait 500 ms"),
    "unplug": (r"unplug (?:.*\s)?(?P<address>0x[0-9a-f]{1,2})", "unplug the ADC at 0x49"),
    "plug": (r"plug (?:.*\s)?(?P<address>0x[0-9a-f]{1,2})", "plug the ADC at 0x49"),
}


@dataclass(frozen=True, slots=True)
class Slide:
    """A cap goes to `to`, 0 to 1, within `over_ns`."""

    name: str
    to: float
    over_ns: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A knob turns, clockwise positive."""

    name: str
    detents: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Keys go down one after the other and come up again after `for_ns`, the last one first."""

    names: tuple[str, ...]
    for_ns: int


@dataclass(frozen=True, slots=True)
class Plug:
    """A chip is taken away, or put back."""

    address: int
    plugged: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What a line does, `at_ns` after the script's start; it is done `took_ns` later."""

    line: int
    at_ns: int
    action: Slide | Turn | Hold | Plug | None
    took_ns: int


def parse(text: str, config: PanelConfig, aliases: Mapping[str, str] | None = None) -> tuple[Step, ...]:
    """The steps of a script, in the order of their times.

    `aliases`: words for keys and chords, as "clear" for "shift+solo". Raises ScriptError with all that is wrong.
    """
    steps: list[Step] = []
    faults: list[str] = []
    reader = _Reader(config, aliases or {})
    at_ns = 0
    for number, whole in enumerate(text.splitlines(), 1):
        line = whole.split("#")[0].strip()
        if not line:
            continue
        if len(line) > LONGEST_LINE:
            faults.append(f"Line {number}: It has {len(line)} characters, an action has {LONGEST_LINE} at most.")
            continue
        try:
            begun = re.fullmatch(rf"at ({_TIME})\s*:?\s+(.+)", line, re.IGNORECASE)
            if begun:
                at_ns, line = _time_ns(begun[1]), begun[2]
            for step in reader.steps(line, number, at_ns):
                steps.append(step)
                at_ns = step.at_ns + step.took_ns
        except ScriptError as error:
            faults.append(f"Line {number}: {error}")
    if faults:
        more = [f"… and {len(faults) - MOST_FAULTS} more."] if len(faults) > MOST_FAULTS else []
        raise ScriptError("\n".join((*faults[:MOST_FAULTS], *more)))
    return tuple(sorted(steps, key=lambda step: step.at_ns))


def _time_ns(text: str) -> int:
    number, unit = re.fullmatch(rf"({_NUMBER})\s*([a-z]+)", text.lower()).groups()  # type: ignore[union-attr]
    return round(float(number) * UNITS_NS[unit])


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f" Did you mean “{near[0]}”?" if near else ""


class _Reader:
    """Lines into steps, for one panel."""

    def __init__(self, config: PanelConfig, aliases: Mapping[str, str]) -> None:
        self._faders = [fader.name for fader in config.faders]
        self._encoders = [encoder.name for encoder in config.encoders]
        self._buttons = [button.name for button in config.buttons]
        self._addresses = {chip.address for chip in config.chips}
        if config.display is not None:
            self._addresses.add(config.display.address)
        self._aliases = aliases

    def steps(self, line: str, number: int, at_ns: int) -> list[Step]:
        """What a line does: one step, or two for a double press."""
        verb = line.split(maxsplit=1)[0].lower()
        if verb not in FORMS:
            raise ScriptError(f"No hand can “{verb}”: it can {', '.join(FORMS)}.{_near(verb, FORMS)}")
        pattern, example = FORMS[verb]
        found = re.fullmatch(pattern, re.sub(r"\s+", " ", line), re.IGNORECASE)
        if found is None:
            raise ScriptError(f"“{line}” is not how it is said: write “{example}”.")
        make: Callable[[re.Match[str], int, int], list[Step]] = getattr(self, f"_{verb}")
        return make(found, number, at_ns)

    def _fader(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        percent = float(found["to"])
        if percent > 100.0:
            raise ScriptError(f"A fader goes from 0 to 100 %, not to {found['to']} %.")
        over_ns = _time_ns(found["time"]) if found["time"] else 0
        name = self._named("fader", found["name"], self._faders)
        return [Step(number, at_ns, Slide(name, percent / 100.0, over_ns), over_ns)]

    def _encoder(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        detents, per_s = int(found["by"].replace("−", "-")), float(found["rate"] or DETENTS_PER_S)
        if not 0.0 < per_s <= MOST_DETENTS_PER_S:
            raise ScriptError(f"A hand turns up to {MOST_DETENTS_PER_S:.0f} detents/s, not {found['rate']}.")
        name = self._named("encoder", found["name"], self._encoders)
        return [Step(number, at_ns, Turn(name, detents, per_s), round(abs(detents) / per_s * 1e9))]

    def _press(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        hold = Hold(self._chord(found["keys"]), PRESS_NS)
        took_ns = self._took_ns(hold)
        steps = [Step(number, at_ns, hold, took_ns)]
        if found["twice"]:
            steps.append(Step(number, at_ns + took_ns + BETWEEN_NS, hold, took_ns))
        return steps

    def _hold(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        hold = Hold(self._chord(found["keys"]), _time_ns(found["time"]))
        return [Step(number, at_ns, hold, self._took_ns(hold))]

    def _wait(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        return [Step(number, at_ns, None, _time_ns(found["time"]))]

    def _unplug(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        return [Step(number, at_ns, Plug(self._address(found["address"]), plugged=False), 0)]

    def _plug(self, found: re.Match[str], number: int, at_ns: int) -> list[Step]:
        return [Step(number, at_ns, Plug(self._address(found["address"]), plugged=True), 0)]

    @staticmethod
    def _took_ns(hold: Hold) -> int:
        """Until the last finger is up and the contact has rested."""
        return hold.for_ns + 2 * CHORD_NS * (len(hold.names) - 1) + CHORD_NS

    @staticmethod
    def _named(kind: str, word: str, known: list[str]) -> str:
        name = f"{kind}.{word.lower()}"
        if name not in known:
            raise ScriptError(f"The panel has no {kind} “{word}”: there is {', '.join(known) or 'none'}.")
        return name

    def _chord(self, keys: str) -> tuple[str, ...]:
        said = " ".join(keys.lower().split())
        said = self._aliases.get(said, said)
        return tuple(self._button(word) for word in said.split("+"))

    def _button(self, said: str) -> str:
        name = ".".join(said.split())
        for known in (name, f"key.{name}"):
            if known in self._buttons:
                return known
        near = _near(name, [*self._buttons, *(button.removeprefix("key.") for button in self._buttons)])
        raise ScriptError(f"The panel has no button “{said.strip()}”.{near}")

    def _address(self, said: str) -> int:
        address = int(said, 16)
        if address not in self._addresses:
            have = ", ".join(f"0x{one:02X}" for one in sorted(self._addresses)) or "none"
            raise ScriptError(f"The panel has no chip at {said}: there is {have}.")
        return address
