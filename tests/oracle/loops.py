"""The oracle's loops over one quantum of one strip: scalar float64, one sample after the other.

numba only makes them quick; they are plain Python. A signal is [32], one side of a strip.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]

QUANTUM = 32
RAMP_FRAMES = 128
EPSILON_DB = 0.001
LEVEL_FLOOR = 1e-10
RMS_SECONDS = 0.010


def _loop(function: Callable[..., Any]) -> Any:
    return numba.njit(cache=True, error_model="numpy")(function)


@_loop
def ramp(x: F, before: float, after: float) -> None:
    """Times a gain that reaches `after` with the last frame."""
    for i in range(x.shape[0]):
        x[i] *= before + (after - before) * (i + 1) / QUANTUM


@_loop
def add_ramped(y: F, x: F, before: float, after: float) -> None:
    """Adds x times a ramp to y."""
    for i in range(x.shape[0]):
        y[i] += x[i] * (before + (after - before) * (i + 1) / QUANTUM)


@_loop
def delay(x: F, line: F, at: int, d_old: int, d_new: int, done: int, length: int) -> None:
    """x through a delay line (ring); `length` 0: no crossfade, else `done` frames of it are behind us."""
    size = line.shape[0]
    for i in range(x.shape[0]):
        line[(at + i) % size] = x[i]
        old = line[(at + i - d_old) % size]
        if length == 0:
            x[i] = old
        else:
            part = (done + i + 1) / length
            x[i] = (1.0 - part) * old + part * line[(at + i - d_new) % size]


@_loop
def sections(x: F, first: int, last: int, start: F, goal: F, frame: int, state: F) -> None:
    """Sections first … last−1 of one side; start, goal [9, 5], state [9, 2], `frame` of the 128 are behind us."""
    for s in range(first, last):
        ic1, ic2 = state[s, 0], state[s, 1]
        for i in range(x.shape[0]):
            part = min(frame + i + 1, RAMP_FRAMES) / RAMP_FRAMES
            g = start[s, 0] + (goal[s, 0] - start[s, 0]) * part
            k = start[s, 1] + (goal[s, 1] - start[s, 1]) * part
            m0 = start[s, 2] + (goal[s, 2] - start[s, 2]) * part
            m1 = start[s, 3] + (goal[s, 3] - start[s, 3]) * part
            m2 = start[s, 4] + (goal[s, 4] - start[s, 4]) * part
            v1 = ic1 + g * (x[i] - ic2 - (g + k) * ic1) / (1.0 + g * (g + k))
            v2 = ic2 + g * v1
            ic1 = 2.0 * v1 - ic1
            ic2 = 2.0 * v2 - ic2
            x[i] = m0 * x[i] + m1 * v1 + m2 * v2
        state[s, 0], state[s, 1] = ic1, ic2


@_loop
def envelope(
    e: float, counter: float, wanted: float, up: bool, hold: float, a_att: float, a_rel: float
) -> tuple[float, float]:
    """One step of the gain in dB and its hold counter."""
    toward = wanted > e if up else wanted < e
    if toward or abs(wanted - e) <= EPSILON_DB:
        return wanted + a_att * (e - wanted), hold
    if counter > 0:
        return e, counter - 1
    return wanted + a_rel * (e - wanted), counter


@_loop
def louder(own: F, other: F, other_gain: float, out: F) -> None:
    """The larger of the own magnitude and the other side's; a number that is none is never the larger one."""
    for i in range(own.shape[0]):
        most = 0.0
        most = max(most, abs(own[i]))
        most = max(most, other_gain * abs(other[i]))
        out[i] = most


@_loop
def gate(x: F, heard: F, env: F, wet: F, mode: int, threshold: float, hysteresis: float, depth: float, ratio: float,
         hold: float, a_att: float, a_rel: float) -> None:  # fmt: skip
    """heard: magnitudes; env: gain in dB, hold counter, latch; wet: before and after."""
    for i in range(QUANTUM):
        level = 20.0 * math.log10(max(heard[i], LEVEL_FLOOR))
        w = wet[0] + (wet[1] - wet[0]) * (i + 1) / QUANTUM
        if level >= threshold:
            env[2] = 1.0
        elif level < threshold - hysteresis:
            env[2] = 0.0
        if mode == 0:
            wanted = 0.0 if env[2] > 0.5 else -depth
        elif mode == 1:
            wanted = max(-depth, (ratio - 1.0) * (level - threshold)) if level < threshold else 0.0
        else:
            wanted = -depth if env[2] > 0.5 else 0.0
        env[0], env[1] = envelope(env[0], env[1], wanted, mode != 2, hold, a_att, a_rel)
        x[i] *= 10.0 ** (w * env[0] / 20.0)


@_loop
def computed_db(over: float, slope: float, knee: float) -> float:
    """The gain computer: gain in dB wanted `over` dB above the threshold; slope is 1/R − 1."""
    if knee > 0.0:
        if 2.0 * over <= -knee:
            return 0.0
        if 2.0 * over >= knee:
            return slope * over
        return slope * (over + knee / 2.0) ** 2 / (2.0 * knee)
    return slope * over if over > 0.0 else 0.0


@_loop
def mean_squares(x: F, env: F, a_rms: float, out: F) -> None:
    """The one-pole mean of x², kept in env[2]."""
    for i in range(x.shape[0]):
        env[2] = x[i] ** 2 + a_rms * (env[2] - x[i] ** 2)
        out[i] = env[2]


@_loop
def compress(x: F, heard: F, env: F, wet: F, threshold: F, slope: F, makeup: F, knee: float, hold: float,
             a_att: float, a_rel: float) -> None:  # fmt: skip
    """heard: magnitudes; env: gain in dB, hold counter; wet, threshold, slope, makeup: before and after."""
    for i in range(QUANTUM):
        part = (i + 1) / QUANTUM
        level = 20.0 * math.log10(max(heard[i], LEVEL_FLOOR))
        t = threshold[0] + (threshold[1] - threshold[0]) * part
        r = slope[0] + (slope[1] - slope[0]) * part
        m = makeup[0] + (makeup[1] - makeup[0]) * part
        w = wet[0] + (wet[1] - wet[0]) * part
        wanted = computed_db(level - t, r, knee)
        env[0], env[1] = envelope(env[0], env[1], wanted, False, hold, a_att, a_rel)
        x[i] *= 1.0 + w * (10.0 ** ((env[0] + m) / 20.0) - 1.0)


@_loop
def insert(x: F, line: F, back: F, before: float, after: float, loudest: float) -> None:
    """What goes out to an insert line and what comes back instead, by a wet ramp."""
    for i in range(QUANTUM):
        w = before + (after - before) * (i + 1) / QUANTUM
        if abs(w * x[i]) <= loudest:
            line[i] += w * x[i]
        x[i] += w * (back[i] - x[i])


@_loop
def send(lines: F, start: F, goal: F, frame: int, sent: F) -> None:
    """Adds lines [n, 32] times long ramps [n, destinations] to what is sent; `frame` of the 128 are behind us."""
    for of in range(start.shape[0]):
        for to in range(start.shape[1]):
            first, last = start[of, to], goal[of, to]
            if first == 0.0 and last == 0.0:
                continue
            for i in range(QUANTUM):
                part = min(frame + i + 1, RAMP_FRAMES) / RAMP_FRAMES
                sent[to, i] += lines[of, i] * (first + (last - first) * part)


@_loop
def tones(out: F, phases: F, step_1: float, step_2: float, both: bool) -> None:
    """A sine, or the mean of two; phases in turns, steps in turns a frame."""
    for i in range(out.shape[0]):
        out[i] = math.sin(2.0 * math.pi * phases[0])
        if both:
            out[i] = (out[i] + math.sin(2.0 * math.pi * phases[1])) / 2.0
        phases[0] = (phases[0] + step_1) % 1.0
        phases[1] = (phases[1] + step_2) % 1.0


@_loop
def white_noise(out: F, seed: Any) -> None:
    """√1.5 times a uniform number in −1…1 from the upper bits of Knuth's MMIX; seed: uint64[1]."""
    for i in range(out.shape[0]):
        seed[0] = seed[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        fraction = float(seed[0] >> np.uint64(40)) / 16777216.0
        out[i] = math.sqrt(1.5) * (2.0 * fraction - 1.0)


@_loop
def pink_from_white(x: F, poles: F, zeros: F, state: F) -> None:
    """Sections of the first order in a row, in place; state [n, 2]: the frame before, in and out."""
    for i in range(x.shape[0]):
        v = x[i]
        for s in range(poles.shape[0]):
            y = v - zeros[s] * state[s, 0] + poles[s] * state[s, 1]
            state[s, 0], state[s, 1] = v, y
            v = y
        x[i] = v


@_loop
def sweep(out: F, phases: F, state: F, length: float, rate: float, last_hz: float) -> None:
    """A sine that goes up from 20 Hz; state: its frame j and its length J, which is taken at j = 0."""
    for i in range(out.shape[0]):
        if state[0] == 0.0:
            state[1] = length
        hz = 20.0 * (last_hz / 20.0) ** (state[0] / state[1])
        out[i] = math.sin(2.0 * math.pi * phases[0])
        phases[0] = (phases[0] + hz / rate) % 1.0
        state[0] += 1.0
        if state[0] >= state[1]:
            state[0] = 0.0


TAPS_BEFORE, TAPS_AFTER = 11, 12
LOOKAHEAD = 32


@_loop
def limit(
    x: F, y: F, past: F, b: F, r: F, e: F, at: int, phases: F, ceiling_db: float, held_db: float, a_rel: float
) -> None:
    """The output limiter. past, b, r, e: rings of at least 128 frames; phases [7, 24]: h(i − k/8), i = −11 … 12."""
    size = past.shape[0]
    margin_db = ceiling_db - 0.1
    held = 10.0 ** (held_db / 20.0)
    for i in range(x.shape[0]):
        past[(at + i) % size] = x[i]
        n = at + i - TAPS_AFTER
        between = 1e-30
        for k in range(7):
            total = 0.0
            for t in range(24):
                total += past[(n + t - TAPS_BEFORE) % size] * phases[k, t]
            between = max(between, abs(total))
        b[n % size] = min(0.0, margin_db - 20.0 * math.log10(between))
        own = margin_db - 20.0 * math.log10(max(abs(past[n % size]), 1e-30))
        r[n % size] = min(own, b[n % size], b[(n - 1) % size])
        least = 0.0
        for j in range(LOOKAHEAD):
            least = min(least, r[(n - j) % size])
        last = e[(n - 1) % size]
        e[n % size] = least if least < last else least + a_rel * (last - least)
        mean = 0.0
        for j in range(LOOKAHEAD):
            mean += e[(n - j) % size]
        out = past[(n - LOOKAHEAD + 1) % size] * 10.0 ** (mean / LOOKAHEAD / 20.0)
        y[i] = min(max(out, -held), held)
    last = (at + x.shape[0] - 1 - TAPS_AFTER) % size
    if e[last] > -6.02e-7:
        e[last] = 0.0
