"""The output patch: any strip at any tap, monitor, means and insert lines; delay, ceiling, fades (`docs/signal.md`)."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import MAIN_MEAN, MONITOR_L, MONITOR_MEAN, MONITOR_R, NONE, StripKind, lane_code
from tests.dsp.console import Console, code, steady
from tests.dsp.rig import db

SIZE = DeskSize(channels=10, inputs=2, outputs=20, buses=9, effects=2, matrices=2)
IN = 0.25


def test_every_lane_of_the_desk_can_be_patched_to_any_output() -> None:
    """Each strip at a level of its own, all lanes in two goes."""
    lanes = [(kind, place) for kind in StripKind for place in range(SIZE.lanes_of[kind])]
    console = Console(SIZE, {f"channel.{n}.source": 0 for n in range(1, 11)})
    console.set({f"channel.{n}.to_main": float(n == 1) for n in range(1, 11)} | {"channel.1.pan": 0})
    console.set({"channel.1.to_mono": 1, **{f"channel.1.send.{b}.level_db": 0 for b in range(1, 10)}})
    console.set({f"return.{k}.{side}source": 0 for k in (1, 2) for side in ("", "right.")})
    console.set({f"main.mono.matrix.{m}.level_db": 0 for m in (1, 2)} | {f"return.{k}.to_main": 0 for k in (1, 2)})
    trims = {lane: -0.25 * k for k, lane in enumerate(lanes)}
    for (kind, place), trim_db in trims.items():
        side = kind is StripKind.RETURN or (kind is StripKind.MAIN and place < 2)
        if not (side and place % 2):
            console.values[SIZE.strip(kind, place, "fader_db")] = trim_db
    for group in (lanes[:20], lanes[20:]):
        console.set({f"output.{k}.source": lane_code(*lane) for k, lane in enumerate(reversed(group), 1)})
        console.set({f"output.{k}.tap": 4 for k in range(1, 21)})
        y = console.play(steady(SIZE, [IN, 0.0]))[-1]
        for k, (kind, place) in enumerate(reversed(group)):
            left = place - place % 2 if kind is StripKind.RETURN or (kind is StripKind.MAIN and place < 2) else place
            own = trims[kind, left]
            above = trims[StripKind.CHANNEL, 0] if kind in (StripKind.BUS, StripKind.MAIN, StripKind.MATRIX) else 0.0
            above += trims[StripKind.MAIN, 2] if kind is StripKind.MATRIX else 0.0
            panned = 10 * np.log10(0.5) if kind is StripKind.MAIN and place < 2 else 0.0
            assert db(float(y[k]) / IN) == pytest.approx(own + above + panned, abs=1e-3), (kind, place)


def test_the_means_are_half_of_both_sides() -> None:
    console = Console(SIZE, {"output.1.source": MAIN_MEAN, "output.2.source": MONITOR_MEAN, "monitor.level_db": -6})
    y = console.play(steady(SIZE, [0.25, 0.125]))
    assert y[-1, 0] == 0.1875
    assert y[-1, 1] == pytest.approx(0.1875 * 10 ** (-6 / 20), rel=1e-6)


@pytest.mark.parametrize("source", [NONE, -2, 0, 1010, 2009, 3004, 4003, 5002, 6005, 6009, 9999])
def test_what_the_desk_has_not_is_silence(source: int) -> None:
    everywhere = {f"channel.1.send.{b}.level_db": 0 for b in range(1, 10)}
    console = Console(SIZE, {"output.1.source": source, "output.2.source": code("bus.9"), **everywhere})
    y = console.play(steady(SIZE, [IN, IN]))
    assert not y[:, 0].any()
    assert y[-1, 1] == IN


def test_each_output_is_delayed_by_itself() -> None:
    delays = (0.0, 0.5, 10.0, 500.0)
    console = Console(SIZE, {f"output.{k}.source": code("channel.1") for k in range(1, 5)})
    console.set({f"output.{k}.delay_ms": delay_ms for k, delay_ms in enumerate(delays, 1)})
    assert console.impulse(frames=24320)[:4] == [[0], [24], [480], [24000]]


def test_source_and_tap_fade_over_as_one() -> None:
    """Out in 10 ms, then in with both new, whichever of the two has moved."""
    console = Console(
        SIZE, {"channel.1.fader_db": -20, "channel.2.fader_db": -40, "output.1.source": code("channel.1")}
    )
    moves = [console.event(640, "output.1.tap", 0.0), console.event(640, "output.1.source", code("channel.2"))]
    y = console.play(steady(SIZE, [0.25, 0.125], 4000), moves)[:, 0]
    assert (y[:640] == y[0]).all()
    assert y[0] == pytest.approx(0.025, rel=1e-6)
    assert y[640 + 480 - 1] == 0.0
    assert (np.diff(y[639 : 640 + 480]) < 0).all()
    assert (np.diff(y[640 + 480 : 640 + 960]) > 0).all()
    assert (y[640 + 960 :] == 0.125).all()


def test_a_change_that_comes_in_the_midst_of_a_fade_is_taken_after_it() -> None:
    console = Console(SIZE, {"output.1.source": code("channel.1"), "output.2.source": NONE})
    moves = [
        console.event(640, "output.1.source", code("channel.2")),
        console.event(960, "output.1.source", code("main.lr")),
    ]
    y = console.play(steady(SIZE, [0.25, 0.125], 4000), moves)[:, 0]
    assert y[640 + 960] == pytest.approx(0.125, rel=0.1), "it has come in"
    assert y[640 + 960 + 480 - 1] == 0.0
    assert (y[640 + 1920 :] == 0.25).all()


def test_one_strip_may_go_to_all_outputs() -> None:
    console = Console(SIZE, {f"output.{k}.source": code("bus.9") for k in range(1, 21)})
    y = console.set({"channel.2.send.9.level_db": 0}).play(steady(SIZE, [IN, 0.125]))
    assert (y[-1] == 0.125).all()


def test_the_engines_gain_is_over_all_outputs() -> None:
    console = Console(SIZE, {"output.1.source": code("channel.1"), "output.2.source": MONITOR_L})
    console.set({"output.3.source": MONITOR_R, "output.20.source": MAIN_MEAN})
    loud, quiet = (
        console.play(steady(SIZE, [IN, IN])),
        console.set({"engine.gain_db": -20}).play(steady(SIZE, [IN, IN])),
    )
    assert (loud[-1] > 0).all()
    assert quiet[-1] == pytest.approx(loud[-1] * 0.1, rel=1e-5)
