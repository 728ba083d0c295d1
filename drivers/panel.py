"""A whole panel: GPIO lines, I2C chips and SPI chips of one board behind one door.

    panel = Panel(config, wake=event.set)
    panel.start()                           # raises DriverError where lines or libraries are not there
    while ...:
        for happened in panel.take(): ...
        panel.light("light.mute.3", 1.0)
        panel.show(image)
    panel.close()

Between start() and close() nothing waits and nothing is raised for what chips do: that is in states().
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

from drivers.clock import Clock, SystemClock
from drivers.gpio_lines import GpioPanel, load_gpio
from drivers.i2c_bus import OpenBus, open_smbus
from drivers.oled import greys_of, pages_of, turned
from drivers.panel_config import SPI_DISPLAYS, PanelConfig
from drivers.panel_events import ChipState, Happened, Slid
from drivers.panel_i2c import I2cPanel
from drivers.panel_spi import SpiPanel
from drivers.spi_bus import OpenSpi, open_spi

KEPT = 65_536
"""Events that wait for take(): a minute of a full panel that nobody listens to. Older ones are dropped."""
STIRS = 0.001
"""Of the supply: a wiper that is read so far from where it rested has been moved; noise is a tenth of it."""
FOLLOWED = 8
"""Readings after that which wake too, until whoever smooths them has come to where the wiper is."""

SWITCH_S = 0.0005
"""A bus whose transfer has ended waits no longer than this for a thread that draws: with Python's 5 ms each picture
would cost every fader a scan."""


def _nobody() -> None:
    """Wake no one."""


class Panel:
    """The panel of `config`.

    `wake` is called, from any thread, when a hand has done something: not for readings of wipers at rest, which wait
    until they are taken. `gpio`: the module RPi.GPIO, loaded by start() if it is not given and the board has lines.
    `open_bus`, `open_spi`: as of drivers.i2c_bus and drivers.spi_bus.
    Raises DisplayError for a display that is not made in its size.
    """

    def __init__(
        self,
        config: PanelConfig,
        *,
        open_bus: OpenBus = open_smbus,
        gpio: Any = None,
        open_spi: OpenSpi = open_spi,
        wake: Callable[[], None] = _nobody,
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self._clock: Clock = SystemClock() if clock is None else clock
        self._wake = wake
        self._rests: dict[str, list[float]] = {}  # where each wiper rested, and how many readings are still followed
        self._happened: deque[Happened] = deque(maxlen=KEPT)
        self._gpio = gpio
        self._lines: GpioPanel | None = None
        interrupt = self._interrupted if config.interrupt >= 0 else None
        self._i2c = I2cPanel(config, open_bus, tell=self._tell, clock=self._clock, interrupt=interrupt)
        self._spi = SpiPanel(config, open_spi, self._module, tell=self._tell, clock=self._clock)

    def start(self) -> None:
        """Take the lines and begin, each bus on a thread of its own. Raises DriverMissing, LinesMissing or LineBusy,
        with nothing taken."""
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        with self._all_or_nothing():
            if self._wants_lines():
                self._make_lines().start()
            self._spi.start()
            self._i2c.start()

    def open(self) -> None:
        """As start(), without threads: for a caller that calls step()."""
        with self._all_or_nothing():
            if self._wants_lines():
                self._make_lines().open()
            self._spi.open()

    def step(self) -> None:
        """One pass of every bus and a look at the lines, for a caller that has not started the threads."""
        self._i2c.step()
        if self._spi.used:
            self._spi.step()
        if self._lines is not None:
            self._lines.look()

    def close(self) -> None:
        """End: lights and display go dark, lines are given back."""
        self._i2c.close()
        self._spi.close()
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    def take(self) -> list[Happened]:
        """What happened since the last time, in order."""
        happened = self._happened
        return [happened.popleft() for _ in range(len(happened))]

    def states(self) -> list[ChipState]:
        """How each chip is; the display's name is "display", and GPIO lines that cannot be read are "lines"."""
        lines = self._lines.states() if self._lines is not None else []
        return [*self._i2c.states(), *self._spi.states(), *lines]

    def light(self, name: str, level: float) -> None:
        """A light to 0 to 1; a name that the board has not is no error: panels differ."""
        if name in self._i2c.lights:
            self._i2c.light(name, level)

    def show(self, image: Image.Image) -> None:
        """A picture of mode "1" and the display's size; of several the last one counts. Without a display nothing
        happens."""
        display = self.config.display
        if display is None:
            return
        image = turned(image, display.rotate)
        if display.kind in SPI_DISPLAYS:
            self._spi.show(greys_of(image))
        else:
            self._i2c.show(pages_of(image))

    def contrast(self, level: int) -> None:
        """The display's brightness, 0 to 255."""
        self._i2c.contrast(level)
        self._spi.contrast(level)

    @property
    def frames(self) -> int:
        """Pictures that the display has got whole."""
        return self._i2c.frames + self._spi.frames

    # --- inside -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _make_lines(self) -> GpioPanel:
        self._lines = GpioPanel(self.config, self._module(), tell=self._tell, now_ns=self._clock.now_ns)
        return self._lines

    def _tell(self, event: Happened) -> None:
        self._happened.append(event)
        if type(event) is not Slid or self._stirs(event):
            self._wake()

    def _stirs(self, event: Slid) -> bool:
        rest = self._rests.get(event.name)
        if rest is None or abs(event.ratio - rest[0]) > STIRS:
            self._rests[event.name] = [event.ratio, FOLLOWED]
            return True
        if rest[1] > 0:
            rest[1] -= 1
            if rest[1] == 0:
                rest[0] = event.ratio
            return True
        return False

    def _module(self) -> Any:
        if self._gpio is None:
            self._gpio = load_gpio()
        return self._gpio

    def _wants_lines(self) -> bool:
        config = self.config
        return bool(config.encoders) or config.interrupt >= 0 or any(not button.chip for button in config.buttons)

    def _interrupted(self) -> bool:
        try:
            return self._lines is not None and self._lines.interrupted()
        except Exception:  # noqa: BLE001  its line is not the expanders: they are looked at in turn
            return False
