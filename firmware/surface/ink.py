"""Drawing on a picture of one bit a pixel, with a note of every text and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from PIL.Image import Image
from PIL.ImageDraw import ImageDraw

from firmware.surface import fonts
from firmware.surface.fonts import Font

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom not included."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it was drawn, and the box of its pixels."""

    text: str
    font: Font
    box: Box


class Ink(ImageDraw):
    """Draws in 1 on 0."""

    def __init__(self, image: Image) -> None:
        super().__init__(image)
        self.image = image
        self.written: list[Written] = []

    def write(
        self, x: int, y: int, text: str, font: Font, *, right: bool = False, limit_px: int = 4096, fill: int = 1
    ) -> int:
        """Draw a line of text with the top of its capitals at `y`; `x` is its left side or, with `right`, just behind
        its right one. Cut to `limit_px`. Returns its width."""
        text = fonts.fitted(text, font, limit_px)
        picture = fonts.picture_of(text, font)
        if picture.width == 0:
            return 0
        left, top = x - picture.width if right else x, y - font.cap_px
        self.bitmap((left, top), picture, fill)
        box = picture.getbbox() or (0, 0, 0, 0)
        self.written.append(Written(text, font, (left, top + box[1], left + picture.width, top + box[3])))
        return picture.width

    def block(self, box: Box, fill: int = 1) -> None:
        """Fill a box."""
        if box[2] > box[0] and box[3] > box[1]:
            self.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=fill)

    def frame(self, box: Box) -> None:
        """Outline a box."""
        self.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=1)

    def dots(self, start: tuple[int, int], end: tuple[int, int], every: int = 3) -> None:
        """A dotted line, across or down."""
        (x, y), (to_x, to_y) = start, end
        across = y == to_y
        self.point(
            [(at, y) for at in range(x, to_x, every)] if across else [(x, at) for at in range(y, to_y, every)], 1
        )

    def bar(self, box: Box, share: float) -> None:
        """A framed bar from the left, filled as far as `share` of 0 to 1."""
        self.frame(box)
        inside = box[2] - box[0] - 4
        self.block((box[0] + 2, box[1] + 2, box[0] + 2 + round(inside * min(max(share, 0.0), 1.0)), box[3] - 2))
