"""Gate, expander, ducker and compressor on eight lanes (`docs/signal.md`, "Gate" and "Compressor").

Passes over a quantum: the level of each frame, the gain that it wants, the envelope that follows it, the signal times
that gain. All but the envelope, which gate and compressor share, are free of recurrences; several short passes are
faster than one long one, since the processor holds more frames of a short one at work at once. Levels, thresholds and
envelopes are log₂ of amplitudes (6.02 dB each), so that one exp2 makes the gain. An envelope is a pair of float32,
the number and what rounding took from it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp import meters, rows
from dsp.compile import inline
from dsp.lanes import absolute, any_lane, exp2, fma, larger, load, log2, select, smaller, splat, store, swap
from dsp.rows import LANES, QUANTUM_FRAMES

Floats = NDArray[np.float32]

DB_PER_OCTAVE = 20.0 * math.log10(2.0)
FLOOR_AMPLITUDE = 1e-10
AT_GOAL = 0.001 / DB_PER_OCTAVE
_COUNT, _SQUARE, _GR = (row - rows.PRE_WET for row in (rows.PRE_COUNT, rows.PRE_SQUARE, rows.PRE_GR))
GROUP_FRAMES = 8


@inline
def rms_levels(f32: Floats, heard: int, tile: int, place: int, levels: int, rate: float) -> None:
    """log₂ of the RMS of each lane of the block at `heard`, every frame, at `levels`; `rate` is 1 − α of the mean."""
    state = tile + (place + _SQUARE) * LANES
    share, half, zero = splat(np.float32(rate)), splat(np.float32(0.5)), splat(np.float32(0.0))
    # A mean begins when its own strip's compressor does, and is 0 in the lanes of the other detector.
    engaged = load(f32, tile + place * LANES) > zero
    by_rms = load(f32, tile + rows.COMP_RMS * LANES) > half
    square, low = select(engaged, load(f32, state), zero), select(engaged, load(f32, state + LANES), zero)
    square, low, share = select(by_rms, square, zero), select(by_rms, low, zero), select(by_rms, share, zero)
    tiny = splat(np.float32(FLOOR_AMPLITUDE * FLOOR_AMPLITUDE))
    link = load(f32, tile + rows.LINK * LANES)
    link = link * link
    for n in range(QUANTUM_FRAMES):
        x = load(f32, heard + n * LANES)
        rest = fma(share, fma(x, x, zero - square) - low, low)
        whole = square + rest
        low = rest - (whole - square)
        square = whole
        seen = larger(swap(square) * link, square)
        store(f32, levels + n * LANES, half * log2(larger(seen, tiny)))
    store(f32, state, square)
    store(f32, state + LANES, low)


@inline
def _follow(f32: Floats, levels: int, state: int, times: int, towards: Any) -> None:
    """Puts the envelope in place of the gains wanted at `levels`.

    `state` is where the rows hold counter, envelope and its rest stand, `times` attack, release and hold; `towards`
    is 1 in the lanes whose attack goes up, −1 where it goes down.
    """
    count = load(f32, state)
    env, low = towards * load(f32, state + LANES), towards * load(f32, state + 2 * LANES)  # mirrored: attacks go up
    attack, release, hold = load(f32, times), load(f32, times + LANES), load(f32, times + 2 * LANES)
    zero, one, near = splat(np.float32(0.0)), splat(np.float32(1.0)), splat(np.float32(-AT_GOAL))
    for first in range(0, QUANTUM_FRAMES, GROUP_FRAMES):
        # Within a group only the rest moves. All three ways on are worked out beside the comparisons, not after them:
        # the chain from frame to frame is a subtraction, a multiplication and a choice.
        for n in range(first, first + GROUP_FRAMES):
            far = towards * load(f32, levels + n * LANES) - env
            attacks, held = low <= far - near, count > zero
            way = far - low
            low = select(attacks, fma(attack, way, low), select(held, low, fma(release, way, low)))
            count = select(attacks, hold, larger(count - one, zero))
            store(f32, levels + n * LANES, towards * (env + low))
        whole = env + low
        low = low - (whole - env)
        env = whole
    store(f32, state, count)
    store(f32, state + LANES, towards * env)
    store(f32, state + 2 * LANES, towards * low)


@inline
def _latch_wants(f32: Floats, signal: int, heard: int, tile: int, levels: int, meter: int) -> None:
    """What gate and ducker want, at `levels`; by amplitudes, since a latch needs no logarithm. Measures the signal."""
    open_at = exp2(load(f32, tile + rows.GATE_THRESHOLD * LANES))
    close_below = exp2(load(f32, tile + rows.GATE_CLOSE_BELOW * LANES))
    opened = load(f32, tile + rows.GATE_OPEN * LANES)
    zero, one, half = splat(np.float32(0.0)), splat(np.float32(1.0)), splat(np.float32(0.5))
    ducks = load(f32, tile + rows.GATE_DUCKS * LANES) > half
    link = load(f32, tile + rows.LINK * LANES)
    deepest = zero - load(f32, tile + rows.GATE_RANGE * LANES)
    when_open, when_closed = select(ducks, deepest, zero), select(ducks, zero, deepest)
    peak = square = zero
    for n in range(QUANTUM_FRAMES):
        size = absolute(load(f32, signal + n * LANES))
        peak, square = larger(size, peak), fma(size, size, square)
        size = absolute(load(f32, heard + n * LANES))
        size = larger(swap(size) * link, size)
        opened = select(size >= open_at, one, select(size < close_below, zero, opened))
        store(f32, levels + n * LANES, select(opened > half, when_open, when_closed))
    meters.keep(f32, meter, peak, square)
    store(f32, tile + rows.GATE_OPEN * LANES, opened)


@inline
def _expander_wants(f32: Floats, heard: int, tile: int, levels: int) -> None:
    """Puts what an expander wants in place at `levels`, in the lanes that are one."""
    threshold = load(f32, tile + rows.GATE_THRESHOLD * LANES)
    slope, zero, half = load(f32, tile + rows.GATE_SLOPE * LANES), splat(np.float32(0.0)), splat(np.float32(0.5))
    expands = load(f32, tile + rows.GATE_EXPANDS * LANES) > half
    link = load(f32, tile + rows.LINK * LANES)
    deepest, tiny = zero - load(f32, tile + rows.GATE_RANGE * LANES), splat(np.float32(FLOOR_AMPLITUDE))
    for n in range(QUANTUM_FRAMES):
        size = absolute(load(f32, heard + n * LANES))
        size = larger(swap(size) * link, size)
        wanted = larger(deepest, slope * smaller(log2(larger(size, tiny)) - threshold, zero))
        at = levels + n * LANES
        store(f32, at, select(expands, wanted, load(f32, at)))


@inline
def gate(f32: Floats, signal: int, heard: int, tile: int, levels: int, before: int, after: int) -> None:
    """The gate over the quantum at `signal`, in place, listening to the one at `heard`; measured `before` and `after`.

    `tile` is where the tile's rows start, `levels` room for a block.
    """
    _latch_wants(f32, signal, heard, tile, levels, before)
    if any_lane(load(f32, tile + rows.GATE_EXPANDS * LANES) > splat(np.float32(0.5))):
        _expander_wants(f32, heard, tile, levels)
    zero, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    ducks = load(f32, tile + rows.GATE_DUCKS * LANES)
    _follow(f32, levels, tile + rows.GATE_COUNT * LANES, tile + rows.GATE_ATTACK * LANES, one - (ducks + ducks))
    wet0, wet_step = load(f32, tile + rows.GATE_WET * LANES), load(f32, tile + rows.GATE_WET_STEP * LANES)
    least = peak = square = along = zero
    for n in range(QUANTUM_FRAMES):
        along = along + one
        reduction = fma(wet_step, along, wet0) * load(f32, levels + n * LANES)
        least = smaller(least, reduction)
        at = signal + n * LANES
        y = load(f32, at) * exp2(reduction)
        store(f32, at, y)
        peak, square = larger(absolute(y), peak), fma(y, y, square)
    meters.keep(f32, after, peak, square)
    store(f32, tile + rows.GATE_GR * LANES, least)


@inline
def _peak_levels(f32: Floats, signal: int, heard: int, tile: int, levels: int, rms: bool, meter: int) -> None:
    """log₂ of |x|, every frame, at `levels`; with `rms` the lanes that go by RMS keep what stands there.

    Measures the compressor's input at `meter`.
    """
    zero, half, tiny = splat(np.float32(0.0)), splat(np.float32(0.5)), splat(np.float32(FLOOR_AMPLITUDE))
    link = load(f32, tile + rows.LINK * LANES)
    by_rms = load(f32, tile + rows.COMP_RMS * LANES) > half
    peak = square = zero
    for n in range(QUANTUM_FRAMES):
        size = absolute(load(f32, signal + n * LANES))
        peak, square = larger(size, peak), fma(size, size, square)
        size = absolute(load(f32, heard + n * LANES))
        size = larger(swap(size) * link, size)
        level, at = log2(larger(size, tiny)), levels + n * LANES
        store(f32, at, select(by_rms, load(f32, at), level) if rms else level)
    meters.keep(f32, meter, peak, square)


@inline
def _compressor_wants(f32: Floats, tile: int, levels: int) -> None:
    """Puts what the compressor wants in place of the levels at `levels`."""
    threshold = load(f32, tile + rows.COMP_THRESHOLD * LANES)
    threshold_step = load(f32, tile + rows.COMP_THRESHOLD_STEP * LANES)
    slope, slope_step = load(f32, tile + rows.COMP_SLOPE * LANES), load(f32, tile + rows.COMP_SLOPE_STEP * LANES)
    zero, half, one = splat(np.float32(0.0)), splat(np.float32(0.5)), splat(np.float32(1.0))
    half_knee = half * load(f32, tile + rows.COMP_KNEE * LANES)
    knee = half_knee + half_knee
    bend = splat(np.float32(0.25)) / larger(half_knee, splat(np.float32(1e-9)))
    along = zero
    for n in range(QUANTUM_FRAMES):
        along = along + one
        at = levels + n * LANES
        over = load(f32, at) - fma(threshold_step, along, threshold)
        # the knee as one curve: over + W/2 held to 0 … W, squared over 2W, and a straight line above
        inside = smaller(larger(over + half_knee, zero), knee)
        curve = fma(inside * inside, bend, larger(over - half_knee, zero))
        store(f32, at, fma(slope_step, along, slope) * curve)


@inline
def compressor(
    f32: Floats, signal: int, heard: int, tile: int, place: int, levels: int, rms_rate: float, before: int, after: int
) -> None:
    """The compressor at `place` (row PRE_WET or POST_WET) over the quantum at `signal`, listening to the one at
    `heard`; measured `before` and `after`.

    `rms_rate` is 1 − α of the mean of squares, `levels` room for a block.
    """
    rms = any_lane(load(f32, tile + rows.COMP_RMS * LANES) > splat(np.float32(0.5)))
    if rms:
        rms_levels(f32, heard, tile, place, levels, rms_rate)
        _peak_levels(f32, signal, heard, tile, levels, True, before)
    else:
        _peak_levels(f32, signal, heard, tile, levels, False, before)
    _compressor_wants(f32, tile, levels)
    zero, one = splat(np.float32(0.0)), splat(np.float32(1.0))
    _follow(f32, levels, tile + (place + _COUNT) * LANES, tile + rows.COMP_ATTACK * LANES, zero - one)
    wet0, wet_step = load(f32, tile + place * LANES), load(f32, tile + (place + 1) * LANES)
    makeup0, makeup_step = load(f32, tile + rows.COMP_MAKEUP * LANES), load(f32, tile + rows.COMP_MAKEUP_STEP * LANES)
    least = peak = square = along = zero
    for n in range(QUANTUM_FRAMES):
        along = along + one
        at = levels + n * LANES
        env = load(f32, at)
        least = smaller(least, env)
        store(f32, at, exp2(env + fma(makeup_step, along, makeup0)))
    along = zero
    for n in range(QUANTUM_FRAMES):
        along = along + one
        at = signal + n * LANES
        y = load(f32, at) * fma(fma(wet_step, along, wet0), load(f32, levels + n * LANES) - one, one)
        store(f32, at, y)
        peak, square = larger(absolute(y), peak), fma(y, y, square)
    meters.keep(f32, after, peak, square)
    heard = fma(wet_step, splat(np.float32(QUANTUM_FRAMES)), wet0) > zero
    store(f32, tile + (place + _GR) * LANES, select(heard, least, zero))
