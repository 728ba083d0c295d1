"""The queue of stamped events and the log of what was applied: fixed slots of eight 64-bit words.

A slot carries its own sequence number and checksum, because its writer (CPython) has no fence and its reader may run
on a processor that reorders stores: a reader trusts a slot only when both fit.

word 0 sequence (running index + 1; 0 was never written), 1 at (sample), 2 address, 3 value (float64 bits),
4 over_frames, 5 and 6 zero, 7 checksum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WORDS = 8
LIVE_SLOTS = 32768
EVENTS_PER_QUANTUM = 1024
NOTE_ADDRESS = -1

FOLD_START = 0xCBF29CE484222325
FOLD_FACTOR = 0x100000001B3

Words = NDArray[np.int64]


class Event(NamedTuple):
    """`value` to be reached by the parameter at `address` within `over_frames`, from sample `at` on."""

    at: int
    address: int
    value: float
    over_frames: int


def empty(slots: int = LIVE_SLOTS) -> Words:
    """A ring of `slots` (a power of two) that nothing was written to. Raises ValueError for another number."""
    if slots < 2 or slots & (slots - 1):
        raise ValueError(f"a ring needs a power of two of slots, not {slots}")
    return np.zeros(slots * WORDS, np.int64)


def pack(events: Sequence[Event], first_index: int) -> Words:
    """The slots of `events`, int64[n, 8], numbered from `first_index` on."""
    words = np.zeros((len(events), WORDS), np.uint64)
    if not len(events):
        return words.view(np.int64)
    columns = list(zip(*events, strict=True))
    signed = words.view(np.int64)
    signed[:, 0] = first_index + 1 + np.arange(len(events))
    signed[:, 1], signed[:, 2], signed[:, 4] = columns[0], columns[1], columns[3]
    words[:, 3] = np.asarray(columns[2], np.float64).view(np.uint64)
    words[:, 7] = checksum(words)
    return signed


def checksum(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The fold of words 0…6 of each slot in uint64[n, 8] (FNV-1a over words: Fowler, Noll, Vo)."""
    fold = np.full(len(words), FOLD_START, np.uint64)
    for column in range(WORDS - 1):
        fold = (fold ^ words[:, column]) * np.uint64(FOLD_FACTOR)
    return fold


def write(ring: Words, events: Sequence[Event], first_index: int) -> int:
    """Puts `events` into the ring from `first_index` on and returns the next index; the caller has seen to the room.

    The sequence words go in last, so that no half-written slot looks whole.
    """
    slots = pack(events, first_index)
    table = ring.reshape(-1, WORDS)
    places = (first_index + np.arange(len(events))) & (len(table) - 1)
    table[places, 1:] = slots[:, 1:]
    table[places, 0] = slots[:, 0]
    return first_index + len(events)


def read(ring: Words, index: int, limit: int | None = None) -> tuple[list[Event], int, int]:
    """The events from `index` on as `(events, next_index, lost)`; `lost` counts those overwritten before this read.

    Stops at the first slot that is not yet written or does not fit its checksum.
    """
    table = ring.reshape(-1, WORDS)
    slots = len(table)
    lost = 0
    seen = int(table[index & (slots - 1), 0])
    if seen > index + 1:  # lapped: the oldest slot that can still be there is one lap behind the newest
        newest = int(table[:, 0].max())
        oldest = max(newest - slots, index)
        lost, index = oldest - index, oldest
    ahead = np.arange(min(slots, limit or slots))
    taken = table[(index + ahead) & (slots - 1)]
    whole = (taken[:, 0] == index + 1 + ahead) & (checksum(taken.view(np.uint64)) == taken.view(np.uint64)[:, 7])
    count = len(whole) if whole.all() else int(np.argmin(whole))
    values = np.ascontiguousarray(taken[:count, 3]).view(np.float64)
    events = [
        Event(int(row[1]), int(row[2]), float(value), int(row[4]))
        for row, value in zip(taken[:count], values, strict=True)
    ]
    return events, index + count, lost
