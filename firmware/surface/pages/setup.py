"""The page Setup: how chips and card are, then each output's patch and limiter."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, parts_of, section
from firmware.surface.view import PageName, View


def sections(model: DeskModel, _strip: str) -> tuple[Section, ...]:
    """A list of what there is, then a part for each output."""
    outputs = (
        section(
            model, f"output.{k}.", f"Out {k}", ("source", "From"), ("ceiling_dbfs", "Max"), ("delay_ms", "Delay"),
            ("release_ms", "Rel"),
        )
        for k in range(1, model.size.outputs + 1)
    )  # fmt: skip
    return (Section("Panel", ()), *(one for output in outputs for one in output))


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """The limiters work unseen: their values say it all."""


PAGE = Page(PageName.SETUP, "Setup", parts_of(sections), fields_of(sections), picture, heading_of(sections))
