"""A contact that bounces is one press and one release, never more and never fewer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.button import MS_NS, Debouncer


def told(debouncer: Debouncer, looks: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    return [(at, new) for at, down in looks if (new := debouncer.update(at, down)) is not None]


def test_a_press_is_told_once_when_it_has_been_stable() -> None:
    looks = [(ms * MS_NS, ms >= 3) for ms in range(20)]
    assert told(Debouncer(5.0), looks) == [(8 * MS_NS, True)]


def test_each_bounce_starts_the_wait_again() -> None:
    looks = [(0, True), (4 * MS_NS, False), (5 * MS_NS, True), (9 * MS_NS, True), (10 * MS_NS, True)]
    assert told(Debouncer(5.0), looks) == [(10 * MS_NS, True)]


def test_a_spike_shorter_than_the_wait_is_nothing() -> None:
    debouncer = Debouncer(5.0, down=True)
    looks = [(0, True), (MS_NS, False), (5 * MS_NS, False), (6 * MS_NS, True), (60 * MS_NS, True)]
    assert told(debouncer, looks) == []
    assert debouncer.down
    assert not debouncer.settling


def test_the_state_it_starts_in_is_not_told() -> None:
    assert told(Debouncer(down=True), [(0, True), (10**9, True)]) == []


def test_it_says_when_it_wants_to_be_asked_again() -> None:
    debouncer = Debouncer(5.0)
    debouncer.update(0, True)
    assert debouncer.settling
    assert debouncer.update(5 * MS_NS, True) is True
    assert not debouncer.settling


def test_without_a_wait_every_look_is_believed() -> None:
    assert told(Debouncer(0.0), [(0, True), (1, False), (2, True)]) == [(0, True), (1, False), (2, True)]


@given(
    st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=200),
    st.sampled_from([0.0, 1.0, 5.0, 10.0]),
)
def test_what_it_tells_takes_turns_and_was_seen_all_the_time_before(
    steps: list[tuple[int, bool]], stable_ms: float
) -> None:
    looks, at = [], 0
    for step_ms, down in steps:
        at += step_ms * MS_NS
        looks.append((at, down))
    was = False
    for when, new in told(Debouncer(stable_ms), looks):
        assert new != was, "the same state twice"
        seen = [down for at, down in looks if when - stable_ms * MS_NS <= at <= when]
        assert all(down == new for down in seen), "another state was seen within the wait"
        was = new


@pytest.mark.parametrize("bounce_ms", [0.5, 2.0, 4.5])
def test_a_thousand_bouncing_presses_are_a_thousand_presses(bounce_ms: float) -> None:
    debouncer, presses, releases = Debouncer(5.0), 0, 0
    for tenth_ms in range(1000 * 400):  # one look each 0.1 ms, one press each 40 ms, half of it down
        phase_ms = (tenth_ms % 400) / 10
        down = phase_ms < 20
        if phase_ms % 20 < bounce_ms and tenth_ms % 3 == 0:
            down = not down
        new = debouncer.update(tenth_ms * 100_000, down)
        presses += new is True
        releases += new is False
    assert (presses, releases) == (1000, 1000)


def test_a_press_that_was_missed_is_news_once_and_comes_up_by_itself() -> None:
    debouncer = Debouncer(5.0)
    assert debouncer.update(0, False) is None
    assert debouncer.missed()
    assert not debouncer.missed()
    assert debouncer.update(100 * MS_NS, False) is None
    assert debouncer.settling
    assert debouncer.update(106 * MS_NS, False) is False
    assert not debouncer.settling
