"""Numbers as a desk shows them, "−12.5 dB", "1.02 kHz", "120 ms", and back."""

from __future__ import annotations

import math
import re

MINUS = "−"
INFINITY = "∞"

# unit as shown: (unit as declared, factor)
_UNITS = {
    "db": ("dB", 1.0),
    "dbfs": ("dBFS", 1.0),
    "db/oct": ("dB/oct", 1.0),
    "hz": ("Hz", 1.0),
    "khz": ("Hz", 1000.0),
    "ms": ("ms", 1.0),
    "s": ("ms", 1000.0),
    "%": ("%", 1.0),
    ":1": (":1", 1.0),
    "": ("", 1.0),
}
_NUMBER = re.compile(r"([+-]?(?:inf|\d+(?:\.\d*)?|\.\d+))\s*(\S*)", re.IGNORECASE)


def plain(number: float, places: int) -> str:
    """`number` with so many decimal places, a true minus sign, no negative zero, "∞" where it is infinite."""
    if math.isinf(number):
        return INFINITY if number > 0 else MINUS + INFINITY
    text = f"{number:.{places}f}"
    if float(text) == 0.0:
        return text.lstrip("-")
    return text.replace("-", MINUS)


def _three_digits(number: float) -> str:
    """Three significant digits where there are decimals: 0, 0.05, 1.02, 12.5, 120."""
    if abs(number) < 0.005:
        return "0"
    return plain(number, 2 if abs(number) < 9.995 else 1 if abs(number) < 99.95 else 0)


def show(number: float, unit: str) -> str:
    """The text of a number in its declared unit."""
    if unit in ("dB", "dBFS"):
        return f"{plain(number, 1)} {unit}"
    if unit == "Hz":
        return f"{_three_digits(number / 1000.0)} kHz" if number >= 999.5 else f"{_three_digits(number)} Hz"
    if unit == "ms":
        return f"{_three_digits(number / 1000.0)} s" if number >= 999.5 else f"{_three_digits(number)} ms"
    if unit == "pan":
        shown = plain(abs(number), 0)
        return "C" if shown == "0" else f"{'L' if number < 0 else 'R'}{shown}"
    if unit == ":1":
        return f"{_three_digits(number)}:1"
    if unit == "%":
        return f"{plain(number, 0)} %"
    return f"{_three_digits(number)} {unit}".rstrip()


def read(text: str, unit: str) -> float:
    """The number, in its declared unit, of what someone typed. Raises ValueError for what is not one in that unit."""
    typed = text.strip().replace(MINUS, "-").replace(INFINITY, "inf").replace(",", ".")
    if unit == "pan":
        if typed.upper() == "C":
            return 0.0
        side = re.fullmatch(r"([LR])\s*(\d+(?:\.\d*)?)", typed, re.IGNORECASE)
        if side:
            return float(side[2]) * (-1.0 if side[1].upper() == "L" else 1.0)
    found = _NUMBER.fullmatch(typed)
    if not found:
        raise ValueError(f'"{text}" is not a number')
    declared, factor = _UNITS.get(found[2].lower(), ("?", 1.0))
    bare = declared == ""
    decibels = {declared, unit} == {"dB", "dBFS"}
    if not bare and declared != unit and not decibels:
        raise ValueError(f'"{text}" is not in {unit}' if unit else f'"{text}" has a unit where none belongs')
    return float(found[1]) * factor
