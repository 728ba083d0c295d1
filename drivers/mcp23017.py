"""MCP23017 (Microchip DS20001952): sixteen pins, fourteen of them inputs, for contacts that close to ground."""

from __future__ import annotations

from drivers.errors import ChipSilent
from drivers.i2c_bus import Port

INPUTS = 0x7F7F  # GPA7 and GPB7 can be outputs only: they drive nothing and stay low
_IOCON = 0x44  # both INT lines say the same (mirror), open drain: several chips share one wire
_GPIO, _INTF = b"\x12", b"\x0e"
_FROM_IOCON = b"\x0a"
# From register 0 on, A and B in turn: directions, polarity, interrupts, what they compare with (two), IOCON, pull-ups
_SETTINGS = bytes((0x00, 0x7F, 0x7F, 0x00, 0x00, 0x7F, 0x7F, 0x00, 0x00, 0x00, 0x00, _IOCON, _IOCON, 0x7F, 0x7F))
_KEPT = bytes((_IOCON, _IOCON, 0x7F, 0x7F))


class Mcp23017:
    """An expander. All calls raise ChipSilent."""

    __slots__ = ("_pins", "port")

    def __init__(self, port: Port) -> None:
        self.port = port
        self._pins = 0

    def begin(self) -> None:
        """Inputs with pull-ups, each change pulls INT down; both ports latch low where they drive."""
        self.port.write(_SETTINGS, b"\x14\x00\x00")
        self.verify()
        self._pins = self._read()

    def closed(self) -> int:
        """The contacts that are closed, one bit a pin, A0 lowest. Reading lets INT go. A change is believed only of a
        chip that still knows its settings: without power for a moment it forgets its pull-ups."""
        pins = self._read()
        if pins != self._pins:
            self.verify()
            self._pins = pins
        return ~pins & INPUTS

    def closed_since(self) -> tuple[int, int]:
        """As closed(), and beside it the contacts that the chip caught closing since the last look, though they may be
        open again: for whoever comes late. It keeps the first change of each port (INTF and INTCAP)."""
        answer = self.port.write_read(_INTF, 6)
        flags, captured, pins = (int.from_bytes(answer[at : at + 2], "little") & INPUTS for at in (0, 2, 4))
        if pins != self._pins or flags:
            self.verify()
            self._pins = pins
        return ~pins & INPUTS, flags & ~captured

    def verify(self) -> None:
        """Whether it knows its settings."""
        if self.port.write_read(_FROM_IOCON, len(_KEPT)) != _KEPT:
            self.port.errors += 1
            raise ChipSilent(
                f"The expander at 0x{self.port.address:02X} on I2C bus {self.port.bus.number} forgot its settings: look"
                " at its plug and its supply."
            )

    def _read(self) -> int:
        return int.from_bytes(self.port.write_read(_GPIO, 2), "little") & INPUTS
