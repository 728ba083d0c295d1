"""Scenes of random desks, random bytes, random TOML and files cut short."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.size import DeskSize
from firmware import scene, scene_store
from firmware.desk_model import DeskModel
from firmware.desk_places import Place, refusal
from firmware.errors import Problem, SceneError
from firmware.image import IN_PLACE
from firmware.params import Kind, Number, Scope, Text, Value
from firmware.params.lookup import leaves, schema

STEREO = ((Kind.CHANNEL, 3), (Kind.BUS, 1), (Kind.MATRIX, 1))
MODEL = DeskModel(DeskSize(10, 32, 6, 48000, buses=5, effects=2, matrices=2, plays=4), STEREO)
PATHS = [path for path, place in MODEL.places.items() if place.scope is not Scope.MOMENT]
WORDS = [*sorted({word for path in leaves(schema()) for word in path.split(".")} - {"N"}), "1", "2", "64", "65", "01"]


def value_at(place: Place) -> st.SearchStrategy[Value]:
    """Any value the parameter at a place can have."""
    kind = place.parameter.type
    if isinstance(kind, Number):
        ends = st.sampled_from([kind.low, kind.high])
        return st.one_of(st.floats(max(kind.low, -1e6), min(kind.high, 1e6)), ends).map(kind.check)
    if isinstance(kind, Text):
        return st.text(max_size=24).filter(str.isprintable)
    can_be = [value for value in kind.choices if not refusal(place, value, MODEL.size, MODEL.stereo)]
    return st.sampled_from([value for value in can_be if value != IN_PLACE])


@st.composite
def desks(draw: st.DrawFn) -> dict[str, Value]:
    """Some settings of some parameters."""
    chosen = draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=40))
    return {path: draw(value_at(MODEL.places[path])) for path in chosen}


def scene_or_refusal(path: Path) -> scene.Scene | str:
    """The scene in a file, or what is said about it."""
    try:
        return scene.load(path)
    except SceneError as error:
        return str(error)


@given(values=desks(), title=st.text(max_size=20).filter(str.isprintable))
@settings(max_examples=30)
def test_a_stored_desk_comes_back_as_it_was(values: dict[str, Value], title: str) -> None:
    model = DeskModel(MODEL.size, STEREO)
    model.update(values)
    with tempfile.TemporaryDirectory() as folder:
        path, _ = scene_store.store(model, Path(folder) / "a.toml", title)
        loaded = scene.load(path)
    assert loaded.title == title
    assert loaded.values == model.differences()
    other = DeskModel(MODEL.size, STEREO)
    other.set("channel.1.fader_db", -12.5)
    assert scene.apply(other, loaded) == []
    assert other.values == model.values


@given(values=desks(), data=st.data())
@settings(max_examples=40)
def test_a_file_cut_short_is_read_as_a_part_of_it_or_refused(values: dict[str, Value], data: st.DataObject) -> None:
    content = scene_store.text_of(values).encode()
    cut = content[: data.draw(st.integers(0, len(content)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.toml"
        path.write_bytes(cut)
        loaded = scene_or_refusal(path)
        assert loaded if isinstance(loaded, str) else loaded.values.keys() <= values.keys()


@given(content=st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda b: b"format = 1\n" + b)))
def test_random_bytes_are_a_scene_or_a_scene_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.toml"
        path.write_bytes(content)
        loaded = scene_or_refusal(path)
        assert not isinstance(loaded, str) or loaded.replace("\n", "").isprintable()


SCALARS = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.lists(st.integers(), max_size=2)
)
TREES = st.recursive(
    SCALARS, lambda inner: st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), inner, max_size=4)
)


@given(table=st.dictionaries(st.sampled_from([*WORDS, "channel", "main", "lr", "title"]), TREES, max_size=4))
@settings(max_examples=80)
def test_random_toml_is_a_scene_or_refused_with_sentences_that_can_be_shown(table: dict[str, object]) -> None:
    text = tomlkit.dumps({"format": 1, **table})
    found: scene.Scene | None = None
    problems: tuple[Problem, ...] = ()
    try:
        found = scene.parse(text)
    except SceneError as error:
        problems = error.problems
    for problem in problems:
        assert problem.text.isprintable()
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + 1
    if found is None:
        assert problems
    else:
        assert not any(value != value for value in found.values.values())  # noqa: PLR0124  a NaN differs from itself
        scene.plan_recall(MODEL, found, everything=True)
