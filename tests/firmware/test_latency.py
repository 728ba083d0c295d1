"""`pidesk latency`: each row of the table beside a measurement, an impulse through the kernel and through the card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from dsp.size import DeskSize
from firmware import cli, latency, paths
from firmware.desk_model import DeskModel
from firmware.params import Value
from tests.dsp.rig import Kernel
from tests.rigs.running import RATE_HZ, running

SIZE = DeskSize(2, 2, 2, RATE_HZ, buses=2, effects=1, matrices=1)
AT = 1000  # the impulse's frame: within a quantum, not at its edge
QUIET: dict[str, Value] = {
    "channel.1.fader_db": 0.0, "channel.1.to_main": False, "channel.1.pan": -100.0, "channel.2.to_main": False,
    "output.1.source": "none", "output.2.source": "none",
}  # fmt: skip
TO_BUS: dict[str, Value] = {"channel.1.send.1.level_db": 0.0}
TO_EFFECT: dict[str, Value] = {**TO_BUS, "fx.1.source": "bus.1", "return.1.fader_db": 0.0, "return.1.to_main": False}
ROUTES: dict[str, Mapping[str, Value]] = {
    "input → channel → main → output": {"channel.1.to_main": True, "output.1.source": "main.l"},
    "input → channel → bus → output": {**TO_BUS, "output.1.source": "bus.1"},
    "input → channel → bus → bus → matrix → output": {
        **TO_BUS, "bus.1.send.2.level_db": 0.0, "bus.2.matrix.1.level_db": 0.0, "output.1.source": "matrix.1",
    },
    "input → channel → bus → effect → return → main → output": {
        **TO_EFFECT, "return.1.to_main": True, "output.1.source": "main.l",
    },
    "input → channel → bus → effect → return → bus → output": {
        **TO_EFFECT, "return.1.send.2.level_db": 0.0, "output.1.source": "bus.2",
    },
    "input → channel → monitor → output": {
        "channel.1.to_main": True, "monitor.level_db": 0.0, "output.1.source": "monitor.l",
    },
    "input → talkback → bus → output": {
        "channel.1.source": "none", "talkback.on": True, "talkback.source": "in.1", "talkback.to.bus.1": True,
        "output.1.source": "bus.1",
    },
}  # fmt: skip
# A gate on channel 2, fed with a steady tone, opens for what its key hears of the impulse.
KEYED: dict[str, Value] = {
    "channel.2.fader_db": 0.0, "channel.2.to_main": True, "channel.2.pan": -100.0, "output.1.source": "main.l",
    "channel.2.gate.on": True, "channel.2.gate.threshold_db": -20.0, "channel.2.gate.attack_ms": 0.05,
    "channel.2.gate.hold_ms": 0.0, "channel.2.gate.release_ms": 5.0, "channel.2.gate.range_db": 60.0,
}  # fmt: skip
KEYS: dict[str, Mapping[str, Value]] = {
    "key from a strip with its turn earlier": {**KEYED, "channel.2.gate.key.source": "channel.1"},
    "key from a strip with its turn later": {**KEYED, **TO_BUS, "channel.2.gate.key.source": "bus.1"},
}


def model_of(settings: Mapping[str, Value]) -> DeskModel:
    model = DeskModel(SIZE)
    model.update({**QUIET, **settings})
    return model


def heard(settings: Mapping[str, Value]) -> np.ndarray:
    """Output 1, for an impulse on input 1 and a steady 0.01 on input 2."""
    x = np.zeros((4096, 2), np.float32)
    x[AT, 0], x[:, 1] = 0.5, 0.01
    return Kernel(SIZE, model_of(settings).kernel_values()).process(x, block=32)[:, 0]


def test_every_way_of_the_table_is_measured() -> None:
    assert [way.name for way in latency.WAYS] == [*ROUTES, *KEYS]


@pytest.mark.parametrize("name", ROUTES)
def test_an_impulse_takes_as_many_frames_as_the_table_says(name: str) -> None:
    frames = {way.name: way.frames for way in latency.WAYS}[name]
    y = heard(ROUTES[name])
    assert np.flatnonzero(y).tolist() == [AT + frames]
    assert y[AT + frames] > 0.1


@pytest.mark.parametrize("name", KEYS)
def test_a_keyed_gate_opens_as_many_frames_late_as_the_table_says(name: str) -> None:
    frames = {way.name: way.frames for way in latency.WAYS}[name]
    to_output = {way.name: way.frames for way in latency.WAYS}["input → channel → main → output"]
    y = heard(KEYS[name])
    shut = y[AT - 1]
    assert 0.0 < shut < 0.01 * 10 ** (-58 / 20)  # it has had four time constants to close by 60 dB
    opens = AT + int(np.argmax(y[AT:] > 2 * shut))
    assert opens - AT - to_output == frames


@pytest.mark.parametrize(("period", "periods"), [(32, 2), (64, 3), (256, 4)])
@pytest.mark.parametrize(
    "name", ["input → channel → main → output", "input → channel → bus → effect → return → bus → output"]
)
def test_through_a_card_its_buffers_are_added_as_the_table_says(
    tmp_path: Path, name: str, period: int, periods: int
) -> None:
    at = 3 * RATE_HZ + 17  # after the cold start's ramp
    x = np.zeros((4 * RATE_HZ, 2), "<i4")
    x[at, 0] = 1 << 30
    (tmp_path / "in.raw").write_bytes(x.tobytes())
    rows = {
        way: (frames, desk_ms, whole_ms) for way, frames, desk_ms, whole_ms in latency.table(48000, period, periods)
    }
    frames, desk_ms, whole_ms = rows[name]
    with running(
        tmp_path, channels=2, inputs=2, period=period, periods=periods, infile=tmp_path / "in.raw", behind=(2, 1, 1),
        prepare=lambda model: model.update({**QUIET, **ROUTES[name]}), tap_bytes=4 << 20,
    ) as run:  # fmt: skip
        run.until_clock(at + RATE_HZ // 4)
        assert run.close()
        played = np.frombuffer(run.played(), "<i4").reshape(-1, 2)[:, 0]
    late = np.flatnonzero(played) - at
    assert late.tolist() == [frames + period * periods]
    assert late[0] / RATE_HZ * 1000 == pytest.approx(whole_ms)
    assert frames / RATE_HZ * 1000 == pytest.approx(desk_ms)


def pidesk(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["latency", *arguments])
    return code, *capsys.readouterr()


def test_the_command_prints_the_table_for_people_and_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    lines = pidesk(capsys)[1].splitlines()
    assert " ".join(lines[1].split()) == "input → channel → main → output 43 0.90 ms 4.90 ms"
    assert lines[-1].startswith("At 48000 Hz with 3 periods of 64 frames; the converters' own delay comes on top")
    assert len(lines) == 1 + len(latency.WAYS) + 2
    keyed = next(line for line in lines if "later" in line)
    assert keyed.split()[-5:] == ["32", "0.67", "ms", "0.67", "ms"]  # it leads to no output: no buffer is added
    (paths.ensure(paths.config_dir()) / "desk.toml").write_text("rate_hz = 96000\nperiod_frames = 32\nperiods = 2")
    rows = json.loads(pidesk(capsys, "--json")[1])
    assert rows[0] == {
        "way": "input → channel → main → output", "frames": 43,
        "desk_ms": pytest.approx(43 / 96), "with_buffers_ms": pytest.approx((43 + 64) / 96),
    }  # fmt: skip
    options = ("--rate", "44100", "--period", "1024", "--periods", "4")
    assert json.loads(pidesk(capsys, "--json", *options)[1])[0]["with_buffers_ms"] == pytest.approx(4139 / 44.1)


@pytest.mark.parametrize("options", [("--rate", "22050"), ("--period", "33"), ("--period", "0"), ("--periods", "1")])
def test_what_no_desk_runs_at_is_refused(capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    code, out, err = pidesk(capsys, *options)
    assert (code, out) == (2, "")
    assert err == (
        "pidesk: A desk runs at 44100, 48000, 88200, 96000 Hz, "
        "with 2 to 4 periods of a multiple of 32 up to 1024 frames.\n"
    )
