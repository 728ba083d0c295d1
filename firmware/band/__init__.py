"""The band: sixteen tracks, forty seconds, made from nothing but numbers, for a desk that has no band in front of it.

A song in A minor with an intro, verse, chorus, bridge, chorus and end (`song`), played by `drums`, `strings`, `keys`,
`voice` and `percussion`, and recorded with the faults a mixer has to deal with (`problems`):

| in | track | recorded peak | what is wrong | what a mixer does |
|---|---|---|---|---|
| 1 | Kick | −6 dBFS | boxy at 310 Hz | a cut there, some weight at 60 Hz |
| 2 | Snare | −3 | **ring** at 812 Hz that lasts 0.16 s to 1/e; hats and kick bleed in | narrow cut or notch, gate |
| 3 | Hi-hat | −14 | snare bleeds in | low cut |
| 4 | Toms | −5 | **bleed** of the whole kit at −16 dB between the three fills | gate |
| 5 | Overheads | −9 | mostly snare and room below 400 Hz | low cut, a dip |
| 6 | Bass | 0 | **too hot**: 4 dB past full scale, clipped flat by the preamp | trim down |
| 7 | Rhythm guitar | −5 | **mud**, +8 dB at 290 Hz; **hiss** and hum at −46 dBFS RMS | cut, gate, low pass |
| 8 | Lead guitar | −8 | amplifier noise | gate |
| 9 | Keys | −9 | **mud**, +9 dB at 290 Hz; hiss at −58 dBFS RMS | cut, low pass |
| 10 | Organ | −16 | **mud**, +5 dB at 290 Hz, weak | cut, level |
| 11 | Lead voice | −2 | **wild**, 18 dB; **rumble** below 45 Hz, −38 dBFS RMS; drums bleed | low cut, compressor |
| 12 | Backing voice 1 | −21 | far too **quiet** | level |
| 13 | Backing voice 2 | −9 | too **loud** beside the other | level |
| 14 | Shaker | −30 | far too **quiet** | trim |
| 15 | Tambourine | −7 | **harsh**, +11 dB at 7.3 kHz, too loud | cut, level |
| 16 | Conga | −13 | muddy skin | small cut |

All chance comes from stated seeds: the same bits at every run on one machine, and the same song at every sample rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from firmware.band import drums, keys, percussion, problems, song, strings, voice

NAMES: tuple[str, ...] = tuple(problems.PEAKS_DBFS)
LEAST_RATE_HZ = 8000


def tracks(
    rate_hz: int = 48000, progress: Callable[[str, int, int], None] | None = None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Play the song.

    Returns the sixteen names and float32[frames, 16], every sample within ±1 (so that any converter can carry it).
    `progress(name, done, of)` is called as each track is finished. Raises ValueError below 8 kHz.
    """
    if rate_hz < LEAST_RATE_HZ:
        raise ValueError(f"the band cannot play at {rate_hz} Hz; {LEAST_RATE_HZ} Hz is the least")
    frames = round(song.SECONDS * rate_hz)
    played = np.empty((len(NAMES), frames), dtype=np.float32)
    fade = np.clip((song.SECONDS - np.arange(frames) / rate_hz) / 0.4, 0.0, 1.0).astype(np.float32)
    for n, (name, track) in enumerate(_recordings(rate_hz, frames)):
        assert name == NAMES[n]
        np.clip(track * fade, -1.0, 1.0, out=played[n])
        if progress is not None:
            progress(name, n + 1, len(NAMES))
    return NAMES, np.ascontiguousarray(played.T)


def _recordings(rate_hz: int, frames: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Each track as recorded, faults and all, in the order of `NAMES`."""
    peaks = problems.PEAKS_DBFS

    def level(name: str, clean: NDArray[np.float32]) -> NDArray[np.float32]:
        return problems.at_peak(clean, peaks[name])

    kit = drums.kit(rate_hz, frames)
    yield "Kick", level("Kick", kit["kick"])
    snare = kit["snare"] + problems.SNARE_RING_LEVEL * kit["ring"] + 0.10 * kit["hats"] + 0.06 * kit["kick"]
    yield "Snare", level("Snare", snare)
    yield "Hi-hat", level("Hi-hat", kit["hats"] + 0.10 * kit["snare"] + 0.15 * kit["cymbals"])
    yield "Toms", level("Toms", kit["toms"] + 0.16 * (kit["kick"] + kit["snare"] + kit["overheads"]))
    yield "Overheads", level("Overheads", kit["overheads"])
    yield "Bass", level("Bass", strings.bass(rate_hz, frames))

    rhythm = level("Rhythm guitar", problems.muddy(strings.rhythm(rate_hz, frames), rate_hz, 8.0))
    yield "Rhythm guitar", rhythm + problems.hiss(frames, rate_hz, 711, problems.GUITAR_HISS_RMS_DBFS)
    lead = level("Lead guitar", strings.lead(rate_hz, frames))
    yield "Lead guitar", lead + problems.hiss(frames, rate_hz, 712, problems.GUITAR_HISS_RMS_DBFS - 6.0)
    piano = level("Keys", problems.muddy(keys.electric_piano(rate_hz, frames), rate_hz, 9.0))
    yield "Keys", piano + problems.hiss(frames, rate_hz, 713, problems.KEYS_HISS_RMS_DBFS)
    yield "Organ", level("Organ", problems.muddy(keys.organ(rate_hz, frames), rate_hz, 5.0))

    drums_far = problems.bleed(kit["overheads"], rate_hz, 0.010, 0.0, 7000.0)
    sung = voice.sing(song.LEAD, voice.LEAD, rate_hz, frames, problems.phrase_levels_db())
    spill = problems.at_peak(drums_far, -30.0)
    yield "Lead voice", level("Lead voice", sung) + spill + problems.rumble(frames, rate_hz)
    for n, singer in enumerate(voice.BACKING):
        name = f"Backing voice {n + 1}"
        yield name, level(name, voice.sing(song.backing(n), singer, rate_hz, frames)) + spill * np.float32(0.3)

    yield "Shaker", level("Shaker", percussion.shaker(rate_hz, frames))
    yield "Tambourine", level("Tambourine", problems.harsh(percussion.tambourine(rate_hz, frames), rate_hz))
    yield "Conga", level("Conga", problems.muddy(percussion.conga(rate_hz, frames), rate_hz, 3.0))
