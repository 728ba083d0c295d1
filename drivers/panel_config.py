"""What a panel is made of: chips, pins and what is wired to each. Plain data; whoever reads board files makes it.

Names are the board file's own ("fader.3", "encoder.1", "mute.4"): what a control does is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

I2C_CHIPS = ("ads1115", "ads1015", "ads7830", "ads7828", "mcp23017", "ht16k33", "is31fl3731")
SPI_CHIPS = ("mcp3008", "mcp3208")
I2C_DISPLAYS = ("ssd1306", "sh1106", "ssd1309")
SPI_DISPLAYS = ("ssd1322",)
ADC_CHANNELS = {"ads1115": 4, "ads1015": 4, "ads7830": 8, "ads7828": 8, "mcp3008": 8, "mcp3208": 8}
EDGES_PER_DETENT = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip of `kind`, called `name` on its board. `bus`: of I2C or SPI; `address`: of I2C, or the SPI chip select."""

    name: str
    kind: str
    bus: int
    address: int


@dataclass(frozen=True, slots=True)
class Analog:
    """A wiper on a converter's channel, from 0."""

    name: str
    chip: str
    channel: int


@dataclass(frozen=True, slots=True)
class Encoder:
    """A quadrature encoder on two GPIO lines (BCM numbers) that close to ground."""

    name: str
    a: int
    b: int
    edges_per_detent: int = 4


@dataclass(frozen=True, slots=True)
class Button:
    """A contact to ground: on a GPIO line (BCM number; `chip` is empty) or a pin 0 to 15 of an expander (A0 = 0)."""

    name: str
    pin: int
    chip: str = ""


@dataclass(frozen=True, slots=True)
class Light:
    """One LED, or a column of `steps` of them from `place` on: the chip's own numbering, 0 to 127 or 0 to 143."""

    name: str
    chip: str
    place: int
    steps: int = 1


@dataclass(frozen=True, slots=True)
class Display:
    """The OLED. `address`: of I2C, or the SPI chip select; `dc` and `reset` are GPIO lines where it is on SPI."""

    kind: str
    bus: int
    address: int
    width: int = 128
    height: int = 64
    rotate: int = 0
    dc: int = -1
    reset: int = -1


@dataclass(frozen=True, slots=True)
class PanelConfig:
    """A whole panel, checked by whoever made it. `supply`: the channel that measures the pots' supply, if one does.
    `interrupt`: the GPIO line that all expanders pull down, −1 where there is none."""

    chips: tuple[Chip, ...] = ()
    faders: tuple[Analog, ...] = ()
    supply: Analog | None = None
    encoders: tuple[Encoder, ...] = ()
    buttons: tuple[Button, ...] = ()
    lights: tuple[Light, ...] = ()
    display: Display | None = None
    interrupt: int = -1
    i2c_hz: int = 400_000
