"""Board files: which control hangs on which pin of which chip, as TOML in config/boards or the user's own folder.

A section names roles, alone or as a range, and where they hang, in the same order:

    [chips]
    adc1 = "ads1115 0x48"
    [faders]
    1-4 = "adc1.0-3"

`docs/boards.md` tells the whole language. A file may be `like` another one: then a section that it has stands in place
of the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config
from drivers.card_profile import CardProfile
from drivers.panel_config import SPI_CHIPS, PanelConfig
from firmware import files, paths, toml_lines
from firmware.errors import ConfigError, did_you_mean
from firmware.params import quoted
from firmware.surface import budget, chips
from firmware.surface.board_chips import Chips
from firmware.surface.board_controls import CARD_BUTTON, SECTIONS, Controls
from firmware.surface.board_source import Source
from firmware.surface.header import I2C_LINES
from firmware.surface.roles import BUTTONS as BUTTON_ROLES

FOLDER = "boards"
_KNOWN = ("title", "like", "card", "i2c_hz", "interrupt", "buses", "chips", "display", *SECTIONS)


@dataclass(frozen=True)
class BoardFile:
    """A board as its file describes it, checked. `buses`: SDA and SCL of each I2C bus. `own_button`: the control
    that is the card's own button; empty: none is. `card`: the profile of the card it is made for; empty: any."""

    key: str
    title: str
    panel: PanelConfig
    buses: Mapping[int, tuple[int, int]] = field(default_factory=lambda: dict(I2C_LINES))
    own_button: str = ""
    card: str = ""


def names() -> list[str]:
    """The boards that come with Pidesk and the user's own, by name."""
    return sorted({*shipped(), *(path.stem for path in _own_folder().glob("*.toml"))})


def shipped() -> list[str]:
    """The boards that come with Pidesk."""
    return config.names(FOLDER)


def path_of(name: str) -> Path:
    """The file of a board: the user's own where there is one of that name. Raises ConfigError."""
    if name not in names():
        raise ConfigError(f"There is no board {quoted(name)}: {', '.join(names())}.{did_you_mean(name, names())}")
    own = _own_folder() / f"{name}.toml"
    return own if own.exists() else config.path(f"{FOLDER}/{name}.toml")


def find(name: str) -> Path:
    """The file of a board that a person named: by its name, or as a file that ends in .toml. Raises ConfigError."""
    return Path(name) if name.endswith(".toml") else path_of(name)


def cautions(board: BoardFile) -> list[str]:
    """What is allowed and not wise, a sentence each."""
    panel = board.panel
    on_spi = {chip.name for chip in panel.chips if chip.kind in SPI_CHIPS}
    is_measured = panel.supply is not None and panel.supply.chip in on_spi
    if is_measured or not on_spi & {fader.chip for fader in panel.faders}:
        return []
    what = "no channel of its SPI converters measures the pots' 3.3 V: one that is gone may look like faders at 0"
    return [f"Board {board.key}: {what}. Give one to supply, and wire 10 kΩ from MISO to 3.3 V."]


def load(name: str | Path, card: CardProfile | None = None) -> BoardFile:
    """A board by its name or file (as `find` has it), checked against itself and, where one is given, the card it is
    used with.

    Raises ConfigError with all that is wrong, each with its file, line and remedy.
    """
    path = name if isinstance(name, Path) else find(name)
    source = Source(*_read(path))
    like = source.text("like")
    if like:
        _add_base(source, like, path)
    source.unknown(_KNOWN)
    stands = Chips(source)
    hands = Controls(source, stands.kinds, card)
    panel = PanelConfig(
        chips=stands.chips,
        faders=hands.faders,
        supply=hands.supply,
        encoders=hands.encoders,
        buttons=hands.buttons,
        lights=hands.lights,
        display=stands.display,
        interrupt=stands.interrupt,
        i2c_hz=stands.i2c_hz,
    )
    _check_faders(source)
    _check_clashes(source, panel, card, stands.buses, hands.own_button)
    title = source.text("title") or path.stem
    made_for = source.text("card")
    source.done()
    return BoardFile(path.stem, title, panel, stands.buses, hands.own_button, made_for)


def _check_faders(source: Source) -> None:
    """A board without faders is a mistake where it does not say so."""
    given = source.value("faders")
    if given is None or (isinstance(given, dict) and not given.keys() - {"supply"}):
        text = "there are no faders; write [faders], or faders = false where there are to be none."
        source.wrong(("faders",) if source.has("faders") else (), text)


def _check_clashes(
    source: Source, panel: PanelConfig, card: CardProfile | None, buses: budget.Buses, own_button: str
) -> None:
    """Whatever two of the panel, or the panel and the card, both want."""
    for clash in budget.clashes(panel, card, buses, own_button):
        source.wrong(source.at[clash.second.name], f"{clash}; {_remedy(clash, panel, card, buses)}.")


def _remedy(clash: budget.Clash, panel: PanelConfig, card: CardProfile | None, buses: budget.Buses) -> str:
    what, name = clash.second.what, clash.second.name
    if what.startswith("GPIO "):
        if card is not None and not clash.first.name and what == budget.line(card.button_gpio) and name in BUTTON_ROLES:
            return f'as the card\'s own button it is written "{CARD_BUTTON}"'
        taken = {*budget.lines_of(panel, buses), *I2C_LINES[1]}
        free = [str(number) for number in budget.free_lines(card) if number not in taken]
        return f"free are {', '.join(free)}" if free else "no other line is free"
    if what.startswith("address "):
        free = _free_addresses(name, panel, card, buses)
        return f"set {name} to {' or '.join(free)}" if free else "it has no other that is free"
    if what.startswith("SPI"):
        return "use chips on I2C with this card"
    return "give each its own"


def _free_addresses(name: str, panel: PanelConfig, card: CardProfile | None, buses: budget.Buses) -> list[str]:
    """What else a chip of the panel could be set to on its bus."""
    display = panel.display
    found = {chip.name: (chip.kind, chip.bus) for chip in panel.chips}
    if display is not None:
        found["display"] = (display.kind, display.bus)
    kind, bus = found[name]
    taken = {use.what for use in (*budget.panel_uses(panel, buses), *budget.card_uses(card))}
    every = chips.FACTS[kind].addresses
    return [chips.address_text(kind, one) for one in every if budget.address(bus, one) not in taken]


def _own_folder() -> Path:
    return paths.config_dir() / FOLDER


def _read(path: Path) -> tuple[str, dict[str, Any], dict[toml_lines.Keys, int]]:
    table, lines = toml_lines.load(path, ConfigError)
    return files.name_of(path), table, lines


def _add_base(source: Source, like: str, path: Path) -> None:
    """Add the sections of the board that this one is like. A name that is its own means the one that is shipped."""
    shipped = config.path(f"{FOLDER}/{like}.toml")
    try:
        base = path_of(like)
    except ConfigError as error:
        source.wrong(("like",), str(error))
        return
    if base.resolve() == path.resolve():
        base = shipped
    if not base.exists() or base.resolve() == path.resolve():
        source.wrong(("like",), "a board cannot be like itself; name another one.")
        return
    name, table, lines = _read(base)
    if "like" in table:
        source.wrong(("like",), f"{like} is like another board itself; name that one: {quoted(table['like'])}.")
    source.add_base(name, {key: value for key, value in table.items() if key != "like"}, lines)
