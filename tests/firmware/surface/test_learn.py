"""The guided first start: on the real drivers of simulated chips in virtual time, and by single readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from drivers.panel_events import ChipState, Happened, Health, Pressed, Slid, Turned
from drivers.panel_i2c import I2cPanel
from drivers.simulated.clock import VirtualClock
from drivers.simulated.hands import Hands
from drivers.simulated.i2c_buses import SimulatedBuses
from drivers.simulated.script import parse
from drivers.simulated.world import World
from firmware.surface import board_file, learn_run
from firmware.surface.board_file import BoardFile
from firmware.surface.learn import Learner, Stage
from firmware.surface.learn_screen import render
from firmware.surface.learn_simulated import script

MS = 1_000_000


class Rig:
    """The I2C half of a board on simulated chips and a virtual clock, with scripted hands; encoders turn alone."""

    def __init__(self, board: BoardFile, hands: str) -> None:
        self.board, self.clock = board, VirtualClock()
        self.world = World(board.panel)
        self.buses = SimulatedBuses(board.panel, self.world, self.clock)
        self.events: list[Happened] = []
        self.panel = I2cPanel(board.panel, self.buses.open, tell=self.events.append, clock=self.clock)
        steps = parse(hands, board.panel)
        self.hands = Hands(steps, self.world, plug=self.plug)
        self.shown: list[Image.Image] = []
        self.lit: list[tuple[str, float]] = []
        self.said: list[str] = []
        self.turns = [encoder.name for encoder in board.panel.encoders]
        self.patience_ns = 0

    def plug(self, address: int, plugged: bool) -> None:
        bus = self.buses.bus_of(address)
        (bus.plug if plugged else bus.unplug)(address)

    def take(self) -> Sequence[Happened]:
        found = list(self.events)
        self.events.clear()
        if self.hands.done:
            found += [Turned(self.clock.now_ns(), name, 1) for name in self.turns]
            self.turns = []
        return found

    def states(self) -> Sequence[ChipState]:
        return self.panel.states()

    def light(self, name: str, level: float) -> None:
        self.lit.append((name, level))

    def show(self, image: Image.Image) -> None:
        self.shown.append(image)

    def contrast(self, level: int) -> None:
        pass

    def sleep(self, seconds: float) -> None:
        until_ns = self.clock.now_ns() + int(seconds * 1e9)
        while self.clock.now_ns() < until_ns:
            self.hands.act_until(self.clock.now_ns())
            self.panel.step()

    def skip(self) -> bool:
        """A hand that has done all it can waits for two seconds and goes on."""
        now_ns = self.clock.now_ns()
        if not self.hands.done:
            self.patience_ns = now_ns
        gone = now_ns - self.patience_ns > 2000 * MS
        self.patience_ns = now_ns if gone else self.patience_ns
        return gone

    def learn(self) -> Learner:
        clock = self.clock
        return learn_run.run(
            self.board, self, say=self.said.append, now_ns=clock.now_ns, sleep_s=self.sleep, skip=self.skip
        )


def test_every_control_of_the_reference_panel_answers_and_every_fader_has_its_ends() -> None:
    board = board_file.load("reference")
    rig = Rig(board, script(board.panel))
    learner = rig.learn()
    assert learner.missing() == []
    ends = learner.ends()
    assert set(ends) == {fader.name for fader in board.panel.faders}
    # 4 LSB rms of noise and as much hum at 16 bit are 0.02 % of the supply.
    assert all(abs(low) < 0.003 and abs(high - 1.0) < 0.003 for low, high in ends.values())
    assert len([line for line in rig.said if "answers (" in line]) == 9 + 5 + 35
    assert "Mute 7 answers (exp3 GPB0)." in rig.said
    assert ("light.mute.7", 1.0) in rig.lit
    assert ("light.mute.7", 0.0) in rig.lit
    assert rig.shown[0].size == (128, 64)
    report = list(learner.report())
    assert report[1].split("  ")[0] == "fader 1"
    assert len(report) == 1 + 9 + 1 + 5 + 35


def test_what_does_not_answer_is_named_with_its_pins_and_its_chip() -> None:
    board = board_file.load("reference")
    quiet = "\n".join(line for line in script(board.panel).splitlines() if line not in ("press mute 7", "press key eq"))
    rig = Rig(board, f"unplug the ADC at 0x49\n{quiet}")
    learner = rig.learn()
    assert learner.missing() == ["fader.5", "fader.6", "fader.7", "fader.8", "mute.7", "key.eq"]
    told = "\n".join([*rig.said, *learner.report()])
    assert "adc2 does not answer. Nothing answers at 0x49" in told
    assert "Fader 5 did not answer. Its chip adc2 does not answer" in told
    assert "Mute 7 did not answer. Look at its line to exp3 GPB0" in told
    assert set(learner.ends()) == {"fader.1", "fader.2", "fader.3", "fader.4", "fader.main"}


def stage_of(bench: Bench) -> Stage:
    """As it is now: a type checker takes an attribute for what it was."""
    return bench.learner.stage


class Bench:
    """A learner fed by hand, at 100 readings a second."""

    def __init__(self, name: str = "minimal") -> None:
        self.learner = Learner(board_file.load(name))
        self.now_ns = 0
        self.at = dict.fromkeys((fader.name for fader in self.learner.board.panel.faders), 0.3)

    def hold(self, ms: int = 600, lost: str = "", **places: float) -> None:
        """Faders stand at these places for a while."""
        self.at |= {f"fader.{name[1:]}": place for name, place in places.items()}
        states = [ChipState(lost, Health.LOST, 3, 0, "Nothing answers.")] if lost else []
        for _ in range(ms // 10):
            self.now_ns += 10 * MS
            self.learner.take([Slid(self.now_ns, name, ratio) for name, ratio in self.at.items()], states, self.now_ns)

    def do(self, *events: Happened) -> None:
        self.learner.take(events, [], self.now_ns)


def test_ends_are_where_the_caps_rested_and_may_be_put_right_until_the_end() -> None:
    bench = Bench()
    bench.hold(f1=0.01, f2=0.02, f3=0.0, f4=0.4)
    assert bench.learner.stage is Stage.DOWN
    assert bench.learner.missing() == ["fader.4"]
    bench.hold(f4=0.004)
    assert stage_of(bench) is Stage.UP
    bench.hold(f1=0.6)  # half-way up is no end
    assert "fader.1" in bench.learner.missing()
    bench.hold(f1=0.97, f2=0.99, f3=0.98)
    bench.hold(f1=0.985, f2=0.005)  # a little further; and once more down
    bench.hold(f2=0.99, f4=1.0)
    assert stage_of(bench) is Stage.TOUCH
    assert bench.learner.ends() == {
        "fader.1": (0.01, 0.985), "fader.2": (0.005, 0.99), "fader.3": (0.0, 0.98), "fader.4": (0.004, 1.0),
    }  # fmt: skip


def test_a_fader_that_is_wired_the_other_way_round_is_taken_as_it_is() -> None:
    bench = Bench()
    bench.hold(f1=0.99, f2=0.01, f3=0.01, f4=0.01)
    bench.hold(f1=0.02, f2=0.99, f3=0.99, f4=0.99)
    assert bench.learner.ends()["fader.1"] == (0.99, 0.02)
    assert "  It is wired the other way round; that is taken into account." in bench.learner.news


def test_a_cap_that_moves_or_a_wiper_that_floats_is_at_no_end() -> None:
    bench = Bench()
    for step in range(100):
        bench.hold(10, f1=0.02 * (step % 2), f2=0.0, f3=0.0, f4=0.0)
    assert bench.learner.missing() == ["fader.1"]


def test_an_encoder_that_counts_down_says_which_wires_to_swap() -> None:
    bench = Bench()
    bench.learner.skip(0)
    bench.learner.skip(0)
    assert bench.learner.stage is Stage.TOUCH
    bench.do(Turned(0, "encoder.1", -1), Turned(0, "encoder.5", 1))
    told = list(bench.learner.news)
    assert "  If you turned encoder 1 clockwise, swap its A and B." in told
    assert not any("encoder 5 clockwise" in line for line in told)
    bench.do(Pressed(0, "push.1", True), Pressed(0, "push.5", True))
    assert stage_of(bench) is Stage.DONE


def test_when_nobody_is_there_it_ends_by_itself() -> None:
    bench = Bench()
    bench.hold(ms=3 * 121_000)
    assert bench.learner.stage is Stage.DONE
    assert len(bench.learner.missing()) == 8
    assert "Fader 2: its lower end is not known." in "\n".join(bench.learner.news)


def test_boards_without_faders_or_without_anything_have_no_such_part(tmp_path: Path) -> None:
    assert Learner(board_file.load("hat-only")).stage is Stage.DONE
    path = tmp_path / "keys.toml"
    path.write_text("faders = false\n[foot]\n1 = 17\n", "utf-8")
    learner = Learner(board_file.load(path))
    assert learner.stage is Stage.TOUCH
    assert list(learner.news) == ["Turn every encoder clockwise, press every button."]


@pytest.mark.parametrize("size", [(128, 64), (128, 32), (256, 64)])
def test_the_display_shows_who_answered_and_a_chip_that_is_lost(size: tuple[int, int]) -> None:
    bench = Bench()
    asked = render(bench.learner.frame(), size)
    bench.hold(f1=0.9)
    bench.hold(f1=0.2)
    answered = render(bench.learner.frame(), size)
    bench.hold(lost="adc1")
    lost = render(bench.learner.frame(), size)
    assert bench.learner.frame().name == "fader 1"
    assert bench.learner.frame().note == "adc1 is lost"
    assert len({asked.tobytes(), answered.tobytes(), lost.tobytes()}) == 3
    assert asked.size == size
