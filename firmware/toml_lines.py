"""In which line of a TOML file each key stands, and reading TOML with all that can go wrong said in a sentence.

tomllib says what a file contains but not where. This walks over a text that tomllib has accepted, so that it may take
the grammar for granted; where it loses its way it knows no line, and nothing else comes of it.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

from firmware import files
from firmware.errors import FileError, Problem

Keys = tuple[str, ...]

MOST_DOTS = 100  # tomllib takes time by the square of the parts of a key: a file of one long key would take hours
_PART = re.compile(r"[^,=\[\]{}\n]+")  # no key goes beyond one of these
_ASIDE = re.compile(  # strings of all four kinds, and comments: the dots in them part no keys
    r'''"""(?:\\.|(?!""").)*"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*''', re.DOTALL
)

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfr\"\\])")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def load(path: Path, error: type[FileError]) -> tuple[dict[str, Any], dict[Keys, int]]:
    """What a TOML file contains, and the line of each of its keys. Raises `error`."""
    return parse(files.read_text(path, error), files.name_of(path), error)


def parse(text: str, name: str, error: type[FileError]) -> tuple[dict[str, Any], dict[Keys, int]]:
    """As `load`, from a text; `name` is what messages call it. Raises `error`."""
    bare = _ASIDE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for part in _PART.finditer(bare):
        if part[0].count(".") > MOST_DOTS:
            number = bare.count("\n", 0, part.start()) + 1
            raise error(Problem(name, number, f"there are more than {MOST_DOTS} dots in a key, which none has."))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        sentence = str(reason)
        place = _PLACE.search(sentence)
        at = int(place[1]) if place and place[1] else text.count("\n") + 1
        said = _PLACE.sub("", sentence)
        printable = "".join(c if c.isprintable() else "?" for c in said)[:200]
        raise error(Problem(name, at, f"this is not valid TOML: {printable[:1].lower()}{printable[1:]}.")) from None
    except RecursionError:
        raise error(Problem(name, None, "is nested too deeply to be read.")) from None
    except ValueError:  # Python's own limits: a number of thousands of digits, a date that is none
        raise error(Problem(name, None, "contains a number or date that cannot be read.")) from None
    return table, lines(text)


def has_comments(text: str) -> bool:
    """Whether a valid TOML text contains a comment, which writing it anew would lose."""
    walk = _Walk(text)
    with suppress(IndexError, OverflowError, RecursionError, ValueError):
        walk.document()
    return walk.comments > 0


def lines(text: str) -> dict[Keys, int]:
    """The line, from 1, where each key and table of a valid TOML text first appears."""
    walk = _Walk(text)
    # The text is valid: what fails here is this walk, and a message without its line is better than none.
    with suppress(IndexError, OverflowError, RecursionError, ValueError):
        walk.document()
    return walk.found


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n") + "\n"
        self.at = 0
        self.line = 1
        self.counted = 0
        self.comments = 0
        self.found: dict[Keys, int] = {}

    def document(self) -> None:
        table: Keys = ()
        while self.skip(" \t\n"):
            if self.text[self.at] == "[":
                self.at += 2 if self.text.startswith("[[", self.at) else 1
                table = self.key(())
                self.at = self.text.index("]", self.at) + 1
                self.at += self.text.startswith("]", self.at)
            else:
                self.pair(table)

    def skip(self, blank: str) -> bool:
        """Go over blanks and comments; whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                self.comments += 1
                self.at = self.text.index("\n", self.at)
            elif self.text[self.at] not in blank:
                return True
            else:
                self.at += 1
        return False

    def pair(self, table: Keys) -> None:
        keys = self.key(table)
        self.skip(" \t")
        self.at += 1  # =
        self.value(keys)

    def key(self, table: Keys) -> Keys:
        """A dotted key below `table`; notes the line of it and of what it opens."""
        keys = list(table)
        while True:
            self.skip(" \t")
            bare = _BARE.match(self.text, self.at)
            if bare:
                keys.append(bare[0])
                self.at = bare.end()
            else:
                keys.append(self.string())
            self.note(tuple(keys))
            self.skip(" \t")
            if self.text[self.at] != ".":
                return tuple(keys)
            self.at += 1

    def note(self, keys: Keys) -> None:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        self.found.setdefault(keys, self.line)

    def string(self) -> str:
        quote = self.text[self.at]
        if quote not in "\"'":
            raise ValueError("no string")
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        start = self.at + len(mark)
        end = start
        while not self.text.startswith(mark, end):
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
            if end >= len(self.text):
                raise ValueError("no end")
        while len(mark) == 3 and self.text.startswith(quote, end + 3):  # """two quotes may end it"""""
            end += 1
        self.at = end + len(mark)
        raw = self.text[start:end]
        return _ESCAPE.sub(_unescape, raw) if quote == '"' else raw

    def value(self, keys: Keys) -> None:
        self.skip(" \t\n")
        opening = self.text[self.at]
        if opening in "\"'":
            self.string()
        elif opening in "[{":
            self.at += 1
            self.members(keys, opening)
        elif opening in ",]}#":
            raise ValueError("no value")
        else:
            while self.text[self.at] not in ",]}#\n":
                self.at += 1

    def members(self, keys: Keys, opening: str) -> None:
        closing = "]" if opening == "[" else "}"
        while self.skip(" \t\n,") and self.text[self.at] != closing:
            if opening == "[":
                self.value(keys)
            else:
                self.pair(keys)
        self.at += 1


def _unescape(found: re.Match[str]) -> str:
    what = found[1]
    return chr(int(what[1:], 16)) if what[0] in "uU" else _ESCAPED[what]
