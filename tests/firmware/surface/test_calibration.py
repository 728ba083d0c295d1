"""What learn has found is kept through power cuts, and what is broken is told and left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import files
from firmware.surface import calibration
from firmware.surface.roles import FADERS

ENDS = {"fader.1": (0.0021, 0.9987), "fader.main": (0.99, 0.01)}


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_what_is_kept_comes_back_and_each_board_has_its_own() -> None:
    assert calibration.load("mine") == ({}, [])
    calibration.save("mine", ENDS)
    assert calibration.load("mine") == (ENDS, [])
    assert calibration.load("reference") == ({}, [])


def test_a_broken_file_stands_back_for_the_one_before() -> None:
    calibration.save("mine", ENDS)
    path = calibration.save("mine", {"fader.2": (0.0, 1.0)})
    path.write_bytes(b"\x00" * 40)
    ends, wrong = calibration.load("mine")
    assert ends == ENDS
    assert len(wrong) == 1
    files.previous(path).write_text("faders = 3\n")
    ends, wrong = calibration.load("mine")
    assert ends == {}
    assert "run pidesk learn again" in wrong[1]


@given(st.dictionaries(st.sampled_from([*FADERS, "fader.9", "x"]), st.lists(st.floats(-0.5, 1.5), max_size=3)))
def test_only_two_ends_that_are_apart_count(given_ends: dict[str, list[float]]) -> None:
    path = calibration.path_of("odd")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[faders]\n" + "".join(f'"{name}" = {ends}\n' for name, ends in given_ends.items()))
    ends, wrong = calibration.load("odd")
    assert all(0.0 <= end <= 1.0 for pair in ends.values() for end in pair)
    assert all(abs(high - low) >= 0.5 for low, high in ends.values())
    assert bool(wrong) == (len(ends) < len(given_ends))
