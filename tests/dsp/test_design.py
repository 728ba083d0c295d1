"""The filters' curves against the analog truth and against the oracle's own designs.

The bars for bells are the errors of the published matched design (Vicanek, Matched Second Order Digital Filters, 2016)
in float64 at 48 kHz.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp import design
from dsp.slots import EQ_TYPES
from tests.dsp import curves
from tests.oracle import designs

RATES_HZ = (44100.0, 48000.0, 88200.0, 96000.0)
RATE_HZ = 48000.0
FREQUENCIES_HZ = (20, 31.5, 63, 125, 250, 500, 1000, 2000, 4000, 5000, 8000, 10000, 12500, 16000, 20000)
frequencies = st.floats(math.log(20.0), math.log(20000.0)).map(math.exp)
qs = st.floats(math.log(0.1), math.log(16.0)).map(math.exp)
gains = st.one_of(st.just(0.0), st.floats(-18.0, 18.0))
few = settings(derandomize=True, deadline=None, max_examples=400, database=None)


def error_db(
    kind: str, freq_hz: float, gain_db: float, q: float, rate_hz: float = RATE_HZ, up_to_hz: float = 20000.0
) -> float:
    """Largest error of an EQ band against the analog curve from 20 Hz to `up_to_hz`, where that is above −60 dB."""
    f = curves.audible(high_hz=up_to_hz)
    section = design.eq_band(EQ_TYPES.index(kind), float(freq_hz), float(gain_db), float(q), 1.0, rate_hz)
    truth = curves.analog(kind, f / freq_hz, gain_db, q)
    apart = np.abs(curves.of_sections([section], f, rate_hz) - truth)
    return float(apart[truth > -60.0].max())


@pytest.mark.parametrize(
    ("freq_hz", "q", "gain_db", "matched_db"),
    [(1000, 1, 12, 0.01), (5000, 1, 12, 0.22), (10000, 1, 12, 0.53), (10000, 2, -9, 0.23), (16000, 1, 12, 0.33)],
)
def test_a_bell_errs_as_little_as_the_published_matched_design(
    freq_hz: float, q: float, gain_db: float, matched_db: float
) -> None:
    assert error_db("bell", freq_hz, gain_db, q) <= matched_db + 0.01  # to its rounding


def test_bells_within_12_db_at_q_1_err_by_at_most_0_7_db() -> None:
    frequencies_hz = [f for f in FREQUENCIES_HZ if f <= 16000]
    worst = max((error_db("bell", f, g, 1.0), f, g) for f in frequencies_hz for g in range(-12, 13, 2))
    assert worst[0] <= 0.7, worst


@pytest.mark.parametrize(("rate_hz", "bar_db"), [(44100.0, 3.2), (48000.0, 2.5), (88200.0, 2.5), (96000.0, 2.5)])
def test_any_bell_errs_by_at_most_2_5_db(rate_hz: float, bar_db: float) -> None:
    worst = max(
        (error_db("bell", f, g, q, rate_hz), f, g, q)
        for f in (*FREQUENCIES_HZ, 14000, 18000)
        for g in (-18, -15, -12, -6, -1, 1, 6, 12, 18)
        for q in (0.1, 0.3, 0.71, 1, 2, 4, 8, 16)
    )
    assert worst[0] <= bar_db, worst


@pytest.mark.parametrize("kind", ["low_shelf", "high_shelf"])
@pytest.mark.parametrize(("up_to_hz", "bar_db"), [(2000, 0.2), (10000, 2.0)])
def test_shelves_keep_to_the_analog_curve(kind: str, up_to_hz: float, bar_db: float) -> None:
    worst = max(
        (error_db(kind, f, g, q), f, g, q)
        for f in FREQUENCIES_HZ
        if f <= up_to_hz
        for g in range(-18, 19, 3)
        for q in (0.1, 0.4, 0.71, 1, 16)
    )
    assert worst[0] <= bar_db, worst


@pytest.mark.parametrize("q", [0.2, 0.5, 0.71, 1.0, 2.0, 8.0, 16.0])
def test_a_low_cut_errs_by_at_most_half_a_db_to_10_khz(q: float) -> None:
    worst = max((error_db("low_cut", f, 0.0, q, up_to_hz=10000), f) for f in FREQUENCIES_HZ if f <= 10000)
    assert worst[0] <= 0.5, worst


def test_what_lies_above_the_bars_is_printed() -> None:
    """Not a bar: the table of the largest errors in dB by frequency, over gains ±18 and all Q (pytest -s)."""
    kinds = list(EQ_TYPES)
    print(
        "\nlargest error in dB, 20 Hz-20 kHz, 48 kHz, where the truth is above -60 dB\n"
        + " " * 8
        + "".join(f"{k:>12}" for k in kinds)
    )
    for f in (1000, 2000, 5000, 10000, 12500, 16000, 20000):
        row = [max(error_db(k, f, g, q) for g in (-18, -6, 6, 18) for q in (0.4, 0.71, 1, 4)) for k in kinds]
        print(f"{f:>7} " + "".join(f"{e:12.2f}" for e in row))
        assert all(math.isfinite(e) for e in row)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("slope", "corner_db", "two_octaves_db"),
    [(0, -3.01, -12.3), (1, -3.01, -24.1), (2, -3.01, -36.1), (3, -3.01, -48.2)],
)
def test_the_high_pass_is_butterworth(rate_hz: float, slope: int, corner_db: float, two_octaves_db: float) -> None:
    for freq_hz in (20.0, 80.0, 400.0, 2000.0):
        sections = [design.hpf(place, slope, freq_hz, 1.0, rate_hz) for place in (0, 1)]
        corner, far = curves.of_sections(sections, np.array([freq_hz, freq_hz / 4]), rate_hz)
        assert corner == pytest.approx(corner_db, abs=0.02)
        assert far == pytest.approx(two_octaves_db, abs=0.12)


@pytest.mark.parametrize(("slope", "two_octaves_db"), [(0, -12.3), (1, -24.1)])
def test_the_low_pass_is_butterworth(slope: int, two_octaves_db: float) -> None:
    for freq_hz in (20.0, 500.0, 1000.0):
        section = design.lpf(slope, freq_hz, 1.0, RATE_HZ)
        corner, far = curves.of_sections([section], np.array([freq_hz, freq_hz * 4]), RATE_HZ)
        assert corner == pytest.approx(-3.01, abs=0.1)
        assert far == pytest.approx(two_octaves_db, abs=0.3)


def test_a_notch_has_its_zeros_on_the_circle_and_unity_at_both_ends() -> None:
    for freq_hz in FREQUENCIES_HZ:
        for q in (0.1, 1.0, 16.0):
            section = design.eq_band(EQ_TYPES.index("notch"), float(freq_hz), 0.0, q, 1.0, RATE_HZ)
            at_zero = curves.of_sections([section], np.array([float(freq_hz)]), RATE_HZ)[0]
            _, _, m0, _, m2 = section
            assert at_zero < -150.0
            assert m0 == pytest.approx(1.0, abs=1e-9)  # Nyquist
            assert m0 + m2 == pytest.approx(1.0, abs=1e-9)  # DC


def test_a_band_pass_peaks_at_one() -> None:
    for freq_hz in FREQUENCIES_HZ:
        for q in (0.1, 1.0, 16.0):
            section = design.eq_band(EQ_TYPES.index("band_pass"), float(freq_hz), 0.0, q, 1.0, RATE_HZ)
            at = curves.of_sections([section], np.array([float(freq_hz)]), RATE_HZ)[0]
            assert at == pytest.approx(0.0, abs=0.01), (freq_hz, q)


def test_a_tilt_gives_half_its_gain_to_each_end() -> None:
    for gain_db in (-12.0, 6.0, 18.0):
        section = design.eq_band(EQ_TYPES.index("tilt"), 1000.0, gain_db, 0.71, 1.0, RATE_HZ)
        low, centre, high = curves.of_sections([section], np.array([0.01, 1000.0, 23999.0]), RATE_HZ)
        assert (low, centre, high) == pytest.approx((-gain_db / 2, 0.0, gain_db / 2), abs=0.01)


@pytest.mark.parametrize("kind", ["bell", "low_shelf", "high_shelf", "tilt"])
def test_no_gain_is_exactly_a_wire(kind: str) -> None:
    for freq_hz in FREQUENCIES_HZ:
        section = design.eq_band(EQ_TYPES.index(kind), float(freq_hz), 0.0, 1.3, 1.0, RATE_HZ)
        assert section[2:] == (1.0, 0.0, 0.0)


@few
@given(
    kind=st.integers(0, 7),
    freq_hz=frequencies,
    gain_db=gains,
    q=qs,
    wet=st.sampled_from([0.0, 0.4, 1.0]),
    rate=st.sampled_from(RATES_HZ),
)
def test_every_design_is_stable_and_positive(
    kind: int, freq_hz: float, gain_db: float, q: float, wet: float, rate: float
) -> None:
    section = np.array(design.eq_band(kind, freq_hz, gain_db, q, wet, rate))
    assert np.isfinite(section).all()
    g, k = section[:2]
    assert g > 0.0  # with k > 0 the trapezoidal filter is stable, and stays so while both move
    assert k > 0.0
    assert np.float32(g) > 0
    assert np.float32(k) > 0


def _apart(ours: tuple[float, ...], theirs: tuple[float, ...], rate_hz: float) -> float:
    """Largest distance of two sections' responses, dB re the larger of 1 and the section's own peak."""
    s = 1j * np.tan(np.pi * np.geomspace(5.0, 0.499 * rate_hz, 400) / rate_hz)

    def response(section: tuple[float, ...]) -> np.ndarray:
        g, k, m0, m1, m2 = section
        x = s / g
        return np.asarray(m0 + (m1 * x + m2) / (x * x + k * x + 1.0))

    truth = response(theirs)
    scale = max(1.0, float(np.abs(truth).max()))
    return 20.0 * math.log10(float(np.abs(response(ours) - truth).max()) / scale + 1e-20)


@few
@given(
    kind=st.integers(0, 7),
    freq_hz=frequencies,
    gain_db=gains,
    q=qs,
    wet=st.sampled_from([0.4, 1.0]),
    rate=st.sampled_from(RATES_HZ),
)
def test_the_eq_designs_are_the_oracles(
    kind: int, freq_hz: float, gain_db: float, q: float, wet: float, rate: float
) -> None:
    ours = design.eq_band(kind, freq_hz, gain_db, q, wet, rate)
    assert _apart(ours, designs.eq_section(kind, freq_hz, gain_db, q, wet, rate), rate) <= -130.0


@pytest.mark.parametrize("kind", range(8))
@pytest.mark.parametrize("q", [0.1, 1.0, 16.0])
def test_the_eq_designs_keep_their_precision_at_20_hz(kind: int, q: float) -> None:
    for rate in RATES_HZ:
        for freq_hz in (20.0, 23.0, 31.0):
            ours = design.eq_band(kind, freq_hz, 9.0, q, 1.0, rate)
            assert _apart(ours, designs.eq_section(kind, freq_hz, 9.0, q, 1.0, rate), rate) <= -120.0


@few
@given(
    freq_hz=st.floats(20.0, 2000.0),
    slope=st.integers(0, 3),
    wet=st.sampled_from([0.0, 0.4, 1.0]),
    rate=st.sampled_from(RATES_HZ),
)
def test_the_cuts_are_the_oracles(freq_hz: float, slope: int, wet: float, rate: float) -> None:
    theirs = designs.hpf_sections(freq_hz, (6, 12, 18, 24)[slope], wet, rate)
    for place in (0, 1):
        assert _apart(design.hpf(place, slope, freq_hz, wet, rate), theirs[place], rate) <= -130.0
    low = designs.lpf_section(10.0 * freq_hz, (6, 12)[slope % 2], wet, rate)
    assert _apart(design.lpf(slope % 2, 10.0 * freq_hz, wet, rate), low, rate) <= -130.0
