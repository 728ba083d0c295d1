"""The desk's own data: sizes, scenes, formats, cards. Read-only defaults; a user's files live elsewhere."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """A file of the package: `path("scenes/flat.toml")`. It need not exist."""
    return FOLDER / name


def names(folder: str) -> list[str]:
    """The TOML files in a folder of the package, without their endings, sorted."""
    return sorted(file.stem for file in (FOLDER / folder).glob("*.toml"))
