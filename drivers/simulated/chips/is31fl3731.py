"""IS31FL3731 (Lumissil): 144 LEDs with a brightness each. Of its eight pictures only the first shows."""

from __future__ import annotations

from drivers.simulated.chips import rubbish

LEDS = 144
PAGE_COMMAND, FUNCTION_PAGE = 0xFD, 0x0B
CONFIG, PICTURE, SHUTDOWN = 0x00, 0x01, 0x0A  # of the function page
PWM = 0x24  # of a picture's page, after 18 bytes of switches and 18 of blinking


class Is31fl3731Model:
    """Place 0 to 143: the LED's own number."""

    def __init__(self) -> None:
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """Shut down."""
        self._page = 0
        self._pages = {page: bytearray(rubbish(PWM + LEDS)) for page in range(8)}
        self._pages[FUNCTION_PAGE] = bytearray(0x0D)

    def write(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002 - nothing in it runs
        """A register of the chosen page and what follows it, or the choice of a page."""
        if not data:
            return
        if data[0] == PAGE_COMMAND:
            self._page = data[1] if len(data) > 1 else self._page
            return
        registers = self._pages.get(self._page, bytearray())
        for place, value in enumerate(data[1:], data[0]):
            if place < len(registers):
                registers[place] = value

    def read(self, count: int, at_ns: int) -> bytes:  # noqa: ARG002 - nothing in it runs
        """Registers can be written only, but for keys that are left out."""
        return bytes(count)

    def pwm(self, place: int) -> int:
        """How long the LED at a place shines, 0 to 255."""
        function = self._pages[FUNCTION_PAGE]
        awake = function[SHUTDOWN] & 1 and not function[CONFIG] & 0x18 and function[PICTURE] & 7 == 0
        if not awake or not self._pages[0][place // 8] >> place % 8 & 1:
            return 0
        return self._pages[0][PWM + place]
