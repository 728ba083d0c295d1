"""What the hands do with solos: an exclusive solo ends the others, all of them can be cleared, and come back again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from firmware.desk_model import DeskModel
from firmware.params import Value

EXCLUSIVE = "monitor.exclusive"
_ENDS = (".solo", ".key.listen")


def solos_on(values: Mapping[str, Value]) -> list[str]:
    """The paths of what is soloed, key listens included, in the order of the values."""
    return [path for path, value in values.items() if value is True and path.endswith(_ENDS)]


class Settable(Protocol):
    """What solos are set on: `firmware.live.Desk`."""

    model: DeskModel

    def set(self, path: str, value: object, over_ms: float | None = None) -> Value:
        """Move one parameter."""


class Solos:
    """Keeps which solos were on when they were last cleared."""

    def __init__(self, desk: Settable) -> None:
        self._desk = desk
        self._last: list[str] = []

    def on(self) -> list[str]:
        """The paths of what is soloed, key listens included, in the order of the desk."""
        return solos_on(self._desk.model.values)

    def seen(self, path: str, value: Value) -> None:
        """To be told of every value that was set: a new solo ends the others where solos are exclusive."""
        if value is True and path.endswith(_ENDS) and self._desk.model.get(EXCLUSIVE) is True:
            for other in self.on():
                if other != path:
                    self._desk.set(other, False)

    def clear(self) -> list[str]:
        """End every solo and remember them; returns those that were on."""
        ended = self.on()
        if ended:
            self._last = ended
        for path in ended:
            self._desk.set(path, False)
        return ended

    def again(self) -> list[str]:
        """Solo what was soloed when solos were last cleared, as far as it is still there; returns what is on now."""
        exclusive = self._desk.model.get(EXCLUSIVE) is True
        for path in self._last[-1:] if exclusive else self._last:
            if path in self._desk.model.places:
                self._desk.set(path, True)
        return self.on()
