"""What `pidesk bench surface` is measured on: the running desk and its panel as they are, on the simulated chips of a
board, without an engine. Whose time a line of code takes is kept apart: the desk's, or that of simulated hardware.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Self, cast

import numpy as np
from PIL import Image, ImageChops

from drivers.clock import SystemClock
from drivers.gpio_lines import LOOK_S, SETTLE_S
from drivers.panel_config import PanelConfig
from drivers.panel_events import Happened, Slid
from drivers.simulated.clock import VirtualClock
from drivers.simulated.panel import STEP_NS, SimulatedPanel
from drivers.simulated.world import World
from dsp.ring import Event
from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.live import Desk
from firmware.params import Value
from firmware.shared import EVENTS_TAKEN, TAPS_WRITTEN, Shared, Sizes
from firmware.surface import screen
from firmware.surface.attached import AttachedPanel
from firmware.surface.setup import Setup
from firmware.surface.view import View

SIZE = DeskSize(16, 2, 2, 48000, buses=8, effects=2, matrices=2, plays=14)
START_NS = 1_000_000_000
WAIT_S = 0.02
"""As `firmware.session` waits."""
SOUND_NS = 10_000_000
VALUES = 3
"""Encoders that turn numbers on the page EQ."""


class Ledger:
    """Thread time, in ns, that is not spent in simulated hardware, nor in keeping this ledger."""

    def __init__(self) -> None:
        self._left: dict[int, int] = {}  # by thread: what simulated hardware has taken so far
        self._out: dict[int, int] = {}  # by thread that is in simulated hardware: its time when it went there
        self._keeping_ns = 0
        self._keeping_ns = self._measure_keeping()

    def own_ns(self) -> int:
        """Of the thread that asks."""
        return self._own_ns(threading.get_ident(), time.thread_time_ns)

    def is_out(self) -> bool:
        """Whether the thread that asks is in simulated hardware."""
        return threading.get_ident() in self._out

    def all_ns(self) -> dict[str, int]:
        """Of all threads of the desk that live, by name."""

        def read(ident: int) -> Callable[[], int]:
            return lambda: time.clock_gettime_ns(time.pthread_getcpuclockid(ident))

        threads = [(thread.name, thread.ident) for thread in threading.enumerate() if thread.ident is not None]
        return {name: self._own_ns(ident, read(ident)) for name, ident in threads if not name.startswith("Thread-")}

    def _own_ns(self, ident: int, read: Callable[[], int]) -> int:
        out_ns = self._out.get(ident)
        return (read() if out_ns is None else out_ns) - self._left.get(ident, 0)

    def _measure_keeping(self) -> int:
        """What a call put aside takes of the caller's own time: the least of some rounds, in which nothing came
        between."""
        nothing, rounds = self.aside(lambda: None), []
        for _ in range(20):
            before_ns = self.own_ns()
            for _ in range(100):
                nothing()
            rounds.append((self.own_ns() - before_ns) // 100)
        return min(rounds)

    def aside(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act` as simulated hardware."""

        def simulated(*arguments: Any, **named: Any) -> Any:
            ident = threading.get_ident()
            if ident in self._out:
                return act(*arguments, **named)
            self._out[ident] = time.thread_time_ns()
            try:
                return act(*arguments, **named)
            finally:
                self._back(ident)

        return simulated

    def inside(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act` as the desk's own, called by simulated hardware."""

        def own(*arguments: Any, **named: Any) -> Any:
            ident = threading.get_ident()
            if ident not in self._out:
                return act(*arguments, **named)
            self._back(ident)
            try:
                return act(*arguments, **named)
            finally:
                self._out[ident] = time.thread_time_ns()

        return own

    def _back(self, ident: int) -> None:
        left_ns = self._left.get(ident, 0) + self._keeping_ns
        self._left[ident] = left_ns + time.thread_time_ns() - self._out.pop(ident)

    def put_aside(self, thing: object, *names: str) -> None:
        """These methods of a thing are simulated hardware."""
        for name in names:
            setattr(thing, name, self.aside(getattr(thing, name)))


class WorkClock(VirtualClock):
    """Virtual time in which the desk's own code takes its thread time, times `slower`, and buses take theirs."""

    def __init__(self, ledger: Ledger, slower: float) -> None:
        super().__init__(START_NS)
        self._ledger, self._slower = ledger, slower
        self._charged_ns = ledger.own_ns()

    def now_ns(self) -> int:
        """The time."""
        if self._ledger.is_out():
            return self._now_ns
        own_ns = self._ledger.own_ns()
        self._now_ns += round((own_ns - self._charged_ns) * self._slower)
        self._charged_ns = own_ns
        return self._now_ns

    def sleep_until_ns(self, at_ns: int) -> None:
        """As of any clock; what the code took is no wait."""
        self.now_ns()
        super().sleep_until_ns(at_ns)


class BenchPanel(SimulatedPanel):
    """A simulated panel whose hardware is put aside. It starts its threads only in real time; in virtual time run()
    makes its passes."""

    def __init__(
        self, config: PanelConfig, ledger: Ledger, clock: VirtualClock | None, call_ns: int, seed: int
    ) -> None:
        self.woken = False
        self.wake_desk: Callable[[], None] | None = None
        self.is_virtual = clock is not None
        self.scans: dict[str, int] = {fader.name: 0 for fader in config.faders}
        self._ledger = ledger
        self._look_ns = 0
        world = World(config, seed=seed)
        super().__init__(config, world, wake=self._woken, clock=clock or SystemClock(), call_ns=call_ns)
        ledger.put_aside(world, "level", "slide", "turn", "press", "changes")
        ledger.put_aside(self.board, "_run", "run_until_ns")
        for bus in self.buses.all():
            ledger.put_aside(bus, "transfer")

    def start(self) -> None:
        """As SimulatedPanel.start(), in virtual time without threads."""
        if self.is_virtual:
            self.open()
        else:
            super().start()
        for callback in self.board.callbacks:
            callback.func = self._ledger.inside(callback.func)

    def step(self) -> None:
        """A pass of the buses, and a look at the lines when their thread would look."""
        began_ns = self._clock.now_ns()
        self._i2c.step()
        if self._lines is not None and self._clock.now_ns() >= self._look_ns:
            wait_s = SETTLE_S if self._lines.look() else LOOK_S
            self._look_ns = self._clock.now_ns() + int(wait_s * 1e9)
        now_ns = self._clock.now_ns()
        self.board.run_until_ns(now_ns if now_ns > began_ns else now_ns + STEP_NS)

    def _woken(self) -> None:
        self.woken = True
        if self.wake_desk is not None:
            self.wake_desk()

    def _tell(self, event: Happened) -> None:
        if type(event) is Slid:
            self.scans[event.name] += 1
        super()._tell(event)


class BenchDesk(Desk):
    """The running desk. `heard_ns`: when an event of the parameter `awaited` was first in the engine's ring after
    `since_ns`, by `clock`; 0: not yet."""

    def __init__(self, shared: Shared, model: DeskModel, socket: Path, clock: Callable[[], int]) -> None:
        super().__init__(shared, model, cast(Any, _NoEngine()), cast(Any, _NoRecorder()), socket)
        self._clock = clock
        self.awaited = ""
        self.since_ns = self.heard_ns = 0

    def set(self, path: str, value: object, over_ms: float | None = None) -> Value:
        """As Desk.set()."""
        taken = super().set(path, value, over_ms)
        if path == self.awaited and not self.heard_ns and not self.sender.waiting:
            now_ns = self._clock()
            self.heard_ns = now_ns if now_ns >= self.since_ns else 0
        return taken


class _NoEngine:
    """The supervisor of an engine that lives."""

    pid = None

    def start(self) -> None:
        """There is none."""

    def has_begun(self) -> bool:
        """It takes all events."""
        return True

    def has_died(self) -> bool:
        """Never."""
        return False

    def stop(self) -> bool:
        """At once."""
        return True


class _NoRecorder:
    def drain(self) -> list[Event]:
        """Nothing was logged."""
        return []

    def close(self) -> None:
        """Nothing was written."""


class Rig:
    """A desk under a board's panel. Without `clock` in real time, with threads. `contrary`: each picture is turned into
    its negative, so that every byte of it differs from the one before."""

    def __init__(
        self,
        config: PanelConfig,
        *,
        slower: float = 1.0,
        virtual: bool = True,
        call_ns: int = 0,
        contrary: bool = False,
        seed: int = 1,
    ) -> None:
        self.config = config
        self.ledger = Ledger()
        clock = WorkClock(self.ledger, slower) if virtual else None
        self._folder = tempfile.TemporaryDirectory(prefix="pidesk-bench-")
        folder = Path(self._folder.name)
        self.shared = Shared.create(folder / "shared", Sizes(SIZE))
        self.panel = BenchPanel(config, self.ledger, clock, call_ns, seed)
        self.world = self.panel.world
        self.clock = clock or SystemClock()
        self.desk = BenchDesk(self.shared, DeskModel(SIZE), folder / "control.sock", self.clock.now_ns)
        draw = _Contrary() if contrary else screen.render
        setup = Setup.of(config, adopt=True)
        self.attached = AttachedPanel(self.desk, self.panel, setup, "bench", clock=self.clock.now_ns, draw=draw)
        self.desk.panel = self.attached
        if not virtual:
            self.panel.wake_desk = self.desk.wake
        self.encoders = setup.value_encoders[:VALUES]
        chance = Random(seed)  # noqa: S311 (meters, not a secret)
        self._moved = np.array([chance.random() ** 2 for _ in range(len(self.shared.meters_f32))], np.float32)
        self._sound = self.ledger.aside(self._play)
        self._sound_ns = self._tick_ns = 0

    def __enter__(self) -> Self:
        self.desk.start()
        self.attached.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.attached.close()
        self.desk.stop()
        self.shared.unlink()
        self._folder.cleanup()

    def now_ns(self) -> int:
        """The time of everything here."""
        return self.clock.now_ns()

    def turn(self) -> None:
        """One turn of the desk's loop: in virtual time a pass of the buses, and the desk if it is woken or due."""
        now_ns = self.now_ns()
        if now_ns >= self._sound_ns:
            self._sound_ns = now_ns + SOUND_NS
            self._sound()
        if not self.panel.is_virtual:
            self.desk.tick(WAIT_S)
            return
        self.panel.step()
        if self.panel.woken or self.now_ns() >= self._tick_ns:
            self._tick_ns = self.now_ns() + int(WAIT_S * 1e9)
            self.panel.woken = False
            self.desk.tick()

    def _play(self) -> None:
        """The engine's part: it takes all events, meters and sound move."""
        control, taps = self.shared.control, self.shared.taps
        control[EVENTS_TAKEN] = self.desk.sender.written
        self._moved = np.roll(self._moved, 7)
        self.shared.meters_f32[:] = self._moved
        frames = SIZE.rate_hz * SOUND_NS // 1_000_000_000
        at = (np.arange(frames) + int(control[TAPS_WRITTEN])) % len(taps)
        taps[at] = self._moved[:frames, None]
        control[TAPS_WRITTEN] += frames


class _Contrary:
    """Draws the picture, each second time its negative."""

    def __init__(self) -> None:
        self._negative = False

    def __call__(self, view: View, size: tuple[int, int]) -> Image.Image:
        self._negative = not self._negative
        image = screen.render(view, size)
        return ImageChops.invert(image) if self._negative else image
