"""`pidesk status`: how the running desk is."""

from __future__ import annotations

import argparse
from typing import Any

HELP = (
    "How the running desk is: card, load, xruns, scene. Ends with 1 when no desk is running or its sound stands still."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="for a program")


def run(args: argparse.Namespace) -> int:
    """Ask the desk and show what it says."""
    import json

    from firmware import control

    found = control.ask({"do": "status"})["status"]
    if args.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print(text(found))
    return 0 if found["state"] == "running" else 1


def text(found: dict[str, Any]) -> str:
    """The status in lines for a person."""
    load, desk = found["dsp_load"], found["desk"]
    kinds = ("channels", "buses", "effects", "matrices")
    size = ", ".join(f"{desk[kind]} {kind}" for kind in kinds) + f", {desk['inputs']} in, {desk['outputs']} out"
    trouble = f"{found['xruns']} xruns, {found['stalls']} stalls, card gone {found['card_gone']} times"
    locked = "locked" if found["memory_locked"] else "not locked"
    priority = f"priority {found['realtime_priority'] or 'ordinary'}"
    lines = [
        found["state"] + (f": {found['message']}" if found["message"] else ""),
        f"card      {found['card']}, {found['rate_hz']} Hz, {found['period_frames']} × {found['periods']} frames",
        f"desk      {size}, scene {found['scene'] or '–'}",
        f"outputs   {', '.join(f'{k} {source}' for k, source in enumerate(found['carries'], 1))}",
        f"load      {load['median']:.1%} median, {load['p999']:.1%} p99.9, {load['max']:.1%} max",
        f"since     {found['clock_s']:.0f} s: {trouble}, engine restarted {found['restarts']} times",
        f"engine    {found['engine_rss_mb']:.0f} MB, {priority}, memory {locked}",
    ]
    if found["playback"]:
        stems = found["playback"]
        place = (
            f"{'playing' if stems['playing'] else 'stopped'} at {stems['position_s']:.1f} of {stems['length_s']:.1f} s"
        )
        lines.append(
            f"stems     {place}, {found['play_late_frames']} frames late, player restarted {stems['restarts']} times"
        )
        if stems["trouble"]:
            lines.append(f"          {stems['trouble']}")
    if found["panel"]:
        lines += panel_lines(found["panel"])
    if found["events_waiting"]:
        lines.append(f"waiting   {found['events_waiting']} changes wait for the engine")
    return "\n".join(lines)


def panel_lines(panel: dict[str, Any]) -> list[str]:
    """How the panel is: its chips in one line, each that is lost in one of its own."""
    chips = panel["chips"]
    lost = [chip for chip in chips if chip["health"] != "good"]
    good = f"{len(chips) - len(lost)} of {len(chips)} chips answer"
    told = (f"          {chip['name']} {chip['health']}: {chip['reason'] or 'no reason known'}" for chip in lost)
    return [f"panel     {panel['board']}: {panel['trouble'] or good}", *told]
