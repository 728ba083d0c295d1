"""Whatever can be moved can be moved without a click."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import EQ_TYPES, NONE, SOLO_BUS
from tests.dsp import scenes
from tests.dsp.clicks import BAR_DB, splatter_db
from tests.dsp.rig import LATENCY_FRAMES, Kernel, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=2, inputs=2, outputs=4, rate_hz=RATE_HZ)
GLIDE = 960  # 20 ms, what the surface gives every move
LEVEL_DB = -12.0
BANDS_ON: dict[str, float] = {"eq.on": 1, "eq.band.1.on": 1}
BELL = BANDS_ON | {"eq.band.1.gain_db": 12, "eq.band.1.freq_hz": 1000, "eq.band.1.q": 1}
COMP: dict[str, float] = {"comp.on": 1, "comp.threshold_db": -40, "comp.ratio": 4, "comp.attack_ms": 10}
GATE: dict[str, float] = {"gate.on": 1, "gate.threshold_db": -30, "gate.range_db": 60, "gate.hold_ms": 20}

# what stands before the change, and the changes: (slot, value), "main." and "desk." and "output.1." lead elsewhere
MOVES: dict[str, tuple[dict[str, float], list[tuple[str, float]]]] = {
    "fader from the top to silence": ({"fader_db": 10}, [("fader_db", -math.inf)]),
    "fader from silence to the top": ({"fader_db": -math.inf}, [("fader_db", 10)]),
    "main fader": ({}, [("main.fader_db", -math.inf)]),
    "trim over its range": ({"trim_db": -24}, [("trim_db", 12)]),
    "polarity": ({}, [("polarity_invert", 1)]),
    "mute": ({}, [("mute", 1)]),
    "unmute": ({"mute": 1}, [("mute", 0)]),
    "pan": ({}, [("pan", 100)]),
    "main balance": ({}, [("main.pan", 100)]),
    "to_main": ({}, [("to_main", 0)]),
    "delay": ({}, [("delay_ms", 7.7)]),
    "delay back": ({"delay_ms": 250.5}, [("delay_ms", 0)]),
    "source to another": ({}, [("source", 1)]),
    "source to none": ({}, [("source", -1)]),
    "a 12 dB step of a bell": (BANDS_ON, [("eq.band.1.gain_db", 12)]),
    "an octave of a bell": (BELL | {"eq.band.1.freq_hz": 1400}, [("eq.band.1.freq_hz", 700)]),
    "q of a bell": (BELL, [("eq.band.1.q", 10)]),
    "eq on": ({**BELL, "eq.on": 0}, [("eq.on", 1)]),
    "band on": ({**BELL, "eq.band.1.on": 0}, [("eq.band.1.on", 1)]),
    "high-pass on": ({"hpf.freq_hz": 1000, "hpf.slope_db_oct": 3}, [("hpf.on", 1)]),
    "high-pass an octave": ({"hpf.on": 1, "hpf.freq_hz": 500}, [("hpf.freq_hz", 1000)]),
    "low-pass on": ({"lpf.freq_hz": 800}, [("lpf.on", 1)]),
    "low-pass slope": ({"lpf.on": 1, "lpf.freq_hz": 800}, [("lpf.slope_db_oct", 0)]),
    "gate on": ({**GATE, "gate.on": 0, "gate.threshold_db": 0}, [("gate.on", 1)]),
    "gate off": (GATE | {"gate.threshold_db": 0}, [("gate.on", 0)]),
    "gate threshold": (GATE, [("gate.threshold_db", 0)]),
    "gate to ducker": (GATE | {"gate.attack_ms": 30}, [("gate.mode", 2)]),
    "gate to expander": (GATE | {"gate.threshold_db": -11.0}, [("gate.mode", 1)]),
    "comp on": ({**COMP, "comp.on": 0}, [("comp.on", 1)]),
    "comp off": (COMP, [("comp.on", 0)]),
    "comp position": (COMP | BELL, [("comp.position", 1)]),
    "comp threshold": (COMP, [("comp.threshold_db", 0)]),
    "comp ratio": (COMP, [("comp.ratio", math.inf)]),
    "comp makeup": (COMP, [("comp.makeup_db", 24)]),
    "comp auto makeup": (COMP, [("comp.auto_makeup", 1)]),
    "comp mix": (COMP, [("comp.mix_pct", 0)]),
    "comp detector": (COMP, [("comp.detector", 1)]),
    "solo": ({}, [("solo", 1)]),
    "solo gone": ({"solo": 1}, [("solo", 0)]),
    "solo of a quiet fader after the fader": ({"solo": 1, "fader_db": -30}, [("desk.monitor.solo_mode", 1)]),
    "monitor source": ({}, [("desk.monitor.source", NONE)]),
    "monitor to solo": ({}, [("desk.monitor.source", SOLO_BUS)]),
    "monitor level": ({}, [("desk.monitor.level_db", -math.inf)]),
    "monitor dim": ({}, [("desk.monitor.dim", 1)]),
    "monitor mono": ({}, [("desk.monitor.mono", 1)]),
    "monitor swap": ({"pan": 100}, [("desk.monitor.swap", 1)]),
    "monitor polarity": ({"pan": 0}, [("desk.monitor.polarity", 1)]),
    "engine gain": ({}, [("desk.engine.gain_db", -math.inf)]),
    "output source": ({}, [("output.1.source", scenes.MAIN_R)]),
    "output to nothing": ({}, [("output.1.source", NONE)]),
    "output ceiling": ({"fader_db": 8}, [("output.1.ceiling_dbfs", -14)]),
    **{
        f"high-pass slope {a} to {b}": (
            {"hpf.on": 1, "hpf.freq_hz": 800, "hpf.slope_db_oct": a}, [("hpf.slope_db_oct", b)]
        )
        for a, b in ((0, 3), (3, 0), (1, 2), (2, 1), (1, 3))
    },
    **{
        f"bell to {kind}": (BELL | {"eq.band.1.freq_hz": 900}, [("eq.band.1.type", EQ_TYPES.index(kind))])
        for kind in EQ_TYPES[1:]
    },
    **{
        f"{kind} to bell": (
            BELL | {"eq.band.1.freq_hz": 900, "eq.band.1.type": EQ_TYPES.index(kind)}, [("eq.band.1.type", 0)]
        )
        for kind in EQ_TYPES[1:]
    },
    **{
        f"an octave of {kind}": (
            BELL | {"eq.band.1.freq_hz": 700, "eq.band.1.type": EQ_TYPES.index(kind)}, [("eq.band.1.freq_hz", 1400)]
        )
        for kind in EQ_TYPES[1:]
    },
}  # fmt: skip


def _event(at: int, name: str, value: float) -> Event:
    kind, _, rest = name.partition(".")
    if kind == "main":
        address = SIZE.main(rest)
    elif kind == "desk":
        address = SIZE.desk(rest)
    elif kind == "output":
        address = SIZE.output(1, rest.removeprefix("1."))
    else:
        address = SIZE.channel(1, name)
    return Event(at, address, value, GLIDE)


@pytest.mark.parametrize("move", list(MOVES))
def test_a_move_makes_no_click(move: str) -> None:
    before, changes = MOVES[move]
    values = scenes.flat(SIZE)
    scenes.change(SIZE, values, 1, {"pan": -100} | before)
    scenes.change(SIZE, values, 2, {"to_main": 0, "source": 1})
    if "output 1" in move or "output source" in move:
        scenes.change(SIZE, values, 1, {"pan": 0})
    x = np.concatenate([sine(12000, 1000.0, RATE_HZ, LEVEL_DB), sine(12000, 1000.0, RATE_HZ, LEVEL_DB - 3)], axis=1)
    y = Kernel(SIZE, values).process(x, [_event(5000, name, value) for name, value in changes])
    settled = y[2400:]
    still = Kernel(SIZE, values).process(x)[2400:]
    assert np.abs(settled - still).max() > 1e-4, "the move must do something"
    worst = -math.inf
    for k in range(4):  # below the sine as it is at its louder end, before or after
        amplitude = max(float(np.abs(part).max()) for part in (settled[:1500, k], settled[-1500:, k]))
        if amplitude > 0.001:
            worst = max(worst, splatter_db(settled[:, k], RATE_HZ, amplitude))
    print(f"{move}: {worst:.1f} dB")
    assert worst <= BAR_DB


def test_the_measure_hears_a_click() -> None:
    y = sine(12000, 1000.0, RATE_HZ)[:, 0]
    assert splatter_db(y, RATE_HZ) < -100.0
    y[6012:] *= 0.5  # a step on the crest of the wave
    assert splatter_db(y, RATE_HZ) > -45.0


def test_a_glide_arrives_exactly_and_takes_its_time() -> None:
    values = scenes.flat(SIZE)
    kernel = Kernel(SIZE, values)
    x = np.full((4800, 2), 0.25, np.float32)
    y = kernel.process(x, [Event(960, SIZE.channel(1, "fader_db"), -20.0, 961)])[LATENCY_FRAMES:, 0]
    assert (y[:960] == np.float32(0.25)).all()
    # 961 frames are 31 quanta; u goes down by 20/31 dB each
    ends = 20 * np.log10(y[959 + 32 : 960 + 32 * 33 : 32].astype(float) / 0.25)
    assert ends[:31] == pytest.approx([-20.0 / 31 * (i + 1) for i in range(31)], abs=1e-3)
    assert y[960 + 31 * 32 :] == pytest.approx(0.025, rel=1e-6)


def test_a_fader_reaches_silence() -> None:
    x = np.full((4800, 2), 0.25, np.float32)
    y = Kernel(SIZE, scenes.flat(SIZE)).process(x, [Event(0, SIZE.channel(1, "fader_db"), -math.inf, 960)])
    assert (y[960 + LATENCY_FRAMES :, 0] == 0.0).all()


def test_a_delay_is_as_long_as_it_says() -> None:
    values = scenes.flat(SIZE)
    scenes.change(SIZE, values, 1, {"delay_ms": 12.5})
    scenes.change(SIZE, values, 2, {"delay_ms": 500})
    x = np.zeros((27200, 2), np.float32)
    x[100] = 0.5
    y = Kernel(SIZE, values).process(x)
    assert np.flatnonzero(y[:, 0]).tolist() == [100 + LATENCY_FRAMES + 600]
    assert np.flatnonzero(y[:, 1]).tolist() == [100 + LATENCY_FRAMES + 24000]


def test_a_delay_called_for_while_music_plays_leaves_no_gap() -> None:
    """The line runs only while it is wanted; it is faded to when it holds what was played one delay ago."""
    frames, marked, delay_frames = 28800, 20100, 4800
    x = np.repeat(sine(frames, 100.0, 48000, -20.0), 2, axis=1)  # the delay is ten periods: the same sine
    x[marked, 0] = 0.0  # one frame to see the delay by
    y = Kernel(SIZE, scenes.flat(SIZE)).process(x, [Event(960, SIZE.channel(1, "delay_ms"), 100.0, 0)])
    changed = np.flatnonzero(np.abs(y[LATENCY_FRAMES:, 0] - x[: frames - LATENCY_FRAMES, 1]) > 1e-5)
    assert changed.tolist() == [marked + delay_frames]
