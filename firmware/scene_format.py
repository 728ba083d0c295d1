"""The numbered formats of scene files: each one's frozen defaults, and the steps that bring an old file up to date.

A scene holds what differs from the defaults of its format. Those are frozen (`config/formats/scene-1.toml`): when a
declared default changes, or a name, the format's number goes up, a table and if need be a step are added, and old
files still sound as they did.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import config
from firmware.params import HIGHEST, PARAMETERS, Value, numbered

CURRENT = 1
SERIES = {"B": 16, "M": 8, "D": 8, "G": 6}  # buses, matrices, DCAs, mute groups

Table = dict[str, Any]
Defaults = dict[str, tuple[Value, ...]]
Step = Callable[[Table], Table]

# Step n turns the tables of a file of format n into those of format n + 1: renames, splits. Defaults need no step.
STEPS: dict[int, Step] = {}


def declared() -> Defaults:
    """Today's defaults by template: of each number, the last for all beyond."""
    return {
        template: parameter.defaults_of(kind)
        for parameter in PARAMETERS
        for kind, template in parameter.templates.items()
        if not parameter.moment
    }


@cache
def frozen(number: int) -> Defaults:
    """The defaults that scenes of a format are written against."""
    with config.path(f"formats/scene-{number}.toml").open("rb") as file:
        table = tomllib.load(file)
    del table["format"]
    return dict(_flat(table))


def _flat(table: Table, at: str = "") -> list[tuple[str, tuple[Value, ...]]]:
    """Every value by template. A key with spaces stands for several tables that are alike, a capital letter but N for
    the numbers of a series."""
    found: list[tuple[str, tuple[Value, ...]]] = []
    for key, value in table.items():
        for one in key.split():
            for name in map(str, range(1, SERIES[one] + 1)) if one in SERIES else (one,):
                if isinstance(value, dict):
                    found += _flat(value, f"{at}{name}.")
                else:
                    found.append((at + name, tuple(value) if isinstance(value, list) else (value,)))
    return found


def migrate(
    table: Table,
    number: int,
    to: int = CURRENT,
    steps: Mapping[int, Step] | None = None,
    defaults: Callable[[int], Defaults] = frozen,
) -> Table:
    """The tables of a scene of format `number` as format `to` writes them. The given table is left as it is."""
    taken = STEPS if steps is None else steps
    for n in range(number, to):
        table = taken[n](copy.deepcopy(table)) if n in taken else copy.deepcopy(table)
        _keep_defaults(table, defaults(n), defaults(n + 1))
        table["format"] = n + 1
    return table


def _keep_defaults(table: Table, old: Defaults, new: Defaults) -> None:
    """Say in the file what it left unsaid, where that means something else from now on."""
    for template, were in old.items():
        if template not in new or new[template] == were:
            continue
        kind, *_ = template.split(".")
        count = next((highest for k, highest in HIGHEST.items() if k == kind), 1)
        for n in range(1, count + 1):
            if numbered(were, n) != numbered(new[template], n):
                _set_if_missing(table, template.replace(".N.", f".{n}."), numbered(were, n))


def _set_if_missing(table: Table, path: str, value: Value) -> None:
    *groups, last = path.split(".")
    for group in groups:
        below = table.setdefault(group, {})
        if not isinstance(below, dict):
            return  # the file is wrong there; the check will say so
        table = below
    table.setdefault(last, value)
