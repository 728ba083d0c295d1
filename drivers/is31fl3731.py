"""IS31FL3731 (Lumissil): 144 lights with a brightness each."""

from __future__ import annotations

from drivers.i2c_bus import Port

PLACES = 144
HEAD_BYTES = 2  # address and register
GAMMA = 2.2  # half of a light to the eye is a fifth of its current
_PAGE, _FUNCTIONS = 0xFD, 0x0B
_SWITCHES, _PWM = 0x00, 0x24
_CURVE = bytes(round(255 * (level / 255) ** GAMMA) for level in range(256))


class Is31fl3731:
    """Lights by the number of their register, 0 to 143. All calls raise ChipSilent."""

    __slots__ = ("_shown", "port")

    def __init__(self, port: Port) -> None:
        self.port = port
        self._shown = b""

    def begin(self) -> None:
        """Awake on its first picture with every light switched on, none blinking: the brightnesses must follow."""
        self._shown = b""
        self.port.write(
            bytes((_PAGE, _FUNCTIONS)),
            bytes((0x00, 0x00, 0x00)),  # a still picture, the first
            bytes((0x05, 0x00, 0x00)),  # no blinking, no music
            bytes((0x0A, 0x01)),  # not shut down
            bytes((_PAGE, 0x00)),
            bytes((_SWITCHES, *[0xFF] * 18, *[0x00] * 18)),
        )

    def show(self, levels: bytes, max_bytes: int = HEAD_BYTES + PLACES) -> bool:
        """All places, 0 to 255 each, as bright as they look. What differs goes over the bus, from the first on, at most
        `max_bytes` of it; returns whether that was all."""
        wanted = levels.translate(_CURVE)
        shown = self._shown
        differs = [place for place in range(PLACES) if place >= len(shown) or wanted[place] != shown[place]]
        if not differs:
            return True
        first, end = differs[0], differs[-1] + 1
        last = min(end, first + max(max_bytes - HEAD_BYTES, 1))
        self.port.write(bytes([_PWM + first]) + wanted[first:last])
        self._shown = shown[:first] + wanted[first:last] + shown[last:]
        return last == end
