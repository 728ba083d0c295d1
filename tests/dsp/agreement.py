"""How far kernel and oracle are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dsp.ring import Event
from dsp.size import DeskSize
from tests.dsp.rig import Kernel, db
from tests.oracle.desk import Oracle

BAR_DB = -120.0


def difference_db(
    size: DeskSize, values: NDArray[np.float64], x: NDArray[np.float32], events: Sequence[Event] = ()
) -> tuple[float, float]:
    """Largest rms and largest peak of an output's difference, dB re full scale."""
    ours = Kernel(size, values).process(x, events)
    theirs = Oracle(size, values).process(x, events)
    assert np.isfinite(theirs).all()
    assert np.isfinite(ours).all()
    apart = ours.astype(np.float64) - theirs
    return db(float(np.sqrt(np.mean(apart**2, axis=0)).max())), db(float(np.abs(apart).max()))


def assert_agrees(
    size: DeskSize, values: NDArray[np.float64], x: NDArray[np.float32], events: Sequence[Event] = ()
) -> None:
    """Holds kernel and oracle to −120 dB rms."""
    rms, peak = difference_db(size, values, x, events)
    print(f"difference rms {rms:.1f} dBFS, peak {peak:.1f} dBFS")
    assert rms <= BAR_DB
