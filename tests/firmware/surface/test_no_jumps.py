"""No sequence of moves, layers, flips, recalls, remotes, undo and unplugging makes a parameter jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from drivers.panel_events import Health
from dsp.laws import fader_to_db
from firmware import scene
from firmware.params import Kind, Number
from firmware.surface.fader import REST, SNAP
from firmware.surface.pickup import WINDOW
from tests.firmware.surface.fakes import Desk, Hands, full

CH1 = "channel.1.fader_db"
CH9 = "channel.9.fader_db"

SCENES = [
    scene.parse(f"format = 1\n[channel.1]\nfader_db = {db}\n[bus.1]\nfader_db = {db}\n") for db in (-20.0, 0.0, -60.0)
]
FADERS = ("fader.1", "fader.2", "fader.main")
PATHS = (CH1, CH9, "channel.2.fader_db", "bus.1.fader_db", "main.lr.fader_db", "channel.1.send.1.level_db")


@dataclass
class _Seen:
    path: str
    before: float
    after: float
    over_ms: float | None


class _WatchedDesk(Desk):
    """Notes what each value was before it was set."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[_Seen] = []

    def set(self, path: str, value: object, over_ms: float | None = None) -> bool | int | float | str:
        kind = self.model.places[path].parameter.type
        before = self.model.values[path]
        after = super().set(path, value, over_ms)
        if isinstance(kind, Number):
            self.seen.append(_Seen(path, kind.position(before), kind.position(after), over_ms))
        return after


class NoJumps(RuleBasedStateMachine):
    """Moves, layers, flips, recalls, remotes, undo and unplugging in any order. Whatever a fader moves was where the
    hand has just been: its value lies, within the window, on the way the hand went in the last scans."""

    @initialize(start=st.floats(0.0, 1.0))
    def begin(self, start: float) -> None:
        self.desk = _WatchedDesk()
        setup = replace(full(), chip_of=dict.fromkeys(FADERS, "adc1"))
        self.hands = Hands(setup, self.desk, at=start)
        self.ways = {name: [start] * 4 for name in FADERS}
        self.desk.seen.clear()

    def _scan(self, name: str) -> None:
        self.desk.seen.clear()
        self.hands.scan()
        for one in FADERS:
            self.ways[one] = [*self.ways[one][-5:], self.hands.wipers[one]]
        places = [(r - SNAP) / (1.0 - 2.0 * SNAP) for r in self.ways[name]]
        slack = WINDOW + REST + 0.0005
        for seen in self.desk.seen:
            assert min(places) - slack <= seen.before <= max(places) + slack, "it jumped"
            assert min(places) - slack <= seen.after <= max(places) + slack
            assert seen.over_ms is not None
            assert seen.over_ms >= 20.0

    @rule(name=st.sampled_from(FADERS), to=st.floats(0.0, 1.0), scans=st.integers(1, 8))
    def slide(self, name: str, to: float, scans: int) -> None:
        start = self.hands.wipers[name]
        for k in range(1, scans + 1):
            self.hands.wipers[name] = start + (to - start) * k / scans
            self._scan(name)
        for _ in range(12):
            self._scan(name)

    @rule(name=st.sampled_from(("key.layer", "key.flip", "select.1", "select.2")))
    def press(self, name: str) -> None:
        self._still(lambda: self.hands.press(name))

    @rule()
    def undo(self) -> None:
        self.hands.shifted("key.flip")

    @rule(which=st.integers(0, len(SCENES) - 1))
    def recall(self, which: int) -> None:
        self._still(lambda: self.desk.apply(SCENES[which], "x"))

    @rule(path=st.sampled_from(PATHS), position=st.floats(0.0, 1.0))
    def remote(self, path: str, position: float) -> None:
        if path in self.desk.model.places:
            self.desk.set(path, fader_to_db(position))
        self._still(lambda: self.hands.scan(3))

    @rule(pair=st.sampled_from([(Kind.CHANNEL, 1), (Kind.BUS, 1)]), stereo=st.booleans())
    def link(self, pair: tuple[Kind, int], stereo: bool) -> None:
        self.desk.model.link(pair, stereo)
        self._still(lambda: self.hands.scan(3))

    @rule(moved=st.floats(0.0, 1.0), scans=st.integers(1, 30))
    def unplug(self, moved: float, scans: int) -> None:
        self.hands.panel.chips["adc1"] = Health.LOST
        self._still(lambda: self.hands.scan(6 + scans))
        self.hands.panel.chips["adc1"] = Health.GOOD
        for name in FADERS:
            self.hands.wipers[name] = moved
            self.ways[name] = [moved] * 4
        self._still(lambda: self.hands.scan(8))

    def _still(self, what: Callable[[], object]) -> None:
        """No fader is moved: so nothing is set by one."""
        self.desk.seen.clear()
        what()
        assert [seen for seen in self.desk.seen if seen.over_ms is not None] == []

    @invariant()
    def every_fader_knows_what_it_moves(self) -> None:
        for name in FADERS:
            path = self.hands.surface.faders.path(name)
            assert not path or path in self.desk.model.places


TestNoJumps = NoJumps.TestCase
TestNoJumps.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
