"""`pidesk bench`: how many strips this machine carries, and what each costs; how quick the panel is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.errors import OutputError, UsageError

if TYPE_CHECKING:
    from firmware.bench_report import Report

HELP = (
    "What a strip costs on this machine, at rest and with everything moving, and how many it carries; "
    "or how long it takes from a hand on the panel to the sound."
)
SUBJECTS = ("sound", "surface")
PEER_ROUNDS = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What of, `--json`, `--quick`, `--peers`, `--plot`."""
    parser.add_argument(
        "subject",
        nargs="?",
        choices=SUBJECTS,
        default="sound",
        help="the sound (default), or the surface: panel and hands",
    )
    parser.add_argument(
        "--json", metavar="FILE", help='also write all figures as JSON; "-" writes them alone, to stdout'
    )
    parser.add_argument("--quick", action="store_true", help="few blocks, no compiling: rough figures in seconds")
    parser.add_argument("--peers", action="store_true", help="beside pedalboard and Faust (in a checkout: ./pidesk)")
    parser.add_argument("--plot", metavar="X.png", type=Path, help="also draw the figures")


def run(args: argparse.Namespace) -> int:
    """Measure and show. The peers come first: they say at once when something they need is missing."""
    if args.subject == "surface":
        return _surface(args)
    if args.plot is not None and args.plot.suffix.lower() != ".png":
        raise UsageError("--plot draws PNG pictures; give a name that ends in .png.")
    from firmware import bench_report

    _check_folders(args.plot, args.json)
    peers = _peers(args.quick) if args.peers else {}
    report = {**bench_report.measure(args.quick, _say), **peers}
    _show(report, bench_report.text, args.json)
    if args.plot is not None:
        bench_report.plot(report, args.plot)
    return 0


def _surface(args: argparse.Namespace) -> int:
    if args.peers or args.plot is not None:
        raise UsageError("--peers and --plot are for the sound; pidesk bench surface knows --json and --quick.")
    from firmware.surface import bench

    _check_folders(args.json)
    _show(bench.measure(args.quick, _say), bench.text, args.json)
    return 0


def _check_folders(*names: str | Path | None) -> None:
    from firmware import files

    for name in names:
        if name not in (None, "-") and not Path(name).absolute().parent.is_dir():
            raise OutputError(f"{files.name_of(Path(name))} cannot be written: its folder does not exist.")


def _show(report: Report, text: Callable[[Report], str], json: str | None) -> None:
    from firmware import files

    if json == "-":
        print(_as_json(report))
        return
    print(text(report))
    if json is not None:
        files.write(Path(json), _as_json(report).encode() + b"\n", keep_previous=False)


def _say(line: str) -> None:
    print(f"bench: {line} …", file=sys.stderr, flush=True)


def _as_json(report: Report) -> str:
    import json

    return json.dumps(report, indent=2, ensure_ascii=False)


def _peers(quick: bool) -> Report:
    # The comparison is a test, kept where the tests are: an installed pidesk has neither.
    import importlib

    root = Path(__file__).resolve().parents[2]
    if not (root / "tests" / "bench" / "peers.py").is_file():
        raise UsageError("--peers works from a checkout only: ./pidesk bench --peers.")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    found: Report = importlib.import_module("tests.bench.peers").measure(1 if quick else PEER_ROUNDS, _say)
    return found
