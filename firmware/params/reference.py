"""The reference of all parameters, as text, Markdown (docs/parameters.md) or JSON, made from the declarations."""

from __future__ import annotations

import math
from typing import Any

from firmware.params import (
    LIMITER_LATENCY_FRAMES,
    METERS,
    PARAMETERS,
    PREFIX,
    STRIPS,
    Kind,
    Meter,
    Number,
    Parameter,
    Scope,
    Value,
)

_STRIP = "STRIP."
TITLES: dict[tuple[Kind, ...], str] = {
    STRIPS: (
        "A strip: `channel.1` to `channel.64`, `bus.1` to `bus.16`, `return.1` to `return.8`, `main.lr`, `main.mono`, "
        "`matrix.1` to `matrix.8`"
    ),
    (Kind.DCA,): "A DCA: `dca.1` to `dca.8`",
    (Kind.MUTE_GROUP,): "A mute group: `mute_group.1` to `mute_group.6`",
    (Kind.EFFECT,): "An effect: `fx.1` to `fx.8`",
    (Kind.DESK,): "Monitor, generator, talkback",
    (Kind.OUTPUT,): "A physical output: `output.1` to `output.32`",
}
LATENCY = f"An output's limiter delays the sound by {LIMITER_LATENCY_FRAMES} frames; else only what is set as a delay."
_LEGEND = (
    "*Scene* says whether recalling a scene moves the parameter. `send.B` is the send to bus B (1 to 16; from a bus "
    "to those with a higher number), `matrix.M` the one to matrix M (1 to 8), `dca.D` and `mute_group.G` whether the "
    "strip belongs to DCA D (1 to 8) and mute group G (1 to 6)."
)
_SCENE = {Scope.SCENE: "yes", Scope.SAFE: "if asked", Scope.MOMENT: "no"}


def _of(kinds: tuple[Kind, ...]) -> list[Parameter]:
    """The parameters of some kinds; of those that are alike but for a number, the first."""
    mine = [parameter for parameter in PARAMETERS if set(kinds) & set(parameter.kinds)]
    first = {parameter.series or parameter.name: parameter for parameter in reversed(mine)}
    return list(first.values())[::-1]


def _prefix(kinds: tuple[Kind, ...]) -> str:
    return _STRIP if kinds == STRIPS else PREFIX[kinds[0]]


def _path(parameter: Parameter, kinds: tuple[Kind, ...]) -> str:
    return _prefix(kinds) + (parameter.series or parameter.name)


def _defaults(parameter: Parameter, kind: Kind) -> str:
    shown = [parameter.type.show(value) or "(empty)" for value in parameter.defaults_of(kind)]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, then {shown[-1]}"


def _default(parameter: Parameter, kinds: tuple[Kind, ...]) -> str:
    """The default; where kinds of strips differ, the one of most, then the others with their kinds."""
    by_text: dict[str, list[Kind]] = {}
    for kind in kinds:
        if kind in parameter.kinds:
            by_text.setdefault(_defaults(parameter, kind), []).append(kind)
    most, *others = sorted(by_text, key=lambda text: -len(by_text[text]))
    return "; ".join([most, *(f"{text} of a {', '.join(by_text[text])}" for text in others)])


def _scope(parameter: Parameter, kinds: tuple[Kind, ...]) -> str:
    scopes = {kind: _SCENE[parameter.scope(kind)] for kind in kinds if kind in parameter.kinds}
    if len(set(scopes.values())) == 1:
        return next(iter(scopes.values()))
    asked = ", ".join(kind for kind, scope in scopes.items() if scope != "yes")
    return f"yes, of {asked} if asked"


def _which(parameter: Parameter) -> str:
    which = "all" if parameter.kinds == STRIPS else ", ".join(parameter.kinds)
    return f"{which}; stereo ones" if parameter.stereo_only else which


def _row(parameter: Parameter, kinds: tuple[Kind, ...]) -> tuple[str, ...]:
    moves = f"{parameter.glide_ms:g} ms" if parameter.glide_ms else "at once"
    first = (_which(parameter),) if kinds == STRIPS else ()
    told = (parameter.type.range_text, _default(parameter, kinds), moves, _scope(parameter, kinds), parameter.about)
    return (f"`{_path(parameter, kinds)}`", *first, *told)


def _meters_of(kinds: tuple[Kind, ...]) -> list[Meter]:
    return [meter for meter in METERS if set(kinds) & set(meter.kinds)]


def text() -> str:
    """Columns for a terminal: path, range, default, what it is."""
    rows = [
        (_path(parameter, kinds), parameter.type.range_text, _default(parameter, kinds), parameter.about)
        for kinds in TITLES
        for parameter in _of(kinds)
    ]
    rows += [
        (_prefix(kinds) + m.name, "read only", "", f"{m.about} ({m.unit})" if m.unit else m.about)
        for kinds in TITLES
        for m in _meters_of(kinds)
    ]
    widths = [max(len(row[0]) for row in rows), 26, 14]
    lines = ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", f"STRIP is {TITLES[STRIPS].partition(': ')[2].replace('`', '')}.", LATENCY])


def markdown() -> str:
    """docs/parameters.md, which a test holds equal to this."""
    lines = [
        "# Parameters",
        "",
        "Every parameter of the desk. This page is made from the declarations: `pidesk params --markdown`.",
        "",
        f"{LATENCY} {_LEGEND}",
    ]
    for kinds, title in TITLES.items():
        which = " strips |" if kinds == STRIPS else ""
        lines += ["", f"## {title}", "", f"| path |{which} range | default | glides over | scene | what it is |"]
        lines += ["|---|---|---|---|---|---|" + ("---|" if which else "")]
        lines += [_markdown_row(_row(parameter, kinds)) for parameter in _of(kinds)]
        meters = _meters_of(kinds)
        if meters:
            lines += ["", "Read only:", "", "| path | unit | what it is |", "|---|---|---|"]
            lines += [_markdown_row((f"`{_prefix(kinds)}{m.name}`", m.unit, m.about)) for m in meters]
    return "\n".join(lines) + "\n"


def _markdown_row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def as_json() -> dict[str, Any]:
    """The reference for a program: infinities are the texts "inf" and "-inf"."""
    return {
        "limiter_latency_frames": LIMITER_LATENCY_FRAMES,
        "parameters": [_one(parameter, kind) for kind in Kind for parameter in PARAMETERS if kind in parameter.kinds],
        "meters": [
            {"path": path, "unit": meter.unit, "about": meter.about}
            for meter in METERS
            for path in meter.templates.values()
        ],
    }


def _one(parameter: Parameter, kind: Kind) -> dict[str, Any]:
    defaults = [_plain(value) for value in parameter.defaults_of(kind)]
    told: dict[str, Any] = {
        "path": parameter.templates[kind],
        "about": parameter.about,
        "unit": parameter.type.unit,
        "type": type(parameter.type).__name__.lower(),
        "default": defaults[0] if len(defaults) == 1 else defaults,
        "glide_ms": parameter.glide_ms,
        "scene": parameter.scope(kind) is Scope.SCENE,
    }
    if isinstance(parameter.type, Number):
        number = parameter.type
        told |= {"low": _plain(number.low), "high": _plain(number.high), "taper": str(number.taper)}
        told |= {"step": number.step}
    elif parameter.type.choices:
        told["choices"] = list(parameter.type.choices)
    return told
