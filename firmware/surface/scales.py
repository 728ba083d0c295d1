"""Where levels and frequencies stand on the display's pictures, as shares 0 to 1 of their length."""

from __future__ import annotations

import math

LOWEST_HZ, HIGHEST_HZ = 20.0, 20000.0
FLOOR_DBFS = -60.0


def of_level(level_db: float) -> float:
    """A meter's share: −60 dBFS is 0, full scale 1; even in dB."""
    return 0.0 if level_db <= FLOOR_DBFS else min(1.0 - level_db / FLOOR_DBFS, 1.0)


def of_hz(freq_hz: float) -> float:
    """20 Hz is 0, 20 kHz 1; even in octaves."""
    return min(max(math.log(freq_hz / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ), 0.0), 1.0)
