"""numba's compiler with a cache that notices every edit.

numba's own cache looks at the file of the compiled function alone: an edit in a helper of another file gives the
stale kernel back (seen). So the cache folder carries a key made from all of dsp/, the compiler's versions, the
Python and the processor. Import `njit` from here, and nothing else of numba before it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def _processor() -> str:
    """What tells one processor's code from another's: its name and features as Linux prints them.

    With NUMBA_CPU_NAME set, code is written for that processor and not for this one: then what is set tells it.
    """
    if name := os.environ.get("NUMBA_CPU_NAME"):
        return f"{platform.machine()} {name} {os.environ.get('NUMBA_CPU_FEATURES', '')}"
    wanted = ("model name", "flags", "Features", "CPU implementer", "CPU part")
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n")[0].splitlines()
    except OSError:
        lines = []
    return platform.machine() + "".join(line for line in lines if line.startswith(wanted))


@functools.cache
def kernel_key() -> str:
    """16 hex digits that change with the kernels' source, the compiler and the processor."""
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    versions = [importlib.metadata.version(name) for name in ("numba", "llvmlite", "numpy")]
    digest.update(repr((versions, sys.version_info[:3], _processor())).encode())
    return digest.hexdigest()[:16]


@functools.cache
def cache_folder() -> Path:
    """Where this kernel's machine code is kept: below NUMBA_CACHE_DIR, or the user's cache folder, by its key."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / kernel_key()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "pidesk" / "kernel" / kernel_key()


def is_warm() -> bool:
    """Whether the desk's kernel has been compiled for this key."""
    return any(cache_folder().glob("**/desk.process-*.nbc"))


_folder = str(cache_folder())
import numba  # noqa: E402  # after the key: its folder must be told before anything is compiled
from numba.core import config  # noqa: E402

config.CACHE_DIR = _folder
# Without numba's own memory no kernel can allocate, and no call counts who holds its arrays: those locked increments
# were a fifteenth of all work.
_bare = functools.partial(numba.njit, cache=True, _nrt=False)
njit = _bare
inline = functools.partial(_bare, forceinline=True)  # a call costs 10 ns: an array is seven words
# Where there is one caller, its code is the caller's before any is compiled: each level of `inline` compiles all that
# is below it once more.
merged = functools.partial(_bare, inline="always")
