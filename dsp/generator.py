"""Generator and talkback: two signals of the desk's own, and where they are sent (`docs/signal.md`, "Generator").

Full scale is 0 dB: a sine's peak, and noise of a sine's power.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import gains, mix, rows, sends, slots
from dsp.compile import inline, njit
from dsp.convert import GENERATOR, LAST_24_BITS
from dsp.delay import quanta_of
from dsp.gains import FADE_S
from dsp.glide import from_domain
from dsp.keys import LARGEST
from dsp.places import lane_of, sides_of
from dsp.rows import AUX_GAIN, AUX_GAIN_STEP, AUX_OSC, AUX_TALK, DESTS, FADE_LEFT, LANES, QUANTUM_FRAMES, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_D = slots.DESK_INDEX
_ON, _TYPE, _HZ, _HZ_2 = _D["osc.on"], _D["osc.type"], _D["osc.freq_hz"], _D["osc.freq_2_hz"]
_SWEEP_S, _LEVEL, _TO = _D["osc.sweep_s"], _D["osc.level_db"], _D["osc.destination"]
_TALK_ON, _TALK_SOURCE, _TALK_LEVEL = _D["talkback.on"], _D["talkback.source"], _D["talkback.level_db"]
_TALK_BUS, _TALK_MATRIX = _D["talkback.to.bus.1"], _D["talkback.to.matrix.1"]
_TALK_MAIN, _TALK_MONO = _D["talkback.to.main"], _D["talkback.to.mono"]
_LOG = int(slots.Domain.LOG)
_TWO_SINES, _WHITE, _PINK, _SWEEP = range(1, len(slots.OSC_TYPES))  # 0 is a sine
_BLOCK = QUANTUM_FRAMES * LANES
SEED = 1
_WHITE_PEAK = math.sqrt(1.5)  # a uniform number within ±√1.5 has the power of a sine
SWEEP_FROM_HZ, SWEEP_TO_HZ, SWEEP_TO_OF_RATE = 20.0, 20000.0, 0.45
PINK_LOWEST_OF_RATE = 9e-5
PINK_POWER = 3.5589634560207695  # of the sections' response to white noise


def _pink_poles() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = PINK_LOWEST_OF_RATE * 2.0 ** np.arange(rows.PINK_SECTIONS)
    turn = [np.tan(math.pi * of_rate) for of_rate in (at, math.sqrt(2.0) * at)]
    return (1.0 - turn[0]) / (1.0 + turn[0]), (1.0 - turn[1]) / (1.0 + turn[1])


_POLES, _ZEROS = _pink_poles()


@njit
def _set_goals(f32: Floats, f64: Floats64, i64: Words) -> None:
    """Where both signals go: as sends of two lanes of the tile behind the last."""
    lane = i64[rows.HEAD_TILES] * LANES
    desk = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    sends.forget(f32, i64, lane + AUX_OSC)
    sends.forget(f32, i64, lane + AUX_TALK)
    left, right = sides_of(f64, i64, lane_of(i64, int(f64[desk + _TO])))
    for to in range(left, right + 1):
        if left >= 0:
            _to(f32, i64, lane + AUX_OSC, to, 1.0)
    for kind, slot in ((rows.KIND_BUS, _TALK_BUS), (rows.KIND_MATRIX, _TALK_MATRIX)):
        first = i64[rows.HEAD_FIRST_TILE + kind] * LANES
        for n in range(i64[rows.HEAD_LANES_OF + kind]):
            left, _ = sides_of(f64, i64, first + n)  # the left side of a stereo strip speaks for both
            _to(f32, i64, lane + AUX_TALK, first + n, f64[desk + slot + left - first])
    first = i64[rows.HEAD_FIRST_TILE + rows.KIND_MAIN] * LANES
    for n in range(3):
        _to(f32, i64, lane + AUX_TALK, first + n, f64[desk + (_TALK_MAIN if n < 2 else _TALK_MONO)])


@njit
def _to(f32: Floats, i64: Words, lane: int, to: int, gain: float) -> None:
    """A gain to the strip at lane `to`, where it is one that can be sent to."""
    tile = to // LANES
    kind = i64[i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS + rows.TILE_KIND]
    if kind == rows.KIND_BUS:
        dest = rows.DEST_BUS + tile - i64[rows.HEAD_FIRST_TILE + rows.KIND_BUS]
    elif kind == rows.KIND_MAIN:
        dest = rows.DEST_MAIN
    elif kind == rows.KIND_MATRIX:
        dest = rows.DEST_MATRIX
    else:
        return
    sends.add(f32, i64, lane, 0, dest, to % LANES, gain)


@njit
def prepare(f32: Floats, f64: Floats64, i64: Words) -> bool:
    """Levels, and the ways from one type or source to another; True while something has still to move."""
    desk = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    own, quanta = i64[rows.AT_GENERATOR], quanta_of(FADE_S, i64[rows.HEAD_RATE])
    fresh = i64[rows.HEAD_FRESH] != 0
    kind, source = int(f64[desk + _TYPE]), int(f64[desk + _TALK_SOURCE])
    if fresh:
        i64[own + rows.OSC_TYPE], i64[own + rows.TALK_SOURCE] = kind, source
    before = i64[own + rows.OSC_TYPE]
    moves = gains.walk_fade(i64, own + rows.OSC_TYPE, kind, quanta)
    moves = gains.walk_fade(i64, own + rows.TALK_SOURCE, source, quanta) or moves
    if i64[own + rows.OSC_TYPE] != before:  # a type begins from silence
        for k in range(rows.PHASES):
            f64[i64[rows.AT_PHASE] + k] = 0.0
        i64[own + rows.OSC_SWEPT] = 0
    aux = i64[rows.AT_AUX]
    osc = f64[desk + _ON] * gains.amplitude_of_level(f64[desk + _LEVEL])
    osc *= gains.fade_factor(i64[own + rows.OSC_TYPE + FADE_LEFT], quanta)
    talk = f64[desk + _TALK_ON] * gains.amplitude_of_level(f64[desk + _TALK_LEVEL])
    talk *= gains.fade_factor(i64[own + rows.TALK_SOURCE + FADE_LEFT], quanta)
    gains.ramp_or_rest(f32, aux + AUX_GAIN * LANES + AUX_OSC, osc, fresh)
    gains.ramp_or_rest(f32, aux + AUX_GAIN * LANES + AUX_TALK, talk, fresh)
    return moves


@njit
def turn(f32: Floats, f64: Floats64, i64: Words) -> None:
    """The turn of the tile behind the last."""
    tile = i64[rows.HEAD_TILES]
    words = i64[rows.AT_TILE_WORDS] + tile * rows.TILE_WORDS
    if not i64[rows.HEAD_AUX_SENDS] and not i64[words + rows.TILE_TURNING]:
        return
    if i64[words + rows.TILE_TURNING]:
        sends.arrive(f32, i64, tile)
    if i64[rows.HEAD_AUX_SENDS]:
        i64[rows.HEAD_AUX_SENDS] = 0
        _set_goals(f32, f64, i64)
    sends.settle(f32, i64, tile)


@njit
def start(f32: Floats, f64: Floats64, i64: Words) -> None:
    """Puts both at their parameters, at rest."""
    i64[i64[rows.AT_GENERATOR] + rows.OSC_SEED] = SEED
    prepare(f32, f64, i64)
    _set_goals(f32, f64, i64)
    sends.rest(f32, i64, i64[rows.HEAD_TILES])


@njit
def _white(i64: Words, seed: int) -> float:
    i64[seed] = i64[seed] * GENERATOR[0] + GENERATOR[1]
    return _WHITE_PEAK * (2.0 * (float((i64[seed] >> 40) & LAST_24_BITS) / float(LAST_24_BITS + 1)) - 1.0)


@njit
def _pink(f64: Floats64, x: float, phases: int) -> float:
    for k in range(rows.PINK_SECTIONS):
        before_x, before_y = phases + rows.PINK_X + k, phases + rows.PINK_Y + k
        y = x - _ZEROS[k] * f64[before_x] + _POLES[k] * f64[before_y]
        f64[before_x], f64[before_y] = x, y
        x = y
    return x / math.sqrt(PINK_POWER)


@njit
def _sweep(f64: Floats64, i64: Words, phases: int, sweep_s: float) -> float:
    own, rate_hz = i64[rows.AT_GENERATOR], i64[rows.HEAD_RATE]
    if i64[own + rows.OSC_SWEPT] == 0:
        frames = max(1, math.floor(sweep_s * rate_hz + 0.5))
        i64[own + rows.OSC_SWEEP_FRAMES] = frames
        f64[phases + rows.SWEEP_TURNS] = SWEEP_FROM_HZ / rate_hz
        f64[phases + rows.SWEEP_RATIO] = (min(SWEEP_TO_HZ, SWEEP_TO_OF_RATE * rate_hz) / SWEEP_FROM_HZ) ** (
            1.0 / frames
        )
    y = math.sin(2.0 * math.pi * f64[phases + rows.PHASE_1])
    turns = f64[phases + rows.SWEEP_TURNS]
    f64[phases + rows.PHASE_1] = (f64[phases + rows.PHASE_1] + turns) % 1.0
    f64[phases + rows.SWEEP_TURNS] = turns * f64[phases + rows.SWEEP_RATIO]
    i64[own + rows.OSC_SWEPT] += 1
    if i64[own + rows.OSC_SWEPT] >= i64[own + rows.OSC_SWEEP_FRAMES]:
        i64[own + rows.OSC_SWEPT] = 0
    return y


@njit
def _generate(f32: Floats, f64: Floats64, i64: Words, line: int, gain: float, step: float) -> None:
    """The generator's quantum into its lane of the aux block."""
    desk = i64[rows.AT_VALUE] + i64[rows.HEAD_TILES] * LANES * STRIP_SLOTS
    phases, own = i64[rows.AT_PHASE], i64[rows.AT_GENERATOR]
    kind = i64[own + rows.OSC_TYPE]
    turns = from_domain(_LOG, f64[desk + _HZ]) / i64[rows.HEAD_RATE]
    turns_2 = from_domain(_LOG, f64[desk + _HZ_2]) / i64[rows.HEAD_RATE]
    for n in range(QUANTUM_FRAMES):
        if kind == _WHITE:
            y = _white(i64, own + rows.OSC_SEED)
        elif kind == _PINK:
            y = _pink(f64, _white(i64, own + rows.OSC_SEED), phases)
        elif kind == _SWEEP:
            y = _sweep(f64, i64, phases, f64[desk + _SWEEP_S])
        else:
            y = math.sin(2.0 * math.pi * f64[phases + rows.PHASE_1])
            if kind == _TWO_SINES:
                y = 0.5 * (y + math.sin(2.0 * math.pi * f64[phases + rows.PHASE_2]))
            f64[phases + rows.PHASE_1] = (f64[phases + rows.PHASE_1] + turns) % 1.0
            f64[phases + rows.PHASE_2] = (f64[phases + rows.PHASE_2] + turns_2) % 1.0
        f32[line + n * LANES] = y * (gain + (n + 1) * step)


@inline
def run(x: Floats, first: int, f32: Floats, f64: Floats64, i64: Words, done_frames: int) -> None:
    """Both signals of the quantum, and what is sent of them. x[frames, columns] holds the talkback's microphone."""
    aux, flat = i64[rows.AT_AUX], x.reshape(-1)
    gain, step = f32[aux + AUX_GAIN * LANES + AUX_OSC], f32[aux + AUX_GAIN_STEP * LANES + AUX_OSC]
    sounds = gain != 0.0 or step != 0.0
    if sounds:
        _generate(f32, f64, i64, aux + AUX_OSC, gain, step)
    else:
        for n in range(QUANTUM_FRAMES):
            f32[aux + n * LANES + AUX_OSC] = 0.0
    gain, step = f32[aux + AUX_GAIN * LANES + AUX_TALK], f32[aux + AUX_GAIN_STEP * LANES + AUX_TALK]
    source = i64[i64[rows.AT_GENERATOR] + rows.TALK_SOURCE]
    talks = (gain != 0.0 or step != 0.0) and 0 <= source < i64[rows.HEAD_INPUTS]
    for n in range(QUANTUM_FRAMES):
        y = flat[(first + n) * x.shape[1] + source] if talks else np.float32(0.0)
        y = y if abs(y) <= np.float32(LARGEST) else np.float32(0.0)
        f32[aux + n * LANES + AUX_TALK] = y * (gain + np.float32(n + 1) * step)
    if sounds or talks:
        for dest in range(DESTS - 1):
            mix.add(f32, i64, i64[rows.HEAD_TILES], dest, dest, done_frames)
