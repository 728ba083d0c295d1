"""One period after another: read, convert, mix, convert, publish, write; and the way back from what a card does.

What the engine does by itself (ramps, silence after a resynchronisation) goes into the log with its sample, so that
the sound stays a function of inputs, starting state and events. After both directions of a card started again, output
is held at zero until `engine.gain_db` has reached −inf and the limiter's past has run out, then it comes back in
a ramp: without that the old sound would start at full level out of silence.
"""

from __future__ import annotations

import struct
import sys
import time
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from drivers.alsa import DuplexCard, Outcome
from dsp import convert, desk
from dsp.arena import Arena
from dsp.compile import kernel_key
from dsp.rows import (
    HEAD_BROKEN,
    HEAD_CLOCK,
    HEAD_IGNORED,
    HEAD_LOGGED,
    HEAD_TAKEN,
    LANE_BAD,
    LANE_WORDS,
    LIMITER_LATENCY_FRAMES,
)
from dsp.slots import QUANTUM_FRAMES
from firmware import image, publish
from firmware.errors import EngineDied
from firmware.notes import STRIP_STEP, Note
from firmware.realtime import Signals
from firmware.shared import HISTOGRAM_BINS, HISTOGRAM_BINS_PER_DEADLINE, LOG_WRITTEN, PLAY_PLAYING, TAPS_WRITTEN, Shared
from firmware.status import State, Word, leave_kernel_key

COLD_RAMP_S, RESTART_RAMP_S, RECOVERY_RAMP_S, STOP_RAMP_S = 2.0, 0.2, 0.02, 0.05
_OUTAGES = {
    Outcome.RESYNCED: (Note.XRUN, Word.XRUNS),
    Outcome.STALLED: (Note.STALL, Word.STALLS),
    Outcome.GONE: (Note.CARD_GONE, Word.CARD_GONE),
}


@dataclass
class Buffers:
    """All the memory the loop writes to; made once."""

    raw_in: NDArray[np.uint8]
    heard: NDArray[np.float32]  # the card's inputs
    x: NDArray[np.float32]  # the same, then the playback channels
    y: NDArray[np.float32]
    raw_out: NDArray[np.uint8]
    raw_words: NDArray[np.int64] = field(init=False)
    dither: NDArray[np.int64] = field(default_factory=lambda: np.full(1, convert.DITHER_SEED, np.int64))

    def __post_init__(self) -> None:
        self.raw_words = self.raw_out.view(np.int64)  # a multiple of 32 frames is one of 8 bytes


class Engine:
    """The desk's sound between one card and the shared memory."""

    def __init__(self, shared: Shared, card: DuplexCard, signals: Signals, stop_at: int | None = None) -> None:
        """`stop_at`: the sample at which it ramps out by itself."""
        config = card.config
        self.stop_at = sys.maxsize if stop_at is None else stop_at
        self.shared, self.card, self.signals = shared, card, signals
        self.size = shared.sizes.desk
        self.period = config.period_frames
        self.formats = convert.FORMATS.index(config.capture_format), convert.FORMATS.index(config.playback_format)
        self.arena = Arena(self.size)
        self.buffers = Buffers(
            raw_in=np.zeros(config.capture_period_bytes, np.uint8),
            heard=np.zeros((self.period, self.size.inputs), np.float32),
            x=np.zeros((self.period, self.size.columns), np.float32),
            y=np.zeros((self.period, self.size.outputs), np.float32),
            raw_out=np.zeros(config.playback_period_bytes, np.uint8),
        )
        self.deadline_ns = self.period * 1_000_000_000 // self.size.rate_hz
        self.gain = self.size.desk("engine.gain_db")
        self.silent_frames = 0  # still to be written as zeros, after a resynchronisation
        self.stopping = False
        self.folded = 0
        self.bad = np.zeros(self.size.lanes, np.int64)
        self._plan = publish.plan(self.size)

    def frames(self, seconds: float) -> int:
        """Seconds as whole frames."""
        return round(seconds * self.size.rate_hz)

    # --- before the sound ------------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Call once what the loop calls: nothing is compiled or paged in later. `begin` clears the arena again."""
        ring = np.zeros(2 * 8, np.int64)
        a, b = self.arena, self.buffers
        control = np.zeros_like(self.shared.control)
        convert.to_float(b.raw_in, b.heard, self.formats[0])
        publish.play(self.shared.play, b.x, self.size.inputs, np.zeros_like(self.shared.player), control)
        desk.reset(a, np.zeros(self.size.addresses))
        desk.process(b.x, b.y, a.f32, a.f64, a.i64, ring, ring)
        desk.inject(a, ring, self.gain, -inf, 0)
        desk.note(a, ring, 0, 0)
        convert.from_float(b.y, b.raw_out, self.formats[1], np.ones(1, np.int64))
        taps = np.zeros((self.period, self.size.columns + self.size.outputs), np.float32)
        publish.bad_numbers(a.i64, self._plan)
        publish.taps(taps, b.x, b.y, b.raw_words, control, 0)
        publish.state(control, self.shared.meters_i64.copy(), self.shared.meters_f32.copy(), a.i64, a.f32, self._plan)
        self.shared.touch()
        self.arena.block[:] = self.arena.block.copy()  # a write to every page of it

    def begin(self) -> None:
        """Take the newest image, go on where the life before ended, and start from silence."""
        shared, status = self.shared, self.shared.status
        life = int(status[Word.LIFE])
        found = image.newest(shared)
        if found is None:
            raise EngineDied("The memory shared with the desk holds no state to start from; restart the desk.")
        values = found.values.copy()
        image.put_to_sleep(self.size, values)
        values[self.gain] = -inf
        desk.reset(self.arena, values)
        head = self.arena.i64
        head[HEAD_CLOCK] = shared.control[TAPS_WRITTEN]
        head[HEAD_LOGGED] = shared.control[LOG_WRITTEN]
        head[HEAD_TAKEN] = found.ring_index
        shared.start_values[:] = values
        shared.start_words[1:4] = head[HEAD_CLOCK], head[HEAD_LOGGED], head[HEAD_TAKEN]
        shared.start_words[0] = life
        status[Word.PERIOD_FRAMES], status[Word.DEADLINE_NS] = self.period, self.deadline_ns
        status[Word.PERIODS] = self.card.config.periods
        status[Word.FORMAT_IN], status[Word.FORMAT_OUT] = self.formats
        status[Word.RAW_HASH] = status[Word.THREAD_MAX_NS] = status[Word.BAD_NUMBERS] = 0
        shared.histogram[:] = 0
        leave_kernel_key(shared, kernel_key())
        self._note(Note.START if life == 1 else Note.RESTART, life)
        self._ramp(0.0, COLD_RAMP_S if life == 1 else RESTART_RAMP_S)
        self._publish()

    # --- the loop --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until a stop is asked for or its sample has come; the card is open and primed."""
        card, signals = self.card, self.signals
        self._state(State.RUNNING)
        while not signals.stop and self.arena.i64[HEAD_CLOCK] < self.stop_at:
            data = card.read()
            if data is None:
                if not self._recover():
                    break
                continue
            if not self._block(data) and not self._recover():
                break
        self._ramp_out()
        card.close()
        self._state(State.STOPPED)

    def _block(self, data: bytes) -> bool:
        """One period; False when the card did not take it."""
        began_ns = time.thread_time_ns()
        b, a, shared = self.buffers, self.arena, self.shared
        b.raw_in[:] = np.frombuffer(data, np.uint8)
        self._hear(b)
        desk.process(b.x, b.y, a.f32, a.f64, a.i64, shared.events, shared.log)
        if self.silent_frames:
            b.y[:] = 0.0
        convert.from_float(b.y, b.raw_out, self.formats[1], b.dither)
        self._publish()
        self.folded = publish.taps(shared.taps, b.x, b.y, b.raw_words, shared.control, self.folded)
        self._count(time.thread_time_ns() - began_ns)
        taken = self.card.write(b.raw_out)
        if self.silent_frames:
            self.silent_frames -= self.period
            if not self.silent_frames and not self.stopping:
                self._ramp(0.0, RECOVERY_RAMP_S)
        return taken

    def _hear(self, b: Buffers) -> None:
        """The card's inputs, and what the player has ready beside them."""
        if not self.size.plays:
            convert.to_float(b.raw_in, b.x, self.formats[0])
            return
        shared = self.shared
        convert.to_float(b.raw_in, b.heard, self.formats[0])
        b.x[:, : self.size.inputs] = b.heard
        missing = publish.play(shared.play, b.x, self.size.inputs, shared.player, shared.control)
        if missing and shared.player[PLAY_PLAYING]:
            shared.status[Word.PLAY_LATE] += missing

    def _count(self, spent_ns: int) -> None:
        status, now_ns = self.shared.status, time.monotonic_ns()
        place = spent_ns * HISTOGRAM_BINS_PER_DEADLINE // self.deadline_ns
        self.shared.histogram[min(place, HISTOGRAM_BINS - 1)] += 1
        status[Word.THREAD_MAX_NS] = max(int(status[Word.THREAD_MAX_NS]), spent_ns)
        if not status[Word.FIRST_BLOCK_NS]:
            status[Word.FIRST_BLOCK_NS] = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        status[Word.BLOCK_NS] = spent_ns
        status[Word.BLOCKS] += 1
        status[Word.CLOCK] = self.arena.i64[HEAD_CLOCK]
        status[Word.RAW_HASH] = self.folded
        status[Word.EVENTS_IGNORED] = self.arena.i64[HEAD_IGNORED]
        status[Word.EVENTS_BROKEN] = self.arena.i64[HEAD_BROKEN]
        status[Word.HEARTBEAT_NS] = now_ns

    def _publish(self) -> None:
        a, shared = self.arena, self.shared
        if publish.bad_numbers(a.i64, self._plan) != shared.status[Word.BAD_NUMBERS]:
            self._note_bad_numbers()
        publish.state(shared.control, shared.meters_i64, shared.meters_f32, a.i64, a.f32, self._plan)

    # --- what the engine does by itself ----------------------------------------------------------------------------

    def _note(self, note: Note, count: int, lane: int = 0) -> None:
        bits = struct.unpack("<q", struct.pack("<d", float(note + STRIP_STEP * lane)))[0]
        desk.note(self.arena, self.shared.log, bits, count)

    def _note_bad_numbers(self) -> None:
        start = self.arena.layout.at["lane"] + LANE_BAD
        bad = self.arena.i64[start : start + self.size.lanes * LANE_WORDS : LANE_WORDS]
        for lane in np.flatnonzero(bad != self.bad):
            self._note(Note.BAD_NUMBER, int(bad[lane]), int(lane))
        self.bad[:] = bad
        self.shared.status[Word.BAD_NUMBERS] = int(bad.sum())

    def _ramp(self, to_db: float, seconds: float) -> None:
        desk.inject(self.arena, self.shared.log, self.gain, to_db, self.frames(seconds))

    def _state(self, state: State) -> None:
        self.shared.status[Word.STATE] = state

    def _beat(self) -> None:
        self.shared.status[Word.HEARTBEAT_NS] = time.monotonic_ns()

    def _recover(self) -> bool:
        """After a read or write that brought nothing; False when a stop was asked for while there was no card."""
        self._beat()
        outcome, status = self.card.outcome, self.shared.status
        if outcome not in _OUTAGES:
            return outcome is not Outcome.CLOSED
        note, word = _OUTAGES[outcome]
        status[word] += 1
        self._note(note, int(status[word]))
        if outcome.lost:
            self._state(State.CARD_GONE)
            self._publish()
            if not self.card.reopen(self._beat, lambda: self.signals.stop):
                return False
            status[Word.REOPENS] += 1
            self._note(Note.CARD_BACK, int(status[Word.REOPENS]))
            self._state(State.RUNNING)
        settle = QUANTUM_FRAMES + LIMITER_LATENCY_FRAMES
        self.silent_frames = -(-settle // self.period) * self.period
        self._note(Note.SILENCE, self.silent_frames)
        self._ramp(-inf, 0.0)
        self._publish()
        return True

    def _ramp_out(self) -> None:
        """Fade to silence and play that out, as far as there is a card to play to."""
        self.stopping = True
        self._state(State.STOPPING)
        ramp = self.frames(STOP_RAMP_S)
        self._note(Note.RAMP_OUT, ramp)
        self._ramp(-inf, STOP_RAMP_S)
        left = ramp + QUANTUM_FRAMES + LIMITER_LATENCY_FRAMES + self.card.config.buffer_frames
        while left > 0:
            data = self.card.read()
            if data is None or not self._block(data):
                if self.card.outcome is Outcome.INTERRUPTED or self.card.outcome is Outcome.EMPTY:
                    continue
                break  # an xrun while it fades: it is silent now, and that is what was wanted
            left -= self.period
        self._note(Note.STOP, int(self.shared.status[Word.BLOCKS]))
        self._publish()
