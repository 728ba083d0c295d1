"""`pidesk boards`: the panels' boards, which fits beside which card, and how one is wired."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "The boards of panels and the cards they fit beside; or one board: checked, its wiring as a table and a drawing."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`BOARD`, `--card`, `--svg`, `--markdown`."""
    parser.add_argument("board", nargs="?", help="a board's name or file, to be checked and shown")
    parser.add_argument(
        "--card", metavar="NAME", help="the card profile it is to fit beside; the one it is made for when not given"
    )
    parser.add_argument("--svg", metavar="FILE", type=Path, help="where to draw its wiring")
    parser.add_argument("--markdown", action="store_true", help="all boards as docs/boards.md")


def run(args: argparse.Namespace) -> int:
    """Show all, or one."""
    from firmware import boards, cli, files
    from firmware.errors import UsageError, did_you_mean
    from firmware.surface import board_file, budget_page, wiring, wiring_svg

    if args.board is None:
        if args.svg is not None or args.card is not None:
            raise UsageError("--svg and --card are about one board; name it.")
        print(budget_page.markdown() if args.markdown else budget_page.text() + "\n", end="")
        return 0
    profiles = boards.profiles()
    if args.card is not None and args.card not in profiles:
        known = ", ".join(profiles)
        raise UsageError(f'There is no card profile "{args.card}": {known}.{did_you_mean(args.card, profiles)}')
    name = args.board
    card = profiles.get(args.card)
    board = board_file.load(name, card)
    if card is None and board.card in profiles:
        card = profiles[board.card]
        board = board_file.load(name, card)
    if args.svg is not None:
        files.write(args.svg, wiring_svg.draw(board, card).encode(), keep_previous=False)
    for caution in board_file.cautions(board):
        cli.complain(caution)
    print(wiring.markdown(board) if args.markdown else f"{board.title}\n\n{wiring.text(board)}")
    return 0
