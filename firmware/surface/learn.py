"""A guided first start: every control is touched once and answers, both ends of every fader are found.

The hand pulls all faders down, then pushes each up, then turns and presses everything else. Nothing has to be told to
the desk: a fader that rests at an end is done, a knob or key that moved has answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from drivers.panel_events import ChipState, Happened, Health, Pressed, Slid, Turned
from firmware.surface import wiring
from firmware.surface.board_file import BoardFile
from firmware.surface.calibration import Ends
from firmware.surface.header import told

STILL_NS = 400_000_000
STILL_RATIO = 0.006  # a hand that holds a cap against its stop, and the noise of a long wire
NEAR_END = 0.05
QUIET_NS = 120_000_000_000
"""After which a part of the work is left: nobody is there, or nothing more comes."""
SHOWN_RATIO = 0.01


class Stage(Enum):
    """What the hand is asked for."""

    DOWN = auto()
    UP = auto()
    TOUCH = auto()
    DONE = auto()


ASKS = {
    Stage.DOWN: "Pull every fader all the way down.",
    Stage.UP: "Push every fader all the way up.",
    Stage.TOUCH: "Turn every encoder clockwise, press every button.",
    Stage.DONE: "Done.",
}
SHORT_ASKS = {
    Stage.DOWN: "All faders down",
    Stage.UP: "All faders up",
    Stage.TOUCH: "Turn, press all",
    Stage.DONE: "Done",
}
"""For the display."""


class Wiper:
    """One fader's readings of the last moment. `low`, `high`: where it rested at its ends; None before."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, float]] = deque()
        self.ratio = 0.0
        self.seen = False
        self.low: float | None = None
        self.high: float | None = None

    def take(self, at_ns: int, ratio: float) -> None:
        """A reading."""
        self.ratio, self.seen = ratio, True
        self._recent.append((at_ns, ratio))
        while at_ns - self._recent[0][0] > STILL_NS:
            self._recent.popleft()

    def rest(self) -> float | None:
        """Where it rests, as the middle of the last readings; None while it moves or too little is known."""
        if len(self._recent) < 3 or self._recent[-1][0] - self._recent[0][0] < STILL_NS * 3 // 4:
            return None
        ratios = sorted(ratio for _, ratio in self._recent)
        # Of many readings one or two lie far out, as noise does: those at the very ends do not count.
        few = len(ratios) // 20
        return ratios[len(ratios) // 2] if ratios[-1 - few] - ratios[few] <= STILL_RATIO else None

    @property
    def is_turned_round(self) -> bool:
        """Whether its top has the lower voltage."""
        return self.low is not None and self.high is not None and self.low > self.high


@dataclass(frozen=True, slots=True)
class Frame:
    """What the display shows: what is asked, the control that answered last, a word on it, how much is done."""

    ask: str
    name: str = ""
    word: str = ""
    bar: float = -1.0
    done: int = 0
    of: int = 0
    note: str = ""


@dataclass
class Learner:
    """Takes what hands do and says what comes of it. `news`: sentences to be told, in their order."""

    board: BoardFile
    stage: Stage = Stage.DOWN
    news: deque[str] = field(default_factory=deque)

    def __post_init__(self) -> None:
        panel = self.board.panel
        self._wipers = {fader.name: Wiper() for fader in panel.faders}
        self._turned = {encoder.name: 0 for encoder in panel.encoders}
        self._chips = {fader.name: fader.chip for fader in panel.faders} | {one.name: one.chip for one in panel.buttons}
        self._answered: set[str] = set()
        self._touchable = [*self._turned, *(button.name for button in panel.buttons)]
        self._last: tuple[str, str, float] = ("", "", -1.0)
        self._shown: dict[str, float] = {}
        self._busy_ns: int | None = None
        self._lost: dict[str, str] = {}
        self.pressed: dict[str, bool] = {}
        self.news.append(ASKS[self.stage])
        self._skip_empty()

    # What comes in

    def take(self, events: Iterable[Happened], states: Iterable[ChipState], now_ns: int) -> None:
        """Everything since the last time, in its order."""
        self._busy_ns = now_ns if self._busy_ns is None else self._busy_ns
        for event in events:
            if isinstance(event, Slid):
                self._slid(event, now_ns)
            elif isinstance(event, Turned):
                self._turn(event, now_ns)
            else:
                self._press(event, now_ns)
        self._health(states)
        if self.stage in (Stage.DOWN, Stage.UP):
            self._ends()
        if self.stage is not Stage.DONE and (self._complete() or now_ns - self._busy_ns > QUIET_NS):
            self.skip(now_ns)

    def skip(self, now_ns: int) -> None:
        """Leave what is asked for and go on to the next."""
        if self.stage is Stage.DOWN:
            for name, wiper in self._wipers.items():
                if wiper.low is None:
                    self.news.append(f"{_start(name)}: its lower end is not known. {self._remedy(name)}")
        self._busy_ns = now_ns
        self._next()
        self._skip_empty()

    def _next(self) -> None:
        self.stage = Stage(self.stage.value + 1)
        if self.stage is not Stage.DONE:
            self.news.append(ASKS[self.stage])

    def _skip_empty(self) -> None:
        while self.stage is not Stage.DONE and not self._wanted():
            self.news.pop()
            self._next()

    def _wanted(self) -> list[str]:
        if self.stage is Stage.TOUCH:
            return self._touchable
        return list(self._wipers) if self.stage is not Stage.DONE else []

    def _slid(self, event: Slid, now_ns: int) -> None:
        wiper = self._wipers.get(event.name)
        if wiper is None:
            return
        wiper.take(event.at_ns, event.ratio)
        if abs(event.ratio - self._shown.setdefault(event.name, event.ratio)) > SHOWN_RATIO:
            self._shown[event.name] = event.ratio
            self._last, self._busy_ns = (event.name, f"{event.ratio:.0%}", event.ratio), now_ns

    def _turn(self, event: Turned, now_ns: int) -> None:
        if event.name not in self._turned:
            return
        self._turned[event.name] += event.detents
        self._last = (event.name, f"{self._turned[event.name]:+d}", -1.0)
        self._busy_ns = now_ns
        if self.stage is Stage.TOUCH and self._answer(event.name) and event.detents < 0:
            self.news.append(f"  If you turned {wiring.spoken(event.name)} clockwise, swap its A and B.")

    def _press(self, event: Pressed, now_ns: int) -> None:
        self.pressed[event.name] = event.down
        self._last, self._busy_ns = (event.name, "down" if event.down else "up", -1.0), now_ns
        if event.down:
            self._answer(event.name)

    def _answer(self, name: str) -> bool:
        """Note that a control has answered; True for the first time."""
        if name in self._answered or name not in self._touchable:
            return False
        self._answered.add(name)
        self.news.append(f"{_start(name)} answers ({self._place(name)}).")
        return True

    def _ends(self) -> None:
        for name, wiper in self._wipers.items():
            rest = wiper.rest()
            if rest is None or NEAR_END < rest < 1.0 - NEAR_END:
                if rest is not None and self.stage is Stage.DOWN:
                    wiper.low = None  # until the last one is down
                continue
            if self.stage is Stage.DOWN:
                wiper.low = rest
            elif wiper.low is not None and (rest < 0.5) == (wiper.low < 0.5):
                wiper.low = min(rest, wiper.low) if rest < 0.5 else max(rest, wiper.low)
            elif wiper.low is not None and (wiper.high is None or abs(rest - 0.5) > abs(wiper.high - 0.5)):
                first = wiper.high is None
                wiper.high = rest
                if first:
                    self.news.append(f"{_start(name)} answers ({self._place(name)}).")
                    if wiper.is_turned_round:
                        self.news.append("  It is wired the other way round; that is taken into account.")

    def _health(self, states: Iterable[ChipState]) -> None:
        lost = {state.name: state.reason for state in states if state.health is Health.LOST}
        self.news.extend(f"{name} does not answer. {lost[name]}" for name in lost.keys() - self._lost.keys())
        self.news.extend(f"{name} answers again." for name in self._lost.keys() - lost.keys())
        self._lost = lost

    # What has come of it

    def missing(self) -> list[str]:
        """The controls that the present stage still waits for, which no lost chip can answer for; when done, all that
        never answered."""
        faders = [name for name, wiper in self._wipers.items() if wiper.high is None]
        touch = [name for name in self._touchable if name not in self._answered]
        if self.stage is Stage.DONE:
            return faders + touch
        if self.stage is Stage.DOWN:
            faders = [name for name, wiper in self._wipers.items() if wiper.low is None]
        waited = touch if self.stage is Stage.TOUCH else faders
        return [name for name in waited if self._chips.get(name, "") not in self._lost]

    def _complete(self) -> bool:
        if self.missing():
            return False
        # The last fader up has to rest, as all others did, and the caps of all may still go a little further.
        return self.stage is Stage.TOUCH or all(
            wiper.rest() is not None for name, wiper in self._wipers.items() if self._chips[name] not in self._lost
        )

    def ends(self) -> Ends:
        """The faders whose both ends are known."""
        return {
            name: (wiper.low, wiper.high)
            for name, wiper in self._wipers.items()
            if wiper.low is not None and wiper.high is not None
        }

    def frame(self) -> Frame:
        """What the display shows now."""
        wanted = self._wanted()
        name, word, bar = self._last
        note = f"{next(iter(self._lost))} is lost" if self._lost else ""
        shown = wiring.spoken(name) if name else ""
        return Frame(SHORT_ASKS[self.stage], shown, word, bar, len(wanted) - len(self.missing()), len(wanted), note)

    def report(self) -> Iterator[str]:
        """The table of what was found, and what to do about the rest."""
        missing = set(self.missing())
        table = [("control", "hangs on", "found")]
        for (label, place), name in zip(wiring.rows(self.board), self._names(), strict=False):
            table.append((label, place, self._found(name, missing)))
        widths = [max(len(row[column]) for row in table) for column in range(2)]
        yield from (f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in table)
        for name in self._names():
            if name in missing:
                yield f"{_start(name)} did not answer. {self._remedy(name)}"

    def _names(self) -> list[str]:
        """The controls in the order of `wiring.rows`, as far as they can answer."""
        panel = self.board.panel
        faders = [fader.name for fader in panel.faders]
        return [*faders, *(["supply"] if panel.supply is not None else []), *self._touchable]

    def _found(self, name: str, missing: set[str]) -> str:
        if name in missing:
            return "no answer"
        wiper = self._wipers.get(name)
        if wiper is None or wiper.low is None or wiper.high is None:
            return "" if name == "supply" else "answers"
        return f"{wiper.low:.1%} to {wiper.high:.1%} of the supply"

    def _place(self, name: str) -> str:
        return dict(zip(self._names(), (place for _, place in wiring.rows(self.board)), strict=False))[name]

    def _remedy(self, name: str) -> str:
        panel = self.board.panel
        chip = self._chips.get(name, "")
        if chip in self._lost:
            return f"Its chip {chip} does not answer: pidesk doctor says more."
        if name in self._wipers:
            return f"Look at its wiper ({self._place(name)}) and at the 3.3 V and GND at its ends."
        if name in self._turned:
            encoder = next(one for one in panel.encoders if one.name == name)
            return f"Look at A on {told(encoder.a)}, B on {told(encoder.b)} and its C to GND."
        return f"Look at its line to {self._place(name)} and at the other one to GND."


def _start(name: str) -> str:
    words = wiring.spoken(name)
    return words[0].upper() + words[1:]
