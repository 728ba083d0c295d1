"""Delay lines: a strip's, an output's, the monitor's (`docs/signal.md`, "Delay"). A change of time is a crossfade."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import inline, njit
from dsp.lanes import load, stream
from dsp.rows import DELAY_FADE, DELAY_IN_USE, DELAY_LINE, DELAY_NEXT, DELAY_SINCE, LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]
Words = NDArray[np.int64]

CROSSFADE_S = 0.020


@njit
def quanta_of(seconds: float, rate_hz: int) -> int:
    """Quanta that cover `seconds`, rounded up."""
    return math.ceil(seconds * rate_hz / QUANTUM_FRAMES)


@njit
def frames_of(time_ms: float, i64: Words) -> int:
    """The nearest whole frame of a delay time, held to what the line can hold."""
    frames = math.floor(max(time_ms, 0.0) * i64[rows.HEAD_RATE] / 1000.0 + 0.5)
    return min(frames, i64[rows.HEAD_DELAY_FRAMES] - 2 * QUANTUM_FRAMES)


@njit
def start(i64: Words, words: int, frames: int) -> None:
    """Puts the line whose words start at `words` at a delay, its past silent."""
    i64[words + DELAY_IN_USE] = frames
    i64[words + DELAY_FADE] = -1
    i64[words + DELAY_SINCE] = 0
    i64[words + DELAY_LINE] = frames > 0


@njit
def prepare(i64: Words, words: int, wanted_frames: int) -> bool:
    """Starts the crossfade to another delay once the line holds as much; True while it has still to move."""
    if i64[words + DELAY_FADE] >= 0:
        return True
    if wanted_frames == i64[words + DELAY_IN_USE]:
        i64[words + DELAY_LINE] = wanted_frames > 0
        return False
    clock = i64[rows.HEAD_CLOCK]
    if not i64[words + DELAY_LINE]:
        i64[words + DELAY_LINE] = 1
        i64[words + DELAY_SINCE] = clock
    if clock - i64[words + DELAY_SINCE] >= wanted_frames:
        i64[words + DELAY_NEXT] = wanted_frames
        i64[words + DELAY_FADE] = 0
    return True


@inline
def _read(f32: Floats, i64: Words, words: int, line: int, signal: int, stride: int) -> None:
    """One lane of a line, `stride` numbers from frame to frame, into the signal in place of what it was."""
    late, fade = i64[words + DELAY_IN_USE], i64[words + DELAY_FADE]
    clock, last = i64[rows.HEAD_CLOCK], i64[rows.HEAD_DELAY_FRAMES] - 1
    since, next_late = i64[words + DELAY_SINCE], i64[words + DELAY_NEXT]
    fade_frames = QUANTUM_FRAMES * quanta_of(CROSSFADE_S, i64[rows.HEAD_RATE])
    for n in range(QUANTUM_FRAMES):
        then = clock + n - late
        y = f32[line + (then & last) * stride] if then >= since else np.float32(0.0)
        if fade >= 0:
            then = clock + n - next_late
            z = f32[line + (then & last) * stride] if then >= since else np.float32(0.0)
            y += (z - y) * np.float32((fade + n + 1) / fade_frames)
        f32[signal + n * stride] = y


@inline
def _go_on(i64: Words, words: int) -> None:
    """Moves a crossfade on by the quantum."""
    fade = i64[words + DELAY_FADE]
    if fade >= 0:
        fade += QUANTUM_FRAMES
        if fade >= QUANTUM_FRAMES * quanta_of(CROSSFADE_S, i64[rows.HEAD_RATE]):
            i64[words + DELAY_IN_USE] = i64[words + DELAY_NEXT]
            fade = -1
        i64[words + DELAY_FADE] = fade


@inline
def _is_late(i64: Words, words: int) -> bool:
    return i64[words + DELAY_IN_USE] != 0 or i64[words + DELAY_FADE] >= 0


@inline
def has_line(i64: Words, tile: int) -> bool:
    """Whether any strip of a tile has a delay."""
    lines = 0
    for lane in range(LANES):
        words = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS + rows.LANE_DELAY
        lines |= i64[words + DELAY_LINE]
    return lines != 0


@njit
def tile_of_strips(f32: Floats, i64: Words, tile: int, signal: int) -> None:
    """A tile's delays over the block at `signal`: the line takes the quantum, lanes that are late are read from it."""
    frames = i64[rows.HEAD_DELAY_FRAMES]
    line = i64[rows.AT_DELAY] + tile * frames * LANES
    written = line + (i64[rows.HEAD_CLOCK] & (frames - 1)) * LANES
    for n in range(QUANTUM_FRAMES):
        stream(f32, written + n * LANES, load(f32, signal + n * LANES))
    for lane in range(LANES):
        words = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS + rows.LANE_DELAY
        if _is_late(i64, words):
            _read(f32, i64, words, line + lane, signal + lane, LANES)
            _go_on(i64, words)


@inline
def _write_row(f32: Floats, i64: Words, line: int, signal: int) -> None:
    written = line + (i64[rows.HEAD_CLOCK] & (i64[rows.HEAD_DELAY_FRAMES] - 1))
    for n in range(0, QUANTUM_FRAMES, LANES):
        stream(f32, written + n, load(f32, signal + n))


@njit
def one_row(f32: Floats, i64: Words, words: int, line: int, signal: int) -> None:
    """One signal's delay, its 32 frames in a row at `signal`; `line` is where its own line starts."""
    if i64[words + DELAY_LINE]:
        _write_row(f32, i64, line, signal)
        if _is_late(i64, words):
            _read(f32, i64, words, line, signal, 1)
            _go_on(i64, words)


@njit
def both_rows(f32: Floats, i64: Words, words: int, left: int, right: int, signal: int) -> None:
    """Two signals with one delay, 32 frames of each in a row at `signal`; their lines start at `left` and `right`."""
    if i64[words + DELAY_LINE]:
        _write_row(f32, i64, left, signal)
        _write_row(f32, i64, right, signal + QUANTUM_FRAMES)
        if _is_late(i64, words):
            _read(f32, i64, words, left, signal, 1)
            _read(f32, i64, words, right, signal + QUANTUM_FRAMES, 1)
            _go_on(i64, words)
