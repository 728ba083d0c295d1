"""Reading files that a person or another program may have broken, and writing files so that a power cut breaks none.

A write goes to a temporary file beside the target, is forced to the disk, renamed over the target, and the folder is
forced to the disk. What stood there before stays as `<name>.previous`: two generations.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from firmware.errors import FileError, OutputError, Problem

TEXT_LIMIT_BYTES = 1_000_000
PREVIOUS = ".previous"


def name_of(path: Path) -> str:
    """A file's name as it can be shown on a terminal, whatever bytes it is made of."""
    return "".join(c if c.isprintable() else "?" for c in str(path))


def read_bytes(path: Path, error: type[FileError], limit_bytes: int = TEXT_LIMIT_BYTES) -> bytes:
    """The content of an ordinary file of at most `limit_bytes`; the size is looked at before anything is read.

    Raises `error` with one plain sentence for whatever is not such a file.
    """
    shown = name_of(path)
    too_large = f"is larger than {limit_bytes / 1e6:g} MB, which no such file is."
    try:
        # Not blocking: the name of a pipe that nobody writes to must not hang the desk.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
                raise error(Problem(shown, None, f"is {what}, not a file."))
            if found.st_size > limit_bytes:
                raise error(Problem(shown, None, too_large))
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(limit_bytes + 1)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise error(Problem(shown, None, "does not exist.")) from None
    except PermissionError:
        raise error(Problem(shown, None, "may not be read by this user.")) from None
    except OSError as reason:
        raise error(Problem(shown, None, f"cannot be read: {reason.strerror or reason}.")) from None
    except ValueError as reason:
        if isinstance(reason, FileError):
            raise
        raise error(Problem(shown, None, "is not a possible file name.")) from None
    if len(content) > limit_bytes:
        raise error(Problem(shown, None, too_large))
    return content


def read_text(path: Path, error: type[FileError]) -> str:
    """The UTF-8 text of a file (with or without byte order mark). Raises `error` with the line that is not UTF-8."""
    content = read_bytes(path, error)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = content.count(b"\n", 0, reason.start) + 1
        raise error(Problem(name_of(path), line, "this is not UTF-8 text; save the file as UTF-8.")) from None


def previous(path: Path) -> Path:
    """Where the generation before the newest is kept."""
    return path.with_name(path.name + PREVIOUS)


def write(path: Path, content: bytes, keep_previous: bool = True) -> None:
    """Replace a file's content whole or not at all; a link is followed. Raises OutputError if nothing has changed."""
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            _into_device(target, content)
            return
        temporary = _write_beside(target, content)
        try:
            if keep_previous and target.is_file():
                _keep(target)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except (OSError, ValueError) as reason:
        why = getattr(reason, "strerror", None) or str(reason)
        kept = " What was there before is still there." if _is_file(path) else ""
        raise OutputError(f"{name_of(path)} cannot be written: {why}.{kept}") from None


def check_writable(path: Path) -> None:
    """See beforehand whether `write` could write this file, leaving nothing behind. Raises OutputError."""
    shown = name_of(path)
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            os.close(os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
            return
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except IsADirectoryError:
        raise OutputError(f"{shown} is a folder; name a file.") from None
    except FileNotFoundError:
        raise OutputError(f"The folder of {shown} does not exist; make it first.") from None
    except (OSError, ValueError) as reason:
        raise OutputError(f"{shown} cannot be written: {getattr(reason, 'strerror', None) or reason}.") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _into_device(target: Path, content: bytes) -> None:
    """A pipe or a terminal is written to; renaming a file over /dev/null would take it from the whole machine."""
    with target.open("wb") as file:
        file.write(content)


def _write_beside(target: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), _mode(target))
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        return 0o644


def _keep(target: Path) -> None:
    """Make what stands at `target` the previous generation without taking it away from there."""
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.old")
    try:
        with suppress(FileNotFoundError):
            beside.unlink()
        try:
            os.link(target, beside)
        except OSError:  # FAT, as on a USB stick, has no links
            shutil.copy2(target, beside)
        beside.replace(previous(target))
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some network file systems refuse; the file itself is on the disk
            os.fsync(handle)
    finally:
        os.close(handle)
