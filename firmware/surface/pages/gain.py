"""The page Gain: what comes in, how loud, through which filters."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, parts_of, section
from firmware.surface.view import PageName, View


def sections(model: DeskModel, strip: str) -> tuple[Section, ...]:
    """Input, both filters, the insert; of a DCA its fader and mute."""
    at = f"{strip}."
    if f"{at}trim_db" not in model.places:
        return tuple(section(model, at, "Group", ("fader_db", "Fader"), ("mute", "Mute")))
    return (
        *section(
            model,
            at,
            "Input",
            ("trim_db", "Trim"),
            ("polarity_invert", "Pol"),
            ("delay_ms", "Delay"),
            ("source", "From"),
        ),
        *section(
            model,
            at,
            "Low cut",
            ("hpf.on", "LoCut"),
            ("hpf.freq_hz", "Freq"),
            ("hpf.slope_db_oct", "Slope"),
            about="hpf",
        ),
        *section(
            model,
            at,
            "High cut",
            ("lpf.on", "HiCut"),
            ("lpf.freq_hz", "Freq"),
            ("lpf.slope_db_oct", "Slope"),
            about="lpf",
        ),
        *section(model, at, "Insert", ("insert.on", "Insert"), ("insert.slot", "Slot"), ("insert.position", "Place")),
        *section(model, at, "Fader", ("fader_db", "Fader"), ("mute", "Mute"), ("solo", "Solo"), ("solo_safe", "Safe")),
    )


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """Nothing yet."""


PAGE = Page(PageName.GAIN, "Gain", parts_of(sections), fields_of(sections), picture, heading_of(sections))
