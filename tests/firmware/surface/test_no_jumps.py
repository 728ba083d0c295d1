"""No sequence of moves, layers, flips, recalls, remotes, undo and unplugging makes a parameter jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from drivers.panel_events import Health
from dsp.laws import fader_to_db
from firmware import boards, scene
from firmware.params import Kind, Number
from firmware.surface import board_file
from firmware.surface.fader import REST, SNAP
from firmware.surface.pickup import WINDOW
from firmware.surface.settings import Settings
from firmware.surface.setup import Setup
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


def small(board: str) -> Setup:
    """The setup of a board that comes with Pidesk."""
    made_for = {"minimal-pisound": "pisound"}.get(board)
    panel = board_file.load(board, boards.profiles()[made_for] if made_for else None).panel
    return Setup.of(panel, settings=Settings(saver_minutes=0))


class NoJumps(RuleBasedStateMachine):
    """Moves, layers, flips, recalls, remotes, undo and unplugging in any order. Whatever a fader moves was where the
    hand has just been: its value lies, within the window, on the way the hand went in the last scans."""

    board = ""

    @initialize(start=st.floats(0.0, 1.0))
    def begin(self, start: float) -> None:
        self.desk = _WatchedDesk()
        setup = small(self.board) if self.board else full()
        self.faders = setup.faders if self.board else FADERS
        self.hands = Hands(replace(setup, chip_of=dict.fromkeys(self.faders, "adc1")), self.desk, at=start)
        self.ways = {name: [start] * 4 for name in self.faders}
        self.desk.seen.clear()

    def _scan(self, name: str) -> None:
        self.desk.seen.clear()
        self.hands.scan()
        for one in self.faders:
            self.ways[one] = [*self.ways[one][-5:], self.hands.wipers[one]]
        places = [(r - SNAP) / (1.0 - 2.0 * SNAP) for r in self.ways[name]]
        slack = WINDOW + REST + 0.0005
        for seen in self.desk.seen:
            assert min(places) - slack <= seen.before <= max(places) + slack, "it jumped"
            assert min(places) - slack <= seen.after <= max(places) + slack
            assert seen.over_ms is not None
            assert seen.over_ms >= 20.0

    @rule(which=st.integers(0, 2), to=st.floats(0.0, 1.0) | st.sampled_from([0.0, 0.3, 0.7]), scans=st.integers(1, 8))
    def slide(self, which: int, to: float, scans: int) -> None:
        name = self.faders[which]
        start = self.hands.wipers[name]
        for k in range(1, scans + 1):
            self.hands.wipers[name] = start + (to - start) * k / scans
            self._scan(name)
        for _ in range(12):
            self._scan(name)

    @rule(name=st.sampled_from(("key.layer", "key.flip", "select.1", "select.2")))
    def press(self, name: str) -> None:
        if name in self.hands.setup.buttons:
            self._still(lambda: self.hands.press(name))

    @rule(strip=st.sampled_from(("channel.1", "channel.6", "bus.1", "dca.1", "mute_group.1", "main.lr")))
    def go_to(self, strip: str) -> None:
        surface = self.hands.surface
        if surface.editor.stage == "strip":
            strips = list(surface.bank.strips(groups=self.board != ""))
            if strip in strips:
                by = strips.index(strip) - strips.index(surface.state.strip)
                self._still(lambda: self.hands.turn("encoder.5", by))

    @rule()
    def undo(self) -> None:
        self._still(self.hands.surface.changes.undo)

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
        for name in self.faders:
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
        for name in self.faders:
            path = self.hands.surface.faders.path(name)
            assert not path or path in self.desk.model.places


class NoJumpsOnFour(NoJumps):
    """Four faders that follow the cursor."""

    board = "minimal"


class NoJumpsBesidePisound(NoJumps):
    """The same with other controls."""

    board = "minimal-pisound"


class NoJumpsOfFadersAlone(NoJumps):
    """Nine faders and nothing else."""

    board = "faders-only"


TestNoJumps = NoJumps.TestCase
TestNoJumpsOnFour = NoJumpsOnFour.TestCase
TestNoJumpsBesidePisound = NoJumpsBesidePisound.TestCase
TestNoJumpsOfFadersAlone = NoJumpsOfFadersAlone.TestCase
TestNoJumps.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestNoJumpsOnFour.settings = TestNoJumpsBesidePisound.settings = TestNoJumpsOfFadersAlone.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None
)


@pytest.mark.parametrize("board", ["minimal", "minimal-pisound"])
@pytest.mark.parametrize(("fader", "away"), [("fader.1", "mute_group.1"), ("fader.3", "main.lr")])
def test_a_fader_that_was_moved_where_it_has_no_level_has_to_be_picked_up_again(
    board: str, fader: str, away: str
) -> None:
    hands = Hands(small(board), at=0.0)
    path = f"channel.{fader[-1]}.fader_db"
    hands.slide(fader, 0.75, 20)
    held = hands.get(path)
    by = list(hands.surface.bank.strips(groups=True)).index(away)
    hands.turn("encoder.5", by)
    assert hands.surface.faders.path(fader) == ""
    hands.slide(fader, 0.2, 20)
    hands.turn("encoder.5", -by)
    hands.slide(fader, 0.21, 2)
    assert hands.get(path) == held
    hands.slide(fader, 0.9, 20)
    assert float(hands.get(path)) == pytest.approx(6.0, abs=0.2)
