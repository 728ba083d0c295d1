"""`pidesk set`: moves a parameter of the running desk."""

from __future__ import annotations

import argparse

HELP = (
    "Move a parameter of the running desk: pidesk set channel.3.fader_db -- -5. The value as a desk shows it, or bare."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("path", metavar="PATH", help="as pidesk params lists them: channel.3.fader_db, bus.1.mute")
    parser.add_argument("value", metavar="VALUE", help='"-5 dB", -5, 1.2 kHz, on, in.3; a negative one after --')
    parser.add_argument("--over-ms", type=float, metavar="MS", help="glide for so long (default: the parameter's own)")
    parser.add_argument("--sure", action="store_true", help="yes, also what the audience hears at once: solo in place")


def run(args: argparse.Namespace) -> int:
    """Ask the running desk."""
    from firmware import control
    from firmware.errors import ParameterError, UsageError, did_you_mean
    from firmware.params import quoted
    from firmware.params.lookup import FEEDS_BACK, feeds_back, leaves, resolve, schema

    if not args.path.strip():
        raise UsageError("Say which parameter; pidesk params lists them all.")
    if feeds_back(args.path):
        raise ParameterError(f"{args.path} is not possible: {FEEDS_BACK}.")
    try:
        kind = resolve(args.path).parameter.type
    except KeyError:
        hint = did_you_mean(args.path[:80], (path.replace("N", "1") for path in leaves(schema())))
        raise ParameterError(f"No desk has {args.path[:80]}.{hint}") from None
    try:
        value = kind.read(args.value)
    except ValueError as error:
        wrong = str(error)
        starts = f"{args.path}: " if wrong.startswith('"') else f"{args.path} = {quoted(args.value)} "
        raise ParameterError(f"{starts}{wrong}.") from None
    request = {"do": "set", "path": args.path, "to": value, "over_ms": args.over_ms, "sure": args.sure}
    answer = control.ask({key: item for key, item in request.items() if item is not None})["value"]
    kept = float(answer) if answer in ("-inf", "inf") else answer
    print(f"{args.path} is {kind.show(kept)}.")
    return 0
