"""The duplex card in real time, against a JACK server with a dummy card through alsa-lib's jack plugin.

No test here says that there are no xruns: on a shared virtual machine a timer was late by up to 57 ms, even under
SCHED_FIFO. What is asserted is that every one of them is survived.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.alsa import DuplexCard, Outcome
from drivers.card_config import CardConfig
from drivers.errors import CardRefused, DriverError
from tests.drivers.rig import passthrough
from tests.rigs.jack import jack_server

pytestmark = pytest.mark.all


@pytest.mark.parametrize("period", [64, 256])
def test_a_real_time_card_is_kept_running_through_real_xruns(tmp_path: Path, period: int) -> None:
    with jack_server(tmp_path, period_frames=period) as server:
        duplex = DuplexCard(server.config(period, 3))
        duplex.open()
        assert duplex.prime()
        for _ in range(3):
            passthrough(duplex, 20)
            before = duplex.counters.xruns
            time.sleep(10 * duplex.config.buffer_frames / server.rate_hz)  # an engine held up for ten buffers
            trouble = passthrough(duplex, 20)
            assert Outcome.RESYNCED in trouble
            assert duplex.counters.xruns > before
        assert duplex.counters.losses == duplex.counters.stalls == 0
        duplex.close()
        assert duplex.outcome is Outcome.CLOSED


def test_eight_channels_each_way(tmp_path: Path) -> None:
    with jack_server(tmp_path, ports=8) as server:
        duplex = DuplexCard(server.config(channels=8))
        duplex.open()
        assert duplex.prime()
        passthrough(duplex, 50)
        duplex.close()


def test_another_period_or_rate_than_the_servers_is_refused(tmp_path: Path) -> None:
    with jack_server(tmp_path) as server:
        with pytest.raises(CardRefused, match="48000 Hz"):
            DuplexCard(_changed(server.config(), rate_hz=44_100)).open()
        with pytest.raises(CardRefused, match="FLOAT_LE"):
            DuplexCard(_changed(server.config(), capture_format="S32_LE")).open()


def _changed(config: CardConfig, **keys: Any) -> CardConfig:
    return replace(config, **keys)


def test_a_server_that_comes_back_is_taken_again(tmp_path: Path) -> None:
    with jack_server(tmp_path) as server:
        duplex = DuplexCard(server.config())
        duplex.open()
        assert duplex.prime()
        passthrough(duplex, 20)
        duplex.close()
        server.stop()
        with pytest.raises(DriverError):
            duplex.open()
        ticks: list[int] = []

        def tick() -> None:
            ticks.append(1)
            if len(ticks) == 20:
                server.start()

        assert duplex.reopen(tick)
        assert duplex.counters.reopens == 1
        assert duplex.counters.failed_opens >= 1
        passthrough(duplex, 20)
        duplex.close()
