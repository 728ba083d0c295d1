"""ADS1115 and ADS1015 (Texas Instruments SBAS444, SBAS473): four inputs, one conversion at a time.

Single-shot only: in continuous mode the first result after a change of input is the former input's.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.errors import ChipSilent
from drivers.i2c_bus import Port

FULL_SCALE_V = 4.096
_RESULT, _CONFIG = b"\x00", b"\x01"
_START = (0xC3, 0xD3, 0xE3, 0xF3)  # begin; AIN0 to AIN3 against ground; ±4.096 V; single-shot
_RATE = {"ads1115": (0xE3, 860), "ads1015": (0xC3, 3300)}  # its byte, comparator off; samples a second
_SLOWEST = 0.9  # of the nominal rate, by the data sheet
_WAKE_NS = 25_000
_FAR = 328  # a hundredth of the full scale
_UNKNOWN = 1 << 20  # far from every reading


class Ads1115:
    """A converter of `kind` that reads `channels` (0 to 3) in turn: begin(), then turn() once each `conversion_ns` or
    later. Readings are volts, whatever the supply. All calls raise ChipSilent."""

    absolute = True
    """Readings are volts; else they are shares of the chip's own supply."""

    __slots__ = ("_at", "_last", "_rate", "channels", "conversion_ns", "port")

    def __init__(self, port: Port, channels: Sequence[int], kind: str = "ads1115") -> None:
        self.port = port
        self.channels = tuple(channels)
        self._rate, rate_hz = _RATE[kind]
        self.conversion_ns = round(1e9 / (rate_hz * _SLOWEST)) + _WAKE_NS
        self._at = 0
        self._last = [_UNKNOWN] * len(self.channels)

    def begin(self) -> None:
        """Start with the first channel: all that the chip must know is in the message that starts it."""
        self._at = 0
        self._start()

    def turn(self) -> tuple[int, float]:
        """The channel that was started, with its reading in volts; the next one is started."""
        high, low = self.port.write_read(_RESULT, 2)
        raw = (high << 8 | low) - (high >> 7 << 16)
        channel = self.channels[self._at]
        # A chip that lost its power since it was asked answers 0; for one that goes while it answers, the pull-ups do.
        if (raw == 0 or low == 0xFF) and abs(raw - self._last[self._at]) > _FAR:
            self._verify(channel)
        self._last[self._at] = raw
        self._at = (self._at + 1) % len(self.channels)
        self._start()
        return channel, raw * (FULL_SCALE_V / 32_768)

    def _start(self) -> None:
        self.port.write_again(_CONFIG + bytes((_START[self.channels[self._at]], self._rate)))

    def _verify(self, channel: int) -> None:
        if self.port.write_read(_CONFIG, 2) != bytes((_START[channel], self._rate)):
            self.port.errors += 1
            raise ChipSilent(
                f"The converter at 0x{self.port.address:02X} on I2C bus {self.port.bus.number} lost its power for a"
                " moment: look at its plug and its supply."
            )
