"""What is asked of a sound card, checked before any card is touched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.errors import CardRefused

SAMPLE_BYTES = {"S16_LE": 2, "S24_3LE": 3, "S24_LE": 4, "S32_LE": 4, "FLOAT_LE": 4}
"""The sample formats Pidesk speaks, by their ALSA names, with the bytes one sample takes in memory."""

MAX_CHANNELS = 32
RATES_HZ = (8_000, 192_000)
PERIOD_FRAMES = (16, 8_192)
PERIODS = (2, 32)


@dataclass(frozen=True, slots=True)
class CardConfig:
    """One full-duplex card as the desk wants it: both directions share rate, period and number of periods.

    Raises CardRefused, naming every fault at once, for values no card could have.
    """

    playback_device: str
    capture_device: str
    rate_hz: int = 48_000
    period_frames: int = 64
    periods: int = 3
    inputs: int = 2
    outputs: int = 2
    capture_format: str = "S32_LE"
    playback_format: str = "S32_LE"
    word_clocked: bool = False
    """True only where two cards really share one word clock; see one_clock()."""
    reopen_after_xrun: bool = False
    """True where only a fresh open keeps the channels in their order; see CardProfile."""

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value}, which is not {low} to {high}"
            for name, value, (low, high) in (
                ("rate_hz", self.rate_hz, RATES_HZ),
                ("period_frames", self.period_frames, PERIOD_FRAMES),
                ("periods", self.periods, PERIODS),
                ("inputs", self.inputs, (1, MAX_CHANNELS)),
                ("outputs", self.outputs, (1, MAX_CHANNELS)),
            )
            if not low <= value <= high
        ]
        faults += [
            f"{name} is {value!r}, which is none of {', '.join(SAMPLE_BYTES)}"
            for name, value in (("capture_format", self.capture_format), ("playback_format", self.playback_format))
            if value not in SAMPLE_BYTES
        ]
        if faults:
            raise CardRefused(f"No sound card can be opened like this: {'; '.join(faults)}.")

    @property
    def capture_frame_bytes(self) -> int:
        """Bytes of one captured frame, all inputs."""
        return SAMPLE_BYTES[self.capture_format] * self.inputs

    @property
    def playback_frame_bytes(self) -> int:
        """Bytes of one played frame, all outputs."""
        return SAMPLE_BYTES[self.playback_format] * self.outputs

    @property
    def capture_period_bytes(self) -> int:
        """Bytes DuplexCard.read() gives."""
        return self.capture_frame_bytes * self.period_frames

    @property
    def playback_period_bytes(self) -> int:
        """Bytes DuplexCard.write() takes."""
        return self.playback_frame_bytes * self.period_frames

    @property
    def buffer_frames(self) -> int:
        """Frames from input to output that the card's buffer alone costs."""
        return self.period_frames * self.periods

    @property
    def one_clock(self) -> bool:
        """True if by name both directions are one card, or the profile says that one word clock drives both.

        Two cards without it drift apart, by one frame every few seconds, until one of them runs dry.
        """
        return self.word_clocked or card_of(self.playback_device) == card_of(self.capture_device)


def card_of(device: str) -> str:
    """The card part of an ALSA device name: "hw:CARD=pisound,DEV=0", "plughw:pisound" and "pisound" are "pisound"."""
    match = re.fullmatch(r"(?:[A-Za-z_]+:)?(?:CARD=)?([^,]+?)(?:,.*)?", device)
    return match.group(1) if match else device
