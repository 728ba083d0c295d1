"""The display: a `View` as a picture of one bit a pixel.

A header says which strip and page; below it stand at most four values and a picture. What is touched fills the display
in large letters, and pictures yield to it; a question, a fader to be picked up and a long note take its place.
"""

from __future__ import annotations

from PIL.Image import Image
from PIL.Image import new as new_image

from firmware.surface import alerts, fonts, overlays, values
from firmware.surface.fonts import TEXT
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.all import PAGES
from firmware.surface.view import OF_THE_DESK, View

SIZE = (128, 64)
HEADER_PX = 13  # with the rule below it and a row of nothing
ROW_PX = 13


def prepare() -> None:
    """Load all letters, so that the first touch does not wait for them (some 30 ms)."""
    for font in (*fonts.SIZES, fonts.UNIT):
        fonts.picture_of("0", font)


def render(view: View, size: tuple[int, int] = SIZE) -> Image:
    """The picture of a view, mode "1"; at least 128 × 64. The same view gives the same pixels, always."""
    return draw(view, size).image


def draw(view: View, size: tuple[int, int] = SIZE) -> Ink:
    """As `render`, with all texts and where they stand."""
    ink = Ink(new_image("1", size))
    width, height = size
    wrong = alerts.alerts(view)
    note = fonts.wrapped(view.note, TEXT, width - 8)
    if view.saver and not (view.ask or note):
        ink.block((width // 2 - 1, height // 2 - 1, width // 2 + 1, height // 2 + 1))
        alerts.in_rows(ink, (0, 0, width, height), wrong)
        return ink
    page = PAGES.get(view.page)
    body = (0, HEADER_PX, width, height)
    if len(note) == 1:
        overlays.note(ink, width, note[0])
    elif view.touched or view.value_text:
        overlays.touched_header(ink, width, view)
    else:
        _header(ink, width, view, page)
    if view.ask:
        overlays.question(ink, alerts.in_rows(ink, body, wrong), view)
    elif len(note) > 1:
        overlays.message(ink, alerts.in_rows(ink, body, wrong), note)
    elif view.pickup:
        overlays.pickup(ink, alerts.in_rows(ink, body, wrong, overlays.LARGE_VALUE_PX - 3), view, view.pickup)
    elif view.touched or view.value_text:
        overlays.touched(ink, alerts.in_rows(ink, body, wrong, overlays.LARGE_VALUE_PX - 3), view, page)
    elif not view.fields and view.rows:
        overlays.rows(ink, alerts.in_rows(ink, body, wrong), view)
    else:
        _page(ink, body, view, page, wrong)
    return ink


def _header(ink: Ink, width: int, view: View, page: Page | None) -> None:
    """The strip's number and name at the left, the page and its part at the right; of a page of the whole desk its name
    at the left."""
    parts = page.parts(view.model, view.strip) if page else 1
    title = page.title if page else view.page.title()
    part = f"{view.part + 1}/{parts}" if parts > 1 else ""
    ink.line((0, HEADER_PX - 2, width - 1, HEADER_PX - 2), fill=1)
    if view.page in OF_THE_DESK:
        heading = page.heading(view.model, view.strip, view.part) if page else ""
        if view.rows and not view.fields:
            heading, part = "", f"{view.row + 1}/{len(view.rows)}"
        heading = "" if heading == title else heading
        used = ink.write(0, 1, title, TEXT, limit_px=width // 2)
        ink.write(width, 1, f"{heading} {part}".strip(), TEXT, right=True, limit_px=width - used - 4)
        _cursor(ink, view, {"page": (0, used)}, width, part)
        return
    used = ink.write(width, 1, f"{title} {part}".strip(), TEXT, right=True, limit_px=width // 2 + 8)
    tag, name = overlays.strip_tag(view.model, view.strip)
    tag_px = fonts.width_px(tag, TEXT) + 4
    ink.block((0, 0, tag_px, HEADER_PX - 2))
    ink.write(2, 1, tag, TEXT, fill=0)
    named = tag_px + 3 + ink.write(tag_px + 3, 1, name, TEXT, limit_px=width - used - tag_px - 7)
    left = width - used
    _cursor(ink, view, {"strip": (0, named), "page": (left, left + fonts.width_px(title, TEXT))}, width, part)


def _cursor(ink: Ink, view: View, places: dict[str, tuple[int, int]], width: int, part: str) -> None:
    """The rule is thicker below what the cursor moves."""
    part_px = fonts.width_px(part, TEXT)
    first, last = ({"part": (width - part_px, width)} | places).get(view.cursor, (0, 0))
    ink.block((first, HEADER_PX - 2, last, HEADER_PX))


def _page(ink: Ink, body: Box, view: View, page: Page | None, wrong: tuple[str, ...]) -> None:
    """Values at the left, each in a row of its own, the picture at the right."""
    left, top, right, bottom = body
    column_px = 68 if right - left < 200 else 96
    gap_px = 7
    for place, field in enumerate(view.fields[:4]):
        if field.path:
            at = (left, top + 1 + place * ROW_PX, left + column_px)
            chosen = 0 <= view.chosen <= place < view.chosen + view.turned
            _value(ink, at, view, field.label, field.path, chosen=chosen)
    picture_left = left + column_px + gap_px if view.fields else left
    box = alerts.in_column(ink, (picture_left, top, right, bottom), wrong)
    if page is None or box[3] - box[1] < 12:
        return
    if not view.fields:
        overlays.nothing(ink, box, view, page)
        return
    heading = page.heading(view.model, view.strip, view.part)
    if heading and view.page not in OF_THE_DESK:
        ink.write(box[2], box[1] + 1, heading, TEXT, right=True, limit_px=box[2] - box[0])
        box = (box[0], box[1] + 12, box[2], box[3])
    if box[3] - box[1] >= 12:
        page.picture(ink, box, view)


def _value(ink: Ink, at: tuple[int, int, int], view: View, label: str, path: str, *, chosen: bool) -> None:
    """One value: its name at the left, itself at the right, which the name yields to. The one that is chosen is
    reversed: its name, and all of it while the cursor goes from value to value."""
    left, y, right = at
    is_whole = chosen and view.cursor == "field"
    text = view.value_text if path == view.touched and view.value_text else values.shown(view.model, path)
    label_px = min(fonts.width_px(label, TEXT), 30)
    text = values.that_fits(text, TEXT, right - left - label_px - 3)
    used = fonts.width_px(text, TEXT)
    limit_px = right - left - used - 3 - (2 if chosen else 0)
    if chosen:
        name_px = fonts.width_px(fonts.fitted(label, TEXT, limit_px), TEXT)
        ink.block((left, y - 1, right + 1 if is_whole else left + name_px + 3, y + 10))
    ink.write(right, y, text, TEXT, right=True, fill=0 if is_whole else 1)
    ink.write(left + (1 if chosen else 0), y, label, TEXT, limit_px=limit_px, fill=0 if chosen else 1)
