"""The appliance: the unit is one that systemd accepts, and the installer puts in place what the unit names."""

from __future__ import annotations

import configparser
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "systemd" / "pidesk.service"


class _Repeated(dict[str, str]):
    """Keys such as Environment= may stand more than once; the lines are put together."""

    def __setitem__(self, key: str, value: str) -> None:
        if isinstance(value, list) and key in self:
            value = [*self[key], *value]
        super().__setitem__(key, value)


@pytest.fixture(scope="module")
def service() -> dict[str, str]:
    parser = configparser.ConfigParser(dict_type=_Repeated, strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return dict(parser["Service"])


def stage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "systemd" / "install"), *arguments],
        env={"PATH": os.environ["PATH"], "DESTDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_staging_copies_what_the_desk_needs_and_twice_is_once(tmp_path: Path) -> None:
    assert stage(tmp_path).returncode == 0
    first = files(tmp_path)
    assert {"opt/pidesk/pidesk", "opt/pidesk/firmware/cli.py", "opt/pidesk/requirements/pidesk.lock"} <= first
    assert {"etc/systemd/system/pidesk.service", "etc/sysusers.d/pidesk.conf", "usr/local/bin/pidesk"} <= first
    assert not [name for name in first if "__pycache__" in name or ".venv" in name]
    (tmp_path / "opt/pidesk/firmware/gone_in_the_new_version.py").touch()
    assert stage(tmp_path).returncode == 0
    assert files(tmp_path) == first


def test_uninstalling_leaves_what_the_desk_has_stored(tmp_path: Path) -> None:
    assert stage(tmp_path).returncode == 0
    scene = tmp_path / "var/lib/pidesk/scenes/sunday.toml"
    scene.parent.mkdir(parents=True)
    scene.touch()
    assert stage(tmp_path, "--uninstall").returncode == 0
    assert files(tmp_path) == {"var/lib/pidesk/scenes/sunday.toml"}


def test_an_unknown_option_of_the_installer_changes_nothing(tmp_path: Path) -> None:
    assert stage(tmp_path, "--unistall").returncode == 2
    assert not files(tmp_path)


def test_the_unit_runs_the_installed_copy_with_the_folders_the_desk_looks_in(service: dict[str, str]) -> None:
    program, *words = service["ExecStart"].split()
    assert program == "/opt/pidesk/.venv/bin/python"
    assert words[:3] == ["-m", "firmware", "run"]
    assert "PYTHONPATH=/opt/pidesk" in service["Environment"]
    assert "PIDESK_APPLIANCE=1" in service["Environment"]
    for folder in ("Configuration", "State", "Cache", "Runtime"):
        assert service[f"{folder}Directory"] == "pidesk"


def test_the_unit_may_do_what_sound_needs(service: dict[str, str]) -> None:
    # Without the limits the audio thread is an ordinary one, without the group and the device there is no card, and
    # without the permission to compile there is no kernel; private devices have no /dev/snd, and a scheduling policy of
    # the unit's would make every thread real-time. Seen in a guest booted as in test_boot.py.
    assert int(service["LimitRTPRIO"]) >= 95
    assert service["LimitMEMLOCK"] == "infinity"
    assert service["SupplementaryGroups"].split()[0] == "audio"
    assert service["DeviceAllow"] == "char-alsa rw"
    assert service["MemoryDenyWriteExecute"] == "no"
    assert service["RestrictRealtime"] == "no"
    assert "PrivateDevices" not in service
    assert "CPUSchedulingPolicy" not in service
    assert service["Restart"] == "always"


def test_an_appliance_without_a_card_says_so_and_does_not_play_the_band(monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers import cards
    from drivers.errors import CardMissing
    from firmware import boards, desk_config

    monkeypatch.setenv("PIDESK_APPLIANCE", "1")
    monkeypatch.setattr(cards, "detect", list)
    with pytest.raises(CardMissing, match="There is no sound card here"):
        boards.find(boards.Wish(), desk_config.load())


@pytest.mark.all
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "pidesk.service"
    unit.write_text(UNIT.read_text().replace("/opt/pidesk/.venv/bin/python", "/bin/sh"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pidesk.service" not in done.stderr  # warnings about other units are not ours


@pytest.mark.all
def test_the_unit_is_exposed_little() -> None:
    # systemd rates 0 (shut) to 10 (open); a unit that names nothing but a program is at 9.6, this one at 1.9
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=30", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
