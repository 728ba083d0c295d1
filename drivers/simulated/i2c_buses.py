"""The simulated I2C side of a panel: a bus for each number with a model for each chip, in the world around it.

world = World(config)
buses = SimulatedBuses(config, world, clock)
panel = I2cPanel(config, buses.open, tell=tell, clock=clock, interrupt=buses.interrupt)
buses.bus_of(0x49).unplug(0x49)
"""

from __future__ import annotations

import errno
import os
from functools import partial

from drivers.clock import Clock
from drivers.errors import SimulatorError
from drivers.panel_config import I2C_CHIPS, I2C_DISPLAYS, Chip, PanelConfig
from drivers.simulated.chips import ChipModel
from drivers.simulated.chips.ads1115 import Ads1115Model
from drivers.simulated.chips.ads7830 import Ads7830Model
from drivers.simulated.chips.ht16k33 import Ht16k33Model
from drivers.simulated.chips.is31fl3731 import Is31fl3731Model
from drivers.simulated.chips.mcp23017 import Mcp23017Model
from drivers.simulated.chips.ssd1306 import Ssd1306Model
from drivers.simulated.i2c import Handle, SimulatedI2c
from drivers.simulated.world import World


class SimulatedBuses:
    """All I2C buses of `config`. `call_ns`, `ahead_ns`: as of SimulatedI2c."""

    def __init__(self, config: PanelConfig, world: World, clock: Clock, *, call_ns: int = 0, ahead_ns: int = 0) -> None:
        self._clock, self._world = clock, world
        self.display: Ssd1306Model | None = None
        """The OLED, where it is on I2C."""
        self.models: dict[str, ChipModel] = {}
        """By the chip's name on the board."""
        self._buses: dict[int, SimulatedI2c] = {}

        def attach(bus: int, address: int, model: ChipModel) -> None:
            if bus not in self._buses:
                self._buses[bus] = SimulatedI2c(clock, speed_hz=config.i2c_hz, call_ns=call_ns, ahead_ns=ahead_ns)
            self._buses[bus].attach(address, model)

        for chip in config.chips:
            if chip.kind in I2C_CHIPS:
                self.models[chip.name] = self._model(chip, world)
                attach(chip.bus, chip.address, self.models[chip.name])
                self._wire(chip)
        if config.display is not None and config.display.kind in I2C_DISPLAYS:
            self.display = Ssd1306Model(config.display.kind)
            attach(config.display.bus, config.display.address, self.display)

    def open(self, number: int) -> Handle:
        """What smbus2.SMBus(number) gives; raises FileNotFoundError for a bus without chips."""
        if number not in self._buses:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"/dev/i2c-{number}")
        return self._buses[number].open(number)

    def bus_of(self, address: int) -> SimulatedI2c:
        """The bus with a chip at this address. Raises SimulatorError where none has."""
        for bus in self._buses.values():
            if bus.has(address):
                return bus
        raise SimulatorError(f"The panel has no I2C chip at 0x{address:02X}.")

    def all(self) -> list[SimulatedI2c]:
        """All of them."""
        return list(self._buses.values())

    def interrupt(self) -> bool:
        """Whether an expander pulls the shared line down, seen now."""
        now_ns = self._clock.now_ns()
        return any(pulls(now_ns) for pulls in self._world.interrupts)

    def _wire(self, chip: Chip) -> None:
        """An expander's INT line, which pulls as long as it has power."""
        model, bus = self.models[chip.name], self._buses[chip.bus]
        if isinstance(model, Mcp23017Model):
            self._world.interrupts.append(lambda at_ns: bus.powered(chip.address) and model.interrupt(at_ns))

    def _model(self, chip: Chip, world: World) -> ChipModel:
        voltage = partial(world.voltage, chip.address)
        if chip.kind in {"ads1115", "ads1015"}:
            return Ads1115Model(voltage, bits=16 if chip.kind == "ads1115" else 12)
        if chip.kind in {"ads7830", "ads7828"}:
            return Ads7830Model(voltage, bits=8 if chip.kind == "ads7830" else 12, reference=world.supply_v)
        if chip.kind == "mcp23017":
            return Mcp23017Model(partial(world.pins, chip.address), partial(world.pin_changes, chip.address))
        return Ht16k33Model() if chip.kind == "ht16k33" else Is31fl3731Model()
