"""What the emulated Arm runs: `python -m tests.arm.on_arm kernels|desk IN.npz OUT.npz [COMPILED_FOLDER]`.

`kernels`: Arm's own numba compiles and runs kernels and probes. `desk`: the whole desk plays a scene, in the code that
was compiled for Arm into COMPILED_FOLDER. Python's own arithmetic with denormals is looked at after each.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
import time
from typing import Any

import numpy as np


def _denormals_live() -> bool:
    numbers = np.array([2.0**-1022, 2.0**-1073])
    return 2.0**-1022 * float(numbers[1] > 0) / 2.0 == 2.0**-1023 and bool((numbers / 2.0 > 0.0).all())


def kernels(given: Any) -> dict[str, Any]:
    """Results, assembly and seconds of each kernel and probe."""
    from tests.arm.kernels import KERNELS, assembly, outcome, probe_lanes, probe_mode

    begun = time.monotonic()
    places = json.loads(str(given["places"]))
    out: dict[str, Any] = {name: outcome(name, given["f32"], places) for name in KERNELS}
    out["lanes"] = probe_lanes(given["lanes"])
    out["mode_f32"], out["mode_f64"], out["modes"] = probe_mode()
    compiled = time.monotonic()
    out["assembly"] = json.dumps(assembly())
    print(f"kernels compiled and run in {compiled - begun:.1f} s, assembly in {time.monotonic() - compiled:.1f} s")
    return out


def desk(given: Any, folder: str) -> dict[str, Any]:
    """The scene's output, and what converter and taps made of it."""
    importlib.import_module("dsp.compile")  # it sets numba's cache folder
    from numba.core import config

    config.CACHE_DIR = folder  # but what was compiled elsewhere is not under this machine's key
    from tests.arm.play import play

    begun = time.monotonic()
    out = play(given)
    print(f"{len(out['y'])} frames in {time.monotonic() - begun:.1f} s")
    return out


def main(what: str, source: str, target: str, *more: str) -> None:
    """Runs one of the two and writes what came out of it."""
    begun = time.monotonic()
    with np.load(source) as given:
        out = kernels(given) if what == "kernels" else desk(given, *more)
    np.savez(target, machine=platform.machine(), denormals_live=_denormals_live(), **out)
    print(f"all in {time.monotonic() - begun:.1f} s after the start of Python and numpy")


if __name__ == "__main__":
    main(*sys.argv[1:])
