"""The I2C half of a panel: one thread for each bus, what its chips see told as events, lights and pictures to them.

    panel = I2cPanel(config, open_smbus, tell=events.append)
    panel.start()
    panel.light("light.mute.3", 1.0)
    panel.show(pages_of(image))
    ...
    panel.close()

Nothing here waits for a chip, and nothing is raised for what chips do: that is in states().
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from drivers import ht16k33, is31fl3731
from drivers.ads1115 import Ads1115
from drivers.ads7830 import Ads7830
from drivers.chip_watch import Watch
from drivers.clock import Clock, SystemClock
from drivers.errors import reason
from drivers.i2c_bus import I2cBus, OpenBus, open_smbus
from drivers.i2c_parts import AdcPart, DisplayPart, ExpanderPart, LightsPart, Supply, Tell
from drivers.i2c_schedule import I2cSchedule
from drivers.mcp23017 import Mcp23017
from drivers.oled import contrast_command, init_commands
from drivers.oled_frame import Frame
from drivers.panel_config import I2C_CHIPS, I2C_DISPLAYS, Chip, PanelConfig
from drivers.panel_events import ChipState

DISPLAY = "display"
"""The name under which states() tells of the OLED, which has none on its board."""
_JOIN_S = 2.0
PAUSE_NS = 100_000_000
"""A bus whose thread met a fault goes on after this."""


class I2cPanel:
    """The chips of `config` that are on I2C. `tell` is called by the buses' threads with each event;
    `interrupt`: whether an expander pulls the shared line down, None where there is no such line. Raises DisplayError
    for a display that is not made in its size."""

    def __init__(
        self,
        config: PanelConfig,
        open_bus: OpenBus = open_smbus,
        *,
        tell: Tell,
        clock: Clock | None = None,
        interrupt: Callable[[], bool] | None = None,
    ) -> None:
        self._config, self._tell = config, tell
        self._clock: Clock = SystemClock() if clock is None else clock
        chips = [chip for chip in config.chips if chip.kind in I2C_CHIPS]
        supply = config.supply
        self._supply = Supply(supply is not None and any(chip.name == supply.chip for chip in chips))
        self._lights: dict[str, LightsPart] = {}
        self._display: DisplayPart | None = None
        buses = {chip.bus for chip in chips}
        if config.display is not None and config.display.kind in I2C_DISPLAYS:
            buses.add(config.display.bus)
        self._schedules = [
            self._schedule(I2cBus(number, open_bus, speed_hz=config.i2c_hz), chips, interrupt)
            for number in sorted(buses)
        ]
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to serve the buses. A chip or a bus that is not there yet is no error: it is asked again."""
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, args=(schedule,), name=f"i2c-{schedule.bus.number}", daemon=True)
            for schedule in self._schedules
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop; lights and display go dark."""
        self._stopping = True
        for thread in self._threads:
            thread.join(_JOIN_S)
        if not any(thread.is_alive() for thread in self._threads):
            for schedule in self._schedules:
                schedule.dark()
                schedule.bus.close()
        self._threads = []

    def step(self) -> None:
        """One pass of every bus, for a caller that has not started the threads."""
        for schedule in self._schedules:
            schedule.step()

    def states(self) -> list[ChipState]:
        """How each chip is."""
        return [part.watch.state() for schedule in self._schedules for part in schedule.parts()]

    def light(self, name: str, level: float) -> None:
        """A light of the board to 0 to 1; of several wishes the last one counts. Raises KeyError for an unknown one."""
        self._lights[name].light(name, level)

    @property
    def lights(self) -> frozenset[str]:
        """The names that light() takes."""
        return frozenset(self._lights)

    def show(self, pages: bytes) -> None:
        """A picture as the display's RAM has it, page after page (`drivers.oled.pages_of`); of several the last one
        counts. Without a display on I2C nothing happens."""
        if self._display is not None:
            self._display.frame.put(pages)

    def contrast(self, level: int) -> None:
        """The display's brightness, 0 to 255."""
        if self._display is not None:
            self._display.command(contrast_command(level))

    @property
    def frames(self) -> int:
        """Pictures that the display has got whole."""
        return 0 if self._display is None else self._display.frame.frames

    def _run(self, schedule: I2cSchedule) -> None:
        while not self._stopping:
            try:
                schedule.step()
            except Exception as error:  # noqa: BLE001  whatever it is, the thread lives
                self._lose(schedule, reason(error))

    def _lose(self, schedule: I2cSchedule, why: str) -> None:
        """All of a bus, and go on later."""
        now_ns = self._clock.now_ns()
        for part in schedule.parts():
            part.watch.port.errors += 1
            part.watch.lose(why, now_ns)
        self._clock.sleep_until_ns(now_ns + PAUSE_NS)

    def _schedule(self, bus: I2cBus, chips: list[Chip], interrupt: Callable[[], bool] | None) -> I2cSchedule:
        here = [chip for chip in chips if chip.bus == bus.number]
        adcs = [self._adc(bus, chip) for chip in here if chip.kind.startswith("ads")]
        expanders = [self._expander(bus, chip) for chip in here if chip.kind == "mcp23017"]
        lights = [self._light_chip(bus, chip) for chip in here if chip.kind in {"ht16k33", "is31fl3731"}]
        return I2cSchedule(
            bus,
            self._clock,
            adcs=[adc for adc in adcs if adc is not None],
            expanders=expanders,
            lights=lights,
            display=self._oled(bus),
            interrupt=interrupt,
        )

    def _watch(self, bus: I2cBus, name: str, address: int) -> Watch:
        return Watch(name, bus.port(address), self._clock.now_ns())

    def _adc(self, bus: I2cBus, chip: Chip) -> AdcPart | None:
        """The converter with the channels that are used; None where none is."""
        names = {fader.channel: fader.name for fader in self._config.faders if fader.chip == chip.name}
        supply = self._config.supply
        channels = {*names, supply.channel} if supply is not None and supply.chip == chip.name else set(names)
        if not channels:
            return None
        watch = self._watch(bus, chip.name, chip.address)
        kind = Ads1115 if chip.kind in {"ads1115", "ads1015"} else Ads7830
        return AdcPart(watch, kind(watch.port, sorted(channels), chip.kind), names, self._supply, self._tell)

    def _expander(self, bus: I2cBus, chip: Chip) -> ExpanderPart:
        watch = self._watch(bus, chip.name, chip.address)
        buttons = [button for button in self._config.buttons if button.chip == chip.name]
        return ExpanderPart(watch, Mcp23017(watch.port), buttons, self._tell)

    def _light_chip(self, bus: I2cBus, chip: Chip) -> LightsPart:
        watch = self._watch(bus, chip.name, chip.address)
        lights = [light for light in self._config.lights if light.chip == chip.name]
        if chip.kind == "ht16k33":
            part = LightsPart(watch, ht16k33.Ht16k33(watch.port), ht16k33.PLACES, lights)
        else:
            part = LightsPart(watch, is31fl3731.Is31fl3731(watch.port), is31fl3731.PLACES, lights)
        self._lights |= dict.fromkeys((light.name for light in lights), part)
        return part

    def _oled(self, bus: I2cBus) -> DisplayPart | None:
        display = self._config.display
        if display is None or display.kind not in I2C_DISPLAYS or display.bus != bus.number:
            return None
        frame = Frame(display.kind, display.width, display.height)
        init = init_commands(display.kind, display.width, display.height)
        self._display = DisplayPart(self._watch(bus, DISPLAY, display.address), frame, init)
        return self._display
