"""The panel as the doctor sees it: which chips answer on their buses, which do not, and what to do about it.

Each address is read one byte from, as i2cdetect does for those where a write could do harm: no chip of a panel changes
its settings by that, and a running desk goes on beside it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from smbus2 import i2c_msg

from drivers import debian
from drivers.card_profile import CardProfile
from drivers.errors import DriverError
from drivers.i2c_bus import open_smbus
from firmware.errors import ConfigError
from firmware.findings import BAD, OK, WARN, Finding
from firmware.surface import board_file, budget, chips
from firmware.surface.board_file import BoardFile
from firmware.surface.header import UART_LINES, told

I2C_HZ = Path("/sys/class/i2c-adapter")
_UNDER_DRIVER = (errno.EBUSY,)
_NOBODY = (errno.EREMOTEIO, errno.ENXIO, errno.EIO)
_USUAL = {0x1A: "a codec (WM8731, WM8960, DA7213)", 0x4D: "a PCM5122 (DAC)", 0x68: "a clock (DS3231) or gyroscope"}


class Bus(Protocol):
    """What is used of smbus2.SMBus."""

    def i2c_rdwr(self, *i2c_msgs: Any) -> None:
        """Messages as one transaction; raises OSError."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


OpenBus = Callable[[int], Bus]


def examine(
    name: str,
    card: CardProfile | None,
    *,
    open_bus: OpenBus = open_smbus,
    devices: Path = Path("/dev"),
    adapters: Path = I2C_HZ,
) -> Iterator[Finding]:
    """The board of that name beside a card: its file, its buses, its lines."""
    try:
        board = board_file.load(name, card)
    except ConfigError as error:
        for problem in error.problems or (str(error),):
            yield Finding(f"board {name}", BAD, str(problem), f"Correct the file, or choose one of {_names()}.")
        return
    lines = budget.lines_of(board.panel, board.buses)
    beside = f" beside {card.title}" if card is not None else ""
    yield Finding(f"board {name}", OK, f"{board.title}: {len(lines)} GPIO lines, fits{beside}")
    if any(chips.on_i2c(kind) for _, kind, _, _ in _parts(board)):
        for bus in sorted({number for _, kind, number, _ in _parts(board) if chips.on_i2c(kind)}):
            yield from scan(board, card, bus, open_bus)
            yield from speed(board, bus, adapters)
    yield from gpio(board, devices)
    if any(not chips.on_i2c(kind) for _, kind, _, _ in _parts(board)):
        yield from spi(board, devices)
    serial = [line for line in UART_LINES if line in lines]
    if serial and (devices / "serial0").exists():
        which = " and ".join(told(line) for line in serial)
        remedy = "raspi-config, Interface Options, Serial Port: no."
        yield Finding("serial port", WARN, f"on, while the board uses {which}", remedy)


def _names() -> str:
    return ", ".join(board_file.names())


def _parts(board: BoardFile) -> list[tuple[str, str, int, int]]:
    panel = board.panel
    parts = [(chip.name, chip.kind, chip.bus, chip.address) for chip in panel.chips]
    if panel.display is not None:
        parts.append(("display", panel.display.kind, panel.display.bus, panel.display.address))
    return parts


def scan(board: BoardFile, card: CardProfile | None, number: int, open_bus: OpenBus = open_smbus) -> Iterator[Finding]:
    """Every address of one bus that the board or the card names, and all that a panel's chips could have."""
    mine = {at: (name, kind) for name, kind, bus, at in _parts(board) if bus == number and chips.on_i2c(kind)}
    cards = dict.fromkeys(card.i2c, card.title) if card is not None and number == 1 else {}
    what = f"I2C bus {number}"
    try:
        with closing(open_bus(number)) as bus:
            answers = _answers(bus, mine, cards)
    except DriverError as error:
        yield Finding(what, BAD, f"cannot be opened: {error}", "See docs/build-practice.md, First start.")
        return
    except OSError as error:
        if error.errno == errno.ETIMEDOUT:
            remedy = "Unplug one chip after the other until it answers: one of them has a short or no power."
            yield Finding(what, BAD, "hangs: SDA or SCL is held down", remedy)
        else:
            remedy = "Put dtparam=i2c_arm=on into config.txt, restart, and be of the group i2c."
            yield Finding(what, BAD, f"cannot be used: {error.strerror or error}", remedy)
        return
    yield from _judge(what, mine, cards, answers)


def _answers(bus: Bus, mine: Mapping[int, object], cards: Mapping[int, object]) -> dict[int, str]:
    """What each address said: "answers", "taken by the kernel's driver"; silent ones are left out."""
    found: dict[int, str] = {}
    for address in sorted({*mine, *cards, *_USUAL, *(at for facts in _i2c_facts() for at in facts.addresses)}):
        for _ in range(2):  # one answer may be lost on a long wire
            try:
                bus.i2c_rdwr(i2c_msg.read(address, 1))
            except OSError as error:
                if error.errno in _UNDER_DRIVER:
                    found[address] = "used by the kernel"
                elif error.errno not in _NOBODY:
                    raise
                else:
                    continue
            else:
                found[address] = "answers"
            break
    return found


def _i2c_facts() -> Iterator[chips.ChipFacts]:
    return (facts for kind, facts in chips.FACTS.items() if chips.on_i2c(kind))


def _judge(
    what: str, mine: dict[int, tuple[str, str]], cards: dict[int, str], answers: dict[int, str]
) -> Iterator[Finding]:
    silent = sorted(mine.keys() - answers.keys())
    strange = sorted(answers.keys() - mine.keys() - cards.keys())
    if len(silent) == len(mine) > 1:
        remedy = "Look at 3.3 V, GND, SDA (pin 3) and SCL (pin 5) where they leave the Pi."
        yield Finding(what, BAD, "no chip of the board answers", remedy)
    for address, (name, kind) in sorted(mine.items()):
        facts = chips.FACTS[kind]
        where = f"{facts.title} at 0x{address:02X}"
        if address in answers:
            yield Finding(f"{what}: {name}", OK, f"{where} {answers[address]}")
            continue
        near = [one for one in strange if one in facts.addresses]
        seen = f" Something answers at {' and '.join(f'0x{one:02X}' for one in near)}." if near else ""
        remedy = f"Look at its plug and power; its address is set by: {facts.strap(address)}.{seen}"
        yield Finding(f"{what}: {name}", BAD, f"{where} does not answer", remedy)
    for address, title in sorted(cards.items()):
        if address in answers:
            yield Finding(f"{what}: card", OK, f"{title} at 0x{address:02X} {answers[address]}")
    for address in strange:
        kinds = sorted(facts.title for facts in _i2c_facts() if address in facts.addresses)
        guess = _USUAL.get(address, " or ".join(kinds))
        remedy = "Name it in the board file if it belongs to the panel."
        yield Finding(f"{what}: 0x{address:02X}", WARN, f"something answers that no board names: {guess}", remedy)


def speed(board: BoardFile, number: int, adapters: Path = I2C_HZ) -> Iterator[Finding]:
    """Whether a bus is as fast as its board says; nothing where the machine does not tell."""
    try:
        raw = (adapters / f"i2c-{number}" / "of_node" / "clock-frequency").read_bytes()
    except OSError:
        return
    found, wanted = int.from_bytes(raw[:4], "big"), board.panel.i2c_hz
    what = f"I2C bus {number} speed"
    if found == wanted:
        yield Finding(what, OK, f"{found // 1000} kHz")
        return
    remedy = f"Put dtparam=i2c_arm=on,i2c_arm_baudrate={wanted} into config.txt and restart."
    level = BAD if found < wanted else WARN
    yield Finding(what, level, f"{found // 1000} kHz; the board is made for {wanted // 1000} kHz", remedy)


def gpio(board: BoardFile, devices: Path = Path("/dev")) -> Iterator[Finding]:
    """Whether this user may have the lines that encoders, buttons, interrupt and display are on. None is taken."""
    panel, display = board.panel, board.panel.display
    lines = {line for encoder in panel.encoders for line in (encoder.a, encoder.b)}
    lines |= {button.pin for button in panel.buttons if not button.chip} | {panel.interrupt}
    lines |= {display.dc, display.reset} if display is not None else set()
    if not (lines := {line for line in lines if line >= 0}):
        return
    there = sorted(devices.glob("gpiochip*"))
    if not there:
        yield Finding(
            "GPIO lines",
            BAD,
            "none on this machine",
            "A panel needs a Raspberry Pi; to see one: pidesk learn --simulated.",
        )
    elif not debian.has("_lgpio"):
        yield Finding("GPIO lines", BAD, "lgpio is missing", "sudo apt install python3-lgpio.")
    elif not any(os.access(one, os.R_OK | os.W_OK) for one in there):
        remedy = "sudo usermod -aG gpio $USER, then log in again."
        yield Finding("GPIO lines", BAD, "this user may not have them", remedy)
    else:
        yield Finding("GPIO lines", OK, f"{len(lines)} by way of lgpio")


def spi(board: BoardFile, devices: Path = Path("/dev")) -> Iterator[Finding]:
    """Whether the chip selects of a board's SPI chips are there. An SPI chip cannot be asked whether it is."""
    if not debian.has("spidev"):
        yield Finding("SPI", BAD, "spidev is missing", "sudo apt install python3-spidev.")
    for name, kind, bus, select in _parts(board):
        if chips.on_i2c(kind):
            continue
        device = devices / f"spidev{bus}.{select}"
        if device.exists():
            yield Finding(f"SPI: {name}", OK, f"{chips.FACTS[kind].title} on {device}")
        else:
            remedy = "Put dtparam=spi=on into config.txt and restart."
            yield Finding(f"SPI: {name}", BAD, f"{device} is not there", remedy)
    for caution in board_file.cautions(board):
        yield Finding("SPI: supply", WARN, caution, "See docs/boards.md.")
