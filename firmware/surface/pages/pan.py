"""The page Pan & sends: where a strip is heard."""

from __future__ import annotations

from collections.abc import Iterator

from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, in_fours, parts_of, section
from firmware.surface.view import PageName, View

_OF_A_SEND = (("level_db", "Sends"), ("tap", "Taps"), ("pan", "Pans"), ("on", "Sends on"))


def sections(model: DeskModel, strip: str) -> tuple[Section, ...]:
    """Pan and mains, the levels of all sends, then what else sends have, four at a time, then the groups."""
    at = f"{strip}."
    return (
        *section(
            model, at, "Pan", ("pan", "Pan"), ("width_pct", "Width"), ("to_main", "Main"), ("to_mono", "Mono"),
            about="pan",
        ),
        *(one for name, heading in _OF_A_SEND for one in _sends(model, strip, name, heading)),
        *section(model, at, "Mono", ("mono_level_db", "Mono"), about="pan"),
        *_groups(model, at, "dca", "DCA"),
        *_groups(model, at, "mute_group", "Mute"),
    )  # fmt: skip


def sends_of(model: DeskModel, strip: str) -> tuple[str, ...]:
    """The sends a strip has, by their names below it: "send.1" to buses, "matrix.1" to matrices."""
    words = ("send", "matrix")
    numbers = range(1, max(model.size.buses, model.size.matrices) + 1)
    return tuple(f"{word}.{n}" for word in words for n in numbers if f"{strip}.{word}.{n}.level_db" in model.places)


def send_label(model: DeskModel, send: str) -> str:
    """Where a send goes: the name of its bus, or "Bus 3"."""
    word, _, number = send.partition(".")
    kind = Kind.BUS if word == "send" else Kind.MATRIX
    return str(model.values.get(f"{kind}.{number}.name", "")) or f"{'Bus' if kind is Kind.BUS else 'Mtx'} {number}"


def _sends(model: DeskModel, strip: str, name: str, heading: str) -> Iterator[Section]:
    sends = sends_of(model, strip)
    if name == "pan":  # it is heard only where there are two sides
        sends = tuple(send for send in sends if _is_stereo(model, send))
    for first, group in enumerate(in_fours((send, send_label(model, send)) for send in sends)):
        named = ((f"{send}.{name}", label) for send, label in group)
        numbers = f"{first * 4 + 1}-{first * 4 + len(group)}"
        yield from section(model, f"{strip}.", f"{heading} {numbers}", *named, about=group[0][0])


def _is_stereo(model: DeskModel, send: str) -> bool:
    word, _, number = send.partition(".")
    return (Kind.BUS if word == "send" else Kind.MATRIX, int(number)) in model.stereo


def _groups(model: DeskModel, at: str, word: str, label: str) -> Iterator[Section]:
    names = [(f"{word}.{n}", f"{label}{n}") for n in range(1, 9) if f"{at}{word}.{n}" in model.places]
    for group in in_fours(names):
        first, last = (name.rpartition(".")[2] for name, _ in (group[0], group[-1]))
        yield from section(model, at, f"{label} {first}-{last}", *group, about=word)


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """Nothing yet."""


PAGE = Page(PageName.PAN, "Pan", parts_of(sections), fields_of(sections), picture, heading_of(sections))
