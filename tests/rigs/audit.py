"""The engine's own loop on a card that is not there, with everything counted that a real-time loop must not do.

`python tests/rigs/audit.py SHARED BLOCKS [SIN]` prints JSON; `SIN` is what to do wrong in every block: one of SINS.
"""

from __future__ import annotations

import ctypes
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from drivers.alsa import Outcome
from drivers.card_config import CardConfig

WARM_UP = 200


class PaperCard:
    """Gives noise and takes everything, as fast as it is asked; from block WARM_UP on what happens is counted."""

    last_error = None

    def __init__(self, config: CardConfig, blocks: int, signals: Any, sin: str) -> None:
        self.config, self.outcome = config, Outcome.OK
        rng = np.random.default_rng(1)
        self._data = rng.bytes(config.capture_period_bytes)
        self._left, self._blocks, self._signals = blocks + WARM_UP, blocks, signals
        self._sin = SINS[sin] if sin else None
        self.before: dict[str, int] = {}
        self.after: dict[str, int] = {}

    def read(self) -> bytes:
        self._left -= 1
        if self._left == self._blocks:
            self.before = counted()
        if self._left == 0:
            self.after = counted()
            self._signals.stop = True
        if self._sin is not None:
            self._sin()
        return bytes(self._data)

    def write(self, data: np.ndarray) -> bool:
        return len(data) > 0

    def close(self) -> None:
        self.outcome = Outcome.CLOSED


compiled = collected = 0


def counted() -> dict[str, int]:
    """Everything there is to count in this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    io = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return {
        "compiles": compiled,
        "collections": collected,
        "minor_faults": used.ru_minflt,
        "major_faults": used.ru_majflt,
        "blocks_allocated": sys.getallocatedblocks(),
        "resident": int(Path("/proc/self/statm").read_text().split()[1]),
        "reads_and_writes": int(io["syscr"]) + int(io["syscw"]),
        "slept": used.ru_nvcsw,
    }


def may_lock() -> bool:
    """Whether the system lets this process lock what it has in memory now (by then it must not matter)."""
    return ctypes.CDLL(None).mlockall(1) == 0  # MCL_CURRENT


def compiled_on_call() -> list[str]:
    """The desk's functions that were called from Python and would be compiled anew for other types of arguments."""
    from numba.core.dispatcher import Dispatcher

    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] in ("dsp", "firmware")]
    members: list[Any] = [one for module in loaded for one in vars(module).values() if isinstance(one, Dispatcher)]
    return sorted({one.__name__ for one in members if one.signatures and one._can_compile})


_kept: list[Any] = []


def sin_in_every_way() -> None:
    """What a careless loop might do in a block (compiling only once: it takes long)."""
    import numba

    if len(_kept) == 2 * (WARM_UP + 10):
        numba.njit(lambda x: x + 1)(1)
    gc.collect(0)
    _kept.append([object() for _ in range(10)])
    _kept.append(np.ones(1 << 16, np.uint8))
    Path("/proc/self/comm").read_text()
    time.sleep(1e-4)


def call_with_another_type() -> None:
    """A compiled function with an argument it was not compiled for."""
    from firmware import publish

    publish.fold(np.zeros(4, np.int32), 0)


SINS = {"every": sin_in_every_way, "type": call_with_another_type}


def main(shared_path: str, blocks: int, sin: str) -> None:
    """Run the loop and print what happened in `blocks` blocks."""
    from firmware import engine, realtime
    from firmware.shared import Shared
    from firmware.status import Word

    engine.load()
    from numba.core import event

    from firmware.engine_loop import Engine

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:  # noqa: ARG002
            global compiled  # noqa: PLW0603
            compiled += 1

        def on_end(self, event: Any) -> None:
            pass

    def seen(phase: str, _info: dict[str, int]) -> None:
        global collected  # noqa: PLW0603
        collected += phase == "start"

    gc.callbacks.append(seen)
    event.register("numba:compile", Listener())
    shared = Shared.attach(Path(shared_path))
    shared.status[Word.LIFE] = 1
    signals = realtime.Signals()
    size = shared.sizes.desk
    config = CardConfig("paper", "paper", period_frames=32, inputs=size.inputs, outputs=size.outputs)
    card = PaperCard(config, blocks, signals, sin)
    loop = Engine(shared, card, signals)  # type: ignore[arg-type]
    engine.prepare(loop)
    locked = "VmLck:\t       0 kB" not in Path("/proc/self/status").read_text()
    on_call = compiled_on_call()
    loop.begin()
    loop.run()
    found: dict[str, Any] = {name: card.after[name] - card.before[name] for name in card.before}
    found["events"] = int(shared.control[0])
    found["collects"] = gc.isenabled()
    found["compiles_on_call"] = on_call
    found["as_locked_as_permitted"] = locked == may_lock() == bool(shared.status[Word.MEMORY_LOCKED])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
