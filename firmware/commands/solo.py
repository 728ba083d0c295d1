"""`pidesk solo`: ends all solos of the running desk, or brings the last ones back."""

from __future__ import annotations

import argparse

HELP = "End every solo and key listen of the running desk (clear), or bring back those that were ended last (again)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("action", choices=("clear", "again"))


def run(args: argparse.Namespace) -> int:
    """Ask the running desk."""
    from firmware import control

    solos = control.ask({"do": "solo", "action": args.action})["solos"]
    names = ", ".join(path.removesuffix(".solo") for path in solos)
    if args.action == "clear":
        print(f"Ended: {names}." if names else "Nothing was soloed.")
    else:
        print(f"Soloed: {names}." if names else "Nothing to bring back.")
    return 0
