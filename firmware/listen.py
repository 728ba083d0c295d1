"""Hears the mains on this machine's own sound output: a process beside the desk, which reads the taps.

`python -m firmware.listen SHARED`. It may be late, die or never start: nobody waits for it.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import numpy as np

LEVEL_DB = -20.0
PERIOD_FRAMES = 1024
SND = Path("/dev/snd")


def why_not() -> str:
    """A sentence saying why there is nothing to listen through; "" when there is."""
    if importlib.util.find_spec("alsaaudio") is None:
        return "Nothing to listen through: the Python package pyalsaaudio is missing."
    if not any(SND.glob("pcm*p")):
        return "Nothing to listen through: this machine has no sound output."
    return ""


def main(argv: list[str]) -> int:
    """Play output 1 and 2 of the taps until the desk's memory is gone."""
    import alsaaudio

    from firmware.rings import TapReader
    from firmware.shared import Shared

    shared = Shared.attach(Path(argv[0]))
    first = shared.sizes.desk.columns
    rate_hz, gain = shared.sizes.desk.rate_hz, 10.0 ** (LEVEL_DB / 20.0) * 32767.0
    try:
        pcm = alsaaudio.PCM(
            type=alsaaudio.PCM_PLAYBACK, device="default", rate=rate_hz, channels=2,
            format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=PERIOD_FRAMES, periods=4,
        )  # fmt: skip
    except alsaaudio.ALSAAudioError:
        return 1
    reader = TapReader(shared)
    while Path(argv[0]).exists():
        block = reader.read(PERIOD_FRAMES)
        if not len(block):
            time.sleep(0.005)
            continue
        pair = block[:, first : first + 2] if block.shape[1] >= first + 2 else np.repeat(block[:, first:], 2, axis=1)
        try:
            pcm.write(np.rint(pair * gain).astype("<i2").tobytes())
        except alsaaudio.ALSAAudioError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
