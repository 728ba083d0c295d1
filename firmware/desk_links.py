"""What becomes of a desk's values when two strips are joined or parted, and what there is to say about it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from firmware.desk_places import Pair, Place
from firmware.params import STRIPS, Kind, Sided, Value
from firmware.params import Place as PlaceType

_SENDS = {Kind.BUS: "send", Kind.MATRIX: "matrix"}
_SENDERS = "|".join(re.escape(kind) for kind in STRIPS)
_SENT = re.compile(
    rf"(?P<from>(?:{_SENDERS})(?:\.\d+)?)\.(?P<word>send|matrix)\.(?P<to>\d+)\.(?P<what>on|level_db|tap|pan)"
)
_TALK = "talkback.to."


def carried(place: Place, old: Mapping[str, Value], pair: Pair, joins: bool) -> Value | None:
    """What a value is once `pair` has been joined or parted, by what there was; None for what starts at its default.
    It may be one that does not fit the desk any more (`firmware.desk_places.fitting`).

    Sides take what their pair had, sends and talkback to the right side what there was to the pair.
    """
    kind, number = pair
    left, right = f"{kind}.{number}", f"{kind}.{number + 1}"
    source = place.path
    if source not in old and source.startswith(f"{right}."):
        source = f"{left}.{source.removeprefix(f'{right}.')}"
    if source not in old:
        source = _to_the_pair(source, pair)
    value = old.get(source)
    if isinstance(place.parameter.type, Sided):
        if value is None or (place.kind, place.number - (1 - place.number % 2)) != pair:
            return value
        sides = place.parameter.type
        if joins:
            return joined(place, value, old[f"{right}.{place.parameter.name}"])
        return sides.side(value, place.number - number)
    return value


def joined(place: Place, left: Value, right: Value) -> Value:
    """What a stereo strip hears, or where its inserts are, that was two. Where only the right one hears something, it
    is on both sides: silence is nobody's wish."""
    assert isinstance(place.parameter.type, Sided)
    value = place.parameter.type.joined(left, right)
    return right if value == place.parameter.type.neutral and place.parameter.name == "source" else value


def _to_the_pair(path: str, pair: Pair) -> str:
    """The path of what is sent to the left side, for one of what is sent to the right."""
    kind, number = pair
    if path == f"{_TALK}{kind}.{number + 1}":
        return f"{_TALK}{kind}.{number}"
    sent = _SENT.fullmatch(path)
    if sent is None or sent["word"] != _SENDS.get(kind) or int(sent["to"]) != number + 1:
        return path
    return f"{sent['from']}.{sent['word']}.{number}.{sent['what']}"


def told(before: Mapping[str, Value], after: Mapping[str, Value], places: Mapping[str, Place], pair: Pair) -> list[str]:
    """A line for each thing that hears something else since `pair` was joined or parted, or is not heard any more."""
    kind, number = pair
    left, right = f"{kind}.{number}", f"{kind}.{number + 1}"
    joins = f"{right}.name" in before
    lines = []
    for path, value in after.items():
        was = before.get(path, value)
        if isinstance(places[path].parameter.type, Sided) and path.startswith(f"{left}."):
            lines += _sides_told(before, after, places[path], right, joins)
        elif was != value and isinstance(places[path].parameter.type, PlaceType):
            lines.append(f"{path} was {was}: now {value}{', the pair' if value == left else ''}.")
    return lines + (_sends_told(before, pair) if joins else [])


def _sides_told(
    before: Mapping[str, Value], after: Mapping[str, Value], left: Place, right: str, joins: bool
) -> list[str]:
    """Of what the sides hear, or where their inserts are, once it is not what it was."""
    sides, theirs = left.parameter.type, f"{right}.{left.parameter.name}"
    assert isinstance(sides, Sided)
    two, one = (before, after[left.path]) if joins else (after, before[left.path])
    if (sides.to_kernel(two[left.path]), sides.to_kernel(two[theirs])) == sides.sides(one):
        return []
    if joins:
        return [f"{left.path} was {two[left.path]} and {theirs} {two[theirs]}: now {one} on both sides."]
    return [f"{left.path} was {one}: now {two[left.path]}, and {theirs} {two[theirs]}."]


def _sends_told(before: Mapping[str, Value], pair: Pair) -> list[str]:
    """Of what was sent to the right side and is not, or otherwise than to the left."""
    kind, number = pair
    lines, otherwise = [], []
    for path, value in before.items():
        sent = _SENT.fullmatch(path)
        if path == f"{_TALK}{kind}.{number + 1}" and value is True and before[f"{_TALK}{kind}.{number}"] is not True:
            otherwise.append("talkback")
        if sent is None or sent["what"] != "level_db" or _to_the_pair(path, pair) == path:
            continue
        to_right, to_left = path.removesuffix("level_db"), _to_the_pair(path, pair).removesuffix("level_db")
        if value == -math.inf or before[f"{to_right}on"] is not True or sent["from"] == f"{kind}.{number + 1}":
            continue
        if f"{to_left}on" not in before:
            lines.append(f"{sent['from']} fed {kind}.{number + 1}: now they are one strip.")
        elif any(before[to_left + what] != before[to_right + what] for what in ("on", "level_db", "tap")):
            otherwise.append(sent["from"])
    if otherwise:
        lines.append(f"{', '.join(otherwise)}: what went to {kind}.{number + 1} is now as to {kind}.{number}.")
    return lines
