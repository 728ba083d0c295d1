"""The event log: what is written is read back to the bit, and every bad line is told with its number."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.ring import Event
from dsp.size import DeskSize
from firmware import event_log
from firmware.desk_model import DeskModel
from firmware.errors import FileError
from firmware.notes import Note

MODEL = DeskModel(DeskSize(4, 2, 2, 44100))
HEAD = '{"format": 1, "rate_hz": 44100}'


def parse(*rows: str) -> event_log.EventLog:
    return event_log.parse([HEAD, *rows], MODEL, "a.jsonl")


def test_a_parameter_becomes_its_kernel_event() -> None:
    address = MODEL.size.channel(1, "fader_db")
    found = parse('{"at": 4800, "set": "channel.1.fader_db", "to": -5.0, "over_ms": 20}')
    assert found.events == [Event(4800, address, -5.0, 882)]
    assert parse('{"at": 0, "set": "channel.1.fader_db", "to": "-inf", "over_ms": 0}').events[0].value == -math.inf
    assert parse('{"at": 0, "set": "channel.1.comp.ratio", "to": "inf", "over_ms": 0}').events[0].value == math.inf
    assert parse('{"at": 0, "set": "engine.gain_db", "to": -6, "over_ms": 0}').events == [
        Event(0, MODEL.size.desk("engine.gain_db"), -6.0, 0)
    ]


def test_without_over_ms_a_parameter_takes_its_own_glide() -> None:
    assert parse('{"at": 0, "set": "channel.1.fader_db", "to": -5.0}').events == MODEL.to_events(
        "channel.1.fader_db", -5.0
    )


@given(
    st.lists(
        st.builds(
            Event,
            st.integers(0, 1 << 40),
            st.integers(0, MODEL.size.addresses - 1),
            st.one_of(st.floats(-200.0, 20000.0), st.sampled_from([0.0, 1.0, -0.0, -math.inf, math.inf, 3.0])),
            st.integers(0, 10_000_000),
        ),
        max_size=20,
    )
)
def test_any_log_of_the_engine_is_read_back_to_the_bit(events: list[Event]) -> None:
    events.sort(key=lambda event: event.at)
    rows = list(event_log.lines(event_log.Header.of(MODEL.size), MODEL, events))
    found = event_log.parse(rows, MODEL).events
    assert found == events
    assert [math.copysign(1.0, event.value) for event in found] == [math.copysign(1.0, event.value) for event in events]


@pytest.mark.parametrize("rate_hz", [44100, 48000, 88200, 96000])
def test_frames_of_a_glide_survive_milliseconds(rate_hz: int) -> None:
    for frames in [*range(2000), 44099, 1_234_567]:
        assert event_log.frames_of(event_log.over_ms(frames, rate_hz), rate_hz) == frames


def test_what_the_engine_did_by_itself_is_told_and_its_silences_kept() -> None:
    log = [Event(640, -1, float(Note.XRUN), 1), Event(640, -1, float(Note.SILENCE), 960)]
    found = event_log.parse(list(event_log.lines(event_log.Header.of(MODEL.size), MODEL, log)), MODEL)
    assert found.events == []
    assert found.notes[0] == (640, "xrun, both directions resynchronised")
    assert found.silences == [(640, 1600)]


def restart(at: int, **more: object) -> str:
    return json.dumps({"at": at, "note": "engine restarted", "code": int(Note.RESTART), "count": 2, **more})


def test_an_engine_that_took_over_begins_with_its_state_and_what_the_dead_one_did_not_live_to_play_is_left_out() -> (
    None
):
    size = MODEL.size
    stood = MODEL.kernel_values()
    stood[size.channel(2, "fader_db")] = -4.5
    stood[size.channel(1, "comp.ratio")] = math.inf
    stood[size.desk("engine.gain_db")] = -math.inf
    stood[size.channel(1, "hpf.freq_hz")] = 19.999  # no value of the parameter's: it goes by its address
    log = [
        Event(0, -1, float(Note.START), 1),
        Event(64, size.channel(1, "trim_db"), 3.0, 0),
        Event(96, size.channel(1, "trim_db"), 6.0, 0),
        Event(64, -1, float(Note.SILENCE), 960),
        Event(96, -1, float(Note.RESTART), 2),
        Event(96, size.channel(1, "trim_db"), 9.0, 0),
    ]
    rows = list(event_log.lines(event_log.Header.of(size), MODEL, log, {2: stood}))
    assert '"channel.1.comp.ratio": "inf", "channel.2.fader_db": -4.5' in rows[5]
    found = event_log.parse(rows, MODEL)
    assert found.from_silence
    assert [(event.at, event.value) for event in found.events] == [(64, 3.0), (96, 9.0)]
    assert found.silences == [(64, 96)]
    ((at, values),) = found.restarts
    assert at == 96
    assert values.tobytes() == stood.tobytes()
    assert not parse('{"at": 1, "set": "channel.1.mute", "to": true}').from_silence  # automation


def test_the_header_says_what_the_log_belongs_to(tmp_path: Path) -> None:
    header = event_log.Header.of(MODEL.size, MODEL.kernel_values(), "abc", "a processor")
    event_log.write(tmp_path / "a.jsonl", header, MODEL, [])
    found = event_log.read(tmp_path / "a.jsonl", MODEL)
    assert found.header == header
    assert found.header.desk == {
        "channels": 4, "inputs": 2, "outputs": 2, "buses": 0, "effects": 0, "matrices": 0, "plays": 0,
    }  # fmt: skip
    other = DeskModel(MODEL.size)
    other.set("channel.1.fader_db", -1.0)
    assert event_log.state_hash(other.kernel_values()) != header.state_hash


def test_lines_out_of_order_are_put_in_order() -> None:
    found = parse(
        '{"at": 9, "set": "channel.1.mute", "to": true}',
        "",
        '{"at": 3, "set": "channel.1.mute", "to": false}',
    )
    assert [event.at for event in found.events] == [3, 9]


def test_every_bad_line_is_told_at_once_with_its_number() -> None:
    bad = [
        "nonsense",
        "[1, 2]",
        '{"set": "channel.1.mute", "to": true}',
        '{"at": -1, "set": "channel.1.mute", "to": true}',
        '{"at": 1.5, "set": "channel.1.mute", "to": true}',
        '{"at": 1, "set": "channel.1.fadr_db", "to": 0}',
        '{"at": 1, "set": "channel.1.fader_db", "to": 11}',
        '{"at": 1, "set": "channel.1.fader_db", "to": "nan"}',
        '{"at": 1, "set": "channel.1.fader_db", "to": 0, "over_ms": -1}',
        '{"at": 1, "set": "channel.1.fader_db", "to": 0, "over": 5}',
        '{"at": 1, "address": 999999, "value": 0, "over_frames": 0}',
        '{"at": 1}',
        restart(96),
        restart(96, state={"channel.9.mute": True}),
        restart(96, state={"999999": 0.0}),
    ]
    with pytest.raises(FileError) as told:
        parse(*bad)
    rows = str(told.value).splitlines()
    assert [row.split(":")[0] for row in rows] == [f"a.jsonl, line {n}" for n in range(2, len(bad) + 2)]
    assert 'Did you mean "channel.1.fader_db"?' in rows[5]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"hello\n", "line 1: this is not a line of JSON"),
        (b'{"rate_hz": 44100}\n', '"format": 1'),
        (b'{"format": 9, "rate_hz": 44100}\n', "format 9"),
        (b'{"format": 1, "rate_hz": 48000}\n', "48000 Hz, the desk runs at 44100 Hz"),
        (b'{"format": 1, "rate_hz": 44100, "desk": 3}\n', '"desk"'),
    ],
)
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        event_log.read(path, MODEL)
