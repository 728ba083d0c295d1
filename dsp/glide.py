"""Events taken from the queue, parameters on their way, and the note of what has to be worked out again.

`docs/signal.md`, "Events and glides". The queue and the log have the format of `dsp.ring`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import laws, rows, slots
from dsp.atomic import load_acquire, store_release
from dsp.compile import njit
from dsp.places import LINK_SLOT, is_linked, kind_of
from dsp.ring import EVENTS_PER_QUANTUM, FOLD_FACTOR, FOLD_START, WORDS
from dsp.rows import (
    AWAKE_QUANTA,
    COMP_KEY_SECTION,
    DESK_SLOTS,
    GATE_KEY_SECTION,
    LANE_AWAKE,
    LANE_MOVED,
    LANE_SECTIONS,
    LANE_SENDS,
    LANE_WORDS,
    LANES,
    OUTPUT_SLOTS,
    STRIP_SLOTS,
)

Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

into_domain = njit(laws.into_domain)
from_domain = njit(laws.from_domain)

_STRIP_DOMAIN = np.array([s.domain for s in slots.STRIP], np.int64)
_STRIP_GROUP = np.array([s.group for s in slots.STRIP], np.int64)
_DESK_DOMAIN = np.array([s.domain for s in slots.DESK], np.int64)
_DESK_WAKE = np.array([s.group for s in slots.DESK], np.int64)
_OUTPUT_DOMAIN = np.array([s.domain for s in slots.OUTPUT], np.int64)
_STEP = int(slots.Domain.STEP)
_HPF, _LPF, _EQ_1, _EQ_ALL, _GATE_KEY, _COMP_KEY, _SENDS, _PAN, _LINK, _SOLO = (
    int(slots.Group[name])
    for name in ("HPF", "LPF", "EQ_1", "EQ_ALL", "GATE_KEY", "COMP_KEY", "SENDS", "PAN", "LINK", "SOLO")
)
GAIN_BIT, KEYS_BIT = 1 << int(slots.Group.GAIN), 1 << int(slots.Group.KEYS)
_WAKE_GENERATOR, _WAKE_GAINS, _WAKE_SOLO = (int(slots.Wake[name]) for name in ("GENERATOR", "GAINS", "SOLO"))
_SOURCE_SLOT, _INSERT_SLOT = slots.STRIP_INDEX["source"], slots.STRIP_INDEX["insert.slot"]
_RETURN, _MAIN = int(slots.StripKind.RETURN), int(slots.StripKind.MAIN)
_START, _FACTOR = int(np.uint64(FOLD_START).astype(np.int64)), FOLD_FACTOR
_PATIENCE_QUANTA = 64  # a slot whose checksum does not come to fit in 43 ms is torn for good, not on its way
_HEAD_TILES, _HEAD_OUTPUTS = rows.HEAD_TILES, rows.HEAD_OUTPUTS


@njit
def domain_of(address: int, lanes: int) -> int:
    """The `dsp.slots.Domain` of an address on a desk of `lanes` strips."""
    place = address - lanes * STRIP_SLOTS
    if place < 0:
        return _STRIP_DOMAIN[address % STRIP_SLOTS]
    if place < DESK_SLOTS:
        return _DESK_DOMAIN[place]
    return _OUTPUT_DOMAIN[(place - DESK_SLOTS) % OUTPUT_SLOTS]


@njit
def _mark_strip(i64: Words, lane: int, group: int) -> None:
    words = i64[rows.AT_LANE] + lane * LANE_WORDS
    i64[words + LANE_AWAKE] = 1
    if group == _HPF:
        i64[words + LANE_SECTIONS] |= 0b11
    elif group == _LPF:
        i64[words + LANE_SECTIONS] |= 0b100
    elif group == _EQ_ALL:
        i64[words + LANE_SECTIONS] |= 0b111111000
    elif group >= _EQ_1 and group < _EQ_ALL:
        i64[words + LANE_SECTIONS] |= 8 << (group - _EQ_1)
    elif group in (_GATE_KEY, _COMP_KEY):
        i64[words + LANE_SECTIONS] |= 1 << (GATE_KEY_SECTION if group == _GATE_KEY else COMP_KEY_SECTION)
        i64[words + LANE_MOVED] |= KEYS_BIT
    elif group == _SENDS:
        i64[words + LANE_SENDS] = 1
    elif group == _PAN:
        i64[words + LANE_SENDS] = 1
        i64[words + LANE_MOVED] |= GAIN_BIT
    elif group == _SOLO:
        i64[words + LANE_SENDS] = 1
        i64[rows.HEAD_SOLO_AWAKE] = 1
        i64[rows.HEAD_AWAKE] = AWAKE_QUANTA
    else:
        i64[words + LANE_MOVED] |= 1 << group


@njit
def _mark_all(i64: Words, lanes: int, moved: int, sends: bool) -> None:
    for lane in range(lanes):
        words = i64[rows.AT_LANE] + lane * LANE_WORDS
        i64[words + LANE_MOVED] |= moved
        i64[words + LANE_SENDS] |= sends
        i64[words + LANE_AWAKE] = 1


@njit
def mark(i64: Words, address: int, lanes: int) -> None:
    """Notes what depends on the parameter at `address`: filter sections, sends, or a group of its strip's numbers."""
    place = address - lanes * STRIP_SLOTS
    if place < 0:
        group = _STRIP_GROUP[address % STRIP_SLOTS]
        if group == _LINK:  # what is sent to the pair and taken from it changes everywhere
            _mark_all(i64, lanes, KEYS_BIT | GAIN_BIT, True)
            i64[rows.HEAD_AWAKE] = AWAKE_QUANTA
            i64[rows.HEAD_AUX_SENDS] = 1
        else:
            _mark_strip(i64, address // STRIP_SLOTS, group)
        return
    i64[rows.HEAD_AWAKE] = AWAKE_QUANTA
    if place < DESK_SLOTS:
        wake = _DESK_WAKE[place]
        if wake == _WAKE_GENERATOR:
            i64[rows.HEAD_GENERATOR_AWAKE] = AWAKE_QUANTA
            i64[rows.HEAD_AUX_SENDS] = 1
        elif wake == _WAKE_GAINS:
            _mark_all(i64, lanes, GAIN_BIT, False)
        elif wake == _WAKE_SOLO:
            i64[rows.HEAD_SOLO_AWAKE] = 1
            _mark_all(i64, lanes, 0, True)


@njit
def _set_out(f64: Floats64, i64: Words, address: int, lanes: int, u: float, quanta: int) -> None:
    value, goal, step = i64[rows.AT_VALUE] + address, i64[rows.AT_GOAL] + address, i64[rows.AT_STEP] + address
    left = i64[rows.AT_LEFT] + address
    f64[goal] = u
    if domain_of(address, lanes) == _STEP:
        f64[value] = u
        mark(i64, address, lanes)
        return
    f64[step] = (u - f64[value]) / quanta
    if i64[left] == 0:
        i64[i64[rows.AT_MOVING] + i64[rows.HEAD_MOVING]] = address
        i64[rows.HEAD_MOVING] += 1
    i64[left] = quanta


@njit
def apply(f64: Floats64, i64: Words, address: int, value: float, over_frames: int) -> bool:
    """Sends the parameter at `address` to `value` within `over_frames`; False for an address or a value that cannot
    be.
    """
    lanes = i64[_HEAD_TILES] * LANES
    addresses = lanes * STRIP_SLOTS + DESK_SLOTS + i64[_HEAD_OUTPUTS] * OUTPUT_SLOTS
    if address < 0 or address >= addresses:
        return False
    u = into_domain(domain_of(address, lanes), value)
    if math.isnan(u):
        return False
    lane, slot = address // STRIP_SLOTS, address % STRIP_SLOTS
    is_strips = lane < lanes
    if is_strips and slot == LINK_SLOT:
        kind = kind_of(i64, lane)
        if kind in (_RETURN, _MAIN):
            return False
    quanta = max(1, (over_frames + rows.QUANTUM_FRAMES - 1) // rows.QUANTUM_FRAMES)
    follows = is_strips and lane % 2 == 0 and slot not in (_SOURCE_SLOT, _INSERT_SLOT)
    if follows and (slot == LINK_SLOT or is_linked(f64, i64, lane)):  # one set of parameters: right follows left
        _set_out(f64, i64, address + STRIP_SLOTS, lanes, u, quanta)
    _set_out(f64, i64, address, lanes, u, quanta)
    return True


@njit
def advance(f64: Floats64, i64: Words) -> None:
    """Moves every parameter that is on its way by one step, and drops those that have arrived from the list."""
    lanes = i64[_HEAD_TILES] * LANES
    values, goals, steps = i64[rows.AT_VALUE], i64[rows.AT_GOAL], i64[rows.AT_STEP]
    lefts, moving = i64[rows.AT_LEFT], i64[rows.AT_MOVING]
    count = i64[rows.HEAD_MOVING]
    i = 0
    while i < count:
        address = i64[moving + i]
        i64[lefts + address] -= 1
        mark(i64, address, lanes)
        if i64[lefts + address] == 0:
            f64[values + address] = f64[goals + address]
            count -= 1
            i64[moving + i] = i64[moving + count]
        else:
            f64[values + address] += f64[steps + address]
            i += 1
    i64[rows.HEAD_MOVING] = count


@njit
def _fits(ring: Words, slot: int) -> bool:
    fold = _START
    for word in range(WORDS - 1):
        fold = (fold ^ ring[slot + word]) * _FACTOR
    return fold == ring[slot + WORDS - 1]


@njit
def write_log(i64: Words, log: Words, at: int, address: int, value_bits: int, over_frames: int) -> None:
    """Appends one entry to the log; its sequence word goes last."""
    index = i64[rows.HEAD_LOGGED]
    slot = (index & (len(log) // WORDS - 1)) * WORDS
    fold = (_START ^ (index + 1)) * _FACTOR
    log[slot + 1], log[slot + 2], log[slot + 3], log[slot + 4] = at, address, value_bits, over_frames
    log[slot + 5] = 0
    log[slot + 6] = 0
    for word in range(1, WORDS - 1):
        fold = (fold ^ log[slot + word]) * _FACTOR
    log[slot + WORDS - 1] = fold
    store_release(log, slot, index + 1)
    i64[rows.HEAD_LOGGED] = index + 1


@njit
def take_events(f64: Floats64, i64: Words, ring: Words, log: Words) -> None:
    """Applies and logs the events that are due at the clock, in their order, at most 1,024."""
    clock = i64[rows.HEAD_CLOCK]
    mask = len(ring) // WORDS - 1
    for _ in range(EVENTS_PER_QUANTUM):
        index = i64[rows.HEAD_TAKEN]
        slot = (index & mask) * WORDS
        if load_acquire(ring, slot) != index + 1:
            return
        if not _fits(ring, slot):
            i64[rows.HEAD_WAITING] += 1
            if i64[rows.HEAD_WAITING] < _PATIENCE_QUANTA:
                return
            i64[rows.HEAD_WAITING] = 0
            i64[rows.HEAD_BROKEN] += 1
            i64[rows.HEAD_TAKEN] = index + 1
            continue
        i64[rows.HEAD_WAITING] = 0
        if ring[slot + 1] > clock:
            return
        value = ring[slot + 3 : slot + 4].view(np.float64)[0]
        if apply(f64, i64, ring[slot + 2], value, ring[slot + 4]):
            write_log(i64, log, clock, ring[slot + 2], ring[slot + 3], ring[slot + 4])
        else:
            i64[rows.HEAD_IGNORED] += 1
        i64[rows.HEAD_TAKEN] = index + 1
