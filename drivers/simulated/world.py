"""The world around a simulated panel: hands on caps, knobs and keys, and what the chips' pins see of it.

Every question is about a moment: `voltage` is what a converter's pin has then, `pins` an expander's, `level` a GPIO
line. Voltages carry what real ones do: the pots' supply wanders by 2 %, every sample has noise and a bit of mains hum.
All of it comes from a seed. Hands act "now" or later, never in the past; all methods may be called from any thread.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from random import Random
from typing import TypeVar

from drivers.errors import SimulatorError
from drivers.panel_config import Button, Encoder, PanelConfig
from drivers.simulated.wires import KEEP_NS, Wiper, Wire

SUPPLY_V = 3.3
LSB_V = 4.096 / 32768  # of an ADS1115 at ±4.096 V
NOISE_V = 4 * LSB_V  # rms
HUM_HZ, HUM_V = 50.0, 4 * LSB_V  # rms
WANDER = ((0.011, 7.3), (0.006, 2.1), (0.003, 0.47))  # shares of the supply, which add up to 2 %, and periods in s
CIRCLE = (0b11, 0b10, 0b00, 0b01)  # an encoder's states B << 1 | A, clockwise: A leads
BOUNCE_NS = 2_000_000

T = TypeVar("T")


def wandering_supply_v(at_ns: int) -> float:
    """The pots' supply: 3.3 V ± 2 %."""
    return SUPPLY_V * (1.0 + sum(share * math.sin(math.tau * at_ns * 1e-9 / period_s) for share, period_s in WANDER))


class World:
    """What is around a panel of `config`. Caps start at the bottom, keys up, encoders at rest.

    `noise`: a factor on noise and hum, 0 for none; `supply_v`: the pots' supply over time; `bounce_ns`: for how long a
    contact bounces.
    """

    def __init__(
        self,
        config: PanelConfig,
        *,
        seed: int = 1,
        noise: float = 1.0,
        bounce_ns: int = BOUNCE_NS,
        supply_v: Callable[[int], float] = wandering_supply_v,
    ) -> None:
        self.config = config
        self.supply_v = supply_v
        self.changed: list[Callable[[], None]] = []
        """Called, by whoever moved a contact, when lines will change."""
        self.interrupts: list[Callable[[int], bool]] = []
        """Whether each expander pulls the shared interrupt line down: open drain, so any one can."""
        self._noise, self._bounce_ns = noise, bounce_ns
        self._random = Random(seed)  # noqa: S311 (noise, not a secret)
        self._lock = threading.RLock()
        address = {chip.name: chip.address for chip in config.chips}
        self._wipers = {fader.name: Wiper() for fader in config.faders}
        self._channels = {(address[fader.chip], fader.channel): fader.name for fader in config.faders}
        self._supply = (address[config.supply.chip], config.supply.channel) if config.supply else None
        self._encoders = {encoder.name: encoder for encoder in config.encoders}
        self._places = dict.fromkeys(self._encoders, 0)
        self._buttons = {button.name: button for button in config.buttons}
        self._expanders = address
        self._lines: dict[int, Wire] = {}
        self._pins: dict[int, dict[int, Wire]] = {}

    # --- what hands do ----------------------------------------------------------------------------------------------

    def slide(self, name: str, to: float, at_ns: int, over_ns: int = 0) -> None:
        """A hand takes the cap of fader `name` to `to`, 0 to 1, within `over_ns`."""
        with self._lock:
            self._known(name, self._wipers, "fader").move(at_ns, to, over_ns)

    def turn(self, name: str, detents: int, at_ns: int, per_s: float = 20.0) -> int:
        """A hand turns an encoder, clockwise positive; unevenly, by a fifth. Returns when it is done, in ns."""
        with self._lock:
            encoder: Encoder = self._known(name, self._encoders, "encoder")
            step_ns = 1e9 / (per_s * encoder.edges_per_detent)
            way = 1 if detents > 0 else -1
            at = float(at_ns)
            for _ in range(abs(detents) * encoder.edges_per_detent):
                before = CIRCLE[self._places[name]]
                self._places[name] = (self._places[name] + way) % len(CIRCLE)
                after = CIRCLE[self._places[name]]
                line, level = (encoder.a, after & 1) if (before ^ after) == 1 else (encoder.b, after >> 1)
                bounce_ns = min(self._bounce_ns, int(step_ns * 0.75))
                self._line(line).bounce(int(at), level, bounce_ns, self._random)
                at += step_ns * self._random.uniform(0.8, 1.2)
        self._tell()
        return int(at)

    def press(self, name: str, down: bool, at_ns: int) -> None:
        """A hand puts a button down or lets it go."""
        with self._lock:
            button: Button = self._known(name, self._buttons, "button")
            wire = self._pin(self._expanders[button.chip], button.pin) if button.chip else self._line(button.pin)
            if wire.final == int(down):
                wire.bounce(at_ns, int(not down), self._bounce_ns, self._random)
        self._tell()

    # --- what chips see ---------------------------------------------------------------------------------------------

    def position(self, name: str, at_ns: int) -> float:
        """Where a fader's cap is, 0 to 1."""
        with self._lock:
            return self._known(name, self._wipers, "fader").position(at_ns)

    def voltage(self, address: int, channel: int, at_ns: int) -> float:
        """What the converter at `address` (of I2C, or the SPI chip select) has on a channel, in V."""
        with self._lock:
            supply_v = self.supply_v(at_ns)
            name = self._channels.get((address, channel))
            if name is not None:
                volts = self._wipers[name].position(at_ns) * supply_v
            else:
                volts = supply_v if (address, channel) == self._supply else 0.0
            if self._noise:
                hum = HUM_V * math.sqrt(2.0) * math.sin(math.tau * HUM_HZ * at_ns * 1e-9)
                volts += self._noise * (self._random.gauss(0.0, NOISE_V) + hum)
            return volts

    def pins(self, address: int, at_ns: int) -> int:
        """What the expander at `address` has on its 16 pins: 1 is an open contact, A0 is bit 0."""
        with self._lock:
            value = 0xFFFF
            for pin, wire in self._pins.get(address, {}).items():
                value &= ~((1 - wire.level(at_ns)) << pin)
            return value

    def pin_changes(self, address: int, after_ns: int, until_ns: int) -> list[int]:
        """When the pins of the expander at `address` changed in that time."""
        with self._lock:
            wires = self._pins.get(address, {}).values()
            return sorted({at_ns for wire in wires for at_ns, _ in wire.changes(after_ns, until_ns)})

    def level(self, line: int, at_ns: int) -> int:
        """What a GPIO line has: pulled up where nothing closes it."""
        with self._lock:
            if line == self.config.interrupt:
                return int(not any(pulls(at_ns) for pulls in self.interrupts))
            wire = self._lines.get(line)
            return 1 if wire is None else wire.level(at_ns)

    def changes(self, line: int, after_ns: int, until_ns: int) -> list[tuple[int, int]]:
        """How a GPIO line changed in that time: when and to what. Once asked for, older changes are forgotten."""
        with self._lock:
            wire = self._lines.get(line)
            if wire is None:
                return []
            wire.forget(after_ns - KEEP_NS)
            return wire.changes(after_ns, until_ns)

    def next_change_ns(self, line: int, after_ns: int) -> int | None:
        """When a GPIO line changes next."""
        with self._lock:
            wire = self._lines.get(line)
            return None if wire is None else wire.next_ns(after_ns)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _line(self, line: int) -> Wire:
        return self._lines.setdefault(line, Wire())

    def _pin(self, address: int, pin: int) -> Wire:
        return self._pins.setdefault(address, {}).setdefault(pin, Wire())

    def _tell(self) -> None:
        for act in self.changed:
            act()

    @staticmethod
    def _known(name: str, known: dict[str, T], kind: str) -> T:
        try:
            return known[name]
        except KeyError:
            has = ", ".join(known) or "none"
            raise SimulatorError(f"The panel has no {kind} “{name}”: there is {has}.") from None
