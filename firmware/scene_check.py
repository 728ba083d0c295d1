"""A scene's nested tables against the declarations: the values by path, and all that is wrong, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firmware.errors import MOST_TOLD, Problem, did_you_mean
from firmware.params import HIGHEST, Value, quoted
from firmware.params.lookup import FEEDS_BACK, NUMBER, Leaf, Node, kind_of, leads_back, leaves, schema
from firmware.toml_lines import Keys

HEAD = ("format", "title")
_LONGEST_NAME = 60


def check(table: Mapping[str, Any], lines: Mapping[Keys, int], file: str) -> tuple[dict[str, Value], list[Problem]]:
    """The values of a scene's tables (its head left out) in the order of the file, and its problems.

    Nothing here depends on how large a desk is: a path of a larger desk is no problem of the file.
    """
    walk = _Check(lines, file)
    walk.table({key: value for key, value in table.items() if key not in HEAD}, schema(), ())
    return walk.values, walk.problems


class _Check:
    def __init__(self, lines: Mapping[Keys, int], file: str) -> None:
        self.lines = lines
        self.file = file
        self.values: dict[str, Value] = {}
        self.problems: list[Problem] = []

    def table(self, table: Mapping[str, Any], node: Node, at: Keys) -> None:
        for key, value in table.items():
            keys = (*at, key)
            below = self.below(node, keys)
            if below is None:
                self.wrong(keys, self.unknown(node, keys))
            elif isinstance(below, Leaf):
                self.leaf(below, keys, value)
            elif isinstance(value, dict):
                self.table(value, below, keys)
            else:
                kind = kind_of(".".join(keys))
                inside = ", ".join(below) if kind is None else f"{kind}.1 to {kind}.{HIGHEST[kind]}"
                self.wrong(keys, f"{shown(keys)} = {quoted(value)} is not possible: it is a group of {inside}.")

    def below(self, node: Node, keys: Keys) -> Node | Leaf | None:
        if "N" not in node:
            return node.get(keys[-1])
        kind = kind_of(".".join(keys[:-1]))
        if kind is not None and NUMBER.fullmatch(keys[-1]) and int(keys[-1]) <= HIGHEST[kind]:
            return node["N"]
        return None

    def leaf(self, leaf: Leaf, keys: Keys, value: object) -> None:
        number = int(keys[1]) if leaf.kind in HIGHEST else 1
        if leads_back(leaf.kind, number, leaf.parameter.name):
            self.wrong(keys, f"{shown(keys)} is not possible: {FEEDS_BACK}.")
            return
        if leaf.parameter.moment:
            self.wrong(keys, f"{shown(keys)} belongs in no scene: it is on for a moment only.")
            return
        try:
            self.values[".".join(keys)] = leaf.parameter.type.check(value)
        except ValueError as error:
            self.wrong(keys, f"{shown(keys)} = {quoted(value)} {error}.")

    def unknown(self, node: Node, keys: Keys) -> str:
        kind = kind_of(".".join(keys[:-1]))
        if kind is not None:
            return f"There is no {shown(keys)}: they are numbered {kind}.1 to {kind}.{HIGHEST[kind]}."
        sentence = f"There is no {shown(keys)}."
        if len(self.problems) >= MOST_TOLD or len(keys[-1]) > _LONGEST_NAME:
            return sentence  # nobody sees the hint, and looking for it takes time
        hint = did_you_mean(keys[-1], node) or did_you_mean(keys[-1], leaves(node) if keys[:-1] else ())
        if not hint:
            ends = {path.rsplit(".", 1)[-1]: path for path in leaves(node)} if keys[:-1] else {}
            hint = f' Did you mean "{ends[keys[-1]]}"?' if keys[-1] in ends else ""
        at = shown(keys[:-1])
        return sentence + (hint.replace('mean "', f'mean "{at}.') if at else hint)

    def wrong(self, keys: Keys, sentence: str) -> None:
        line = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 1)
        self.problems.append(Problem(self.file, line, sentence))


def shown(keys: Keys) -> str:
    """A path that is safe to show: long names shortened, unprintable ones quoted."""
    return ".".join(key if key.isprintable() and 0 < len(key) <= _LONGEST_NAME else quoted(key) for key in keys)
