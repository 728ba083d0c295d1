"""What a sound measures: peak, true peak, RMS, crest, loudness and its range, and the balance of its bands."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware import loudness

Signal = NDArray[np.float32]

BANDS_HZ: dict[str, tuple[float, float]] = {
    "sub": (20.0, 60.0),
    "low": (60.0, 200.0),
    "mud": (200.0, 400.0),
    "mid": (400.0, 2000.0),
    "presence": (2000.0, 6000.0),
    "air": (6000.0, 20000.0),
}
SPECTRUM_FRAMES = 8192
CHUNK_FRAMES = 1 << 19

# BS.1770-5 Annex 2: 48 taps in four phases; the third and fourth are the second and first backwards.
_PHASE_0 = (
    0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625,
    0.97216796875, -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125,
)  # fmt: skip
_PHASE_1 = (
    -0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625,
    0.77978515625, -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375,
)  # fmt: skip
BS1770_PHASES = np.array([_PHASE_0, _PHASE_1, _PHASE_1[::-1], _PHASE_0[::-1]], dtype=np.float32)


def true_peak(x: Signal, phases: Signal = BS1770_PHASES) -> float:
    """The largest amplitude between the samples (or at them) of float32[frames, channels], silence before and after."""
    largest = float(np.max(np.abs(x), initial=0.0))
    for channel in x.T:
        for taps in phases:
            largest = max(largest, float(np.max(np.abs(np.convolve(channel, taps)), initial=0.0)))
    return largest


def to_db(amplitude: float) -> float:
    """20 log₁₀; −inf of 0."""
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf


@dataclass(frozen=True)
class Measurement:
    """One sound. Levels in dBFS (a full-scale square is 0 dB RMS), true peak in dBTP, loudness in LUFS, ranges in LU.

    `band_share_db` is each band's share of the power between 20 Hz and 20 kHz (`BANDS_HZ`); `clipped` counts samples at
    or beyond full scale. NaN is what a sound is too short for: momentary loudness takes 0.4 s, short-term 3 s.
    """

    frames: int
    channels: int
    rate_hz: int
    peak_dbfs: float
    true_peak_dbtp: float
    rms_dbfs: float
    crest_db: float
    loudness_lufs: float
    range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    band_share_db: dict[str, float]
    clipped: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.rate_hz

    def as_json(self) -> dict[str, Any]:
        """Plain values, −inf as the string "-inf", what cannot be measured as None."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: plain(item) for key, item in value.items()}
            if isinstance(value, float) and math.isnan(value):
                return None
            if isinstance(value, float):
                return round(value, 3) if math.isfinite(value) else str(value)
            return value

        return {key: plain(value) for key, value in asdict(self).items()}


class Meter:
    """Measures a sound that comes in pieces: `add` them, then ask for the `result`."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz, self._channels = rate_hz, channels
        self._energies = loudness.HopEnergies(rate_hz, channels)
        self._frames = self._clipped = 0
        self._peak = self._true_peak = self._square = 0.0
        self._edge = np.zeros((0, channels), np.float32)  # what the true peak filter still has to meet
        self._unseen = np.zeros((0, channels), np.float32)  # less than a frame of the spectrum
        self._power = np.zeros(SPECTRUM_FRAMES // 2 + 1)

    def add(self, x: Signal) -> None:
        """Take float32[frames, channels]."""
        for start in range(0, len(x), CHUNK_FRAMES):
            self._add(np.ascontiguousarray(x[start : start + CHUNK_FRAMES], dtype=np.float32))

    def _add(self, x: Signal) -> None:
        self._frames += len(x)
        size = np.abs(x)
        self._peak = max(self._peak, float(np.max(size, initial=0.0)))
        self._clipped += int(np.count_nonzero(size >= 1.0))
        self._square += float(np.sum(np.square(x, dtype=np.float64)))
        self._energies.add(x)
        edged = np.concatenate([self._edge, x])
        self._true_peak = max(self._true_peak, true_peak(edged))
        self._edge = edged[-BS1770_PHASES.shape[1] :]
        self._unseen = self._add_spectra(np.concatenate([self._unseen, x]))

    def _add_spectra(self, x: Signal) -> Signal:
        hop = SPECTRUM_FRAMES // 2
        count = max(0, (len(x) - SPECTRUM_FRAMES) // hop + 1)
        window = np.hanning(SPECTRUM_FRAMES).astype(np.float32)
        if count:
            for channel in x.T:
                frames = np.lib.stride_tricks.sliding_window_view(channel, SPECTRUM_FRAMES)[: count * hop : hop]
                self._power += np.sum(np.square(np.abs(np.fft.rfft(frames * window))), axis=0, dtype=np.float64)
        return x[count * hop :]

    def _shares(self) -> dict[str, float]:
        power = self._power
        if not np.any(power) and len(self._unseen):  # shorter than one frame: one padded frame is all there is
            padded = np.zeros((SPECTRUM_FRAMES, self._channels), np.float32)
            padded[: len(self._unseen)] = self._unseen
            power = np.sum(np.square(np.abs(np.fft.rfft(padded, axis=0))), axis=1)
        hz = np.fft.rfftfreq(SPECTRUM_FRAMES, 1.0 / self._rate_hz)
        inside = {name: float(np.sum(power[(hz >= low) & (hz < high)])) for name, (low, high) in BANDS_HZ.items()}
        total = sum(inside.values())
        return {name: to_db(math.sqrt(part / total)) if total > 0.0 else -math.inf for name, part in inside.items()}

    def result(self) -> Measurement:
        """The figures of all that was added so far."""
        hops = self._energies.hops()
        rms = math.sqrt(self._square / max(1, self._frames * self._channels))
        return Measurement(
            frames=self._frames,
            channels=self._channels,
            rate_hz=self._rate_hz,
            peak_dbfs=to_db(self._peak),
            true_peak_dbtp=to_db(self._true_peak),
            rms_dbfs=to_db(rms),
            crest_db=to_db(self._peak) - to_db(rms) if rms > 0.0 else 0.0,
            loudness_lufs=loudness.integrated_lufs(hops),
            range_lu=loudness.range_lu(hops),
            momentary_max_lufs=loudness.largest_lufs(hops, loudness.MOMENTARY_HOPS),
            short_term_max_lufs=loudness.largest_lufs(hops, loudness.SHORT_TERM_HOPS),
            band_share_db=self._shares(),
            clipped=self._clipped,
        )


def measure(x: Signal, rate_hz: int) -> Measurement:
    """The figures of float32[frames, channels] (or [frames]: one channel)."""
    x = x[:, None] if x.ndim == 1 else x
    meter = Meter(rate_hz, x.shape[1])
    meter.add(x)
    return meter.result()
