"""Bass, rhythm guitar and lead guitar: plucked strings, and the amplifiers they go through."""

from __future__ import annotations

import numpy as np

from firmware.band import song
from firmware.band.synth import (
    Signal,
    bell,
    faded,
    filtered,
    high_cut,
    low_cut,
    midi_hz,
    place,
    pluck,
    random,
    room,
)

SHORT_S = 0.6  # most notes are; only the others are computed longer


def bass(rate_hz: int, frames: int) -> Signal:
    """A finger-played electric bass, locked to the kick."""
    track = np.zeros(frames, np.float32)
    cache: dict[tuple[int, bool], Signal] = {}
    played = song.hits("bass", 21, 0.002)
    for n, hit in enumerate(played):
        midi = song.CHORDS[song.PROGRESSION[hit.bar]].bass + song.BASS_STEPS[hit.step]
        following = played[n + 1].at_s if n + 1 < len(played) else song.SECONDS
        length_s = min(following - hit.at_s - 0.012, 2.3)
        key = (midi, length_s < SHORT_S)
        if key not in cache:
            cache[key] = pluck(200 + midi, midi_hz(midi), SHORT_S if key[1] else 2.4, rate_hz, 2.6, 900.0, 0.18)
        note = faded(cache[key][: round(length_s * rate_hz)].copy(), rate_hz, 0.02)
        place(track, note, hit.at_s, 0.5 + 0.5 * hit.velocity, rate_hz)
    warm = np.tanh(1.8 * track)
    return filtered(warm, rate_hz, low_cut(32.0), bell(90.0, 3.0, 0.8), bell(750.0, 3.0, 0.9), high_cut(3800.0))


def _cabinet(x: Signal, rate_hz: int, top_hz: float) -> Signal:
    return filtered(
        x,
        rate_hz,
        low_cut(95.0),
        bell(140.0, 2.5, 1.0),
        bell(2600.0, 5.0, 1.1),
        high_cut(top_hz),
        high_cut(top_hz, 1.1),
    )


def rhythm(rate_hz: int, frames: int) -> Signal:
    """An electric guitar: muted sixteenths in the verse, open strumming in the chorus, through a crunchy amplifier."""
    track = np.zeros(frames, np.float32)
    cache: dict[tuple[int, bool, bool], Signal] = {}
    played = song.hits("guitar", 22)
    for n, hit in enumerate(played):
        voicing = song.CHORDS[song.PROGRESSION[hit.bar]].guitar
        muted = song.SECTIONS[hit.bar] == "verse" and hit.velocity < 0.5
        down = hit.step % 2 == 0
        following = played[n + 1].at_s if n + 1 < len(played) else song.SECONDS
        length_s = min(following - hit.at_s + 0.02, 2.4)
        if song.SECTIONS[hit.bar] == "verse":
            length_s = min(length_s, 0.19)
            voicing = voicing[-4:]
        for string, midi in enumerate(voicing if down else voicing[::-1]):
            key = (midi, muted, length_s < SHORT_S)
            if key not in cache:
                decay_s, top_hz = (0.10, 1300.0) if muted else (2.2, 2400.0)
                cache[key] = pluck(
                    300 + midi, midi_hz(midi), SHORT_S if key[2] else 2.4, rate_hz, decay_s, top_hz, 0.13
                )
            note = faded(cache[key][: round(length_s * rate_hz)].copy(), rate_hz, 0.015)
            place(track, note, hit.at_s + 0.009 * string, hit.velocity * 0.35, rate_hz)
    driven = np.tanh(2.6 * filtered(track, rate_hz, low_cut(120.0), bell(700.0, 3.0, 0.7))).astype(np.float32)
    return _cabinet(driven, rate_hz, 5200.0)


def lead(rate_hz: int, frames: int) -> Signal:
    """A singing lead guitar: fills between the voice's phrases and the tune of the bridge, with finger vibrato."""
    track = np.zeros(frames, np.float32)
    chance = random(23)
    for bar, beat, beats, midi, _ in song.LICKS:
        length_s = beats * song.BEAT_S * 1.02
        string = pluck(400 + midi, midi_hz(midi), length_s + 0.05, rate_hz, 3.0, 3800.0, 0.09)
        t = np.arange(round(length_s * rate_hz)) / rate_hz
        depth = np.clip((t - 0.18) / 0.3, 0.0, 1.0) * 0.00028
        bend = 0.0016 * np.exp(-t / 0.045) * float(chance.uniform(0.3, 1.0))  # each note is pulled up into its pitch
        place_s = t + depth * np.sin(2.0 * np.pi * 5.4 * t) + bend
        warped = np.interp(place_s * rate_hz, np.arange(len(string)), string).astype(np.float32)
        place(track, faded(warped, rate_hz, 0.02), song.time_s(bar, beat), float(chance.uniform(0.8, 1.0)), rate_hz)
    pushed = np.tanh(7.0 * filtered(track, rate_hz, low_cut(180.0), bell(900.0, 4.0, 0.7))).astype(np.float32)
    return room(_cabinet(pushed, rate_hz, 6000.0), rate_hz, 480, 0.6, -15.0)
