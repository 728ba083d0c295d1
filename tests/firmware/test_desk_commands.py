"""`pidesk get`, `set`, `solo`, `link` and `play` against a running desk, with what makes no sense, and with no desk."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from dsp import slots
from dsp.rows import STRIP_SLOTS
from firmware import cli, paths
from firmware.params import Kind
from firmware.playback import Playback, plan
from firmware.status import State
from tests.firmware.test_engine import assert_live_is_offline
from tests.rigs.running import RATE_HZ, Running, noise, running

Told = Callable[..., "Said"]


class Said(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Eight channels; the stem lands on channel 5, three seconds long."""
    folder = tmp_path_factory.mktemp("commands")
    noise(folder / "in.raw", 20 * RATE_HZ, 4)
    (folder / "stems").mkdir()
    soundfile.write(folder / "stems" / "Keys.wav", 0.1 * np.ones(3 * RATE_HZ), RATE_HZ)
    with running(folder, infile=folder / "in.raw", speed=1.0, behind=(4, 2, 2, 2)) as made:
        made.desk.playback = Playback(made.shared, plan(folder / "stems", 5, 8).landings)
        made.until(lambda: made.state is State.RUNNING)
        yield made
        made.until_clock(3 * RATE_HZ)  # the cold start's ramp has ended
        made.desk.playback.close()
        assert made.close()
        assert_live_is_offline(made)


@pytest.fixture
def pidesk(run: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """`pidesk …` as another process would run it, over the desk's own socket, while the desk ticks."""
    monkeypatch.setattr(paths, "control_sockets", lambda: [run.folder / "control.sock"])

    def command(*arguments: str) -> Said:
        codes: list[int] = []
        thread = threading.Thread(target=lambda: codes.append(cli.main(arguments)))
        thread.start()
        run.until(lambda: bool(codes))
        thread.join()
        return Said(codes[0], *capsys.readouterr())

    return command


@pytest.mark.parametrize(
    ("path", "value", "kept", "shown"),
    [
        ("channel.1.fader_db", "-5", -5.0, "−5.0 dB"),
        ("channel.1.fader_db", "-7.5 dB", -7.5, "−7.5 dB"),
        ("channel.1.hpf.freq_hz", "1.2 kHz", 1200.0, "1.20 kHz"),
        ("channel.1.pan", "L30", -30.0, "L30"),
        ("channel.1.comp.ratio", "inf", float("inf"), "∞:1"),
        ("channel.1.mute", "on", True, "on"),
        ("channel.1.eq.band.1.type", "bell", "bell", "bell"),
        ("channel.1.name", "Kick in", "Kick in", "Kick in"),
        ("channel.1.source", "in.3", "in.3", "in.3"),
        ("channel.1.source", "play.2", "play.2", "play.2"),
        ("bus.1.send.4.level_db", "-3", -3.0, "−3.0 dB"),
        ("monitor.source", "bus.2", "bus.2", "bus.2"),
    ],
)
def test_a_value_is_set_as_a_person_says_it_and_got_as_a_desk_shows_it(
    run: Running, pidesk: Told, path: str, value: str, kept: object, shown: str
) -> None:
    assert pidesk("set", path, value) == (0, f"{path} is {shown}.\n", "")
    assert run.desk.model.get(path) == kept
    assert pidesk("get", path) == (0, f"{path}  {shown}\n", "")
    assert json.loads(pidesk("get", path, "--json").out) == {path: "inf" if kept == float("inf") else kept}


def test_a_value_that_begins_with_minus_inf_stands_behind_two_dashes(run: Running, pidesk: Told) -> None:
    assert pidesk("set", "channel.2.fader_db", "--over-ms", "5", "--", "-inf").out == "channel.2.fader_db is −∞ dB.\n"
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written)
    run.until(lambda: bool([e for e in run.recorder.log if e.address == run.desk.size.channel(2, "fader_db")]))
    last = [e for e in run.recorder.log if e.address == run.desk.size.channel(2, "fader_db")][-1]
    assert (last.value, last.over_frames) == (-float("inf"), 240)  # 5 ms at 48 kHz


def test_get_without_a_path_tells_all_that_is_not_at_its_default(run: Running, pidesk: Told) -> None:
    run.desk.set("channel.3.trim_db", 4.5)
    told = pidesk("get").out.splitlines()
    assert sorted(line.split()[0] for line in told) == sorted(run.desk.model.differences())
    assert [line.split(maxsplit=1)[1] for line in told if line.startswith("channel.3.trim_db ")] == ["4.5 dB"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("get", "channel.1.fader"), 1, 'This desk has no channel.1.fader. Did you mean "channel.1.fader_db"?'),
        (("get", "channel.9.fader_db"), 1, "This desk has no channel.9.fader_db."),
        (("set", "channel.1.fader", "0"), 1, 'No desk has channel.1.fader. Did you mean "channel.1.fader_db"?'),
        (("set", "channel.9.mute", "on"), 1, "This desk has no channel.9.mute."),
        (("set", "channel.1.fader_db", "loud"), 1, 'channel.1.fader_db: "loud" is not a number.'),
        (("set", "channel.1.fader_db", "11"), 1, 'channel.1.fader_db = "11" is out of range: -inf to 10 dB.'),
        (("set", "channel.1.fader_db", "5 Hz"), 1, 'channel.1.fader_db: "5 Hz" is not in dB.'),
        (("set", "channel.1.mute", "maybe"), 1, 'channel.1.mute: "maybe" is neither on nor off.'),
        (("set", "channel.1.source", "in.33"), 1, 'channel.1.source: "in.33" is not one of none, in.1 to in.32,'),
        (("set", "channel.1.source", "in.5"), 1, 'channel.1.source = "in.5" is not possible: this desk has 4 inputs.'),
        (("set", "channel.1.source", "in.1+2"), 1, "in.1+2 has two sides and this strip is mono."),
        (
            ("set", "bus.2.send.1.on", "on"),
            1,
            "bus.2.send.1.on is not possible: a bus feeds buses with a higher number",
        ),
        (
            ("get", "bus.1.send.1.tap"),
            1,
            "bus.1.send.1.tap is not possible: a bus feeds buses with a higher number only.",
        ),
        (("set", "", ""), 2, "Say which parameter; pidesk params lists them all."),
        (("set", "channel.1.pan", "0", "--over-ms", "-1"), 1, "over_ms: a glide takes from 0 to 1000000000 ms."),
        (("set", "channel.1.pan", "0", "--over-ms", "nan"), 1, "over_ms is a number of milliseconds."),
        (("set", "channel.1.pan", "0", "--over-ms", "x"), 2, "invalid float value: 'x'"),
        (("set", "channel.1.pan"), 2, "the following arguments are required: VALUE"),
        (("set", "monitor.solo_mode", "sip"), 2, "say that you are sure: pidesk set --sure monitor.solo_mode sip."),
        (("solo",), 2, "the following arguments are required: action"),
        (("solo", "on"), 2, "invalid choice: 'on'"),
        (("link", "channel.2", "on"), 1, "This desk cannot join channel.2 and channel.3: pairs are 1 and 2, 3 and 4 …"),
        (("link", "bus.5", "on"), 1, "This desk cannot join bus.5 and bus.6: this desk has 4 buses."),
        (("link", "channel.9", "off"), 1, "This desk cannot join channel.9 and channel.10: this desk has 8 channels."),
        (("link", "", "on"), 2, "Say which strip: channel.3, bus.1, matrix.1."),
        (("link", "return.1", "on"), 1, '"return.1" is no strip that can be stereo: channel.1, bus.3, matrix.1 are.'),
        (("link", "channel.0", "off"), 1, '"channel.0" is no strip that can be stereo'),
        (("link", "channel.1", "maybe"), 2, "invalid choice: 'maybe'"),
        (("play", "dance"), 2, "invalid choice: 'dance'"),
        (("play", "locate", "-3"), 2, "A place in the stems is a number of seconds from 0 on."),
        (("play", "locate", "nan"), 2, "A place in the stems is a number of seconds from 0 on."),
        (("play", "locate", "--", "-1"), 2, "A place in the stems is a number of seconds from 0 on."),
        (("play", "stop", "2"), 2, "pidesk play stop takes no SECONDS: only locate does."),
        (("play", "status", "9"), 2, "pidesk play status takes no SECONDS: only locate does."),
        (("play", "locate", "soon"), 2, "invalid float value: 'soon'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_changes_nothing(
    run: Running, pidesk: Told, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    before, sent = dict(run.desk.model.values), run.desk.sender.written
    said = pidesk(*arguments)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err
    assert code == 2 or said.err.count("\n") == 1
    assert run.desk.model.values == before
    assert run.desk.sender.written == sent


@pytest.mark.parametrize(
    "arguments",
    [("get",), ("set", "channel.1.mute", "on"), ("solo", "clear"), ("link", "channel.1", "on"), ("play", "status")],
)
def test_without_a_desk_every_command_says_that_none_is_running(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "control_sockets", lambda: [tmp_path / "none.sock"])
    assert cli.main(arguments) == 1
    assert capsys.readouterr() == ("", "pidesk: No desk is running here; start one with: pidesk run.\n")


def test_solo_in_place_is_for_those_who_are_sure_and_ended_by_anyone(run: Running, pidesk: Told) -> None:
    """SOUND and DESIGN, law 7: nothing hurts."""
    assert pidesk("set", "monitor.solo_mode", "sip", "--sure").out == "monitor.solo_mode is sip.\n"
    assert run.desk.model.get("monitor.solo_mode") == "sip"
    assert pidesk("set", "monitor.solo_mode", "afl").code == 0
    assert pidesk("set", "monitor.solo_mode", "pfl").code == 0


def test_solos_are_cleared_and_brought_back(run: Running, pidesk: Told) -> None:
    assert pidesk("solo", "clear").out == "Nothing was soloed.\n"
    assert pidesk("solo", "again").out == "Nothing to bring back.\n"
    for path in ("channel.2.solo", "bus.1.solo", "channel.4.gate.key.listen"):
        assert pidesk("set", path, "on").code == 0
    named = "channel.2, channel.4.gate.key.listen, bus.1"
    assert pidesk("solo", "clear").out == f"Ended: {named}.\n"
    assert run.desk.solos.on() == []
    assert pidesk("solo", "again").out == f"Soloed: {named}.\n"
    assert pidesk("set", "monitor.exclusive", "on").code == 0
    assert pidesk("set", "channel.3.solo", "on").code == 0
    assert run.desk.solos.on() == ["channel.3.solo"]
    assert pidesk("set", "monitor.exclusive", "off").code == 0
    assert pidesk("solo", "clear").out == "Ended: channel.3.\n"
    assert run.desk.status()["solos"] == []


def stands(run: Running) -> np.ndarray:
    """Where the kernel's parameters stand by its log. While a pair is linked, an event for its left side is one for
    both, all but `source` and `insert.slot` (docs/signal.md)."""
    values = run.recorder.lives[-1].values.copy()
    link, own = slots.STRIP_INDEX["link"], {slots.STRIP_INDEX[name] for name in ("source", "insert.slot")}
    for event in run.recorder.log[run.recorder.lives[-1].log_index :]:
        if event.address < 0:
            continue
        values[event.address] = event.value
        lane, slot = divmod(event.address, STRIP_SLOTS)
        if lane < run.desk.size.lanes and lane % 2 == 0:
            linked = values[lane * STRIP_SLOTS + link] == 1.0 and slot not in own
            if linked or slot == link:
                values[event.address + STRIP_SLOTS] = event.value
    values[run.desk.size.desk("engine.gain_db")] = 0.0
    return values


def assert_kernel_is_as_the_model(run: Running) -> None:
    run.until(lambda: run.desk.sender.taken == run.desk.sender.written and not run.desk.sender.waiting)
    run.until_clock(run.clock + 4800)
    assert np.array_equal(stands(run), run.desk.model.kernel_values())


def test_strips_are_joined_and_parted_while_they_sound_and_the_kernel_follows(run: Running, pidesk: Told) -> None:
    desk, size = run.desk, run.desk.size
    for path, value in {
        "channel.7.source": "in.2", "channel.8.source": "in.4", "channel.7.trim_db": 3.0, "channel.8.trim_db": -6.0,
        "channel.8.send.1.level_db": -12.0, "channel.6.gate.key.source": "channel.8", "channel.8.solo": True,
    }.items():  # fmt: skip
        desk.set(path, value)
    assert pidesk("link", "channel.7", "on").out.splitlines() == [
        "channel.6.gate.key.source was channel.8: now channel.7, the pair.", "Stereo strips: channel.7.",
    ]  # fmt: skip
    assert desk.model.stereo == {(Kind.CHANNEL, 7)}
    assert desk.model.get("channel.7.source") == "in.2+4"
    assert desk.model.get("channel.6.gate.key.source") == "channel.7"  # what it listened to is a side now
    assert desk.solos.on() == []
    assert pidesk("get", "channel.8.trim_db").err.startswith("pidesk: This desk has no channel.8.trim_db.")
    assert_kernel_is_as_the_model(run)
    values = stands(run)
    for name in ("trim_db", "send.1.level_db", "fader_db"):  # the right side takes the left one's
        assert values[size.channel(8, name)] == values[size.channel(7, name)]
    assert [values[size.channel(n, "source")] for n in (7, 8)] == [1.0, 3.0]
    assert pidesk("set", "channel.7.trim_db", "6").code == 0  # one for both
    assert_kernel_is_as_the_model(run)
    sent = desk.sender.written
    assert pidesk("link", "channel.7", "on").out == "Stereo strips: channel.7.\n"
    assert desk.sender.written == sent  # it was so already
    assert pidesk("link", "channel.7", "off").out == "No strip is stereo now but the mains and the returns.\n"
    assert [desk.model.get(f"channel.{n}.{name}") for n in (7, 8) for name in ("trim_db", "source")] == [
        6.0, "in.2", 6.0, "in.4",
    ]  # fmt: skip
    assert pidesk("set", "channel.8.trim_db", "--", "-1").code == 0
    assert_kernel_is_as_the_model(run)
    assert [stands(run)[size.channel(n, "trim_db")] for n in (7, 8)] == [6.0, -1.0]


def test_a_stereo_bus_loses_the_sends_to_its_right_side_until_it_is_parted(run: Running, pidesk: Told) -> None:
    desk = run.desk
    desk.set("channel.1.send.3.level_db", -9.0)
    desk.set("bus.1.send.4.level_db", -15.0)
    assert pidesk("link", "bus.3", "on").code == 0
    assert desk.status()["stereo"] == ["bus.3"]
    assert "channel.1.send.4.level_db" not in desk.model.places
    assert pidesk("get", "channel.1.send.3.level_db").out.endswith("−9.0 dB\n")
    assert_kernel_is_as_the_model(run)
    assert pidesk("link", "bus.3", "off").code == 0
    assert desk.model.get("bus.1.send.4.level_db") == -float("inf")
    assert_kernel_is_as_the_model(run)


def test_stems_are_stopped_started_and_found_in_their_place(run: Running, pidesk: Told) -> None:
    run.until(lambda: run.desk.status()["playback"]["length_s"] == 3.0)
    run.until(lambda: run.desk.status()["playback"]["position_s"] > 0.0)
    assert pidesk("play", "stop").out.startswith("stopped at ")
    assert run.desk.status()["playback"]["playing"] is False
    assert pidesk("play", "locate", "1.5").out == "stopped at 1.5 of 3.0 s\n"
    run.until(lambda: run.desk.status()["playback"]["position_s"] == 1.5)
    assert pidesk("play", "status").out == "stopped at 1.5 of 3.0 s\n"
    assert pidesk("play", "start").out == "playing at 1.5 of 3.0 s\n"
    run.until(lambda: run.desk.status()["playback"]["position_s"] not in (0.0, 1.5))
    assert pidesk("play", "locate", "7").out == "playing at 1.0 of 3.0 s\n"  # it goes round
    assert run.desk.status()["playback"]["files"] == ["Keys.wav"]


def test_status_tells_how_large_the_desk_is_what_its_outputs_carry_and_where_the_stems_are(
    run: Running, pidesk: Told
) -> None:
    run.desk.set("output.2.source", "monitor.sum")
    lines = pidesk("status").out.splitlines()
    assert "desk      8 channels, 4 buses, 2 effects, 2 matrices, 4 in, 2 out, scene –" in lines
    assert "outputs   1 main.l, 2 monitor.sum" in lines
    stems = next(line for line in lines if line.startswith("stems "))
    assert re.fullmatch(r"stems     playing at \d\.\d of 3\.0 s, 0 frames late, player restarted 0 times", stems)
    run.desk.set("output.2.source", "main.r")


def test_a_desk_without_stems_says_how_to_load_some(run: Running, pidesk: Told) -> None:
    kept, run.desk.playback = run.desk.playback, None
    sentence = "pidesk: No stems are loaded; start the desk with --play FOLDER, or name one in desk.toml.\n"
    try:
        assert pidesk("play", "start") == (2, "", sentence)
        assert pidesk("play", "status") == (2, "", sentence)
    finally:
        run.desk.playback = kept
