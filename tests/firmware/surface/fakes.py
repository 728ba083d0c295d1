"""A desk without an engine, a panel without chips, pages without pictures: what the surface is tried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL.Image import Image

from drivers.panel_events import ChipState, Happened, Health, Pressed, Slid, Turned
from dsp.size import DeskSize
from firmware import scene
from firmware.desk_model import DeskModel
from firmware.params import Value
from firmware.scene import Scene
from firmware.shared import Shared
from firmware.solos import Solos
from firmware.status import Meters
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.roles import BUTTONS, FADERS, ROLES
from firmware.surface.settings import Settings
from firmware.surface.setup import Setup
from firmware.surface.surface import Surface
from firmware.surface.view import Field, PageName, View

SIZE = DeskSize(16, 4, 4, 48000, buses=8, effects=2, matrices=2)
SCAN_NS = 9_000_000


def full() -> Setup:
    """The reference panel: everything there is."""
    return Setup(FADERS, ROLES["encoder"], BUTTONS, frozenset(ROLES["light"]), settings=Settings(saver_minutes=0))


class Playback:
    """What was asked of it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def do(self, action: str, at_s: float = 0.0) -> None:
        assert at_s == 0.0
        self.done.append(action)

    def status(self) -> dict[str, Any]:
        return {"playing": self.done[-1:] != ["stop"]}


class NoMeters:
    """An engine that is always writing, or what was put here."""

    now: Meters | None = None

    def read(self) -> Meters | None:
        return self.now


class Desk:
    """The model, and what was set on it in order: path, value, over_ms."""

    def __init__(self, size: DeskSize = SIZE, order: tuple[int, ...] = ()) -> None:
        self.model = DeskModel(size, order=order)
        self.solos = Solos(self)
        self.meters = NoMeters()
        self.playback: Playback | None = Playback()
        self.shared: Shared | None = None
        self.scene = ""
        self.told: list[tuple[str, Value, float | None]] = []

    def set(self, path: str, value: object, over_ms: float | None = None) -> Value:
        checked = self.model.set(path, value)
        self.told.append((path, checked, over_ms))
        self.solos.seen(path, checked)
        return checked

    def apply(self, loaded: Scene, name: str, everything: bool = False, at: int = 0) -> list[str]:
        assert at == 0
        changes, told = scene.plan_recall(self.model, loaded, everything)
        self.model.values.update(changes)
        self.scene = name
        return told

    def mute_all(self) -> None:
        self.set("main.lr.mute", True, 50.0)
        self.set("monitor.level_db", float("-inf"), 50.0)


class Panel:
    """What hands did and is not yet taken; what is lit."""

    def __init__(self) -> None:
        self.happened: list[Happened] = []
        self.chips: dict[str, Health] = {}
        self.since_ns: dict[str, int] = {}
        self.lit: dict[str, float] = {}
        self.lights_sent = 0
        self.contrasts: list[int] = []

    def take(self) -> list[Happened]:
        taken, self.happened = self.happened, []
        return taken

    def states(self) -> list[ChipState]:
        return [ChipState(name, health, 0, self.since_ns.get(name, 0)) for name, health in self.chips.items()]

    def light(self, name: str, level: float) -> None:
        self.lights_sent += 1
        self.lit[name] = level

    def show(self, image: Image) -> None:
        raise AssertionError(f"the surface draws nothing itself: {image}")

    def contrast(self, level: int) -> None:
        self.contrasts.append(level)


def _page(name: PageName, *parts: tuple[str, ...]) -> Page:
    def fields(model: DeskModel, strip: str, part: int) -> tuple[Field, ...]:
        paths = [path.replace("{}", strip) for path in parts[part]]
        return tuple(Field(path if path in model.places else "", path.rpartition(".")[2]) for path in paths)

    def picture(_ink: Ink, _box: Box, _view: View) -> None:
        raise AssertionError("nothing is drawn here")

    return Page(name, name.value, lambda _model, _strip: len(parts), fields, picture)


PAGES = {
    PageName.GAIN: _page(PageName.GAIN, ("{}.trim_db", "{}.polarity_invert", "{}.hpf.freq_hz", "{}.source")),
    PageName.EQ: _page(
        PageName.EQ,
        *((f"{{}}.eq.band.{n}.freq_hz", f"{{}}.eq.band.{n}.gain_db", f"{{}}.eq.band.{n}.q") for n in range(1, 7)),
    ),
    PageName.MONITOR: _page(PageName.MONITOR, ("monitor.level_db", "monitor.source", "", "monitor.dim")),
    PageName.SCENES: _page(PageName.SCENES, ()),
    PageName.SETUP: _page(PageName.SETUP, (), ("output.1.ceiling_dbfs",), ("output.2.ceiling_dbfs",)),
}


class Hands:
    """A surface on fakes, and hands on it. Time goes by scan; every fader is read in each."""

    def __init__(
        self, setup: Setup | None = None, desk: Desk | None = None, at: Mapping[str, float] | float = 0.0
    ) -> None:
        self.desk = desk or Desk()
        self.panel = Panel()
        self.setup = setup = setup or full()
        self.now_ns = 1_000_000_000
        self.surface = Surface(self.desk, self.panel, setup, lambda: self.now_ns, PAGES)
        self.wipers = {name: at if isinstance(at, float) else at.get(name, 0.0) for name in setup.faders}
        self.scan(6)
        self.desk.told.clear()

    def scan(self, count: int = 1) -> None:
        """So many scans go by."""
        for _ in range(count):
            self.now_ns += SCAN_NS
            for name, ratio in self.wipers.items():
                chips = (self.setup.chip_of.get(name, ""), self.setup.supply_of.get(name, ""))
                if not any(self.panel.chips.get(chip) is Health.LOST for chip in chips):
                    self.panel.happened.append(Slid(self.now_ns, name, ratio))
            self.surface.tick(self.now_ns)

    def wait_s(self, seconds: float) -> None:
        self.scan(round(seconds * 1e9 / SCAN_NS) + 1)

    def slide(self, name: str, to: float, scans: int = 1, rest: int = 40) -> None:
        """Move a fader to a ratio in so many scans, and let it rest."""
        start = self.wipers[name]
        for k in range(1, scans + 1):
            self.wipers[name] = start + (to - start) * k / scans
            self.scan()
        self.scan(rest)

    def turn(self, name: str, detents: int, every_ms: float = 100.0) -> None:
        """Turn an encoder detent by detent."""
        for _ in range(abs(detents)):
            self.now_ns += int(every_ms * 1e6)
            self.panel.happened.append(Turned(self.now_ns, name, 1 if detents > 0 else -1))
            self.surface.tick(self.now_ns)

    def key(self, name: str, down: bool) -> None:
        self.now_ns += 1_000_000
        self.panel.happened.append(Pressed(self.now_ns, name, down))
        self.surface.tick(self.now_ns)

    def press(self, name: str, seconds: float = 0.05) -> None:
        """Press a button and let it go."""
        self.key(name, True)
        self.wait_s(seconds)
        self.key(name, False)

    def shifted(self, name: str, seconds: float = 0.05) -> None:
        self.key("key.shift", True)
        self.press(name, seconds)
        self.key("key.shift", False)

    def apart(self) -> None:
        """Long enough for the next press to be no double one, and the next move to be a gesture of its own."""
        self.wait_s(1.1)

    @property
    def view(self) -> View:
        return self.surface.view()

    def get(self, path: str) -> Value:
        return self.desk.model.values[path]
