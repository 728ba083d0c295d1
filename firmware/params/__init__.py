"""Every parameter of the desk, declared once. Scenes, encoders, the display and the manual are made from these."""

from __future__ import annotations

from firmware.params.desk import DESK, HIDDEN, METERS, OUTPUT
from firmware.params.parameter import (
    GLIDE_MS,
    HIGHEST,
    LIMITER_LATENCY_FRAMES,
    MAX_CHANNELS,
    MAX_PORTS,
    PREFIX,
    Kind,
    Meter,
    Parameter,
    Scope,
    numbered,
)
from firmware.params.strip import COLOURS, STRIP
from firmware.params.taper import Taper
from firmware.params.values import Choice, Number, Patch, Switch, Text, Value, ValueType, quoted

PARAMETERS = (*STRIP, *DESK, *OUTPUT)

__all__ = [
    "COLOURS",
    "DESK",
    "GLIDE_MS",
    "HIDDEN",
    "HIGHEST",
    "LIMITER_LATENCY_FRAMES",
    "MAX_CHANNELS",
    "MAX_PORTS",
    "METERS",
    "OUTPUT",
    "PARAMETERS",
    "PREFIX",
    "STRIP",
    "Choice",
    "Kind",
    "Meter",
    "Number",
    "Parameter",
    "Patch",
    "Scope",
    "Switch",
    "Taper",
    "Text",
    "Value",
    "ValueType",
    "numbered",
    "quoted",
]
