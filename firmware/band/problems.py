"""What is wrong with the recordings, on purpose: the faults a mixer meets, each with its figure and its place.

The table for people is in the package's docstring; the numbers it quotes are the ones here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware.band import song
from firmware.band.synth import Signal, bell, delayed, filtered, high_cut, high_shelf, low_cut, noise, oscillator, room

SNARE_RING_HZ = 812.0
SNARE_RING_DECAY_S = 0.16  # to 1/e; a Q of about 400
SNARE_RING_LEVEL = 0.30
MUD_HZ = 290.0
HARSH_HZ = 7300.0
RUMBLE_RMS_DBFS = -38.0
GUITAR_HISS_RMS_DBFS = -46.0
KEYS_HISS_RMS_DBFS = -58.0
VOICE_SWING_DB = 18.0

PEAKS_DBFS = {
    "Kick": -6.0,
    "Snare": -3.0,
    "Hi-hat": -14.0,
    "Toms": -5.0,
    "Overheads": -9.0,
    "Bass": 4.0,  # past full scale: the preamp clips it
    "Rhythm guitar": -5.0,
    "Lead guitar": -8.0,
    "Keys": -9.0,
    "Organ": -16.0,
    "Lead voice": -2.0,
    "Backing voice 1": -21.0,
    "Backing voice 2": -9.0,
    "Shaker": -30.0,
    "Tambourine": -7.0,
    "Conga": -13.0,
}
"""How each track was recorded: uneven, as preamps left by six different hands are."""


def phrase_levels_db() -> NDArray[np.float64]:
    """The lead singer's level, note by note of `song.LEAD` in time order: `VOICE_SWING_DB` from murmur to shout."""
    whisper = -VOICE_SWING_DB
    levels: dict[int, tuple[float, ...]] = {}
    levels |= {2: (whisper, -15.0, -13.0, -11.0), 3: (-15.0, -10.0, -14.0, -12.0), 4: (-8.0, -12.0, -9.0, -5.0)}
    levels |= {5: (-4.0, -10.0, -9.0, -16.0), 6: (-4.0, -7.0, -9.0, -1.0), 7: (0.0, -4.0, -8.0)}
    levels |= {8: (-9.0, -14.0, -12.0, -6.0, -1.0, -4.0), 9: (-5.0, -9.0, -12.0), 16: (-3.0, -7.0, -9.0), 17: (-12.0,)}
    levels |= {bar + 6: tuple(min(0.0, db + 1.5) for db in levels[bar]) for bar in (6, 7, 8, 9)}
    bars = [bar for bar, *_ in sorted(song.LEAD)]
    seen: dict[int, int] = {}
    out = []
    for bar in bars:
        out.append(levels[bar][seen.get(bar, 0)])
        seen[bar] = seen.get(bar, 0) + 1
    return np.array(out)


def at_peak(x: Signal, peak_dbfs: float) -> Signal:
    """`x` scaled so that its largest sample stands at `peak_dbfs`."""
    return x * np.float32(10.0 ** (peak_dbfs / 20.0) / max(1e-9, float(np.max(np.abs(x)))))


def muddy(x: Signal, rate_hz: int, gain_db: float) -> Signal:
    """A microphone too close in a small room: everything from 200 to 400 Hz piles up."""
    return filtered(x, rate_hz, bell(MUD_HZ, gain_db, 1.1))


def harsh(x: Signal, rate_hz: int) -> Signal:
    """Jingles into a cheap microphone that rings at 7.3 kHz."""
    return filtered(x, rate_hz, bell(HARSH_HZ, 11.0, 2.0))


def hiss(frames: int, rate_hz: int, seed: int, rms_dbfs: float) -> Signal:
    """The noise of an amplifier: steady, brighter than white, with a little hum at 50 Hz and its odd multiples."""
    bright = filtered(noise(seed, frames), rate_hz, low_cut(700.0), high_shelf(3000.0, 6.0), high_cut(14000.0))
    bright *= np.float32(1.0 / np.sqrt(np.mean(np.square(bright), dtype=np.float64)))
    turn = 2.0 * np.pi * np.arange(4097) / 4096
    hum = (0.25 * np.sin(turn) + 0.18 * np.sin(3.0 * turn) + 0.08 * np.sin(5.0 * turn)).astype(np.float32)
    return (bright + oscillator(np.full(frames, 50.0, np.float32), hum, rate_hz)) * np.float32(
        10.0 ** (rms_dbfs / 20.0)
    )


def rumble(frames: int, rate_hz: int) -> Signal:
    """A hollow stage under the stand: noise below 45 Hz with steps in it."""
    low = filtered(noise(701, frames), rate_hz, low_cut(18.0), high_cut(38.0), high_cut(45.0))
    low *= np.float32(1.0 / np.sqrt(np.mean(np.square(low), dtype=np.float64)))
    return low * np.float32(10.0 ** (RUMBLE_RMS_DBFS / 20.0))


def bleed(kit: Signal, rate_hz: int, delay_s: float, gain_db: float, top_hz: float) -> Signal:
    """The drum kit as another microphone hears it: later, duller, with the room."""
    far = filtered(delayed(kit, delay_s, rate_hz), rate_hz, low_cut(150.0), high_cut(top_hz))
    return room(far, rate_hz, 702, 0.4, -4.0) * np.float32(10.0 ** (gain_db / 20.0))
