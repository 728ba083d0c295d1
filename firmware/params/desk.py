"""The parameters of the desk itself: groups, effects, monitor, generator, talkback, physical outputs; and what can be
read but not set."""

from __future__ import annotations

import math

from dsp import slots
from firmware.params.parameter import STRIPS, Kind, Meter, Parameter
from firmware.params.patch import BUS, CARRIED, DESTINATION, MICROPHONE, MONITORED
from firmware.params.strip import COLOURS
from firmware.params.taper import Taper
from firmware.params.values import Choice, Number, Switch, Text, ValueType

_DESK = (Kind.DESK,)
_OUTPUT = (Kind.OUTPUT,)
_LEVEL = Number(-math.inf, 10.0, "dB", 1 / 200, Taper.FADER)
_FREQUENCY = Number(20.0, 20000.0, "Hz", 1 / 240, Taper.LOG)
_DELAY = Number(0.0, 500.0, "ms", 0.1)

# Outputs 1 and 2 are the mains, 3 and 4 the phones, for which the ceiling is lower: nothing hurts.
_SOURCES = ("main.l", "main.r", "monitor.l", "monitor.r", "none")
_CEILINGS = (-1.0, -1.0, -12.0, -12.0, -1.0)


def _of_desk(
    name: str, kind: ValueType, default: bool | float | str, about: str, *, glide_ms: float = 20.0, moment: bool = False
) -> Parameter:
    return Parameter(name, kind, (default,), about, _DESK, safe=_DESK, glide_ms=glide_ms, moment=moment)


GROUPS = (
    Parameter("name", Text(), ("",), "what the display calls it", (Kind.DCA, Kind.MUTE_GROUP), glide_ms=0, slot=False),
    Parameter("colour", Choice(COLOURS), ("white",), "its colour on the display", (Kind.DCA,), glide_ms=0, slot=False),
    Parameter("fader_db", _LEVEL, (0.0,), "added to the faders of its strips", (Kind.DCA,)),
    Parameter("mute", Switch(), (False,), "silences its strips", (Kind.DCA, Kind.MUTE_GROUP)),
    Parameter("source", BUS, ("none",), "the bus it works on", (Kind.EFFECT,), glide_ms=0),
)

_MONITOR = (
    _of_desk("monitor.source", MONITORED, "main", "what it hears while nothing is soloed", glide_ms=0),
    _of_desk("monitor.level_db", _LEVEL, -20.0, "level of phones and monitors"),
    _of_desk("monitor.dim", Switch(), False, "turns it down for talking"),
    _of_desk("monitor.dim_db", Number(-40.0, 0.0, "dB", 0.5), -20.0, "how far"),
    _of_desk("monitor.mono", Switch(), False, "the sum of both sides on both"),
    _of_desk("monitor.swap", Switch(), False, "left and right exchanged"),
    _of_desk("monitor.polarity", Switch(), False, "turns the right side upside down"),
    _of_desk("monitor.delay_ms", _DELAY, 0.0, "delay of phones and monitors; moves by a crossfade", glide_ms=0),
    _of_desk(
        "monitor.solo_mode", Choice(slots.SOLO_MODES), "pfl",
        "solo listens before (pfl) or after (afl) fader and pan, or silences all others for everyone (sip)", glide_ms=0,
    ),
    Parameter(
        "monitor.exclusive", Switch(), (False,), "a new solo ends the others", _DESK, safe=_DESK, glide_ms=0, slot=False
    ),
)  # fmt: skip

_GENERATOR = (
    _of_desk("osc.on", Switch(), False, "the generator", moment=True),
    _of_desk("osc.type", Choice(slots.OSC_TYPES), "pink", "what it makes; the sweep is logarithmic", glide_ms=0),
    _of_desk("osc.freq_hz", _FREQUENCY, 1000.0, "of the sine, of the first of two sines"),
    _of_desk("osc.freq_2_hz", _FREQUENCY, 60.0, "of the second of two sines"),
    _of_desk("osc.sweep_s", Number(0.1, 60.0, "s", 0.1), 10.0, "how long a sweep lasts"),
    _of_desk(
        "osc.level_db", Number(-math.inf, 0.0, "dBFS", 1 / 200, Taper.FADER), -20.0, "level; a full-scale sine is 0"
    ),
    _of_desk("osc.destination", DESTINATION, "none", "where it goes; a channel takes it as a source", glide_ms=0),
)

_TALKBACK = (
    _of_desk("talkback.on", Switch(), False, "speak to the destinations", moment=True),
    _of_desk("talkback.source", MICROPHONE, "none", "the input of its microphone", glide_ms=0),
    _of_desk("talkback.level_db", _LEVEL, 0.0, "how loud"),
    _of_desk("talkback.dim_db", Number(-40.0, 0.0, "dB", 0.5), -20.0, "how far the monitor is turned down meanwhile"),
    Parameter(
        "talkback.latch", Switch(), (False,), "its key stays down", _DESK, safe=_DESK, glide_ms=0, slot=False
    ),
    *(
        Parameter(
            f"talkback.to.{word}.{n}", Switch(), (False,), f"heard in that {word}", _DESK, safe=_DESK,
            series=f"talkback.to.{word}.{letter}",
        )
        for word, letter, most in (("bus", "B", slots.MAX_BUSES), ("matrix", "M", slots.MAX_MATRICES))
        for n in range(1, most + 1)
    ),
    _of_desk("talkback.to.main", Switch(), False, "heard in the mains"),
    _of_desk("talkback.to.mono", Switch(), False, "heard in the mono main"),
)  # fmt: skip

DESK = (*_MONITOR, *_GENERATOR, *_TALKBACK)

OUTPUT = (
    Parameter("source", CARRIED, _SOURCES, "what it carries", _OUTPUT, safe=_OUTPUT, glide_ms=0),
    Parameter(
        "tap", Choice(slots.TAPS), ("post_fader",), "where in a strip it is taken", _OUTPUT, safe=_OUTPUT, glide_ms=0
    ),
    Parameter("delay_ms", _DELAY, (0.0,), "delay; moves by a crossfade", _OUTPUT, safe=_OUTPUT, glide_ms=0),
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
        Meter(f"meter.{stage}.{name}", unit, f"{about} {_STAGE_TEXT[stage]}", STRIPS)
        for stage in slots.METER_STAGES
        for name, unit, about in (
            ("peak_dbfs", "dBFS", "peak, falling 20 dB in 1.7 s,"),
            ("rms_dbfs", "dBFS", "mean over 300 ms"),
            ("clips", "", "samples beyond full scale"),
        )
    ),
    Meter("meter.gr_gate_db", "dB", "what the gate takes away", STRIPS),
    Meter("meter.gr_comp_db", "dB", "what the compressor takes away", STRIPS),
    Meter("meter.bad_numbers", "", "how often the strip was cleared of a number that is none", STRIPS),
    Meter("meter.peak_dbfs", "dBFS", "peak of what leaves the desk", _OUTPUT),
    Meter("meter.rms_dbfs", "dBFS", "mean over 300 ms of what leaves the desk", _OUTPUT),
    Meter("meter.limiter_gr_db", "dB", "what the limiter takes away", _OUTPUT),
)
