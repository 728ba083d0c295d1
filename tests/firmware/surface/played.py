"""Hands that play a script on the chips of a board, and what the desk and the display make of it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from PIL.Image import Image

from drivers.card_profile import CardProfile
from drivers.simulated.clock import VirtualClock
from drivers.simulated.hands import Hands
from drivers.simulated.panel import simulated_panel
from drivers.simulated.script import parse
from drivers.simulated.world import World
from firmware import scene
from firmware.params import Value
from firmware.surface import board_file, screen
from firmware.surface.settings import Settings
from firmware.surface.setup import Setup
from firmware.surface.surface import Surface
from firmware.surface.view import View
from tests.firmware.surface.fakes import Desk

S = 1_000_000_000


class Played:
    """A desk at a scene under a board's simulated panel, in the time of its buses. `told`: what was set on the desk and
    when, in ns from the beginning; `shown`: where `frames` asks for it, what the display is given, twenty times a
    second."""

    def __init__(
        self, board: str, scene_name: str = "flat", *, card: CardProfile | None = None, frames: bool = False
    ) -> None:
        self.config = board_file.load(board, card).panel
        self.clock = VirtualClock(S)
        self.world = World(self.config)
        self.panel = simulated_panel(self.config, self.world, clock=self.clock)
        self.panel.open()
        self.desk = Desk()
        scene.apply(self.desk.model, scene.load(scene.find(scene_name)))
        self.before = dict(self.desk.model.values)
        self.setup = Setup.of(self.config, settings=Settings(saver_minutes=0))
        self.surface = Surface(self.desk, self.panel, self.setup, self.clock.now_ns)
        self.told: list[tuple[int, str, Value, float | None]] = []
        self.shown: list[tuple[int, Image]] = []
        self._frames = frames
        self._start_ns = 0
        self._run(S // 10)
        self._start_ns = self.clock.now_ns()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.surface.close()
        self.panel.close()

    def play(self, script: str, rest_s: float = 0.1) -> None:
        """Play it to its end, and rest."""
        hands = Hands(parse(script, self.config), self.world, self.panel.plug)
        hands.act_until(self.clock.now_ns())
        self._run(hands.length_ns + round(rest_s * S), hands)

    def file(self, path: Path) -> None:
        """Play the script in a file."""
        self.play(path.read_text("utf-8"), rest_s=1.0)

    def get(self, path: str) -> Value:
        return self.desk.model.values[path]

    @property
    def view(self) -> View:
        return self.surface.view()

    def changed(self) -> dict[str, Value]:
        """What is not as the scene had it."""
        return {path: value for path, value in self.desk.model.values.items() if value != self.before[path]}

    def _run(self, for_ns: int, hands: Hands | None = None) -> None:
        end_ns = self.clock.now_ns() + for_ns
        while self.clock.now_ns() < end_ns:
            now_ns = self.clock.now_ns()
            if hands is not None:
                hands.act_until(now_ns)
            self.panel.step()
            self.surface.tick()
            self.told += [(now_ns - self._start_ns, *one) for one in self.desk.told[len(self.told) :]]
            if self._frames and (not self.shown or now_ns - self._start_ns - self.shown[-1][0] >= S // 20):
                self.shown.append((now_ns - self._start_ns, screen.render(self.view)))
