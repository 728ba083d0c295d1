"""What the engine says about itself: status words, the histogram of its thread time, and the meters.

The engine writes, everyone else reads. Single words are whole by themselves; the meters lie under a sequence lock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.layout import layout_of
from dsp.rows import HEAD, HEAD_CLOCK, LANE_BAD, LANE_WORDS, STAGES
from firmware.shared import HISTOGRAM_BINS, HISTOGRAM_BINS_PER_DEADLINE, METER_SEQUENCE, Shared

METER_TRIES = 8


class State(IntEnum):
    """What the engine is doing."""

    NONE = 0
    STARTING = 1
    OPENING = 2
    RUNNING = 3
    CARD_GONE = 4
    STOPPING = 5
    STOPPED = 6
    FAILED = 7


class Word(IntEnum):
    """Places in the status part. Times are CLOCK_MONOTONIC (heartbeat) and CLOCK_BOOTTIME (first block) in ns."""

    STATE = 0
    LIFE = 1
    PID = 2
    CLOCK = 3
    BLOCKS = 4
    XRUNS = 5
    REOPENS = 6
    STALLS = 7
    HEARTBEAT_NS = 8
    FIRST_BLOCK_NS = 9
    PERIOD_FRAMES = 10
    DEADLINE_NS = 11
    THREAD_MAX_NS = 12
    REALTIME_PRIORITY = 13  # 0: the system did not permit it
    MEMORY_LOCKED = 14
    CARD_GONE = 16
    FORMAT_IN = 17
    FORMAT_OUT = 18
    RAW_HASH = 19  # of all converted output of this life
    BAD_NUMBERS = 22
    BLOCK_NS = 23  # thread time of the last block
    PERIODS = 24
    EVENTS_IGNORED = 25  # an address or a value that cannot be
    EVENTS_BROKEN = 26  # slots given up because their checksum never came to fit
    KERNEL = 27  # the build of its kernel: `kernel_key`
    PEAK_RSS_BYTES = 28  # the most memory it had in RAM, as it began and as it ended
    PLAY_LATE = 29  # frames for which the player was asked and had nothing ready


@dataclass(frozen=True)
class Load:
    """Thread time of a block as a share of its deadline (1 is all of it)."""

    median: float
    p999: float
    max: float


def load(shared: Shared) -> Load:
    """The load since this engine started; zeros before its first block. Resolution 1/4096 of the deadline."""
    bins = shared.histogram.copy()
    total, deadline = int(bins.sum()), int(shared.status[Word.DEADLINE_NS])
    if not total or not deadline:
        return Load(0.0, 0.0, 0.0)
    reached = np.cumsum(bins)
    longest = int(shared.status[Word.THREAD_MAX_NS]) / deadline

    def quantile(share: float) -> float:
        place = int(np.searchsorted(reached, share * total))
        return min((place + 1) / HISTOGRAM_BINS_PER_DEADLINE, longest) if place < HISTOGRAM_BINS - 1 else longest

    return Load(quantile(0.5), quantile(0.999), longest)


def message(shared: Shared) -> str:
    """The sentence the engine left, "" for none."""
    return bytes(shared.text).split(b"\0", 1)[0].decode("utf-8", "replace")


def leave_message(shared: Shared, text: str) -> None:
    """Engine only: leave one sentence for whoever asks why."""
    data = text.encode("utf-8")[: len(shared.text) - 1]
    shared.text[:] = 0
    shared.text[: len(data)] = np.frombuffer(data, np.uint8)


def leave_kernel_key(shared: Shared, key: str) -> None:
    """Engine only: leave which build of the kernel it runs, 16 hex digits."""
    shared.status[Word.KERNEL] = int.from_bytes(bytes.fromhex(key), "big", signed=True)


def kernel_key(shared: Shared) -> str:
    """Which build of the kernel the engine runs (`dsp.compile.kernel_key`); "" before it has begun."""
    word = int(shared.status[Word.KERNEL])
    return word.to_bytes(8, "big", signed=True).hex() if word else ""


def heartbeat_age_s(shared: Shared) -> float:
    """Seconds since the engine last went round its loop; infinite before its first round."""
    beat = int(shared.status[Word.HEARTBEAT_NS])
    return (time.monotonic_ns() - beat) / 1e9 if beat else float("inf")


def snapshot(shared: Shared) -> dict[str, Any]:
    """The engine's status as plain numbers, for `pidesk status` and the report."""
    w = shared.status
    rate, now = shared.sizes.desk.rate_hz, load(shared)
    return {
        "state": State(int(w[Word.STATE])).name.lower(),
        "message": message(shared),
        "pid": int(w[Word.PID]),
        "lives": int(w[Word.LIFE]),
        "clock_s": round(int(w[Word.CLOCK]) / rate, 3),
        "rate_hz": rate,
        "period_frames": int(w[Word.PERIOD_FRAMES]),
        "periods": int(w[Word.PERIODS]),
        "blocks": int(w[Word.BLOCKS]),
        "xruns": int(w[Word.XRUNS]),
        "stalls": int(w[Word.STALLS]),
        "card_gone": int(w[Word.CARD_GONE]),
        "reopens": int(w[Word.REOPENS]),
        "bad_numbers": int(w[Word.BAD_NUMBERS]),
        "events_ignored": int(w[Word.EVENTS_IGNORED]),
        "events_broken": int(w[Word.EVENTS_BROKEN]),
        "play_late_frames": int(w[Word.PLAY_LATE]),
        "dsp_load": {"median": round(now.median, 5), "p999": round(now.p999, 5), "max": round(now.max, 5)},
        "realtime_priority": int(w[Word.REALTIME_PRIORITY]),
        "memory_locked": bool(w[Word.MEMORY_LOCKED]),
        "heartbeat_age_s": round(min(heartbeat_age_s(shared), 1e6), 3),
    }


@dataclass(frozen=True)
class Meters:
    """One reading: arrays as in `dsp.arena.Arena.meters`, and the sample it belongs to."""

    clock: int
    peak: NDArray[np.float32]
    mean_square: NDArray[np.float32]
    gr_gate_db: NDArray[np.float32]
    gr_comp_db: NDArray[np.float32]
    out_peak: NDArray[np.float32]
    out_mean_square: NDArray[np.float32]
    limiter_gr_db: NDArray[np.float32]
    clips: NDArray[np.int64]
    bad_numbers: NDArray[np.int64]


class MeterReader:
    """Reads the meters without ever waiting for the engine; `missed` counts the readings given up."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.missed = 0

    def read(self) -> Meters | None:
        """The newest reading, or None when the engine was writing at each of `METER_TRIES` tries (or died at it)."""
        words = self._shared.control
        for _ in range(METER_TRIES):
            before = int(words[METER_SEQUENCE])
            if before & 1:
                continue
            integers, floats = self._shared.meters_i64.copy(), self._shared.meters_f32.copy()
            if int(words[METER_SEQUENCE]) == before:
                return self._split(integers, floats)
        self.missed += 1
        return None

    def _split(self, i64: NDArray[np.int64], f32: NDArray[np.float32]) -> Meters:
        d = self._shared.sizes.desk
        stages = STAGES * d.lanes

        def rows(name: str, count: int) -> NDArray[np.float32]:
            start = layout_of(d).at[name] - self._shared.layout.meters_from
            return f32[start : start + count]

        lanes = i64[HEAD : HEAD + d.lanes * LANE_WORDS].reshape(-1, LANE_WORDS)
        clips = i64[HEAD + d.lanes * LANE_WORDS :][:stages]
        return Meters(
            clock=int(i64[HEAD_CLOCK]),
            peak=rows("peak", stages).reshape(STAGES, d.lanes),
            mean_square=rows("mean_square", stages).reshape(STAGES, d.lanes),
            gr_gate_db=rows("gr_gate", d.lanes),
            gr_comp_db=rows("gr_comp", d.lanes),
            out_peak=rows("out_peak", d.outputs),
            out_mean_square=rows("out_mean_square", d.outputs),
            limiter_gr_db=rows("limiter_gr", d.outputs),
            clips=clips.reshape(STAGES, d.lanes),
            bad_numbers=lanes[:, LANE_BAD],
        )
