"""The time that drivers wait by: handed in, so that a test can run hours of a panel in a second."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A time in ns that only goes forward (CLOCK_MONOTONIC on the machine), and a way to wait for it."""

    def now_ns(self) -> int:
        """The time."""
        ...

    def sleep_until_ns(self, at_ns: int) -> None:
        """Wait until then; a time that has passed is no wait."""
        ...


class SystemClock:
    """The machine's own."""

    __slots__ = ()

    def now_ns(self) -> int:
        """CLOCK_MONOTONIC."""
        return time.monotonic_ns()

    def sleep_until_ns(self, at_ns: int) -> None:
        """Late by as much as the machine is."""
        left_ns = at_ns - time.monotonic_ns()
        if left_ns > 0:
            time.sleep(left_ns * 1e-9)
