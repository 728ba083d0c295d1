"""Mixer controls against a stand-in with the habits of alsaaudio.Mixer (source of 0.11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from drivers.card_profile import load_profiles
from drivers.errors import ControlMissing, ControlRefused
from drivers.mixer_controls import Control, restore_state, set_controls


class FakeMixerModule:
    """alsaaudio as far as mixers go: volumes come out at the nearest step, errors have texts, and a mixer answers what
    it was told, also where the card ("deaf") has not taken it."""

    class ALSAAudioError(Exception):
        """As in alsaaudio."""

    PCM_PLAYBACK, PCM_CAPTURE, VOLUME_UNITS_DB = 0, 1, 2

    def __init__(self, **controls: dict[str, Any]) -> None:
        self.controls = {name.replace("_", " "): state for name, state in controls.items()}
        self.closed = 0

    def Mixer(self, control: str, device: str) -> FakeMixer:  # noqa: N802 - alsaaudio's name
        if control not in self.controls:
            raise self.ALSAAudioError(f"Unable to find mixer control {control},0 [{device}]")
        return FakeMixer(self, self.controls[control])


class FakeMixer:
    """One control, on two channels. "raw": the highest of its steps from 0 on."""

    steps: ClassVar[int] = 50  # half a dB

    def __init__(self, module: FakeMixerModule, state: dict[str, Any]) -> None:
        self.module = module
        self.state = dict(state) if state.get("deaf") else state

    def getenum(self) -> tuple[()] | tuple[str, list[str]]:
        return (self.state["items"][self.state["item"]], self.state["items"]) if "items" in self.state else ()

    def setenum(self, index: int) -> None:
        self.state["item"] = index if not self.state.get("stuck") else self.state["item"]

    def setvolume(self, volume: int, *, pcmtype: int = 0, units: int = 0) -> None:
        low, high = self.state.get("range_db", (-100, 10))
        if units == self.module.VOLUME_UNITS_DB:
            volume = int(min(max(volume, low * 100), high * 100) // self.steps * self.steps)
        else:
            volume = round(round(volume * self.state.get("raw", 100) / 100) * 100 / self.state.get("raw", 100))
        self.state[f"volume{pcmtype}"] = volume

    def getvolume(self, *, pcmtype: int, units: int = 0) -> list[int]:
        assert units in (0, self.module.VOLUME_UNITS_DB)
        return [self.state[f"volume{pcmtype}"]] * 2

    def getrange(self, *, pcmtype: int) -> list[int]:
        assert pcmtype in (self.module.PCM_PLAYBACK, self.module.PCM_CAPTURE)
        return [0, self.state.get("raw", 100)]

    def setmute(self, mute: int) -> None:
        if self.state.get("no switch"):
            raise self.module.ALSAAudioError("Mixer has no playback switch")
        self.state["mute"] = mute

    def getmute(self) -> list[int]:
        return [0, self.state["mute"]]

    def setrec(self, rec: int) -> None:
        self.state["rec"] = rec

    def getrec(self) -> list[int]:
        return [self.state["rec"]] * 2

    def close(self) -> None:
        self.module.closed += 1


def test_each_kind_of_control_is_set() -> None:
    alsa = FakeMixerModule(Digital={}, Input_Mux={"items": ["Mic", "Line In"], "item": 0}, Line={}, Boost={"raw": 3})
    faults = set_controls(
        [
            Control(name="Digital", playback_db=-3.2, playback_switch=True),
            Control(name="Input Mux", choice=("Line In", "Line")),
            Control(name="Line", capture_db=0.0, capture_switch=True),
            Control(name="Boost", capture_percent=0, playback_percent=40),
        ],
        "hw:CARD=x",
        alsa,
    )
    assert faults == []
    assert alsa.controls["Digital"] == {"volume0": -350, "mute": 0}
    assert alsa.controls["Input Mux"]["item"] == 1
    assert alsa.controls["Line"] == {"volume1": 0, "rec": 1}
    assert alsa.controls["Boost"] == {"raw": 3, "volume1": 0, "volume0": 33}  # its nearest step
    assert alsa.closed == 8  # each is set by one and read by another


def test_what_cannot_be_set_is_named_and_the_rest_is_set_all_the_same() -> None:
    alsa = FakeMixerModule(
        Stuck={"items": ["A", "B"], "item": 0, "stuck": True},
        Mux={"items": ["A", "B"], "item": 0},
        Low={"range_db": (-50, -20)},
        Bare={"no switch": True},
        Deaf={"deaf": True, "volume0": 10, "volume1": -600, "mute": 1, "rec": 0},
        Last={},
    )
    faults = set_controls(
        [
            Control(name="Digital", playback_db=0.0),
            Control(name="Stuck", choice=("B",)),
            Control(name="Mux", choice=("Line", "Aux")),
            Control(name="Low", playback_db=0.0),
            Control(name="Bare", playback_switch=False),
            Control(name="Deaf", playback_percent=50, capture_db=0.0, playback_switch=True, capture_switch=True),
            Control(name="Last", capture_switch=False),
        ],
        "hw:CARD=x",
        alsa,
    )
    assert [type(fault) for fault in faults] == [ControlMissing, *[ControlRefused] * 7]
    texts = [str(fault) for fault in faults]
    assert "has no mixer control 'Digital'" in texts[0]
    assert "'Stuck' of hw:CARD=x did not take its value: asked 'B', it stands at 'A'" in texts[1]
    assert "it knows A, B, not Line or Aux" in texts[2]
    assert "asked 0 dB, it stands at -20 dB" in texts[3]
    assert "Mixer has no playback switch" in texts[4]
    stands = ["50 %, it stands at 10 %", "0 dB, it stands at -6 dB", "on, it stands at off"]
    assert [text.split("asked ")[1].rstrip(".") for text in texts[5:]] == stands
    assert alsa.controls["Last"] == {"rec": 0}


@pytest.mark.parametrize("key", sorted(load_profiles()))
def test_every_control_of_the_profiles_asks_for_something(key: str) -> None:
    for control in load_profiles()[key].control:
        assert control != Control(name=control.name)


def test_a_state_file_that_cannot_be_restored_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "alsactl"
    tool.write_text(
        '#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\n[ "$4" = Zero ] || { echo "no card" >&2; exit 2; }\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert restore_state("/etc/pidesk/zero.state", "Zero") == []
    assert (tmp_path / "asked").read_text() == "--file /etc/pidesk/zero.state restore Zero\n"
    (fault,) = restore_state("/etc/pidesk/zero.state", "One")
    assert "(no card)" in str(fault)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    (fault,) = restore_state("/etc/pidesk/zero.state", "Zero")
    assert "alsa-utils" in str(fault)
