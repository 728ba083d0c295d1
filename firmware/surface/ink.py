"""Drawing on a picture of one bit a pixel."""

from __future__ import annotations

from PIL.ImageDraw import ImageDraw

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom not included."""


class Ink(ImageDraw):
    """Draws in 1 on 0."""
