"""How many cycles a Cortex-A72 may need: `python -m tests.arm.cycles`, from the kernels' assembly by llvm-mca.

Needs the Debian package llvm. It is a prediction: llvm-mca knows the processor's pipelines and takes every load for a
hit in the first cache. A loop counts as often as it runs, all other instructions once.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from tests.arm.kernels import KERNELS
from tests.arm.listing import inner_loops, kernel
from tests.rigs.arm import CPU, cross_compile

_FRAMES = 32
# How often each loop runs, where its steps do not tell: the 12 pairs of taps of eight frames, four times.
_RUNS = {"limiter.detect": (12, 12, 12, 12, _FRAMES)}
_EIGHT_FRAMES = re.compile(r"\tadd\t(x\d+), \1, #256$", re.MULTILINE)  # of eight lanes of four bytes
_CYCLES = re.compile(r"^Total Cycles: +(\d+)$", re.MULTILINE)


def _predicted(code: str, times: int) -> int:
    command = ["llvm-mca", "-mtriple=aarch64", f"-mcpu={CPU}", f"-iterations={times}"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
    return int(_CYCLES.findall(done.stdout)[0])


def cycles(name: str, assembly: str) -> int:
    """Of a kernel over a quantum of 32 frames."""
    lines = kernel(assembly)
    total = 0
    for number, (first, last) in reversed(list(enumerate(inner_loops(lines)))):
        loop = "\n".join(lines[first : last + 1])
        runs = _FRAMES // 8 if _EIGHT_FRAMES.search(loop) else _FRAMES
        total += _predicted(loop, _RUNS[name][number] if name in _RUNS else runs)
        del lines[first : last + 1]
    return total + _predicted("\n".join(line for line in lines if line.startswith("\t")), 1)


def main() -> None:
    """Prints a table for docs/arm.md."""
    with tempfile.TemporaryDirectory() as folder:
        listing = json.loads(cross_compile("assembly", Path(folder)))
    print("| kernel | cycles per frame |\n| --- | --- |")
    for name in KERNELS:
        print(f"| `{name}` | {cycles(name, listing[name]) / _FRAMES:.0f} |")


if __name__ == "__main__":
    main()
