"""`pidesk render --play`, `--tap` and `--desk`: what they add to a render, and how they are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware import audio_files, cli, paths

LATENCY_FRAMES = 43  # of the output limiter, docs/signal.md; a tap is taken before it
SCENE = """\
format = 1
[channel.1]
fader_db = 0
pan = -100
send.1.level_db = -6
[channel.2]
fader_db = -20
trim_db = 6
[channel.3]
fader_db = 0
pan = 100
send.2.level_db = 0
[fx.1]
source = "bus.1"
[return.1]
fader_db = -3
"""
Sound = NDArray[np.float32]


def noise(frames: int, channels: int, seed: int) -> Sound:
    return (0.05 * np.random.default_rng(seed).standard_normal((frames, channels))).astype(np.float32)


X, PLAYED = noise(4800, 2, 1), noise(7200, 1, 2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "s.toml").write_text(SCENE)
    audio_files.write(tmp_path / "in.wav", X, 48000)
    audio_files.write(tmp_path / "stem.wav", PLAYED, 48000)
    return tmp_path


def render(*more: str) -> int:
    return cli.main(["render", "--scene", "s.toml", "--input", "in.wav", "--output", "y.wav", "--tail-s", "0.1", *more])


def sound(name: str) -> Sound:
    return audio_files.read(name)[0]


@pytest.mark.usefixtures("folder")
def test_stems_are_heard_on_the_channels_behind_the_inputs() -> None:
    assert render("--play", "stem.wav") == 0
    y = sound("y.wav")
    assert y.shape == (7200 + 4800, 2)  # the longest, and the tail
    assert render() == 0
    without = sound("y.wav")
    assert without.shape == (4800 + 4800, 2)
    # channel 3, hard right at 0 dB: what is added is the stem after the limiter's latency
    added = y[: len(without), 1] - without[:, 1]
    late = np.concatenate([np.zeros(LATENCY_FRAMES, np.float32), PLAYED[:, 0]])[: len(without)]
    assert np.abs(added[:7200] - late[:7200]).max() < 1e-7


@pytest.mark.usefixtures("folder")
def test_a_tap_is_the_strip_before_any_limiter_and_changes_nothing() -> None:
    taps = {"channel.1": "c1.wav", "channel.2": "c2.wav", "bus.1": "b1.wav", "main.lr": "m.wav", "return.1": "r.wav"}
    options = [word for strip, file in taps.items() for word in ("--tap", f"{strip}={file}")]
    assert render("--play", "stem.wav") == 0
    plain = sound("y.wav")
    assert render("--play", "stem.wav", *options, "--tap", "bus.2=b2.wav", "--tap", "matrix.2=x2.wav") == 0
    assert np.array_equal(sound("y.wav"), plain)
    whole = np.concatenate([X, np.zeros((len(plain) - len(X), 2), np.float32)])
    assert np.array_equal(sound("c1.wav")[:, 0], whole[:, 0])
    assert sound("c2.wav")[:, 0] == pytest.approx(whole[:, 1] * 10 ** (-14 / 20), rel=1e-5, abs=1e-9)
    assert sound("b1.wav")[:, 0] == pytest.approx(whole[:, 0] * 10 ** (-6 / 20), rel=1e-5, abs=1e-9)
    assert np.array_equal(sound("b2.wav")[: len(PLAYED)], PLAYED)
    assert sound("r.wav").shape == (len(plain), 2)
    assert sound("r.wav")[:, 0] == pytest.approx(sound("b1.wav")[:, 0] * 10 ** (-3 / 20), rel=1e-5, abs=1e-9)
    assert np.array_equal(sound("m.wav")[:-LATENCY_FRAMES], plain[LATENCY_FRAMES:])
    assert not sound("x2.wav").any()


def test_the_desk_of_a_file_is_the_desk_that_is_rendered(folder: Path) -> None:
    (folder / "desk.toml").write_text(
        'rate_hz = 44100\nbuses = 1\nstereo = ["channel.1"]\n[channel.3]\nsource = "in.2"\n', "utf-8"
    )
    assert render("--desk", "desk.toml", "--tap", "channel.1=c.wav", "--tap", "channel.3=d.wav") == 0
    tap, rate_hz = audio_files.read("c.wav")
    assert rate_hz == 44100
    expected = audio_files.read("in.wav", 44100)[0]
    assert tap.shape[1] == 2
    # a stereo strip hears in.1+2; its balance, hard left, lets the left side through alone
    assert np.array_equal(tap[: len(expected), 0], expected[:, 0])
    assert not tap[:, 1].any()
    assert np.array_equal(sound("d.wav")[: len(expected), 0], expected[:, 1])
    # the user's own desk.toml is used where no other is named
    own = paths.ensure(paths.config_dir()) / "desk.toml"
    own.write_text((folder / "desk.toml").read_text(), "utf-8")
    first = sound("y.wav")
    assert render() == 0
    assert np.array_equal(sound("y.wav"), first)
    assert render("--rate", "48000") == 0
    assert audio_files.probe("y.wav").rate_hz == 48000


WRONG = [
    (["--tap", "bus.1"], 2, '--tap "bus.1" is not possible: a strip and a file are needed, bus.1=b1.wav.'),
    (["--tap", "=b.wav"], 2, "a strip and a file are needed"),
    (["--tap", "bus.1="], 2, "a strip and a file are needed"),
    (["--tap", "bus.9=b.wav"], 2, "This desk has no strip bus.9."),
    (["--tap", "buss.1=b.wav"], 2, 'This desk has no strip buss.1. Did you mean "bus.1"?'),
    (["--tap", "dca.1=b.wav"], 2, "This desk has no strip dca.1."),
    (["--tap", "channel.1.name=b.wav"], 2, "This desk has no strip channel.1.name."),
    (["--tap", "bus.1=b.mp3"], 2, "--tap writes WAV only; give a name that ends in .wav."),
    (["--tap", "bus.1=no/b.wav"], 1, "b.wav cannot be written: its folder does not exist."),
    (["--tap", "bus.1=in.wav"], 2, "--tap in.wav is the file that --input reads; give it another name."),
    (["--tap", "bus.1=stem.wav", "--play", "stem.wav"], 2, "--tap stem.wav is the file that --play reads"),
    (["--tap", "bus.1=y.wav"], 2, "--output and --tap would both be y.wav; give each a name of its own."),
    (["--tap", "bus.1=b.wav", "--tap", "bus.2=./b.wav"], 2, "--tap and --tap would both be b.wav"),
    (["--tap", "main.lr=m.wav", "--outputs", "31"], 2, "--tap: 2 sides beside 31 outputs are too many: 32 fit."),
    (["--play", "nowhere.wav"], 1, "nowhere.wav does not exist."),
    (["--play", "s.toml"], 1, "is not a sound file this desk can read"),
    (["--play", *["wide.wav"] * 5], 1, "--play has 80 channels together; a desk has at most 64 playback channels."),
    (["--desk", "nowhere.toml"], 1, "nowhere.toml does not exist."),
    (["--desk", "wrong.toml"], 1, "wrong.toml, line 1: channels = 65 is out of range: 1 to 64 channels."),
    (["--desk", "linked.wav"], 2, "--output y.wav is the file that --desk reads"),
]


@pytest.mark.parametrize(("more", "code", "sentence"), WRONG, ids=[" ".join(one[0])[:40] for one in WRONG])
def test_what_cannot_be_is_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, sentence: str
) -> None:
    (folder / "wrong.toml").write_text("channels = 65\n")
    audio_files.write(folder / "wide.wav", np.zeros((8, 16), np.float32), 48000)
    if "linked.wav" in more:
        (folder / "linked.wav").write_text("channels = 8\n")
        (folder / "y.wav").symlink_to(folder / "linked.wav")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert render(*more) == code
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_kept_state_takes_neither_taps_nor_more_stems_than_it_plays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dsp.size import DeskSize
    from firmware import render as rendering
    from firmware.desk_model import DeskModel

    size = DeskSize(3, 2, 2, 48000, plays=1)
    rendering.save_state(folder / "kept.npz", rendering.start(size, DeskModel(size).kernel_values()))
    assert render("--state", "kept.npz", "--tap", "channel.1=c.wav") == 2
    assert "--tap needs a desk of its own; leave --state and --save-state out." in capsys.readouterr().err
    assert render("--state", "kept.npz", "--play", "stem.wav", "stem.wav") == 1
    assert "--play has 2 channels together; the kept desk plays 1." in capsys.readouterr().err
    assert render("--state", "kept.npz", "--play", "stem.wav") == 0
