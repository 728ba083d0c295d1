"""The page Dynamics: gate and compressor."""

from __future__ import annotations

from firmware.desk_model import DeskModel
from firmware.surface import plots
from firmware.surface.ink import Box, Ink
from firmware.surface.pages import Page
from firmware.surface.pages.sections import Section, fields_of, heading_of, parts_of, section, section_at
from firmware.surface.view import PageName, View


def _key(of: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{of}.key.{name}", label)
        for name, label in (("source", "Key"), ("filter", "Filt"), ("freq_hz", "Freq"), ("q", "Q"))
    )


def sections(model: DeskModel, strip: str) -> tuple[Section, ...]:
    """What is turned most comes first; an expander has a ratio where a gate has a hysteresis."""
    at = f"{strip}."
    is_expander = model.values.get(f"{at}gate.mode") == "expander"
    return (
        *section(
            model, at, "Gate", ("gate.on", "Gate"), ("gate.threshold_db", "Thr"), ("gate.range_db", "Range"),
            ("gate.release_ms", "Rel"), about="gate",
        ),
        *section(
            model, at, "Gate", ("gate.mode", "Mode"), ("gate.attack_ms", "Att"), ("gate.hold_ms", "Hold"),
            ("gate.ratio", "Ratio") if is_expander else ("gate.hysteresis_db", "Hyst"), about="gate",
        ),
        *section(model, at, "Gate key", *_key("gate"), about="gate"),
        *section(
            model, at, "Comp", ("comp.on", "Comp"), ("comp.threshold_db", "Thr"), ("comp.ratio", "Ratio"),
            ("comp.makeup_db", "Make"), about="comp",
        ),
        *section(
            model, at, "Comp", ("comp.attack_ms", "Att"), ("comp.release_ms", "Rel"), ("comp.knee_db", "Knee"),
            ("comp.mix_pct", "Mix"), about="comp",
        ),
        *section(
            model, at, "Comp", ("comp.detector", "Det"), ("comp.hold_ms", "Hold"), ("comp.auto_makeup", "Auto"),
            ("comp.position", "Place"), about="comp",
        ),
        *section(model, at, "Comp key", *_key("comp"), about="comp"),
        *section(model, at, "Key listen", ("gate.key.listen", "Gate"), ("comp.key.listen", "Comp"), about="comp"),
    )  # fmt: skip


def picture(ink: Ink, box: Box, view: View) -> None:
    """Level out over level in, with the point where the sound is, and what is taken away."""
    stage = section_at(sections, view.model, view.strip, view.part).about
    reduction_db = view.levels.gate_db if stage == "gate" else view.levels.comp_db
    plots.transfer(ink, box, view.model, view.strip, stage, view.levels.pre_db, reduction_db)


PAGE = Page(PageName.DYNAMICS, "Dyn", parts_of(sections), fields_of(sections), picture, heading_of(sections))
