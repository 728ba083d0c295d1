"""Sends: what of a tile's strips goes to buses, mains, matrices and the solo bus (`docs/signal.md`, "Sends").

For each line of a tile (a tap, or what a detector listens to) and each lane of a destination there is a row of eight
gains, one for each strip. Rows that are silent are left out of the lists that `dsp.mix` runs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import gains, rows, slots
from dsp.compile import njit
from dsp.glide import GAIN_BIT
from dsp.lanes import any_lane, differs, load, splat, store
from dsp.places import LINK_SLOT, is_linked, link_of
from dsp.redesign import TURN_FRAMES
from dsp.rows import DESTS, LANES, LINES, QUANTUM_FRAMES, SEND_ROWS, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_S = slots.STRIP_INDEX
_ON, _LEVEL, _TAP, _SEND_PAN = (_S[f"send.1.{name}"] for name in ("on", "level_db", "tap", "pan"))
_PAN, _TO_MAIN, _TO_MONO, _MONO_LEVEL = _S["pan"], _S["to_main"], _S["to_mono"], _S["mono_level_db"]
_SOLO, _GATE_LISTEN, _COMP_LISTEN = _S["solo"], _S["gate.key.listen"], _S["comp.key.listen"]
_SOLO_MODE = slots.DESK_INDEX["monitor.solo_mode"]
_PFL, _AFL = slots.SOLO_MODES.index("pfl"), slots.SOLO_MODES.index("afl")
_BLOCK = QUANTUM_FRAMES * LANES
_ROW = SEND_ROWS * LANES
_GOAL = rows.SEND_GOAL * LANES
_LANES_OF = rows.DEST_LANES


@njit
def line_at(i64: Words, tile: int, line: int) -> int:
    """Where the block of a tile's line starts; the tile behind the last is the one of generator and talkback."""
    if tile == i64[rows.HEAD_TILES]:
        return i64[rows.AT_AUX]
    if line == rows.TAP_INPUT:
        return i64[rows.AT_INPUT] + tile * _BLOCK
    block = rows.WORK_SIGNAL
    if line == rows.TAP_PRE_EQ:
        block = rows.WORK_PRE_EQ
    elif line == rows.TAP_PRE_FADER:
        block = rows.WORK_PRE_FADER
    elif line == rows.TAP_POST_FADER:
        block = rows.WORK_POST_FADER
    elif line == rows.TAP_GATE_KEY:
        block = rows.WORK_GATE_KEY
    elif line == rows.TAP_COMP_KEY:
        block = rows.WORK_COMP_KEY
    return i64[rows.AT_WORK] + block * _BLOCK


@njit
def row_at(i64: Words, tile: int, line: int, dest: int, to: int) -> int:
    """Where the rows of one line of a tile to lane `to` of a destination start."""
    return i64[rows.AT_SEND] + (((tile * LINES + line) * DESTS + dest) * LANES + to) * _ROW


@njit
def _row_of(i64: Words, tile: int, dest: int, number: int) -> int:
    """The rows of entry `number` of a list."""
    first = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_LISTS
    return i64[first + (dest * rows.MAX_ENTRIES + number) * rows.ENTRY_WORDS + 1]


@njit
def _count(i64: Words, tile: int, dest: int) -> int:
    return i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_COUNTS + dest]


@njit
def forget(f32: Floats, i64: Words, lane: int) -> None:
    """All goals of a lane to zero; what is not listed is."""
    tile = lane // LANES
    for dest in range(DESTS):
        for k in range(_count(i64, tile, dest)):
            f32[_row_of(i64, tile, dest, k) + _GOAL + lane % LANES] = 0.0


@njit
def add(f32: Floats, i64: Words, lane: int, line: int, dest: int, to: int, gain: float) -> None:
    """Adds to the goal of a line of a lane to lane `to` of a destination."""
    f32[row_at(i64, lane // LANES, line, dest, to) + _GOAL + lane % LANES] += gain


@njit
def feeds_its_neighbour(f32: Floats, i64: Words, left: int) -> bool:
    """Whether anything is sent, or on its way to be, from the left bus of a pair to its right one."""
    first = i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS] * LANES
    place = left - first
    if place < 0 or place >= i64[rows.HEAD_LANES_OF + rows.KIND_BUS]:
        return False
    for line in range(LINES):
        row = row_at(i64, left // LANES, line, rows.DEST_BUS + place // LANES, place % LANES + 1) + left % LANES
        if f32[row] != 0.0 or f32[row + _GOAL] != 0.0:
            return True
    return False


@njit
def is_joined(f32: Floats, f64: Floats64, i64: Words, left: int) -> bool:
    """Whether a pair of lanes is one strip, or was in the last quantum: then its sides cannot feed each other."""
    row = i64[rows.AT_TILE] + (left // LANES * rows.TILE_ROWS + rows.LINK_BEFORE) * LANES + left % LANES
    return f32[row] > 0.0 or link_of(f64, i64, left) > 0.0 or is_linked(f64, i64, left)


@njit
def _parts(f32: Floats, f64: Floats64, i64: Words, lane: int) -> bool:
    """Whether a lane was a side of a pair in the last quantum and is none any more."""
    return link_of(f64, i64, lane) == 0.0 and is_joined(f32, f64, i64, lane - lane % 2)


@njit
def _tap(f64: Floats64, send: int) -> int:
    return min(max(int(f64[send + _TAP]), 0), rows.TAPS - 1)


@njit
def _to_a_pair(
    f32: Floats, f64: Floats64, i64: Words, lane: int, link: float, number: int, dest: int, to: int, pair: int
) -> None:
    """The goals of the sends `number` and the one after to lanes `to` and `to` + 1 of a destination; `pair` is its left
    lane. `link` is λ of the sender."""
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    theirs, side = link_of(f64, i64, pair), lane % 2
    both = lane - side == pair  # one of a pair of buses, to the other
    if both and (side > 0 or is_joined(f32, f64, i64, pair)):
        return
    for k in range(1 if both else 0, 2):
        send = values + number + k
        level = f64[send + _ON] * gains.amplitude_of_level(f64[send + _LEVEL]) * (1.0 - theirs)
        if level != 0.0:
            add(f32, i64, lane, _tap(f64, send), dest, to + k, level * (1.0 - 0.5 * link))
    if theirs == 0.0 or both:
        return
    send = values + number
    level = f64[send + _ON] * gains.amplitude_of_level(f64[send + _LEVEL]) * theirs
    if level != 0.0:
        pan, balance = gains.pan_gains(f64[send + _SEND_PAN]), gains.balance_gains(f64[send + _SEND_PAN])
        for k in range(2):
            own = balance[k] if k == side else 0.0
            add(f32, i64, lane, _tap(f64, send), dest, to + k, level * ((1.0 - link) * pan[k] + link * own))


@njit
def _to_mains(f32: Floats, f64: Floats64, i64: Words, lane: int, link: float) -> None:
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    pan = gains.pan_gains(f64[values + _PAN])
    for k in range(2):
        own = 1.0 if k == lane % 2 else 0.0
        gain = f64[values + _TO_MAIN] * ((1.0 - link) * pan[k] + link * own)
        add(f32, i64, lane, rows.TAP_POST_FADER, rows.DEST_MAIN, k, gain)
    mono = f64[values + _TO_MONO] * gains.amplitude_of_level(f64[values + _MONO_LEVEL]) * (1.0 - 0.5 * link)
    add(f32, i64, lane, rows.TAP_POST_FADER, rows.DEST_MAIN, 2, mono)


@njit
def _to_solo(f32: Floats, f64: Floats64, i64: Words, lane: int, link: float) -> None:
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    mode = int(f64[i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS + _SOLO_MODE])
    solo, pan = f64[values + _SOLO], gains.pan_gains(f64[values + _PAN])
    for k in range(2):
        own = 1.0 if k == lane % 2 else 0.0
        straight = 1.0 - link + link * own
        if mode == _PFL:
            add(f32, i64, lane, rows.TAP_POST_EQ, rows.DEST_SOLO, k, solo * straight)
        elif mode == _AFL:
            panned = (1.0 - link) * pan[k] + link * own
            add(f32, i64, lane, rows.TAP_POST_FADER, rows.DEST_SOLO, k, solo * panned)
        add(f32, i64, lane, rows.TAP_GATE_KEY, rows.DEST_SOLO, k, f64[values + _GATE_LISTEN] * straight)
        add(f32, i64, lane, rows.TAP_COMP_KEY, rows.DEST_SOLO, k, f64[values + _COMP_LISTEN] * straight)


@njit
def _set_goals(f32: Floats, f64: Floats64, i64: Words, lane: int, kind: int) -> None:
    forget(f32, i64, lane)
    link = link_of(f64, i64, lane)
    if kind < rows.KIND_MAIN:
        first = i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS] * LANES
        buses = i64[rows.HEAD_LANES_OF + rows.KIND_BUS]
        lowest = lane - first - lane % 2 if kind == rows.KIND_BUS else 0
        for b in range(lowest, buses, 2):
            _to_a_pair(f32, f64, i64, lane, link, b, rows.DEST_BUS + b // LANES, b % LANES, first + b)
        _to_mains(f32, f64, i64, lane, link)
    if kind in (rows.KIND_BUS, rows.KIND_MAIN):
        first = i64[rows.HEAD_FIRST_TILE + rows.KIND_MATRIX] * LANES
        for m in range(0, i64[rows.HEAD_LANES_OF + rows.KIND_MATRIX], 2):
            _to_a_pair(f32, f64, i64, lane, link, slots.MAX_BUSES + m, rows.DEST_MATRIX, m, first + m)
    _to_solo(f32, f64, i64, lane, link)


@njit
def settle(f32: Floats, i64: Words, tile: int) -> None:
    """Sets the steps of a tile's rows from gains to goals, and lists the rows that are heard or will be."""
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    share, zero = splat(np.float32(1.0 / TURN_FRAMES)), splat(np.float32(0.0))
    i64[words + rows.TILE_TURNING] = i64[words + rows.TILE_SENT] = 0
    i64[words + rows.TILE_STIRRED] = 1
    for dest in range(DESTS):
        entry = words + rows.TILE_LISTS + dest * rows.MAX_ENTRIES * rows.ENTRY_WORDS
        count, moves = 0, 0
        for to in range(_LANES_OF[dest]):
            for line in range(LINES):
                row = row_at(i64, tile, line, dest, to)
                gain, goal = load(f32, row), load(f32, row + _GOAL)
                if not (any_lane(differs(gain, zero)) or any_lane(differs(goal, zero))):
                    continue
                if any_lane(differs(gain, goal)):
                    moves = 1
                    store(f32, row + LANES, (goal - gain) * share)
                else:
                    store(f32, row + LANES, zero)
                i64[entry] = line_at(i64, tile, line)
                i64[entry + 1] = row
                i64[entry + 2] = to
                i64[words + rows.TILE_SENT] |= 1 << line
                count += 1
                entry += rows.ENTRY_WORDS
        i64[words + rows.TILE_COUNTS + dest] = count
        i64[words + rows.TILE_MOVES + dest] = moves
        i64[words + rows.TILE_TURNING] |= moves


@njit
def arrive(f32: Floats, i64: Words, tile: int) -> None:
    """Ends the tile's ramps: the gains are exactly their goals."""
    for dest in range(DESTS):
        for k in range(_count(i64, tile, dest)):
            row = _row_of(i64, tile, dest, k)
            store(f32, row, load(f32, row + _GOAL))


@njit
def rest(f32: Floats, i64: Words, tile: int) -> None:
    """Puts a tile's gains at their goals at once."""
    settle(f32, i64, tile)
    arrive(f32, i64, tile)
    settle(f32, i64, tile)


@njit
def turn(f32: Floats, f64: Floats64, i64: Words, tile: int) -> None:
    """A tile's turn: its ramps end, those of lanes whose sends have moved begin."""
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    waiting = 0
    for lane in range(tile * LANES, (tile + 1) * LANES):
        waiting |= i64[i64[rows.AT_LANE] + lane * rows.LANE_WORDS + rows.LANE_SENDS]
    if not waiting and not i64[words + rows.TILE_TURNING]:
        return
    if i64[words + rows.TILE_TURNING]:
        arrive(f32, i64, tile)
    kind = i64[words + rows.TILE_KIND]
    for lane in range(tile * LANES, (tile + 1) * LANES):
        state = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
        if i64[state + rows.LANE_SENDS]:
            # A pair whose λ has come to 0 in this quantum still was joined before it: what its left side sends to its
            # right one waits for the next turn.
            i64[state + rows.LANE_SENDS] = kind == rows.KIND_BUS and _parts(f32, f64, i64, lane)
            _set_goals(f32, f64, i64, lane, kind)
        if kind == rows.KIND_BUS and f64[i64[rows.AT_VALUE] + (lane - lane % 2) * STRIP_SLOTS + LINK_SLOT] > 0.0:
            i64[state + rows.LANE_MOVED] |= GAIN_BIT  # its detectors may hear each other now, or no longer
            i64[state + rows.LANE_AWAKE] = 1
    settle(f32, i64, tile)


@njit
def start(f32: Floats, f64: Floats64, i64: Words) -> None:
    """Puts every send of every strip at its gain, at rest."""
    for tile in range(i64[rows.HEAD_TILES]):
        kind = i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_KIND]
        for lane in range(tile * LANES, (tile + 1) * LANES):
            _set_goals(f32, f64, i64, lane, kind)
        rest(f32, i64, tile)
