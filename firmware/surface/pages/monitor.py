"""The page Monitor: what phones and control room hear; talkback and generator."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.desk_places import count_of, path_of
from firmware.params import STRIPS
from firmware.surface import alerts, plots
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, in_fours, parts_of, section
from firmware.surface.view import PageName, View

_TALK = "talkback.to."
_STRIP_OF = {"main": "main.lr", "mono": "main.mono"}


def sections(model: DeskModel, _strip: str) -> tuple[Section, ...]:
    """The same for every strip."""
    return (
        *section(
            model, "monitor.", "Monitor", ("level_db", "Vol"), ("source", "From"), ("dim", "Dim"), ("mono", "Mono")
        ),
        *section(
            model, "monitor.", "Solo", ("solo_mode", "Solo"), ("exclusive", "Excl"), ("dim_db", "Dim"), ("swap", "Swap")
        ),
        *section(model, "monitor.", "Speakers", ("delay_ms", "Delay"), ("polarity", "Pol")),
        *section(
            model, "talkback.", "Talkback", ("on", "Talk"), ("level_db", "Lvl"), ("source", "Mic"), ("dim_db", "Dim"),
        ),
        *(one for group in in_fours(_places(model)) for one in section(model, "", "Talk to", *group)),
        *section(
            model, "osc.", "Generator", ("on", "Gen"), ("level_db", "Lvl"), ("type", "Type"), ("freq_hz", "Freq")
        ),
        *section(model, "osc.", "Generator", ("destination", "To"), ("freq_2_hz", "Freq2"), ("sweep_s", "Sweep")),
    )  # fmt: skip


def _places(model: DeskModel) -> list[tuple[str, str]]:
    words = {"bus": "Bus", "matrix": "Mtx", "main": "Main", "mono": "Mono"}
    found = [path for path in model.places if path.startswith(_TALK)]
    labels = (path.removeprefix(_TALK).partition(".") for path in found)
    named = [(path, f"{words[word]}{number}") for path, (word, _, number) in zip(found, labels, strict=True)]
    return [*named, ("talkback.latch", "Latch")]


def picture(ink: Ink, box: Box, view: View) -> None:
    """What is listened to and how loud it is; dim, mono and solo while they are on."""
    left, top, right, bottom = box
    values = view.model.values
    source = str(values["monitor.source"])
    level_db = view.meters_db.get(_STRIP_OF.get(source, source), float("-inf"))
    high = min(bottom - top, 11)
    plots.meter(ink, (left, top + 1, right, top + high), level_db, clipped=False)
    told = (("DIM", values["monitor.dim"]), ("MONO", values["monitor.mono"]), ("SOLO", _is_soloed(view.model)))
    alerts.in_rows(ink, (left, top + high + 2, right, bottom), tuple(text for text, is_on in told if is_on))


def _is_soloed(model: DeskModel) -> bool:
    strips = ((kind, n) for kind in STRIPS for n in range(1, count_of(kind, model.size) + 1))
    return any(model.values.get(path_of(kind, n, "solo")) is True for kind, n in strips)


PAGE = Page(PageName.MONITOR, "Monitor", parts_of(sections), fields_of(sections), picture, heading_of(sections))
