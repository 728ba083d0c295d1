"""Where files live: /etc, /var and /run/pidesk on an appliance, the XDG folders of an ordinary user otherwise.

Nothing here creates anything but `ensure`. The appliance is told by `PIDESK_APPLIANCE=1` or by the folders systemd
hands to a unit (`STATE_DIRECTORY=…/pidesk` and its sisters).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from firmware.errors import ConfigError, OutputError

_NAME = "pidesk"


def _from_systemd(variable: str) -> Path | None:
    """The folder systemd made for this unit; None when it is not set, or another program's that a session inherited."""
    first = Path(os.environ.get(variable, "").split(":")[0])
    return first if first.is_absolute() and _NAME in first.parts else None


def is_appliance() -> bool:
    """Whether this process belongs to the desk that starts on boot."""
    return os.environ.get("PIDESK_APPLIANCE") == "1" or _from_systemd("STATE_DIRECTORY") is not None


def _xdg(variable: str, below_home: str) -> Path:
    # The XDG rules say that a relative path in these variables is to be ignored.
    given = Path(os.environ.get(variable, ""))
    if given.is_absolute():
        return given / _NAME
    try:
        return Path.home() / below_home / _NAME
    except RuntimeError:
        raise ConfigError(f"This user has no home folder; set HOME or {variable}.") from None


def _place(systemd_variable: str, appliance: str, xdg_variable: str, below_home: str) -> Path:
    if is_appliance():
        return _from_systemd(systemd_variable) or Path(appliance)
    return _xdg(xdg_variable, below_home)


def config_dir() -> Path:
    """`desk.toml`, boards: written by the user, read by the desk."""
    return _place("CONFIGURATION_DIRECTORY", "/etc/pidesk", "XDG_CONFIG_HOME", ".config")


def data_dir() -> Path:
    """What the user makes with the desk: scenes, recordings."""
    return _place("STATE_DIRECTORY", "/var/lib/pidesk", "XDG_DATA_HOME", ".local/share")


def state_dir() -> Path:
    """What the desk remembers by itself: where the faders' ends are."""
    return _place("STATE_DIRECTORY", "/var/lib/pidesk", "XDG_STATE_HOME", ".local/state")


def cache_dir() -> Path:
    """What can be made again: compiled kernels, generated sound."""
    return _place("CACHE_DIRECTORY", "/var/cache/pidesk", "XDG_CACHE_HOME", ".cache")


def runtime_dir() -> Path:
    """Gone with the power, in memory: the shared block, the control socket."""
    if is_appliance():
        return _from_systemd("RUNTIME_DIRECTORY") or Path("/run/pidesk")
    given = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if given.is_absolute():
        return given / _NAME
    # Open to all users: `ensure` sees to whose the folder is.
    memory = Path("/dev/shm")  # noqa: S108
    return (memory if memory.is_dir() else Path("/tmp")) / f"{_NAME}-{os.getuid()}"  # noqa: S108


def control_socket() -> Path:
    """Where a desk started by this process listens."""
    return runtime_dir() / "control.sock"


def control_sockets() -> list[Path]:
    """Where a running desk may be found, nearest first: this user's own, then the appliance's."""
    return list(dict.fromkeys((control_socket(), Path("/run/pidesk/control.sock"))))


def scenes_dir() -> Path:
    """Where scenes are stored and looked for by name."""
    return data_dir() / "scenes"


def ensure(folder: Path) -> Path:
    """Make `folder` (for this user only) if it is missing and return it. Raises OutputError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    # In a folder open to all, another user may have put a link or a folder of his own where ours should be.
    shared = stat.S_IMODE(folder.parent.stat().st_mode) & stat.S_IWOTH
    if shared and (stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid()):
        raise OutputError(f"The folder {folder} belongs to someone else; remove it or set XDG_RUNTIME_DIR.")
    return folder
