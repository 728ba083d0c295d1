"""The installed desk on a machine that boots: real systemd as PID 1, Debian's kernel, its loopback card."""

from __future__ import annotations

import json
import re

import pytest

from tests.rigs import boot

pytestmark = pytest.mark.all


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> boot.Booted:
    found = boot.boot(tmp_path_factory.mktemp("boot"))
    assert "end" in found.answers, found.console[-3000:]
    return found


def properties(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_desk_plays_after_power_on(booted: boot.Booted) -> None:
    assert booted.answers["init"] == "systemd"
    assert booted.answers["failed units"] == ""
    status = json.loads(booted.answers["status at boot"])
    assert status["state"] == "running"
    assert status["card"] == "hw:CARD=Loopback,DEV=0"
    assert (status["rate_hz"], status["period_frames"], status["periods"]) == (48000, 1024, 4)
    assert (status["restarts"], status["card_gone"]) == (0, 0)
    assert status["realtime_priority"] > 0
    assert status["memory_locked"]
    unit = properties(booted.answers["unit at boot"])
    assert (unit["ActiveState"], unit["SubState"], unit["NRestarts"]) == ("active", "running", "0")
    hardware = dict(line.split(": ") for line in booted.answers["card"].splitlines())
    assert (hardware["format"], hardware["rate"].split()[0], hardware["period_size"]) == ("S32_LE", "48000", "1024")


def test_it_runs_as_its_own_user(booted: boot.Booted) -> None:
    assert set(booted.answers["user"].split()) == {"pidesk"}
    assert set(booted.answers["groups"].split()) == {"pidesk", "audio", "gpio", "i2c", "spi"}


def test_a_killed_supervisor_is_started_again(booted: boot.Booted) -> None:
    assert json.loads(booted.answers["status after the supervisor was killed"])["state"] == "running"
    unit = properties(booted.answers["unit after the supervisor was killed"])
    assert (unit["ActiveState"], unit["NRestarts"]) == ("active", "1")


def test_a_killed_engine_is_started_again_without_the_unit(booted: boot.Booted) -> None:
    status = json.loads(booted.answers["status after the engine was killed"])
    assert (status["state"], status["restarts"]) == ("running", 1)
    assert properties(booted.answers["unit after the engine was killed"])["NRestarts"] == "1"


def test_it_stops_cleanly_and_leaves_nothing_running(booted: boot.Booted) -> None:
    unit = properties(booted.answers["unit after the stop"])
    assert (unit["ActiveState"], unit["Result"], unit["ExecMainStatus"]) == ("inactive", "success", "0")
    assert booted.answers["left running"] == ""


def test_the_journal_speaks_to_a_person(booted: boot.Booted) -> None:
    journal = booted.answers["journal"]
    assert "On The kernel's loopback card." in journal
    assert not re.search(r"Traceback|Error:|Warning:", journal)
