"""What the terminal shows while the desk runs: channels as hands find them, by name, a stereo pair as one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from dsp.layout import layout_of
from dsp.rows import HEAD, LANE_WORDS, STAGES
from dsp.size import DeskSize
from firmware import display, status
from firmware.desk_model import DeskModel
from firmware.params import Kind
from firmware.shared import METER_SEQUENCE, Shared, Sizes
from firmware.status import MeterReader, State, Word

SIZE = DeskSize(6, 2, 2, 48000, buses=2)


class Screen:
    """A desk that stands still, with meters that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.shared = Shared.create(folder / "desk", Sizes(SIZE, tap_bytes=1 << 20))
        self.model = DeskModel(SIZE, [(Kind.CHANNEL, 3)], order=(5, 3))
        self.desk = SimpleNamespace(meters=MeterReader(self.shared), scene="")
        self.shared.status[Word.STATE] = State.RUNNING

    def part(self, name: str, count: int) -> Any:
        start = layout_of(SIZE).at[name] - self.shared.layout.meters_from
        return self.shared.meters_f32[start : start + count]

    def rows(self, frames: int | None = None) -> list[str]:
        """The lines, two blanks between the columns."""
        session: Any = SimpleNamespace(
            shared=self.shared, model=self.model, desk=self.desk, clock=60000,
            board=SimpleNamespace(size=SIZE), course=SimpleNamespace(frames=frames),
        )  # fmt: skip
        out = io.StringIO()
        Console(file=out, width=120, color_system=None).print(display.picture(session))
        return [re.sub(" {2,}", "  ", line).rstrip() for line in out.getvalue().splitlines()]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    made = Screen(tmp_path)
    yield made
    made.shared.unlink()


def test_channels_stand_in_the_configured_order_by_name_a_stereo_pair_as_one(screen: Screen) -> None:
    screen.model.update({"channel.1.name": "Kick", "channel.3.name": "Keys"})
    names = [line.split("  ")[0] for line in screen.rows()[4:]]
    assert names == ["ch 5", "Keys", "Kick", "ch 2", "ch 6"]


@pytest.mark.parametrize("name", ["[red]", "[/nothing]", "[bold]loud[/bold]", "a[link=x]"])
def test_what_looks_like_markup_is_shown_as_it_is(screen: Screen, name: str) -> None:
    screen.model.set("channel.5.name", name)
    screen.desk.scene = f"gigs/{name}.toml"
    status.leave_message(screen.shared, f"No card {name} here.")
    rows = screen.rows()
    assert rows[4].startswith(f"{name}  ")
    assert f"scene gigs/{name}.toml" in rows[0]
    assert f"No card {name} here." in rows[0]


def test_a_channel_shows_its_peak_behind_the_fader_and_where_it_clipped(screen: Screen) -> None:
    peaks = screen.part("peak", STAGES * SIZE.lanes).reshape(STAGES, SIZE.lanes)
    peaks[-1, 0], peaks[-1, 2], peaks[-1, 3] = 1.0, 0.001, 10 ** (-30 / 20)
    peaks[0, 1] = 1.0  # before the fader: not what is heard
    clips = screen.shared.meters_i64[HEAD + SIZE.lanes * LANE_WORDS :][: STAGES * SIZE.lanes].reshape(STAGES, -1)
    clips[0, 3] = 1  # of the pair's right side, at its input
    found = {line.split("  ")[0]: line for line in screen.rows()[4:]}
    assert found["ch 1"].endswith("█" * 30)
    assert found["ch 2"].endswith("·" * 30)
    assert found["ch 3"].endswith("█" * 15 + "·" * 15 + "  CLIP")  # the louder side, −30 of 60 dB
    assert "CLIP" not in found["ch 1"]


def test_an_output_shows_what_it_carries_and_what_its_limiter_takes_away(screen: Screen) -> None:
    screen.model.set("output.2.source", "monitor.sum")
    screen.part("out_peak", 2)[:] = 0.001, 2.0
    screen.part("limiter_gr", 2)[:] = -0.04, -3.21
    first, second = screen.rows()[2:4]
    assert first == "out 1 main.l  " + "·" * 30
    assert second == "out 2 monitor.sum  " + "█" * 30 + "  limiter -3.2 dB"


def test_the_head_tells_state_time_scene_and_load(screen: Screen) -> None:
    assert screen.rows(frames=480000)[0].split() == ["running", "1.2", "of", "10", "s", "scene", "–"]
    assert " of " not in screen.rows()[0]
    screen.shared.status[Word.STATE] = State.STARTING
    assert screen.rows()[0].startswith("starting (the first start compiles the kernel)")


def test_while_the_meters_are_being_written_the_rest_is_shown(screen: Screen) -> None:
    screen.shared.control[METER_SEQUENCE] = 1
    assert len(screen.rows()) == 2


@pytest.mark.parametrize(("peak", "cells"), [(0.0, 0), (1e-9, 0), (10**-2, 10), (10 ** (-1.5), 15), (1.0, 30), (8, 30)])
def test_a_bar_reaches_from_minus_60_to_0_dbfs(peak: float, cells: int) -> None:
    assert display.bar(peak) == "█" * cells + "·" * (30 - cells)
