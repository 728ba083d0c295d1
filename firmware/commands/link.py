"""`pidesk link`: joins two strips of the running desk into a stereo one, or parts them."""

from __future__ import annotations

import argparse

HELP = (
    "Join a strip of an odd number with the one after it (on), or part them (off), while the desk runs. What is to be "
    "so at the next start stands in desk.toml under stereo."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("strip", metavar="STRIP", help="channel.3, bus.1, matrix.1")
    parser.add_argument("state", choices=("on", "off"))


def run(args: argparse.Namespace) -> int:
    """Ask the running desk."""
    from firmware import control
    from firmware.errors import UsageError

    if not args.strip.strip():
        raise UsageError("Say which strip: channel.3, bus.1, matrix.1.")
    answer = control.ask({"do": "link", "strip": args.strip, "stereo": args.state == "on"})
    for line in answer["notes"]:
        print(line)
    stereo = answer["stereo"]
    print(f"Stereo strips: {', '.join(stereo)}." if stereo else "No strip is stereo now but the mains and the returns.")
    return 0
