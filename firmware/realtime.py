"""What a process asks of the system so that nothing interrupts its sound: locked memory, priority, no collections."""

from __future__ import annotations

import ctypes
import gc
import os
from dataclasses import dataclass
from pathlib import Path

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
PRIORITY = 70
_LARGEST_LIBRARY = 16 << 20


@dataclass
class Signals:
    """Set by the engine's signal handler, looked at once a block."""

    stop: bool = False


def lock_memory() -> bool:
    """Keep what this process has in memory, now and later, there. False when the system does not permit it.

    Of the libraries all is fetched: a corner of libm that only some event needs is a page fault when it comes. Pages
    of its own that were never touched stay away, and of the largest libraries (LLVM, BLAS) what was not needed so far:
    that would double what the engine takes. What the loop writes to has been touched before it starts.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) != 0:
        return False
    for start, length in _library_parts():
        libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(length))
    return True


def _library_parts() -> list[tuple[int, int]]:
    """(address, bytes) of the read-only parts of every mapped file that is not one of the largest."""
    parts: dict[str, list[tuple[int, int]]] = {}
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and fields[5].startswith("/") and fields[1].startswith(("r-x", "r--")):
            start, end = (int(address, 16) for address in fields[0].split("-"))
            parts.setdefault(fields[5], []).append((start, end - start))
    return [part for file in parts.values() if sum(size for _, size in file) <= _LARGEST_LIBRARY for part in file]


def take_priority(priority: int = PRIORITY) -> int:
    """SCHED_FIFO for this thread; returns the priority got, 0 when the system does not permit it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except (OSError, ValueError):
        return 0
    return priority


def peak_resident_bytes(pid: int | str = "self") -> int:
    """The most memory that a process has had in RAM so far, shared memory included; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def resident_bytes() -> int:
    """The memory that this process has in RAM now, shared memory included; 0 where that is not known."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def stop_collecting() -> None:
    """No garbage collection from here on: all that lives now lives for ever, and the loop makes no cycles."""
    gc.collect()
    gc.freeze()
    gc.disable()
