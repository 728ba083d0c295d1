"""The page that is shown, and what the encoders do on it: turn its values, move the cursor, open its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware.surface.acceleration import Acceleration
from firmware.surface.changes import Changes
from firmware.surface.keys import NOT_YET
from firmware.surface.layers import Bank
from firmware.surface.library import Library
from firmware.surface.pages import Page
from firmware.surface.ports import DeskPort
from firmware.surface.setup import Setup
from firmware.surface.state import State
from firmware.surface.steps import turned
from firmware.surface.view import OF_THE_DESK, Field, PageName
from firmware.surface.words import said

FIELDS = 4
LISTS = (PageName.SCENES, PageName.SETUP)
_STAGES = {"field": "value", "value": "turns value"}
"""What the cursor moves, in other words than the editor's own."""


class Editor:
    """Pages, parts, strips, fields."""

    def __init__(
        self,
        setup: Setup,
        desk: DeskPort,
        bank: Bank,
        state: State,
        changes: Changes,
        library: Library,
        pages: Mapping[PageName, Page],
    ) -> None:
        self._setup, self._desk, self._bank, self._state = setup, desk, bank, state
        self._changes, self._library, self._pages = changes, library, pages
        self._accelerations = {name: Acceleration() for name in setup.encoders}
        self._values = setup.value_encoders[:FIELDS]
        stages = ["part", "strip"] if setup.has_page_keys else ["strip", "page", "part"]
        stages += ["field"] if len(self._values) < FIELDS else []
        self._stages = (*stages, *(() if self._values else ("value",)))
        self._stage = 0
        self.rows_of: Callable[[], tuple[str, ...]] = tuple
        """What the setup page lists."""

    # --- pages ------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        """The page that is shown; None where its subject is not there yet."""
        return self._pages.get(self._state.page)

    @property
    def is_list(self) -> bool:
        """Whether a list is shown: the first part of a page that has one."""
        return self._state.page in LISTS and self._state.part == 0

    @property
    def parts(self) -> int:
        """How many parts the page has for the selected strip."""
        page = self.page
        return max(page.parts(self._desk.model, self._state.strip), 1) if page else 1

    def fields(self) -> tuple[Field, ...]:
        """The values under the encoders."""
        page = self.page
        return page.fields(self._desk.model, self._state.strip, self._state.part) if page else ()

    @property
    def chosen(self) -> int:
        """As of `View.chosen`."""
        groups = self._groups()
        if not self._setup.encoders or len(self._values) >= FIELDS or not groups:
            return -1
        return max((first for first in groups if first <= self._state.chosen), default=groups[0])

    @property
    def turned(self) -> int:
        """As of `View.turned`."""
        return max(len(self._values), 1)

    @property
    def stage(self) -> str:
        """As of `View.cursor`."""
        return self._stages[self._stage] if self._setup.cursor else ""

    def show(self, name: PageName) -> None:
        """Show a page; of the one that is shown already, the next part."""
        state = self._state
        state.look()
        if name not in self._pages:
            state.tell(NOT_YET.get(name, "There is nothing to show yet"))
        elif name is state.page:
            state.part = (state.part + 1) % self.parts
        else:
            state.page, state.part, state.chosen, state.row, state.fine = name, 0, 0, 0, False
        self.list_rows()
        if name is PageName.SCENES and self._desk.scene in state.rows and not state.row:
            state.row = state.rows.index(self._desk.scene)

    def list_rows(self) -> None:
        """Look at what the page lists."""
        state = self._state
        state.rows = {PageName.SCENES: self._library.rows, PageName.SETUP: self.rows_of}.get(state.page, tuple)()
        state.row = min(state.row, max(len(state.rows) - 1, 0))

    def select(self, strip: str) -> None:
        """Make a strip the one that the pages are about."""
        self._state.look()
        self._state.strip = strip
        self._state.part = min(self._state.part, self.parts - 1)
        if "key.layer" not in self._setup.buttons:
            self._bank.show(strip)

    # --- encoders ---------------------------------------------------------------------------------------------------

    def turn(self, name: str, detents: int, at_ns: int) -> None:
        """An encoder went on by so many detents."""
        if name not in self._accelerations or not detents:
            return
        if name != self._setup.cursor:
            if self._state.page is PageName.SETUP and self.is_list:
                self._setup.settings.turn(self._state.row, detents)
                self.list_rows()
            else:
                self._turn_value(self.field_of(name), name, detents, at_ns)
        elif self._state.page in LISTS and (self._setup.has_page_keys or self._stages[self._stage] == "part"):
            self._move_list(detents)
        else:
            self._move_cursor(name, detents, at_ns)

    def _turn_value(self, field: Field | None, name: str, detents: int, at_ns: int) -> None:
        model, path = self._desk.model, field.path if field else ""
        if field is None or path not in model.places:
            return
        fine = self._state.fine
        quick = self._accelerations[name].steps(detents, at_ns)
        steps = detents if fine or model.places[path].parameter.type.choices else quick
        value = turned(model, path, steps, fine)
        label = self.label(field)
        if value != model.values[path]:
            self._changes.set(path, value, f"{name} {path}", label, at_ns)
        self._state.touch(path, label)

    def _move_list(self, detents: int) -> None:
        """Through the rows, and below the last one on to the parts behind the list."""
        state, last = self._state, max(len(self._state.rows) - 1, 0)
        place = (state.row if self.is_list else last + state.part) + detents
        state.row = min(max(place, 0), last)
        state.part = min(max(place - last, 0), self.parts - 1)

    def _move_cursor(self, name: str, detents: int, at_ns: int) -> None:
        state, stage = self._state, self._stages[self._stage]
        if stage == "part" and self.parts > 1:
            state.look()
            state.part = min(max(state.part + detents, 0), self.parts - 1)
        elif stage == "page":
            there = [page for page in PageName if page in self._pages] or [state.page]
            at = there.index(state.page) if state.page in there else 0
            chosen = there[min(max(at + detents, 0), len(there) - 1)]
            if chosen is not state.page:
                self.show(chosen)
        elif stage == "field":
            groups = self._groups()
            if groups:
                at = groups.index(max(self.chosen, groups[0])) + detents
                state.chosen = groups[min(max(at, 0), len(groups) - 1)]
                self._show_chosen()
        elif stage == "value":
            self._turn_value(self._field(self.chosen), name, detents, at_ns)
        else:
            strips = list(self._bank.strips(groups="select.1" not in self._setup.buttons))
            at = strips.index(state.strip) if state.strip in strips else 0
            self.select(strips[min(max(at + detents, 0), len(strips) - 1)])

    def _groups(self) -> list[int]:
        """Where the fields begin that the value encoders can turn at a time; those that do nothing are passed over."""
        fields, width = self.fields(), self.turned
        return [at for at in range(0, len(fields), width) if any(field.path for field in fields[at : at + width])]

    def _show_chosen(self) -> None:
        shown = self._field(self.chosen)
        if shown is not None and shown.path:
            self._state.touch(shown.path, self.label(shown))

    def _field(self, place: int) -> Field | None:
        fields = self.fields()
        return fields[place] if 0 <= place < len(fields) else None

    def field_of(self, name: str) -> Field | None:
        """The field that an encoder turns; None: none."""
        if name not in self._values:
            return None
        return self._field(self._values.index(name) + max(self.chosen, 0))

    def label(self, field: Field) -> str:
        """What a value is called: "Kick Trim"."""
        return said(self._desk.model, field.path, field.label)

    # --- pushes -----------------------------------------------------------------------------------------------------

    def push(self, encoder: str) -> None:
        """An encoder was pushed for a moment: fine or not, or what the cursor moves; in a list, open the row."""
        state = self._state
        is_cursor = encoder == self._setup.cursor
        if state.page is PageName.SCENES and (not is_cursor or self._setup.has_page_keys):
            self._library.recall()
        elif is_cursor:
            self._next_stage()
            state.tell(f"Cursor: {_STAGES.get(self.stage, self.stage)}")
        else:
            state.fine = not state.fine
            state.tell("Fine" if state.fine else "Coarse")

    def _next_stage(self) -> None:
        """What the cursor moves next: what cannot be moved on this page is passed over."""
        can = {
            "strip": self._state.page not in OF_THE_DESK,
            "part": self.parts > 1 or self.is_list,
            "field": len(self._groups()) > 1,
        }
        for _ in self._stages:
            self._stage = (self._stage + 1) % len(self._stages)
            if can.get(self.stage, True):
                return

    def reset(self, fields: tuple[Field, ...], label: str) -> None:
        """Take values to what they are where nobody has touched them, as one step."""
        model = self._desk.model
        paths = [field.path for field in fields if field.path in model.places]

        def back() -> None:
            for path in paths:
                if model.values[path] != model.defaults[path]:
                    self._desk.set(path, model.defaults[path])

        if self._changes.around(f"Reset {label}", self._state.now_ns, back):
            self._state.tell(f"Reset: {label}")

    def all_fields(self) -> tuple[Field, ...]:
        """Of all parts of the page for the selected strip."""
        page = self.page
        if page is None:
            return ()
        model, strip = self._desk.model, self._state.strip
        return tuple(one for part in range(self.parts) for one in page.fields(model, strip, part))
