"""The desk's laws as plain functions: decibels, fader travel, pan, and the domains in which parameters glide.

Written once in plain Python; the kernels compile the same functions (`numba.njit(laws.pan_gains)`).
"""

from __future__ import annotations

import math

FADER_TOP_DB = 10.0
_LEVEL_FLOOR_DB = -90.0
_SHORTEST_HOLD_MS = 0.01


def db_to_amplitude(db: float) -> float:
    """Amplitude factor of a level in dB; −inf gives 0."""
    return float(10.0 ** (db / 20.0))


def fader_to_db(position: float) -> float:
    """Level in dB of a fader at `position` 0…1 (four straight pieces; 1 is +10, 0.75 is 0, 0 is −inf)."""
    if position >= 0.5:
        return 40.0 * position - 30.0
    if position >= 0.25:
        return 80.0 * position - 50.0
    if position >= 0.0625:
        return 160.0 * position - 70.0
    if position > 0.0:
        return 480.0 * position - 90.0
    return -math.inf


def db_to_fader(db: float) -> float:
    """Fader position 0…1 of a level in dB; the inverse of `fader_to_db`, 0 at and below −90 dB, 1 from +10 dB."""
    if db >= FADER_TOP_DB:
        return 1.0
    if db >= -10.0:
        return (db + 30.0) / 40.0
    if db >= -30.0:
        return (db + 50.0) / 80.0
    if db >= -60.0:
        return (db + 70.0) / 160.0
    if db > _LEVEL_FLOOR_DB:
        return (db + 90.0) / 480.0
    return 0.0


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right factors of a pan −100…100: constant power, −3.01 dB in the centre, exact at both ends."""
    if pan <= -100.0:
        return 1.0, 0.0
    if pan >= 100.0:
        return 0.0, 1.0
    angle = (pan + 100.0) / 200.0 * (math.pi / 2.0)
    return math.cos(angle), math.sin(angle)


def balance_gains(balance: float) -> tuple[float, float]:
    """Left and right factors of a balance −100…100: both 1 in the centre, the far side fading by the pan law."""
    if balance == 0.0:
        return 1.0, 1.0
    angle = (min(max(balance, -100.0), 100.0) + 100.0) / 200.0 * (math.pi / 2.0)
    left = 0.0 if balance >= 100.0 else min(1.0, math.sqrt(2.0) * math.cos(angle))
    right = 0.0 if balance <= -100.0 else min(1.0, math.sqrt(2.0) * math.sin(angle))
    return left, right


def into_domain(domain: int, value: float) -> float:
    """Where `value` lies on the scale in which it glides; NaN where the domain has no place for it.

    `domain` is a `dsp.slots.Domain`; `docs/signal.md` has the table.
    """
    if domain == 1:  # log
        floored = max(value, _SHORTEST_HOLD_MS)
        return math.log2(floored) if floored < math.inf else math.nan
    if domain == 2:  # level
        if value == math.inf:
            return math.nan
        return value if value >= _LEVEL_FLOOR_DB else -91.0 + 10.0 ** ((value - _LEVEL_FLOOR_DB) / 20.0)
    if domain == 3:  # inverse
        return 1.0 / value if value > 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


def from_domain(domain: int, u: float) -> float:
    """The value in natural units of a place `u` on a domain's scale; the inverse of `into_domain`."""
    if domain == 1:
        value = float(2.0**u)
        return value if value > _SHORTEST_HOLD_MS else 0.0
    if domain == 2:
        if u >= _LEVEL_FLOOR_DB:
            return u
        return _LEVEL_FLOOR_DB + 20.0 * math.log10(u + 91.0) if u > -91.0 else -math.inf
    if domain == 3:
        return 1.0 / u if u > 0.0 else math.inf
    return u
