"""How late each way through the desk is: frames and milliseconds, from an input to an output."""

from __future__ import annotations

from typing import NamedTuple

from dsp.slots import QUANTUM_FRAMES
from firmware.params import LIMITER_LATENCY_FRAMES


class Way(NamedTuple):
    """A way through the desk and the frames it takes in the kernel; the card's buffers come on top."""

    name: str
    frames: int


WAYS = (
    Way("input → channel → main → output", LIMITER_LATENCY_FRAMES),
    Way("input → channel → bus → output", LIMITER_LATENCY_FRAMES),
    Way("input → channel → bus → bus → matrix → output", LIMITER_LATENCY_FRAMES),
    Way("input → channel → bus → effect → return → main → output", LIMITER_LATENCY_FRAMES),
    Way("input → channel → bus → effect → return → bus → output", LIMITER_LATENCY_FRAMES + QUANTUM_FRAMES),
    Way("input → channel → monitor → output", LIMITER_LATENCY_FRAMES),
    Way("input → talkback → bus → output", LIMITER_LATENCY_FRAMES),
    Way("key from a strip with its turn earlier", 0),
    Way("key from a strip with its turn later", QUANTUM_FRAMES),
)


def table(rate_hz: int, period_frames: int, periods: int) -> list[tuple[str, int, float, float]]:
    """Each way's name, frames in the kernel, milliseconds of that, and milliseconds with the card's buffers.

    A key leads to no output: its own delay counts alone.
    """
    card = period_frames * periods
    return [
        (
            way.name,
            way.frames,
            1000.0 * way.frames / rate_hz,
            1000.0 * (way.frames + card * ("output" in way.name)) / rate_hz,
        )
        for way in WAYS
    ]


def text(rate_hz: int, period_frames: int, periods: int) -> str:
    """The table for people."""
    width = max(len(way.name) for way in WAYS)
    lines = [f"{'':<{width}}  {'frames':>6}  {'desk':>8}  {'with buffers':>12}"]
    lines += [
        f"{name:<{width}}  {frames:>6}  {own:>5.2f} ms  {whole:>9.2f} ms"
        for name, frames, own, whole in table(rate_hz, period_frames, periods)
    ]
    card = f"At {rate_hz} Hz with {periods} periods of {period_frames} frames"
    more = "the converters' own delay comes on top, and what is set as a delay."
    return "\n".join([*lines, "", f"{card}; {more}"])
