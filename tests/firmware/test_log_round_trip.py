"""A run's log makes the run's sound again, to the last bit: by the commands, and across an engine that was replaced."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dsp.compile import kernel_key
from firmware import audio_files, cli, event_log, processor, render
from firmware.notes import Note
from firmware.status import Word
from tests.rigs.running import RATE_HZ, events_of_every_kind, live, noise, running

ROOT = Path(__file__).parents[2]


def test_render_with_the_log_of_a_run_writes_the_mains_of_that_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The band on the simulated board for eight seconds, as a person would do it."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    arguments = ["--board", "simulated", "--seconds", "8", "--speed", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "firmware", "run", *arguments, "--log", "l.jsonl"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert cli.main(["band", "--output", str(tmp_path / "band")]) == 0
    tracks = sorted(map(str, (tmp_path / "band").iterdir()))
    log = tmp_path / "l.jsonl"
    command = ["render", "--scene", "flat", "--input", *tracks, "--events", str(log), "--outputs", "4", "--tail-s", "0"]
    capsys.readouterr()
    assert cli.main([*command, "--output", str(tmp_path / "y.wav")]) == 0
    assert capsys.readouterr().err == ""
    mix, y = (audio_files.read(tmp_path / name)[0] for name in ("mix.wav", "y.wav"))
    assert 8 * RATE_HZ < len(mix) < 8.2 * RATE_HZ
    assert y.shape == (40 * RATE_HZ, 4)
    assert np.array_equal(y[: len(mix), :2], mix)
    assert not y[len(mix) :].any()  # the run has faded out
    assert np.abs(mix).max() > 0.1
    first, *rows = log.read_text().splitlines()
    assert sum('"set": "channel.' in row for row in rows) > 50  # the recall of scene band
    header = json.loads(first)
    assert (header["kernel"], header["cpu"]) == (kernel_key(), processor.name())
    assert header["cpu"]
    for changed, sentence in (
        ({"kernel": "0123456789abcdef"}, "logged by another build or processor"),
        ({"state_hash": "0123456789abcdef"}, "began at another state of the desk"),
    ):
        log.write_text("\n".join([json.dumps(header | changed), *rows]))
        assert (
            cli.main([*command[:4], tracks[0], *command[4 + len(tracks) :], "--output", str(tmp_path / "z.wav")]) == 0
        )
        assert sentence in capsys.readouterr().err


def test_a_log_across_an_engine_that_was_replaced_is_played_with_what_the_next_one_began_with(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 8 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=4.0, faults="xrun@30000") as run:
        run.desk.send(events_of_every_kind(run.desk.model, 600, 4 * RATE_HZ, seed=3))
        started = run.desk.model.kernel_values()
        run.until_clock(2 * RATE_HZ)
        pid, blocks = run.desk.supervisor.pid, int(run.shared.status[Word.BLOCKS])
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        run.until(lambda: run.desk.supervisor.restarts > 0 and int(run.shared.status[Word.BLOCKS]) > blocks + 10)
        run.until_clock(5 * RATE_HZ)
        assert run.close()
        recorder, model, path = run.recorder, run.desk.model, tmp_path / "l.jsonl"
        lives = {life.number: life.values for life in recorder.lives}
        header = event_log.Header.of(model.size, recorder.lives[0].values)
        event_log.write(path, header, model, recorder.log, lives)
        log = event_log.read(path, model)
        assert [at for at, _ in log.restarts] == [recorder.lives[1].clock]
        assert np.array_equal(log.restarts[0][1].view(np.int64), lives[2].view(np.int64))
        assert Note.SILENCE in run.notes()
        started[model.size.desk("engine.gain_db")] = -math.inf
        assert event_log.state_hash(started) == header.state_hash
        heard = np.ascontiguousarray(recorder.sound()[:, :4])
        shares: list[float] = []
        y = render.run_log(render.start(model.size, started), heard, log, progress=shares.append)
        assert np.array_equal(y, live(run))
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
