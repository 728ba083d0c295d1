"""What kernels, lanes and the desk start from: made once on this machine, handed to both sides."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp import desk, rows
from dsp import ring as rings
from dsp.arena import Arena
from dsp.ring import Event
from dsp.rows import LANES, QUANTUM_FRAMES, SECTION_ROWS
from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.chance import Chance

SIZE = DeskSize(channels=10, inputs=3, outputs=6, rate_hz=48000, buses=3, effects=1, matrices=1, plays=1)
FRAMES = 48000
_BLOCK = QUANTUM_FRAMES * LANES
_QUANTA = 20


def scene() -> dict[str, Any]:
    """A second of a random scene with 250 events, as `tests.arm.play` takes it."""
    chance = Chance(7)
    size = np.array(astuple(SIZE))
    events = np.array([list(event) for event in chance.events(SIZE, 250, FRAMES)], np.float64)
    x = scenes.programme(FRAMES, SIZE.columns, SIZE.rate_hz, seed=7)
    return {"size": size, "values": chance.values(SIZE), "x": x, "events": events}


def kernels() -> tuple[NDArray[np.float32], dict[str, float]]:
    """The float32 part of a desk that has run 20 quanta, its EQ on the move, two of its strips linked, with fresh
    random signals, and places."""
    size = DeskSize(channels=8, inputs=8, outputs=8, rate_hz=48000)
    values = scenes.flat(size)
    for n in range(1, 9):
        scenes.change(size, values, n, {
            "hpf.on": 1, "hpf.slope_db_oct": 2, "hpf.freq_hz": 50 * n, "lpf.on": 1, "eq.on": 1, "gate.on": 1,
            "gate.mode": n % 3, "gate.threshold_db": -30, "gate.range_db": 10 * n, "comp.on": 1, "comp.ratio": n,
            "comp.threshold_db": -40 + 2 * n, "comp.knee_db": n, "comp.attack_ms": n, "comp.hold_ms": n % 2,
            **{f"eq.band.{k}.on": 1 for k in range(1, 7)}, "eq.band.1.gain_db": 2 * n - 9,
        })  # fmt: skip
    values[size.channel(3, "link")] = 1
    moves = [
        Event(QUANTUM_FRAMES * 4, size.channel(n, f"eq.band.{k}.{what}"), value, 4000)
        for n in range(1, 9)
        for k in range(1, 4)
        for what, value in (("freq_hz", 200.0 * n * k), ("gain_db", 15.0 - 3.0 * n))
    ]
    arena, ring, log = Arena(size), rings.empty(1024), rings.empty(1024)
    desk.reset(arena, values)
    rings.write(ring, moves, 0)
    x = scenes.programme(_QUANTA * QUANTUM_FRAMES, 8, 48000)
    y = np.zeros((len(x), 8), np.float32)
    desk.process(x, y, arena.f32, arena.f64, arena.i64, ring, log)

    at = arena.layout.at
    names = ("signal", "heard", "levels", "envelope", "between", "frames", "before")  # a block of its own for each
    blocks = {name: at["work"] + k * _BLOCK for k, name in enumerate(names)}
    eq = at["section"] + rows.EQ_SECTION * SECTION_ROWS * LANES
    places: dict[str, float] = blocks | {
        "section": at["section"], "section.run_moving.section": eq, "done_frames": QUANTUM_FRAMES, "tile": at["tile"],
        "place": rows.PRE_WET, "rate": 0.002, "rms_rate": 0.002, "after": blocks["before"] + 2 * LANES,
        "limit_at": -0.2, "taps": at["taps"], "wanted": blocks["levels"], "limiter.follow.tile": at["output_tile"],
        "limiter.hold_below.tile": at["output_tile"], "past_r": at["limiter_r"], "past_e": at["limiter_e"],
    }  # fmt: skip
    f32 = arena.f32.copy()
    steps = int(places["section.run_moving.section"]) + rows.STEP_G * LANES
    assert (f32[steps : steps + LANES] != 0.0).any()  # it is on the move
    rng = np.random.default_rng(3)
    for name, low, high in (("signal", -1.5, 1.5), ("heard", -1.5, 1.5), ("levels", -8.0, 0.0), ("frames", -1.5, 1.5)):
        first = int(places[name])
        f32[first : first + _BLOCK] = rng.uniform(low, high, _BLOCK)
    return f32, places


def lanes() -> NDArray[np.float32]:
    """a, b (numbers of all sizes, zeros, infinities and NaN among them) and c (what log2 and exp2 are asked for)."""
    rng = np.random.default_rng(5)
    count = 4096
    a, b = (rng.choice([-1.0, 1.0], (2, count)) * np.exp2(rng.uniform(-40, 40, (2, count)))).astype(np.float32)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 3.0], np.float32)
    a[:64], b[:64] = np.repeat(special, 8), np.tile(special, 8)
    a[64:128] = b[64:128] + np.repeat(np.arange(8) % 2, 8)  # eight at a time the same: all_lanes
    c = np.exp2(rng.uniform(-30, 6.9, count)).astype(np.float32)
    c[:8] = 1.0, 2.0, 0.5, 126.0, 0.99999994, 1.0000001, 2.0**-126, 0.70710678
    return np.concatenate([a, b, c])
