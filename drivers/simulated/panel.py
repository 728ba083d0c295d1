"""A simulated panel: the real drivers on models of chips and lines, with real threads in real time.

world = World(config)
panel = simulated_panel(config, world)
panel.start()
hands = Hands(parse(script, config), world, plug=panel.plug)
hands.start()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PIL import Image

from drivers.clock import Clock, SystemClock
from drivers.errors import SimulatorError
from drivers.gpio_lines import load_gpio
from drivers.mcp3008 import BITS
from drivers.panel import Panel
from drivers.panel_config import SPI_CHIPS, SPI_DISPLAYS, PanelConfig
from drivers.simulated import lgpio
from drivers.simulated.i2c_buses import SimulatedBuses
from drivers.simulated.lgpio import Board
from drivers.simulated.spi import Handle, Mcp3008Model, SimulatedSpi, Ssd1322Model
from drivers.simulated.world import World

AHEAD_NS = 500_000  # a sleep shorter than this takes longer than it says
STEP_NS = 2_000_000
SPI_SELECTS = 8  # below this an address is a chip select


class SimulatedPanel(Panel):
    """A Panel with the world it is in. One at a time in a process: there is one RPi.GPIO."""

    def __init__(
        self, config: PanelConfig, world: World, *, wake: Callable[[], None], clock: Clock, call_ns: int = 0
    ) -> None:
        """`call_ns`: as of SimulatedI2c."""
        self.world = world
        self.board = Board(world, clock)
        ahead_ns = AHEAD_NS if isinstance(clock, SystemClock) else 0
        self.buses = SimulatedBuses(config, world, clock, call_ns=call_ns, ahead_ns=ahead_ns)
        self.spi: dict[int, SimulatedSpi] = {}
        self._glass: Ssd1322Model | None = None
        self._attach_spi(config, clock)
        super().__init__(config, open_bus=self.buses.open, gpio=None, open_spi=self._open_spi, wake=wake, clock=clock)

    def start(self) -> None:
        """As Panel.start(), on lines of its own."""
        self._attach_lines()
        self.board.start()
        super().start()

    def open(self) -> None:
        """As Panel.open(), on lines of its own."""
        self._attach_lines()
        super().open()

    def step(self) -> None:
        """As Panel.step(); the clock goes on by 2 ms or by what the buses took, and callbacks come in their time."""
        began_ns = self._clock.now_ns()
        super().step()
        now_ns = self._clock.now_ns()
        self.board.run_until_ns(now_ns if now_ns > began_ns else now_ns + STEP_NS)

    def close(self) -> None:
        """As Panel.close()."""
        super().close()
        self.board.close()

    def _attach_lines(self) -> None:
        lgpio.attach(self.board)
        self._gpio = load_gpio(simulated=True)

    def plug(self, address: int, plugged: bool) -> None:
        """Take the chip at an address (of I2C, or an SPI chip select) away, or put it back. Raises SimulatorError where
        there is none."""
        if address < SPI_SELECTS:
            for spi in self.spi.values():
                if spi.has(address):
                    (spi.plug if plugged else spi.unplug)(address)
                    return
            raise SimulatorError(f"The panel has no SPI chip at chip select {address}.")
        bus = self.buses.bus_of(address)
        (bus.plug if plugged else bus.unplug)(address)

    def glass(self) -> Image.Image | None:
        """What the display shows, in mode "1"; None where there is no display."""
        if self._glass is not None:
            return self._glass.image().convert("1", dither=Image.Dither.NONE)
        return None if self.buses.display is None else self.buses.display.image()

    def watch(self, look: Callable[[], None]) -> None:
        """Call `look` after each transfer on any bus, when `glass` shows just what has been sent."""
        for i2c in self.buses.all():
            i2c.after.append(look)
        for spi in self.spi.values():
            spi.after.append(look)

    def _attach_spi(self, config: PanelConfig, clock: Clock) -> None:
        for chip in config.chips:
            if chip.kind in SPI_CHIPS:
                voltage = partial(self.world.voltage, chip.address)
                model = Mcp3008Model(voltage, bits=BITS[chip.kind], reference=self.world.supply_v)
                self._bus(chip.bus, clock).attach(chip.address, model)
        display = config.display
        if display is not None and display.kind in SPI_DISPLAYS:
            self._glass = Ssd1322Model(lambda: self.board.outputs.get(display.dc, 1), display.width, display.height)
            self._bus(display.bus, clock).attach(display.address, self._glass)

    def _bus(self, number: int, clock: Clock) -> SimulatedSpi:
        return self.spi.setdefault(number, SimulatedSpi(clock))

    def _open_spi(self, bus: int, device: int) -> Handle:
        return self.spi[bus].open(bus, device)


def simulated_panel(
    config: PanelConfig,
    world: World | None = None,
    *,
    wake: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> SimulatedPanel:
    """The simulated panel of `config`, in `world` or one of its own."""
    return SimulatedPanel(
        config,
        World(config) if world is None else world,
        wake=wake,
        clock=SystemClock() if clock is None else clock,
    )
