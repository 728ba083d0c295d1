"""MCP3008 (10 bit) and MCP3208 (12 bit): converters of 8 channels on SPI, each reading one transfer of 3 bytes.

Data sheets DS21295 and DS21298, "Serial Communication": a start bit, "single-ended", three bits of channel, a clock to
sample, then a bit that is always 0 and the value, highest bit first. Values are shares of VREF, which is wired to the
pots' supply, so that a supply that wanders changes nothing.

While it is not asked its output floats. With 10 kΩ from MISO to 3.3 V a chip that is not there reads as ones, which no
chip says; without, the Pi pulls the line down, and it reads as a chip whose value is 0.
"""

from __future__ import annotations

from drivers.errors import ChipSilent
from drivers.spi_bus import Spi

SPEED_HZ = 1_000_000  # at 3.3 V an MCP3208 is good for a little more than 1 MHz, an MCP3008 for 1.5
CHANNELS = 8
BITS = {"mcp3008": 10, "mcp3208": 12}


def request(kind: str, channel: int) -> list[int]:
    """The three bytes that ask for a channel, 0 to 7."""
    if kind == "mcp3008":
        return [0x01, 0x80 | channel << 4, 0x00]
    return [0x06 | channel >> 2, (channel & 3) << 6, 0x00]


def silent(kind: str) -> ChipSilent:
    """The error of a chip of `kind` that is not there."""
    return ChipSilent(f"The {kind.upper()} does not answer: look at its wires, its power and chip select.")


class Mcp3008:
    """A chip of `kind` ("mcp3008" or "mcp3208") on an open `spi`, which from now on runs at its speed."""

    def __init__(self, spi: Spi, kind: str = "mcp3008") -> None:
        self.kind = kind
        self._spi = spi
        self._bits = BITS[kind]
        self._full = (1 << self._bits) - 1
        self._requests = [request(kind, channel) for channel in range(CHANNELS)]
        spi.max_speed_hz, spi.mode = SPEED_HZ, 0

    def read(self, channel: int) -> float:
        """A channel, 0 to 7, as a share of VREF, 0 to 1.

        Raises ChipSilent where the bit before the value is not 0: nothing drives the line. OSError as spidev has it.
        """
        answer = self._spi.xfer2(list(self._requests[channel]))
        word = answer[1] << 8 | answer[2]
        if word >> self._bits & 1:
            raise silent(self.kind)
        return (word & self._full) / self._full
