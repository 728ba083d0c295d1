"""The same desk offline: a sound through a scene and its events, by the very function the live engine calls.

Nothing here waits for a clock, so long stretches go through one call. The kernel itself works in quanta of 32 frames;
how many of them a call makes is not heard.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.card_config import SAMPLE_BYTES
from dsp import ring
from dsp.arena import Arena
from dsp.ring import EVENTS_PER_QUANTUM, NOTE_ADDRESS, Event
from dsp.rows import HEAD_CLOCK
from dsp.size import DeskSize
from dsp.slots import QUANTUM_FRAMES
from firmware import files
from firmware.errors import FileError, Problem
from firmware.event_log import EventLog, Values
from firmware.progress import Progress

CALL_FRAMES = 1 << 14
RING_SLOTS = ring.LIVE_SLOTS
STATE_FORMAT = 1
STATE_LIMIT_BYTES = 1_000_000_000

Signal = NDArray[np.float32]


def kernel_key() -> str:
    """What tells one build of the kernel from another: its sources, numba, LLVM and the processor."""
    from dsp import compile as kernel

    return kernel.kernel_key()


def start(size: DeskSize, values: NDArray[np.float64]) -> Arena:
    """A desk at rest with these values (`DeskModel.kernel_values`), float64[size.addresses], its clock at 0."""
    import dsp.compile  # noqa: F401  # names the cache's folder, before numba is imported
    from dsp import desk

    arena = Arena(size)
    desk.reset(arena, values)
    return arena


class _Queue:
    """Feeds the kernel's ring from a list that may be longer than the ring."""

    def __init__(self, arena: Arena, events: Sequence[Event]) -> None:
        self._arena = arena
        self._events = events
        self._next = 0
        self._index = arena.events_taken
        self.ring = ring.empty(RING_SLOTS)

    def fill(self, frames: int) -> int:
        """Put in what there is room for; returns how many of `frames` may go by before there must be more."""
        room = RING_SLOTS - (self._index - self._arena.events_taken)
        batch = self._events[self._next : self._next + room]
        self._index = ring.write(self.ring, batch, self._index)
        self._next += len(batch)
        if self._next == len(self._events):
            return frames
        # The ring is full. It lasts for so many quanta at the most events a quantum takes, or until the next is due.
        lasts = RING_SLOTS // EVENTS_PER_QUANTUM * QUANTUM_FRAMES
        due = (self._events[self._next].at - self._arena.clock) // QUANTUM_FRAMES * QUANTUM_FRAMES
        return min(frames, max(lasts, due))


def run(
    arena: Arena,
    x: Signal,
    events: Sequence[Event] = (),
    period_frames: int = 64,
    *,
    applied: list[Event] | None = None,
    progress: Progress | None = None,
    taps: Sequence[tuple[int, Signal]] = (),
) -> Signal:
    """Send float32[frames, columns] (inputs, then playback) through the desk in `arena` as it stands.

    Returns float32[frames, outputs].

    `events` in the order of the queue, their `at` on the arena's clock; entries with address −1 are passed over.
    `frames` is filled up with silence to whole quanta. `applied` receives the kernel's log.
    `taps` are outputs that carry a strip and where its signal before their limiters goes, float32[frames] each.
    `period_frames` (a multiple of 32) is what the live engine would be called with; it is not heard.
    Raises ValueError for a shape or period that does not fit.
    """
    from dsp import desk

    size, gain = arena.size, arena.size.desk("engine.gain_db")
    if period_frames < QUANTUM_FRAMES or period_frames % QUANTUM_FRAMES:
        raise ValueError(f"a period is a multiple of {QUANTUM_FRAMES} frames, not {period_frames}")
    if x.ndim != 2 or x.shape[1] != size.columns:
        raise ValueError(f"this desk hears {size.columns} signals, the sound has the shape {x.shape}")
    frames = len(x)
    whole = -(-frames // QUANTUM_FRAMES) * QUANTUM_FRAMES
    y = np.zeros((whole, size.outputs), np.float32)
    # The engine moves its own gain between two calls, beside the queue, which takes only so many events a quantum.
    own = deque(event for event in events if event.address == gain)
    queue = _Queue(arena, [event for event in events if event.address not in (NOTE_ADDRESS, gain)])
    log = ring.empty(RING_SLOTS)
    logged = arena.events_logged
    call = QUANTUM_FRAMES if taps else max(1, CALL_FRAMES // period_frames) * period_frames
    at = 0
    while at < whole:
        while own and own[0].at <= arena.clock:
            mine = own.popleft()
            desk.inject(arena, log, mine.address, mine.value, mine.over_frames)
        count = queue.fill(min(call, whole - at))
        if own:
            count = min(count, -(-(own[0].at - arena.clock) // QUANTUM_FRAMES) * QUANTUM_FRAMES)
        block = np.ascontiguousarray(x[at : at + count], dtype=np.float32)
        if len(block) < count:
            block = np.concatenate([block, np.zeros((count - len(block), size.columns), np.float32)])
        desk.process(block, y[at : at + count], arena.f32, arena.f64, arena.i64, queue.ring, log)
        for output, tapped in taps:
            tapped[at : at + count] = arena.patched(output)[: frames - at]
        at += count
        if applied is not None:
            entries, logged, _ = ring.read(log, logged)
            applied.extend(entries)
        if progress is not None:
            progress(at / whole)
    return y[:frames]


def run_log(
    arena: Arena,
    x: Signal,
    log: EventLog,
    period_frames: int = 64,
    *,
    progress: Progress | None = None,
    taps: Sequence[tuple[int, Signal]] = (),
) -> Signal:
    """As `run`, with a whole log: where another engine took over, the desk begins anew at what the log says; what the
    engine held at zero is zero."""
    from dsp import desk

    began, done, pieces = arena.clock, 0, []
    lives: list[tuple[int, Values | None]] = [(began, None), *log.restarts]
    for (at, values), until in zip(lives, [*(at for at, _ in log.restarts), sys.maxsize], strict=True):
        if values is not None:
            desk.reset(arena, values)
            arena.i64[HEAD_CLOCK] = at
        events = [event for event in log.events if event.at < until and (values is None or event.at >= at)]
        end = min(max(until - began, done), len(x))

        def told(share: float, done: int = done, end: int = end) -> None:
            if progress is not None:
                progress((done + share * (end - done)) / len(x))

        into = [(output, tapped[done:end]) for output, tapped in taps]
        pieces.append(run(arena, x[done:end], events, period_frames, progress=told, taps=into))
        done = end
    y = np.concatenate(pieces)
    for first, end in log.silences:
        y[max(0, first - began) : max(0, end - began)] = 0.0
    return y


def offline(
    size: DeskSize, values: NDArray[np.float64], x: Signal, events: Sequence[Event] = (), period_frames: int = 64
) -> Signal:
    """As `run`, on a desk that starts at rest with `values`."""
    return run(start(size, values), x, events, period_frames)


def convert(y: Signal, format_name: str) -> NDArray[np.uint8]:
    """The bytes a card of that format is given for float32[frames, outputs], dither from the engine's seed.

    Raises ValueError for a format there is not ("S16_LE", "S24_3LE", "S24_LE", "S32_LE", "FLOAT_LE").
    """
    import dsp.compile  # noqa: F401
    from dsp import convert as kernel

    if format_name not in kernel.FORMATS:
        raise ValueError(f"there is no format {format_name}; there are {', '.join(kernel.FORMATS)}")
    code = kernel.FORMATS.index(format_name)
    raw = np.zeros(y.size * SAMPLE_BYTES[format_name], np.uint8)
    kernel.from_float(np.ascontiguousarray(y), raw, code, np.full(1, kernel.DITHER_SEED, np.int64))
    return raw


def save_state(path: Path, arena: Arena) -> None:
    """Keep a desk as it stands: a JSON header (size, kernel) and the arena's bytes, as .npz. Raises OutputError."""
    header = {"format": STATE_FORMAT, "desk": asdict(arena.size), "kernel": kernel_key()}
    content = io.BytesIO()
    np.savez(content, header=np.frombuffer(json.dumps(header).encode(), np.uint8), block=arena.block)
    files.write(path, content.getvalue(), keep_previous=False)


def load_state(path: Path) -> Arena:
    """The desk kept by `save_state`. Raises FileError: not such a file, damaged, or another kernel's."""
    shown = files.name_of(path)
    content = files.read_bytes(path, FileError, STATE_LIMIT_BYTES)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            header: dict[str, Any] = json.loads(kept["header"].tobytes())
            block = kept["block"]
        if header["format"] != STATE_FORMAT:
            raise FileError(
                Problem(shown, None, f"is a state of format {header['format']}; this Pidesk knows {STATE_FORMAT}.")
            )
        arena = Arena(DeskSize(**header["desk"]))
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile, AttributeError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(Problem(shown, None, "is not a desk's state, or is damaged.")) from None
    if header.get("kernel") != kernel_key():
        raise FileError(
            Problem(shown, None, "was kept by another build of Pidesk or on another processor; start without it.")
        )
    if block.dtype != np.uint8 or block.shape != arena.block.shape:
        raise FileError(Problem(shown, None, "is not a desk's state, or is damaged."))
    arena.block[:] = block
    return arena
