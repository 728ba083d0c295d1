"""`pidesk latency`: how late each way through the desk is."""

from __future__ import annotations

import argparse

HELP = "How late each way through the desk is, in frames and milliseconds, at the configured rate and period."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--rate", type=int, metavar="HZ", help="sample rate (default: as configured)")
    parser.add_argument("--period", type=int, metavar="FRAMES", help="frames of a period (default: as configured)")
    parser.add_argument(
        "--periods", type=int, metavar="N", help="periods of the card's buffer (default: as configured)"
    )
    parser.add_argument("--json", action="store_true", help="for a program")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    import json

    from firmware import desk_config, latency
    from firmware.errors import UsageError

    desk = desk_config.load()
    rate_hz = desk.rate_hz if args.rate is None else args.rate
    period, periods = (
        own if given is None else given
        for own, given in ((desk.period_frames, args.period), (desk.periods, args.periods))
    )
    if rate_hz not in desk_config.RATES_HZ or period not in desk_config.PERIODS_FRAMES or periods not in (2, 3, 4):
        rates = ", ".join(map(str, desk_config.RATES_HZ))
        raise UsageError(f"A desk runs at {rates} Hz, with 2 to 4 periods of a multiple of 32 up to 1024 frames.")
    if args.json:
        keys = ("way", "frames", "desk_ms", "with_buffers_ms")
        rows = [dict(zip(keys, row, strict=True)) for row in latency.table(rate_hz, period, periods)]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print(latency.text(rate_hz, period, periods))
    return 0
