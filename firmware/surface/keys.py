"""What each key does, alone and with SHIFT: one table, from which the panel's lettering is made too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firmware.surface.view import PageName


class Do(StrEnum):
    """What a key can do."""

    PAGE = "show the page"
    NEXT_LAYER = "next layer"
    LAYER_BACK = "layer before"
    FIRST_LAYER = "first layer"
    FLIP = "sends on faders"
    SOLO = "solo of the selected strip"
    CLEAR = "clear all solos, or bring the last ones back"
    UNDO = "undo"
    TAP = "tap the tempo"
    GO = "next cue"
    RECORD = "record"
    PLAY = "play or stop the stems"
    TALKBACK = "talk while it is down"
    SILENCE = "ramp all outputs to silence"
    RESET = "reset the page of the selected strip"
    STORE = "store the scene"
    SHIFT = "the other meaning of keys"
    NOTHING = "nothing yet"


@dataclass(frozen=True)
class Key:
    """`word`: what is written at it. `does` when it goes down, `held` when it is held through; `page` for Do.PAGE."""

    word: str
    does: Do
    held: Do = Do.NOTHING
    page: PageName | None = None


def _page(word: str, page: PageName, held: Do = Do.NOTHING) -> Key:
    return Key(word, Do.PAGE, held, page)


KEYS = {
    "key.gain": _page("GAIN", PageName.GAIN, Do.RESET),
    "key.eq": _page("EQ", PageName.EQ, Do.RESET),
    "key.dynamics": _page("DYN", PageName.DYNAMICS, Do.RESET),
    "key.pan": _page("PAN/SEND", PageName.PAN, Do.RESET),
    "key.effects": _page("FX", PageName.EFFECTS),
    "key.automation": _page("AUTO", PageName.AUTOMATION),
    "key.monitor": _page("MON", PageName.MONITOR),
    "key.scenes": _page("SCENES", PageName.SCENES, Do.STORE),
    "key.layer": Key("LAYER", Do.NEXT_LAYER, Do.FIRST_LAYER),
    "key.flip": Key("FLIP", Do.FLIP),
    "key.solo": Key("SOLO", Do.SOLO),
    "key.shift": Key("SHIFT", Do.SHIFT),
    "foot.1": Key("TAP", Do.TAP),
    "foot.2": Key("PLAY", Do.PLAY),
}
SHIFTED = {
    "key.gain": _page("setup", PageName.SETUP),
    "key.eq": Key("", Do.NOTHING),
    "key.dynamics": Key("", Do.NOTHING),
    "key.pan": Key("play", Do.PLAY),
    "key.effects": Key("tap", Do.TAP),
    "key.automation": Key("record", Do.RECORD),
    "key.monitor": Key("talkback", Do.TALKBACK),
    "key.scenes": Key("GO", Do.GO),
    "key.layer": Key("layer back", Do.LAYER_BACK, Do.FIRST_LAYER),
    "key.flip": Key("undo", Do.UNDO),
    "key.solo": Key("clear", Do.CLEAR, Do.SILENCE),
    "foot.1": Key("", Do.TAP),
    "foot.2": Key("", Do.PLAY),
}
PAGE_KEYS = {key.page: role for role, key in KEYS.items() if key.page is not None}

NOT_YET = {
    Do.GO: "There is no cue list yet",
    Do.RECORD: "There is no recorder yet",
    PageName.EFFECTS: "There are no effects yet",
    PageName.AUTOMATION: "There is no automation yet",
}
"""The note of what comes with a later subject."""
