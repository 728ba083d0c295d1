"""What a board's controls stand on: its buses, chips, display and interrupt line, each checked where it stands."""

from __future__ import annotations

import re

from drivers.panel_config import Chip, Display
from firmware.errors import did_you_mean
from firmware.params import quoted
from firmware.surface import chips
from firmware.surface.board_source import Source, line_number
from firmware.surface.header import I2C_LINES, LINES
from firmware.toml_lines import Keys

I2C_HZ = (100_000, 400_000, 1_000_000)
_RESERVED = ("display", "card", "interrupt", "supply")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")
_CHIP = re.compile(r"(\w+)(?: i2c(\d))? 0x([0-9A-Fa-f]{1,2})|(\w+) spi(\d)\.(\d)", re.ASCII)
_BUS = re.compile(r"i2c([2-9])")
_SIZES = {"ssd1322": ((256, 64),), "ssd1306": ((128, 64), (128, 32))}
_DISPLAY_KEYS = ("chip", "width", "height", "upside_down", "dc", "reset")
_LINE = f"a GPIO line from 2 to {LINES - 1}"
UPSIDE_DOWN = 2  # quarter turns, as luma counts them


class Chips:
    """Reads what a board stands on. `kinds`: of each chip by its name, "" where it is not known."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.kinds: dict[str, str] = {}
        self.buses = self._buses()
        self.chips = self._chips()
        self.display = self._display()
        self.interrupt = self._interrupt()
        self.i2c_hz = self._i2c_hz()

    def _buses(self) -> dict[int, tuple[int, int]]:
        buses = dict(I2C_LINES)
        for name, given in self._source.section("buses").items():
            number = _BUS.fullmatch(name)
            lines = [line_number(one) for one in given] if isinstance(given, list) else []
            if number is None or len(lines) != 2 or None in lines:
                text = "a bus beside i2c1 is its number and its two lines, SDA and SCL: i2c3 = [4, 5]."
                self._source.wrong(("buses", name), text)
            else:
                buses[int(number[1])] = (lines[0] or 0, lines[1] or 0)
        return buses

    def _i2c_hz(self) -> int:
        given = self._source.value("i2c_hz")
        if type(given) is int and given in I2C_HZ:
            return given
        if given is not None:
            self._source.wrong(("i2c_hz",), f"i2c_hz is one of {', '.join(map(str, I2C_HZ))}, as set in config.txt.")
        return 400_000

    def _interrupt(self) -> int:
        given = self._source.value("interrupt")
        if given is None or given == "none":
            return -1
        number = line_number(given)
        if number is None:
            self._source.wrong(("interrupt",), f'interrupt is {_LINE}, or "none".')
            return -1
        if "mcp23017" not in self.kinds.values():
            self._source.wrong(("interrupt",), "there is no expander to pull this line; leave interrupt out.")
        self._source.at["interrupt"] = ("interrupt",)
        return number

    def _chips(self) -> tuple[Chip, ...]:
        found = []
        for name, given in self._source.section("chips").items():
            if not _NAME.fullmatch(name) or name in _RESERVED:
                text = f"{quoted(name)} is no name for a chip; use small letters and digits, such as adc1."
                self._source.wrong(("chips", name), text)
                continue
            found += self._chip(("chips", name), name, given, chips.CHIPS)
        return tuple(found)

    def _chip(self, keys: Keys, name: str, given: object, kinds: tuple[str, ...]) -> list[Chip]:
        """The chip of "ads1115 0x48", "ads1115 i2c3 0x48" or "mcp3208 spi0.1". A wrong address does not hide what is
        wrong with what hangs on the chip: it is made all the same."""
        source = self._source
        source.at[name] = keys
        read = _CHIP.fullmatch(given) if isinstance(given, str) else None
        kind = given.partition(" ")[0] if isinstance(given, str) else ""
        self.kinds[name] = kind if kind in kinds else ""
        if kind and kind not in kinds:
            source.wrong(keys, f"{quoted(kind)} is none of {', '.join(kinds)}.{did_you_mean(kind, kinds)}")
            return []
        i2c = kind == "" or chips.on_i2c(kind)
        if read is None or (read[4] is None) != i2c:
            example = f"{kind or kinds[0]} {chips.address_text(kind or kinds[0], self._free(kind or kinds[0]))}"
            source.wrong(keys, f'{name} is written as its kind and its address: "{example}".')
            return []
        facts = chips.FACTS[kind]
        bus, address = (int(read[2] or 1), int(read[3], 16)) if i2c else (int(read[5]), int(read[6]))
        if address not in facts.addresses:
            good = ", ".join(chips.address_text(kind, one) for one in facts.addresses)
            written = chips.address_text(kind, address)
            source.wrong(keys, f"{facts.title} cannot have the address {written}; it can have {good}.")
        if i2c and bus not in self.buses:
            source.wrong(keys, f"no lines are named for I2C bus {bus}; write i2c{bus} = [SDA, SCL] in [buses].")
        if not i2c and bus != 0:
            source.wrong(keys, "SPI1 shares its lines with the sound card; use spi0.0 or spi0.1.")
        return [Chip(name, kind, bus, address)]

    def _free(self, kind: str) -> int:
        return chips.FACTS[kind].addresses[0]

    def _display(self) -> Display | None:
        source, section = self._source, self._source.section("display")
        if not section:
            return None
        for key in section:
            if key not in _DISPLAY_KEYS:
                near = did_you_mean(key, _DISPLAY_KEYS)
                source.wrong(("display", key), f"a display has no {quoted(key)}: {', '.join(_DISPLAY_KEYS)}.{near}")
        found = self._chip(("display", "chip"), "display", section.get("chip"), chips.DISPLAYS)
        source.at["display"] = ("display", "chip")
        kind = self.kinds.pop("display")
        sizes = _SIZES.get(kind, ((128, 64),))
        size = (section.get("width", sizes[0][0]), section.get("height", sizes[0][1]))
        if kind and size not in sizes:
            good = " or ".join(f"{width} × {height}" for width, height in sizes)
            source.wrong(("display", "width"), f"this display has {good} pixels; leave width and height out.")
            size = sizes[0]
        turned = section.get("upside_down", False)
        if not isinstance(turned, bool):
            source.wrong(("display", "upside_down"), "upside_down is true or false.")
        lines = {key: line_number(section[key]) for key in ("dc", "reset") if key in section}
        for key, number in lines.items():
            if number is None:
                source.wrong(("display", key), f"{key} is {_LINE}.")
        if kind and not chips.on_i2c(kind) and "dc" not in lines:
            source.wrong(("display", "chip"), "a display on SPI needs its D/C line: dc = 25.")
        if not found:
            return None
        dc, reset = (-1 if lines.get(key) is None else int(lines[key] or 0) for key in ("dc", "reset"))
        rotate = UPSIDE_DOWN if turned is True else 0
        return Display(kind, found[0].bus, found[0].address, *size, rotate=rotate, dc=dc, reset=reset)
