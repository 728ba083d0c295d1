"""Reads the assembly that LLVM writes for Arm: functions, and the loops inside them."""

from __future__ import annotations

import re

_FUNCTION = re.compile(r"^\t\.type\t(\S+),@function\n\1:\n(.*?)^\.Lfunc_end", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"^(\.LBB\w+):")
_BRANCH = re.compile(r"^\t(?:b(?:\.\w+)?\t|cbn?z\t\w+, |tbn?z\t\w+, #\d+, )(\.LBB\w+)$")


def kernel(assembly: str) -> list[str]:
    """The lines of the function itself, without those around it that Python and C call it by."""
    bodies = {
        name: body for name, body in _FUNCTION.findall(assembly) if not name.startswith(("_ZN7cpython", "cfunc."))
    }
    if len(bodies) != 1:
        raise ValueError(f"one function was expected, not {list(bodies)}")
    return [line for line in next(iter(bodies.values())).splitlines() if line and not line.startswith("\t.")]


def inner_loops(lines: list[str]) -> list[tuple[int, int]]:
    """First and last line, both included, of each loop that holds no other loop."""
    labels: dict[str, int] = {}
    loops: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if found := _LABEL.match(line):
            labels[found[1]] = number
        elif (found := _BRANCH.match(line)) and found[1] in labels:
            first = labels[found[1]]
            if not any(first <= inner for inner, _ in loops):
                loops.append((first, number))
    return loops
