"""What a panel remembers of itself from one start to the next: its settings, and that it has been started at all.

brightness = 7 # 0 to 10
saver_minutes = 10 # 0: never
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from firmware import files, paths, toml_lines
from firmware.errors import ConfigError, FileError
from firmware.surface.settings import BRIGHTEST, SAVER_MINUTES, Settings


def path() -> Path:
    """The file; it need not exist."""
    return paths.state_dir() / "panel.toml"


def load() -> tuple[Settings, bool, list[str]]:
    """The settings, whether a panel has been started here before, and what is wrong, in sentences.

    A file that is broken stands back for the one before it, a value that is none for the usual one.
    """
    wrong: list[str] = []
    there = [one for one in (path(), files.previous(path())) if one.exists()]
    for one in there:
        try:
            table, _ = toml_lines.load(one, ConfigError)
        except FileError as error:
            wrong.append(str(error))
            continue
        return _settings(table), True, wrong
    return Settings(), bool(there), wrong


def save(settings: Settings) -> None:
    """Keep them. Raises OutputError."""
    paths.ensure(path().parent)
    lines = ["# Kept by the panel: page Setup.", *(f"{name} = {value}" for name, value in asdict(settings).items())]
    files.write(path(), ("\n".join(lines) + "\n").encode())


def _settings(table: dict[str, Any]) -> Settings:
    usual = Settings()
    brightness, minutes = table.get("brightness"), table.get("saver_minutes")
    return Settings(
        brightness if type(brightness) is int and 0 <= brightness <= BRIGHTEST else usual.brightness,
        minutes if type(minutes) is int and minutes in SAVER_MINUTES else usual.saver_minutes,
    )
