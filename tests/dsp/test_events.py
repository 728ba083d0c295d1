"""The queue of events: when each is applied, in which order, how many at once, and which are not believed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp import laws
from dsp import ring as rings
from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import Domain
from tests.dsp import scenes
from tests.dsp.chance import Chance
from tests.dsp.rig import Kernel

SIZE = DeskSize(channels=4, inputs=2, outputs=2)
TRIM = SIZE.channel(1, "trim_db")
QUIET = np.zeros((960, 2), np.float32)


def _kernel() -> Kernel:
    return Kernel(SIZE, scenes.flat(SIZE), slots=4096)


def test_the_clock_counts_frames() -> None:
    kernel = _kernel()
    kernel.process(QUIET)
    kernel.process(QUIET[:64])
    assert kernel.arena.clock == 1024


@pytest.mark.parametrize(("at", "applied"), [(0, 0), (1, 32), (32, 32), (33, 64), (-5, 0)])
def test_an_event_is_applied_at_the_first_quantum_that_starts_at_or_after_it(at: int, applied: int) -> None:
    kernel = _kernel()
    kernel.process(QUIET, [Event(at, TRIM, 6.0, 0)])
    assert kernel.logged() == [Event(applied, TRIM, 6.0, 0)]
    assert kernel.arena.value[TRIM] == 6.0


def test_an_event_that_waits_holds_up_those_behind_it() -> None:
    kernel = _kernel()
    kernel.process(QUIET, [Event(320, TRIM, 6.0, 0), Event(0, TRIM, -3.0, 0)])
    assert [(e.at, e.value) for e in kernel.logged()] == [(320, 6.0), (320, -3.0)]
    assert kernel.arena.value[TRIM] == -3.0


def test_at_most_1024_events_are_applied_in_a_quantum_and_none_is_lost() -> None:
    kernel = _kernel()
    kernel.process(QUIET[:32], [Event(0, TRIM, i / 100, 0) for i in range(2500)])
    assert kernel.arena.events_taken == 1024
    assert kernel.arena.value[TRIM] == pytest.approx(10.23)
    kernel.process(QUIET[:64])
    logged = kernel.logged()
    assert [e.at for e in logged] == 1024 * [0] + 1024 * [32] + 452 * [64]
    assert [e.value for e in logged] == [i / 100 for i in range(2500)]


def test_the_last_of_two_events_of_one_parameter_wins() -> None:
    kernel = _kernel()
    kernel.process(QUIET, [Event(0, TRIM, 6.0, 320), Event(0, TRIM, -6.0, 0)])
    assert kernel.arena.value[TRIM] == -6.0


@pytest.mark.parametrize(("over", "quanta"), [(0, 1), (1, 1), (32, 1), (33, 2), (960, 30), (961, 31), (-7, 1)])
def test_a_glide_takes_its_frames_rounded_up_to_quanta(over: int, quanta: int) -> None:
    kernel = _kernel()
    kernel.send([Event(0, TRIM, 12.0, over)])
    seen = []
    for _ in range(quanta + 1):
        kernel.process(QUIET[:32])
        seen.append(float(kernel.arena.value[TRIM]))
    assert seen[:quanta] == pytest.approx([12.0 * (i + 1) / quanta for i in range(quanta)])
    assert seen[-1] == seen[-2] == 12.0


def test_a_new_event_starts_from_where_the_glide_is() -> None:
    kernel = _kernel()
    kernel.process(QUIET[:320], [Event(0, TRIM, 20.0, 640)])
    assert kernel.arena.value[TRIM] == pytest.approx(10.0)
    kernel.send([Event(0, TRIM, 0.0, 640)])
    kernel.process(QUIET[:320])
    assert kernel.arena.value[TRIM] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trim_db", math.nan), ("trim_db", math.inf), ("trim_db", -math.inf), ("fader_db", math.inf),
        ("fader_db", math.nan),
        ("hpf.freq_hz", math.inf), ("comp.ratio", -math.inf), ("comp.ratio", math.nan), ("mute", math.nan),
        ("eq.band.1.type", math.inf), ("source", math.nan), ("delay_ms", math.inf), ("delay_ms", math.nan),
    ],
)  # fmt: skip
def test_a_value_without_a_place_is_ignored(name: str, value: float) -> None:
    kernel = _kernel()
    before = kernel.arena.value.copy()
    kernel.process(QUIET, [Event(0, SIZE.channel(1, name), value, 0), Event(0, TRIM, 1.0, 0)])
    after = kernel.arena.value.copy()
    assert after[TRIM] == 1.0
    after[TRIM] = before[TRIM]
    assert (after == before).all()


@pytest.mark.parametrize(("name", "value"), [("fader_db", -math.inf), ("comp.ratio", math.inf)])
def test_infinities_that_mean_something_are_taken(name: str, value: float) -> None:
    kernel = _kernel()
    kernel.process(QUIET, [Event(0, SIZE.channel(1, name), value, 64)])
    domain = Domain.LEVEL if name == "fader_db" else Domain.INVERSE
    assert laws.from_domain(domain, float(kernel.arena.value[SIZE.channel(1, name)])) == value


@pytest.mark.parametrize("address", [-1, -5, SIZE.addresses, 2**40])
def test_an_address_that_no_parameter_has_harms_nothing(address: int) -> None:
    kernel = _kernel()
    before = kernel.arena.value.copy()
    kernel.process(QUIET, [Event(0, address, 3.0, 0)])
    assert (kernel.arena.value == before).all()
    assert kernel.arena.events_taken == 1


@pytest.mark.parametrize("word", range(8))
def test_a_slot_with_a_flipped_bit_is_not_believed(word: int) -> None:
    kernel = _kernel()
    kernel.send([Event(0, TRIM, 6.0, 0)])
    kernel.ring[word] ^= 1 << 40
    kernel.process(QUIET)
    assert kernel.arena.value[TRIM] == 0.0
    assert kernel.logged() == []
    kernel.ring[word] ^= 1 << 40
    kernel.process(QUIET)
    assert kernel.arena.value[TRIM] == 6.0, "and is taken when it is whole"


def test_a_stale_slot_of_the_last_lap_is_not_taken_again() -> None:
    kernel = Kernel(SIZE, scenes.flat(SIZE), slots=16)
    for _ in range(5):
        kernel.process(QUIET[:32], [Event(0, TRIM, float(i), 0) for i in range(10)])
    assert kernel.arena.events_taken == 50
    kernel.process(QUIET)
    assert kernel.arena.events_taken == 50


def test_the_log_holds_what_was_applied_in_slots_that_check() -> None:
    kernel = _kernel()
    kernel.process(QUIET, [Event(10, TRIM, 1.5, 320), Event(100, SIZE.channel(2, "fader_db"), -math.inf, 7)])
    events, index, lost = rings.read(kernel.log, 0)
    assert events == [Event(32, TRIM, 1.5, 320), Event(128, SIZE.channel(2, "fader_db"), -math.inf, 7)]
    assert (index, lost) == (2, 0)
    assert kernel.arena.events_logged == 2


def test_replaying_the_log_gives_the_same_bits() -> None:
    chance = Chance(31)
    values = chance.values(SIZE)
    x = scenes.programme(9600, SIZE.inputs, SIZE.rate_hz)
    first = Kernel(SIZE, values)
    y = first.process(x, chance.events(SIZE, 200, len(x)))
    assert (Kernel(SIZE, values).process(x, first.logged()) == y).all()
