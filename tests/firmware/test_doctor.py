"""The doctor finds what is planted, says what to do, and ends with 1 only for what is in the way."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from firmware import cli, doctor
from firmware.findings import BAD, OK, WARN, Finding


def one(findings: Iterable[Finding]) -> Finding:
    (found,) = findings
    return found


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        ("throttled=0x0", OK, "never throttled"),
        ("throttled=0x50000", WARN, "under-voltage since boot, throttled since boot"),
        ("throttled=0x50005", BAD, "under-voltage now"),
        ("VCHI initialization failed", WARN, "does not answer"),
    ],
)
def test_what_the_pi_says_of_its_supply_is_put_into_words(
    monkeypatch: pytest.MonkeyPatch, answer: str, level: str, words: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/vcgencmd")
    said = subprocess.CompletedProcess([], 0, stdout=answer + "\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: said)
    found = one(doctor.throttling())
    assert found.level == level
    assert words in found.found
    assert bool(found.remedy) == (level != OK)


@pytest.mark.parametrize(("check", "limit"), [(doctor.priority, 0), (doctor.memory, 8 << 20)])
def test_an_ordinary_user_without_limits_is_told_the_line_to_add(
    monkeypatch: pytest.MonkeyPatch, check: Callable[[], Iterator[Finding]], limit: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    found = one(check())
    assert found.level == WARN
    assert "/etc/security/limits.d" in found.remedy
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert one(check()).level == OK


def test_a_card_that_fits_no_profile_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from drivers import cards

    for number, name in enumerate(("vc4hdmi", "sndrpihifiberry")):
        folder = tmp_path / f"card{number}"
        folder.mkdir()
        (folder / "id").write_text(name + "\n")
        (folder / "pcm0p").mkdir()
    (tmp_path / "card1" / "pcm0c").mkdir()
    (tmp_path / "cards").write_text(
        " 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi\n                      vc4-hdmi\n"
        " 1 [sndrpihifiberry]: RPi-simple - snd_rpi_hifiberry_dacplusadcpro\n                      HiFiBerry\n"
    )
    real = cards.detect
    monkeypatch.setattr(cards, "detect", lambda: real(tmp_path))
    found = list(doctor.cards())
    assert found[0].level == WARN
    assert "does not both play and capture" in found[0].found
    assert (found[1].what, found[1].level) == ("card sndrpihifiberry", OK)
    assert "profile hifiberry-dacplusadcpro" in found[1].found


def test_a_users_own_profiles_stand_beside_the_shipped_ones_for_the_doctor_and_for_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty folder of profiles hides none; a profile that names a card wins over the one for any USB card."""
    from drivers import cards
    from firmware import boards, desk_config

    card = cards.CardPresent(1, "Desk8", "Desk Eight", usb=True, playback=True, capture=True, folder=tmp_path)
    monkeypatch.setattr(cards, "detect", lambda: [card])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = tmp_path / "pidesk" / "cards"
    own.mkdir(parents=True)
    used: list[str] = []
    monkeypatch.setattr(boards, "real", lambda profile, *_: used.append(profile.key))
    monkeypatch.setattr(boards, "simulated", lambda _wish, _desk, profile, _told: used.append(profile.key))
    wishes = (boards.Wish(), boards.Wish(board="simulated"))
    for written, profile in ((None, "usb"), ('title = "Mine"\nkind = "usb"\ncard_ids = ["Desk8"]\n', "mine")):
        if written is not None:
            (own / "mine.toml").write_text(written)
        assert next(doctor.cards()).found == f"Desk Eight, profile {profile}"
        used.clear()
        for wish in wishes:
            boards.find(wish, desk_config.load())
        assert used == [profile, "simulated"]


def test_a_check_that_fails_is_a_finding_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "governor", broken)
    broken.__name__ = "governor"
    found = doctor.examine()
    assert [finding.level for finding in found if finding.what == "governor"] == [BAD]
    assert found[0].what == "Python"


def test_the_command_ends_with_1_only_for_what_is_bad_and_speaks_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for level, code in ((OK, 0), (WARN, 0), (BAD, 1)):
        monkeypatch.setattr(doctor, "examine", lambda level=level: [Finding("thing", level, "as it is", "do this")])
        assert cli.main(["doctor"]) == code
        assert capsys.readouterr().out == f"{level:<4}  thing  as it is → do this\n"
        assert cli.main(["doctor", "--json"]) == code
        assert json.loads(capsys.readouterr().out)[0]["level"] == level


def test_this_machine_can_be_examined(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json"]) in (0, 1)
    found = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["Python"]["level"] == OK
    assert found["package numba"]["level"] == OK
    assert "compiled" in found["sound kernel"]["found"]
