"""Filter designs of the oracle: biquads (b0, b1, b2, a1, a2) with a0 = 1, and their state variable form.

Sources: the analog prototypes of the Audio EQ Cookbook (R. Bristow-Johnson); M. Vicanek, "Matched Second Order
Digital Filters" (2016) for the matched forms. Frequencies in Hz, gains in dB, angles in radians per frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Biquad = tuple[float, float, float, float, float]
Svf = tuple[float, float, float, float, float]  # g, k, m0, m1, m2

EQ_TYPES = ("bell", "low_shelf", "high_shelf", "low_cut", "high_cut", "notch", "band_pass", "tilt")
KEY_FILTERS = ("off", "low_cut", "high_cut", "band")
BUTTERWORTH_2 = math.sqrt(0.5)
BUTTERWORTH_4 = (0.541196, 1.306563)


class _Unsound(Exception):
    """A matched form has no real numerator for this setting."""


def angle(freq_hz: float, rate_hz: float) -> float:
    """Radians per frame, held below 0.49 of the rate."""
    return 2.0 * math.pi * min(freq_hz, 0.49 * rate_hz) / rate_hz


@dataclass(frozen=True)
class Poles:
    """The impulse invariant poles of s² + 2 q w s + w² (q is the damping, 1/(2Q)), with sums that do not cancel."""

    a1: float
    a2: float
    at_dc: float  # 1 + a1 + a2
    at_nyquist: float  # 1 − a1 + a2
    loss: float  # 1 − a2


def matched_poles(w: float, q: float) -> Poles:
    """a1 = −2 e^(−qw) cos(√(1−q²) w), a2 = e^(−2qw); cosh and √(q²−1) if q > 1."""
    r = math.exp(-q * w)
    if q <= 1.0:
        turn = math.sqrt(1.0 - q * q) * w
        a1 = -2.0 * r * math.cos(turn)
        at_dc = math.expm1(-q * w) ** 2 + 4.0 * r * math.sin(turn / 2.0) ** 2
    else:
        d = math.sqrt(q * q - 1.0)
        slow, fast = -w / (q + d), -(q + d) * w  # q − d = 1/(q + d)
        a1 = -(math.exp(slow) + math.exp(fast))
        at_dc = math.expm1(slow) * math.expm1(fast)
    return Poles(a1, r * r, at_dc, 1.0 - a1 + r * r, -math.expm1(-2.0 * q * w))


def _phis(w: float) -> tuple[float, float, float]:
    p1 = math.sin(w / 2.0) ** 2
    p0 = 1.0 - p1
    return p0, p1, 4.0 * p0 * p1


def _denominator_at(poles: Poles, w: float) -> float:
    """|1 + a1 z⁻¹ + a2 z⁻²|² on the circle: Vicanek's A0 φ0 + A1 φ1 + A2 φ2, written as a sum of squares."""
    p0, p1, _ = _phis(w)
    return (poles.at_dc - 2.0 * p1 * (1.0 + poles.a2)) ** 2 + 4.0 * p0 * p1 * poles.loss**2


def _numerator(b_0: float, b_1: float, b_2: float) -> tuple[float, float, float]:
    """The minimum phase numerator with |N|² = B0 φ0 + B1 φ1 + B2 φ2."""
    if b_0 < 0.0 or b_1 < 0.0:
        raise _Unsound
    w = 0.5 * (math.sqrt(b_0) + math.sqrt(b_1))
    inside = w * w + b_2
    if inside < 0.0:
        raise _Unsound
    b0 = 0.5 * (w + math.sqrt(inside))
    return b0, 0.5 * (math.sqrt(b_0) - math.sqrt(b_1)), -b_2 / (4.0 * b0)


def _normalised(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> Biquad:
    return b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0


def _bell(w: float, gain_db: float, q: float) -> Biquad:
    """Vicanek's peaking filter. With value and slope of |H|² given at f0 his B1, B2 shorten to the two lines here."""
    amp = 10.0 ** (gain_db / 40.0)
    poles = matched_poles(w, 1.0 / (2.0 * q * amp))
    p0, p1, _ = _phis(w)
    g2 = 10.0 ** (gain_db / 10.0)
    a_0, a_1, a_2 = poles.at_dc**2, poles.at_nyquist**2, -4.0 * poles.a2
    b_1 = g2 * a_1 - (g2 - 1.0) * a_0 * (p0 / p1) ** 2
    b_2 = (g2 - 1.0) * a_0 / (4.0 * p1 * p1) + g2 * a_2
    return (*_numerator(a_0, b_1, b_2), poles.a1, poles.a2)


def _bell_bilinear(w: float, gain_db: float, q: float) -> Biquad:
    amp = 10.0 ** (gain_db / 40.0)
    al, c = math.sin(w) / (2.0 * q), math.cos(w)
    return _normalised(1 + al * amp, -2 * c, 1 - al * amp, 1 + al / amp, -2 * c, 1 - al / amp)


def shelf_magnitude(ratio: float, gain_db: float, q: float, high: bool) -> float:
    """|H| of the analog shelf at `ratio` = f/f0."""
    amp = 10.0 ** (gain_db / 40.0)
    s = complex(0.0, ratio)
    b = math.sqrt(amp) / q
    if high:
        return abs(amp * (amp * s * s + b * s + 1.0) / (s * s + b * s + amp))
    return abs(amp * (s * s + b * s + amp) / (amp * s * s + b * s + 1.0))


def _shelf(w: float, gain_db: float, q: float, high: bool) -> Biquad:
    """Matched poles; |H|² of the analog shelf at DC, at f0 (A²) and at s = jπ·rate on Nyquist."""
    amp = 10.0 ** (gain_db / 40.0)
    poles = matched_poles(w * math.sqrt(amp) if high else w / math.sqrt(amp), 1.0 / (2.0 * q))
    p0, p1, p2 = _phis(w)
    b_0 = poles.at_dc**2 * (1.0 if high else amp**4)
    b_1 = poles.at_nyquist**2 * shelf_magnitude(math.pi / w, gain_db, q, high) ** 2
    b_2 = (_denominator_at(poles, w) * amp * amp - b_0 * p0 - b_1 * p1) / p2
    return (*_numerator(b_0, b_1, b_2), poles.a1, poles.a2)


def _shelf_bilinear(w: float, gain_db: float, q: float, high: bool) -> Biquad:
    amp = 10.0 ** (gain_db / 40.0)
    c, root = math.cos(w), 2.0 * math.sqrt(amp) * math.sin(w) / (2.0 * q)
    up, down = amp + 1.0, amp - 1.0
    if high:
        return _normalised(
            amp * (up + down * c + root),
            -2 * amp * (down + up * c),
            amp * (up + down * c - root),
            up - down * c + root,
            2 * (down - up * c),
            up - down * c - root,
        )
    return _normalised(
        amp * (up - down * c + root),
        2 * amp * (down - up * c),
        amp * (up - down * c - root),
        up + down * c + root,
        -2 * (down + up * c),
        up + down * c - root,
    )


def low_cut(w: float, q: float) -> Biquad:
    """Matched poles, a double zero at DC, |H(f0)| = Q."""
    poles = matched_poles(w, 1.0 / (2.0 * q))
    c = q * math.sqrt(_denominator_at(poles, w)) / (4.0 * math.sin(w / 2.0) ** 2)
    return c, -2.0 * c, c, poles.a1, poles.a2


def high_cut(w: float, q: float) -> Biquad:
    """Vicanek's matched low-pass: unity at DC, |H(f0)| = Q, two coefficients in the numerator."""
    poles = matched_poles(w, 1.0 / (2.0 * q))
    p0, p1, _ = _phis(w)
    b_1 = (_denominator_at(poles, w) * q * q - poles.at_dc**2 * p0) / p1
    if b_1 < 0.0:
        al, c = math.sin(w) / (2.0 * q), math.cos(w)
        return _normalised((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + al, -2 * c, 1 - al)
    b0 = 0.5 * (poles.at_dc + math.sqrt(b_1))
    return b0, poles.at_dc - b0, 0.0, poles.a1, poles.a2


def _band_pass(w: float, q: float) -> Biquad:
    """Vicanek's band-pass: a zero at DC, at f0 unity and level; B1, B2 shortened as in the bell."""
    poles = matched_poles(w, 1.0 / (2.0 * q))
    p0, p1, _ = _phis(w)
    b_1 = poles.at_nyquist**2 - (poles.at_dc * p0 / p1) ** 2
    b_2 = poles.at_dc**2 / (4.0 * p1 * p1) - 4.0 * poles.a2
    if b_1 < 0.0 or b_2 + b_1 / 4.0 < 0.0:
        al, c = math.sin(w) / (2.0 * q), math.cos(w)
        return _normalised(al, 0.0, -al, 1 + al, -2 * c, 1 - al)
    b1 = -0.5 * math.sqrt(b_1)
    b0 = 0.5 * (math.sqrt(b_2 + b1 * b1) - b1)
    return b0, b1, -b0 - b1, poles.a1, poles.a2


def _notch(w: float, q: float) -> Biquad:
    al, c = math.sin(w) / (2.0 * q), math.cos(w)
    return _normalised(1.0, -2 * c, 1.0, 1 + al, -2 * c, 1 - al)


def _tilt(w: float, gain_db: float) -> Biquad:
    """(A s + w0)/(s + A w0), bilinear with f0 kept: lows −G/2, highs +G/2, unity at f0."""
    amp, t = 10.0 ** (gain_db / 40.0), math.tan(w / 2.0)
    a0 = 1.0 + amp * t
    return (amp + t) / a0, (t - amp) / a0, 0.0, (amp * t - 1.0) / a0, 0.0


def first_order_high_pass(w: float) -> Biquad:
    """Pole exp(−w), zero at DC, −3.01 dB at the corner."""
    p = math.exp(-w)
    c = math.sqrt(1.0 - 2.0 * p * math.cos(w) + p * p) / (2.0 * math.sin(w / 2.0)) * math.sqrt(0.5)
    return c, -c, 0.0, -p, 0.0


def first_order_low_pass(w: float) -> Biquad:
    """Pole exp(−w), unity at DC, at Nyquist the magnitude of the analog filter."""
    p = math.exp(-w)
    nyquist = 1.0 / math.sqrt(1.0 + (math.pi / w) ** 2) * (1.0 + p)
    return 0.5 * ((1.0 - p) + nyquist), 0.5 * ((1.0 - p) - nyquist), 0.0, -p, 0.0


def eq_biquad(kind: int, freq_hz: float, gain_db: float, q: float, rate_hz: float) -> Biquad:
    """The biquad of one EQ band; `kind` is the index in EQ_TYPES."""
    w = angle(freq_hz, rate_hz)
    name = EQ_TYPES[kind]
    if name == "bell":
        try:
            b0, b1, b2, a1, a2 = _bell(w, abs(gain_db), q)
        except _Unsound:
            return _bell_bilinear(w, gain_db, q)
        if gain_db < 0.0:  # a cut is the reciprocal of its boost
            return _normalised(1.0, a1, a2, b0, b1, b2)
        return b0, b1, b2, a1, a2
    if name in ("low_shelf", "high_shelf"):
        q = min(max(q, 0.4), 1.0)
        try:
            return _shelf(w, gain_db, q, name == "high_shelf")
        except _Unsound:
            return _shelf_bilinear(w, gain_db, q, name == "high_shelf")
    if name == "low_cut":
        return low_cut(w, q)
    if name == "high_cut":
        return high_cut(w, q)
    if name == "notch":
        return _notch(w, q)
    if name == "band_pass":
        return _band_pass(w, q)
    return _tilt(w, gain_db)


def to_svf(biquad: Biquad) -> Svf:
    """(g, k, m0, m1, m2) of the trapezoidal state variable filter with the same transfer function.

    With S = (1/g)(1 − z⁻¹)/(1 + z⁻¹) the filter is m0 + (m1 S + m2)/(S² + k S + 1); comparing its denominator and
    numerator with the biquad's at z = 1, z = −1 and in b0 − b2 gives the five numbers.
    """
    b0, b1, b2, a1, a2 = biquad
    at_nyquist = 1.0 - a1 + a2
    g = math.sqrt((1.0 + a1 + a2) / at_nyquist)
    gk = 2.0 * (1.0 - a2) / at_nyquist
    m0 = (b0 - b1 + b2) / at_nyquist
    m2 = (b0 + b1 + b2) / (1.0 + a1 + a2) - m0
    m1 = ((b0 - b2) - m0 * (1.0 - a2)) * (1.0 + gk + g * g) / (2.0 * g)
    return g, gk / g, m0, m1, m2


def wetted(svf: Svf, wet: float) -> Svf:
    """The section mixed with a wire."""
    g, k, m0, m1, m2 = svf
    return g, k, 1.0 + wet * (m0 - 1.0), wet * m1, wet * m2


def eq_section(kind: int, freq_hz: float, gain_db: float, q: float, wet: float, rate_hz: float) -> Svf:
    """One EQ band as a section; at 0 dB a bell, shelf or tilt is exactly the wire."""
    g, k, m0, m1, m2 = to_svf(eq_biquad(kind, freq_hz, gain_db, q, rate_hz))
    if gain_db == 0.0 and EQ_TYPES[kind] in ("bell", "low_shelf", "high_shelf", "tilt"):
        m0, m1, m2 = 1.0, 0.0, 0.0
    return wetted((g, k, m0, m1, m2), wet)


def wire(w: float) -> Svf:
    """A section that passes its input: it waits with the poles of a Butterworth low cut at its filter's corner."""
    g, k, _, _, _ = to_svf(low_cut(w, BUTTERWORTH_2))
    return g, k, 1.0, 0.0, 0.0


def hpf_sections(freq_hz: float, slope_db_oct: int, wet: float, rate_hz: float) -> tuple[Svf, Svf]:
    """The two sections of the high-pass: 6, 12, 18 or 24 dB/oct."""
    w = angle(freq_hz, rate_hz)
    if slope_db_oct == 6:
        return wetted(to_svf(first_order_high_pass(w)), wet), wire(w)
    if slope_db_oct == 12:
        return wetted(to_svf(low_cut(w, BUTTERWORTH_2)), wet), wire(w)
    if slope_db_oct == 18:
        return wetted(to_svf(first_order_high_pass(w)), wet), wetted(to_svf(low_cut(w, 1.0)), wet)
    first, second = BUTTERWORTH_4
    return wetted(to_svf(low_cut(w, first)), wet), wetted(to_svf(low_cut(w, second)), wet)


def lpf_section(freq_hz: float, slope_db_oct: int, wet: float, rate_hz: float) -> Svf:
    """The one section of the low-pass: 6 or 12 dB/oct."""
    w = angle(freq_hz, rate_hz)
    return wetted(to_svf(first_order_low_pass(w) if slope_db_oct == 6 else high_cut(w, BUTTERWORTH_2)), wet)


def key_section(kind: int, freq_hz: float, q: float, rate_hz: float) -> Svf:
    """The filter of a key; `kind` is the index in KEY_FILTERS."""
    w = angle(freq_hz, rate_hz)
    name = KEY_FILTERS[kind]
    if name == "low_cut":
        return to_svf(low_cut(w, q))
    if name == "high_cut":
        return to_svf(high_cut(w, q))
    return to_svf(_band_pass(w, q)) if name == "band" else wire(w)
