"""The desk's model: paths, checks, events, and the kernel's view of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp import laws, slots
from dsp.ring import Event
from dsp.rows import STRIP_SLOTS
from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.errors import ParameterError
from firmware.params import Kind

SEND = ("on", "level_db", "tap", "pan")
WHOLE = DeskSize(6, 4, 4, 48000, buses=4, effects=2, matrices=2, plays=4)


@pytest.fixture
def model() -> DeskModel:
    return DeskModel(DeskSize(channels=12, inputs=4, outputs=4))


def test_every_address_a_desk_uses_belongs_to_one_path(model: DeskModel) -> None:
    used = [place.address for place in model.places.values() if place.address is not None]
    assert len(used) == len(set(used))
    size = DeskSize(12, 4, 4, 48000, buses=16, effects=8, matrices=8)
    largest = {place.address for place in DeskModel(size).places.values()}
    # What no path leads to: the links, sends that cannot be (a bus to itself and down), what a kind has not
    channel = {slot.name for slot in slots.STRIP if size.channel(1, slot.name) not in largest}
    assert channel == {"link", "width_pct", *(f"matrix.{m}.{what}" for m in range(1, 9) for what in SEND)}
    bus_5 = {slot.name for slot in slots.STRIP if size.bus(5, slot.name) not in largest}
    assert bus_5 == {"link", "width_pct", "source", *(f"send.{b}.{what}" for b in range(1, 6) for what in SEND)}
    desk = {slot.name for slot in slots.DESK if size.desk(slot.name) not in largest}
    assert desk == {"engine.gain_db"}


def test_channels_beyond_the_inputs_start_without_a_source(model: DeskModel) -> None:
    assert [model.get(f"channel.{n}.source") for n in (1, 4, 5, 12)] == ["in.1", "in.4", "none", "none"]
    assert DeskModel(DeskSize(channels=64, inputs=32)).get("channel.64.source") == "none"


def test_a_small_card_gets_mains_only_and_a_larger_one_phones(model: DeskModel) -> None:
    assert "output.3.source" not in DeskModel(DeskSize(outputs=2)).places
    assert [model.get(f"output.{k}.source") for k in (1, 2, 3, 4)] == ["main.l", "main.r", "monitor.l", "monitor.r"]


def test_set_keeps_what_was_checked_and_refuses_the_rest(model: DeskModel) -> None:
    assert model.set("channel.3.fader_db", -5) == -5.0
    assert model.get("channel.3.fader_db") == -5.0
    with pytest.raises(ParameterError, match=r'no channel.3.fader.*mean "channel.3.fader_db"'):
        model.set("channel.3.fader", 1)
    with pytest.raises(ParameterError, match=r"channel.3.fader_db = 11 is out of range"):
        model.set("channel.3.fader_db", 11)
    with pytest.raises(ParameterError, match="4 inputs"):
        model.set("channel.3.source", "in.5")
    assert model.differences() == {"channel.3.fader_db": -5.0}


def test_many_values_are_taken_all_or_none_and_every_wrong_one_is_named(model: DeskModel) -> None:
    with pytest.raises(ParameterError) as caught:
        model.update({"channel.1.mute": True, "channel.1.pan": 101, "nothing": 1})
    assert "channel.1.pan" in str(caught.value)
    assert "nothing" in str(caught.value)
    assert model.differences() == {}
    model.update([("channel.1.mute", True)])
    assert model.differences() == {"channel.1.mute": True}


def test_an_event_carries_address_number_and_the_parameters_own_glide(model: DeskModel) -> None:
    address = model.size.channel(2, "fader_db")
    assert model.to_events("channel.2.fader_db", -5) == [Event(0, address, -5.0, 960)]  # 20 ms at 48 kHz
    assert model.to_events("channel.2.fader_db", -5, over_ms=0.01, at=7) == [Event(7, address, -5.0, 1)]
    [event] = model.to_events("channel.2.gate.mode", "ducker")
    assert (event.value, event.over_frames) == (2.0, 0)
    [event] = model.to_events("channel.2.source", "none")
    assert event.value == -1.0
    assert model.to_events("channel.2.name", "Bass") == []
    assert model.get("channel.2.fader_db") == -math.inf
    for glide_ms in (-1.0, math.nan, math.inf):
        with pytest.raises(ParameterError, match="glide"):
            model.to_events("channel.2.pan", 0, glide_ms)


def test_an_event_is_read_back_as_path_and_value(model: DeskModel) -> None:
    [event] = model.to_events("main.lr.comp.ratio", math.inf)
    assert model.from_event(event) == ("main.lr.comp.ratio", math.inf)
    assert model.from_event(Event(0, -1, 0.0, 0)) is None


def test_the_kernel_gets_a_place_for_every_value_in_its_domain(model: DeskModel) -> None:
    model.update({"channel.5.source": "in.2", "channel.5.hpf.slope_db_oct": 24, "main.lr.trim_db": 3,
                  "output.4.ceiling_dbfs": -20, "monitor.solo_mode": "afl"})  # fmt: skip
    size = model.size
    values = model.kernel_values()
    assert values.shape == (size.addresses,)
    assert values.dtype == np.float64
    assert values[size.channel(5, "source")] == 1.0
    assert values[size.channel(5, "hpf.slope_db_oct")] == 3.0
    assert values[size.main("trim_db")] == values[size.main("trim_db") + STRIP_SLOTS] == 3.0
    assert values[size.output(4, "ceiling_dbfs")] == -20.0
    assert values[size.desk("monitor.solo_mode")] == 1.0
    assert values[size.desk("engine.gain_db")] == 0.0
    domains = [s.domain for s in slots.STRIP] * size.lanes + [s.domain for s in slots.DESK]
    domains += [s.domain for s in slots.OUTPUT] * size.outputs
    assert not any(math.isnan(laws.into_domain(int(d), v)) for d, v in zip(domains, values, strict=True))


def test_strips_that_only_fill_up_a_tile_are_silent(model: DeskModel) -> None:
    values = model.kernel_values()
    for lane in (12, 15, 16 + 3, 16 + 7):
        strip = values[lane * STRIP_SLOTS : (lane + 1) * STRIP_SLOTS]
        assert strip[slots.STRIP_INDEX["source"]] == -1.0
        assert strip[slots.STRIP_INDEX["fader_db"]] == -math.inf
        assert strip[slots.STRIP_INDEX["solo"]] == 0.0


@pytest.mark.parametrize("channels", [1, 7, 8, 9, 64])
def test_any_number_of_channels_makes_a_desk(channels: int) -> None:
    model = DeskModel(DeskSize(channels=channels))
    assert f"channel.{channels}.fader_db" in model.places
    assert f"channel.{channels + 1}.fader_db" not in model.places
    assert np.isfinite(model.kernel_values()[model.size.main("fader_db")])


# --- stereo strips -------------------------------------------------------------------------------------------------


def test_a_right_side_has_no_parameters_of_its_own_and_a_stereo_strip_two_sources() -> None:
    model = DeskModel(WHOLE, [(Kind.CHANNEL, 3), (Kind.BUS, 1)])
    assert not [path for path in model.places if path.startswith(("channel.4.", "bus.2.")) or ".send.2." in path]
    assert model.get("channel.3.source") == "in.3+4"
    assert (model.get("channel.3.width_pct"), model.get("return.1.width_pct")) == (100.0, 100.0)
    assert "channel.1.width_pct" not in model.places
    left, right = model.to_events("channel.3.source", "play.1+2")
    size = model.size
    assert (left.address, right.address) == (size.channel(3, "source"), size.channel(4, "source"))
    assert (left.value, right.value) == (100.0, 101.0)
    assert [event.value for event in model.to_events("return.2.source", "fx.2")] == [302.0, 303.0]


def test_a_stereo_desk_gives_the_kernel_both_sides_alike_but_for_their_sources() -> None:
    model = DeskModel(WHOLE, [(Kind.CHANNEL, 3)])
    model.update({"channel.3.trim_db": 4.0, "channel.3.insert.slot": "io.1+2"})
    values, size = model.kernel_values(), model.size
    assert values[size.channel(3, "link")] == values[size.channel(4, "link")] == 1.0
    assert values[size.channel(4, "trim_db")] == 4.0
    assert [values[size.channel(n, "source")] for n in (3, 4)] == [2.0, 3.0]
    assert [values[size.channel(n, "insert.slot")] for n in (3, 4)] == [0.0, 1.0]
    assert values[size.channel(5, "link")] == 0.0


def test_joining_and_parting_bring_events_that_lead_the_kernel_to_the_new_desk() -> None:
    model = DeskModel(WHOLE)
    model.update({"channel.1.trim_db": 3.0, "channel.2.trim_db": -5.0, "channel.6.gate.key.source": "channel.2"})
    joined = model.link((Kind.CHANNEL, 1), stereo=True)
    link, right = model.size.channel(1, "link"), model.size.channel(2, "trim_db")
    assert joined[-1] == Event(0, link, 1.0, 960)  # last: before it each event is one for its own lane
    assert [event.value for event in joined if event.address == right] == [3.0]
    assert model.get("channel.6.gate.key.source") == "channel.1"  # what it listened to is a side now
    assert "channel.2.trim_db" not in model.places
    model.set("channel.1.trim_db", 6.0)
    parted = model.link((Kind.CHANNEL, 1), stereo=False)
    assert parted[0] == Event(0, link, 0.0, 960)  # first: after it each side can be told apart
    assert [event.value for event in parted if event.address == right] == [6.0]
    assert (model.get("channel.2.trim_db"), model.get("channel.2.source")) == (6.0, "in.2")


@pytest.mark.parametrize(
    ("left", "right", "joined", "parted"),
    [
        ("in.4", "in.1", "in.4+1", ("in.4", "in.1")),
        ("play.2", "play.3", "play.2+3", ("play.2", "play.3")),
        ("in.2", "in.2", "in.2", ("in.2", "in.2")),
        ("in.2", "play.3", "in.2", ("in.2", "in.2")),  # two words: the left one's
        ("none", "none", "none", ("none", "none")),
        ("none", "in.4", "in.4", ("in.4", "in.4")),  # there is something to hear
        ("in.4", "none", "in.4", ("in.4", "in.4")),
        ("osc", "in.3", "osc", ("osc", "osc")),
    ],
)
def test_what_two_strips_hear_is_heard_by_the_sides_they_become(
    left: str, right: str, joined: str, parted: tuple[str, str]
) -> None:
    model = DeskModel(WHOLE)
    model.update({"channel.3.source": left, "channel.4.source": right})
    model.link((Kind.CHANNEL, 3), stereo=True)
    assert model.get("channel.3.source") == joined
    model.link((Kind.CHANNEL, 3), stereo=False)
    assert (model.get("channel.3.source"), model.get("channel.4.source")) == parted


def test_joining_what_is_joined_and_parting_what_is_not_changes_nothing() -> None:
    model = DeskModel(WHOLE, [(Kind.CHANNEL, 1)])
    model.update({"channel.1.source": "in.3+4", "channel.3.source": "in.1", "channel.3.insert.slot": "io.2"})
    before = dict(model.values)
    assert model.link((Kind.CHANNEL, 1), stereo=True) == []
    assert model.link((Kind.CHANNEL, 3), stereo=False) == []
    assert model.values == before


@pytest.mark.parametrize(
    "pair", [(Kind.CHANNEL, 2), (Kind.CHANNEL, 7), (Kind.RETURN, 1), (Kind.BUS, 5), (Kind.MAIN, 1)]
)
def test_what_is_no_pair_of_this_desk_cannot_be_joined(pair: tuple[Kind, int]) -> None:
    with pytest.raises(ParameterError, match="cannot join"):
        DeskModel(WHOLE).link(pair, stereo=True)


@pytest.mark.parametrize(("channels", "has"), [(1, "1 channel"), (17, "17 channels")])
def test_a_pair_beyond_the_desk_is_refused_with_what_the_desk_has(channels: int, has: str) -> None:
    with pytest.raises(ParameterError, match=rf"cannot join channel\.{channels} and .*: this desk has {has}\.$"):
        DeskModel(DeskSize(channels)).link((Kind.CHANNEL, channels), stereo=True)


def test_a_send_back_is_refused_with_the_reason() -> None:
    for path in ("bus.1.send.1.level_db", "bus.3.send.2.on"):
        with pytest.raises(ParameterError, match=rf"^{path} is not possible: a bus feeds buses with a higher number"):
            DeskModel(WHOLE).set(path, 0.0)
    for path in ("bus.1.send.1.loud", "bus.1.send.9.on", "bus.x.send.1.on", "bus.99.send.1.on", ""):
        with pytest.raises(ParameterError, match="This desk has no"):
            DeskModel(WHOLE).set(path, 0.0)


# --- what a desk has no place for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("channel.1.source", "in.5", "this desk has 4 inputs"),
        ("channel.1.source", "play.5", "this desk has 4 playback channels"),
        ("channel.1.source", "in.1+2", "in.1\\+2 has two sides and this strip is mono"),
        ("channel.1.source", "fx.1", "fx.1 has two sides and this strip is mono"),
        ("return.1.source", "fx.3", "this desk has 2 effects"),
        ("channel.1.gate.key.source", "channel.7", "this desk has 6 channels"),
        ("channel.1.comp.key.source", "bus.5", "this desk has 4 buses"),
        ("fx.1.source", "bus.5", "this desk has 4 buses"),
        ("output.1.source", "matrix.3", "this desk has 2 matrices"),
        ("monitor.source", "bus.9", "this desk has 4 buses"),
        (
            "channel.1.insert.slot",
            "io.5",
            "an insert needs an output and an input of its number, this desk has 4 of both",
        ),
    ],
)
def test_a_value_without_a_place_on_this_desk_is_refused_with_the_reason(path: str, value: str, why: str) -> None:
    with pytest.raises(ParameterError, match=f"is not possible: {why}"):
        DeskModel(WHOLE).set(path, value)


def test_a_right_side_is_nothing_to_listen_to_but_something_to_be_put_out() -> None:
    model = DeskModel(WHOLE, [(Kind.BUS, 1)])
    with pytest.raises(ParameterError, match=r"bus\.2 is the right side of bus\.1"):
        model.set("channel.1.gate.key.source", "bus.2")
    assert model.set("output.2.source", "bus.2") == "bus.2"


def test_a_bus_sends_to_buses_above_it_only() -> None:
    model = DeskModel(WHOLE)
    assert [b for b in range(1, 5) if f"bus.2.send.{b}.level_db" in model.places] == [3, 4]
    assert [b for b in range(1, 5) if f"return.2.send.{b}.level_db" in model.places] == [1, 2, 3, 4]
    stereo = DeskModel(WHOLE, [(Kind.BUS, 1)])
    assert [b for b in range(1, 5) if f"bus.1.send.{b}.level_db" in stereo.places] == [3, 4]


@pytest.mark.parametrize("count", [0, 1])
def test_a_desk_may_have_no_buses_effects_or_matrices(count: int) -> None:
    model = DeskModel(DeskSize(2, 2, 2, 48000, buses=count, effects=count, matrices=count))
    assert ("bus.1.fader_db" in model.places) is bool(count)
    assert np.isfinite(model.kernel_values()[model.size.main("fader_db")])
