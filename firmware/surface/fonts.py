"""The letters of the display: Spleen by Frederic Cambus (BSD-2, `config/fonts`) at four sizes, set in proportion.

Figures keep the width of their cell, so that a value that moves does not shake; all else takes what it needs.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from PIL import BdfFontFile, ImageChops
from PIL.Image import Image
from PIL.Image import new as new_image

import config

ELLIPSIS = "…"
_UNKNOWN = "?"
_LIKE = {"’": "'", "‘": "'", "“": '"', "”": '"', "—": "–", "\u00a0": " ", "\u202f": " "}
FIGURES = frozenset("0123456789")


@dataclass(frozen=True)
class Font:
    """A size of Spleen. `px`: its height; `cell_px`: the width of its cell; capitals stand from row `cap_px` to just
    above row `line_px`; `gap_px`: between letters; `is_heavy`: with strokes that are a pixel wider."""

    px: int
    cell_px: int
    cap_px: int
    line_px: int
    gap_px: int
    is_heavy: bool = False

    @property
    def capital_px(self) -> int:
        """How tall capitals and figures are."""
        return self.line_px - self.cap_px

    @cached_property
    def glyphs(self) -> dict[str, Image]:
        """All letters there are, as they stand in their cells."""
        found: dict[str, Image] = {}
        with config.path(f"fonts/spleen-{self.cell_px}x{self.px}.bdf").open("rb") as file:
            while (one := BdfFontFile.bdf_char(file)) is not None:
                found[chr(one[1])] = one[3]
        return found

    def glyph(self, letter: str) -> Image:
        """A letter in its cell; without its accent, or a question mark, where the font has it not."""
        for known in (letter, _LIKE.get(letter, ""), unicodedata.normalize("NFD", letter)[:1]):
            if known in self.glyphs:
                return self.glyphs[known]
        return self.glyphs[_UNKNOWN]

    def set(self, letter: str) -> tuple[Image, int]:
        """A letter's picture, cut to its width, and how far the next one is."""
        return _set(self, letter)

    def __hash__(self) -> int:
        return self.px + 100 * self.is_heavy


TEXT = Font(12, 6, 1, 9, 1)
LARGE = Font(16, 8, 2, 12, 1)
WORD = Font(24, 12, 4, 19, 2, True)
VALUE = Font(32, 16, 6, 26, 3, True)
UNIT = Font(24, 12, 4, 19, 2)
SIZES = (TEXT, LARGE, WORD, VALUE)


@lru_cache(2048)
def _set(font: Font, letter: str) -> tuple[Image, int]:
    glyph = font.glyph(letter)
    if font.is_heavy:
        wider = new_image("1", (glyph.width + 1, glyph.height))
        wider.paste(glyph, (0, 0))
        glyph = ImageChops.logical_or(wider, ImageChops.offset(wider, 1, 0))
    box = glyph.getbbox()
    if letter in FIGURES:
        return glyph, font.cell_px + font.is_heavy
    if box is None:
        return glyph, font.cell_px // 2
    return glyph.crop((box[0], 0, box[2], glyph.height)), box[2] - box[0] + font.gap_px


@lru_cache(512)
def picture_of(text: str, font: Font) -> Image:
    """A line of text as a picture, as high as the font, exactly as wide as what is drawn of it."""
    letters = [font.set(letter) for letter in text]
    image = new_image("1", (max(sum(step for _, step in letters) + font.cell_px, 1), font.px))
    x = 0
    for glyph, step in letters:
        image.paste(glyph, (x, 0))
        x += step
    box = image.getbbox()
    return image.crop((box[0], 0, box[2], font.px)) if box else image.crop((0, 0, 0, font.px))


def width_px(text: str, font: Font) -> int:
    """How wide a line of text is."""
    return picture_of(text, font).width


@lru_cache(512)
def fitted(text: str, font: Font, limit_px: int) -> str:
    """The text, cut with "…" where it is too wide; empty where not even that fits."""
    if width_px(text, font) <= limit_px:
        return text
    for length in range(len(text) - 1, 0, -1):
        cut = text[:length].rstrip() + ELLIPSIS
        if width_px(cut, font) <= limit_px:
            return cut
    return ELLIPSIS if width_px(ELLIPSIS, font) <= limit_px else ""


@lru_cache(128)
def wrapped(text: str, font: Font, limit_px: int) -> tuple[str, ...]:
    """The text in lines that fit; a word that does not is cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_px(longer, font) <= limit_px:
            lines[-1] = longer
        else:
            lines.append(fitted(word, font, limit_px))
    return tuple(lines)
