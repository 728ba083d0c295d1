"""What takes the place of a page: the touched value, a fader to be picked up, a question, a list, a note."""

from __future__ import annotations

import re

from firmware.desk_model import DeskModel
from firmware.surface import fonts, values
from firmware.surface.fonts import LARGE, TEXT, UNIT, VALUE, WORD, Font
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.view import PageName, Pickup, View
from firmware.surface.words import said, strip_of, title

_TAGS = {"channel": "", "bus": "B", "return": "R", "matrix": "X", "dca": "D", "mute_group": "G"}
_KINDS = {
    "channel": "Channel",
    "bus": "Bus",
    "return": "Return",
    "matrix": "Matrix",
    "dca": "DCA",
    "mute_group": "Mute group",
    "main.lr": "Main",
    "main.mono": "Mono",
}
_UNIT_IN_NAME = re.compile(r"_(db|db_oct|dbfs|hz|ms|pct|s)$")
_UNIT_GAP_PX = 5
_SLOT_PX = 84  # of a number's right side, so that it does not move when its length does
LIST_ROW_PX = 12
LARGE_VALUE_PX = VALUE.px
"""Of the touched value, with what hangs below its line."""
_VALUE_PX = VALUE.capital_px + 6
"""Of a touched value that has nothing below its line."""


def strip_tag(model: DeskModel, strip: str) -> tuple[str, str]:
    """The short mark of a strip ("3", "B2", "LR"), and its name or what it is."""
    named = str(model.values.get(f"{strip}.name", ""))
    word, _, number = strip.partition(".")
    if (word, number) != ("main", "lr") and any(f"{kind}.{first}" == strip for kind, first in model.stereo):
        number = f"{number}+{int(number) + 1}"
    if word == "main":
        return ("M" if number == "mono" else "LR"), named or _KINDS.get(strip, strip)
    return f"{_TAGS.get(word, '')}{number}", named or _KINDS.get(word, word)


# --- the header -------------------------------------------------------------------------------------------------------


def note(ink: Ink, width: int, text: str) -> None:
    """One line in place of the header."""
    ink.block((0, 0, width, 12))
    ink.write((width - fonts.width_px(text, TEXT)) // 2, 1, text, TEXT, fill=0)


def touched_header(ink: Ink, width: int, view: View) -> None:
    """What is touched, and whether its encoder goes in fine steps."""
    used = 0
    if view.fine:
        used = fonts.width_px("FINE", TEXT) + 6
        ink.block((width - used, 0, width, 11))
        ink.write(width - used + 3, 1, "FINE", TEXT, fill=0)
    ink.write(0, 1, _label_within(view, width - used - 3), TEXT, limit_px=width - used - 3)
    ink.line((0, 11, width - 1, 11), fill=1)


def _label_within(view: View, limit_px: int) -> str:
    """The label; where it is too long the strip's name is cut, so that what is turned can still be read."""
    text = label_of(view)
    strip = strip_of(view.model, view.touched)
    name = title(view.model, strip) if strip else ""
    rest = text.removeprefix(name)
    if not name or rest == text:
        return text
    rest_px = fonts.width_px(fonts.ELLIPSIS + rest, TEXT) - fonts.width_px(fonts.ELLIPSIS, TEXT)
    return fonts.fitted(name, TEXT, max(limit_px - rest_px, 0)) + rest


def label_of(view: View) -> str:
    """What the touched value is called: "Kick Trim"."""
    if view.label_text:
        return view.label_text
    label = next((field.label for field in view.fields if field.path == view.touched), "")
    if label:
        return said(view.model, view.touched, label)
    place = view.model.places.get(view.touched)
    strip = strip_of(view.model, view.touched)
    label = (
        _UNIT_IN_NAME.sub("", place.parameter.name).replace("_", " ").replace(".", " ").capitalize() if place else ""
    )
    return f"{title(view.model, strip)} {label}" if strip else label


# --- the touched value ------------------------------------------------------------------------------------------------


def touched(ink: Ink, box: Box, view: View, page: Page | None) -> None:
    """The value as large as it fits; below it the page's picture or where the value is on its way."""
    left, top, right, bottom = box
    text = view.value_text or values.shown(view.model, view.touched)
    used = _large(ink, box, text)
    below = (left, top + used, right, bottom)
    place = view.model.places.get(view.touched)
    if below[3] - below[1] < 8:
        return
    if page is not None and below[3] - below[1] >= 16 and any(field.path == view.touched for field in view.fields):
        page.picture(ink, below, view)
    elif place is not None and not place.parameter.type.choices and place.parameter.name != "name":
        kind = place.parameter.type
        travel(
            ink, below, kind.position(view.model.values[view.touched]), kind.position(view.model.defaults[place.path])
        )


def _large(ink: Ink, box: Box, text: str) -> int:
    """Draw a value in the largest letters that it fits in; the rows used."""
    number, unit = values.parted(text)
    if unit:
        for font in (UNIT, LARGE):
            if fonts.width_px(number, VALUE) + _UNIT_GAP_PX + fonts.width_px(unit, font) <= box[2] - box[0]:
                _number(ink, box, number, unit, font)
                return _VALUE_PX
    high = box[3] - box[1]
    for font in (VALUE, WORD):
        for form in values.shorter(text):
            if fonts.width_px(form, font) <= box[2] - box[0] and _ink_px(form, font) < high:
                return _centred(ink, box, form, font)
    lines = fonts.wrapped(text, WORD, box[2] - box[0])[:2]
    if sum(_ink_px(line, WORD) + 1 for line in lines) > high:
        return _centred(ink, box, fonts.fitted(text, WORD, box[2] - box[0]), WORD)
    used = 0
    for line in lines:
        used += _centred(ink, (box[0], box[1] + used, box[2], box[3]), line, WORD)
    return used


def _number(ink: Ink, box: Box, number: str, unit: str, font: Font) -> None:
    """A number with its unit, which keeps its place while the number moves."""
    left, top, right, _bottom = box
    width = right - left
    number_px, unit_px = fonts.width_px(number, VALUE), fonts.width_px(unit, font)
    x = left + (width - 128) // 2 + _SLOT_PX
    if number_px > _SLOT_PX or unit_px + _UNIT_GAP_PX > 128 - _SLOT_PX:
        x = left + (width - number_px - _UNIT_GAP_PX - unit_px) // 2 + number_px
    ink.write(x, top + 3, number, VALUE, right=True)
    ink.write(x + _UNIT_GAP_PX, top + 3 + VALUE.capital_px - font.capital_px, unit, font)


def _ink_px(text: str, font: Font) -> int:
    """How many rows a text needs, from its highest accent to what hangs lowest."""
    box = fonts.picture_of(text, font).getbbox()
    return box[3] - box[1] if box else 0


def _centred(ink: Ink, box: Box, text: str, font: Font) -> int:
    """Draw a line in the middle of a box's width, at its top; the rows used."""
    ink_box = fonts.picture_of(text, font).getbbox() or (0, 0, 0, 0)
    y = box[1] + max(3, 1 + font.cap_px - ink_box[1])
    if y - font.cap_px + ink_box[3] > box[3]:
        y = box[1] + font.cap_px - ink_box[1]
    ink.write(box[0] + (box[2] - box[0] - ink_box[2]) // 2, y, text, font)
    return y - box[1] - font.cap_px + ink_box[3] + 1


def travel(ink: Ink, box: Box, share: float, rest: float | None = None) -> None:
    """Where a value is between its ends, and where it is at rest."""
    left, top, right, bottom = box
    y = min((top + bottom) // 2, bottom - 5)
    width = right - left - 5
    if rest is not None:
        x = left + 2 + round(width * rest)
        ink.line((x, max(y - 5, top), x, min(y + 5, bottom - 1)), fill=1)
    ink.block((left, y, right, y + 1))
    x = left + round(width * min(max(share, 0.0), 1.0))
    ink.block((x - 1, max(y - 5, top), x + 6, min(y + 6, bottom)), fill=0)
    ink.block((x, max(y - 4, top), x + 5, min(y + 5, bottom)))


def pickup(ink: Ink, box: Box, view: View, fader: Pickup) -> None:
    """Where a fader has to go: the way, how far of its travel, and to which value."""
    left, top, right, bottom = box
    up = fader.wanted > fader.at
    away = max(round(abs(fader.wanted - fader.at) * 100.0), 1)
    y = top + 3
    arrow(ink, left + 2, y + 1, up)
    x = left + 25
    x += ink.write(x, y, str(away), VALUE) + 4
    x += ink.write(x, y + VALUE.capital_px - UNIT.capital_px, "%", UNIT) + 4
    wanted = values.that_fits(values.shown(view.model, fader.path), LARGE, right - x)
    ink.write(right, y + VALUE.capital_px - LARGE.capital_px, wanted, LARGE, right=True)
    below = (left, top + VALUE.capital_px + 6, right, bottom)
    if below[3] - below[1] >= 8:
        _track(ink, below, fader.at, fader.wanted)


def arrow(ink: Ink, x: int, y: int, up: bool) -> None:
    """An arrow of 17 × 19 pixels."""
    tip, base = (y, y + 9) if up else (y + 18, y + 9)
    ink.polygon([(x + 8, tip), (x, base), (x + 16, base)], fill=1)
    ink.block((x + 5, base, x + 12, y + 19) if up else (x + 5, y, x + 12, base))


def _track(ink: Ink, box: Box, at: float, wanted: float) -> None:
    """A fader's way lying on its side: the value's place open, the fader's solid."""
    left, top, right, bottom = box
    y, width = (top + bottom) // 2, right - left - 9
    ink.block((left, y, right, y + 1))
    half = min(6, (bottom - top) // 2 - 1)
    there, here = left + 1 + round(width * wanted), left + 1 + round(width * at)
    ink.block((there, y - half, there + 7, y + half + 1), fill=0)
    ink.frame((there, y - half, there + 7, y + half + 1))
    ink.block((here - 1, y - half, here + 8, y + half + 1), fill=0)
    ink.block((here, y - half, here + 7, y + half + 1))


# --- questions, notes, lists ------------------------------------------------------------------------------------------


def question(ink: Ink, box: Box, view: View) -> None:
    """A question that a hold answers, and how far the hold is."""
    left, top, right, bottom = box
    lines = fonts.wrapped(view.ask, LARGE, right - left - 4)
    font = LARGE
    if len(lines) * LARGE.px + 10 > bottom - top:
        lines, font = fonts.wrapped(view.ask, TEXT, right - left - 4), TEXT
    lines = lines[: max((bottom - top - 9) // font.px, 1)]
    y = top + max((bottom - top - len(lines) * font.px - 10) // 2, 1)
    for line in lines:
        ink.write(left + (right - left - fonts.width_px(line, font)) // 2, y + 1, line, font)
        y += font.px
    ink.bar((left + 8, bottom - 10, right - 8, bottom - 1), view.ask_share)


def message(ink: Ink, box: Box, lines: tuple[str, ...]) -> None:
    """A note of more than a line."""
    left, top, right, bottom = box
    lines = lines[: (bottom - top) // TEXT.px]
    y = top + (bottom - top - len(lines) * TEXT.px) // 2
    for line in lines:
        ink.write(left + (right - left - fonts.width_px(line, TEXT)) // 2, y + 2, line, TEXT)
        y += TEXT.px


def rows(ink: Ink, box: Box, view: View) -> None:
    """A list around its cursor, with a bar that says how much of it is seen."""
    left, top, right, bottom = box
    seen = max((bottom - top) // LIST_ROW_PX, 1)
    count = len(view.rows)
    first = min(max(view.row - seen // 2, 0), max(count - seen, 0))
    bar_px = 5 if count > seen else 0
    for place, text in enumerate(view.rows[first : first + seen]):
        y = top + place * LIST_ROW_PX
        here = first + place == view.row
        if here:
            ink.block((left, y, right - bar_px, y + LIST_ROW_PX - 1))
        ink.write(left + 3, y + 2, text, TEXT, limit_px=right - left - bar_px - 6, fill=0 if here else 1)
    if bar_px:
        height = bottom - top
        ink.dots((right - 2, top), (right - 2, bottom), 2)
        start = top + height * first // count
        ink.block((right - 3, start, right, max(start + height * seen // count, start + 3)))


def nothing(ink: Ink, box: Box, view: View, page: Page) -> None:
    """The page has nothing for this strip, or its list is empty."""
    is_list = page.name in {PageName.SCENES, PageName.SETUP}
    text = "Nothing is here yet" if is_list else f"{title(view.model, view.strip)} has no {page.title}"
    message(ink, box, fonts.wrapped(text, TEXT, box[2] - box[0] - 8))
