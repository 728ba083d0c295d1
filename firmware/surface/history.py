"""Undo: what the hands changed, step by step. All of one gesture is one step: a fader's whole travel, a recall."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware.params import Value

DEPTH = 200
GESTURE_MS = 1000.0
"""A control that rests for so long has ended its gesture."""


@dataclass(eq=False)
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
        """Values as they were before a change by `gesture` (a control, and what it was on). Changes of one gesture,
        each within `GESTURE_MS` of the one before, are one step, whatever other hands do meanwhile; an empty gesture
        joins none. The step that was changed last is the newest."""
        step = self._under_way(gesture, before, now_ns) if gesture else None
        if step is None:
            step = Step(gesture, label)
        else:
            self._steps.remove(step)
        self._steps.append(step)
        for path, value in before.items():
            step.before.setdefault(path, value)
        step.at_ns = now_ns

    def _under_way(self, gesture: str, before: Mapping[str, Value], now_ns: int) -> Step | None:
        """The step of a gesture that has not ended. What another step has changed since, it has ended: else undo would
        not come by the values that there were."""
        changed = set(before)
        since: set[str] = set()
        for step in reversed(self._steps):
            if now_ns - step.at_ns > GESTURE_MS * 1e6:
                return None
            if step.gesture == gesture:
                return None if since & (changed | step.before.keys()) else step
            since |= step.before.keys()
        return None

    def take(self) -> Step | None:
        """The newest step, which is undone now; None when there is none left."""
        return self._steps.pop() if self._steps else None
