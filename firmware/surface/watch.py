"""What the meters say of the strips that are looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from dsp.slots import METER_STAGES
from firmware.desk_model import DeskModel
from firmware.desk_places import lane_of
from firmware.status import Meters
from firmware.surface.ports import DeskPort
from firmware.surface.view import Levels

EVERY_MS = 40.0
CLIP_MS = 1000.0
_IN, _FILTERS, _POST = (METER_STAGES.index(stage) for stage in ("in", "filters", "post"))
_STAGE_WORDS = ("input", "filters", "gate", "comp", "EQ", "comp", "fader")


def lanes_of(model: DeskModel, strip: str) -> list[int]:
    """The lanes of a strip: one, or two of a stereo one; none of what is no strip."""
    place = model.places.get(f"{strip}.fader_db")
    if place is None or strip.startswith("dca."):
        return []
    left = lane_of(model.size, place.kind, place.number)
    return [] if left is None else [left, left + 1] if place.is_stereo else [left]


def to_db(peak: float) -> float:
    """A peak (1 is full scale) in dBFS."""
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


class Watch:
    """Looks at most every `EVERY_MS`."""

    def __init__(self, desk: DeskPort) -> None:
        self._desk = desk
        self._lanes: dict[str, list[int]] = {}
        self._lanes_of: object = None
        self._at_ns: int | None = None
        self._strip = ""
        self._clips: list[int] = []
        self._clip_until_ns = 0
        self._clipped = ""
        self.levels = Levels()
        self.peaks_db: dict[str, float] = {}

    def tick(self, now_ns: int, strip: str, strips: Iterable[str]) -> bool:
        """Look again if it is time: `levels` of the selected strip, `peaks_db` after the fader of `strips`; True when
        there was something new."""
        if self._at_ns is not None and now_ns - self._at_ns < EVERY_MS * 1e6:
            return False
        self._at_ns = now_ns
        found = self._desk.meters.read()
        if found is None:
            return False
        self.levels = self._levels(found, self._lanes_for(strip), strip, now_ns)
        post = found.peak[_POST].tolist()
        self.peaks_db = {
            one: to_db(max((post[lane] for lane in self._lanes_for(one)), default=0.0)) for one in strips if one
        }
        return True

    def _lanes_for(self, strip: str) -> list[int]:
        model = self._desk.model
        if model.places is not self._lanes_of:  # strips were joined or parted
            self._lanes_of, self._lanes = model.places, {}
        lanes = self._lanes.get(strip)
        if lanes is None:
            lanes = self._lanes[strip] = lanes_of(model, strip)
        return lanes

    def _levels(self, found: Meters, lanes: list[int], strip: str, now_ns: int) -> Levels:
        if not lanes:
            return Levels()
        clips = [int(count) for count in found.clips[:, lanes].sum(axis=1)]
        if strip == self._strip:
            grown = [stage for stage, count in enumerate(clips) if count > self._clips[stage]]
            if grown:
                self._clipped, self._clip_until_ns = _STAGE_WORDS[grown[0]], now_ns + int(CLIP_MS * 1e6)
        else:
            self._clipped = ""
        self._strip, self._clips = strip, clips
        if now_ns >= self._clip_until_ns:
            self._clipped = ""
        peaks = found.peak[:, lanes].max(axis=1)
        return Levels(
            to_db(float(peaks[_IN])),
            to_db(float(peaks[_FILTERS])),
            to_db(float(peaks[_POST])),
            float(np.abs(found.gr_gate_db[lanes]).max()),
            float(np.abs(found.gr_comp_db[lanes]).max()),
            self._clipped,
        )
