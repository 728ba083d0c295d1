"""External inserts: a strip's signal out through one of the card's outputs and back through the input of that number
(`docs/signal.md`, "Insert")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows
from dsp.compile import njit
from dsp.keys import LARGEST
from dsp.rows import LANES, QUANTUM_FRAMES, TILE_ROWS

Floats = NDArray[np.float32]
Words = NDArray[np.int64]


@njit
def through(x: Floats, first: int, f32: Floats, i64: Words, tile: int, row: int, signal: int, sends: bool) -> None:
    """The tile's inserts at one place (`row` is INSERT_PRE or INSERT_POST) over the quantum at `signal`.

    x[frames, columns] holds what comes back in its frames from `first` on. What goes out is added to the insert lines
    only if `sends`: a tile of buses may be run more than once.
    """
    flat, columns = x.reshape(-1), x.shape[1]
    for n in range(LANES):
        gains = i64[rows.AT_TILE] + (tile * TILE_ROWS + row) * LANES + n
        gain, step = f32[gains], f32[gains + LANES]
        if gain == 0.0 and step == 0.0:
            continue
        port = i64[i64[rows.AT_LANE] + (tile * LANES + n) * rows.LANE_WORDS + rows.LANE_INSERT]
        is_there = 0 <= port < i64[rows.HEAD_INPUTS]
        line = i64[rows.AT_INSERT] + port * QUANTUM_FRAMES
        if sends and not (i64[rows.HEAD_INSERTS] >> port) & 1:
            i64[rows.HEAD_INSERTS] |= 1 << port
            for i in range(QUANTUM_FRAMES):
                f32[line + i] = 0.0
        for i in range(QUANTUM_FRAMES):
            wet, at = gain + np.float32(i + 1) * step, signal + i * LANES + n
            here = f32[at]
            if sends and abs(here) <= np.float32(LARGEST):
                f32[line + i] += wet * here
            back = flat[(first + i) * columns + port] if is_there else np.float32(0.0)
            f32[at] = wet * back + (np.float32(1.0) - wet) * here
