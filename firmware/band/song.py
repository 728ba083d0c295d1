"""The song the band plays: form, chords, grooves and melodies, as tables. A minor, 108 beats a minute, 18 bars, 40 s.

A pattern is one bar of sixteen sixteenths; a digit is how hard the note is played (1…9), a dot is a rest.
A line is notes of (bar, beat, beats long, MIDI pitch, vowel).
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.band.synth import random

TEMPO_BPM = 108.0
BEATS_A_BAR = 4
SWING = 0.12  # how much of a sixteenth every second one is late
BEAT_S = 60.0 / TEMPO_BPM
BAR_S = BEATS_A_BAR * BEAT_S

FORM: tuple[tuple[str, int], ...] = (
    ("intro", 2),
    ("verse", 4),
    ("chorus", 4),
    ("bridge", 2),
    ("chorus", 4),
    ("end", 2),
)
SECTIONS: tuple[str, ...] = tuple(name for name, bars in FORM for _ in range(bars))
BARS = len(SECTIONS)
SECONDS = BARS * BAR_S

PROGRESSION: tuple[str, ...] = (
    *("Am7", "D9"),
    *("Am7", "D9", "Fmaj7", "E7"),
    *("F", "G", "Em7", "Am7"),
    *("Dm7", "E7"),
    *("F", "G", "Em7", "Am7"),
    *("F", "Am9"),
)


@dataclass(frozen=True)
class Chord:
    """Voicings as MIDI pitches: bass note, electric piano's right hand, guitar from the low string up, organ."""

    bass: int
    keys: tuple[int, ...]
    guitar: tuple[int, ...]
    organ: tuple[int, ...]


CHORDS = {
    "Am7": Chord(33, (60, 64, 67, 71), (45, 52, 55, 60, 64), (57, 60, 64)),
    "D9": Chord(38, (60, 64, 66, 69), (50, 54, 60, 64), (54, 60, 64)),
    "Fmaj7": Chord(29, (57, 60, 64, 67), (41, 48, 52, 57, 60), (53, 57, 60)),
    "E7": Chord(28, (56, 62, 64, 68), (40, 47, 50, 56, 59), (52, 56, 62)),
    "F": Chord(29, (57, 60, 65, 69), (41, 48, 53, 57, 60), (53, 60, 65)),
    "G": Chord(31, (59, 62, 67, 71), (43, 50, 55, 59, 62), (55, 59, 67)),
    "Em7": Chord(28, (59, 62, 64, 67), (40, 47, 52, 55, 62), (52, 59, 62)),
    "Dm7": Chord(38, (57, 60, 65, 69), (50, 57, 60, 65), (53, 57, 60)),
    "Am9": Chord(33, (59, 60, 64, 67), (45, 52, 57, 59, 64), (57, 59, 64)),
}

PATTERNS: dict[str, dict[str, str]] = {
    "kick": {
        "intro": "................",
        "verse": "9.....7...8..4..",
        "chorus": "9.....7.8.8...5.",
        "bridge": "9.......8.......",
        "end": "9.......9.......",
    },
    "snare": {
        "verse": "....8..2.2..8..2",
        "chorus": "....9..2.2..9.3.",
        "bridge": "....7.......7...",
    },
    "hat": {
        "intro": "5.3.6.3.5.3.6.3.",
        "verse": "7.5374537.537.5.",
        "chorus": "8.6.8.6.8.6.8.6.",
        "bridge": "6...6...6...6...",
    },
    "open_hat": {"verse": "..............6.", "chorus": "......5.......7."},
    "ride": {"bridge": "5.3.4.3.5.3.4.34"},
    "shaker": {
        "intro": "6474647464746474",
        "verse": "6363636363636363",
        "chorus": "7464746474647464",
        "bridge": "6363636363636363",
    },
    "tambourine": {"chorus": "4.6.9.6.4.6.9.6.", "bridge": "....7.......7..."},
    "conga_open": {"intro": "......8...7...8.", "verse": "......7.......8.", "bridge": "......8...7...88"},
    "conga_slap": {"intro": "..6.7.....6.7...", "verse": "....7.......7...", "bridge": "..6.7.3...6.7..."},
    "conga_heel": {"intro": "5..3...35..3...3", "verse": "5..3...35..3...3", "bridge": "5..3...35..3...3"},
    "bass": {
        "verse": "9..5..7...8..46.",
        "chorus": "9.7.8.7.8.7.8.66",
        "bridge": "9.......7.....5.",
        "end": "9...............",
    },
    "guitar": {
        "verse": "..63..6.3.6..363",
        "chorus": "8.5.7.568.5.7.56",
        "bridge": "7.......5...5...",
        "end": "9...............",
    },
    "keys": {
        "intro": "8.....6...5.....",
        "verse": "7.....5....6....",
        "chorus": "8.....6...7...5.",
        "bridge": "8...........5...",
        "end": "9...............",
    },
}
FILLS: dict[int, str] = {1: "........1.2.1133", 9: "..........112233", 15: "........11223.33"}
"""Bar → which tom (1 high … 3 floor) plays on which sixteenth."""
CRASHES: tuple[int, ...] = (2, 6, 10, 12, 16, 17)
BASS_STEPS = {0: 0, 2: 0, 3: 12, 4: 7, 6: 0, 8: 0, 10: 7, 12: 12, 13: 10, 14: 7, 15: 5}
"""Sixteenth → semitones above the chord's bass note."""

Line = tuple[tuple[int, float, float, int, str], ...]

VERSE: Line = (
    (2, 0.5, 0.45, 64, "a"),
    (2, 1.0, 0.45, 64, "o"),
    (2, 1.5, 0.70, 67, "i"),
    (2, 2.25, 1.40, 69, "a"),
    (3, 0.5, 0.45, 69, "e"),
    (3, 1.0, 0.45, 67, "a"),
    (3, 1.5, 0.45, 64, "o"),
    (3, 2.0, 1.60, 66, "u"),
    (4, 0.5, 0.45, 60, "o"),
    (4, 1.0, 0.45, 64, "e"),
    (4, 1.5, 0.45, 67, "i"),
    (4, 2.0, 1.60, 69, "a"),
    (5, 0.0, 1.20, 68, "o"),
    (5, 1.5, 0.45, 71, "e"),
    (5, 2.0, 0.70, 68, "i"),
    (5, 2.75, 0.90, 64, "a"),
)
CHORUS: Line = (
    (0, 0.0, 1.40, 72, "a"),
    (0, 1.5, 0.45, 71, "e"),
    (0, 2.0, 0.90, 69, "o"),
    (0, 3.0, 0.80, 72, "i"),
    (1, 0.0, 1.40, 74, "a"),
    (1, 1.5, 0.45, 72, "e"),
    (1, 2.0, 1.50, 71, "o"),
    (2, 0.0, 0.90, 71, "o"),
    (2, 1.0, 0.45, 67, "u"),
    (2, 1.5, 0.45, 69, "e"),
    (2, 2.0, 0.90, 71, "a"),
    (2, 3.0, 0.45, 74, "i"),
    (2, 3.5, 0.45, 71, "e"),
    (3, 0.0, 0.65, 72, "a"),
    (3, 0.75, 0.30, 71, "e"),
    (3, 1.0, 2.40, 69, "a"),
)
LAST: Line = ((16, 0.0, 0.90, 72, "a"), (16, 1.0, 0.9, 71, "e"), (16, 2.0, 1.40, 69, "o"), (17, 0.0, 2.60, 69, "a"))
UNDER = {74: (71, 67), 72: (69, 65), 71: (67, 62), 69: (65, 60), 67: (64, 59)}
"""What the two backing voices sing under a note of the chorus."""
OOHS: Line = tuple((bar, 0.0, 3.6, 0, "u") for bar in (4, 5, 10, 11))
OOH_PITCHES = {4: (60, 57), 5: (59, 56), 10: (65, 60), 11: (64, 59)}
LICKS: Line = (
    (0, 2.0, 0.45, 76, ""), (0, 2.5, 0.45, 74, ""), (0, 3.0, 0.90, 72, ""), (1, 0.0, 0.45, 69, ""),
    (1, 0.5, 1.6, 72, ""), (9, 3.0, 0.22, 76, ""), (9, 3.25, 0.22, 79, ""), (9, 3.5, 0.45, 81, ""),
    (10, 0.0, 1.4, 81, ""), (10, 1.5, 0.45, 79, ""), (10, 2.0, 0.45, 77, ""), (10, 2.5, 0.45, 76, ""),
    (10, 3.0, 0.9, 77, ""), (11, 0.0, 0.90, 76, ""), (11, 1.0, 0.45, 74, ""), (11, 1.5, 0.45, 71, ""),
    (11, 2.0, 0.45, 76, ""), (11, 2.5, 1.4, 80, ""), (13, 3.0, 0.45, 74, ""), (13, 3.5, 0.45, 76, ""),
    (15, 2.0, 0.45, 76, ""), (15, 2.5, 0.45, 79, ""), (15, 3.0, 0.9, 81, ""), (17, 0.0, 2.6, 76, ""),
)  # fmt: skip


def at(line: Line, bar: int) -> Line:
    """`line` moved by `bar` bars."""
    return tuple((n + bar, *rest) for n, *rest in line)  # type: ignore[misc]


CHORUS_BARS = (6, 12)
LEAD: Line = VERSE + at(CHORUS, CHORUS_BARS[0]) + at(CHORUS, CHORUS_BARS[1]) + LAST


def backing(voice: int) -> Line:
    """The line of backing voice 0 or 1: oohs in the verse and bridge, harmony in the choruses, the last chord."""
    oohs = tuple((bar, beat, length, OOH_PITCHES[bar][voice], v) for bar, beat, length, _, v in OOHS)
    sung = at(CHORUS, CHORUS_BARS[0]) + at(CHORUS, CHORUS_BARS[1]) + LAST
    return oohs + tuple((bar, beat, length, UNDER[midi][voice], v) for bar, beat, length, midi, v in sung)


def time_s(bar: int, beat: float) -> float:
    """When a beat falls, swing included."""
    sixteenth = beat * 4.0
    late = SWING if sixteenth == int(sixteenth) and int(sixteenth) % 2 else 0.0
    return bar * BAR_S + (sixteenth + late) * BEAT_S / 4.0


@dataclass(frozen=True)
class Hit:
    """One struck note: when, which bar and sixteenth, how hard (0…1)."""

    at_s: float
    bar: int
    step: int
    velocity: float


def hits(part: str, seed: int, loose_s: float = 0.003) -> list[Hit]:
    """A part's pattern over the whole song, played by a human: a little early or late, a little harder or softer."""
    chance = random(seed)
    played = []
    for bar, section in enumerate(SECTIONS):
        pattern = PATTERNS[part].get(section, "")
        if part in ("kick", "bass", "guitar", "keys") and bar == BARS - 1:
            pattern = "9..............."
        for step, mark in enumerate(pattern):
            if mark == "." or (part in ("snare", "hat") and bar in FILLS and FILLS[bar][step] != "."):
                continue
            when = time_s(bar, step / 4.0) + float(chance.normal(0.0, loose_s))
            played.append(Hit(max(0.0, when), bar, step, int(mark) / 9.0 * float(chance.uniform(0.88, 1.0))))
    return played
