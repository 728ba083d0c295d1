"""The file that engine and surface share: sizes are checked, nothing half-written is believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp import ring
from dsp.ring import Event
from dsp.size import DeskSize
from firmware import image, status
from firmware.errors import EngineDied, OutputError
from firmware.rings import EventSender, LogReader, TapReader
from firmware.shared import EVENTS_TAKEN, LOG_WRITTEN, METER_SEQUENCE, TAPS_WRITTEN, Shared, Sizes
from firmware.status import METER_TRIES, MeterReader, Word

SIZES = Sizes(DeskSize(8, 4, 2), event_slots=64, log_slots=64, tap_bytes=4096 * 6 * 4)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared.create(tmp_path / "desk", SIZES)
    yield made
    made.unlink()


def events(count: int, first: int = 0) -> list[Event]:
    return [Event(at=0, address=n % 50, value=float(n), over_frames=0) for n in range(first, first + count)]


def test_who_attaches_finds_the_same_sizes_and_the_same_memory(shared: Shared) -> None:
    other = Shared.attach(shared.path)
    assert other.sizes == SIZES
    shared.status[Word.BLOCKS] = 77
    shared.taps[4095, 5] = 0.25
    assert other.status[Word.BLOCKS] == 77
    assert other.taps[4095, 5] == 0.25


@pytest.mark.parametrize(
    ("word", "value", "sentence"),
    [
        (0, 5, "is not the memory of a desk"),
        (1, 99, "version 99"),
        (2, 16, "does not have the size"),
        (2, 10**15, "does not have the size"),
        (3, -1, "does not have the size"),
        (7, 63, "does not have the size"),
        (8, 1 << 60, "does not have the size"),
        (9, -(2**63), "does not have the size"),
        (10, 1, "does not have the size"),
    ],
)
def test_a_head_that_does_not_fit_is_refused_in_words(shared: Shared, word: int, value: int, sentence: str) -> None:
    shared.bytes[: 8 * 64].view(np.int64)[word] = value
    with pytest.raises(EngineDied, match=sentence):
        Shared.attach(shared.path)


def test_a_shortened_or_missing_file_is_refused_in_words(shared: Shared) -> None:
    whole = shared.path.read_bytes()
    for length in (0, 100, len(whole) - 4096):
        cut = shared.path.with_name("cut")
        cut.write_bytes(whole[:length])
        with pytest.raises(EngineDied, match=r"too short|size it says"):
            Shared.attach(cut)
    with pytest.raises(EngineDied, match="not there"):
        Shared.attach(shared.path.with_name("none"))


def test_memory_that_cannot_be_had_is_said_before_the_engine_meets_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^This desk takes 360287970.. MB of memory in "):
        Shared.create(tmp_path / "desk", Sizes(DeskSize(8, 4, 2), tap_bytes=1 << 55))
    assert not (tmp_path / "desk").exists()


# --- the image -------------------------------------------------------------------------------------------------------


def values(start: float) -> np.ndarray:
    return start + np.arange(SIZES.desk.addresses, dtype=np.float64)


def test_the_newest_image_is_the_one_taken(shared: Shared) -> None:
    assert image.newest(shared) is None
    for generation in range(1, 6):
        assert image.write(shared, 10 * generation, values(generation)) == generation
        found = image.newest(shared)
        assert found is not None
        assert (found.generation, found.ring_index) == (generation, 10 * generation)
        assert np.array_equal(found.values, values(generation))


@given(cut=st.integers(1, 8 + SIZES.desk.addresses - 1))
def test_an_image_half_written_leaves_the_one_before(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    shared = Shared.create(tmp_path_factory.mktemp("image") / "desk", SIZES)
    image.write(shared, 1, values(1))
    image.write(shared, 2, values(2))
    before = shared.images.copy()
    image.write(shared, 3, values(3))
    slot = int(np.flatnonzero((shared.images != before).any(axis=1))[0])
    shared.images[slot, cut:] = before[slot, cut:]  # the writer was killed here
    found = image.newest(shared)
    assert found is not None
    assert found.generation == 2
    assert np.array_equal(found.values, values(2))
    assert image.write(shared, 4, values(4)) == 3  # and the broken slot is the next one written
    assert image.newest(shared) is not None
    shared.unlink()


def test_an_image_with_a_flipped_bit_is_not_taken(shared: Shared) -> None:
    image.write(shared, 1, values(1))
    shared.images[1, 100] ^= 1 << 40
    assert image.newest(shared) is None


# --- events ----------------------------------------------------------------------------------------------------------


def test_a_full_ring_keeps_what_waits_and_says_so(shared: Shared) -> None:
    sender = EventSender(shared, values(0))
    assert sender.send(events(100)) == 36
    assert (sender.waiting, sender.room, sender.full_count) == (36, 0, 1)
    shared.control[EVENTS_TAKEN] = 40
    assert sender.flush() == 36  # taken by the engine, but a restarted one would need them again: no image has them
    sender.write_image()
    assert sender.flush() == 0
    assert (sender.written, sender.imaged) == (100, 40)
    held = image.newest(shared)
    assert held is not None
    assert held.ring_index == 40
    assert held.values[39] == 39.0
    assert held.values[45] == 45.0  # as it was: event 45 has not been taken
    found, _, lost = ring.read(shared.events, 36)
    assert [event.value for event in found] == [float(n) for n in range(36, 100)]
    assert lost == 0


def test_a_damaged_slot_is_written_again_where_the_engine_stands(shared: Shared) -> None:
    sender = EventSender(shared, values(0))
    sender.send(events(10))
    shared.control[EVENTS_TAKEN] = 4
    assert not sender.repair()  # nothing is wrong
    shared.events[4 * 8 + 3] ^= 1
    assert ring.read(shared.events, 4, 1)[0] == []
    assert sender.repair()
    assert [event.value for event in ring.read(shared.events, 4)[0]] == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert sender.repaired == 1


def test_the_log_is_read_in_order_and_what_was_overwritten_is_counted(shared: Shared) -> None:
    reader = LogReader(shared)
    index = 0
    seen: list[float] = []
    for count in (10, 50, 3, 60):
        index = ring.write(shared.log, events(count, index), index)
        shared.control[LOG_WRITTEN] = index
        seen += [event.value for event in reader.read()]
    assert seen == [float(n) for n in range(123)]
    ring.write(shared.log, events(64, index + 36), index + 36)
    shared.control[LOG_WRITTEN] = index + 100
    assert [event.value for event in reader.read()] == [float(n) for n in range(index + 36, index + 100)]
    assert reader.lost == 36


# --- taps ------------------------------------------------------------------------------------------------------------


def tap(shared: Shared, count: int) -> None:
    at = int(shared.control[TAPS_WRITTEN])
    for n in range(at, at + count):
        shared.taps[n % SIZES.tap_frames] = n
    shared.control[TAPS_WRITTEN] = at + count


def test_taps_come_in_order_round_the_end_of_the_ring(shared: Shared) -> None:
    reader, seen = TapReader(shared), []
    for count in (96, 1000, 1500, 1600, 32):
        tap(shared, count)
        seen.append(reader.read())
    numbers = np.concatenate(seen)
    assert np.array_equal(numbers, np.repeat(np.arange(4228, dtype=np.float32)[:, None], 6, axis=1))
    assert reader.lost == 0


def test_taps_overrun_are_counted_and_the_newest_are_still_whole(shared: Shared) -> None:
    reader = TapReader(shared)
    tap(shared, 3 * SIZES.tap_frames)
    data = reader.read()
    assert len(data) > 0
    assert reader.lost + len(data) == 3 * SIZES.tap_frames
    assert np.array_equal(data[:, 0], np.arange(reader.lost, 3 * SIZES.tap_frames, dtype=np.float32))


# --- meters and status -----------------------------------------------------------------------------------------------


def test_a_reader_never_waits_for_an_engine_that_died_while_it_wrote(shared: Shared) -> None:
    reader = MeterReader(shared)
    assert reader.read() is not None
    tries = 0

    class Counting:
        def __getitem__(self, index: int) -> int:
            nonlocal tries
            tries += index == METER_SEQUENCE
            return 7

    shared.__dict__["control"] = Counting()
    assert reader.read() is None
    assert (tries, reader.missed) == (METER_TRIES, 1)


def test_a_reading_that_changed_underneath_is_not_shown(shared: Shared) -> None:
    reader = MeterReader(shared)

    class Writing:
        def copy(self) -> np.ndarray:
            shared.control[METER_SEQUENCE] += 2
            return shared.meters_i64

    shared.__dict__["meters_f32"] = Writing()
    assert reader.read() is None
    assert reader.missed == 1


def test_load_is_read_from_the_histogram() -> None:
    class Stand:
        histogram = np.zeros(8192, np.int64)
        status = np.zeros(64, np.int64)

    stand = Stand()
    stand.status[Word.DEADLINE_NS] = 1_000_000
    stand.status[Word.THREAD_MAX_NS] = 1_500_000
    stand.histogram[409] = 9_000  # 10 % of the deadline
    stand.histogram[2048] = 995  # 50 %
    stand.histogram[6144] = 5  # 150 %, 0.05 % of the blocks
    found = status.load(stand)  # type: ignore[arg-type]
    assert found.median == pytest.approx(0.1, abs=1 / 4096)
    assert found.p999 == pytest.approx(0.5, abs=1 / 2048)
    assert found.max == pytest.approx(1.5)


def test_a_sentence_left_by_the_engine_is_cut_but_never_garbled(shared: Shared) -> None:
    status.leave_message(shared, "Ω" * 1000)
    found = status.message(shared)
    assert set(found.rstrip("\N{REPLACEMENT CHARACTER}")) == {"Ω"}
    status.leave_message(shared, "short")
    assert status.message(shared) == "short"
