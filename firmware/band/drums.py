"""The drum kit, each drum as its own microphone would hear it alone."""

from __future__ import annotations

import numpy as np

from firmware.band import song
from firmware.band.problems import SNARE_RING_DECAY_S, SNARE_RING_HZ
from firmware.band.synth import (
    Signal,
    bell,
    delayed,
    faded,
    filtered,
    high_cut,
    high_shelf,
    low_cut,
    noise,
    place,
    random,
    room,
    times,
)

METAL_HZ = (205.3, 304.4, 369.6, 522.7, 635.0, 800.0)  # the six oscillators of a well-known drum machine's cymbals
TOM_HZ = {"1": 172.0, "2": 128.0, "3": 88.0}


def _decay(t: np.ndarray, tau_s: float) -> np.ndarray:
    return np.exp(-t / tau_s)


def _kick(rate_hz: int) -> Signal:
    t = times(0.55, rate_hz)
    turns = 50.0 * t + 115.0 * 0.022 * (1.0 - _decay(t, 0.022)) + 260.0 * 0.0035 * (1.0 - _decay(t, 0.0035))
    body = np.sin(2.0 * np.pi * turns) * _decay(t, 0.15)
    beater = noise(101, len(t)) * _decay(t, 0.0045)
    click = filtered(beater.astype(np.float32), rate_hz, low_cut(1800.0), high_cut(6500.0))
    shell = 0.18 * np.sin(2.0 * np.pi * 310.0 * t) * _decay(t, 0.045)
    return faded(np.tanh(1.5 * (body + shell + 0.45 * click)).astype(np.float32), rate_hz, 0.05)


def _snare(rate_hz: int, seed: int) -> Signal:
    t = times(0.5, rate_hz)
    bend = 1.0 + 0.12 * _decay(t, 0.012)
    shell = sum(a * np.sin(2.0 * np.pi * hz * bend * t) * _decay(t, tau) for hz, a, tau in
                ((187.0, 0.9, 0.085), (331.0, 0.45, 0.06), (428.0, 0.2, 0.05)))  # fmt: skip
    grain = noise(seed, len(t)) * (_decay(t, 0.10) * (1.0 - 0.6 * _decay(t, 0.004)))
    wires = filtered(grain.astype(np.float32), rate_hz, low_cut(900.0), bell(4200.0, 5.0, 0.8), high_cut(11000.0))
    stick = filtered((noise(seed + 50, len(t)) * _decay(t, 0.003)).astype(np.float32), rate_hz, low_cut(2500.0))
    return faded((0.75 * shell + 0.5 * wires + 0.5 * stick).astype(np.float32), rate_hz, 0.05)


def _metal(rate_hz: int, seconds: float, tau_s: float, cut_hz: float, seed: int, scale: float = 1.0) -> Signal:
    t = times(seconds, rate_hz)
    squares = sum(np.sign(np.sin(2.0 * np.pi * hz * 3.1 * scale * t)) for hz in METAL_HZ) / 6.0
    # The highest partials are only noise: square waves that high would fold back below Nyquist as wrong notes.
    mixed = 0.35 * squares + 0.5 * noise(seed, len(t))
    shaped = filtered((mixed * _decay(t, tau_s)).astype(np.float32), rate_hz, low_cut(cut_hz), low_cut(cut_hz * 0.8))
    return faded(shaped, rate_hz, min(0.2, seconds / 4))


def _tom(rate_hz: int, hz: float, seed: int) -> Signal:
    t = times(0.9, rate_hz)
    turns = hz * t + hz * 0.5 * 0.03 * (1.0 - _decay(t, 0.03))
    skin = np.sin(2.0 * np.pi * turns) * _decay(t, 0.26) + 0.3 * np.sin(2.0 * np.pi * 1.59 * turns) * _decay(t, 0.12)
    stick = filtered(
        (noise(seed, len(t)) * _decay(t, 0.006)).astype(np.float32), rate_hz, low_cut(1200.0), high_cut(7000.0)
    )
    return faded((skin + 0.4 * stick).astype(np.float32), rate_hz, 0.1)


def _play(track: Signal, part: str, seed: int, sounds: list[Signal], rate_hz: int) -> None:
    for n, hit in enumerate(song.hits(part, seed)):
        place(track, sounds[n % len(sounds)], hit.at_s, hit.velocity**1.4, rate_hz)


def kit(rate_hz: int, frames: int) -> dict[str, Signal]:
    """Each drum alone: `kick`, `snare`, `ring` (the snare's resonance), `hats`, `toms`, `cymbals`; and `overheads`."""
    parts = {name: np.zeros(frames, np.float32) for name in ("kick", "snare", "ring", "hats", "toms", "cymbals")}
    _play(parts["kick"], "kick", 11, [_kick(rate_hz)], rate_hz)
    _play(parts["snare"], "snare", 12, [_snare(rate_hz, 120 + n) for n in range(4)], rate_hz)
    t = times(0.9, rate_hz)
    ring = faded(
        (np.sin(2.0 * np.pi * SNARE_RING_HZ * t) * _decay(t, SNARE_RING_DECAY_S)).astype(np.float32), rate_hz, 0.1
    )
    _play(parts["ring"], "snare", 12, [ring], rate_hz)

    _play(parts["hats"], "hat", 13, [_metal(rate_hz, 0.16, 0.028, 6500.0, 130 + n) for n in range(4)], rate_hz)
    _play(parts["hats"], "open_hat", 14, [_metal(rate_hz, 0.32, 0.16, 5800.0, 140 + n) for n in range(2)], rate_hz)

    toms = {mark: _tom(rate_hz, hz, 150 + n) for n, (mark, hz) in enumerate(TOM_HZ.items())}
    chance = random(15)
    for bar, fill in song.FILLS.items():
        for step, mark in enumerate(fill):
            if mark != ".":
                place(parts["toms"], toms[mark], song.time_s(bar, step / 4), float(chance.uniform(0.7, 1.0)), rate_hz)

    crash = filtered(_metal(rate_hz, 2.6, 0.75, 2600.0, 160, 0.83), rate_hz, high_shelf(9000.0, -4.0))
    for bar in song.CRASHES:
        place(parts["cymbals"], crash, song.time_s(bar, 0.0), 0.8, rate_hz)
    _play(parts["cymbals"], "ride", 16, [_metal(rate_hz, 0.9, 0.3, 4200.0, 170, 1.13)], rate_hz)

    above = parts["kick"] * 0.3 + parts["snare"] * 0.55 + parts["ring"] * 0.08 + parts["toms"] * 0.5
    above += parts["hats"] * 0.45 + parts["cymbals"]
    above = filtered(delayed(above, 0.0029, rate_hz), rate_hz, low_cut(110.0), bell(420.0, -2.0, 0.8))
    parts["overheads"] = room(above, rate_hz, 180, 0.45, -9.0)
    return parts
