"""`pidesk scene`: scene files, and the scenes of the running desk."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "Check, show, compare and list scene files; recall and store them on the running desk."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command for each thing that can be done with a scene."""
    what = parser.add_subparsers(dest="what", required=True, metavar="check|show|diff|list|recall|store")
    scene = "a file, or the name of a scene"

    check = what.add_parser("check", help="say all that is wrong with scene files")
    check.add_argument("scenes", nargs="+", metavar="SCENE", help=scene)
    check.add_argument("--channels", type=int, help="of the desk it is for (default: as configured)")
    check.add_argument("--size", metavar="NAME", help="of the desk it is for: small, standard, large, huge")
    check.add_argument("--inputs", type=int, default=32, help="of its card (default 32)")
    check.add_argument("--outputs", type=int, default=32, help="of its card (default 32)")
    check.set_defaults(act=_check)

    show = what.add_parser("show", help="what a scene says, in words")
    show.add_argument("scene", metavar="SCENE", help=scene)
    show.add_argument("--json", action="store_true", help="for a program")
    show.set_defaults(act=_show)

    diff = what.add_parser("diff", help="what differs between two scenes")
    diff.add_argument("scene", metavar="SCENE", help=scene)
    diff.add_argument("other", metavar="OTHER", help=scene)
    diff.add_argument("--json", action="store_true", help="for a program")
    diff.set_defaults(act=_diff)

    what.add_parser("list", help="the scenes that can be called by name").set_defaults(act=_list)

    recall = what.add_parser("recall", help="set the running desk to a scene")
    recall.add_argument("scene", metavar="SCENE", help=scene)
    recall.add_argument(
        "--everything", action="store_true", help="also main fader, solo, monitor, outputs and their ceilings"
    )
    recall.set_defaults(act=_recall)

    store = what.add_parser("store", help="write the running desk's state to a scene")
    store.add_argument("scene", metavar="SCENE", help="a name, or a file")
    store.add_argument("--title", help="a line that says what it is")
    store.set_defaults(act=_store)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    code: int = args.act(args)
    return code


def _check(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from firmware import cli, desk_config, scene
    from firmware.desk_places import counted
    from firmware.errors import SceneError, UsageError
    from firmware.params import MAX_PLAYS

    try:
        desk = desk_config.load(size=args.size)
        if args.channels is not None:
            desk = replace(desk, channels=args.channels)
        model = desk.model(replace(desk, plays=MAX_PLAYS).size(args.inputs, args.outputs))
    except ValueError as error:
        raise UsageError(f"{str(error).capitalize()}.") from None
    code = 0
    for name in args.scenes:
        try:
            found = scene.load(scene.find(name))
        except SceneError as error:
            cli.complain(str(error))
            code = 1
            continue
        print(f"{found.file} is in order: {counted(len(found.values), 'value')}.")
        for note in scene.notes(found, model):
            print(f"{found.file}: {note}")
    return code


def _show(args: argparse.Namespace) -> int:
    from firmware import scene, scene_show

    found = scene.load(scene.find(args.scene))
    print(
        json.dumps(scene_show.as_json(found), indent=2, ensure_ascii=False) if args.json else scene_show.as_text(found)
    )
    return 0


def _diff(args: argparse.Namespace) -> int:
    from firmware import scene, scene_show

    changes = scene_show.differences(scene.load(scene.find(args.scene)), scene.load(scene.find(args.other)))
    if args.json:
        plain = {path: [scene_show.plain(value) for value in pair] for path, pair in changes.items()}
        print(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        print(scene_show.differences_as_text(changes))
    return 0


def _list(_: argparse.Namespace) -> int:
    from firmware import files, scene
    from firmware.errors import SceneError

    names = scene.names()
    width = max((len(name) for name in names), default=0)
    for name in names:
        path = scene.find(name)
        try:
            title = scene.load(path).title
        except SceneError:
            title = "(cannot be read: pidesk scene check says why)"
        print(f"{files.name_of(Path(name)):<{width}}  {title}".rstrip())
    return 0


def _recall(args: argparse.Namespace) -> int:
    from firmware import scene
    from firmware.errors import SceneError

    try:
        path = scene.find(args.scene)
    except SceneError:
        asked = args.scene  # the desk may run as another user, who has scenes of his own
    else:
        scene.load(path)
        asked = str(path.resolve())
    return _ask({"do": "recall", "scene": asked, "everything": args.everything})


def _store(args: argparse.Namespace) -> int:
    from firmware import scene

    path = scene.target(args.scene)
    asked = str(path.resolve()) if "/" in args.scene or args.scene.endswith(".toml") else args.scene
    request = {"do": "store", "scene": asked}
    return _ask(request | ({"title": args.title} if args.title is not None else {}))


def _ask(request: dict[str, object]) -> int:
    from firmware import control

    answer = control.ask(request)
    if "file" in answer:
        print(f"Stored in {answer['file']}.")
    for note in answer.get("notes", []):
        print(note)
    return 0
