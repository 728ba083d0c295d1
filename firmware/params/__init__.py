"""Every parameter of the desk, declared once. Scenes, encoders, the display and the manual are made from these."""

from __future__ import annotations

from firmware.params.desk import DESK, GROUPS, HIDDEN, METERS, OUTPUT
from firmware.params.parameter import (
    GLIDE_MS,
    HIGHEST,
    LIMITER_LATENCY_FRAMES,
    PREFIX,
    STRIPS,
    Kind,
    Meter,
    Parameter,
    Scope,
    numbered,
)
from firmware.params.patch import MAX_CHANNELS, MAX_PLAYS, MAX_PORTS, Need, Place, Sided, needs
from firmware.params.strip import COLOURS, STRIP
from firmware.params.taper import Taper
from firmware.params.values import Choice, Number, Switch, Text, Value, ValueType, quoted

PARAMETERS = (*STRIP, *GROUPS, *DESK, *OUTPUT)

__all__ = [
    "COLOURS",
    "DESK",
    "GLIDE_MS",
    "GROUPS",
    "HIDDEN",
    "HIGHEST",
    "LIMITER_LATENCY_FRAMES",
    "MAX_CHANNELS",
    "MAX_PLAYS",
    "MAX_PORTS",
    "METERS",
    "OUTPUT",
    "PARAMETERS",
    "PREFIX",
    "STRIP",
    "STRIPS",
    "Choice",
    "Kind",
    "Meter",
    "Need",
    "Number",
    "Parameter",
    "Place",
    "Scope",
    "Sided",
    "Switch",
    "Taper",
    "Text",
    "Value",
    "ValueType",
    "needs",
    "numbered",
    "quoted",
]
