"""Where files live, as appliance, as systemd unit and as an ordinary user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from firmware import paths
from firmware.errors import ConfigError, OutputError


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("XDG_") or name.endswith("_DIRECTORY") or name == "PIDESK_APPLIANCE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/home/ann")


def test_an_ordinary_user_has_the_xdg_folders() -> None:
    assert paths.config_dir() == Path("/home/ann/.config/pidesk")
    assert paths.state_dir() == Path("/home/ann/.local/state/pidesk")
    assert paths.cache_dir() == Path("/home/ann/.cache/pidesk")
    assert paths.scenes_dir() == Path("/home/ann/.local/share/pidesk/scenes")
    assert not paths.is_appliance()


def test_xdg_variables_are_followed_unless_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert paths.config_dir() == Path("/elsewhere/pidesk")
    assert paths.state_dir() == Path("/home/ann/.local/state/pidesk")
    assert paths.control_socket() == Path("/run/user/7/pidesk/control.sock")


def test_the_appliance_has_etc_var_and_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIDESK_APPLIANCE", "1")
    assert paths.config_dir() == Path("/etc/pidesk")
    assert paths.state_dir() == paths.data_dir() == Path("/var/lib/pidesk")
    assert paths.cache_dir() == Path("/var/cache/pidesk")
    assert paths.control_sockets() == [Path("/run/pidesk/control.sock")]


def test_systemds_folders_are_taken_when_they_are_this_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/srv/pidesk/state:/other")
    assert paths.is_appliance()
    assert paths.state_dir() == Path("/srv/pidesk/state")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/some-terminal")
    assert not paths.is_appliance()


def test_a_user_looks_for_the_appliances_desk_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert paths.control_sockets()[-1] == Path("/run/pidesk/control.sock")


def test_without_a_runtime_folder_memory_is_used_under_the_users_own_number() -> None:
    assert paths.runtime_dir().name == f"pidesk-{os.getuid()}"
    assert paths.runtime_dir().parent in (Path("/dev/shm"), Path("/tmp"))  # noqa: S108


def test_no_home_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ConfigError, match="no home folder; set HOME or XDG_CONFIG_HOME"):
        paths.config_dir()


def test_folders_are_made_for_this_user_only(tmp_path: Path) -> None:
    made = paths.ensure(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert paths.ensure(made) == made
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be made"):
        paths.ensure(tmp_path / "file" / "x")


def test_a_link_someone_put_into_a_folder_open_to_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    tmp_path.chmod(0o777)
    (tmp_path / "pidesk-0").symlink_to(tmp_path / "target")
    with pytest.raises(OutputError, match="belongs to someone else"):
        paths.ensure(tmp_path / "pidesk-0")
