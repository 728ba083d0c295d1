"""Filter designs in float64: from frequency, gain and Q to the state variable filter's (g, k, m0, m1, m2).

Matched to the analog curve where a matched form is sound: the poles are those of the analog filter mapped by
e^(sT), the zeros make the magnitude right where it matters (Vicanek, *Matched Second Order Digital Filters*, 2016).
Bilinear designs (Bristow-Johnson's cookbook) take over where a matched one has no real coefficients.
`docs/signal.md` says how the five numbers are used.

Angles are ω = 2π f / rate. A section is (b0, b1, b2, a1, a2), normalised to a0 = 1, until `to_state_variable` maps
it.
"""

from __future__ import annotations

import math

from dsp.compile import njit
from dsp.slots import EQ_TYPES, HPF_SLOPES_DB_OCT, KEY_FILTERS

(BELL, LOW_SHELF, HIGH_SHELF, LOW_CUT, HIGH_CUT, NOTCH, BAND_PASS, TILT) = range(len(EQ_TYPES))
(KEY_OFF, KEY_LOW_CUT, KEY_HIGH_CUT, KEY_BAND) = range(len(KEY_FILTERS))
(SLOPE_6, SLOPE_12, SLOPE_18, SLOPE_24) = range(len(HPF_SLOPES_DB_OCT))

BUTTERWORTH_Q = 0.7071067811865476
BUTTERWORTH_4_Q = (0.5411961001461969, 1.3065629648763766)
MAX_OF_RATE = 0.49
SHELF_Q = (0.4, 1.0)

Section = tuple[float, float, float, float, float]


@njit
def angle(freq_hz: float, rate_hz: float) -> float:
    """ω in radians a frame, held within 1 Hz … 0.49 of the rate."""
    return 2.0 * math.pi * min(max(freq_hz / rate_hz, 1.0 / rate_hz), MAX_OF_RATE)


@njit
def _poles(w: float, q: float) -> tuple[float, float, float, float, float]:
    """The analog poles s² + s/Q + 1 at ω, mapped by e^(sT): a1, a2, then D at DC, D at Nyquist and 1 − a2.

    The last three are built without the cancellation of 1 + a1 + a2, which at 20 Hz would cost half of the digits.
    """
    damping = 0.5 / q
    radius = math.exp(-damping * w)
    loss = -math.expm1(-2.0 * damping * w)
    if damping <= 1.0:
        turn = math.sqrt(1.0 - damping * damping) * w
        at_dc = math.expm1(-damping * w) ** 2 + 4.0 * radius * math.sin(0.5 * turn) ** 2
        a1 = -2.0 * radius * math.cos(turn)
    else:
        spread = math.sqrt(damping * damping - 1.0)
        at_dc = math.expm1(-(damping - spread) * w) * math.expm1(-(damping + spread) * w)
        a1 = -math.exp(-(damping - spread) * w) - math.exp(-(damping + spread) * w)
    a2 = radius * radius
    return a1, a2, at_dc, 1.0 - a1 + a2, loss


@njit
def _power_at(w: float, a2: float, at_dc: float, loss: float) -> float:
    """|D|² at ω: Vicanek's A0 φ0 + A1 φ1 + A2 φ2, written as a sum of squares."""
    f1 = math.sin(0.5 * w) ** 2
    return (at_dc - 2.0 * f1 * (1.0 + a2)) ** 2 + 4.0 * f1 * (1.0 - f1) * loss * loss


@njit
def _zeros(p0: float, p1: float, p2: float) -> tuple[bool, float, float, float]:
    """b0, b1, b2 of |N|² = p0 φ0 + p1 φ1 + p2 φ2, and whether they are real."""
    if p0 < 0.0 or p1 < 0.0:
        return False, 0.0, 0.0, 0.0
    w = 0.5 * (math.sqrt(p0) + math.sqrt(p1))
    inside = w * w + p2
    if inside < 0.0:
        return False, 0.0, 0.0, 0.0
    b0 = 0.5 * (w + math.sqrt(inside))
    if b0 <= 0.0:
        return False, 0.0, 0.0, 0.0
    return True, b0, 0.5 * (math.sqrt(p0) - math.sqrt(p1)), -p2 / (4.0 * b0)


@njit
def _bilinear(w: float, n: tuple[float, float, float], d: tuple[float, float, float]) -> Section:
    """The section of (n2 s² + n1 s + n0)/(d2 s² + d1 s + d0), s in units of ω, by the bilinear transform exact at ω."""
    t = math.tan(0.5 * w)
    n2, n1, n0 = n[0], n[1] * t, n[2] * t * t
    d2, d1, d0 = d[0], d[1] * t, d[2] * t * t
    a0 = d2 + d1 + d0
    return (
        (n2 + n1 + n0) / a0,
        2.0 * (n0 - n2) / a0,
        (n2 - n1 + n0) / a0,
        2.0 * (d0 - d2) / a0,
        (d2 - d1 + d0) / a0,
    )


@njit
def bell(w: float, gain_db: float, q: float) -> Section:
    """Matched (s² + sA/Q + 1)/(s² + s/(AQ) + 1), A = 10^(G/40): gain and slope right at ω, 0 dB at DC (Vicanek §3.5).

    A cut is the boost's reciprocal, as the analog ones are of each other: Vicanek's own form of a cut errs by twice as
    much near Nyquist (measured: 1.3 dB against 0.55 at −12 dB and Q 1 up to 16 kHz).
    """
    a = 10.0 ** (abs(gain_db) / 40.0)
    a1, a2, at_dc, at_nyquist, _ = _poles(w, a * q)
    f1 = math.sin(0.5 * w) ** 2
    gain = a**4
    low = at_dc * (1.0 - f1) / f1
    p1 = gain * at_nyquist**2 - (gain - 1.0) * low * low
    p2 = (gain - 1.0) * at_dc * at_dc / (4.0 * f1 * f1) - 4.0 * gain * a2
    real, b0, b1, b2 = _zeros(at_dc * at_dc, p1, p2)
    if not real:
        b0, b1, b2, a1, a2 = _bilinear(w, (1.0, a / q, 1.0), (1.0, 1.0 / (a * q), 1.0))
    if gain_db < 0.0:
        return 1.0 / b0, a1 / b0, a2 / b0, b1 / b0, b2 / b0
    return b0, b1, b2, a1, a2


@njit
def shelf(w: float, gain_db: float, q: float, high: bool) -> Section:
    """Matched shelf: low A(s² + s√A/Q + A)/(As² + s√A/Q + 1), high its mirror image; A = 10^(G/40), Q held to 0.4 … 1.

    The poles are the analog ones (ω/√A, for the high shelf ω√A, at Q); the zeros make |H| right at DC, ω and Nyquist.
    """
    a = 10.0 ** (gain_db / 40.0)
    q = min(max(q, SHELF_Q[0]), SHELF_Q[1])
    root = math.sqrt(a)
    nyquist = math.pi / w
    if high:
        n, d = (a * a, a * root / q, a), (1.0, root / q, a)
    else:
        n, d = (a, a * root / q, a * a), (a, root / q, 1.0)
    a1, a2, at_dc, at_nyquist, loss = _poles(w * root if high else w / root, q)
    f1 = math.sin(0.5 * w) ** 2
    f0 = 1.0 - f1
    goal = ((n[2] - n[0] * nyquist**2) ** 2 + (n[1] * nyquist) ** 2) / (
        (d[2] - d[0] * nyquist**2) ** 2 + (d[1] * nyquist) ** 2
    )
    p0 = (at_dc * n[2] / d[2]) ** 2
    p1 = at_nyquist**2 * goal
    p2 = (_power_at(w, a2, at_dc, loss) * a * a - p0 * f0 - p1 * f1) / (4.0 * f0 * f1)
    real, b0, b1, b2 = _zeros(p0, p1, p2)
    if not real:
        return _bilinear(w, n, d)
    return b0, b1, b2, a1, a2


@njit
def low_cut(w: float, q: float) -> Section:
    """Matched s²/(s² + s/Q + 1): a double zero at DC, |H| = Q at ω (Vicanek §3.3)."""
    a1, a2, at_dc, _, loss = _poles(w, q)
    b0 = q * math.sqrt(_power_at(w, a2, at_dc, loss)) / (4.0 * math.sin(0.5 * w) ** 2)
    return b0, -2.0 * b0, b0, a1, a2


@njit
def high_cut(w: float, q: float) -> Section:
    """Matched 1/(s² + s/Q + 1): 0 dB at DC, |H| = Q at ω (Vicanek §3.2); bilinear where its zero would not be real."""
    a1, a2, at_dc, _, loss = _poles(w, q)
    f1 = math.sin(0.5 * w) ** 2
    p1 = (_power_at(w, a2, at_dc, loss) * q * q - at_dc * at_dc * (1.0 - f1)) / f1
    if p1 < 0.0:
        return _bilinear(w, (0.0, 0.0, 1.0), (1.0, 1.0 / q, 1.0))
    root = math.sqrt(p1)
    return 0.5 * (at_dc + root), 0.5 * (at_dc - root), 0.0, a1, a2


@njit
def notch(w: float, q: float) -> Section:
    """Bilinear (s² + 1)/(s² + s/Q + 1): its zeros lie exactly on the circle at ω, 0 dB at DC and Nyquist."""
    return _bilinear(w, (1.0, 0.0, 1.0), (1.0, 1.0 / q, 1.0))


@njit
def band_pass(w: float, q: float) -> Section:
    """Matched (s/Q)/(s² + s/Q + 1): 0 dB and no slope at ω, a zero at DC (Vicanek §3.4)."""
    a1, a2, at_dc, at_nyquist, _ = _poles(w, q)
    f1 = math.sin(0.5 * w) ** 2
    p1 = at_nyquist**2 - (at_dc * (1.0 - f1) / f1) ** 2
    p2 = (at_dc / (2.0 * f1)) ** 2 - 4.0 * a2
    if p1 < 0.0 or p2 + 0.25 * p1 < 0.0:
        return _bilinear(w, (0.0, 1.0 / q, 0.0), (1.0, 1.0 / q, 1.0))
    b1 = -0.5 * math.sqrt(p1)
    b0 = 0.5 * (math.sqrt(p2 + b1 * b1) - b1)
    return b0, b1, -b0 - b1, a1, a2


@njit
def tilt(w: float, gain_db: float) -> Section:
    """(As + 1)/(s + A), A = 10^(G/40), bilinear: the lows at −G/2, the highs at +G/2, 0 dB at ω."""
    a = 10.0 ** (gain_db / 40.0)
    t = math.tan(0.5 * w)
    a0 = 1.0 + a * t
    return (a + t) / a0, (t - a) / a0, 0.0, (a * t - 1.0) / a0, 0.0


@njit
def low_cut_6(w: float) -> Section:
    """First order s/(s + 1): pole e^(−ω), zero at DC, −3.01 dB at ω."""
    p = math.exp(-w)
    b0 = math.sqrt(0.5 * (1.0 + p * p - 2.0 * p * math.cos(w))) / (2.0 * math.sin(0.5 * w))
    return b0, -b0, 0.0, -p, 0.0


@njit
def high_cut_6(w: float) -> Section:
    """First order 1/(s + 1): pole e^(−ω), 0 dB at DC, |H| right at Nyquist."""
    p = math.exp(-w)
    at_nyquist = 1.0 / math.sqrt(1.0 + (math.pi / w) ** 2)
    low, high = 1.0 - p, (1.0 + p) * at_nyquist
    return 0.5 * (low + high), 0.5 * (low - high), 0.0, -p, 0.0


@njit
def to_state_variable(section: Section) -> Section:
    """(g, k, m0, m1, m2) of any section with its poles inside the circle and 1 ± a1 + a2 > 0.

    From the state variable filter's own transfer function: at DC only its low-pass passes, at Nyquist only the input.
    """
    b0, b1, b2, a1, a2 = section
    at_dc, at_nyquist = 1.0 + a1 + a2, 1.0 - a1 + a2
    g = math.sqrt(at_dc / at_nyquist)
    gk = 2.0 * (1.0 - a2) / at_nyquist
    m0 = (b0 - b1 + b2) / at_nyquist
    m2 = (b0 + b1 + b2) / at_dc - m0
    m1 = ((b0 - b2) - m0 * (1.0 - a2)) * (1.0 + gk + g * g) / (2.0 * g)
    return g, gk / g, m0, m1, m2


@njit
def _mix(design: Section, wet: float) -> Section:
    g, k, m0, m1, m2 = design
    return g, k, 1.0 + wet * (m0 - 1.0), wet * m1, wet * m2


@njit
def wire(w: float) -> Section:
    """A section that passes its input unchanged, its g and k those of a Butterworth cut at ω."""
    g, k, _, _, _ = to_state_variable(low_cut(w, BUTTERWORTH_Q))
    return g, k, 1.0, 0.0, 0.0


@njit
def eq_band(kind: int, freq_hz: float, gain_db: float, q: float, wet: float, rate_hz: float) -> Section:
    """(g, k, m0, m1, m2) of an EQ band: `kind` indexes `dsp.slots.EQ_TYPES`, wet 0 … 1 mixes it with a wire."""
    w = angle(freq_hz, rate_hz)
    q = min(max(q, 0.05), 50.0)
    if kind == BELL:
        section = bell(w, gain_db, q)
        if gain_db == 0.0:
            wet = 0.0
    elif kind == LOW_SHELF:
        section = shelf(w, gain_db, q, False)
        if gain_db == 0.0:
            wet = 0.0
    elif kind == HIGH_SHELF:
        section = shelf(w, gain_db, q, True)
        if gain_db == 0.0:
            wet = 0.0
    elif kind == LOW_CUT:
        section = low_cut(w, q)
    elif kind == HIGH_CUT:
        section = high_cut(w, q)
    elif kind == NOTCH:
        section = notch(w, q)
    elif kind == BAND_PASS:
        section = band_pass(w, q)
    else:
        section = tilt(w, gain_db)
        if gain_db == 0.0:
            wet = 0.0
    return _mix(to_state_variable(section), wet)


@njit
def hpf(place: int, slope: int, freq_hz: float, wet: float, rate_hz: float) -> Section:
    """(g, k, m0, m1, m2) of the HPF's first (`place` 0) or second (1) section; `slope` indexes HPF_SLOPES_DB_OCT."""
    w = angle(freq_hz, rate_hz)
    if place == 0:
        if slope in (SLOPE_6, SLOPE_18):
            section = low_cut_6(w)
        else:
            section = low_cut(w, BUTTERWORTH_Q if slope == SLOPE_12 else BUTTERWORTH_4_Q[0])
    elif slope == SLOPE_18:
        section = low_cut(w, 1.0)
    elif slope == SLOPE_24:
        section = low_cut(w, BUTTERWORTH_4_Q[1])
    else:
        return wire(w)
    return _mix(to_state_variable(section), wet)


@njit
def lpf(slope: int, freq_hz: float, wet: float, rate_hz: float) -> Section:
    """(g, k, m0, m1, m2) of the LPF; `slope` 0 is 6 dB/oct, 1 is 12."""
    w = angle(freq_hz, rate_hz)
    section = high_cut_6(w) if slope == 0 else high_cut(w, BUTTERWORTH_Q)
    return _mix(to_state_variable(section), wet)


@njit
def key_filter(kind: int, freq_hz: float, q: float, rate_hz: float) -> Section:
    """(g, k, m0, m1, m2) of the filter before a detector; `kind` indexes `dsp.slots.KEY_FILTERS`."""
    w = angle(freq_hz, rate_hz)
    q = min(max(q, 0.05), 50.0)
    if kind == KEY_LOW_CUT:
        section = low_cut(w, q)
    elif kind == KEY_HIGH_CUT:
        section = high_cut(w, q)
    elif kind == KEY_BAND:
        section = band_pass(w, q)
    else:
        return wire(w)
    return to_state_variable(section)
