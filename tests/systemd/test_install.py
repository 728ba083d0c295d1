"""The appliance: the unit is one that systemd accepts, and the installer puts in place what the unit names."""

from __future__ import annotations

import configparser
import os
import re
import shutil
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
    assert "etc/udev/rules.d/70-pidesk.rules" in first
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
    assert "audio" in service["SupplementaryGroups"].split()
    assert "char-alsa rw" in service["DeviceAllow"].splitlines()
    assert service["MemoryDenyWriteExecute"] == "no"
    assert service["RestrictRealtime"] == "no"
    assert "PrivateDevices" not in service
    assert "CPUSchedulingPolicy" not in service
    assert service["Restart"] == "always"


def test_the_unit_may_open_what_a_panel_hangs_on(service: dict[str, str]) -> None:
    # By the names in /proc/devices, and that of spidev's is spi: drivers/spi/spidev.c registers it so, i2c-dev.c and
    # gpiolib-cdev.c theirs as i2c and gpiochip. A driver that is not loaded when the unit starts is in none of them.
    assert {"char-gpiochip rw", "char-i2c rw", "char-spi rw"} <= set(service["DeviceAllow"].splitlines())
    unit = UNIT.read_text().partition("[Service]")[0]
    for key in ("Wants", "After"):
        (named,) = re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)
        assert {"modprobe@i2c_dev.service", "modprobe@spidev.service"} <= set(named.split())


def test_the_units_groups_are_made_and_given_their_devices(service: dict[str, str]) -> None:
    # A unit with a group that is not there does not start (status 216); one without gpio, i2c or spi has no panel.
    groups = set(service["SupplementaryGroups"].split())
    assert groups == {"audio", "gpio", "i2c", "spi"}
    made = (ROOT / "systemd/pidesk.sysusers").read_text()
    assert {line.split()[2] for line in made.splitlines() if line.startswith("m pidesk ")} == groups
    rules = (ROOT / "systemd/pidesk.rules").read_text()
    assert set(re.findall(r'GROUP="(\w+)", MODE="0660"$', rules, re.MULTILINE)) == groups - {"audio"}


def test_lgpios_pipe_goes_where_the_unit_may_write(service: dict[str, str]) -> None:
    # Seen: `import lgpio` fails in a working directory that cannot be written, and LG_WD is where it looks first.
    assert f"LG_WD=/run/{service['RuntimeDirectory']}" in service["Environment"].split()


def installed_command(folder: Path, user: int, *words: str) -> tuple[int, str, str]:
    """Run the installed command as a user by that number; its answer is the program that ran and its environment."""
    tools = folder / "bin"
    tools.mkdir()
    show = 'echo "$PIDESK_APPLIANCE,$CACHE_DIRECTORY,$LG_WD"'
    programs = {
        tools / "id": f"echo {user}",
        tools / "runuser": 'echo "runuser $1 $2 $3"; shift 3; exec "$@"',
        folder / "opt/pidesk": f'echo "pidesk $*"; {show}',
        folder / "opt/.venv/bin/python": f'echo "python $*"; {show}',
    }
    command = folder / "command"
    command.write_text((ROOT / "systemd/command").read_text().replace("/opt/pidesk", str(folder / "opt")))
    command.chmod(0o755)
    for path, script in programs.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    env = shutil.which("env")
    assert env is not None
    (tools / "env").symlink_to(env)
    done = subprocess.run([command, *words], env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


AS_BEFORE = ",,\n"
AS_ITS_USER = "runuser -u pidesk --\npython -m firmware "
IN_THE_DESKS_FOLDERS = "1,/var/cache/pidesk,/var/cache/pidesk\n"


@pytest.mark.parametrize(
    ("user", "words", "answer"),
    [
        (0, "learn --board minimal", f"{AS_ITS_USER}learn --board minimal\n{IN_THE_DESKS_FOLDERS}"),
        (0, "warmup", f"{AS_ITS_USER}warmup\n{IN_THE_DESKS_FOLDERS}"),
        (0, "doctor", "python -m firmware doctor\n" + IN_THE_DESKS_FOLDERS),
        (1000, "doctor", "pidesk doctor\n" + AS_BEFORE),
        (1000, "learn --simulated", "pidesk learn --simulated\n" + AS_BEFORE),
        (1000, "learn --help", "pidesk learn --help\n" + AS_BEFORE),
        (0, "scene store learn", "pidesk scene store learn\n" + AS_BEFORE),
        (0, "", "pidesk \n" + AS_BEFORE),
    ],
)
def test_what_the_desk_will_use_is_made_as_its_user_and_in_its_folders(
    tmp_path: Path, user: int, words: str, answer: str
) -> None:
    assert installed_command(tmp_path, user, *words.split()) == (0, answer, "")


def test_learning_for_the_desk_without_root_names_the_command(tmp_path: Path) -> None:
    code, told, wrong = installed_command(tmp_path, 1000, "learn", "--board", "minimal")
    assert (code, told) == (1, "")
    assert wrong.endswith("it needs root: sudo pidesk learn --board minimal\n")


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
def test_systemd_makes_the_desks_user_and_its_groups(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    sysusers = ["systemd-sysusers", f"--root={tmp_path}", str(ROOT / "systemd/pidesk.sysusers")]
    done = subprocess.run(sysusers, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split(":") for line in (tmp_path / "etc/group").read_text().splitlines()]
    assert {name for name, _, _, members in lines if members == "pidesk"} == {"audio", "gpio", "i2c", "spi"}


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
