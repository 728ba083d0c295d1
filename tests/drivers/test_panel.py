"""A whole panel on simulated hardware: hands at one end, events, lights and pictures at the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.errors import LineBusy
from drivers.panel_config import Analog, Button, Chip, Display, Encoder, Light, PanelConfig
from drivers.panel_events import Happened, Health, Pressed, Slid, Turned
from drivers.simulated import lgpio
from drivers.simulated.chips.ht16k33 import Ht16k33Model
from drivers.simulated.clock import VirtualClock
from drivers.simulated.hands import Hands
from drivers.simulated.panel import SimulatedPanel, simulated_panel
from drivers.simulated.script import parse
from drivers.simulated.world import World

MS = 1_000_000
REFERENCE = PanelConfig(
    chips=(
        *(Chip(f"adc{n + 1}", "ads1115", 1, address) for n, address in enumerate((0x48, 0x49, 0x4B))),
        *(Chip(f"exp{n + 1}", "mcp23017", 1, 0x20 + n) for n in range(3)),
        Chip("leds", "ht16k33", 1, 0x70),
    ),
    faders=(
        *(Analog(f"fader.{n + 1}", f"adc{n // 4 + 1}", n % 4) for n in range(8)),
        Analog("fader.main", "adc3", 0),
    ),
    supply=Analog("supply", "adc3", 3),
    encoders=tuple(
        Encoder(f"encoder.{n + 1}", a, b) for n, (a, b) in enumerate(((17, 27), (22, 23), (24, 25), (5, 6), (12, 13)))
    ),
    buttons=(
        *(Button(f"select.{n + 1}", n if n < 7 else 8, "exp1") for n in range(8)),
        *(Button(f"key.{name}", n, "exp2") for n, name in enumerate(("shift", "solo", "scenes"))),
        Button("foot.1", 26),
    ),
    lights=(Light("light.select.1", "leds", 0), Light("light.select.2", "leds", 1)),
    display=Display("ssd1309", 1, 0x3C),
    interrupt=4,
)
WIDE = PanelConfig(
    chips=(Chip("adc1", "mcp3008", 0, 0),),
    faders=tuple(Analog(f"fader.{n + 1}", "adc1", n) for n in range(4)),
    encoders=(Encoder("encoder.1", 17, 27, 2),),
    display=Display("ssd1322", 0, 1, 256, 64, rotate=2, dc=25, reset=24),
)


class Rig:
    """A panel in virtual time with hands on it."""

    def __init__(self, config: PanelConfig, script: str = "") -> None:
        self.clock = VirtualClock(1_000 * MS)
        self.panel = simulated_panel(config, World(config), clock=self.clock)
        self.hands = Hands(parse(script, config), self.panel.world, self.panel.plug, self.clock.now_ns)
        self.told: list[Happened] = []
        self.panel.open()

    def run(self, ms: float) -> None:
        end_ns = self.clock.now_ns() + int(ms * MS)
        while self.clock.now_ns() < end_ns:
            self.hands.act_until(self.clock.now_ns())
            self.panel.step()
            self.told += self.panel.take()

    def newest(self, name: str) -> float:
        return next(event.ratio for event in reversed(self.told) if isinstance(event, Slid) and event.name == name)

    def lost(self) -> set[str]:
        return {state.name for state in self.panel.states() if state.health is Health.LOST}

    def keys(self) -> list[tuple[str, bool]]:
        return [(event.name, event.down) for event in self.told if isinstance(event, Pressed)]


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = Rig(*request.param)
    yield made
    made.panel.close()
    assert not made.panel.board.modes, "every line is given back"


def picture(size: tuple[int, int]) -> Image.Image:
    bits = np.random.default_rng(9).integers(0, 2, (size[1], size[0]), np.uint8)
    return Image.fromarray(bits * 255).convert("1", dither=Image.Dither.NONE)


SCRIPT = """
    wait 50 ms
    fader 3 to 70 % in 80 ms
    encoder 2 by +5 at 20 detents/s
    press select 4
    press shift+scenes
    press foot 1
    encoder 5 by −30 at 60 detents/s
"""


@pytest.mark.parametrize("rig", [(REFERENCE, SCRIPT)], indirect=True)
def test_what_hands_do_is_told(rig: Rig) -> None:
    rig.run(2500)
    assert rig.newest("fader.3") == pytest.approx(0.7, abs=0.002)
    assert rig.newest("fader.main") == pytest.approx(0.0, abs=0.002)
    assert rig.keys() == [
        ("select.4", True), ("select.4", False),
        ("key.shift", True), ("key.scenes", True), ("key.scenes", False), ("key.shift", False),
        ("foot.1", True), ("foot.1", False),
    ]  # fmt: skip
    turned = [event for event in rig.told if isinstance(event, Turned)]
    assert sum(event.detents for event in turned if event.name == "encoder.2") == 5
    assert sum(event.detents for event in turned if event.name == "encoder.5") == -30
    assert len(turned) == 35
    assert rig.lost() == set()


@pytest.mark.parametrize("rig", [(REFERENCE,)], indirect=True)
def test_lights_and_pictures_arrive(rig: Rig) -> None:
    rig.panel.light("light.select.2", 1.0)
    rig.panel.light("light.that.this.board.has.not", 1.0)
    rig.panel.show(picture((128, 64)))
    rig.run(300)
    leds = rig.panel.buses.models["leds"]
    assert isinstance(leds, Ht16k33Model)
    assert bytes(leds.ram[:2]) == b"\x02\x00"
    glass = rig.panel.glass()
    assert glass is not None
    assert glass.tobytes() == picture((128, 64)).tobytes()
    assert rig.panel.frames >= 1


@pytest.mark.parametrize("rig", [(WIDE, "encoder 1 by 3\nfader 2 to 25 %")], indirect=True)
def test_a_panel_on_spi(rig: Rig) -> None:
    rig.panel.show(picture((256, 64)))
    rig.panel.contrast(0x11)
    rig.run(1000)
    glass = rig.panel.glass()
    assert glass is not None
    assert glass.rotate(180).tobytes() == picture((256, 64)).tobytes(), "the glass is mounted upside down"
    assert rig.newest("fader.2") == pytest.approx(0.25, abs=0.003)
    assert sum(event.detents for event in rig.told if isinstance(event, Turned)) == 3
    assert {state.name for state in rig.panel.states()} == {"adc1", "display"}


@settings(max_examples=20)
@given(st.sampled_from([0x48, 0x49, 0x4B, 0x20, 0x21, 0x70, 0x3C]), st.integers(0, 120), st.integers(1, 900))
def test_any_chip_goes_and_comes_back_and_the_rest_plays_on(address: int, away_ms: int, gone_ms: int) -> None:
    rig = Rig(REFERENCE, "fader 3 to 50 %\nfader 5 to 60 %")
    try:
        rig.panel.show(picture((128, 64)))
        rig.run(50 + away_ms)
        rig.panel.plug(address, False)
        rig.run(gone_ms)
        rig.panel.world.slide("fader.3", 0.25, rig.clock.now_ns())
        rig.panel.world.press("select.1", True, rig.clock.now_ns())
        rig.panel.world.turn("encoder.1", 2, rig.clock.now_ns())
        rig.panel.plug(address, True)
        rig.run(1600)
        assert rig.lost() == set()
        assert rig.newest("fader.3") == pytest.approx(0.25, abs=0.002)
        assert rig.newest("fader.5") == pytest.approx(0.6, abs=0.002)
        assert rig.keys() == [("select.1", True)]
        assert sum(event.detents for event in rig.told if isinstance(event, Turned)) == 2
        glass = rig.panel.glass()
        assert glass is not None
        assert glass.tobytes() == picture((128, 64)).tobytes()
    finally:
        rig.panel.close()


def test_a_line_that_is_taken_stops_the_start_and_nothing_stays_taken() -> None:
    panel = simulated_panel(WIDE, clock=VirtualClock())
    panel.board.holders[25] = "spi0 CS0"
    with pytest.raises(LineBusy, match=r"GPIO25, which “the display’s D/C” is wired to, is held by “spi0 CS0”"):
        panel.start()
    assert not panel.board.modes
    panel.board.holders.clear()


def test_a_panel_without_lines_needs_no_gpio(monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers import panel as module

    monkeypatch.setattr(module, "load_gpio", lambda: pytest.fail("GPIO was asked for"))
    config = PanelConfig(chips=(Chip("adc1", "ads1115", 1, 0x48),), faders=(Analog("fader.1", "adc1", 0),))
    clock = VirtualClock()
    simulated = simulated_panel(config, clock=clock)
    panel = module.Panel(config, open_bus=simulated.buses.open, clock=clock)
    panel.open()
    for _ in range(20):
        panel.step()
    assert {event.name for event in panel.take()} == {"fader.1"}
    panel.close()


def test_hands_wake_whoever_waits_and_wipers_at_rest_do_not() -> None:
    """With noise, hum and the wandering supply; a move wakes in the scan it is read in, and for the readings after."""
    clock, calls = VirtualClock(1_000 * MS), list[int]()
    panel = simulated_panel(REFERENCE, World(REFERENCE), clock=clock, wake=lambda: calls.append(clock.now_ns()))
    panel.open()

    def run(ms: float) -> list[int]:
        calls.clear()
        end_ns = clock.now_ns() + int(ms * MS)
        while clock.now_ns() < end_ns:
            panel.step()
        return list(calls)

    run(500)
    assert len([event for event in panel.take() if isinstance(event, Slid)]) > 500
    assert run(5_000) == []
    start_ns = clock.now_ns()
    panel.world.slide("fader.3", 0.4, start_ns)
    woken = run(1_000)
    assert woken[0] - start_ns < 10 * MS
    assert len(woken) == 9  # the reading that stirred, and those that are followed
    panel.world.slide("fader.3", 0.402, clock.now_ns(), 40 * MS)  # 0.1 dB
    assert run(200)
    for act in (
        lambda: panel.world.turn("encoder.1", 1, clock.now_ns()),
        lambda: panel.world.press("select.2", True, clock.now_ns()),
    ):
        act()
        assert len(run(200)) == 1
    panel.close()


def test_in_real_time_with_threads() -> None:
    """The same panel as the desk runs it; no figure is taken here."""
    woken = Event()
    panel: SimulatedPanel = simulated_panel(REFERENCE, wake=woken.set)
    hands = Hands(parse("fader 1 to 50 %\nencoder 1 by 2\npress select 1", REFERENCE), panel.world, panel.plug)
    panel.start()
    assert sys.getswitchinterval() <= 0.001  # buses do not wait for who draws
    panel.show(picture((128, 64)))
    hands.start()
    told: list[Happened] = []
    try:
        for _ in range(2000):
            assert woken.wait(20.0)
            woken.clear()
            told += panel.take()
            pressed = any(isinstance(event, Pressed) and not event.down for event in told)
            turned = sum(event.detents for event in told if isinstance(event, Turned)) == 2
            slid = any(isinstance(e, Slid) and e.name == "fader.1" and abs(e.ratio - 0.5) < 0.01 for e in told)
            if pressed and turned and slid and panel.frames:
                break
        else:
            pytest.fail(f"something was not told: {told[-5:]}")
    finally:
        hands.close()
        panel.close()
    assert not lgpio._the().modes
