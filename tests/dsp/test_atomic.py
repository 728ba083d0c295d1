"""Acquire and release: the values, and the instructions they become on a Pi."""

from __future__ import annotations

import re

import numba
import numpy as np
import pytest
from llvmlite import binding

from dsp.atomic import fence, load_acquire, store_release

SIGNATURE = "int64(int64[::1], int64, int64)"


def _publish(words: np.ndarray, index: int, value: int) -> int:
    store_release(words, index, value)
    fence()
    return load_acquire(words, index)


def test_what_was_released_is_what_is_acquired_and_its_neighbours_stay() -> None:
    publish = numba.njit(SIGNATURE)(_publish)
    words = np.arange(5, dtype=np.int64)
    assert publish(words, 3, -(2**62)) == -(2**62)
    assert words.tolist() == [0, 1, 2, -(2**62), 4]


@pytest.mark.all
def test_on_arm_they_are_ldar_and_stlr_and_a_barrier() -> None:
    """Without them a Pi may show the sequence word before the event it stands for (Arm ARM, B2.3)."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    # Without reference counts, so that nothing of this machine's own instructions is in the text.
    compiled = numba.njit(SIGNATURE, _nrt=False)(_publish)
    text = compiled.inspect_llvm(compiled.signatures[0])
    text = re.sub(r'^target (triple|datalayout) = ".*"$', "", text, flags=re.MULTILINE)
    module = binding.parse_assembly(f'target triple = "aarch64-unknown-linux-gnu"\n{text}')
    arm = binding.Target.from_triple("aarch64-unknown-linux-gnu").create_target_machine(cpu="cortex-a72")
    assembly = arm.emit_assembly(module)
    for instruction in (r"\bldap?r\b", r"\bstlr\b", r"\bdmb\s+ish\b"):
        assert re.search(instruction, assembly), f"{instruction} is not in:\n{assembly}"
