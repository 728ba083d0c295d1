"""Between the card's bytes and float32 frames: one pass at the edge, each way.

Integers are full scale at 2^(bits−1); towards the card they are rounded to nearest (ties to even) and held within
range. 16 bit gets triangular dither of ±1 step from a seeded generator, whose state the caller keeps, so that the
bits repeat. A NaN becomes silence.
"""

from __future__ import annotations

import numpy as np
from numba import float32 as f4
from numba import int64, uint8, void
from numpy.typing import NDArray

from dsp.compile import njit

FORMATS = ("S16_LE", "S24_3LE", "S24_LE", "S32_LE", "FLOAT_LE")
_S16, _S24_3, _S24, _S32, _FLOAT = range(5)
GENERATOR = 6364136223846793005, 1442695040888963407  # Knuth's MMIX
LAST_24_BITS = 0xFFFFFF
DITHER_SEED = 1

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Words = NDArray[np.int64]


@njit(void(uint8[::1], f4[:, ::1], int64))
def to_float(raw: Bytes, x: Floats, code: int) -> None:
    """Interleaved frames of format `code` in `raw` into x[frames, channels], full scale at ±1."""
    flat = x.reshape(-1)
    if code == _S16:
        words = raw.view(np.int16)
        for i in range(flat.size):
            flat[i] = np.float32(words[i]) * np.float32(1.0 / 32768.0)
    elif code == _S24_3:
        for i in range(flat.size):
            value = np.int32(raw[3 * i]) | np.int32(raw[3 * i + 1]) << 8 | np.int32(np.int8(raw[3 * i + 2])) << 16
            flat[i] = np.float32(value) * np.float32(1.0 / 8388608.0)
    elif code == _S24:
        words24 = raw.view(np.int32)
        for i in range(flat.size):
            flat[i] = np.float32(np.int32((words24[i] << 8) & 0xFFFFFFFF) >> 8) * np.float32(1.0 / 8388608.0)
    elif code == _S32:
        words32 = raw.view(np.int32)
        for i in range(flat.size):
            flat[i] = np.float32(words32[i]) * np.float32(1.0 / 2147483648.0)
    else:
        floats = raw.view(np.float32)
        for i in range(flat.size):
            flat[i] = floats[i]


@njit
def _whole(value: float, bits: int) -> int:
    """The nearest integer to value · 2^(bits−1), ties to even, within range; 0 for a NaN."""
    full = 2.0 ** (bits - 1)
    scaled = np.rint(value * full)
    if not scaled >= -full:
        return 0 if np.isnan(value) else -int(full)
    return int(full) - 1 if scaled > full - 1.0 else int(scaled)


@njit
def _uniform(state: Words) -> float:
    state[0] = state[0] * GENERATOR[0] + GENERATOR[1]
    return float((state[0] >> 40) & LAST_24_BITS) / float(LAST_24_BITS + 1)


@njit(void(f4[:, ::1], uint8[::1], int64, int64[::1]))
def from_float(y: Floats, raw: Bytes, code: int, dither: Words) -> None:
    """y[frames, channels] into interleaved frames of format `code` in `raw`; `dither` int64[1] is the generator's
    state.
    """
    flat = y.reshape(-1)
    if code == _S16:
        words = raw.view(np.int16)
        for i in range(flat.size):
            noise = _uniform(dither) - _uniform(dither)
            words[i] = _whole(np.float64(flat[i]) + noise / 32768.0, 16)
    elif code == _S24_3:
        for i in range(flat.size):
            value = _whole(np.float64(flat[i]), 24)
            raw[3 * i], raw[3 * i + 1], raw[3 * i + 2] = value & 0xFF, (value >> 8) & 0xFF, (value >> 16) & 0xFF
    elif code == _S24:
        words24 = raw.view(np.int32)
        for i in range(flat.size):
            words24[i] = _whole(np.float64(flat[i]), 24)
    elif code == _S32:
        words32 = raw.view(np.int32)
        for i in range(flat.size):
            words32[i] = _whole(np.float64(flat[i]), 32)
    else:
        floats = raw.view(np.float32)
        for i in range(flat.size):
            floats[i] = np.float32(0.0) if np.isnan(flat[i]) else flat[i]
