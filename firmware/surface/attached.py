"""A panel that plays a running desk: its hands are heard, its lights and its display show what is.

Nothing here waits, and whatever goes wrong is told and survived: sound does not depend on a panel.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Thread
from typing import Any, Protocol

from drivers.errors import DriverError
from drivers.panel_config import PanelConfig
from firmware.errors import OutputError
from firmware.params import Value
from firmware.surface import screen
from firmware.surface.pages import Page
from firmware.surface.ports import DeskPort, PanelPort
from firmware.surface.settings import Settings
from firmware.surface.setup import Setup
from firmware.surface.surface import Surface
from firmware.surface.view import PageName, View

FRAME_NS = 50_000_000  # 20 pictures a second
KEPT_AFTER_NS = 2_000_000_000  # a setting that is being turned is written when it has come to rest

Draw = Callable[[View, tuple[int, int]], Any]


class DrivenPanel(PanelPort, Protocol):
    """`drivers.panel.Panel`, or its simulated twin."""

    # ruff: noqa: D102  they say what Panel says
    @property
    def config(self) -> PanelConfig: ...
    @property
    def frames(self) -> int: ...
    def start(self) -> None: ...
    def close(self) -> None: ...


def _nothing(*_: object) -> None:
    """Do nothing."""


class AttachedPanel:
    """`start`, then `tick` in the desk's loop, then `close`.

    `title`: of its board. `tell` takes a sentence that a person should see, `keep` the settings when they were turned;
    it is called by a thread of its own and may raise OutputError. `asks`: what the display says while the mains are
    muted and no hand has done anything yet; empty: nothing.
    """

    def __init__(
        self,
        desk: DeskPort,
        panel: DrivenPanel,
        setup: Setup,
        title: str,
        *,
        asks: str = "",
        tell: Callable[[str], None] = _nothing,
        keep: Callable[[Settings], None] = _nothing,
        clock: Callable[[], int] = time.monotonic_ns,
        pages: Mapping[PageName, Page] | None = None,
        draw: Draw = screen.render,
    ) -> None:
        self.title, self.trouble = title, ""
        self.surface = Surface(desk, panel, setup, clock, pages)
        self._desk, self._panel, self._clock, self._draw = desk, panel, clock, draw
        self._tell, self._keep = tell, keep
        display = panel.config.display
        self._size = None if display is None else (display.width, display.height)
        self._is_on = False
        self._last: dict[str, Any] = {"board": title, "trouble": "", "chips": [], "pictures": 0}
        self._asks, self._untouched_ns = asks, self.surface.state.used_ns
        self._due_ns = 0
        self._drawn: View | None = None
        self._drawn_of: Mapping[str, Value] = {}
        self._settings = self._kept = replace(self.surface.settings)
        self._turned_ns = 0
        self._writer: Thread | None = None
        self._faults: set[str] = set()

    def start(self) -> bool:
        """Take the panel; False where that cannot be, which is told: then the desk goes on without it."""
        try:
            self._panel.start()
        except Exception as error:  # noqa: BLE001  whatever it is, the desk goes on
            fault = f"It could not be started ({type(error).__name__}: {error})."
            self.trouble = str(error) if isinstance(error, DriverError) else fault
            self._tell(f"The desk runs without its panel: {self.trouble}")
            return False
        if self._size is not None:
            self._carefully(screen.prepare)
        self._is_on = True
        return True

    def tick(self) -> None:
        """Do what hands ask for, and show what there is to see."""
        if not self._is_on:
            return
        now_ns = self._clock()
        self._carefully(lambda: self.surface.tick(now_ns))
        if self._asks:
            self._ask()
        if self._size is not None and now_ns >= self._due_ns:
            self._due_ns = max(self._due_ns + FRAME_NS, now_ns)
            self._carefully(self._show)
        self._look_at_settings(now_ns)

    def close(self) -> None:
        """Lights and display go dark, settings are kept."""
        if self._is_on:
            self._last = self.status()
            self._is_on = False
            self._carefully(self._panel.close)
            self._wait_for_writer()
            if self.surface.settings != self._kept:
                self._write()
        self._wait_for_writer()
        self.surface.close()

    def status(self) -> dict[str, Any]:
        """How it is, as plain values; after its end how it was."""
        if not self._is_on:
            return self._last | {"trouble": self.trouble}
        chips = [
            {"name": chip.name, "health": chip.health.value, "errors": chip.errors, "reason": chip.reason}
            for chip in self._panel.states()
        ]
        return {"board": self.title, "trouble": self.trouble, "chips": chips, "pictures": self._panel.frames}

    # --- inside -----------------------------------------------------------------------------------------------------

    def _carefully(self, act: Callable[[], None]) -> None:
        """A fault of ours costs what it was in the middle of, not the desk; each is told once."""
        try:
            act()
        except Exception as error:  # noqa: BLE001  whatever it is, the sound goes on
            self.trouble = f"A fault in the panel's part of pidesk ({type(error).__name__}: {error}); the desk goes on."
            if self.trouble not in self._faults:
                self._faults.add(self.trouble)
                self._tell(self.trouble)

    def _show(self) -> None:
        """Draw, unless it would be the same picture again."""
        assert self._size is not None
        view, values = self.surface.view(), self._desk.model.values
        if view == self._drawn and values == self._drawn_of:
            return
        values = dict(values)
        self._panel.show(self._draw(view, self._size))
        self._drawn, self._drawn_of = view, values

    def _ask(self) -> None:
        state = self.surface.state
        if state.used_ns != self._untouched_ns or self._desk.model.values["main.lr.mute"] is not True:
            self._asks = ""
        elif not state.note:
            state.tell(self._asks)

    def _look_at_settings(self, now_ns: int) -> None:
        settings = self.surface.settings
        if settings != self._settings:
            self._settings, self._turned_ns = replace(settings), now_ns
        elif settings != self._kept and now_ns - self._turned_ns >= KEPT_AFTER_NS:
            self._write()

    def _wait_for_writer(self) -> None:
        if self._writer is not None:
            self._writer.join()

    def _write(self) -> None:
        """On a thread: a slow disk must not make the desk late."""
        if self._writer is not None and self._writer.is_alive():
            return
        kept = self._kept = replace(self.surface.settings)

        def work() -> None:
            try:
                self._keep(kept)
            except OutputError as error:
                self._tell(str(error))

        self._writer = Thread(target=work, name="settings", daemon=True)
        self._writer.start()
