"""Random settings and events for desks of any size, drawn from a seed (numpy's generator; hypothesis draws it)."""

from __future__ import annotations

import math

import numpy as np

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import (
    DESK,
    EQ_TYPES,
    GATE_MODES,
    HPF_SLOPES_DB_OCT,
    INSERT_LINE,
    KEY_FILTERS,
    LPF_SLOPES_DB_OCT,
    MAIN_MEAN,
    MONITOR_L,
    MONITOR_MEAN,
    MONITOR_R,
    NONE,
    OSC_TYPES,
    OUTPUT,
    SOLO_BUS,
    SOURCE_FX,
    SOURCE_OSC,
    SOURCE_PLAY,
    STRIP,
    TAPS,
    Domain,
    StripKind,
    lane_code,
)  # fmt: skip
from tests.dsp.scenes import CARRIED, MAIN_L, MAIN_MONO, Values, change, flat

# Ranges of SOUND §1
RANGES: dict[str, tuple[float, float]] = {
    "trim_db": (-24, 24), "hpf.freq_hz": (20, 2000), "lpf.freq_hz": (20, 20000), "freq_hz": (20, 20000),
    "gain_db": (-18, 18), "q": (0.1, 16), "key.q": (0.3, 10), "gate.threshold_db": (-80, 0), "gate.range_db": (0, 90),
    "gate.ratio": (1, 10),
    "gate.hysteresis_db": (0, 12), "gate.attack_ms": (0.05, 120), "gate.release_ms": (5, 4000),
    "comp.threshold_db": (-60, 0), "comp.knee_db": (0, 24),
    "comp.attack_ms": (0.05, 200), "comp.release_ms": (5, 4000), "comp.makeup_db": (0, 24),
    "comp.mix_pct": (0, 100), "pan": (-100, 100), "width_pct": (-150, 150),
    "ceiling_dbfs": (-20, 0), "release_ms": (20, 2000), "dim_db": (-40, 0), "freq_2_hz": (20, 20000),
    "sweep_s": (0.1, 0.4),
}  # fmt: skip
CHOICES: dict[str, int] = {
    "type": len(EQ_TYPES), "gate.mode": len(GATE_MODES), "hpf.slope_db_oct": len(HPF_SLOPES_DB_OCT),
    "lpf.slope_db_oct": len(LPF_SLOPES_DB_OCT), "comp.detector": 2, "key.filter": len(KEY_FILTERS), "tap": len(TAPS),
    "osc.type": len(OSC_TYPES), "solo_mode": 3,
}  # fmt: skip
# How likely a switch is on
LIKELY: dict[str, float] = {
    "mute": 0.1, "lpf.on": 0.3, **{f"eq.band.{n}.on": 0.4 for n in range(1, 7)}, "solo": 0.05, "polarity_invert": 0.3,
    "to_main": 0.8, "to_mono": 0.3, "listen": 0.03, "insert.on": 0.3, "solo_safe": 0.2, "dca": 0.15, "mute_group": 0.15,
    "link": 0.4, "monitor.dim": 0.3, "monitor.mono": 0.3, "monitor.swap": 0.3, "monitor.polarity": 0.3, "osc.on": 0.4,
    "talkback": 0.3, "group.mute": 0.2, "on": 0.6,
}  # fmt: skip
QUIETEST_DB = -math.inf


def _of(table: dict[str, float], name: str, otherwise: float) -> float:
    """The entry of a name, of its end after some dot, or of its first word."""
    parts = name.split(".")
    for start in range(len(parts)):
        if (end := ".".join(parts[start:])) in table:
            return table[end]
    return table.get(parts[0], otherwise)


class Chance:
    """Draws from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def between(self, low: float, high: float, domain: Domain) -> float:
        if domain in (Domain.LOG, Domain.INVERSE):
            return float(math.exp(self.rng.uniform(math.log(max(low, 0.05)), math.log(high))))
        return float(self.rng.uniform(low, high))

    def pick(self, count: int, first: int = 0) -> int:
        return int(self.rng.integers(first, count))

    def one_of(self, *choices: float) -> float:
        return float(self.rng.choice(choices))

    def happens(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    # --- what a slot may be -----------------------------------------------------------------------------------------

    def source(self, size: DeskSize, *, stereo: bool = False) -> float:
        """An input, a playback channel, the generator, nothing, or for a stereo strip an effect."""
        known = [
            NONE,
            *range(size.inputs),
            *range(size.inputs),
            *(SOURCE_PLAY + k for k in range(size.plays)),
            SOURCE_OSC,
        ]
        if stereo:
            known += [SOURCE_FX + k for k in range(2 * size.effects)]
        return self.one_of(*known)

    def strip_code(self, size: DeskSize) -> float:
        """Any lane of the desk by its number."""
        kind = self.rng.choice([k for k in StripKind if size.lanes_of[k]])
        return lane_code(kind, self.pick(size.lanes_of[kind]))

    def special(self, name: str, size: DeskSize, kind: StripKind) -> float | None:
        """A value of a slot that its name says more about than its domain."""
        if name == "source":
            return self.source(size, stereo=kind is StripKind.RETURN)
        if name.endswith("key.source"):
            return self.strip_code(size) if self.happens(0.5) else NONE
        if name == "insert.slot":
            return self.pick(size.inputs, -1)
        if name.endswith("delay_ms"):
            return self.one_of(0.0, 0.1, 3.3, 21.7, 120.0)
        if name.endswith("hold_ms"):
            return self.one_of(0.0, 0.0, 2.0, 15.0, 80.0)
        if name == "fader_db":
            return self.one_of(QUIETEST_DB, -95.0, *self.rng.uniform(-60, 10, 6))
        if name == "comp.ratio":
            return self.one_of(math.inf, *np.exp(self.rng.uniform(0, 3, 5)))
        if name.endswith("level_db"):  # of sends: most are down; a way back through a return stays below 1
            loudest = -14.0 if kind is StripKind.RETURN else 3.0
            return self.one_of(QUIETEST_DB, QUIETEST_DB, -95.0, *self.rng.uniform(-40, loudest, 2))
        return None

    def strip_value(self, name: str, domain: Domain, size: DeskSize, kind: StripKind = StripKind.CHANNEL) -> float:
        """A value of a strip's slot, over its whole range."""
        found = self.special(name, size, kind)
        return self.plain(name, domain) if found is None else found

    def plain(self, name: str, domain: Domain) -> float:
        """A value by range, number of choices, or how likely it is on."""
        if domain == Domain.SWITCH:
            return float(self.happens(_of(LIKELY, name, 0.6)))
        count = _of({key: float(n) for key, n in CHOICES.items()}, name, 0.0)
        if count:
            return self.pick(int(count))
        parts = name.split(".")
        ends = [".".join(parts[start:]) for start in range(len(parts))]
        return self.between(*next(RANGES[end] for end in ends if end in RANGES), domain)

    def desk_value(self, name: str, domain: Domain, size: DeskSize) -> float:
        if name == "monitor.source":
            return self.one_of(NONE, MAIN_L, MAIN_MONO, SOLO_BUS, self.strip_code(size))
        if name.startswith("fx."):
            return lane_code(StripKind.BUS, self.pick(size.buses)) if size.buses and self.happens(0.8) else NONE
        if name == "osc.destination":
            return self.one_of(NONE, self.strip_code(size))
        if name == "talkback.source":
            return self.pick(size.inputs, -1)
        if name in ("monitor.level_db", "engine.gain_db"):
            return self.one_of(QUIETEST_DB, -20.0, 0.0, 0.0, 3.0)
        if name.endswith(("level_db", "fader_db")):
            return self.one_of(QUIETEST_DB, -95.0, *self.rng.uniform(-40, 6, 5))
        if name.endswith("delay_ms"):
            return self.one_of(0.0, 0.0, 5.5, 33.3)
        if name.startswith(("dca.", "mute_group.")):
            return float(self.happens(0.15))
        return self.plain(name, domain)

    def output_value(self, name: str, domain: Domain, size: DeskSize) -> float:
        if name == "source":
            ends = (MONITOR_L, MONITOR_R, MAIN_MEAN, MONITOR_MEAN, INSERT_LINE)
            return self.one_of(*CARRIED, *ends, *(self.strip_code(size) for _ in range(8)))
        if name == "delay_ms":
            return self.one_of(0.0, 0.0, 7.7, 60.0)
        return self.plain(name, domain)

    # --- whole desks ------------------------------------------------------------------------------------------------

    def values(self, size: DeskSize) -> Values:
        """A desk on which something is heard."""
        values = flat(size)
        for kind in StripKind:
            for place in range(size.lanes_of[kind]):
                for slot in STRIP:
                    values[size.strip(kind, place, slot.name)] = self.strip_value(slot.name, slot.domain, size, kind)
                if place - place % 2 + 1 >= size.lanes_of[kind]:  # the last of an odd number is never a left side
                    values[size.strip(kind, place, "link")] = 0.0
                values[size.strip(kind, place, "fader_db")] = float(self.rng.uniform(-20, 10 if kind == 0 else 0))
                if kind != StripKind.CHANNEL:
                    values[size.strip(kind, place, "trim_db")] = float(self.rng.uniform(-12, 6))
                    values[size.strip(kind, place, "comp.makeup_db")] = 0.0
        loud = {"fader_db": float(self.rng.uniform(-6, 10)), "mute": 0, "eq.on": 0, "gate.threshold_db": -60}
        loud |= {"trim_db": float(self.rng.uniform(0, 18)), "pan": float(self.rng.uniform(-30, 30)), "insert.on": 0}
        loud |= {"gate.key.source": NONE, "gate.key.filter": 0, **{f"mute_group.{g}": 0 for g in range(1, 7)}}
        change(size, values, "main", loud)
        for n in range(1, size.channels + 1):
            values[size.channel(n, "source")] = self.pick(size.inputs)
        for desk_slot in DESK:
            values[size.desk(desk_slot.name)] = self.desk_value(desk_slot.name, desk_slot.domain, size)
        values[size.desk("engine.gain_db")] = 0.0
        values[size.desk("monitor.solo_mode")] = self.pick(2)
        for k in range(1, size.outputs + 1):
            for out_slot in OUTPUT[2:]:
                values[size.output(k, out_slot.name)] = self.output_value(out_slot.name, out_slot.domain, size)
            if k > len(CARRIED):
                values[size.output(k, "source")] = self.output_value("source", Domain.STEP, size)
                values[size.output(k, "tap")] = self.pick(len(TAPS))
        return values

    def events(self, size: DeskSize, count: int, frames: int) -> list[Event]:
        """`count` events in the order of time, of all kinds of slots."""
        events = []
        kinds = [kind for kind in StripKind for _ in range(size.lanes_of[kind])]
        for at in np.sort(self.rng.integers(0, frames, count)):
            which = self.rng.random()
            if which < 0.8:
                kind = kinds[self.pick(len(kinds))]
                place, slot = self.pick(size.lanes_of[kind]), STRIP[self.pick(len(STRIP))]
                address = size.strip(kind, place, slot.name)
                value = self.strip_value(slot.name, slot.domain, size, kind)
                if slot.name == "link" and place - place % 2 + 1 >= size.lanes_of[kind]:
                    value = 0.0
            elif which < 0.93:
                slot = DESK[self.pick(len(DESK))]
                address, value = size.desk(slot.name), self.desk_value(slot.name, slot.domain, size)
            else:
                slot = OUTPUT[self.pick(len(OUTPUT))]
                address = size.output(self.pick(size.outputs + 1, 1), slot.name)
                value = self.output_value(slot.name, slot.domain, size)
            over = int(self.rng.choice([0, 1, 960, 961, 4000]))
            events.append(Event(int(at), address, float(value), over))
        return events
