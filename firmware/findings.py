"""What the doctor finds, line by line: ok, worth knowing (warn) or in the way (bad)."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, BAD = "ok", "warn", "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's. `remedy` is "" where nothing is wrong."""

    what: str
    level: str
    found: str
    remedy: str = ""
