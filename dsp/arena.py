"""One block of memory holds all that the sound depends on: parameters, filters, delays, envelopes, counters.

A snapshot of the desk is a copy of the block, a restore is a copy back. `dsp.rows` says what lies where in it.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.layout import layout_of
from dsp.rows import STAGES
from dsp.size import DeskSize


class Arena:
    """The block and its views. `size` says how large the desk is."""

    def __init__(self, size: DeskSize) -> None:
        self.size, self.layout = size, layout_of(size)
        length = self.layout.length
        bytes_f64, bytes_i64, bytes_f32 = 8 * length["f64"], 8 * length["i64"], 4 * length["f32"]
        raw = np.zeros(bytes_f64 + bytes_i64 + bytes_f32 + 64, np.uint8)
        start = -raw.ctypes.data % 64
        self.block: NDArray[np.uint8] = raw[start : start + bytes_f64 + bytes_i64 + bytes_f32]
        self.f64: NDArray[np.float64] = self.block[:bytes_f64].view(np.float64)
        self.i64: NDArray[np.int64] = self.block[bytes_f64 : bytes_f64 + bytes_i64].view(np.int64)
        self.f32: NDArray[np.float32] = self.block[bytes_f64 + bytes_i64 :].view(np.float32)
        self._write_head()

    def clear(self) -> None:
        """Everything as in a new arena."""
        self.block[:] = 0
        self._write_head()

    def _write_head(self) -> None:
        """What the kernel has to know of the size."""
        head, size = self.i64, self.size
        head[rows.HEAD_RATE], head[rows.HEAD_TILES], head[rows.HEAD_DELAY_FRAMES] = (
            size.rate_hz,
            size.tiles,
            size.delay_frames,
        )
        head[rows.HEAD_INPUTS], head[rows.HEAD_PLAYS], head[rows.HEAD_OUTPUTS] = size.inputs, size.plays, size.outputs
        head[rows.HEAD_EFFECTS] = size.effects
        first_tile = 0
        for kind, tiles in enumerate(size.tiles_of):
            head[rows.HEAD_FIRST_TILE + kind] = first_tile
            head[rows.HEAD_LANES_OF + kind] = size.lanes_of[kind]
            words = self.layout.at["tile_words"] + first_tile * rows.TILE_WORDS
            head[words + rows.TILE_KIND : words + tiles * rows.TILE_WORDS : rows.TILE_WORDS] = kind
            first_tile += tiles
        head[rows.HEAD_PLACES : rows.HEAD] = [self.layout.at[name] for name in rows.PARTS]

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
        start = self.layout.at["value"]
        return self.f64[start : start + self.size.addresses]

    def patched(self, output: int) -> NDArray[np.float32]:
        """float32[32], a view: what output `output` (from 1) was given by the strip it carries in the last quantum,
        before the output's own gain, delay and limiter."""
        start = self.layout.at["patch"] + (output - 1) * rows.QUANTUM_FRAMES
        return self.f32[start : start + rows.QUANTUM_FRAMES]

    @cached_property
    def meters(self) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
        """Views: peak and mean_square [stages, lanes], gr_gate_db and gr_comp_db [lanes], out_peak, out_mean_square,
        limiter_gr_db [outputs], clips [stages, lanes], bad_numbers [lanes]. Peaks fall 20 dB in 1.7 s, squares are
        averaged over 300 ms."""
        size, at = self.size, self.layout.at

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
