"""From parameters to the numbers the kernels use: gains as ramps, filter designs, dynamics in log₂.

Runs at the start of each quantum, lane by lane, for what has moved. What moved in the last quantum is worked out
once more, so that a ramp's end is its goal to the last bit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import delay, redesign, rows, sends, slots
from dsp.compile import njit
from dsp.delay import quanta_of
from dsp.dynamics import DB_PER_OCTAVE
from dsp.gains import (
    FADE_S,
    amplitude_of_level,
    balance_gains,
    db_to_amplitude,
    fade_factor,
    ramp,
    rate_of,
    walk_fade,
)
from dsp.glide import GAIN_BIT, KEYS_BIT, from_domain
from dsp.lanes import any_lane, differs, load, splat
from dsp.places import is_linked, kind_of, lane_of, link_of
from dsp.rows import FADE_LEFT, LANES, STRIP_SLOTS, TILE_ROWS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_S = slots.STRIP_INDEX
_LOG = int(slots.Domain.LOG)
_SOURCE, _TRIM, _POLARITY, _DELAY = _S["source"], _S["trim_db"], _S["polarity_invert"], _S["delay_ms"]
_GATE_ON, _GATE_MODE, _GATE_THRESHOLD = _S["gate.on"], _S["gate.mode"], _S["gate.threshold_db"]
_GATE_RANGE, _GATE_RATIO, _GATE_HYSTERESIS = _S["gate.range_db"], _S["gate.ratio"], _S["gate.hysteresis_db"]
_GATE_ATTACK, _GATE_HOLD, _GATE_RELEASE = _S["gate.attack_ms"], _S["gate.hold_ms"], _S["gate.release_ms"]
_COMP_ON, _COMP_POSITION, _COMP_DETECTOR = _S["comp.on"], _S["comp.position"], _S["comp.detector"]
_COMP_THRESHOLD, _COMP_RATIO, _COMP_KNEE = _S["comp.threshold_db"], _S["comp.ratio"], _S["comp.knee_db"]
_COMP_ATTACK, _COMP_HOLD, _COMP_RELEASE = _S["comp.attack_ms"], _S["comp.hold_ms"], _S["comp.release_ms"]
_COMP_MAKEUP, _COMP_AUTO, _COMP_MIX = _S["comp.makeup_db"], _S["comp.auto_makeup"], _S["comp.mix_pct"]
_GATE_KEY, _COMP_KEY = _S["gate.key.source"], _S["comp.key.source"]  # its filter is the next
_INSERT_ON, _INSERT_POSITION, _INSERT_SLOT = _S["insert.on"], _S["insert.position"], _S["insert.slot"]
_PAN, _WIDTH, _FADER, _MUTE, _LINK = _S["pan"], _S["width_pct"], _S["fader_db"], _S["mute"], _S["link"]
_DCA_1, _GROUP_1 = _S["dca.1"], _S["mute_group.1"]
_D = slots.DESK_INDEX
_DCA_FADER_1, _DCA_MUTE_1, _GROUP_MUTE_1 = _D["dca.1.fader_db"], _D["dca.1.mute"], _D["mute_group.1.mute"]

INPUT_BIT, GATE_BIT, COMP_BIT, INSERT_BIT = (1 << int(slots.Group[g]) for g in ("INPUT", "GATE", "COMP", "INSERT"))
_LANE_CODES = 256
ALL_GROUPS = INPUT_BIT | GATE_BIT | COMP_BIT | INSERT_BIT | GAIN_BIT | KEYS_BIT
DUCKER = slots.GATE_MODES.index("ducker")
EXPANDER = slots.GATE_MODES.index("expander")


@njit
def _input(f32: Floats, f64: Floats64, i64: Words, tile: int, values: int, words: int, moved: bool) -> None:
    """Trim and polarity, the fade from one source to another, the silence after a bad number."""
    rate_hz = i64[rows.HEAD_RATE]
    fade = fade_factor(i64[words + rows.LANE_SOURCE + FADE_LEFT], quanta_of(FADE_S, rate_hz))
    back, left = quanta_of(FADE_S, rate_hz), i64[words + rows.LANE_GUARD]
    guard = 1.0 if left == 0 else max(0.0, (back - left) / back)
    gain = db_to_amplitude(f64[values + _TRIM]) * (1.0 - 2.0 * f64[values + _POLARITY]) * fade * guard
    ramp(f32, tile + rows.INPUT_GAIN * LANES, gain, moved)


@njit
def _gate(f32: Floats, f64: Floats64, tile: int, values: int, rate_hz: int, moved: bool) -> None:
    wet = tile + rows.GATE_WET * LANES
    mode = int(f64[values + _GATE_MODE])
    if f32[wet] == 0.0 and f32[wet + LANES] == 0.0 and f64[values + _GATE_ON] > 0.0:
        for row in (rows.GATE_ENV, rows.GATE_ENV_LOW, rows.GATE_COUNT):
            f32[tile + row * LANES] = 0.0
        f32[tile + rows.GATE_OPEN * LANES] = 0.0 if mode == DUCKER else 1.0
    ramp(f32, wet, f64[values + _GATE_ON], moved)
    threshold, hysteresis = f64[values + _GATE_THRESHOLD], f64[values + _GATE_HYSTERESIS]
    inverse = f64[values + _GATE_RATIO]
    f32[tile + rows.GATE_THRESHOLD * LANES] = threshold / DB_PER_OCTAVE
    f32[tile + rows.GATE_CLOSE_BELOW * LANES] = (threshold - hysteresis) / DB_PER_OCTAVE
    f32[tile + rows.GATE_RANGE * LANES] = f64[values + _GATE_RANGE] / DB_PER_OCTAVE
    f32[tile + rows.GATE_SLOPE * LANES] = 1.0 / max(inverse, 1e-6) - 1.0
    f32[tile + rows.GATE_EXPANDS * LANES] = 1.0 if mode == EXPANDER else 0.0
    f32[tile + rows.GATE_DUCKS * LANES] = 1.0 if mode == DUCKER else 0.0
    f32[tile + rows.GATE_ATTACK * LANES] = rate_of(from_domain(_LOG, f64[values + _GATE_ATTACK]), rate_hz)
    f32[tile + rows.GATE_RELEASE * LANES] = rate_of(from_domain(_LOG, f64[values + _GATE_RELEASE]), rate_hz)
    hold_ms = from_domain(_LOG, f64[values + _GATE_HOLD])
    f32[tile + rows.GATE_HOLD * LANES] = math.floor(hold_ms * rate_hz / 1000.0 + 0.5)


@njit
def _compressor(f32: Floats, f64: Floats64, tile: int, values: int, rate_hz: int, moved: bool) -> None:
    on = f64[values + _COMP_ON] * f64[values + _COMP_MIX] / 100.0
    after = f64[values + _COMP_POSITION]
    for place, goal in ((rows.PRE_WET, on * (1.0 - after)), (rows.POST_WET, on * after)):
        wet = tile + place * LANES
        if f32[wet] == 0.0 and f32[wet + LANES] == 0.0 and goal > 0.0:
            for row in range(place + 2, place + 7):
                f32[tile + row * LANES] = 0.0
        ramp(f32, wet, goal, moved)
    threshold, slope = f64[values + _COMP_THRESHOLD], f64[values + _COMP_RATIO] - 1.0
    makeup = f64[values + _COMP_MAKEUP] + 0.5 * f64[values + _COMP_AUTO] * slope * threshold
    ramp(f32, tile + rows.COMP_THRESHOLD * LANES, threshold / DB_PER_OCTAVE, moved)
    ramp(f32, tile + rows.COMP_SLOPE * LANES, slope, moved)
    ramp(f32, tile + rows.COMP_MAKEUP * LANES, makeup / DB_PER_OCTAVE, moved)
    f32[tile + rows.COMP_KNEE * LANES] = f64[values + _COMP_KNEE] / DB_PER_OCTAVE
    f32[tile + rows.COMP_ATTACK * LANES] = rate_of(from_domain(_LOG, f64[values + _COMP_ATTACK]), rate_hz)
    f32[tile + rows.COMP_RELEASE * LANES] = rate_of(from_domain(_LOG, f64[values + _COMP_RELEASE]), rate_hz)
    hold_ms = from_domain(_LOG, f64[values + _COMP_HOLD])
    f32[tile + rows.COMP_HOLD * LANES] = math.floor(hold_ms * rate_hz / 1000.0 + 0.5)
    f32[tile + rows.COMP_RMS * LANES] = f64[values + _COMP_DETECTOR]
    if f64[values + _COMP_DETECTOR] == 0.0:
        for row in (rows.PRE_SQUARE, rows.PRE_SQUARE_LOW, rows.POST_SQUARE, rows.POST_SQUARE_LOW):
            f32[tile + row * LANES] = 0.0


@njit
def _any_of(f32: Floats, first: int, count: int) -> bool:
    """Whether any of `count` rows in a row holds anything but zero."""
    zero = splat(np.float32(0.0))
    found = False
    for k in range(count):
        found = found or any_lane(differs(load(f32, first + k * LANES), zero))
    return found


@njit
def _insert(f32: Floats, f64: Floats64, i64: Words, lane: int, tile: int, values: int, moved: bool) -> None:
    words = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    fade = fade_factor(i64[words + rows.LANE_INSERT + FADE_LEFT], quanta_of(FADE_S, i64[rows.HEAD_RATE]))
    wet = f64[values + _INSERT_ON] * fade if 0 <= i64[words + rows.LANE_INSERT] < rows.MAX_PORTS else 0.0
    after = f64[values + _INSERT_POSITION]
    ramp(f32, tile + rows.INSERT_PRE * LANES, wet * (1.0 - after), moved)
    ramp(f32, tile + rows.INSERT_POST * LANES, wet * after, moved)
    first = tile - lane % LANES + rows.INSERT_PRE * LANES
    tile_words = i64[rows.AT_TILE_WORDS] + (lane // LANES) * rows.TILE_WORDS
    i64[tile_words + rows.TILE_INSERTS] = _any_of(f32, first, 4)


@njit
def _gains(f32: Floats, f64: Floats64, i64: Words, lane: int, tile: int, values: int, moved: bool) -> None:
    """Mute, and what of the lane and of its neighbour is heard after the fader."""
    desk = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    mute = (1.0 - f64[values + _MUTE]) * f32[tile + rows.IN_PLACE * LANES]
    fader = amplitude_of_level(f64[values + _FADER])
    for d in range(slots.DCAS):
        member = f64[values + _DCA_1 + d]
        if member > 0.0:
            mute *= 1.0 - member * f64[desk + _DCA_MUTE_1 + d]
            fader *= 1.0 + member * (amplitude_of_level(f64[desk + _DCA_FADER_1 + d]) - 1.0)
    for g in range(slots.MUTE_GROUPS):
        mute *= 1.0 - f64[values + _GROUP_1 + g] * f64[desk + _GROUP_MUTE_1 + g]
    left = lane - lane % 2
    f32[tile + rows.LINK_BEFORE * LANES] = f32[tile + rows.LINK_NOW * LANES]
    f32[tile + rows.LINK_NOW * LANES] = link_of(f64, i64, lane)
    link = 0.0 if sends.feeds_its_neighbour(f32, i64, left) else link_of(f64, i64, lane)
    width = f64[values + _WIDTH] / 100.0
    balance = link * balance_gains(f64[values + _PAN])[lane % 2]
    f32[tile + rows.LINK * LANES] = link
    ramp(f32, tile + rows.MUTE * LANES, mute, moved)
    ramp(f32, tile + rows.OWN * LANES, fader * (1.0 - link + balance * (1.0 + width) * 0.5), moved)
    ramp(f32, tile + rows.CROSS * LANES, fader * balance * (1.0 - width) * 0.5, moved)
    tile_words = i64[rows.AT_TILE_WORDS] + (lane // LANES) * rows.TILE_WORDS
    i64[tile_words + rows.TILE_CROSS] = _any_of(f32, tile - lane % LANES + rows.CROSS * LANES, 2)
    i64[tile_words + rows.TILE_STIRRED] = 1


@njit
def _key_wanted(f64: Floats64, i64: Words, lane: int, slot: int) -> int:
    """What one detector is to listen to, as one choice: two lanes (itself and none where it is not another's), and
    whether it is keyed at all."""
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    source = lane_of(i64, int(f64[values + slot]))
    keyed = source >= 0 or f64[values + slot + 1] > 0.0
    too = -1
    if source >= 0 and is_linked(f64, i64, source):
        left = source - source % 2
        if is_linked(f64, i64, lane):  # each side listens to its own
            source = left + lane % 2
        else:
            source, too = left, left + 1
    return ((source + 1) * _LANE_CODES + too + 1) * 2 + int(keyed)


@njit
def _key(f32: Floats, f64: Floats64, i64: Words, lane: int, slot: int, tile: int) -> bool:
    """Moves what one detector listens to on; True while it changes over."""
    of_gate, words = slot == _GATE_KEY, i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    hears = words + (rows.LANE_GATE_HEARS if of_gate else rows.LANE_COMP_HEARS)
    quanta, wanted = quanta_of(FADE_S, i64[rows.HEAD_RATE]), _key_wanted(f64, i64, lane, slot)
    if i64[rows.HEAD_FRESH]:
        i64[hears] = wanted
    moves = walk_fade(i64, hears, wanted, quanta)
    lanes, keyed = i64[hears] // 2, i64[hears] % 2
    taken = words + (rows.LANE_GATE_KEY if of_gate else rows.LANE_COMP_KEY)
    i64[taken], i64[taken + 1] = lanes // _LANE_CODES - 1, lanes % _LANE_CODES - 1
    f32[tile + (rows.GATE_KEYED if of_gate else rows.COMP_KEYED) * LANES] = keyed
    if not keyed:
        redesign.clear(f32, i64, lane, rows.GATE_KEY_SECTION if of_gate else rows.COMP_KEY_SECTION)
    listen = tile + (rows.GATE_LISTEN if of_gate else rows.COMP_LISTEN) * LANES
    ramp(f32, listen, fade_factor(i64[hears + FADE_LEFT], quanta), moves)
    return moves


@njit
def _keys(f32: Floats, f64: Floats64, i64: Words, lane: int, tile: int) -> bool:
    moves = _key(f32, f64, i64, lane, _GATE_KEY, tile)
    moves = _key(f32, f64, i64, lane, _COMP_KEY, tile) or moves
    gate, comp = tile + rows.GATE_KEYED * LANES, tile + rows.COMP_KEYED * LANES
    tile_words = i64[rows.AT_TILE_WORDS] + (lane // LANES) * rows.TILE_WORDS
    i64[tile_words + rows.TILE_GATE_KEYED] = _any_of(f32, gate - lane % LANES, 1)
    i64[tile_words + rows.TILE_COMP_KEYED] = _any_of(f32, comp - lane % LANES, 1)
    i64[tile_words + rows.TILE_STIRRED] = 1
    return moves


@njit
def prepare_lane(f32: Floats, f64: Floats64, i64: Words, lane: int) -> None:
    """Brings one strip's numbers up to date at the start of a quantum; only a lane that is awake needs it."""
    words = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    rate_hz = i64[rows.HEAD_RATE]
    tile = i64[rows.AT_TILE] + (lane // LANES) * TILE_ROWS * LANES + lane % LANES
    fade_quanta = quanta_of(FADE_S, rate_hz)
    if has_source(i64, lane) and walk_fade(i64, words + rows.LANE_SOURCE, int(f64[values + _SOURCE]), fade_quanta):
        i64[words + rows.LANE_MOVED] |= INPUT_BIT
    if walk_fade(i64, words + rows.LANE_INSERT, int(f64[values + _INSERT_SLOT]), fade_quanta):
        i64[words + rows.LANE_MOVED] |= INSERT_BIT
    if i64[words + rows.LANE_GUARD] > 0:
        i64[words + rows.LANE_GUARD] -= 1
        i64[words + rows.LANE_MOVED] |= INPUT_BIT
    delay_moves = delay.prepare(i64, words + rows.LANE_DELAY, delay.frames_of(f64[values + _DELAY], i64))
    moved = i64[words + rows.LANE_MOVED]
    due = moved | i64[words + rows.LANE_SETTLING]
    if due & INPUT_BIT:
        _input(f32, f64, i64, tile, values, words, moved & INPUT_BIT != 0)
    if due & GATE_BIT:
        _gate(f32, f64, tile, values, rate_hz, moved & GATE_BIT != 0)
    if due & COMP_BIT:
        _compressor(f32, f64, tile, values, rate_hz, moved & COMP_BIT != 0)
    if due & INSERT_BIT:
        _insert(f32, f64, i64, lane, tile, values, moved & INSERT_BIT != 0)
    if due & GAIN_BIT:
        _gains(f32, f64, i64, lane, tile, values, moved & GAIN_BIT != 0)
    if due & KEYS_BIT:
        moved = (moved & ~KEYS_BIT) | (KEYS_BIT if _keys(f32, f64, i64, lane, tile) else 0)
    i64[words + rows.LANE_SETTLING] = moved
    i64[words + rows.LANE_MOVED] = 0
    fades = i64[words + rows.LANE_SOURCE + FADE_LEFT] | i64[words + rows.LANE_INSERT + FADE_LEFT]
    i64[words + rows.LANE_AWAKE] = moved != 0 or fades != 0 or delay_moves or i64[words + rows.LANE_GUARD] != 0


@njit
def has_source(i64: Words, lane: int) -> bool:
    """Whether a lane hears a source; the others hear what is sent to them."""
    kind = kind_of(i64, lane)
    return kind in (rows.KIND_CHANNEL, rows.KIND_RETURN)


@njit
def start_lane(f32: Floats, f64: Floats64, i64: Words, lane: int) -> None:
    """Puts what one strip is made of at its parameters, states clear; `prepare_lane` then finds it at rest."""
    words = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    i64[words + rows.LANE_SOURCE] = int(f64[values + _SOURCE])
    i64[words + rows.LANE_INSERT] = int(f64[values + _INSERT_SLOT])
    delay.start(i64, words + rows.LANE_DELAY, delay.frames_of(f64[values + _DELAY], i64))
    i64[words + rows.LANE_SETTLING] = ALL_GROUPS
    i64[words + rows.LANE_AWAKE] = 1
