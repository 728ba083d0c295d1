"""HT16K33 (Holtek): 128 lights, on or off."""

from __future__ import annotations

from drivers.i2c_bus import Port

PLACES = 128
_ON = (b"\x21", b"\x81")  # the oscillator runs; it shows, without blinking


class Ht16k33:
    """Lights by place: byte of its RAM × 8 + bit. All calls raise ChipSilent."""

    __slots__ = ("_brightness", "port")

    def __init__(self, port: Port, brightness: int = 16) -> None:
        """brightness: sixteenths, 1 to 16."""
        self.port = port
        self._brightness = bytes([0xE0 | brightness - 1])

    def begin(self) -> None:
        """Awake and showing: what its RAM holds must follow at once."""
        self.port.write(*_ON, self._brightness)

    def show(self, levels: bytes, max_bytes: int = 0) -> bool:  # noqa: ARG002 - it is one short message
        """All places, 0 to 255 each: from 128 on a light is on. Returns True: all is sent (18 bytes on the bus)."""
        bits = sum(1 << place for place, level in enumerate(levels) if level & 0x80)
        self.port.write(b"\x00" + bits.to_bytes(PLACES // 8, "little"))
        return True
