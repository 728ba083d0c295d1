"""Which sound cards are there, which profile each one fits, and waiting for one at boot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drivers.card_config import CardConfig
from drivers.card_profile import CardProfile
from drivers.errors import CardMissing, CardRefused
from drivers.usb_streams import best_stream, read_streams

ASOUND = Path("/proc/asound")
LOOK_S = 0.2  # between two looks for a card that is not there yet


@dataclass(frozen=True, slots=True)
class CardPresent:
    """One card of the running kernel."""

    number: int
    """For messages only: numbers change from boot to boot."""
    card_id: str
    """Stable, as in /proc/asound/card*/id."""
    name: str
    """As in /proc/asound/cards, e.g. snd_rpi_hifiberry_dacplusadcpro."""
    usb: bool
    playback: bool
    capture: bool
    folder: Path


def detect(asound: Path = ASOUND) -> list[CardPresent]:
    """The cards that are there, by number; an empty list without any, or without ALSA."""
    try:
        text = (asound / "cards").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for match in re.finditer(r"^\s*(\d+) \[(.{15})\]: (.*?) - (.*)$", text, re.MULTILINE):
        folder = asound / f"card{match[1]}"
        try:
            card_id = (folder / "id").read_text(encoding="utf-8").strip()
        except OSError:
            card_id = match[2].strip()  # gone between the two looks: what the list said
        found.append(
            CardPresent(
                number=int(match[1]),
                card_id=card_id,
                name=match[4].strip(),
                usb=(folder / "usbid").exists(),
                playback=any(folder.glob("pcm*p")),
                capture=any(folder.glob("pcm*c")),
                folder=folder,
            )
        )
    return found


def fits(profile: CardProfile, card: CardPresent) -> bool:
    """True if this card is of that kind: by id, by name where several kinds share one, and full duplex."""
    if profile.kind == "simulated" or card.usb != (profile.kind == "usb"):
        return False
    by_id = not profile.card_ids or any(re.fullmatch(rf"{re.escape(i)}(_\d+)?", card.card_id) for i in profile.card_ids)
    by_name = not profile.card_names or card.name in profile.card_names
    return by_id and by_name and card.playback and card.capture


def match(profiles: Mapping[str, CardProfile], cards: Iterable[CardPresent]) -> tuple[CardProfile, CardPresent] | None:
    """The card to use and its profile: a HAT before a USB card, a named kind before a generic one; None without any."""
    pairs = [(profile, card) for card in cards for profile in profiles.values() if fits(profile, card)]
    pairs.sort(key=lambda pair: (pair[0].kind == "usb", not pair[0].card_ids, pair[1].number))
    return pairs[0] if pairs else None


def wait_for(
    wanted: Callable[[CardPresent], bool] | str,
    timeout_s: float,
    *,
    asound: Path = ASOUND,
    tick: Callable[[], object] = lambda: None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> CardPresent:
    """The card of that id (or the first that `wanted` says yes to) as soon as it is there.

    At boot a service is often ready before a USB card, or a codec that sleeps a second, has come up. tick: called at
    each look, every 0.2 s. Raises CardMissing, with the cards that are there, after timeout_s.
    """
    wish = wanted if callable(wanted) else lambda card: card.card_id == wanted
    end = clock() + timeout_s
    while True:
        cards = detect(asound)
        for card in cards:
            if wish(card):
                return card
        tick()
        if clock() >= end:
            break
        sleep(LOOK_S)
    asked = "that fits" if callable(wanted) else wanted
    there = ", ".join(card.card_id for card in cards) or "none at all"
    raise CardMissing(
        f"There is no sound card {asked} after {timeout_s:g} s, only {there}: check the cable, or the overlay in"
        " config.txt."
    )


def config_for(
    profile: CardProfile, card: CardPresent | None, *, rate_hz: int = 0, period_frames: int = 64, periods: int = 3
) -> CardConfig:
    """What to ask of this card: the profile's best formats and all its channels; rate_hz 0 is the profile's first.

    card: None for a simulated one. For a USB card the device's own list of streams decides. Raises CardRefused when the
    rate or the period is not one the profile lists, or a USB card has no stream that fits.
    """
    rate_hz = rate_hz or profile.rates_hz[0]
    if rate_hz not in profile.rates_hz:
        listed = ", ".join(str(rate) for rate in profile.rates_hz)
        raise CardRefused(f"{profile.title} does not run at {rate_hz} Hz, only at {listed}: choose one of these.")
    if period_frames < profile.min_period_frames:
        raise CardRefused(
            f"{profile.title} takes no period of {period_frames} frames: choose {profile.min_period_frames} or more."
        )
    device = profile.pcm
    if not device:
        if card is None:
            raise CardMissing(f"{profile.title} is not there: check the cable, or the overlay in config.txt.")
        device = f"hw:CARD={card.card_id},DEV={profile.device}"
    capture_format, inputs = profile.capture_formats[0], profile.inputs
    playback_format, outputs = profile.playback_formats[0], profile.outputs
    if profile.kind == "usb" and card is not None:
        streams = read_streams(card.folder / f"stream{profile.device}")
        best = partial(best_stream, streams, rate_hz=rate_hz, title=card.name)
        capture_format, inputs = best(capture=True, formats=profile.capture_formats, channels=inputs)
        playback_format, outputs = best(capture=False, formats=profile.playback_formats, channels=outputs)
    return CardConfig(
        playback_device=device,
        capture_device=device,
        rate_hz=rate_hz,
        period_frames=period_frames,
        periods=periods,
        inputs=inputs,
        outputs=outputs,
        capture_format=capture_format,
        playback_format=playback_format,
        word_clocked=profile.word_clocked,
        reopen_after_xrun=profile.reopen_after_xrun,
    )
