"""Loudness after ITU-R BS.1770-5 and EBU Tech 3341 and 3342: K-weighting, gated loudness, loudness range.

The two K filters are applied on the spectrum, which needs no loop over frames: a block's output is right wherever the
filters have `SETTLE_S` of their past in the transform (their slowest pole has fallen by more than 200 dB by then).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HOPS_A_SECOND = 100
"""Energies are kept per 10 ms: fine enough for the largest momentary loudness (Tech 3341, cases 13 and 14)."""
MOMENTARY_HOPS = 40
SHORT_TERM_HOPS = 300
GATE_STEP_HOPS = 10
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
SETTLE_S = 0.3
BLOCK_S = 2.4

Floats = NDArray[np.float64]


def k_weighting(rate_hz: float) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """(b, a) of the shelf and (b, a) of the high-pass at any rate; at 48 kHz the numbers printed in BS.1770."""
    k = np.tan(np.pi * 1681.974450955533 / rate_hz)
    q, high = 0.7071752369554196, 10.0 ** (3.999843853973347 / 20.0)
    middle = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf_b = ((high + middle * k / q + k * k) / a0, 2.0 * (k * k - high) / a0, (high - middle * k / q + k * k) / a0)
    shelf_a = (1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)
    k, q = np.tan(np.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    a0 = 1.0 + k / q + k * k
    return shelf_b, shelf_a, (1.0, -2.0, 1.0), (1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)


def _response(hz: NDArray[Any], rate_hz: float) -> NDArray[np.complex128]:
    z = np.exp(-2j * np.pi * hz / rate_hz)
    shelf_b, shelf_a, cut_b, cut_a = (np.polynomial.polynomial.polyval(z, c) for c in k_weighting(rate_hz))
    return np.asarray(shelf_b / shelf_a * cut_b / cut_a, dtype=np.complex128)


class HopEnergies:
    """K-weighted energy of a sound that comes in pieces: one number for each whole 10 ms, all channels summed.

    Every channel counts 1.0: a file does not say which of its channels are surround.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._past = np.zeros((channels, round(SETTLE_S * rate_hz)))
        self._rest = np.zeros(0)  # squares of less than a hop
        self._frames = 0
        self._hops: list[Floats] = []
        size = round(BLOCK_S * rate_hz)
        self._size = size + size % 2
        self._gain = _response(np.fft.rfftfreq(self._size, 1.0 / rate_hz), rate_hz)

    def add(self, x: NDArray[np.float32]) -> None:
        """Take float32[frames, channels]; any number of frames, best a second or more."""
        settle = self._past.shape[1]
        fresh = self._size - settle
        for start in range(0, len(x), fresh):
            piece = x[start : start + fresh].T.astype(np.float64)
            block = np.concatenate([self._past, piece], axis=1)
            weighted = np.fft.irfft(np.fft.rfft(block, self._size) * self._gain, self._size)[:, settle : block.shape[1]]
            self._past = block[:, -settle:]
            self._sum(np.einsum("cf,cf->f", weighted, weighted))

    def _sum(self, squares: Floats) -> None:
        done = self._frames - len(self._rest)
        self._frames += len(squares)
        squares = np.concatenate([self._rest, squares])
        per_hop = self._rate_hz / HOPS_A_SECOND
        first, last = round(done / per_hop), int(np.floor((self._frames + 0.5) / per_hop))
        edges = np.rint(np.arange(first, last + 1) * per_hop).astype(np.int64) - done
        edges = edges[edges <= len(squares)]
        if len(edges) < 2:
            self._rest = squares
            return
        self._rest = squares[edges[-1] :]
        self._hops.append(np.add.reduceat(squares[: edges[-1]], edges[:-1]) / np.diff(edges))

    def hops(self) -> Floats:
        """Mean squares of the hops so far."""
        return np.concatenate(self._hops) if self._hops else np.zeros(0)


def to_lufs(power: Any) -> Floats:
    """Loudness of a K-weighted mean square; −inf of none."""
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power), dtype=np.float64)


def windows(hops: Floats, length: int, step: int) -> Floats:
    """Mean squares of windows of `length` hops, one every `step` hops; empty when the sound is shorter than one."""
    if len(hops) < length:
        return np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(hops)])
    return np.asarray(np.maximum(total[length:] - total[:-length], 0.0)[::step] / length, dtype=np.float64)


def _gated(powers: Floats, relative_lu: float) -> Floats:
    loud = powers[to_lufs(powers) >= ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return loud
    return loud[to_lufs(loud) >= to_lufs(np.mean(loud)) + relative_lu]


def integrated_lufs(hops: Floats) -> float:
    """Programme loudness: 400 ms blocks overlapping by 75 %, gates at −70 LUFS and −10 LU; −inf when nothing passes."""
    kept = _gated(windows(hops, MOMENTARY_HOPS, GATE_STEP_HOPS), RELATIVE_GATE_LU)
    return float(to_lufs(np.mean(kept))) if len(kept) else -np.inf


def range_lu(hops: Floats) -> float:
    """Loudness range (Tech 3342): from the 10 % to the 95 % point of the short-term loudness above −20 LU."""
    kept = np.sort(to_lufs(_gated(windows(hops, SHORT_TERM_HOPS, GATE_STEP_HOPS), RANGE_GATE_LU)))
    if not len(kept):
        return 0.0
    low, high = (kept[round((len(kept) - 1) * share)] for share in (0.10, 0.95))
    return float(high - low)


def largest_lufs(hops: Floats, length: int) -> float:
    """The largest momentary (`MOMENTARY_HOPS`) or short-term (`SHORT_TERM_HOPS`) loudness; NaN of a shorter sound."""
    powers = windows(hops, length, 1)
    return float(to_lufs(np.max(powers))) if len(powers) else np.nan
