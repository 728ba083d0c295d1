"""Where each part of a desk's arena starts: as many words as `dsp.rows` says, by how large the desk is."""

from __future__ import annotations

from functools import cache

from dsp import rows
from dsp.rows import LANES, QUANTUM_FRAMES, STAGES
from dsp.size import DeskSize


def _round_up(count: int, to: int) -> int:
    return -(-count // to) * to


class Layout:
    """First index of each part in the arena's f32, f64 and i64 views (`at`), and each view's length."""

    def __init__(self, size: DeskSize) -> None:
        tiles, lanes, outputs = size.tiles, size.lanes, size.output_tiles * LANES
        block = QUANTUM_FRAMES * LANES
        counts = {
            "tile": lanes * rows.TILE_ROWS,
            "section": lanes * rows.SECTIONS * rows.SECTION_ROWS,
            "peak": STAGES * lanes,
            "mean_square": STAGES * lanes,
            "gr_gate": lanes,
            "gr_comp": lanes,
            "out_peak": outputs,
            "out_mean_square": outputs,
            "limiter_gr": outputs,
            "output_tile": outputs * rows.OUTPUT_TILE_ROWS,
            "limiter_x": outputs * rows.LIMITER_PAST_FRAMES,
            "limiter_r": outputs * rows.LOOKAHEAD_FRAMES,
            "limiter_e": outputs * rows.LOOKAHEAD_FRAMES,
            "monitor": 2 * rows.MONITOR_SOURCES * LANES,
            "work": rows.WORK_BLOCKS * block,
            "taps": rows.TRUE_PEAK_PHASES * rows.TRUE_PEAK_TAPS,
            "input": tiles * block,  # each lane's input line, for keys of this quantum and the next
            "sum": rows.SUMS * LANES * block,  # what has been sent to buses, mains, matrices and the solo bus
            "patch": rows.PATCH_ROWS * QUANTUM_FRAMES,
            "effect": size.effects * rows.EFFECT_FLOATS,
            "insert": rows.MAX_PORTS * QUANTUM_FRAMES,
            "aux": rows.AUX_ROWS * LANES,
            "send": (tiles + 1) * rows.LINES * rows.DESTS * LANES * rows.SEND_ROWS * LANES,
            "zero": LANES,  # silence
            "count": QUANTUM_FRAMES,  # 1, 2 … 32: the frames of a ramp
            "kept": (rows.TILE_ROWS + 2 * rows.SECTIONS) * LANES,
            "delay": lanes * size.delay_frames,
            "output_delay": size.outputs * size.delay_frames,
            "monitor_delay": 2 * size.delay_frames,
            "value": size.addresses,
            "goal": size.addresses,
            "step": size.addresses,
            "weights": rows.WEIGHTS,
            "phase": rows.PHASES,
            "head": rows.HEAD,
            "left": size.addresses,  # quanta left of a glide; 0 at rest
            "moving": size.addresses,  # the addresses in motion, rows.HEAD_MOVING of them
            "lane": lanes * rows.LANE_WORDS,
            "section_flags": tiles * rows.SECTIONS * rows.SECTION_FLAGS,
            "output": size.outputs * rows.OUTPUT_WORDS,
            "clips": STAGES * lanes,
            "tile_words": (tiles + 1) * rows.TILE_WORDS,  # the last for generator and talkback
            "generator": rows.GENERATOR_WORDS,
            "monitor_words": rows.MONITOR_WORDS,
            "effect_words": size.effects * rows.EFFECT_WORDS,
            "patch_words": rows.PATCHES * rows.PATCH_WORDS,
            "kept_words": LANES * rows.LANE_WORDS,
        }
        self.at: dict[str, int] = {}
        self.length: dict[str, int] = {}
        for view, parts in (("f32", rows.PARTS_F32), ("f64", rows.PARTS_F64), ("i64", rows.PARTS_I64)):
            total = 0
            for name in parts:
                self.at[name] = total
                total += _round_up(counts[name], rows.CACHE_LINE_WORDS)
            self.length[view] = total


@cache
def layout_of(size: DeskSize) -> Layout:
    """The layout of a desk of this size."""
    return Layout(size)
