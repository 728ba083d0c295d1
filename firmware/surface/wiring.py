"""How a board is wired, for a person: each control with the pin or channel it hangs on, each chip with its address."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.panel_config import SPI_CHIPS, Light, PanelConfig
from firmware.surface import chips
from firmware.surface.board_file import BoardFile
from firmware.surface.header import SPI_LINES, told

_WORDS = {"key": "key {}", "light.select": "light of select {}", "light.mute": "light of mute {}"}
_WORDS |= {"light.meter": "meter {}", "light.key": "light of key {}"}


def spoken(name: str) -> str:
    """A control's name as people say it: "fader 3", "main fader", "key EQ", "light of mute 2"."""
    if name == "fader.main":
        return "main fader"
    if name == "supply":
        return "the pots' 3.3 V"
    kind, _, which = name.rpartition(".")
    which = which.upper() if kind.endswith("key") else which
    return _WORDS.get(kind, f"{kind} {{}}").format(which)


def rows(board: BoardFile) -> Iterator[tuple[str, str]]:
    """Each control and where it hangs, in the order of the panel."""
    panel = board.panel
    kinds = {chip.name: chip.kind for chip in panel.chips}
    for wiper in (*panel.faders, *((panel.supply,) if panel.supply is not None else ())):
        yield spoken(wiper.name), f"{wiper.chip} {chips.place_name(kinds[wiper.chip], wiper.channel)}"
    if any(kind in SPI_CHIPS for kind in kinds.values()):
        yield "10 kΩ to 3.3 V", f"MISO, {told(SPI_LINES['MISO'])}"
    for encoder in panel.encoders:
        yield spoken(encoder.name), f"A {told(encoder.a)}, B {told(encoder.b)}"
    for button in panel.buttons:
        where = f"{button.chip} {chips.place_name('mcp23017', button.pin)}" if button.chip else told(button.pin)
        yield spoken(button.name), "the card's own button" if button.name == board.own_button else where
    if panel.interrupt >= 0:
        yield "interrupt of the expanders", told(panel.interrupt)
    for lights in gathered(panel.lights):
        yield lights_text(lights), f"{lights[0].chip} {places_text(lights)}"


def gathered(lights: tuple[Light, ...]) -> list[list[Light]]:
    """Lights of one kind and chip that follow each other, together."""
    groups: list[list[Light]] = []
    for light in sorted(lights, key=lambda one: (one.chip, one.place)):
        last = groups[-1][-1] if groups else None
        follows = (
            last is not None
            and (last.chip, last.place + last.steps, last.steps) == (light.chip, light.place, light.steps)
            and _series(last.name) == _series(light.name)
        )
        if follows:
            groups[-1].append(light)
        else:
            groups.append([light])
    return groups


def _series(name: str) -> tuple[str, bool]:
    kind, _, which = name.rpartition(".")
    return kind, which.isdigit()


def lights_text(lights: list[Light]) -> str:
    """What some lights that belong together are: "light of mute 1 to 8", "meter 1 to 8, 8 steps each"."""
    first, last = lights[0], lights[-1]
    text = spoken(first.name) + (f" to {last.name.rpartition('.')[2]}" if len(lights) > 1 else "")
    return f"{text}, {first.steps} steps{' each' if len(lights) > 1 else ''}" if first.steps > 1 else text


def places_text(lights: list[Light]) -> str:
    """The places of some lights that follow each other: "16–23"."""
    low, high = lights[0].place, lights[-1].place + lights[-1].steps - 1
    return str(low) if low == high else f"{low}–{high}"


def chip_rows(panel: PanelConfig) -> Iterator[tuple[str, str, str, str]]:
    """Each chip by its name: what it is, its address, how that is set."""
    parts = [(chip.name, chip.kind, chip.bus, chip.address) for chip in panel.chips]
    if panel.display is not None:
        parts.append(("display", panel.display.kind, panel.display.bus, panel.display.address))
    for name, kind, bus, address in parts:
        facts = chips.FACTS[kind]
        where = chips.address_text(kind, address) + (f" on I2C bus {bus}" if chips.on_i2c(kind) and bus != 1 else "")
        yield name, f"{facts.title}, {facts.job}", where, facts.strap(address)


def text(board: BoardFile) -> str:
    """Both tables for a terminal."""
    tables: tuple[list[tuple[str, ...]], ...] = (list(chip_rows(board.panel)), list(rows(board)))
    return "\n\n".join(_columns(table) for table in tables if table)


def _columns(table: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in table)


def markdown(board: BoardFile) -> str:
    """Both tables for a page."""
    lines = ["| chip | what it is | address | set by |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in chip_rows(board.panel)]
    lines += ["", "| control | hangs on |", "|---|---|"]
    lines += [f"| {control} | {place} |" for control, place in rows(board)]
    return "\n".join(lines) + "\n"
