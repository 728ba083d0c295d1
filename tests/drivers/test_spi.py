"""Converters and the wide OLED on a simulated SPI bus: bytes as data sheets have them, time as the bus takes it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers import oled, spi_bus
from drivers.errors import BusDenied, BusMissing, ChipSilent, DriverMissing
from drivers.gpio_lines import load_gpio
from drivers.mcp3008 import Mcp3008, request
from drivers.panel_config import Analog, Chip, Display, PanelConfig
from drivers.panel_events import Happened, Health, Slid
from drivers.panel_spi import SpiPanel
from drivers.simulated import lgpio
from drivers.simulated.clock import VirtualClock
from drivers.simulated.lgpio import Board
from drivers.simulated.spi import Mcp3008Model, SimulatedSpi, Ssd1322Model
from drivers.simulated.world import World

MS = 1_000_000
DC = 25


def test_the_requests_are_those_of_the_data_sheets() -> None:
    assert request("mcp3008", 0) == [0x01, 0x80, 0x00]
    assert request("mcp3008", 7) == [0x01, 0xF0, 0x00]
    assert request("mcp3208", 0) == [0x06, 0x00, 0x00]
    assert request("mcp3208", 7) == [0x07, 0xC0, 0x00]


@given(st.sampled_from([("mcp3008", 10), ("mcp3208", 12)]), st.integers(0, 7), st.floats(0.0, 3.3))
def test_a_voltage_is_read_to_the_last_bit(kind: tuple[str, int], channel: int, volts: float) -> None:
    name, bits = kind
    spi = SimulatedSpi(VirtualClock())
    spi.attach(0, Mcp3008Model(lambda asked, _at_ns: volts if asked == channel else 1.0, bits=bits))
    full = (1 << bits) - 1
    share = Mcp3008(spi.open(0, 0), name).read(channel)
    assert share * full == pytest.approx(min(math.floor(volts / 3.3 * (full + 1)), full))


@pytest.mark.parametrize("kind", ["mcp3008", "mcp3208"])
def test_a_converter_that_is_not_there_is_noticed(kind: str) -> None:
    spi = SimulatedSpi(VirtualClock())
    spi.attach(0, Mcp3008Model(lambda *_: 3.3))
    spi.unplug(0)
    with pytest.raises(ChipSilent, match=rf"{kind.upper()} does not answer: .*\.$"):
        Mcp3008(spi.open(0, 0), kind).read(0)


class FakeSpidev:
    """The module, and the class in it, with what open() does."""

    def __init__(self, error: OSError | None) -> None:
        self.error = error
        self.opened: tuple[int, int] | None = None

    def SpiDev(self) -> FakeSpidev:  # noqa: N802 (spidev's name)
        return self

    def open(self, bus: int, device: int) -> None:
        if self.error is not None:
            raise self.error
        self.opened = (bus, device)


@pytest.mark.parametrize(
    ("error", "raised", "told"),
    [
        (FileNotFoundError(2, "No such file or directory"), BusMissing, "dtparam=spi=on"),
        (PermissionError(13, "Permission denied"), BusDenied, "usermod -aG spi"),
    ],
)
def test_a_bus_that_cannot_be_opened(
    error: OSError, raised: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.debian.import_module", lambda _name: FakeSpidev(error))
    with pytest.raises(raised, match=told):
        spi_bus.open_spi(0, 1)


def test_a_bus_that_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    module = FakeSpidev(None)
    monkeypatch.setattr("drivers.debian.import_module", lambda _name: module)
    spi_bus.open_spi(0, 1)
    assert module.opened == (0, 1)


def test_without_spidev_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("drivers.debian.FOLDER", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "spidev", None)
    with pytest.raises(DriverMissing, match="sudo apt install python3-spidev"):
        spi_bus.open_spi(0, 0)


CONFIG = PanelConfig(
    chips=(Chip("adc1", "mcp3208", 0, 0),),
    faders=tuple(Analog(f"fader.{n + 1}", "adc1", n) for n in range(7)),
    supply=Analog("supply", "adc1", 7),
    display=Display("ssd1322", 0, 1, 256, 64, dc=DC, reset=24),
)


class Rig:
    """A panel on a simulated SPI bus in virtual time, with VREF on a steady 3.3 V and pots on a supply that wanders."""

    def __init__(self, gpio: Any) -> None:
        self.clock = VirtualClock()
        self.world = World(CONFIG, noise=0.0)
        self.board = Board(self.world, self.clock)
        lgpio.attach(self.board)
        self.spi = SimulatedSpi(self.clock, call_ns=20_000)
        self.spi.attach(0, Mcp3008Model(partial(self.world.voltage, 0), bits=12, reference=lambda _at_ns: 3.4))
        self.glass = Ssd1322Model(lambda: self.board.outputs.get(DC, 1))
        self.spi.attach(1, self.glass)
        self.told: list[Happened] = []
        self.panel = SpiPanel(CONFIG, self.spi.open, lambda: gpio, tell=self.told.append, clock=self.clock)
        self.panel.open()

    def run(self, ms: float) -> None:
        end_ns = self.clock.now_ns() + int(ms * MS)
        while self.clock.now_ns() < end_ns:
            self.panel.step()

    def health(self) -> dict[str, Health]:
        return {state.name: state.health for state in self.panel.states()}

    def newest(self, name: str) -> float:
        return next(event.ratio for event in reversed(self.told) if isinstance(event, Slid) and event.name == name)


@pytest.fixture
def rig() -> Iterator[Rig]:
    gpio = load_gpio(simulated=True)
    made = Rig(gpio)
    yield made
    made.panel.close()
    assert not made.board.modes


def picture(seed: int) -> Image.Image:
    bits = np.random.default_rng(seed).integers(0, 2, (64, 256), np.uint8)
    return Image.fromarray(bits * 255).convert("1", dither=Image.Dither.NONE)


def shown(rig: Rig) -> bytes:
    return rig.glass.image().convert("1", dither=Image.Dither.NONE).tobytes()


def test_wipers_are_told_as_shares_of_their_supply(rig: Rig) -> None:
    for n in range(7):
        rig.world.slide(f"fader.{n + 1}", n / 6, 0)
    rig.run(3000)
    for n in range(7):
        ratios = [e.ratio for e in rig.told if isinstance(e, Slid) and e.name == f"fader.{n + 1}"]
        assert max(abs(ratio - n / 6) for ratio in ratios) < 1.5 / 4096, "while the supply wanders by 2 %"


def test_faders_are_read_at_125_hz_while_pictures_flow(rig: Rig) -> None:
    for n in range(200):
        rig.panel.show(oled.greys_of(picture(n)))
        rig.run(10)
    seconds = rig.clock.now_ns() * 1e-9
    scans = sum(isinstance(event, Slid) and event.name == "fader.3" for event in rig.told)
    assert scans / seconds > 100
    assert rig.panel.frames / seconds > 50
    times = [event.at_ns for event in rig.told if isinstance(event, Slid) and event.name == "fader.3"]
    assert max(np.diff(times)) < 13 * MS


def test_the_picture_is_on_the_glass(rig: Rig) -> None:
    rig.run(30)
    assert rig.glass.on
    assert not any(shown(rig)), "dark, though the RAM woke with rubbish"
    rig.panel.show(oled.greys_of(picture(5)))
    rig.run(30)
    assert shown(rig) == picture(5).tobytes()


def test_brightness_goes_through_and_stays(rig: Rig) -> None:
    rig.panel.contrast(0x20)
    rig.run(50)
    assert rig.glass.contrast == 0x20
    rig.run(3000)
    assert rig.glass.contrast == 0x20


@given(st.integers(0, 40), st.integers(1, 60))
def test_a_display_that_lost_its_power_shows_the_picture_again(away_ms: int, gone_ms: int) -> None:
    rig = Rig(load_gpio(simulated=True))
    try:
        rig.panel.show(oled.greys_of(picture(6)))
        rig.run(away_ms)
        rig.spi.unplug(1)
        rig.run(gone_ms)
        rig.spi.plug(1)
        rig.run(1200)
        assert rig.glass.on
        assert shown(rig) == picture(6).tobytes()
    finally:
        rig.panel.close()


@given(st.integers(0, 40), st.integers(0, 1500))
def test_a_converter_that_goes_and_comes_back(away_ms: int, gone_ms: int) -> None:
    rig = Rig(load_gpio(simulated=True))
    try:
        rig.world.slide("fader.2", 0.5, 0)
        rig.run(20 + away_ms)
        rig.spi.unplug(0)
        before = len(rig.told)
        rig.run(10)
        assert rig.health() == {"adc1": Health.LOST, "display": Health.GOOD}
        rig.run(gone_ms)
        assert len(rig.told) == before, "nothing is told of a chip that is not there"
        rig.world.slide("fader.2", 0.75, rig.clock.now_ns())
        rig.spi.plug(0)
        rig.run(600)
        assert rig.health() == {"adc1": Health.GOOD, "display": Health.GOOD}
        assert rig.newest("fader.2") == pytest.approx(0.75, abs=0.001)
    finally:
        rig.panel.close()


@pytest.mark.parametrize("idle", [0xFF, 0x00])
@pytest.mark.parametrize("supply", [Analog("supply", "adc1", 7), None])
def test_a_converter_that_goes_is_not_faders_at_0_wherever_miso_is_pulled_to(idle: int, supply: Analog | None) -> None:
    """GPIO 9 is pulled down by itself (BCM2835 ARM Peripherals, table 6-31); a pull-up makes it idle high."""
    config = PanelConfig(chips=CONFIG.chips, faders=CONFIG.faders, supply=supply)
    clock = VirtualClock()
    world = World(config, noise=0.0)
    spi = SimulatedSpi(clock, call_ns=20_000, idle=idle)
    spi.attach(0, Mcp3008Model(partial(world.voltage, 0), bits=12))
    told: list[Happened] = []
    panel = SpiPanel(config, spi.open, tell=told.append, clock=clock)
    world.slide("fader.2", 0.75, 0)
    for _ in range(5):
        panel.step()
    spi.unplug(0)
    told.clear()
    for _ in range(300):
        panel.step()
    state = panel.states()[0]
    assert (state.health, told) == (Health.LOST, [])
    assert "MCP3208 does not answer" in state.reason
    spi.plug(0)
    for _ in range(100):
        panel.step()
    assert panel.states()[0].health is Health.GOOD
    newest = {event.name: event.ratio for event in told if isinstance(event, Slid)}
    assert newest["fader.2"] == pytest.approx(0.75, abs=0.03)
    assert newest["fader.1"] == 0.0, "all but one at 0 is no fault"


def test_all_faders_pulled_down_are_no_fault() -> None:
    """0 % in 100 ms is 1 m/s; the chip of the second run does not measure the supply."""
    for supply in (Analog("supply", "adc1", 7), None):
        config = PanelConfig(chips=CONFIG.chips, faders=CONFIG.faders, supply=supply)
        clock = VirtualClock()
        world = World(config, noise=0.0)
        spi = SimulatedSpi(clock, idle=0)
        spi.attach(0, Mcp3008Model(partial(world.voltage, 0), bits=12))
        told: list[Happened] = []
        panel = SpiPanel(config, spi.open, tell=told.append, clock=clock)
        world.slide("fader.2", 0.9, 0)
        for _ in range(5):
            panel.step()
        world.slide("fader.2", 0.0, clock.now_ns(), 100 * MS)
        for _ in range(30):
            panel.step()
        assert panel.states()[0].health is Health.GOOD
        assert [e.ratio for e in told if isinstance(e, Slid) and e.name == "fader.2"][-1] == 0.0


def test_the_glass_is_dark_until_the_first_picture_is_whole(rig: Rig) -> None:
    seen: list[bool] = []
    rig.spi.after.append(lambda: seen.append(rig.glass.on and bool(np.asarray(rig.glass.image()).any())))
    rig.run(100)
    assert rig.glass.on
    assert not any(seen), "the rubbish its RAM woke with was never seen"


def test_a_picture_that_is_told_again_is_not_counted_again(rig: Rig) -> None:
    rig.panel.show(oled.greys_of(picture(3)))
    rig.run(5000)
    assert rig.panel.frames == 1
    rig.panel.show(oled.greys_of(picture(4)))
    rig.run(1500)
    assert rig.panel.frames == 2


def test_a_fault_that_nobody_foresaw_costs_its_chip_and_not_the_thread(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.panel.show(oled.greys_of(picture(7)))
    rig.run(20)

    def fail(*_: object) -> None:
        raise RuntimeError("lgpio has gone")

    rig.run(1100)
    with monkeypatch.context() as broken:
        broken.setattr(rig.panel._gpio, "output", fail)
        broken.setattr(Mcp3008, "read", fail)
        rig.run(1100)
        assert {state.health for state in rig.panel.states()} == {Health.LOST}
        assert all("RuntimeError: lgpio has gone" in state.reason for state in rig.panel.states())
    rig.run(1200)
    assert set(rig.health().values()) == {Health.GOOD}
    assert shown(rig) == picture(7).tobytes()


def test_a_bus_that_fails_is_survived(rig: Rig) -> None:
    rig.panel.show(oled.greys_of(picture(7)))
    rig.run(20)
    rig.spi.failing = True
    rig.run(1100)
    assert set(rig.health().values()) == {Health.LOST}
    assert all(state.reason for state in rig.panel.states())
    rig.spi.failing = False
    rig.run(1200)
    assert set(rig.health().values()) == {Health.GOOD}
    assert shown(rig) == picture(7).tobytes()
