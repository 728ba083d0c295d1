"""The assembly of kernels and probes, made once for all tests of this folder."""

from __future__ import annotations

import json
import time

import pytest

from tests.rigs.arm import cross_compile


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By name, as this machine's numba writes it for a Cortex-A72."""
    begun = time.monotonic()
    made: dict[str, str] = json.loads(cross_compile("assembly", tmp_path_factory.mktemp("assembly")))
    print(f"assembly for arm: {time.monotonic() - begun:.1f} s")
    return made
