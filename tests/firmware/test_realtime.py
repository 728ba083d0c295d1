"""The real-time audit: what the engine's loop does besides sound, which is nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.realtime import peak_resident_bytes
from firmware.rings import EventSender
from firmware.shared import Shared, Sizes
from firmware.status import State, Word
from tests.rigs.running import RATE_HZ, events_of_every_kind, noise, running

ROOT = Path(__file__).parents[2]


def audit(folder: Path, blocks: int, sin: str = "") -> dict[str, Any]:
    """What happened in so many blocks of 32 frames, 2,000 events among them."""
    shared = Shared.create(folder / "desk.shm", Sizes(DeskSize(16, 8, 2, 48000, 8, 2, 2), tap_bytes=4 << 20))
    model = DeskModel(shared.sizes.desk)
    model.update({f"channel.{n}.fader_db": 0.0 for n in range(1, 17)})
    sender = EventSender(shared, model.kernel_values())
    sender.write_image()
    events = events_of_every_kind(model, 2000, 32 * blocks)
    sender.send(events)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "rigs" / "audit.py"), str(shared.path), str(blocks), sin],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    shared.unlink()
    found: dict[str, Any] = json.loads(done.stdout)
    assert found.pop("events") >= 2000
    return found


def test_the_loop_compiles_collects_pages_grows_reads_and_sleeps_not_at_all(tmp_path: Path) -> None:
    found = audit(tmp_path, 3000)
    kept = found.pop("blocks_allocated")
    assert kept < 200, "Python objects that stay"  # the counting itself keeps a few
    assert found == {
        "compiles": 0,
        "collections": 0,
        "minor_faults": 0,
        "major_faults": 0,
        "resident": 0,
        "reads_and_writes": found["reads_and_writes"],
        "slept": 0,
        "collects": False,
        "compiles_on_call": [],
        "as_locked_as_permitted": True,
    }
    assert found["reads_and_writes"] <= 4  # those of the counting


def test_the_audit_would_see_each_of_these(tmp_path: Path) -> None:
    blocks = 300
    found = audit(tmp_path, blocks, "every")
    assert found["compiles"] >= 1
    for sin in ("collections", "minor_faults", "resident", "blocks_allocated", "reads_and_writes", "slept"):
        assert found[sin] >= blocks // 2, sin


def test_what_was_not_compiled_before_is_refused_rather_than_compiled(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        audit(tmp_path, 10, "type")
    assert "No matching definition" in refused.value.stderr


@pytest.mark.all
def test_a_block_is_a_bounded_number_of_system_calls_and_only_of_the_kinds_the_card_needs(tmp_path: Path) -> None:
    """Counted by strace on the real engine process; the simulated card's own are among them."""
    noise(tmp_path / "in.raw", RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", loop=True, speed=1.0) as run:
        run.until_clock(RATE_HZ)
        pid, before = run.desk.supervisor.pid, int(run.shared.status[Word.BLOCKS])
        text = tmp_path / "strace.txt"
        tracer = subprocess.Popen(["strace", "-f", "-c", "-p", str(pid), "-o", str(text)], stderr=subprocess.DEVNULL)
        run.until_clock(run.clock + 2 * RATE_HZ)
        tracer.terminate()
        tracer.wait()
        blocks = int(run.shared.status[Word.BLOCKS]) - before
        assert run.state is State.RUNNING
    rows = [line.split() for line in text.read_text().splitlines()]
    calls = {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"}
    waits = {"poll", "ppoll", "timerfd_settime", "read", "restart_syscall", "clock_gettime", "clock_nanosleep", "futex"}
    files_of_the_simulated_card = {"write", "pread64", "lseek"}
    assert set(calls) <= waits | files_of_the_simulated_card, calls
    assert sum(calls.values()) <= 12 * blocks, calls
    assert calls["clock_gettime"] <= 2.2 * blocks  # the thread's time, twice


def test_a_process_is_measured_by_the_most_memory_it_has_had() -> None:
    program = "x = bytearray(b'1') * (64 << 20); del x; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 64 << 20 < peak_resident_bytes(process.pid) < 128 << 20
        process.kill()
    assert peak_resident_bytes(process.pid) == 0


def test_the_engine_goes_on_when_everyone_else_has_died(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", RATE_HZ, 2)
    program = (
        "import sys, os; from pathlib import Path\n"
        "from tests.rigs.running import running\n"
        "import firmware.supervisor as s\n"
        "folder = Path(sys.argv[1])\n"
        "with running(folder, infile=folder / 'in.raw', inputs=2, speed=1.0, loop=True) as run:\n"
        "    run.desk.supervisor._process.kill(); run.desk.supervisor._process.wait()\n"
        "    run.desk.supervisor._process = None; run.desk.supervisor._ends_with_parent = False\n"
        "    run.desk.supervisor.start()\n"
        "    run.until_clock(4800)\n"
        "    print(run.desk.supervisor.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=240,
        cwd=ROOT,
    )
    assert done.returncode == -9
    pid = int(done.stdout)
    try:
        shared = Shared.attach(tmp_path / "desk.shm")
        blocks = int(shared.status[Word.BLOCKS])
        end = time.monotonic() + 60
        while int(shared.status[Word.BLOCKS]) < blocks + 500 and time.monotonic() < end:
            time.sleep(0.01)
        assert int(shared.status[Word.BLOCKS]) >= blocks + 500
        os.kill(pid, 15)
        while int(shared.status[Word.STATE]) != State.STOPPED and time.monotonic() < end:
            time.sleep(0.01)
        assert int(shared.status[Word.STATE]) == State.STOPPED
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
