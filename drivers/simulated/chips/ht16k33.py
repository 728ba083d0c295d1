"""HT16K33 (Holtek): 128 LEDs, on or off. Its keys are left out."""

from __future__ import annotations

from drivers.simulated.chips import rubbish

RAM_BYTES = 16


class Ht16k33Model:
    """Place 0 to 127: byte of the RAM × 8 + bit."""

    def __init__(self) -> None:
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """Asleep, dark, at full brightness."""
        self.ram = bytearray(rubbish(RAM_BYTES))
        self._pointer = 0
        self._awake = self._shows = False
        self.brightness = 16
        """Sixteenths."""

    def write(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """A command, or a place in the RAM and what comes there."""
        if not data:
            return
        command, low = data[0] & 0xF0, data[0] & 0x0F
        if command == 0x00:
            for value in data[1:]:
                self.ram[low] = value
                low = (low + 1) % RAM_BYTES
            self._pointer = low
        elif command == 0x20:
            self._awake = bool(low & 1)
        elif command == 0x80:
            self._shows = bool(low & 1)
        elif command == 0xE0:
            self.brightness = low + 1

    def read(self, count: int, at_ns: int) -> bytes:  # noqa: ARG002 - nothing in it runs
        """The RAM from the pointer on."""
        return bytes(self.ram[(self._pointer + place) % RAM_BYTES] for place in range(count))

    def lit(self, place: int) -> bool:
        """Whether the LED at a place shines."""
        return self._awake and self._shows and bool(self.ram[place // 8] >> place % 8 & 1)
