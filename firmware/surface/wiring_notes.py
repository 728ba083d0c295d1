"""What stands below a wiring diagram: how one fader, one encoder, one button is wired, and what the colours mean."""

from __future__ import annotations

from drivers.panel_config import PanelConfig
from firmware.surface.svg import Drawing

WIDTH, HEIGHT = 900.0, 206.0
_BOX = 210.0


def draw(d: Drawing, y: float, panel: PanelConfig, wired_buttons: bool) -> None:
    """Draw them from `y` down, as far as the panel has such parts; `wired_buttons`: some are on lines of the header."""
    x = 24.0
    for wanted, title, symbol in (
        (bool(panel.faders), "each fader", _fader),
        (bool(panel.encoders), "each encoder", _encoder),
        (bool(panel.buttons), "each button", _button),
    ):
        if wanted:
            d.box(x, y, _BOX, 180, "note", rx=5)
            d.text(x + 10, y + 15, title, "h2")
            symbol(d, x, y)
            x += _BOX + 14
    _legend(d, x, y, panel, wired_buttons)


def _fader(d: Drawing, x: float, y: float) -> None:
    x += 16
    d.wire("3V3", (x + 40, y + 36), (x + 40, y + 56))
    d.path(f"M{x + 33:g} {y + 56:g}h14v72h-14z")
    d.wire("GND", (x + 40, y + 128), (x + 40, y + 156))
    d.path(f"M{x + 56:g} {y + 87:g}l-8 5l8 5")
    d.wire("encoder", (x + 49, y + 92), (x + 136, y + 92))
    d.dot("encoder", x + 94, y + 92)
    d.wire("encoder", (x + 94, y + 92), (x + 94, y + 112))
    d.path(f"M{x + 82:g} {y + 112:g}h24m-24 6h24")
    d.wire("GND", (x + 94, y + 118), (x + 94, y + 156))
    for words, wx, wy in (
        ("3.3 V", 50, 42), ("GND", 50, 152), ("GND", 102, 152), ("channel", 141, 92), ("100 nF", 112, 115),
        ("wiper", 58, 80), ("10 kΩ", -8, 84), ("linear", -8, 100),
    ):  # fmt: skip
        d.text(x + wx, y + wy, words, "small")


def _encoder(d: Drawing, x: float, y: float) -> None:
    for wy, words in ((58, "GPIO  A"), (128, "GPIO  B")):
        d.wire("encoder", (x + 62, y + wy), (x + 104, y + wy))
        d.path(f"M{x + 104:g} {y + wy:g}l22 -9m0 9h10")
        d.dot("encoder", x + 104, y + wy, 2)
        d.text(x + 10, y + wy, words, "small")
    d.wire("GND", (x + 136, y + 58), (x + 136, y + 128))
    d.wire("GND", (x + 136, y + 93), (x + 166, y + 93))
    d.dot("GND", x + 136, y + 93)
    d.text(x + 172, y + 93, "GND", "small")
    d.text(x + 143, y + 76, "C", "small")
    d.text(x + 10, y + 158, "The Pi pulls A and B up.", "small faint")


def _button(d: Drawing, x: float, y: float) -> None:
    d.wire("button", (x + 80, y + 82), (x + 106, y + 82))
    d.path(f"M{x + 106:g} {y + 82:g}l24 -11m0 11h8")
    d.dot("button", x + 106, y + 82, 2)
    d.wire("GND", (x + 138, y + 82), (x + 166, y + 82))
    for words, wx, wy, kind in (
        ("expander", 10, 74, "small"), ("or GPIO", 10, 90, "small"), ("GND", 172, 82, "small"),
        ("No resistor: the expander,", 10, 142, "small faint"), ("or the Pi, pulls it up.", 10, 158, "small faint"),
    ):  # fmt: skip
        d.text(x + wx, y + wy, words, kind)


def _legend(d: Drawing, x: float, y: float, panel: PanelConfig, wired_buttons: bool) -> None:
    adcs = any(chip.kind.startswith("mcp3") for chip in panel.chips)
    spi = adcs or (panel.display is not None and panel.display.kind == "ssd1322")
    i2c = any(not chip.kind.startswith("mcp3") for chip in panel.chips)
    i2c = i2c or (panel.display is not None and panel.display.kind != "ssd1322")
    nets = [("3V3", "3.3 V: never 5 V on a signal"), ("GND", "ground")]
    nets += [("SDA", "I2C data (SDA)"), ("SCL", "I2C clock (SCL)")] if i2c else []
    nets += [("INT", "interrupt, open drain")] if panel.interrupt >= 0 else []
    miso = "SPI MISO, 10 kΩ to 3.3 V" if adcs else "SPI MISO"
    nets += [("MOSI", "SPI MOSI"), ("MISO", miso), ("SCLK", "SPI clock"), ("CE0", "SPI chip select")] if spi else []
    nets += [("encoder", "encoders")] if panel.encoders else []
    nets += [("button", "buttons")] if wired_buttons else []
    d.text(x + 8, y + 15, "Lines", "h2")
    for at, (net, words) in enumerate(nets):
        ly = y + 36 + 18 * at
        d.wire(net, (x + 8, ly), (x + 38, ly))
        d.text(x + 46, ly, words, "small")
