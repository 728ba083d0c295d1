"""Keys: a detector that listens to another strip or through a filter, and what is heard of it (`docs/signal.md`)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import KEY_FILTERS, MONITOR_L, MONITOR_R, NONE
from tests.dsp.console import Console, Settings, code, gain_db
from tests.dsp.rig import Signal, sine

RATE_HZ = 48000
SIZE = DeskSize(channels=4, inputs=4, outputs=6, rate_hz=RATE_HZ, buses=4, effects=1)
FRAMES = 24000
LOW_CUT, HIGH_CUT, BAND = (KEY_FILTERS.index(name) for name in ("low_cut", "high_cut", "band"))
MONITOR = {"output.5.source": MONITOR_L, "output.6.source": MONITOR_R, "monitor.source": NONE}
EACH = {f"output.{n}.source": code(f"channel.{n}") for n in (1, 2, 3, 4)}


def _tones(*tones: tuple[float, float], frames: int = FRAMES) -> Signal:
    """A sine of (frequency in Hz, level in dBFS) on each input."""
    return np.concatenate([sine(frames, hz, RATE_HZ, level_db) for hz, level_db in tones], axis=1)


def _play(settings: Settings, x: Signal) -> Signal:
    padded = np.pad(x, ((0, 0), (0, 4 - x.shape[1])))
    return Console(SIZE, {**EACH, **MONITOR, **settings}).play(padded)


def _level_db(y: Signal, start: int = -4800, end: int | None = None) -> float:
    """Of a sine, by its power."""
    return gain_db(math.sqrt(2.0 * float(np.mean(y[start:end].astype(np.float64) ** 2))), 1.0)


GATE = {
    "channel.1.gate.on": 1, "channel.1.gate.threshold_db": -30, "channel.1.gate.range_db": 40,
    "channel.1.gate.release_ms": 30,
}  # fmt: skip
COMP = {
    "channel.1.comp.on": 1, "channel.1.comp.threshold_db": -30, "channel.1.comp.ratio": 4, "channel.1.comp.knee_db": 0,
    "channel.1.comp.attack_ms": 5, "channel.1.comp.release_ms": 4000,
}  # fmt: skip


def test_a_gate_opens_for_another_strip_and_only_for_it() -> None:
    key = {"channel.1.gate.key.source": code("channel.2")}
    quiet, loud = _tones((300, -50), (700, -20)), _tones((300, -20), (700, -50))
    assert _level_db(_play({**GATE, **key}, quiet)[:, 0]) == pytest.approx(-50, abs=0.01)
    assert _level_db(_play({**GATE, **key}, loud)[:, 0]) == pytest.approx(-60, abs=0.05)
    assert _level_db(_play(GATE, loud)[:, 0]) == pytest.approx(-20, abs=0.01)


def test_a_ducker_makes_room_for_a_voice() -> None:
    duck = {**GATE, "channel.1.gate.mode": 2, "channel.1.gate.range_db": 12, "channel.1.gate.attack_ms": 5}
    x = _tones((300, -12), (700, -20), frames=48000)
    x[:9600, 1] = x[28800:, 1] = 0.0
    y = _play({**duck, "channel.1.gate.key.source": code("channel.2")}, x)[:, 0]
    assert _level_db(y, 4800, 9600) == pytest.approx(-12, abs=0.01)
    assert _level_db(y, 19200, 28800) == pytest.approx(-24, abs=0.1)
    assert _level_db(y, -960) == pytest.approx(-12, abs=1.0)


@pytest.mark.parametrize("position", [0, 1])
def test_a_compressor_is_driven_by_its_key(position: int) -> None:
    key = {"channel.1.comp.key.source": code("channel.2"), "channel.1.comp.position": position}
    y = _play({**COMP, **key}, _tones((300, -20), (700, -10)))[:, 0]
    assert _level_db(y) == pytest.approx(-20 - 15, abs=0.2)  # 20 dB over at 4:1
    y = _play({**COMP, **key}, _tones((300, -10), (700, -40)))[:, 0]
    assert _level_db(y) == pytest.approx(-10, abs=0.01)


def test_a_key_is_tapped_after_trim_and_before_filters_mute_and_fader() -> None:
    key = {"channel.1.gate.key.source": code("channel.2")}
    deaf = {"channel.2.mute": 1, "channel.2.fader_db": -math.inf, "channel.2.hpf.on": 1, "channel.2.hpf.freq_hz": 2000}
    x = _tones((300, -50), (100, -20))
    assert _level_db(_play({**GATE, **key, **deaf}, x)[:, 0]) == pytest.approx(-50, abs=0.01)
    assert _level_db(_play({**GATE, **key, "channel.2.trim_db": -24}, x)[:, 0]) == pytest.approx(-90, abs=0.1)


def test_a_bus_is_a_key_too() -> None:
    way = {"channel.2.send.3.level_db": 0, "channel.1.gate.key.source": code("bus.3")}
    x = _tones((300, -50), (700, -20))
    assert _level_db(_play({**GATE, **way}, x)[:, 0]) == pytest.approx(-50, abs=0.01)
    assert _level_db(_play({**GATE, **way, "channel.2.send.3.on": 0}, x)[:, 0]) == pytest.approx(-90, abs=0.05)


@pytest.mark.parametrize("of", ["gate", "comp"])
@pytest.mark.parametrize(
    ("kind", "hz", "wanted_db"),
    # Butterworth cuts (Q 0.7071): −3.01 dB at the corner, −12.3 dB an octave away (|H|² = 1/(1 + 2⁴)); the band is 0 dB
    # at its middle and −3.27 dB an octave away (|H|² = 1/(1 + Q² (2 − ½)²))
    [
        (LOW_CUT, 1000.0, -3.01), (LOW_CUT, 500.0, -12.30), (LOW_CUT, 4000.0, 0.0), (HIGH_CUT, 1000.0, -3.01),
        (HIGH_CUT, 2000.0, -12.30), (HIGH_CUT, 100.0, 0.0), (BAND, 1000.0, 0.0), (BAND, 500.0, -3.27),
        (BAND, 2000.0, -3.27), (0, 100.0, 0.0),
    ],
)  # fmt: skip
def test_the_key_filters_as_key_listen_hears_them(of: str, kind: int, hz: float, wanted_db: float) -> None:
    key = {"filter": kind, "freq_hz": 1000, "q": math.sqrt(0.5), "listen": 1}
    y = _play({f"channel.1.{of}.key.{name}": value for name, value in key.items()}, _tones((hz, -12)))
    assert _level_db(y[:, 4]) == pytest.approx(-12 + wanted_db, abs=0.1)
    assert (y[:, 4] == y[:, 5]).all()
    assert _level_db(y[:, 0]) == pytest.approx(-12, abs=0.01), "the strip itself is not filtered"


def test_a_filtered_key_is_deaf_to_the_rest() -> None:
    """A de-esser: the compressor hears the band and leaves what lies below it alone."""
    band = {"channel.1.comp.key.filter": BAND, "channel.1.comp.key.freq_hz": 7000, "channel.1.comp.key.q": 4}
    assert _level_db(_play({**COMP, **band}, _tones((200, -10)))[:, 0]) == pytest.approx(-10, abs=0.01)
    assert _level_db(_play({**COMP, **band}, _tones((7000, -10)))[:, 0]) == pytest.approx(-10 - 15, abs=0.3)


def test_key_listen_takes_the_monitor_and_no_other_output() -> None:
    x = _tones((300, -20), (700, -12))
    heard = {
        "output.2.source": code("main.lr"),
        "output.3.source": code("main.lr.right"),
        "monitor.source": code("main.lr"),
    }
    key = {**GATE, "channel.1.gate.key.source": code("channel.2")}
    before = _play({**heard, **key}, x)
    y = _play({**heard, **key, "channel.1.gate.key.listen": 1}, x)
    assert (y[:, :4] == before[:, :4]).all()
    assert (y[:, 4] == x[:, 1]).all()
    assert not (before[:, 4] == x[:, 1]).all()


def test_listening_without_a_key_hears_what_the_detector_hears() -> None:
    """The signal before the gate, and for the compressor the one behind it."""
    shut = {**GATE, "channel.1.gate.threshold_db": 0, "channel.1.gate.release_ms": 5, "channel.1.fader_db": -20}
    x = _tones((300, -20))
    assert _level_db(_play({**shut, "channel.1.gate.key.listen": 1}, x)[:, 4]) == pytest.approx(-20, abs=0.01)
    assert _level_db(_play({**shut, "channel.1.comp.key.listen": 1}, x)[:, 4]) == pytest.approx(-60, abs=0.05)


def test_keys_of_stereo_strips_keep_their_sides_and_a_mono_strip_hears_the_mean() -> None:
    joined = {"channel.3.link": 1, "channel.3.to_main": 0}
    x = _tones((300, -30), (400, -30), (700, -12), (1100, -18))
    mono = {"channel.1.gate.key.source": code("channel.4"), "channel.1.gate.key.listen": 1}
    y = _play({**joined, **mono}, x)
    assert np.abs(y[:, 4] - (x[:, 2] + x[:, 3]) / 2).max() < 1e-7
    stereo = {"channel.1.link": 1, "channel.1.gate.key.source": code("channel.4"), "channel.1.gate.key.listen": 1}
    y = _play({**joined, **stereo}, x)
    assert (y[:, 4:] == x[:, 2:]).all()


@pytest.mark.parametrize("source", [999, 1004, 2004, 5000, 7000])
def test_a_key_that_the_desk_has_not_is_none(source: int) -> None:
    x = _tones((300, -20), (700, -50))
    assert (_play({**GATE, "channel.1.gate.key.source": source}, x) == _play(GATE, x)).all()


def test_a_bus_keyed_by_the_one_just_below_it_is_right_in_what_it_feeds() -> None:
    """Bus 1 feeds bus 2, that keys bus 3, that feeds bus 4, all in one quantum (`docs/signal.md`)."""
    size = DeskSize(channels=2, inputs=2, outputs=4, rate_hz=RATE_HZ, buses=4, effects=0, matrices=0)
    way = {
        "channel.1.send.1.level_db": 0, "bus.1.send.2.level_db": 0, "channel.2.send.3.level_db": 0,
        "bus.3.send.4.level_db": 0, "bus.3.gate.on": 1, "bus.3.gate.threshold_db": -30, "bus.3.gate.attack_ms": 0.05,
        "bus.3.gate.hold_ms": 1, "bus.3.gate.release_ms": 5, "bus.3.gate.key.source": code("bus.2"),
        "channel.1.to_main": 0, "channel.2.to_main": 0,
        **{f"output.{n}.source": code(f"bus.{n}") for n in range(1, 5)},
    }  # fmt: skip
    console = Console(size, way)
    x = _tones((300, -12), (700, -12), frames=4800)
    x[np.arange(4800) // 500 % 2 == 0, 0] = 0.0  # it opens and closes again and again
    y = console.play(x)
    assert np.abs(y[:, 2]).max() > 0.2
    assert np.abs(y[1440:1500, 2]).max() < np.abs(y[:, 2]).max() / 2
    assert np.array_equal(y[:, 2], y[:, 3]), "bus 4 hears what bus 3 is, not what it would be with a key of before"
