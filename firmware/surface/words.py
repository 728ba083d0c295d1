"""What the surface calls strips where they have no name of their own."""

from __future__ import annotations

from firmware.desk_model import DeskModel

_STAGES = {"hpf": "Low cut", "lpf": "High cut", "gate": "Gate", "comp": "Comp", "insert": "Insert"}
_SENDS = ("send", "matrix")
_WORDS = {"channel": "Ch", "bus": "Bus", "return": "Rtn", "matrix": "Mtx", "dca": "DCA", "mute_group": "Group"}


def title(model: DeskModel, strip: str) -> str:
    """ "Kick", or of a strip without a name "Ch 3", "Main", "Mono"."""
    named = model.values.get(f"{strip}.name")
    if named:
        return str(named)
    if strip.startswith("main."):
        return "Mono" if strip.endswith("mono") else "Main"
    word, _, number = strip.partition(".")
    return f"{_WORDS.get(word, word)} {number}"


def strip_of(model: DeskModel, path: str) -> str:
    """The strip a parameter belongs to; empty for one of the desk itself."""
    head, _, rest = path.partition(".")
    strip = f"{head}.{rest.partition('.')[0]}"
    return strip if f"{strip}.mute" in model.places else ""


def said(model: DeskModel, path: str, label: str) -> str:
    """A value as it is told where its page is not seen: "Kick Band 2 Gain", "Kick Comp Thr", "Kick to Hall tap"."""
    strip = strip_of(model, path)
    if not strip:
        return label
    name = path.removeprefix(f"{strip}.")
    head, *rest = name.split(".")
    if head in _SENDS:
        about = f"to {label} {'' if rest[-1] == 'level_db' else rest[-1]}"
    else:
        stage = f"Band {rest[1]}" if name.startswith("eq.band.") else _STAGES.get(head, "")
        stage += " key" if "key" in rest else ""
        is_said = rest[-1:] == ["on"] or label.lower() in stage.lower().split()
        about = stage if stage and is_said else f"{stage} {label}"
    return f"{title(model, strip)} {about.strip()}"
