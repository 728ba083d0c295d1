"""Where each fader's two ends are, as `pidesk learn` has found them: one small file for each board.

    [faders]
    "fader.1" = [0.0021, 0.9987]  # the ratio to the pots' supply at the bottom and at the top

A pot that is wired the other way round has the larger number first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware import files, paths, toml_lines
from firmware.errors import ConfigError, FileError
from firmware.surface.roles import FADERS

Ends = dict[str, tuple[float, float]]
LEAST_TRAVEL = 0.5
"""Of the supply: a fader that covers less has not been moved from end to end."""


def path_of(board: str) -> Path:
    """The file of a board's calibration; it need not exist."""
    return paths.state_dir() / "calibration" / f"{board}.toml"


def load(board: str) -> tuple[Ends, list[str]]:
    """The ends of a board's faders, lower first, as ratios from 0 to 1; and what is wrong, in sentences.

    A file that is broken stands back for the one before it: a desk plays with whatever is left.
    """
    path, wrong = path_of(board), []
    for one in (path, files.previous(path)):
        if not one.exists():
            continue
        try:
            table, _ = toml_lines.load(one, ConfigError)
        except FileError as error:
            wrong.append(str(error))
            continue
        ends = {name: found for name, given in _faders(table).items() if (found := _ends(name, given)) is not None}
        if len(ends) < len(_faders(table)):
            wrong.append(f"{files.name_of(one)} has faders without two ends; run pidesk learn again.")
        return ends, wrong
    return {}, wrong


def save(board: str, ends: Mapping[str, tuple[float, float]]) -> Path:
    """Keep the ends of a board's faders and return the file. Raises OutputError."""
    path = path_of(board)
    paths.ensure(path.parent)
    lines = [
        "# Made by pidesk learn: the ratio to the pots' supply at the bottom and at the top of each fader.",
        "[faders]",
    ]
    lines += [f'"{name}" = [{low:.5f}, {high:.5f}]' for name, (low, high) in ends.items()]
    files.write(path, ("\n".join(lines) + "\n").encode())
    return path


def _faders(table: dict[str, Any]) -> dict[str, Any]:
    given = table.get("faders", {})
    return given if isinstance(given, dict) else {"": given}


def _ends(name: str, given: object) -> tuple[float, float] | None:
    if name not in FADERS or not isinstance(given, list) or len(given) != 2:
        return None
    if not all(type(end) in (int, float) and 0.0 <= end <= 1.0 for end in given):
        return None
    low, high = float(given[0]), float(given[1])
    return (low, high) if abs(high - low) >= LEAST_TRAVEL else None
