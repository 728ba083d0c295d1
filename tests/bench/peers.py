"""`pidesk bench --peers`: pedalboard, Faust and Pidesk on the same 32 strips of sound, in turns, in one run.

Every figure is nanoseconds of thread time per strip and sample: the median over the blocks of a round. A ratio is the
median over the rounds of peer ÷ Pidesk in the same round; where a peer can be used in several ways its fastest counts.
Pidesk's figure is a whole desk's in quanta of 32, its strips set to the stages that the peers have, with mains, monitor
and limiters beside them; like pedalboard it is given a second in one call. "Everything": every stage of the strips
engaged, both key filters too, and sends to 16 buses from five taps beside left and right. It stands against
pedalboard's plain strip, and against Faust's strip with the same sends. "Console": the buses, mains and eight
matrices engaged as well.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware import bench_desk
from tests.bench import faust_peer, pedalboard_peer

STRIPS, FRAMES = 32, 48000
BLOCK_FRAMES, LONG_FRAMES, LONG_BUFFER_FRAMES = 64, 1024, 8192
PIDESK_CHAIN = (
    "source, trim, polarity, delay (none is set), low cut 12 dB/oct, gate with hysteresis and hold, low shelf, "
    "two bells, high shelf, compressor with knee, hold, makeup and mix, mute, fader, pan, seven meters; and in the "
    "same time plain mains, solo bus, monitor, two outputs with true-peak limiters"
)
EVERYTHING_CHAIN = (
    "the same with low cut 24 dB/oct, high cut 12 dB/oct, six bands, a filter in the key of gate and compressor, and "
    "sends to 16 buses from five taps; plain buses"
)
CONSOLE_CHAIN = "the same, and all but the sends in 16 buses, mains and eight matrices too"
Say = Callable[[str], None]


def measure(
    rounds: int, say: Say, forms: tuple[faust_peer.Form, ...] = (*faust_peer.FORMS, *faust_peer.SENDS_FORMS)
) -> dict[str, Any]:
    """`ratio_pedalboard`, `ratio_faust` and all that stands behind them. Raises SetupError when a peer is missing."""
    from firmware.bench import CONSOLE, Rig, Setup

    signal = bench_desk.signal(STRIPS, FRAMES)
    strips = np.ascontiguousarray(signal.T)
    pedalboard = pedalboard_peer.Strips(strips)
    say("compiling the Faust strip in its forms (some minutes on the first time)")
    programs = faust_peer.build_all(forms)
    whole = Setup(STRIPS, frames=FRAMES)
    live = Rig(replace(whole, frames=BLOCK_FRAMES), signal=signal, values=bench_desk.like_the_peers, outputs=2)
    ours = Rig(whole, signal=signal, values=bench_desk.like_the_peers, outputs=2)
    everything = Rig(replace(whole, buses=16), signal=signal, values=bench_desk.plain_behind, outputs=2)
    console = Rig(replace(CONSOLE, frames=FRAMES), signal=signal)
    blocks = FRAMES // BLOCK_FRAMES
    found: dict[str, list[float]] = {}

    def keep(name: str, median_ns: Any, samples: int) -> None:
        found.setdefault(name, []).append(float(median_ns) / samples)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        strips.tofile(folder / "strips.f32")
        harnesses = [stack.enter_context(faust_peer.Harness(p, folder / "strips.f32", FRAMES)) for p in programs]
        live.run(1)
        ours.run(1, settle=False)
        everything.run(1, settle=False)
        console.run(1, settle=False)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}: pedalboard, Faust, Pidesk")
            keep("pedalboard, calls of 64", np.median(pedalboard.run_blocks()), STRIPS * BLOCK_FRAMES)
            keep("pedalboard, one call, buffer 64", np.median(pedalboard.run_whole()), FRAMES)
            keep("pedalboard, one call, buffer 8192", np.median(pedalboard.run_whole(LONG_BUFFER_FRAMES)), FRAMES)
            for form, harness in zip(forms, harnesses, strict=True):
                keep(f"faust {form.name}", np.median(harness.run(BLOCK_FRAMES, blocks)), STRIPS * BLOCK_FRAMES)
                long = harness.run(LONG_FRAMES, FRAMES // LONG_FRAMES)
                keep(f"faust {form.name}, blocks of 1024", np.median(long), STRIPS * LONG_FRAMES)
            keep("pidesk", np.median(ours.run(1, settle=False).kernel_ns), STRIPS * FRAMES)
            keep("pidesk, calls of 64", np.median(live.run(blocks, settle=False).kernel_ns), STRIPS * BLOCK_FRAMES)
            keep("pidesk, everything", np.median(everything.run(1, settle=False).kernel_ns), STRIPS * FRAMES)
            keep("pidesk, console", np.median(console.run(1, settle=False).kernel_ns), STRIPS * FRAMES)
    strict = [f"faust {form.name}" for form in forms if form.strict and not form.sends]
    with_sends = [f"faust {form.name}" for form in forms if form.strict and form.sends]
    any_form = [name for name in found if name.startswith("faust") and "_sends" not in name]
    at_64 = ["pedalboard, calls of 64", "pedalboard, one call, buffer 64"]
    return {
        "ratio_pedalboard": _ratio(found, at_64),
        "ratio_faust": _ratio(found, strict),
        "ratio_pedalboard_any_buffer": _ratio(found, [name for name in found if name.startswith("pedalboard")]),
        "ratio_faust_any_flags": _ratio(found, any_form),
        "ratio_pedalboard_everything": _ratio(found, at_64, "pidesk, everything"),
        "ratio_faust_everything": _ratio(found, with_sends, "pidesk, everything"),
        "peers_ns": {name: float(np.median(rounds_ns)) for name, rounds_ns in found.items()},
        "peers_ns_rounds": found,
        "chains": {
            "pedalboard": pedalboard_peer.CHAIN,
            "faust": faust_peer.CHAIN,
            "faust, sends": faust_peer.SENDS_CHAIN,
            "pidesk": PIDESK_CHAIN,
            "pidesk, everything": EVERYTHING_CHAIN,
            "pidesk, console": CONSOLE_CHAIN,
        },
        "pedalboard_version": pedalboard.version,
        "machine_cores": os.cpu_count(),
    }


def _ratio(found: dict[str, list[float]], peers: list[str], ours: str = "pidesk") -> float:
    fastest = min(peers, key=lambda name: float(np.median(found[name])))
    return float(np.median(np.array(found[fastest]) / np.array(found[ours])))
