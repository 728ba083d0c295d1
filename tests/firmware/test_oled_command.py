"""`pidesk oled`: pages of the display as pictures, and all of them on one sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firmware import cli
from firmware.surface import contact_sheet, samples, screen
from firmware.surface.view import PageName


def test_the_contact_sheet_shows_the_display_as_it_is() -> None:
    """docs/oled.png is what `pidesk oled --contact-sheet` draws."""
    model = samples.model()
    drawn = contact_sheet.sheet(list(contact_sheet.chosen(model, "channel.1")))
    with Image.open(Path(__file__).parents[2] / "docs/oled.png") as kept:
        assert np.array_equal(np.array(kept.convert("RGB")), np.array(drawn))


def test_true_size_is_the_width_of_the_display_in_inches_of_96_pixels() -> None:
    """55 mm at 96 / 25.4 pixels per mm: 208."""
    assert contact_sheet.true_size(Image.new("1", (128, 64))).size == (208, 104)


def test_the_command_draws_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "eq.png"
    options = ["--page", "eq", "--part", "2", "--strip", "channel.1", "--scene", "band", "--scale", "2"]
    assert cli.main(["oled", "--png", str(file), *options]) == 0
    assert "is drawn" in capsys.readouterr().out
    with Image.open(file) as drawn:
        assert drawn.size == (256, 128)
        small = np.array(drawn.convert("1"))[::2, ::2]
    page = screen.render(samples.view_of(samples.model(), PageName.EQ, "channel.1", 1))
    assert np.array_equal(small, np.array(page))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--page", "eqq"], 'Did you mean "eq"'),
        (["--strip", "chanel.1"], 'Did you mean "channel.1"'),
        (["--part", "40"], "the parts 1 to 5"),
        (["--scale", "0"], "1 to 16"),
        (["--contact-sheet", "--page", "eq"], "leave --page and --part out"),
        (["--contact-sheet", "--part", "1"], "leave --page and --part out"),
    ],
)
def test_the_command_says_what_is_wrong(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["oled", "--png", str(tmp_path / "x.png"), *options]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()


def test_the_command_wants_a_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["oled", "--png", str(tmp_path / "x.jpg")]) == 2
    assert "x.png" in capsys.readouterr().err
