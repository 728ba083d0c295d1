"""Who is soloed: what the monitor is to hear, and what solo in place silences (`docs/signal.md`, "Mute and fader")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import rows, slots
from dsp.compile import njit
from dsp.delay import quanta_of
from dsp.gains import WALK_S, walk
from dsp.glide import GAIN_BIT
from dsp.rows import LANES, STRIP_SLOTS, TILE_ROWS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_S = slots.STRIP_INDEX
_SOLO, _SAFE, _GATE_LISTEN, _COMP_LISTEN = (
    _S["solo"], _S["solo_safe"], _S["gate.key.listen"], _S["comp.key.listen"],
)  # fmt: skip
_MODE = slots.DESK_INDEX["monitor.solo_mode"]
SIP = slots.SOLO_MODES.index("sip")


@njit
def is_source(kind: int) -> bool:
    """Whether solo in place means strips of this kind: channels and returns."""
    return kind in (rows.KIND_CHANNEL, rows.KIND_RETURN)


@njit
def prepare(f32: Floats, f64: Floats64, i64: Words) -> None:
    """Looks at every strip's solo, by goals; solo in place walks one step, and is asked for again while it walks."""
    tiles = i64[rows.HEAD_TILES]
    goals = i64[rows.AT_GOAL]
    in_place = int(f64[goals + tiles * LANES * STRIP_SLOTS + _MODE]) == SIP
    soloed, source_soloed = False, False
    for tile in range(tiles):
        kind = i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_KIND]
        for lane in range(tile * LANES, (tile + 1) * LANES):
            goal = goals + lane * STRIP_SLOTS
            if f64[goal + _SOLO] > 0.0:
                soloed = True
                source_soloed = source_soloed or is_source(kind)
            soloed = soloed or f64[goal + _GATE_LISTEN] > 0.0 or f64[goal + _COMP_LISTEN] > 0.0
    i64[rows.HEAD_SOLOED] = soloed and not in_place
    most = 1.0 if i64[rows.HEAD_FRESH] else 1.0 / quanta_of(WALK_S, i64[rows.HEAD_RATE])
    walks = False
    for tile in range(tiles):
        kind = i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_KIND]
        silences = in_place and source_soloed and (is_source(kind))
        for n in range(LANES):
            goal = goals + (tile * LANES + n) * STRIP_SLOTS
            silent = silences and not f64[goal + _SOLO] > 0.0 and not f64[goal + _SAFE] > 0.0
            wanted = np.float32(0.0 if silent else 1.0)
            row = i64[rows.AT_TILE] + (tile * TILE_ROWS + rows.IN_PLACE) * LANES + n
            if f32[row] != wanted:
                f32[row] = walk(f32[row], wanted, most)
                walks = True
                words = i64[rows.AT_LANE] + (tile * LANES + n) * rows.LANE_WORDS
                i64[words + rows.LANE_MOVED] |= GAIN_BIT
                i64[words + rows.LANE_AWAKE] = 1
    i64[rows.HEAD_SOLO_AWAKE] = walks
