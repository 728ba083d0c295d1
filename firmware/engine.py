"""The audio process: `python -m firmware.engine`. Started by `firmware.engine_process`, never forked.

It loads the compiled desk, then reads one line of JSON from its standard input (`Order`) and begins. From then on it
touches the card and the shared memory and nothing else, and it goes on when everyone else has died.
SIGTERM or SIGINT: it ramps out and ends with 0; a second one ends it at once. Ends with 1, and a sentence in the shared
memory, when the card cannot be opened; with `wait` it waits for the card instead.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from drivers.errors import DriverError
from firmware import realtime, status
from firmware.errors import PideskError
from firmware.realtime import Signals
from firmware.shared import Shared
from firmware.status import State, Word

if TYPE_CHECKING:
    from drivers.alsa import DuplexCard
    from firmware.engine_loop import Engine

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Order:
    """What the engine is told: `card` are the fields of a CardConfig, `environment` is what alsa-lib shall see. At
    sample `stop_at` it ramps out and ends by itself, in the period that reaches it."""

    shared: str
    card: dict[str, Any]
    wait: bool = False
    ends_with_parent: bool = False
    stop_at: int | None = None
    priority: int = realtime.PRIORITY
    environment: dict[str, str] = field(default_factory=dict)


def listen_for_signals(signals: Signals) -> None:
    """First SIGTERM or SIGINT: ramp out. Second: leave at once."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if signals.stop:
            os._exit(1)
        signals.stop = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def disable_compiling() -> None:
    """An argument of another type is an error from here on, not a third of a second of compiling in the loop."""
    from numba.core.dispatcher import Dispatcher

    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("dsp", "firmware"):
            for member in vars(module).values():
                if isinstance(member, Dispatcher) and member.signatures:
                    member.disable_compile()


def prepare(engine: Engine) -> None:
    """What must not happen in the loop happens here or is forbidden from here on: compiling, paging, collecting."""
    engine.warm()
    disable_compiling()
    engine.shared.status[Word.MEMORY_LOCKED] = realtime.lock_memory()
    realtime.stop_collecting()


def open_card(card: DuplexCard, engine: Engine, wait: bool) -> bool:
    """Open and prime; False when a stop was asked for while waiting. Raises DriverError."""

    def beat() -> None:
        engine.shared.status[Word.HEARTBEAT_NS] = time.monotonic_ns()
        if card.last_error is not None and status.message(engine.shared) != str(card.last_error):
            status.leave_message(engine.shared, str(card.last_error))

    try:
        card.open()
        if card.prime():
            return True
    except DriverError as error:
        if not wait:
            raise
        card.last_error = error
    if not wait and card.last_error is not None:
        raise card.last_error
    opened = card.reopen(beat, lambda: engine.signals.stop)
    if opened:
        status.leave_message(engine.shared, "")
    return opened


def load() -> None:
    """Import what takes time: the compiler's runtime and the compiled desk."""
    # numba loads all of SciPy's linear algebra when it is installed; the desk has no use for it, and it costs a third
    # of the start and 60 MB.
    sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
    from dsp import compile as kernel

    if not kernel.is_warm():  # in another process: whoever compiles keeps 150 MB of compiler
        quiet = subprocess.DEVNULL
        subprocess.run(
            [sys.executable, "-m", "firmware", "warmup"], stdin=quiet, stdout=quiet, stderr=quiet, check=False
        )
    import firmware.engine_loop  # noqa: F401


def run(order: Order, shared: Shared, signals: Signals) -> int:
    """From attaching to the last block; returns the exit code."""
    words = shared.status
    words[Word.LIFE] += 1
    words[Word.PID] = os.getpid()  # after the life: who sees this process here sees its own life
    words[Word.HEARTBEAT_NS] = time.monotonic_ns()
    words[Word.STATE] = State.STARTING
    status.leave_message(shared, "")
    if order.ends_with_parent:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    load()
    from drivers.alsa import DuplexCard
    from drivers.card_config import CardConfig
    from firmware.engine_loop import Engine

    card = DuplexCard(CardConfig(**order.card))
    engine = Engine(shared, card, signals, order.stop_at)
    prepare(engine)
    if signals.stop:
        words[Word.STATE] = State.STOPPED
        return 0
    engine.begin()
    words[Word.PEAK_RSS_BYTES] = realtime.peak_resident_bytes()
    words[Word.STATE] = State.OPENING
    words[Word.REALTIME_PRIORITY] = realtime.take_priority(order.priority)
    try:
        if open_card(card, engine, order.wait):
            engine.run()
    finally:
        card.close()
        words[Word.PEAK_RSS_BYTES] = realtime.peak_resident_bytes()
    words[Word.STATE] = State.STOPPED
    return 0


def main() -> int:
    """Run the engine; every failure becomes one sentence in the shared memory, or on stderr when there is none."""
    signals = Signals()
    listen_for_signals(signals)
    threading.current_thread().name = "engine"
    with suppress(Exception):  # it comes again in `run`, where it can be told
        load()
    line = sys.stdin.buffer.readline()
    if not line:
        return 1  # whoever started it is gone, or needs it no more
    order = Order(**json.loads(line))
    os.environ.update(order.environment)
    try:
        shared = Shared.attach(Path(order.shared))
    except PideskError as error:
        print(f"pidesk: {error}", file=sys.stderr)
        return 1
    try:
        return run(order, shared, signals)
    except (PideskError, DriverError) as error:
        sentence = str(error)
    except MemoryError:
        sentence = (
            "There is not enough memory for this desk: make it smaller (size in desk.toml), or end other programs."
        )
    except Exception as error:  # noqa: BLE001  # nobody sees this process's stderr
        sentence = f"This is a fault in pidesk's engine ({type(error).__name__}: {error})."
        if os.environ.get("PIDESK_DEBUG") == "1":
            traceback.print_exc()
    status.leave_message(shared, sentence)
    shared.status[Word.STATE] = State.FAILED
    return 1


if __name__ == "__main__":
    sys.exit(main())
