"""The pages' tables for the manual, made from the pages themselves: `python -m firmware.surface.page_table`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.surface.key_table import PAGE
from firmware.surface.pages import Page
from firmware.surface.pages.all import PAGES
from firmware.surface.view import OF_THE_DESK, Field

BEGIN, END = "<!-- pages -->\n", "<!-- /pages -->"
STRIP = "channel.1"
ENCODERS = 4
_DIGITS = re.compile(r"\d+")

Part = tuple[str, tuple[Field, ...]]


def tables() -> str:
    """In Markdown, a table for each page that has values: what is under the encoders, part by part."""
    model = DeskModel(DeskSize(16, 2, 2, buses=8, effects=2, matrices=2), stereo=[(Kind.CHANNEL, 1)])
    return "".join(f"### {page.title}\n\n{_table(model, page)}\n" for page in PAGES.values() if _parts(model, page))


def page(text: str) -> str:
    """The manual's page with the tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + tables() + END + rest.partition(END)[2]


def _parts(model: DeskModel, page: Page) -> list[Part]:
    parts = range(page.parts(model, STRIP))
    found = ((page.heading(model, STRIP, part), page.fields(model, STRIP, part)) for part in parts)
    return [(heading, fields) for heading, fields in found if fields]


def _table(model: DeskModel, page: Page) -> str:
    head = "| part | " + " | ".join(f"encoder {n}" for n in range(1, ENCODERS + 1)) + " |"
    lines = [head, "| --- " * (ENCODERS + 1) + "|"]
    for _, alike in groupby(_parts(model, page), _kind):
        lines.append("| " + " | ".join(_cells(model, list(alike))) + " |")
    if page.name not in OF_THE_DESK:
        lines[0] = lines[0].replace("part", "part of a strip", 1)
    return "\n".join(lines) + "\n"


def _kind(part: Part) -> tuple[object, ...]:
    """Parts that differ by numbers alone are told once."""
    heading, fields = part
    return (_DIGITS.sub("", heading), *(_DIGITS.sub("", field.label) for field in fields))


def _cells(model: DeskModel, parts: list[Part]) -> Iterator[str]:
    (first, fields), (last, _) = parts[0], parts[-1]
    yield f"**{first}**" + (f" … **{last}**" if last != first else f" ({len(parts)} parts)" if len(parts) > 1 else "")
    for place in range(ENCODERS):
        field = fields[place] if place < len(fields) else Field("", "")
        yield f"{field.label}: {model.places[field.path].parameter.about}" if field.path else ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
