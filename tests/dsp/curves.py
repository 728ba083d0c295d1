"""Magnitude curves in dB: of sections, and of the analog filters that are their truth (Audio EQ Cookbook)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
Section = tuple[float, float, float, float, float]


def of_sections(sections: list[Section], freq_hz: F, rate_hz: float) -> F:
    """A chain of state variable sections (g, k, m0, m1, m2)."""
    s = 1j * np.tan(np.pi * freq_hz / rate_hz)
    total = np.ones(len(freq_hz), complex)
    for g, k, m0, m1, m2 in sections:
        x = s / g
        total = total * (m0 + (m1 * x + m2) / (x * x + k * x + 1.0))
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(total), 1e-15)))


def analog(name: str, ratio: F, gain_db: float = 0.0, q: float = 0.71) -> F:
    """The analog filter `name` at f/f0 = ratio."""
    s, amp = 1j * ratio, 10.0 ** (gain_db / 40.0)
    if name.endswith("shelf"):
        q = min(max(q, 0.4), 1.0)  # the shelves' Q is held there (dsp/design.py)
    root = np.sqrt(amp) / q
    pole = s * s + s / q + 1.0
    h = {
        "bell": (s * s + s * amp / q + 1.0) / (s * s + s / (amp * q) + 1.0),
        "low_shelf": amp * (s * s + root * s + amp) / (amp * s * s + root * s + 1.0),
        "high_shelf": amp * (amp * s * s + root * s + 1.0) / (s * s + root * s + amp),
        "low_cut": s * s / pole,
        "high_cut": 1.0 / pole,
        "notch": (s * s + 1.0) / pole,
        "band_pass": (s / q) / pole,
        "tilt": (amp * s + 1.0) / (s + amp),
        "low_cut_6": s / (s + 1.0),
        "high_cut_6": 1.0 / (s + 1.0),
    }[name]
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(h), 1e-15)))


def audible(low_hz: float = 20.0, high_hz: float = 20000.0, count: int = 600) -> F:
    """Frequencies in equal ratios."""
    return np.geomspace(low_hz, high_hz, count)
