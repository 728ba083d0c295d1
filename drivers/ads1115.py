"""ADS1115 and ADS1015 (Texas Instruments SBAS444, SBAS473): four inputs, one conversion at a time.

Single-shot only: in continuous mode the first result after a change of input is the former input's.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.i2c_bus import Port

FULL_SCALE_V = 4.096
_RESULT = b"\x00"
_START = (0xC3, 0xD3, 0xE3, 0xF3)  # begin; AIN0 to AIN3 against ground; ±4.096 V; single-shot
# Its byte, comparator off; samples a second. An ADS1015 could do 3300, but a result must outlast a transaction.
_RATE = {"ads1115": (0xE3, 860), "ads1015": (0x63, 920)}
_SLOWEST, _FASTEST = 0.9, 1.1  # of the nominal rate, by the data sheets
_WAKE_NS = 25_000
_ORDER_BYTES = 4  # address, pointer, two of the configuration
_NEAR = 32  # noise and a hand within one scan, of a full scale of 32768
_UNKNOWN = 1 << 20  # far from every reading
_APART_TURNS = 25  # odd, so that it is not the same input each time that is left out


class Ads1115:
    """A converter of `kind` that reads `channels` (0 to 3) in turn: begin(), then turn() once each `conversion_ns` or
    later. Readings are volts, whatever the supply. All calls raise ChipSilent.

    A turn is one transaction: the next conversion is started, then the result of the one before is read, which stands
    until the new one is done. That is sure for `sure_ns`: a turn that took longer may have read the next channel, and
    late() is to be asked.
    """

    absolute = True
    """Readings are volts; else they are shares of the chip's own supply."""

    __slots__ = ("_apart", "_at", "_last", "_orders", "channels", "conversion_ns", "port", "sure_ns")

    def __init__(self, port: Port, channels: Sequence[int], kind: str = "ads1115") -> None:
        self.port = port
        self.channels = tuple(channels)
        rate, rate_hz = _RATE[kind]
        self._orders = [bytes((1, _START[channel], rate)) for channel in self.channels]
        self.conversion_ns = round(1e9 / (rate_hz * _SLOWEST)) + _WAKE_NS
        self.sure_ns = round(1e9 / (rate_hz * _FASTEST)) + _ORDER_BYTES * port.bus.byte_ns
        self._at = 0
        self._apart = 0
        self._last = [_UNKNOWN] * len(self.channels)

    def begin(self) -> None:
        """Start with the first channel: all that the chip must know is in the message that starts it."""
        self._at = 0
        self.port.write_again(self._orders[0])

    def turn(self) -> tuple[int, float] | None:
        """The channel that was started, with its reading in volts; the next one is started. None for a reading that
        may be none: the next one of that channel shows."""
        at, last = self._at, self._last
        self._at = (at + 1) % len(last)
        if self._apart:
            self._apart -= 1
            high, low = self.port.write_read(_RESULT, 2)
            self.port.write_again(self._orders[self._at])
        else:
            high, low = self.port.write_read(_RESULT, 2, before=self._orders[self._at])
        raw = (high << 8 | low) - (high >> 7 << 16)
        # A chip that lost its power since it was asked answers 0; for one that goes while it answers, the pull-ups do.
        believed = (raw != 0 and low != 0xFF) or abs(raw - last[at]) <= _NEAR
        last[at] = raw
        return (self.channels[at], raw * (FULL_SCALE_V / 32_768)) if believed else None

    def late(self) -> bool:
        """The last turn took longer than `sure_ns`. True where its reading is not to be believed; for some turns from
        then on results are read before anything is started, which takes two transactions."""
        if self._apart:
            return False
        self._apart = _APART_TURNS
        return True
