"""What a desk that was killed leaves behind: its engine, which goes on by design, and the memory it shared with it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from firmware.errors import PideskError
from firmware.shared import Shared
from firmware.status import Word

WITHIN_S = 2.0


def name_for(pid: int) -> str:
    """The name of the shared memory of the desk with this process id."""
    return f"desk-{pid}.shm"


def clear(folder: Path) -> int:
    """End the engines of desks that are no more, with their ramp, and remove their memory; returns how many."""
    cleared = 0
    for path in folder.glob(name_for(0).replace("0", "*")):
        owner = path.stem.removeprefix("desk-")
        if owner.isdecimal() and not _is_alive(int(owner), "firmware"):
            _end_engine(path)
            path.unlink(missing_ok=True)
            cleared += 1
    return cleared


def _is_alive(pid: int, program: str) -> bool:
    """Whether this process runs and is ours: numbers are used again."""
    try:
        return program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end_engine(path: Path) -> None:
    try:
        pid = int(Shared.attach(path).status[Word.PID])
    except PideskError:
        return  # of another version, or never finished
    end = time.monotonic() + WITHIN_S
    for number in (signal.SIGTERM, signal.SIGKILL):
        if pid > 1 and _is_alive(pid, "firmware.engine"):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        while _is_alive(pid, "firmware.engine") and time.monotonic() < end:
            time.sleep(0.01)
