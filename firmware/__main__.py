"""`python -m firmware` is the command `pidesk`."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__":
    # What asks for the end while the rest is loaded waits until there is someone to put it into words. Before this line
    # Python itself would answer a Ctrl-C with a traceback, so the launcher has it start with Ctrl-C blocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})

    from firmware.cli import start

    sys.exit(start())
