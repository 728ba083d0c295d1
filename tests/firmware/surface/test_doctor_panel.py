"""The doctor asks the chips: on simulated buses, on machines without any, and what it says to do."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.card_profile import load_profiles
from drivers.errors import BusDenied
from drivers.simulated.clock import VirtualClock
from drivers.simulated.i2c_buses import SimulatedBuses
from drivers.simulated.world import World
from firmware import desk_config
from firmware import doctor as machine
from firmware.findings import BAD, OK, WARN, Finding
from firmware.surface import board_file, doctor

CARDS = load_profiles()


class Kernel:
    """A bus on which some addresses answer, some are a driver's, and all else is silent."""

    def __init__(self, answers: dict[int, int]) -> None:
        self.answers, self.closed = answers, False

    def i2c_rdwr(self, *messages: Any) -> None:
        number = self.answers.get(messages[0].addr, errno.EREMOTEIO)
        if number:
            raise OSError(number, "no")

    def close(self) -> None:
        self.closed = True


def simulated(board: str, spoil: Callable[[SimulatedBuses], None] = lambda _: None) -> list[Finding]:
    panel = board_file.load(board).panel
    buses = SimulatedBuses(panel, World(panel), VirtualClock())
    spoil(buses)
    return list(doctor.scan(board_file.load(board), None, 1, buses.open))


def scan(answers: dict[int, int], board: str = "minimal", card: str = "") -> list[Finding]:
    return list(doctor.scan(board_file.load(board), CARDS.get(card), 1, lambda _: Kernel(answers)))


def test_every_chip_of_the_reference_panel_answers_by_its_name() -> None:
    found = simulated("reference")
    assert {finding.level for finding in found} == {OK}
    assert [finding.what.partition(": ")[2] for finding in found] == [
        "exp1", "exp2", "exp3", "display", "adc1", "adc2", "adc3", "leds",
    ]  # fmt: skip
    assert found[0].found == "MCP23017 at 0x20 answers"


def test_a_chip_that_is_unplugged_is_bad_and_says_how_its_address_is_set() -> None:
    found = simulated("reference", lambda buses: buses.bus_of(0x4B).unplug(0x4B))
    (bad,) = [finding for finding in found if finding.level == BAD]
    assert (bad.what, bad.found) == ("I2C bus 1: adc3", "ADS1115 at 0x4B does not answer")
    assert "ADDR to SCL" in bad.remedy


def test_a_wrong_jumper_is_seen_as_a_chip_that_answers_elsewhere() -> None:
    found = scan({0x48: 0, 0x4A: 0, 0x3C: 0})
    bad = next(finding for finding in found if finding.level == BAD)
    assert bad.what == "I2C bus 1: adc2"
    assert "Something answers at 0x4A" in bad.remedy
    strange = next(finding for finding in found if finding.level == WARN)
    assert "ADS1115" in strange.found


def test_the_cards_own_chips_are_no_strangers() -> None:
    """HARDWARE.md §1: DAC+ADC Pro owns 0x4A and 0x4D; its driver holds 0x4D, so that the kernel says busy."""
    found = scan({0x48: 0, 0x49: 0, 0x3C: 0, 0x4A: 0, 0x4D: errno.EBUSY}, card="hifiberry-dacplusadcpro")
    assert {finding.level for finding in found} == {OK}
    assert "used by the kernel" in found[-1].found
    assert any(finding.level == WARN for finding in scan({0x48: 0, 0x49: 0, 0x3C: 0, 0x4D: 0}))


def test_a_bus_on_which_nothing_answers_is_looked_at_where_it_begins() -> None:
    found = scan({})
    assert found[0].found == "no chip of the board answers"
    assert "SDA (pin 3)" in found[0].remedy
    assert [finding.level for finding in found] == [BAD] * 4


def test_a_bus_that_hangs_is_missing_or_forbidden_is_one_finding_each() -> None:
    def missing(number: int) -> Kernel:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", f"/dev/i2c-{number}")

    def denied(_: int) -> Kernel:
        raise BusDenied("This user may not open I2C bus 1: sudo usermod -aG i2c $USER, then log in again.")

    board = board_file.load("minimal")
    (hung,) = scan({0x3C: errno.ETIMEDOUT, 0x20: errno.ETIMEDOUT})
    (gone,) = doctor.scan(board, None, 1, missing)
    (forbidden,) = doctor.scan(board, None, 1, denied)
    assert {finding.level for finding in (hung, gone, forbidden)} == {BAD}
    assert "hangs" in hung.found
    assert "dtparam=i2c_arm=on" in gone.remedy
    assert "usermod -aG i2c" in forbidden.found


def test_a_lost_answer_is_asked_for_twice_and_the_bus_is_closed() -> None:
    bus = Kernel({0x48: 0, 0x49: 0})
    asked: list[int] = []
    real = bus.i2c_rdwr

    def once_lost(*messages: Any) -> None:
        asked.append(messages[0].addr)
        if asked.count(0x3C) == 1 and messages[0].addr == 0x3C:
            raise OSError(errno.EREMOTEIO, "no")
        if messages[0].addr != 0x3C:
            real(*messages)

    bus.i2c_rdwr = once_lost  # type: ignore[method-assign]
    found = list(doctor.scan(board_file.load("minimal"), None, 1, lambda _: bus))
    assert {finding.level for finding in found} == {OK}
    assert bus.closed


@pytest.mark.parametrize(("hz", "level"), [(100_000, BAD), (400_000, OK), (1_000_000, WARN)])
def test_a_slow_bus_is_told_with_the_line_for_config_txt(tmp_path: Path, hz: int, level: str) -> None:
    node = tmp_path / "i2c-1" / "of_node"
    node.mkdir(parents=True)
    (node / "clock-frequency").write_bytes(hz.to_bytes(4, "big"))
    (found,) = doctor.speed(board_file.load("reference"), 1, tmp_path)
    assert found.level == level
    assert ("i2c_arm_baudrate=400000" in found.remedy) == (level != OK)
    assert list(doctor.speed(board_file.load("reference"), 3, tmp_path)) == []


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in the place of Debian's own, with no Python package in it."""
    monkeypatch.setattr("drivers.debian.FOLDER", str(tmp_path))
    for name in ("_lgpio", "spidev"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_spi_chips_want_their_device_and_the_serial_port_wants_two_lines(debian: Path) -> None:
    tmp_path = debian
    (tmp_path / "spidev0.0").touch()
    assert next(doctor.spi(board_file.load("faders-only"), tmp_path)).remedy == "sudo apt install python3-spidev."
    (tmp_path / "spidev.py").touch()
    found = list(doctor.examine("faders-only", None, devices=tmp_path))
    assert [(finding.what, finding.level) for finding in found[1:]] == [("SPI: adc1", OK), ("SPI: adc2", BAD)]
    assert "dtparam=spi=on" in found[2].remedy
    (tmp_path / "serial0").touch()
    found = list(doctor.examine("pisound", None, open_bus=lambda _: Kernel({}), devices=tmp_path, adapters=tmp_path))
    assert found[-1].what == "serial port"
    assert "GPIO 14 (pin 8)" in found[-1].found


def test_lines_want_a_pi_lgpio_and_permission(debian: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def level_and_words() -> tuple[str, str]:
        (finding,) = doctor.gpio(board_file.load("minimal"), debian)
        return finding.level, finding.found + finding.remedy

    assert "needs a Raspberry Pi" in level_and_words()[1]
    (debian / "gpiochip0").touch()
    assert level_and_words() == (BAD, "lgpio is missingsudo apt install python3-lgpio.")
    (debian / "_lgpio.py").write_text("raise AssertionError('the doctor only looks')\n")
    assert level_and_words() == (OK, "6 by way of lgpio")  # two encoders and their pushes
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "usermod -aG gpio" in level_and_words()[1]
    assert list(doctor.gpio(board_file.load("hat-only"), debian)) == []


def test_a_board_that_does_not_fit_the_card_is_bad_line_by_line() -> None:
    found = list(doctor.examine("reference", CARDS["codec-zero"]))
    assert [finding.level for finding in found] == [BAD] * 3
    assert "reference.toml, line" in found[0].found
    assert "codec-zero" in found[0].remedy
    assert next(iter(doctor.examine("nothing", None))).level == BAD


def test_the_doctor_of_the_machine_asks_the_configured_board(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (none,) = machine.panel()
    assert none.level == OK
    assert 'board = "reference"' in none.found
    (tmp_path / "pidesk").mkdir()
    (tmp_path / "pidesk" / "desk.toml").write_text('board = "hat-only"\n')
    assert desk_config.load().board == "hat-only"
    assert [finding.what for finding in machine.panel()] == ["board hat-only"]
