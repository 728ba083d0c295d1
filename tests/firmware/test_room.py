"""A desk larger than the memory there is: refused in one sentence before anything is made, and by the engine too."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.simulated.card import SimulatedCard
from dsp.arena import Arena
from dsp.size import DeskSize
from firmware import cli, room, status
from firmware.errors import OutputError
from firmware.shared import Layout, Shared, Sizes

ROOT = Path(__file__).parents[2]
HUGE = Sizes(DeskSize(64, 32, 32, 96000, 16, 8, 8, 64))
SENTENCE = (
    r"This desk takes (\d+) MB of memory{}, (\d+) MB are free: "
    r"make it smaller \(size in desk\.toml\), or end other programs\."
)


def test_what_a_desk_takes_is_its_shared_memory_and_its_arena_twice() -> None:
    for size in (DeskSize(1), HUGE.desk):
        assert room.arena_bytes(size) == Arena(size).block.nbytes
    assert room.needed_bytes(HUGE) == Layout(HUGE).total + 2 * Arena(HUGE.desk).block.nbytes


def test_a_desk_is_weighed_against_what_the_system_has_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meminfo = tmp_path / "meminfo"
    monkeypatch.setattr(room, "MEMORY", meminfo)
    needed = room.needed_bytes(HUGE)
    meminfo.write_text(f"MemTotal: 9 kB\nMemFree: 9 kB\nMemAvailable:  {needed // 1024 + 1} kB\n")
    room.check(HUGE)
    meminfo.write_text(f"MemTotal: 9 kB\nMemFree: 9000000 kB\nMemAvailable:  {needed // 1024 - 1} kB\n")
    with pytest.raises(OutputError, match=f"^{SENTENCE.format('')}$") as caught:
        room.check(HUGE)
    found = re.findall(r"\d+", str(caught.value))
    assert [int(number) for number in found] == pytest.approx([needed / 1e6, needed / 1e6], abs=1.1)


@pytest.mark.parametrize("text", ["", "MemFree: 9 kB\n", "MemAvailable: many\n"])
def test_where_the_system_does_not_say_what_is_free_the_desk_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "meminfo").write_text(text)
    for path in (tmp_path / "meminfo", tmp_path / "none"):
        monkeypatch.setattr(room, "MEMORY", path)
        assert room.free_bytes() is None
        room.check(HUGE)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.ENOMEM])
def test_shared_memory_that_is_full_is_one_sentence_with_what_is_free_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OutputError, match=f"^{SENTENCE.format(f' in {tmp_path}')}$"):
        Shared.create(tmp_path / "desk", HUGE)
    assert not list(tmp_path.iterdir())


def test_a_run_that_finds_no_room_ends_with_that_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "meminfo").write_text("MemAvailable: 5000 kB\n")
    monkeypatch.setattr(room, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "--board", "simulated", "--size", "huge", "--seconds", "1"]) == 1
    told = capsys.readouterr().err
    assert re.fullmatch(f"pidesk: {SENTENCE.format('')}\n", told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["meminfo", "pidesk"]
    assert not list((tmp_path / "pidesk").iterdir())


LIMITED = """
import resource, sys
from pathlib import Path
from firmware import engine
engine.load()
taken = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv[1]),) * 2)
sys.exit(engine.main())
"""


def test_an_engine_that_gets_no_memory_says_so_in_a_sentence(tmp_path: Path) -> None:
    from dataclasses import asdict

    shared = Shared.create(tmp_path / "desk", HUGE)
    order = {"shared": str(shared.path), "card": asdict(SimulatedCard().config())}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(shared.layout.total + (4 << 20))],
        input=json.dumps(order) + "\n", capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert status.message(shared) == (
        "There is not enough memory for this desk: make it smaller (size in desk.toml), or end other programs."
    )
