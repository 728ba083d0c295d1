"""What `pidesk run` runs on: a card of this machine, or the simulated one with something to hear on its inputs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drivers import cards
from drivers.card_config import CardConfig
from drivers.card_profile import CardProfile, default_folder, load_profiles
from drivers.errors import CardMissing
from drivers.mixer_controls import restore_state, set_controls
from dsp.arena import DeskSize
from firmware import leftovers, paths
from firmware.desk_config import DeskConfig
from firmware.errors import ConfigError, PideskError, UsageError, did_you_mean

SIMULATED = "simulated"


@dataclass
class Board:
    """A card ready to be opened. `frames`: how long what it plays is; None for a card that hears the world."""

    title: str
    card: CardConfig
    size: DeskSize
    frames: int | None = None
    environment: dict[str, str] | None = None
    report: Path | None = None
    warnings: list[str] = field(default_factory=list)
    scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def simulated(self) -> bool:
        """Whether there is no metal."""
        return self.environment is not None

    def close(self) -> None:
        """Remove what was made for this run."""
        if self.scratch is not None:
            self.scratch.cleanup()


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line; None is as configured."""

    board: str | None = None
    play: Path | None = None
    realtime: bool = False
    speed: float = 1.0
    seconds: float | None = None
    faults: str = ""


Told = Callable[[float], None]


def find(wish: Wish, desk: DeskConfig, progress: Told | None = None) -> Board:
    """The board that was asked for, else the configured card, else the one found here, else the simulated one.

    Raises CardMissing, CardRefused, ProfileError, SimulatorError, AudioFileError, ConfigError.
    """
    known = profiles()
    if wish.board == "":
        raise UsageError("--board needs a name: simulated, a card profile or a card's id (pidesk doctor lists them).")
    name = wish.board or ("" if desk.card == "auto" else desk.card)
    if name == SIMULATED or (not name and wish.play is not None):
        return simulated(wish, desk, known[SIMULATED], progress)
    wrong = ConfigError if wish.board is None else UsageError
    found = _named(name, known, wrong) if name else cards.match(known, cards.detect())
    if found is None and paths.is_appliance():  # at boot the card may still be on its way: the unit tries again
        raise CardMissing(
            "There is no sound card here; connect one, or name it in desk.toml as pidesk doctor shows it."
        )
    if found is None:
        return simulated(wish, desk, known[SIMULATED], progress)
    if wish.play is not None:
        raise UsageError("--play needs the simulated board: leave --board out, or add --board simulated.")
    return real(*found, desk)


def profiles() -> dict[str, CardProfile]:
    """The card profiles by key: those that come with Pidesk, then the user's own, which win. Raises ProfileError."""
    return load_profiles(default_folder(), paths.config_dir() / "cards")


def _named(name: str, known: dict[str, CardProfile], wrong: type[PideskError]) -> tuple[CardProfile, cards.CardPresent]:
    if name in known:
        profile = known[name]
        try:
            wait_s = profile.boot_wait_s if _boots() else 0.0
            return profile, cards.wait_for(lambda card: cards.fits(profile, card), wait_s)
        except CardMissing:
            there = ", ".join(card.card_id for card in cards.detect()) or "none"
            raise CardMissing(
                f'No sound card here fits "{name}" (cards here: {there}); check the cable or the overlay in config.txt.'
            ) from None
    present = cards.detect()
    for card in present:
        if card.card_id == name and (found := cards.match(known, [card])) is not None:
            return found
    names = [*known, *(card.card_id for card in present)]
    raise wrong(f'There is no board or card "{name}".{did_you_mean(name, names)} pidesk doctor lists the cards.')


def _boots() -> bool:
    return paths.is_appliance()


def real(profile: CardProfile, card: cards.CardPresent, desk: DeskConfig) -> Board:
    """A card of this machine, its mixer controls set."""
    config = cards.config_for(
        profile, card, rate_hz=desk.rate_hz, period_frames=desk.period_frames, periods=desk.periods
    )
    wrong = restore_state(profile.state_file, card.card_id) if profile.state_file else []
    wrong += set_controls(profile.control, f"hw:CARD={card.card_id}")
    size = desk.size(config.inputs, config.outputs)
    return Board(profile.title, config, size, warnings=[str(error) for error in wrong])


def simulated(wish: Wish, desk: DeskConfig, profile: CardProfile, progress: Told | None = None) -> Board:
    """The simulated card; it hears the band, or the sound files of a folder."""
    from drivers.simulated.card import SimulatedCard, build, environment, write_conf
    from firmware import stems

    library = build(paths.ensure(paths.cache_dir()))
    leftovers.clear_scratch(Path(tempfile.gettempdir()))
    scratch = tempfile.TemporaryDirectory(prefix=leftovers.scratch_prefix(os.getpid()))
    folder = Path(scratch.name)
    warnings: list[str] = []
    try:
        if wish.play is None:
            infile, frames = stems.band(desk.rate_hz, progress)
            title = "the simulated board, the band playing"
        else:
            infile, frames, channels = stems.folder(wish.play, desk.rate_hz, folder / "stems.s32", progress)
            if channels > stems.INPUTS:
                warnings.append(f"{wish.play} has {channels} channels; the first {stems.INPUTS} are played.")
            title = f"the simulated board, playing {wish.play}"
        card = SimulatedCard(
            rate_hz=desk.rate_hz,
            inputs=stems.INPUTS,
            outputs=stems.OUTPUTS,
            min_period_frames=profile.min_period_frames,
            pace="realtime" if wish.realtime else "virtual",
            speed=wish.speed,
            infile=infile,
            loop=wish.seconds is not None and wish.seconds * desk.rate_hz > frames,
            faults=wish.faults,
            report=folder / "card.json",
        )
        conf = write_conf(folder, [card], library)
        config = card.config(desk.period_frames, desk.periods)
        size = desk.size(config.inputs, config.outputs)
        return Board(title, config, size, frames, environment(conf), card.report, warnings, scratch)
    except BaseException:
        scratch.cleanup()
        raise
