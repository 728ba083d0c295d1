"""What overlays every page: a lost card, a muted main, a clip, lost chips."""

from __future__ import annotations

from firmware.surface import fonts
from firmware.surface.fonts import LARGE, TEXT, Font
from firmware.surface.ink import Box, Ink
from firmware.surface.view import View

_STAGES = {"filters": "FILT", "pre_comp": "COMP", "post_comp": "COMP"}
_LOST = "LOST "
ROW_PX = TEXT.capital_px + 3
"""Of a row of tags, with the gap above it. All is in capitals: they need no room below the line."""


def alerts(view: View) -> tuple[str, ...]:
    """What is wrong, the worst first."""
    found = []
    if view.card_lost:
        found.append("NO SOUND CARD")
    if view.main_muted:
        found.append("MUTE")
    if view.levels.clipped:
        found.append(f"CLIP {_STAGES.get(view.levels.clipped, view.levels.clipped.replace('_', ' ').upper())}")
    if view.lost:
        found.append(_LOST + " ".join(view.lost).upper())
    return tuple(found)


def _counted(found: tuple[str, ...]) -> tuple[str, ...]:
    """The same with chips counted, not named: where there is room for no more."""
    return tuple(f"{_LOST}{text.count(' ')}" if text.startswith(_LOST) else text for text in found)


# --- beside a page's values -------------------------------------------------------------------------------------------


def in_column(ink: Ink, box: Box, found: tuple[str, ...]) -> Box:
    """Bands at the foot of a column; what is left above them."""
    left, top, right, bottom = box
    width = right - left - 2
    for lines in (_lines(found, width, LARGE), _lines(found, width, TEXT), _lines(_counted(found), width, TEXT)):
        if sum(_band_px(font) for _, font in lines) <= bottom - top:
            break
    lines = lines[: (bottom - top) // _band_px(TEXT)]
    y = bottom - sum(_band_px(font) for _, font in lines)
    above = (left, top, right, y - 2 if lines else bottom)
    for line, font in lines:
        ink.block((left, y, right, y + _band_px(font)))
        x = left + (right - left - fonts.width_px(line, font)) // 2
        ink.write(x, y + (_band_px(font) - font.capital_px) // 2, line, font, fill=0)
        y += _band_px(font)
    return above


def _lines(found: tuple[str, ...], width: int, largest: Font) -> list[tuple[str, Font]]:
    """Each alert in the largest letters where it fits in a line of them, lost chips never."""
    lines = []
    for text in found:
        is_large = not text.startswith(_LOST) and fonts.width_px(text, largest) <= width
        font = largest if is_large else TEXT
        lines += [(line, font) for line in fonts.wrapped(text, font, width)]
    return lines


def _band_px(font: Font) -> int:
    return font.capital_px + (4 if font is LARGE else 2)


# --- below all else ---------------------------------------------------------------------------------------------------


def in_rows(ink: Ink, box: Box, found: tuple[str, ...], needed_px: int = 0) -> Box:
    """Tags side by side at the foot of a box, in as many rows as they need and `needed_px` above them leave room for;
    what is left above them."""
    left, top, right, bottom = box
    most = max((bottom - top - needed_px) // ROW_PX, 1)
    rows = _rows(found, right - left)
    if len(rows) > most:
        rows = _rows(_counted(found), right - left)[:most]
    y = bottom - len(rows) * ROW_PX + 1
    above = (left, top, right, y - 1 if rows else bottom)
    for row in rows:
        x = left
        for text in row:
            ink.block((x, y, x + _tag_px(text), y + ROW_PX - 1))
            ink.write(x + 4, y + 1, text, TEXT, fill=0)
            x += _tag_px(text) + 2
        y += ROW_PX
    return above


def _tag_px(text: str) -> int:
    return fonts.width_px(text, TEXT) + 8


def _rows(found: tuple[str, ...], width: int) -> list[list[str]]:
    rows: list[list[str]] = []
    free = 0
    for text in found:
        cut = fonts.fitted(text, TEXT, width - 8)
        if _tag_px(cut) > free:
            rows.append([])
            free = width
        rows[-1].append(cut)
        free -= _tag_px(cut) + 2
    return rows
