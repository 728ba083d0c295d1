"""Whatever is rerouted, the sound is made by the one function that was compiled before it began."""

from __future__ import annotations

import sys

import numba
import numpy as np
import pytest
from numba.core import event
from numba.core.dispatcher import Dispatcher

from dsp import desk
from dsp.size import DeskSize
from tests.dsp import scenes
from tests.dsp.chance import Chance
from tests.dsp.rig import Kernel

SIZE = DeskSize(channels=9, inputs=4, outputs=6, buses=9, effects=2, matrices=2, plays=2)


def _signatures() -> dict[str, list[object]]:
    """Of every compiled function in dsp."""
    return {
        f"{name}.{key}": list(value.signatures)
        for name, module in sorted(sys.modules.items())
        if name.startswith("dsp.")
        for key, value in vars(module).items()
        if isinstance(value, Dispatcher)
    }


def test_a_thousand_changes_of_every_kind_compile_nothing() -> None:
    chance = Chance(61)
    x = scenes.programme(9600, SIZE.columns, SIZE.rate_hz)
    kernel = Kernel(SIZE, chance.values(SIZE))
    before = _signatures()
    assert len(before) > 50
    with event.install_recorder("numba:compile") as heard:
        y = kernel.process(x, chance.events(SIZE, 1000, len(x)), 64)
    assert np.abs(y).max() > 1e-3
    assert len(kernel.logged()) > 900
    assert heard.buffer == []
    assert _signatures() == before
    assert desk.process.signatures == [desk.PROCESS_SIGNATURE.args]


def test_the_recorder_hears_a_compile() -> None:
    with event.install_recorder("numba:compile") as heard:
        numba.njit(lambda x: x + 1)(1)
    assert heard.buffer


def test_the_call_takes_no_other_types_and_compiles_none_for_them() -> None:
    kernel = Kernel(SIZE, scenes.flat(SIZE))
    x = np.zeros((64, SIZE.columns), np.float32)
    x.setflags(write=False)  # to numba a read-only array is of another type
    y = np.zeros((64, SIZE.outputs), np.float32)
    arena = kernel.arena
    with pytest.raises(TypeError, match="No matching definition"):
        desk.process(x, y, arena.f32, arena.f64, arena.i64, kernel.ring, kernel.log)
    assert len(desk.process.signatures) == 1
