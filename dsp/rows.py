"""Where every number of the desk lies: rows of a tile, words of a lane, parts of the arena, in order.

Lane rows are eight float32 wide: one number for each lane of a tile. A ramp is a pair: the value now, its step a frame.
"""

from __future__ import annotations

from dsp import slots

LANES = 8
CACHE_LINE_WORDS = 16
QUANTUM_FRAMES = slots.QUANTUM_FRAMES
MAX_CHANNELS = 64
MAX_PORTS = 32
MAX_PLAYS = 64
SECTIONS = 11  # two of the HPF, one of the LPF, six of the EQ, the filters of the gate's and the compressor's key
EQ_SECTION, GATE_KEY_SECTION, COMP_KEY_SECTION = 3, 9, 10
STAGES = len(slots.METER_STAGES)
STRIP_SLOTS = len(slots.STRIP)
DESK_SLOTS = len(slots.DESK)
OUTPUT_SLOTS = len(slots.OUTPUT)
KINDS = len(slots.StripKind)
KIND_CHANNEL, KIND_BUS, KIND_RETURN, KIND_MAIN, KIND_MATRIX = (int(kind) for kind in slots.StripKind)

# What may be sent from: the taps, then what the two detectors listen to
TAPS = len(slots.TAPS)
TAP_INPUT, TAP_PRE_EQ, TAP_POST_EQ, TAP_PRE_FADER, TAP_POST_FADER = range(TAPS)
TAP_GATE_KEY, TAP_COMP_KEY = TAPS, TAPS + 1
LINES = TAPS + 2
# What may be sent to, in eights of lanes
DEST_BUS, DEST_BUS_2, DEST_MAIN, DEST_MATRIX, DEST_SOLO = range(5)
DESTS = 5
DEST_LANES = (LANES, LANES, 3, LANES, 2)
# Each has its sums; so has what a tile of buses sends to itself
SUM_OWN = DESTS
SUMS = DESTS + 1

# i64: the head
(
    HEAD_CLOCK,
    HEAD_TAKEN,
    HEAD_LOGGED,
    HEAD_IGNORED,  # events with an address or a value that cannot be
    HEAD_BROKEN,  # slots given up because their checksum never came to fit
    HEAD_WAITING,  # quanta that the present slot has had a wrong checksum
    HEAD_MOVING,  # how many addresses are in motion
    HEAD_FRESH,  # 1 while a reset puts everything at its place
    HEAD_RATE,
    HEAD_TILES,
    HEAD_INPUTS,
    HEAD_PLAYS,
    HEAD_OUTPUTS,
    HEAD_EFFECTS,
    HEAD_DELAY_FRAMES,
    HEAD_AWAKE,  # quanta for which monitor, effects and outputs have still to be looked at
    HEAD_GENERATOR_AWAKE,  # the same for generator and talkback
    HEAD_AUX_SENDS,  # 1: where generator and talkback go waits for their tile's turn
    HEAD_SOLO_AWAKE,  # 1 where somebody's solo has moved, or solo in place walks
    HEAD_SOLOED,  # 1 where the monitor is to hear the solo bus
    HEAD_INSERTS,  # bit k: insert line k holds something of this quantum
) = range(21)
HEAD_HEARD = 21  # of each sum: bit n: its lane n has been sent something in this quantum
HEAD_FIRST_TILE = HEAD_HEARD + SUMS  # of each kind
HEAD_LANES_OF = HEAD_FIRST_TILE + KINDS
HEAD_PLACES = HEAD_LANES_OF + KINDS  # from here on: where each part starts, in the order of PARTS
AWAKE_QUANTA = 4  # a ceiling is remembered for two quanta after it has moved, a ramp settles in one

# i64 words of what fades over: in use, wanted next, quanta left
FADE_NEXT, FADE_LEFT = 1, 2
# and of a delay line, counted from its first
(
    DELAY_IN_USE,  # frames
    DELAY_NEXT,
    DELAY_FADE,  # frames of the crossfade done; −1: none runs
    DELAY_SINCE,  # the line holds silence before this sample
    DELAY_LINE,  # 1 where the line is written: a delay is in use, or waits until the line holds as much
) = range(5)
DELAY_WORDS = 5

# i64 words of a lane
LANE_SOURCE = 0  # fades over
LANE_INSERT = 3  # fades over
LANE_DELAY = 6
(
    LANE_SECTIONS,  # bit s: section s waits for a redesign
    LANE_SENDS,  # 1: the sends wait for a redesign
    LANE_MOVED,  # bit g: group g has moved in this quantum
    LANE_SETTLING,  # bit g: it moved in the last one
    LANE_GUARD,  # quanta until a lane that held a bad number is fully back
    LANE_BAD,  # how many times that was
    LANE_AWAKE,  # 0 where nothing has moved, fades or waits: the lane needs no look
    LANE_GATE_KEY,  # the lane that the gate's key is taken from; −1: itself
    LANE_GATE_KEY_TOO,  # and the other side's, where it is the mean of both; else −1
    LANE_COMP_KEY,
    LANE_COMP_KEY_TOO,
) = range(LANE_DELAY + DELAY_WORDS, LANE_DELAY + DELAY_WORDS + 11)
LANE_GATE_HEARS = LANE_DELAY + DELAY_WORDS + 11  # those two and whether the lane is keyed, as one choice; fades over
LANE_COMP_HEARS = LANE_GATE_HEARS + 3
LANE_WORDS = LANE_COMP_HEARS + 3

# i64 words of a tile
(
    TILE_KIND,
    TILE_SENT,  # bit t: line t is sent somewhere
    TILE_TAPPED,  # bit t: line t is patched somewhere
    TILE_GATE_KEYED,  # 1 where a lane's gate listens to a key
    TILE_COMP_KEYED,
    TILE_INSERTS,  # 1 where a lane's insert is in use
    TILE_CROSS,  # 1 where a side is heard in the other
    TILE_PATCHED,  # bit k: patch row k is taken from here
    TILE_PASSES,  # how often a tile of buses is run: 1, and one more for each bus in its longest chain of buses
    TILE_STIRRED,  # 1 where those chains may have changed
    TILE_TURNING,  # 1 while its sends are on their way
) = range(11)
TILE_COUNTS = 11  # entries of the list for each destination
TILE_MOVES = TILE_COUNTS + DESTS  # 1 where one of those is on its way
TILE_LISTS = TILE_MOVES + DESTS
ENTRY_WORDS = 3  # where the signal starts, where the gains lie, the destination's lane
MAX_ENTRIES = LANES * LINES
TILE_WORDS = TILE_LISTS + DESTS * MAX_ENTRIES * ENTRY_WORDS

# i64 words of an output
OUTPUT_SOURCE = 0  # fades over; with its tap
OUTPUT_DELAY = 3
OUTPUT_WORDS = OUTPUT_DELAY + DELAY_WORDS
# of the monitor, of an effect
MONITOR_SOURCE = 0  # fades over
MONITOR_DELAY = 3
MONITOR_WORDS = MONITOR_DELAY + DELAY_WORDS
EFFECT_WORDS = 3  # the source; fades over
PATCH_WORDS = 2  # where a patch row's signal lies, and a second one where it is the mean of both, else −1
# of generator and talkback
OSC_TYPE, TALK_SOURCE = 0, 3  # both fade over
OSC_SEED, OSC_SWEPT, OSC_SWEEP_FRAMES = 6, 7, 8
GENERATOR_WORDS = 9

# f32 rows of a tile. Levels are log₂ of amplitudes. Envelopes are pairs too, a number and what float32 lost of it: a
# step of a 4 s release is below the last bit of one float32.
(
    INPUT_GAIN,
    INPUT_GAIN_STEP,
    LINK,  # λ: how much of the neighbour the detectors hear
    LINK_NOW,  # the parameter itself, and what it was in the last quantum
    LINK_BEFORE,
    GATE_KEYED,  # 1 in the lanes whose gate listens to a key
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
    COMP_KEYED,
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
    INSERT_PRE,
    INSERT_PRE_STEP,
    INSERT_POST,
    INSERT_POST_STEP,
    MUTE,
    MUTE_STEP,
    OWN,  # fader, balance and width: of the lane's own signal, and of its neighbour's
    OWN_STEP,
    CROSS,
    CROSS_STEP,
    IN_PLACE,  # 0 in the lanes that solo in place silences
    GATE_LISTEN,  # what is given of the detectors' keys to listen to: less while they change over
    GATE_LISTEN_STEP,
    COMP_LISTEN,
    COMP_LISTEN_STEP,
) = range(65)
TILE_ROWS = 65

# f32 rows of a section of a tile: what it uses now, its steps and where it goes
(COEF_G, COEF_K, COEF_A2, COEF_M0, COEF_M1, COEF_M2, STATE_1, STATE_2) = range(8)
(STEP_G, STEP_K, STEP_M0, STEP_M1, STEP_M2, GOAL_G, GOAL_K, GOAL_M0, GOAL_M1, GOAL_M2) = range(8, 18)
SECTION_ROWS = 18
SECTION_MOVING, SECTION_ACTIVE = range(2)
SECTION_FLAGS = 2

# f32 rows of a send, from one line of eight lanes to one lane of a destination: gains, their steps, where they go
SEND_STEP, SEND_GOAL = range(1, 3)
SEND_ROWS = 3

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
    PATCH_GAIN,  # the fade from one source to another
    PATCH_GAIN_STEP,
    OUT_GAIN,  # the engine's own
    OUT_GAIN_STEP,
) = range(12)
OUTPUT_TILE_ROWS = 12

MONITOR_SOURCES = 4  # rows of gains, to left and right in lanes 0 and 1: from chosen l, r, solo l, r; then their steps
EFFECT_GAIN = 2 * QUANTUM_FRAMES  # behind both sides' frames: the fade from one source to another, and its step
EFFECT_FLOATS = EFFECT_GAIN + 2 * LANES
AUX_OSC, AUX_TALK = 0, 1  # the lanes of the generator's line and the talkback's
AUX_GAIN, AUX_GAIN_STEP = QUANTUM_FRAMES, QUANTUM_FRAMES + 1  # rows behind their block
AUX_ROWS = QUANTUM_FRAMES + 2
# f64 of the desk itself
WEIGHT_MAIN, WEIGHT_SOLO, METER_FALL, METER_SHARE, RMS_RATE = range(5)
WEIGHTS = 5
# f64 of the generator
PHASE_1, PHASE_2, SWEEP_TURNS, SWEEP_RATIO, PINK_X = range(5)  # phases and frequencies in turns
PINK_SECTIONS = 12
PINK_Y = PINK_X + PINK_SECTIONS
PHASES = PINK_Y + PINK_SECTIONS

# Patch rows: a quantum of one signal, for each output, for what the monitor hears and gives, for an effect's sides
PATCH_CHOSEN = MAX_PORTS
PATCH_EFFECTS = PATCH_CHOSEN + 2
PATCHES = PATCH_EFFECTS + 2 * slots.MAX_EFFECTS
PATCH_MONITOR = PATCHES  # not taken from a strip
PATCH_ROWS = PATCH_MONITOR + 2

# Room for one quantum's passing values, in blocks of a quantum of eight lanes. The outputs come last and use those of
# the strips again.
(
    WORK_SIGNAL,  # and the tap post_eq when all is done
    WORK_PRE_EQ,
    WORK_PRE_FADER,
    WORK_POST_FADER,
    WORK_GATE_KEY,
    WORK_COMP_KEY,
    WORK_HEARD,  # what a detector listens to where some of its lanes are keyed
    WORK_LEVELS,
    WORK_MONITOR,
    WORK_STAGES,
    WORK_INPUT_BEFORE,  # a bus tile's input lines of the last quantum
    WORK_SENT,  # what has been sent to a tile
    WORK_OWN,  # what a bus tile hears, its own lower buses included
) = range(13)
WORK_LIMITER = 0
WORK_BLOCKS = 13

PARTS_F32 = (
    "tile", "section", "peak", "mean_square", "gr_gate", "gr_comp", "out_peak", "out_mean_square", "limiter_gr",
    "output_tile", "limiter_x", "limiter_r", "limiter_e", "monitor", "work", "taps", "input", "sum", "patch",
    "effect", "insert", "aux", "send", "zero", "count", "kept", "delay", "output_delay", "monitor_delay",
)  # fmt: skip
PARTS_F64 = (
    "value", "goal", "step", "weights", "phase",
)  # fmt: skip
PARTS_I64 = (
    "head", "left", "moving", "lane", "section_flags", "output", "clips", "tile_words", "generator",
    "monitor_words", "effect_words", "patch_words", "kept_words",
)  # fmt: skip
PARTS = PARTS_F32 + PARTS_F64 + PARTS_I64
# where the head holds each part's first index
(
    AT_TILE, AT_SECTION, AT_PEAK, AT_MEAN_SQUARE, AT_GR_GATE, AT_GR_COMP, AT_OUT_PEAK, AT_OUT_MEAN_SQUARE,
    AT_LIMITER_GR, AT_OUTPUT_TILE, AT_LIMITER_X, AT_LIMITER_R, AT_LIMITER_E, AT_MONITOR, AT_WORK, AT_TAPS, AT_INPUT,
    AT_SUM, AT_PATCH, AT_EFFECT, AT_INSERT, AT_AUX, AT_SEND, AT_ZERO, AT_COUNT, AT_KEPT, AT_DELAY, AT_OUTPUT_DELAY,
    AT_MONITOR_DELAY, AT_VALUE, AT_GOAL, AT_STEP, AT_WEIGHTS, AT_PHASE, AT_HEAD, AT_LEFT, AT_MOVING, AT_LANE,
    AT_SECTION_FLAGS, AT_OUTPUT, AT_CLIPS, AT_TILE_WORDS, AT_GENERATOR, AT_MONITOR_WORDS, AT_EFFECT_WORDS,
    AT_PATCH_WORDS, AT_KEPT_WORDS,
) = range(HEAD_PLACES, HEAD_PLACES + len(PARTS))  # fmt: skip
HEAD = HEAD_PLACES + len(PARTS)
