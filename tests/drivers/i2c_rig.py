"""The reference panel on one simulated I2C bus in virtual time, for tests: nothing here waits for a real clock."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from drivers.oled import pages_of
from drivers.panel_config import Analog, Button, Chip, Display, Light, PanelConfig
from drivers.panel_events import ChipState, Happened, Pressed, Slid
from drivers.panel_i2c import I2cPanel
from drivers.simulated.clock import VirtualClock
from drivers.simulated.i2c import SimulatedI2c
from drivers.simulated.i2c_buses import SimulatedBuses
from drivers.simulated.world import World

MS = 1_000_000
S = 1_000 * MS
ADCS, EXPANDERS, LEDS, OLED = (0x48, 0x49, 0x4B), (0x20, 0x21, 0x22), 0x70, 0x3C
INPUT_PINS = (*range(7), *range(8, 15))
BLACK, WHITE = (pages_of(Image.new("1", (128, 64), value)) for value in (0, 1))


def reference(i2c_hz: int = 400_000, interrupt: int = -1) -> PanelConfig:
    """DESIGN §6: 9 faders on three ADS1115, one channel for the supply, 30 buttons on three MCP23017, an HT16K33 and
    an SSD1309."""
    chips = [Chip(f"adc{index}", "ads1115", 1, address) for index, address in enumerate(ADCS)]
    chips += [Chip(f"exp{index}", "mcp23017", 1, address) for index, address in enumerate(EXPANDERS)]
    chips.append(Chip("leds", "ht16k33", 1, LEDS))
    return PanelConfig(
        chips=tuple(chips),
        faders=tuple(Analog(f"fader.{index}", f"adc{index // 4}", index % 4) for index in range(9)),
        supply=Analog("supply", "adc2", 3),
        buttons=tuple(
            Button(f"button.{index}", INPUT_PINS[index // 3], f"exp{index % 3}") for index in range(30)
        ),
        lights=tuple(Light(f"light.{index}", "leds", 8 * index, 8) for index in range(16)),
        display=Display("ssd1309", 1, OLED),
        interrupt=interrupt,
        i2c_hz=i2c_hz,
    )  # fmt: skip


class Rig:
    """A panel, its simulated buses, and the world around them."""

    def __init__(
        self, config: PanelConfig | None = None, *, call_ns: int = 0, noise: float = 0.0, bounce_ns: int = 2 * MS
    ) -> None:
        self.config = config or reference()
        self.clock = VirtualClock(S)
        self.world = World(self.config, noise=noise, bounce_ns=bounce_ns)
        self.buses = SimulatedBuses(self.config, self.world, self.clock, call_ns=call_ns)
        self.events: list[Happened] = []
        self.panel = I2cPanel(
            self.config,
            self.buses.open,
            tell=self.events.append,
            clock=self.clock,
            interrupt=self.buses.interrupt if self.config.interrupt >= 0 else None,
        )

    @property
    def bus(self) -> SimulatedI2c:
        """The bus of the first chip."""
        return self.buses.bus_of(self.config.chips[0].address)

    def run(self, for_ns: int, each: Callable[[], None] = lambda: None) -> None:
        """Serve the buses for a time; `each` is called before each pass."""
        until_ns = self.clock.now_ns() + for_ns
        while self.clock.now_ns() < until_ns:
            each()
            self.panel.step()

    def slid(self, name: str) -> list[Slid]:
        """What a fader told."""
        return [event for event in self.events if isinstance(event, Slid) and event.name == name]

    def pressed(self) -> list[Pressed]:
        """What the buttons told."""
        return [event for event in self.events if isinstance(event, Pressed)]

    def state(self, name: str) -> ChipState:
        """How a chip is."""
        return next(state for state in self.panel.states() if state.name == name)

    def glass(self) -> bytes:
        """What the OLED shows, as pages."""
        assert self.buses.display is not None
        return pages_of(self.buses.display.image())
