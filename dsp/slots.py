"""The kernel's parameters: their names, their order in memory and how each one moves.

A slot is one number of one strip, output or of the desk. The name is the parameter's path below its strip, so that
whoever declares ranges and texts for a path finds its slot by the same name. `docs/signal.md` defines the domains.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

EQ_BANDS = 6
QUANTUM_FRAMES = 32


class Domain(IntEnum):
    """In which scale a value glides (`docs/signal.md`, "Events and glides")."""

    LINEAR = 0
    LOG = 1
    LEVEL = 2
    INVERSE = 3
    SWITCH = 4
    STEP = 5


class Group(IntEnum):
    """What has to be worked out again when a slot has moved."""

    SOURCE = 0
    INPUT = 1
    DELAY = 2
    GATE = 3
    COMP = 4
    GAIN = 5
    HPF = 6
    LPF = 7
    EQ_1 = 8
    EQ_2 = 9
    EQ_3 = 10
    EQ_4 = 11
    EQ_5 = 12
    EQ_6 = 13
    EQ_ALL = 14
    MONITOR = 15
    OUTPUT = 16


@dataclass(frozen=True)
class Slot:
    """One number the kernel reads: its path below the strip, its domain, and what depends on it."""

    name: str
    domain: Domain
    group: Group


HPF_SLOPES_DB_OCT = (6, 12, 18, 24)
LPF_SLOPES_DB_OCT = (6, 12)
GATE_MODES = ("gate", "expander", "ducker")
EQ_TYPES = ("bell", "low_shelf", "high_shelf", "low_cut", "high_cut", "notch", "band_pass", "tilt")
COMP_POSITIONS = ("pre_eq", "post_eq")
COMP_DETECTORS = ("peak", "rms")
SOLO_MODES = ("pfl", "afl")
MONITOR_SOURCES = ("none", "main", "solo")
OUTPUT_SOURCES = ("none", "main.l", "main.r", "monitor.l", "monitor.r")
METER_STAGES = ("in", "filters", "gate", "pre_comp", "eq", "post_comp", "post")


def _band(n: int) -> tuple[Slot, ...]:
    group = Group(Group.EQ_1 + n - 1)
    return (
        Slot(f"eq.band.{n}.on", Domain.SWITCH, group),
        Slot(f"eq.band.{n}.type", Domain.STEP, group),
        Slot(f"eq.band.{n}.freq_hz", Domain.LOG, group),
        Slot(f"eq.band.{n}.gain_db", Domain.LINEAR, group),
        Slot(f"eq.band.{n}.q", Domain.LOG, group),
    )


STRIP: tuple[Slot, ...] = (
    Slot("source", Domain.STEP, Group.SOURCE),
    Slot("trim_db", Domain.LINEAR, Group.INPUT),
    Slot("polarity_invert", Domain.SWITCH, Group.INPUT),
    Slot("delay_ms", Domain.STEP, Group.DELAY),
    Slot("hpf.on", Domain.SWITCH, Group.HPF),
    Slot("hpf.freq_hz", Domain.LOG, Group.HPF),
    Slot("hpf.slope_db_oct", Domain.STEP, Group.HPF),
    Slot("lpf.on", Domain.SWITCH, Group.LPF),
    Slot("lpf.freq_hz", Domain.LOG, Group.LPF),
    Slot("lpf.slope_db_oct", Domain.STEP, Group.LPF),
    Slot("gate.on", Domain.SWITCH, Group.GATE),
    Slot("gate.mode", Domain.STEP, Group.GATE),
    Slot("gate.threshold_db", Domain.LINEAR, Group.GATE),
    Slot("gate.range_db", Domain.LINEAR, Group.GATE),
    Slot("gate.ratio", Domain.INVERSE, Group.GATE),
    Slot("gate.hysteresis_db", Domain.LINEAR, Group.GATE),
    Slot("gate.attack_ms", Domain.LOG, Group.GATE),
    Slot("gate.hold_ms", Domain.LOG, Group.GATE),
    Slot("gate.release_ms", Domain.LOG, Group.GATE),
    Slot("eq.on", Domain.SWITCH, Group.EQ_ALL),
    *(slot for n in range(1, EQ_BANDS + 1) for slot in _band(n)),
    Slot("comp.on", Domain.SWITCH, Group.COMP),
    Slot("comp.position", Domain.SWITCH, Group.COMP),
    Slot("comp.detector", Domain.STEP, Group.COMP),
    Slot("comp.threshold_db", Domain.LINEAR, Group.COMP),
    Slot("comp.ratio", Domain.INVERSE, Group.COMP),
    Slot("comp.knee_db", Domain.LINEAR, Group.COMP),
    Slot("comp.attack_ms", Domain.LOG, Group.COMP),
    Slot("comp.hold_ms", Domain.LOG, Group.COMP),
    Slot("comp.release_ms", Domain.LOG, Group.COMP),
    Slot("comp.makeup_db", Domain.LINEAR, Group.COMP),
    Slot("comp.auto_makeup", Domain.SWITCH, Group.COMP),
    Slot("comp.mix_pct", Domain.LINEAR, Group.COMP),
    Slot("pan", Domain.LINEAR, Group.GAIN),
    Slot("fader_db", Domain.LEVEL, Group.GAIN),
    Slot("mute", Domain.SWITCH, Group.GAIN),
    Slot("to_main", Domain.SWITCH, Group.GAIN),
    Slot("solo", Domain.SWITCH, Group.GAIN),
)

DESK: tuple[Slot, ...] = (
    Slot("monitor.source", Domain.STEP, Group.MONITOR),
    Slot("monitor.level_db", Domain.LEVEL, Group.MONITOR),
    Slot("monitor.dim", Domain.SWITCH, Group.MONITOR),
    Slot("monitor.dim_db", Domain.LINEAR, Group.MONITOR),
    Slot("monitor.mono", Domain.SWITCH, Group.MONITOR),
    Slot("monitor.swap", Domain.SWITCH, Group.MONITOR),
    Slot("monitor.polarity", Domain.SWITCH, Group.MONITOR),
    Slot("monitor.solo_mode", Domain.SWITCH, Group.GAIN),
    Slot("engine.gain_db", Domain.LEVEL, Group.OUTPUT),
)

OUTPUT: tuple[Slot, ...] = (
    Slot("source", Domain.STEP, Group.OUTPUT),
    Slot("ceiling_dbfs", Domain.LINEAR, Group.OUTPUT),
    Slot("release_ms", Domain.LOG, Group.OUTPUT),
)

STRIP_INDEX = {slot.name: i for i, slot in enumerate(STRIP)}
DESK_INDEX = {slot.name: i for i, slot in enumerate(DESK)}
OUTPUT_INDEX = {slot.name: i for i, slot in enumerate(OUTPUT)}
