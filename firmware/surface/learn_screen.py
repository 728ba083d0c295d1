"""What `pidesk learn` draws: what is asked, the control that answered last in large letters, how much is done."""

from __future__ import annotations

from PIL import Image, ImageDraw

from firmware.surface import fonts
from firmware.surface.learn import Frame

BAR_PX = 7


def render(frame: Frame, size: tuple[int, int] = (128, 64)) -> Image.Image:
    """A frame as a picture of `size` px, mode "1"."""
    width, height = size
    image = Image.new("1", size)
    count = f"{frame.done}/{frame.of}" if frame.of else ""
    room = width - fonts.width_px(count, fonts.TEXT) - 4
    _write(image, 0, 0, fonts.fitted(frame.note or frame.ask, fonts.TEXT, room), fonts.TEXT)
    _write(image, width - fonts.width_px(count, fonts.TEXT), 0, count, fonts.TEXT)
    name = frame.name.removeprefix("key ")
    _write(image, 0, 12, fonts.fitted(name, fonts.WORD, width), fonts.WORD)
    if height >= 64:
        word = fonts.fitted(frame.word, fonts.LARGE, width)
        _write(image, width - fonts.width_px(word, fonts.LARGE), 37, word, fonts.LARGE)
    if frame.bar >= 0.0:
        top = height - 1 - BAR_PX
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, top, width - 1, height - 1), outline=1)
        draw.rectangle((0, top, round(min(frame.bar, 1.0) * (width - 1)), height - 1), fill=1)
    return image


def _write(image: Image.Image, x: int, y: int, text: str, font: fonts.Font) -> None:
    image.paste(1, (x, y), fonts.picture_of(text, font))
