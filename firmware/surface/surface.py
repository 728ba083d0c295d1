"""The surface: takes what hands do to the panel, acts on the desk, lights the panel, says what the display shows.

One `tick` does what is due and returns; nothing here waits. All times are CLOCK_MONOTONIC in ns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from drivers.panel_events import Health, Pressed, Slid, Turned
from firmware.params import Kind
from firmware.status import State as EngineState
from firmware.status import Word
from firmware.surface.actions import Actions
from firmware.surface.changes import Changes
from firmware.surface.editor import Editor
from firmware.surface.faders import Faders
from firmware.surface.gestures import Buttons, Press, Release
from firmware.surface.layers import Bank, living
from firmware.surface.library import Library
from firmware.surface.lights import Lights
from firmware.surface.pages import Page
from firmware.surface.ports import DeskPort, PanelPort
from firmware.surface.setup import Setup
from firmware.surface.spectrum import Spectrum
from firmware.surface.state import State
from firmware.surface.view import PageName, Pickup, View
from firmware.surface.watch import Watch

SHIFT = "key.shift"


class Surface:
    """Made once for a desk and a panel; `tick` a hundred times a second or whenever the panel wakes someone, `view` for
    each picture. `pages` are those there are (`firmware.surface.pages.all.PAGES`)."""

    def __init__(
        self,
        desk: DeskPort,
        panel: PanelPort,
        setup: Setup,
        clock: Callable[[], int] = time.monotonic_ns,
        pages: Mapping[PageName, Page] | None = None,
    ) -> None:
        self._desk, self._panel, self._setup, self._clock = desk, panel, setup, clock
        model = desk.model
        now_ns = clock()
        self.bank = Bank(model, setup.width)
        first = next(iter(self.bank.strips()), str(Kind.MAIN))
        self.state = State(first, now_ns=now_ns, used_ns=now_ns)
        self.settings = setup.settings
        self.changes = Changes(desk, self.state.tell)
        self.faders = Faders(setup, desk, self.bank, self.state, self.changes)
        self.library = Library(desk, self.state, self.changes)
        shown = _all_pages() if pages is None else pages
        self.editor = Editor(setup, desk, self.bank, self.state, self.changes, self.library, shown)
        self.editor.rows_of = self._setup_rows
        self._buttons = Buttons()
        self.actions = Actions(
            setup,
            desk,
            self.state,
            self.changes,
            self.bank,
            self.editor,
            self.library,
            lambda: self._buttons.is_down(SHIFT),
        )
        self._watch, self._spectrum = Watch(desk), Spectrum()
        self._lights = Lights(panel, desk, setup.lights)
        self._stereo = model.stereo
        self._lost: frozenset[str] = frozenset()
        self._since_ns: dict[str, int] = {}
        self._contrast = -1

    # --- the loop ---------------------------------------------------------------------------------------------------

    def tick(self, now_ns: int | None = None) -> None:
        """Do what is due."""
        now_ns = self._clock() if now_ns is None else now_ns
        state = self.state
        state.tick(now_ns)
        happened = self._panel.take()
        self._look_at_chips(now_ns)  # after taking: what was told after a loss is not taken for one from before it
        self.faders.tick(now_ns)
        if self._desk.model.stereo is not self._stereo:
            self._joined_or_parted()
        for event in happened:
            if type(event) is Slid:
                if self.faders.slid(event):
                    state.used_ns = now_ns
            else:
                state.used_ns = now_ns
                self._hand(event)
        self.actions.holds.tick(now_ns)
        self.library.tick()
        if self._watch.tick(now_ns, state.strip, (*(slot.strip for slot in self.bank.slots), "main.lr")):
            on_eq = state.page is PageName.EQ and not self.is_resting
            self._spectrum.tick(now_ns, self._desk.shared, self._desk.model, state.strip if on_eq else "")
        self._lights.tick(now_ns, state, self.bank, self._watch.peaks_db, self._buttons.is_down(SHIFT))
        contrast = self.settings.contrast(self.is_resting)
        if contrast != self._contrast:
            self._contrast = contrast
            self._panel.contrast(contrast)

    def _hand(self, event: Slid | Turned | Pressed) -> None:
        if isinstance(event, Turned):
            self.editor.turn(event.name, event.detents, event.at_ns)
        elif isinstance(event, Pressed):
            found = self._buttons.update(event.name, event.down, event.at_ns, self.actions.strip_of(event.name))
            if isinstance(found, Press):
                self.actions.press(found)
            elif found is not None:
                self.actions.release(found)

    def _look_at_chips(self, now_ns: int) -> None:
        """Faders of a chip that is or was away have to be picked up when it is back; its buttons are let go. One that
        was away since the last look is known by the time since when it is as it is."""
        states = self._panel.states()
        lost = frozenset(chip.name for chip in states if chip.health is Health.LOST)
        since_ns = {chip.name: chip.since_ns for chip in states}
        gone = lost.union(name for name, at_ns in since_ns.items() if at_ns != self._since_ns.get(name, at_ns))
        self._since_ns = since_ns
        if not gone and lost == self._lost:
            return
        away = {control for control, chip in self._setup.chip_of.items() if chip in gone}
        for chip in gone:
            self.faders.lost(self._setup.faders_of(chip), since_ns[chip])
        for name in self._buttons.down():
            if name in away and self._buttons.update(name, False, now_ns) is not None:
                self.actions.release(Release(name, now_ns, was_short=False))
        if lost != self._lost:
            self._lost = lost
            self.editor.list_rows()

    def _joined_or_parted(self) -> None:
        """Strips became stereo or mono: something else may be under a fader, and what was selected may be gone."""
        self._stereo = self._desk.model.stereo
        self.bank.refresh()
        strip = living(self._desk.model, self.state.strip)
        if strip != self.state.strip:
            self.editor.select(strip)

    def _setup_rows(self) -> tuple[str, ...]:
        chips = (f"{chip.name}: {chip.reason or chip.health.value}" for chip in self._panel.states())
        return (*self.settings.rows(), *chips)

    def close(self) -> None:
        """End what was begun: the thread of the scenes' files."""
        self.library.close()

    # --- what there is to see ---------------------------------------------------------------------------------------

    @property
    def is_resting(self) -> bool:
        """Whether the screensaver is on. The first touch ends it, and does what it always does."""
        after_s = self.settings.saver_minutes * 60
        return after_s > 0 and self.state.now_ns - self.state.used_ns >= after_s * 10**9

    def view(self) -> View:
        """All that the display shows now."""
        state, model, holds = self.state, self._desk.model, self.actions.holds
        return View(
            model,
            state.page,
            state.strip,
            part=min(state.part, self.editor.parts - 1),
            fields=self.editor.fields(),
            touched=state.touched,
            value_text=state.value_text,
            label_text=state.label,
            fine=state.fine,
            levels=self._watch.levels,
            meters_db=self._watch.peaks_db,
            spectrum_db=self._spectrum.levels_db if state.page is PageName.EQ else (),
            pickup=self._pickup(),
            rows=state.rows,
            row=state.row,
            ask=holds.question,
            ask_share=holds.share,
            lost=tuple(sorted(self._lost)),
            card_lost=self._card_is_lost(),
            main_muted=model.values["main.lr.mute"] is True,
            note=state.note,
            saver=self.is_resting,
            chosen=self.editor.chosen,
            turned=self.editor.turned,
            cursor=self.editor.stage,
        )

    def _pickup(self) -> Pickup | None:
        name, path, model = self.state.loose, self.state.touched, self._desk.model
        place = model.places.get(path)
        if not name or place is None or path != self.faders.path(name):
            return None
        wanted = place.parameter.type.position(model.values[path])
        return Pickup(name, path, self.faders.at(name), wanted)

    def _card_is_lost(self) -> bool:
        shared = self._desk.shared
        return shared is not None and int(shared.status[Word.STATE]) == EngineState.CARD_GONE


def _all_pages() -> Mapping[PageName, Page]:
    from firmware.surface.pages import all as every

    return every.PAGES
