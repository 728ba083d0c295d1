"""What a desk that was killed leaves behind: its engine, which goes on by design, the memory it shared with it, and a
folder of temporary files."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import time
from contextlib import suppress
from pathlib import Path

from firmware.errors import PideskError
from firmware.shared import Shared
from firmware.status import Word

WITHIN_S = 2.0
PROGRAMS = ("firmware", "pidesk")  # a desk is `python -m firmware` or the script `pidesk`


def name_for(pid: int) -> str:
    """The name of the shared memory of the desk with this process id."""
    return f"desk-{pid}.shm"


def clear(folder: Path) -> int:
    """End the engines of desks that are no more, with their ramp, and remove their memory; returns how many."""
    cleared = 0
    for path in folder.glob(name_for(0).replace("0", "*")):
        owner = path.stem.removeprefix("desk-")
        if owner.isdecimal() and not _is_alive(int(owner), *PROGRAMS):
            _end_engine(path)
            path.unlink(missing_ok=True)
            cleared += 1
    return cleared


def scratch_prefix(pid: int) -> str:
    """What the name of the folder for temporary files of the desk with this process id begins with."""
    return f"pidesk-scratch-{pid}-"


def clear_scratch(folder: Path) -> int:
    """Remove the temporary files of this user's desks that are no more; returns how many desks'."""
    cleared = 0
    for path in folder.glob("pidesk-scratch-*-*"):
        owner = path.name.split("-")[2]
        if owner.isdecimal() and not _is_alive(int(owner), *PROGRAMS) and _is_own_folder(path):
            shutil.rmtree(path, ignore_errors=True)
            cleared += 1
    return cleared


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder of this user's, and no link: where temporary files lie anyone may put things."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _is_alive(pid: int, *programs: str) -> bool:
    """Whether this process runs and is ours: numbers are used again."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(Path(os.fsdecode(word)).name in programs for word in words)


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
