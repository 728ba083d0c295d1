"""Quadrature in, detents out: the table of the four states, rests, bounce, missed edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.encoder import OPEN, STEPS, Quadrature

CLOCKWISE = (0b10, 0b00, 0b01, 0b11)  # B << 1 | A: A closes first, then B, A opens, B opens


def turn(quadrature: Quadrature, states: list[int]) -> int:
    return sum(quadrature.update(state) for state in states)


def walk(at: int, edges: int) -> list[int]:
    """The states on the way of `edges` (clockwise positive) from place `at` of the circle."""
    step = 1 if edges > 0 else -1
    return [CLOCKWISE[(at + step * (i + 1)) % 4] for i in range(abs(edges))]


def test_the_table_is_the_usual_one() -> None:
    assert STEPS == (0, 1, -1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 0, -1, 1, 0)
    for previous in range(4):
        for new in range(4):
            assert STEPS[previous << 2 | new] == -STEPS[new << 2 | previous]
            assert (STEPS[previous << 2 | new] == 0) == ((previous ^ new) in {0, 3})


@pytest.mark.parametrize("edges", [1, 2, 4])
def test_clockwise_is_a_before_b_and_positive(edges: int) -> None:
    quadrature = Quadrature(edges)
    assert turn(quadrature, list(CLOCKWISE)) == 4 // edges
    assert turn(quadrature, [0b01, 0b00, 0b10, 0b11]) == -4 // edges


def test_a_detent_is_told_where_the_knob_rests() -> None:
    assert [Quadrature(4).update(0b10)] == [0]
    quadrature = Quadrature(4)
    assert [quadrature.update(state) for state in CLOCKWISE] == [0, 0, 0, 1]
    quadrature = Quadrature(2)
    assert [quadrature.update(state) for state in CLOCKWISE] == [0, 1, 0, 1]
    quadrature = Quadrature(1)
    assert [quadrature.update(state) for state in CLOCKWISE] == [1, 1, 1, 1]


def test_one_line_at_a_time() -> None:
    quadrature = Quadrature(4)
    told = [quadrature.line_a(0), quadrature.line_b(0), quadrature.line_a(1), quadrature.line_b(1)]
    assert told == [0, 0, 0, 1]
    assert quadrature.state == OPEN


def test_a_knob_that_goes_half_way_and_back_tells_nothing() -> None:
    assert turn(Quadrature(4), [0b10, 0b00, 0b10, 0b11, 0b01, 0b00, 0b01, 0b11]) == 0


def test_a_jump_of_both_lines_counts_nothing_by_itself() -> None:
    quadrature = Quadrature(2)
    assert quadrature.update(0b00) == 0
    quadrature = Quadrature(1)
    assert quadrature.update(0b00) == 0


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_detent_with_one_edge_missed_is_a_detent(missing: int, direction: int) -> None:
    states = walk(3, 4 * direction)
    del states[missing]
    assert turn(Quadrature(4), states) == direction


@given(st.sampled_from([1, 2, 4]), st.lists(st.integers(-5, 5), max_size=30), st.data())
def test_any_way_with_any_bounce_counts_the_detents_gone(edges: int, turns: list[int], data: st.DataObject) -> None:
    """Bounce goes back to the state before and on again, any number of times; hands rest between turns."""
    quadrature, at = Quadrature(edges), 3
    for detents in turns:
        told = 0
        for state in walk(at, detents * edges):
            before = quadrature.state
            for _ in range(data.draw(st.integers(0, 3))):
                told += abs(quadrature.update(state))
                told += abs(quadrature.update(before))
            told += abs(quadrature.update(state))
        told += abs(quadrature.settle())
        assert told == abs(detents), "nothing is told twice"
        at = (at + detents * edges) % 4


def test_with_one_edge_a_bounce_is_not_told_and_a_turn_back_is_when_all_is_quiet() -> None:
    quadrature = Quadrature(1)
    assert [quadrature.update(state) for state in (0b10, 0b11, 0b10, 0b11, 0b10)] == [1, 0, 0, 0, 0]
    assert not quadrature.held
    assert quadrature.update(0b11) == 0
    assert quadrature.held
    assert quadrature.settle() == -1
    assert quadrature.settle() == 0
    assert [quadrature.update(state) for state in (0b10, 0b00)] == [1, 1]
    assert [quadrature.update(state) for state in (0b10, 0b11)] == [0, -2]


@given(st.sampled_from([1, 2, 4]), st.lists(st.integers(0, 3), max_size=200))
def test_no_sequence_of_levels_tells_more_than_its_edges(edges: int, states: list[int]) -> None:
    quadrature, changes, told = Quadrature(edges), 0, 0
    for state in states:
        changes += state != quadrature.state
        told += abs(quadrature.update(state))
    assert told * edges <= 2 * changes
