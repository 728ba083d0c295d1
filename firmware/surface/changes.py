"""All that the hands change on the desk goes through here, so that all of it can be undone."""

from __future__ import annotations

from collections.abc import Callable

from firmware.errors import PideskError
from firmware.params import Scope, Value
from firmware.surface.history import History
from firmware.surface.ports import DeskPort


class Changes:
    """Sets, keeps what was before, undoes. `tell` takes a line for the display; no method raises PideskError: what the
    desk refuses is told."""

    def __init__(self, desk: DeskPort, tell: Callable[[str], None]) -> None:
        self._desk, self._tell = desk, tell
        self.history = History()

    def set(
        self, path: str, value: Value, gesture: str, label: str, now_ns: int, over_ms: float | None = None
    ) -> Value | None:
        """Move one parameter; the value as it was taken, None where the desk refuses it. `gesture` and `label` as in
        `History.record`; an empty label is for what is not to be undone."""
        before = self._desk.model.values.get(path)
        try:
            taken = self._desk.set(path, value, over_ms)
        except PideskError as error:
            self._tell(str(error))
            return None
        if label and before is not None and before != taken:
            self.history.record(gesture, label, {path: before}, now_ns)
        return taken

    def around(self, label: str, now_ns: int, action: Callable[[], object]) -> bool:
        """Do something that may change much, a recall say, as one step; False where the desk refuses it."""
        model = self._desk.model
        before = dict(model.values)
        try:
            action()
        except PideskError as error:
            self._tell(str(error))
            return False
        finally:
            after = model.values
            changed = {path: value for path, value in before.items() if path in after and after[path] != value}
            if changed:
                self.history.record("", label, changed, now_ns)
        return True

    def undo(self) -> None:
        """Take the newest step back, by the parameters' own glides; what is on for a moment stays as it is."""
        step = self.history.take()
        if step is None:
            self._tell("Nothing to undo")
            return
        places = self._desk.model.places
        for path, value in reversed(step.before.items()):
            if path in places and places[path].scope is not Scope.MOMENT:
                try:
                    self._desk.set(path, value)
                except PideskError as error:  # strips were joined or parted meanwhile
                    self._tell(str(error))
                    return
        self._tell(f"Undo: {step.label}")
