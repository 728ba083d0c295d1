"""What the engine leaves behind after each block, in two compiled calls that never wait and never allocate.

Only the engine process imports this module (and with it numba).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.atomic import fence, load_acquire, store_release
from dsp.compile import njit
from dsp.layout import layout_of
from dsp.ring import FOLD_FACTOR
from dsp.rows import HEAD, HEAD_LOGGED, HEAD_TAKEN, LANE_BAD, LANE_WORDS, STAGES
from dsp.size import DeskSize
from firmware.shared import (
    EVENTS_TAKEN,
    LOG_WRITTEN,
    METER_SEQUENCE,
    PLAY_READ,
    PLAY_SKIP_TO,
    PLAY_WRITTEN,
    TAPS_WRITTEN,
    meter_floats,
)

_FACTOR = np.int64(FOLD_FACTOR)

# Places in the plan: where the kernel keeps what is published
PLAN_FLOATS_FROM, PLAN_FLOATS, PLAN_LANES_FROM, PLAN_LANES, PLAN_CLIPS_FROM, PLAN_CLIPS = range(6)

_FOLD = "int64(int64[::1], int64)"
_PLAY = "int64(float32[:,::1], float32[:,::1], int64, int64[::1], int64[::1])"
_TAPS = "int64(float32[:,::1], float32[:,::1], float32[:,::1], int64[::1], int64[::1], int64)"
_STATE = "void(int64[::1], int64[::1], float32[::1], int64[::1], float32[::1], int64[::1])"
_BAD = "int64(int64[::1], int64[::1])"


def plan(size: DeskSize) -> NDArray[np.int64]:
    """Where in an arena of this size the meters lie."""
    at, stages = layout_of(size).at, STAGES * size.lanes
    return np.array([*meter_floats(size), at["lane"], size.lanes * LANE_WORDS, at["clips"], stages], np.int64)


@njit(_FOLD, nogil=True)
def fold(raw: NDArray[np.int64], folded: int) -> int:
    """`folded` with the words of `raw` folded in (FNV-1a over words): offline, the same sum means the same bytes."""
    for k in range(raw.shape[0]):
        folded = (folded ^ raw[k]) * _FACTOR
    return folded


@njit(_PLAY, nogil=True)
def play(
    ring: NDArray[np.float32], x: NDArray[np.float32], first: int, player: NDArray[np.int64], control: NDArray[np.int64]
) -> int:
    """Fills x from column `first` on with what the player has ready; silence for what it has not. Returns the frames
    that were missing. Where the player has gone on elsewhere, what was to come fades out as what comes now fades in.
    """
    read, written = control[PLAY_READ], load_acquire(player, PLAY_WRITTEN)
    frames = x.shape[0]
    old, skip_to = read, min(player[PLAY_SKIP_TO], written)
    skips = read < skip_to
    read = max(read, skip_to)
    count = min(max(written - read, 0), frames)
    for frame in range(frames):
        fresh = np.float32((frame + 1) / frames) if skips else np.float32(1.0)
        for k in range(ring.shape[1]):
            y = ring[(read + frame) % ring.shape[0], k] * fresh if frame < count else np.float32(0.0)
            if skips and old + frame < skip_to:
                y += ring[(old + frame) % ring.shape[0], k] * (np.float32(1.0) - fresh)
            x[frame, first + k] = y
    store_release(control, PLAY_READ, read + count)
    return frames - count


@njit(_TAPS, nogil=True)
def taps(
    ring: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    raw: NDArray[np.int64],
    control: NDArray[np.int64],
    folded: int,
) -> int:
    """Append a block's input and output frames to the taps; returns `folded` with the converted output `raw` in it."""
    written = load_acquire(control, TAPS_WRITTEN)
    place = written % ring.shape[0]
    inputs = x.shape[1]
    for frame in range(x.shape[0]):
        for k in range(inputs):
            ring[place, k] = x[frame, k]
        for k in range(y.shape[1]):
            ring[place, inputs + k] = y[frame, k]
        place += 1
        if place == ring.shape[0]:
            place = 0
    store_release(control, TAPS_WRITTEN, written + x.shape[0])
    return fold(raw, folded)


@njit(_STATE, nogil=True)
def state(
    control: NDArray[np.int64],
    meters_i64: NDArray[np.int64],
    meters_f32: NDArray[np.float32],
    i64: NDArray[np.int64],
    f32: NDArray[np.float32],
    where: NDArray[np.int64],
) -> None:
    """Publish the ring indices and, under the sequence lock, the meters."""
    store_release(control, LOG_WRITTEN, i64[HEAD_LOGGED])
    store_release(control, EVENTS_TAKEN, i64[HEAD_TAKEN])
    sequence = load_acquire(control, METER_SEQUENCE) | 1  # odd already: an engine died while it wrote
    store_release(control, METER_SEQUENCE, sequence)
    fence()
    for k in range(where[PLAN_FLOATS]):
        meters_f32[k] = f32[where[PLAN_FLOATS_FROM] + k]
    for k in range(HEAD):
        meters_i64[k] = i64[k]
    for k in range(where[PLAN_LANES]):
        meters_i64[HEAD + k] = i64[where[PLAN_LANES_FROM] + k]
    for k in range(where[PLAN_CLIPS]):
        meters_i64[HEAD + where[PLAN_LANES] + k] = i64[where[PLAN_CLIPS_FROM] + k]
    store_release(control, METER_SEQUENCE, sequence + 1)


@njit(_BAD, nogil=True)
def bad_numbers(i64: NDArray[np.int64], where: NDArray[np.int64]) -> int:
    """How many bad numbers all lanes have had."""
    count = 0
    for k in range(LANE_BAD, where[PLAN_LANES], LANE_WORDS):
        count += i64[where[PLAN_LANES_FROM] + k]
    return count
