"""What holds for the desk as a whole: the null, strips that do not hear each other, bad numbers, snapshots, blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import STRIP
from tests.dsp import scenes
from tests.dsp.chance import Chance
from tests.dsp.rig import LATENCY_FRAMES, Kernel

SIZE = DeskSize(channels=10, inputs=10, outputs=4, rate_hz=48000)
ROUGH = float("nan"), math.inf, -math.inf, 1e30


def test_a_flat_strip_hard_left_is_the_input_to_the_last_bit_after_the_latency() -> None:
    size = DeskSize(channels=1, inputs=1, outputs=2)
    x = (np.random.default_rng(1).standard_normal((48000, 1)) * 0.1).astype(np.float32)
    x[100:200] *= 1e-6  # small numbers too
    y = Kernel(size, scenes.flat(size)).process(x)
    assert (y[LATENCY_FRAMES:, 0].view(np.int32) == x[:-LATENCY_FRAMES, 0].view(np.int32)).all()
    assert (y[:, 1] == 0).all()


def test_hard_right_is_exact_too() -> None:
    size = DeskSize(channels=2, inputs=2, outputs=2)
    x = (np.random.default_rng(1).standard_normal((4800, 2)) * 0.1).astype(np.float32)
    y = Kernel(size, scenes.flat(size)).process(x)
    assert (y[LATENCY_FRAMES:] == x[:-LATENCY_FRAMES]).all()


def _busy(seed: int) -> tuple[scenes.Values, Chance]:
    chance = Chance(seed)
    return chance.values(SIZE), chance


@pytest.mark.parametrize("block", [32, 64, 96, 1024])
def test_the_size_of_the_block_changes_no_bit(block: int) -> None:
    values, chance = _busy(21)
    x = scenes.programme(9216, SIZE.inputs, SIZE.rate_hz)
    events = chance.events(SIZE, 300, len(x))
    assert (Kernel(SIZE, values).process(x, events, block) == Kernel(SIZE, values).process(x, events)).all()


def test_a_snapshot_in_mid_run_goes_on_with_the_same_bits() -> None:
    values, chance = _busy(22)
    x = scenes.programme(9600, SIZE.inputs, SIZE.rate_hz)
    events = chance.events(SIZE, 200, len(x))
    kernel = Kernel(SIZE, values)
    kernel.process(x[: 4000 // 32 * 32], events)
    snapshot = kernel.arena.block.copy()
    first = kernel.process(x[4000 // 32 * 32 :])
    kernel.arena.block[:] = snapshot
    again = kernel.process(x[4000 // 32 * 32 :])
    assert (first.view(np.int32) == again.view(np.int32)).all()
    other = Kernel(SIZE, values)  # as an engine started anew would
    other.send(events)
    other.arena.block[:] = snapshot
    assert (other.process(x[4000 // 32 * 32 :]) == first).all()


def test_a_reset_leaves_nothing_of_what_was() -> None:
    from dsp import desk

    values, chance = _busy(23)
    x = scenes.programme(4800, SIZE.inputs, SIZE.rate_hz)
    fresh = Kernel(SIZE, values)
    used = Kernel(SIZE, chance.values(SIZE))
    used.process(x, chance.events(SIZE, 100, len(x)))
    desk.reset(used.arena, values)
    used.ring[:] = 0
    assert used.arena.clock == 0
    assert (fresh.process(x) == used.process(x)).all()


def _alone(number: int) -> scenes.Values:
    """Only strip `number` reaches the main, so that the outputs are what it does."""
    values, _ = _busy(24)
    by_design = [name for name in scenes.STRIP_DEFAULTS if name.startswith(("dca.", "mute_group.", "link", "insert."))]
    by_design += ["gate.key.source", "comp.key.source"]  # what a strip hears of another on purpose
    for strip in (*range(1, SIZE.channels + 1), "main"):
        scenes.change(SIZE, values, strip, {name: scenes.STRIP_DEFAULTS[name] for name in by_design})
    for n in range(1, SIZE.channels + 1):
        scenes.change(
            SIZE, values, n, {"to_main": float(n == number), "solo": 0, "source": n - 1, "mute": 0, "fader_db": 0}
        )
        scenes.change(
            SIZE, values, n, {"eq.band.1.type": 0, "eq.band.2.type": 0, "gate.threshold_db": -60, "trim_db": 0}
        )
    scenes.change(
        SIZE,
        values,
        "main",
        {
            name: scenes.STRIP_DEFAULTS[name]
            for name in ("eq.on", "gate.on", "hpf.on", "lpf.on", "trim_db", "pan", "fader_db")
        },
    )
    for k in range(1, 5):
        values[SIZE.output(k, "source")] = scenes.MAIN_L + (k - 1) % 2
    values[SIZE.desk("engine.gain_db")] = 0
    return values


@pytest.mark.parametrize("number", [1, 4, 8, 9, 10])
def test_a_strip_is_bit_identical_whatever_its_neighbours_do(number: int) -> None:
    values = _alone(number)
    x = scenes.programme(9600, SIZE.inputs, SIZE.rate_hz)
    loud = (np.random.default_rng(9).standard_normal(x.shape) * 3).astype(np.float32)
    loud[:, number - 1] = x[:, number - 1]
    loud[3000, number % SIZE.inputs] = math.nan
    others = values.copy()
    chance = Chance(25)
    events = []
    for n in range(1, SIZE.channels + 1):
        if n != number:
            for name in ("trim_db", "gate.on", "comp.on", "eq.on", "hpf.on", "comp.ratio", "gate.mode", "delay_ms"):
                slot = next(s for s in STRIP if s.name == name)
                others[SIZE.channel(n, name)] = chance.strip_value(name, slot.domain, SIZE)
            events += [Event(2000, SIZE.channel(n, "eq.band.1.freq_hz"), 3000.0, 500)]
    alone = Kernel(SIZE, values).process(x)
    beside = Kernel(SIZE, others).process(loud, events)
    assert np.abs(alone).max() > 1e-4
    assert (alone.view(np.int32) == beside.view(np.int32)).all()


@pytest.mark.parametrize("bad", ROUGH)
def test_a_bad_number_silences_its_strip_for_a_moment_and_no_other(bad: float) -> None:
    values = scenes.flat(SIZE)
    for n in range(1, 11):
        scenes.change(SIZE, values, n, {"hpf.on": 1, "comp.on": 1, "to_main": float(n in (1, 2))})
    x = np.full((14400, SIZE.inputs), 0.1, np.float32) * np.sin(np.arange(14400) / 7).astype(np.float32)[:, None]
    rough = x.copy()
    rough[3210, 0] = bad
    kernel = Kernel(SIZE, values)
    clean, hurt = Kernel(SIZE, values).process(x), kernel.process(rough)
    assert np.isfinite(hurt).all()
    left, right = hurt[:, 0], hurt[:, 1]
    assert (right == clean[:, 1]).all(), "strip 2, hard right, does not notice"
    start = 3200 + LATENCY_FRAMES
    silent = 32 * (1 + math.ceil(0.050 * 48000 / 32))
    back = 32 * math.ceil(0.010 * 48000 / 32)
    assert (left[start : start + silent] == 0).all()
    assert (left[:start] == clean[:start, 0]).all()
    assert np.abs(left[start + silent : start + silent + back]).max() > 0.01
    assert np.abs(left[start + silent + back + 4800 :]).max() == pytest.approx(np.abs(clean[-2000:, 0]).max(), rel=1e-3)
    assert kernel.arena.meters["bad_numbers"][:10].tolist() == [1] + 9 * [0]


@pytest.mark.parametrize("bad", ROUGH)
def test_bad_numbers_on_every_input_all_the_time_reach_no_output(bad: float) -> None:
    values, chance = _busy(26)
    x = scenes.programme(9600, SIZE.inputs, SIZE.rate_hz)
    x[np.random.default_rng(3).random(x.shape) < 0.01] = bad
    kernel = Kernel(SIZE, values)
    y = kernel.process(x, chance.events(SIZE, 100, len(x)))
    assert np.isfinite(y).all()
    assert np.abs(y).max() <= 1.0
    assert (kernel.arena.meters["bad_numbers"][:10] > 1).any()


def test_a_bad_number_in_a_delay_line_is_gone_when_the_strip_comes_back() -> None:
    values = scenes.flat(SIZE)
    scenes.change(SIZE, values, 1, {"delay_ms": 20})
    x = np.full((14400, SIZE.inputs), 0.05, np.float32)
    x[1000:1500, 0] = math.nan
    kernel = Kernel(SIZE, values)
    y = kernel.process(x)
    assert np.isfinite(y).all()
    assert y[-1, 0] == pytest.approx(0.05 * 5, rel=1e-5)


def test_clean_signal_is_never_counted_bad() -> None:
    values, chance = _busy(27)
    kernel = Kernel(SIZE, values)
    kernel.process(scenes.programme(9600, SIZE.inputs, SIZE.rate_hz), chance.events(SIZE, 300, 9600))
    assert not kernel.arena.meters["bad_numbers"].any()
