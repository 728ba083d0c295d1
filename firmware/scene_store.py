"""Writing a desk's state as a scene file: only what differs from the defaults, always in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from firmware import files, scene
from firmware.desk_model import DeskModel
from firmware.desk_places import counted
from firmware.errors import SceneError
from firmware.params import PARAMETERS, Kind, Scope, Value, quoted
from firmware.params.lookup import resolve
from firmware.paths import ensure, scenes_dir
from firmware.scene import Scene
from firmware.scene_format import CURRENT

_KINDS = list(Kind)
_ORDER = {(kind, parameter.name): i for i, parameter in enumerate(PARAMETERS) for kind in parameter.kinds}


def _place(path: str) -> tuple[int, int, int]:
    found = resolve(path)
    return _KINDS.index(found.kind), found.number, _ORDER[found.kind, found.parameter.name]


def text_of(values: Mapping[str, Value], title: str = "") -> str:
    """The text of a scene file with these values, which are written as they are, defaults too."""
    document = tomlkit.document()
    document.add("format", tomlkit.item(CURRENT))
    if title:
        document.add("title", tomlkit.item(title))
    tables: dict[tuple[str, ...], Any] = {}
    for path in sorted(values, key=_place):
        keys = path.split(".")
        head = 1 if resolve(path).kind is Kind.DESK else 2
        table = tables.setdefault(tuple(keys[:head]), tomlkit.table())
        rest = keys[head:]
        table.append(tomlkit.key(rest if len(rest) > 1 else rest[0]), tomlkit.item(values[path]))
    groups: dict[str, Any] = {}
    for strip, table in tables.items():
        if len(strip) == 1:
            groups[strip[0]] = table
        else:
            group = groups.setdefault(strip[0], tomlkit.table(is_super_table=True))
            group.append(strip[1], table)
    for name, group in groups.items():  # only now: a table that was added is a copy
        document.append(name, group)
    return tomlkit.dumps(document)


def merged(model: DeskModel, old: Scene | None) -> dict[str, Value]:
    """What storing the model writes: its differences, and what of the old file this desk could not apply."""
    moments = {path for path, place in model.places.items() if place.scope is Scope.MOMENT}
    values = {path: value for path, value in model.differences().items() if path not in moments}
    if old is not None:
        # A source this desk has not was recalled as another; if it is none of them now, someone has chosen that.
        values |= {
            path: value
            for path, value in scene.beyond(old, model).items()
            if path not in model.places or model.values[path] == scene.applied(model, path, value)
        }
    return values


def store(model: DeskModel, name_or_path: str | Path, title: str | None = None) -> tuple[Path, list[str]]:
    """Write the desk's state to a scene file; the one that was there stays as `….previous`.

    Returns the file and what there is to say. Raises OutputError; SceneError when the title cannot be one, or when a
    file is there that is no readable scene, which is then left alone.
    """
    try:
        scene.TITLE.check(title or "")
    except ValueError as error:
        raise SceneError(f"title = {quoted(title)} {error}.") from None
    path = scene.target(name_or_path)
    if path.parent == scenes_dir():
        ensure(path.parent)
    old = _old(path)
    told = []
    if old is not None:
        kept = len(scene.beyond(old, model))
        if kept:
            told.append(f"{counted(kept, 'value')} that this desk has no place for kept in the file.")
        if old.has_comments:
            told.append(f"The comments of the old file are not in the new one but in {files.previous(path).name}.")
    heading = title if title is not None else old.title if old else ""
    files.write(path, text_of(merged(model, old), heading).encode())
    return path, told


def _old(path: Path) -> Scene | None:
    if not path.exists() and not path.is_symlink():
        return None
    try:
        return scene.load(path)
    except SceneError as error:
        reason = f"{error}\n" if error.problems else ""
        shown = files.name_of(path)
        raise SceneError(f"{reason}{shown} was left as it is; store under another name, or put it right.") from None
