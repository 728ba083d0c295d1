"""Values as the display shows them, and shorter where there is little room."""

from __future__ import annotations

from collections.abc import Iterator

from firmware.desk_model import DeskModel
from firmware.surface import fonts
from firmware.surface.fonts import Font

_SHORT = {
    "band pass": "band",
    "expander": "expand",
    "high cut": "hi cut",
    "high shelf": "hi shelf",
    "low cut": "lo cut",
    "low shelf": "lo shelf",
    "main.mono": "mono",
    "monitor.l": "mon l",
    "monitor.r": "mon r",
    "monitor.sum": "mon sum",
    "post fader": "post",
    "pre fader": "pre",
    "two sines": "2 sines",
}
_PLACES = (("channel.", "ch "), ("matrix.", "mtx "), ("return.", "rtn "), ("bus.", "bus "), ("play.", "pl "))
_UNITS = {"dBFS": "dB", "dB/oct": "dB"}
_IS_UNIT = frozenset(("dB", "dBFS", "dB/oct", "Hz", "kHz", "ms", "s", "%", "BPM"))


def shown(model: DeskModel, path: str) -> str:
    """The value at a path as a desk shows it; empty where there is none."""
    place = model.places.get(path)
    return place.parameter.type.show(model.values[path]).replace("_eq", " EQ").replace("_", " ") if place else ""


def parted(text: str) -> tuple[str, str]:
    """Number and unit: "−12.5", "dB". Whatever is no number with a unit is all in the first."""
    number, _, unit = text.partition(" ")
    return (number, unit) if number and unit in _IS_UNIT else (text, "")


def shorter(text: str) -> Iterator[str]:
    """The text, and then the same in ever fewer letters."""
    yield text
    number, unit = parted(text)
    if unit:
        short = _UNITS.get(unit, unit)
        yield f"{number} {short}"
        yield f"{number}{short}"
        if unit == "kHz":
            yield f"{number}k"
        yield number
        return
    yield _SHORT.get(text, text)
    for long, short in _PLACES:
        if text.startswith(long):
            yield short + text.removeprefix(long)


def that_fits(text: str, font: Font, limit_px: int) -> str:
    """The longest form of a value that fits; cut where none does."""
    last = text
    for form in shorter(text):
        last = form
        if fonts.width_px(form, font) <= limit_px:
            return form
    return fonts.fitted(last, font, limit_px)
