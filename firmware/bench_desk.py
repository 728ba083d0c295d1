"""The desk that `pidesk bench` times: everything engaged, each parameter with a place to travel to, and its signals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from dsp.rows import MAX_PORTS
from dsp.size import DeskSize
from dsp.slots import Domain, StripKind

Floats = NDArray[np.float32]

_BAND_TYPES = ("low_shelf", "bell", "bell", "bell", "bell", "high_shelf")
_BANDS = (  # freq_hz, gain_db, q
    (100.0, 4.0, 0.7),
    (250.0, -5.0, 1.4),
    (600.0, 3.0, 1.0),
    (1800.0, -4.0, 2.0),
    (4500.0, 5.0, 1.2),
    (9000.0, 3.0, 0.7),
)

# The sends' taps, bus by bus: every one of the five in each eight.
_TAPS = tuple(slots.TAPS.index(tap) for tap in ("post_fader", "pre_fader", "post_eq", "pre_eq", "input", "post_fader"))

# Where a parameter stands at rest, and where it travels to; a single number does not travel.
Ends = tuple[float, ...]
STRIP: dict[str, Ends] = {
    "trim_db": (-3.0, 3.0),
    "polarity_invert": (0, 1),
    "delay_ms": (0.0,),
    "hpf.on": (1, 0),
    "hpf.freq_hz": (80.0, 160.0),
    "hpf.slope_db_oct": (slots.HPF_SLOPES_DB_OCT.index(24),),
    "lpf.on": (1, 0),
    "lpf.freq_hz": (16000.0, 9000.0),
    "lpf.slope_db_oct": (slots.LPF_SLOPES_DB_OCT.index(12),),
    "gate.on": (1, 0),
    "gate.mode": (slots.GATE_MODES.index("gate"),),
    "gate.threshold_db": (-45.0, -40.0),
    "gate.range_db": (40.0, 60.0),
    "gate.ratio": (2.0, 4.0),
    "gate.hysteresis_db": (3.0, 6.0),
    "gate.attack_ms": (1.0, 3.0),
    "gate.hold_ms": (20.0, 40.0),
    "gate.release_ms": (150.0, 300.0),
    "gate.key.source": (slots.NONE,),
    "gate.key.filter": (slots.KEY_FILTERS.index("band"),),
    "gate.key.freq_hz": (400.0, 800.0),
    "gate.key.q": (0.7, 1.4),
    "gate.key.listen": (0.0,),
    "eq.on": (1, 0),
    **{f"eq.band.{n}.on": (1, 0) for n in range(1, slots.EQ_BANDS + 1)},
    **{f"eq.band.{n}.type": (slots.EQ_TYPES.index(t),) for n, t in enumerate(_BAND_TYPES, 1)},
    **{f"eq.band.{n}.freq_hz": (f, f * 1.5) for n, (f, _, _) in enumerate(_BANDS, 1)},
    **{f"eq.band.{n}.gain_db": (g, -g) for n, (_, g, _) in enumerate(_BANDS, 1)},
    **{f"eq.band.{n}.q": (q, q * 1.3) for n, (_, _, q) in enumerate(_BANDS, 1)},
    "comp.on": (1, 0),
    "comp.position": (slots.COMP_POSITIONS.index("post_eq"), slots.COMP_POSITIONS.index("pre_eq")),
    "comp.detector": (slots.COMP_DETECTORS.index("peak"),),
    "comp.threshold_db": (-24.0, -18.0),
    "comp.ratio": (3.0, 6.0),
    "comp.knee_db": (6.0, 12.0),
    "comp.attack_ms": (10.0, 20.0),
    "comp.hold_ms": (1.0, 5.0),
    "comp.release_ms": (120.0, 240.0),
    "comp.makeup_db": (3.0, 6.0),
    "comp.auto_makeup": (0, 1),
    "comp.mix_pct": (100.0, 60.0),
    "comp.key.source": (slots.NONE,),
    "comp.key.filter": (slots.KEY_FILTERS.index("low_cut"),),
    "comp.key.freq_hz": (150.0, 300.0),
    "comp.key.q": (0.7, 1.4),
    "comp.key.listen": (0.0,),
    "insert.on": (0.0,),
    "insert.position": (1.0,),
    "insert.slot": (slots.NONE,),
    "pan": (-40.0, 40.0),
    "width_pct": (100.0, 80.0),
    "fader_db": (0.0, -6.0),
    "mute": (0, 1),
    "to_main": (1, 0),
    "to_mono": (0, 1),
    "mono_level_db": (0.0, -6.0),
    "solo": (0, 1),
    "solo_safe": (0.0,),
    **{f"dca.{d}": (float(d == 1), float(d != 1)) for d in range(1, slots.DCAS + 1)},
    **{f"mute_group.{g}": (0, 1) for g in range(1, slots.MUTE_GROUPS + 1)},
    "link": (0.0,),
}
for _send, _tap in [
    *((f"send.{b}", _TAPS[b % len(_TAPS)]) for b in range(1, slots.MAX_BUSES + 1)),
    *((f"matrix.{m}", slots.TAPS.index("post_fader")) for m in range(1, slots.MAX_MATRICES + 1)),
]:
    STRIP |= {
        f"{_send}.on": (1, 0),
        f"{_send}.level_db": (-12.0, -24.0),
        f"{_send}.tap": (_tap,),
        f"{_send}.pan": (0, 50),
    }
# What a strip has that pedalboard's and Faust's peers have not (see `like_the_peers`), and plain strips have not at all
_STAGES = ("hpf.on", "lpf.on", "gate.on", "eq.on", "comp.on")
_KEYS = ("gate.key.filter", "comp.key.filter")

_MAIN_L = slots.lane_code(StripKind.MAIN, 0)
DESK: dict[str, Ends] = {slot.name: (0.0,) for slot in slots.DESK} | {
    "monitor.source": (_MAIN_L,),
    "monitor.level_db": (-10.0, -20.0),
    "monitor.dim": (0, 1),
    "monitor.dim_db": (-20.0, -10.0),
    "monitor.mono": (0, 1),
    "monitor.swap": (0, 1),
    "monitor.polarity": (0, 1),
    "engine.gain_db": (0.0, -6.0),
    **{f"dca.{d}.fader_db": (0.0, -6.0) for d in range(1, slots.DCAS + 1)},
    "osc.freq_hz": (1000.0,),
    "osc.freq_2_hz": (60.0,),
    "osc.destination": (slots.NONE,),
    **{f"fx.{k}.source": (slots.lane_code(StripKind.BUS, k - 1),) for k in range(1, slots.MAX_EFFECTS + 1)},
}
_OUTPUT: dict[str, Ends] = {
    "tap": (slots.TAPS.index("post_fader"),),
    "delay_ms": (0.0,),
    "ceiling_dbfs": (-1.0, -3.0),
    "release_ms": (120.0, 240.0),
}
_CARRIED = (_MAIN_L, _MAIN_L + 1, slots.MONITOR_L, slots.MONITOR_R)

_GLIDING = {slot.name for slot in slots.STRIP + slots.DESK + slots.OUTPUT if slot.domain != Domain.STEP}


def _strips(size: DeskSize) -> list[tuple[StripKind, int]]:
    """Every strip by its left lane."""
    every = [(kind, place) for kind in StripKind for place in range(size.lanes_of[kind])]
    rights = [(kind, place) for kind, place in every if kind == StripKind.RETURN and place % 2]
    return [strip for strip in every if strip not in rights and strip != (StripKind.MAIN, 1)]


def _of_strip(size: DeskSize, kind: StripKind, place: int) -> dict[str, Ends]:
    """Where the parameters of a strip stand and go. What goes on is lower with each stage, so that nothing piles up."""
    shift = 1.0 + 0.01 * (place + 1)  # every strip with settings of its own
    own = {name: tuple(e * shift for e in ends) if name.endswith("freq_hz") else ends for name, ends in STRIP.items()}
    if kind == StripKind.CHANNEL:
        own["source"] = (float(place % min(size.inputs, MAX_PORTS)),)
    else:
        silent = {name: (-math.inf,) for name in own if name.startswith("send.") and name.endswith("level_db")}
        own |= silent | {"source": (slots.NONE,), "to_main": (0.0,), "solo": (0.0,), "trim_db": (-12.0, -15.0)}
    if kind == StripKind.MAIN:
        own |= {"trim_db": (0.0, -3.0)}  # the limiters have something to do
    if kind == StripKind.RETURN:
        own |= {"source": (float(slots.SOURCE_FX + place),), "to_main": (1, 0)}
    return own


def _table(size: DeskSize) -> list[tuple[int, str, Ends]]:
    rows: list[tuple[int, str, Ends]] = []
    for kind, place in _strips(size):
        rows += [(size.strip(kind, place, name), name, ends) for name, ends in _of_strip(size, kind, place).items()]
        if kind == StripKind.RETURN:
            rows.append((size.strip(kind, place + 1, "source"), "source", (float(slots.SOURCE_FX + place + 1),)))
    rows += [(size.desk(name), name, ends) for name, ends in DESK.items()]
    for k in range(1, size.outputs + 1):
        rows.append((size.output(k, "source"), "source", (float(_CARRIED[(k - 1) % len(_CARRIED)]),)))
        rows += [(size.output(k, name), name, ends) for name, ends in _OUTPUT.items()]
    return rows


def values(size: DeskSize) -> NDArray[np.float64]:
    """float64[addresses] in natural units: every stage of every strip does something, on channels, buses, returns,
    mains and matrices; every channel is sent to every bus."""
    found = np.zeros(size.addresses)
    for address, _, ends in _table(size):
        found[address] = ends[0]
    return found


def plain_behind(size: DeskSize) -> NDArray[np.float64]:
    """As `values`, but with every stage of buses, returns, mains and matrices off: what is engaged are the channels."""
    found = values(size)
    for kind, place in _strips(size):
        if kind != StripKind.CHANNEL:
            for name in (*_STAGES, *_KEYS):
                found[size.strip(kind, place, name)] = 0.0
    return found


def like_the_peers(size: DeskSize) -> NDArray[np.float64]:
    """As `plain_behind`, but each channel with the stages that pedalboard's and Faust's strips have: low cut of
    12 dB/oct, gate, four bands (two shelves, two bells), compressor, fader, pan; no key filters."""
    found = plain_behind(size)
    for n in range(1, size.channels + 1):
        found[size.channel(n, "hpf.slope_db_oct")] = slots.HPF_SLOPES_DB_OCT.index(12)
        found[size.channel(n, "eq.band.4.type")] = slots.EQ_TYPES.index("high_shelf")
        for name in ("lpf.on", "eq.band.5.on", "eq.band.6.on", *_KEYS):
            found[size.channel(n, name)] = 0.0
    return found


def travels(size: DeskSize) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Every gliding parameter: its address, where it rests, where it travels to."""
    rows = [(address, *ends) for address, name, ends in _table(size) if name in _GLIDING and len(ends) == 2]
    address, rest, away = zip(*rows, strict=True)
    return np.array(address, np.int64), np.array(rest, np.float64), np.array(away, np.float64)


def signal(inputs: int, frames: int = 48000) -> Floats:
    """float32[frames, inputs]: noise in strokes that fall from −6 to −66 dBFS twice a second, each input at its own
    time, so that gates open and close and compressors work and rest."""
    noise = np.random.default_rng(1).uniform(-1.0, 1.0, (frames, inputs))
    stroke = (np.arange(frames)[:, None] / (frames / 2) + np.arange(inputs) / inputs) % 1.0
    return (noise * 10 ** ((-6.0 - 60.0 * stroke) / 20.0)).astype(np.float32)


def tail(inputs: int, frames: int) -> Floats:
    """float32[frames, inputs]: noise that decays from 1e-36 to 1e-45, through all denormal numbers of float32."""
    noise = np.random.default_rng(2).uniform(-1.0, 1.0, (frames, inputs))
    return (noise * 10 ** np.linspace(-36.0, -45.0, frames)[:, None]).astype(np.float32)
