"""The page Pan & sends: where a strip is heard."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians, sin

from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, in_fours, parts_of, section, section_at
from firmware.surface.view import PageName, View

_OF_A_SEND = (("level_db", "Sends"), ("tap", "Taps"), ("pan", "Pans"), ("on", "On"))


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
    """Where a send goes: the name of its bus, or "Bus3"."""
    word, _, number = send.partition(".")
    kind = Kind.BUS if word == "send" else Kind.MATRIX
    return str(model.values.get(f"{kind}.{number}.name", "")) or f"{'Bus' if kind is Kind.BUS else 'Mtx'}{number}"


def _sends(model: DeskModel, strip: str, name: str, heading: str) -> Iterator[Section]:
    sends = sends_of(model, strip)
    if name == "pan":  # it is heard only where there are two sides
        sends = tuple(send for send in sends if _is_stereo(model, send))
    for group in in_fours((f"{send}.{name}", send_label(model, send)) for send in sends):
        yield from section(model, f"{strip}.", heading, *group, about="sends")


def _is_stereo(model: DeskModel, send: str) -> bool:
    word, _, number = send.partition(".")
    return (Kind.BUS if word == "send" else Kind.MATRIX, int(number)) in model.stereo


def _groups(model: DeskModel, at: str, word: str, label: str) -> Iterator[Section]:
    names = [(f"{word}.{n}", f"{label}{n}") for n in range(1, 9) if f"{at}{word}.{n}" in model.places]
    for group in in_fours(names):
        first, last = (name.rpartition(".")[2] for name, _ in (group[0], group[-1]))
        yield from section(model, at, f"{label} {first}-{last}", *group, about=word)


def picture(ink: Ink, box: Box, view: View) -> None:
    """Where the strip stands between left and right; all its sends, with those under the hands marked; its groups."""
    about = section_at(sections, view.model, view.strip, view.part).about
    if about == "pan":
        _field(ink, box, view)
    elif about in {"dca", "mute_group"}:
        _boxes(ink, box, view, about)
    else:
        _bars(ink, box, view)


def _field(ink: Ink, box: Box, view: View) -> None:
    """A half circle before the listener, and where the sound is on it; of a stereo strip how wide."""
    left, top, right, bottom = box
    values, strip = view.model.values, view.strip
    pan = float(values.get(f"{strip}.pan", 0.0)) / 100.0
    radius = min((right - left) // 2 - 4, bottom - top - 7)
    x, y = (left + right) // 2, bottom - 4
    around = (x - radius, y - radius, x + radius, y + radius)
    for degrees in range(180, 361, 6):
        ink.point((x + round(radius * cos(radians(degrees))), y + round(radius * sin(radians(degrees)))), 1)
    centre = 270.0 + 90.0 * pan
    if f"{strip}.width_pct" in values:
        half = 45.0 * min(abs(float(values[f"{strip}.width_pct"])) / 100.0, 2.0)
        ink.arc(around, max(centre - half, 180.0), min(centre + half, 360.0), fill=1, width=3)
    at_x, at_y = x + round(radius * cos(radians(centre))), y + round(radius * sin(radians(centre)))
    ink.line((x, y, at_x, at_y), fill=1)
    ink.block((x - 2, y - 2, x + 3, y + 3))
    ink.ellipse((at_x - 4, at_y - 4, at_x + 4, at_y + 4), fill=0)
    ink.ellipse((at_x - 3, at_y - 3, at_x + 3, at_y + 3), fill=1)
    ink.line((x, y - radius - 2, x, y - radius - 1), fill=1)


def _bars(ink: Ink, box: Box, view: View) -> None:
    """A bar for each send, hollow where it is off; a line below those under the hands."""
    left, top, right, bottom = box
    model, strip = view.model, view.strip
    sends = sends_of(model, strip)
    pitch = min((right - left) // max(len(sends), 1), 14)
    held = {field.path for field in view.fields}
    for place, send in enumerate(sends):
        path = f"{strip}.{send}.level_db"
        x, wide = left + place * pitch, max(pitch - 2, 1)
        if any(field_path.startswith(f"{strip}.{send}.") for field_path in held):
            ink.block((x, bottom - 2, x + wide, bottom))
        share = model.places[path].parameter.type.position(model.values[path])
        high = round((bottom - top - 5) * share)
        bar = (x, bottom - 4 - high, x + wide, bottom - 4)
        ink.dots((x, bottom - 4), (x + wide, bottom - 4), 2)
        if model.values[f"{strip}.{send}.on"] or wide < 3:
            ink.block(bar)
        elif high > 1:
            ink.frame(bar)


def _boxes(ink: Ink, box: Box, view: View, word: str) -> None:
    """A box for each group, full where the strip follows it."""
    left, top, right, _bottom = box
    pitch = min((right - left) // 4, 14)
    for n in range(1, 9):
        is_in = view.model.values.get(f"{view.strip}.{word}.{n}")
        if is_in is None:
            continue
        x, y = left + (n - 1) % 4 * pitch, top + (n - 1) // 4 * pitch
        ink.frame((x, y, x + pitch - 2, y + pitch - 2))
        if is_in:
            ink.block((x + 2, y + 2, x + pitch - 4, y + pitch - 4))


PAGE = Page(PageName.PAN, "Pan", parts_of(sections), fields_of(sections), picture, heading_of(sections))
