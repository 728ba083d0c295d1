"""One lane of the oracle, from its source to behind its fader, and two of them worked out as a pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dsp.slots import NONE, SOURCE_FX, SOURCE_OSC, SOURCE_PLAY, StripKind
from tests.oracle import loops, sections
from tests.oracle.dynamics import Compressor, Gate
from tests.oracle.glides import Glides
from tests.oracle.groups import Groups
from tests.oracle.lanes import (
    COMP_KEY,
    GATE_KEY,
    INPUT,
    INSERT_LINES,
    LOUDEST_HEARD,
    POST_EQ,
    POST_FADER,
    PRE_EQ,
    PRE_FADER,
    TO_MAIN,
    Lanes,
    Signals,
    balance_gains,
    sane,
)
from tests.oracle.loops import QUANTUM, F
from tests.oracle.ramps import DelayLine, Fade, Ramped, Walk, quanta
from tests.oracle.sends import Sender

LOUDEST_MEAN_SQUARE = 1e36
BEFORE_EQ, AFTER_EQ = 0, 1
_SOURCED = (StripKind.CHANNEL, StripKind.RETURN)
_DETECTORS = ("gate", "comp")


class Strip:
    """State of one lane. What it gives is in its lines of `signals`."""

    def __init__(self, lane: int, rate_hz: int, glides: Glides, lanes: Lanes, groups: Groups) -> None:
        rate = rate_hz
        self.lane, self.side, self.kind = lane, lane % 2, lanes.kind(lane)
        self.slots = slots = glides.strip(lane)
        self._groups, self._rate = groups, rate
        self._source = Fade(slots.choice("source"), rate)
        self._guard = 0
        self._input_gain = Ramped(self._input_gain_now())
        self._delay = DelayLine(1, slots.u("delay_ms"), rate)
        self._sections = sections.Sections(slots, rate)
        self._gate, self._comp = Gate(slots, rate), Compressor(slots, rate)
        self._insert = Fade(slots.choice("insert.slot"), rate)
        before, after = self._insert_now()
        self._insert_wet = Ramped(before), Ramped(after)
        self._alone = Walk(groups.in_place(self.kind, slots), rate)
        self._mute = Ramped(groups.mute_gain(slots) * self._alone.after)
        own, cross = self._fader_now(lanes.lam(lane))
        self._own, self._cross = Ramped(own), Ramped(cross)
        self._lanes = lanes
        self._key_choice = {of: Fade(self._key_now(of), rate) for of in _DETECTORS}
        self._key_given: dict[str, F | None] = dict.fromkeys(_DETECTORS)
        self.x = np.zeros(QUANTUM)
        self.heard = self.x  # by the gate
        self.heard_by_comp: F | None = None  # by the compressor where it is keyed
        self.sender = Sender(lane, glides, lanes)
        self.bad_numbers = 0

    def _guard_now(self) -> float:
        return min(max(1.0 - self._guard / quanta(0.010, self._rate), 0.0), 1.0)

    def _input_gain_now(self) -> float:
        slots = self.slots
        gain = 10.0 ** (slots.u("trim_db") / 20.0) * (1.0 - 2.0 * slots.u("polarity_invert"))
        factor = self._source.factor.after if self.kind in _SOURCED else 1.0
        return float(gain * factor * self._guard_now())

    def _insert_now(self) -> tuple[float, float]:
        slots, position = self.slots, self.slots.u("insert.position")
        wet = slots.u("insert.on") * self._insert.factor.after if self._insert.choice >= 0 else 0.0
        return wet * (1.0 - position), wet * position

    def _fader_now(self, lam: float) -> tuple[float, float]:
        """Own and cross."""
        fader = self._groups.fader_gain(self.slots)
        balance = balance_gains(self.slots.u("pan"))[self.side]
        width = self.slots.u("width_pct") / 100.0
        own = fader * (1.0 + lam * (balance * (1.0 + width) / 2.0 - 1.0))
        return own, fader * lam * balance * (1.0 - width) / 2.0

    def _from(self, source: int, signals: Signals) -> F:
        """What a source gives; the rows of the effects are those of the last quantum until they are made."""
        if source >= SOURCE_FX:
            effect, side = divmod(source - SOURCE_FX, 2)
            return signals.effects[effect, side] if effect < len(signals.effects) else signals.silence
        if source == SOURCE_OSC:
            return signals.generator
        return signals.play(source - SOURCE_PLAY) if source >= SOURCE_PLAY else signals.port(source)

    @property
    def is_crossing(self) -> bool:
        """Whether anything of the other side is still or already in its post_fader signal."""
        return not self._cross.is_silent

    def begin(self, lam: float) -> None:
        """The fader's ramps of a new quantum, with the λ that counts."""
        own, cross = self._fader_now(lam)
        self._own.to(own)
        self._cross.to(cross)
        self._alone.toward(self._groups.in_place(self.kind, self.slots))
        self._mute.to(self._groups.mute_gain(self.slots) * self._alone.after)

    def hear(self, signals: Signals, sent: F) -> None:
        """The input tap, from the source or from what was sent."""
        x = sent.copy()
        if self.kind in _SOURCED:
            x = self._from(self._source.step(self.slots.choice("source")), signals).copy()
        self._guard = max(self._guard - 1, 0)
        gain = self._input_gain.to(self._input_gain_now())
        loops.ramp(x, gain.before, gain.after)
        signals.lines[self.lane, INPUT] = x
        self.x = x

    def hear_keys(self, signals: Signals) -> None:
        """What the other strips give to listen to."""
        for of, choice in self._key_choice.items():
            sides, _ = choice.step(self._key_now(of))
            self._key_given[of] = signals.key(self.lane, sides)

    def turn(self) -> None:
        """The strip's tile has its turn."""
        self._sections.turn()
        self.sender.turn()

    def _key_now(self, of: str) -> tuple[tuple[int, int], bool]:
        """The lanes a detector wants for a key, and whether it is to be keyed."""
        sides = self._lanes.key_of(self.lane, self.slots.choice(f"{of}.key.source"))
        return sides, sides[0] != NONE or self.slots.choice(f"{of}.key.filter") != 0

    def _key(self, of: str, itself: F, section: tuple[int, int]) -> F | None:
        """What a detector listens to where it is keyed."""
        (_, keyed), given = self._key_choice[of].choice, self._key_given[of]
        if not keyed:
            self._sections.clear_one(section)
            return None
        x = sane(itself) if given is None else given
        self._sections.process(x, section)
        return x

    def _to_listeners(self, of: str, heard: F) -> F:
        """A detector's key as it is given to people."""
        out, factor = heard.copy(), self._key_choice[of].factor
        loops.ramp(out, factor.before, factor.after)
        return out

    def to_gate(self, lines: F) -> None:
        """Delay and filters, and what the gate listens to."""
        self._delay.process(self.x[np.newaxis], self.slots.u("delay_ms"))
        self._sections.process(self.x, sections.FILTERS)
        keyed = self._key("gate", self.x, sections.GATE_KEY)
        self.heard = self.x.copy() if keyed is None else keyed
        lines[GATE_KEY] = self._to_listeners("gate", self.heard)

    def gate(self, other: F, lam: float, lines: F) -> None:
        """The gate, and what the compressor listens to."""
        self._gate.process(self.x, self.heard, other, lam)
        lines[PRE_EQ] = self.x
        self.heard_by_comp = self._key("comp", self.x, sections.COMP_KEY)
        lines[COMP_KEY] = self._to_listeners("comp", self.x if self.heard_by_comp is None else self.heard_by_comp)
        self._comp.begin()
        self._insert.step(self.slots.choice("insert.slot"))
        for wet, now in zip(self._insert_wet, self._insert_now(), strict=True):
            wet.to(now)

    def insert(self, place: int, signals: Signals) -> None:
        """The insert, at one of its two places."""
        wet, slot = self._insert_wet[place], self._insert.choice
        if not wet.is_silent and slot < INSERT_LINES:
            loops.insert(self.x, signals.inserts[slot], signals.port(slot), wet.before, wet.after, LOUDEST_HEARD)

    def equalise(self) -> None:
        """The EQ."""
        self._sections.process(self.x, sections.EQ)
        self._sections.advance()

    def compress(self, place: int, peaks: tuple[F, F], squares: tuple[F, F], lam: float) -> None:
        """The compressor at one of its two places; what both sides listen to, own first."""
        self._comp.process(self.x, place, peaks, squares, lam)

    @property
    def compressor(self) -> Compressor:
        """Its detectors are heard by the other side."""
        return self._comp

    def to_fader(self, lines: F) -> None:
        """The tap behind all processing, silence if there is a bad number in it, and the mute."""
        lines[POST_EQ] = self.x
        if not float(np.mean(self.x * self.x)) <= LOUDEST_MEAN_SQUARE:
            self._silence(lines)
        lines[PRE_FADER] = lines[POST_EQ]
        loops.ramp(lines[PRE_FADER], self._mute.before, self._mute.after)

    def _silence(self, lines: F) -> None:
        for part in (self._sections, self._gate, self._comp, self._delay):
            part.clear()
        lines[:] = 0.0
        self._input_gain.after = 0.0
        self._guard = quanta(0.050, self._rate) + quanta(0.010, self._rate)
        self.bad_numbers += 1

    def fade(self, other: F, lines: F) -> None:
        """The fader; `other` is pre_fader of the other side."""
        lines[POST_FADER] = 0.0
        loops.add_ramped(lines[POST_FADER], lines[PRE_FADER], self._own.before, self._own.after)
        loops.add_ramped(lines[POST_FADER], other, self._cross.before, self._cross.after)

    def send(self, signals: Signals) -> None:
        """To all that hear it in this quantum, and of a return to the buses of the next one."""
        gains = self.sender.gains
        sent = np.zeros_like(signals.sent) if self.kind == StripKind.RETURN else signals.sent
        loops.send(signals.lines[self.lane], gains.start, gains.goal, gains.frame, sent)
        if self.kind == StripKind.RETURN:
            signals.sent_later[:TO_MAIN] += sent[:TO_MAIN]
            signals.sent[TO_MAIN:] += sent[TO_MAIN:]
        self.sender.advance()


def _compress(group: Sequence[Strip], place: int, lam: float, silence: F) -> None:
    if not any(strip.compressor.is_engaged(place) for strip in group):
        return
    peaks = [strip.x.copy() if strip.heard_by_comp is None else strip.heard_by_comp for strip in group]
    squares = [strip.compressor.mean_squares(x, place) for strip, x in zip(group, peaks, strict=True)]
    for n, strip in enumerate(group):
        other = len(group) - 1 - n
        alone = other == n
        strip.compress(
            place,
            (peaks[n], silence if alone else peaks[other]),
            (squares[n], silence if alone else squares[other]),
            lam,
        )


def work(group: Sequence[Strip], lam: float, signals: Signals) -> None:
    """One lane, or both of a pair: their inputs and keys are known; λ is the one that counts."""
    silence = signals.silence
    lines = [signals.lines[strip.lane] for strip in group]
    for strip, own in zip(group, lines, strict=True):
        strip.to_gate(own)
    for n, strip in enumerate(group):
        strip.gate(group[1 - n].heard if len(group) > 1 else silence, lam, lines[n])
    for strip in group:
        strip.insert(BEFORE_EQ, signals)
    _compress(group, BEFORE_EQ, lam, silence)
    for strip in group:
        strip.equalise()
    _compress(group, AFTER_EQ, lam, silence)
    for strip, own in zip(group, lines, strict=True):
        strip.insert(AFTER_EQ, signals)
        strip.to_fader(own)
    for n, strip in enumerate(group):
        strip.fade(lines[1 - n][PRE_FADER] if len(group) > 1 else silence, lines[n])
    for strip in group:
        strip.send(signals)
