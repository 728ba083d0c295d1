"""How the travel of a fader or an encoder (0…1) maps to a value. Each taper goes both ways."""

from __future__ import annotations

import math
from enum import StrEnum

from dsp import laws

_SHORTEST = 1.0  # where a range starts at 0 (ms of hold), its logarithm starts to bend here


class Taper(StrEnum):
    """The shape of a control's travel."""

    LINEAR = "linear"
    LOG = "log"
    FADER = "fader"
    INVERSE = "inverse"


def to_value(taper: Taper, low: float, high: float, position: float) -> float:
    """The value at `position` (held within 0…1) of a control that goes from `low` to `high`; exact at both ends."""
    if not position > 0.0:
        return low
    if position >= 1.0:
        return high
    if taper is Taper.FADER:
        value = laws.fader_to_db(position * laws.db_to_fader(high))  # one that ends lower has none of its travel dead
    elif taper is Taper.LOG and low > 0.0:
        value = low * (high / low) ** position
    elif taper is Taper.LOG:
        value = _SHORTEST * math.expm1(position * math.log1p(high / _SHORTEST))
    elif taper is Taper.INVERSE:  # a ratio: 1 / value goes in a straight line, so that the end can be infinite
        value = 1.0 / (1.0 / low + (1.0 / high - 1.0 / low) * position)
    else:
        value = low + (high - low) * position
    return min(max(value, low), high)


def to_position(taper: Taper, low: float, high: float, value: float) -> float:
    """Where on its travel 0…1 a control stands at `value` (held within `low`…`high`); the inverse of `to_value`."""
    if value <= low:
        return 0.0
    if value >= high:
        return 1.0
    if taper is Taper.FADER:
        return laws.db_to_fader(value) / laws.db_to_fader(high)
    if taper is Taper.LOG and low > 0.0:
        return math.log(value / low) / math.log(high / low)
    if taper is Taper.LOG:
        return math.log1p(value / _SHORTEST) / math.log1p(high / _SHORTEST)
    if taper is Taper.INVERSE:
        return (1.0 / low - 1.0 / value) / (1.0 / low - 1.0 / high)
    return (value - low) / (high - low)
