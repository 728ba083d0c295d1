"""The OLED's picture in slices: whatever is put, what arrives in a display is the last of it, byte for byte."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.oled_frame import Frame
from drivers.simulated.chips.ssd1306 import Ssd1306Model

KINDS = ("ssd1306", "ssd1309", "sh1106")
FULL = 1024


def wire_bytes(messages: list[bytes]) -> int:
    return sum(1 + len(message) for message in messages)


def deliver(frame: Frame, display: Ssd1306Model, max_bytes: int = 200) -> int:
    """Everything that is to be sent; returns the bytes that took."""
    total = 0
    while (messages := frame.next_slice(max_bytes)) is not None:
        assert 0 < wire_bytes(messages) <= max_bytes
        total += wire_bytes(messages)
        for message in messages:
            display.write(message, 0)
    return total


def shown(display: Ssd1306Model) -> bytes:
    first = 2 if display.kind == "sh1106" else 0
    return display.ram[:, first : first + 128].tobytes()


def fresh(kind: str) -> tuple[Frame, Ssd1306Model]:
    frame, display = Frame(kind), Ssd1306Model(kind)
    display.write(b"\x00\x20\x00", 0)  # horizontal addressing, as luma sets it
    for message in frame.setup():
        display.write(message, 0)
    return frame, display


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_pictures_arrive_whatever_the_slices(kind: str, data: st.DataObject) -> None:
    frame, display = fresh(kind)
    picture = bytearray(FULL)
    for _ in range(data.draw(st.integers(1, 5))):
        for place, value in data.draw(st.lists(st.tuples(st.integers(0, FULL - 1), st.integers(0, 255)), max_size=20)):
            picture[place] = value
        frame.put(bytes(picture))
        for _ in range(data.draw(st.integers(0, 3))):  # part of it, then the next one comes
            for message in frame.next_slice(data.draw(st.integers(13, 150))) or []:
                display.write(message, 0)
    deliver(frame, display, data.draw(st.integers(13, 300)))
    assert shown(display) == picture
    assert not frame.sending


def test_a_whole_frame_costs_at_most_a_tenth_more_than_its_bytes() -> None:
    frame, display = fresh("ssd1309")
    deliver(frame, display)
    frame.put(bytes([*range(1, 256), 1]) * 4)
    assert FULL < deliver(frame, display, 60) <= FULL * 1.1
    assert frame.frames == 1


def test_only_what_differs_is_sent_and_near_changes_go_together() -> None:
    frame, display = fresh("ssd1306")
    deliver(frame, display)
    picture = bytearray(FULL)
    picture[130] = picture[134] = 0xFF
    picture[1000] = 0x80
    frame.put(bytes(picture))
    assert frame.next_slice(100) == [
        b"\x00\xb1\x02\x10", b"\x40\xff\x00\x00\x00\xff",
        b"\x00\xb7\x08\x16", b"\x40\x80",
    ]  # fmt: skip
    assert frame.next_slice(100) is None


def test_runs_of_two_pages_are_placed_each_however_near_they_lie() -> None:
    frame, display = fresh("ssd1309")
    deliver(frame, display)
    picture = bytearray(FULL)
    picture[127] = picture[128] = 0xAA  # the end of one page and the beginning of the next
    frame.put(bytes(picture))
    assert frame.next_slice(100) == [b"\x00\xb0\x0f\x17", b"\x40\xaa", b"\x00\xb1\x00\x10", b"\x40\xaa"]


def test_a_slice_has_no_more_messages_than_the_kernel_takes_in_one_transaction() -> None:
    frame, display = fresh("ssd1309")
    deliver(frame, display)
    frame.put((b"\xff" + bytes(15)) * (FULL // 16))  # 64 runs
    messages = frame.next_slice(10_000) or []
    assert len(messages) == 40
    for message in messages:
        display.write(message, 0)
    deliver(frame, display, 10_000)
    assert shown(display) == (b"\xff" + bytes(15)) * (FULL // 16)


def test_a_slice_goes_on_without_placing_where_the_last_one_ended() -> None:
    frame, display = fresh("ssd1306")
    deliver(frame, display)
    frame.put(b"\xff" * 128 + bytes(FULL - 128))
    first, second = frame.next_slice(27), frame.next_slice(200)
    assert first == [b"\x00\xb0\x00\x10", b"\x40" + b"\xff" * 20]
    assert second == [b"\x40" + b"\xff" * 108]


def test_the_sh1106_begins_at_its_column_two() -> None:
    frame, _ = fresh("sh1106")
    frame.put(b"\xff" * FULL)
    assert frame.next_slice(13) == [b"\x00\xb0\x02\x10", b"\x40" + bytes(6)]


def test_too_little_room_gives_nothing_but_a_small_change_fits_in_little() -> None:
    frame, display = fresh("ssd1306")
    assert frame.next_slice(12) is None
    deliver(frame, display)
    frame.put(b"\x01" + bytes(FULL - 1))
    assert frame.next_slice(8) == [b"\x00\xb0\x00\x10", b"\x40\x01"]


def test_no_picture_is_half_old_and_half_new() -> None:
    frame, display = fresh("ssd1309")
    deliver(frame, display)
    chance = random.Random(5)
    frame.put(b"\x11" * FULL)
    seen = set()
    for turn in range(2_000):
        if chance.random() < 0.3:
            frame.put(bytes([turn % 255 + 1]) * FULL)
        for message in frame.next_slice(chance.randrange(20, 120)) or []:
            display.write(message, 0)
        if not frame.sending:
            seen |= {shown(display)}
    assert len(seen) > 20
    assert all(len(set(picture)) == 1 for picture in seen)


def test_of_pictures_that_come_too_fast_the_last_one_counts() -> None:
    frame, display = fresh("ssd1309")
    deliver(frame, display)
    for value in range(1, 60):
        frame.put(bytes([value]) * FULL)
    deliver(frame, display)
    assert shown(display) == bytes([59]) * FULL
    assert frame.frames == 1


def test_all_dirty_sends_everything_again() -> None:
    frame, display = fresh("sh1106")
    frame.put(bytes([7]) * FULL)
    deliver(frame, display)
    display.power_on(0)
    frame.all_dirty()
    assert deliver(frame, display) > FULL
    assert shown(display) == bytes([7]) * FULL
    assert frame.frames == 1


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="1023 bytes is none for 128 × 64"):
        Frame("ssd1306").put(bytes(1023))
