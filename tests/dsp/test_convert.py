"""Between the card's bytes and float32: each format of ALSA's as literal bytes, rounding, limits, and the dither.

Full scale is 2^(bits−1), as ALSA and every converter has it. The dither's figures are those of triangular noise two
steps wide (Lipshitz, Wannamaker, Vanderkooy: Quantization and Dither, J. Audio Eng. Soc. 40, 1992).
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.card_config import SAMPLE_BYTES
from dsp import convert

STEP_16 = 1.0 / 32768.0

# What each format says in its bytes, from the least to the most.
MEANS: dict[str, list[tuple[str, float]]] = {
    "S16_LE": [("00 80", -1.0), ("01 80", -32767 / 32768), ("00 c0", -0.5), ("ff ff", -1 / 32768), ("00 00", 0.0),
               ("01 00", 1 / 32768), ("34 12", 4660 / 32768), ("ff 7f", 32767 / 32768)],
    "S24_3LE": [("00 00 80", -1.0), ("00 00 c0", -0.5), ("ff ff ff", -(2.0**-23)), ("00 00 00", 0.0),
                ("01 00 00", 2.0**-23), ("56 34 12", 0x123456 / 2**23), ("ff ff 7f", 1 - 2.0**-23)],
    "S24_LE": [("00 00 80 ff", -1.0), ("00 00 c0 ff", -0.5), ("ff ff ff ff", -(2.0**-23)), ("00 00 00 00", 0.0),
               ("01 00 00 00", 2.0**-23), ("56 34 12 00", 0x123456 / 2**23), ("ff ff 7f 00", 1 - 2.0**-23)],
    "S32_LE": [("00 00 00 80", -1.0), ("00 00 00 c0", -0.5), ("ff ff ff ff", -(2.0**-31)), ("00 00 00 00", 0.0),
               ("01 00 00 00", 2.0**-31), ("00 56 34 12", 0x123456 / 2**23), ("80 ff ff 7f", 1 - 2.0**-24)],
    "FLOAT_LE": [("00 00 00 c0", -2.0), ("00 00 80 bf", -1.0), ("00 00 00 80", -0.0), ("00 00 00 00", 0.0),
                 ("01 00 00 00", 2.0**-149), ("00 00 00 3f", 0.5), ("db 0f 49 40", 3.1415927410125732)],
}  # fmt: skip
INTEGERS = [name for name in convert.FORMATS if name != "FLOAT_LE"]
EXACT = ["S24_3LE", "S24_LE", "S32_LE"]  # integers without dither


def as_float(data: bytes, name: str) -> NDArray[np.float32]:
    x = np.full((len(data) // SAMPLE_BYTES[name], 1), 9.0, np.float32)
    convert.to_float(np.frombuffer(data, np.uint8).copy(), x, convert.FORMATS.index(name))
    return x[:, 0]


def as_bytes(values: list[float] | NDArray[np.floating], name: str, seed: int = 1) -> bytes:
    y = np.asarray(values, np.float32).reshape(-1, 1)
    raw = np.full(len(y) * SAMPLE_BYTES[name], 0xAA, np.uint8)
    convert.from_float(y, raw, convert.FORMATS.index(name), np.full(1, seed, np.int64))
    return raw.tobytes()


def as_integers(values: list[float] | NDArray[np.floating], name: str, seed: int = 1) -> NDArray[np.int64]:
    """What `as_bytes` says, read independently of the kernel."""
    data, width = as_bytes(values, name, seed), SAMPLE_BYTES[name]
    parts = [data[at : at + width] for at in range(0, len(data), width)]
    return np.array([int.from_bytes(part, "little", signed=True) for part in parts])


@pytest.mark.parametrize("name", convert.FORMATS)
def test_every_formats_bytes_are_its_numbers(name: str) -> None:
    data = bytes.fromhex("".join(text for text, _ in MEANS[name]))
    numbers = np.array([number for _, number in MEANS[name]], np.float32)
    found = as_float(data, name)
    assert found.tobytes() == numbers.tobytes()  # the sign of zero too
    if name != "S16_LE":  # which is dithered on its way out
        assert as_bytes(numbers, name) == data


def test_24_bits_in_four_bytes_are_read_from_the_lower_three_whatever_the_fourth_holds() -> None:
    for fourth in ("00", "ff", "5a"):
        assert as_float(bytes.fromhex(f"56 34 12 {fourth} 00 00 80 {fourth}"), "S24_LE").tolist() == [
            0x123456 / 2**23,
            -1.0,
        ]


def test_frames_of_several_channels_keep_their_order() -> None:
    x = np.zeros((2, 2), np.float32)
    given = np.frombuffer(bytes.fromhex("00 40 00 c0 00 20 00 e0"), np.uint8).copy()
    convert.to_float(given, x, convert.FORMATS.index("S16_LE"))
    assert x.tolist() == [[0.5, -0.5], [0.25, -0.25]]
    raw = np.zeros(12, np.uint8)
    convert.from_float(x, raw, convert.FORMATS.index("S24_3LE"), np.ones(1, np.int64))
    assert raw.tobytes().hex(" ") == "00 00 40 00 00 c0 00 00 20 00 00 e0"


@pytest.mark.parametrize("name", INTEGERS)
def test_what_is_too_large_is_held_at_the_ends_and_what_is_no_number_is_silence(name: str) -> None:
    bits = {"S16_LE": 16, "S24_3LE": 24, "S24_LE": 24, "S32_LE": 32}[name]
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    found = as_integers([1.001, 2.0, 1e30, np.inf, -1.001, -2.0, -1e30, -np.inf, np.nan], name)
    dither = 1 if name == "S16_LE" else 0
    assert found[:8].tolist() == [high] * 4 + [low] * 4
    assert abs(int(found[8])) <= dither
    assert as_integers([1.0] * 99, name).max() == high  # one step above the highest number there is
    assert as_integers([-1.0] * 99, name).min() == low


def test_floats_go_through_as_they_are_but_for_what_is_no_number() -> None:
    given = np.array([1.5, -1e30, np.inf, np.nan, -0.0], np.float32)
    assert as_bytes(given, "FLOAT_LE") == np.array([1.5, -1e30, np.inf, 0.0, -0.0], np.float32).tobytes()


@pytest.mark.parametrize("name", EXACT)
def test_integers_are_rounded_to_the_nearest_and_halves_to_the_even(name: str) -> None:
    step = 2.0 ** (-31 if name == "S32_LE" else -23)
    halves = np.array([0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5])
    assert as_integers(halves * step, name).tolist() == [0, 2, 2, 4, 0, -2, -2, -4]
    near = np.array([0.49, 0.51, 1.49, 1.51, -0.49, -0.51, -1.49, -1.51])
    assert as_integers(near * step, name).tolist() == [0, 1, 1, 2, 0, -1, -1, -2]


@pytest.mark.parametrize("name", EXACT)
def test_only_16_bits_are_dithered(name: str) -> None:
    zeros = np.zeros(1000)
    state = np.full(1, 5, np.int64)
    raw = np.zeros(1000 * SAMPLE_BYTES[name], np.uint8)
    convert.from_float(zeros.astype(np.float32)[:, None], raw, convert.FORMATS.index(name), state)
    assert not raw.any()
    assert state[0] == 5


SAMPLES = 200_000


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5, 0.75, -1000.25])
def test_dithers_error_is_a_quarter_of_a_step_squared_and_no_offset_wherever_the_sound_lies(offset: float) -> None:
    """Rounding (1/12) and triangular noise (1/6) make 1/4, whatever the value; plain rounding would follow it."""
    error = as_integers(np.full(SAMPLES, offset * STEP_16), "S16_LE") - offset
    # The mean of n such errors is off by 0.5/√n and their power by less than 0.75/√n; five of each is never seen.
    assert np.mean(error) == pytest.approx(0.0, abs=5 * 0.5 / SAMPLES**0.5)
    assert np.mean(error**2) == pytest.approx(0.25, abs=5 * 0.75 / SAMPLES**0.5)
    assert np.abs(error).max() <= 1.5


def test_dither_is_triangular_and_reaches_one_step_to_either_side() -> None:
    """On a whole number the noise is rounded alone: of a triangle from −1 to 1 an eighth lies beyond ±½."""
    found = as_integers(np.full(SAMPLES, 7 * STEP_16), "S16_LE") - 7
    shares = [float(np.mean(found == k)) for k in (-1, 0, 1)]
    assert shares == pytest.approx([1 / 8, 3 / 4, 1 / 8], abs=5 * (3 / 16) ** 0.5 / SAMPLES**0.5)
    assert sum(shares) == pytest.approx(1.0)
    # Its ends: from −0.45 it never gets beyond −1.5, from −0.55 it does once in 1/(0.05²/2) = 800 times.
    assert as_integers(np.full(SAMPLES, -0.45 * STEP_16), "S16_LE").min() == -1
    assert as_integers(np.full(SAMPLES, -0.55 * STEP_16), "S16_LE").min() == -2


def test_dither_repeats_itself_from_its_seed_and_its_state_goes_on() -> None:
    quiet = np.linspace(-3, 3, 4096) * STEP_16
    assert as_bytes(quiet, "S16_LE", seed=1) == as_bytes(quiet, "S16_LE", seed=1)
    assert as_bytes(quiet, "S16_LE", seed=1) != as_bytes(quiet, "S16_LE", seed=2)
    state, raw = np.ones(1, np.int64), np.zeros(2 * 4096, np.uint8)
    y = quiet.astype(np.float32)[:, None]
    halves = raw[:4096], raw[4096:]
    for part, half in zip((y[:2048], y[2048:]), halves, strict=True):
        convert.from_float(np.ascontiguousarray(part), half, 0, state)
    assert raw.tobytes() == as_bytes(quiet, "S16_LE", seed=1)
