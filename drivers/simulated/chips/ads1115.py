"""ADS1115 and ADS1015 (Texas Instruments SBAS444 and SBAS473): converters of 16 and 12 bit with a multiplexer before
them. The comparator is left out: its two registers keep what they are told."""

from __future__ import annotations

from collections.abc import Callable

CONVERSION, CONFIG, LOW_THRESHOLD, HIGH_THRESHOLD = range(4)
POWER_ON_CONFIG = 0x8583  # AIN0 − AIN1, ±2.048 V, single-shot, 128 or 1600 samples a second, idle
RANGES_V = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
RATES_HZ = {16: (8, 16, 32, 64, 128, 250, 475, 860), 12: (128, 250, 490, 920, 1600, 2400, 3300, 3300)}
PAIRS = ((0, 1), (0, 3), (1, 3), (2, 3))  # the first four of the multiplexer are differences
WAKE_NS = 25_000  # from power-down to a single conversion
_BUSY_OFF, _SINGLE_SHOT = 0x8000, 0x0100


class Ads1115Model:
    """`voltage(channel, at_ns)`: volts at an input. `bits`: 16, or 12 for the ADS1015. `pace`: of its clock, which the
    data sheet lets be 0.9 to 1.1 of nominal."""

    def __init__(self, voltage: Callable[[int, int], float], *, bits: int = 16, pace: float = 1.0) -> None:
        self._voltage, self._bits, self._pace = voltage, bits, pace
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - it wakes idle
        """Idle, with an empty result."""
        self._pointer = CONVERSION
        self._registers = [0x0000, POWER_ON_CONFIG, 0x8000, 0x7FFF]
        self._started_ns: int | None = None
        self._converting = POWER_ON_CONFIG

    def write(self, data: bytes, at_ns: int) -> None:
        """A pointer, and two bytes for the register it points at."""
        self._run(at_ns)
        if not data:
            return
        self._pointer = data[0] & 3
        if len(data) < 3 or self._pointer == CONVERSION:
            return
        value = data[1] << 8 | data[2]
        self._registers[self._pointer] = value
        if self._pointer != CONFIG:
            return
        continuous = not value & _SINGLE_SHOT
        # A conversion that runs is finished as it was begun: what is set now counts for the next one.
        if self._started_ns is None and (continuous or value & _BUSY_OFF):
            self._started_ns, self._converting = at_ns + WAKE_NS, value

    def read(self, count: int, at_ns: int) -> bytes:
        """The register the pointer stands at, over and over."""
        self._run(at_ns)
        value = self._registers[self._pointer]
        if self._pointer == CONFIG:
            value = value & ~_BUSY_OFF | (_BUSY_OFF if self._started_ns is None else 0)
        return (value.to_bytes(2, "big") * (count // 2 + 1))[:count]

    def _run(self, at_ns: int) -> None:
        """Finish the conversions that end by `at_ns`."""
        while self._started_ns is not None:
            config = self._converting
            length_ns = round(1e9 / RATES_HZ[self._bits][config >> 5 & 7] / self._pace)
            continuous = not self._registers[CONFIG] & _SINGLE_SHOT
            late = (at_ns - self._started_ns) // length_ns - 1
            if late < 0:
                return
            if continuous and config == self._registers[CONFIG]:
                self._started_ns += late * length_ns  # results nobody read
            # A delta-sigma converter hears the whole of its time; the middle stands for it.
            self._registers[CONVERSION] = self._convert(config, self._started_ns + length_ns // 2)
            self._started_ns = self._started_ns + length_ns if continuous else None
            self._converting = self._registers[CONFIG]

    def _convert(self, config: int, at_ns: int) -> int:
        source = config >> 12 & 7
        if source < len(PAIRS):
            plus, minus = PAIRS[source]
            volts = self._voltage(plus, at_ns) - self._voltage(minus, at_ns)
        else:
            volts = self._voltage(source - 4, at_ns)
        step = 1 << 16 - self._bits  # 12 bits stand at the left
        code = round(volts / RANGES_V[config >> 9 & 7] * 32_768 / step) * step
        return min(max(code, -32_768), 32_768 - step) & 0xFFFF
