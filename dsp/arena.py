"""One block of memory holds all that the sound depends on: parameters, filters, delays, envelopes, counters.

A snapshot of the desk is a copy of the block, a restore is a copy back. `dsp.rows` says what lies where in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dsp import rows, slots
from dsp.rows import DESK_SLOTS, LANES, OUTPUT_SLOTS, QUANTUM_FRAMES, STAGES, STRIP_SLOTS

MAX_CHANNELS = 64
MAX_PORTS = 32
MAX_DELAY_MS = 500


def _round_up(count: int, to: int) -> int:
    return -(-count // to) * to


@dataclass(frozen=True)
class DeskSize:
    """How large a desk is; its parameters' addresses follow from it.

    channels 1…64, inputs and outputs (physical) 1…32, rate_hz 8,000…192,000. Raises ValueError outside these.
    """

    channels: int = 16
    inputs: int = 2
    outputs: int = 2
    rate_hz: int = 48000

    def __post_init__(self) -> None:
        limits = (
            ("channels", self.channels, 1, MAX_CHANNELS),
            ("inputs", self.inputs, 1, MAX_PORTS),
            ("outputs", self.outputs, 1, MAX_PORTS),
            ("rate_hz", self.rate_hz, 8000, 192000),
        )
        for name, number, low, high in limits:
            if not low <= number <= high:
                raise ValueError(f"{name} is {number}; a desk has {low} to {high}")

    @property
    def tiles(self) -> int:
        """Tiles of eight strips: the channels', then the mains'."""
        return -(-self.channels // LANES) + 1

    @property
    def lanes(self) -> int:
        """Strips that the kernel computes, unused ones included."""
        return self.tiles * LANES

    @property
    def main_lane(self) -> int:
        """The lane of main left; main right is the next."""
        return (self.tiles - 1) * LANES

    @property
    def output_tiles(self) -> int:
        """Groups of eight outputs."""
        return -(-self.outputs // LANES)

    @property
    def addresses(self) -> int:
        """How many parameters the kernel knows."""
        return self.lanes * STRIP_SLOTS + DESK_SLOTS + self.outputs * OUTPUT_SLOTS

    @property
    def delay_frames(self) -> int:
        """Length of a strip's delay line, a power of two."""
        longest = self.rate_hz * MAX_DELAY_MS // 1000 + 2 * QUANTUM_FRAMES
        return 1 << (longest - 1).bit_length()

    def channel(self, number: int, name: str) -> int:
        """Address of a slot of channel `number` (from 1). Raises IndexError or KeyError when there is none."""
        if not 1 <= number <= self.channels:
            raise IndexError(f"there is no channel {number}")
        return (number - 1) * STRIP_SLOTS + slots.STRIP_INDEX[name]

    def main(self, name: str) -> int:
        """Address of a slot of `main.lr` (both of its lanes follow it)."""
        return self.main_lane * STRIP_SLOTS + slots.STRIP_INDEX[name]

    def desk(self, name: str) -> int:
        """Address of a slot of the desk itself, `monitor.level_db` say."""
        return self.lanes * STRIP_SLOTS + slots.DESK_INDEX[name]

    def output(self, number: int, name: str) -> int:
        """Address of a slot of physical output `number` (from 1)."""
        if not 1 <= number <= self.outputs:
            raise IndexError(f"there is no output {number}")
        first = self.lanes * STRIP_SLOTS + DESK_SLOTS
        return first + (number - 1) * OUTPUT_SLOTS + slots.OUTPUT_INDEX[name]

    @cached_property
    def offsets(self) -> Offsets:
        """Where each part starts in the arena's views."""
        return Offsets(self)


class Offsets:
    """First index of each part in the arena's f32, f64 and i64 views, and each view's length."""

    def __init__(self, size: DeskSize) -> None:
        tiles, lanes, outputs = size.tiles, size.lanes, size.output_tiles * LANES
        counts = {
            "tile": lanes * rows.TILE_ROWS,
            "section": lanes * rows.SECTIONS * rows.SECTION_ROWS,
            "peak": STAGES * lanes,
            "mean_square": STAGES * lanes,
            "gr_gate": lanes,
            "gr_comp": lanes,
            "out_peak": outputs,
            "out_mean_square": outputs,
            "limiter_gr": outputs,
            "output_tile": outputs * rows.OUTPUT_TILE_ROWS,
            "limiter_x": outputs * rows.LIMITER_PAST_FRAMES,
            "limiter_r": outputs * rows.LOOKAHEAD_FRAMES,
            "limiter_e": outputs * rows.LOOKAHEAD_FRAMES,
            "monitor": 2 * rows.MONITOR_SOURCES * LANES,
            "work": rows.WORK_BLOCKS * QUANTUM_FRAMES * LANES,
            "taps": rows.TRUE_PEAK_PHASES * rows.TRUE_PEAK_TAPS,
            "delay": lanes * size.delay_frames,
            "value": size.addresses,
            "goal": size.addresses,
            "step": size.addresses,
            "weights": rows.WEIGHTS,
            "head": rows.HEAD,
            "left": size.addresses,  # quanta left of a glide; 0 at rest
            "moving": size.addresses,  # the addresses in motion, rows.HEAD_MOVING of them
            "lane": lanes * rows.LANE_WORDS,
            "section_flags": tiles * rows.SECTIONS * rows.SECTION_FLAGS,
            "output": size.outputs * rows.OUTPUT_WORDS,
            "clips": STAGES * lanes,
        }
        self.at: dict[str, int] = {}
        self.length: dict[str, int] = {}
        for view, parts in (("f32", rows.PARTS_F32), ("f64", rows.PARTS_F64), ("i64", rows.PARTS_I64)):
            total = 0
            for name in parts:
                self.at[name] = total
                total += _round_up(counts[name], rows.CACHE_LINE_WORDS)
            self.length[view] = total


class Arena:
    """The block and its views. `size` says how large the desk is."""

    def __init__(self, size: DeskSize) -> None:
        self.size = size
        length = size.offsets.length
        bytes_f64, bytes_i64, bytes_f32 = 8 * length["f64"], 8 * length["i64"], 4 * length["f32"]
        raw = np.zeros(bytes_f64 + bytes_i64 + bytes_f32 + 64, np.uint8)
        start = -raw.ctypes.data % 64
        self.block: NDArray[np.uint8] = raw[start : start + bytes_f64 + bytes_i64 + bytes_f32]
        self.f64: NDArray[np.float64] = self.block[:bytes_f64].view(np.float64)
        self.i64: NDArray[np.int64] = self.block[bytes_f64 : bytes_f64 + bytes_i64].view(np.int64)
        self.f32: NDArray[np.float32] = self.block[bytes_f64 + bytes_i64 :].view(np.float32)
        self.i64[[rows.HEAD_RATE, rows.HEAD_TILES, rows.HEAD_CHANNELS]] = size.rate_hz, size.tiles, size.channels
        self.i64[[rows.HEAD_INPUTS, rows.HEAD_OUTPUTS, rows.HEAD_DELAY_FRAMES]] = (
            size.inputs,
            size.outputs,
            size.delay_frames,
        )
        self.i64[rows.HEAD_PLACES : rows.HEAD_PLACES + len(rows.PARTS)] = [size.offsets.at[name] for name in rows.PARTS]

    @property
    def clock(self) -> int:
        """Frames processed since the reset."""
        return int(self.i64[rows.HEAD_CLOCK])

    @property
    def events_taken(self) -> int:
        """Index of the next event to be read from the queue."""
        return int(self.i64[rows.HEAD_TAKEN])

    @property
    def events_logged(self) -> int:
        """Index of the next entry in the log."""
        return int(self.i64[rows.HEAD_LOGGED])

    @property
    def value(self) -> NDArray[np.float64]:
        """Where each parameter is now, in its domain's own scale (`dsp.laws.from_domain` makes the unit of it)."""
        start = self.size.offsets.at["value"]
        return self.f64[start : start + self.size.addresses]

    @cached_property
    def meters(self) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
        """Views: peak and mean_square [stages, lanes], gr_gate_db and gr_comp_db [lanes], out_peak, out_mean_square,
        limiter_gr_db [outputs], clips [stages, lanes], bad_numbers [lanes]. Peaks fall 20 dB in 1.7 s, squares are
        averaged over 300 ms."""
        size, at = self.size, self.size.offsets.at

        def floats(name: str, *shape: int) -> NDArray[np.float32]:
            return self.f32[at[name] : at[name] + math.prod(shape)].reshape(shape)

        def words(name: str, *shape: int) -> NDArray[np.int64]:
            return self.i64[at[name] : at[name] + math.prod(shape)].reshape(shape)

        return {
            "peak": floats("peak", STAGES, size.lanes),
            "mean_square": floats("mean_square", STAGES, size.lanes),
            "gr_gate_db": floats("gr_gate", size.lanes),
            "gr_comp_db": floats("gr_comp", size.lanes),
            "out_peak": floats("out_peak", size.outputs),
            "out_mean_square": floats("out_mean_square", size.outputs),
            "limiter_gr_db": floats("limiter_gr", size.outputs),
            "clips": words("clips", STAGES, size.lanes),
            "bad_numbers": words("lane", size.lanes, rows.LANE_WORDS)[:, rows.LANE_BAD],
        }
