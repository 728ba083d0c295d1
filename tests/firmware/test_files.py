"""Files: what cannot be read is said, what is written is whole, the generation before stays."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import files
from firmware.errors import ConfigError, OutputError, SceneError


def refused(path: Path, limit_bytes: int = 1000) -> str:
    """What is said about a file that cannot be read."""
    with pytest.raises(SceneError) as caught:
        files.read_bytes(path, SceneError, limit_bytes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_ordinary_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    long_name = tmp_path / ("x" * 300)
    assert refused(tmp_path).endswith("is a folder, not a file.")
    assert refused(tmp_path / "none.toml").endswith("does not exist.")
    assert refused(pipe).endswith("is a device or a pipe, not a file.")
    assert refused(Path("/dev/zero")).endswith("is a device or a pipe, not a file.")
    assert "cannot be read" in refused(long_name)
    assert "not a possible file name" in refused(Path("a\0b"))
    assert "\x1b" not in refused(tmp_path / "\x1b[2J.toml")


def test_a_file_of_fifty_megabytes_is_refused_by_its_size_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large.toml"
    with large.open("wb") as file:
        file.truncate(50_000_000)

    def unread(*_: object, **__: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(os, "fdopen", unread)
    assert refused(large, files.TEXT_LIMIT_BYTES).endswith("is larger than 1 MB, which no such file is.")


def test_no_permission_is_said_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> int:  # root, as whom tests may run, is forbidden nothing
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    assert refused(tmp_path / "a.toml").endswith("may not be read by this user.")


def test_text_that_is_not_utf8_is_refused_with_its_line_and_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"a = 1\nb = 'K\xe9y'\n")
    with pytest.raises(ConfigError, match="line 2: this is not UTF-8 text"):
        files.read_text(path, ConfigError)
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert files.read_text(path, ConfigError) == "a = 1\n"


def test_writing_replaces_the_file_and_keeps_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "state.toml"
    for content in (b"one", b"two", b"three"):
        files.write(path, content)
    assert path.read_bytes() == b"three"
    assert files.previous(path).read_bytes() == b"two"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["state.toml", "state.toml.previous"]


def test_writing_through_a_link_keeps_the_link_and_the_files_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    files.write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    files.write(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match="No space left on device"):
        files.write(Path("/dev/full"), b"x")
    with pytest.raises(OutputError, match="Is a directory"):
        files.write(tmp_path, b"x")


@pytest.mark.parametrize("call", ["fsync", "link", "write"])
def test_a_full_disk_leaves_what_was_there_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "state.toml"
    files.write(path, b"before")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif call == "link":
        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr(shutil, "copy2", full)
    else:
        monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OutputError, match=r"state.toml cannot be written: No space left on device"):
        files.write(path, b"after")
    monkeypatch.undo()
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["state.toml"]


def test_the_file_is_forced_to_the_disk_before_its_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the last step a power cut may leave the folder without the new name (fsync(2), "NOTES")."""
    path, steps = tmp_path / "state.toml", list[str]()
    fsync, replace = os.fsync, Path.replace

    def forced(handle: int) -> None:
        found = os.fstat(handle)
        steps.append("folder" if os.path.samestat(found, tmp_path.stat()) else f"{found.st_size} bytes")
        fsync(handle)

    def renamed(self: Path, target: Path) -> Path:
        steps.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", forced)
    monkeypatch.setattr(Path, "replace", renamed)
    files.write(path, b"12345", keep_previous=False)
    assert steps == ["5 bytes", "state.toml", "folder"]

    def refused(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), tmp_path.stat()):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", refused)  # as some network file systems do for a folder: the file is whole
    files.write(path, b"6")
    assert path.read_bytes() == b"6"


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        files.write(tmp_path / "none" / "a.toml", b"")


def test_on_a_disk_without_links_the_generation_before_is_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "state.toml"
    files.write(path, b"one")
    files.write(path, b"two")
    assert (path.read_bytes(), files.previous(path).read_bytes()) == (b"two", b"one")


@given(stop=st.integers(0, 20), content=st.binary(max_size=50))
def test_wherever_a_write_is_cut_off_one_whole_generation_can_be_read(stop: int, content: bytes) -> None:
    """The calls that change the disk are counted, and the power goes before call number `stop`."""

    class PowerCutError(Exception):
        pass

    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "state"
        files.write(path, b"good\n")
        left = stop

        def cut(name: str, real: object) -> None:
            def call(*args: object, **kwargs: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    raise PowerCutError
                return real(*args, **kwargs)  # type: ignore[operator]

            patch.setattr(name, call)

        for name in ("os.fsync", "os.link", "pathlib.Path.replace", "os.fchmod"):
            module, function = name.rsplit(".", 1)
            cut(name, getattr(os if module == "os" else Path, function))
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # what cleans up does not run either
        try:
            files.write(path, content + b"\n")
        except PowerCutError:
            assert path.read_bytes() in (b"good\n", content + b"\n")
        else:
            assert path.read_bytes() == content + b"\n"
