"""Undo: what the hands changed, step by step. All of one gesture is one step: a fader's whole travel, a recall."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware.params import Value

DEPTH = 200
GESTURE_MS = 1000.0
"""A control that rests for so long has ended its gesture."""


@dataclass
class Step:
    """What one gesture changed: `before`, by path, in the order in which it was changed."""

    gesture: str
    label: str
    before: dict[str, Value] = field(default_factory=dict)
    at_ns: int = 0


class History:
    """The last `DEPTH` steps."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=DEPTH)

    def __len__(self) -> int:
        return len(self._steps)

    def record(self, gesture: str, label: str, before: Mapping[str, Value], now_ns: int) -> None:
        """Values as they were before a change by `gesture` (a control, and what it was on). Changes of the newest
        step's gesture, each within `GESTURE_MS` of the one before, join it; an empty gesture joins none."""
        last = self._steps[-1] if self._steps else None
        if last is None or not gesture or last.gesture != gesture or now_ns - last.at_ns > GESTURE_MS * 1e6:
            last = Step(gesture, label)
            self._steps.append(last)
        for path, value in before.items():
            last.before.setdefault(path, value)
        last.at_ns = now_ns

    def end_gesture(self) -> None:
        """What comes next is a step of its own."""
        if self._steps:
            self._steps[-1].gesture = ""

    def take(self) -> Step | None:
        """The newest step, which is undone now; None when there is none left."""
        return self._steps.pop() if self._steps else None
