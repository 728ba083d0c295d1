"""Shaker, tambourine and conga."""

from __future__ import annotations

import numpy as np

from firmware.band import song
from firmware.band.synth import Signal, bell, faded, filtered, high_cut, low_cut, noise, place, room, times


def shaker(rate_hz: int, frames: int) -> Signal:
    """Sixteenths of dry seeds: a soft swell, then a stop."""
    track = np.zeros(frames, np.float32)
    t = times(0.11, rate_hz)
    swell = np.minimum(t / 0.028, 1.0) ** 2 * np.exp(-np.maximum(t - 0.028, 0.0) / 0.022)
    sounds = [
        filtered((noise(510 + n, len(t)) * swell).astype(np.float32), rate_hz, low_cut(4200.0), high_cut(9500.0))
        for n in range(4)
    ]
    for n, hit in enumerate(song.hits("shaker", 51, 0.002)):
        place(track, faded(sounds[n % 4], rate_hz), hit.at_s - 0.02, hit.velocity**1.3, rate_hz)
    return track


def tambourine(rate_hz: int, frames: int) -> Signal:
    """Jingles on two and four and the eighths between."""
    track = np.zeros(frames, np.float32)
    t = times(0.35, rate_hz)
    jingles = sum(np.sin(2.0 * np.pi * hz * t + n) * np.exp(-t / (0.06 + 0.01 * n)) for n, hz in
                  enumerate((4350.0, 5230.0, 6310.0, 7180.0, 8640.0, 9950.0)))  # fmt: skip
    grain = noise(520, len(t)) * np.exp(-t / 0.035)
    sound = filtered((0.12 * jingles + 0.35 * grain).astype(np.float32), rate_hz, low_cut(3800.0))
    for hit in song.hits("tambourine", 52):
        place(track, sound, hit.at_s, hit.velocity**1.6, rate_hz)
    return track


def _skin(rate_hz: int, hz: float, tau_s: float, slap: float, seed: int) -> Signal:
    t = times(0.5, rate_hz)
    turns = hz * t + hz * 0.10 * 0.02 * (1.0 - np.exp(-t / 0.02))
    tone = np.sin(2.0 * np.pi * turns) * np.exp(-t / tau_s) + 0.35 * np.sin(2.0 * np.pi * 1.61 * turns) * np.exp(
        -t / (tau_s / 2)
    )
    hand = filtered(
        (noise(seed, len(t)) * np.exp(-t / 0.007)).astype(np.float32),
        rate_hz,
        low_cut(700.0),
        bell(1900.0, 6.0, 1.0),
        high_cut(6000.0),
    )
    return faded((tone * (1.0 - 0.5 * slap) + slap * hand).astype(np.float32), rate_hz, 0.05)


def conga(rate_hz: int, frames: int) -> Signal:
    """A tumbao on two drums: open tones, slaps, and the heel of the hand."""
    track = np.zeros(frames, np.float32)
    strokes = (("conga_open", 53, _skin(rate_hz, 196.0, 0.17, 0.3, 530), 1.0),
               ("conga_slap", 54, _skin(rate_hz, 262.0, 0.035, 0.9, 531), 0.8),
               ("conga_heel", 55, _skin(rate_hz, 147.0, 0.05, 0.25, 532), 0.6))  # fmt: skip
    for part, seed, sound, level in strokes:
        for hit in song.hits(part, seed, 0.004):
            place(track, sound, hit.at_s, hit.velocity * level, rate_hz)
    return room(track, rate_hz, 580, 0.35, -14.0)
