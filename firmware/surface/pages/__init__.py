"""The pages of the display, one file each: what its encoders hold, and its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.view import Field, PageName, View


def _nameless(_model: DeskModel, _strip: str, _part: int) -> str:
    return ""


@dataclass(frozen=True)
class Page:
    """A page. `parts`: how many it has for a strip, one or more; `fields`: at most four for a part; `picture`: draws
    into a box of 12 rows or more, in 1 on 0; `heading`: what a part is called."""

    name: PageName
    title: str
    parts: Callable[[DeskModel, str], int]
    fields: Callable[[DeskModel, str, int], tuple[Field, ...]]
    picture: Callable[[Ink, Box, View], None]
    heading: Callable[[DeskModel, str, int], str] = _nameless
