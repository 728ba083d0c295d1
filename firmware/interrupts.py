"""Polite ends: a Ctrl-C is told as one wherever it falls; SIGTERM unwinds like it and leaves no half-written file."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
AGAIN_S = 0.05

pressed = threading.Event()
"""Whether there was a Ctrl-C. It may fall into the import of compiled code, which makes an ImportError of it."""


def listen() -> None:
    """From here on a Ctrl-C raises KeyboardInterrupt, one that came before (blocked) at once. Main thread only."""
    signal.signal(signal.SIGINT, _press)
    sys.unraisablehook = _unraisable
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _press(_number: int, _frame: FrameType | None) -> None:
    pressed.set()
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """Python only prints what is raised in a destructor or a callback; a Ctrl-C that falls there is sent again."""
    if lost.exc_type is not None and issubclass(lost.exc_type, KeyboardInterrupt):
        # To the main thread itself: a mere flag would wait for the end of whatever call it is in.
        main = threading.main_thread().ident
        again = threading.Timer(AGAIN_S, signal.pthread_kill, (main, signal.SIGINT))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


@contextmanager
def terminable() -> Iterator[None]:
    """Within, SIGTERM raises SystemExit(143). Signals belong to the main thread: elsewhere nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
