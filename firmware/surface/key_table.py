"""The keys' table for the manual, made from the one the surface acts by: `python -m firmware.surface.key_table`."""

from __future__ import annotations

from pathlib import Path

from firmware.surface.keys import KEYS, NOT_YET, SHIFTED, Do, Key
from firmware.surface.view import PageName

PAGE = Path(__file__).parents[2] / "docs" / "surface.md"
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->"
_LATER = " (to come)"


def _does(key: Key) -> str:
    if key.page is not None:
        title = "EQ" if key.page is PageName.EQ else key.page.value.capitalize()
        return f"the page {title}{_LATER if key.page in NOT_YET else '; again: its next part'}"
    return "" if key.does is Do.NOTHING else key.does.value + (_LATER if key.does in NOT_YET else "")


def _held(key: Key) -> str:
    return "" if key.held is Do.NOTHING else key.held.value


def table() -> str:
    """In Markdown, a line for each key."""
    lines = ["| key | does | held | with SHIFT | held with SHIFT |", "| --- | --- | --- | --- | --- |"]
    for role, key in KEYS.items():
        name = f"foot switch {role[-1]}" if role.startswith("foot") else f"**{key.word}**"
        other = SHIFTED.get(role)
        shifted = "" if other is None or not other.word else f"*{other.word}*: {_does(other)}"
        lines.append(f"| {name} | {_does(key)} | {_held(key)} | {shifted} | {_held(other) if other else ''} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The manual's page with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
