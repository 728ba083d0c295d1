"""Settings for the tests: a flat desk, named scenes, and random ones made from numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dsp.size import DeskSize
from dsp.slots import (
    DCAS,
    DESK,
    MAX_BUSES,
    MAX_EFFECTS,
    MAX_MATRICES,
    MONITOR_L,
    MUTE_GROUPS,
    NONE,
    STRIP,
    STRIP_INDEX,
    StripKind,
    lane_code,
)  # fmt: skip

Values = NDArray[np.float64]

STRIP_DEFAULTS: dict[str, float] = {
    "source": -1, "trim_db": 0, "polarity_invert": 0, "delay_ms": 0,
    "hpf.on": 0, "hpf.freq_hz": 80, "hpf.slope_db_oct": 1,
    "lpf.on": 0, "lpf.freq_hz": 18000, "lpf.slope_db_oct": 1,
    "gate.on": 0, "gate.mode": 0, "gate.threshold_db": -45, "gate.range_db": 60, "gate.ratio": 2,
    "gate.hysteresis_db": 3, "gate.attack_ms": 1, "gate.hold_ms": 20, "gate.release_ms": 150,
    "eq.on": 0,
    "comp.on": 0, "comp.position": 0, "comp.detector": 0, "comp.threshold_db": -18, "comp.ratio": 3, "comp.knee_db": 6,
    "comp.attack_ms": 10, "comp.hold_ms": 0, "comp.release_ms": 120, "comp.makeup_db": 0, "comp.auto_makeup": 0,
    "comp.mix_pct": 100, "insert.on": 0, "insert.position": 1, "insert.slot": -1, "pan": 0, "width_pct": 100,
    "fader_db": 0, "mute": 0, "to_main": 1, "to_mono": 0, "mono_level_db": 0, "solo": 0, "solo_safe": 0, "link": 0,
    **{f"{of}.key.{name}": value for of in ("gate", "comp") for name, value in
       {"source": -1, "filter": 0, "freq_hz": 1000, "q": 0.71, "listen": 0}.items()},
    **{f"dca.{n}": 0 for n in range(1, DCAS + 1)},
    **{f"mute_group.{n}": 0 for n in range(1, MUTE_GROUPS + 1)},
}  # fmt: skip
for _send in [f"send.{b}" for b in range(1, MAX_BUSES + 1)] + [f"matrix.{m}" for m in range(1, MAX_MATRICES + 1)]:
    STRIP_DEFAULTS |= {f"{_send}.on": 1, f"{_send}.level_db": -math.inf, f"{_send}.tap": 4, f"{_send}.pan": 0}
for _n in range(1, 7):
    _band = {"on": 0, "type": 0, "freq_hz": 1000, "gain_db": 0, "q": 0.71}
    STRIP_DEFAULTS |= {f"eq.band.{_n}.{name}": value for name, value in _band.items()}

MAIN_L, MAIN_R, MAIN_MONO = (lane_code(StripKind.MAIN, place) for place in range(3))
DESK_DEFAULTS: dict[str, float] = {slot.name: 0.0 for slot in DESK} | {
    "monitor.source": MAIN_L, "monitor.dim_db": -20, "osc.freq_hz": 1000, "osc.freq_2_hz": 60, "osc.sweep_s": 1,
    "osc.level_db": -20, "osc.destination": NONE, "talkback.dim_db": -20,
    **{f"fx.{k}.source": NONE for k in range(1, MAX_EFFECTS + 1)},
}  # fmt: skip
OUTPUT_DEFAULTS: dict[str, float] = {"source": NONE, "tap": 4, "delay_ms": 0, "ceiling_dbfs": -1, "release_ms": 120}
CARRIED = (MAIN_L, MAIN_R, MONITOR_L, MONITOR_L + 1)  # by outputs 1, 2, 3, 4, 5 …


def flat(size: DeskSize) -> Values:
    """A desk that changes nothing: strip n hears input n, hard left or right in turn; outputs main and monitor l, r."""
    values = np.zeros(size.addresses)
    for slot_number, slot in enumerate(STRIP):
        values[slot_number : size.lanes * len(STRIP) : len(STRIP)] = STRIP_DEFAULTS[slot.name]
    first_bus, first_return = (size.first_lane(kind) for kind in (StripKind.BUS, StripKind.RETURN))
    for lane in range(first_bus, first_return):  # a bus goes nowhere unless a test says so
        values[lane * len(STRIP) + STRIP_INDEX["to_main"]] = 0
    for n in range(1, min(size.inputs, size.channels) + 1):
        values[size.channel(n, "source")] = n - 1
        values[size.channel(n, "pan")] = -100 if n % 2 else 100
    for name, value in DESK_DEFAULTS.items():
        values[size.desk(name)] = value
    for k in range(1, size.outputs + 1):
        for name, value in OUTPUT_DEFAULTS.items():
            values[size.output(k, name)] = value
        values[size.output(k, "source")] = CARRIED[(k - 1) % 4]
    return values


def change(size: DeskSize, values: Values, strip: int | str, settings: Mapping[str, float]) -> None:
    """Sets slots of channel `strip`, or of the main for "main"."""
    for name, value in settings.items():
        values[size.main(name) if isinstance(strip, str) else size.channel(strip, name)] = value


EVERY_SECTION: dict[str, dict[str, float]] = {
    # For the noise of float32 arithmetic: two named scenes in which all nine sections work
    "kick drum": {
        "hpf.on": 1, "hpf.freq_hz": 30, "hpf.slope_db_oct": 3, "lpf.on": 1, "lpf.freq_hz": 16000, "lpf.slope_db_oct": 1,
        "eq.on": 1,
        **{f"eq.band.{n}.on": 1 for n in range(1, 7)},
        "eq.band.1.type": 1, "eq.band.1.freq_hz": 90, "eq.band.1.gain_db": 3, "eq.band.1.q": 0.7,
        "eq.band.2.type": 0, "eq.band.2.freq_hz": 60, "eq.band.2.gain_db": 4, "eq.band.2.q": 1.4,
        "eq.band.3.type": 0, "eq.band.3.freq_hz": 350, "eq.band.3.gain_db": -6, "eq.band.3.q": 1.2,
        "eq.band.4.type": 5, "eq.band.4.freq_hz": 180, "eq.band.4.q": 8,
        "eq.band.5.type": 0, "eq.band.5.freq_hz": 3500, "eq.band.5.gain_db": 5, "eq.band.5.q": 1,
        "eq.band.6.type": 2, "eq.band.6.freq_hz": 8000, "eq.band.6.gain_db": 3, "eq.band.6.q": 0.7,
    },
    "broad and bright": {
        "hpf.on": 1, "hpf.freq_hz": 40, "hpf.slope_db_oct": 2, "lpf.on": 1, "lpf.freq_hz": 18000, "lpf.slope_db_oct": 0,
        "eq.on": 1,
        **{f"eq.band.{n}.on": 1 for n in range(1, 7)},
        "eq.band.1.type": 3, "eq.band.1.freq_hz": 30, "eq.band.1.q": 0.71,
        "eq.band.2.type": 0, "eq.band.2.freq_hz": 250, "eq.band.2.gain_db": -4, "eq.band.2.q": 1.2,
        "eq.band.3.type": 7, "eq.band.3.freq_hz": 700, "eq.band.3.gain_db": 4,
        "eq.band.4.type": 0, "eq.band.4.freq_hz": 3000, "eq.band.4.gain_db": 5, "eq.band.4.q": 1,
        "eq.band.5.type": 0, "eq.band.5.freq_hz": 10000, "eq.band.5.gain_db": 4, "eq.band.5.q": 1,
        "eq.band.6.type": 4, "eq.band.6.freq_hz": 17000, "eq.band.6.q": 0.71,
    },
}  # fmt: skip
# Narrow bells low down with the sine of the test on their peak: the hardest found for float32, with its own bar
LOW_AND_NARROW: dict[str, float] = {
    "hpf.on": 1, "hpf.freq_hz": 20, "hpf.slope_db_oct": 3, "lpf.on": 1, "lpf.freq_hz": 16000, "lpf.slope_db_oct": 1,
    "eq.on": 1,
    **{f"eq.band.{n}.on": 1 for n in range(1, 7)},
    "eq.band.1.type": 1, "eq.band.1.freq_hz": 60, "eq.band.1.gain_db": 6, "eq.band.1.q": 0.7,
    "eq.band.2.type": 0, "eq.band.2.freq_hz": 40, "eq.band.2.gain_db": -6, "eq.band.2.q": 4,
    "eq.band.3.type": 0, "eq.band.3.freq_hz": 100, "eq.band.3.gain_db": 6, "eq.band.3.q": 2,
    "eq.band.4.type": 5, "eq.band.4.freq_hz": 50, "eq.band.4.q": 16,
    "eq.band.5.type": 0, "eq.band.5.freq_hz": 1000, "eq.band.5.gain_db": -9, "eq.band.5.q": 1,
    "eq.band.6.type": 2, "eq.band.6.freq_hz": 8000, "eq.band.6.gain_db": 3, "eq.band.6.q": 0.7,
}  # fmt: skip


def programme(frames: int, inputs: int, rate_hz: int, seed: int = 1) -> NDArray[np.float32]:
    """Something like music to measure with: decaying tones and bursts of noise, different on every input."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames) / rate_hz
    out = np.zeros((frames, inputs))
    for channel in range(inputs):
        period = 0.09 + 0.05 * rng.random()
        inside = t % period
        tone = np.sin(2 * np.pi * float(rng.uniform(60, 3000)) * t) * np.exp(-inside / 0.03)
        hiss = rng.standard_normal(frames) * np.exp(-inside / 0.008)
        out[:, channel] = 0.5 * tone + 0.1 * hiss + 0.01 * rng.standard_normal(frames)
    return np.clip(out, -1, 1).astype(np.float32)
