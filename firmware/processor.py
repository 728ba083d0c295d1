"""The name of the processor this runs on, for people and for files that say where they were made."""

from __future__ import annotations

import platform
from pathlib import Path


def name() -> str:
    """As Linux has it ("AMD EPYC 7B13", "Raspberry Pi 5 Model B Rev 1.0"), else the kind of machine ("aarch64")."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for key in ("model name", "Model"):
        for line in lines:
            if line.split(":")[0].strip() == key:
                return line.split(":", 1)[1].strip()
    return platform.machine()
