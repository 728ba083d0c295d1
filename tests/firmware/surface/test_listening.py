"""What the surface hears: meters of the selected strip, clips, the spectrum, a card that is away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.rows import STAGES
from dsp.size import DeskSize
from dsp.slots import METER_STAGES, StripKind
from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.shared import TAPS_WRITTEN, Shared, Sizes
from firmware.status import Meters, State, Word
from firmware.surface.spectrum import FLOOR_DB, FRAMES, HIGH_HZ, LOW_HZ, PLACES, Spectrum, columns, newest, spectrum_db
from tests.firmware.surface.fakes import SIZE, Desk, Hands

IN, FILTERS, POST = (METER_STAGES.index(stage) for stage in ("in", "filters", "post"))


def silent(size: DeskSize = SIZE) -> Meters:
    lanes = np.zeros((STAGES, size.lanes), np.float32)
    outputs = np.zeros(size.outputs, np.float32)
    return Meters(
        0, lanes, lanes.copy(), lanes[0].copy(), lanes[0].copy(), outputs, outputs, outputs,
        np.zeros((STAGES, size.lanes), np.int64), np.zeros(size.lanes, np.int64),
    )  # fmt: skip


# --- meters -----------------------------------------------------------------------------------------------------------


def test_levels_are_those_of_the_selected_strip_of_a_pair_the_louder_side() -> None:
    hands = Hands()
    hands.desk.model.link((Kind.CHANNEL, 3), stereo=True)
    now = hands.desk.meters.now = silent()
    for stage, left, right in ((IN, 0.5, 0.25), (FILTERS, 0.1, 0.2), (POST, 0.0, 1.0)):
        now.peak[stage, 2:4] = left, right
    now.gr_gate_db[3], now.gr_comp_db[2] = -12.0, -3.5
    now.peak[POST, SIZE.lane(StripKind.MAIN, 1)] = 0.5
    hands.press("select.3")
    hands.scan(8)
    levels = hands.view.levels
    assert levels.input_db == pytest.approx(-6.02, abs=0.01)
    assert levels.pre_db == pytest.approx(-13.98, abs=0.01)
    assert levels.post_db == 0.0
    assert (levels.gate_db, levels.comp_db) == (12.0, 3.5)
    assert hands.view.meters_db["channel.3"] == 0.0
    assert hands.view.meters_db["channel.1"] == -math.inf
    assert hands.view.meters_db["main.lr"] == pytest.approx(-6.02, abs=0.01)
    assert hands.panel.lit["light.meter.3"] == 1.0
    assert hands.panel.lit["light.meter.left"] == pytest.approx(0.9)
    assert hands.panel.lit["light.meter.1"] == 0.0


def test_a_clip_is_named_for_a_second_and_old_ones_are_not() -> None:
    hands = Hands()
    now = hands.desk.meters.now = silent()
    now.clips[METER_STAGES.index("eq"), 0] = 7
    hands.scan(8)
    assert hands.view.levels.clipped == ""  # it was before anyone looked
    now.clips[METER_STAGES.index("eq"), 0] = 8
    hands.scan(8)
    assert hands.view.levels.clipped == "EQ"
    hands.wait_s(1.1)
    assert hands.view.levels.clipped == ""
    now.clips[IN, 1] = 3
    hands.press("select.2")
    hands.scan(8)
    assert hands.view.levels.clipped == ""


# --- spectrum ---------------------------------------------------------------------------------------------------------


def place_of(freq_hz: float) -> int:
    return int(PLACES * math.log(freq_hz / LOW_HZ) / math.log(HIGH_HZ / LOW_HZ))


def sine(freq_hz: float, amplitude: float, rate_hz: int = 48000) -> np.ndarray:
    return np.asarray(amplitude * np.sin(2.0 * math.pi * freq_hz * np.arange(FRAMES) / rate_hz), np.float32)


@given(st.floats(100.0, 19000.0), st.floats(-70.0, 0.0))
def test_a_sine_stands_where_it_is_and_as_high_as_it_is(freq_hz: float, level_db: float) -> None:
    found = spectrum_db(sine(freq_hz, 10.0 ** (level_db / 20.0))[:, None], 48000)
    assert len(found) == PLACES
    highest = max(range(PLACES), key=found.__getitem__)
    # A Hann window loses at most 1.42 dB between two lines.
    assert abs(highest - place_of(freq_hz)) <= 1
    assert level_db - 1.5 <= found[highest] <= level_db + 0.1
    far = [level for place, level in enumerate(found) if abs(place - highest) > 16]
    assert max(far) < level_db - 40.0


def test_silence_and_a_low_rate_are_at_the_floor() -> None:
    assert set(spectrum_db(np.zeros((FRAMES, 1), np.float32), 48000)) == {FLOOR_DB}
    low = spectrum_db(sine(1000.0, 1.0, 8000)[:, None], 8000)
    assert low[-1] == FLOOR_DB
    assert max(low) > -1.5


def test_both_sides_of_a_pair_count_by_their_mean_power() -> None:
    both = np.stack((sine(1500.0, 1.0), np.zeros(FRAMES, np.float32)), 1)
    assert max(spectrum_db(both, 48000)) == pytest.approx(-3.01, abs=0.05)


def test_where_a_strip_is_heard() -> None:
    model = DeskModel(DeskSize(8, 4, 4, 48000, buses=4, effects=1, matrices=1, plays=4), [(Kind.BUS, 1)])
    assert columns(model, "channel.3") == [2]
    model.set("channel.3.source", "play.2")
    assert columns(model, "channel.3") == [5]
    model.set("channel.3.source", "none")
    assert columns(model, "channel.3") == []
    assert columns(model, "main.lr") == [8, 9]  # outputs 1 and 2 lie behind 4 inputs and 4 playback channels
    assert columns(model, "bus.1") == []
    model.set("output.3.source", "bus.1")
    model.set("output.4.source", "bus.2")
    assert columns(model, "bus.1") == [10, 11]
    model.link((Kind.CHANNEL, 1), stereo=True)
    assert columns(model, "channel.1") == [0, 1]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared.create(tmp_path / "shared", Sizes(SIZE, tap_bytes=1 << 18))
    yield made
    made.unlink()


def write(shared: Shared, column: int, sound: np.ndarray, index: int) -> None:
    frames = shared.sizes.tap_frames
    shared.taps[(np.arange(index - len(sound), index)) % frames, column] = sound
    shared.control[TAPS_WRITTEN] = index


def test_the_newest_frames_are_found_across_the_end_of_the_ring(shared: Shared) -> None:
    sound = np.arange(FRAMES, dtype=np.float32)
    write(shared, 2, sound, 3 * shared.sizes.tap_frames + 700)
    assert newest(shared, [2])[:, 0].tolist() == sound.tolist()
    shared.control[TAPS_WRITTEN] = 0
    assert not newest(shared, [2]).any()
    shared.taps[:100, 2] = np.nan
    shared.control[TAPS_WRITTEN] = 100
    assert not newest(shared, [2]).any()


def test_the_spectrum_is_looked_at_ten_times_a_second_and_only_behind_the_equaliser(shared: Shared) -> None:
    desk = Desk()
    desk.shared = shared
    hands = Hands(desk=desk)
    desk.meters.now = silent()
    write(shared, 0, sine(1000.0, 0.5), 8192)
    hands.scan(20)
    assert hands.view.spectrum_db == ()
    hands.press("key.eq")
    hands.scan(20)
    assert max(hands.view.spectrum_db) == pytest.approx(-6.0, abs=1.5)
    hands.press("select.2")
    hands.scan(20)
    assert max(hands.view.spectrum_db) == FLOOR_DB
    spectrum = Spectrum()
    looked = []
    for k in range(100):  # a second
        before = spectrum.levels_db
        spectrum.tick(k * 10_000_000, shared, desk.model, "channel.1")
        looked.append(spectrum.levels_db is not before)
    assert sum(looked) == 10


def test_a_card_that_is_away_is_shown_as_long_as_it_is(shared: Shared) -> None:
    desk = Desk()
    desk.shared = shared
    hands = Hands(desk=desk)
    shared.status[Word.STATE] = State.RUNNING
    shared.status[Word.CARD_GONE] = 3  # how often it has been away
    assert not hands.view.card_lost
    shared.status[Word.STATE] = State.CARD_GONE
    assert hands.view.card_lost
