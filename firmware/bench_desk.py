"""The desk that `pidesk bench` times: everything engaged, each parameter with a place to travel to, and its signals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from dsp.arena import MAX_PORTS, DeskSize
from dsp.slots import Domain

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

# Where a parameter stands at rest, and where it travels to; a single number does not travel.
STRIP: dict[str, tuple[float, ...]] = {
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
    "pan": (-40.0, 40.0),
    "fader_db": (0.0, -6.0),
    "mute": (0, 1),
    "to_main": (1, 0),
    "solo": (0, 1),
}
_CHANNELS_ONLY = {"source", "trim_db", "polarity_invert", "delay_ms", "to_main", "solo"}

DESK: dict[str, tuple[float, ...]] = {
    "monitor.source": (slots.MONITOR_SOURCES.index("main"),),
    "monitor.level_db": (-10.0, -20.0),
    "monitor.dim": (0, 1),
    "monitor.dim_db": (-20.0, -10.0),
    "monitor.mono": (0, 1),
    "monitor.swap": (0, 1),
    "monitor.polarity": (0, 1),
    "monitor.solo_mode": (0, 1),
    "engine.gain_db": (0.0, -6.0),
}
_OUTPUT: dict[str, tuple[float, ...]] = {"ceiling_dbfs": (-1.0, -3.0), "release_ms": (120.0, 240.0)}

_GLIDING = {slot.name for slot in slots.STRIP + slots.DESK + slots.OUTPUT if slot.domain != Domain.STEP}


def _table(size: DeskSize) -> list[tuple[int, str, tuple[float, ...]]]:
    rows: list[tuple[int, str, tuple[float, ...]]] = []
    for n in range(1, size.channels + 1):
        shift = 1.0 + 0.01 * n  # every strip with settings of its own
        rows.append((size.channel(n, "source"), "source", (float((n - 1) % min(size.inputs, MAX_PORTS)),)))
        for name, ends in STRIP.items():
            own = tuple(e * shift for e in ends) if name.endswith("freq_hz") else ends
            rows.append((size.channel(n, name), name, own))
    rows += [(size.main(name), name, ends) for name, ends in STRIP.items() if name not in _CHANNELS_ONLY]
    rows += [(size.desk(name), name, ends) for name, ends in DESK.items()]
    for k in range(1, size.outputs + 1):
        carries = 1 + (k - 1) % (len(slots.OUTPUT_SOURCES) - 1)
        rows.append((size.output(k, "source"), "source", (float(carries),)))
        rows += [(size.output(k, name), name, ends) for name, ends in _OUTPUT.items()]
    return rows


def values(size: DeskSize) -> NDArray[np.float64]:
    """float64[addresses] in natural units: every stage of every strip does something."""
    found = np.zeros(size.addresses)
    for address, _, ends in _table(size):
        found[address] = ends[0]
    return found


def like_the_peers(size: DeskSize) -> NDArray[np.float64]:
    """As `values`, but each strip with the stages that pedalboard's and Faust's have, and the mains plain: low cut of
    12 dB/oct, gate, four bands (two shelves, two bells), compressor, fader, pan."""
    found = values(size)
    for n in range(1, size.channels + 1):
        found[size.channel(n, "hpf.slope_db_oct")] = slots.HPF_SLOPES_DB_OCT.index(12)
        found[size.channel(n, "eq.band.4.type")] = slots.EQ_TYPES.index("high_shelf")
        for name in ("lpf.on", "eq.band.5.on", "eq.band.6.on"):
            found[size.channel(n, name)] = 0.0
    for name in ("hpf.on", "lpf.on", "gate.on", "eq.on", "comp.on"):
        found[size.main(name)] = 0.0
    return found


def travels(size: DeskSize) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Every gliding parameter: its address, where it rests, where it travels to."""
    rows = [(address, *ends) for address, name, ends in _table(size) if name in _GLIDING]
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
