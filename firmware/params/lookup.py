"""From a path to its declaration, for the largest desk there can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from firmware.params.desk import DESK, GROUPS, OUTPUT
from firmware.params.parameter import HIGHEST, PREFIX, Kind, Parameter, numbered
from firmware.params.strip import STRIP
from firmware.params.values import Value

NUMBER = re.compile(r"[1-9][0-9]{0,2}")

Node = dict[str, "Node | Leaf"]


class Leaf(NamedTuple):
    """A parameter of a kind, at the end of a path."""

    parameter: Parameter
    kind: Kind


class Found(NamedTuple):
    """What a path means: the parameter, and of which strip or output."""

    parameter: Parameter
    kind: Kind
    number: int

    @property
    def default(self) -> Value:
        """Its default on the largest desk."""
        return self.parameter.default(self.kind, self.number)


@cache
def schema() -> Node:
    """All templates as nested tables, as a scene file nests them; "N" stands for a number."""
    root: Node = {}
    for parameter in (*STRIP, *GROUPS, *DESK, *OUTPUT):
        for kind, template in parameter.templates.items():
            *groups, last = template.split(".")
            node = root
            for group in groups:
                below = node.setdefault(group, {})
                assert isinstance(below, dict)
                node = below
            node[last] = Leaf(parameter, kind)
    return root


def leaves(node: Node, at: str = "") -> Iterator[str]:
    """Every path below a node of the schema."""
    for key, below in node.items():
        path = f"{at}.{key}" if at else key
        if isinstance(below, Leaf):
            yield path
        else:
            yield from leaves(below, path)


def kind_of(group: str) -> Kind | None:
    """The kind whose strips or outputs are numbered below this group: "channel"."""
    return next((kind for kind in HIGHEST if PREFIX[kind] == f"{group}.N."), None)


FEEDS_BACK = "a bus feeds buses with a higher number only"


def leads_back(kind: Kind, number: int, name: str) -> bool:
    """Whether a parameter would be of a send from a bus to itself or to one that is worked out before it."""
    word, _, rest = name.partition(".")
    return kind is Kind.BUS and word == "send" and int(rest.partition(".")[0]) <= number


def feeds_back(path: str) -> bool:
    """Whether a path is of a send as `leads_back` has it: "bus.2.send.1.level_db"."""
    group, _, rest = path.partition(".")
    number, _, name = rest.partition(".")
    if group != Kind.BUS or not NUMBER.fullmatch(number):
        return False
    known = any(parameter.name == name and Kind.BUS in parameter.kinds for parameter in STRIP)
    return known and int(number) <= HIGHEST[Kind.BUS] and leads_back(Kind.BUS, int(number), name)


def resolve(path: str) -> Found:
    """What stands at a path. Raises KeyError when no desk has it."""
    node: Node | Leaf = schema()
    number = 1
    for key in path.split("."):
        if isinstance(node, Leaf):
            raise KeyError(path)
        if "N" in node and NUMBER.fullmatch(key):
            number = int(key)
            node = node["N"]
        else:
            node = node[key]
    if not isinstance(node, Leaf) or "N" in path.split(".") or number > HIGHEST.get(node.kind, number):
        raise KeyError(path)
    if leads_back(node.kind, number, node.parameter.name):
        raise KeyError(path)
    return Found(node.parameter, node.kind, number)


__all__ = [
    "FEEDS_BACK",
    "NUMBER",
    "Found",
    "Leaf",
    "Node",
    "feeds_back",
    "kind_of",
    "leads_back",
    "leaves",
    "numbered",
    "resolve",
    "schema",
]
