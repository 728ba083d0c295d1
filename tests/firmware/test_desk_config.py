"""desk.toml and the sizes that come with Pidesk: what is read, what is refused, and the desk that comes of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.size import DeskSize
from firmware import desk_config, paths, render
from firmware.desk_config import DeskConfig
from firmware.desk_model import DeskModel
from firmware.errors import ConfigError
from firmware.params import Kind

SHIPPED = DeskConfig(16, 8, 2, 2, rate_hz=48000, period_frames=64, periods=3, card="auto")
LATENCY_FRAMES = 43  # of the output limiter, docs/signal.md


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return paths.ensure(paths.config_dir()) / "desk.toml"


def test_without_a_file_of_the_users_the_desk_is_as_shipped(own: Path) -> None:
    """DESIGN §5: 16 strips × 8 buses × 2 effects × 2 matrices at 48 kHz, period 64 × 3."""
    assert not own.exists()
    assert desk_config.load() == SHIPPED
    assert desk_config.load().size(2, 4) == DeskSize(16, 2, 4, 48000, 8, 2, 2)


def test_the_users_file_says_only_what_is_different(own: Path) -> None:
    own.write_text(
        'channels = 24\nbuses = 6\ncard = "hifiberry"\ntwo_outputs = "monitor"\nplays = 3\nplay = "~/stems"\n'
        'stereo = ["channel.3", "bus.1", "channel.3"]\norder = [5, 1]\n'
        '[channel.1]\nname = "Kick"\ncolour = "red"\nsource = "in.4"\n[bus.3]\nname = "Wedge"\n',
        "utf-8",
    )
    assert desk_config.load() == dataclasses.replace(
        SHIPPED, channels=24, buses=6, card="hifiberry", two_outputs="monitor", plays=3, play="~/stems",
        stereo=((Kind.CHANNEL, 3), (Kind.BUS, 1)), order=(5, 1),
        strips={"channel.1.name": "Kick", "channel.1.colour": "red", "channel.1.source": "in.4", "bus.3.name": "Wedge"},
    )  # fmt: skip
    assert desk_config.load().size(2, 2).plays == 3


def counts(desk: DeskConfig) -> tuple[int, int, int, int]:
    return desk.channels, desk.buses, desk.effects, desk.matrices


def test_a_named_size_stands_for_the_four_counts(own: Path) -> None:
    assert {name: tuple(desk_config.counts_of(name).values()) for name in desk_config.sizes()} == {
        "small": (8, 4, 1, 0), "standard": (16, 8, 2, 2), "large": (32, 16, 4, 4), "huge": (64, 16, 8, 8),
    }  # fmt: skip
    own.write_text('size = "large"\n', "utf-8")
    assert counts(desk_config.load()) == (32, 16, 4, 4)
    assert counts(desk_config.load(size="small")) == (8, 4, 1, 0)
    with pytest.raises(ConfigError, match=r'no size "smal".*Did you mean "small"'):
        desk_config.load(size="smal")


WRONG = """\
chanels = 3
channels = 65
rate_hz = 22050
period_frames = 48
periods = "3"
card = 1
size = "tiny"
buses = -1
effects = 9
matrices = 2.0
two_outputs = "both"
plays = 65
play = 3
stereo = ["channel.2", "main.lr", "channel.٣"]
order = [3, 1, 3]
matrix = "all"
[channel.1]
name = "A name that is longer than any display"
colour = "plaid"
source = "in.33"
fader_db = 0
[channel.65]
name = "One too many"
[channel.01]
name = "Zero"
[bus]
1 = "Wedge"
[bus.2]
source = "in.1"
"""
# line, and what must be said about it
SAID = [
    (1, 'There is no "chanels". Did you mean "channels"?'),
    (2, "channels = 65 is out of range: 1 to 64 channels."),
    (3, "rate_hz = 22050 is not possible: one of 44100, 48000, 88200, 96000 is needed."),
    (4, "period_frames = 48 is not possible: one of 32, 64, 96,"),
    (5, 'periods = "3" has the wrong type: one of 2, 3, 4 is needed.'),
    (6, "card = 1 has the wrong type: text in quotes is needed."),
    (7, 'There is no size "tiny": huge, large, small, standard.'),
    (8, "buses = -1 is out of range: 0 to 16 buses."),
    (9, "effects = 9 is out of range: 0 to 8 effects."),
    (10, "matrices = 2.0 is not a whole number: 0 to 8 matrices."),
    (11, 'two_outputs = "both" is not possible: one of mains, mono_and_phones, monitor is needed.'),
    (12, "plays = 65 is out of range: 0 to 64 playback channels."),
    (13, "play = 3 has the wrong type: text in quotes is needed."),
    (14, "stereo: channel.2 is a right side; name the left one, channel.1."),
    (14, 'stereo: "main.lr" is no strip that can be stereo: channel.1, bus.3, matrix.1 are.'),
    (14, 'stereo: "channel.\\u0663" is no strip that can be stereo: channel.1, bus.3, matrix.1 are.'),
    (15, "order is a list of channels, each once: [3, 1, 2] puts channel 3 first."),
    (16, 'matrix is a table of strips: [matrix.1] with name = "…".'),
    (18, 'channel.1.name = "A name that is longer than any display" is too long: up to 24 characters.'),
    (19, 'channel.1.colour = "plaid" is not possible: one of white, red,'),
    (20, 'channel.1.source = "in.33" is not possible: one of none, in.1 to in.32,'),
    (21, 'channel.1 has a name, a colour and a source here, no "fader_db".'),
    (22, "There is no channel.65: they are numbered channel.1 to channel.64."),
    (24, "There is no channel.01: they are numbered channel.1 to channel.64."),
    (27, 'bus.1 is a table: [bus.1] with name = "…".'),
    (29, 'bus.2 has a name and a colour here, no "source".'),
]


def told(path: Path, text: str) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        desk_config.load()
    return str(caught.value).replace(str(path), "desk.toml").split("\n")


def test_everything_wrong_is_said_at_once_each_with_its_line(own: Path) -> None:
    for line, (number, said) in zip(told(own, WRONG), SAID, strict=True):
        assert line.startswith(f"desk.toml, line {number}: {said}")


@pytest.mark.parametrize("text", ["channels = 16.0", "channels = true", "channels = 0", "channels = nan"])
def test_a_number_of_channels_is_a_whole_number(own: Path, text: str) -> None:
    assert "1 to 64" in told(own, text)[0]


BEYOND = """\
channels = 7
buses = 2
periods = 5
stereo = ["channel.1", "channel.7", "bus.3", "matrix.1"]
order = [8, 2, 5]
[channel.2]
name = "Right"
[channel.3]
source = "in.1+2"
[channel.4]
source = "fx.1"
[channel.9]
name = "Beyond"
[matrix.3]
name = "Beyond"
"""


def test_what_the_configured_desk_has_not_is_told_beside_the_rest(own: Path) -> None:
    assert told(own, BEYOND) == [
        f"desk.toml, line {line}: {said}"
        for line, said in (
            (3, "periods = 5 is not possible: one of 2, 3, 4 is needed."),
            (4, "stereo: this desk has 7 channels, no channel.8."),
            (4, "stereo: this desk has 2 buses, no bus.4."),
            (5, "order: this desk has 7 channels, no channel.8."),
            (5, "order: channel.2 is the right side of channel.1."),
            (6, "channel.2 is the right side of channel.1: name that one."),
            (9, 'channel.3.source = "in.1+2" has two sides; name channel.3 in stereo.'),
            (11, 'channel.4.source = "fx.1" has two sides; name channel.4 in stereo.'),
            (12, "This desk has 7 channels, no channel.9."),
            (14, "This desk has 2 matrices, no matrix.3."),
        )
    ]


def test_channels_of_an_order_that_no_desk_has_are_named_beside_those_that_this_one_has_not(own: Path) -> None:
    assert told(own, "channels = 8\norder = [9, 99, 0]") == [
        "desk.toml, line 2: order: there is no channel.99: they are numbered 1 to 64.",
        "desk.toml, line 2: order: there is no channel.0: they are numbered 1 to 64.",
        "desk.toml, line 2: order: this desk has 8 channels, no channel.9.",
    ]


def test_size_and_counts_together_are_refused(own: Path) -> None:
    assert told(own, 'channels = 8\nsize = "small"\nbuses = 2\n') == [
        "desk.toml, line 2: size and channels and buses say the same thing twice; keep one of them."
    ]


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        desk_config.load(tmp_path / "none.toml")


# --- the desk that comes of it --------------------------------------------------------------------------------------


def model_of(text: str, own: Path, inputs: int = 2, outputs: int = 2, size: str | None = None) -> DeskModel:
    own.write_text(text, "utf-8")
    desk = desk_config.load(size=size)
    return desk.model(desk.size(inputs, outputs))


def test_a_desk_without_buses_effects_and_matrices_carries_sound_to_the_mains(own: Path) -> None:
    model = model_of("channels = 1\nbuses = 0\neffects = 0\nmatrices = 0", own)
    model.update({"channel.1.fader_db": 0.0, "channel.1.pan": -100.0})
    assert not [path for path in model.places if path.startswith(("bus.", "return.", "matrix.", "fx."))]
    x = np.zeros((64, 2), np.float32)
    x[0, 0] = 0.5
    y = render.offline(model.size, model.kernel_values(), np.concatenate([x, x * 0]))
    assert y[LATENCY_FRAMES, 0] == 0.5


def heard(own: Path, two_outputs: str) -> list[float]:
    """Outputs 1 and 2 at the end of a steady 0.125 on the mains' left, with a steady 0.25 soloed before its fader."""
    model = model_of(f'two_outputs = "{two_outputs}"', own)
    model.update({"channel.1.fader_db": 0.0, "channel.1.pan": -100.0, "channel.2.solo": True, "monitor.level_db": -6.0})
    x = np.tile(np.array([[0.125, 0.25]], np.float32), (9600, 1))
    return [float(value) for value in render.offline(model.size, model.kernel_values(), x)[-1]]


@pytest.mark.parametrize(
    ("two_outputs", "wanted", "ceilings_dbfs"),
    [
        # DESIGN §5: mains stereo; or mono mains left and phones right; or the monitor replaces the mains. §2: ceilings
        ("mains", (0.125, 0.0), (-1.0, -1.0)),
        ("mono_and_phones", (0.0625, 0.25 * 10**-0.3), (-1.0, -12.0)),
        ("monitor", (0.25 * 10**-0.3, 0.25 * 10**-0.3), (-12.0, -12.0)),
    ],
)
def test_two_outputs_carry_what_was_chosen(
    own: Path, two_outputs: str, wanted: tuple[float, float], ceilings_dbfs: tuple[float, float]
) -> None:
    assert heard(own, two_outputs) == pytest.approx(wanted, rel=1e-5)
    model = model_of(f'two_outputs = "{two_outputs}"', own)
    assert tuple(model.get(f"output.{k}.ceiling_dbfs") for k in (1, 2)) == ceilings_dbfs


def test_a_card_with_more_outputs_has_mains_and_phones_whatever_two_outputs_says(own: Path) -> None:
    model = model_of('two_outputs = "monitor"', own, outputs=4)
    assert [model.get(f"output.{k}.source") for k in (1, 2, 3, 4)] == ["main.l", "main.r", "monitor.l", "monitor.r"]


def test_strips_are_called_coloured_and_fed_as_configured(own: Path) -> None:
    model = model_of(
        'stereo = ["channel.3"]\n[channel.1]\nname = "Kick"\ncolour = "red"\nsource = "in.2"\n'
        '[channel.2]\nsource = "in.9"\n[channel.3]\nsource = "in.2+1"\n[matrix.2]\nname = "Foyer"\n',
        own,
    )
    assert [model.get(f"channel.1.{name}") for name in ("name", "colour", "source")] == ["Kick", "red", "in.2"]
    assert model.get("channel.2.source") == "none"  # this card has two inputs
    assert (model.get("channel.3.source"), model.get("matrix.2.name")) == ("in.2+1", "Foyer")
    assert model.differences() == {}


def test_channels_behind_the_inputs_hear_the_playback_channels_and_stereo_ones_two(own: Path) -> None:
    model = model_of('channels = 8\nplays = 5\nstereo = ["channel.3", "channel.7"]', own)
    heard_by = {n: model.get(f"channel.{n}.source") for n in (1, 2, 3, 5, 6, 7)}
    assert heard_by == {1: "in.1", 2: "in.2", 3: "play.1+2", 5: "play.3", 6: "play.4", 7: "play.5"}


def test_channels_stand_in_the_configured_order_and_the_others_follow(own: Path) -> None:
    text = 'channels = 10\nstereo = ["channel.7"]\norder = [9, 7, 2]\n[channel.9]\nname = "Vox"'
    assert model_of(text, own).channels() == [9, 7, 2, 1, 3, 4, 5, 6, 10]


def test_a_size_of_the_command_line_leaves_out_what_lies_beyond_it(own: Path) -> None:
    text = 'stereo = ["channel.1", "channel.15", "matrix.1"]\norder = [14, 3]\n[channel.14]\nname = "Far"'
    model = model_of(text, own, size="small")
    assert model.channels() == [3, 1, 4, 5, 6, 7, 8]
    assert model.stereo == {(Kind.CHANNEL, 1)}


# --- whatever stands in the file ------------------------------------------------------------------------------------

KEYS = [*desk_config.KEYS, "stereo", "order", "channel", "bus", "matrix", "wibble"]
STRIPS = ["channel.1", "channel.2", "channel.15", "bus.7", "matrix.1", "matrix.99", "channel.0", "channel.²", ""]
PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.integers(0, 17), st.booleans(), st.floats(), st.text(max_size=8),
    st.sampled_from([*STRIPS, "standard", "huge", "monitor", "mains", "in.1", "in.1+2", "play.3", "osc", "red", "usb"]),
    st.dates(), st.times().map(lambda t: t.replace(microsecond=0)), st.just(dt.datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001
)  # fmt: skip
ANY: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=3)
)
FITTING = st.fixed_dictionaries(
    {},
    optional={
        "stereo": st.lists(st.sampled_from(STRIPS), max_size=4),
        "order": st.lists(st.integers(-1, 17) | st.booleans(), max_size=4),
        "channels": st.integers(1, 64),
        "buses": st.integers(0, 16),
        "channel": st.dictionaries(
            st.sampled_from(["1", "2", "15", "64", "65", "0", "01", "x", "9" * 5000]),
            st.dictionaries(st.sampled_from(["name", "colour", "source", "x"]), PLAIN, max_size=3) | PLAIN,
            max_size=3,
        ),
    },
)


@given(document=FITTING | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), ANY, max_size=5))
@settings(max_examples=300)
def test_any_toml_is_a_desk_or_told_in_lines_that_name_the_file(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.toml"
        path.write_text(tomlkit.dumps(document), "utf-8")
        desk, lines = desk_or_lines(path)
    if desk is None:
        assert lines
        assert all(line.startswith(f"{path}, line ") and line.isprintable() for line in lines)
    else:
        model = desk.model(desk.size(2, 2))
        assert sorted(model.channels()) == sorted({*range(1, desk.channels + 1)} - rights(desk))
        assert all(model.check(at, value) == value for at, value in model.values.items())


def desk_or_lines(path: Path) -> tuple[DeskConfig | None, list[str]]:
    try:
        return desk_config.load(path), []
    except ConfigError as error:
        return None, str(error).split("\n")


def rights(desk: DeskConfig) -> set[int]:
    return {number + 1 for kind, number in desk.stereo if kind is Kind.CHANNEL}
