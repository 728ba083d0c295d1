"""The running desk: what can be done to it and asked of it, and what a scene recall does to its engine."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware import cli, control, paths, scene
from firmware.errors import PideskError
from firmware.rings import TapReader
from firmware.shared import TAP_BYTES
from firmware.status import State
from tests.firmware.test_engine import assert_live_is_offline
from tests.rigs.running import RATE_HZ, Running, noise, running


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("live")
    noise(folder / "in.raw", 10 * RATE_HZ, 4)
    with running(folder, infile=folder / "in.raw", speed=1.0, tap_bytes=TAP_BYTES) as made:
        made.until(lambda: made.state is State.RUNNING)
        yield made
        assert made.close()
        assert_live_is_offline(made)


def ask(run: Running, **request: Any) -> dict[str, Any]:
    """Ask as another process would, while the desk ticks."""
    answers: list[Any] = []

    def work() -> None:
        try:
            answers.append(control.ask(request, path=run.folder / "control.sock"))
        except PideskError as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    run.until(lambda: bool(answers))
    thread.join()
    if isinstance(answers[0], Exception):
        raise answers[0]
    found: dict[str, Any] = answers[0]
    return found


def test_a_value_set_is_the_value_the_engine_applies(run: Running) -> None:
    assert ask(run, do="set", path="channel.1.fader_db", to=-5, over_ms=10)["value"] == -5.0
    assert ask(run, do="set", path="channel.2.fader_db", to="-inf")["value"] == "-inf"
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written)
    run.until(lambda: len([e for e in run.recorder.log if e.address >= 0]) >= 3)
    last = {event.address: (event.value, event.over_frames) for event in run.recorder.log}
    size = run.desk.size
    assert last[size.channel(1, "fader_db")] == (-5.0, 480)
    assert last[size.channel(2, "fader_db")][0] == -math.inf
    assert ask(run, do="get", path="channel.1.fader_db")["value"] == -5.0


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"do": "set", "path": "channel.99.fader_db", "to": 0}, r"This desk has no channel\.99\.fader_db"),
        ({"do": "set", "path": "channel.1.fader_db", "to": 99}, r"channel\.1\.fader_db = 99 is out of range"),
        ({"do": "set", "path": "channel.1.fader_db", "to": "nan"}, r"channel\.1\.fader_db"),
        ({"do": "set", "path": "channel.1.fader_db", "to": [1]}, r"channel\.1\.fader_db"),
        ({"do": "set", "path": "channel.1.fader_db", "to": 0, "over_ms": "x"}, "over_ms is a number"),
        *(
            (
                {"do": "set", "path": "channel.1.fader_db", "to": 0, "over_ms": over_ms},
                "glide takes from 0 to 1000000000 ms",
            )
            for over_ms in (-1, 1e300, 10**400, 1000000001)
        ),
        ({"do": "set", "path": 5, "to": 0}, 'needs "path"'),
        ({"do": "recall", "scene": "no such scene"}, "There is no scene"),
        ({"do": "store"}, 'needs "scene"'),
        ({"do": "store", "scene": "x", "title": "x" * 61}, r'^title = "x+… is too long: up to 60 characters\.$'),
        ({"do": "store", "scene": "x", "title": "a\x07b"}, r'^title = "a\\u0007b" contains a character that .*\.$'),
        ({"do": "dance"}, "A desk can be asked to do"),
        ({"do": ["set"]}, "A desk can be asked to do"),
        ({}, "A desk can be asked to do"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_changes_nothing(
    run: Running, request_: dict[str, Any], sentence: str
) -> None:
    before, sent = dict(run.desk.model.values), run.desk.sender.written
    with pytest.raises(PideskError, match=sentence):
        ask(run, **request_)
    assert run.desk.model.values == before
    assert run.desk.sender.written == sent
    assert "x" not in scene.names()


def test_a_scene_stored_and_recalled_brings_the_same_values_back(run: Running, tmp_path: Path) -> None:
    run.desk.set("channel.3.trim_db", 4.5)
    kept = run.desk.model.kernel_values()
    assert ask(run, do="store", scene=str(tmp_path / "s.toml"), title="kept")["file"] == str(tmp_path / "s.toml")
    for n in range(1, 9):
        run.desk.set(f"channel.{n}.trim_db", -3.0)
        run.desk.set(f"channel.{n}.pan", 50.0)
    ask(run, do="recall", scene=str(tmp_path / "s.toml"), everything=True)
    assert np.array_equal(run.desk.model.kernel_values(), kept)
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written)
    run.until_clock(run.clock + 4800)
    targets = {event.address: event.value for event in run.recorder.log if event.address >= 0}
    for n in range(1, 9):
        assert targets[run.desk.size.channel(n, "pan")] == kept[run.desk.size.channel(n, "pan")]


def command(run: Running, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """`pidesk …` as another process would run it, over the desk's own socket, while the desk ticks."""
    monkeypatch.setattr(paths, "control_sockets", lambda: [run.folder / "control.sock"])
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(cli.main(arguments)))
    thread.start()
    run.until(lambda: bool(codes))
    thread.join()
    return codes[0]


def test_the_commands_store_and_recall_reach_the_desk_and_only_everything_moves_the_main_fader(
    run: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, desk = tmp_path / "gig.toml", run.desk
    desk.set("main.lr.fader_db", -6.0)
    desk.set("channel.4.pan", 25.0)
    assert command(run, monkeypatch, "scene", "store", str(file), "--title", "The gig") == 0
    assert capsys.readouterr().out == f"Stored in {file}.\n"
    assert scene.load(file).title == "The gig"
    desk.set("main.lr.fader_db", 0.0)
    desk.set("channel.4.pan", -25.0)
    assert command(run, monkeypatch, "scene", "recall", str(file)) == 0
    assert (desk.model.get("channel.4.pan"), desk.model.get("main.lr.fader_db")) == (25.0, 0.0)
    assert command(run, monkeypatch, "scene", "recall", str(file), "--everything") == 0
    assert desk.model.get("main.lr.fader_db") == -6.0
    run.until(lambda: desk.sender.taken == desk.sender.written)
    run.until_clock(run.clock + 4800)
    fader = desk.size.main("fader_db")
    assert [event.value for event in run.recorder.log if event.address == fader][-1] == -6.0
    desk.set("main.lr.fader_db", 0.0)


def test_status_tells_what_a_person_asks(run: Running) -> None:
    found = ask(run, do="status")["status"]
    assert (found["state"], found["restarts"], found["xruns"]) == ("running", 0, 0)
    assert (found["card"], found["rate_hz"], found["period_frames"]) == ("pidesk_sim", 48000, 64)
    assert found["desk"] == {
        "channels": 8, "inputs": 4, "outputs": 2, "rate_hz": 48000, "buses": 4, "effects": 2, "matrices": 2, "plays": 0,
    }  # fmt: skip
    assert 0 < found["dsp_load"]["median"] <= found["dsp_load"]["p999"] <= found["dsp_load"]["max"]
    assert 120 < found["engine_rss_mb"] <= 250  # a Pi with 512 MB has room for it twice


def test_meters_show_the_band_where_it_plays(run: Running) -> None:
    run.until_clock(3 * RATE_HZ)
    ask(run, do="set", path="channel.1.source", to="in.1")
    found = ask(run, do="meters")["meters"]
    assert len(found["peak"]) == 7
    assert found["strips"] == [8, 4, 2 * 2, 3, 2]
    assert len(found["peak"][0]) == sum(found["strips"])
    assert found["peak"][0][0] > 0.01  # channel 1, first stage
    assert found["peak"][0][7] == 0.0  # channel 8 hears nothing on a card of four inputs


def test_mute_all_brings_every_output_to_silence(run: Running) -> None:
    run.desk.set("main.lr.mute", False, 0.0)
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written)
    run.until_clock(run.clock + RATE_HZ // 4)
    before = TapReader(run.shared)
    run.until_clock(run.clock + RATE_HZ // 4)
    assert np.abs(before.read()[:, 4:]).max() > 0.001
    ask(run, do="mute_all")
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written)
    run.until_clock(run.clock + RATE_HZ // 4)
    after = TapReader(run.shared)
    run.until_clock(run.clock + RATE_HZ // 4)
    heard = after.read()
    assert len(heard) > 1000
    assert np.abs(heard[:, :4]).max() > 0.001  # the band plays on
    assert not heard[:, 4:].any()
    assert run.desk.model.get("main.lr.mute") is True
