"""Formats of scene files: frozen defaults, and old files that keep their meaning."""

from __future__ import annotations

import pytest

import config
from firmware import scene_format
from firmware.scene_format import CURRENT, Defaults, Table, declared, frozen, migrate


def test_the_frozen_defaults_of_the_current_format_are_the_declared_ones() -> None:
    """If this fails, a default or a name changed: raise CURRENT, add its table, and a step for a changed name."""
    now, then = declared(), frozen(CURRENT)
    assert now == then
    assert {key: list(map(type, value)) for key, value in now.items()} == {
        key: list(map(type, value)) for key, value in then.items()
    }


def test_every_format_there_ever_was_has_its_table() -> None:
    assert config.names("formats") == [f"scene-{n}" for n in range(1, CURRENT + 1)]


def test_an_up_to_date_scene_is_left_as_it_is() -> None:
    table = {"format": CURRENT, "channel": {"1": {"mute": True}}}
    assert migrate(table, CURRENT) is table


@pytest.fixture
def history() -> dict[int, Defaults]:
    one: Defaults = {
        "channel.N.a_db": (0.0,),
        "channel.N.old": (1.0,),
        "main.lr.a_db": (0.0,),
        "output.N.c": (1.0, 2.0),
    }
    two: Defaults = {
        "channel.N.a_db": (0.0,),
        "channel.N.new": (1.0,),
        "main.lr.a_db": (5.0,),
        "output.N.c": (1.0, 2.0),
    }
    three: Defaults = {**two, "output.N.c": (1.0, 3.0)}
    return {1: one, 2: two, 3: three}


def rename(table: Table) -> Table:
    """A step: old is called new."""
    for strip in table.get("channel", {}).values():
        if "old" in strip:
            strip["new"] = strip.pop("old")
    return table


def test_an_old_scene_gets_its_names_renamed_and_its_unsaid_values_said(history: dict[int, Defaults]) -> None:
    old = {"format": 1, "channel": {"1": {"old": 4.0, "a_db": 2.0}}, "output": {"2": {"c": 9.0}}}
    new = migrate(old, 1, to=3, steps={1: rename}, defaults=history.__getitem__)
    assert old["channel"] == {"1": {"old": 4.0, "a_db": 2.0}}
    assert new["format"] == 3
    assert new["channel"] == {"1": {"new": 4.0, "a_db": 2.0}}
    assert new["main"] == {"lr": {"a_db": 0.0}}
    assert new["output"]["2"] == {"c": 9.0}
    assert new["output"]["3"] == {"c": 2.0}
    assert "1" not in new["output"]


def test_an_old_scene_that_is_wrong_is_left_for_the_check_to_say(history: dict[int, Defaults]) -> None:
    new = migrate({"format": 1, "main": 3}, 1, to=2, steps={}, defaults=history.__getitem__)
    assert new["main"] == 3


def test_a_step_for_each_change_of_names_and_none_beyond_the_current_format() -> None:
    assert set(scene_format.STEPS) <= set(range(1, CURRENT))
