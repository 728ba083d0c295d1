"""Where an encoder takes a value: by the step that its parameter declares, or through what is possible on this desk."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from firmware.desk_model import DeskModel
from firmware.desk_places import Place, refusal
from firmware.params import Number, Sided, Taper, Text, Value
from firmware.params.values import Listed

FINER = 10
_DIGITS = 6  # of a value that a hand has set: a scene shall read 1023.29, not 1023.292992280754


@cache
def _finer(kind: Number) -> Number:
    return replace(kind, step=kind.step / FINER)


def turned(model: DeskModel, path: str, steps: int, fine: bool = False) -> Value:
    """The value `steps` away from what `path` has now, held at the ends; `fine`: tenths of steps. What has names goes
    on by one for each step. Raises ParameterError where there is no such path."""
    place = model.place(path)
    value, kind = model.values[path], place.parameter.type
    if isinstance(kind, Text):
        return value
    if isinstance(kind, Number):
        moved = (_finer(kind) if fine else kind).stepped(value, steps)
        return rounded(kind, moved)
    assert isinstance(kind, Listed)
    possible = _possible(model, place)
    first = value if value in possible else str(value).partition("+")[0]
    at = possible.index(first) if first in possible else 0
    return possible[min(max(at + steps, 0), len(possible) - 1)]


def rounded(kind: Number, value: float) -> float:
    """A value with as many digits as a hand can mean, still within the range."""
    digits = float(f"{value:.2f}") if kind.taper is Taper.FADER else float(f"{value:.{_DIGITS}g}")
    return min(max(digits, kind.low), kind.high) + 0.0


def _possible(model: DeskModel, place: Place) -> list[Value]:
    """What this desk can take there, in order; a stereo strip is offered pairs of inputs in place of single ones."""
    kind = place.parameter.type
    fits = [choice for choice in kind.choices if not refusal(place, choice, model.size, model.stereo)]
    if not isinstance(kind, Sided) or not place.is_stereo:
        return fits
    pairs: list[Value] = []
    for choice in fits:
        word, _, number = str(choice).partition(".")
        if word in {"in", "play", "io"}:
            pair = f"{choice}+{int(number) + 1}"
            if int(number) % 2 == 1 and f"{word}.{int(number) + 1}" in fits:
                pairs.append(pair)
        else:
            pairs.append(choice)
    return pairs
