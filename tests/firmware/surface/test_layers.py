"""What is under the faders: layers of every width, stereo pairs, sends on faders."""

from __future__ import annotations

import pytest

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.surface.layers import Bank, layers
from tests.firmware.surface.fakes import SIZE


def test_the_layers_of_a_desk_of_eight_faders() -> None:
    found = [(one.title, len(one.strips), one.strips[0]) for one in layers(DeskModel(SIZE), 8)]
    assert found == [
        ("Channels 1", 8, "channel.1"), ("Channels 2", 8, "channel.9"), ("Buses", 8, "bus.1"),
        ("Returns", 2, "return.1"), ("Matrices", 2, "matrix.1"), ("DCAs", 8, "dca.1"),
        ("Mute groups", 6, "mute_group.1"), ("Mains", 2, "main.lr"),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1, 4, 5, 8, 16])
def test_every_strip_is_on_exactly_one_layer_whatever_the_width(width: int) -> None:
    model = DeskModel(SIZE, [(Kind.CHANNEL, 3), (Kind.BUS, 1)])
    found = [strip for layer in layers(model, width) for strip in layer.strips]
    wanted = {path.removesuffix(".mute") for path in model.places if path.endswith(".mute")}
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert "channel.4" not in found
    assert all(len(layer.strips) <= width for layer in layers(model, width))


def test_channels_come_as_hands_find_them() -> None:
    model = DeskModel(SIZE, order=(9, 3))
    assert layers(model, 4)[0].strips == ("channel.9", "channel.3", "channel.1", "channel.2")


def test_a_desk_without_buses_has_no_layer_of_them() -> None:
    titles = [one.title for one in layers(DeskModel(DeskSize(8)), 8)]
    assert titles == ["Channels", "DCAs", "Mute groups", "Mains"]


def test_a_mute_group_has_a_place_and_no_level() -> None:
    bank = Bank(DeskModel(SIZE), 8)
    bank.show("mute_group.2")
    assert (bank.slots[1].strip, bank.slots[1].path) == ("mute_group.2", "")
    assert bank.slots[6].strip == ""
    assert "mute_group.2" not in bank.strips()
    assert "mute_group.2" in bank.strips(groups=True)


def test_flipped_to_a_bus_the_faders_are_what_each_strip_of_the_layer_gives_to_it() -> None:
    bank = Bank(DeskModel(SIZE), 8)
    bank.index = 2  # the buses
    bank.flip("bus.3")
    assert bank.title == "Sends to Bus 3"
    assert bank.slots[0].path == "channel.1.send.3.level_db"
    bank.step(1)
    assert bank.slots[7].path == "channel.16.send.3.level_db"
    bank.step(1)  # a bus feeds only those above it
    assert [slot.path for slot in bank.slots[:3]] == ["bus.1.send.3.level_db", "bus.2.send.3.level_db", ""]
    bank.flip("")
    assert bank.slots[0].path == "bus.1.fader_db"


def test_flipped_from_a_channel_the_faders_are_what_it_gives_to_each_bus() -> None:
    bank = Bank(DeskModel(SIZE), 4)
    bank.flip("channel.5")
    assert [slot.path for slot in bank.slots] == [f"channel.5.send.{n}.level_db" for n in range(1, 5)]
    assert [slot.strip for slot in bank.slots] == [f"bus.{n}" for n in range(1, 5)]
    bank.step(1)
    assert bank.slots[3].path == "channel.5.send.8.level_db"
    bank.step(1)
    assert bank.slots[0].path == "channel.5.send.1.level_db"


def test_strips_that_are_joined_leave_the_layer_and_come_back() -> None:
    model = DeskModel(SIZE)
    bank = Bank(model, 8)
    told: list[str] = []
    bank.changed = lambda: told.append(bank.title)
    bank.refresh()
    assert told == []
    model.link((Kind.CHANNEL, 1), stereo=True)
    bank.refresh()
    assert told == ["Channels 1"]
    assert [slot.strip for slot in bank.slots][:3] == ["channel.1", "channel.3", "channel.4"]
    model.link((Kind.CHANNEL, 1), stereo=False)
    bank.refresh()
    assert len(told) == 2
    assert bank.slots[1].strip == "channel.2"


@pytest.mark.parametrize(
    ("pair", "strip", "path"),
    [
        ((Kind.CHANNEL, 1), "channel.2", "channel.1.send.1.level_db"),
        ((Kind.BUS, 3), "bus.4", "channel.1.send.3.level_db"),
    ],
)
def test_sends_of_a_strip_that_becomes_a_right_side_go_on_with_the_pair(
    pair: tuple[Kind, int], strip: str, path: str
) -> None:
    model = DeskModel(SIZE)
    bank = Bank(model, 8)
    bank.flip(strip)
    model.link(pair, stereo=True)
    bank.refresh()
    assert bank.flipped == f"{pair[0]}.{pair[1]}"
    assert bank.slots[0].path == path
    assert all(slot.path in model.places for slot in bank.slots if slot.path)
