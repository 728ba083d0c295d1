"""What a panel and a card take of a Pi: lines, addresses, channels; and what both want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drivers.card_profile import CardProfile
from drivers.panel_config import ADC_CHANNELS, PanelConfig
from firmware.surface import chips
from firmware.surface.header import I2C_LINES, ID_EEPROM, LINES, SPI_LINES

Buses = Mapping[int, tuple[int, int]]
"""SDA and SCL of each I2C bus."""


@dataclass(frozen=True, slots=True)
class Use:
    """`what` ("GPIO 17", "address 0x48 on I2C bus 1") is taken by `by`. `name` is the part of the panel that takes it,
    as its board calls it; empty where it is the card's. Uses by the same `by` share what they take."""

    what: str
    by: str
    name: str = ""


def line(number: int) -> str:
    """How uses name a GPIO line."""
    return f"GPIO {number}"


def address(bus: int, number: int) -> str:
    """How uses name an I2C address."""
    return f"address 0x{number:02X} on I2C bus {bus}"


def panel_uses(panel: PanelConfig, buses: Buses = I2C_LINES) -> Iterator[Use]:
    """All that a panel takes."""
    parts = [(chip.name, chip.kind, chip.bus, chip.address) for chip in panel.chips]
    if panel.display is not None:
        parts.append(("display", panel.display.kind, panel.display.bus, panel.display.address))
    for name, kind, bus, number in parts:
        if chips.on_i2c(kind):
            yield Use(address(bus, number), name, name)
            yield from (Use(line(n), f"I2C bus {bus}", name) for n in buses.get(bus, ()))
        else:
            yield Use(f"chip select {number} of SPI{bus}", name, name)
            # dtparam=spi=on takes both selects, used or not.
            yield from (Use(line(n), f"SPI{bus}", name) for n in SPI_LINES.values())
    if panel.display is not None:
        for word, number in (("D/C", panel.display.dc), ("reset", panel.display.reset)):
            if number >= 0:
                yield Use(line(number), f"the display's {word}", "display")
    if panel.interrupt >= 0:
        yield Use(line(panel.interrupt), "interrupt", "interrupt")
    for encoder in panel.encoders:
        yield Use(line(encoder.a), f"{encoder.name} (A)", encoder.name)
        yield Use(line(encoder.b), f"{encoder.name} (B)", encoder.name)
    yield from _places(panel)


def _places(panel: PanelConfig) -> Iterator[Use]:
    kinds = {chip.name: chip.kind for chip in panel.chips}

    def place(chip: str, number: int) -> str:
        kind = kinds[chip]
        what = "channel" if kind in ADC_CHANNELS else "pin" if kind == "mcp23017" else "place"
        return f"{what} {chips.place_name(kind, number)} of {chip}"

    for wiper in (*panel.faders, *((panel.supply,) if panel.supply else ())):
        yield Use(place(wiper.chip, wiper.channel), wiper.name, wiper.name)
    for button in panel.buttons:
        yield Use(place(button.chip, button.pin) if button.chip else line(button.pin), button.name, button.name)
    for light in panel.lights:
        yield from (Use(place(light.chip, light.place + step), light.name, light.name) for step in range(light.steps))


def card_uses(card: CardProfile | None) -> Iterator[Use]:
    """All that a card takes beside a panel, and what no panel may take on any Pi."""
    yield from (Use(line(number), "the ID EEPROM") for number in ID_EEPROM)
    if card is None:
        return
    for number in card.gpio:
        on_bus = number in I2C_LINES[1]
        on_spi = "SPI0" in card.spi and number in SPI_LINES.values()
        yield Use(line(number), "I2C bus 1" if on_bus else "SPI0" if on_spi else _the(card))
    yield from (Use(address(1, number), _the(card)) for number in card.i2c)


def _the(card: CardProfile) -> str:
    return f"the card {card.title}"


@dataclass(frozen=True, slots=True)
class Clash:
    """Two want the same; the second is of the panel, and came later."""

    first: Use
    second: Use

    def __str__(self) -> str:
        return f"{self.second.what} is taken by {self.first.by} and by {self.second.by}"


def clashes(
    panel: PanelConfig, card: CardProfile | None = None, buses: Buses = I2C_LINES, own_button: str = ""
) -> list[Clash]:
    """All that is taken twice, in the order of the panel's parts. `own_button`: the control that is the card's own
    button, and so may hang on the card's line."""
    taken = {use.what: use for use in card_uses(card)}
    if card is not None and own_button:
        taken.pop(line(card.button_gpio), None)
    found: list[Clash] = []
    for use in panel_uses(panel, buses):
        first = taken.setdefault(use.what, use)
        if first.by != use.by:
            found.append(Clash(first, use))
    parts = [(chip.name, chip.kind, chip.bus) for chip in panel.chips]
    parts += [("display", panel.display.kind, panel.display.bus)] if panel.display is not None else []
    for name, kind, bus in parts:
        if card is not None and not chips.on_i2c(kind) and f"SPI{bus}" in card.spi:
            found.append(Clash(Use(f"SPI{bus}", _the(card)), Use(f"SPI{bus}", name, name)))
    return found


def lines_of(panel: PanelConfig, buses: Buses = I2C_LINES) -> list[int]:
    """The GPIO lines a panel takes, in order."""
    taken = {use.what for use in panel_uses(panel, buses)}
    return [number for number in range(LINES) if line(number) in taken]


def free_lines(card: CardProfile | None) -> list[int]:
    """The GPIO lines a card leaves to a panel; 2 and 3 count as free, being I2C bus 1."""
    taken = {use.what for use in card_uses(card) if use.by != "I2C bus 1"}
    return [number for number in range(LINES) if line(number) not in taken]


def addresses_of(panel: PanelConfig) -> list[str]:
    """The addresses a panel takes as its board file writes them, bus by bus."""
    display = panel.display
    parts = [(chip.bus, chip.kind, chip.address) for chip in panel.chips]
    parts += [(display.bus, display.kind, display.address)] if display is not None else []
    return [
        ("" if bus < 2 else f"i2c{bus} ") + chips.address_text(kind, number)
        for bus, kind, number in sorted(parts, key=lambda part: (not chips.on_i2c(part[1]), part[0], part[2]))
    ]
