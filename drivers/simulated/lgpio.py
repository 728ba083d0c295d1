"""A fake `lgpio`, to be put under the real rpi-lgpio: what that calls, with alerts, levels and times as lgpio has them.

    attach(Board(world, clock))
    gpio = load_gpio(simulated=True)        # drivers.gpio_lines: the real RPi.GPIO on top of this module

What lgpio does with edges, and so this: the kernel takes an interrupt at an edge, and reads the line a little later, so
that edges which follow at once are one event, with the level they end at; lgpio puts the events of all lines in order
and into a pipe; one Python thread takes them out and calls back, late by whatever the machine pleases, in that order.
Whoever reads a line in a callback sees it as it is by then.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.clock import Clock
from drivers.simulated.world import World

SET_PULL_UP, SET_PULL_DOWN, SET_PULL_NONE = 32, 64, 128
RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3
NOT_PERMITTED, BAD_GPIO_NUMBER, CANNOT_OPEN_CHIP, GPIO_BUSY = -7, -73, -78, -79
GPIO_NOT_ALLOCATED, GPIO_NOT_AN_OUTPUT = -80, -104
TEXTS = {
    NOT_PERMITTED: "GPIO operation not permitted", BAD_GPIO_NUMBER: "bad GPIO number",
    CANNOT_OPEN_CHIP: "can not open gpiochip", GPIO_BUSY: "GPIO busy",
    GPIO_NOT_ALLOCATED: "GPIO not allocated", GPIO_NOT_AN_OUTPUT: "GPIO not set as an output",
}  # fmt: skip
LINES = 54
KERNEL_USED, KERNEL_OUTPUT = 1, 2
INPUT, OUTPUT, ALERT = 0x100, 0x200, 0x400
INTERRUPT_NS = 30_000  # from an edge to the read of its level

Func = Callable[[int, int, int, int], None]


class error(Exception):  # noqa: N801 (lgpio's name)
    """What lgpio raises: its text is that of the error number."""


@dataclass(eq=False, slots=True)
class _Callback:
    gpio: int
    func: Func

    def cancel(self) -> None:
        if self in _the().callbacks:
            _the().callbacks.remove(self)


class Board:
    """The lines of one simulated Pi, wired to a `world`.

    `lateness_ns`: asked at each event, by how much its callback is late at least (they stay in order). `holders`: lines
    that other programs or the kernel hold, with the name they gave. `openable`: whether the chip can be opened at all.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        *,
        lateness_ns: Callable[[], int] = lambda: 0,
        holders: dict[int, str] | None = None,
        openable: bool = True,
    ) -> None:
        self.world, self.clock, self.lateness_ns = world, clock, lateness_ns
        self.holders = holders or {}
        self.openable = openable
        self.modes: dict[int, int] = {}
        self.outputs: dict[int, int] = {}
        self.callbacks: list[_Callback] = []
        self.watching: list[Callable[[int, int], None]] = []
        """Called with line and level when an output is written: a display listens to its D/C line so."""
        self._seen_ns: dict[int, int] = {}
        self._lost: dict[int, int] = {}
        self._queue: deque[tuple[int, int, int, int]] = deque()  # due, line, level, time of the edge
        self._thread: threading.Thread | None = None
        self._more = threading.Event()
        self._ending = False

    def lose(self, line: int, events: int = 1) -> None:
        """A fault: the next events of a line do not come through."""
        self._lost[line] = self._lost.get(line, 0) + events

    def level(self, line: int) -> int:
        """As it is now."""
        if self.modes.get(line, 0) & OUTPUT:
            return self.outputs[line]
        return self.world.level(line, self.clock.now_ns())

    # --- events -----------------------------------------------------------------------------------------------------

    def watch(self, line: int, mode: int) -> None:
        """Edges of a line are events from now on."""
        self.modes[line] = mode
        self._seen_ns[line] = self.clock.now_ns() - 1
        self._more.set()

    def collect(self, now_ns: int) -> None:
        """Edges up to `now_ns` become events."""
        events: list[tuple[int, int, int]] = []
        for line, seen_ns in self._seen_ns.items():
            if not self.modes.get(line, 0) & ALERT:
                continue
            changes = deque(self.world.changes(line, seen_ns, now_ns))
            while changes and changes[0][0] + INTERRUPT_NS <= now_ns:
                at_ns, level = changes.popleft()
                while changes and changes[0][0] <= at_ns + INTERRUPT_NS:
                    level = changes.popleft()[1]
                self._seen_ns[line] = at_ns + INTERRUPT_NS
                if self._lost.get(line, 0):
                    self._lost[line] -= 1
                elif self.modes[line] >> 17 & (RISING_EDGE if level else FALLING_EDGE):
                    events.append((at_ns, line, level))
        for at_ns, line, level in sorted(events):
            due_ns = max(at_ns + INTERRUPT_NS + self.lateness_ns(), self._queue[-1][0] if self._queue else 0)
            self._queue.append((due_ns, line, level, at_ns))

    def deliver(self, now_ns: int) -> None:
        """Call back for every event that is due."""
        while self._queue and self._queue[0][0] <= now_ns:
            _, line, level, at_ns = self._queue.popleft()
            for callback in tuple(self.callbacks):
                if callback.gpio == line:
                    callback.func(0, line, level, at_ns)

    def run_until_ns(self, at_ns: int) -> None:
        """Let the clock go on to `at_ns`, with every callback at its own time."""
        self.collect(at_ns)
        while self._queue and self._queue[0][0] <= at_ns:
            self.clock.sleep_until_ns(self._queue[0][0])
            self.deliver(self._queue[0][0])
        self.clock.sleep_until_ns(at_ns)

    def next_ns(self) -> int | None:
        """When there is something to do next."""
        times = [self._queue[0][0]] if self._queue else []
        for line, seen_ns in tuple(self._seen_ns.items()):
            if (at_ns := self.world.next_change_ns(line, seen_ns)) is not None:
                times.append(at_ns + INTERRUPT_NS)
        return min(times, default=None)

    # --- in real time -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Call back from a thread of its own, as lgpio does."""
        self.world.changed.append(self._more.set)
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="lgpio", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End that thread."""
        self._ending = True
        self._more.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self.world.changed.remove(self._more.set)

    def _run(self) -> None:
        while not self._ending:
            now_ns = self.clock.now_ns()
            self.collect(now_ns)
            self.deliver(now_ns)
            next_ns = self.next_ns()
            self._more.wait(None if next_ns is None else max(next_ns - self.clock.now_ns(), 50_000) * 1e-9)
            self._more.clear()


_boards: list[Board] = []


def attach(board: Board) -> None:
    """From now on all calls are about this board."""
    _boards[:] = [board]


def _the() -> Board:
    if not _boards:
        raise error(TEXTS[CANNOT_OPEN_CHIP])
    return _boards[0]


# --- lgpio, as rpi-lgpio calls it -----------------------------------------------------------------------------------


def error_text(number: int) -> str:
    """What an error number means."""
    return TEXTS.get(number, "unknown error")


def _fail(number: int) -> error:
    return error(TEXTS[number])


def _claim(gpio: int, mode: int, pulls: int) -> Board:
    board = _the()
    if not 0 <= gpio < LINES:
        raise _fail(BAD_GPIO_NUMBER)
    if gpio in board.holders:
        raise _fail(GPIO_BUSY)
    board.modes[gpio] = mode | pulls | KERNEL_USED
    return board


def gpiochip_open(gpiochip: int) -> int:
    """A handle of the chip. lgpio goes to LG_WD when it first looks for it, and takes the whole process there."""
    if folder := os.environ.get("LG_WD"):
        os.chdir(folder)
    if not _the().openable:
        raise _fail(CANNOT_OPEN_CHIP)
    return gpiochip << 16


def gpiochip_close(handle: int) -> int:  # noqa: ARG001
    """Every line is let go."""
    board = _the()
    board.modes.clear()
    return 0


def gpio_get_chip_info(handle: int) -> tuple[int, int, str, str]:  # noqa: ARG001
    """Status, lines, name and label."""
    return 0, LINES, "gpiochip0", "pinctrl-simulated"


def gpio_get_line_info(handle: int, gpio: int) -> tuple[int, int, int, str, str]:  # noqa: ARG001
    """Status, line, the kernel's flags, the line's name and who holds it."""
    board = _the()
    return 0, gpio, board.modes.get(gpio, 0) & 0xFF, f"GPIO{gpio}", board.holders.get(gpio, "")


def gpio_get_mode(handle: int, gpio: int) -> int:  # noqa: ARG001
    """Bits 0 to 7 are the kernel's, 8 to 11 lgpio's, 17 and 18 the edges that are watched; 0: nobody has it."""
    return _the().modes.get(gpio, 0)


def gpio_claim_input(handle: int, gpio: int, lFlags: int = 0) -> int:  # noqa: ARG001, N803
    """The line is an input."""
    _claim(gpio, INPUT, lFlags)
    return 0


def gpio_claim_output(handle: int, gpio: int, level: int = 0, lFlags: int = 0) -> int:  # noqa: ARG001, N803
    """The line is an output at `level`."""
    board = _claim(gpio, OUTPUT | KERNEL_OUTPUT, lFlags)
    board.outputs[gpio] = int(bool(level))
    return 0


def gpio_claim_alert(handle: int, gpio: int, eFlags: int, lFlags: int = 0) -> int:  # noqa: ARG001, N803
    """The line is an input whose edges are events."""
    board = _claim(gpio, ALERT, lFlags)
    board.watch(gpio, board.modes[gpio] | eFlags << 17)
    return 0


def gpio_set_debounce_micros(handle: int, gpio: int, debounce_micros: int) -> int:  # noqa: ARG001
    """On a Pi it may not act, so here it never does."""
    return 0


def gpio_free(handle: int, gpio: int) -> int:  # noqa: ARG001
    """The line is nobody's."""
    if _the().modes.pop(gpio, None) is None:
        raise _fail(GPIO_NOT_ALLOCATED)
    return 0


def gpio_read(handle: int, gpio: int) -> int:  # noqa: ARG001
    """The level now."""
    return _the().level(gpio)


def gpio_write(handle: int, gpio: int, level: int) -> int:  # noqa: ARG001
    """Set an output."""
    board = _the()
    if not board.modes.get(gpio, 0) & OUTPUT:
        raise _fail(GPIO_NOT_AN_OUTPUT)
    board.outputs[gpio] = int(bool(level))
    for act in board.watching:
        act(gpio, board.outputs[gpio])
    return 0


def callback(chip: int, gpio: int, edge: int = RISING_EDGE, func: Func | None = None) -> _Callback:  # noqa: ARG001
    """What lgpio does: the edge asked for here changes nothing, the one claimed with gpio_claim_alert() does."""
    made = _Callback(gpio, func if func is not None else lambda *_: None)
    _the().callbacks.append(made)
    return made
