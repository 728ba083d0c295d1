"""Which panel a run of the desk has: the configured one beside a card, a simulated one with hands beside the simulated
card.

Found before anything is made, so that what is wrong with a board or a script is told first; made when the engine is
starting already, so that the sound does not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import config
from drivers.errors import ScriptError
from drivers.simulated.script import Step, parse
from firmware import cli, files
from firmware.boards import Board
from firmware.desk_config import DeskConfig
from firmware.errors import ConfigError, FileError, OutputError
from firmware.surface import board_file, calibration, remembered
from firmware.surface.board_file import BoardFile
from firmware.surface.keys import KEYS, SHIFTED
from firmware.surface.settings import Settings

if TYPE_CHECKING:
    from drivers.simulated.hands import Hands
    from firmware.live import Desk
    from firmware.surface.attached import AttachedPanel
    from firmware.surface.film import Film

REFERENCE = "reference"
BAND = config.path("hands/band.txt")
"""What hands do on the reference panel while the band plays."""
FIRST_START = "The panel's first start here: levels go where the faders are."
MUTED = "The mains are muted: {how} Or: pidesk set main.lr.mute off."


@dataclass(frozen=True)
class Choice:
    """A panel that was found. `steps`: what hands play on a simulated one. `is_first`: no panel has been started here
    before. `opens`: then, how its hands open the mains, which are muted; empty: it cannot, and they are not."""

    board: BoardFile
    simulated: bool
    steps: tuple[Step, ...] = ()
    settings: Settings = field(default_factory=Settings)
    is_first: bool = False
    opens: str = ""


@dataclass
class Made:
    """A panel on its desk; a simulated one with hands and what they were shown."""

    panel: AttachedPanel
    hands: Hands | None = None
    film: Film | None = None

    def close(self) -> None:
        """Take the hands away and the panel from the desk."""
        if self.hands is not None:
            self.hands.close()
        self.panel.close()


def check(name: str | None, script: Path | None) -> None:
    """See beforehand whether a panel that was asked for can be had. Raises ConfigError, FileError or ScriptError."""
    if name is not None:
        board_file.find(name)
    if script is not None:
        simulated(name, script, plays=False)


def real(board: Board, desk: DeskConfig, name: str | None) -> Choice | None:
    """The panel beside a card of this machine: that of `name`, else the configured one, else none.

    Raises ConfigError for a named board that is wrong; a configured one that is wrong is told, and left out.
    """
    wanted = desk.board if name is None else name
    if not wanted:
        return None
    try:
        found = board_file.load(wanted, board.profile)
    except ConfigError as error:
        if name is not None:
            raise
        board.warnings.append(f"{error}\nThe desk runs without its panel.")
        return None
    settings, known, wrong = remembered.load()
    board.warnings += [*wrong, *board_file.cautions(found)]
    opens = "" if known else _opens(found)
    if not known:
        board.warnings.append(f"{FIRST_START} {MUTED.format(how=opens)}" if opens else FIRST_START)
    return Choice(found, simulated=False, settings=settings, is_first=not known, opens=opens)


def _opens(board: BoardFile) -> str:
    """How the hands on a board reach the mains' mute; empty where they do not."""
    buttons = {button.name for button in board.panel.buttons}
    if {"key.layer", "mute.1"} <= buttons:
        return "their key is MUTE 1 on layer Mains."
    return "select Main; on page GAIN, part Fader." if len(board.panel.encoders) > 1 else ""


def simulated(name: str | None, script: Path | None, *, plays: bool) -> Choice | None:
    """A simulated panel: that of `name`, else the reference. Hands play `script`, else where `plays` says so and there
    is no other panel the band's; without any of these there is none.

    Raises ConfigError, FileError, or ScriptError with all that is wrong.
    """
    if not (name or script or plays):
        return None
    found = board_file.load(name or REFERENCE)
    if script is None and found.key == REFERENCE and plays:
        script = BAND
    return Choice(found, simulated=True, steps=() if script is None else _steps(script, found))


def _steps(script: Path, board: BoardFile) -> tuple[Step, ...]:
    text = files.read_text(script, FileError)
    try:
        return parse(text, board.panel, _lettering())
    except ScriptError as error:
        raise ScriptError(f"{files.name_of(script)} is no script for this panel:\n{error}") from None


def _lettering() -> dict[str, str]:
    """What is written at the keys, as scripts may say it: "dyn" for the key dynamics, "clear" for SHIFT and solo."""
    plain = {key.word.lower(): role.removeprefix("key.") for role, key in KEYS.items() if role.startswith("key.")}
    shifted = {
        key.word.lower(): f"shift+{role.removeprefix('key.')}"
        for role, key in SHIFTED.items()
        if role.startswith("key.") and key.word
    }
    return shifted | plain


def make(choice: Choice, desk: Desk) -> Made:
    """The panel on its desk, not started yet."""
    from firmware.surface.attached import AttachedPanel
    from firmware.surface.setup import Setup

    panel = choice.board.panel
    if choice.simulated:
        from drivers.simulated.hands import Hands
        from drivers.simulated.panel import simulated_panel
        from firmware.surface.film import Film

        twin = simulated_panel(panel, wake=desk.wake)
        film = Film(twin.glass, lambda: twin.frames)
        twin.watch(film.take)
        setup = Setup.of(panel, settings=choice.settings)
        title = f"{choice.board.title}, simulated"
        attached = AttachedPanel(desk, twin, setup, title, tell=cli.complain)
        hands = Hands(choice.steps, twin.world, twin.plug) if choice.steps else None
        return Made(attached, hands, film)
    from drivers.panel import Panel

    ends, wrong = calibration.load(choice.board.key)
    for sentence in wrong:
        cli.complain(sentence)
    setup = Setup.of(panel, ends, adopt=choice.is_first, settings=choice.settings)
    driven = Panel(panel, wake=desk.wake)
    return Made(
        AttachedPanel(
            desk,
            driven,
            setup,
            choice.board.title,
            asks=f"First start: mains are muted; {choice.opens}" if choice.opens else "",
            tell=cli.complain,
            keep=remembered.save,
        )
    )


def remember(choice: Choice) -> None:
    """Note that a panel has been started here."""
    if choice.is_first and not choice.simulated:
        try:
            remembered.save(choice.settings)
        except OutputError as error:
            cli.complain(str(error))
