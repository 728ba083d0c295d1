"""The letters: all that a desk needs are there, figures do not shake, texts fit where they are put."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from firmware.surface import fonts
from firmware.surface.fonts import LARGE, SIZES, TEXT, VALUE, WORD, Font

EVERY = (*SIZES, fonts.UNIT)
NEEDED = "0123456789−∞.:+/%°…–ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÄÖÜäöüßéèñçå'\"()#&!?"
words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60)


@pytest.mark.parametrize("font", EVERY)
def test_each_size_has_every_letter_that_a_desk_needs(font: Font) -> None:
    assert set(NEEDED) - {"Ä", "Ö", "Ü"} <= font.glyphs.keys() | {" "}
    assert all(font.glyph(letter).getbbox() for letter in NEEDED)


@pytest.mark.parametrize("font", SIZES)
def test_capitals_are_as_high_as_the_font_says(font: Font) -> None:
    """Measured on what is drawn: 8, 10, 15 and 20 pixels at 12, 16, 24 and 32."""
    box = fonts.picture_of("H", font).getbbox()
    assert box is not None
    assert (box[1], box[3]) == (font.cap_px, font.line_px)
    assert font.capital_px == {12: 8, 16: 10, 24: 15, 32: 20}[font.px]


@pytest.mark.parametrize("font", EVERY)
def test_figures_are_equally_wide(font: Font) -> None:
    assert len({font.set(figure)[1] for figure in fonts.FIGURES}) == 1


def test_heavy_strokes_are_a_pixel_wider() -> None:
    plain, heavy = fonts.picture_of("l", fonts.UNIT), fonts.picture_of("l", WORD)
    assert heavy.width == plain.width + 1


def test_a_letter_without_its_accent_stands_for_one_that_the_font_has_not() -> None:
    assert TEXT.glyph("č") is TEXT.glyphs["c"]
    assert LARGE.glyph("č") is LARGE.glyphs["č"]
    assert VALUE.glyph("漢") is VALUE.glyphs["?"]
    assert TEXT.glyph("’") is TEXT.glyphs["'"]


@given(words, st.integers(0, 140), st.sampled_from(EVERY))
def test_what_is_fitted_fits_and_is_the_text_or_its_beginning(text: str, limit_px: int, font: Font) -> None:
    cut = fonts.fitted(text, font, limit_px)
    assert fonts.width_px(cut, font) <= limit_px
    if fonts.width_px(text, font) <= limit_px:
        assert cut == text
    else:
        assert cut == "" or cut.endswith(fonts.ELLIPSIS)
        assert text.startswith(cut.removesuffix(fonts.ELLIPSIS))


@given(words, st.integers(20, 140), st.sampled_from((TEXT, WORD)))
def test_what_is_wrapped_fits_and_keeps_its_words_in_order(text: str, limit_px: int, font: Font) -> None:
    lines = fonts.wrapped(text, font, limit_px)
    assert all(fonts.width_px(line, font) <= limit_px for line in lines)
    if all(fonts.width_px(word, font) <= limit_px for word in text.split()):
        assert " ".join(lines).split() == text.split()


def test_a_display_that_is_prepared_has_loaded_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    from firmware.surface import samples, screen
    from firmware.surface.view import PageName

    screen.prepare()
    model = samples.model()
    monkeypatch.setattr(config, "path", lambda name: pytest.fail(f"{name} is read while the desk is played"))
    view = samples.view_of(model, PageName.EQ, "channel.1")
    for one in (view, *samples.overlays(view, "fader.1", "channel.1.fader_db").values()):
        screen.render(one)


def test_the_fonts_come_with_their_licence() -> None:
    """BSD-2: the notice goes with every copy."""
    licence = config.path("fonts/LICENSE").read_text("utf-8")
    assert "Frederic Cambus" in licence
    assert "Redistributions in binary form must reproduce" in licence
    for font in EVERY:
        head = config.path(f"fonts/spleen-{font.cell_px}x{font.px}.bdf").read_text("ascii")[:400]
        assert re.search(r"COMMENT Spleen .*see LICENSE", head)
