"""One run of the desk from start to end: shared memory, engine, the loop, and a way out that leaves all whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from firmware import STARTED_S, cli, engine_process, leftovers, paths, room, scene
from firmware.boards import Board
from firmware.desk_model import DeskModel
from firmware.live import Desk
from firmware.playback import Playback
from firmware.recorder import Recorder
from firmware.shared import TAP_BYTES, Shared, Sizes
from firmware.status import State, Word
from firmware.supervisor import Supervisor

if TYPE_CHECKING:
    from firmware.panels import Made

TICK_S = 0.02
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RECALL_AFTER_S = 2.0  # when the cold start's ramp has ended; in a shorter run at half its time


@dataclass(frozen=True)
class Course:
    """What happens in a run. `frames`: processed before it ramps out; None: until someone ends it. `at_once`: the card
    does not keep time, so what shall happen in the run is sent ahead of it. `muted`: it starts with its mains muted."""

    frames: int | None
    start_scene: str | None
    then_scene: str | None
    record: bool
    wait_for_card: bool = False
    at_once: bool = False
    muted: bool = False
    tap_bytes: int = TAP_BYTES
    socket: Path | None = None

    def prepare(self, model: DeskModel) -> list[str]:
        """Set a desk as it starts; what there is to say about it. Raises SceneError."""
        notes: list[str] = []
        if self.start_scene is not None:
            notes += scene.apply(model, scene.load(scene.find(self.start_scene)))
        if self.muted:
            model.set("main.lr.mute", True)
        return notes


class Stop:
    """Ctrl-C, SIGTERM and the end of the terminal, as something to look at."""

    def __init__(self) -> None:
        self.asked = False
        self.exit_code = 0
        """As a shell has it for what a signal ended: 130, 143 or 129."""

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number, handler in self._before.items():
            if number != signal.SIGHUP or handler is not signal.SIG_IGN:  # nohup: it shall go on
                signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.asked, self.exit_code = True, 128 + number


class Session:
    """Owns the shared memory and what is connected to it."""

    def __init__(
        self, board: Board, model: DeskModel, course: Course, ready: engine_process.Process | None = None
    ) -> None:
        """Makes the memory and the control socket, and starts the engine (`ready`: one that was spawned before).

        Raises OutputError, SceneError, ParameterError.
        """
        self.board, self.course = board, course
        self.model = model
        self.notes = course.prepare(self.model)
        self._then = None if course.then_scene is None else scene.load(scene.find(course.then_scene))
        soon = sys.maxsize if course.frames is None else course.frames // 2
        self._then_at = min(round(RECALL_AFTER_S * board.size.rate_hz), soon)
        self.start_values = self.model.kernel_values()
        folder = paths.ensure(paths.runtime_dir())
        leftovers.clear(folder)
        sizes = Sizes(board.size, tap_bytes=course.tap_bytes)
        room.check(sizes)
        self.shared = Shared.create(folder / leftovers.name_for(os.getpid()), sizes)
        try:
            self.recorder = Recorder(self.shared, keep_sound=course.record)
            supervisor = Supervisor(
                self.shared,
                board.card,
                environment=board.environment,
                ready=ready,
                wait_for_card=course.wait_for_card,
                ends_with_parent=board.simulated,
                stop_at=course.frames,
            )
            self.desk = Desk(self.shared, self.model, supervisor, self.recorder, course.socket)
            self.desk.scene = course.start_scene or ""
            if board.plan.landings:
                self.desk.playback = Playback(self.shared, board.plan.landings)
                self.desk.playback.tick()
            if course.at_once:
                self._recall(self._then_at)
            self.desk.start()
        except BaseException:
            self.shared.unlink()
            raise
        self.ended_whole = self.ended_well = self._told_of_lost_sound = False
        self._listener: subprocess.Popen[bytes] | None = None
        self.made: Made | None = None
        self._hands_wait = False

    def attach(self, made: Made) -> bool:
        """Let a panel play the desk, and hands the panel from the first block of sound on; False: it could not be
        taken, which was told, and is done without."""
        self.made = made
        self.desk.panel = made.panel
        started = made.panel.start()
        self._hands_wait = started and made.hands is not None
        return started

    @property
    def clock(self) -> int:
        """Frames processed."""
        return int(self.shared.status[Word.CLOCK])

    @property
    def first_block_s(self) -> float:
        """Seconds from the program's start (`firmware.STARTED_S`) to the first block of sound; 0 if there was none."""
        began_ns = int(self.shared.status[Word.FIRST_BLOCK_NS])
        return began_ns / 1e9 - STARTED_S if began_ns else 0.0

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return State(int(self.shared.status[Word.STATE]))

    def run(self, stop: Stop, show: Callable[[Session], None] = lambda _: None) -> None:
        """Until the course is done or a stop is asked for. Raises EngineDied."""
        while not stop.asked and not self.desk.stopping:
            self.desk.tick(TICK_S)
            self._tell_of_lost_sound()
            self._begin_hands()
            if self.clock >= self._then_at:
                self._recall()
            if self.desk.supervisor.is_done():
                break
            with suppress(OSError):  # the terminal is gone: that is no reason to end
                show(self)

    def _begin_hands(self) -> None:
        if self._hands_wait and self.clock and self.made is not None and self.made.hands is not None:
            self._hands_wait = False
            self.made.hands.start()

    def _tell_of_lost_sound(self) -> None:
        """Once, and as soon as it is known: whoever runs the desk may still save the rest by other means."""
        if self.recorder.error is not None and not self._told_of_lost_sound:
            self._told_of_lost_sound = True
            cli.complain(str(self.recorder.error))

    def _recall(self, at: int = 0) -> None:
        if self._then is not None:
            self.notes += self.desk.apply(self._then, str(self.course.then_scene), at=at)
            self._then = None

    def listen(self) -> str:
        """Let the mains of a simulated board be heard through this machine's sound output; returns a line to show.

        A real card is heard itself: a second program on it would keep the desk out.
        """
        from firmware import listen

        if not self.board.simulated:
            return ""
        why = listen.why_not()
        if why:
            return why
        self._listener = subprocess.Popen(
            [sys.executable, "-m", "firmware.listen", str(self.shared.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        return f"Listening through this machine's sound output at {listen.LEVEL_DB:g} dB."

    def close(self) -> None:
        """Ramp out, end the engine and everyone else, and give the memory back; the recording stays.

        Then `ended_well` says whether the engine ended by itself, or was not there yet to be ended; `ended_whole`
        whether all it put out is accounted for.
        """
        begun = self.desk.supervisor.has_begun()  # not while an engine that died is being replaced
        try:
            stopped = self.desk.stop()
            self.ended_whole, self.ended_well = stopped and begun, stopped or not begun
            self._tell_of_lost_sound()
        finally:
            if self.made is not None:
                self.made.close()
            if self.desk.playback is not None:
                self.desk.playback.close()
                if self.desk.playback.trouble:
                    self.notes.append(f"The stems were not all played: {self.desk.playback.trouble}")
            if self._listener is not None:
                self._listener.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._listener.wait(2.0)
            self.shared.unlink()
