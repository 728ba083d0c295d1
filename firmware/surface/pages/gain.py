"""The page Gain: what comes in, how loud, through which filters."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface import plots
from firmware.surface.fonts import TEXT
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, kept, parts_of, section, section_at
from firmware.surface.view import PageName, View


@kept
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


def picture(ink: Ink, box: Box, view: View) -> None:
    """Meters at the input, behind the filters and behind the fader; for a filter its curve."""
    about = section_at(sections, view.model, view.strip, view.part).about
    if about in {"hpf", "lpf"}:
        plots.response(ink, box, view.model, view.strip, view.spectrum_db)
        return
    left, top, right, bottom = box
    pitch = (bottom - top) // 3
    has_names = pitch >= TEXT.capital_px + 2
    begin = left + (25 if has_names else 0)
    levels = (
        ("In", "in", view.levels.input_db),
        ("Pre", "filters", view.levels.pre_db),
        ("Post", "post", view.levels.post_db),
    )
    for place, (name, stage, level_db) in enumerate(levels):
        y = top + place * pitch
        if has_names:
            ink.write(left, y + (pitch - TEXT.capital_px) // 2, name, TEXT)
        high = min(pitch - 2, 10)
        first = y + (pitch - high) // 2
        plots.meter(ink, (begin, first, right, first + high), level_db, view.levels.clipped == stage)


PAGE = Page(PageName.GAIN, "Gain", parts_of(sections), fields_of(sections), picture, heading_of(sections))
