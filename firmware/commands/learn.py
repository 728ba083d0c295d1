"""`pidesk learn`: the guided first start of a panel."""

from __future__ import annotations

import argparse
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.panel import Panel
    from firmware.surface.board_file import BoardFile

HELP = (
    "The first start of a panel: every control is touched once and answers here and on the display, both ends of every "
    "fader are found and kept. Ends with 1 if a control did not answer."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--board`, `--simulated`."""
    parser.add_argument("--board", metavar="NAME", help="the panel's board or file; as in desk.toml when not given")
    parser.add_argument("--simulated", action="store_true", help="a simulated panel with hands; nothing is kept")


def run(args: argparse.Namespace) -> int:
    """Guide, keep what was found, print the wiring."""
    from firmware.surface import calibration, learn_run

    board = _board(args.board, simulated=args.simulated)
    print(f"{board.title}. Enter goes on to the next part.")
    with _panel(board, simulated=args.simulated) as panel:
        learner = learn_run.run(
            board, panel, say=print, now_ns=time.monotonic_ns, sleep_s=time.sleep, skip=_enter_pressed
        )
    print()
    print("\n".join(learner.report()))
    ends = learner.ends()
    if ends and not args.simulated:
        kept, _ = calibration.load(board.key)  # of a fader that was not touched today
        print(f"Kept in {calibration.save(board.key, {**kept, **ends})}.")
    return int(bool(learner.missing()))


def _board(name: str | None, *, simulated: bool) -> BoardFile:
    from firmware import control, desk_config
    from firmware.errors import NoDeskRunning, PideskError, UsageError
    from firmware.surface import board_file
    from firmware.surface.beside import card_of

    desk = desk_config.load()
    name = name or desk.board or ("reference" if simulated else "")
    if not name:
        raise UsageError(
            f'Name the panel\'s board: --board NAME, or board = "…" in desk.toml ({", ".join(board_file.names())}).'
        )
    if not simulated:
        with suppress(NoDeskRunning):
            control.ask({"do": "status"})
            raise PideskError("A desk is running and has the panel; stop it first: sudo systemctl stop pidesk.")
    return board_file.load(name, None if simulated else card_of(desk))


@contextmanager
def _panel(board: BoardFile, *, simulated: bool) -> Iterator[Panel]:
    """The panel, started; a simulated one has its hands."""
    from drivers.panel import Panel

    if not simulated:
        panel = Panel(board.panel)
        panel.start()
        try:
            yield panel
        finally:
            panel.close()
        return
    from drivers.simulated.hands import Hands
    from drivers.simulated.panel import simulated_panel
    from drivers.simulated.script import parse
    from firmware.surface.learn_simulated import script

    rehearsed = simulated_panel(board.panel)
    hands = Hands(parse(script(board.panel), board.panel), rehearsed.world, plug=rehearsed.plug)
    rehearsed.start()
    hands.start()
    try:
        yield rehearsed
    finally:
        hands.close()
        rehearsed.close()


def _enter_pressed() -> bool:
    if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0.0)[0]:
        return False
    return bool(sys.stdin.readline())
