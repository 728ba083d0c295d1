"""Full duplex through pyalsaaudio: one period in, one period out, and a way back from everything a card does.

    card = DuplexCard(config)
    card.open()                             # raises CardMissing, CardBusy, CardRefused, ClocksApart ...
    card.prime()
    while not stopping():
        data = card.read()
        if data is None:                    # card.outcome says why
            if card.outcome.lost and not card.reopen(tick, stopping):
                break
            continue
        ...                                 # one period of work into `out`
        card.write(out)                     # False: same as above, seen at the next read as well
    card.close()

read() and write() never raise for what a card does, never log and never wait longer than ALSA itself. What happened is
in `outcome`, `counters` and `last_error`. After an xrun or a short transfer in either direction **both** directions are
dropped and filled with silence again: otherwise the latency creeps by what was lost on one side, and a capture stream
can end up prepared, silent and never started. A card whose config says `reopen_after_xrun` is opened anew instead.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from drivers.alsa_port import Pcm, errno_of, explain, let_go, load_alsaaudio, open_pcm
from drivers.card_config import CardConfig
from drivers.errors import ClocksApart, ClockStalled, DriverError

XRUN = -errno.EPIPE  # what alsaaudio returns for an xrun; the stream is prepared again by then, the data is lost
ZERO_LIMIT = 8  # transfers in a row that move nothing; a Pi 5 was seen returning 0 for ever after a stop
PRIME_TRIES = 4
STORM_LIMIT = 32  # resynchronisations in a row without one good period: then only a fresh start helps
FIRST_DELAY_S, LAST_DELAY_S = 0.1, 2.0  # back-off of reopen()
SLICE_S = 0.05  # a wait is cut into these, so that the heartbeat goes on and a stop is obeyed


class Outcome(IntEnum):
    """What became of the last read() or write()."""

    OK = 0
    INTERRUPTED = 1
    """A signal came while waiting: nothing moved, nothing is lost, go on."""
    EMPTY = 2
    """The card moved no frames: go on (after ZERO_LIMIT of them it counts as STALLED)."""
    RESYNCED = 3
    """An xrun or a short transfer: frames are lost, both directions start again from silence."""
    STALLED = 4
    """The sample clock stands still: reopen()."""
    GONE = 5
    """The card is not there any more: reopen()."""
    CLOSED = 6
    """Not open."""

    @property
    def lost(self) -> bool:
        """True when only reopen() helps."""
        return self >= Outcome.STALLED


@dataclass(slots=True)
class Counters:
    """How often what happened since the DuplexCard was made; never reset by reopen()."""

    periods: int = 0
    """Periods written in full."""
    xruns: int = 0
    short_transfers: int = 0
    zero_progress: int = 0
    interrupted: int = 0
    resyncs: int = 0
    stalls: int = 0
    losses: int = 0
    reopens: int = 0
    failed_opens: int = 0
    """Attempts of reopen() that failed."""


class DuplexCard:
    """Both directions of one card, moved one period at a time. Not for use from two threads."""

    __slots__ = (
        "_alsa",
        "_capture",
        "_playback",
        "_read",
        "_refused",
        "_resyncs_in_row",
        "_silence",
        "_write",
        "_zeros_in_row",
        "config",
        "counters",
        "last_error",
        "outcome",
        "short_frames",
    )

    def __init__(self, config: CardConfig, alsa: Any = None) -> None:
        """alsa: stands in for the module alsaaudio in tests. Raises DriverMissing without pyalsaaudio."""
        self.config = config
        self.counters = Counters()
        self.outcome = Outcome.CLOSED
        self.last_error: DriverError | None = None
        self.short_frames = 0
        """Frames that did move in the last short transfer (they are thrown away)."""
        self._alsa = load_alsaaudio() if alsa is None else alsa
        self._refused: Any = self._alsa.ALSAAudioError
        self._capture: Pcm | None = None
        self._playback: Pcm | None = None
        self._read: Callable[[], tuple[int, bytes]] | None = None
        self._write: Callable[[Any], int] | None = None
        self._silence = bytes(config.playback_period_bytes * config.periods)
        self._zeros_in_row = 0
        self._resyncs_in_row = 0

    def open(self) -> None:
        """Open both directions and compare them with what was asked; closed again if anything is wrong.

        Raises ClocksApart, CardRefused, CardMissing, CardBusy, CardDenied.
        """
        self.close()
        config, common = self.config, {"rate_hz": self.config.rate_hz, "periods": self.config.periods}
        try:
            self._playback = open_pcm(
                self._alsa,
                capture=False,
                device=config.playback_device,
                channels=config.outputs,
                sample_format=config.playback_format,
                period=config.period_frames,
                **common,
            )
            self._capture = open_pcm(
                self._alsa,
                capture=True,
                device=config.capture_device,
                channels=config.inputs,
                sample_format=config.capture_format,
                period=config.period_frames,
                **common,
            )
            self._check_clock()
        except DriverError:
            self.close()
            raise
        self._read, self._write = self._capture.read, self._playback.write
        self.outcome = Outcome.OK

    def _check_clock(self) -> None:
        if self.config.one_clock or self._playback is None or self._capture is None:
            return
        played, captured = (pcm.info()["card_no"] for pcm in (self._playback, self._capture))
        if played != captured or played < 0:  # -1: not a kernel card, only its name speaks
            raise ClocksApart(
                f"{self.config.playback_device} and {self.config.capture_device} are two cards with two clocks and will"
                " drift apart: use one card for both, or set word_clocked = true in the card profile if one word clock"
                " drives both."
            )

    def prime(self) -> bool:
        """Drop both directions and fill playback with silence, all periods in one write; False if the card is lost.

        One write, because playback starts on the first: a second one could already be too late. Capture starts with
        the next read(), which must follow at once.
        """
        if self._playback is None or self._capture is None or self._write is None:
            return False
        for _ in range(PRIME_TRIES):  # a buffer half filled would run at half the latency until it ran dry
            try:
                self._playback.drop()
                self._capture.drop()
                if self._write(self._silence) == self.config.buffer_frames:
                    return True
            except self._refused as error:
                if not self._lose(error, self.config.playback_device, "playback"):
                    return False
        self._stall(f"did not take a buffer of silence in {PRIME_TRIES} tries")
        return False

    def read(self) -> bytes | None:
        """The next period, interleaved in capture_format; None when there is none, and `outcome` says why."""
        read = self._read
        if read is None:
            return None
        try:
            frames, data = read()
        except self._refused as error:
            self._lose(error, self.config.capture_device, "capture")
            return None
        if frames == self.config.period_frames:
            self._zeros_in_row = 0
            self.outcome = Outcome.OK
            return data
        if frames == 0:
            self._count_zero()
        else:
            self._resync(frames)
        return None

    def write(self, data: Any) -> bool:
        """Play one period (any contiguous buffer of playback_period_bytes, in playback_format); False if it was lost.

        Waits while the card's buffer is full. A period that does not get through whole is not tried again: the
        resynchronisation that follows has dropped what stood before it.
        """
        write = self._write
        if write is None:
            return False
        moved = 0
        for _ in range(ZERO_LIMIT):
            try:
                moved = write(data)
            except self._refused as error:
                if self._lose(error, self.config.playback_device, "playback"):
                    continue  # interrupted before anything was written: the same period again
                return False
            if moved != 0:
                break
            if not self._count_zero():
                return False
        if moved == self.config.period_frames:
            self._zeros_in_row = self._resyncs_in_row = 0
            self.counters.periods += 1
            self.outcome = Outcome.OK
            return True
        self._resync(moved)
        return False

    def reopen(
        self,
        tick: Callable[[], object] = lambda: None,
        stopping: Callable[[], bool] = lambda: False,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> bool:
        """Close, then open and prime until it works, waiting 0.1 s and twice as long each time up to 2 s.

        tick: called at least every 50 ms, for the heartbeat. stopping: ends it, with False, within 50 ms. Every
        DriverError on the way, a refusal included, is kept in `last_error` and tried again: what comes back may need
        a moment to be itself. Returns True with the card primed: read() at once.
        """
        self.close()
        delay_s = FIRST_DELAY_S
        while True:
            slices = round(delay_s / SLICE_S)
            for _ in range(slices):
                tick()
                if stopping():
                    return False
                sleep(SLICE_S)
            tick()
            if stopping():
                return False
            try:
                self.open()
                if self.prime():
                    self.counters.reopens += 1
                    self._zeros_in_row = self._resyncs_in_row = 0
                    return True
            except DriverError as error:
                self.last_error = error
            self.close()
            self.counters.failed_opens += 1
            delay_s = min(2 * delay_s, LAST_DELAY_S)

    def close(self) -> None:
        """Close both directions at once, playing nothing out (ramp out before); never waits, may be called twice."""
        self._read = self._write = None
        playback, self._playback = self._playback, None
        capture, self._capture = self._capture, None
        for pcm in (playback, capture):
            if pcm is not None:
                let_go(self._alsa, pcm)
        if not self.outcome.lost:  # why it was lost stays to be read
            self.outcome = Outcome.CLOSED

    def _resync(self, moved: int) -> None:
        """Count what happened to one transfer and start both directions again."""
        if moved == XRUN:
            self.counters.xruns += 1
        else:
            self.counters.short_transfers += 1
            self.short_frames = moved
        self._resyncs_in_row += 1
        if self._resyncs_in_row > STORM_LIMIT:
            self._stall(f"ran dry {STORM_LIMIT} times in a row")
        elif self._start_again():
            self.counters.resyncs += 1
            self.outcome = Outcome.RESYNCED

    def _start_again(self) -> bool:
        """Both directions from silence, opened anew where the card needs it; False if the card is lost."""
        if not self.config.reopen_after_xrun:
            return self.prime()
        try:
            self.open()
        except DriverError as error:
            self.last_error = error
            self.counters.losses += 1
            self._end(Outcome.GONE)
            return False
        self.counters.reopens += 1
        return self.prime()

    def _count_zero(self) -> bool:
        """Count a transfer that moved nothing; False when it has been too many."""
        self.counters.zero_progress += 1
        self._zeros_in_row += 1
        self.outcome = Outcome.EMPTY
        if self._zeros_in_row < ZERO_LIMIT:
            return True
        self._stall(f"moved nothing {ZERO_LIMIT} times in a row")
        return False

    def _stall(self, why: str) -> None:
        self.counters.stalls += 1
        self.last_error = ClockStalled(f"The sound card {self.config.playback_device} {why}: the desk opens it again.")
        self._end(Outcome.STALLED)

    def _lose(self, error: Exception, device: str, way: str) -> bool:
        """Note what ALSA raised; True when it was only a signal and nothing is lost."""
        if errno_of(error) == errno.EINTR:
            self.counters.interrupted += 1
            self.outcome = Outcome.INTERRUPTED
            return True
        self.last_error = explain(error, device, way)
        stalled = isinstance(self.last_error, ClockStalled)
        if stalled:
            self.counters.stalls += 1
        else:
            self.counters.losses += 1
        self._end(Outcome.STALLED if stalled else Outcome.GONE)
        return False

    def _end(self, outcome: Outcome) -> None:
        """Nothing more from this card until reopen(): a loss seen by write() is seen by the next read() too."""
        self.outcome = outcome
        self._read = self._write = None
        self._zeros_in_row = self._resyncs_in_row = 0
