"""ADS7830 and ADS7828 (Texas Instruments SBAS302 and SBAS181): eight channels of 8 and 12 bit that convert while they
are asked."""

from __future__ import annotations

from collections.abc import Callable

INTERNAL_V = 2.5
_SINGLE_ENDED, _INTERNAL = 0x80, 0x08


def _nominal(at_ns: int) -> float:  # noqa: ARG001 - the same at any time
    return 3.3


class Ads7830Model:
    """`voltage(channel, at_ns)`: volts at an input. `bits`: 8, or 12 for the ADS7828. `reference(at_ns)`: volts at its
    REF pin, which panels tie to the pots' supply."""

    def __init__(
        self, voltage: Callable[[int, int], float], *, bits: int = 8, reference: Callable[[int], float] = _nominal
    ) -> None:
        self._voltage, self._bits, self._reference = voltage, bits, reference
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - it has nothing that runs
        """Differences of the first pair, powered down between conversions."""
        self._command = 0

    def write(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002 - it samples when it is read
        """The command byte: which input, which reference."""
        if data:
            self._command = data[-1]

    def read(self, count: int, at_ns: int) -> bytes:
        """One conversion after the other."""
        size = (self._bits + 7) // 8
        return b"".join(self._convert(at_ns).to_bytes(size, "big") for _ in range(count // size + 1))[:count]

    def _convert(self, at_ns: int) -> int:
        select = self._command >> 4 & 7
        channel = (select & 3) << 1 | select >> 2
        volts = self._voltage(channel, at_ns)
        if not self._command & _SINGLE_ENDED:
            volts -= self._voltage(channel ^ 1, at_ns)
        reference_v = INTERNAL_V if self._command & _INTERNAL else self._reference(at_ns)
        steps = 1 << self._bits
        return min(max(int(volts / reference_v * steps), 0), steps - 1)
