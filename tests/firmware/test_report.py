"""What a run leaves in words: the table of what the mixing did."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from dsp.size import DeskSize
from firmware import report

SIZE = DeskSize(1, 1, 2, 48000)


def changes(flat: float, mix: float) -> list[list[str]]:
    """The table's rows in words, of two seconds of steady noise at these amplitudes."""
    noise = np.random.default_rng(4).uniform(-1.0, 1.0, (96000, 2)).astype(np.float32)
    heard = np.concatenate([np.zeros((96000, 1), np.float32), mix * noise], axis=1)
    session: Any = SimpleNamespace(board=SimpleNamespace(size=SIZE), recorder=SimpleNamespace(sound=lambda: heard))
    return [row.split() for row in report.changes(session, flat * noise).splitlines()]


def test_the_table_says_what_has_become_of_the_sound() -> None:
    head, loudness, *_ = changes(0.1, 0.2)
    assert head == ["flat", "mix", "change"]
    assert (loudness[0], loudness[3], loudness[4]) == ("loudness", "+6.0", "LUFS")


def test_a_change_from_silence_to_silence_is_none_and_no_nan() -> None:
    rows = changes(0.0, 0.0)
    assert rows[1] == ["loudness", "-inf", "-inf", "–", "LUFS"]
    assert not [row for row in rows if "nan" in " ".join(row)]
    assert changes(0.0, 0.1)[1][3] == "+inf"
