"""The simulated I2C bus and its chips against what data sheets and the kernel say: times, registers, faults."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from smbus2 import i2c_msg

from drivers.simulated.chips import ChipModel
from drivers.simulated.chips.ads1115 import Ads1115Model
from drivers.simulated.chips.ads7830 import Ads7830Model
from drivers.simulated.chips.ht16k33 import Ht16k33Model
from drivers.simulated.chips.is31fl3731 import Is31fl3731Model
from drivers.simulated.chips.mcp23017 import Mcp23017Model
from drivers.simulated.chips.ssd1306 import Ssd1306Model
from drivers.simulated.clock import VirtualClock
from drivers.simulated.i2c import Handle, SimulatedI2c

MS = 1_000_000
CONVERSION_NS = round(1e9 / 860) + 25_000  # SBAS444: one conversion, and the way out of power-down


def ramp(channel: int, at_ns: int) -> float:
    """Each channel has its own voltage, which tells when it was looked at: 1 V a channel, 1 mV a millisecond."""
    return channel + at_ns / MS * 1e-3


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def bus_with(clock: VirtualClock, model: ChipModel, address: int = 0x48, speed_hz: int = 400_000) -> Handle:
    bus = SimulatedI2c(clock, speed_hz=speed_hz)
    bus.attach(address, model)
    return bus.open(1)


def ask(bus: Handle, address: int, data: bytes, count: int) -> bytes:
    answer = i2c_msg.read(address, count)
    bus.i2c_rdwr(i2c_msg.write(address, data), answer)
    return bytes(answer)


def tell(bus: Handle, address: int, *data: int) -> None:
    bus.i2c_rdwr(i2c_msg.write(address, data))


def refused(act: Callable[[], object]) -> int | None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is what counts
        act()
    return caught.value.errno


# --- the bus --------------------------------------------------------------------------------------------------------


def test_a_whole_oled_frame_in_one_message_takes_23_ms_at_400_khz(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ssd1306Model(), 0x3C)
    bus.i2c_rdwr(i2c_msg.write(0x3C, [0x40, *bytes(1024)]))
    assert clock.now_ns() == (1 + 9 * 1026 + 1) * 2_500 == 23_090_000


@pytest.mark.parametrize(("speed_hz", "byte_ns"), [(100_000, 90_000), (400_000, 22_500), (1_000_000, 9_000)])
def test_bytes_take_nine_clocks_and_start_and_stop_one_each(clock: VirtualClock, speed_hz: int, byte_ns: int) -> None:
    bus = bus_with(clock, Ads1115Model(ramp), speed_hz=speed_hz)
    ask(bus, 0x48, b"\x01", 2)  # start, address, pointer, start again, address, two bytes, stop
    assert clock.now_ns() == 5 * byte_ns + 3 * byte_ns // 9


def test_nobody_there_is_eremoteio_and_costs_the_address_only(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(ramp))
    assert refused(lambda: bus.read_byte(0x49)) == errno.EREMOTEIO == 121
    assert clock.now_ns() == 11 * 2_500


def test_a_stuck_bus_times_out_and_works_when_it_is_free(clock: VirtualClock) -> None:
    bus = SimulatedI2c(clock)
    bus.attach(0x48, Ads1115Model(ramp))
    bus.stuck = True
    assert refused(lambda: bus.open().read_byte(0x48)) == errno.ETIMEDOUT
    assert clock.now_ns() == 20 * MS
    bus.stuck = False
    assert bus.open().read_byte(0x48) == 0


def test_a_chip_can_refuse_once(clock: VirtualClock) -> None:
    bus = SimulatedI2c(clock)
    bus.attach(0x48, Ads1115Model(ramp))
    bus.refuse(0x48)
    assert refused(lambda: bus.open().read_byte(0x48)) == errno.EREMOTEIO
    assert bus.open().read_byte(0x48) == 0


def test_a_read_must_be_the_last_message_as_on_a_pi_4(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(ramp))
    wrong = (i2c_msg.read(0x48, 2), i2c_msg.write(0x48, [0]))
    assert refused(lambda: bus.i2c_rdwr(*wrong)) == errno.EOPNOTSUPP


def test_messages_of_a_transaction_are_for_one_address_as_on_a_pi_5() -> None:
    clock = VirtualClock()
    bus = SimulatedI2c(clock)
    for address in (0x48, 0x49):
        bus.attach(address, Ads1115Model(ramp))
    both = (i2c_msg.write(0x48, [0]), i2c_msg.write(0x49, [0]))
    assert refused(lambda: bus.open().i2c_rdwr(*both)) == errno.EINVAL


def test_a_chip_that_is_pulled_out_of_a_read_answers_with_ones_from_there_on(clock: VirtualClock) -> None:
    bus = SimulatedI2c(clock)
    bus.attach(0x20, Mcp23017Model(lambda _: 0))
    # start, address and register, start again and address: the answer begins after 29 clocks
    bus.unplug(0x20, at_ns=(29 + 9 + 4) * 2_500)
    assert ask(bus.open(), 0x20, b"\x12", 3) == b"\x00\xff\xff"
    assert refused(lambda: bus.open().read_byte(0x20)) == errno.EREMOTEIO


def test_a_chip_that_is_pulled_out_of_a_write_does_not_acknowledge(clock: VirtualClock) -> None:
    bus = SimulatedI2c(clock)
    bus.attach(0x20, Mcp23017Model(lambda _: 0))
    bus.unplug(0x20, at_ns=20 * 2_500)
    assert refused(lambda: tell(bus.open(), 0x20, 0x0C, 0xFF)) == errno.EREMOTEIO


def test_a_closed_handle_is_a_bad_descriptor(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(ramp))
    bus.close()
    assert refused(lambda: bus.read_byte(0x48)) == errno.EBADF


# --- converters -----------------------------------------------------------------------------------------------------


def test_ads1115_gives_the_former_result_until_the_conversion_is_done(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(lambda _channel, _at: 3.3))
    tell(bus, 0x48, 0x01, 0xC3, 0xE3)
    started_ns = clock.now_ns() - 2_500
    assert ask(bus, 0x48, b"\x00", 2) == b"\x00\x00"
    assert ask(bus, 0x48, b"\x01", 2) == b"\x43\xe3"  # bit 15 is 0 while it converts
    clock.sleep_until_ns(started_ns + CONVERSION_NS)
    assert int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big") == 26_400  # HARDWARE: 3.3 V ≈ 26400
    assert ask(bus, 0x48, b"\x01", 2) == b"\xc3\xe3"


def test_ads1115_converts_what_there_was_in_the_middle_of_its_time(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(ramp))
    clock.sleep_until_ns(1_000 * MS)
    tell(bus, 0x48, 0x01, 0xD3, 0xE3)
    clock.sleep_until_ns(1_500 * MS)
    volts = int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big") / 8_000
    assert volts == pytest.approx(1 + 1.000_1 + 0.000_025 + 0.000_58, abs=2e-4)


def test_ads1115_in_continuous_mode_gives_the_old_channel_after_a_change(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(lambda channel, _at: float(channel)))
    tell(bus, 0x48, 0x01, 0xD2, 0xE3)
    clock.sleep_until_ns(10 * MS)
    tell(bus, 0x48, 0x01, 0xE2, 0xE3)
    seen = []
    for _ in range(3):
        clock.sleep_until_ns(clock.now_ns() + CONVERSION_NS)
        seen.append(int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big"))
    assert seen == [8_000, 16_000, 16_000]


def test_ads1115_a_second_start_while_it_converts_is_not_heard(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(lambda channel, _at: float(channel)))
    tell(bus, 0x48, 0x01, 0xD3, 0xE3)
    tell(bus, 0x48, 0x01, 0xF3, 0xE3)
    clock.sleep_until_ns(10 * MS)
    assert int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big") == 8_000


@pytest.mark.parametrize(
    ("volts", "bits", "raw"),
    [(5.0, 16, 0x7FFF), (-5.0, 16, 0x8000), (5.0, 12, 0x7FF0), (-0.000_125, 16, 0xFFFF), (3.3, 12, 26_400)],
)
def test_ads1115_and_ads1015_saturate_and_stand_at_the_left(
    clock: VirtualClock, volts: float, bits: int, raw: int
) -> None:
    bus = bus_with(clock, Ads1115Model(lambda _channel, _at: volts, bits=bits))
    tell(bus, 0x48, 0x01, 0xC3, 0xE3)
    clock.sleep_until_ns(10 * MS)
    assert int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big") == raw


def test_ads1015_takes_a_third_of_a_millisecond(clock: VirtualClock) -> None:
    bus = bus_with(clock, Ads1115Model(lambda _channel, _at: 1.024, bits=12), 0x48)
    tell(bus, 0x48, 0x01, 0xC3, 0xC3)
    clock.sleep_until_ns(clock.now_ns() + 330_000)
    assert int.from_bytes(ask(bus, 0x48, b"\x00", 2), "big") == 8_192


@pytest.mark.parametrize(("channel", "command"), list(enumerate((0x84, 0xC4, 0x94, 0xD4, 0xA4, 0xE4, 0xB4, 0xF4))))
def test_ads7830_and_ads7828_know_the_commands_of_their_data_sheets(
    clock: VirtualClock, channel: int, command: int
) -> None:
    for bits in (8, 12):
        model = Ads7830Model(lambda channel, _at: channel * 0.4 + 0.001, bits=bits, reference=lambda _at: 3.2)
        answer = ask(bus_with(clock, model, 0x4B), 0x4B, bytes([command]), (bits + 7) // 8)
        assert int.from_bytes(answer, "big") == channel * 2**bits // 8 + (bits == 12)


# --- expander, lights, display --------------------------------------------------------------------------------------


def test_mcp23017_without_pull_ups_reads_open_contacts_as_closed(clock: VirtualClock) -> None:
    bus = bus_with(clock, Mcp23017Model(lambda _at: 0xFFFE), 0x20)
    assert ask(bus, 0x20, b"\x12", 2) == b"\x00\x00"
    tell(bus, 0x20, 0x0C, 0xFF, 0xFF)
    assert ask(bus, 0x20, b"\x12", 2) == b"\x7e\x7f"  # GPA7 and GPB7 are outputs, low


def test_mcp23017_pulls_its_line_on_a_change_until_it_is_read_and_keeps_what_was(clock: VirtualClock) -> None:
    pins = [0xFFFF]
    model = Mcp23017Model(lambda _at: pins[0])
    bus = bus_with(clock, model, 0x20)
    tell(bus, 0x20, 0x0C, 0xFF, 0xFF)
    tell(bus, 0x20, 0x04, 0xFF, 0xFF)
    assert not model.interrupt(clock.now_ns())
    pins[0] = 0xFFFB
    assert model.interrupt(clock.now_ns())
    pins[0] = 0xFFFF
    assert model.interrupt(clock.now_ns())
    assert ask(bus, 0x20, b"\x0e", 4) == b"\x04\x00\x7b\x00"  # which pin, and what the port was
    assert not model.interrupt(clock.now_ns())


def test_ht16k33_shows_its_ram_when_it_is_awake_and_on(clock: VirtualClock) -> None:
    model = Ht16k33Model()
    bus = bus_with(clock, model, 0x70)
    tell(bus, 0x70, 0x0F, 0x80, 0x01)  # the RAM's end, and round to its beginning
    assert not model.lit(127)
    tell(bus, 0x70, 0x21)
    tell(bus, 0x70, 0x81)
    assert model.lit(127)
    assert model.lit(0)
    assert not model.lit(1)


def test_is31fl3731_shows_its_first_picture_when_it_is_not_shut_down(clock: VirtualClock) -> None:
    model = Is31fl3731Model()
    bus = bus_with(clock, model, 0x74)
    for message in ((0xFD, 0x00), (0x00, 0x01, *[0] * 17), (0x24, 99, 98), (0xFD, 0x0B), (0x00, 0x00), (0x01, 0x00)):
        tell(bus, 0x74, *message)
    assert model.pwm(0) == 0
    tell(bus, 0x74, 0x0A, 0x01)
    assert (model.pwm(0), model.pwm(1)) == (99, 0)


def test_ssd1306_fills_a_window_and_the_sh1106_its_page_with_an_offset_of_two(clock: VirtualClock) -> None:
    wide = Ssd1306Model("ssd1306")
    bus = bus_with(clock, wide, 0x3C)
    tell(bus, 0x3C, 0x00, 0x20, 0x00, 0x21, 3, 4, 0x22, 1, 2, 0xA1, 0xC8, 0xAF)
    tell(bus, 0x3C, 0x40, *bytes(1024))
    tell(bus, 0x3C, 0x40, 1, 2, 3, 4)
    assert wide.ram[1:3, 3:5].tolist() == [[1, 2], [3, 4]]
    assert wide.image().getpixel((3, 8)) == 255
    narrow = Ssd1306Model("sh1106")
    bus = bus_with(clock, narrow, 0x3C)
    tell(bus, 0x3C, 0x00, 0xA1, 0xC8, 0xAF, 0xB7, 0x02, 0x10)
    tell(bus, 0x3C, 0x40, *[0x80] * 132)
    image = narrow.image()
    assert [image.getpixel((0, 63)), image.getpixel((127, 63)), image.getpixel((0, 62))] == [255, 255, 0]


def test_power_comes_with_nothing_set(clock: VirtualClock) -> None:
    bus = SimulatedI2c(clock)
    lights, display = Ht16k33Model(), Ssd1306Model()
    bus.attach(0x20, Ads1115Model(ramp))
    bus.attach(0x21, Mcp23017Model(lambda _at: 0xFFFF))
    bus.attach(0x22, lights)
    bus.attach(0x23, display)
    handle = bus.open()
    tell(handle, 0x20, 0x02, 0x12, 0x34)
    tell(handle, 0x21, 0x0C, 0xFF)
    tell(handle, 0x22, 0x21)
    tell(handle, 0x22, 0x81)
    tell(handle, 0x23, 0x00, 0xAF)
    for address in range(0x20, 0x24):
        bus.unplug(address)
        bus.plug(address)
    assert ask(handle, 0x20, b"\x02", 2) == b"\x80\x00"
    assert ask(handle, 0x20, b"\x01", 2) == b"\x85\x83"
    assert ask(handle, 0x21, b"\x0c", 1) == b"\x00"
    assert not any(lights.lit(place) for place in range(128))
    assert display.image().getextrema() == (0, 0)
