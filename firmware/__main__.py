"""`python -m firmware` is the command `pidesk`."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__":
    # A Ctrl-C while the rest is loaded waits until there is someone to put it into words. Before this line Python
    # itself would answer it with a traceback, so the launcher has it start with Ctrl-C ignored.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    from firmware.cli import start

    sys.exit(start())
