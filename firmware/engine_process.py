"""Starting the engine's process. It loads the compiled desk while the rest is still being found out, and then waits for
one line on its standard input that says what to do.

Imports next to nothing, so that a run can begin with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

Process = subprocess.Popen[bytes]


def spawn() -> Process:
    """Start an engine that loads and waits. In a session of its own, so that a Ctrl-C at the terminal passes it by.

    It holds none of our pipes: it outlives us, and whoever reads them would wait for their end.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "firmware.engine"],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # NumPy's, never used here: no thread, no memory for it
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("PIDESK_DEBUG") == "1" else subprocess.DEVNULL,
        cwd=Path(__file__).parents[1],
        start_new_session=True,
    )


def order(process: Process, what: dict[str, Any]) -> None:
    """Tell a spawned engine what to do; one that is dead already is not told."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.write(json.dumps(what).encode() + b"\n")
    with suppress(OSError):
        process.stdin.close()


def discard(process: Process) -> None:
    """End an engine that is not needed after all; harmless to one that was told what to do."""
    if process.stdin is not None and not process.stdin.closed:
        process.kill()
        process.wait()
        process.stdin.close()
