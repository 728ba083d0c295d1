"""The engine in real time on a JACK server: the tapped input, rendered offline, is the tapped output.

No test here says that there are no xruns: on a shared virtual machine a timer was late by up to 57 ms, even under
SCHED_FIFO.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware import replay
from tests.firmware.test_engine import assert_live_is_offline
from tests.rigs.jack import jack_server
from tests.rigs.running import RATE_HZ, events_of_every_kind, running

pytestmark = pytest.mark.all


def test_live_equals_offline_in_real_time(tmp_path: Path) -> None:
    with (
        jack_server(tmp_path, period_frames=256) as server,
        running(tmp_path, config=server.config(256, 3), environment=server.environment) as run,
    ):
        run.desk.send(events_of_every_kind(run.desk.model, 300, 5 * RATE_HZ, seed=3))
        run.until_clock(6 * RATE_HZ)
        assert run.close()
        assert run.shared.status[0] > 0
        assert_live_is_offline(run, heard=False)
        proof = replay.compare(replay.describe(run.recorder), run.recorder.sound())
        assert (proof.equal, proof.converted_equal) == (True, True)
