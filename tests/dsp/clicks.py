"""Is a change heard as a click? On a 1 kHz sine everything above 5 kHz has to stay 60 dB below the sine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal.windows import blackmanharris

FRAME = 2048
HOP = 256
EDGE_HZ = 5000.0
BAR_DB = -60.0


def splatter_db(y: NDArray[np.floating], rate_hz: int, sine_amplitude: float = 1.0) -> float:
    """Largest energy above 5 kHz in any 2048-point Blackman-Harris frame, dB re the sine's energy in one frame."""
    window = blackmanharris(FRAME, sym=False)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(y, np.float64), FRAME)[::HOP] * window
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    above = power[:, np.fft.rfftfreq(FRAME, 1.0 / rate_hz) > EDGE_HZ].sum(axis=1)
    sine = FRAME * np.sum(window**2) * sine_amplitude**2 / 4.0  # Parseval, one side
    return 10.0 * float(np.log10(above.max() / sine + 1e-20))
