"""A still hand is a still fader, a moving one is followed: by simulation of what a converter reads."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.laws import db_to_fader, fader_to_db
from firmware.surface.fader import FINE, REST, SNAP, Fader

SCAN_HZ = 120.0
SCAN_NS = round(1e9 / SCAN_HZ)
FULL_SCALE_LSB = 26400.0  # 3.3 V on an ADS1115 at ±4.096 V (HARDWARE.md §5)
NOISE_LSB = 4.0


WANDER = ((0.011, 7.3), (0.006, 2.1), (0.003, 0.47))  # shares, which add up to 2 %, and their periods in s
SKEW_S = 0.008  # nearly a whole scan


def readings(at: float, seconds: float, seed: int) -> list[float]:
    """What the driver tells of a wiper at rest: the wiper and the supply each with 4 LSB rms of noise and 4 LSB rms of
    50 Hz hum, the supply wandering by ±2 %; the supply is measured `SKEW_S` later in the same scan."""
    random = np.random.default_rng(seed)
    count = round(seconds * SCAN_HZ)
    start_s = np.arange(count) / SCAN_HZ + random.uniform(0.0, 1.0 / SCAN_HZ, count) * 0.02

    def lsb(time_s: np.ndarray, share: float, phase: float) -> np.ndarray:
        wander = sum(part * np.sin(2.0 * math.pi * time_s / period_s) for part, period_s in WANDER)
        supply = FULL_SCALE_LSB * (1.0 + wander)
        hum = NOISE_LSB * math.sqrt(2.0) * np.sin(2.0 * math.pi * 50.0 * time_s + phase)
        return np.asarray(np.round(share * supply + hum + random.normal(0.0, NOISE_LSB, count)))

    wiper = lsb(start_s, at, random.uniform(0.0, 6.28))
    supply = lsb(start_s + SKEW_S, 1.0, random.uniform(0.0, 6.28))
    return [float(ratio) for ratio in wiper / supply]


def settle(fader: Fader, ratio: float, at_ns: int, scans: int = 60) -> int:
    for _ in range(scans):
        at_ns += SCAN_NS
        fader.update(at_ns, ratio)
    return at_ns


@pytest.mark.parametrize("at", [0.0, 0.004, 0.01, 0.1, 0.25, 0.5, 0.7512, 0.9, 0.994, 0.996, 1.0])
def test_a_still_hand_makes_no_event_in_a_minute(at: float) -> None:
    for seed in range(3):
        fader = Fader()
        at_ns = 0
        for ratio in readings(at, 1.0, seed):  # it was put there a second ago
            at_ns += SCAN_NS
            fader.update(at_ns, ratio)
        moved = 0
        for ratio in readings(at, 60.0, 100 + seed):
            at_ns += SCAN_NS
            moved += fader.update(at_ns, ratio)
        assert moved == 0


def test_a_hand_that_has_moved_and_rests_makes_no_event_after_it_has_settled() -> None:
    fader = Fader()
    at_ns = 0
    for start, stop in ((0.2, 0.75), (0.75, 0.74), (0.74, 0.745)):
        path = np.concatenate([np.linspace(start, stop, 40), np.full(7200, stop)])
        noise = np.array(readings(stop, len(path) / SCAN_HZ, 5)) - stop
        moved_at = []
        for k, ratio in enumerate(path + noise):
            at_ns += SCAN_NS
            if fader.update(at_ns, float(ratio)):
                moved_at.append(k)
        assert len(moved_at) > 3
        assert moved_at[-1] < 40 + 0.5 * SCAN_HZ
        assert fader.position == pytest.approx((stop - SNAP) / (1.0 - 2.0 * SNAP), abs=3.0 * FINE)


def test_every_tenth_of_a_decibel_around_0_db_can_be_reached_by_a_slow_hand_with_noise() -> None:
    """From −10 to +10 dB one tenth is 0.0025 of the travel; the hand creeps at a sixth of that per scan and overshoots
    nothing."""
    fader = Fader()
    seen = set()
    places = np.arange(db_to_fader(-10.0), 1.0, 0.0004)
    noise = np.array(readings(0.75, len(places) / SCAN_HZ, 3)) - 0.75
    at_ns = settle(fader, float(places[0]), 0)
    for ratio in places * (1.0 - 2.0 * SNAP) + SNAP + noise:
        at_ns += SCAN_NS
        fader.update(at_ns, float(ratio))
        assert fader.position is not None
        seen.add(round(fader_to_db(fader.position) * 10))
    assert set(range(-99, 100)) <= seen


@pytest.mark.parametrize("from_db", [-10.0, 10.0])
def test_a_hand_can_stop_at_every_tenth_from_either_side(from_db: float) -> None:
    for tenth in range(-30, 31):
        fader = Fader()
        wanted = db_to_fader(tenth / 10.0)
        path = np.linspace(db_to_fader(from_db), wanted, 30) * (1.0 - 2.0 * SNAP) + SNAP
        at_ns = settle(fader, float(path[0]), 0)
        for ratio in path:
            at_ns += SCAN_NS
            fader.update(at_ns, float(ratio))
        settle(fader, float(path[-1]), at_ns)
        assert fader.position is not None
        assert round(fader_to_db(fader.position), 1) == tenth / 10.0


def test_a_hand_is_followed_in_the_scan_in_which_it_moves() -> None:
    """3 to 70 % in 80 ms, the hand of the scripts: an event in every scan, never more than 2.5 scans behind."""
    fader = Fader()
    at_ns = settle(fader, 0.03, 0)
    step = 0.67 / (0.08 * SCAN_HZ)
    for k in range(1, 10):
        at_ns += SCAN_NS
        ratio = 0.03 + k * step
        assert fader.update(at_ns, ratio)
        assert fader.position is not None
        assert (ratio - SNAP) / (1.0 - 2.0 * SNAP) - fader.position <= 2.5 * step
    settle(fader, ratio, at_ns, 3)
    assert fader.position == pytest.approx((ratio - SNAP) / (1.0 - 2.0 * SNAP), abs=FINE)


def test_a_wiper_that_loses_contact_for_one_scan_gets_nowhere_near_what_it_read() -> None:
    fader = Fader()
    at_ns = settle(fader, 0.75, 0)
    before = fader.position
    assert before is not None
    fader.update(at_ns + SCAN_NS, 0.0)
    assert fader.position is not None
    assert before - fader.position <= 0.021
    settle(fader, 0.75, at_ns + SCAN_NS)
    assert fader.position == pytest.approx(before, abs=FINE)


@pytest.mark.parametrize(("ends", "ratios"), [((0.02, 0.97), (0.021, 0.969)), ((0.97, 0.02), (0.969, 0.021))])
def test_both_ends_are_reached_though_the_pot_does_not_quite_get_there(
    ends: tuple[float, float], ratios: tuple[float, float]
) -> None:
    fader = Fader(*ends)
    at_ns = settle(fader, 0.5, 0)
    assert fader.position == pytest.approx(abs((0.5 - ends[0]) / (ends[1] - ends[0])), abs=0.01)
    at_ns = settle(fader, ratios[0], at_ns)
    assert fader.position == 0.0
    settle(fader, ratios[1], at_ns)
    assert fader.position == 1.0


def test_the_bottom_is_reached_by_a_hand_that_creeps_there() -> None:
    fader = Fader()
    at_ns = settle(fader, 0.02, 0)
    for ratio in np.arange(0.02, 0.0, -0.0001):
        at_ns += SCAN_NS
        fader.update(at_ns, float(ratio))
    assert fader.position == 0.0


def test_a_calibration_without_travel_counts_as_none() -> None:
    fader = Fader(0.5, 0.51)
    settle(fader, 0.75, 0)
    assert fader.position == pytest.approx(0.75, abs=0.01)


def test_the_first_reading_is_a_position_at_once_and_again_after_it_was_away() -> None:
    fader = Fader()
    assert fader.position is None
    assert fader.update(0, 0.5)
    assert fader.position == pytest.approx(0.5)
    fader.forget()
    assert fader.update(SCAN_NS, 0.2)
    assert fader.position == pytest.approx((0.2 - SNAP) / (1.0 - 2.0 * SNAP))


@given(st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=60), st.floats(0.0, 0.4), st.floats(0.6, 1.0))
def test_whatever_is_read_the_position_is_on_the_travel_and_among_what_was_read(
    ratios: list[float], low: float, high: float
) -> None:
    fader = Fader(low, high)
    span = high - low
    for k, ratio in enumerate(ratios):
        before = fader.position
        moved = fader.update(k * SCAN_NS, ratio)
        assert moved == (fader.position != before)
        assert fader.position is not None
        seen = [((r - low) / span - SNAP) / (1.0 - 2.0 * SNAP) for r in ratios[: k + 1]]
        assert min(max(min(seen), 0.0), 1.0) - 1e-9 <= fader.position <= max(min(max(seen), 1.0), 0.0) + 1e-9


@given(st.floats(0.01, 0.99), st.floats(-REST * 0.9, REST * 0.9))
def test_a_fader_at_rest_stays_within_its_hysteresis(at: float, by: float) -> None:
    fader = Fader()
    at_ns = settle(fader, at, 0)
    for k in range(60):
        assert not fader.update(at_ns + k * SCAN_NS, at + (by if k % 2 else 0.0))
