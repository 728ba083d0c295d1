"""How a board is wired: nothing is left out of the table or the drawing, and every line ends where it should."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from drivers.card_profile import load_profiles
from firmware.surface import board_file, chips, wiring, wiring_svg
from firmware.surface.board_file import BoardFile
from firmware.surface.header import PIN_OF_LINE, PINS
from firmware.surface.svg import COLOURS

CARDS = load_profiles()
SVG = "{http://www.w3.org/2000/svg}"
Path = list[tuple[float, float]]


def board_of(name: str) -> BoardFile:
    made_for = board_file.load(name).card
    return board_file.load(name, CARDS.get(made_for))


class Drawn:
    """A drawing, read back."""

    def __init__(self, name: str) -> None:
        self.board = board_of(name)
        self.root = ET.fromstring(wiring_svg.draw(self.board, CARDS.get(self.board.card)))  # noqa: S314  our own
        self.width, self.height = (float(one) for one in self.root.attrib["viewBox"].split()[2:])
        self.texts = [(float(t.attrib["x"]), float(t.attrib["y"]), t.text or "") for t in self.root.iter(f"{SVG}text")]

    def words(self) -> list[str]:
        return [text for _, _, text in self.texts]

    def wires(self, net: str) -> list[Path]:
        paths = [p for p in self.root.iter(f"{SVG}path") if p.attrib.get("stroke") == COLOURS[net]]
        return [
            [(float(x), float(y)) for x, y in (pair.split() for pair in path.attrib["d"][1:].split("L"))]
            for path in paths
        ]

    def pin(self, number: int) -> tuple[float, float]:
        return next((x, y) for x, y, text in self.texts if text == str(number) and self._is_pin(x, y))

    def _is_pin(self, x: float, y: float) -> bool:
        boxes = self.root.iter(f"{SVG}rect")
        return any(
            b.attrib.get("width") == "16" and (float(b.attrib["x"]) + 8, float(b.attrib["y"]) + 8) == (x, y)
            for b in boxes
        )


def test_the_header_is_that_of_the_pi() -> None:
    """Raspberry Pi's documentation: pin 1 is 3.3 V, 2 is 5 V, 3 is GPIO 2, 39 is ground, 40 is GPIO 21."""
    assert len(PINS) == 40
    assert [PINS[pin - 1] for pin in (1, 2, 3, 8, 11, 12, 17, 27, 28, 37, 39, 40)] == [
        "3V3", "5V", 2, 14, 17, 18, "3V3", 0, 1, 26, "GND", 21,
    ]  # fmt: skip
    assert sorted(PIN_OF_LINE) == list(range(28))
    assert PINS.count("GND") == 8


def test_addresses_are_set_as_the_data_sheets_say() -> None:
    """ADS1115 SBAS444E table 3, MCP23017 DS20001952D §3.3, IS31FL3731 table 1."""
    straps = {
        ("ads1115", 0x48): "ADDR to GND", ("ads1115", 0x49): "ADDR to 3V3",
        ("ads1115", 0x4A): "ADDR to SDA", ("ads1115", 0x4B): "ADDR to SCL",
        ("mcp23017", 0x25): "A0 to 3V3, A1 to GND, A2 to 3V3", ("is31fl3731", 0x76): "AD to SDA",
        ("ads7830", 0x4A): "A0 to GND, A1 to 3V3", ("ht16k33", 0x75): "solder A0 and A2",
    }  # fmt: skip
    assert {key: chips.FACTS[key[0]].strap(key[1]) for key in straps} == straps


@pytest.mark.parametrize("key", board_file.shipped())
def test_every_control_is_in_the_table_once(key: str) -> None:
    board = board_of(key)
    panel = board.panel
    told = [control for control, _ in wiring.rows(board)]
    assert len(told) == len(set(told))
    for name in [o.name for o in panel.faders] + [o.name for o in panel.encoders] + [o.name for o in panel.buttons]:
        assert wiring.spoken(name) in told
    steps = sum(light.steps for light in panel.lights)
    groups = wiring.gathered(panel.lights)
    assert sum(light.steps for group in groups for light in group) == steps
    assert "meter 1 to 8, 8 steps each" in told or not panel.lights


@pytest.mark.parametrize("name", [name for name in board_file.shipped() if name != "hat-only"])
def test_the_drawing_leaves_nothing_out_and_stays_on_its_paper(name: str) -> None:
    drawn = Drawn(name)
    words = drawn.words()
    panel = drawn.board.panel
    own = drawn.board.own_button
    names = [fader.name for fader in panel.faders] + [encoder.name for encoder in panel.encoders]
    for control in names + [button.name for button in panel.buttons if button.name != own]:
        assert wiring.spoken(control).removeprefix("key ") in words
    for chip in panel.chips:
        assert any(chips.address_text(chip.kind, chip.address) in text and chip.name in text for text in words)
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y, _ in drawn.texts)
    for net in COLOURS:
        assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for wire in drawn.wires(net) for x, y in wire)


@pytest.mark.parametrize("name", ["reference", "minimal", "dac8x", "codec-zero", "pisound", "minimal-pisound"])
def test_every_encoder_line_runs_from_its_pin_to_a_box_of_its_own(name: str) -> None:
    drawn = Drawn(name)
    lines = [line for encoder in drawn.board.panel.encoders for line in (encoder.a, encoder.b)]
    wires = [wire for wire in drawn.wires("encoder") if len(wire) > 2]  # a symbol's are straight
    edge = wires[0][-1][0]
    starts = {drawn.pin(PIN_OF_LINE[line]) for line in lines}
    assert {wire[0] for wire in wires} == starts
    ends = {wire[-1] for wire in wires}
    assert len(ends) == len(lines)
    labels = {(x, y): text for x, y, text in drawn.texts}
    assert sorted(labels[edge + 8, y] for _, y in ends) == sorted("AB" * (len(lines) // 2))


@pytest.mark.parametrize("name", ["reference", "faders-only"])
def test_every_chip_has_power_and_ground_and_its_bus(name: str) -> None:
    drawn = Drawn(name)
    words = drawn.words()
    count = len(drawn.board.panel.chips) + (drawn.board.panel.display is not None)
    assert words.count("VDD") == count
    nets = ("SDA", "SCL", "INT") if name == "reference" else ("MOSI", "MISO", "SCLK", "CE0", "CE1")
    for net in ("3V3", "GND", *nets):
        dots = [c for c in drawn.root.iter(f"{SVG}circle") if c.attrib["fill"] == COLOURS[net]]
        assert dots
    if name == "reference":
        assert words.count("RESET") == words.count("INTA") == 3
        assert words.count("A7") == words.count("B7") == 3
        assert words.count("output only") == 6
