"""Electric piano and organ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware.band import song
from firmware.band.synth import (
    Signal,
    control_times,
    every_frame,
    faded,
    filtered,
    high_cut,
    low_cut,
    midi_hz,
    oscillator,
    place,
    times,
)

DRAWBARS = {1: 0.6, 2: 1.0, 3: 0.45, 4: 0.6, 6: 0.3, 8: 0.22, 12: 0.1, 16: 0.08}
"""Harmonic of the sub-octave (the 16-foot bar) → level."""


def _tine(midi: int, rate_hz: int) -> Signal:
    t = times(2.4, rate_hz)
    hz = midi_hz(midi)
    turn = 2.0 * np.pi * hz * t
    body = np.sin(turn + (1.5 * np.exp(-t / 0.35) + 0.35) * np.sin(turn)) * np.exp(-t / (1.1 * (60.0 / midi) ** 2))
    bell = 0.22 * np.sin(2.0 * np.pi * min(14.0 * hz, 9000.0) * t) * np.exp(-t / 0.045)
    return ((body + bell) * np.minimum(1.0, t / 0.002)).astype(np.float32)


def electric_piano(rate_hz: int, frames: int) -> Signal:
    """Two hands on a tine piano: comping voicings above, the root's octave below."""
    track = np.zeros(frames, np.float32)
    cache: dict[int, Signal] = {}
    played = song.hits("keys", 31, 0.004)
    for n, hit in enumerate(played):
        chord = song.CHORDS[song.PROGRESSION[hit.bar]]
        following = played[n + 1].at_s if n + 1 < len(played) else song.SECONDS
        length_s = min(following - hit.at_s + 0.03, 2.35)
        for finger, midi in enumerate((chord.bass + 12, *chord.keys)):
            if midi not in cache:
                cache[midi] = _tine(midi, rate_hz)
            note = faded(cache[midi][: round(length_s * rate_hz)].copy(), rate_hz, 0.05)
            place(track, note, hit.at_s + 0.004 * finger, hit.velocity * 0.22, rate_hz)
    track *= every_frame(1.0 + 0.18 * np.sin(2.0 * np.pi * 4.6 * control_times(frames / rate_hz, rate_hz)), frames)
    return filtered(np.tanh(1.3 * track), rate_hz, low_cut(60.0), high_cut(9000.0))


def _drawbars(size: int = 4096) -> NDArray[np.float32]:
    turn = 2.0 * np.pi * np.arange(size + 1) / size
    return sum(level * np.sin(k * turn + 0.7 * k * k) for k, level in DRAWBARS.items()).astype(np.float32)  # type: ignore[union-attr]


def organ(rate_hz: int, frames: int) -> Signal:
    """A drawbar organ holding the chords from the verse's third bar on, its rotating speaker fast in the choruses."""
    track = np.zeros(frames, np.float32)
    table = _drawbars()
    for bar in range(4, song.BARS):
        section = song.SECTIONS[bar]
        seconds = song.BAR_S + (0.0 if bar == song.BARS - 1 else 0.04)
        count = round(seconds * rate_hz)
        t = control_times(seconds, rate_hz)
        start = bar * song.BAR_S
        turn = 2.0 * np.pi * (6.3 if section in ("chorus", "end") else 1.1) * (t + start)
        doppler = every_frame(1.0 + 0.0035 * np.cos(turn), count)
        sound = np.zeros(count, np.float32)
        for midi in song.CHORDS[song.PROGRESSION[bar]].organ:
            sound += oscillator(np.float32(midi_hz(midi) / 2.0) * doppler, table, rate_hz)
        loud = {"chorus": 1.0, "end": 0.9}.get(section, 0.55) * (1.0 + 0.22 * np.sin(turn + 1.0))
        loud *= np.clip(t / 0.025, 0.0, 1.0) * np.clip((seconds - t) / 0.04, 0.0, 1.0)
        place(track, 0.09 * sound * every_frame(loud, count), start, 1.0, rate_hz)
    return filtered(np.tanh(1.2 * track), rate_hz, low_cut(70.0), high_cut(6500.0))
