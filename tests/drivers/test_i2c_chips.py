"""Drivers of chips on I2C against their models: what they set, what they read, what they notice."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from drivers.ads1115 import Ads1115
from drivers.ads7830 import Ads7830
from drivers.errors import BusDenied, BusMissing, ChipSilent
from drivers.ht16k33 import Ht16k33
from drivers.i2c_bus import I2cBus, open_smbus
from drivers.is31fl3731 import Is31fl3731
from drivers.mcp23017 import Mcp23017
from drivers.simulated.chips import ChipModel
from drivers.simulated.chips.ads1115 import Ads1115Model
from drivers.simulated.chips.ads7830 import Ads7830Model
from drivers.simulated.chips.ht16k33 import Ht16k33Model
from drivers.simulated.chips.is31fl3731 import Is31fl3731Model
from drivers.simulated.chips.mcp23017 import Mcp23017Model
from drivers.simulated.clock import VirtualClock
from drivers.simulated.i2c import SimulatedI2c

VOLTS = (0.0, 1.1, 2.2, 3.3)


class Bench:
    """One chip on a bus, and the driver's side of it."""

    def __init__(self, address: int, model: ChipModel) -> None:
        self.clock = VirtualClock()
        self.sim = SimulatedI2c(self.clock)
        self.sim.attach(address, model)
        self.bus = I2cBus(1, self.sim.open)
        self.port = self.bus.port(address)

    def count_transfers(self) -> list[int]:
        """A list that grows by the number of messages with each transaction."""
        counted: list[int] = []
        transfer = self.sim.transfer

        def counting(messages: tuple[Any, ...]) -> None:
            counted.append(len(messages))
            transfer(messages)

        self.sim.transfer = counting  # type: ignore[method-assign]
        return counted


@pytest.mark.parametrize("pace", [0.9, 1.0, 1.1])
@pytest.mark.parametrize(("kind", "bits"), [("ads1115", 16), ("ads1015", 12)])
def test_ads1115_reads_its_channels_in_turn_however_slow_its_clock(kind: str, bits: int, pace: float) -> None:
    bench = Bench(0x48, Ads1115Model(lambda channel, _at: VOLTS[channel], bits=bits, pace=pace))
    adc = Ads1115(bench.port, (0, 1, 3), kind)
    adc.begin()
    transfers = bench.count_transfers()
    seen = []
    for _ in range(9):
        bench.clock.sleep_until_ns(bench.clock.now_ns() + adc.conversion_ns)
        seen.append(adc.turn())
    assert len(transfers) == 9
    assert seen[0] is None  # a first reading of 0 could be that of a chip that has lost its power
    told = [reading for reading in seen if reading is not None]
    assert [channel for channel, _ in told] == [1, 3, 0, 1, 3, 0, 1, 3]
    for channel, volts in told:
        assert volts == pytest.approx(VOLTS[channel], abs=4.096 / 2**bits)
    assert bench.port.errors == 0


def turned(bench: Bench, adc: Ads1115) -> tuple[int, float] | None:
    """The next reading, in its time."""
    bench.clock.sleep_until_ns(bench.clock.now_ns() + adc.conversion_ns)
    return adc.turn()


def test_ads1115_that_lost_its_power_for_a_moment_is_not_believed_and_goes_on() -> None:
    bench = Bench(0x48, Ads1115Model(lambda channel, _at: 2.0 + channel))
    adc = Ads1115(bench.port, (0, 1))
    adc.begin()
    bench.sim.unplug(0x48)
    bench.sim.plug(0x48)  # its result is 0 now, and nothing was started
    assert [turned(bench, adc) for _ in range(3)] == [None, (1, pytest.approx(3.0, abs=2e-4)), (0, 2.0)]


def test_ads1115_at_zero_volts_is_believed_when_it_says_so_again() -> None:
    volts = 2.0
    bench = Bench(0x48, Ads1115Model(lambda _channel, _at: volts))
    adc = Ads1115(bench.port, (2,))
    adc.begin()
    assert turned(bench, adc) == (2, 2.0)
    volts = 0.0
    assert [turned(bench, adc) for _ in range(3)] == [None, (2, 0.0), (2, 0.0)]


@pytest.mark.parametrize("held_up_ns", [0, 800_000, 1_600_000])
def test_ads1115_whose_turn_was_held_up_tells_no_channel_as_another(held_up_ns: int) -> None:
    """The adapter is held up between starting a conversion and reading the one before, as it may be on a busy Pi: what
    is read after 1.2 ms is the next channel."""
    model = Ads1115Model(lambda channel, _at: 1.0 + channel)
    bench = Bench(0x48, model)
    adc = Ads1115(bench.port, (0, 1, 2))
    adc.begin()
    for _ in range(3):
        assert turned(bench, adc) is not None
    write = model.write

    def held_up(data: bytes, at_ns: int) -> None:
        write(data, at_ns)
        if len(data) > 1:
            bench.sim._free_ns += held_up_ns

    model.write = held_up  # type: ignore[method-assign]
    told = []
    for _ in range(60):
        bench.clock.sleep_until_ns(bench.clock.now_ns() + adc.conversion_ns)
        start_ns = bench.clock.now_ns()
        reading = adc.turn()
        late = bench.clock.now_ns() - start_ns > adc.sure_ns and adc.late()
        if reading is not None and not late:
            told.append(reading)
    assert all(volts == pytest.approx(1.0 + channel, abs=2e-4) for channel, volts in told)
    assert len(told) >= 57  # else results are read before the next conversion is started
    assert {channel for channel, _ in told} == {0, 1, 2}


@pytest.mark.parametrize(("kind", "bits"), [("ads7830", 8), ("ads7828", 12)])
def test_ads7830_readings_are_shares_of_its_supply(kind: str, bits: int) -> None:
    bench = Bench(0x4B, Ads7830Model(lambda channel, _at: channel / 7 * 3.1, bits=bits, reference=lambda _at: 3.1))
    adc = Ads7830(bench.port, range(8), kind)
    adc.begin()
    for channel in range(8):
        turned, share = adc.turn()
        assert turned == channel
        assert share == pytest.approx(channel / 7, abs=2 / 2**bits)


def test_mcp23017_tells_closed_contacts_of_fourteen_inputs() -> None:
    pins = [0xFFFF]
    model = Mcp23017Model(lambda _at: pins[0])
    bench = Bench(0x20, model)
    chip = Mcp23017(bench.port)
    chip.begin()
    assert chip.closed() == 0
    pins[0] = 0x0000
    assert model.interrupt(bench.clock.now_ns())
    assert chip.closed() == 0x7F7F
    assert not model.interrupt(bench.clock.now_ns())


def test_mcp23017_keeps_what_came_and_went_while_nobody_looked() -> None:
    ms = 1_000_000
    moves = {10 * ms: 0xFFFF & ~(1 << 9), 90 * ms: 0xFFFF, 95 * ms: 0xFFFE}  # B1 for 80 ms; then A0, which stays

    def pins(at_ns: int) -> int:
        return next((value for since, value in reversed(moves.items()) if since <= at_ns), 0xFFFF)

    model = Mcp23017Model(pins, lambda after, until: [at for at in moves if after < at <= until])
    bench = Bench(0x20, model)
    chip = Mcp23017(bench.port)
    chip.begin()
    bench.clock.sleep_until_ns(120 * ms)
    assert model.interrupt(bench.clock.now_ns())
    assert chip.closed_since() == (1 << 0, 1 << 9 | 1 << 0)
    assert chip.closed_since() == (1 << 0, 0)
    assert not model.interrupt(bench.clock.now_ns())


def test_mcp23017_without_its_settings_is_not_believed() -> None:
    bench = Bench(0x20, Mcp23017Model(lambda _at: 0xFFFF))
    chip = Mcp23017(bench.port)
    chip.begin()
    bench.sim.unplug(0x20)
    bench.sim.plug(0x20)
    with pytest.raises(ChipSilent, match="0x20 on I2C bus 1 forgot its settings"):
        chip.closed()  # without pull-ups every contact reads as closed


def test_ht16k33_shows_levels_from_half_up() -> None:
    model = Ht16k33Model()
    bench = Bench(0x70, model)
    lights = Ht16k33(bench.port, brightness=5)
    lights.begin()
    assert lights.show(bytes(127 if place % 2 else 128 for place in range(128)))
    assert [model.lit(place) for place in range(128)] == [place % 2 == 0 for place in range(128)]
    assert model.brightness == 5


def test_is31fl3731_shows_brightness_as_the_eye_has_it_in_messages_as_long_as_wished() -> None:
    model = Is31fl3731Model()
    bench = Bench(0x74, model)
    lights = Is31fl3731(bench.port)
    lights.begin()
    levels = bytes(place for place in range(144))
    assert not lights.show(levels, 50)
    while not lights.show(levels, 50):
        pass
    assert [model.pwm(place) for place in range(144)] == [round(255 * (place / 255) ** 2.2) for place in range(144)]
    busy_ns = bench.sim.busy_ns
    assert lights.show(levels)
    assert bench.sim.busy_ns == busy_ns  # nothing differs


def test_one_refusal_is_tried_again_and_counted() -> None:
    bench = Bench(0x48, Ads1115Model(lambda _channel, _at: 1.0))
    bench.sim.refuse(0x48, 2)
    bench.port.write(b"\x01\xc3\xe3")
    assert bench.port.errors == 2


def test_tries_are_bounded_and_the_reason_is_a_sentence_with_the_remedy() -> None:
    bench = Bench(0x48, Ads1115Model(lambda _channel, _at: 1.0))
    bench.sim.unplug(0x48)
    with pytest.raises(ChipSilent, match=r"Nothing answers at 0x48 on I2C bus 1: look at the chip's plug, its power"):
        bench.port.read(2)
    assert bench.port.errors == 3
    assert bench.clock.now_ns() == 3 * 11 * 2_500


def test_a_bus_that_hangs_is_tried_once() -> None:
    bench = Bench(0x48, Ads1115Model(lambda _channel, _at: 1.0))
    bench.sim.stuck = True
    with pytest.raises(ChipSilent, match="I2C bus 1 hangs: look for a short at SDA and SCL"):
        bench.port.read(2)
    assert bench.port.errors == 1


class GoneBus:
    """A USB adapter that was pulled out."""

    closed = 0

    def i2c_rdwr(self, *_: Any) -> None:
        raise OSError(errno.ENODEV, "No such device")

    def close(self) -> None:
        GoneBus.closed += 1


def test_an_adapter_that_goes_away_is_opened_again() -> None:
    opened = []

    def open_bus(number: int) -> GoneBus:
        opened.append(number)
        return GoneBus()

    port = I2cBus(7, open_bus).port(0x48)
    for _ in range(2):
        with pytest.raises(ChipSilent, match="I2C bus 7 is gone"):
            port.read(1)
    assert opened == [7, 7]
    assert GoneBus.closed == 2


def test_a_bus_that_is_not_there_is_told_with_the_remedy() -> None:
    with pytest.raises(BusMissing, match=r"no I2C bus 99 .*: put dtparam=i2c_arm=on into config.txt"):
        open_smbus(99)
    port = I2cBus(99, open_smbus).port(0x48)
    with pytest.raises(ChipSilent, match="dtparam=i2c_arm=on"):
        port.read(1)


def test_a_bus_of_others_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(number: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", f"/dev/i2c-{number}")

    monkeypatch.setattr("drivers.i2c_bus.SMBus", denied)
    with pytest.raises(BusDenied, match="usermod -aG i2c"):
        open_smbus(1)
