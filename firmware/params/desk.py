"""The parameters of the monitor and of the physical outputs, and what can be read but not set."""

from __future__ import annotations

import math

from dsp import slots
from firmware.params.parameter import Kind, Meter, Parameter
from firmware.params.taper import Taper
from firmware.params.values import Choice, Number, Switch

_DESK = (Kind.DESK,)
_OUTPUT = (Kind.OUTPUT,)
_STRIPS = (Kind.CHANNEL, Kind.MAIN)

# Outputs 1 and 2 are the mains, 3 and 4 the phones, for which the ceiling is lower: nothing hurts.
_SOURCES = ("main.l", "main.r", "monitor.l", "monitor.r", "none")
_CEILINGS = (-1.0, -1.0, -12.0, -12.0, -1.0)


def _monitor(name: str, kind: Switch | Number | Choice, default: bool | float | str, about: str) -> Parameter:
    return Parameter(f"monitor.{name}", kind, (default,), about, _DESK, safe=_DESK)


DESK = (
    Parameter(
        "monitor.source", Choice(slots.MONITOR_SOURCES), ("main",), "what it hears while nothing is soloed",
        _DESK, safe=_DESK, glide_ms=0,
    ),
    _monitor("level_db", Number(-math.inf, 10.0, "dB", 1 / 200, Taper.FADER), -20.0, "level of phones and monitors"),
    _monitor("dim", Switch(), False, "turns it down for talking"),
    _monitor("dim_db", Number(-40.0, 0.0, "dB", 0.5), -20.0, "how far"),
    _monitor("mono", Switch(), False, "the sum of both sides on both"),
    _monitor("swap", Switch(), False, "left and right exchanged"),
    _monitor("polarity", Switch(), False, "turns the right side upside down"),
    _monitor("solo_mode", Choice(slots.SOLO_MODES), "pfl", "solo listens before (pfl) or after (afl) fader and pan"),
)  # fmt: skip

OUTPUT = (
    Parameter(
        "source", Choice(slots.OUTPUT_SOURCES), _SOURCES, "what it carries", _OUTPUT, safe=_OUTPUT, glide_ms=0
    ),
    Parameter(
        "ceiling_dbfs", Number(-40.0, 0.0, "dBFS", 0.5), _CEILINGS, "no true peak goes beyond", _OUTPUT, safe=_OUTPUT
    ),
    Parameter(
        "release_ms", Number(20.0, 2000.0, "ms", 1 / 120, Taper.LOG), (120.0,), "of its limiter, to 63 %",
        _OUTPUT, safe=_OUTPUT,
    ),
)  # fmt: skip

# What the engine alone moves: the ramps of start, stop and recovery. It is in no scene and on no page.
HIDDEN = {"engine.gain_db": 0.0}

_STAGE_TEXT = {
    "in": "after trim and polarity",
    "filters": "after the filters",
    "gate": "after the gate",
    "pre_comp": "after the compressor's place before the equaliser",
    "eq": "after the equaliser",
    "post_comp": "after the compressor's place behind the equaliser",
    "post": "after fader and mute",
}

METERS = (
    *(
        Meter(f"meter.{stage}.{name}", unit, f"{about} {_STAGE_TEXT[stage]}", _STRIPS)
        for stage in slots.METER_STAGES
        for name, unit, about in (
            ("peak_dbfs", "dBFS", "peak, falling 20 dB in 1.7 s,"),
            ("rms_dbfs", "dBFS", "mean over 300 ms"),
            ("clips", "", "samples beyond full scale"),
        )
    ),
    Meter("meter.gr_gate_db", "dB", "what the gate takes away", _STRIPS),
    Meter("meter.gr_comp_db", "dB", "what the compressor takes away", _STRIPS),
    Meter("meter.bad_numbers", "", "how often the strip was cleared of a number that is none", _STRIPS),
    Meter("meter.peak_dbfs", "dBFS", "peak of what leaves the desk", _OUTPUT),
    Meter("meter.rms_dbfs", "dBFS", "mean over 300 ms of what leaves the desk", _OUTPUT),
    Meter("meter.limiter_gr_db", "dB", "what the limiter takes away", _OUTPUT),
)
