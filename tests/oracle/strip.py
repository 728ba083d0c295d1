"""One strip of the oracle, a channel or the stereo main: from its source to before its fader."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tests.oracle import designs, loops
from tests.oracle.loops import QUANTUM, F

if TYPE_CHECKING:
    from tests.oracle.glides import Glides

SECTIONS = 9
LOUDEST_MEAN_SQUARE = 1e36


def quanta(seconds: float, rate_hz: float) -> int:
    """⌈seconds · rate / 32⌉."""
    return math.ceil(seconds * rate_hz / QUANTUM - 1e-9)


def one_pole(ms: float, rate_hz: float) -> float:
    """α = exp(−1/(τ rate))."""
    return math.exp(-1000.0 / (ms * rate_hz))


def hold_frames(ms: float, rate_hz: float) -> int:
    """Hold in frames."""
    return math.floor(ms * rate_hz / 1000.0 + 0.5)


class SourceFade:
    """A chosen source that changes by fading out, then in, over 10 ms each."""

    def __init__(self, source: int, rate_hz: float) -> None:
        self.source = source
        self._next = source
        self._n = quanta(0.010, rate_hz)
        self._done = 2 * self._n
        self.factor = 1.0

    def step(self, wanted: int) -> int:
        """The source of this quantum; `factor` is what its ramp ends at."""
        n = self._n
        if self._done == 2 * n and wanted != self.source:
            self._next, self._done = wanted, 0
        if self._done < 2 * n:
            if self._done == n:
                self.source = self._next
            self._done += 1
            self.factor = 1.0 - self._done / n if self._done <= n else self._done / n - 1.0
        return self.source


class Ramped:
    """A gain and what it was at the end of the last quantum."""

    def __init__(self, value: float) -> None:
        self.before = self.after = value

    def to(self, value: float) -> Ramped:
        """The ramp of this quantum."""
        self.before, self.after = self.after, value
        return self

    @property
    def pair(self) -> F:
        """Before and after."""
        return np.array([self.before, self.after])


class Strip:
    """State and parameters of one strip; `first` is the address of its slot 0, by name in `names`."""

    def __init__(self, glides: Glides, names: dict[str, int], tile: int, sides: int, rate_hz: int) -> None:
        self._u = glides.u
        self._at = names
        self._tile, self._sides, self._rate = tile, sides, rate_hz
        self.source = SourceFade(int(self.u("source")), rate_hz)
        self._input_gain = Ramped(self._input_gain_now())
        self._longest = math.floor(0.5 * rate_hz + 0.5)
        self._line = np.zeros((sides, self._longest + 2 * QUANTUM))
        self._written = 0
        self._delay = self._delay_next = self._delay_now()
        self._line_since: int | None = 0 if self._delay else None
        self._fade_done, self._fade_length = 0, 0
        self._seen = self._section_settings()
        self._start = np.array(self._section_designs())
        self._goal = self._start.copy()
        self._frame = loops.RAMP_FRAMES
        self._states = np.zeros((sides, SECTIONS, 2))
        self._gate_wet = Ramped(self.u("gate.on"))
        self.gate_env = np.zeros((sides, 3))
        self.comp_env = [np.zeros((sides, 3)), np.zeros((sides, 3))]
        pre, post, threshold, slope, makeup = self._comp_now()
        self._comp_wet = [Ramped(pre), Ramped(post)]
        self._threshold, self._slope, self._makeup = Ramped(threshold), Ramped(slope), Ramped(makeup)
        self._clear_gate()
        self._guard = 0
        self._guard_gain = Ramped(1.0)
        self.bad_numbers = 0

    def u(self, name: str) -> float:
        """Where a parameter is, in its domain."""
        return float(self._u[self._at[name]])

    def _power2(self, name: str) -> float:
        return float(2.0 ** self.u(name))

    def _input_gain_now(self) -> float:
        return float(10.0 ** (self.u("trim_db") / 20.0) * (1.0 - 2.0 * self.u("polarity_invert")) * self.source.factor)

    def _delay_now(self) -> int:
        return min(max(math.floor(self.u("delay_ms") * self._rate / 1000.0 + 0.5), 0), self._longest)

    def _section_settings(self) -> list[tuple[float, ...]]:
        hpf = (self.u("hpf.on"), self.u("hpf.freq_hz"), self.u("hpf.slope_db_oct"))
        lpf = (self.u("lpf.on"), self.u("lpf.freq_hz"), self.u("lpf.slope_db_oct"))
        bands = [
            (self.u("eq.on"), *(self.u(f"eq.band.{n}.{name}") for name in ("on", "type", "freq_hz", "gain_db", "q")))
            for n in range(1, 7)
        ]
        return [hpf, hpf, lpf, *bands]

    def _section_designs(self) -> list[designs.Svf]:
        rate = float(self._rate)
        first, second = designs.hpf_sections(
            self._power2("hpf.freq_hz"), (6, 12, 18, 24)[int(self.u("hpf.slope_db_oct"))], self.u("hpf.on"), rate
        )
        lpf = designs.lpf_section(
            self._power2("lpf.freq_hz"), (6, 12)[int(self.u("lpf.slope_db_oct"))], self.u("lpf.on"), rate
        )
        bands = []
        for n in range(1, 7):
            at = f"eq.band.{n}."
            wet = self.u("eq.on") * self.u(at + "on")
            kind = int(self.u(at + "type"))
            freq, q = self._power2(at + "freq_hz"), self._power2(at + "q")
            bands.append(designs.eq_section(kind, freq, self.u(at + "gain_db"), q, wet, rate))
        return [first, second, lpf, *bands]

    def _redesign(self, quantum: int) -> None:
        if (quantum + self._tile) % 4:
            return
        self._start = self._goal.copy()
        self._frame = 0
        settings = self._section_settings()
        if settings == self._seen:
            return
        found = self._section_designs()
        for s in range(SECTIONS):
            if settings[s] != self._seen[s]:
                if tuple(self._start[s, 2:]) == (1.0, 0.0, 0.0):
                    self._states[:, s] = 0.0
                self._goal[s] = found[s]
        self._seen = settings

    def _comp_now(self) -> tuple[float, float, float, float, float]:
        threshold, slope = self.u("comp.threshold_db"), self.u("comp.ratio") - 1.0
        wet, position = self.u("comp.on") * self.u("comp.mix_pct") / 100.0, self.u("comp.position")
        makeup = self.u("comp.makeup_db") + self.u("comp.auto_makeup") * -0.5 * slope * (0.0 - threshold)
        return wet * (1.0 - position), wet * position, threshold, slope, makeup

    def _clear_gate(self) -> None:
        self.gate_env[:] = 0.0
        self.gate_env[:, 2] = 0.0 if int(self.u("gate.mode")) == 2 else 1.0

    def _clear_all(self) -> None:
        self._states[:] = 0.0
        self._line[:] = 0.0
        if self._line_since is not None:
            self._line_since = self._written
        self._clear_gate()
        for env in self.comp_env:
            env[:] = 0.0

    def _delay_line(self, x: F) -> None:
        wanted = self._delay_now()
        if self._fade_length == 0:
            if wanted == self._delay == 0:
                self._line_since = None
            elif self._line_since is None:
                self._line_since = self._written
            if wanted != self._delay and self._line_since is not None and self._written - self._line_since >= wanted:
                self._delay_next, self._fade_done = wanted, 0
                self._fade_length = QUANTUM * quanta(0.020, self._rate)
        for side in range(self._sides):
            loops.delay(x[side], self._line[side], self._written, self._delay, self._delay_next,
                        self._fade_done, self._fade_length)  # fmt: skip
        self._written += QUANTUM
        if self._fade_length:
            self._fade_done += QUANTUM
            if self._fade_done == self._fade_length:
                self._delay, self._fade_length = self._delay_next, 0

    def _times(self, group: str) -> tuple[float, float, float]:
        return (
            hold_frames(self._power2(f"{group}.hold_ms"), self._rate),
            one_pole(self._power2(f"{group}.attack_ms"), self._rate),
            one_pole(self._power2(f"{group}.release_ms"), self._rate),
        )

    def _gate(self, x: F) -> None:
        wet = self._gate_wet.to(self.u("gate.on"))
        if wet.before == 0.0:
            self._clear_gate()
        if wet.before == wet.after == 0.0:
            return
        ratio = 1.0 / self.u("gate.ratio")
        hold, attack, release = self._times("gate")
        loops.gate(x, self.gate_env, wet.before, wet.after, int(self.u("gate.mode")), self.u("gate.threshold_db"),
                   self.u("gate.hysteresis_db"), self.u("gate.range_db"), ratio, float(hold),
                   attack, release)  # fmt: skip

    def _compress(self, x: F, place: int) -> None:
        wet = self._comp_wet[place]
        if wet.before == 0.0:
            self.comp_env[place][:] = 0.0
        if wet.before == wet.after == 0.0:
            return
        hold, attack, release = self._times("comp")
        loops.compress(x, self.comp_env[place], wet.pair, self._threshold.pair, self._slope.pair, self._makeup.pair,
                       self.u("comp.knee_db"), int(self.u("comp.detector")) == 1, float(hold), attack, release,
                       one_pole(1000.0 * loops.RMS_SECONDS, self._rate))  # fmt: skip

    def _filter(self, x: F, first: int, last: int) -> None:
        for side in range(self._sides):
            loops.sections(x[side], first, last, self._start, self._goal, self._frame, self._states[side])

    def _guarded(self, x: F) -> None:
        """Silences a strip with a bad number, and lets it come back."""
        n_mute, n_back = quanta(0.050, self._rate), quanta(0.010, self._rate)
        with np.errstate(invalid="ignore"):
            bad = not bool(np.all(np.mean(x * x, axis=1) <= LOUDEST_MEAN_SQUARE))
        if bad:
            self._clear_all()
            self.bad_numbers += 1
            self._guard = 1 + n_mute + n_back
        if self._guard == 0:
            return
        self._guard -= 1
        back = min(max(1.0 - self._guard / n_back, 0.0), 1.0)
        if bad:
            self._guard_gain = Ramped(0.0)
        gain = self._guard_gain.to(back)
        if bad:
            x[:] = 0.0
            return
        for side in range(self._sides):
            loops.ramp(x[side], gain.before, gain.after)

    def process(self, x: F, quantum: int) -> None:
        """x [sides, 32] in place, from the source to before the fader."""
        gain = self._input_gain.to(self._input_gain_now())
        for side in range(self._sides):
            loops.ramp(x[side], gain.before, gain.after)
        self._delay_line(x)
        self._redesign(quantum)
        pre, post, threshold, slope, makeup = self._comp_now()
        self._comp_wet[0].to(pre)
        self._comp_wet[1].to(post)
        self._threshold.to(threshold)
        self._slope.to(slope)
        self._makeup.to(makeup)
        self._filter(x, 0, 3)
        self._gate(x)
        self._compress(x, 0)
        self._filter(x, 3, SECTIONS)
        self._frame = min(self._frame + QUANTUM, loops.RAMP_FRAMES)
        self._compress(x, 1)
        self._guarded(x)
