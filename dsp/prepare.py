"""From parameters to the numbers the kernels use: gains as ramps, filter designs, dynamics in log₂.

Runs at the start of each quantum, lane by lane, for what has moved. What moved in the last quantum is worked out
once more, so that a ramp's end is its goal to the last bit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import design, laws, rows, section, slots
from dsp.compile import njit
from dsp.dynamics import DB_PER_OCTAVE
from dsp.glide import from_domain
from dsp.rows import LANES, QUANTUM_FRAMES, SECTION_ROWS, SECTIONS, STRIP_SLOTS, TILE_ROWS

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words = NDArray[np.int64]

db_to_amplitude = njit(laws.db_to_amplitude)
pan_gains = njit(laws.pan_gains)
balance_gains = njit(laws.balance_gains)

_S = slots.STRIP_INDEX
_LOG, _LEVEL = int(slots.Domain.LOG), int(slots.Domain.LEVEL)
_SOURCE, _TRIM, _POLARITY, _DELAY = _S["source"], _S["trim_db"], _S["polarity_invert"], _S["delay_ms"]
_HPF_ON, _HPF_HZ, _HPF_SLOPE = _S["hpf.on"], _S["hpf.freq_hz"], _S["hpf.slope_db_oct"]
_LPF_ON, _LPF_HZ, _LPF_SLOPE = _S["lpf.on"], _S["lpf.freq_hz"], _S["lpf.slope_db_oct"]
_EQ_ON, _BAND_1, _BAND_SLOTS = _S["eq.on"], _S["eq.band.1.on"], _S["eq.band.2.on"] - _S["eq.band.1.on"]
_GATE_ON, _GATE_MODE, _GATE_THRESHOLD = _S["gate.on"], _S["gate.mode"], _S["gate.threshold_db"]
_GATE_RANGE, _GATE_RATIO, _GATE_HYSTERESIS = _S["gate.range_db"], _S["gate.ratio"], _S["gate.hysteresis_db"]
_GATE_ATTACK, _GATE_HOLD, _GATE_RELEASE = _S["gate.attack_ms"], _S["gate.hold_ms"], _S["gate.release_ms"]
_COMP_ON, _COMP_POSITION, _COMP_DETECTOR = _S["comp.on"], _S["comp.position"], _S["comp.detector"]
_COMP_THRESHOLD, _COMP_RATIO, _COMP_KNEE = _S["comp.threshold_db"], _S["comp.ratio"], _S["comp.knee_db"]
_COMP_ATTACK, _COMP_HOLD, _COMP_RELEASE = _S["comp.attack_ms"], _S["comp.hold_ms"], _S["comp.release_ms"]
_COMP_MAKEUP, _COMP_AUTO, _COMP_MIX = _S["comp.makeup_db"], _S["comp.auto_makeup"], _S["comp.mix_pct"]
_PAN, _FADER, _MUTE, _TO_MAIN, _SOLO = _S["pan"], _S["fader_db"], _S["mute"], _S["to_main"], _S["solo"]
_SOLO_MODE = slots.DESK_INDEX["monitor.solo_mode"]

SOURCE_BIT, INPUT_BIT, DELAY_BIT, GATE_BIT, COMP_BIT, GAIN_BIT = (
    1 << int(g)
    for g in (
        slots.Group.SOURCE,
        slots.Group.INPUT,
        slots.Group.DELAY,
        slots.Group.GATE,
        slots.Group.COMP,
        slots.Group.GAIN,
    )
)
ALL_GROUPS = SOURCE_BIT | INPUT_BIT | DELAY_BIT | GATE_BIT | COMP_BIT | GAIN_BIT
DUCKER = slots.GATE_MODES.index("ducker")
EXPANDER = slots.GATE_MODES.index("expander")
REDESIGN_QUANTA = 4


@njit
def quanta_of(seconds: float, rate_hz: int) -> int:
    """Quanta that cover `seconds`, rounded up."""
    return math.ceil(seconds * rate_hz / QUANTUM_FRAMES)


@njit
def rate_of(time_ms: float, rate_hz: int) -> float:
    """1 − exp(−1/(τ rate)): the share of the way that a one-pole of time constant τ goes in a frame."""
    return -math.expm1(-1000.0 / (max(time_ms, 1e-3) * rate_hz))


@njit
def delay_of(time_ms: float, i64: Words) -> int:
    """The nearest whole frame of a delay time, held to what the line can hold."""
    frames = math.floor(max(time_ms, 0.0) * i64[rows.HEAD_RATE] / 1000.0 + 0.5)
    return min(frames, i64[rows.HEAD_DELAY_FRAMES] - 2 * QUANTUM_FRAMES)


@njit
def amplitude_of_level(u: float) -> float:
    """Amplitude of a level parameter at `u` of its domain: dB above −90, amplitude itself below."""
    return db_to_amplitude(u) if u >= -90.0 else (u + 91.0) * db_to_amplitude(-90.0)


@njit
def fade_factor(left: int, quanta: int) -> float:
    """How much is heard at the end of a quantum with `left` quanta to go of a fade out and in of `quanta` each."""
    if left == 0:
        return 1.0
    return (left - quanta) / quanta if left >= quanta else (quanta - left) / quanta


@njit
def walk_fade(i64: Words, in_use: int, wanted: int, quanta: int) -> bool:
    """One quantum of a source's change; `in_use`, then the next source, then the quanta left. True while it moves."""
    if i64[in_use + 2] == 0:
        if i64[in_use] == wanted:
            return False
        i64[in_use + 1] = wanted
        i64[in_use + 2] = 2 * quanta
    if i64[in_use + 2] == quanta:
        i64[in_use] = i64[in_use + 1]
    i64[in_use + 2] -= 1
    return True


@njit
def _ramp(f32: Floats, row: int, goal: float, moved: bool) -> None:
    """Leads the pair of base at `row` (already the lane's) to `goal` in this quantum, or puts it there."""
    if moved:
        now = f32[row] + np.float32(QUANTUM_FRAMES) * f32[row + LANES]
        f32[row] = now
        f32[row + LANES] = (np.float32(goal) - now) * np.float32(1.0 / QUANTUM_FRAMES)
    else:
        f32[row] = goal
        f32[row + LANES] = 0.0


@njit
def _input(f32: Floats, f64: Floats64, tile: int, values: int, fade: float, moved: bool) -> None:
    gain = db_to_amplitude(f64[values + _TRIM]) * (1.0 - 2.0 * f64[values + _POLARITY]) * fade
    _ramp(f32, tile + rows.INPUT_GAIN * LANES, gain, moved)


@njit
def _gate(f32: Floats, f64: Floats64, tile: int, values: int, rate_hz: int, moved: bool) -> None:
    wet = tile + rows.GATE_WET * LANES
    mode = int(f64[values + _GATE_MODE])
    if f32[wet] == 0.0 and f32[wet + LANES] == 0.0 and f64[values + _GATE_ON] > 0.0:
        for row in (rows.GATE_ENV, rows.GATE_ENV_LOW, rows.GATE_COUNT):
            f32[tile + row * LANES] = 0.0
        f32[tile + rows.GATE_OPEN * LANES] = 0.0 if mode == DUCKER else 1.0
    _ramp(f32, wet, f64[values + _GATE_ON], moved)
    threshold, hysteresis = f64[values + _GATE_THRESHOLD], f64[values + _GATE_HYSTERESIS]
    inverse = f64[values + _GATE_RATIO]
    f32[tile + rows.GATE_THRESHOLD * LANES] = threshold / DB_PER_OCTAVE
    f32[tile + rows.GATE_CLOSE_BELOW * LANES] = (threshold - hysteresis) / DB_PER_OCTAVE
    f32[tile + rows.GATE_RANGE * LANES] = f64[values + _GATE_RANGE] / DB_PER_OCTAVE
    f32[tile + rows.GATE_SLOPE * LANES] = 1.0 / max(inverse, 1e-6) - 1.0
    f32[tile + rows.GATE_EXPANDS * LANES] = 1.0 if mode == EXPANDER else 0.0
    f32[tile + rows.GATE_DUCKS * LANES] = 1.0 if mode == DUCKER else 0.0
    f32[tile + rows.GATE_ATTACK * LANES] = rate_of(from_domain(_LOG, f64[values + _GATE_ATTACK]), rate_hz)
    f32[tile + rows.GATE_RELEASE * LANES] = rate_of(from_domain(_LOG, f64[values + _GATE_RELEASE]), rate_hz)
    hold_ms = from_domain(_LOG, f64[values + _GATE_HOLD])
    f32[tile + rows.GATE_HOLD * LANES] = math.floor(hold_ms * rate_hz / 1000.0 + 0.5)


@njit
def _compressor(f32: Floats, f64: Floats64, tile: int, values: int, rate_hz: int, moved: bool) -> None:
    on = f64[values + _COMP_ON] * f64[values + _COMP_MIX] / 100.0
    after = f64[values + _COMP_POSITION]
    for place, goal in ((rows.PRE_WET, on * (1.0 - after)), (rows.POST_WET, on * after)):
        wet = tile + place * LANES
        if f32[wet] == 0.0 and f32[wet + LANES] == 0.0 and goal > 0.0:
            for row in range(place + 2, place + 7):
                f32[tile + row * LANES] = 0.0
        _ramp(f32, wet, goal, moved)
    threshold, slope = f64[values + _COMP_THRESHOLD], f64[values + _COMP_RATIO] - 1.0
    makeup = f64[values + _COMP_MAKEUP] + 0.5 * f64[values + _COMP_AUTO] * slope * threshold
    _ramp(f32, tile + rows.COMP_THRESHOLD * LANES, threshold / DB_PER_OCTAVE, moved)
    _ramp(f32, tile + rows.COMP_SLOPE * LANES, slope, moved)
    _ramp(f32, tile + rows.COMP_MAKEUP * LANES, makeup / DB_PER_OCTAVE, moved)
    f32[tile + rows.COMP_KNEE * LANES] = f64[values + _COMP_KNEE] / DB_PER_OCTAVE
    f32[tile + rows.COMP_ATTACK * LANES] = rate_of(from_domain(_LOG, f64[values + _COMP_ATTACK]), rate_hz)
    f32[tile + rows.COMP_RELEASE * LANES] = rate_of(from_domain(_LOG, f64[values + _COMP_RELEASE]), rate_hz)
    hold_ms = from_domain(_LOG, f64[values + _COMP_HOLD])
    f32[tile + rows.COMP_HOLD * LANES] = math.floor(hold_ms * rate_hz / 1000.0 + 0.5)
    f32[tile + rows.COMP_RMS * LANES] = f64[values + _COMP_DETECTOR]


@njit
def _gains(
    f32: Floats, f64: Floats64, tile: int, values: int, afl: float, side: int, guard: float, moved: bool
) -> None:
    """Fader, mute and pan; `side` is 0 or 1 in a stereo pair's left or right strip, −1 in a mono one."""
    fader = amplitude_of_level(f64[values + _FADER]) * (1.0 - f64[values + _MUTE]) * guard
    if side >= 0:
        balance = balance_gains(f64[values + _PAN])
        _ramp(f32, tile + rows.FADER * LANES, fader * balance[side], moved)
        return
    left, right = pan_gains(f64[values + _PAN])
    main, solo = fader * f64[values + _TO_MAIN], f64[values + _SOLO]
    _ramp(f32, tile + rows.FADER * LANES, fader, moved)
    _ramp(f32, tile + rows.SEND_MAIN_L * LANES, main * left, moved)
    _ramp(f32, tile + rows.SEND_MAIN_R * LANES, main * right, moved)
    pfl = guard * (1.0 - afl)
    _ramp(f32, tile + rows.SEND_SOLO_L * LANES, solo * (pfl + afl * fader * left), moved)
    _ramp(f32, tile + rows.SEND_SOLO_R * LANES, solo * (pfl + afl * fader * right), moved)


@njit
def _prepare_delay(i64: Words, state: int, wanted_frames: int) -> bool:
    """Starts a lane's crossfade to another delay once its line holds as much; True while it has still to move."""
    if i64[state + rows.LANE_DELAY_FADE] >= 0:
        return True
    if wanted_frames == i64[state + rows.LANE_DELAY]:
        i64[state + rows.LANE_DELAY_LINE] = wanted_frames > 0
        return False
    clock = i64[rows.HEAD_CLOCK]
    if not i64[state + rows.LANE_DELAY_LINE]:
        i64[state + rows.LANE_DELAY_LINE] = 1
        i64[state + rows.LANE_DELAY_SINCE] = clock
    if clock - i64[state + rows.LANE_DELAY_SINCE] >= wanted_frames:
        i64[state + rows.LANE_DELAY_NEXT] = wanted_frames
        i64[state + rows.LANE_DELAY_FADE] = 0
    return True


@njit
def prepare_lane(f32: Floats, f64: Floats64, i64: Words, lane: int) -> None:
    """Brings one strip's numbers up to date at the start of a quantum; only a lane that is awake needs it."""
    state = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    rate_hz = i64[rows.HEAD_RATE]
    tile = i64[rows.AT_TILE] + (lane // LANES) * TILE_ROWS * LANES + lane % LANES
    fade_quanta = quanta_of(0.010, rate_hz)
    lanes = i64[rows.HEAD_TILES] * LANES
    is_channel = lane < lanes - LANES
    if is_channel and walk_fade(i64, state + rows.LANE_SOURCE, int(f64[values + _SOURCE]), fade_quanta):
        i64[state + rows.LANE_MOVED] |= INPUT_BIT
    if i64[state + rows.LANE_GUARD] > 0:
        i64[state + rows.LANE_GUARD] -= 1
        i64[state + rows.LANE_MOVED] |= GAIN_BIT
    delay_moves = _prepare_delay(i64, state, delay_of(f64[values + _DELAY], i64))
    moved = i64[state + rows.LANE_MOVED]
    due = moved | i64[state + rows.LANE_SETTLING]
    if due & INPUT_BIT:
        fade = fade_factor(i64[state + rows.LANE_SOURCE_FADE], fade_quanta)
        _input(f32, f64, tile, values, fade, moved & INPUT_BIT != 0)
    if due & GATE_BIT:
        _gate(f32, f64, tile, values, rate_hz, moved & GATE_BIT != 0)
    if due & COMP_BIT:
        _compressor(f32, f64, tile, values, rate_hz, moved & COMP_BIT != 0)
    if due & GAIN_BIT:
        side = lane - (lanes - LANES)
        back = quanta_of(0.010, rate_hz)
        left = i64[state + rows.LANE_GUARD]
        guard = 1.0 if left == 0 else max(0.0, (back - left) / back)
        afl = f64[i64[rows.AT_VALUE] + lanes * STRIP_SLOTS + _SOLO_MODE]
        _gains(f32, f64, tile, values, afl, side if side < 2 else -1, guard, moved & GAIN_BIT != 0)
    i64[state + rows.LANE_SETTLING] = moved
    i64[state + rows.LANE_MOVED] = 0
    fades = i64[state + rows.LANE_SOURCE_FADE] | i64[state + rows.LANE_GUARD]
    i64[state + rows.LANE_AWAKE] = moved != 0 or fades != 0 or delay_moves


@njit
def design_section(f64: Floats64, values: int, number: int, rate_hz: int) -> design.Section:
    """(g, k, m0, m1, m2) of section `number` (two HPF, LPF, six EQ bands) of the strip whose parameters start at
    `values`.
    """
    if number < 2:
        freq_hz = from_domain(_LOG, f64[values + _HPF_HZ])
        return design.hpf(number, int(f64[values + _HPF_SLOPE]), freq_hz, f64[values + _HPF_ON], rate_hz)
    if number == 2:
        freq_hz = from_domain(_LOG, f64[values + _LPF_HZ])
        return design.lpf(int(f64[values + _LPF_SLOPE]), freq_hz, f64[values + _LPF_ON], rate_hz)
    band = values + _BAND_1 + (number - rows.EQ_SECTION) * _BAND_SLOTS
    wet = f64[values + _EQ_ON] * f64[band]
    freq_hz, q = from_domain(_LOG, f64[band + 2]), from_domain(_LOG, f64[band + 4])
    return design.eq_band(int(f64[band + 1]), freq_hz, f64[band + 3], q, wet, rate_hz)


@njit
def _set_goal(f32: Floats, f64: Floats64, values: int, number: int, rate_hz: int, base: int) -> None:
    g, k, m0, m1, m2 = design_section(f64, values, number, rate_hz)
    f32[base + rows.GOAL_G * LANES] = g
    f32[base + rows.GOAL_R * LANES] = g + k
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
def redesign_tile(f32: Floats, f64: Floats64, i64: Words, tile: int) -> None:
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
            state = i64[rows.AT_LANE] + (tile * LANES + lane) * rows.LANE_WORDS
            if not i64[state + rows.LANE_SECTIONS] & (1 << number):
                continue
            i64[state + rows.LANE_SECTIONS] &= ~(1 << number)
            values = i64[rows.AT_VALUE] + (tile * LANES + lane) * STRIP_SLOTS
            _set_goal(f32, f64, values, number, i64[rows.HEAD_RATE], base + lane)
            if _is_wire(f32, base + lane):
                f32[base + lane + rows.STATE_1 * LANES] = 0.0
                f32[base + lane + rows.STATE_2 * LANES] = 0.0
            sets_out = True
        if sets_out:
            section.set_out(f32, base, REDESIGN_QUANTA * QUANTUM_FRAMES)
            i64[flags + rows.SECTION_MOVING] = 1
            i64[flags + rows.SECTION_ACTIVE] = 1


@njit
def start_lane(f32: Floats, f64: Floats64, i64: Words, lane: int) -> None:
    """Puts one strip at its parameters, at rest, with every state clear."""
    state = i64[rows.AT_LANE] + lane * rows.LANE_WORDS
    values = i64[rows.AT_VALUE] + lane * STRIP_SLOTS
    rate_hz = i64[rows.HEAD_RATE]
    i64[state + rows.LANE_SOURCE] = int(f64[values + _SOURCE])
    i64[state + rows.LANE_DELAY] = delay_of(f64[values + _DELAY], i64)
    i64[state + rows.LANE_DELAY_FADE] = -1
    i64[state + rows.LANE_DELAY_LINE] = i64[state + rows.LANE_DELAY] > 0
    i64[state + rows.LANE_SETTLING] = ALL_GROUPS
    i64[state + rows.LANE_AWAKE] = 1
    tile = lane // LANES
    for number in range(SECTIONS):
        base = i64[rows.AT_SECTION] + (tile * SECTIONS + number) * SECTION_ROWS * LANES
        _set_goal(f32, f64, values, number, rate_hz, base + lane % LANES)
