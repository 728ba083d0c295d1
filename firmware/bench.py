"""What the sound costs on this machine: a desk with everything engaged, timed block by block (`docs/performance.md`).

Thread time around single calls of the kernel, medians over many blocks; an empty compiled call in the same loop shows
what of p99.9 and the maximum is the machine's own. Runs in a process that makes no sound.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dsp import desk
from dsp import ring as rings
from dsp.arena import Arena
from dsp.compile import njit
from dsp.rows import MAX_PORTS
from dsp.size import DeskSize
from dsp.slots import QUANTUM_FRAMES
from firmware import bench_desk

RATE_HZ = 48000
STRIPS = (8, 16, 24, 32, 48, 64)
BUSES = (2, 4, 8, 12, 16)
REFERENCE_STRIPS = 32
GLIDE_QUANTA = 300  # each parameter takes 0.2 s for its way and then turns back
SETTLE_QUANTA = 2 * GLIDE_QUANTA
_AT, _ADDRESS, _VALUE, _OVER, _CHECKSUM = 1, 2, 3, 4, 7

Nanoseconds = NDArray[np.int64]


@njit("void(float32[:,::1], float32[:,::1], float32[::1], float64[::1], int64[::1], int64[::1], int64[::1])")
def idle(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    f32: NDArray[np.float32],
    f64: NDArray[np.float64],
    i64: NDArray[np.int64],
    ring: NDArray[np.int64],
    log: NDArray[np.int64],
) -> None:
    """What the kernel would be if it did nothing: the same arguments, no work."""


@dataclass(frozen=True)
class Setup:
    """What is timed: a desk of so many strips, buses and matrices, mains with it, in blocks of so many frames."""

    strips: int
    buses: int = 0
    matrices: int = 0
    frames: int = QUANTUM_FRAMES
    moving: bool = False


CONSOLE = Setup(REFERENCE_STRIPS, 16, 8)
ALONE = Setup(REFERENCE_STRIPS)
SETUPS = (
    *(Setup(strips, moving=moving) for strips in STRIPS for moving in (False, True)),
    *(Setup(REFERENCE_STRIPS, frames=64, moving=moving) for moving in (False, True)),
    *(Setup(strips, 16, 8) for strips in STRIPS),
    replace(CONSOLE, moving=True),
    *(Setup(REFERENCE_STRIPS, buses, 8) for buses in BUSES[:-1]),
)
QUICK_SETUPS = (Setup(8), Setup(8, moving=True), ALONE, replace(ALONE, moving=True), Setup(8, 16, 8), CONSOLE,
                Setup(REFERENCE_STRIPS, 2, 8))  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """Nanoseconds of thread time of every block of one run, the kernel's and the idle call's after it."""

    setup: Setup
    kernel_ns: Nanoseconds
    idle_ns: Nanoseconds

    @property
    def strip_ns(self) -> float:
        """Median nanoseconds per strip and sample."""
        return float(np.median(self.kernel_ns)) / (self.setup.strips * self.setup.frames)

    @property
    def of_deadline(self) -> float:
        """Median block as a part of the time the block lasts, 0…1."""
        return float(np.median(self.kernel_ns)) * 1e-9 * RATE_HZ / self.setup.frames

    def summary(self) -> dict[str, float | int | bool]:
        """The figures that go into the report; times of a block in microseconds."""
        median, p999, most = (float(v) / 1e3 for v in np.percentile(self.kernel_ns, (50, 99.9, 100)))
        _, idle_p999, idle_most = (float(v) / 1e3 for v in np.percentile(self.idle_ns, (50, 99.9, 100)))
        return {
            **asdict(self.setup),
            "strip_ns": self.strip_ns,
            "of_deadline": self.of_deadline,
            "block_us": median,
            "block_us_p999": p999,
            "block_us_max": most,
            "idle_us_p999": idle_p999,
            "idle_us_max": idle_most,
            "blocks": len(self.kernel_ns),
        }


class Motion:
    """Events, in order, that keep every gliding parameter on its way for `quanta` quanta from the arena's clock on."""

    def __init__(self, arena: Arena, quanta: int) -> None:
        size, start, self._first = arena.size, arena.clock, arena.events_taken
        address, rest, away = bench_desk.travels(size)
        count, turns = len(address), quanta // GLIDE_QUANTA + 2
        # The first ways are of unequal length, so that the turns are spread over the time.
        first = 1 + (np.arange(count) * 131) % GLIDE_QUANTA
        at = np.concatenate([np.zeros((1, count), np.int64), first + GLIDE_QUANTA * np.arange(turns)[:, None]])
        over = np.full(at.shape, GLIDE_QUANTA)
        over[0] = first
        value = np.where(np.arange(len(at))[:, None] % 2 == 0, away, rest)
        order = np.argsort(at.ravel(), kind="stable")
        self.words = np.zeros((len(order), rings.WORDS), np.int64)
        self.words[:, 0] = self._first + 1 + np.arange(len(order))
        self.words[:, _AT] = start + QUANTUM_FRAMES * at.ravel()[order]
        self.words[:, _ADDRESS] = np.tile(address, len(at))[order]
        self.words[:, _VALUE] = value.ravel()[order].view(np.int64)
        self.words[:, _OVER] = QUANTUM_FRAMES * over.ravel()[order]
        self.words[:, _CHECKSUM] = rings.checksum(self.words.view(np.uint64)).view(np.int64)
        self._sent = 0

    def feed(self, ring: NDArray[np.int64], until: int) -> None:
        """Put into the ring what is due before sample `until`."""
        upto = int(np.searchsorted(self.words[:, _AT], until))
        if upto > self._sent:
            places = ring.reshape(-1, rings.WORDS)
            places[(self._first + np.arange(self._sent, upto)) % len(places)] = self.words[self._sent : upto]
            self._sent = upto


class Rig:
    """A desk with everything engaged and a second of sound for every input, looped.

    `values` makes other settings of its size than `bench_desk.values`.
    """

    def __init__(
        self,
        setup: Setup,
        signal: NDArray[np.float32] | None = None,
        values: Callable[[DeskSize], NDArray[np.float64]] = bench_desk.values,
        outputs: int = 4,
    ) -> None:
        self.setup, frames = setup, setup.frames
        inputs = min(setup.strips, MAX_PORTS)
        self.size = DeskSize(setup.strips, inputs, outputs, RATE_HZ, buses=setup.buses, matrices=setup.matrices)
        self.x = bench_desk.signal(self.size.inputs) if signal is None else signal
        self.y = np.zeros((frames, self.size.outputs), np.float32)
        self.arena = Arena(self.size)
        self.ring, self.log = rings.empty(), rings.empty()
        self._at = 0
        desk.reset(self.arena, values(self.size))

    def run(self, blocks: int, settle: bool = True) -> Timing:
        """Times `blocks` blocks, after a start that is not counted."""
        frames = self.setup.frames
        settling = SETTLE_QUANTA * QUANTUM_FRAMES // frames if settle else 0
        motion = None
        if self.setup.moving:
            motion = Motion(self.arena, (settling + blocks) * frames // QUANTUM_FRAMES)
        kernel_ns, idle_ns = np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)
        process, clock, y = desk.process, time.thread_time_ns, self.y
        state = (self.arena.f32, self.arena.f64, self.arena.i64, self.ring, self.log)
        for block in range(-settling, blocks):
            if self._at + frames > len(self.x):
                self._at = 0
            x = self.x[self._at : self._at + frames]
            self._at += frames
            if motion is not None:
                motion.feed(self.ring, self.arena.clock + frames)
            before = clock()
            process(x, y, *state)
            between = clock()
            idle(x, y, *state)
            after = clock()
            if block >= 0:
                kernel_ns[block], idle_ns[block] = between - before, after - between
        return Timing(self.setup, kernel_ns, idle_ns)


def sweep(blocks: int, rounds: int, setups: tuple[Setup, ...] = SETUPS) -> list[Timing]:
    """Every one of `setups`: `blocks` blocks in each of `rounds` rounds, in turns: a slow minute of the machine falls
    on all alike."""
    rigs = [Rig(setup) for setup in setups]
    parts = [[rig.run(blocks) for rig in rigs] for _ in range(rounds)]
    return [
        Timing(
            of_rig[0].setup,
            np.concatenate([t.kernel_ns for t in of_rig]),
            np.concatenate([t.idle_ns for t in of_rig]),
        )
        for of_rig in zip(*parts, strict=True)
    ]


def off_the_line(timings: list[Timing], count: str) -> float:
    """How far the median block is from a straight line over the number of "strips" or "buses", at most, as a part of
    the line: 0 for growth in proportion."""
    at = np.array([getattr(t.setup, count) for t in timings], np.float64)
    took = np.array([np.median(t.kernel_ns) for t in timings])
    line = np.polyval(np.polyfit(at, took, 1), at)
    return float(np.max(np.abs(took - line) / line))


def denormal_ratio(blocks: int, rounds: int) -> float:
    """Median block while every signal decays through the denormal numbers, over the median block of full signal."""
    full, inputs = Rig(ALONE), min(ALONE.strips, MAX_PORTS)
    tail = Rig(ALONE, signal=bench_desk.tail(inputs, blocks * QUANTUM_FRAMES))
    ratios = [np.median(tail.run(blocks).kernel_ns) / np.median(full.run(blocks).kernel_ns) for _ in range(rounds)]
    return float(np.median(ratios))


def render_x_realtime(
    seconds: int, values: Callable[[DeskSize], NDArray[np.float64]] = bench_desk.values, strips: int = 16
) -> float:
    """How many times faster than real time a desk of `strips` strips runs in calls of one second each."""
    rig = Rig(Setup(strips, frames=RATE_HZ), values=values)
    best = np.inf
    for _ in range(seconds):
        before = time.perf_counter()
        desk.process(rig.x, rig.y, rig.arena.f32, rig.arena.f64, rig.arena.i64, rig.ring, rig.log)
        best = min(best, time.perf_counter() - before)
    return float(1.0 / best)
