"""`pidesk params`: the reference of all parameters."""

from __future__ import annotations

import argparse

HELP = "Every parameter of the desk: path, range, default, and what it is."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json`, `--markdown`."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for a program")
    form.add_argument("--markdown", action="store_true", help="as docs/parameters.md")


def run(args: argparse.Namespace) -> int:
    """Print the reference."""
    from firmware.params import reference

    if args.json:
        import json

        print(json.dumps(reference.as_json(), indent=2, ensure_ascii=False))
    elif args.markdown:
        print(reference.markdown(), end="")
    else:
        print(reference.text())
    return 0
