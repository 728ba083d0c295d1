"""The panel's GPIO lines through RPi.GPIO: encoders, buttons that sit on lines of their own, the expanders' interrupt.

RPi.GPIO here is rpi-lgpio, the one that works on today's kernels. Its callbacks are given the channel and nothing else.
For a button that is enough: an edge starts a debouncer that reads the line. For an encoder it is not. Callbacks come in
the order of edges but some ms late, when a fast turn is a step on: a level that is read then is the wrong one. Counting
callbacks as toggles does not help either: of edges that follow at once the kernel makes one event, or two of one level.
So RPi.GPIO claims the lines and turns edge detection on, and the edges are taken from the same `lgpio` that rpi-lgpio
itself stands on, which calls back with the level and the time the kernel saw, in order, however late.

An event may still be lost. A callback that is not late also reads the other line, which must be where its events left
it; and lines that have been quiet and are twice found elsewhere than events say are believed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drivers import debian
from drivers.button import Debouncer
from drivers.encoder import Quadrature
from drivers.errors import DriverError, DriverMissing, LineBusy, LinesMissing, SimulatorError, reason
from drivers.panel_config import Encoder, PanelConfig
from drivers.panel_events import ChipState, Happened, Health, Pressed, Turned

SIMULATED_REVISION = "c03114"  # a Pi 4: rpi-lgpio wants to know, and there is none
PAUSE_S = 0.5  # after a fault
LOOK_S = 0.05  # at lines that ought to be as events left them
SETTLE_S = 0.001  # while a contact bounces
QUIET_NS = 60_000_000  # longer than callbacks were seen to be late
PROMPT_NS = 500_000  # within this of an edge no hand has turned on to the next
TRUST_NS = 1_000_000_000  # a time stamp that is further off is of another clock


def load_gpio(*, simulated: bool = False) -> Any:
    """The module RPi.GPIO; `simulated`: on top of the fake lgpio, whose board must be attached by the first call.

    Raises DriverMissing, LinesMissing, or SimulatorError in a process that has the real one.
    """
    if simulated:
        fake = importlib.import_module("drivers.simulated.lgpio")
        if sys.modules.setdefault("lgpio", fake) is not fake:
            raise SimulatorError("This process works with real GPIO lines: simulated ones need one of their own.")
        os.environ.setdefault("RPI_LGPIO_REVISION", SIMULATED_REVISION)
    else:
        _load_lgpio()
    try:
        debian.import_module("RPi")
        gpio = importlib.import_module("RPi.GPIO")
    except (ImportError, RuntimeError, OSError) as error:
        raise _missing(error) from error
    if not hasattr(gpio, "lgpio"):
        raise DriverMissing(
            "The RPi.GPIO that is installed does not work with today’s kernels: pip uninstall RPi.GPIO, then "
            "sudo apt install python3-rpi-lgpio."
        )
    return gpio


def _missing(error: Exception) -> DriverMissing:
    return DriverMissing(f"GPIO lines need rpi-lgpio on a Raspberry Pi: sudo apt install python3-rpi-lgpio ({error}).")


def _load_lgpio() -> None:
    """lgpio makes a pipe as it is loaded: in the working directory, or where LG_WD says."""
    where = os.environ.get("LG_WD", "")
    try:
        where = os.environ["LG_WD"] = where or str(_own_folder())
        with _staying():
            for name in ("_lgpio", "lgpio"):
                debian.import_module(name)
    except ImportError as error:
        raise _missing(error) from error
    except Exception as error:
        raise LinesMissing(
            f"lgpio cannot make its pipe in {where or 'a folder of this user'} ({_text(error)}): set LG_WD to a folder "
            "in which this user may write."
        ) from error


def _own_folder() -> Path:
    """A folder that is this user's alone: another user's pipe of the same name would be in the way."""
    if runtime := os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]:
        return Path(runtime)
    given = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    folder = given / "pidesk" if given.is_absolute() else Path(tempfile.gettempdir(), f"pidesk-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix="pidesk-"))
    return folder


@contextmanager
def _staying() -> Iterator[None]:
    """lgpio takes the whole process to LG_WD when it first looks for it: back to where it was."""
    here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.fchdir(here)
        os.close(here)


def claim(gpio: Any, line: int, *, output: bool = False, name: str = "") -> None:
    """Take a line: an input pulled up, or an output that starts high. Raises LineBusy or LinesMissing."""
    try:
        with _staying():
            gpio.setmode(gpio.BCM)
    except Exception as error:
        raise LinesMissing(
            f"The GPIO lines cannot be opened ({_text(error)}): this needs a Raspberry Pi and the group gpio, "
            "sudo usermod -aG gpio $USER."
        ) from error
    try:
        if output:
            gpio.setup(line, gpio.OUT, initial=gpio.HIGH)
        else:
            gpio.setup(line, gpio.IN, pull_up_down=gpio.PUD_UP)
    except Exception as error:
        raise LineBusy(
            f"GPIO{line}, which “{name or line}” is wired to, is held by {_holder(gpio, line)} ({_text(error)}): end "
            "that, take its overlay out of config.txt, or wire to another line."
        ) from error


def _text(error: Exception) -> str:
    return str(error).strip("'\"")


def _deaf(line: int, name: str, error: Exception) -> LineBusy:
    return LineBusy(
        f"GPIO{line}, which “{name}” is wired to, cannot be listened to ({_text(error)}): end what else uses it, or "
        "wire to another line."
    )


def _holder(gpio: Any, line: int) -> str:
    """Who the kernel says has a line."""
    with contextlib.suppress(Exception):
        user = gpio.lgpio.gpio_get_line_info(_handle(gpio), line)[4]
        if user:
            return f"“{user}”"
    return "another program or a driver of the kernel"


def _handle(gpio: Any) -> int:
    """lgpio's handle of the chip that RPi.GPIO opened: it has no name in public."""
    return int(getattr(gpio, "_chip"))  # noqa: B009


class _Knob:
    __slots__ = ("alerts", "edge_ns", "encoder", "found", "quadrature")

    def __init__(self, encoder: Encoder, state: int) -> None:
        self.encoder = encoder
        self.quadrature = Quadrature(encoder.edges_per_detent, state)
        self.edge_ns = 0
        self.found = state
        self.alerts: list[Any] = []


class GpioPanel:
    """What is wired to GPIO lines. `tell` is called from lgpio's thread and from one of this object's own.

    `gpio`: the module, from load_gpio(). `now_ns`: CLOCK_MONOTONIC, or a test's.
    """

    def __init__(
        self,
        config: PanelConfig,
        gpio: Any,
        *,
        tell: Callable[[Happened], None],
        now_ns: Callable[[], int] = time.monotonic_ns,
        stable_ms: float = 5.0,
    ) -> None:
        self._config, self._gpio, self._tell, self._now_ns = config, gpio, tell, now_ns
        self._buttons = {b.pin: (b.name, Debouncer(stable_ms)) for b in config.buttons if not b.chip}
        self._stable_ns = int(stable_ms * 1e6)
        self._knobs: list[_Knob] = []
        self._claimed: list[int] = []
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._ending = False
        self._errors, self._fault, self._fault_ns = 0, "", 0

    def open(self) -> None:
        """Take all lines and listen. Raises LineBusy or LinesMissing, with nothing taken."""
        try:
            for encoder in self._config.encoders:
                for line in (encoder.a, encoder.b):
                    self._claim(line, encoder.name)
                knob = _Knob(encoder, self._state(encoder))
                self._knobs.append(knob)
                self._listen(knob)
            for line, (name, _) in self._buttons.items():
                self._claim(line, name)
                self._detect(line, name, self._edge)
            if self._config.interrupt >= 0:
                self._claim(self._config.interrupt, "the expanders’ interrupt")
        except BaseException as error:
            self.close()
            if isinstance(error, DriverError) or not isinstance(error, Exception):
                raise
            raise LinesMissing(f"The GPIO lines cannot be used ({_text(error)}): restart the Pi.") from error

    def start(self) -> None:
        """As open(), and look at the lines from a thread as often as it takes."""
        self.open()
        if self._knobs or self._buttons:
            self._ending = False
            self._thread = threading.Thread(target=self._run, name="gpio", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Let go of all lines."""
        self._ending = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for knob in self._knobs:
            for alert in knob.alerts:
                with contextlib.suppress(Exception):  # nothing can be done about it, and the other lines wait
                    alert.cancel()
        self._knobs = []
        claimed, self._claimed = self._claimed, []
        if claimed:
            with contextlib.suppress(Exception):  # at the end of the process they are nobody's anyhow
                self._gpio.cleanup(claimed)

    def states(self) -> list[ChipState]:
        """Nothing, or while the lines cannot be read, that they are lost."""
        fault = self._fault
        return [ChipState("lines", Health.LOST, self._errors, self._fault_ns, fault)] if fault else []

    def interrupted(self) -> bool:
        """Whether an expander pulls the interrupt line down."""
        return not self._gpio.input(self._config.interrupt)

    def look(self) -> bool:
        """Read lines: debounce buttons and find edges that were missed. True: look again in 1 ms, else in 50."""
        now_ns = self._now_ns()
        settling = False
        for line, (name, debouncer) in self._buttons.items():
            down = debouncer.update(now_ns, not self._gpio.input(line))
            settling |= debouncer.settling
            if down is not None:
                self._tell(Pressed(now_ns, name, down))
        for knob in self._knobs:
            self._heal(knob, now_ns)
            settling |= knob.quadrature.held
        return settling

    # --- inside -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending:
            try:
                wait_s = SETTLE_S if self.look() else LOOK_S
                self._fault = ""
            except Exception as error:  # noqa: BLE001  whatever it is, the thread lives
                self._fail(error)
                wait_s = PAUSE_S
            self._woken.wait(wait_s)
            self._woken.clear()

    def _fail(self, error: Exception) -> None:
        self._errors += 1
        if not self._fault:
            self._fault_ns = self._now_ns()
        self._fault = reason(error)

    def _detect(self, line: int, name: str, *edge: Callable[[int], None]) -> None:
        """Turn edge detection on. Raises LineBusy."""
        try:
            self._gpio.add_event_detect(line, self._gpio.BOTH, *edge)
        except Exception as error:
            raise _deaf(line, name, error) from error

    def _claim(self, line: int, name: str) -> None:
        claim(self._gpio, line, name=name)
        self._claimed.append(line)

    def _state(self, encoder: Encoder) -> int:
        return int(self._gpio.input(encoder.b)) << 1 | int(self._gpio.input(encoder.a))

    def _edge(self, line: int) -> None:  # noqa: ARG002 (all are looked at)
        self._woken.set()

    def _listen(self, knob: _Knob) -> None:
        lgpio, handle = self._gpio.lgpio, _handle(self._gpio)
        encoder, quadrature = knob.encoder, knob.quadrature
        lines = {
            encoder.a: (quadrature.line_a, encoder.b, quadrature.line_b),
            encoder.b: (quadrature.line_b, encoder.a, quadrature.line_a),
        }

        def edge(_chip: int, line: int, level: int, at_ns: int) -> None:
            if level > 1:  # lgpio's watchdog, which nobody asked for
                return
            take, other, take_other = lines[line]
            now_ns = self._now_ns()
            late_ns = now_ns - at_ns
            with self._lock:
                knob.edge_ns = now_ns
                detents = take_other(int(self._gpio.input(other))) if 0 <= late_ns < PROMPT_NS else 0
                detents += take(level)
            if quadrature.held:
                self._woken.set()
            if detents:
                self._tell(Turned(at_ns if 0 <= late_ns < TRUST_NS else now_ns, encoder.name, detents))

        for line in lines:
            self._detect(line, encoder.name)
            try:
                knob.alerts.append(lgpio.callback(handle, line, lgpio.BOTH_EDGES, edge))
            except Exception as error:
                raise _deaf(line, encoder.name, error) from error

    def _heal(self, knob: _Knob, now_ns: int) -> None:
        """Believe lines that have been quiet for QUIET_NS and are twice in a row seen in another state."""
        state = self._state(knob.encoder)
        with self._lock:
            quiet_ns = now_ns - knob.edge_ns
            quiet = quiet_ns >= QUIET_NS
            again = state == knob.found
            knob.found = state if quiet else knob.quadrature.state
            detents = knob.quadrature.update(state) if quiet and again else 0
            if quiet_ns >= self._stable_ns:
                detents += knob.quadrature.settle()
        if detents:
            self._tell(Turned(now_ns, knob.encoder.name, detents))
