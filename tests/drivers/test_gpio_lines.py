"""Encoders and buttons on GPIO lines: the real RPi.GPIO (rpi-lgpio) on a fake lgpio, with bounce and late callbacks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drivers.errors import DriverMissing, LineBusy, LinesMissing
from drivers.gpio_lines import GpioPanel, claim, load_gpio
from drivers.panel_config import Button, Encoder, PanelConfig
from drivers.panel_events import Happened, Pressed, Turned
from drivers.simulated import lgpio
from drivers.simulated.clock import VirtualClock
from drivers.simulated.lgpio import Board
from drivers.simulated.world import World

MS = 1_000_000
S = 1000 * MS


@pytest.fixture(scope="module")
def gpio() -> Iterator[Any]:
    module = load_gpio(simulated=True)
    module.setwarnings(False)
    yield module
    module.cleanup()


class Rig:
    """A panel on a simulated Pi in virtual time."""

    def __init__(self, gpio: Any, config: PanelConfig, *, late_ms: float = 0.0, seed: int = 1, **board: Any) -> None:
        self.clock = VirtualClock(10 * S)
        self.world = World(config, seed=seed)
        random = Random(seed)
        self.board = Board(self.world, self.clock, lateness_ns=lambda: int(random.uniform(0, late_ms) * MS), **board)
        lgpio.attach(self.board)
        self.told: list[Happened] = []
        self.panel = GpioPanel(config, gpio, tell=self.told.append, now_ns=self.clock.now_ns)
        self.panel.open()

    def run(self, ms: float) -> None:
        """Time passes, with looks at the lines as often as the panel's thread would."""
        end_ns = self.clock.now_ns() + int(ms * MS)
        while self.clock.now_ns() < end_ns:
            wait_ms = 1 if self.panel.look() else 50
            self.board.run_until_ns(min(end_ns, self.clock.now_ns() + wait_ms * MS))

    def detents(self) -> int:
        return sum(event.detents for event in self.told if isinstance(event, Turned))


def knob(edges: int) -> PanelConfig:
    return PanelConfig(encoders=(Encoder("encoder.1", 22, 23, edges),))


@pytest.fixture
def rig(gpio: Any, request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = Rig(gpio, **request.param)
    yield made
    made.panel.close()
    assert not made.board.modes, "every line is given back"


FOOT = PanelConfig(buttons=(Button("foot.1", 17), Button("foot.2", 27)))


# --- no detent lost or invented ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rig",
    [
        pytest.param({"config": knob(1), "late_ms": 5.0}, marks=pytest.mark.all),
        pytest.param({"config": knob(2), "late_ms": 5.0}, marks=pytest.mark.all),
        {"config": knob(4), "late_ms": 5.0},
    ],
    indirect=True,
)
def test_no_detent_of_100_000_is_lost_or_invented(rig: Rig) -> None:
    """2 ms of bounce at every edge, callbacks up to 5 ms late, 10 to 60 detents/s, turned both ways."""
    random, gone = Random(7), 0
    while gone < 100_000:
        detents = random.choice((-1, 1)) * random.randint(1, 400)
        done_ns = rig.world.turn("encoder.1", detents, rig.clock.now_ns(), random.choice((10.0, 30.0, 60.0)))
        rig.board.run_until_ns(done_ns + 20 * MS)
        rig.panel.look()
        assert rig.detents() == detents
        assert sum(abs(event.detents) for event in rig.told if isinstance(event, Turned)) == abs(detents)
        rig.told.clear()
        gone += abs(detents)


@pytest.mark.parametrize("rig", [{"config": knob(4), "late_ms": 5.0}], indirect=True)
def test_the_bench_above_has_what_makes_it_hard(rig: Rig) -> None:
    """Reading both lines in the callback, as is often done, goes wrong here: so the rig's lateness is real."""
    naive: list[int] = []
    board = rig.board
    seen = lgpio.callback(0, 22, lgpio.BOTH_EDGES, lambda *_: naive.append(board.level(23) << 1 | board.level(22)))
    done_ns = rig.world.turn("encoder.1", 200, rig.clock.now_ns(), 60.0)
    rig.board.run_until_ns(done_ns + 20 * MS)
    seen.cancel()
    late = [state for state in naive if state in {0b10, 0b01}]
    assert len(naive) > 800, "edges bounce"
    assert len(late) not in {0, len(naive)}
    assert rig.detents() == 200


@pytest.mark.parametrize("rig", [{"config": knob(4), "late_ms": 5.0}], indirect=True)
def test_a_detent_carries_the_time_of_its_edge_not_of_the_callback(rig: Rig) -> None:
    """Acceleration goes by the time between detents."""
    rig.world._bounce_ns = 0
    start_ns = rig.clock.now_ns()
    rig.board.run_until_ns(rig.world.turn("encoder.1", 20, start_ns, 60.0) + 20 * MS)
    opened = [at_ns for at_ns, level in rig.world.changes(23, start_ns, rig.clock.now_ns()) if level]
    assert [event.at_ns for event in rig.told] == opened, "B opens last, turned clockwise"
    assert len(opened) == 20


# --- edges that are missed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rig", [{"config": knob(4)}], indirect=True)
@pytest.mark.parametrize(("line", "detents"), [(22, 1), (23, 1), (22, -1), (23, -1)])
def test_a_missed_edge_heals(rig: Rig, line: int, detents: int) -> None:
    rig.world._bounce_ns = 0
    rig.board.lose(line)
    rig.world.turn("encoder.1", detents, rig.clock.now_ns(), 20.0)
    rig.run(500)
    assert rig.detents() == detents
    rig.world.turn("encoder.1", 5 * detents, rig.clock.now_ns(), 20.0)
    rig.run(500)
    assert rig.detents() == 6 * detents


@pytest.mark.parametrize("rig", [{"config": knob(2)}], indirect=True)
def test_a_lost_last_edge_is_found_by_looking(rig: Rig) -> None:
    rig.world._bounce_ns = 0
    rig.world.turn("encoder.1", 1, rig.clock.now_ns(), 1.0)
    rig.run(200)
    rig.board.lose(22)
    rig.board.lose(23)
    rig.run(1000)
    assert rig.board._lost == {22: 1, 23: 0}, "the second of two edges did not come through"
    assert rig.detents() == 1


@pytest.mark.parametrize("rig", [{"config": knob(1), "late_ms": 5.0}], indirect=True)
def test_looking_does_not_run_ahead_of_events_that_are_late(rig: Rig) -> None:
    rig.world.turn("encoder.1", 300, rig.clock.now_ns(), 60.0)
    rig.run(7000)
    assert rig.detents() == 300
    assert all(abs(event.detents) == 1 for event in rig.told if isinstance(event, Turned))


# --- buttons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rig", [{"config": FOOT, "late_ms": 5.0}], indirect=True)
def test_a_bouncing_foot_switch_is_one_press_and_one_release(rig: Rig) -> None:
    rig.run(20)
    rig.world.press("foot.1", True, rig.clock.now_ns())
    rig.run(100)
    rig.world.press("foot.1", False, rig.clock.now_ns())
    rig.run(100)
    assert [(event.name, event.down) for event in rig.told if isinstance(event, Pressed)] == [
        ("foot.1", True),
        ("foot.1", False),
    ]


@pytest.mark.parametrize("rig", [{"config": FOOT}], indirect=True)
def test_an_edge_wakes_the_thread_that_looks(rig: Rig) -> None:
    rig.world.press("foot.2", True, rig.clock.now_ns())
    assert not rig.panel._woken.is_set()
    rig.board.run_until_ns(rig.clock.now_ns() + MS)
    assert rig.panel._woken.is_set()


def test_a_real_thread_hears_a_press_and_a_turn(gpio: Any) -> None:
    """The same in real time, as the simulated desk runs; no figure is taken here."""
    from threading import Event

    from drivers.clock import SystemClock

    config = PanelConfig(encoders=knob(4).encoders, buttons=FOOT.buttons)
    clock = SystemClock()
    world = World(config)
    board = Board(world, clock)
    lgpio.attach(board)
    board.start()
    told: list[Happened] = []
    enough = Event()

    def tell(event: Happened) -> None:
        told.append(event)
        if len(told) == 4:
            enough.set()

    panel = GpioPanel(config, gpio, tell=tell)
    panel.start()
    try:
        world.turn("encoder.1", 3, clock.now_ns(), 60.0)
        world.press("foot.1", True, clock.now_ns())
        assert enough.wait(20.0)
    finally:
        panel.close()
        board.close()
    assert sum(event.detents for event in told if isinstance(event, Turned)) == 3
    assert [event.down for event in told if isinstance(event, Pressed)] == [True]


# --- the interrupt line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rig", [{"config": PanelConfig(interrupt=4)}], indirect=True)
def test_expanders_share_the_interrupt_line(rig: Rig) -> None:
    pulling = {0x20: False, 0x21: False}
    rig.world.interrupts = [lambda _at_ns: pulling[0x20], lambda _at_ns: pulling[0x21]]
    assert not rig.panel.interrupted()
    pulling[0x20] = pulling[0x21] = True
    assert rig.panel.interrupted()
    pulling[0x20] = False
    assert rig.panel.interrupted(), "the other one still pulls"
    pulling[0x21] = False
    assert not rig.panel.interrupted()


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_line_somebody_holds_is_named_with_its_holder_and_the_others_are_given_back(gpio: Any) -> None:
    config = PanelConfig(encoders=(Encoder("encoder.1", 5, 6), Encoder("encoder.2", 12, 13)))
    with pytest.raises(LineBusy, match=r"GPIO13, which “encoder\.2” is wired to, is held by “pisound”.*\.$"):
        Rig(gpio, config, holders={13: "pisound"})
    assert not lgpio._the().modes
    assert not lgpio._the().callbacks


def test_lines_that_cannot_be_opened(gpio: Any) -> None:
    gpio.cleanup()
    with pytest.raises(LinesMissing, match=r"can not open gpiochip.*group gpio.*\.$"):
        Rig(gpio, knob(4), openable=False)


def test_without_a_pi_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}:/run/other")
    monkeypatch.delenv("LG_WD", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] in {"RPi", "lgpio", "_lgpio"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("drivers.debian.FOLDER", str(tmp_path))
    with pytest.raises(DriverMissing, match=r"sudo apt install python3-rpi-lgpio .*\.$"):
        load_gpio()
    import os

    assert os.environ["LG_WD"] == str(tmp_path)


def test_lgpio_is_taken_from_debians_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LG_WD", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] in {"RPi", "lgpio", "_lgpio"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("RPI_LGPIO_REVISION", "c03114")
    monkeypatch.setattr("drivers.debian.FOLDER", str(tmp_path))
    (tmp_path / "_lgpio.py").write_text("HERE = True\n")
    (tmp_path / "lgpio.py").write_text("import _lgpio\nSET_PULL_NONE, FROM_DEBIAN = 128, _lgpio.HERE\n")
    try:
        gpio = load_gpio()
        assert gpio.lgpio.FROM_DEBIAN
        assert gpio.PUD_UP == 22
    finally:
        for name in ("RPi", "RPi.GPIO", "lgpio", "_lgpio"):
            sys.modules.pop(name, None)


def test_an_output_starts_high(gpio: Any) -> None:
    lgpio.attach(Board(World(PanelConfig()), VirtualClock()))
    claim(gpio, 24, output=True, name="the display’s D/C")
    assert gpio.input(24) == 1
    gpio.output(24, 0)
    assert gpio.input(24) == 0
    gpio.cleanup([24])
