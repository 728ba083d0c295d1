"""The 40-pin header of a Raspberry Pi: which pin is which GPIO line, and what else a line is for."""

from __future__ import annotations

# From pin 1 (3.3 V, beside the board's corner) to pin 40, odd pins in one row, even ones in the other. A number is a
# GPIO line's (BCM); Raspberry Pi's documentation, "GPIO and the 40-pin header".
PINS: tuple[int | str, ...] = (
    "3V3", "5V", 2, "5V", 3, "GND", 4, 14, "GND", 15, 17, 18, 27, "GND", 22, 23, "3V3", 24, 10, "GND",
    9, 25, 11, 8, "GND", 7, 0, 1, 5, "GND", 6, 12, 13, "GND", 19, 16, 26, 20, "GND", 21,
)  # fmt: skip
LINES = 28  # GPIO 0 to 27 are on the header
PIN_OF_LINE: dict[int, int] = {line: number for number, line in enumerate(PINS, 1) if isinstance(line, int)}

ID_EEPROM = (0, 1)  # read at power-up to know the HAT; nothing else may hang on them
I2C_LINES: dict[int, tuple[int, int]] = {1: (2, 3)}  # SDA and SCL of the one bus that is always on the same pins
SPI_LINES: dict[str, int] = {"MISO": 9, "MOSI": 10, "SCLK": 11, "CE0": 8, "CE1": 7}  # of SPI0
UART_LINES = (14, 15)


def told(line: int) -> str:
    """A line as a maker looks for it: "GPIO 17 (pin 11)"."""
    return f"GPIO {line} (pin {PIN_OF_LINE[line]})"
