"""What the surface calls strips where they have no name of their own."""

from __future__ import annotations

from firmware.desk_model import DeskModel

_WORDS = {"channel": "Ch", "bus": "Bus", "return": "Rtn", "matrix": "Mtx", "dca": "DCA"}


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
