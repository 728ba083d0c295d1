"""Generator and talkback: their signals, levels and destinations (`docs/signal.md`, "Generator")."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import csd, welch

from dsp.size import DeskSize
from dsp.slots import MONITOR_L, NONE, OSC_TYPES, SOURCE_OSC
from tests.dsp.console import GLIDE_FRAMES, Console, Settings, code, steady
from tests.dsp.rig import db

RATES_HZ = [44100, 48000, 88200, 96000]
SINE, TWO_SINES, WHITE, PINK, SWEEP = range(len(OSC_TYPES))
THREE_DB = 10 * math.log10(2)
Wave = NDArray[np.float64]


def _play(rate_hz: int, seconds: float, settings: Settings) -> Wave:
    """What the generator gives, at output 1, far from the limiter."""
    size = DeskSize(channels=1, inputs=1, outputs=1, rate_hz=rate_hz)
    tone = {
        "osc.on": 1,
        "osc.level_db": -20,
        "osc.destination": code("main.mono"),
        "output.1.source": code("main.mono"),
    }
    y = Console(size, {"channel.1.to_main": 0, **tone, **settings}).play(np.zeros((int(seconds * rate_hz), 1)))
    return y[:, 0].astype(np.float64)


def _amplitude(y: Wave, freq_hz: float, rate_hz: int) -> float:
    """Of a sine of that frequency in y, by its Fourier sum over whole periods."""
    n = np.arange(int(int(len(y) * freq_hz / rate_hz) * rate_hz / freq_hz + 0.5))
    return 2.0 * float(np.abs(np.mean(y[: len(n)] * np.exp(-2j * np.pi * freq_hz * n / rate_hz))))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("freq_hz", [20.0, 1000.0, 15000.0])
def test_a_sine_of_its_frequency_and_level(freq_hz: float, rate_hz: int) -> None:
    y = _play(rate_hz, 1.0, {"osc.type": SINE, "osc.freq_hz": freq_hz})
    wanted = 0.1 * np.sin(2 * np.pi * freq_hz * np.arange(len(y)) / rate_hz)
    assert np.abs(y - wanted).max() < 1e-6, "from its beginning, clean to −100 dB"


@pytest.mark.parametrize("level_db", [-1.5, -40.0, -95.0, -math.inf])
def test_its_level_is_the_peak_of_the_sine(level_db: float) -> None:
    y = _play(48000, 0.2, {"osc.level_db": level_db, "osc.freq_hz": 1000})
    peak = float(np.abs(y).max())
    assert peak == pytest.approx(10 ** (level_db / 20), rel=1e-5)


def test_two_sines_share_the_level() -> None:
    y = _play(48000, 1.0, {"osc.type": TWO_SINES, "osc.freq_hz": 7000, "osc.freq_2_hz": 60})
    assert db(_amplitude(y, 7000, 48000)) == pytest.approx(-26.02, abs=0.01)
    assert db(_amplitude(y, 60, 48000)) == pytest.approx(-26.02, abs=0.01)
    n = np.arange(len(y))
    rest = y - 0.05 * np.sin(2 * np.pi * 7000 * n / 48000) - 0.05 * np.sin(2 * np.pi * 60 * n / 48000)
    assert db(float(np.abs(rest).max())) < -120


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_white_noise_is_flat_has_a_sines_power_and_repeats_nothing(rate_hz: int) -> None:
    y = _play(rate_hz, 10.0, {"osc.type": WHITE})
    assert db(float(np.sqrt(np.mean(y**2)))) == pytest.approx(-20 - THREE_DB, abs=0.05)
    assert abs(np.mean(y)) < 1e-3
    assert np.abs(y).max() <= 0.1 * math.sqrt(1.5) * 1.0001
    freq_hz, power = welch(y, rate_hz, nperseg=8192)
    low = 100.0
    while 2 * low < 0.48 * rate_hz:
        band = power[(freq_hz >= low) & (freq_hz < 2 * low)].mean() * rate_hz / 2
        assert 10 * np.log10(band) == pytest.approx(-20 - THREE_DB, abs=0.35), f"from {low:.0f} Hz"
        low *= 2
    for lag in (1, 2, 32, 8192, 65536):
        assert abs(np.mean(y[lag:] * y[:-lag])) / np.mean(y**2) < 0.01


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_pink_noise_falls_by_3_db_an_octave_and_has_a_sines_power(rate_hz: int) -> None:
    """Pink is white from the same seed through filters, so the two tell the filters' curve without any chance in it."""
    white, pink = (_play(rate_hz, 20.0, {"osc.type": kind}) for kind in (WHITE, PINK))
    window = 1 << math.ceil(math.log2(rate_hz * 1.5))
    freq_hz, cross = csd(white, pink, rate_hz, nperseg=window)
    _, power = welch(white, rate_hz, nperseg=window)
    heard = (freq_hz >= 20) & (freq_hz <= 20000)
    tilted = 20 * np.log10(np.abs(cross[heard] / power[heard])) + 10 * np.log10(freq_hz[heard])
    apart = tilted - (tilted.max() + tilted.min()) / 2
    print(f"pink at {rate_hz} Hz: within ±{np.abs(apart).max():.2f} dB of −3 dB an octave")
    assert np.abs(apart).max() <= 0.5
    assert db(float(np.sqrt(np.mean(pink**2)))) == pytest.approx(-20 - THREE_DB, abs=0.3)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_pink_noise_has_as_much_in_every_octave(rate_hz: int) -> None:
    """Band averages of a minute: by chance ±0.13 dB in the lowest octave, less above."""
    y = _play(rate_hz, 60.0, {"osc.type": PINK})
    freq_hz, power = welch(y, rate_hz, nperseg=1 << 17)
    edges = [*(20.0 * 2.0 ** np.arange(10.0)), 20000.0]
    bands = [
        10 * np.log10(power[(freq_hz >= low) & (freq_hz < high)].sum() / math.log2(high / low))
        for low, high in pairwise(edges)
    ]
    print(f"octaves at {rate_hz} Hz: " + " ".join(f"{band - np.mean(bands):+.2f}" for band in bands))
    assert np.abs(np.array(bands) - (max(bands) + min(bands)) / 2).max() <= 0.5


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_sweep_goes_from_20_hz_up_by_equal_octaves_in_its_time_and_begins_anew(rate_hz: int) -> None:
    y = _play(rate_hz, 2.5, {"osc.type": SWEEP, "osc.sweep_s": 2.0})
    octaves, frames = math.log2(min(20000.0, 0.45 * rate_hz) / 20.0), 2 * rate_hz
    path_hz = 20.0 * 2.0 ** (octaves * (np.arange(len(y)) % frames) / frames)
    turns = np.cumsum(path_hz / rate_hz) - path_hz / rate_hz  # of those before
    assert path_hz[frames - 1] / rate_hz > 0.2
    assert np.abs(y - 0.1 * np.sin(2 * np.pi * turns)).max() < 1e-5


def test_another_type_comes_in_when_the_one_before_has_gone() -> None:
    size = DeskSize(channels=1, inputs=1, outputs=1)
    console = Console(size, {"channel.1.to_main": 0, "output.1.source": code("main.mono")})
    console.set({"osc.on": 1, "osc.level_db": -20, "osc.destination": code("main.mono"), "osc.freq_hz": 3000})
    y = console.play(np.zeros((9600, 1)), [console.event(640, "osc.type", WHITE)])[:, 0]
    assert abs(y[640 + 480 - 8 : 640 + 480 + 8]).max() < 0.003
    assert _amplitude(y[:640].astype(np.float64), 3000, 48000) == pytest.approx(0.1, rel=1e-3)
    assert _amplitude(y[1920:].astype(np.float64), 3000, 48000) < 0.005


def test_off_is_silence_and_on_comes_in_20_ms() -> None:
    size = DeskSize(channels=1, inputs=1, outputs=1)
    console = Console(size, {"channel.1.source": SOURCE_OSC, "channel.1.pan": -100, "osc.level_db": -20})
    moves = [console.event(640, "osc.on", 1.0), console.event(4800, "osc.on", 0.0)]
    y = np.abs(console.play(np.zeros((9600, 1)), moves)[:, 0])
    assert not y[:640].any()
    assert y[640:672].max() < y[640 : 640 + GLIDE_FRAMES // 2].max() < y[2400:4800].max()
    assert y[2400:4800].max() == pytest.approx(0.1, rel=1e-3)
    assert not y[4800 + GLIDE_FRAMES :].any()


# --- where they go ------------------------------------------------------------------------------------------------

SIZE = DeskSize(channels=2, inputs=2, outputs=8, buses=10, effects=1, matrices=4)
EARS = ("bus.1", "bus.2", "bus.10", "main.lr", "main.lr.right", "main.mono", "matrix.3", "matrix.4")
DESTINATIONS: dict[str, tuple[int, set[str]]] = {
    "none": (NONE, set()), "a bus": (code("bus.2"), {"bus.2"}), "the tenth bus": (code("bus.10"), {"bus.10"}),
    "the mains": (code("main.lr"), {"main.lr", "main.lr.right"}),
    "the mains by their right": (code("main.lr.right"), {"main.lr", "main.lr.right"}),
    "the mono main": (code("main.mono"), {"main.mono"}), "a matrix": (code("matrix.3"), {"matrix.3"}),
    "a channel, which hears what it chooses": (code("channel.1"), set()), "a return": (code("return.1"), set()),
    "a bus that is not there": (code("bus.11"), set()),
}  # fmt: skip


def _ears(settings: Settings) -> set[str]:
    """Who hears something, with a constant on input 2 and silence on 1."""
    heard = {f"output.{k}.source": code(strip) for k, strip in enumerate(EARS, 1)}
    quiet = {"channel.1.to_main": 0, "channel.2.to_main": 0, "return.1.to_main": 0}
    y = Console(SIZE, {**heard, **quiet, **settings}).play(steady(SIZE, [0.0, 0.25]))
    peaks = np.abs(y).max(axis=0)
    assert set(np.round(peaks, 4)) <= {0.0, 0.25}
    return {strip for strip, peak in zip(EARS, peaks, strict=True) if peak}


TONE = {"osc.on": 1, "osc.level_db": 20 * math.log10(0.25), "osc.freq_hz": 1000}


@pytest.mark.parametrize("name", list(DESTINATIONS))
def test_the_generator_goes_where_it_is_sent(name: str) -> None:
    destination, ears = DESTINATIONS[name]
    assert _ears({**TONE, "osc.destination": destination}) == ears


def test_of_a_stereo_bus_or_matrix_it_goes_to_both_sides() -> None:
    assert _ears({**TONE, "osc.destination": code("bus.2"), "bus.1.link": 1}) == {"bus.1", "bus.2"}
    assert _ears({**TONE, "osc.destination": code("matrix.3"), "matrix.3.link": 1}) == {"matrix.3", "matrix.4"}


TALK = {"talkback.on": 1, "talkback.source": 1}


@pytest.mark.parametrize(
    ("to", "ears"),
    [
        ("bus.1", {"bus.1"}), ("bus.10", {"bus.10"}), ("matrix.4", {"matrix.4"}), ("mono", {"main.mono"}),
        ("main", {"main.lr", "main.lr.right"}),
    ],
)  # fmt: skip
def test_talkback_goes_to_each_that_is_chosen(to: str, ears: set[str]) -> None:
    assert _ears({**TALK, f"talkback.to.{to}": 1}) == ears
    assert _ears({**TALK, f"talkback.to.{to}": 1, "talkback.on": 0}) == set()
    assert _ears({**TALK, f"talkback.to.{to}": 1, "talkback.source": NONE}) == set()
    assert _ears({**TALK, f"talkback.to.{to}": 1, "talkback.source": 31}) == set()


def test_talkback_goes_to_several_at_once_and_to_both_sides_of_a_pair() -> None:
    to = {"talkback.to.bus.1": 1, "talkback.to.matrix.3": 1, "talkback.to.mono": 1}
    assert _ears({**TALK, **to}) == {"bus.1", "matrix.3", "main.mono"}
    assert _ears({**TALK, **to, "bus.1.link": 1}) == {"bus.1", "bus.2", "matrix.3", "main.mono"}
    assert _ears({**TALK, "talkback.to.bus.2": 1, "bus.1.link": 1}) == set(), "the left side speaks for both"


def test_talkback_has_a_level_and_dims_the_monitor_while_it_is_on() -> None:
    settings = {
        "channel.1.pan": 0, "channel.2.to_main": 0, "talkback.source": 1, "talkback.level_db": -6,
        "talkback.to.bus.1": 1, "talkback.dim_db": -18, "monitor.source": code("main.lr"),
        "output.1.source": code("bus.1"), "output.2.source": MONITOR_L, "output.3.source": code("main.lr"),
    }  # fmt: skip
    console = Console(SIZE, settings)
    moves = [console.event(960, "talkback.on", 1.0), console.event(4800, "talkback.on", 0.0)]
    y = console.play(steady(SIZE, [0.25, 0.125], 9600), moves)
    main = 0.25 * math.sqrt(0.5)
    assert y[4700, :3] == pytest.approx([0.125 * 10 ** (-6 / 20), main * 10 ** (-18 / 20), main], rel=1e-5)
    for frame in (900, 9599):
        assert y[frame, :3] == pytest.approx([0.0, main, main], rel=1e-6)


@pytest.mark.parametrize("kind", [SINE, TWO_SINES])
def test_a_type_begins_where_a_sine_begins(kind: int) -> None:
    """After the 10 ms in which the one before goes, whatever phase that was at."""
    size = DeskSize(channels=1, inputs=1, outputs=1)
    tone = {"osc.on": 1, "osc.level_db": -20, "osc.destination": code("main.mono"), "osc.type": 1 - kind}
    tone |= {"osc.freq_hz": 997, "osc.freq_2_hz": 61}
    console = Console(size, {"channel.1.to_main": 0, "output.1.source": code("main.mono"), **tone})
    fade = 480  # 15 quanta
    y = console.play(np.zeros((9600, 1)), [console.event(640, "osc.type", kind)])[640 + fade :, 0].astype(np.float64)
    turns = 2 * np.pi * np.arange(len(y)) / 48000
    wave = 0.1 * np.sin(997 * turns) if kind == SINE else 0.05 * (np.sin(997 * turns) + np.sin(61 * turns))
    assert np.abs(y - wave)[fade:].max() < 1e-5


def test_talkbacks_dim_comes_as_it_does_by_decibels() -> None:
    settings = {
        "channel.1.pan": 0, "channel.2.to_main": 0, "talkback.dim_db": -18, "monitor.source": code("main.lr"),
        "output.1.source": MONITOR_L,
    }  # fmt: skip
    console = Console(SIZE, settings)
    y = console.play(steady(SIZE, [0.25, 0.0], 4800), [console.event(960, "talkback.on", 1.0)])[:, 0]
    main = 0.25 * math.sqrt(0.5)
    half = 960 + GLIDE_FRAMES // 2 - 1
    assert y[half] == pytest.approx(main * 10 ** (-9 / 20), rel=1e-3)
    assert y[-1] == pytest.approx(main * 10 ** (-18 / 20), rel=1e-5)
    assert (np.diff(y[960 : 960 + GLIDE_FRAMES]) < 0).all()


@pytest.mark.parametrize("wrong", [1.1e18, -1.1e18, math.inf, math.nan])
def test_what_is_no_sound_is_not_spoken(wrong: float) -> None:
    """`docs/signal.md`: numbers beyond ±10¹⁸ count as 0."""
    talk = {**TALK, "talkback.to.bus.1": 1, "output.1.source": code("bus.1"), "channel.2.to_main": 0}
    x = steady(SIZE, [0.0, 0.25])
    x[1600:1632, 1] = wrong
    y = Console(SIZE, talk).play(x)[:, 0]
    assert (y[1600:1632] == 0.0).all()
    assert (y[:1600] == 0.25).all()
    assert (y[1632:] == 0.25).all()
    x[1600:1632, 1] = 9e17
    assert np.abs(Console(SIZE, talk).play(x)[1600:1632, 0]).min() > 0.5
