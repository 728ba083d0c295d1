"""Soft takeover: a fader that does not stand where its parameter is moves nothing until it has picked it up.

A fader holds a parameter as long as the parameter is where this fader last put it. Whatever else moves it (a scene, a
remote, undo, another control) takes it from the fader without anyone having to tell; a change of what lies under the
fader, and a fader that was away, are told by `let_go`.
"""

from __future__ import annotations

from firmware.params import Value

WINDOW = 0.01
"""Share of the travel within which a fader takes hold."""
GLIDE_MS = 20.0


class Takeover:
    """What one fader holds."""

    __slots__ = ("_path", "_value", "at")

    def __init__(self) -> None:
        self._path = ""
        self._value: Value = 0.0
        self.at: float | None = None
        """Where the fader last stood, 0 to 1; None: not known."""

    def let_go(self, *, away: bool = False) -> None:
        """Hold nothing any more. `away`: the fader itself was gone, and may have been moved unseen."""
        self._path = ""
        if away:
            self.at = None

    def holds(self, path: str, value: Value) -> bool:
        """Whether the fader holds the parameter at `path`, which now has `value`."""
        return self._path == path and self._value == value

    def keep(self, path: str, value: Value) -> None:
        """The fader has put the parameter at `path` to `value`."""
        self._path, self._value = path, value

    def move(self, position: float, path: str, value: Value, wanted: float) -> bool:
        """The hand has moved the fader to `position`; `wanted` is where its parameter, at `value`, stands on the same
        travel. True when the fader holds it: it did so already, is or was within the window, or has crossed it."""
        before, self.at = self.at, position
        if self.holds(path, value):
            return True
        self._path = ""
        if abs(position - wanted) <= WINDOW:
            return True
        if before is None:
            return False
        return abs(before - wanted) <= WINDOW or (before - wanted) * (position - wanted) < 0.0
