"""What the real alsa-lib cannot be made to do on demand, with a stand-in for the module alsaaudio."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from drivers.alsa import STORM_LIMIT, ZERO_LIMIT, DuplexCard, Outcome
from drivers.card_config import CardConfig
from drivers.errors import CardBusy, CardDenied, CardGone, CardMissing, CardRefused, ClockStalled, DriverError

CONFIG = CardConfig("hw:CARD=fake,DEV=0", "hw:CARD=fake,DEV=0", period_frames=64, periods=3)
PERIOD = bytes(CONFIG.capture_period_bytes)


class FakeAlsa:
    """alsaaudio with a script: what the next reads and writes give; an int is frames, an errno name is raised."""

    class ALSAAudioError(Exception):
        """As in alsaaudio: nothing but a text."""

    PCM_CAPTURE, PCM_PLAYBACK, PCM_NORMAL, PCM_FORMAT_S32_LE = 1, 0, 0, 10

    def __init__(self, reads: Iterable[Any] = (), writes: Iterable[Any] = ()) -> None:
        self.reads, self.writes = iter(reads), iter(writes)
        self.calls: list[str] = []
        self.open_error: list[str] = []
        self.drop_error = ""

    def error(self, name: str) -> Exception:
        """What alsaaudio raises for this errno."""
        return self.ALSAAudioError(f"{os.strerror(getattr(errno, name))} [hw:CARD=fake,DEV=0]")

    def PCM(self, **asked: Any) -> FakePcm:  # noqa: N802 - alsaaudio's name
        """Open, unless told to fail."""
        if self.open_error:
            raise self.error(self.open_error.pop(0))
        return FakePcm(self, asked)


class FakePcm:
    """One direction of FakeAlsa."""

    def __init__(self, alsa: FakeAlsa, asked: dict[str, Any]) -> None:
        self.alsa, self.asked = alsa, asked
        self.way = "capture" if asked["type"] else "playback"

    def info(self) -> dict[str, Any]:
        return {
            "format_name": "S32_LE", "channels": self.asked["channels"], "rate": self.asked["rate"], "card_no": 0,
            "period_size": self.asked["periodsize"], "access_type": "RW_INTERLEAVED",
            "buffer_size": self.asked["periodsize"] * self.asked["periods"],
        }  # fmt: skip

    def read(self) -> tuple[int, bytes]:
        self.alsa.calls.append("read")
        got = next(self.alsa.reads, 64)
        if isinstance(got, str):
            raise self.alsa.error(got)
        return got, PERIOD[: max(0, got) * 8]

    def write(self, data: Any) -> int:
        self.alsa.calls.append(f"write {len(data) // 8}")
        got = next(self.alsa.writes, len(data) // 8)
        if isinstance(got, str):
            raise self.alsa.error(got)
        return int(got)

    def drop(self) -> int:
        if self.alsa.drop_error:
            raise self.alsa.error(self.alsa.drop_error)
        self.alsa.calls.append(f"drop {self.way}")
        return 0

    def close(self) -> None:
        self.alsa.calls.append(f"close {self.way}")


def opened(alsa: FakeAlsa, *, prime: bool = True, config: CardConfig = CONFIG) -> DuplexCard:
    duplex = DuplexCard(config, alsa)
    duplex.open()
    if prime:
        assert duplex.prime()
    return duplex


PRIMING = ["drop playback", "drop capture", "write 192"]


def test_priming_drops_both_and_fills_all_periods_in_one_write_and_reading_follows() -> None:
    alsa = FakeAlsa()
    duplex = opened(alsa)
    assert duplex.read() == PERIOD
    assert alsa.calls == [*PRIMING, "read"]


@pytest.mark.parametrize(("reads", "writes"), [([-32], []), ([40], []), ([64], [192, -32]), ([64], [192, 40])])
def test_an_xrun_or_a_short_transfer_on_one_side_starts_both_sides_again(reads: list[int], writes: list[int]) -> None:
    alsa = FakeAlsa(reads, writes)
    duplex = opened(alsa)
    data = duplex.read()
    if data:
        assert not duplex.write(PERIOD)
    assert duplex.outcome is Outcome.RESYNCED
    assert alsa.calls[-3:] == PRIMING
    assert duplex.counters.xruns + duplex.counters.short_transfers == duplex.counters.resyncs == 1
    assert duplex.read() == PERIOD


REORDERS = replace(CONFIG, reopen_after_xrun=True)


@pytest.mark.parametrize(("reads", "writes"), [([-32], []), ([40], []), ([64], [192, -32])])
def test_a_card_that_may_change_its_channels_order_is_opened_anew_after_each_xrun(
    reads: list[int], writes: list[int]
) -> None:
    """DAC8x with ADC8x: only a stream that was closed is known to start with channel 1 (HiFiBerry's open issue)."""
    alsa = FakeAlsa(reads, writes)
    duplex = opened(alsa, config=REORDERS)
    data = duplex.read()
    if data:
        assert not duplex.write(PERIOD)
    assert duplex.outcome is Outcome.RESYNCED
    assert {"close playback", "close capture"} <= set(alsa.calls[-7:-3])
    assert alsa.calls[-3:] == PRIMING
    assert duplex.counters.resyncs == duplex.counters.reopens == 1
    assert duplex.read() == PERIOD


def test_a_card_that_does_not_open_anew_is_lost_and_comes_back_by_reopen() -> None:
    alsa = FakeAlsa(reads=[-32])
    duplex = opened(alsa, config=REORDERS)
    alsa.open_error = ["ENODEV"]
    assert duplex.read() is None
    assert duplex.outcome is Outcome.GONE
    assert duplex.counters.losses == 1
    assert duplex.reopen(sleep=lambda _: None)
    assert duplex.read() == PERIOD


def test_a_buffer_that_was_only_half_filled_is_filled_again() -> None:
    alsa = FakeAlsa(writes=[128, -32, 192])
    opened(alsa)
    assert alsa.calls == PRIMING * 3


def test_a_card_that_takes_no_silence_is_stalled() -> None:
    duplex = opened(FakeAlsa(writes=[0] * 9), prime=False)
    assert not duplex.prime()
    assert duplex.outcome is Outcome.STALLED
    assert isinstance(duplex.last_error, ClockStalled)


def test_reads_that_give_nothing_go_on_a_while_and_then_count_as_a_stalled_clock() -> None:
    duplex = opened(FakeAlsa(reads=[0] * ZERO_LIMIT))
    outcomes = []
    for _ in range(ZERO_LIMIT):
        assert duplex.read() is None
        outcomes.append(duplex.outcome)
    assert outcomes == [Outcome.EMPTY] * (ZERO_LIMIT - 1) + [Outcome.STALLED]
    assert duplex.counters.zero_progress == ZERO_LIMIT
    assert not Outcome.EMPTY.lost


def test_writes_that_take_nothing_for_ever_end_in_a_reopen() -> None:
    """A Pi 5 on kernel 6.12.75 was reported to return 0 frames from every write after a stop."""
    alsa = FakeAlsa(writes=[192] + [0] * ZERO_LIMIT)
    duplex = opened(alsa)
    assert duplex.read()
    assert not duplex.write(PERIOD)
    assert duplex.outcome is Outcome.STALLED
    assert alsa.calls.count("write 64") == ZERO_LIMIT
    assert duplex.reopen(sleep=lambda _: None)
    assert duplex.read() == PERIOD
    assert duplex.write(PERIOD)


def test_one_write_that_takes_nothing_is_tried_again_and_nothing_is_lost() -> None:
    duplex = opened(FakeAlsa(writes=[192, 0, 0, 64]))
    assert duplex.write(PERIOD)
    assert duplex.counters.zero_progress == 2
    assert duplex.counters.resyncs == 0


def test_a_signal_while_waiting_loses_nothing() -> None:
    duplex = opened(FakeAlsa(reads=["EINTR", 64], writes=[192, "EINTR", 64]))
    assert duplex.read() is None
    assert duplex.outcome is Outcome.INTERRUPTED
    assert not duplex.outcome.lost
    assert duplex.read() == PERIOD
    assert duplex.write(PERIOD)
    assert duplex.counters.interrupted == 2
    assert duplex.counters.resyncs == 0


def test_a_storm_of_xruns_ends_in_a_reopen() -> None:
    duplex = opened(FakeAlsa(reads=[-32] * 99))
    for _ in range(STORM_LIMIT):
        assert duplex.read() is None
        assert duplex.outcome is Outcome.RESYNCED
    assert duplex.read() is None
    assert duplex.outcome is Outcome.STALLED


@pytest.mark.parametrize(
    ("name", "outcome", "kind"),
    [
        ("ENODEV", Outcome.GONE, CardGone),
        ("ESHUTDOWN", Outcome.GONE, CardGone),
        ("EIO", Outcome.STALLED, ClockStalled),
        ("EBADFD", Outcome.GONE, CardGone),
    ],
)
def test_what_alsa_raises_becomes_an_outcome_and_a_sentence(name: str, outcome: Outcome, kind: type) -> None:
    duplex = opened(FakeAlsa(reads=[name]))
    assert duplex.read() is None
    assert duplex.outcome is outcome
    assert duplex.outcome.lost
    assert isinstance(duplex.last_error, kind)
    assert str(duplex.last_error).startswith("The ")
    assert str(duplex.last_error).endswith(".")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ENOENT", CardMissing),
        ("ENODEV", CardMissing),
        ("EBUSY", CardBusy),
        ("EACCES", CardDenied),
        ("EINVAL", CardRefused),
    ],
)
def test_what_alsa_says_at_opening_has_its_own_sentence(name: str, kind: type[DriverError]) -> None:
    alsa = FakeAlsa()
    alsa.open_error = [name]
    with pytest.raises(kind) as raised:
        DuplexCard(CONFIG, alsa).open()
    assert raised.value.__cause__ is not None
    assert "hw:CARD=fake" in str(raised.value)


def reopening(failures: int, stopping: Callable[[], bool] = lambda: False) -> tuple[bool, list[float], int, DuplexCard]:
    """Reopen a card that fails so often; result, the waits, the ticks and the card."""
    alsa = FakeAlsa(reads=["ENODEV"])
    duplex = opened(alsa)
    assert duplex.read() is None
    alsa.open_error = ["ENODEV"] * failures
    waits: list[float] = []
    ticks: list[int] = []
    result = duplex.reopen(lambda: ticks.append(1), stopping, sleep=waits.append)
    return result, waits, len(ticks), duplex


def test_the_back_off_starts_at_a_tenth_of_a_second_and_doubles_to_two() -> None:
    expected = [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    for failures in range(7):
        result, waits, ticks, duplex = reopening(failures)
        assert result
        assert sum(waits) == pytest.approx(sum(expected[: failures + 1]))
        assert ticks >= len(waits)
        assert max(waits) <= 0.05  # the heartbeat goes on
        assert (duplex.counters.reopens, duplex.counters.failed_opens) == (1, failures)


def test_a_stop_ends_the_reopening() -> None:
    looks = iter([False] * 50)
    result, waits, _, duplex = reopening(999, lambda: next(looks, True))
    assert not result
    assert len(waits) <= 50
    assert duplex.outcome is Outcome.GONE
    assert isinstance(duplex.last_error, CardMissing)


def test_closing_drops_first_because_close_alone_would_wait_for_playback_to_run_out() -> None:
    alsa = FakeAlsa()
    duplex = opened(alsa)
    duplex.close()
    assert alsa.calls[3:] == ["drop playback", "close playback", "drop capture", "close capture"]
    assert duplex.outcome is Outcome.CLOSED
    assert duplex.read() is None
    assert not duplex.write(PERIOD)
    assert not duplex.prime()


def test_a_dead_card_is_let_go_of_without_close() -> None:
    alsa = FakeAlsa()
    duplex = opened(alsa)
    alsa.drop_error = "ENODEV"
    duplex.close()
    assert not [call for call in alsa.calls if call.startswith("close")]
