"""Views to look at where no desk runs: a scene's values with sound that is made up, always the same."""

from __future__ import annotations

import math
from dataclasses import replace

from dsp.size import DeskSize
from firmware import scene
from firmware.desk_model import DeskModel
from firmware.params import Kind, Value
from firmware.surface.pages.all import PAGES
from firmware.surface.view import Levels, PageName, Pickup, View

LEVELS = Levels(-8.0, -9.0, -13.5, 0.0, 3.1)
SPECTRUM_PLACES = 64
_ROWS = {
    PageName.SCENES: ("New scene", "band", "flat", "rehearsal", "Saturday, first set", "soundcheck"),
    PageName.SETUP: ("Brightness 7", "Screensaver 10 min", "adc1 good", "exp1 good", "oled good", "Card Codec Zero"),
}


_SET: dict[str, Value] = {
    "bus.1.name": "Drums",
    "bus.3.name": "Hall",
    "channel.1.send.1.level_db": -3.0,
    "channel.1.send.2.level_db": -18.0,
    "channel.1.send.3.level_db": -8.5,
    "channel.1.send.3.tap": "pre_fader",
    "channel.1.send.6.level_db": -24.0,
    "channel.1.send.6.on": False,
    "channel.1.send.7.level_db": 0.0,
    "channel.1.dca.1": True,
    "channel.1.dca.3": True,
    "channel.1.pan": -34.0,
    "channel.1.gate.on": True,
    "monitor.dim": True,
    "channel.3.solo": True,
}


def model() -> DeskModel:
    """The band's mix on a desk of 16 channels, with a few sends, groups and a stereo bus."""
    made = DeskModel(DeskSize(16, 8, 8, 48000, 8, 2, 2), stereo=[(Kind.BUS, 3), (Kind.CHANNEL, 9)])
    scene.apply(made, scene.load(scene.find("band")))
    made.update(_SET)
    return made


def spectrum_db() -> tuple[float, ...]:
    """A spectrum such as a voice or a drum has: humps that fall towards the top."""
    places = (place / (SPECTRUM_PLACES - 1) for place in range(SPECTRUM_PLACES))
    return tuple(
        -36.0
        - 38.0 * at
        + 9.0 * math.sin(11.0 * at)
        + 6.0 * math.sin(29.0 * at + 1.0)
        - 30.0 * max(0.18 - at, 0.0) / 0.18
        for at in places
    )


def view_of(model: DeskModel, page: PageName, strip: str, part: int = 0) -> View:
    """A page of a strip as it looks while sound comes in."""
    shown = PAGES[page]
    part = min(part, shown.parts(model, strip) - 1)
    return View(
        model,
        page,
        strip,
        part,
        shown.fields(model, strip, part),
        levels=LEVELS,
        meters_db={"main.lr": -9.0, strip: LEVELS.post_db},
        spectrum_db=spectrum_db(),
        rows=_ROWS.get(page, ()) if part == 0 else (),
        row=2,
        cursor="part",
    )


def overlays(view: View, fader: str, path: str) -> dict[str, View]:
    """What overlays a page, by name; `path`: of the parameter that a fader called `fader` moves."""
    field = next((field for field in view.fields if field.path), None)
    found = {
        "muted": replace(view, main_muted=True),
        "clip": replace(view, levels=replace(view.levels, clipped="in")),
        "card": replace(view, card_lost=True),
        "lost": replace(view, lost=("adc1", "exp2")),
        "all": replace(
            view,
            main_muted=True,
            card_lost=True,
            lost=("adc1", "exp2"),
            levels=replace(view.levels, clipped="pre_comp"),
        ),
        "note": replace(view, note="Undo: Kick Fader"),
        "message": replace(view, note="Scene flat cannot be read: line 3 has no value. Nothing was changed."),
        "ask": replace(view, ask="Hold to reset EQ", ask_share=0.6),
        "pickup": replace(view, touched=path, pickup=Pickup(fader, path, 0.41, 0.745)),
        "fader": replace(view, touched=path),
        "saver": replace(view, saver=True),
        "saver_muted": replace(view, saver=True, main_muted=True),
    }
    if field:
        found["touched"] = replace(view, touched=field.path)
        found["fine"] = replace(view, touched=field.path, fine=True)
        found["touched_all"] = replace(found["all"], touched=field.path)
    return found
