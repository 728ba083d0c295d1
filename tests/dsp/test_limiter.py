"""Nothing leaves above its ceiling, neither a sample nor the signal between samples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from dsp.ring import Event
from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.rig import LATENCY_FRAMES, Kernel, db

PUSH_DB = 12.0


def _drums(rate_hz: int) -> NDArray[np.float64]:
    """Loud hits with hard fronts: a kick, a snare of noise, a hat, full scale."""
    rng = np.random.default_rng(11)
    t = np.arange(int(1.2 * rate_hz)) / rate_hz
    out = np.zeros(len(t))
    for start, decay, body in (
        (0.05, 0.12, 55.0),
        (0.3, 0.09, 190.0),
        (0.55, 0.1, 60.0),
        (0.8, 0.08, 210.0),
        (0.95, 0.02, 9000.0),
    ):
        since = np.maximum(t - start, 0.0)
        hit = np.sin(2 * np.pi * body * since * (1 + np.exp(-since / 0.01))) + 0.7 * rng.standard_normal(
            len(t)
        ) * np.exp(-since / 0.02)
        out += np.where(t >= start, hit * np.exp(-since / decay), 0.0)
    return out / np.abs(out).max()


def _signals(rate_hz: int) -> dict[str, NDArray[np.float64]]:
    n = np.arange(rate_hz)
    return {
        "drums": _drums(rate_hz),
        "fs/4 at 45 degrees": np.sin(np.pi / 2 * n + np.pi / 4),
        "white noise": np.random.default_rng(5).uniform(-1, 1, rate_hz),
        "20 kHz bursts": np.sin(2 * np.pi * 20000 / rate_hz * n + 0.3) * (n // 2000 % 2),
    }


def true_peak_db(y: NDArray[np.floating]) -> float:
    """16 × oversampled, with silence around it."""
    padded = np.pad(np.asarray(y, np.float64), 64)
    return db(float(np.abs(resample_poly(padded, 16, 1, window=("kaiser", 12.0))).max()))


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
@pytest.mark.parametrize("name", list(_signals(48000)))
def test_pushed_by_12_db_the_true_peak_stays_under_the_ceiling(name: str, rate_hz: int) -> None:
    size = DeskSize(channels=1, inputs=1, outputs=2, rate_hz=rate_hz)
    values = scenes.flat(size)
    scenes.change(size, values, 1, {"trim_db": PUSH_DB})
    x = _signals(rate_hz)[name].astype(np.float32)[:, None]
    x = np.pad(x[: len(x) // 32 * 32], ((0, 4800), (0, 0)))  # the end is heard too, and is not cut off
    y = Kernel(size, values).process(x)[:, 0]
    peak_db, between_db = db(float(np.abs(y).max())), true_peak_db(y)
    print(f"{name} at {rate_hz}: sample peak {peak_db:.2f} dBFS, true peak {between_db:.2f} dBTP")
    assert peak_db <= -1.0 + 1e-6
    assert between_db <= -0.9
    assert between_db > -2.5, "it limits no more than it must"


@pytest.mark.parametrize("ceiling_db", [0.0, -12.0, -20.0])
def test_each_output_has_its_own_ceiling(ceiling_db: float) -> None:
    size = DeskSize(channels=1, inputs=1, outputs=2)
    values = scenes.flat(size)
    scenes.change(size, values, 1, {"trim_db": PUSH_DB, "pan": 0})
    values[size.output(2, "ceiling_dbfs")] = ceiling_db
    y = Kernel(size, values).process(_signals(48000)["white noise"].astype(np.float32)[:, None])
    assert db(float(np.abs(y[:, 0]).max())) <= -1.0 + 1e-6
    assert ceiling_db - 3.0 < db(float(np.abs(y[:, 1]).max())) <= ceiling_db + 1e-6


def test_below_the_ceiling_it_is_a_wire_43_frames_long() -> None:
    size = DeskSize(channels=1, inputs=1, outputs=2)
    x = np.random.default_rng(2).uniform(-0.4, 0.4, (9600, 1)).astype(np.float32)
    y = Kernel(size, scenes.flat(size)).process(x)[:, 0]
    assert (y[LATENCY_FRAMES:] == x[:-LATENCY_FRAMES, 0]).all()
    assert (y[:LATENCY_FRAMES] == 0).all()


def test_it_lets_go_at_its_release_time() -> None:
    size = DeskSize(channels=1, inputs=1, outputs=2, rate_hz=48000)
    values = scenes.flat(size)
    values[size.output(1, "release_ms")] = 200
    n = np.arange(48000)
    level = np.where(n < 9600, 4.0, 0.25)
    x = (level * np.sin(2 * np.pi * 997 * n / 48000)).astype(np.float32)[:, None]
    kernel = Kernel(size, values)
    y = kernel.process(x)[LATENCY_FRAMES:, 0].astype(np.float64)
    gain = (
        np.abs(y[9600:])[np.abs(x[9600 : 9600 + len(y) - 9600, 0]) > 0.2]
        / np.abs(x[9600 : len(y), 0])[np.abs(x[9600 : len(y), 0]) > 0.2]
    )
    reduction = 20 * np.log10(gain)
    where = np.flatnonzero(np.abs(x[9600 : len(y), 0]) > 0.2)
    start = 20 * np.log10(0.8862 / 4.0)
    reached = where[np.argmax(reduction >= start / np.e)] / 48000
    assert reached == pytest.approx(0.2, rel=0.03)


def test_a_ceiling_that_comes_down_on_quiet_music_is_held_from_where_it_arrives() -> None:
    """The limiter sleeps far below its ceiling: it must wake for the ceiling as it does for the music."""
    size = DeskSize(channels=1, inputs=1, outputs=2)
    values = scenes.flat(size)
    values[size.output(1, "release_ms")] = 20.0
    x = np.random.default_rng(3).uniform(-0.2, 0.2, (48000, 1)).astype(np.float32)
    ceiling = size.output(1, "ceiling_dbfs")
    y = Kernel(size, values).process(x, [Event(9600, ceiling, -20.0, 0), Event(19200, ceiling, -1.0, 0)])
    y, x = y[LATENCY_FRAMES:, 0], x[:-LATENCY_FRAMES, 0]
    assert (y[: 9600 - LATENCY_FRAMES] == x[: 9600 - LATENCY_FRAMES]).all()
    held_db = db(float(np.abs(y[9600 + 2400 : 19200 - LATENCY_FRAMES]).max()))
    assert -23.0 < held_db <= -20.0 + 1e-6  # it holds the peaks between the frames, which lie above them
    # A gain of −6 dB is within 1e-7 of 0 dB, where it sleeps, after 16 release times
    awake = 19200 + 16 * 960
    assert np.abs(y[awake - 9600 : awake - 8640] / x[awake - 9600 : awake - 8640]).max() < 0.99999
    assert (y[awake + 2400 :] == x[awake + 2400 :]).all()


def test_what_passes_the_limiter_all_the_same_is_held_at_the_ceiling() -> None:
    """The limiter is right by itself; should its memory be damaged after it has looked, the last stage still holds."""
    size = DeskSize(channels=1, inputs=1, outputs=2)
    x = np.zeros((96, 1), np.float32)
    x[4:6, 0] = 0.125, 0.0625  # marks: twelve frames on they have been looked at, and 43 frames on they come out
    kernel = Kernel(size, scenes.flat(size))
    kernel.process(x[:32])
    for mark, damaged in ((0.125, 8.0), (0.0625, -8.0)):
        found = kernel.arena.f32 == np.float32(mark)
        assert found.any()
        kernel.arena.f32[found] = damaged
    y = kernel.process(x[32:])[LATENCY_FRAMES + 4 - 32 :, 0]
    ceiling = np.float32(10 ** (-1 / 20))
    assert y[:2] == pytest.approx([ceiling, -ceiling], rel=1e-6)
    assert np.abs(y).max() <= ceiling * np.float32(1 + 1e-6)
