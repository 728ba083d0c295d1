"""Everything that can go wrong and be told to a person: one root, one class per failure, each also the builtin it is.

The message is one plain sentence with the remedy. `firmware.cli` prints it and ends with `exit_code`; nothing of this
family is ever shown as a traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class PideskError(Exception):
    """Root of all errors meant for people. `exit_code` is what the process ends with."""

    exit_code = 1


class UsageError(PideskError):
    """The command line makes no sense."""

    exit_code = 2


class ParameterError(PideskError, ValueError):
    """A parameter does not exist or cannot take that value."""


MOST_TOLD = 100


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file. `text` is a sentence about line `line` (from 1); where that is None it goes on
    after the file's name: "does not exist."."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.file} {self.text}" if self.line is None else f"{self.file}, line {self.line}: {self.text}"


class FileError(PideskError, ValueError):
    """A file cannot be used. `problems` lists all that is wrong with it, in the order of its lines."""

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            self.problems: tuple[Problem, ...] = ()
            super().__init__(problems)
            return
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = tuple(sorted(found, key=lambda p: (p.file, p.line or 0)))
        told = [str(p) for p in self.problems[:MOST_TOLD]]
        if len(self.problems) > MOST_TOLD:
            told.append(f"… and {len(self.problems) - MOST_TOLD} more.")
        super().__init__("\n".join(told))


class SceneError(FileError):
    """A scene cannot be read, or says something no desk can do."""


class ConfigError(FileError):
    """A configuration file cannot be used."""


class AudioFileError(FileError):
    """A sound file cannot be read or is not what the desk needs."""


class NoDeskRunning(PideskError, ConnectionError):
    """No running desk answers."""


class EngineDied(PideskError, RuntimeError):
    """The engine process ended when it should not have."""


class OutputError(PideskError, OSError):
    """Something could not be written: disk full, no permission, the folder is gone."""


class SetupError(PideskError, RuntimeError):
    """Something this machine needs is missing."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`' Did you mean "x"?'` with the known name nearest to `name`, or nothing when none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""
