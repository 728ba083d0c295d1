"""`pidesk play`: the stems of the running desk."""

from __future__ import annotations

import argparse

HELP = (
    "Start or stop the stems that the running desk plays (pidesk run --play FOLDER), go to a place in them, or tell "
    "where they are."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("action", choices=("start", "stop", "locate", "status"))
    parser.add_argument("at_s", nargs="?", type=float, metavar="SECONDS", help="for locate: where to")


def run(args: argparse.Namespace) -> int:
    """Ask the running desk."""
    from firmware import control
    from firmware.errors import UsageError

    if args.at_s is not None and args.action != "locate":
        raise UsageError(f"pidesk play {args.action} takes no SECONDS: only locate does.")
    wanted_s = 0.0 if args.at_s is None else args.at_s
    if args.action == "status":
        found = control.ask({"do": "status"})["status"]["playback"]
        if found is None:
            raise UsageError("No stems are loaded; start the desk with --play FOLDER, or name one in desk.toml.")
    else:
        found = control.ask({"do": "play", "action": args.action, "at_s": wanted_s})["playback"]
    length_s = found["length_s"]
    # What was asked for: the player may not be there yet
    at_s = wanted_s % length_s if args.action == "locate" and length_s else found["position_s"]
    print(f"{'playing' if found['playing'] else 'stopped'} at {at_s:.1f} of {length_s:.1f} s")
    return 0
