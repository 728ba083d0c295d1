"""What a maker has to know of the chips a panel can have: what each is, where it answers, how its address is set."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.panel_config import ADC_CHANNELS, I2C_CHIPS, I2C_DISPLAYS, SPI_CHIPS, SPI_DISPLAYS

EXPANDER_PINS = 16
OUTPUT_ONLY = (7, 15)  # A7 and B7 of an MCP23017: data sheet DS20001952D takes their inputs back
LIGHT_PLACES = {"ht16k33": 128, "is31fl3731": 144}
SPI_SELECTS = (0, 1)


@dataclass(frozen=True, slots=True)
class ChipFacts:
    """`title`: as printed on it. `addresses`: of I2C, or the chip selects of SPI. `straps`: how each address is set,
    in their order; empty where jumpers count in binary, A0 first."""

    title: str
    job: str
    addresses: tuple[int, ...]
    straps: tuple[str, ...] = ()

    def strap(self, address: int) -> str:
        """How this address is set on the chip's board: "ADDR to GND"."""
        at = self.addresses.index(address)
        if self.straps:
            return self.straps[at]
        bits = max(1, (len(self.addresses) - 1).bit_length())
        return ", ".join(f"A{bit} to {'3V3' if at >> bit & 1 else 'GND'}" for bit in range(bits))


def _range(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


_ADDR = ("ADDR to GND", "ADDR to 3V3", "ADDR to SDA", "ADDR to SCL")
_SELECTS = ("CS to CE0", "CS to CE1")
_OLED = ("SA0 low (as sold)", "SA0 high")
_JUMPERS = ("no jumper",)
_HT16K33 = _JUMPERS + tuple(
    "solder " + " and ".join(f"A{bit}" for bit in range(3) if at >> bit & 1) for at in range(1, 8)
)
# Data sheets: TI SBAS444E (ADS1115), SBAS475 (ADS1015), SBAS379 (ADS7830), SBAS181C (ADS7828); Microchip DS20001952D
# (MCP23017), DS21295D (MCP3008), DS21298E (MCP3208); Holtek HT16K33 v1.10; Lumissil IS31FL3731; Solomon SSD1306,
# SSD1309, SSD1322; Sino Wealth SH1106.
FACTS: dict[str, ChipFacts] = {
    "ads1115": ChipFacts("ADS1115", "converter, 4 channels of 16 bits", _range(0x48, 0x4B), _ADDR),
    "ads1015": ChipFacts("ADS1015", "converter, 4 channels of 12 bits", _range(0x48, 0x4B), _ADDR),
    "ads7830": ChipFacts("ADS7830", "converter, 8 channels of 8 bits", _range(0x48, 0x4B)),
    "ads7828": ChipFacts("ADS7828", "converter, 8 channels of 12 bits", _range(0x48, 0x4B)),
    "mcp3008": ChipFacts("MCP3008", "converter, 8 channels of 10 bits", SPI_SELECTS, _SELECTS),
    "mcp3208": ChipFacts("MCP3208", "converter, 8 channels of 12 bits", SPI_SELECTS, _SELECTS),
    "mcp23017": ChipFacts("MCP23017", "expander, 14 inputs", _range(0x20, 0x27)),
    "ht16k33": ChipFacts("HT16K33", "lights, 128 places", _range(0x70, 0x77), _HT16K33),
    "is31fl3731": ChipFacts(
        "IS31FL3731", "lights, 144 places", _range(0x74, 0x77), ("AD to GND", "AD to SCL", "AD to SDA", "AD to 3V3")
    ),
    "ssd1306": ChipFacts("SSD1306", "OLED 128 × 64", (0x3C, 0x3D), _OLED),
    "sh1106": ChipFacts("SH1106", "OLED 128 × 64", (0x3C, 0x3D), _OLED),
    "ssd1309": ChipFacts("SSD1309", "OLED 128 × 64", (0x3C, 0x3D), _OLED),
    "ssd1322": ChipFacts("SSD1322", "OLED 256 × 64", SPI_SELECTS, _SELECTS),
}


def on_i2c(kind: str) -> bool:
    """Whether a kind of chip or display hangs on an I2C bus; else on SPI."""
    return kind in I2C_CHIPS or kind in I2C_DISPLAYS


def places(kind: str) -> int:
    """How many channels, pins or lights a kind of chip has."""
    return ADC_CHANNELS.get(kind) or LIGHT_PLACES.get(kind) or EXPANDER_PINS


def place_name(kind: str, place: int) -> str:
    """A channel, pin or light as it is printed on the chip: "AIN0", "GPA3", "17"."""
    if kind == "mcp23017":
        return f"GP{'AB'[place // 8]}{place % 8}"
    if kind in ADC_CHANNELS:
        return f"{'AIN' if kind.startswith('ads1') else 'CH'}{place}"
    return str(place)


def address_text(kind: str, address: int) -> str:
    """An address as a board file writes it: "0x48", or "spi0.1" where it is a chip select."""
    return f"0x{address:02X}" if on_i2c(kind) else f"spi0.{address}"


CHIPS = (*I2C_CHIPS, *SPI_CHIPS)
DISPLAYS = (*I2C_DISPLAYS, *SPI_DISPLAYS)
