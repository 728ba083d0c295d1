"""The report of `pidesk bench`: what is measured, in which order, and how it is shown."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware import processor
from firmware.errors import SetupError

if TYPE_CHECKING:
    from firmware.bench import Timing

Report = dict[str, Any]
Say = Callable[[str], None]

REFERENCE_STRIPS, REFERENCE_FRAMES = 32, 32
_START = "from dsp import desk\nfrom dsp.arena import Arena, DeskSize\nimport numpy as np\n"
_FIRST_BLOCK = (
    "from dsp import ring\nsize = DeskSize()\narena = Arena(size)\ndesk.reset(arena, np.zeros(size.addresses))\n"
    "x = np.zeros((32, 2), np.float32)\n"
    "desk.process(x, x.copy(), arena.f32, arena.f64, arena.i64, ring.empty(), ring.empty())\n"
)


def measure(quick: bool, say: Say) -> Report:
    """All figures but the peers'. `quick` takes few blocks: its figures are rough and only show that all works."""
    cold_s, warm_s = compile_times(say) if not quick else (None, None)
    say("loading the kernel")
    from firmware import bench, bench_desk

    blocks, rounds = (100, 1) if quick else (1000, 9)
    strips = (8, REFERENCE_STRIPS) if quick else bench.STRIPS
    say(f"timing {', '.join(map(str, strips))} strips, at rest and moving")
    timings = bench.sweep(blocks, rounds, strips)
    reference = {t.moving: t for t in timings if (t.strips, t.frames) == (REFERENCE_STRIPS, REFERENCE_FRAMES)}
    say("timing tails that decay into denormal numbers")
    denormal = bench.denormal_ratio(blocks, rounds)
    say("timing an offline render of 16 strips")
    return {
        "strip_ns": reference[False].strip_ns,
        "strip_ns_moving": reference[True].strip_ns,
        "strip_ns_more": _strip_more(timings, moving=False),
        "strip_ns_more_moving": _strip_more(timings, moving=True),
        "block_median_of_deadline": reference[False].of_deadline,
        "block_median_of_deadline_moving": reference[True].of_deadline,
        "denormal_ratio": denormal,
        "render_x_realtime": bench.render_x_realtime(2 if quick else 10, bench_desk.like_the_peers),
        "render_x_realtime_everything": bench.render_x_realtime(2 if quick else 10),
        "cold_compile_s": cold_s,
        "warm_start_s": warm_s,
        "sizes": [t.summary() for t in timings],
        "machine": machine(),
        "quick": quick,
    }


def _strip_more(timings: list[Timing], moving: bool) -> float:
    """What one strip more costs, ns per sample: the largest desk less the smallest, by the strips between them."""
    blocks = [t for t in timings if t.frames == REFERENCE_FRAMES and t.moving is moving]
    small, large = min(blocks, key=lambda t: t.strips), max(blocks, key=lambda t: t.strips)
    strips = large.strips - small.strips
    return (large.strip_ns * large.strips - small.strip_ns * small.strips) / strips


def compile_times(say: Say) -> tuple[float, float]:
    """Seconds from the start of a Python process to its first block, cold and with all compiled before."""
    with tempfile.TemporaryDirectory(prefix="pidesk-bench-") as empty:
        say("compiling the kernel into an empty cache")
        cold = _start_s(empty)
        return cold, min(_start_s(empty) for _ in range(3))


def _start_s(cache: str) -> float:
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
    environment.pop("CACHE_DIRECTORY", None)
    root = str(Path(__file__).resolve().parents[1])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _START + _FIRST_BLOCK], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SetupError(f"The kernel could not be compiled: {last}")
    return time.perf_counter() - before


def machine() -> Report:
    """What the figures were measured on."""
    import platform
    from importlib import metadata

    return {
        "cpu": processor.name(),
        "cores": os.cpu_count(),
        "load_1_min": os.getloadavg()[0],
        "python": platform.python_version(),
        "numba": metadata.version("numba"),
        "llvmlite": metadata.version("llvmlite"),
    }


_COLUMNS = (
    ("strips", "strips", "{:d}"),
    ("block", "frames", "{:d}"),
    ("", "moving", "{}"),
    ("ns/strip·sample", "strip_ns", "{:.2f}"),
    ("% of deadline", "of_deadline", "{:.2%}"),
    ("block µs", "block_us", "{:.1f}"),
    ("p99.9", "block_us_p999", "{:.1f}"),
    ("max", "block_us_max", "{:.0f}"),
    ("idle call p99.9", "idle_us_p999", "{:.1f}"),
    ("max", "idle_us_max", "{:.0f}"),
)


def text(report: Report) -> str:
    """The report as tables for people."""
    on = report["machine"]
    lines = [f"{on['cpu']}, {on['cores']} cores, load {on['load_1_min']:.1f}; everything engaged at 48 kHz", ""]
    table = [[title for title, _, _ in _COLUMNS]]
    for row in report["sizes"]:
        shown = {**row, "moving": "moving" if row["moving"] else "at rest"}
        table.append([form.format(shown[key]) for _, key, form in _COLUMNS])
    widths = [max(len(line[k]) for line in table) for k in range(len(_COLUMNS))]
    lines += ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in table]
    lines.append("")
    lines.append(f"A strip more costs {report['strip_ns_more']:.1f} ns, {report['strip_ns_more_moving']:.1f} moving.")
    lines.append(f"A tail that decays through denormal numbers costs {report['denormal_ratio']:.2f} of a full signal.")
    lines.append(
        f"An offline render of 16 strips (low cut, gate, four bands, compressor) runs at "
        f"{report['render_x_realtime']:.0f} times real time,"
    )
    lines.append(f"with everything engaged, mains too, at {report['render_x_realtime_everything']:.0f}.")
    if report["cold_compile_s"] is not None:
        lines.append(f"The first start compiles for {report['cold_compile_s']:.1f} s;")
        lines.append(f"any later one reaches its first block after {report['warm_start_s']:.2f} s.")
    if "peers_ns" in report:
        lines += ["", *_peers_text(report)]
    return "\n".join(lines)


def _peers_text(report: Report) -> list[str]:
    lines = ["32 strips, ns per strip and sample, medians over rounds in turns:"]
    lines += [f"  {name:<62} {ns:7.2f}" for name, ns in report["peers_ns"].items()]
    lines += [
        "Times faster per strip than the peer's fastest way:",
        f"  {report['ratio_pedalboard']:6.2f}  pedalboard with buffer 64",
        f"  {report['ratio_pedalboard_any_buffer']:6.2f}  pedalboard with any buffer",
        f"  {report['ratio_faust']:6.2f}  Faust with -O3 -march=native",
        f"  {report['ratio_faust_any_flags']:6.2f}  Faust with any flag and block",
        "and with every stage of Pidesk's strips and mains engaged, which the peers have not:",
        f"  {report['ratio_pedalboard_everything']:6.2f}  pedalboard with buffer 64",
        f"  {report['ratio_faust_everything']:6.2f}  Faust with -O3 -march=native",
        "What a strip contains:",
    ]
    return lines + [f"  {name}: {chain}" for name, chain in report["chains"].items()]


def plot(report: Report, path: Path) -> None:
    """Draw the cost of a strip and the load over the number of strips. Raises OutputError."""
    import matplotlib as mpl

    mpl.use("agg")
    import io

    from matplotlib import pyplot as plt

    from firmware import files

    figure, (cost, load) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for frames in sorted({row["frames"] for row in report["sizes"]}):
        for moving in (False, True):
            rows = [r for r in report["sizes"] if r["frames"] == frames and r["moving"] is moving]
            label = f"blocks of {frames}, {'everything moving' if moving else 'at rest'}"
            strips = [r["strips"] for r in rows]
            cost.plot(strips, [r["strip_ns"] for r in rows], "o-", label=label)
            load.plot(strips, [100 * r["of_deadline"] for r in rows], "o-", label=label)
    cost.set(xlabel="strips", ylabel="ns per strip and sample", ylim=(0, None), title="cost of a strip")
    load.set(xlabel="strips", ylabel="% of the block's time", ylim=(0, None), title="load of one core, median block")
    cost.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    plt.close(figure)
    files.write(path, picture.getvalue(), keep_previous=False)
