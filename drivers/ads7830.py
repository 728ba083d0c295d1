"""ADS7830 and ADS7828 (Texas Instruments SBAS302, SBAS181): eight inputs that convert while they are read.

The internal reference stays off: panels tie REF to the pots' supply, so that readings do not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.i2c_bus import Port

# Single-ended, internal reference off, converter on; the channel's lowest bit comes first.
_COMMANDS = tuple(bytes([value]) for value in (0x84, 0xC4, 0x94, 0xD4, 0xA4, 0xE4, 0xB4, 0xF4))
_BITS = {"ads7830": 8, "ads7828": 12}


class Ads7830:
    """A converter of `kind` that reads `channels` (0 to 7) in turn: begin(), then turn() as often as wanted. Readings
    are shares of the supply, 0 to 1. All calls raise ChipSilent."""

    absolute = False
    """Readings are volts; else they are shares of the chip's own supply."""
    conversion_ns = 0
    sure_ns = 1 << 62
    """It converts what it is asked for: however long that takes, the answer is right."""

    __slots__ = ("_at", "_bytes", "_top", "channels", "port")

    def __init__(self, port: Port, channels: Sequence[int], kind: str = "ads7830") -> None:
        self.port = port
        self.channels = tuple(channels)
        self._top = (1 << _BITS[kind]) - 1
        self._bytes = (_BITS[kind] + 7) // 8
        self._at = 0

    def begin(self) -> None:
        """See whether it is there: nothing has to be set."""
        self._at = 0
        self.port.write_read(_COMMANDS[self.channels[0]], self._bytes)

    def turn(self) -> tuple[int, float]:
        """The next channel with its reading."""
        channel = self.channels[self._at]
        raw = self._ask(channel)
        if raw & self._top == self._top:  # also what the pull-ups answer for a chip that is going
            raw = self._ask(channel)
        self._at = (self._at + 1) % len(self.channels)
        return channel, (raw & self._top) / self._top

    def _ask(self, channel: int) -> int:
        return int.from_bytes(self.port.write_read(_COMMANDS[channel], self._bytes), "big")

    def late(self) -> bool:
        """As of an ADS1115."""
        return False
