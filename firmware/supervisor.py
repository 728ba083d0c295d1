"""Keeps an engine alive: starts it, sees that it died or hangs, starts it again from the newest image.

The engine is a process of its own session: a Ctrl-C at the terminal reaches the desk, which then asks the engine to
ramp out. Deaths that come soon after one another are answered more and more slowly; after `GIVE_UP` of them it stays
dead, and the sentence it left says why.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from drivers.card_config import CardConfig
from firmware import engine_process, status
from firmware.errors import EngineDied
from firmware.shared import Shared
from firmware.status import State, Word

BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 5.0)
GIVE_UP = 8
GOOD_LIFE_S = 10.0
HANGS_AFTER_S = 10.0
STARTS_WITHIN_S = 600.0
STOP_WITHIN_S = 5.0


class Supervisor:
    """One engine process after another on the same shared memory."""

    def __init__(
        self,
        shared: Shared,
        card: CardConfig,
        *,
        environment: dict[str, str] | None = None,
        ready: engine_process.Process | None = None,
        wait_for_card: bool = False,
        ends_with_parent: bool = False,
        stop_at: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`environment`: what the engine's process needs beside this one's own (the simulated card's settings).
        `ready`: an engine that was spawned before and waits. `stop_at`: the sample at which the engine ends by
        itself."""
        self.shared, self.card = shared, card
        self._environment = environment or {}
        self._ready = ready
        self._wait = wait_for_card
        self._ends_with_parent = ends_with_parent
        self._stop_at = stop_at
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._not_before = 0.0
        self._blocks_before = 0
        self.deaths_in_row = 0
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The engine's process id; None when none runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start the engine; it takes the newest image."""
        self._started_at = self._clock()
        self._blocks_before = int(self.shared.status[Word.BLOCKS])
        self._process = engine_process.spawn() if self._ready is None else self._ready
        self._ready = None
        what = {
            "shared": str(self.shared.path),
            "card": asdict(self.card),
            "wait": self._wait or self.restarts > 0,
            "ends_with_parent": self._ends_with_parent,
            "stop_at": self._stop_at,
            "environment": self._environment,
        }
        engine_process.order(self._process, what)

    def has_begun(self) -> bool:
        """Whether the engine that runs has taken its image."""
        words = self.shared.status
        ours = self._process is not None and int(words[Word.PID]) == self._process.pid
        return ours and int(self.shared.start_words[0]) == int(words[Word.LIFE])

    def is_done(self) -> bool:
        """Whether the engine has reached the sample at which it ends by itself: it fades, or has ended."""
        return self._stop_at is not None and int(self.shared.status[Word.CLOCK]) >= self._stop_at

    def has_died(self) -> bool:
        """Whether the engine that was started is dead before its time. One that hangs is killed here."""
        process = self._process
        code = None if process is None else process.poll()  # once: it asks the system, and this is asked often
        if process is None or (code == 0 and self.is_done()):
            return False
        if code is None:
            ours = int(self.shared.status[Word.PID]) == process.pid
            alive_s = self._clock() - self._started_at
            starting = self.shared.status[Word.STATE] == State.STARTING  # a cold compile may take minutes
            patience_s = STARTS_WITHIN_S if starting else HANGS_AFTER_S
            if ours and alive_s > patience_s and status.heartbeat_age_s(self.shared) > patience_s:
                status.leave_message(self.shared, "The engine hung and was ended.")
                process.kill()
                code = process.wait()
        return code is not None

    def revive(self) -> bool:
        """To be called after `has_died`, as often as one likes: starts the next engine once its time has come.

        Returns whether it did. Raises EngineDied when it is not worth trying again.
        """
        process = self._process
        if process is not None:
            code = process.wait()
            self._process = None
            left = status.message(self.shared) if self.shared.status[Word.STATE] == State.FAILED else ""
            if left and not self.restarts and not self._wait:
                raise EngineDied(left)  # it never ran: the card is not there, or not what was asked for
            self.shared.status[Word.STATE] = State.STARTING  # the dead one's last word was that all is well
            lived_s = self._clock() - self._started_at
            sounded = int(self.shared.status[Word.BLOCKS]) > self._blocks_before
            self.deaths_in_row = 1 if sounded and lived_s > GOOD_LIFE_S else self.deaths_in_row + 1
            if self.deaths_in_row >= GIVE_UP:
                again = f"The engine died {GIVE_UP} times in a row ({_cause(code)}); pidesk doctor may know why."
                raise EngineDied(left or again)
            self._not_before = self._clock() + BACK_OFF_S[min(self.deaths_in_row, len(BACK_OFF_S)) - 1]
        if self._clock() < self._not_before:
            return False
        self.restarts += 1
        self.start()
        return True

    def stop(self, within_s: float = STOP_WITHIN_S) -> bool:
        """Ramp out and end; True if the engine did so by itself in that time."""
        process = self._process
        if process is None:
            return True
        if not self.is_done():  # else a signal could meet it on its way out, where nothing answers any more
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        try:
            return process.wait(within_s) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
