"""What `pidesk learn` draws: what is asked, the control that answered last, how much is done."""

from __future__ import annotations

from PIL import Image, ImageDraw

from firmware.surface import fonts
from firmware.surface.learn import Frame

BAR_PX = 6


def render(frame: Frame, size: tuple[int, int] = (128, 64)) -> Image.Image:
    """A frame as a picture of `size` px, mode "1"."""
    width, height = size
    image = Image.new("1", size)
    y = 0
    asked = frame.note or frame.ask
    for line in fonts.wrapped(asked, fonts.TEXT, width)[: 2 if frame.name else 3]:
        _write(image, 0, y, line, fonts.TEXT)
        y += fonts.TEXT.px
    if frame.name:
        word = fonts.fitted(frame.word, fonts.LARGE, width // 2)
        room = width - fonts.width_px(word, fonts.LARGE) - 6
        _write(image, 0, height - 36, fonts.fitted(frame.name, fonts.LARGE, room), fonts.LARGE)
        _write(image, width - fonts.width_px(word, fonts.LARGE), height - 36, word, fonts.LARGE)
    draw = ImageDraw.Draw(image)
    if frame.bar >= 0.0:
        top = height - 19
        draw.rectangle((0, top, width - 1, top + BAR_PX), outline=1)
        draw.rectangle((0, top, round(min(frame.bar, 1.0) * (width - 1)), top + BAR_PX), fill=1)
    if frame.of:
        count = f"{frame.done} of {frame.of}"
        _write(image, width - fonts.width_px(count, fonts.TEXT), height - fonts.TEXT.px, count, fonts.TEXT)
    return image


def _write(image: Image.Image, x: int, y: int, text: str, font: fonts.Font) -> None:
    image.paste(1, (x, y), fonts.picture_of(text, font))
