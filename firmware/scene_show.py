"""Scenes as text for a person or a program: one scene, or what differs between two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from firmware.params import PREFIX, Kind, Value
from firmware.params.lookup import Found, resolve
from firmware.scene import Scene
from firmware.scene_format import CURRENT


def strip_of(found: Found) -> str:
    """What a parameter belongs to: "channel.3", "main.lr", "desk"."""
    return PREFIX[found.kind].replace("N", str(found.number)).rstrip(".") or str(Kind.DESK)


def as_text(scene: Scene) -> str:
    """What a scene says, strip by strip, as a desk would show it."""
    differ = "1 value differs" if len(scene.values) == 1 else f"{len(scene.values)} values differ"
    lines = [f"{scene.title or 'Scene'} ({scene.file}): {differ} from the defaults"]
    at = ""
    for path, value in scene.values.items():
        found = resolve(path)
        strip = strip_of(found)
        if strip != at:
            name = scene.values.get(f"{strip}.name", "")
            lines += ["", f"{strip}  {name}".rstrip()]
            at = strip
        if found.parameter.name != "name":
            lines.append(f"  {found.parameter.name:<22} {found.parameter.type.show(value)}")
    return "\n".join(lines)


def plain(value: Value) -> Value:
    """A value as JSON can carry it: infinities are the texts "inf" and "-inf"."""
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def as_json(scene: Scene) -> dict[str, Any]:
    """The same for a program."""
    values = {path: plain(value) for path, value in scene.values.items()}
    return {"format": CURRENT, "title": scene.title, "values": values}


def differences(one: Scene, other: Scene) -> dict[str, tuple[Value, Value]]:
    """Where two scenes mean different values, by path; a path that one leaves unsaid counts as its default."""
    found: dict[str, tuple[Value, Value]] = {}
    for path in [*one.values, *(path for path in other.values if path not in one.values)]:
        default = resolve(path).default
        pair = (one.values.get(path, default), other.values.get(path, default))
        if pair[0] != pair[1]:
            found[path] = pair
    return found


def differences_as_text(changes: Mapping[str, tuple[Value, Value]]) -> str:
    """One line for each difference."""
    if not changes:
        return "The two scenes say the same."
    width = max(map(len, changes))
    lines = []
    for path, (before, after) in changes.items():
        show = resolve(path).parameter.type.show
        lines.append(f"{path:<{width}}  {show(before) or '(empty)'} → {show(after) or '(empty)'}")
    return "\n".join(lines)
