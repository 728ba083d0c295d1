"""The page EQ: a part for each band, and what is switched on."""

from __future__ import annotations

from firmware.curves import BANDS
from firmware.desk_model import DeskModel
from firmware.surface import plots
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, kept, parts_of, section, section_at
from firmware.surface.view import PageName, View

_OF_A_BAND = (("freq_hz", "Freq"), ("gain_db", "Gain"), ("q", "Q"), ("type", "Type"))


@kept
def sections(model: DeskModel, strip: str) -> tuple[Section, ...]:
    """A band each, then the switches of all."""
    at = f"{strip}."
    bands = (
        section(
            model,
            at,
            f"Band {n}",
            *((f"eq.band.{n}.{name}", label) for name, label in _OF_A_BAND),
            about=f"eq.band.{n}",
        )
        for n in BANDS
    )
    switch = {n: (f"eq.band.{n}.on", f"Band{n}") for n in BANDS}
    return (
        *(one for band in bands for one in band),
        *section(model, at, "On 1-3", ("eq.on", "EQ"), switch[1], switch[2], switch[3]),
        *section(model, at, "On 4-6", ("eq.on", "EQ"), switch[4], switch[5], switch[6]),
    )


def picture(ink: Ink, box: Box, view: View) -> None:
    """The curve of filters and equaliser with the spectrum behind, and the band under the hands."""
    about = section_at(sections, view.model, view.strip, view.part).about
    plots.response(ink, box, view.model, view.strip, view.spectrum_db, int(about.rpartition(".")[2] or 0))


PAGE = Page(PageName.EQ, "EQ", parts_of(sections), fields_of(sections), picture, heading_of(sections))
