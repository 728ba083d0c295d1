"""The page Setup: how the panel and its chips are, then each output's patch and limiter."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, in_fours, parts_of, section
from firmware.surface.view import PageName, View


def sections(model: DeskModel, _strip: str) -> tuple[Section, ...]:
    """A list of what there is, then a part for each output."""
    outputs = (
        section(
            model, f"output.{k}.", f"Out {k}", ("source", "From"), ("tap", "Tap"), ("ceiling_dbfs", "Max"),
            ("delay_ms", "Delay"),
        )
        for k in range(1, model.size.outputs + 1)
    )  # fmt: skip
    release = in_fours((f"output.{k}.release_ms", f"Out{k}") for k in range(1, model.size.outputs + 1))
    limiters = (section(model, "", "Release", *group) for group in release)
    return (Section("Panel", ()), *(one for part in (*outputs, *limiters) for one in part))


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """The limiters work unseen: their values say it all."""


PAGE = Page(PageName.SETUP, "Setup", parts_of(sections), fields_of(sections), picture, heading_of(sections))
