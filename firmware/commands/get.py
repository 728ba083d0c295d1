"""`pidesk get`: values of the running desk."""

from __future__ import annotations

import argparse

HELP = "A value of the running desk; without a path all that are not at their defaults."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("path", nargs="?", metavar="PATH", help="as pidesk params lists them: channel.3.fader_db")
    parser.add_argument("--json", action="store_true", help="for a program")


def run(args: argparse.Namespace) -> int:
    """Ask the running desk and print."""
    import json

    from firmware import control
    from firmware.params.lookup import resolve

    if args.path is None:
        values = control.ask({"do": "values"})["values"]
    else:
        values = {args.path: control.ask({"do": "get", "path": args.path})["value"]}
    if args.json:
        print(json.dumps(values, indent=2, ensure_ascii=False))
        return 0
    width = max(map(len, values), default=0)
    for path, value in values.items():
        number = float(value) if value in ("-inf", "inf") else value
        print(f"{path:<{width}}  {resolve(path).parameter.type.show(number)}".rstrip())
    return 0
