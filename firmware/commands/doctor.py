"""`pidesk doctor`: looks for what is wrong with this machine."""

from __future__ import annotations

import argparse

HELP = "Look for what is wrong with this machine and say what to do about it. Ends with 1 if something is in the way."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="for a program")


def run(args: argparse.Namespace) -> int:
    """Examine and show; 1 if anything is bad."""
    from firmware import doctor
    from firmware.findings import BAD

    found = doctor.examine()
    if args.json:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        width = max(len(finding.what) for finding in found)
        for finding in found:
            remedy = f" → {finding.remedy}" if finding.remedy else ""
            print(f"{finding.level:<4}  {finding.what:<{width}}  {finding.found}{remedy}")
    return int(any(finding.level == BAD for finding in found))
