"""Faults on a panel's I2C bus in virtual time: what is lost is held, told, and comes back by itself."""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.i2c_schedule import I2cSchedule
from drivers.panel_events import ChipState, Health, Slid
from drivers.simulated.chips.ht16k33 import Ht16k33Model
from tests.drivers.i2c_rig import ADCS, EXPANDERS, LEDS, MS, OLED, Rig, S

CHIPS = {**{f"adc{k}": a for k, a in enumerate(ADCS)}, **{f"exp{k}": a for k, a in enumerate(EXPANDERS)},
         "leds": LEDS, "display": OLED}  # fmt: skip
PICTURE = bytes(range(256)) * 4


def test_one_refusal_is_no_loss() -> None:
    rig = Rig()
    rig.panel.show(PICTURE)
    rig.run(100 * MS)
    for address in CHIPS.values():
        rig.bus.refuse(address, 1)
        rig.panel.show(PICTURE[::-1] if address == OLED else PICTURE)
        rig.panel.light("light.0", float(address == LEDS))
        rig.run(50 * MS)
    assert all(state.health is Health.GOOD for state in rig.panel.states())
    assert sum(state.errors for state in rig.panel.states()) == len(CHIPS)
    assert rig.glass() == PICTURE[::-1]


@pytest.mark.parametrize("name", CHIPS)
def test_a_lost_chip_is_marked_with_a_reason_asked_twice_a_second_and_comes_back(name: str) -> None:
    rig = Rig()
    rig.panel.show(PICTURE)
    rig.run(100 * MS)
    rig.bus.unplug(CHIPS[name])
    rig.run(1_100 * MS)
    state = rig.state(name)
    assert state.health is Health.LOST
    assert f"0x{CHIPS[name]:02X}" in state.reason
    errors = state.errors
    rig.run(3 * S)
    assert 4 <= rig.state(name).errors - errors <= 8
    assert [other.name for other in rig.panel.states() if other.health is Health.LOST] == [name]
    rig.bus.plug(CHIPS[name])
    rig.run(600 * MS)
    back = rig.state(name)
    assert (back.health, back.reason) == (Health.GOOD, "")
    assert back.since_ns > state.since_ns
    assert rig.glass() == PICTURE


def test_a_button_that_came_up_while_its_expander_was_away_is_told_up_and_one_that_stayed_down_is_not_told() -> None:
    rig = Rig()
    for name in ("button.0", "button.3"):
        rig.world.press(name, True, rig.clock.now_ns())
    rig.run(100 * MS)
    assert sorted(event.name for event in rig.pressed() if event.down) == ["button.0", "button.3"]
    rig.bus.unplug(EXPANDERS[0])
    rig.run(100 * MS)
    rig.world.press("button.0", False, rig.clock.now_ns())
    rig.world.press("button.6", True, rig.clock.now_ns())
    rig.events.clear()
    rig.run(300 * MS)
    assert rig.pressed() == []
    rig.bus.plug(EXPANDERS[0])
    rig.run(600 * MS)
    assert [(event.name, event.down) for event in rig.pressed()] == [("button.0", False), ("button.6", True)]


def test_a_stuck_bus_is_survived() -> None:
    rig = Rig()
    rig.panel.show(PICTURE)
    rig.run(100 * MS)
    rig.bus.stuck = True
    rig.run(2 * S)
    assert {state.health for state in rig.panel.states()} == {Health.LOST}
    assert all("hangs" in state.reason for state in rig.panel.states())
    rig.bus.stuck = False
    rig.run(S)
    assert {state.health for state in rig.panel.states()} == {Health.GOOD}
    assert rig.glass() == PICTURE


def test_a_bus_that_is_not_there_yet_is_asked_again() -> None:
    rig = Rig()
    there = False

    def open_bus(number: int) -> object:
        if not there:
            raise FileNotFoundError(2, "No such file or directory", f"/dev/i2c-{number}")
        return rig.buses.open(number)

    for schedule in rig.panel._schedules:
        schedule.bus._open_bus = open_bus  # type: ignore[assignment]
    rig.run(S)
    assert {state.health for state in rig.panel.states()} == {Health.LOST}
    there = True
    rig.run(S)
    assert {state.health for state in rig.panel.states()} == {Health.GOOD}


@pytest.mark.parametrize("code", [errno.ENODEV, errno.EBADF, errno.ESHUTDOWN, errno.ENXIO, errno.EIO])
def test_a_device_that_went_stale_is_opened_again(code: int) -> None:
    """As after its adapter or its driver went and came: the old handle fails for ever, a new one is good."""
    rig = Rig()
    rig.run(100 * MS)
    opened: list[int] = []

    class Stale:
        def i2c_rdwr(self, *_: object) -> None:
            raise OSError(code, os.strerror(code))

        def close(self) -> None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def open_bus(number: int) -> object:
        opened.append(number)
        return rig.buses.open(number)

    bus = rig.panel._schedules[0].bus
    bus._open_bus, bus._bus = open_bus, Stale()  # type: ignore[assignment]
    rig.run(S)
    assert opened == [1]
    assert {state.health for state in rig.panel.states()} == {Health.GOOD}


def test_chips_that_are_not_there_do_not_have_the_bus_opened_again() -> None:
    rig = Rig()
    rig.run(100 * MS)
    bus = rig.panel._schedules[0].bus
    before = bus._bus
    rig.bus.unplug(ADCS[0])
    rig.run(3 * S)
    assert bus._bus is before


def test_a_fault_that_nobody_foresaw_costs_its_chip_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.run(100 * MS)

    def fail(*_: object) -> None:
        raise RuntimeError("lgpio has gone")

    with monkeypatch.context() as broken:
        broken.setattr(rig.panel._schedules[0].adcs[0], "_adc", SimpleNamespace(turn=fail, begin=fail))
        rig.run(100 * MS)
    assert [state.name for state in rig.panel.states() if state.health is Health.LOST] == ["adc0"]
    assert "RuntimeError: lgpio has gone" in rig.state("adc0").reason
    rig.run(600 * MS)
    assert rig.state("adc0").health is Health.GOOD


def test_a_thread_outlives_any_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pass itself fails: all of the bus is lost, and found again when it works."""
    rig = Rig()
    rig.run(100 * MS)
    schedule = rig.panel._schedules[0]
    step, passes = schedule.step, iter(range(400))
    between: list[ChipState] = []

    def faulty() -> None:
        at = next(passes)
        if at == 399:
            rig.panel._stopping = True
        if at == 1:
            between.extend(rig.panel.states())
        if at < 2:
            raise ValueError("what nobody foresaw")
        step()

    monkeypatch.setattr(I2cSchedule, "step", lambda _self: faulty())
    rig.panel._run(schedule)
    assert {state.health for state in between} == {Health.LOST}
    assert all("ValueError: what nobody foresaw" in state.reason for state in between)
    assert {state.health for state in rig.panel.states()} == {Health.GOOD}
    assert rig.state("adc0").errors == 2


@settings(max_examples=100)
@given(
    faults=st.lists(
        st.tuples(
            st.sampled_from(sorted(CHIPS.values())),
            st.integers(0, 60 * MS),  # when it goes
            st.one_of(st.integers(0, 3 * MS), st.integers(0, 60 * MS)),  # for how long
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda fault: fault[0],
    )
)
def test_any_chip_out_and_in_at_any_moment_holds_its_values_and_is_right_after(
    faults: list[tuple[int, int, int]],
) -> None:
    rig = Rig()
    now_ns = rig.clock.now_ns()
    rig.world.supply_v = lambda _at: 3.3
    for k in range(9):
        rig.world.slide(f"fader.{k}", (k + 1) / 10, now_ns)
    rig.world.press("button.0", True, now_ns)
    rig.world.press("button.4", True, now_ns)
    rig.panel.light("light.2", 1.0)
    rig.panel.show(PICTURE)
    rig.run(100 * MS)
    rig.events.clear()
    start_ns = rig.clock.now_ns()
    for address, at_ns, for_ns in faults:
        rig.bus.unplug(address, start_ns + at_ns)
        rig.bus.plug(address, start_ns + at_ns + for_ns)
    rig.world.press("button.4", False, start_ns + 70 * MS)
    rig.panel.show(PICTURE[::-1])
    rig.run(130 * MS)
    # Held: no reading was ever anything but the cap's place, and no key moved that no hand moved.
    for event in rig.events:
        if isinstance(event, Slid):
            assert event.ratio == pytest.approx((int(event.name[-1]) + 1) / 10, abs=3e-4)
    rig.run(1_100 * MS)
    assert [(event.name, event.down) for event in rig.pressed()] == [("button.4", False)]
    # Right after, whether or not anybody noticed.
    assert all(state.health is Health.GOOD for state in rig.panel.states())
    assert rig.glass() == PICTURE[::-1]
    lights = rig.buses.models["leds"]
    assert isinstance(lights, Ht16k33Model)
    assert [lights.lit(place) for place in range(128)] == [16 <= place < 24 for place in range(128)]
    assert all(len(rig.slid(f"fader.{k}")) > 100 for k in range(9))
