"""The whole console, whatever it is made of and however it is wired: as the oracle does it, and within bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import MONITOR_L, MONITOR_R, NONE, SOURCE_FX, StripKind, lane_code
from tests.dsp import scenes
from tests.dsp.agreement import BAR_DB, difference_db
from tests.dsp.chance import Chance
from tests.dsp.console import Console, code
from tests.dsp.rig import Kernel, Signal, db, whole

SIZES = st.builds(
    DeskSize, channels=st.integers(1, 17), inputs=st.integers(1, 5), outputs=st.integers(6, 12),
    rate_hz=st.sampled_from([44100, 48000, 88200, 96000]), buses=st.integers(0, 16), effects=st.integers(0, 4),
    matrices=st.integers(0, 8), plays=st.integers(0, 3),
)  # fmt: skip
RANDOM = settings(phases=[Phase.generate])  # a smaller example of a difference tells no more than this one's seed
RATE_HZ = 48000


def _agrees(size: DeskSize, values: scenes.Values, x: Signal, events: list[Event]) -> None:
    rms_db, peak_db = difference_db(size, values, x, events)
    loudest_db = db(float(np.abs(Kernel(size, values).process(x, events)).max()))
    print(f"{size}: {rms_db:.1f} dBFS rms, {peak_db:.1f} dBFS peak apart; loudest {loudest_db:.1f} dBFS")
    assert loudest_db > BAR_DB + 40, "there is something to compare"
    assert rms_db <= BAR_DB


@settings(RANDOM, max_examples=10)
@given(size=SIZES, seed=st.integers(0, 2**32))
def test_any_desk_wired_in_any_way_with_any_events(size: DeskSize, seed: int) -> None:
    chance = Chance(seed)
    x = scenes.programme(whole(size.rate_hz // 10), size.columns, size.rate_hz, seed)
    _agrees(size, chance.values(size), x, chance.events(size, 200, len(x)))


def _circles(console: Console) -> None:
    """Signals and keys that come back to where they are from: each bus → effect → return → the next bus and the first,
    and keys from strip to strip all the way round."""
    size = console.size
    for k in range(1, size.effects + 1):
        console.set({f"fx.{k}.source": code(f"bus.{k}"), f"return.{k}.source": SOURCE_FX + 2 * (k - 1)})
        console.set({f"return.{k}.right.source": SOURCE_FX + 2 * k - 1})
        for b in (1, min(k + 1, size.buses)):
            console.set({f"return.{k}.send.{b}.on": 1, f"return.{k}.send.{b}.level_db": -14, f"return.{k}.mute": 0})
    lanes = [(kind, place) for kind in StripKind for place in range(size.lanes_of[kind])]
    for of, step in (("gate", 1), ("comp", len(lanes) // 2)):
        for n, (kind, place) in enumerate(lanes):
            source = lane_code(*lanes[(n + step) % len(lanes)])
            console.values[size.strip(kind, place, f"{of}.key.source")] = source
            console.values[size.strip(kind, place, f"{of}.on")] = 1


@settings(RANDOM, max_examples=6)
@given(seed=st.integers(0, 2**32), effects=st.integers(1, 4), buses=st.integers(4, 12))
def test_any_desk_wired_in_circles(seed: int, effects: int, buses: int) -> None:
    size = DeskSize(channels=9, inputs=3, outputs=8, rate_hz=RATE_HZ, buses=buses, effects=effects, matrices=3)
    chance, console = Chance(seed), Console(size)
    console.values[:] = chance.values(size)
    _circles(console)
    x = scenes.programme(4800, size.columns, RATE_HZ, seed)
    _agrees(size, console.values, x, chance.events(size, 100, len(x)))


# --- loops that grow ----------------------------------------------------------------------------------------------

SIZE = DeskSize(channels=2, inputs=2, outputs=8, rate_hz=RATE_HZ, buses=4, effects=2, matrices=1)
HEARD: dict[str, float] = {
    f"output.{k}.source": source
    for k, source in enumerate(
        (code("main.lr"), code("main.lr.right"), code("bus.1"), code("bus.4"), code("return.1"), code("matrix.1"),
         MONITOR_L, MONITOR_R), 1,
    )
}  # fmt: skip
TO_EFFECTS: dict[str, float] = {
    "channel.1.send.1.level_db": 0, "fx.1.source": code("bus.1"), "fx.2.source": code("bus.4"),
    **{f"return.{k}.source": SOURCE_FX + 2 * k - 2 for k in (1, 2)},
    **{f"return.{k}.right.source": SOURCE_FX + 2 * k - 1 for k in (1, 2)}, "main.lr.matrix.1.level_db": 0,
    "bus.1.to_main": 1,
}  # fmt: skip
HOT: dict[str, float] = {f"{strip}.fader_db": 10 for strip in ("bus.1", "bus.4", "return.1", "return.2")}
KEYS: dict[str, float] = {
    "bus.1.comp.on": 1, "bus.1.comp.key.source": code("return.1"), "bus.1.comp.makeup_db": 24,
    "bus.1.comp.attack_ms": 0.05, "return.1.gate.on": 1, "return.1.gate.mode": 2, "return.1.gate.range_db": 6,
    "return.1.gate.key.source": code("main.lr"),
    "main.lr.comp.on": 1, "main.lr.comp.key.source": code("matrix.1"), "main.lr.comp.makeup_db": 24,
    "matrix.1.gate.on": 1, "matrix.1.gate.key.source": code("bus.1"), "matrix.1.comp.on": 1,
    "matrix.1.comp.key.source": code("main.mono"), "bus.4.gate.on": 1, "bus.4.gate.key.source": code("bus.4"),
}  # fmt: skip
WAYS_BACK: dict[str, dict[str, float]] = {
    "to the same bus": {"return.1.send.1.level_db": 10},
    "through both effects": {"return.1.send.4.level_db": 10, "return.2.send.1.level_db": 10},
    "from every return to every bus": {f"return.{k}.send.{b}.level_db": 10.0 for k in (1, 2) for b in (1, 2, 3, 4)}
    | {"bus.2.send.4.level_db": 10.0, "bus.1.send.2.level_db": 10.0},
    "through a channel": {"channel.2.source": SOURCE_FX, "channel.2.send.1.level_db": 10, "channel.2.fader_db": 10},
}  # fmt: skip
LOUDER: dict[str, dict[str, float]] = {
    "": HOT,
    "with keys in circles": HOT | KEYS,
    "with all there is": HOT | KEYS
    | {f"{strip}.{name}": 24 for strip in ("bus.1", "return.1", "bus.4") for name in ("trim_db", "comp.makeup_db")}
    | {f"{strip}.eq.band.{n}.gain_db": 18 for strip in ("bus.1", "return.1") for n in range(1, 7)}
    | {f"{strip}.eq.band.{n}.on": 1 for strip in ("bus.1", "return.1") for n in range(1, 7)}
    | {"bus.1.eq.on": 1, "return.1.eq.on": 1},
}  # fmt: skip
CEILING = 10 ** (-1 / 20)


def _noise(seconds: float, columns: int) -> Signal:
    x = np.random.default_rng(1).standard_normal((whole(int(seconds * RATE_HZ)), columns)).astype(np.float32)
    return np.float32(0.05) * x


@pytest.mark.parametrize("louder", list(LOUDER))
@pytest.mark.parametrize("way", list(WAYS_BACK))
def test_a_loop_that_grows_stays_within_the_ceilings_and_is_forgotten_when_it_is_opened(way: str, louder: str) -> None:
    """Half a second of noise, four of the loop by itself; then it is opened, and half a second of noise again."""
    console = Console(SIZE, {**HEARD, **TO_EFFECTS, **LOUDER[louder], **WAYS_BACK[way]})
    sends = [path.replace("level_db", "on") for path in WAYS_BACK[way] if ".send." in path]
    x = np.zeros((17 * RATE_HZ // 2, 2), np.float32)
    x[: RATE_HZ // 2] = x[8 * RATE_HZ :] = _noise(0.5, 2)
    opened, kernel = 9 * RATE_HZ // 2, console.kernel()
    y = kernel.process(x, [console.event(opened, path, 0.0) for path in sends])
    assert np.isfinite(y).all()
    assert np.abs(y).max() <= CEILING * (1 + 1e-6)
    assert np.abs(y[4 * RATE_HZ : opened]).max() > 0.25, "it sounds by itself"
    assert np.isfinite(kernel.arena.f32).all()
    assert np.abs(y[7 * RATE_HZ : 8 * RATE_HZ]).max() < 1e-6, "it has died away"
    never = console.set(dict.fromkeys(sends, 0.0)).kernel().process(x)[8 * RATE_HZ :]
    assert np.abs(never).max() > 0.25
    assert np.abs(y[8 * RATE_HZ :] - never).max() < 1e-6, "as if there had been none"


@settings(RANDOM, max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_no_loop_of_any_kind_leaves_the_ceilings(seed: int) -> None:
    """Random desks, every way back wide open: a second of whatever that gives."""
    size = DeskSize(channels=9, inputs=3, outputs=8, rate_hz=RATE_HZ, buses=9, effects=4, matrices=3)
    chance, console = Chance(seed), Console(size)
    console.values[:] = chance.values(size)
    _circles(console)
    console.set({f"return.{k}.send.{b}.level_db": 10 for k in range(1, 5) for b in range(1, 10)})
    in_circles = [f"return.{k}" for k in range(1, 5)] + [f"bus.{b}" for b in range(1, 10)]
    wide_open = {"fader_db": 10.0, "mute": 0.0, "gate.on": 0.0, "insert.on": 0.0, "trim_db": 6.0}
    wide_open |= {f"dca.{d}": 0.0 for d in range(1, 9)} | {f"mute_group.{g}": 0.0 for g in range(1, 7)}
    console.set({f"{strip}.{name}": value for strip in in_circles for name, value in wide_open.items()})
    console.set({f"channel.{n}.send.{n}.level_db": 0 for n in range(1, 10)})
    console.set({f"output.{k}.source": code(strip) for k, strip in enumerate(in_circles[1:5], 5)})
    ceilings = 10 ** (np.array([console.values[size.output(k, "ceiling_dbfs")] for k in range(1, 9)]) / 20)
    y = Kernel(size, console.values).process(scenes.programme(RATE_HZ, size.columns, RATE_HZ, seed))
    assert np.isfinite(y).all()
    assert (np.abs(y).max(axis=0) <= ceilings * (1 + 1e-6)).all()
    assert (np.abs(y).max(axis=0) > 0.7 * ceilings).any(), "something is held back"


@settings(RANDOM, max_examples=5)
@given(seed=st.integers(0, 2**32), bad=st.sampled_from([math.nan, math.inf, -math.inf, 1e30]))
def test_bad_numbers_on_every_input_of_any_desk_reach_no_output(seed: int, bad: float) -> None:
    """Inputs, playback, talkback's microphone, what comes back from inserts: all of them are columns."""
    size = DeskSize(channels=9, inputs=4, outputs=8, rate_hz=RATE_HZ, buses=9, effects=3, matrices=3, plays=2)
    chance, console = Chance(seed), Console(size)
    console.values[:] = chance.values(size)
    _circles(console)
    x = scenes.programme(19200, size.columns, RATE_HZ, seed)
    x[:9600][np.random.default_rng(seed).random((9600, size.columns)) < 0.003] = bad
    kernel = Kernel(size, console.values)
    y = kernel.process(x, chance.events(size, 100, len(x)))
    assert np.isfinite(y).all()
    assert np.abs(y).max() <= 1.0
    assert kernel.arena.meters["bad_numbers"].sum() > 10
    lines = kernel.arena.layout.at["delay"], kernel.arena.layout.at["output_delay"]  # they skip what they held before
    assert np.isfinite(np.delete(kernel.arena.f32, slice(*lines))).all()
    assert np.abs(y[14400:]).max() > 1e-4, "and it plays on"


def test_a_bus_that_is_sent_to_itself_by_number_alone_stays_silent() -> None:
    """Only upward: 16 buses all sent to all others at +10 dB make no loop."""
    size = DeskSize(channels=1, inputs=1, outputs=16, rate_hz=RATE_HZ, buses=16)
    console = Console(size, {"channel.1.to_main": 0, "channel.1.send.9.level_db": -20})
    console.set({f"bus.{a}.send.{b}.level_db": 10 for a in range(1, 17) for b in range(1, 17)})
    console.set({f"output.{b}.source": code(f"bus.{b}") for b in range(1, 17)} | {"monitor.source": NONE})
    x = np.zeros((640, 1), np.float32)
    x[0] = 1e-4
    y = console.play(x)
    assert [int(np.count_nonzero(y[:, k])) for k in range(16)] == 8 * [0] + 8 * [1]
    assert y[0, 15] == pytest.approx(1e-5 * math.sqrt(10) * (1 + math.sqrt(10)) ** 6, rel=1e-5)
