"""The desk offline: independent of period and cuts, more events than the ring holds, states kept, errors in words."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from dsp.ring import LIVE_SLOTS, Event
from dsp.size import DeskSize
from firmware import audio_files, cli, event_log, render
from firmware.desk_model import DeskModel
from firmware.errors import FileError

SIZE = DeskSize(2, 2, 2, 48000)
X = (0.05 * np.random.Generator(np.random.PCG64(3)).standard_normal((24000, 2))).astype(np.float32)
LATENCY_FRAMES = 43  # of the output limiter, docs/signal.md


def desk(**values: object) -> DeskModel:
    model = DeskModel(SIZE)
    model.update(
        {"channel.1.fader_db": 0.0, "channel.1.pan": -100.0, "channel.2.fader_db": 0.0, "channel.2.pan": 100.0}
    )
    model.update({path.replace("__", "."): value for path, value in values.items()})
    return model


def events(model: DeskModel) -> list[Event]:
    found = model.to_events("channel.1.fader_db", -12.0, 20.0, at=3000)
    found += model.to_events("channel.2.eq.band.3.gain_db", 9.0, 35.0, at=5001)
    found += model.to_events("channel.1.mute", True, 10.0, at=12000)
    return found + model.to_events("channel.1.mute", False, 10.0, at=15000)


def test_a_flat_strip_at_unity_is_the_input_after_the_declared_latency() -> None:
    y = render.offline(SIZE, desk().kernel_values(), X)
    np.testing.assert_array_equal(y[LATENCY_FRAMES:], X[:-LATENCY_FRAMES])


def test_neither_period_nor_cut_is_heard() -> None:
    model = desk()
    whole = render.offline(SIZE, model.kernel_values(), X, events(model), 64)
    for period in (32, 96, 1024):
        np.testing.assert_array_equal(render.offline(SIZE, model.kernel_values(), X, events(model), period), whole)
    arena = render.start(SIZE, model.kernel_values())
    log: list[Event] = []
    pieces = [render.run(arena, X[:9600], [e for e in events(model) if e.at < 9600], applied=log)]
    pieces.append(render.run(arena, X[9600:], [e for e in events(model) if e.at >= 9600], applied=log))
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert [(e.address, e.value, e.over_frames) for e in log] == [
        (e.address, e.value, e.over_frames) for e in events(model)
    ]
    assert [e.at for e in log] == [3008, 5024, 12000, 15008]  # the first quantum at or after each


def test_the_log_of_a_run_makes_the_same_sound_again() -> None:
    model = desk()
    arena = render.start(SIZE, model.kernel_values())
    log: list[Event] = []
    first = render.run(arena, X, events(model), applied=log)
    rows = list(event_log.lines(event_log.Header.of(SIZE), model, log))
    again = render.offline(SIZE, model.kernel_values(), X, event_log.parse(rows, model).events)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, render.offline(SIZE, model.kernel_values(), X))


def test_more_events_than_the_ring_holds_are_all_applied() -> None:
    model = desk()
    address = SIZE.channel(1, "fader_db")
    many = [Event(0, address, -float(n % 50), 0) for n in range(LIVE_SLOTS + 5000)]
    many += [Event(40000, address, -6.0, 0)] * 10
    log: list[Event] = []
    x = np.concatenate([X, X])
    render.run(render.start(SIZE, model.kernel_values()), x, many, applied=log)
    assert len(log) == len(many)
    assert [e.value for e in log] == [e.value for e in many]
    assert log[-1].at == 40000
    assert log[1024].at == 32  # 1,024 a quantum


def test_a_length_that_is_no_whole_quantum_is_filled_up_with_silence() -> None:
    values = desk().kernel_values()
    y = render.offline(SIZE, values, X[:1001])
    assert y.shape == (1001, 2)
    np.testing.assert_array_equal(y, render.offline(SIZE, values, X)[:1001])


def test_a_shape_or_period_that_does_not_fit_is_refused() -> None:
    values = desk().kernel_values()
    with pytest.raises(ValueError, match="hears 2 signals"):
        render.offline(SIZE, values, X[:, :1])
    with pytest.raises(ValueError, match="multiple of 32"):
        render.offline(SIZE, values, X, period_frames=50)


def test_a_kept_state_goes_on_to_the_bit(tmp_path: Path) -> None:
    model = desk(channel__1__comp__on=True, channel__2__hpf__on=True)
    arena = render.start(SIZE, model.kernel_values())
    render.run(arena, X[:9600], events(model))
    render.save_state(tmp_path / "s.npz", arena)
    later = [event for event in events(model) if event.at >= 9600]
    wanted = render.run(arena, X[9600:], later)
    restored = render.load_state(tmp_path / "s.npz")
    assert restored.size == SIZE
    assert restored.clock == 9600
    np.testing.assert_array_equal(render.run(restored, X[9600:], later), wanted)


def test_a_render_cut_in_two_by_a_kept_state_is_the_whole_one(tmp_path: Path, scene: str) -> None:
    for name, part in (("a", X[:9600]), ("b", X[9600:]), ("all", X)):
        audio_files.write(tmp_path / f"{name}.wav", part, 48000)
    rows = ['{"format": 1, "rate_hz": 48000}', '{"at": 4800, "set": "channel.1.fader_db", "to": -12, "over_ms": 300}']
    (tmp_path / "e.jsonl").write_text("\n".join(rows))  # it is on its way where the cut is
    state = str(tmp_path / "s.npz")

    def rendered(name: str, *more: str) -> np.ndarray:
        files = ["--input", str(tmp_path / f"{name}.wav"), "--output", str(tmp_path / f"{name}-y.wav")]
        assert cli.main(["render", "--scene", scene, *files, "--tail-s", "0", *more]) == 0
        return audio_files.read(tmp_path / f"{name}-y.wav")[0]

    events = ("--events", str(tmp_path / "e.jsonl"))
    whole = rendered("all", *events)
    first = rendered("a", *events, "--save-state", state)
    second = rendered("b", "--state", state, "--save-state", str(tmp_path / "t.npz"))
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    assert [render.load_state(tmp_path / name).clock for name in ("s.npz", "t.npz")] == [9600, len(X)]


def test_a_state_that_is_broken_or_another_builds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.npz"
    render.save_state(path, render.start(SIZE, desk().kernel_values()))
    whole = path.read_bytes()
    for content in (b"", b"nonsense", whole[:-1000], whole[:1000]):
        path.write_bytes(content)
        with pytest.raises(FileError, match="not a desk's state"):
            render.load_state(path)
    path.write_bytes(whole)
    monkeypatch.setattr(render, "kernel_key", lambda: "another")
    with pytest.raises(FileError, match="another build"):
        render.load_state(path)


def test_the_converter_rounds_and_saturates() -> None:
    y = np.array([[0.0, 1.0], [-1.0, 0.5], [0.25, -0.25], [2.0, -2.0]] * 8, np.float32)
    s32 = render.convert(y, "S32_LE").view("<i4").reshape(-1, 2)
    assert s32[0].tolist() == [0, 2147483647]
    assert s32[1].tolist() == [-2147483648, 1073741824]
    assert len(render.convert(y, "S24_3LE")) == 3 * y.size
    np.testing.assert_array_equal(render.convert(y, "S16_LE"), render.convert(y, "S16_LE"))
    with pytest.raises(ValueError, match="S20"):
        render.convert(y, "S20_LE")


@pytest.fixture
def scene(tmp_path: Path) -> str:
    path = tmp_path / "s.toml"
    path.write_text("format = 1\n[channel.1]\nfader_db = 0.0\npan = -100\n[channel.2]\nfader_db = 0.0\npan = 100\n")
    return str(path)


def test_render_writes_what_the_desk_makes(tmp_path: Path, scene: str, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(2):
        audio_files.write(tmp_path / f"{n}.wav", X[:, n], 48000)
    header = dataclasses.replace(event_log.Header.of(SIZE), kernel="of old")
    model = desk()
    event_log.write(tmp_path / "e.jsonl", header, model, events(model))
    inputs = [str(tmp_path / f"{n}.wav") for n in range(2)]
    wanted = render.offline(
        SIZE, model.kernel_values(), np.concatenate([X, np.zeros((4800, 2), np.float32)]), events(model)
    )
    args = ["render", "--scene", scene, "--input", *inputs, "--events", str(tmp_path / "e.jsonl")]
    assert cli.main([*args, "--output", str(tmp_path / "y.wav"), "--tail-s", "0.1", "--period", "256"]) == 0
    said = capsys.readouterr()
    assert "0.60 s, 2 channels, 48000 Hz" in said.out
    assert "another build" in said.err
    np.testing.assert_array_equal(audio_files.read(tmp_path / "y.wav")[0], wanted)


def test_a_silence_of_the_log_is_kept(tmp_path: Path, scene: str) -> None:
    audio_files.write(tmp_path / "a.wav", X, 48000)
    rows = ['{"format": 1, "rate_hz": 48000}', json.dumps({"at": 1000, "note": "zero", "code": 11, "count": 500})]
    (tmp_path / "e.jsonl").write_text("\n".join(rows))
    args = ["render", "--scene", scene, "--input", str(tmp_path / "a.wav"), "--events", str(tmp_path / "e.jsonl")]
    assert cli.main([*args, "--output", str(tmp_path / "y.wav"), "--tail-s", "0"]) == 0
    y = audio_files.read(tmp_path / "y.wav")[0]
    assert not np.any(y[1000:1500])
    np.testing.assert_array_equal(y[1500:], X[1500 - LATENCY_FRAMES : -LATENCY_FRAMES])


WRONG = [
    (["--period", "50"], 2, "multiple of 32"),
    (["--tail-s", "-1"], 2, "tail-s"),
    (["--outputs", "99"], 2, "outputs is 99"),
    (["--rate", "7"], 2, "rate_hz"),
    (["--scene", "nowhere"], 1, "no scene"),
    (["--input", "nowhere.wav"], 1, "does not exist"),
    (["--events", "nowhere.jsonl"], 1, "does not exist"),
    (["--state", "nowhere.npz"], 1, "does not exist"),
    (["--save-state", "no/where.npz"], 1, "does not exist"),
    (["--output", "no/where.wav"], 1, "folder does not exist"),
    (["--output", "y.mp3"], 2, "WAV only"),
    (["--output", ""], 2, "WAV only"),
    (["--input", ""], 1, "name of a sound file is empty"),
    (["--channels", "0"], 2, "channels is 0"),
]


@pytest.mark.parametrize(("more", "code", "sentence"), WRONG, ids=[" ".join(w[0]) for w in WRONG])
def test_what_cannot_be_rendered_is_told_and_nothing_is_written(
    tmp_path: Path, scene: str, capsys: pytest.CaptureFixture[str], more: list[str], code: int, sentence: str
) -> None:
    audio_files.write(tmp_path / "a.wav", X[:100], 48000)
    before = sorted(tmp_path.iterdir())
    args = ["render", "--scene", scene, "--input", str(tmp_path / "a.wav"), "--output", str(tmp_path / "y.wav"), *more]
    assert cli.main(args) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert sorted(tmp_path.iterdir()) == before


def test_more_inputs_than_a_desk_has_are_refused_as_where_files_are_read(
    tmp_path: Path, scene: str, capsys: pytest.CaptureFixture[str]
) -> None:
    audio_files.write(tmp_path / "a.wav", X[:100], 48000)
    args = ["render", "--scene", scene, "--output", str(tmp_path / "y.wav"), "--tail-s", "0", "--input"]
    assert cli.main([*args, *[str(tmp_path / "a.wav")] * 17]) == 1
    assert "The files have 34 channels together; a desk has at most 32 inputs." in capsys.readouterr().err
    assert cli.main([*args, *[str(tmp_path / "a.wav")] * 16]) == 0


def test_band_writes_its_sixteen_stems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["band", "--output", str(tmp_path / "stems"), "--rate", "8000"]) == 0
    assert "16 tracks of 40.0 s" in capsys.readouterr().out
    files = sorted(path.name for path in (tmp_path / "stems").iterdir())
    assert len(files) == 16
    assert files[10] == "11-lead-voice.wav"
    assert audio_files.probe(tmp_path / "stems" / files[10]).frames == 320000
    (tmp_path / "file").touch()
    assert cli.main(["band", "--output", str(tmp_path / "file")]) == 1
    assert "it is a file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--input", "--events", "--state", "--scene"])
@pytest.mark.parametrize("target", ["--output", "--save-state"])
def test_what_is_read_is_never_written_over(
    tmp_path: Path, scene: str, capsys: pytest.CaptureFixture[str], option: str, target: str
) -> None:
    audio_files.write(tmp_path / "a.wav", X[:100], 48000)
    read = tmp_path / "read"
    read.write_bytes(b"precious")
    (tmp_path / "same.wav").symlink_to(read)
    given = {"--scene": scene, "--input": str(tmp_path / "a.wav")} | {option: str(read)}
    args = [word for pair in given.items() for word in pair]
    assert cli.main(["render", *args, "--output", str(tmp_path / "y.wav"), target, str(tmp_path / "same.wav")]) == 2
    assert f"{target} {tmp_path / 'same.wav'} is the file that {option} reads" in capsys.readouterr().err
    assert read.read_bytes() == b"precious"


def test_the_sound_and_the_state_are_two_files(tmp_path: Path, scene: str, capsys: pytest.CaptureFixture[str]) -> None:
    audio_files.write(tmp_path / "a.wav", X[:100], 48000)
    one = str(tmp_path / "y.wav")
    args = ["render", "--scene", scene, "--input", str(tmp_path / "a.wav"), "--output", one, "--save-state", one]
    assert cli.main(args) == 2
    assert "--output and --save-state would both be" in capsys.readouterr().err
