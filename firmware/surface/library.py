"""The list of scenes under the cursor: recalling and storing. Files are read and written by a thread of its own; the
desk is touched by whoever calls `tick`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from firmware import scene, scene_store
from firmware.desk_model import DeskModel
from firmware.errors import PideskError
from firmware.scene import Scene
from firmware.surface.changes import Changes
from firmware.surface.ports import DeskPort
from firmware.surface.state import State

NEW = "New scene"


class Library:
    """One at a time: who asks while a file is under way is told so."""

    def __init__(self, desk: DeskPort, state: State, changes: Changes) -> None:
        self._desk, self._state, self._changes = desk, state, changes
        self._worker = ThreadPoolExecutor(1, "scenes")
        self._under_way: Future[Callable[[], None]] | None = None

    def rows(self) -> tuple[str, ...]:
        """All scenes that can be called by name, behind a place for a new one."""
        return (NEW, *scene.names())

    def chosen(self) -> str:
        """The name of the scene under the cursor; of a new one that which it would get."""
        rows, row = self._state.rows, self._state.row
        name = rows[row] if row < len(rows) else NEW
        if name != NEW:
            return name
        return next(name for n in range(1, len(rows) + 2) if (name := f"scene {n}") not in rows)

    def is_new(self) -> bool:
        """Whether the cursor is on the place for a new scene."""
        return self.chosen() not in self._state.rows

    def recall(self) -> None:
        """Recall the scene under the cursor."""
        if self.is_new():
            self._state.tell("Hold to store a new scene")
        else:
            name = self.chosen()
            self._begin(lambda: self._load(name))

    def store(self, name: str) -> None:
        """Store the desk as a scene of that name, over what is there."""
        model = copy.copy(self._desk.model)  # as it is now: what moves meanwhile is not in the scene
        model.values = dict(model.values)
        self._begin(lambda: self._write(model, name))

    def _load(self, name: str) -> Callable[[], None]:
        loaded = scene.load(scene.find(name))
        return lambda: self._apply(loaded, name)

    def _apply(self, loaded: Scene, name: str) -> None:
        if self._changes.around(f"Recall {name}", self._state.now_ns, lambda: self._desk.apply(loaded, name)):
            self._state.tell(f"Recalled {name}")

    def _write(self, model: DeskModel, name: str) -> Callable[[], None]:
        scene_store.store(model, name)

        def tell() -> None:
            self._desk.scene = name
            self._state.rows = self.rows()
            self._state.row = self._state.rows.index(name) if name in self._state.rows else 0
            self._state.tell(f"Stored {name}")

        return tell

    def _begin(self, work: Callable[[], Callable[[], None]]) -> None:
        if self._under_way is not None:
            self._state.tell("One moment: a scene is under way")
        else:
            self._under_way = self._worker.submit(work)

    def tick(self) -> None:
        """Do what a file that has been read or written allows now."""
        done = self._under_way
        if done is None or not done.done():
            return
        self._under_way = None
        try:
            done.result()()
        except PideskError as error:
            self._state.tell(str(error).splitlines()[0])

    def wait(self, timeout_s: float = 10.0) -> None:
        """For whoever may wait: until the file that is under way has been read or written."""
        if self._under_way is not None:
            self._under_way.exception(timeout_s)
        self.tick()

    def close(self) -> None:
        """End the thread once what is under way has been done."""
        self._worker.shutdown()
