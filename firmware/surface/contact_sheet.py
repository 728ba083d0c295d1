"""All pages of the display on one picture: enlarged, and as large as they are in the hand."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from PIL.Image import Image, Resampling
from PIL.Image import new as new_image
from PIL.ImageDraw import Draw

from firmware.desk_model import DeskModel
from firmware.surface import fonts, samples, screen
from firmware.surface.pages.all import PAGES
from firmware.surface.view import PageName, View

PAPER, CASE, INK, LIGHT = "#e9ebee", "#101216", "#30363f", "#eaf4ff"
ENLARGED = 3
TRUE_MM = 55.0  # the width of a 2.42-inch display of 128 pixels (its data sheet: 55.01 × 27.49 mm)
SCREEN_PX_PER_MM = 96.0 / 25.4
COLUMNS, TRUE_COLUMNS = 3, 5
_GAP, _EDGE, _TITLE = 24, 7, 26

Shown = Sequence[tuple[str, Image]]


def all_pages(model: DeskModel, strip: str) -> Iterator[tuple[str, View]]:
    """Every part of every page of a strip, with a name for it."""
    for name, page in PAGES.items():
        for part in range(page.parts(model, strip)):
            yield f"{name}-{part + 1}", samples.view_of(model, name, strip, part)


def chosen(model: DeskModel, strip: str) -> Iterator[tuple[str, View]]:
    """The views that show what the display can do, with a line on each."""
    wanted = (
        (PageName.GAIN, 0, "Gain: input, pre, post"), (PageName.GAIN, 1, "its low cut"),
        (PageName.EQ, 1, "EQ: a band, the spectrum behind"), (PageName.DYNAMICS, 0, "Dynamics: the gate"),
        (PageName.DYNAMICS, 3, "the compressor, and where the sound is"), (PageName.PAN, 0, "Pan & sends: the field"),
        (PageName.PAN, 1, "sends, four at a time"), (PageName.MONITOR, 0, "Monitor"), (PageName.SCENES, 0, "Scenes"),
        (PageName.SETUP, 0, "Setup"),
    )  # fmt: skip
    for name, part, text in wanted:
        yield text, samples.view_of(model, name, strip, part)
    eq = samples.view_of(model, PageName.EQ, strip, 1)
    over = samples.overlays(eq, "fader.1", f"{strip}.fader_db")
    words = {
        "touched": "what is touched", "fader": "a fader", "pickup": "a fader to pick up", "ask": "a question",
        "muted": "the main is muted", "clip": "a clip", "card": "a lost card", "lost": "lost chips",
        "touched_all": "all at once, and a value", "note": "a note", "saver_muted": "at rest",
    }  # fmt: skip
    for key, text in words.items():
        yield text, over[key]
    yield "where one encoder turns it", replace(eq, chosen=1, cursor="field")


def png(image: Image) -> bytes:
    """An image as a PNG file's content."""
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def enlarged(image: Image, times: int) -> Image:
    """Each pixel as a square."""
    return image.convert("L").resize((image.width * times, image.height * times), Resampling.NEAREST)


def true_size(image: Image) -> Image:
    """As large on a screen of 96 pixels an inch as a 2.42-inch display is."""
    times = TRUE_MM * SCREEN_PX_PER_MM / 128
    size = (round(image.width * times), round(image.height * times))
    return enlarged(image, 8).resize(size, Resampling.BOX)


def sheet(views: Sequence[tuple[str, View]], size: tuple[int, int] = screen.SIZE) -> Image:
    """The views enlarged, then again at true size."""
    drawn = [(text, screen.render(view, size)) for text, view in views]
    large = [(text, enlarged(image, ENLARGED)) for text, image in drawn]
    true = [("", true_size(image)) for _, image in drawn]
    width = _GAP + COLUMNS * (large[0][1].width + 2 * _EDGE + _GAP)
    columns = max((width - _GAP) // (true[0][1].width + 2 * _EDGE + _GAP), 1)
    heights = (_height(large, COLUMNS, _TITLE), _height(true, columns, 0))
    paper = new_image("RGB", (width, sum(heights) + _GAP + _TITLE), PAPER)
    _lay(paper, _GAP, large, COLUMNS, _TITLE)
    top = _GAP + heights[0]
    _title(paper, _GAP, top, "As large as in the hand: 2.42 inch, on a screen of 96 pixels an inch")
    _lay(paper, top + _TITLE, true, columns, 0)
    return paper


def _height(shown: Shown, columns: int, title: int) -> int:
    rows = -(-len(shown) // columns)
    return rows * (shown[0][1].height + 2 * _EDGE + title + _GAP)


def _lay(paper: Image, top: int, shown: Shown, columns: int, title: int) -> None:
    draw = Draw(paper)
    for place, (text, image) in enumerate(shown):
        x = _GAP + place % columns * (image.width + 2 * _EDGE + _GAP)
        y = top + place // columns * (image.height + 2 * _EDGE + title + _GAP)
        if title:
            _title(paper, x, y, text)
        case = (x, y + title, x + image.width + 2 * _EDGE - 1, y + title + image.height + 2 * _EDGE - 1)
        draw.rounded_rectangle(case, 5, fill=CASE)
        paper.paste(LIGHT, (x + _EDGE, y + title + _EDGE), image)


def _title(paper: Image, x: int, y: int, text: str) -> None:
    line = fonts.picture_of(text, fonts.LARGE)
    paper.paste(INK, (x + 1, y + 4), line)
