"""The desk that a board becomes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.simulated.card import SimulatedCard
from dsp.size import DeskSize
from firmware import band, boards, desk_config, scene
from firmware.boards import Board


def board(channels: int, *, is_band: bool) -> Board:
    card = SimulatedCard(inputs=16, outputs=4).config(64, 3)
    return Board("", card, DeskSize(channels, 16, 4), environment={}, is_band=is_band)


@pytest.mark.parametrize("channels", [4, 16, 24])
def test_where_the_band_plays_its_tracks_have_their_names(channels: int) -> None:
    model = boards.model(board(channels, is_band=True), desk_config.load())
    scene.apply(model, scene.load(scene.find("flat")))  # it has no names of its own
    names = [model.values[f"channel.{n}.name"] for n in range(1, channels + 1)]
    assert names == [*band.NAMES[:channels], *[""] * (channels - len(band.NAMES))]


def test_what_is_configured_goes_before_the_bands_names_and_nothing_else_has_them() -> None:
    desk = replace(desk_config.load(), strips={"channel.2.name": "My snare"})
    model = boards.model(board(16, is_band=True), desk)
    assert (model.values["channel.1.name"], model.values["channel.2.name"]) == ("Kick", "My snare")
    assert boards.model(board(16, is_band=False), desk_config.load()).values["channel.1.name"] == ""
