"""The panel's faders: what each one reads, what it holds, and the level that it moves."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.panel_events import Slid
from firmware.params import Number
from firmware.surface.changes import Changes
from firmware.surface.fader import Fader
from firmware.surface.layers import Bank
from firmware.surface.pickup import GLIDE_MS, Takeover
from firmware.surface.ports import DeskPort
from firmware.surface.setup import Setup
from firmware.surface.state import State
from firmware.surface.steps import rounded
from firmware.surface.words import strip_of, title

MAIN = "fader.main"
MAIN_PATH = "main.lr.fader_db"
ADOPT_MS = 2000.0
"""From the first tick of the very first start. A converter that comes later has faders like any others."""


class Faders:
    """All of them. What they move can be undone."""

    def __init__(self, setup: Setup, desk: DeskPort, bank: Bank, state: State, changes: Changes) -> None:
        self._desk, self._bank, self._state, self._changes = desk, bank, state, changes
        self._faders = {name: Fader(*setup.calibration.get(name, (0.0, 1.0))) for name in setup.faders}
        self._takeovers = {name: Takeover() for name in setup.faders}
        self._to_adopt = set(setup.faders) if setup.adopt else set[str]()
        self._adopt_until_ns: int | None = None
        self._began_muted = False
        self._away_until_ns = dict.fromkeys(setup.faders, 0)
        bank.changed = self.let_go

    def tick(self, now_ns: int) -> None:
        """Time goes on. Parameters take the faders' places for `ADOPT_MS`, and only until the mains are opened: then a
        fader that nobody touches must not be heard."""
        if not self._to_adopt:
            return
        muted = self._desk.model.values["main.lr.mute"] is True
        if self._adopt_until_ns is None:
            self._adopt_until_ns, self._began_muted = now_ns + int(ADOPT_MS * 1e6), muted
        elif now_ns >= self._adopt_until_ns or (self._began_muted and not muted):
            self._to_adopt.clear()

    def slid(self, event: Slid) -> bool:
        """A reading; True when a hand moved the fader."""
        fader = self._faders.get(event.name)
        if fader is None or event.at_ns < self._away_until_ns[event.name]:
            return False
        if not fader.update(event.at_ns, event.ratio) or fader.position is None:
            return False
        return self._moved(event.name, fader.position, event.at_ns)

    def _moved(self, name: str, position: float, at_ns: int) -> bool:
        takeover, path, values = self._takeovers[name], self.path(name), self._desk.model.values
        if takeover.at is None:  # the first reading is no movement
            takeover.at = position
            if name in self._to_adopt and path:
                self._to_adopt.discard(name)
                self._set(name, path, position, "", at_ns)
            return False
        if not path:
            takeover.let_go()
            takeover.at = position
            return True
        value = values[path]
        wanted = self._desk.model.places[path].parameter.type.position(value)
        label = self.label(path)
        holds = takeover.move(position, path, value, wanted)
        if holds:
            self._set(name, path, position, label, at_ns)
        self._state.touch(path, label, "" if holds else name)
        return True

    def _set(self, name: str, path: str, position: float, label: str, at_ns: int) -> None:
        model, takeover = self._desk.model, self._takeovers[name]
        kind = model.places[path].parameter.type
        assert isinstance(kind, Number)
        value = rounded(kind, kind.at_position(position))
        taken = value
        if value != model.values[path]:
            done = self._changes.set(path, value, f"{name} {path}", label, at_ns, GLIDE_MS)
            if done is None:
                takeover.let_go()
                return
            assert isinstance(done, float)
            taken = done
        takeover.keep(path, taken)

    def path(self, name: str) -> str:
        """The path of the level that a fader moves; empty: none."""
        if name == MAIN:
            return MAIN_PATH
        place = int(name.rpartition(".")[2]) - 1
        return self._bank.slots[place].path if place < self._bank.width else ""

    def label(self, path: str) -> str:
        """What a level is called: "Kick fader", "Kick to Bus 3"."""
        model = self._desk.model
        strip = strip_of(model, path) or path.rpartition(".")[0]
        rest = path.removeprefix(f"{strip}.")
        word, _, number = rest.partition(".")
        to = {"send": "bus", "matrix": "matrix"}.get(word)
        if to is None:
            return f"{title(model, strip)} fader"
        there = f"{to}.{number.partition('.')[0]}"
        return f"{title(model, strip)} to {title(model, there)}"

    def at(self, name: str) -> float:
        """Where a fader stands, 0 to 1."""
        return self._takeovers[name].at or 0.0

    def let_go(self) -> None:
        """Something else lies under the faders now."""
        for takeover in self._takeovers.values():
            takeover.let_go()

    def lost(self, names: Iterable[str], until_ns: int) -> None:
        """These faders do not answer, or did not until then: whatever they did meanwhile, they have to pick up again.
        What was read of them before tells nothing any more."""
        for name in names:
            self._faders[name].forget()
            self._takeovers[name].let_go(away=True)
            self._away_until_ns[name] = max(self._away_until_ns[name], until_ns)
