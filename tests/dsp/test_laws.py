"""The laws of faders and pans."""

from __future__ import annotations

import itertools
import math

import pytest

from dsp import laws
from dsp.slots import Domain
from tests.oracle.glides import level_gain, to_domain


@pytest.mark.parametrize(
    ("position", "level_db"), [(1, 10), (0.75, 0), (0.5, -10), (0.25, -30), (0.125, -50), (0.0625, -60), (0, -math.inf)]
)
def test_a_fader_position_has_its_level(position: float, level_db: float) -> None:
    assert laws.fader_to_db(position) == level_db
    assert laws.db_to_fader(level_db) == pytest.approx(position, abs=1e-12)


def test_the_fader_law_rises_all_the_way_and_its_inverse_undoes_it() -> None:
    levels = [laws.fader_to_db(i / 1000) for i in range(1001)]
    assert all(a < b for a, b in itertools.pairwise(levels))
    assert [laws.db_to_fader(level) for level in levels] == pytest.approx([i / 1000 for i in range(1001)], abs=1e-12)


def test_pan_keeps_the_power_to_0_05_db_and_is_3_01_db_down_in_the_centre() -> None:
    for pan in range(-100, 101):
        left, right = laws.pan_gains(float(pan))
        assert abs(10 * math.log10(left**2 + right**2)) <= 0.05
    assert [20 * math.log10(g) for g in laws.pan_gains(0.0)] == pytest.approx([-3.01, -3.01], abs=0.005)
    assert laws.pan_gains(-100.0) == (1.0, 0.0)
    assert laws.pan_gains(100.0) == (0.0, 1.0)


def test_balance_leaves_both_sides_whole_in_the_centre_and_takes_one_away_at_each_end() -> None:
    assert laws.balance_gains(0.0) == (1.0, 1.0)
    assert laws.balance_gains(-100.0) == (1.0, 0.0)
    assert laws.balance_gains(100.0) == (0.0, 1.0)
    assert laws.balance_gains(50.0) == pytest.approx((math.sqrt(2) * math.cos(0.375 * math.pi), 1.0))


@pytest.mark.parametrize("domain", list(Domain))
def test_domains_go_there_and_back(domain: Domain) -> None:
    for value in (0.02, 0.3, 1.0, 5.0):
        assert laws.from_domain(domain, laws.into_domain(domain, value)) == pytest.approx(value, rel=1e-12)
        assert laws.into_domain(domain, value) == pytest.approx(to_domain(domain, value), rel=1e-12)


@pytest.mark.parametrize("level_db", [-math.inf, -120.0, -95.0, -90.0, -89.999, -20.0, 0.0, 10.0])
def test_a_level_moves_in_decibels_above_minus_90_and_in_amplitude_below(level_db: float) -> None:
    u = laws.into_domain(Domain.LEVEL, level_db)
    assert u == pytest.approx(to_domain(Domain.LEVEL, level_db), abs=1e-12)
    assert level_gain(u) == pytest.approx(10 ** (level_db / 20), rel=1e-9)
    assert laws.from_domain(Domain.LEVEL, u) == pytest.approx(level_db, abs=1e-6)
