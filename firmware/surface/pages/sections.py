"""A page as a list of sections: each a heading and the values under the encoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from firmware.desk_model import DeskModel
from firmware.surface.view import Field

FIELDS = 4
NOTHING = Field("", "")
"""Under an encoder that does nothing here."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: what it is called, at most four values, and what of the strip its picture is about:
    "eq.band.3", "comp", "sends"."""

    heading: str
    fields: tuple[Field, ...]
    about: str = ""


Sections = Callable[[DeskModel, str], tuple[Section, ...]]


def kept(sections: Sections) -> Sections:
    """The same, made anew only for another strip or when strips were joined or parted: for sections that depend on
    nothing else."""
    made: list[tuple[object, str, tuple[Section, ...]]] = []

    @wraps(sections)
    def again(model: DeskModel, strip: str) -> tuple[Section, ...]:
        if not made or made[0][0] is not model.places or made[0][1] != strip:
            made[:] = [(model.places, strip, sections(model, strip))]
        return made[0][2]

    return again


def section(model: DeskModel, at: str, heading: str, *named: tuple[str, str], about: str = "") -> Iterator[Section]:
    """The section of the named values below `at` ("channel.3."; empty for the desk's own), each with its label. A value
    that this strip lacks leaves its encoder empty; a section without any value is none."""
    fields = tuple(Field(at + name, label) if at + name in model.places else NOTHING for name, label in named)
    while fields and fields[-1] is NOTHING:
        fields = fields[:-1]
    if fields:
        yield Section(heading, fields, about)


def in_fours(names: Iterable[tuple[str, str]]) -> list[tuple[tuple[str, str], ...]]:
    """Many values, four at a time."""
    listed = list(names)
    return [tuple(listed[first : first + FIELDS]) for first in range(0, len(listed), FIELDS)]


def parts_of(sections: Sections) -> Callable[[DeskModel, str], int]:
    """How many parts a page has for a strip: at least one."""
    return lambda model, strip: max(len(sections(model, strip)), 1)


def fields_of(sections: Sections) -> Callable[[DeskModel, str, int], tuple[Field, ...]]:
    """The values of a part; none for a part or a strip that has none."""
    return lambda model, strip, part: section_at(sections, model, strip, part).fields


def heading_of(sections: Sections) -> Callable[[DeskModel, str, int], str]:
    """What a part is called."""
    return lambda model, strip, part: section_at(sections, model, strip, part).heading


def section_at(sections: Sections, model: DeskModel, strip: str, part: int) -> Section:
    """One section of a page, empty where there is none."""
    found = sections(model, strip)
    return found[part] if 0 <= part < len(found) else Section("", ())
