"""The page Scenes: a list to recall from."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, parts_of
from firmware.surface.view import PageName, View


def sections(_model: DeskModel, _strip: str) -> tuple[Section, ...]:
    """No values: the list is all."""
    return ()


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """The list is all there is to see."""


PAGE = Page(PageName.SCENES, "Scenes", parts_of(sections), fields_of(sections), picture, heading_of(sections))
