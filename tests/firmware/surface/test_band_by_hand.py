"""The script that mixes the band by hand: two hands could do it, it does what it says, and the band sounds better."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import config
from drivers.simulated.script import Hold, Slide, Step, Turn, parse
from firmware import band, measure, render
from firmware.band import problems, song
from firmware.desk_model import DeskModel
from firmware.params import Number, Taper, Value
from firmware.surface import board_file
from tests.firmware import band_once
from tests.firmware.band_once import RATE_HZ
from tests.firmware.surface.played import Played, S

SCRIPT = config.path("hands/band.txt")
LONGEST_S = 38.0
QUICKEST_S = 0.25  # a hand takes a fader over its whole travel of 60 to 100 mm
MOST_DETENTS_PER_S = 60.0

LOW_CUTS = {
    2: 107,
    3: 420,
    5: 253,
    7: 127,
    8: 179,
    9: 107,
    10: 151,
    11: 116,
    12: 195,
    13: 195,
    14: 1423,
    15: 1423,
    16: 98,
}
HIGH_CUTS = {6: 5220, 7: 6200, 8: 8000, 9: 8770}
SLOPES = {3: 18, 5: 18, 10: 18, 11: 24, 12: 18, 13: 18}
TRIMS = {6: -8.5, 10: 4.0, 12: 12.25, 14: 18.25, 16: 3.25}
FADERS = {
    1: -1.5, 2: -1.5, 3: -2.4, 4: -5.0, 5: -4.4, 6: -1.5, 7: -3.0, 8: -7.2,
    9: 2.0, 10: 0.5, 11: -3.0, 12: -6.0, 13: -6.4, 14: -7.2, 15: -7.6, 16: 1.3,
}  # fmt: skip
PANS = {3: 37, 4: -25, 7: -55, 8: 28, 9: 43, 10: -34, 12: -40, 13: 40, 14: 58, 15: -58, 16: 22}
BANDS: dict[tuple[int, int], dict[str, float]] = {
    (1, 2): {"freq_hz": 306, "gain_db": -8.0},
    (1, 4): {"freq_hz": 3600, "gain_db": 4.0},
    (2, 3): {"freq_hz": problems.SNARE_RING_HZ, "gain_db": -18.0, "q": 8.5},
    (5, 3): {"gain_db": -9.0, "q": 6.3},
    (6, 2): {"gain_db": -7.0},
    (7, 2): {"freq_hz": problems.MUD_HZ, "gain_db": -11.0},
    (9, 2): {"freq_hz": problems.MUD_HZ, "gain_db": -13.0},
    (10, 2): {"freq_hz": problems.MUD_HZ, "gain_db": -11.0},
    (11, 2): {"freq_hz": 306, "gain_db": -4.3},
    (11, 4): {"freq_hz": 3060, "gain_db": 4.0},
    (12, 2): {"freq_hz": 306, "gain_db": -7.0},
    (13, 2): {"freq_hz": 306, "gain_db": -7.0},
    (15, 5): {"freq_hz": problems.HARSH_HZ, "gain_db": -10.0, "q": 1.86},
}
DYNAMICS: dict[str, Value] = {
    "channel.2.gate.on": True, "channel.2.gate.threshold_db": -31.0, "channel.2.gate.range_db": 14.5,
    "channel.4.gate.on": True, "channel.4.gate.threshold_db": -14.5,
    "channel.7.gate.on": True, "channel.7.gate.threshold_db": -38.5,
    "channel.6.comp.on": True, "channel.6.comp.threshold_db": -24.5, "channel.6.comp.ratio": 4.3,
    "channel.6.comp.makeup_db": 3.5,
    "channel.11.comp.on": True, "channel.11.comp.threshold_db": -33.5, "channel.11.comp.ratio": 5.8,
    "channel.11.comp.makeup_db": 15.5,
    "main.lr.comp.on": True, "main.lr.comp.threshold_db": -14.5, "main.lr.comp.ratio": 2.0,
}  # fmt: skip
STEPS = 3
"""A quick turn goes two or three steps a detent, by how quick each one was."""


def intended() -> dict[str, Value]:
    """What the desk has in the end that it did not have at first."""
    found: dict[str, Value] = dict.fromkeys((f"channel.{n}.hpf.on" for n in LOW_CUTS), True)
    found |= dict.fromkeys((f"channel.{n}.lpf.on" for n in HIGH_CUTS), True)
    found |= DYNAMICS | {"main.lr.fader_db": 0.0}
    by_name: dict[str, Mapping[int, float]] = {
        "hpf.freq_hz": LOW_CUTS, "hpf.slope_db_oct": SLOPES, "lpf.freq_hz": HIGH_CUTS, "trim_db": TRIMS,
        "fader_db": FADERS, "pan": PANS,
    }  # fmt: skip
    for name, numbers in by_name.items():
        found.update({f"channel.{n}.{name}": value for n, value in numbers.items()})
    for (n, number), values in BANDS.items():
        found.update({f"channel.{n}.eq.band.{number}.{name}": value for name, value in values.items()})
    return found


@cache
def played() -> Played:
    made = Played("reference")
    with made:
        made.file(SCRIPT)
    return made


def steps() -> tuple[Step, ...]:
    return tuple(
        one for one in parse(SCRIPT.read_text("utf-8"), board_file.load("reference").panel) if one.action is not None
    )


def within(kind: Number, value: float, wanted: float) -> bool:
    """Whether a value is within `STEPS` steps of an encoder, of a fader within a third of a dB."""
    if kind.taper is Taper.FADER:
        return abs(value - wanted) <= 0.34
    if kind.taper is Taper.LINEAR:
        return abs(value - wanted) <= STEPS * kind.step + 1e-9
    return abs(kind.position(value) - kind.position(wanted)) <= STEPS * kind.step


# --- the hands --------------------------------------------------------------------------------------------------------


def test_two_hands_can_play_it() -> None:
    everything = steps()
    assert max(one.at_ns + one.took_ns for one in everything) <= LONGEST_S * S
    place = dict.fromkeys((one.name for one in board_file.load("reference").panel.faders), 0.0)
    for one in everything:
        busy = [other for other in everything if other.at_ns <= one.at_ns < other.at_ns + other.took_ns]
        assert sum(len(o.action.names) if isinstance(o.action, Hold) else 1 for o in busy) <= 2, one
        if isinstance(one.action, Turn):
            assert one.action.per_s <= MOST_DETENTS_PER_S
        if isinstance(one.action, Slide):
            assert abs(one.action.to - place[one.action.name]) * QUICKEST_S * S <= one.action.over_ns, one
            place[one.action.name] = one.action.to


def test_one_hand_has_the_faders_and_the_other_does_one_thing_after_the_other() -> None:
    for is_left in (True, False):
        hand = [one for one in steps() if isinstance(one.action, Slide) is is_left]
        for one, after in itertools.pairwise(hand):
            assert after.at_ns >= one.at_ns + one.took_ns, after


def test_the_desk_has_in_the_end_what_the_hands_meant_and_nothing_else_has_moved() -> None:
    changed, wanted = played().changed(), intended()
    assert changed.keys() == wanted.keys()
    for path, value in wanted.items():
        kind = played().desk.model.places[path].parameter.type
        if isinstance(kind, Number):
            assert within(kind, float(changed[path]), float(value)), (path, changed[path])
        else:
            assert changed[path] == value, path
    passing = {path for _, path, _, _ in played().told} - wanted.keys()
    assert passing == {"channel.8.mute", "channel.11.solo"}


def test_the_hands_undo_listen_and_mute_on_the_way() -> None:
    told: dict[str, list[Value]] = {}
    for _, path, value, _ in played().told:
        told.setdefault(path, []).append(value)
    assert told["channel.8.mute"] == [True, False]
    assert told["channel.11.solo"] == [True, False]
    pans = [float(value) for value in told["channel.15.pan"]]
    back = pans.index(0.0)  # the undo
    assert all(pan > 0.0 for pan in pans[:back])
    assert all(pan < 0.0 for pan in pans[back + 1 :])
    assert max(pans) > 15.0


def test_no_fader_makes_a_level_jump() -> None:
    """All of them come from the bottom or from the other layer, and are picked up."""
    at = {path: float(played().before[path]) for path in played().before if path.endswith("fader_db")}
    for _, path, value, over_ms in played().told:
        if path in at:
            assert over_ms == pytest.approx(20.0)
            kind = played().desk.model.places[path].parameter.type
            assert abs(kind.position(value) - kind.position(at[path])) < 0.05, path
            at[path] = float(value)


def test_each_step_of_the_script_says_why() -> None:
    """Whoever reads it learns to mix: each of the band's faults is spoken of where something is done about it."""
    told = SCRIPT.read_text("utf-8").lower()
    for word in ("mud", "rings", "hiss", "harsh", "rumble", "too hot", "too quiet", "boxy", "undo", "alone"):
        assert re.search(rf"#.*{word}", told), word


# --- the sound --------------------------------------------------------------------------------------------------------


@cache
def heard() -> NDArray[np.float32]:
    """The mains while the hands play: float32[frames, 2]."""
    model = band_once.model("flat")
    start, events = model.kernel_values(), []
    for at_ns, path, value, over_ms in played().told:
        events += model.to_events(path, value, over_ms, round(at_ns * RATE_HZ / S))
        model.set(path, value)
    return render.offline(band_once.SIZE, start, band_once.tracks(), events)


def mixed() -> DeskModel:
    """The desk as the hands have left it."""
    model = band_once.model("flat")
    model.update(played().changed())
    return model


def alone(model: DeskModel, strip: str, seconds: tuple[float, float]) -> NDArray[np.float32]:
    """One track as it reaches the mains, whose compressor is off: float32[frames]."""
    desk = copy.copy(model)
    desk.values = dict(model.values)
    for number, other in enumerate(band.NAMES, 1):
        desk.set(f"channel.{number}.mute", other != strip)
    desk.set("main.lr.comp.on", False)
    start, end = (round(s * RATE_HZ) for s in seconds)
    return np.asarray(
        render.offline(band_once.SIZE, desk.kernel_values(), band_once.tracks()[start:end]).sum(axis=1), np.float32
    )


@pytest.mark.all
def test_the_whole_run_is_better_than_flat_by_the_reports_own_figures() -> None:
    """Measured on the whole song, the first half of which is still being mixed: mud −7.4 → −9.8 dB of all, presence
    −16.1 → −13.2 dB, range 6.7 → 4.4 LU, −18.5 → −16.3 LUFS, peak −5.8 → −2.3 dBTP."""
    flat, mix = (measure.measure(sound, RATE_HZ) for sound in (band_once.mix("flat"), heard()))
    assert mix.band_share_db["mud"] < flat.band_share_db["mud"] - 1.5
    assert mix.band_share_db["presence"] > flat.band_share_db["presence"] + 2.0
    assert mix.band_share_db["air"] > flat.band_share_db["air"] + 2.0
    assert mix.range_lu < flat.range_lu - 1.5
    assert -18.0 < mix.loudness_lufs < -14.0
    assert mix.true_peak_dbtp < -1.2, "the limiters, at −1 dBFS, have nothing to do"


@pytest.mark.all
def test_the_last_chorus_is_within_reach_of_the_mix_that_was_made_at_leisure() -> None:
    first, last = (round(bar * song.BAR_S * RATE_HZ) for bar in (12, 16))
    flat, mix, aim = (
        measure.measure(sound[first:last], RATE_HZ) for sound in (band_once.mix("flat"), heard(), band_once.mix("band"))
    )
    assert mix.loudness_lufs == pytest.approx(aim.loudness_lufs, abs=1.5)
    for name in measure.BANDS_HZ:
        away = abs(mix.band_share_db[name] - aim.band_share_db[name])
        assert away < 1.2, name
        if abs(flat.band_share_db[name] - aim.band_share_db[name]) > 1.0:
            assert away < abs(flat.band_share_db[name] - aim.band_share_db[name]) / 2.0, name


@pytest.mark.all
def test_the_ring_the_wild_voice_the_hiss_and_the_bleed_are_dealt_with() -> None:
    flat, mix = band_once.model("flat"), mixed()
    verse = (2 * song.BAR_S, 9 * song.BAR_S)
    ring = [band_once.prominence_db(alone(m, "Snare", verse), RATE_HZ, problems.SNARE_RING_HZ) for m in (flat, mix)]
    assert ring[1] < ring[0] - 10.0
    voice = [band_once.level_range_db(alone(m, "Lead voice", verse), RATE_HZ, 0.1, -24.0) for m in (flat, mix)]
    assert voice[1] < voice[0] - 5.0
    intro, second = (0.0, 4.0), slice(RATE_HZ, None)
    hiss = [float(np.std(alone(m, "Rhythm guitar", intro)[second])) for m in (flat, mix)]
    assert measure.to_db(hiss[1]) < measure.to_db(hiss[0]) - 10.0
    between = (4 * song.BAR_S, 8 * song.BAR_S)
    bleed = [float(np.std(alone(m, "Toms", between)[second])) for m in (flat, mix)]
    assert measure.to_db(bleed[1]) < measure.to_db(bleed[0]) - 15.0


@pytest.mark.all
def test_the_bass_comes_down_to_where_the_others_are() -> None:
    """Recorded 4 dB past full scale; trim and fader leave it no louder than the kick."""
    mix, chorus = mixed(), (6 * song.BAR_S, 10 * song.BAR_S)
    peaks = {name: measure.to_db(float(np.max(np.abs(alone(mix, name, chorus))))) for name in ("Bass", "Kick")}
    assert peaks["Bass"] < peaks["Kick"] + 1.0
