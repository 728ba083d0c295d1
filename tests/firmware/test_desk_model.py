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


@pytest.fixture
def model() -> DeskModel:
    return DeskModel(DeskSize(channels=12, inputs=4, outputs=4))


def test_every_address_a_desk_uses_belongs_to_one_path(model: DeskModel) -> None:
    size = model.size
    used = [place.address for place in model.places.values() if place.address is not None]
    assert len(used) == len(set(used))
    main_lacks = 3
    assert len(used) == 13 * STRIP_SLOTS - main_lacks + len(slots.DESK) - 1 + size.outputs * len(slots.OUTPUT)


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
    for lane in (12, 15, 16 + 2, 16 + 7):
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
