"""Hands that play a script on a simulated panel, in the time of whoever asks them or in real time.

hands = Hands(parse(text, config), world, plug=buses_plug)
hands.start()                           # in real time, on a thread of its own
hands.act_until(clock.now_ns())         # or from a test's own loop
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from drivers.simulated.script import CHORD_NS, Hold, Plug, Slide, Step, Turn
from drivers.simulated.world import World

PlugChip = Callable[[int, bool], None]
"""Takes a chip away by its address, or puts it back."""


class Hands:
    """The `steps` of a script on a `world`. Time 0 of the script is when start() or act_until() is first called."""

    def __init__(
        self,
        steps: Sequence[Step],
        world: World,
        plug: PlugChip,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._steps = list(steps)
        self._world, self._plug, self._now_ns = world, plug, now_ns
        self._next = 0
        self._start_ns: int | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.length_ns = max((step.at_ns + step.took_ns for step in self._steps), default=0)
        """How long the script is."""

    @property
    def done(self) -> bool:
        """Whether everything has been begun."""
        return self._next == len(self._steps)

    def act_until(self, now_ns: int) -> None:
        """Begin what is due."""
        if self._start_ns is None:
            self._start_ns = now_ns
        while not self.done and self._start_ns + self._steps[self._next].at_ns <= now_ns:
            step = self._steps[self._next]
            self._next += 1
            self._act(step, max(self._start_ns + step.at_ns, now_ns))

    def start(self) -> None:
        """Play from now on."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="hands", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the hands away."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        self.act_until(self._now_ns())
        assert self._start_ns is not None
        while not self.done:
            due_ns = self._start_ns + self._steps[self._next].at_ns
            if self._stop.wait(max(due_ns - self._now_ns(), 0) * 1e-9):
                return
            self.act_until(max(self._now_ns(), due_ns))

    def _act(self, step: Step, at_ns: int) -> None:
        match step.action:
            case Slide(name, to, over_ns):
                self._world.slide(name, to, at_ns, over_ns)
            case Turn(name, detents, per_s):
                self._world.turn(name, detents, at_ns, per_s)
            case Hold(names, for_ns):
                self._hold(names, at_ns, for_ns)
            case Plug(address, plugged):
                self._plug(address, plugged)

    def _hold(self, names: tuple[str, ...], at_ns: int, for_ns: int) -> None:
        """Down in order, up in reverse: a chord's last key is held for `for_ns`."""
        for place, name in enumerate(names):
            self._world.press(name, True, at_ns + place * CHORD_NS)
        up_ns = at_ns + (len(names) - 1) * CHORD_NS + for_ns
        for place, name in enumerate(reversed(names)):
            self._world.press(name, False, up_ns + place * CHORD_NS)
