"""The surface on the reference panel's chips and lines, in the bus's own time: noise, hum and a wandering supply, hands
that play scripts, a converter that is pulled out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulated.clock import VirtualClock
from drivers.simulated.hands import Hands as Script
from drivers.simulated.panel import simulated_panel
from drivers.simulated.script import parse
from drivers.simulated.world import World
from dsp.laws import db_to_fader
from firmware.params import Value
from firmware.surface import board_file
from firmware.surface.setup import Setup
from firmware.surface.surface import Surface
from tests.firmware.surface.fakes import PAGES, Desk

CONFIG = board_file.load("reference").panel
S = 1_000_000_000


class Rig:
    """A desk under the reference panel. `told_ns`: when each value was set."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = VirtualClock(S)
        self.world = World(CONFIG, seed=seed)
        self.panel = simulated_panel(CONFIG, self.world, clock=self.clock)
        self.panel.open()
        self.desk = Desk()
        self.surface = Surface(self.desk, self.panel, Setup.of(CONFIG), self.clock.now_ns, PAGES)
        self.told_ns: list[int] = []

    def run(self, seconds: float, script: str = "") -> None:
        hands = Script(parse(script, CONFIG), self.world, plug=self.panel.plug)
        end_ns = self.clock.now_ns() + round(seconds * S)
        while self.clock.now_ns() < end_ns:
            hands.act_until(self.clock.now_ns())
            self.panel.step()
            self.surface.tick()
            while len(self.told_ns) < len(self.desk.told):
                self.told_ns.append(self.clock.now_ns())

    def forget(self) -> None:
        self.desk.told.clear()
        self.told_ns.clear()

    def get(self, path: str) -> Value:
        return self.desk.model.values[path]


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.panel.close()


def test_nine_still_faders_that_hold_their_parameters_make_no_event_in_a_minute(rig: Rig) -> None:
    rig.run(0.1)
    for k, fader in enumerate(CONFIG.faders):  # from the bottom, where their parameters are
        rig.world.slide(fader.name, 0.055 + 0.11 * k, rig.clock.now_ns(), S // 10)
    rig.run(1.0)
    moved = {path for path, _, _ in rig.desk.told}
    assert len(moved) == 9
    rig.forget()
    rig.run(60.0)
    assert rig.desk.told == []


def test_a_bus_that_stands_still_for_a_moment_moves_no_fader(rig: Rig) -> None:
    """As where something else has the processor: the supply has wandered before the next readings, by up to 7 % a
    second, and a wiper is not measured by an old one."""
    rig.run(0.1)
    for k, fader in enumerate(CONFIG.faders):
        rig.world.slide(fader.name, 0.055 + 0.11 * k, rig.clock.now_ns(), S // 10)
    rig.run(1.0)
    rig.forget()
    for k in range(60):
        rig.run(0.05 + 0.0061 * k)
        rig.clock.sleep_until_ns(rig.clock.now_ns() + (k * 37 % 61 + 1) * S // 80)
    assert rig.desk.told == []


@pytest.mark.parametrize("still_ms", [0, 30, 90, 200, 600])
def test_a_press_that_is_over_before_the_bus_goes_on_is_not_lost(rig: Rig, still_ms: int) -> None:
    """80 ms of a finger on a key; the expander has kept the change."""
    rig.run(0.5)
    for count, name in enumerate(("mute.2", "mute.7", "mute.2"), 1):
        now_ns = rig.clock.now_ns()
        rig.world.press(name, True, now_ns + S // 1000)
        rig.world.press(name, False, now_ns + 81 * S // 1000)
        rig.clock.sleep_until_ns(now_ns + still_ms * S // 1000)
        rig.run(0.6)
        assert rig.desk.told[-1][0] == f"channel.{name[-1]}.mute"
        assert len(rig.desk.told) == count, "once and not twice"
    assert rig.get("channel.2.mute") is False
    assert rig.get("channel.7.mute") is True


def test_without_the_chip_that_measures_the_supply_still_faders_are_still_and_are_picked_up_after_it(rig: Rig) -> None:
    """The supply goes on wandering, by 2 %: 0.4 dB at the top of a fader's travel."""
    rig.run(0.5)
    main = next(fader for fader in CONFIG.faders if fader.name == "fader.main")
    assert CONFIG.supply is not None
    assert main.chip == CONFIG.supply.chip
    for k, fader in enumerate(CONFIG.faders):
        rig.world.slide(fader.name, 0.5 + 0.05 * k, rig.clock.now_ns(), S // 10)
    rig.run(1.0)
    assert len({path for path, _, _ in rig.desk.told}) == 9
    rig.forget()
    address = next(chip.address for chip in CONFIG.chips if chip.name == main.chip)
    rig.panel.plug(address, False)
    rig.run(20.0)
    rig.world.slide("fader.1", 0.1, rig.clock.now_ns())  # it was at 0.5: moved unseen
    rig.run(0.5)
    rig.panel.plug(address, True)
    rig.run(5.0)
    assert rig.desk.told == []
    rig.world.slide("fader.1", 0.2, rig.clock.now_ns(), S // 5)
    rig.run(0.5)
    assert rig.desk.told == []
    rig.world.slide("fader.1", 0.75, rig.clock.now_ns(), S // 5)
    rig.world.slide("fader.2", 0.75, rig.clock.now_ns(), S // 5)  # it was not moved, and holds at once
    rig.run(0.5)
    assert float(rig.get("channel.1.fader_db")) == pytest.approx(0.0, abs=0.2)
    assert float(rig.get("channel.2.fader_db")) == pytest.approx(0.0, abs=0.2)


def test_hands_play_the_desk_through_the_chips(rig: Rig) -> None:
    rig.run(0.1)
    rig.run(
        4.0,
        """
        fader 3 to 75 % in 80 ms
        wait 300 ms
        press select 3
        encoder 1 by +8 at 10 detents/s
        wait 1 s
        press mute 5
        """,
    )
    assert float(rig.get("channel.3.fader_db")) == pytest.approx(0.0, abs=0.3)
    assert rig.surface.view().strip == "channel.3"
    assert rig.get("channel.3.trim_db") == 2.0
    assert rig.get("channel.5.mute") is True


def test_a_hand_is_heard_within_two_scans(rig: Rig) -> None:
    """In the time of the bus alone: the code's own comes on top of it."""
    rig.run(0.5)
    waits_ms = []
    for k in range(40):
        rig.run(0.2 + 0.0013 * k)
        rig.forget()
        start_ns = rig.clock.now_ns()
        rig.world.slide("fader.2", 0.3 if k % 2 else 0.6, start_ns, 80_000_000)
        rig.run(0.15)
        assert rig.desk.told[0][0] == "channel.2.fader_db"
        waits_ms.append((rig.told_ns[0] - start_ns) / 1e6)
    waits_ms.sort()
    assert waits_ms[len(waits_ms) // 2] <= 12.0
    assert waits_ms[-1] <= 25.0


@settings(max_examples=8, deadline=None)
@given(away_s=st.floats(0.02, 0.6), for_s=st.floats(0.02, 1.2), moved=st.floats(0.0, 1.0))
def test_a_converter_that_is_pulled_out_at_any_moment_moves_nothing_when_it_is_back(
    away_s: float, for_s: float, moved: float
) -> None:
    rig = Rig()
    chip = next(chip for chip in CONFIG.chips if chip.name == CONFIG.faders[0].chip)
    path = "channel.1.fader_db"
    rig.run(0.3)
    rig.world.slide("fader.1", 0.5, rig.clock.now_ns(), S // 2)
    rig.run(away_s)
    rig.panel.plug(chip.address, False)
    rig.run(0.1)
    before = rig.get(path)
    rig.world.slide("fader.1", moved, rig.clock.now_ns())
    rig.run(for_s)
    rig.panel.plug(chip.address, True)
    rig.run(1.5)
    assert rig.get(path) == before
    assert rig.surface.view().lost == ()
    wanted = db_to_fader(float(before))  # and it is picked up as any other is
    rig.world.slide("fader.1", wanted, rig.clock.now_ns(), S // 5)
    rig.run(0.5)
    rig.world.slide("fader.1", 0.9, rig.clock.now_ns(), S // 5)
    rig.run(0.5)
    assert float(rig.get(path)) == pytest.approx(6.0, abs=0.5)
    rig.panel.close()
