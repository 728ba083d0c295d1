"""Settings for the tests: a flat desk, named scenes, and random ones made from numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dsp.arena import DeskSize
from dsp.ring import Event
from dsp.slots import STRIP, Domain

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
    "comp.mix_pct": 100, "pan": 0, "fader_db": 0, "mute": 0, "to_main": 1, "solo": 0,
}  # fmt: skip
for _n in range(1, 7):
    _band = {"on": 0, "type": 0, "freq_hz": 1000, "gain_db": 0, "q": 0.71}
    STRIP_DEFAULTS |= {f"eq.band.{_n}.{name}": value for name, value in _band.items()}

DESK_DEFAULTS: dict[str, float] = {
    "monitor.source": 1, "monitor.level_db": 0, "monitor.dim": 0, "monitor.dim_db": -20, "monitor.mono": 0,
    "monitor.swap": 0, "monitor.polarity": 0, "monitor.solo_mode": 0, "engine.gain_db": 0,
}  # fmt: skip
OUTPUT_DEFAULTS: dict[str, float] = {"source": 0, "ceiling_dbfs": -1, "release_ms": 120}

# Ranges as declared (docs/parameters.md); choices as (0, number of choices)
RANGES: dict[str, tuple[float, float]] = {
    "trim_db": (-24, 24), "hpf.freq_hz": (20, 2000), "lpf.freq_hz": (20, 20000), "freq_hz": (20, 20000),
    "gain_db": (-18, 18), "q": (0.1, 16), "gate.threshold_db": (-80, 0), "gate.range_db": (0, 90),
    "gate.ratio": (1, 10),
    "gate.hysteresis_db": (0, 12), "gate.attack_ms": (0.05, 120), "gate.hold_ms": (0, 2000),
    "gate.release_ms": (5, 4000), "comp.threshold_db": (-60, 0), "comp.ratio": (1, 100), "comp.knee_db": (0, 24),
    "comp.attack_ms": (0.05, 200), "comp.hold_ms": (0, 2000), "comp.release_ms": (5, 4000), "comp.makeup_db": (0, 24),
    "comp.mix_pct": (0, 100), "pan": (-100, 100), "fader_db": (-100, 10),
}  # fmt: skip


def flat(size: DeskSize) -> Values:
    """A desk that changes nothing: strip n hears input n, hard left or right in turn; outputs main and monitor l, r."""
    values = np.zeros(size.addresses)
    for slot_number, slot in enumerate(STRIP):
        values[slot_number : size.lanes * len(STRIP) : len(STRIP)] = STRIP_DEFAULTS[slot.name]
    for n in range(1, min(size.inputs, size.channels) + 1):
        values[size.channel(n, "source")] = n - 1
        values[size.channel(n, "pan")] = -100 if n % 2 else 100
    for name, value in DESK_DEFAULTS.items():
        values[size.desk(name)] = value
    for k in range(1, size.outputs + 1):
        for name, value in OUTPUT_DEFAULTS.items():
            values[size.output(k, name)] = value
        values[size.output(k, "source")] = (k - 1) % 4 + 1
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


class Chance:
    """Draws settings and events from a seed (numpy's generator; hypothesis draws the seed)."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def between(self, low: float, high: float, domain: Domain) -> float:
        if domain in (Domain.LOG, Domain.INVERSE):
            return float(math.exp(self.rng.uniform(math.log(max(low, 0.05)), math.log(high))))
        return float(self.rng.uniform(low, high))

    def pick(self, count: int, first: int = 0) -> int:
        return int(self.rng.integers(first, count))

    def strip_value(self, name: str, domain: Domain, inputs: int) -> float:
        """A value of a strip's slot, over its whole range."""
        if name == "source":
            return self.pick(inputs, -1)
        if name == "delay_ms":
            return float(self.rng.choice([0.0, 0.1, 3.3, 21.7, 120.0]))
        if name.endswith("hold_ms"):
            return float(self.rng.choice([0.0, 0.0, 2.0, 15.0, 80.0]))
        if name == "fader_db":
            return float(self.rng.choice([-math.inf, -95.0, *self.rng.uniform(-60, 10, 6)]))
        if name == "comp.ratio":
            return float(self.rng.choice([math.inf, *np.exp(self.rng.uniform(0, 3, 5))]))
        if name.endswith((".type", ".mode", "slope_db_oct", "detector")):
            counts = {".type": 8, ".mode": 3, "hpf.slope_db_oct": 4, "lpf.slope_db_oct": 2, "detector": 2}
            return self.pick(next(count for end, count in counts.items() if name.endswith(end)))
        if domain == Domain.SWITCH:
            likely = {
                "mute": 0.1,
                "lpf.on": 0.3,
                **{f"eq.band.{n}.on": 0.4 for n in range(1, 7)},
                "solo": 0.1,
                "polarity_invert": 0.3,
                "to_main": 0.8,
            }
            return float(self.rng.random() < likely.get(name, 0.6))
        low, high = RANGES[name if name in RANGES else name.rsplit(".", 1)[-1]]
        return self.between(low, high, domain)

    def desk_value(self, name: str) -> float:
        if name == "monitor.source":
            return self.pick(3)
        if name in ("monitor.level_db", "engine.gain_db"):
            return float(self.rng.choice([-math.inf, -20.0, 0.0, 0.0, 3.0]))
        if name == "monitor.dim_db":
            return float(self.rng.uniform(-40, 0))
        return float(self.rng.random() < 0.3)

    def output_value(self, name: str) -> float:
        if name == "source":
            return self.pick(5, 1)
        return self.between(*((-20, 0) if name == "ceiling_dbfs" else (20, 2000)), Domain.LINEAR)

    def values(self, size: DeskSize) -> Values:
        values = flat(size)
        for slot in STRIP:
            for n in range(1, size.channels + 1):
                values[size.channel(n, slot.name)] = self.strip_value(slot.name, slot.domain, size.inputs)
            values[size.main(slot.name)] = self.strip_value(slot.name, slot.domain, size.inputs)
            values[size.channel(n, "fader_db")] = float(self.rng.uniform(-20, 10))
        loud = {"fader_db": float(self.rng.uniform(-6, 10)), "mute": 0, "eq.on": 0, "gate.threshold_db": -60}
        change(
            size,
            values,
            "main",
            loud | {"trim_db": float(self.rng.uniform(0, 18)), "pan": float(self.rng.uniform(-30, 30))},
        )
        for n in range(1, size.channels + 1):
            values[size.channel(n, "source")] = self.pick(size.inputs)
        for k in range(1, size.outputs + 1):
            values[size.output(k, "ceiling_dbfs")] = self.output_value("ceiling_dbfs")
        return values

    def events(self, size: DeskSize, count: int, frames: int) -> list[Event]:
        """`count` events in the order of time, of all kinds of slots."""
        events = []
        for at in np.sort(self.rng.integers(0, frames, count)):
            kind = self.rng.random()
            if kind < 0.8:
                slot = STRIP[self.pick(len(STRIP))]
                n = self.pick(size.channels + (1 if slot.name == "source" else 2), 1)  # the main has no source
                address = size.channel(n, slot.name) if n <= size.channels else size.main(slot.name)
                value = self.strip_value(slot.name, slot.domain, size.inputs)
            elif kind < 0.9:
                name = str(self.rng.choice(list(DESK_DEFAULTS)))
                address, value = size.desk(name), self.desk_value(name)
            else:
                name = str(self.rng.choice(list(OUTPUT_DEFAULTS)))
                address, value = size.output(self.pick(size.outputs + 1, 1), name), self.output_value(name)
            over = int(self.rng.choice([0, 1, 960, 961, 4000]))
            events.append(Event(int(at), address, float(value), over))
        return events


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
