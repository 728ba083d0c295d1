"""Three singers: a buzzing source with a moving pitch, through the resonances of a throat (formants)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.band import song
from firmware.band.synth import (
    CONTROL_FRAMES,
    Response,
    Signal,
    control_times,
    every_frame,
    faded,
    filtered,
    high_cut,
    low_cut,
    midi_hz,
    noise,
    oscillator,
    place,
    pole,
    random,
    shaped,
    smoothed,
    times,
    wavetable,
)

FORMANTS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "a": ((800.0, 0.0, 9.0), (1150.0, -4.0, 11.0), (2800.0, -18.0, 18.0), (3500.0, -22.0, 20.0), (4950.0, -36.0, 22.0)),
    "e": (
        (420.0, 0.0, 7.0),
        (1850.0, -12.0, 16.0),
        (2650.0, -16.0, 20.0),
        (3400.0, -20.0, 20.0),
        (4950.0, -36.0, 22.0),
    ),
    "i": (
        (330.0, 0.0, 6.0),
        (2150.0, -14.0, 18.0),
        (2800.0, -18.0, 20.0),
        (3500.0, -22.0, 20.0),
        (4950.0, -38.0, 22.0),
    ),
    "o": ((470.0, 0.0, 8.0), (820.0, -7.0, 10.0), (2650.0, -22.0, 20.0), (3400.0, -24.0, 20.0), (4950.0, -40.0, 22.0)),
    "u": ((350.0, 0.0, 6.0), (680.0, -12.0, 10.0), (2600.0, -26.0, 20.0), (3400.0, -28.0, 20.0), (4950.0, -44.0, 22.0)),
}
"""Vowel → (Hz, dB, Q) of five formants, rounded from the tenor and alto tables of the Csound manual's appendix."""


@dataclass(frozen=True)
class Singer:
    """One person: seed, vibrato rate and depth, length of the throat (1: the table's), breath, lateness."""

    seed: int
    vibrato_hz: float
    vibrato_cents: float
    throat: float
    breath: float
    late_s: float


LEAD = Singer(41, 5.6, 38.0, 1.00, 0.05, 0.0)
BACKING = (Singer(42, 5.2, 22.0, 0.96, 0.09, 0.012), Singer(43, 4.9, 26.0, 1.06, 0.07, -0.009))


def sing(
    line: song.Line, singer: Singer, rate_hz: int, frames: int, phrase_db: NDArray[np.float64] | None = None
) -> Signal:
    """The line as sung, close to a microphone in a dead room; `phrase_db` is a level for each note (default 0)."""
    chance = random(singer.seed)
    line = tuple(sorted(line))
    starts = np.array([song.time_s(bar, beat) + singer.late_s + chance.normal(0.0, 0.006) for bar, beat, *_ in line])
    ends = np.array([start + beats * song.BEAT_S for start, (_, _, beats, *_) in zip(starts, line, strict=True)])
    gains = np.ones(len(line)) if phrase_db is None else 10.0 ** (phrase_db / 20.0)

    # Everything slow (pitch, loudness, vowels) is worked out at the control rate.
    t = control_times(frames / rate_hz, rate_hz)
    control_hz = rate_hz / CONTROL_FRAMES
    which = np.clip(np.searchsorted(starts - 0.03, t, side="right") - 1, 0, len(line) - 1)
    cents = np.array([1200.0 * np.log2(midi_hz(note[3]) / 440.0) + chance.normal(0.0, 5.0) for note in line])[which]
    cents = smoothed(smoothed(cents, round(0.05 * control_hz)), round(0.03 * control_hz))
    since = t - starts[which]
    depth = singer.vibrato_cents * np.clip((since - 0.22) / 0.35, 0.0, 1.0)
    cents += depth * np.sin(2.0 * np.pi * singer.vibrato_hz * t + 0.4 * np.sin(2.0 * np.pi * 0.31 * t))
    coarse = chance.normal(0.0, 9.0, round(t[-1] * 14) + 3)
    cents += np.interp(t * 14, np.arange(len(coarse)), coarse)  # no throat holds a pitch quite still
    buzz = oscillator(every_frame(440.0 * 2.0 ** (cents / 1200.0), frames), wavetable(30, 1.05), rate_hz)

    breath = filtered(noise(singer.seed + 500, frames), rate_hz, low_cut(900.0), high_cut(9000.0))
    shape = np.interp(since, (-0.04, 0.03, 0.12, 0.6), (0.0, 0.85, 1.0, 0.92))
    shape *= np.clip((ends[which] + 0.05 - t) / 0.09, 0.0, 1.0) * gains[which]
    source = (buzz + np.float32(singer.breath) * breath) * every_frame(
        smoothed(shape, round(0.018 * control_hz)), frames
    )

    voice = np.zeros(frames, np.float32)
    vowels = np.array([note[4] for note in line])[which]
    for vowel in FORMANTS:
        weight = smoothed((vowels == vowel).astype(np.float64), round(0.045 * control_hz))
        if np.any(weight):
            voice += shaped(source, rate_hz, _throat(vowel, singer.throat)) * every_frame(weight, frames)
    voice = filtered(voice, rate_hz, low_cut(90.0))
    voice *= np.float32(1.0 / np.max(np.abs(voice)))
    _consonants(voice, line, starts, gains, singer, rate_hz)
    return voice


def _throat(vowel: str, length: float) -> Response:
    """The five resonances of a vowel side by side."""

    def gains(hz: NDArray[Any]) -> NDArray[Any]:
        s = 1j * hz
        total = np.zeros(hz.shape, dtype=np.complex128)
        for formant_hz, gain_db, q in FORMANTS[vowel]:
            total += 10.0 ** (gain_db / 20.0) * pole(formant_hz * length, q * 0.7)(s)
        return total

    return gains


def _consonants(
    voice: Signal,
    line: song.Line,
    starts: NDArray[np.float64],
    gains: NDArray[np.float64],
    singer: Singer,
    rate_hz: int,
) -> None:
    """A short t, k or s before the notes, so that the tune has words one almost understands."""
    kinds = ((0.018, 3500.0, 9000.0, 0.20), (0.022, 1500.0, 3500.0, 0.16), (0.085, 5200.0, 11000.0, 0.14))
    sounds = []
    for n, (length_s, low_hz, top_hz, level) in enumerate(kinds):
        t = times(length_s, rate_hz)
        grain = noise(singer.seed + 600 + n, len(t)) * np.sin(np.pi * t / length_s) ** 0.5
        sounds.append(
            (
                filtered(faded(grain.astype(np.float32), rate_hz), rate_hz, low_cut(low_hz), high_cut(top_hz)),
                level,
                length_s,
            )
        )
    for n, (start, gain) in enumerate(zip(starts, gains, strict=True)):
        sound, level, length_s = sounds[(n * 7 + len(line)) % 3]
        place(voice, sound, start - 0.02 - length_s, level * gain * 0.6, rate_hz)
