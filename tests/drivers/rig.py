"""Simulated cards for tests: built once, one name each, with a plain passthrough in place of the desk."""

from __future__ import annotations

import atexit
import itertools
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from drivers.alsa import DuplexCard, Outcome
from drivers.card_config import SAMPLE_BYTES, CardConfig
from drivers.simulated.card import Report, SimulatedCard, build, environment, read_report, write_conf

_numbers = itertools.count(1)


@cache
def library() -> Path:
    """The plugin, built once a run."""
    folder = Path(tempfile.mkdtemp(prefix="pidesk-card-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build(folder)


def noise(frames: int, frame_bytes: int, seed: int = 1) -> bytes:
    """Frames of random bytes: every bit of every sample is exercised."""
    return random.Random(seed).randbytes(frames * frame_bytes)


@dataclass(frozen=True)
class Rig:
    """One simulated card with its files, known to alsa-lib while the block of rig() lasts."""

    card: SimulatedCard
    source: bytes

    def open(self, config: CardConfig) -> DuplexCard:
        """Open and prime it."""
        duplex = DuplexCard(config)
        duplex.open()
        assert duplex.prime()
        return duplex

    def played(self) -> bytes:
        """All that was written to it."""
        assert self.card.outfile
        return self.card.outfile.read_bytes()

    def report(self) -> Report:
        """What it said at its last close."""
        assert self.card.report
        return read_report(self.card.report)


@contextmanager
def rig(folder: Path | None = None, *, frames: int = 0, **keys: Any) -> Iterator[Rig]:
    """A card of these keys that captures `frames` of noise, as fast as the application goes unless told otherwise."""
    with tempfile.TemporaryDirectory() as temporary:
        base = folder or Path(temporary)
        name = f"sim{next(_numbers)}"
        card = SimulatedCard(
            **{"name": name, "speed": 0.0, "outfile": base / f"{name}.out", "report": base / f"{name}.json", **keys}
        )
        source = noise(frames, SAMPLE_BYTES[card.capture_format] * card.inputs)
        if frames:
            (base / f"{name}.in").write_bytes(source)
            card = replace(card, infile=base / f"{name}.in")
        with known(Path(temporary), card):
            yield Rig(card, source)


@contextmanager
def known(folder: Path, *cards: SimulatedCard) -> Iterator[None]:
    """alsa-lib knows these cards, and the system's own, inside the block."""
    before = os.environ.get("ALSA_CONFIG_PATH")
    os.environ.update(environment(write_conf(folder, cards, library())))
    try:
        yield
    finally:
        if before is None:
            del os.environ["ALSA_CONFIG_PATH"]
        else:
            os.environ["ALSA_CONFIG_PATH"] = before


def passthrough(duplex: DuplexCard, periods: int) -> list[Outcome]:
    """Play what is captured until `periods` went through; returns every outcome that was not OK, in order."""
    trouble: list[Outcome] = []
    goal = duplex.counters.periods + periods
    while duplex.counters.periods < goal:
        assert len(trouble) < 1000, f"no way through: {trouble[-5:]} {duplex.last_error}"
        data = duplex.read()
        if data is not None and duplex.write(data):
            continue
        trouble.append(duplex.outcome)
        if duplex.outcome.lost:
            assert duplex.reopen(sleep=lambda _: None)
    return trouble
