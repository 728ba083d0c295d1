"""The page Monitor: what phones and control room hear; talkback and generator."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, in_fours, parts_of, section
from firmware.surface.view import PageName, View

_TALK = "talkback.to."


def sections(model: DeskModel, _strip: str) -> tuple[Section, ...]:
    """The same for every strip."""
    return (
        *section(
            model, "monitor.", "Monitor", ("level_db", "Level"), ("source", "From"), ("dim", "Dim"), ("mono", "Mono")
        ),
        *section(
            model, "monitor.", "Solo", ("solo_mode", "Solo"), ("exclusive", "Excl"), ("dim_db", "Dim"), ("swap", "Swap")
        ),
        *section(model, "monitor.", "Speakers", ("delay_ms", "Delay"), ("polarity", "Pol")),
        *section(
            model, "talkback.", "Talkback", ("on", "Talk"), ("level_db", "Level"), ("source", "Mic"), ("dim_db", "Dim"),
        ),
        *(one for group in in_fours(_places(model)) for one in section(model, "", "Talk to", *group)),
        *section(
            model, "osc.", "Generator", ("on", "Gen"), ("level_db", "Level"), ("type", "Type"), ("freq_hz", "Freq")
        ),
        *section(model, "osc.", "Generator", ("destination", "To"), ("freq_2_hz", "Freq2"), ("sweep_s", "Sweep")),
    )  # fmt: skip


def _places(model: DeskModel) -> list[tuple[str, str]]:
    words = {"bus": "Bus ", "matrix": "Mtx ", "main": "Main", "mono": "Mono"}
    found = [path for path in model.places if path.startswith(_TALK)]
    labels = (path.removeprefix(_TALK).partition(".") for path in found)
    named = [(path, f"{words[word]}{number}") for path, (word, _, number) in zip(found, labels, strict=True)]
    return [*named, ("talkback.latch", "Latch")]


def picture(_ink: Ink, _box: Box, _view: View) -> None:
    """Nothing yet."""


PAGE = Page(PageName.MONITOR, "Monitor", parts_of(sections), fields_of(sections), picture, heading_of(sections))
