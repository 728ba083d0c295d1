"""What the kernels become on a Cortex-A72: NEON arithmetic on whole vectors, and no call in the way."""

from __future__ import annotations

import re

import pytest

from tests.arm.kernels import KERNELS
from tests.arm.listing import inner_loops, kernel

pytestmark = pytest.mark.all

FUSED = re.compile(r"\tfml[as]\tv\d+\.4s")
SCALAR = re.compile(r"\tf(madd|msub|mul|add|sub|div|sqrt)\ts\d")
CALL = re.compile(r"\tblr?\t")


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_works_on_four_numbers_at_a_time_and_calls_nothing(assembly: dict[str, str], name: str) -> None:
    """A `fma` that the processor did not have would be a call of fmaf for every lane of every frame."""
    lines = kernel(assembly[name])
    loops = ["\n".join(lines[first : last + 1]) for first, last in inner_loops(lines)]
    assert any(".4s" in loop for loop in loops), "no loop works on vectors"
    assert [line for line in lines if CALL.match(line)] == []
    assert [line for line in lines if SCALAR.match(line)] == []
    if name != "limiter.hold_below":  # it compares and chooses
        assert any(FUSED.search(loop) for loop in loops), "no loop multiplies and adds in one"


def test_every_lane_operation_becomes_vector_instructions(assembly: dict[str, str]) -> None:
    lines = kernel(assembly["lanes"])
    assert [line for line in lines if CALL.match(line)] == []
    text = "\n".join(lines)
    for instruction in ("fadd", "fsub", "fmul", "fdiv", "fmla", "fabs", "fcmgt", "rev64", "scvtf"):
        assert re.search(rf"\t{instruction}\tv\d+\.4s", text), f"{instruction} is not in:\n{text}"


def test_the_floating_point_mode_is_read_and_set(assembly: dict[str, str]) -> None:
    """Where, and to what effect: test_on_arm.py."""
    text = "\n".join(kernel(assembly["mode"]))
    for instruction in (r"\tmsr\tFPCR, x\d+", r"\tmrs\t\w+, FPCR"):  # five of each are asked for
        assert len(re.findall(instruction, text, re.IGNORECASE)) == 5, text
