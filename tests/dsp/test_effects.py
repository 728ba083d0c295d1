"""Effects: what comes out of them stays within bounds, whatever goes round (`docs/signal.md`, "Effect")."""

from __future__ import annotations

import pytest

from dsp.size import DeskSize
from dsp.slots import SOURCE_FX
from tests.dsp.console import Console, code, steady

SIZE = DeskSize(channels=2, inputs=2, outputs=2, buses=2, effects=1, matrices=0)
DOWN = 10 ** (-44 / 20)  # −24 dB of trim, −20 dB of fader: far below the limiter


@pytest.mark.parametrize(
    ("level", "wanted"), [(0.25, 0.25), (15.9, 15.9), (16.1, 16.0), (1000.0, 16.0), (-15.9, -15.9), (-300.0, -16.0)]
)
def test_what_comes_out_is_held_within_16(level: float, wanted: float) -> None:
    way = {
        "channel.1.to_main": 0, "channel.1.send.1.level_db": 0, "fx.1.source": code("bus.1"),
        "return.1.source": SOURCE_FX, "return.1.right.source": SOURCE_FX + 1, "return.1.trim_db": -24,
        "return.1.fader_db": -20, "output.1.source": code("return.1"), "output.2.source": code("return.1.right"),
    }  # fmt: skip
    y = Console(SIZE, way).play(steady(SIZE, [level, 0.0]))
    assert y[-1] == pytest.approx([wanted * DOWN] * 2, rel=1e-5)
