"""What every instrument of the band is made with: seeded noise, filters, envelopes, plucked strings, placing notes.

Everything is vectorised NumPy. Filters work on the spectrum with the responses of *analog* sections, so that they are
causal (no pre-ringing before a drum hit), hold at any sample rate and cost two transforms whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
Section = Callable[[NDArray[Any]], NDArray[Any]]
"""A filter: takes s = j f in Hz (not radians), gives its complex gain there."""

Response = Callable[[NDArray[Any]], NDArray[Any]]
"""Complex gains at frequencies in Hz."""

TAIL_S = 0.1
ROOM_S = 0.25
CONTROL_FRAMES = 32


def random(seed: int) -> np.random.Generator:
    """The band's only source of chance: PCG64 from a stated seed, so every run makes the same bits."""
    return np.random.Generator(np.random.PCG64(seed))


def noise(seed: int, frames: int) -> Signal:
    """White Gaussian noise, RMS 1, float32[frames]."""
    return random(seed).standard_normal(frames, dtype=np.float32)


def times(seconds: float, rate_hz: int) -> NDArray[np.float64]:
    """The time in seconds of each frame of a note that lasts `seconds`."""
    return np.arange(max(1, round(seconds * rate_hz))) / rate_hz


def midi_hz(midi: float) -> float:
    """Equal temperament, A4 (69) at 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def fft_size(frames: int) -> int:
    """The smallest 2, 3, 5, 9 or 15 times a power of two that holds `frames`: an even length NumPy transforms fast."""
    return min(factor << max(1, (-(-frames // factor) - 1).bit_length()) for factor in (1, 3, 5, 9, 15))


def low_cut(hz: float, q: float = 0.7071) -> Section:
    """Second-order high-pass."""
    return lambda s: s * s / (s * s + s * hz / q + hz * hz)


def high_cut(hz: float, q: float = 0.7071) -> Section:
    """Second-order low-pass."""
    return lambda s: hz * hz / (s * s + s * hz / q + hz * hz)


def bell(hz: float, gain_db: float, q: float) -> Section:
    """A peak or a dip."""
    a = 10.0 ** (gain_db / 40.0)
    return lambda s: (s * s + s * hz * a / q + hz * hz) / (s * s + s * hz / (a * q) + hz * hz)


def high_shelf(hz: float, gain_db: float) -> Section:
    """A first-order shelf: 0 dB below, `gain_db` above."""
    a = 10.0 ** (gain_db / 20.0)
    return lambda s: (a * s + hz) / (s + hz)


def pole(hz: float, q: float) -> Section:
    """A band-pass with gain 1 at its centre."""
    return lambda s: (s * hz / q) / (s * s + s * hz / q + hz * hz)


def shaped(x: Signal, rate_hz: int, gains: Response, tail_s: float = TAIL_S) -> Signal:
    """`x` through the complex gains that `gains(frequencies_hz)` gives; what rings on past the end of `x` is cut.

    Long signals go in blocks that overlap by `tail_s`, within which a filter must have died away: transforms that fit
    the processor's cache are several times faster than one over the whole song.
    """
    tail = round(tail_s * rate_hz)
    size = min(fft_size(len(x) + tail), fft_size(round(0.67 * rate_hz)))
    hop = size - tail
    blocks = -(-len(x) // hop)
    padded = np.zeros(tail + blocks * hop, np.float32)
    padded[tail : tail + len(x)] = x
    spectra = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[::hop])
    spectra *= gains(np.fft.rfftfreq(size, 1.0 / rate_hz)).astype(np.complex64)
    return np.asarray(np.fft.irfft(spectra, size)[:, tail:].reshape(-1)[: len(x)], dtype=np.float32)


def product(sections: tuple[Section, ...]) -> Response:
    """Sections in series as a response over frequency."""

    def gains(hz: NDArray[Any]) -> NDArray[Any]:
        total = np.ones(hz.shape, dtype=np.complex128)
        for section in sections:
            total *= section(1j * hz)
        return total

    return gains


def filtered(x: Signal, rate_hz: int, *sections: Section) -> Signal:
    """`x` through `sections` in series."""
    return shaped(x, rate_hz, product(sections))


def room(x: Signal, rate_hz: int, seed: int, decay_s: float, wet_db: float) -> Signal:
    """`x` plus a small room: exponentially decaying noise (60 dB in `decay_s`), darker than the source, 8 ms late.

    The decay is cut at `ROOM_S`.
    """
    t = times(ROOM_S, rate_hz)
    tail = noise(seed, len(t)) * (10.0 ** (-3.0 * t / decay_s) * (t > 0.008)).astype(np.float32)
    tail = filtered(tail, rate_hz, high_cut(5500.0), low_cut(180.0))
    tail = faded(
        tail * np.float32(10.0 ** (wet_db / 20.0) / np.sqrt(np.sum(np.square(tail), dtype=np.float64))), rate_hz, 0.05
    )
    tail[0] += 1.0
    return shaped(x, rate_hz, lambda hz: np.fft.rfft(tail, 2 * (len(hz) - 1)).astype(np.complex128), ROOM_S)


def place(track: Signal, note: Signal, at_s: float, gain: float, rate_hz: int) -> None:
    """Add `note`, times `gain`, to `track` from `at_s` on; what falls outside the track is dropped."""
    start = round(at_s * rate_hz)
    skip = max(0, -start)
    stop = min(len(track), start + len(note))
    if stop > start + skip:
        track[start + skip : stop] += np.float32(gain) * note[skip : stop - start]


def delayed(x: Signal, delay_s: float, rate_hz: int) -> Signal:
    """`x` later by `delay_s`, same length: the air between an instrument and another's microphone."""
    frames = round(delay_s * rate_hz)
    return np.concatenate([np.zeros(frames, np.float32), x[: len(x) - frames]])


def faded(x: Signal, rate_hz: int, seconds: float = 0.006) -> Signal:
    """`x` with a raised-cosine end, so that a note cut short does not click."""
    n = min(len(x), max(1, round(seconds * rate_hz)))
    x[-n:] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(1, n + 1) / n)).astype(np.float32)
    return x


def pluck(seed: int, hz: float, seconds: float, rate_hz: int, decay_s: float, bright_hz: float, pick: float) -> Signal:
    """A plucked string: Karplus and Strong's loop, solved as a division of spectra instead of frame by frame.

    The loop z^-N g H(z) has the delay 1/hz exactly (no tuning error), loses 60 dB in `decay_s` at low frequencies and
    more the higher above `bright_hz`. `pick` (0…0.5) is where along the string it is plucked: that series of harmonics
    has holes there. The spectra are taken along a spiral a little outside the unit circle (a decaying weight in time),
    so that a long note may be computed in a short transform without its tail folding back.
    """
    frames = round(seconds * rate_hz)
    size = fft_size(frames + 64)
    weight = np.log(1e5) / size * rate_hz
    s = weight + 2j * np.pi * np.fft.rfftfreq(size, 1.0 / rate_hz)
    burst = noise(seed, max(8, round(rate_hz / hz))).astype(np.float64)
    burst *= np.exp(-weight / rate_hz * np.arange(len(burst)))
    dulling_s = 1.0 / (2.0 * np.pi * bright_hz * np.sqrt(0.06 * hz))
    loop = 10.0 ** (-3.0 / (hz * decay_s)) * np.exp(-s * (1.0 / hz - dulling_s)) / (1.0 + s * dulling_s)
    comb = 1.0 - 0.9 * np.exp(-s * (pick / hz))
    soft = 1.0 / (1.0 + s / (2.0 * np.pi * bright_hz * 1.5)) ** 2
    y = np.fft.irfft(np.fft.rfft(burst, size) * comb * soft / (1.0 - loop), size)[:frames]
    y *= np.exp(weight / rate_hz * np.arange(frames))
    y *= 1.0 / max(1e-9, float(np.max(np.abs(y))))
    return faded(y.astype(np.float32), rate_hz)


@cache
def wavetable(harmonics: int, tilt: float, size: int = 4096) -> NDArray[np.float32]:
    """One period of harmonics 1…n with amplitudes k^-tilt, phases a little scattered, peak 1, and a guard point."""
    k = np.arange(1, harmonics + 1)
    spectrum = np.zeros(size // 2 + 1, dtype=np.complex128)
    spectrum[1 : harmonics + 1] = k**-tilt * np.exp(1j * 0.35 * k)
    y = np.fft.irfft(spectrum, size)
    y /= np.max(np.abs(y))
    return np.append(y, y[0]).astype(np.float32)


def oscillator(hz: Signal, table: NDArray[np.float32], rate_hz: int) -> Signal:
    """A wavetable read along a moving pitch `hz` (one value a frame)."""
    phase = np.cumsum(hz, dtype=np.float64) / rate_hz
    phase -= np.floor(phase)
    phase *= len(table) - 1
    whole = phase.astype(np.int32)
    part = (phase - whole).astype(np.float32)
    low = table[whole]
    return low + part * (table[whole + 1] - low)


def smoothed(x: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """A centred moving average over `frames`; the ends are held."""
    frames = max(1, frames) | 1
    padded = np.concatenate([np.full(frames // 2 + 1, x[0]), x, np.full(frames // 2, x[-1])])
    total = np.cumsum(padded)
    return np.asarray((total[frames:] - total[:-frames]) / frames, dtype=np.float64)


def control_times(seconds: float, rate_hz: int) -> NDArray[np.float64]:
    """The times of a control signal: one value every `CONTROL_FRAMES`, from 0 to past the end."""
    return np.asarray(
        np.arange(round(seconds * rate_hz) // CONTROL_FRAMES + 2) * (CONTROL_FRAMES / rate_hz), np.float64
    )


def every_frame(control: NDArray[np.float64], frames: int) -> Signal:
    """A control signal drawn out to one value a frame, in straight lines."""
    steps = np.diff(control).astype(np.float32)[:, None] * (
        np.arange(CONTROL_FRAMES, dtype=np.float32) / CONTROL_FRAMES
    )
    steps += control[:-1].astype(np.float32)[:, None]
    return np.asarray(steps.reshape(-1)[:frames], dtype=np.float32)
