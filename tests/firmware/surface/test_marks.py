"""What the display marks: what the cursor moves, which value a lone encoder turns, what a touched value is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL.Image import Image

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.surface import samples, screen
from firmware.surface.view import PageName, View

STRIP = "channel.1"
RULE_ROWS = (screen.HEADER_PX - 2, screen.HEADER_PX - 1)


def texts(view: View) -> dict[str, tuple[int, int, int, int]]:
    return {one.text: one.box for one in screen.draw(view).written}


def thick(image: Image) -> tuple[int, int]:
    """From where to where the rule below the head is two rows thick; (0, 0): nowhere."""
    lit = [x for x in range(image.width) if all(image.getpixel((x, y)) for y in RULE_ROWS)]
    return (lit[0], lit[-1] + 1) if lit else (0, 0)


def test_the_rule_is_thicker_below_what_the_cursor_moves() -> None:
    model = samples.model()
    view = samples.view_of(model, PageName.EQ, STRIP, 1)
    width = screen.SIZE[0]
    head = texts(view)["EQ 2/8"]
    name = texts(view)["Kick"]
    marked = {cursor: thick(screen.render(replace(view, cursor=cursor))) for cursor in ("strip", "page", "part")}
    assert marked["strip"] == (0, name[2])
    assert marked["page"][0] == head[0]
    assert head[0] < marked["page"][1] <= marked["part"][0]
    assert marked["part"][1] == width
    for cursor in ("", "field", "value"):
        assert thick(screen.render(replace(view, cursor=cursor))) == (0, 0)


@pytest.mark.parametrize("page", [PageName.MONITOR, PageName.SCENES, PageName.SETUP])
def test_a_page_of_the_desk_marks_itself_or_its_part(page: PageName) -> None:
    view = samples.view_of(samples.model(), page, STRIP)
    assert thick(screen.render(replace(view, cursor="page")))[0] == 0
    assert thick(screen.render(replace(view, cursor="part")))[1] == screen.SIZE[0]
    assert thick(screen.render(replace(view, cursor="strip"))) == (0, 0)


@pytest.mark.parametrize("size", [(128, 64), (256, 64)])
@pytest.mark.parametrize("chosen", range(4))
def test_the_value_that_one_encoder_turns_has_its_name_reversed(chosen: int, size: tuple[int, int]) -> None:
    view = samples.view_of(samples.model(), PageName.DYNAMICS, STRIP, 3)
    rows = [screen.HEADER_PX + place * screen.ROW_PX for place in range(4)]

    def reversed_rows(shown: View, x: int) -> list[bool]:
        image = screen.render(shown, size)
        return [bool(image.getpixel((x, y))) for y in rows]

    marked, value_x = replace(view, chosen=chosen, cursor="part"), 66
    wanted = [place == chosen for place in range(4)]
    assert reversed_rows(view, 0) == [False] * 4
    assert reversed_rows(marked, 0) == wanted
    assert reversed_rows(marked, value_x) == [False] * 4
    assert reversed_rows(replace(marked, cursor="field"), value_x) == wanted, "all of it while the cursor goes there"
    written = [one.text for one in screen.draw(view, size).written]
    assert [one.text for one in screen.draw(marked, size).written] == written, "nothing is cut for it"


@pytest.mark.parametrize("fine", [False, True])
def test_of_a_long_label_the_strips_name_is_cut_and_not_what_is_turned(fine: bool) -> None:
    model = DeskModel(DeskSize(4, 2, 2))
    model.set("channel.1.name", "Rhythm guitar, left")
    view = replace(samples.view_of(model, PageName.GAIN, STRIP, 2), touched="channel.1.lpf.freq_hz", fine=fine)
    label = next(text for text in texts(view) if text.startswith("Rhy"))
    assert label.endswith("High cut Freq")
    assert "…" in label
    assert texts(view)[label][2] <= screen.SIZE[0] - (30 if fine else 0)
