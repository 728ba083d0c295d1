"""DCAs, mute groups and solo in place: what many strips' faders have in common."""

from __future__ import annotations

from dsp.slots import DCAS, MUTE_GROUPS, StripKind
from tests.oracle.glides import Slots
from tests.oracle.lanes import Lanes

PFL, AFL, SIP = range(3)
_SOLOED_IN_PLACE = (StripKind.CHANNEL, StripKind.RETURN)
_DCA_NAMES = [f"dca.{d}" for d in range(1, DCAS + 1)]
_GROUP_NAMES = [f"mute_group.{g}" for g in range(1, MUTE_GROUPS + 1)]


class Groups:
    """What the masters say in this quantum."""

    def __init__(self, desk: Slots, lanes: Lanes, strips: dict[int, Slots]) -> None:
        self._desk, self._lanes, self._strips = desk, lanes, strips
        self._alone = [strips[lane] for kind in _SOLOED_IN_PLACE for lane in lanes.of[kind]]
        self.look()

    def look(self) -> None:
        """A new quantum."""
        desk = self._desk
        self.solo_mode = desk.choice("monitor.solo_mode")
        self._levels = [desk.level(f"{name}.fader_db") for name in _DCA_NAMES]
        self._dca_mutes = [desk.u(f"{name}.mute") for name in _DCA_NAMES]
        self._group_mutes = [desk.u(f"{name}.mute") for name in _GROUP_NAMES]
        self._in_place = self.solo_mode == SIP and any(s.goal("solo") > 0.0 for s in self._alone)
        listened = ("solo", "gate.key.listen", "comp.key.listen")
        self.is_soloed = self.solo_mode != SIP and any(
            s.goal(name) > 0.0 for s in self._strips.values() for name in listened
        )

    def mute_gain(self, strip: Slots) -> float:
        """What all mutes leave of a strip, solo in place apart."""
        gain = 1.0 - strip.u("mute")
        for name, mute in zip(_GROUP_NAMES, self._group_mutes, strict=True):
            gain *= 1.0 - strip.u(name) * mute
        for name, mute in zip(_DCA_NAMES, self._dca_mutes, strict=True):
            gain *= 1.0 - strip.u(name) * mute
        return gain

    def fader_gain(self, strip: Slots) -> float:
        """The strip's fader and those of its DCAs."""
        gain = strip.level("fader_db")
        for name, level in zip(_DCA_NAMES, self._levels, strict=True):
            gain *= 1.0 + strip.u(name) * (level - 1.0)
        return gain

    def in_place(self, kind: StripKind, strip: Slots) -> float:
        """Where solo in place wants a strip's gain to be."""
        silenced = self._in_place and kind in _SOLOED_IN_PLACE
        return 0.0 if silenced and not (strip.goal("solo") > 0.0 or strip.goal("solo_safe") > 0.0) else 1.0
