"""What `pidesk run` runs on: a card of this machine, or the simulated one with something to hear on its inputs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from drivers import cards
from drivers.card_config import CardConfig
from drivers.card_profile import CardProfile, default_folder, load_profiles
from drivers.errors import CardMissing
from drivers.mixer_controls import restore_state, set_controls
from dsp.size import DeskSize
from firmware import leftovers, paths
from firmware.desk_config import DeskConfig
from firmware.desk_model import DeskModel
from firmware.errors import AudioFileError, ConfigError, PideskError, UsageError, did_you_mean
from firmware.params import Value
from firmware.playback import Plan, folder_of, plan

SIMULATED = "simulated"
PRACTICE_INPUTS = 2  # of the simulated card while stems are played: as of a small card


@dataclass
class Board:
    """A card ready to be opened. `frames`: how long what it plays is; None for a card that hears the world. `profile`:
    of a card of this machine. `is_band`: the band plays."""

    title: str
    card: CardConfig
    size: DeskSize
    frames: int | None = None
    environment: dict[str, str] | None = None
    report: Path | None = None
    warnings: list[str] = field(default_factory=list)
    scratch: tempfile.TemporaryDirectory[str] | None = None
    plan: Plan = field(default_factory=Plan)
    profile: CardProfile | None = None
    is_band: bool = False

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
    play: str | None = None
    hear: Path | None = None
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
    if name == SIMULATED or (not name and wish.hear is not None):
        return simulated(wish, desk, known[SIMULATED], progress)
    wrong = ConfigError if wish.board is None else UsageError
    found = _named(name, known, wrong) if name else cards.match(known, cards.detect())
    if found is None and paths.is_appliance():  # at boot the card may still be on its way: the unit tries again
        raise CardMissing(
            "There is no sound card here; connect one, or name it in desk.toml as pidesk doctor shows it."
        )
    if found is None:
        return simulated(wish, desk, known[SIMULATED], progress)
    if wish.hear is not None:
        raise UsageError("--hear needs the simulated board: leave --board out, or add --board simulated.")
    return real(*found, desk, wish.play)


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


def model(board: Board, desk: DeskConfig) -> DeskModel:
    """The desk of a board at its defaults: the configured one, with the band's names where it plays, the stems' names
    and sources where some are played."""
    stems = board.plan
    strips = {**stems.silent(board.size.channels), **_band_names(board), **desk.strips, **stems.defaults()}
    return replace(desk, stereo=(*desk.stereo, *stems.stereo), strips=strips).model(board.size)


def _band_names(board: Board) -> dict[str, Value]:
    if not board.is_band:
        return {}
    from firmware import band

    return {f"channel.{n}.name": name for n, name in enumerate(band.NAMES, 1) if n <= board.size.channels}


def planned(given: str, desk: DeskConfig, inputs: int) -> Plan:
    """Where the stems that are to be played land, behind the channels that have an input; nowhere without any."""
    if not given:
        return Plan()
    return plan(folder_of(given), min(inputs, desk.channels) + 1, desk.channels, desk.stereo)


def _planned_today(play: str | None, desk: DeskConfig, inputs: int, warnings: list[str]) -> Plan:
    """As `planned`, of what was asked for or, where that is None, of what is configured."""
    try:
        return planned(desk.play if play is None else play, desk, inputs)
    except AudioFileError as error:
        if play is not None:
            raise
        # As configured, and not there today: that is no reason to be silent.
        warnings.append(f"{error} The desk runs without stems.")
        return Plan()


def sized(desk: DeskConfig, inputs: int, outputs: int, stems: Plan) -> DeskSize:
    """The desk on a card with so many inputs and outputs, with the playback channels that the stems need."""
    plays = desk.plays if desk.plays is not None else stems.plays
    return replace(desk, plays=max(plays, stems.plays)).size(inputs, outputs)


def real(profile: CardProfile, card: cards.CardPresent, desk: DeskConfig, play: str | None = None) -> Board:
    """A card of this machine, its mixer controls set."""
    config = cards.config_for(
        profile, card, rate_hz=desk.rate_hz, period_frames=desk.period_frames, periods=desk.periods
    )
    wrong = restore_state(profile.state_file, card.card_id) if profile.state_file else []
    wrong += set_controls(profile.control, f"hw:CARD={card.card_id}")
    warnings = [str(error) for error in wrong]
    stems = _planned_today(play, desk, config.inputs, warnings)
    size = sized(desk, config.inputs, config.outputs, stems)
    warnings += stems.warnings(desk.channels)
    return Board(profile.title, config, size, warnings=warnings, plan=stems, profile=profile)


def take_frames(stems: Plan, desk: DeskConfig) -> int:
    """How long the longest of the stems is at the desk's rate."""
    from firmware import audio_files

    infos = [audio_files.probe(one.file) for one in stems.landings]
    return max(-(-info.frames * desk.rate_hz // info.rate_hz) for info in infos)


def simulated(wish: Wish, desk: DeskConfig, profile: CardProfile, progress: Told | None = None) -> Board:
    """The simulated card; it hears the band, or the sound files of a folder, or nothing while stems are played."""
    from drivers.simulated.card import SimulatedCard, build, environment, write_conf
    from firmware import stems

    library = build(paths.ensure(paths.cache_dir()))
    leftovers.clear_scratch(Path(tempfile.gettempdir()))
    scratch = tempfile.TemporaryDirectory(prefix=leftovers.scratch_prefix(os.getpid()))
    folder = Path(scratch.name)
    warnings: list[str] = []
    try:
        play = wish.play
        if play is None and wish.hear is not None and desk.play:
            play = ""
            warnings.append("With --hear the stems that desk.toml names are not played; --play names some beside it.")
        played, inputs, loop = _planned_today(play, desk, PRACTICE_INPUTS, warnings), stems.INPUTS, False
        if wish.hear is not None:
            infile, frames, channels = stems.folder(wish.hear, desk.rate_hz, folder / "stems.s32", progress)
            warnings += stems.no_files(wish.hear)
            if channels > stems.INPUTS:
                warnings.append(f"{wish.hear} has {channels} channels; the first {stems.INPUTS} are heard.")
            title = f"the simulated board, hearing {wish.hear}"
        elif played.landings:
            infile, frames, loop = (
                stems.silence(folder / "silence.s32", PRACTICE_INPUTS),
                take_frames(played, desk),
                True,
            )
            title, inputs = f"the simulated board, playing {played.landings[0].file.parent}", PRACTICE_INPUTS
        else:
            infile, frames = stems.band(desk.rate_hz, progress)
            title = "the simulated board, the band playing"
        card = SimulatedCard(
            rate_hz=desk.rate_hz,
            inputs=inputs,
            outputs=stems.OUTPUTS,
            min_period_frames=profile.min_period_frames,
            pace="realtime" if wish.realtime else "virtual",
            speed=wish.speed,
            infile=infile,
            loop=loop or (wish.seconds is not None and wish.seconds * desk.rate_hz > frames),
            faults=wish.faults,
            report=folder / "card.json",
        )
        conf = write_conf(folder, [card], library)
        config = card.config(desk.period_frames, desk.periods)
        size = sized(desk, config.inputs, config.outputs, played)
        warnings += played.warnings(desk.channels)
        is_band = wish.hear is None and not wish.play
        return Board(
            title, config, size, frames, environment(conf), card.report, warnings, scratch, played, is_band=is_band
        )
    except BaseException:
        scratch.cleanup()
        raise
