"""Strips joined and parted: who is sent to, who listens, what is said about it, and what a pair was is what its sides
are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.size import DeskSize
from firmware import desk_links
from firmware.desk_model import DeskModel
from firmware.desk_places import Pair
from firmware.params import Kind, Value

SIZE = DeskSize(4, 8, 4, 48000, buses=4, effects=2, matrices=4, plays=4)
PAIRS: list[Pair] = [(kind, number) for kind in (Kind.CHANNEL, Kind.BUS, Kind.MATRIX) for number in (1, 3)]
SENT = ("on", "level_db", "tap", "pan")


def move(model: DeskModel, pair: Pair, stereo: bool) -> list[str]:
    """Join or part, and what is said."""
    before = model.values
    model.link(pair, stereo)
    return desk_links.told(before, model.values, model.places, pair)


def sends(model: DeskModel, pair: Pair) -> dict[str, tuple[Value, ...]]:
    """What talkback and each strip that is no side of the pair send to its left and its right strip, by path."""
    kind, number = pair
    word = {Kind.BUS: "send", Kind.MATRIX: "matrix"}[kind]
    found: dict[str, tuple[Value, ...]] = {}
    for path in model.places:
        for n in (number, number + 1):
            if path.endswith(f".{word}.{n}.on") and not path.startswith(f"{kind}.{number}."):
                found[path] = tuple(model.get(path.removesuffix("on") + what) for what in SENT)
            elif path == f"talkback.to.{kind}.{n}":
                found[path] = (model.get(path),)
    return found


@st.composite
def models(draw: st.DrawFn) -> DeskModel:
    """A desk with some pairs and some values."""
    model = DeskModel(SIZE, draw(st.sets(st.sampled_from(PAIRS))))
    paths = [path for path in model.places if any(word in path for word in (".send.", ".matrix.", "talkback.to"))]
    others = ["channel.1.source", "channel.3.source", "monitor.source", "fx.1.source", "channel.3.gate.key.source"]
    for path in draw(st.lists(st.sampled_from(paths), max_size=12)) + draw(st.lists(st.sampled_from(others))):
        kind = model.places[path].parameter.type
        value = kind.at_position(draw(st.floats(0.0, 1.0)))
        if not model_refuses(model, path, value):
            model.set(path, value)
    return model


def model_refuses(model: DeskModel, path: str, value: Value) -> bool:
    try:
        model.check(path, value)
    except ValueError:
        return True
    return False


@settings(max_examples=25)
@given(models(), st.sampled_from(PAIRS))
def test_parted_strips_are_sent_what_their_pair_was_and_have_its_values(model: DeskModel, pair: Pair) -> None:
    """Nothing goes silent: whoever sent to the pair sends to both, and each side sends what the pair sent."""
    kind, number = pair
    model.link(pair, stereo=True)
    joined = dict(model.values)
    told = move(model, pair, stereo=False)
    left, right = f"{kind}.{number}.", f"{kind}.{number + 1}."
    for path, value in model.values.items():
        mine = path.startswith((left, right))
        name = path.removeprefix(left).removeprefix(right)
        within = kind is Kind.BUS and name.startswith(f"send.{number + 1}.")
        if mine and not within and name not in ("source", "insert.slot"):
            assert value == joined[left + name]
        elif path in joined and not mine:
            assert value == joined[path]
    if kind is not Kind.CHANNEL:
        sent = sends(model, pair)
        for path, values in sent.items():
            of_left = path.replace(f".{number + 1}.on", f".{number}.on").replace(f"{kind}.{number + 1}", left[:-1])
            assert values == sent[of_left]
    assert all("was fx." in line for line in told), (
        "a mono strip cannot hear both sides of an effect: nothing else goes"
    )
    model.link(pair, stereo=True)
    assert {path: value for path, value in model.values.items() if value != joined[path]}.keys() <= {left + "source"}


@settings(max_examples=25)
@given(models(), st.sampled_from(PAIRS))
def test_the_events_of_a_link_lead_to_the_kernels_values_of_the_new_desk(model: DeskModel, pair: Pair) -> None:
    stereo = pair not in model.stereo
    values = model.kernel_values()
    for event in model.link(pair, stereo):
        values[event.address] = event.value
    after = model.kernel_values()
    link = {address for address in range(SIZE.addresses) if values[address] != after[address]}
    assert len(link) <= 1, "the right lane's own link follows the left's in the kernel"


def test_a_bus_that_is_parted_keeps_what_others_send_to_it_on_both_sides() -> None:
    model = DeskModel(SIZE, [(Kind.BUS, 1), (Kind.MATRIX, 3)])
    model.update({
        "channel.3.send.1.level_db": -6.0, "channel.3.send.1.tap": "pre_fader", "return.1.send.1.on": False,
        "main.lr.matrix.3.level_db": -3.0, "talkback.to.bus.1": True, "talkback.to.matrix.3": True,
    })  # fmt: skip
    assert move(model, (Kind.BUS, 1), stereo=False) == []
    assert move(model, (Kind.MATRIX, 3), stereo=False) == []
    right = [model.get(f"channel.3.send.2.{name}") for name in SENT]
    assert right == [True, -6.0, "pre_fader", 0.0]
    assert model.get("return.1.send.2.on") is False
    assert model.get("main.lr.matrix.4.level_db") == -3.0
    assert model.get("talkback.to.bus.2") is model.get("talkback.to.matrix.4") is True
    assert model.get("bus.1.send.2.level_db") == -math.inf  # of one strip to itself there was none


def test_what_listened_to_a_right_side_listens_to_the_pair_and_that_is_told() -> None:
    model = DeskModel(SIZE)
    model.update({
        "monitor.source": "bus.2", "fx.1.source": "bus.2", "osc.destination": "bus.2", "output.3.source": "bus.2",
        "channel.1.comp.key.source": "bus.2", "bus.1.comp.key.source": "bus.2",
    })  # fmt: skip
    assert move(model, (Kind.BUS, 1), stereo=True) == [
        "channel.1.comp.key.source was bus.2: now bus.1, the pair.",
        "bus.1.comp.key.source was bus.2: now self.",
        "fx.1.source was bus.2: now bus.1, the pair.",
        "monitor.source was bus.2: now bus.1, the pair.",
        "osc.destination was bus.2: now bus.1, the pair.",
    ]
    assert model.get("output.3.source") == "bus.2"  # an output carries one side of a pair
    assert move(model, (Kind.BUS, 1), stereo=False) == []


def test_sends_that_joining_ends_are_told() -> None:
    model = DeskModel(SIZE)
    model.update({
        "channel.1.send.2.level_db": -6.0, "channel.2.send.1.level_db": -9.0, "channel.2.send.2.level_db": -9.0,
        "channel.3.send.2.level_db": -6.0, "channel.3.send.2.on": False, "channel.4.send.1.level_db": 0.0,
        "return.1.send.2.level_db": 0.0, "bus.1.send.2.level_db": -3.0, "talkback.to.bus.2": True,
    })  # fmt: skip
    assert move(model, (Kind.BUS, 1), stereo=True) == [
        "bus.1 fed bus.2: now they are one strip.",
        "channel.1, return.1, talkback: what went to bus.2 is now as to bus.1.",
    ]


@pytest.mark.parametrize(
    ("left", "right", "joined", "said"),
    [
        ("in.3", "in.8", "in.3+8", []),
        ("in.3", "in.3", "in.3", []),
        ("none", "none", "none", []),
        ("none", "in.4", "in.4", ["channel.3.source was none and channel.4.source in.4: now in.4 on both sides."]),
        ("in.2", "play.3", "in.2", ["channel.3.source was in.2 and channel.4.source play.3: now in.2 on both sides."]),
    ],
)
def test_inputs_that_make_no_pair_are_told(left: str, right: str, joined: str, said: list[str]) -> None:
    model = DeskModel(SIZE)
    model.update({"channel.3.source": left, "channel.4.source": right})
    assert move(model, (Kind.CHANNEL, 3), stereo=True) == said
    assert model.get("channel.3.source") == joined


def test_a_mono_strip_hears_no_effect_and_that_is_told() -> None:
    model = DeskModel(SIZE, [(Kind.CHANNEL, 1)])
    model.set("channel.1.source", "fx.2")
    assert move(model, (Kind.CHANNEL, 1), stereo=False) == [
        "channel.1.source was fx.2: now none, and channel.2.source none."
    ]


def test_inserts_of_which_only_one_is_patched_are_not_both_put_on_it() -> None:
    model = DeskModel(SIZE)
    model.set("channel.2.insert.slot", "io.2")
    assert move(model, (Kind.CHANNEL, 1), stereo=True) == [
        "channel.1.insert.slot was none and channel.2.insert.slot io.2: now none on both sides."
    ]


@pytest.mark.parametrize(
    ("own", "stereo", "alone", "pair"),
    [
        ({"channel.3.source": "play.1+2", "channel.4.source": "none"}, True, ["play.1", "play.2"], "play.1+2"),
        ({"channel.3.source": "play.1", "channel.4.source": "play.2"}, False, ["play.1", "play.2"], "play.1+2"),
        ({"channel.3.source": "play.1", "channel.4.source": "none"}, True, ["play.1", "none"], "play.1"),
        ({}, False, ["in.3", "in.4"], "in.3+4"),
        ({"channel.3.source": "in.7+5"}, True, ["in.7", "in.5"], "in.7+5"),
    ],
)
def test_what_strips_start_from_is_the_same_joined_and_parted(
    own: dict[str, Value], stereo: bool, alone: list[str], pair: str
) -> None:
    """A desk whose stems land on a pair keeps them on its channels when it is parted and a scene is recalled."""
    model = DeskModel(SIZE, [(Kind.CHANNEL, 3)] if stereo else [], own)
    for joins in (not stereo, stereo, not stereo):
        model.link((Kind.CHANNEL, 3), stereo=joins)
        found = [model.defaults[f"channel.{n}.source"] for n in ((3,) if joins else (3, 4))]
        assert found == ([pair] if joins else alone)
