"""Whether this machine has the memory that a desk takes: asked before anything is made, told in one sentence."""

from __future__ import annotations

from pathlib import Path

from dsp.layout import layout_of
from dsp.size import DeskSize
from firmware.errors import OutputError
from firmware.shared import Layout, Sizes, too_large

MEMORY = Path("/proc/meminfo")
_BYTES = {"f32": 4, "f64": 8, "i64": 8}


def arena_bytes(size: DeskSize) -> int:
    """The block of memory that holds a desk's sound (`dsp.arena`)."""
    return sum(count * _BYTES[view] for view, count in layout_of(size).length.items())


def needed_bytes(sizes: Sizes) -> int:
    """What a desk takes beside its programs: what is shared, and the arena twice, for it is copied as it starts."""
    return Layout(sizes).total + 2 * arena_bytes(sizes.desk)


def free_bytes() -> int | None:
    """What the system can give without swapping; None where it does not say."""
    try:
        for line in MEMORY.read_text("ascii").splitlines():
            name, _, amount = line.partition(":")
            if name == "MemAvailable":
                return int(amount.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def check(sizes: Sizes) -> None:
    """Raises OutputError where a desk would have the system end programs to find room for it."""
    needed, free = needed_bytes(sizes), free_bytes()
    if free is not None and needed > free:
        raise OutputError(too_large(needed, free))
