"""What a class-compliant USB card says of itself in /proc/asound/card*/stream0: channels, formats, rates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drivers.card_config import MAX_CHANNELS
from drivers.errors import CardRefused


@dataclass(frozen=True, slots=True)
class UsbStream:
    """One alternate setting of one direction."""

    capture: bool
    sample_format: str
    channels: int
    rates_hz: tuple[int, ...]
    """Empty, or (low, high) with continuous True, where the device gives a range."""
    continuous: bool = False

    def runs_at(self, rate_hz: int) -> bool:
        """True if the device offers this rate."""
        if self.continuous:
            return self.rates_hz[0] <= rate_hz <= self.rates_hz[-1]
        return not self.rates_hz or rate_hz in self.rates_hz


def read_streams(path: Path) -> list[UsbStream]:
    """Every alternate setting in the file; an empty list if it is not there."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for direction, body in re.findall(r"^(Playback|Capture):\n(.*?)(?=^\w|\Z)", text, re.MULTILINE | re.DOTALL):
        for block in re.split(r"^\s+Altset \d+\n", body, flags=re.MULTILINE)[1:]:
            keys = dict(re.findall(r"^\s+(Format|Channels|Rates): (.*)$", block, re.MULTILINE))
            if {"Format", "Channels"} <= keys.keys():
                rates = tuple(int(number) for number in re.findall(r"\d+", keys.get("Rates", "")))
                found.append(
                    UsbStream(
                        capture=direction == "Capture",
                        sample_format=keys["Format"].strip(),
                        channels=int(keys["Channels"]),
                        rates_hz=rates,
                        continuous="continuous" in keys.get("Rates", ""),
                    )
                )
    return found


def best_stream(
    streams: Sequence[UsbStream], *, capture: bool, formats: Sequence[str], rate_hz: int, channels: int, title: str
) -> tuple[str, int]:
    """Format and channels of the setting with the most channels at that rate, then the format named first.

    channels: exactly so many; 0 for any. Raises CardRefused without any setting that fits.
    """
    mine = [stream for stream in streams if stream.capture == capture]
    usable = [
        stream
        for stream in mine
        if stream.sample_format in formats
        and stream.runs_at(rate_hz)
        and (stream.channels == channels if channels else 1 <= stream.channels <= MAX_CHANNELS)
    ]
    if not usable:
        way = "capture" if capture else "playback"
        offers = "; ".join(f"{s.sample_format}, {s.channels} channels, {s.rates_hz}" for s in mine) or "nothing"
        raise CardRefused(
            f"The USB card {title} offers for {way} {offers}; {' or '.join(formats)} at {rate_hz} Hz is needed: choose"
            " another rate."
        )
    best = min(usable, key=lambda stream: (-stream.channels, formats.index(stream.sample_format)))
    return best.sample_format, best.channels
