"""The kernel's parameters: their names, their order in memory and how each one moves.

A slot is one number of one strip, output or of the desk. The name is the parameter's path below its strip, so that
whoever declares ranges and texts for a path finds its slot by the same name. `docs/signal.md` defines the domains.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

EQ_BANDS = 6
QUANTUM_FRAMES = 32
MAX_BUSES = 16
MAX_MATRICES = 8
MAX_EFFECTS = 8
DCAS = 8
MUTE_GROUPS = 6
SENDS = MAX_BUSES + MAX_MATRICES


class Domain(IntEnum):
    """In which scale a value glides (`docs/signal.md`, "Events and glides")."""

    LINEAR = 0
    LOG = 1
    LEVEL = 2
    INVERSE = 3
    SWITCH = 4
    STEP = 5


class Group(IntEnum):
    """What has to be worked out again when a slot of a strip has moved."""

    SOURCE = 0
    INPUT = 1
    DELAY = 2
    GATE = 3
    COMP = 4
    GAIN = 5
    INSERT = 6
    KEYS = 7
    HPF = 8
    LPF = 9
    EQ_1 = 10
    EQ_2 = 11
    EQ_3 = 12
    EQ_4 = 13
    EQ_5 = 14
    EQ_6 = 15
    EQ_ALL = 16
    GATE_KEY = 17
    COMP_KEY = 18
    SENDS = 19
    PAN = 20  # the gain and the sends
    LINK = 21  # everything
    SOLO = 22  # the sends, and what listens to the solo bus


class Wake(IntEnum):
    """Who has to look when a slot of the desk has moved."""

    OUTPUTS = 0  # monitor, effects and physical outputs alone, as for the outputs' own slots
    GENERATOR = 1
    GAINS = 2  # every strip's gain
    SOLO = 3  # every strip's gain and sends


@dataclass(frozen=True)
class Slot:
    """One number the kernel reads: its path below the strip, its domain, and what depends on it."""

    name: str
    domain: Domain
    group: Group | Wake


HPF_SLOPES_DB_OCT = (6, 12, 18, 24)
LPF_SLOPES_DB_OCT = (6, 12)
GATE_MODES = ("gate", "expander", "ducker")
EQ_TYPES = ("bell", "low_shelf", "high_shelf", "low_cut", "high_cut", "notch", "band_pass", "tilt")
KEY_FILTERS = ("off", "low_cut", "high_cut", "band")
COMP_POSITIONS = ("pre_eq", "post_eq")
COMP_DETECTORS = ("peak", "rms")
INSERT_POSITIONS = ("pre_eq", "post_eq")
TAPS = ("input", "pre_eq", "post_eq", "pre_fader", "post_fader")
SOLO_MODES = ("pfl", "afl", "sip")
OSC_TYPES = ("sine", "two_sines", "white", "pink", "sweep")
METER_STAGES = ("in", "filters", "gate", "pre_comp", "eq", "post_comp", "post")

# Where a signal comes from or goes to, as a number (`docs/signal.md`, "Lanes by number")
NONE = -1
SOURCE_IN, SOURCE_PLAY, SOURCE_OSC, SOURCE_FX = 0, 100, 200, 300
CODES_OF_A_KIND = 1000
MONITOR_L, MONITOR_R, MAIN_MEAN, MONITOR_MEAN, INSERT_LINE, SOLO_BUS = 6000, 6001, 6002, 6003, 6004, 6010


class StripKind(IntEnum):
    """The kinds of strips, in the order in which they are worked out."""

    CHANNEL = 0
    BUS = 1
    RETURN = 2
    MAIN = 3
    MATRIX = 4


def lane_code(kind: StripKind, place: int) -> int:
    """The number that names a lane: `place` (from 0) among the lanes of its kind."""
    return CODES_OF_A_KIND * (kind + 1) + place


def _band(n: int) -> tuple[Slot, ...]:
    group = Group(Group.EQ_1 + n - 1)
    return (
        Slot(f"eq.band.{n}.on", Domain.SWITCH, group),
        Slot(f"eq.band.{n}.type", Domain.STEP, group),
        Slot(f"eq.band.{n}.freq_hz", Domain.LOG, group),
        Slot(f"eq.band.{n}.gain_db", Domain.LINEAR, group),
        Slot(f"eq.band.{n}.q", Domain.LOG, group),
    )


def _key(of: str, group: Group) -> tuple[Slot, ...]:
    return (
        Slot(f"{of}.key.source", Domain.STEP, Group.KEYS),
        Slot(f"{of}.key.filter", Domain.STEP, group),
        Slot(f"{of}.key.freq_hz", Domain.LOG, group),
        Slot(f"{of}.key.q", Domain.LOG, group),
        Slot(f"{of}.key.listen", Domain.SWITCH, Group.SOLO),
    )


def _sends() -> tuple[Slot, ...]:
    """Each number of all sends in a row, buses first, then matrices."""
    names = [f"send.{b}" for b in range(1, MAX_BUSES + 1)] + [f"matrix.{m}" for m in range(1, MAX_MATRICES + 1)]
    kinds = (("on", Domain.SWITCH), ("level_db", Domain.LEVEL), ("tap", Domain.STEP), ("pan", Domain.LINEAR))
    return tuple(Slot(f"{name}.{kind}", domain, Group.SENDS) for kind, domain in kinds for name in names)


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
    *_key("gate", Group.GATE_KEY),
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
    *_key("comp", Group.COMP_KEY),
    Slot("insert.on", Domain.SWITCH, Group.INSERT),
    Slot("insert.position", Domain.SWITCH, Group.INSERT),
    Slot("insert.slot", Domain.STEP, Group.INSERT),
    Slot("pan", Domain.LINEAR, Group.PAN),
    Slot("width_pct", Domain.LINEAR, Group.GAIN),
    Slot("fader_db", Domain.LEVEL, Group.GAIN),
    Slot("mute", Domain.SWITCH, Group.GAIN),
    Slot("to_main", Domain.SWITCH, Group.SENDS),
    Slot("to_mono", Domain.SWITCH, Group.SENDS),
    Slot("mono_level_db", Domain.LEVEL, Group.SENDS),
    Slot("solo", Domain.SWITCH, Group.SOLO),
    Slot("solo_safe", Domain.SWITCH, Group.SOLO),
    *(Slot(f"dca.{d}", Domain.SWITCH, Group.GAIN) for d in range(1, DCAS + 1)),
    *(Slot(f"mute_group.{g}", Domain.SWITCH, Group.GAIN) for g in range(1, MUTE_GROUPS + 1)),
    Slot("link", Domain.SWITCH, Group.LINK),
    *_sends(),
)

DESK: tuple[Slot, ...] = (
    Slot("monitor.source", Domain.STEP, Wake.OUTPUTS),
    Slot("monitor.level_db", Domain.LEVEL, Wake.OUTPUTS),
    Slot("monitor.dim", Domain.SWITCH, Wake.OUTPUTS),
    Slot("monitor.dim_db", Domain.LINEAR, Wake.OUTPUTS),
    Slot("monitor.mono", Domain.SWITCH, Wake.OUTPUTS),
    Slot("monitor.swap", Domain.SWITCH, Wake.OUTPUTS),
    Slot("monitor.polarity", Domain.SWITCH, Wake.OUTPUTS),
    Slot("monitor.delay_ms", Domain.STEP, Wake.OUTPUTS),
    Slot("monitor.solo_mode", Domain.STEP, Wake.SOLO),
    Slot("engine.gain_db", Domain.LEVEL, Wake.OUTPUTS),
    *(Slot(f"dca.{d}.fader_db", Domain.LEVEL, Wake.GAINS) for d in range(1, DCAS + 1)),
    *(Slot(f"dca.{d}.mute", Domain.SWITCH, Wake.GAINS) for d in range(1, DCAS + 1)),
    *(Slot(f"mute_group.{g}.mute", Domain.SWITCH, Wake.GAINS) for g in range(1, MUTE_GROUPS + 1)),
    *(Slot(f"fx.{k}.source", Domain.STEP, Wake.OUTPUTS) for k in range(1, MAX_EFFECTS + 1)),
    Slot("osc.on", Domain.SWITCH, Wake.GENERATOR),
    Slot("osc.type", Domain.STEP, Wake.GENERATOR),
    Slot("osc.freq_hz", Domain.LOG, Wake.GENERATOR),
    Slot("osc.freq_2_hz", Domain.LOG, Wake.GENERATOR),
    Slot("osc.sweep_s", Domain.LINEAR, Wake.GENERATOR),
    Slot("osc.level_db", Domain.LEVEL, Wake.GENERATOR),
    Slot("osc.destination", Domain.STEP, Wake.GENERATOR),
    Slot("talkback.on", Domain.SWITCH, Wake.GENERATOR),
    Slot("talkback.source", Domain.STEP, Wake.GENERATOR),
    Slot("talkback.level_db", Domain.LEVEL, Wake.GENERATOR),
    Slot("talkback.dim_db", Domain.LINEAR, Wake.OUTPUTS),
    *(Slot(f"talkback.to.bus.{b}", Domain.SWITCH, Wake.GENERATOR) for b in range(1, MAX_BUSES + 1)),
    *(Slot(f"talkback.to.matrix.{m}", Domain.SWITCH, Wake.GENERATOR) for m in range(1, MAX_MATRICES + 1)),
    Slot("talkback.to.main", Domain.SWITCH, Wake.GENERATOR),
    Slot("talkback.to.mono", Domain.SWITCH, Wake.GENERATOR),
)

OUTPUT: tuple[Slot, ...] = (
    Slot("source", Domain.STEP, Wake.OUTPUTS),
    Slot("tap", Domain.STEP, Wake.OUTPUTS),
    Slot("delay_ms", Domain.STEP, Wake.OUTPUTS),
    Slot("ceiling_dbfs", Domain.LINEAR, Wake.OUTPUTS),
    Slot("release_ms", Domain.LOG, Wake.OUTPUTS),
)

STRIP_INDEX = {slot.name: i for i, slot in enumerate(STRIP)}
DESK_INDEX = {slot.name: i for i, slot in enumerate(DESK)}
OUTPUT_INDEX = {slot.name: i for i, slot in enumerate(OUTPUT)}
