"""What an OLED is told: luma's own set-up, and pictures as luma itself would send them."""

from __future__ import annotations

import warnings

import luma.oled.device
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luma.core.framebuffer import full_frame
from PIL import Image

from drivers import oled
from drivers.errors import DisplayError


class Recorder:
    """A serial interface of luma's that keeps every byte of data and every command."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self.sent = b""

    def command(self, *command: int) -> None:
        self.commands.append(bytes(command))

    def data(self, data: list[int]) -> None:
        self.sent += bytes(data)

    def cleanup(self) -> None: ...


def picture(seed: int, size: tuple[int, int]) -> Image.Image:
    bits = np.random.default_rng(seed).integers(0, 2, (size[1], size[0]), np.uint8)
    return Image.fromarray(bits * 255).convert("1", dither=Image.Dither.NONE)


@pytest.mark.parametrize("kind", ["ssd1306", "ssd1309", "sh1106"])
def test_the_set_up_starts_dark_and_ends_lit(kind: str) -> None:
    commands = oled.init_commands(kind)
    assert commands[0][0] == 0xAE, "display off first (SSD1306 data sheet, 10.1.12)"
    assert commands[-1] == b"\xaf", "and on at the end"
    assert any(command[:1] == b"\x81" for command in commands)
    assert all(len(command) <= 32 for command in commands)


def test_the_ssd1306_is_addressed_horizontally() -> None:
    flat = b"".join(oled.init_commands("ssd1306"))
    assert flat[flat.index(0x20) + 1] == 0x00


def test_the_ssd1322_gets_arguments_behind_their_command() -> None:
    commands = oled.init_commands("ssd1322", 256, 64)
    assert commands[0] == b"\xfd\x12", "unlock (SSD1322 data sheet)"
    assert b"\xa0\x14\x11" in commands
    assert commands[-1] == b"\xaf"


@pytest.mark.parametrize(("kind", "width"), [("ili9341", 128), ("", 128), ("ssd1306", 100), ("ssd1322", 250)])
def test_what_no_display_is_made_as_is_one_plain_sentence(kind: str, width: int) -> None:
    with pytest.raises(DisplayError, match=r"^(There is no display|A display .* is not made with).*\.$"):
        oled.init_commands(kind, width)


def test_contrast() -> None:
    assert oled.contrast_command(300) == b"\x81\xff"
    assert oled.contrast_command(-1) == b"\x81\x00"
    assert oled.contrast_command(0x7F, "ssd1322") == b"\xc1\x7f"


def by_luma(kind: str, image: Image.Image) -> bytes:
    recorder = Recorder()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # luma reads pixels in a way that Pillow means to end
        device = getattr(luma.oled.device, kind)(
            recorder, width=image.width, height=image.height, mode="1", framebuffer=full_frame()
        )
        recorder.sent = b""
        device.display(image)
    return recorder.sent


@pytest.mark.parametrize("kind", ["ssd1306", "ssd1309", "sh1106"])
def test_pages_are_what_luma_sends(kind: str) -> None:
    image = picture(1, (128, 64))
    assert oled.pages_of(image) == by_luma(kind, image)


def test_the_top_pixel_is_the_lowest_bit() -> None:
    image = Image.new("1", (128, 64))
    image.putpixel((5, 9), 1)
    pages = oled.pages_of(image)
    assert len(pages) == 1024
    assert pages[128 + 5] == 0b10
    assert sum(pages) == 0b10


def test_greys_are_what_luma_sends() -> None:
    image = picture(2, (256, 64))
    assert by_luma("ssd1322", image).endswith(oled.greys_of(image)), "behind the window's arguments"
    assert len(oled.greys_of(image)) == 8192


def test_the_window_of_the_ssd1322_is_lumas() -> None:
    recorder = Recorder()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        device = luma.oled.device.ssd1322(recorder, width=256, height=64, mode="1", framebuffer=full_frame())
        recorder.commands, recorder.sent = [], b""
        device.display(picture(4, (256, 64)))
    assert recorder.commands == [bytes((command[0],)) for command in oled.window_commands(256, 64)]
    arguments = b"".join(command[1:] for command in oled.window_commands(256, 64))
    assert recorder.sent[: len(arguments)] == arguments


@given(st.integers(0, 3), st.integers(0, 10))
def test_a_turned_picture_is_turned_back_by_the_glass(rotate: int, seed: int) -> None:
    image = picture(seed, (128, 64))
    turned = oled.turned(image, rotate)
    assert turned.size == ((128, 64) if rotate % 2 == 0 else (64, 128))
    assert turned.rotate(90 * rotate, expand=True).tobytes() == image.tobytes()
