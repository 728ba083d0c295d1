"""A board as a wiring diagram: the header in the middle, chips on their rails to its left, controls to its right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.card_profile import CardProfile
from drivers.panel_config import ADC_CHANNELS, Button
from firmware.surface import chips, wiring, wiring_notes
from firmware.surface.board_file import BoardFile
from firmware.surface.header import PIN_OF_LINE, PINS, SPI_LINES
from firmware.surface.svg import COLOURS, Drawing

ROW = 17.0  # of a chip's pins
PITCH = 28.0  # of the header's
RIBBON = 9.0  # between lines side by side
CHIP = 264.0
GAP = 18.0
LABEL = 116.0  # room for the words beside the header
TOP = 70.0
GROUND_PIN_LEFT, GROUND_PIN_RIGHT = 9, 14
FREE = "–"

_SUPPLY = (("VDD", "3V3"), ("GND", "GND"))
_SPI = (("CLK", "SCLK"), ("DIN", "MOSI"))


@dataclass
class _Box:
    """A chip to be drawn. `taps`: its own pins on nets; `places`: rows of a place and what hangs on it, once
    or twice."""

    title: str
    under: str
    taps: list[tuple[str, str]]
    places: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def height(self) -> float:
        return 42 + ROW * max(len(self.taps), len(self.places)) + 6


def draw(board: BoardFile, card: CardProfile | None = None) -> str:
    """The diagram as SVG. With a card, its lines are marked on the header."""
    return _Diagram(board, card).draw()


def _boxes(board: BoardFile) -> Iterator[_Box]:
    panel = board.panel
    names = {(w.chip, w.channel): wiring.spoken(w.name) for w in panel.faders}
    if panel.supply is not None:
        names[panel.supply.chip, panel.supply.channel] = wiring.spoken("supply")
    names |= {(b.chip, b.pin): wiring.spoken(b.name) for b in panel.buttons if b.chip}
    for chip in panel.chips:
        facts = chips.FACTS[chip.kind]
        title = f"{chip.name} · {facts.title} · {chips.address_text(chip.kind, chip.address)}"
        taps = [*_SUPPLY, *_taps(chip.kind, chip.address)]
        if chip.kind == "mcp23017" and panel.interrupt >= 0:
            taps.append(("INTA", "INT"))
        if chip.kind in ADC_CHANNELS:
            channels = range(ADC_CHANNELS[chip.kind])
            places: list[tuple[str, ...]] = [
                (chips.place_name(chip.kind, n), names.get((chip.name, n), FREE)) for n in channels
            ]
        elif chip.kind == "mcp23017":
            places = [(*_pin(names, chip.name, row), *_pin(names, chip.name, row + 8)) for row in range(8)]
        else:
            groups = wiring.gathered(tuple(one for one in panel.lights if one.chip == chip.name))
            places = [(wiring.places_text(group), wiring.lights_text(group)) for group in groups]
        yield _Box(title, facts.strap(chip.address), taps, places)
    display = panel.display
    if display is not None:
        facts = chips.FACTS[display.kind]
        title = f"OLED · {facts.title} · {chips.address_text(display.kind, display.address)}"
        taps = [*_SUPPLY, *_taps(display.kind, display.address)]
        taps += [("D/C", "D/C")] if display.dc >= 0 else []
        taps += [("RES", "RES" if display.reset >= 0 else "3V3")]
        yield _Box(title, facts.strap(display.address), taps, [("", f"{display.width} × {display.height} pixels")])


def _pin(names: dict[tuple[str, int], str], chip: str, pin: int) -> tuple[str, str]:
    free = "output only" if pin in chips.OUTPUT_ONLY else FREE
    return f"{'AB'[pin // 8]}{pin % 8}", names.get((chip, pin), free).removeprefix("key ")


def _taps(kind: str, address: int) -> list[tuple[str, str]]:
    if chips.on_i2c(kind):
        reset = [("RESET", "3V3")] if kind == "mcp23017" else []
        return [("SDA", "SDA"), ("SCL", "SCL"), *reset]
    if kind == "ssd1322":
        return [*_SPI, ("CS", f"CE{address}")]
    return [("VREF", "3V3"), *_SPI, ("DOUT", "MISO"), ("CS", f"CE{address}")]


class _Diagram:
    def __init__(self, board: BoardFile, card: CardProfile | None) -> None:
        self.board, self.panel, self.card = board, board.panel, card
        self.boxes = list(_boxes(board))
        self.nets = self._nets()
        self.columns = self._columns()
        self.rails = 24 + CHIP + 26
        second = self.rails + RIBBON * (len(self.nets) - 1) + 26
        left = second + CHIP if self.columns[1] else self.rails + RIBBON * len(self.nets)
        self.second = second
        self.header = left + 24 + RIBBON * len(self.nets) + LABEL - 12 if self.boxes else 150.0
        self.first_row = TOP + 14 + RIBBON * len(self.nets)

    def _nets(self) -> dict[str, int]:
        """The pin of the header of each net that a chip taps, from the top."""
        panel = self.panel
        sda, scl = self.board.buses[1]
        every = {
            "3V3": 1, "GND": GROUND_PIN_LEFT, "SDA": PIN_OF_LINE[sda], "SCL": PIN_OF_LINE[scl],
            **{net: PIN_OF_LINE[number] for net, number in SPI_LINES.items()},
        }  # fmt: skip
        display = panel.display
        extra = {"INT": panel.interrupt, "D/C": display.dc if display else -1, "RES": display.reset if display else -1}
        every |= {net: PIN_OF_LINE[number] for net, number in extra.items() if number >= 0}
        used = {net for box in self.boxes for _, net in box.taps}
        return dict(
            sorted(((net, pin) for net, pin in every.items() if net in used), key=lambda one: self._row(one[1]))
        )

    @staticmethod
    def _row(pin: int) -> float:
        """Rows from the top at which a pin's wire leaves to the left: even pins between two rows."""
        return (pin - 1) // 2 + (0.0 if pin % 2 else 0.5)

    def _columns(self) -> tuple[list[_Box], list[_Box]]:
        """The chips in two columns of about the same height."""
        if len(self.boxes) < 4:
            return self.boxes, []
        total, height = sum(box.height for box in self.boxes), 0.0
        for number, box in enumerate(self.boxes):
            height += box.height
            if height >= total / 2:
                return self.boxes[: number + 1], self.boxes[number + 1 :]
        return self.boxes, []

    def pin_at(self, pin: int) -> tuple[float, float]:
        """Where a pin of the header is drawn."""
        return self.header + (0 if pin % 2 else PITCH), self.first_row + 14 + PITCH * ((pin - 1) // 2)

    def draw(self) -> str:
        targets, bottom = self._targets()
        tops = [self.first_row + sum(box.height + GAP for box in column) for column in self.columns]
        below = max(*tops, bottom, self.first_row + 14 + PITCH * 20) + 12
        right = self.header + PITCH + LABEL + 6 + RIBBON * (len(targets) + 1) + (170 if targets else 0)
        width = max(right + 24, wiring_notes.WIDTH)
        title = f"{self.board.title}: wiring"
        d = self.drawing = Drawing(width, below + wiring_notes.HEIGHT, title)
        d.text(24, 28, title, "h1")
        d.text(24, 50, "The header is seen from above, pin 1 at the corner of the Pi.", "faint")
        self._header()
        self._chips()
        if targets:
            self._hands(targets)
        self._pins()
        wiring_notes.draw(d, below, self.panel, bool(self._wired()))
        return d.finish()

    # The header

    def _header(self) -> None:
        d = self.drawing
        x, y = self.pin_at(1)
        d.box(x - 16, y - 18, PITCH + 32, PITCH * 19 + 36, "board", rx=6)

    def _pins(self) -> None:
        """Last, so that wires end below the pins and pass below the words."""
        d = self.drawing
        used = self._used()
        for pin, line in enumerate(PINS, 1):
            px, py = self.pin_at(pin)
            words = f"GPIO {line}" if isinstance(line, int) else line
            owned = self.card is not None and isinstance(line, int) and line in self.card.gpio and pin not in used
            words = f"{words} (card)" if owned else words
            wide = 6.6 * len(words) + 6
            d.box(px - 18 - wide if pin % 2 else px + 18, py - 8, wide, 16, fill="#ffffff")
            kind = "small" if pin in used else "small faint"
            d.text(px - 21 if pin % 2 else px + 21, py, words, f"{kind} end" if pin % 2 else kind)
            colour = COLOURS.get(str(line), "#b08d2e" if pin in used else "#d3c08a")
            d.box(px - 8, py - 8, 16, 16, rx=8 if pin > 1 else 2, fill=colour, stroke="#ffffff")
            d.text(px, py, str(pin), "pin mid")

    def _used(self) -> set[int]:
        panel, used = self.panel, set(self.nets.values())
        numbers = [n for encoder in panel.encoders for n in (encoder.a, encoder.b)]
        numbers += [button.pin for button in self._wired()]
        used |= {PIN_OF_LINE[number] for number in numbers}
        return used | ({GROUND_PIN_RIGHT} if numbers else set())

    # Chips

    def _chips(self) -> None:
        d = self.drawing
        rail_at = {net: self.rails + RIBBON * at for at, net in enumerate(self.nets)}
        ends = dict.fromkeys(self.nets, 0.0)
        placed = [(24.0, box, y, True) for box, y in self._stacked(self.columns[0])]
        placed += [(self.second, box, y, False) for box, y in self._stacked(self.columns[1])]
        for _, box, y, _ in placed:
            for at, (_, net) in enumerate(box.taps):
                ends[net] = max(ends[net], y + 46 + ROW * at)
        for at, (net, pin) in enumerate(self.nets.items()):
            x, y = self.pin_at(pin)
            y += 0.0 if pin % 2 else PITCH / 2
            lane = self.header - LABEL - RIBBON * at
            ribbon = TOP + RIBBON * at
            start = [(x, y)] if pin % 2 else [(x, y - PITCH / 2), (x - PITCH / 2, y)]
            d.wire(net, *start, (lane, y), (lane, ribbon), (rail_at[net], ribbon), (rail_at[net], ends[net]))
        for x, box, y, left in placed:
            self._chip(x, y, box, left, rail_at)

    def _stacked(self, column: list[_Box]) -> Iterator[tuple[_Box, float]]:
        y = self.first_row
        for box in column:
            yield box, y
            y += box.height + GAP

    def _chip(self, x: float, y: float, box: _Box, left: bool, rail_at: dict[str, float]) -> None:
        """A chip's box; in the left column its taps are on its right side, else on its left."""
        d = self.drawing
        d.box(x, y, CHIP, box.height, "box", rx=5)
        d.box(x + 1, y + 1, CHIP - 2, 36, "bar", rx=4)
        d.text(x + 8, y + 12, box.title, "h2")
        d.text(x + 8, y + 27, box.under, "small")
        edge = x + CHIP if left else x
        for at, (pin, net) in enumerate(box.taps):
            py = y + 46 + ROW * at
            d.wire(net, (edge, py), (rail_at[net], py))
            d.dot(net, rail_at[net], py)
            d.text(edge - 7 if left else edge + 7, py, pin, "small end" if left else "small")
        start = x + 8 if left else x + 58
        for at, row in enumerate(box.places):
            indent = 0.0 if not row[0] else 23.0 if len(row) > 2 else 50.0
            for column in range(0, len(row), 2):
                place, words = row[column : column + 2]
                faint = " faint" if words in (FREE, "output only") else ""
                px, py = start + 102 * column / 2, y + 46 + ROW * at
                d.text(px, py, place, "small faint")
                d.text(px + indent, py, words, f"small{faint}")

    # What hands are on

    def _wired(self) -> list[Button]:
        """The buttons on lines of the header, without the card's own."""
        return [one for one in self.panel.buttons if not one.chip and one.name != self.board.own_button]

    def _targets(self) -> tuple[list[tuple[int, str, float, str, str]], float]:
        """Each wire to a control: its header pin, kind, height, the control and its pin; and where they end."""
        blocks = [(e.name, "encoder", [("A", e.a), ("B", e.b)]) for e in self.panel.encoders]
        blocks += [(b.name, "button", [("1", b.pin)]) for b in self._wired()]
        blocks.sort(key=lambda block: min(PIN_OF_LINE[number] for _, number in block[2]))
        found, y = [], self.first_row + 20
        for name, kind, pins in blocks:
            for pin, number in pins:
                found.append((PIN_OF_LINE[number], kind, y, name, pin))
                y += 22
            y += 22 + 20  # its ground, and a gap
        return found, y

    def _hands(self, targets: list[tuple[int, str, float, str, str]]) -> None:
        d = self.drawing
        lanes = self._lanes(targets)
        edge = self.header + PITCH + LABEL + 6 + RIBBON * (len(targets) + 1)
        rail = edge - 14
        for pin, kind, y, _, _ in targets:
            x, py = self.pin_at(pin)
            lane = self.header + PITCH + LABEL + RIBBON * lanes[pin]
            middle = py + PITCH / 2
            start = [(x, py)] if pin % 2 == 0 else [(x, py), (x + PITCH / 2, middle)]
            d.wire(kind, *start, (lane, start[-1][1]), (lane, y), (edge, y))
        grounds = []
        for name in dict.fromkeys(target[3] for target in targets):
            mine = [target for target in targets if target[3] == name]
            top, ground = mine[0][2] - 16, mine[-1][2] + 22
            d.box(edge, top, 160, ground - top + 14, "box", rx=5)
            for _, _, y, _, letter in mine:
                d.text(edge + 8, y, letter, "small")
            d.text(edge + 34, (mine[0][2] + ground) / 2, wiring.spoken(name), "h2")
            d.text(edge + 8, ground, "C" if mine[0][1] == "encoder" else "2", "small")
            grounds.append(ground)
        x, y = self.pin_at(GROUND_PIN_RIGHT)
        d.wire("GND", (x, y), (rail, y))
        d.wire("GND", (rail, min(y, grounds[0])), (rail, max(y, grounds[-1])))
        for ground in grounds:
            d.wire("GND", (rail, ground), (edge, ground))
            d.dot("GND", rail, ground)

    def _lanes(self, targets: list[tuple[int, str, float, str, str]]) -> dict[int, int]:
        """The lane of each wire, so that few cross: those that go down turn the later the higher they start."""
        ways = []
        for pin, _, y, _, _ in targets:
            start = self.pin_at(pin)[1] + (PITCH / 2 if pin % 2 else 0)
            ways.append((start, y, pin))
        up = sorted(way for way in ways if way[1] < way[0])
        down = sorted((way for way in ways if way[1] >= way[0]), reverse=True)
        return {pin: lane for lane, (_, _, pin) in enumerate([*up, *down])}
