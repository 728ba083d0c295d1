"""Filter sections at their tile's turn: ramps end, designs are the next target (`docs/signal.md`, "Filters")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp import design, rows, section, slots
from dsp.compile import njit
from dsp.glide import from_domain
from dsp.rows import LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, STRIP_SLOTS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

_S = slots.STRIP_INDEX
_LOG = int(slots.Domain.LOG)
_HPF_ON, _HPF_HZ, _HPF_SLOPE = _S["hpf.on"], _S["hpf.freq_hz"], _S["hpf.slope_db_oct"]
_LPF_ON, _LPF_HZ, _LPF_SLOPE = _S["lpf.on"], _S["lpf.freq_hz"], _S["lpf.slope_db_oct"]
_EQ_ON, _BAND_1, _BAND_SLOTS = _S["eq.on"], _S["eq.band.1.on"], _S["eq.band.2.on"] - _S["eq.band.1.on"]
_GATE_KEY, _COMP_KEY = _S["gate.key.filter"], _S["comp.key.filter"]
TURN_QUANTA = 4
TURN_FRAMES = TURN_QUANTA * QUANTUM_FRAMES


@njit
def design_section(f64: Floats64, values: int, number: int, rate_hz: int) -> design.Section:
    """(g, k, m0, m1, m2) of section `number` (two HPF, LPF, six EQ bands, the keys' filters of gate and compressor) of
    the strip whose parameters start at `values`.
    """
    if number < 2:
        freq_hz = from_domain(_LOG, f64[values + _HPF_HZ])
        return design.hpf(number, int(f64[values + _HPF_SLOPE]), freq_hz, f64[values + _HPF_ON], rate_hz)
    if number == 2:
        freq_hz = from_domain(_LOG, f64[values + _LPF_HZ])
        return design.lpf(int(f64[values + _LPF_SLOPE]), freq_hz, f64[values + _LPF_ON], rate_hz)
    if number >= rows.GATE_KEY_SECTION:
        key = values + (_GATE_KEY if number == rows.GATE_KEY_SECTION else _COMP_KEY)
        freq_hz, q = from_domain(_LOG, f64[key + 1]), from_domain(_LOG, f64[key + 2])
        return design.key_filter(int(f64[key]), freq_hz, q, rate_hz)
    band = values + _BAND_1 + (number - rows.EQ_SECTION) * _BAND_SLOTS
    wet = f64[values + _EQ_ON] * f64[band]
    freq_hz, q = from_domain(_LOG, f64[band + 2]), from_domain(_LOG, f64[band + 4])
    return design.eq_band(int(f64[band + 1]), freq_hz, f64[band + 3], q, wet, rate_hz)


@njit
def _set_goal(f32: Floats, f64: Floats64, values: int, number: int, rate_hz: int, base: int) -> None:
    g, k, m0, m1, m2 = design_section(f64, values, number, rate_hz)
    f32[base + rows.GOAL_G * LANES] = g
    f32[base + rows.GOAL_K * LANES] = k
    f32[base + rows.GOAL_M0 * LANES] = m0
    f32[base + rows.GOAL_M1 * LANES] = m1
    f32[base + rows.GOAL_M2 * LANES] = m2


@njit
def _is_wire(f32: Floats, base: int) -> bool:
    return (
        f32[base + rows.COEF_M0 * LANES] == 1.0
        and f32[base + rows.COEF_M1 * LANES] == 0.0
        and f32[base + rows.COEF_M2 * LANES] == 0.0
    )


@njit
def clear(f32: Floats, i64: Words, lane: int, number: int) -> None:
    """Clears the state of one lane's section."""
    tile = lane // LANES
    one = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES + lane % LANES
    f32[one + rows.STATE_1 * LANES] = 0.0
    f32[one + rows.STATE_2 * LANES] = 0.0


@njit
def sections_of(f32: Floats, f64: Floats64, i64: Words, tile: int) -> None:
    """Ends the tile's coefficient ramps and starts those of the sections whose parameters have moved."""
    waiting = 0
    for lane in range(LANES):
        waiting |= i64[i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS + rows.LANE_SECTIONS]
    for number in range(SECTIONS):
        flags = i64[rows.AT_SECTION_FLAGS] + (tile * SECTIONS + number) * rows.SECTION_FLAGS
        if not (waiting >> number) & 1 and not i64[flags + rows.SECTION_MOVING]:
            continue
        base = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES
        if i64[flags + rows.SECTION_MOVING]:
            section.arrive(f32, base)
            i64[flags + rows.SECTION_MOVING] = 0
            active = False
            for lane in range(LANES):
                active = active or not _is_wire(f32, base + lane)
            i64[flags + rows.SECTION_ACTIVE] = active
        sets_out = False
        for lane in range(LANES):
            words = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS
            if not i64[words + rows.LANE_SECTIONS] & (1 << number):
                continue
            i64[words + rows.LANE_SECTIONS] &= ~(1 << number)
            values = i64[rows.AT_VALUE] + (tile * LANES + lane) * STRIP_SLOTS
            _set_goal(f32, f64, values, number, i64[rows.HEAD_RATE], base + lane)
            if _is_wire(f32, base + lane):
                clear(f32, i64, tile * LANES + lane, number)
            sets_out = True
        if sets_out:
            section.set_out(f32, base, TURN_FRAMES)
            i64[flags + rows.SECTION_MOVING] = 1
            i64[flags + rows.SECTION_ACTIVE] = 1


@njit
def start(f32: Floats, f64: Floats64, i64: Words) -> None:
    """Puts every section at its design, to arrive there at its tile's first turn."""
    tiles = i64[rows.HEAD_TILES]
    for lane in range(tiles * LANES):
        values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
        for number in range(SECTIONS):
            base = i64[rows.AT_SECTION] + ((lane // LANES) * SECTIONS + number) * SECTION_ROWS * LANES
            _set_goal(f32, f64, values, number, i64[rows.HEAD_RATE], base + lane % LANES)
    for number in range(tiles * SECTIONS):
        section.arrive(f32, i64[rows.AT_SECTION] + number * SECTION_ROWS * LANES)
        flags = i64[rows.AT_SECTION_FLAGS] + number * rows.SECTION_FLAGS
        i64[flags + rows.SECTION_MOVING] = i64[flags + rows.SECTION_ACTIVE] = 1
