"""Scenes: reading them, what of one a desk can apply, what a recall changes.

A scene file is TOML, `format = 1`, nested by path, and says only what differs from its format's frozen defaults
(docs/scenes.md). Reading one reports all that is wrong at once; what only a larger desk has is not wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import config
from firmware import files, paths, toml_lines
from firmware.desk_model import DeskModel
from firmware.desk_places import count_of, counted, fitting, refusal
from firmware.errors import Problem, SceneError, did_you_mean
from firmware.image import IN_PLACE, SOLO_MODE
from firmware.params import PREFIX, Scope, Text, Value, quoted
from firmware.params.lookup import resolve
from firmware.scene_check import check
from firmware.scene_format import CURRENT, Table, migrate
from firmware.solos import EXCLUSIVE, solos_on
from firmware.toml_lines import Keys

TITLE = Text(60)

Changes = list[tuple[str, Value]]


@dataclass(frozen=True)
class Scene:
    """What a scene file says: `values` by path in the order of the file, those of a larger desk included."""

    values: dict[str, Value] = field(default_factory=dict)
    title: str = ""
    file: str = ""
    has_comments: bool = False


def find(name_or_path: str | Path) -> Path:
    """The file of a scene: the path itself, or by name the user's own, else one that comes with Pidesk.

    Raises SceneError with the nearest name there is.
    """
    given = str(name_or_path)
    if "/" in given or given.endswith(".toml"):
        return Path(given)
    for candidate in (paths.scenes_dir() / f"{given}.toml", config.path(f"scenes/{given}.toml")):
        if _is_file(candidate):
            return candidate
    if _is_file(Path(given)):
        return Path(given)
    hint = did_you_mean(given, names()) or ' "pidesk scene list" shows them.'
    raise SceneError(f"There is no scene {quoted(given)}.{hint}")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long a name, a folder one may not look into
        return False


def target(name_or_path: str | Path) -> Path:
    """Where a scene of that name or path is stored. A name goes to the user's scenes. Raises SceneError."""
    given = str(name_or_path)
    if "/" in given or given.endswith(".toml"):
        return Path(given)
    if not given or given.startswith(".") or not given.isprintable() or len(given.encode()) > 200:
        raise SceneError(f"{quoted(given)} is not a possible name for a scene.")
    return paths.scenes_dir() / f"{given}.toml"


def names() -> list[str]:
    """All scenes that can be called by name, sorted."""
    folder = paths.scenes_dir()
    own = {file.stem for file in folder.glob("*.toml")} if folder.is_dir() else set()
    return sorted(own | set(config.names("scenes")))


def load(path: str | Path) -> Scene:
    """Read and check a scene file. Raises SceneError that lists all that is wrong with it."""
    file = Path(path)
    return parse(files.read_text(file, SceneError), files.name_of(file))


def parse(text: str, name: str = "scene") -> Scene:
    """As `load`, from a text; `name` is what messages call it. Raises SceneError."""
    raw, lines = toml_lines.parse(text, name, SceneError)
    number = _format(raw, lines, name)
    table = migrate(raw, number)
    values, problems = check(table, lines, name)
    title = ""
    try:
        title = TITLE.check(table.get("title", ""))
    except ValueError as error:
        sentence = f"title = {quoted(table['title'])} {error}."
        problems.append(Problem(name, lines.get(("title",), 1), sentence))
    if problems:
        raise SceneError(problems)
    return Scene(values, title, name, toml_lines.has_comments(text))


def _format(table: Table, lines: dict[Keys, int], name: str) -> int:
    number = table.get("format")
    line = lines.get(("format",), 1)
    if number is None:
        raise SceneError(Problem(name, None, f"does not say its format; put format = {CURRENT} in its first line."))
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        known = "format 1" if CURRENT == 1 else f"formats 1 to {CURRENT}"
        sentence = f"format = {quoted(number)} is not possible: this Pidesk knows {known}; write format = {CURRENT}."
        raise SceneError(Problem(name, line, sentence))
    if number > CURRENT:
        sentence = (
            f"this scene is of format {quoted(number)}, this Pidesk knows formats up to {CURRENT}; update Pidesk."
        )
        raise SceneError(Problem(name, line, sentence))
    return number


def beyond(scene: Scene, model: DeskModel) -> dict[str, Value]:
    """What of a scene a desk cannot apply: strips, outputs and inputs it does not have, sides it has joined."""
    return {path: value for path, value in scene.values.items() if why_not(model, path, value)}


def why_not(model: DeskModel, path: str, value: Value) -> str:
    """Why a desk cannot apply a value of a scene; "" where it can."""
    place = model.places.get(path)
    if place is not None:
        return refusal(place, value, model.size, model.stereo)
    found = resolve(path)
    if found.number > count_of(found.kind, model.size):
        return f"this desk has {counted(count_of(found.kind, model.size), found.kind)}"
    if (found.kind, found.number - 1) in model.stereo and found.number % 2 == 0:
        return f"{found.kind}.{found.number} is the right side of {found.kind}.{found.number - 1}"
    if found.parameter.stereo_only:
        return "that strip is mono"
    return "this desk has nothing there to send to"


def notes(scene: Scene, model: DeskModel) -> list[str]:
    """A sentence for each reason why something of a scene cannot be applied on this desk."""
    missing: dict[tuple[str, str], int] = {}
    single: list[str] = []
    for path, value in beyond(scene, model).items():
        why = why_not(model, path, value)
        if path in model.places:
            instead = applied(model, path, value)
            heard = f"; {instead} instead" if instead not in ("none", "self") else ""
            single.append(f"{path} = {value} cannot be applied: {why}{heard}.")
        else:
            found = resolve(path)
            of = PREFIX[found.kind].replace("N", str(found.number)).rstrip(".")
            missing[why, of] = missing.get((why, of), 0) + 1
    told = []
    for why in dict.fromkeys(why for why, _ in missing):
        strips = {of: count for (reason, of), count in missing.items() if reason == why}
        which = f"{', '.join(strips)} ({counted(sum(strips.values()), 'value')})"
        told.append(f"{which} cannot be applied: {why}.")
    return told + single


def wanted(model: DeskModel, scene: Scene) -> dict[str, Value]:
    """The value a scene gives to every parameter of this desk: its own, or where it is silent the default.

    A source that this desk has not is none: silence, and not whatever happened to be patched.
    """
    known = {path: value for path, value in scene.values.items() if path in model.places}
    return {**model.defaults, **{path: applied(model, path, value) for path, value in known.items()}}


def applied(model: DeskModel, path: str, value: Value) -> Value:
    """What a scene's value for a place of this desk comes to there (`firmware.desk_places.fitting`)."""
    return fitting(model.places[path], value, model.size, model.stereo)


def plan_recall(model: DeskModel, scene: Scene, everything: bool = False) -> tuple[Changes, list[str]]:
    """What recalling a scene changes on this desk, and what there is to say about it. The model is left as it is.

    Without `everything`, what is recall-safe stays: main fader and mute, solo, monitor, outputs and their ceilings.
    What is on for a moment stays always; solo in place, which the audience would hear, is never begun by a scene. Of
    several solos of a scene the last is kept where solos are exclusive.
    """
    changes: Changes = []
    kept, dropped = 0, False
    values = wanted(model, scene)
    solos = solos_on(values) if everything and values[EXCLUSIVE] is True else []
    values |= dict.fromkeys(solos[:-1], False)
    for path, value in values.items():
        if value == model.values[path] or model.places[path].scope is Scope.MOMENT:
            continue
        if everything and path == SOLO_MODE and value == IN_PLACE:
            dropped = True
            continue
        if everything or model.places[path].scope is Scope.SCENE:
            changes.append((path, value))
        elif path in scene.values:
            kept += 1
    told = notes(scene, model)
    if dropped:
        told.append(f"{SOLO_MODE} = {IN_PLACE} of the scene left alone: solo in place is begun by hand only.")
    if len(solos) > 1:
        told.append(f"Solos are exclusive: of {len(solos)} in the scene only {solos[-1]} is on.")
    if kept:
        told.append(f"{counted(kept, 'recall-safe value')} of the scene left alone (main fader, monitor, outputs).")
    return changes, told


def apply(model: DeskModel, scene: Scene, everything: bool = True) -> list[str]:
    """Set the model to a scene and return what there is to say about it. For a desk that is not yet sounding."""
    changes, told = plan_recall(model, scene, everything)
    model.values.update(changes)
    return told
