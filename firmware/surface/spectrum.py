"""The sound of a strip in 64 places from 20 Hz to 20 kHz, drawn behind its equaliser."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from firmware.desk_model import DeskModel
from firmware.shared import TAPS_WRITTEN, Shared

PLACES = 64
FRAMES = 2048
EVERY_MS = 100.0
LOW_HZ, HIGH_HZ = 20.0, 20000.0
FLOOR_DB = -120.0
_SOURCE = re.compile(r"(in|play)\.(\d+)(?:\+(\d+))?")


def columns(model: DeskModel, strip: str) -> list[int]:
    """The columns of the taps in which a strip is heard: the inputs that feed it, else the outputs that carry it; none
    where there is neither."""
    size = model.size
    found = _SOURCE.fullmatch(str(model.values.get(f"{strip}.source", "")))
    if found is not None:
        first = 0 if found[1] == "in" else size.inputs
        return [first + int(number) - 1 for number in found.groups()[1:] if number]
    names = {strip, *(f"{strip.removesuffix('.lr')}{side}" for side in (".l", ".r", ".sum"))}
    word, _, number = strip.partition(".")
    place = model.places.get(f"{strip}.fader_db")
    if number.isdigit() and place is not None and place.is_stereo:
        names.add(f"{word}.{int(number) + 1}")
    outputs = range(1, size.outputs + 1)
    return [size.columns + k - 1 for k in outputs if model.values.get(f"output.{k}.source") in names]


def spectrum_db(sound: NDArray[np.float32], rate_hz: int) -> tuple[float, ...]:
    """The spectrum of float32[FRAMES, columns]: for each place the largest of its lines in dB, a sine of full scale
    being 0, of both sides their mean power; what lies beyond half the rate is at the floor."""
    window = _window(len(sound))
    lines = np.fft.rfft(sound * window[:, None], axis=0)
    power = (np.abs(lines) ** 2).mean(axis=1) * (2.0 / window.sum()) ** 2
    edges = LOW_HZ * (HIGH_HZ / LOW_HZ) ** (np.arange(PLACES + 1) / PLACES) * len(sound) / rate_hz
    first = np.minimum(np.floor(edges[:-1] + 0.5).astype(int), len(power) - 1)
    last = np.maximum(np.minimum(np.floor(edges[1:] + 0.5).astype(int), len(power)), first + 1)
    # Below 500 Hz a place is narrower than the lines lie apart: there the line that is nearest stands for it.
    highest = np.maximum.reduceat(power, np.stack((first, np.minimum(last, len(power) - 1)), 1).reshape(-1))[::2]
    highest = np.where(edges[:-1] < len(power), highest, 0.0)
    levels = 10.0 * np.log10(np.maximum(highest, 10.0 ** (FLOOR_DB / 10.0)))
    return tuple(float(level) for level in levels)


def _window(count: int) -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(count) / count)


class Spectrum:
    """Of whichever strip is looked at, anew every `EVERY_MS`."""

    def __init__(self) -> None:
        self._at_ns: int | None = None
        self._strip = ""
        self.levels_db: tuple[float, ...] = ()

    def tick(self, now_ns: int, shared: Shared | None, model: DeskModel, strip: str) -> None:
        """Look again if it is time; an empty `strip` looks at nothing."""
        if shared is None or not strip:
            self.levels_db = ()
            return
        due = self._at_ns is None or now_ns - self._at_ns >= EVERY_MS * 1e6
        if not due and strip == self._strip:
            return
        self._at_ns, self._strip = now_ns, strip
        heard = columns(model, strip)
        self.levels_db = spectrum_db(newest(shared, heard), shared.sizes.desk.rate_hz) if heard else ()


def newest(shared: Shared, heard: list[int]) -> NDArray[np.float32]:
    """The newest FRAMES frames of some columns of the taps, silence where there were fewer. The engine may write
    meanwhile: a picture can bear that."""
    frames, written = shared.sizes.tap_frames, int(shared.control[TAPS_WRITTEN])
    count = min(written, FRAMES)
    at = np.arange(written - count, written) % frames
    sound = np.zeros((FRAMES, len(heard)), np.float32)
    if count:
        sound[FRAMES - count :] = shared.taps[at[:, None], heard]
    return np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)
