"""What arrives in the same quantum, and what a quantum later (`docs/signal.md`, "Order and age"): impulses tell."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import INSERT_LINE, MONITOR_L, NONE, SOURCE_FX, SOURCE_OSC, SOURCE_PLAY
from tests.dsp.console import Console, Settings, code
from tests.dsp.rig import QUANTUM

SIZE = DeskSize(channels=10, inputs=3, outputs=3, buses=16, effects=3, matrices=4, plays=2)
QUIET: dict[str, float] = {
    **{f"channel.{n}.to_main": 0 for n in range(1, 11)}, "channel.9.source": 0,
    **{f"return.{k}.to_main": 0 for k in (1, 2, 3)},
}  # fmt: skip


def _ages(settings: Settings, column: int = 0) -> list[list[int]]:
    silent = {f"output.{k}.source": NONE for k in (1, 2, 3)}
    return Console(SIZE, {**QUIET, **silent, **settings}).impulse(column)


def _chain(*stages: str) -> dict[str, float]:
    """From strip to strip at unity, buses by sends, matrices by theirs; the last one is heard at output 1."""
    settings: dict[str, float] = {"output.1.source": code(stages[-1])}
    for sender, to in pairwise(stages):
        kind, _, which = to.partition(".")
        if kind == "main":
            settings |= {f"{sender}.to_{'mono' if which == 'mono' else 'main'}": 1}
        elif kind == "return":
            settings |= {f"fx.{which}.source": code(sender), f"{to}.source": SOURCE_FX + 2 * (int(which) - 1)}
        else:
            settings |= {f"{sender}.{'send' if kind == 'bus' else kind}.{which}.level_db": 0}
    return settings


AT_ONCE: dict[str, tuple[str, ...]] = {
    "the mains": ("channel.1", "main.lr"),
    "the mono main": ("channel.1", "main.mono"),
    "a bus": ("channel.9", "bus.1"),
    "a bus after a bus": ("channel.1", "bus.2", "bus.5", "main.lr"),
    "a bus after its neighbour": ("channel.1", "bus.1", "bus.2", "main.mono"),
    "buses of both eights": ("channel.1", "bus.8", "bus.9", "bus.16", "main.lr"),
    "all buses in a row": ("channel.1", *(f"bus.{b}" for b in range(1, 17)), "main.lr"),
    "a matrix after the mains": ("channel.1", "main.lr", "matrix.1"),
    "a matrix after the mono main": ("channel.1", "main.mono", "matrix.4"),
    "a matrix after a bus": ("channel.1", "bus.16", "matrix.2"),
    "a return": ("channel.1", "bus.16", "return.1"),
    "the mains after a return": ("channel.1", "bus.3", "return.3", "main.lr"),
    "all there is": ("channel.1", "bus.1", "bus.9", "return.2", "main.lr", "matrix.3"),
}


@pytest.mark.parametrize("chain", list(AT_ONCE))
def test_the_way_up_is_heard_in_the_same_frame(chain: str) -> None:
    assert _ages(_chain(*AT_ONCE[chain]))[0] == [0]


A_QUANTUM_LATE: dict[str, tuple[str, ...]] = {
    "a bus after a return": ("channel.1", "bus.3", "return.1", "bus.4"),
    "a lower bus after a return": ("channel.1", "bus.9", "return.1", "bus.1"),
    "a second effect": ("channel.1", "bus.3", "return.1", "bus.4", "return.2", "main.lr", "matrix.1"),
    "a lower effect": ("channel.1", "bus.3", "return.3", "bus.2", "return.1", "main.lr"),
}


@pytest.mark.parametrize("chain", list(A_QUANTUM_LATE))
def test_the_way_back_from_a_return_takes_a_quantum(chain: str) -> None:
    assert _ages(_chain(*A_QUANTUM_LATE[chain]))[0] == [QUANTUM]


def test_three_effects_in_a_row_take_two_quanta() -> None:
    chain = _chain("channel.1", "bus.1", "return.1", "bus.2", "return.2", "bus.3", "return.3", "main.lr")
    assert _ages(chain)[0] == [2 * QUANTUM]


def test_a_loop_comes_round_once_a_quantum() -> None:
    ages = _ages(_chain("channel.1", "bus.1", "return.1", "bus.1"))[0]
    assert ages == list(range(0, 220, QUANTUM))


def test_an_effect_is_heard_by_a_channel_a_quantum_later() -> None:
    back = {"channel.2.source": SOURCE_FX, "output.2.source": code("channel.2")}
    ages = _ages(_chain("channel.1", "bus.1", "return.1") | back)
    assert ages[:2] == [[0], [QUANTUM]]


@pytest.mark.parametrize(("sender", "to"), [("bus.5", "bus.2"), ("bus.9", "bus.8"), ("bus.2", "bus.1")])
def test_a_bus_is_heard_by_no_lower_one_nor_by_itself(sender: str, to: str) -> None:
    down = _chain("channel.1", sender, to) | {
        f"{sender}.send.{sender[4:]}.level_db": 0,
        "output.2.source": code(sender),
    }
    assert _ages(down)[:2] == [[], [0]]


def test_matrices_and_mains_send_to_no_bus() -> None:
    forbidden = {"main.lr.send.1.level_db": 0, "matrix.1.send.1.level_db": 0, "matrix.1.matrix.2.level_db": 0}
    heard = {"output.1.source": code("matrix.1"), "output.2.source": code("bus.1"), "output.3.source": code("matrix.2")}
    assert _ages(_chain("channel.1", "main.lr", "matrix.1") | forbidden | heard) == [[0], [], []]


def test_inputs_and_playback_are_heard_at_once_by_channels_and_returns() -> None:
    for column, source in ((2, 2), (3, SOURCE_PLAY), (4, SOURCE_PLAY + 1)):
        heard = {"output.1.source": code("channel.7"), "output.2.source": code("return.2.right")}
        ages = _ages({"channel.7.source": source, "return.2.right.source": source} | heard, column)
        assert ages[:2] == [[0], [0]]


def test_talkback_and_generator_are_heard_at_once() -> None:
    talk = {"talkback.on": 1, "talkback.source": 1, "talkback.to.bus.4": 1, "output.1.source": code("bus.4")}
    assert _ages(talk, 1)[0] == [0]
    tone = {"osc.on": 1, "osc.level_db": -20, "osc.freq_hz": 1000, "osc.destination": code("main.mono")}
    heard = {"output.1.source": code("main.mono"), "channel.1.source": SOURCE_OSC, "output.2.source": code("channel.1")}
    y = Console(SIZE, QUIET | tone | heard).play(np.zeros((3200, SIZE.columns)))
    assert abs(y).max() > 0.09
    assert (y[:, 0] == y[:, 1]).all()


@pytest.mark.parametrize(
    ("mode", "strip"), [(0, "channel.1"), (1, "bus.2"), (0, "return.1"), (1, "main.lr"), (0, "matrix.1")]
)
def test_monitor_and_solo_are_no_later_than_what_they_hear(mode: int, strip: str) -> None:
    way = _chain("channel.1", "bus.2", "return.1", "main.lr", "matrix.1")
    monitor = {"output.1.source": MONITOR_L, "monitor.solo_mode": mode}
    assert _ages(way | monitor | {"monitor.source": code(strip)})[0] == [0]
    assert _ages(way | monitor | {"monitor.source": NONE, f"{strip}.solo": 1})[0] == [0]


def test_what_goes_out_to_an_insert_goes_at_once() -> None:
    insert = {"channel.1.insert.on": 1, "channel.1.insert.slot": 1, "output.2.source": INSERT_LINE}
    assert _ages(insert)[1] == [0]


def test_delays_are_added_up_along_the_way() -> None:
    late = {"channel.1.delay_ms": 1, "bus.5.delay_ms": 2, "main.lr.delay_ms": 0.5, "output.1.delay_ms": 0.25}
    assert _ages(_chain("channel.1", "bus.5", "main.lr") | late)[0] == [48 + 96 + 24 + 12]


# A key's own signal, heard through key listen: who listens, to whom, how many quanta old it is
KEYS: dict[str, tuple[str, str, int]] = {
    "a channel's from a higher channel": ("channel.1", "channel.9", 0),
    "a channel's from a lower channel": ("channel.10", "channel.2", 0),
    "a channel's from a bus": ("channel.2", "bus.1", 1),
    "a channel's from the mains": ("channel.2", "main.lr", 1),
    "a bus's from a channel": ("bus.4", "channel.1", 0),
    "a bus's from a lower bus": ("bus.4", "bus.1", 0),
    "a bus's from its left neighbour": ("bus.4", "bus.3", 0),
    "a bus's from a higher bus": ("bus.4", "bus.7", 1),
    "a bus's from its right neighbour": ("bus.3", "bus.4", 1),
    "a bus's from one of the other eight": ("bus.4", "bus.16", 1),
    "a bus's from a lower one of the other eight": ("bus.16", "bus.2", 0),
    "a bus's from a return": ("bus.4", "return.1", 1),
    "a return's from a bus": ("return.2", "bus.16", 0),
    "a return's from a return": ("return.2", "return.1", 0),
    "a return's from a higher return": ("return.1", "return.3", 0),
    "a return's from the mains": ("return.2", "main.lr", 1),
    "the mains' from a return": ("main.lr", "return.1", 0),
    "the mains' from the mono main": ("main.lr", "main.mono", 0),
    "the mains' from a matrix": ("main.lr", "matrix.1", 1),
    "a matrix's from the mains": ("matrix.1", "main.lr", 0),
    "a matrix's from a matrix": ("matrix.1", "matrix.4", 0),
}
TO: dict[str, dict[str, float]] = {  # how the impulse comes to the inputs of these
    "channel": {}, "bus": {f"channel.1.send.{b}.level_db": 0 for b in range(1, 17)},
    "return": {f"return.{k}.source": 0 for k in (1, 2, 3)}, "main": {"channel.1.to_main": 1, "channel.1.to_mono": 1},
}  # fmt: skip
TO["matrix"] = TO["main"] | {f"main.lr.matrix.{m}.level_db": 0 for m in range(1, 5)}


@pytest.mark.parametrize("of", ["gate", "comp"])
@pytest.mark.parametrize("name", list(KEYS))
def test_a_key(name: str, of: str) -> None:
    listener, source, quanta = KEYS[name]
    way = TO[source.split(".")[0]] | {f"channel.{n}.source": 0 for n in range(1, 11)}
    key = {f"{listener}.{of}.key.source": code(source), f"{listener}.{of}.key.listen": 1}
    assert _ages(way | key | {"output.1.source": MONITOR_L, "monitor.source": NONE})[0] == [quanta * QUANTUM]


def test_a_loop_of_keys_among_the_channels_is_none() -> None:
    """Each taps its source after trim: all inputs are there before the first key is listened to."""
    keys = {"channel.1.gate.key.source": code("channel.2"), "channel.2.gate.key.source": code("channel.1")}
    sources = {"channel.1.source": 0, "channel.2.source": NONE, "output.1.source": MONITOR_L}
    assert _ages(sources | keys | {"channel.1.gate.key.listen": 1, "monitor.source": NONE})[0] == []
    assert _ages(sources | keys | {"channel.2.gate.key.listen": 1, "monitor.source": NONE})[0] == [0]
