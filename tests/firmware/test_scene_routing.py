"""Scenes whose routing cannot be: refused where no desk can do it, applied as far as it goes where one is too small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.rows import HEAD_IGNORED
from dsp.size import DeskSize
from firmware import scene, scene_store
from firmware.desk_model import DeskModel
from firmware.desk_places import count_of
from firmware.errors import SceneError
from firmware.params import HIGHEST, Kind, Sided
from firmware.params import Place as PlaceType
from tests.dsp.rig import Kernel

BACK = """\
format = 1
[bus.3]
send.3.level_db = 0
send.4.level_db = 0
[bus.5]
send.2 = {on = true, level_db = -6}
[bus.16]
send.16.tap = "pre"
[return.1]
send.1.level_db = 0
[channel.1]
send.17.level_db = 0
source = "in.33"
gate.key.source = "bus.17"
[matrix.1]
send.1.level_db = 0
[fx.1]
source = "channel.1"
[output.1]
source = "output.2"
"""
# line, and what must be said about it (docs/signal.md: from a bus to those with a higher number only)
SAID = [
    (3, "bus.3.send.3.level_db is not possible: a bus feeds buses with a higher number only."),
    (6, "bus.5.send.2.on is not possible: a bus feeds buses with a higher number only."),
    (6, "bus.5.send.2.level_db is not possible: a bus feeds buses with a higher number only."),
    (8, "bus.16.send.16.tap is not possible: a bus feeds buses with a higher number only."),
    (12, "There is no channel.1.send.17."),
    (
        13,
        'channel.1.source = "in.33" is not possible: one of none, in.1 to in.32, play.1 to play.64, osc, fx.1 to fx.8',
    ),
    (
        14,
        'channel.1.gate.key.source = "bus.17" is not possible: one of self, channel.1 to channel.64, bus.1 to bus.16,',
    ),
    (16, "There is no matrix.1.send."),
    (18, 'fx.1.source = "channel.1" is not possible: one of none, bus.1 to bus.16 is needed.'),
    (20, 'output.1.source = "output.2" is not possible: one of none, main.l, main.r,'),
]


def test_what_no_desk_can_route_is_refused_all_at_once() -> None:
    with pytest.raises(SceneError) as caught:
        scene.parse(BACK, "gig.toml")
    for line, (number, said) in zip(str(caught.value).split("\n"), SAID, strict=True):
        assert line.startswith(f"gig.toml, line {number}: {said}")


# --- a scene for a larger desk --------------------------------------------------------------------------------------

LARGER = """\
format = 1
[channel.1]
source = "in.7"
insert.slot = "io.3"
gate.key = {source = "channel.12", freq_hz = 300}
comp.key.source = "bus.6"
send.2.level_db = -3
send.6.level_db = -3
send.6.tap = "input"
[channel.2]
source = "in.1+2"
[channel.3]
source = "fx.1"
[channel.4]
source = "play.1"
fader_db = -5
[bus.1]
matrix.2.level_db = 0
send.2.level_db = 0
send.4.level_db = -9
[bus.6]
fader_db = -1
[return.2]
pan = 10
[fx.1]
source = "bus.6"
[monitor]
source = "matrix.1"
[output.1]
source = "return.2.l"
"""
NO_INSERT = "an insert needs an output and an input of its number, this desk has 2 of both"
SMALL = DeskSize(channels=8, inputs=4, outputs=2, buses=4, effects=1, matrices=0)


def test_what_a_smaller_desk_cannot_route_is_listed_all_at_once_and_heard_as_silence() -> None:
    model = DeskModel(SMALL)
    told = scene.apply(model, scene.parse(LARGER, "gig.toml"))
    assert told == [
        "channel.1, bus.1 (3 values) cannot be applied: this desk has nothing there to send to.",
        "bus.6 (1 value) cannot be applied: this desk has 4 buses.",
        "return.2 (1 value) cannot be applied: this desk has 1 return.",
        "channel.1.source = in.7 cannot be applied: this desk has 4 inputs.",
        f"channel.1.insert.slot = io.3 cannot be applied: {NO_INSERT}.",
        "channel.1.gate.key.source = channel.12 cannot be applied: this desk has 8 channels.",
        "channel.1.comp.key.source = bus.6 cannot be applied: this desk has 4 buses.",
        "channel.2.source = in.1+2 cannot be applied: in.1+2 has two sides and this strip is mono; in.2 instead.",
        "channel.3.source = fx.1 cannot be applied: fx.1 has two sides and this strip is mono.",
        "channel.4.source = play.1 cannot be applied: this desk has no playback channel.",
        "fx.1.source = bus.6 cannot be applied: this desk has 4 buses.",
        "monitor.source = matrix.1 cannot be applied: this desk has no matrix.",
        "output.1.source = return.2.l cannot be applied: this desk has 1 return.",
    ]
    assert [model.get(f"channel.{n}.source") for n in range(1, 5)] == ["none", "in.2", "none", "none"]
    assert [model.get(f"channel.1.{of}.key.source") for of in ("gate", "comp")] == ["self", "self"]
    assert [model.get(path) for path in ("channel.1.insert.slot", "fx.1.source", "monitor.source")] == ["none"] * 3
    applied = ["channel.1.gate.key.freq_hz", "channel.1.send.2.level_db", "channel.4.fader_db", "bus.1.send.4.level_db"]
    assert [model.get(path) for path in applied] == [300.0, -3.0, -5.0, -9.0]


def test_a_right_side_is_named_as_such_and_what_listens_to_it_listens_to_the_pair() -> None:
    model = DeskModel(SMALL, [(Kind.CHANNEL, 3), (Kind.BUS, 1)])
    found = scene.parse(
        'format = 1\n[channel.4]\nfader_db = 0\n[channel.1]\nsend.2.on = false\ngate.key.source = "channel.4"\n'
        '[channel.3]\nsource = "in.2+1"\n[bus.1]\nsend.2.level_db = 0\n[main.lr]\nwidth_pct = 50\n[channel.5]\n'
        "width_pct = 50\n"
    )
    key = "channel.1.gate.key.source = channel.4 cannot be applied: channel.4 is the right side of channel.3"
    assert scene.apply(model, found) == [
        "channel.4 (1 value) cannot be applied: channel.4 is the right side of channel.3.",
        "channel.1, bus.1 (2 values) cannot be applied: this desk has nothing there to send to.",
        "channel.5 (1 value) cannot be applied: that strip is mono.",
        f"{key}; channel.3 instead.",
    ]
    assert model.get("channel.3.source") == "in.2+1"
    assert model.get("channel.1.gate.key.source") == "channel.3"
    assert model.get("main.lr.width_pct") == 50.0


def test_a_scene_of_a_desk_that_is_stereo_elsewhere_is_heard_on_the_sides_it_names() -> None:
    """Links are the desk's and in no scene: a pair of inputs on a mono strip is the one of that strip's side."""
    found = scene.parse(
        'format = 1\nchannel.1.source = "in.3+4"\nchannel.2.source = "in.1+2"\n'
        'channel.3 = {source = "in.9+2", insert.slot = "io.2+1"}\n'
        'channel.4.source = "in.9+2"\nchannel.5.source = "in.1+9"\nchannel.7.source = "in.2"'
    )
    model = DeskModel(SMALL, [(Kind.CHANNEL, 5), (Kind.CHANNEL, 7)])
    told = scene.apply(model, found)
    assert [model.get(f"channel.{n}.source") for n in (1, 2, 3, 4, 5, 7)] == [
        "in.3", "in.2", "none", "in.2", "none", "in.2",
    ]  # fmt: skip
    assert model.get("channel.3.insert.slot") == "io.2"
    assert told[0] == (
        "channel.1.source = in.3+4 cannot be applied: in.3+4 has two sides and this strip is mono; in.3 instead."
    )
    assert told[2] == "channel.3.source = in.9+2 cannot be applied: this desk has 4 inputs."
    assert len(told) == 6


def test_storing_over_it_keeps_the_pair_unless_someone_has_chosen_another_input(tmp_path: Path) -> None:
    file = tmp_path / "gig.toml"
    file.write_text('format = 1\nchannel.1.source = "in.3+4"\nchannel.2.source = "in.3+4"')
    model = DeskModel(SMALL)
    scene.apply(model, scene.load(file))
    model.set("channel.2.source", "in.1")
    scene_store.store(model, file)
    kept = scene.load(file).values
    assert (kept["channel.1.source"], kept["channel.2.source"]) == ("in.3+4", "in.1")


LARGEST = DeskModel(DeskSize(64, 32, 32, 48000, buses=16, effects=8, matrices=8, plays=64))
ROUTED = [
    path
    for path, place in LARGEST.places.items()
    if isinstance(place.parameter.type, PlaceType) or (".send." in path or ".matrix." in path)
]
PAIRS = [(kind, number) for kind in (Kind.CHANNEL, Kind.BUS, Kind.MATRIX) for number in range(1, HIGHEST[kind], 2)]


def value_at(draw: st.DrawFn, path: str) -> Any:
    kind = LARGEST.places[path].parameter.type
    if isinstance(kind, Sided) and draw(st.booleans()):
        left, right = draw(st.integers(1, 32)), draw(st.integers(1, 32))
        return f"{'io' if 'insert' in path else draw(st.sampled_from(['in', 'play']))}.{left}+{right}"
    return kind.at_position(draw(st.floats(0.0, 1.0)))


@st.composite
def routings(draw: st.DrawFn) -> dict[str, Any]:
    """Sources, keys, inserts and sends of the largest desk there can be."""
    return {path: value_at(draw, path) for path in draw(st.lists(st.sampled_from(ROUTED), unique=True, max_size=60))}


@st.composite
def desks(draw: st.DrawFn) -> DeskModel:
    """A desk of any size with some pairs joined."""
    channels, inputs, outputs = (draw(st.integers(1, high)) for high in (20, 6, 6))
    buses, effects, matrices, plays = (draw(st.integers(0, high)) for high in (6, 2, 3, 4))
    size = DeskSize(channels, inputs, outputs, 48000, buses, effects, matrices, plays)
    there = [(kind, n) for kind, n in PAIRS if n < count_of(kind, size)]
    return DeskModel(size, draw(st.sets(st.sampled_from(there), max_size=4)) if there else ())


@given(values=routings(), model=desks())
@settings(max_examples=60)
def test_a_recalled_scene_leaves_only_what_this_desk_can_do_and_the_kernel_takes_all_of_it(
    values: dict[str, Any], model: DeskModel
) -> None:
    found = scene.Scene(values)
    kernel = Kernel(model.size, model.kernel_values())
    beyond = scene.beyond(found, model)
    changes, told = scene.plan_recall(model, found, everything=True)
    assert bool(told) is bool(beyond)
    events = [event for path, value in changes for event in model.to_events(path, value)]
    model.update(dict(changes))  # raises for what this desk cannot do
    assert {path: model.get(path) for path in values if path not in beyond} == {
        path: value for path, value in values.items() if path not in beyond
    }
    x = np.full((64, model.size.columns), 0.01, np.float32)
    assert np.isfinite(kernel.process(x, events)).all()
    assert kernel.arena.events_taken == len(events)
    assert kernel.arena.i64[HEAD_IGNORED] == 0
