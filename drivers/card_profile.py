"""Card profiles: what one kind of sound card is, needs and owns, as TOML in config/cards."""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

from drivers.card_config import MAX_CHANNELS, PERIOD_FRAMES, RATES_HZ, SAMPLE_BYTES
from drivers.errors import ProfileError
from drivers.mixer_controls import Control

KINDS = ("i2s", "usb", "simulated")
GPIO_LINES = 28  # BCM numbers 0 to 27 are on the header


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """One kind of card. Everything here is checked by load_profiles()."""

    key: str
    """The file's name without .toml."""
    title: str
    kind: str
    """i2s, usb or simulated."""
    overlay: str = ""
    """What config.txt says after dtoverlay=; empty where none is needed."""
    card_ids: tuple[str, ...] = ()
    """ALSA card ids, as in /proc/asound/card*/id, any of them; never numbers, which change from boot to boot."""
    card_names: tuple[str, ...] = ()
    """Where several cards share an id: the names in /proc/asound/cards, any of them."""
    pcm: str = ""
    """ALSA device name, where it is not hw:CARD=<id>,DEV=<device>."""
    device: int = 0
    inputs: int = 0
    """0: as many as the device itself has."""
    outputs: int = 0
    capture_formats: tuple[str, ...] = ("S32_LE",)
    """Best first."""
    playback_formats: tuple[str, ...] = ("S32_LE",)
    rates_hz: tuple[int, ...] = (48_000,)
    """The first is the default."""
    min_period_frames: int = 32
    word_clocked: bool = False
    reopen_after_xrun: bool = False
    """True for a card that may change the order of its channels when a stopped stream starts again."""
    boot_wait_s: float = 15.0
    """How long to wait for it at boot."""
    state_file: str = ""
    """For alsactl restore, where the card's controls are too many to name."""
    i2c: tuple[int, ...] = ()
    """I2C addresses the card's own chips answer to."""
    gpio: tuple[int, ...] = ()
    """GPIO lines (BCM numbers) the card uses."""
    button_gpio: int = -1
    """The one of them that its own button pulls to ground; −1 where it has none."""
    spi: tuple[str, ...] = ()
    """SPI buses the card uses: SPI0 or SPI1."""
    quirks: tuple[str, ...] = ()
    """Plain sentences for the manual and `pidesk doctor`."""
    control: tuple[Control, ...] = ()
    """Mixer controls that must be set."""


def default_folder() -> Path:
    """The profiles that come with Pidesk."""
    return Path(str(resources.files("config"))) / "cards"


def load_profiles(*folders: Path) -> dict[str, CardProfile]:
    """Every profile in these folders (the shipped ones when none is given), by key; a later folder wins.

    Raises ProfileError with every fault of every file, each with its file and key.
    """
    found: dict[str, CardProfile] = {}
    faults: list[str] = []
    for folder in folders or (default_folder(),):
        for path in sorted(folder.glob("*.toml")):
            profile, wrong = _load(path)
            faults += wrong
            if profile:
                found[profile.key] = profile
    if faults:
        raise ProfileError("The card profiles are wrong:\n  " + "\n  ".join(faults))
    return found


def _load(path: Path) -> tuple[CardProfile | None, list[str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, [f"{path}: {error}"]
    faults: list[str] = []
    controls: list[Control] = []
    for number, entry in enumerate(table.pop("control", []), 1):
        where = f"control {number}"
        values, wrong = _typed(Control, entry if isinstance(entry, dict) else {}, where)
        faults += wrong
        if not wrong and len(values) < 2:
            faults.append(f"{where}: says nothing to set")
        elif not wrong:
            controls.append(Control(**values))
    values, wrong = _typed(CardProfile, {"key": path.stem, **table}, "")
    faults += wrong
    if faults:
        return None, [f"{path}: {fault}" for fault in faults]
    profile = CardProfile(**values, control=tuple(controls))
    return profile, [f"{path}: {fault}" for fault in _check(profile)]


def _typed(kind: type[Any], table: dict[str, Any], where: str) -> tuple[dict[str, Any], list[str]]:
    """Values of a table for a dataclass: arrays as tuples, whole numbers for floats; and what does not fit."""
    hints = typing.get_type_hints(kind)
    hints.pop("control", None)
    needed = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    prefix = f"{where}: " if where else ""
    values: dict[str, Any] = {}
    faults = [f"{prefix}{name} is missing" for name in sorted(needed - table.keys())]
    for name, value in table.items():
        if name not in hints:
            near = difflib.get_close_matches(name, hints, 1)
            faults.append(f"{prefix}unknown key {name}" + (f", did you mean {near[0]}?" if near else ""))
            continue
        fitted = _fit(value, hints[name])
        if fitted is None:
            faults.append(f"{prefix}{name} = {value!r} is not {_wanted(hints[name])}")
        else:
            values[name] = fitted
    return values, faults


def _fit(value: Any, hint: Any) -> Any:
    """The value as the type wants it, or None."""
    if isinstance(hint, types.UnionType):
        hint = next(arm for arm in typing.get_args(hint) if arm is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        given = value if isinstance(value, list) else [value]
        fitted = [_fit(one, item) for one in given]
        return None if None in fitted else tuple(fitted)
    if hint is float and type(value) in (int, float):
        return float(value)
    return value if type(value) is hint else None


def _wanted(hint: Any) -> str:
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    if isinstance(hint, types.UnionType):
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is tuple:
        return f"an array, each item {names[typing.get_args(hint)[0]]}"
    return names[hint]


def _outside(name: str, values: Iterable[float], low: float, high: float) -> list[str]:
    return [f"{name} = {value} is not {low} to {high}" for value in values if not low <= value <= high]


def _unknown(name: str, values: Iterable[str], known: Iterable[str]) -> list[str]:
    return [f"{name} = {value!r} is none of {', '.join(known)}" for value in values if value not in known]


def _check(profile: CardProfile) -> list[str]:
    p = profile
    faults = _unknown("kind", [p.kind], KINDS) + _unknown("spi", p.spi, ("SPI0", "SPI1"))
    for name, formats in (("capture_formats", p.capture_formats), ("playback_formats", p.playback_formats)):
        faults += _unknown(name, formats, SAMPLE_BYTES) if formats else [f"{name} is empty"]
    faults += _outside("rates_hz", p.rates_hz, *RATES_HZ) if p.rates_hz else ["rates_hz is empty"]
    faults += _outside("inputs", [p.inputs], 0, MAX_CHANNELS) + _outside("outputs", [p.outputs], 0, MAX_CHANNELS)
    faults += _outside("min_period_frames", [p.min_period_frames], *PERIOD_FRAMES)
    faults += _outside("boot_wait_s", [p.boot_wait_s], 0, 120) + _outside("device", [p.device], 0, 31)
    faults += _outside("i2c", p.i2c, 0x08, 0x77) + _outside("gpio", p.gpio, 0, GPIO_LINES - 1)
    faults += _outside("button_gpio", [p.button_gpio], -1, GPIO_LINES - 1)
    if p.kind == "i2s":
        faults += _missing(p, ("overlay", "card_ids"), "an i2s card needs it")
    if p.kind != "usb":
        faults += _missing(p, ("inputs", "outputs"), "only a USB card tells its own")
    if p.kind == "simulated":
        faults += _missing(p, ("pcm",), "a simulated card is found by it")
    return faults


def _missing(profile: CardProfile, names: tuple[str, ...], why: str) -> list[str]:
    return [f"{name} is missing ({why})" for name in names if not getattr(profile, name)]
