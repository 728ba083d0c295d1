"""Where every number of the desk lies: rows of a tile, words of a strip, parts of the arena, in order.

Lane rows are eight float32 wide: one number for each strip of a tile.
"""

from __future__ import annotations

from dsp import slots

LANES = 8
CACHE_LINE_WORDS = 16
QUANTUM_FRAMES = slots.QUANTUM_FRAMES
SECTIONS = 9  # two of the HPF, one of the LPF, six of the EQ
EQ_SECTION = 3
STAGES = len(slots.METER_STAGES)
STRIP_SLOTS = len(slots.STRIP)
DESK_SLOTS = len(slots.DESK)
OUTPUT_SLOTS = len(slots.OUTPUT)

# i64: the head, then per address how a glide stands, then per lane and per output
(
    HEAD_CLOCK,
    HEAD_TAKEN,
    HEAD_LOGGED,
    HEAD_IGNORED,  # events with an address or a value that cannot be
    HEAD_BROKEN,  # slots given up because their checksum never came to fit
    HEAD_WAITING,  # quanta that the present slot has had a wrong checksum
    HEAD_MOVING,  # how many addresses are in motion
    HEAD_FRESH,  # 1 until the first quantum after a reset
    HEAD_RATE,
    HEAD_TILES,
    HEAD_CHANNELS,
    HEAD_INPUTS,
    HEAD_OUTPUTS,
    HEAD_DELAY_FRAMES,
    HEAD_AWAKE,  # quanta for which monitor and outputs have still to be looked at
    HEAD_SOLO_USED,  # 1 where the solo buses hold something from the last quantum
) = range(16)
AWAKE_QUANTA = 4  # a ceiling is remembered for two quanta after it has moved, a ramp settles in one
HEAD_PLACES = 16  # from here on: where each part starts, in the order of PARTS
HEAD = 48

# i64 words of a lane
(
    LANE_SOURCE,  # the source in use
    LANE_SOURCE_NEXT,
    LANE_SOURCE_FADE,  # quanta left of the fade out and in; 0 at rest
    LANE_DELAY,  # frames in use
    LANE_DELAY_NEXT,
    LANE_DELAY_FADE,  # frames of the crossfade done; −1: none runs
    LANE_DELAY_SINCE,  # the delay line holds silence before this sample
    LANE_DELAY_LINE,  # 1 where the delay line is written: a delay is in use, or waits until the line holds as much
    LANE_SECTIONS,  # bit s: section s waits for a redesign
    LANE_MOVED,  # bit g: group g has moved in this quantum
    LANE_SETTLING,  # bit g: it moved in the last one
    LANE_GUARD,  # quanta until a lane that held a bad number is fully back
    LANE_BAD,  # how many times that was
    LANE_AWAKE,  # 0 where nothing has moved, fades or waits: the lane needs no look
) = range(14)
LANE_WORDS = 14

# i64 words of an output
OUTPUT_SOURCE, OUTPUT_SOURCE_NEXT, OUTPUT_SOURCE_FADE = range(3)
OUTPUT_WORDS = 3

# f32 rows of a tile, each LANES wide. A ramp is a pair: the value now, its step a frame. Levels are log₂ of amplitudes.
# Envelopes are pairs too, a number and what float32 lost of it: a step of a 4 s release is below the last bit of one
# float32.
(
    INPUT_GAIN,
    INPUT_GAIN_STEP,
    LINK,  # 1 where the detectors take the larger of this lane and its neighbour
    GATE_WET,
    GATE_WET_STEP,
    GATE_THRESHOLD,
    GATE_CLOSE_BELOW,
    GATE_RANGE,
    GATE_SLOPE,
    GATE_EXPANDS,  # 1 in the lanes of that mode
    GATE_DUCKS,
    GATE_ATTACK,
    GATE_RELEASE,
    GATE_HOLD,
    GATE_OPEN,
    GATE_COUNT,
    GATE_ENV,
    GATE_ENV_LOW,
    GATE_GR,
    COMP_THRESHOLD,
    COMP_THRESHOLD_STEP,
    COMP_SLOPE,
    COMP_SLOPE_STEP,
    COMP_MAKEUP,
    COMP_MAKEUP_STEP,
    COMP_KNEE,
    COMP_ATTACK,
    COMP_RELEASE,
    COMP_HOLD,
    COMP_RMS,  # 1 in the lanes of that detector
    PRE_WET,
    PRE_WET_STEP,
    PRE_COUNT,
    PRE_ENV,
    PRE_ENV_LOW,
    PRE_SQUARE,
    PRE_SQUARE_LOW,
    PRE_GR,
    POST_WET,  # the same eight rows as PRE_WET…
    POST_WET_STEP,
    POST_COUNT,
    POST_ENV,
    POST_ENV_LOW,
    POST_SQUARE,
    POST_SQUARE_LOW,
    POST_GR,
    FADER,  # fader and mute: what the meter after the fader shows
    FADER_STEP,
    SEND_MAIN_L,
    SEND_MAIN_L_STEP,
    SEND_MAIN_R,
    SEND_MAIN_R_STEP,
    SEND_SOLO_L,
    SEND_SOLO_L_STEP,
    SEND_SOLO_R,
    SEND_SOLO_R_STEP,
) = range(56)
TILE_ROWS = 56

# f32 rows of a section of a tile: what it uses now, its steps and where it goes
(COEF_G, COEF_R, COEF_A2, COEF_M0, COEF_M1, COEF_M2, STATE_1, STATE_2) = range(8)
(STEP_G, STEP_R, STEP_M0, STEP_M1, STEP_M2, GOAL_G, GOAL_R, GOAL_M0, GOAL_M1, GOAL_M2) = range(8, 18)
SECTION_ROWS = 18
SECTION_MOVING, SECTION_ACTIVE = range(2)
SECTION_FLAGS = 2

# The limiter: rows of a tile of eight outputs, then its past frames
TRUE_PEAK_PHASES = 8
TRUE_PEAK_TAPS = 24
TRUE_PEAK_BETA = 7.0
LOOKAHEAD_FRAMES = 32
LIMITER_LATENCY_FRAMES = TRUE_PEAK_TAPS // 2 + LOOKAHEAD_FRAMES - 1
LIMITER_PAST_FRAMES = 48
LIMITER_MARGIN_DB = 0.1
(
    LIMIT_AT,
    LIMIT_CEILING,
    LIMIT_CEILING_BEFORE,  # a quantum ago, then two: the frames that come out now were limited against these
    LIMIT_CEILING_OLDEST,
    LIMIT_RELEASE,
    LIMIT_ENV,
    LIMIT_ENV_LOW,
    LIMIT_INTERVAL,  # what the last interval between frames wanted of the gain
    OUT_GAIN,
    OUT_GAIN_STEP,
) = range(10)
OUTPUT_TILE_ROWS = 10

MONITOR_SOURCES = 4  # rows of gains, to left and right in lanes 0 and 1: from main l, r, solo l, r; then their steps
# f64 of the desk itself
WEIGHT_MAIN, WEIGHT_SOLO, METER_FALL, METER_SHARE, RMS_RATE = range(5)
WEIGHTS = 5

# Room for one quantum's passing values, in blocks of a quantum of eight lanes
(WORK_SIGNAL, WORK_MAIN_L, WORK_MAIN_R, WORK_SOLO_L, WORK_SOLO_R, WORK_MAIN, WORK_MONITOR, WORK_STAGES) = range(8)
WORK_LIMITER = 8
WORK_BLOCKS = 16

PARTS_F32 = (
    "tile",
    "section",
    "peak",
    "mean_square",
    "gr_gate",
    "gr_comp",
    "out_peak",
    "out_mean_square",
    "limiter_gr",
    "output_tile",
    "limiter_x",
    "limiter_r",
    "limiter_e",
    "monitor",
    "work",
    "taps",
    "delay",
)
PARTS_F64 = ("value", "goal", "step", "weights")
PARTS_I64 = ("head", "left", "moving", "lane", "section_flags", "output", "clips")
PARTS = PARTS_F32 + PARTS_F64 + PARTS_I64
# where the head holds each part's first index
(
    AT_TILE,
    AT_SECTION,
    AT_PEAK,
    AT_MEAN_SQUARE,
    AT_GR_GATE,
    AT_GR_COMP,
    AT_OUT_PEAK,
    AT_OUT_MEAN_SQUARE,
    AT_LIMITER_GR,
    AT_OUTPUT_TILE,
    AT_LIMITER_X,
    AT_LIMITER_R,
    AT_LIMITER_E,
    AT_MONITOR,
    AT_WORK,
    AT_TAPS,
    AT_DELAY,
    AT_VALUE,
    AT_GOAL,
    AT_STEP,
    AT_WEIGHTS,
    AT_HEAD,
    AT_LEFT,
    AT_MOVING,
    AT_LANE,
    AT_SECTION_FLAGS,
    AT_OUTPUT,
    AT_CLIPS,
) = range(HEAD_PLACES, HEAD_PLACES + len(PARTS))
