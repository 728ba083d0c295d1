"""A board file as it was read: its sections, where each stands, and what is wrong with them."""

from __future__ import annotations

from typing import Any

from firmware.errors import ConfigError, Problem, did_you_mean
from firmware.params import quoted
from firmware.surface.header import LINES
from firmware.toml_lines import Keys

TEXT_LIMIT = 200


class Source:
    """The sections of a board and of the one it is like, and the problems found in them. `at`: where each name that
    is bound stands."""

    def __init__(self, name: str, table: dict[str, Any], lines: dict[Keys, int]) -> None:
        self._file = name
        self._table = table
        self._from: dict[str, tuple[str, dict[Keys, int]]] = dict.fromkeys(table, (name, lines))
        self._problems: list[Problem] = []
        self.at: dict[str, Keys] = {}

    def add_base(self, name: str, table: dict[str, Any], lines: dict[Keys, int]) -> None:
        """Add what this board does not say itself."""
        for key in table.keys() - self._table.keys():
            self._table[key] = table[key]
            self._from[key] = (name, lines)

    def wrong(self, keys: Keys, text: str) -> None:
        """Note a problem with what stands at `keys`, or with the file where that is empty."""
        name, _ = self._from.get(keys[0], (self._file, {})) if keys else (self._file, {})
        line = self.line_of(keys)
        problem = Problem(name, line, text if line is not None else f"is wrong: {text}")
        if problem not in self._problems:
            self._problems.append(problem)

    def line_of(self, keys: Keys) -> int | None:
        """In which line of its file a key stands, or what it stands in."""
        _, lines = self._from.get(keys[0], ("", {})) if keys else ("", {})
        return next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)

    def done(self) -> None:
        """Raises ConfigError with everything that is wrong, if anything is."""
        if self._problems:
            raise ConfigError(self._problems)

    def unknown(self, known: tuple[str, ...]) -> None:
        """Note every section that no board has."""
        for key in self._table:
            if key not in known:
                self.wrong((key,), f"a board has no {quoted(key)}.{did_you_mean(key, known)}")

    def has(self, key: str) -> bool:
        """Whether the board says anything of `key`."""
        return key in self._table

    def value(self, key: str) -> Any:
        """What stands at `key`; None where nothing does."""
        return self._table.get(key)

    def text(self, key: str) -> str:
        """A text; "" where there is none."""
        value = self._table.get(key, "")
        if isinstance(value, str) and len(value) <= TEXT_LIMIT and value.isprintable():
            return value
        self.wrong((key,), f"{key} is one line of text of up to {TEXT_LIMIT} characters.")
        return ""

    def section(self, key: str) -> dict[str, Any]:
        """A table; empty where there is none."""
        value = self._table.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong((key,), f"{key} is a section: write [{key}] and its entries below.")
        return {}


def line_number(value: object) -> int | None:
    """The value where it is a GPIO line of the header; None where not. Lines 0 and 1 are told apart later."""
    return value if type(value) is int and 0 <= value < LINES else None
