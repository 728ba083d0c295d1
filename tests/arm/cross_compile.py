"""numba of this machine as a compiler for Arm: `python -m tests.arm.cross_compile desk|assembly`.

numba's front end is the same on every machine and llvmlite brings LLVM's Arm back end along; all that ties them to this
machine is the answers to three questions, which are given for a Pi here. `desk` compiles all of the desk into numba's
cache, where an Arm numba finds it, and prints that folder; `assembly` prints the kernels' assembly as JSON. The code is
never run here. NUMBA_CPU_NAME, NUMBA_CPU_FEATURES and NUMBA_CACHE_DIR come from the caller (`tests.rigs.arm`).
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from typing import Any

from llvmlite import binding

from tests.rigs.arm import TRIPLE


def aim_at_arm() -> None:
    """Has numba take this machine for a Pi. To be called before numba is imported; there is no way back."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()

    def from_default_triple(cls: Any) -> Any:
        return cls.from_triple(TRIPLE)

    binding.get_process_triple = lambda: TRIPLE
    binding.Target.from_default_triple = classmethod(from_default_triple)
    platform.machine = lambda: "aarch64"


def main(what: str) -> None:
    """Does what was asked for and prints the answer."""
    aim_at_arm()
    from dsp.compile import cache_folder

    if what == "desk":
        for module in ("dsp.desk", "dsp.convert", "firmware.publish"):
            importlib.import_module(module)  # which compiles what is in it

        print(cache_folder())
    else:
        from tests.arm.kernels import assembly

        print(json.dumps(assembly()))


if __name__ == "__main__":
    main(sys.argv[1])
