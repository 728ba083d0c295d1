"""The reference of all parameters, as text, Markdown (docs/parameters.md) or JSON, made from the declarations."""

from __future__ import annotations

import math
from typing import Any

from firmware.params import LIMITER_LATENCY_FRAMES, METERS, PARAMETERS, Kind, Meter, Number, Parameter, Scope, Value

TITLES = {
    Kind.CHANNEL: "A channel: `channel.1` to `channel.64`",
    Kind.MAIN: "The mains: `main.lr`",
    Kind.DESK: "The monitor",
    Kind.OUTPUT: "A physical output: `output.1` to `output.32`",
}
LATENCY = f"An output's limiter delays the sound by {LIMITER_LATENCY_FRAMES} frames; nothing else in the desk does."


def _of(kind: Kind) -> list[Parameter]:
    return [parameter for parameter in PARAMETERS if kind in parameter.kinds]


def _meters_of(kind: Kind) -> list[Meter]:
    return [meter for meter in METERS if kind in meter.kinds]


def _default(parameter: Parameter, kind: Kind) -> str:
    shown = [parameter.type.show(value) or "(empty)" for value in parameter.defaults_of(kind)]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, then {shown[-1]}"


def _scope(parameter: Parameter, kind: Kind) -> str:
    return "yes" if parameter.scope(kind) is Scope.SCENE else "if asked"


def _row(parameter: Parameter, kind: Kind) -> tuple[str, ...]:
    moves = f"{parameter.glide_ms:g} ms" if parameter.glide_ms else "at once"
    kept = (parameter.type.range_text, _default(parameter, kind), moves, _scope(parameter, kind), parameter.about)
    return (parameter.templates[kind], *kept)


def text() -> str:
    """Columns for a terminal: path, range, default, what it is."""
    rows = [
        (path, parameter.type.range_text, _default(parameter, kind), parameter.about)
        for kind in Kind
        for parameter in _of(kind)
        for path in [parameter.templates[kind]]
    ]
    rows += [(path, "read only", "", f"{m.about} ({m.unit})" if m.unit else m.about) for m, path in _meter_paths()]
    widths = [max(len(row[0]) for row in rows), 26, 14]
    lines = ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", LATENCY])


def _meter_paths() -> list[tuple[Meter, str]]:
    return [(meter, path) for kind in Kind for meter in _meters_of(kind) for path in [meter.templates[kind]]]


def markdown() -> str:
    """docs/parameters.md, which a test holds equal to this."""
    lines = [
        "# Parameters",
        "",
        "Every parameter of the desk. This page is made from the declarations: `pidesk params --markdown`.",
        "",
        f"{LATENCY} *Scene* says whether recalling a scene moves the parameter.",
    ]
    for kind in Kind:
        lines += ["", f"## {TITLES[kind]}", ""]
        lines += ["| path | range | default | glides over | scene | what it is |", "|---|---|---|---|---|---|"]
        lines += [_markdown_row((f"`{row[0]}`", *row[1:])) for row in (_row(p, kind) for p in _of(kind))]
        meters = _meters_of(kind)
        if meters:
            lines += ["", "Read only:", "", "| path | unit | what it is |", "|---|---|---|"]
            lines += [_markdown_row((f"`{m.templates[kind]}`", m.unit, m.about)) for m in meters]
    return "\n".join(lines) + "\n"


def _markdown_row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def as_json() -> dict[str, Any]:
    """The reference for a program: infinities are the texts "inf" and "-inf"."""
    return {
        "limiter_latency_frames": LIMITER_LATENCY_FRAMES,
        "parameters": [_one(parameter, kind) for kind in Kind for parameter in _of(kind)],
        "meters": [{"path": path, "unit": meter.unit, "about": meter.about} for meter, path in _meter_paths()],
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
        "scene": _scope(parameter, kind) == "yes",
    }
    if isinstance(parameter.type, Number):
        number = parameter.type
        told |= {"low": _plain(number.low), "high": _plain(number.high), "taper": str(number.taper)}
        told |= {"step": number.step}
    elif parameter.type.choices:
        told["choices"] = list(parameter.type.choices)
    return told
