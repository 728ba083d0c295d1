"""The parameters of a strip, in the order of the signal."""

from __future__ import annotations

import math

from dsp import slots
from firmware.params.parameter import STRIPS, Kind, Parameter
from firmware.params.patch import INSERT, KEY, SOURCE
from firmware.params.taper import Taper
from firmware.params.values import Choice, Number, Switch, Text

COLOURS = (
    "white", "red", "orange", "amber", "yellow", "lime", "green", "mint",
    "cyan", "sky", "blue", "violet", "magenta", "pink", "brown", "grey",
)  # fmt: skip

_HEAR = (Kind.CHANNEL, Kind.RETURN)
_FEED = (Kind.CHANNEL, Kind.BUS, Kind.RETURN)
_MAINS = (Kind.MAIN, Kind.MONO)
_PANNED = tuple(kind for kind in STRIPS if kind is not Kind.MONO)
_LOG_STEP = 1 / 240  # of 20 Hz to 20 kHz: a twenty-fourth of an octave
_FREQUENCY = Number(20.0, 20000.0, "Hz", _LOG_STEP, Taper.LOG)
_LEVEL = Number(-math.inf, 10.0, "dB", 1 / 200, Taper.FADER)
# Numbers that the shapes of the six bands and their middle frequencies come from: a shelf at each end, bells between.
_BANDS = (
    ("low_shelf", 100.0),
    ("bell", 250.0),
    ("bell", 800.0),
    ("bell", 2500.0),
    ("bell", 6000.0),
    ("high_shelf", 10000.0),
)


def _db(low: float, high: float, step: float = 0.5) -> Number:
    return Number(low, high, "dB", step)


def _ms(low: float, high: float) -> Number:
    return Number(low, high, "ms", 1 / 120, Taper.LOG)


def _head() -> tuple[Parameter, ...]:
    return (
        Parameter("name", Text(), ("",), "what the display calls the strip", glide_ms=0, slot=False),
        Parameter("colour", Choice(COLOURS), ("white",), "its colour on the display", glide_ms=0, slot=False),
        Parameter(
            "source",
            SOURCE,
            ("in.N",),
            "where its sound comes from",
            _HEAR,
            glide_ms=0,
            of_kind={Kind.RETURN: "fx.N"},
        ),
        Parameter("trim_db", _db(-24.0, 24.0, 0.25), (0.0,), "gain before everything else"),
        Parameter("polarity_invert", Switch(), (False,), "turns the wave upside down"),
        Parameter(
            "delay_ms", Number(0.0, 500.0, "ms", 0.1), (0.0,), "delay of the strip; moves by a crossfade", glide_ms=0
        ),
    )


def _filters() -> tuple[Parameter, ...]:
    return (
        Parameter("hpf.on", Switch(), (False,), "high-pass filter"),
        Parameter("hpf.freq_hz", Number(20.0, 2000.0, "Hz", 1 / 160, Taper.LOG), (80.0,), "its corner (−3 dB)"),
        Parameter(
            "hpf.slope_db_oct", Choice(slots.HPF_SLOPES_DB_OCT, "dB/oct"), (12,), "how steeply it falls", glide_ms=0
        ),
        Parameter("lpf.on", Switch(), (False,), "low-pass filter"),
        Parameter("lpf.freq_hz", _FREQUENCY, (18000.0,), "its corner (−3 dB)"),
        Parameter(
            "lpf.slope_db_oct", Choice(slots.LPF_SLOPES_DB_OCT, "dB/oct"), (12,), "how steeply it falls", glide_ms=0
        ),
    )


def _key(of: str) -> tuple[Parameter, ...]:
    return (
        Parameter(f"{of}.key.source", KEY, ("self",), "the strip it listens to", glide_ms=0),
        Parameter(f"{of}.key.filter", Choice(slots.KEY_FILTERS), ("off",), "filter of what it listens to", glide_ms=0),
        Parameter(f"{of}.key.freq_hz", _FREQUENCY, (1000.0,), "its frequency"),
        Parameter(f"{of}.key.q", Number(0.3, 10.0, "", 1 / 100, Taper.LOG), (0.71,), "width: high is narrow"),
        Parameter(f"{of}.key.listen", Switch(), (False,), "hear what it listens to in the monitor", safe=STRIPS),
    )


def _gate() -> tuple[Parameter, ...]:
    return (
        Parameter("gate.on", Switch(), (False,), "the gate"),
        Parameter("gate.mode", Choice(slots.GATE_MODES), ("gate",), "gate, expander or ducker", glide_ms=0),
        Parameter("gate.threshold_db", _db(-80.0, 0.0), (-45.0,), "it opens at this level (dBFS)"),
        Parameter("gate.range_db", _db(0.0, 90.0), (60.0,), "how far it closes"),
        Parameter(
            "gate.ratio", Number(1.0, 10.0, ":1", 1 / 100, Taper.LOG), (2.0,), "of the expander, below the threshold"
        ),
        Parameter("gate.hysteresis_db", _db(0.0, 12.0), (3.0,), "it closes so far below the threshold"),
        Parameter("gate.attack_ms", _ms(0.05, 120.0), (1.0,), "time to 63 % of opening"),
        Parameter("gate.hold_ms", _ms(0.0, 2000.0), (20.0,), "stays open so long after the sound"),
        Parameter("gate.release_ms", _ms(5.0, 4000.0), (150.0,), "time to 63 % of closing"),
        *_key("gate"),
    )


def _band(number: int, shape: str, freq_hz: float) -> tuple[Parameter, ...]:
    at = f"eq.band.{number}"
    return (
        Parameter(f"{at}.on", Switch(), (True,), f"band {number}"),
        Parameter(f"{at}.type", Choice(slots.EQ_TYPES), (shape,), "its shape", glide_ms=0),
        Parameter(f"{at}.freq_hz", _FREQUENCY, (freq_hz,), "its frequency"),
        Parameter(f"{at}.gain_db", _db(-18.0, 18.0, 0.1), (0.0,), "lift or cut"),
        Parameter(f"{at}.q", Number(0.1, 16.0, "", 1 / 100, Taper.LOG), (0.71,), "width: high is narrow"),
    )


def _eq() -> tuple[Parameter, ...]:
    bands = (one for n, (shape, freq_hz) in enumerate(_BANDS, 1) for one in _band(n, shape, freq_hz))
    return (Parameter("eq.on", Switch(), (True,), "the whole equaliser"), *bands)


def _comp() -> tuple[Parameter, ...]:
    return (
        Parameter("comp.on", Switch(), (False,), "the compressor"),
        Parameter("comp.position", Choice(slots.COMP_POSITIONS), ("post_eq",), "before or after the equaliser"),
        Parameter("comp.detector", Choice(slots.COMP_DETECTORS), ("peak",), "what it measures", glide_ms=0),
        Parameter("comp.threshold_db", _db(-60.0, 0.0), (-18.0,), "it works above this level (dBFS)"),
        Parameter(
            "comp.ratio", Number(1.0, math.inf, ":1", 1 / 100, Taper.INVERSE), (3.0,), "dB in for one dB more out"
        ),
        Parameter("comp.knee_db", _db(0.0, 24.0), (6.0,), "how softly it starts"),
        Parameter("comp.attack_ms", _ms(0.05, 200.0), (10.0,), "time to 63 % of turning down"),
        Parameter("comp.hold_ms", _ms(0.0, 2000.0), (0.0,), "stays down so long after the peak"),
        Parameter("comp.release_ms", _ms(5.0, 4000.0), (120.0,), "time to 63 % of coming back"),
        Parameter("comp.makeup_db", _db(0.0, 24.0), (0.0,), "gain after it"),
        Parameter("comp.auto_makeup", Switch(), (False,), "gain after it, by threshold and ratio"),
        Parameter("comp.mix_pct", Number(0.0, 100.0, "%"), (100.0,), "compressed against dry"),
        *_key("comp"),
    )


def _insert() -> tuple[Parameter, ...]:
    return (
        Parameter("insert.on", Switch(), (False,), "the insert"),
        Parameter("insert.position", Choice(slots.INSERT_POSITIONS), ("post_eq",), "before or after the equaliser"),
        Parameter("insert.slot", INSERT, ("none",), "the card's output and input of that number", glide_ms=0),
    )


def _out() -> tuple[Parameter, ...]:
    feeds = dict.fromkeys((Kind.BUS, Kind.MAIN, Kind.MONO, Kind.MATRIX), 0.0)  # they are silent until something is sent
    width = Number(-150.0, 150.0, "%")
    return (
        Parameter("pan", Number(-100.0, 100.0, "pan"), (0.0,), "left to right; of a stereo strip the balance", _PANNED),
        Parameter(
            "width_pct", width, (100.0,), "of the stereo: 0 is mono, −100 swaps the sides", _PANNED, stereo_only=True
        ),
        Parameter("fader_db", _LEVEL, (-math.inf,), "the fader", safe=_MAINS, of_kind=feeds),
        Parameter("mute", Switch(), (False,), "silences the strip, what it sends before the fader too", safe=_MAINS),
        Parameter("to_main", Switch(), (True,), "sends it to the mains", _FEED, of_kind={Kind.BUS: False}),
        Parameter("to_mono", Switch(), (False,), "sends it to the mono main", _FEED),
        Parameter("mono_level_db", _LEVEL, (0.0,), "how loud there", _FEED),
        Parameter("solo", Switch(), (False,), "listen to it alone in the monitor", safe=STRIPS),
        Parameter("solo_safe", Switch(), (False,), "solo in place does not silence it", safe=STRIPS),
    )


def _groups() -> tuple[Parameter, ...]:
    return (
        *(
            Parameter(f"dca.{d}", Switch(), (False,), "follows that DCA's fader and mute", series="dca.D")
            for d in range(1, slots.DCAS + 1)
        ),
        *(
            Parameter(f"mute_group.{g}", Switch(), (False,), "silent when that group is", series="mute_group.G")
            for g in range(1, slots.MUTE_GROUPS + 1)
        ),
    )


def _send(name: str, series: str, to: str, kinds: tuple[Kind, ...]) -> tuple[Parameter, ...]:
    return (
        Parameter(f"{name}.on", Switch(), (True,), f"the send to that {to}", kinds, series=f"{series}.on"),
        Parameter(f"{name}.level_db", _LEVEL, (-math.inf,), "how loud", kinds, series=f"{series}.level_db"),
        Parameter(
            f"{name}.tap",
            Choice(slots.TAPS),
            ("post_fader",),
            "where it is taken",
            kinds,
            glide_ms=0,
            series=f"{series}.tap",
        ),
        Parameter(
            f"{name}.pan",
            Number(-100.0, 100.0, "pan"),
            (0.0,),
            f"left to right in a stereo {to}",
            kinds,
            series=f"{series}.pan",
        ),
    )


def _sends() -> tuple[Parameter, ...]:
    buses = (_send(f"send.{b}", "send.B", "bus", _FEED) for b in range(1, slots.MAX_BUSES + 1))
    to_matrices = (Kind.BUS, *_MAINS)
    matrices = (_send(f"matrix.{m}", "matrix.M", "matrix", to_matrices) for m in range(1, slots.MAX_MATRICES + 1))
    return tuple(one for send in (*buses, *matrices) for one in send)


STRIP = (*_head(), *_filters(), *_gate(), *_eq(), *_comp(), *_insert(), *_out(), *_groups(), *_sends())
