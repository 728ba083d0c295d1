"""The pages of the display, one file each: what its encoders hold, and its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL.ImageDraw import ImageDraw

from firmware.desk_model import DeskModel
from firmware.surface.view import Field, PageName, View

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom not included."""


@dataclass(frozen=True)
class Page:
    """A page. `parts`: how many it has for a strip; `fields`: at most four for a part; `picture`: draws into a box, in
    1 on 0."""

    name: PageName
    title: str
    parts: Callable[[DeskModel, str], int]
    fields: Callable[[DeskModel, str, int], tuple[Field, ...]]
    picture: Callable[[ImageDraw, Box, View], None]
