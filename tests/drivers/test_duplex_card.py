"""Full duplex against real alsa-lib and pyalsaaudio, on the simulated card."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.alsa import Outcome
from drivers.card_config import SAMPLE_BYTES, CardConfig
from tests.drivers.rig import Rig, passthrough, rig


@pytest.mark.parametrize("sample_format", SAMPLE_BYTES)
@pytest.mark.parametrize(("period", "periods"), [(32, 2), (64, 3), (96, 3), (256, 4), (1024, 2)])
def test_every_bit_comes_through_behind_one_buffer_of_silence(sample_format: str, period: int, periods: int) -> None:
    with rig(frames=20 * period, capture_format=sample_format, playback_format=sample_format) as sim:
        config = sim.card.config(period, periods)
        duplex = sim.open(config)
        assert passthrough(duplex, 20) == []
        duplex.close()
        silence = bytes(config.buffer_frames * config.playback_frame_bytes)
        assert sim.played() == silence + sim.source


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (2, 2), (8, 8), (18, 20), (32, 32), (1, 32), (32, 1)])
def test_inputs_and_outputs_may_differ_in_number(inputs: int, outputs: int) -> None:
    with rig(frames=640, inputs=inputs, outputs=outputs) as sim:
        duplex = sim.open(sim.card.config(64, 2))
        blank = bytes(duplex.config.playback_period_bytes)
        taken = []
        for _ in range(10):
            data = duplex.read()
            assert data is not None
            taken.append(data)
            assert duplex.write(blank)
        duplex.close()
        assert b"".join(taken) == sim.source
        assert len(sim.played()) == (10 + 2) * len(blank)


def test_formats_may_differ_by_direction() -> None:
    with rig(frames=64, capture_format="S24_3LE", playback_format="FLOAT_LE") as sim:
        duplex = sim.open(sim.card.config(64, 2))
        assert duplex.read() == sim.source
        assert duplex.write(bytes(64 * 2 * 4))
        duplex.close()


def test_the_bits_are_the_same_at_every_pace() -> None:
    taken = []
    for speed in (0.0, 1.0, 40.0):
        with rig(frames=6400, speed=speed) as sim:
            duplex = sim.open(sim.card.config(64, 3))
            assert passthrough(duplex, 100) == []
            duplex.close()
            taken.append(sim.played())
    assert taken[0] == taken[1] == taken[2]


@dataclass
class Expected:
    """What the card's documentation says must be in the outfile after one fault and a passthrough."""

    at: int
    kind: str
    period: int
    buffer: int
    seconds: float = 0.0

    def frames(self, total: int) -> tuple[list[int], Outcome]:
        """Source frame of each frame written, −1 for silence, until `total` periods went through; and the outcome."""
        out, position, written, fired = [-1] * self.buffer, 0, 0, False
        outcome = {"gone": Outcome.GONE, "stall": Outcome.STALLED}.get(
            self.kind.removeprefix("play."), Outcome.RESYNCED
        )
        while written < total:
            ahead = len(out) if self.kind.startswith("play.") else position
            if not fired and self.at < ahead + self.period:
                fired = True
                keep = max(1, self.at - ahead) if self.kind.endswith("short") else 0
                if self.kind.startswith("play."):
                    out += range(position, position + keep)
                    position += self.period
                else:
                    position += keep
                position += round(self.seconds * 48_000) if self.kind.endswith("gone") else self.buffer
                out += [-1] * self.buffer
                continue
            out += range(position, position + self.period)
            position += self.period
            written += 1
        return out, outcome


KINDS = ("xrun", "short", "gone", "stall", "play.xrun", "play.short", "play.gone")


@settings(max_examples=60)
@given(
    kind=st.sampled_from(KINDS),
    period=st.sampled_from((32, 64, 96)),
    periods=st.integers(2, 4),
    place=st.integers(0, 900),
)
def test_after_any_fault_at_any_place_both_directions_start_again_together(
    kind: str, period: int, periods: int, place: int
) -> None:
    buffer = period * periods
    at = place + (buffer if kind.startswith("play.") else 0)  # not in the first silence: that is another test
    seconds = 0.002 if kind.endswith("gone") else 0.001 if kind == "stall" else 0.0
    opens = 2 if kind.endswith("gone") else 0
    fault = f"{kind}@{at}" + (f"+{seconds}" if seconds else "") + (f"*{opens}" if opens else "")
    with rig(frames=4000, faults=fault, speed=1000.0) as sim:
        duplex = sim.open(sim.card.config(period, periods))
        trouble = passthrough(duplex, 30)
        duplex.close()
        frames, outcome = Expected(at, kind, period, buffer, seconds).frames(30)
        assert trouble == [outcome] * (len(trouble) if kind == "stall" else 1)
        source = [sim.source[i : i + 8] for i in range(0, len(sim.source), 8)]
        if kind != "stall":  # how often a stalled clock is found still stalled depends on the machine
            assert sim.played() == b"".join(source[i] if 0 <= i < 4000 else bytes(8) for i in frames)
            assert duplex.counters.failed_opens >= opens
        assert sim.report().faults_fired == 1


def test_a_fault_while_priming_is_survived() -> None:
    with rig(frames=640, faults="play.xrun@10,play.short@20") as sim:
        duplex = sim.open(sim.card.config(64, 2))
        assert passthrough(duplex, 10) == []
        duplex.close()
        assert sim.played()[: (20 + 128) * 8] == bytes((20 + 128) * 8)  # the third filling was whole
        assert sim.played()[(20 + 128) * 8 :] == sim.source


def test_many_faults_in_one_run_are_each_counted() -> None:
    faults = "xrun@500,short@1010,play.short@3000,play.xrun@4000,gone@5000*1,xrun@6000,stall@7000+0.01"
    with rig(frames=9000, faults=faults, speed=1000.0) as sim:
        duplex = sim.open(sim.card.config(64, 3))
        trouble = passthrough(duplex, 120)
        duplex.close()
        counters = duplex.counters
        assert [outcome.name for outcome in trouble if outcome is Outcome.RESYNCED] == ["RESYNCED"] * 5
        assert (counters.xruns, counters.short_transfers, counters.resyncs, counters.losses) == (3, 2, 5, 1)
        assert counters.stalls >= 1
        assert sim.report().faults_fired == 7


def test_what_a_short_transfer_moved_is_told() -> None:
    with rig(frames=640, faults="short@150") as sim:
        duplex = sim.open(sim.card.config(64, 3))
        passthrough(duplex, 4)
        assert duplex.short_frames == 150 - 128
        duplex.close()


def test_a_loss_is_said_in_one_sentence_with_a_remedy_and_is_seen_by_the_next_read_too() -> None:
    with rig(frames=640, faults="play.gone@300*1") as sim:
        duplex = sim.open(sim.card.config(64, 3))
        data = duplex.read()
        assert data is not None
        assert duplex.write(data)
        data = duplex.read()
        assert data is not None
        assert not duplex.write(data)
        assert duplex.read() is None
        assert duplex.outcome is Outcome.GONE
        assert duplex.counters.losses == 1
        assert str(duplex.last_error) == (
            f"The sound card {sim.card.name} is gone: plug it in again, the desk takes it back by itself."
        )
        duplex.close()


def test_twenty_losses_leak_no_file() -> None:
    faults = ",".join(f"gone@{640 * k}*1" for k in range(1, 21))
    with rig(frames=20_000, faults=faults) as sim:
        duplex = sim.open(sim.card.config(64, 2))
        passthrough(duplex, 5)
        before = len(list(Path("/proc/self/fd").iterdir()))
        passthrough(duplex, 220)
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert duplex.counters.reopens == 20
        duplex.close()
        duplex.close()
        assert len(list(Path("/proc/self/fd").iterdir())) < before


def test_in_real_time_a_late_application_gets_a_real_xrun_and_recovers() -> None:
    with rig(frames=48_000, pace="realtime") as sim:
        duplex = sim.open(sim.card.config(256, 3))
        passthrough(duplex, 3)
        _sleep_past(sim, duplex.config)
        trouble = passthrough(duplex, 3)
        assert Outcome.RESYNCED in trouble
        assert duplex.counters.xruns >= 1
        duplex.close()


def _sleep_past(sim: Rig, config: CardConfig) -> None:
    """Sleep for three times what the card's buffer lasts."""
    time.sleep(3 * config.buffer_frames / sim.card.rate_hz)


def test_a_late_application_is_waited_for_in_virtual_time_and_the_lateness_reported() -> None:
    with rig(frames=640, speed=1.0) as sim:
        duplex = sim.open(sim.card.config(64, 2))
        passthrough(duplex, 3)
        data = duplex.read()
        assert data is not None
        _sleep_past(sim, duplex.config)
        assert duplex.write(data)
        assert passthrough(duplex, 6) == []
        duplex.close()
        assert sim.played()[128 * 8 :] == sim.source
        # the buffer covers a third of the sleep at most
        assert sim.report().late_max_us >= 1e6 * 2 * duplex.config.buffer_frames / sim.card.rate_hz - 1500
        assert sim.report().xruns == 0
