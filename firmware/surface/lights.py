"""What is lit: selects, mutes, meters, keys. Only what changed is sent."""

from __future__ import annotations

from collections.abc import Mapping

from dsp.slots import DCAS, MUTE_GROUPS
from firmware.params import Value
from firmware.surface.keys import PAGE_KEYS
from firmware.surface.layers import Bank, is_group
from firmware.surface.ports import DeskPort, PanelPort
from firmware.surface.roles import STRIPS
from firmware.surface.state import State

EVERY_MS = 40.0
DIM = 0.25
"""A mute that comes from a DCA or a mute group."""
_FLOOR_DB = -60.0
_DCAS = tuple((f".dca.{n}", f"dca.{n}.mute") for n in range(1, DCAS + 1))
_GROUPS = tuple((f".mute_group.{n}", f"mute_group.{n}.mute") for n in range(1, MUTE_GROUPS + 1))


def mute_level(values: Mapping[str, Value], strip: str) -> float:
    """How a strip's mute is lit: fully by its own, dimly where a group silences it."""
    if values.get(f"{strip}.mute") is True:
        return 1.0
    silenced = any(values.get(mute) is True and values.get(strip + member) is True for member, mute in _DCAS + _GROUPS)
    return DIM if silenced else 0.0


def meter_level(peak_db: float) -> float:
    """How far a column of lights is lit: 0 at −60 dBFS and below, 1 at full scale."""
    return min(max(1.0 - peak_db / _FLOOR_DB, 0.0), 1.0)


class Lights:
    """Those that the board has."""

    def __init__(self, panel: PanelPort, desk: DeskPort, names: frozenset[str]) -> None:
        self._panel, self._desk, self._names = panel, desk, names
        self._lit: dict[str, float] = {}
        self._at_ns: int | None = None
        self._solos: list[str] = []
        self._solos_of: object = None

    def tick(self, now_ns: int, state: State, bank: Bank, peaks_db: Mapping[str, float], shift: bool) -> None:
        """Light what is to be lit, if it is time."""
        if not self._names or (self._at_ns is not None and now_ns - self._at_ns < EVERY_MS * 1e6):
            return
        self._at_ns = now_ns
        for name, level in self._wanted(state, bank, peaks_db, shift).items():
            if name in self._names and self._lit.get(name) != level:
                self._lit[name] = level
                self._panel.light(name, level)

    def _wanted(self, state: State, bank: Bank, peaks_db: Mapping[str, float], shift: bool) -> dict[str, float]:
        values = self._desk.model.values
        wanted: dict[str, float] = {}
        for place in range(min(bank.width, STRIPS)):
            strip = bank.slots[place].strip
            lit = values.get(f"{state.strip}.{strip}") is True if is_group(strip) else strip == state.strip
            wanted[f"light.select.{place + 1}"] = 1.0 if strip and lit else 0.0
            wanted[f"light.mute.{place + 1}"] = mute_level(values, strip) if strip else 0.0
            level = meter_level(peaks_db.get(strip, -200.0))
            wanted[f"light.meter.{place + 1}"] = round(level, 2)
        main = round(meter_level(peaks_db.get("main.lr", -200.0)), 2)
        wanted["light.meter.left"] = wanted["light.meter.right"] = main
        for page, role in PAGE_KEYS.items():
            wanted[f"light.{role}"] = 1.0 if page is state.page else 0.0
        wanted["light.key.layer"] = 1.0 if bank.index else 0.0
        wanted["light.key.flip"] = 1.0 if bank.flipped else 0.0
        wanted["light.key.solo"] = 1.0 if self._soloed(values) else 0.0
        wanted["light.key.shift"] = 1.0 if shift else 0.0
        return wanted

    def _soloed(self, values: Mapping[str, Value]) -> bool:
        places = self._desk.model.places
        if places is not self._solos_of:  # strips were joined or parted: it has others now
            self._solos_of, self._solos = places, [path for path in places if path.endswith((".solo", ".key.listen"))]
        return any(values[path] is True for path in self._solos)
