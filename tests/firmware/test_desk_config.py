"""desk.toml and the sizes that come with Pidesk."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsp.size import DeskSize
from firmware import desk_config, paths
from firmware.desk_config import DeskConfig
from firmware.errors import ConfigError


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return paths.ensure(paths.config_dir()) / "desk.toml"


def test_without_a_file_of_the_users_the_desk_is_as_shipped(own: Path) -> None:
    assert not own.exists()
    assert desk_config.load() == DeskConfig(channels=16, rate_hz=48000, period_frames=64, periods=3, card="auto")
    assert desk_config.load().size(2, 4) == DeskSize(16, 2, 4, 48000)


def test_the_users_file_says_only_what_is_different(own: Path) -> None:
    own.write_text('channels = 24\ncard = "hifiberry"\n', "utf-8")
    assert desk_config.load() == DeskConfig(24, 48000, 64, 3, "hifiberry")
    assert desk_config.load(size="small").channels == 8
    own.write_text('size = "large"\n', "utf-8")
    assert desk_config.load().channels == 32


def test_sizes_reach_from_eight_to_sixty_four_channels() -> None:
    assert sorted(desk_config.channels_of(name) for name in desk_config.sizes()) == [8, 16, 32, 64]
    with pytest.raises(ConfigError, match=r'no size "smal".*Did you mean "small"'):
        desk_config.load(size="smal")


def test_everything_wrong_is_said_at_once(own: Path) -> None:
    own.write_text(
        'chanels = 3\nchannels = 65\nrate_hz = 22050\nperiod_frames = 48\nperiods = "3"\ncard = 1\nsize = "tiny"\n',
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        desk_config.load()
    told = str(caught.value).split("\n")
    for n, said in enumerate(
        ['no "chanels". Did you mean "channels"?', "channels = 65 is out of range: 1 to 64 channels",
         "rate_hz = 22050 is not possible: one of 44100, 48000, 88200, 96000", "period_frames = 48 is not possible",
         'periods = "3" has the wrong type', "card = 1 has the wrong type", 'There is no size "tiny"'], 1,
    ):  # fmt: skip
        assert f"desk.toml, line {n}: " in told[n - 1]
        assert said in told[n - 1]


@pytest.mark.parametrize("text", ["channels = 16.0", "channels = true", "channels = 0", "channels = nan"])
def test_a_number_of_channels_is_a_whole_number(own: Path, text: str) -> None:
    own.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="1 to 64"):
        desk_config.load()


def test_size_and_channels_together_are_refused(own: Path) -> None:
    own.write_text('channels = 8\nsize = "small"\n', "utf-8")
    with pytest.raises(ConfigError, match="keep one of them"):
        desk_config.load()


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        desk_config.load(tmp_path / "none.toml")
