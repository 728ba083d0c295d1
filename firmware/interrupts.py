"""Polite ends: a Ctrl-C or SIGTERM, wherever it falls, unwinds the program, leaves no half-written file and is told."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 128 + signal.SIGINT  # a shell's code for a process that Ctrl-C has ended
AGAIN_S = 0.05

_came: list[int] = []


def listen() -> None:
    """From here on either signal raises KeyboardInterrupt, one that came before (blocked) at once. Main thread only."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    sys.unraisablehook = _unraisable
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def exit_code() -> int:
    """130 or 143, as a shell has it for what such a signal has ended; 0 while none has come.

    To be asked after any error: raised in the import of compiled code, KeyboardInterrupt becomes an ImportError.
    """
    return 128 + _came[0] if _came else 0


def _stop(number: int, _frame: FrameType | None) -> None:
    _came.append(number)
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """Python only prints what is raised in a destructor or a callback; a signal that falls there is sent again."""
    if lost.exc_type is not None and issubclass(lost.exc_type, KeyboardInterrupt):
        # To the main thread itself: a mere flag would wait for the end of whatever call it is in.
        main = threading.main_thread().ident
        again = threading.Timer(AGAIN_S, signal.pthread_kill, (main, _came[0]))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)
