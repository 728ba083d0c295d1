"""The report of `pidesk bench`: what is measured, in which order, and how it is shown."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.slots import QUANTUM_FRAMES
from firmware import processor
from firmware.errors import SetupError

if TYPE_CHECKING:
    from firmware.bench import Setup, Timing

Report = dict[str, Any]
Say = Callable[[str], None]

_START = "from dsp import desk\nfrom dsp.arena import Arena\nfrom dsp.size import DeskSize\nimport numpy as np\n"
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
    say("timing desks of 8 to 64 strips and 0 to 16 buses, at rest and moving")
    timings = bench.sweep(blocks, rounds, bench.QUICK_SETUPS if quick else bench.SETUPS)
    alone = {moving: of_setup(timings, replace(bench.ALONE, moving=moving)) for moving in (False, True)}
    by_strips = [t for t in timings if t.setup == replace(bench.CONSOLE, strips=t.setup.strips)]
    by_buses = [t for t in timings if t.setup == replace(bench.CONSOLE, buses=t.setup.buses)]
    say("timing tails that decay into denormal numbers")
    denormal = bench.denormal_ratio(blocks, rounds)
    say("timing an offline render of 16 strips")
    return {
        "strip_ns": alone[False].strip_ns,
        "strip_ns_moving": alone[True].strip_ns,
        "strip_ns_more": _strip_more(timings, moving=False),
        "strip_ns_more_moving": _strip_more(timings, moving=True),
        "block_median_of_deadline": alone[False].of_deadline,
        "block_median_of_deadline_moving": alone[True].of_deadline,
        "console_median_of_deadline": of_setup(timings, bench.CONSOLE).of_deadline,
        "off_the_line_over_strips": bench.off_the_line(by_strips, "strips"),
        "off_the_line_over_buses": bench.off_the_line(by_buses, "buses"),
        "denormal_ratio": denormal,
        "render_x_realtime": bench.render_x_realtime(2 if quick else 10, bench_desk.like_the_peers),
        "render_x_realtime_everything": bench.render_x_realtime(2 if quick else 10),
        "cold_compile_s": cold_s,
        "warm_start_s": warm_s,
        "sizes": [t.summary() for t in timings],
        "machine": machine(),
        "quick": quick,
    }


def of_setup(timings: list[Timing], setup: Setup) -> Timing:
    """The one of that setup."""
    return next(t for t in timings if t.setup == setup)


def _strip_more(timings: list[Timing], moving: bool) -> float:
    """What one strip more costs, ns per sample: the largest desk without buses less the smallest, by the strips between
    them."""
    from firmware.bench import Setup

    of = {t.setup.strips: t for t in timings if t.setup == Setup(t.setup.strips, moving=moving)}
    small, large = min(of), max(of)
    return (of[large].strip_ns * large - of[small].strip_ns * small) / (large - small)


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
    ("buses", "buses", "{:d}"),
    ("matrices", "matrices", "{:d}"),
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
    lines.append(
        f"32 strips, 16 buses, mains and 8 matrices take {report['console_median_of_deadline']:.1%} of a block of 32;"
    )
    lines.append(
        f"their cost is off a straight line by {report['off_the_line_over_strips']:.1%} at most over the number of "
        f"strips, by {report['off_the_line_over_buses']:.1%} over that of buses."
    )
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
        "and with every stage of Pidesk's strips engaged, key filters too, and sends to 16 buses:",
        f"  {report['ratio_pedalboard_everything']:6.2f}  pedalboard with buffer 64, without sends",
        f"  {report['ratio_faust_everything']:6.2f}  Faust with -O3 -march=native, with the same sends",
        "What a strip contains:",
    ]
    return lines + [f"  {name}: {chain}" for name, chain in report["chains"].items()]


def _buses(row: Report) -> int:
    return int(row["buses"])


def plot(report: Report, path: Path) -> None:
    """Draw the load over the number of strips and of buses. Raises OutputError."""
    import matplotlib as mpl

    mpl.use("agg")
    import io

    from matplotlib import pyplot as plt

    from firmware import files

    figure, (over_strips, over_buses) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
    blocks = [row for row in report["sizes"] if row["frames"] == QUANTUM_FRAMES]
    for label, buses, moving in (
        ("strips and mains, everything moving", 0, True),
        ("strips and mains, at rest", 0, False),
        ("with 16 buses and 8 matrices, at rest", 16, False),
    ):
        rows = [row for row in blocks if row["buses"] == buses and row["moving"] is moving]
        over_strips.plot([row["strips"] for row in rows], [100 * row["of_deadline"] for row in rows], "o-", label=label)
    rows = sorted((row for row in blocks if row["matrices"] and row["strips"] == 32 and not row["moving"]), key=_buses)
    over_buses.plot(list(map(_buses, rows)), [100 * row["of_deadline"] for row in rows], "o-", label="at rest")
    over_strips.set(xlabel="strips", ylabel="% of the block's time", ylim=(0, None), title="load of one core")
    over_buses.set(xlabel="buses", title="32 strips with mains and 8 matrices")
    over_strips.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    plt.close(figure)
    files.write(path, picture.getvalue(), keep_previous=False)
