"""What the display shows, as plain data: made by the surface, drawn by `firmware.surface.screen`. Drawing it twice
gives the same picture: nothing else is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from firmware.desk_model import DeskModel


class PageName(StrEnum):
    """The pages, in the order of the craft."""

    GAIN = "gain"
    EQ = "eq"
    DYNAMICS = "dynamics"
    PAN = "pan"
    EFFECTS = "effects"
    AUTOMATION = "automation"
    MONITOR = "monitor"
    SCENES = "scenes"
    SETUP = "setup"


OF_THE_DESK = (PageName.MONITOR, PageName.SCENES, PageName.SETUP)
"""The pages that are the same for every strip."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a page, under one encoder. `path`: of the parameter; empty for an encoder that does nothing here."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Pickup:
    """A fader that does not hold its parameter yet. `at`, `wanted`: where it stands and where the value is, 0 to 1 of
    its travel."""

    name: str
    path: str
    at: float
    wanted: float


@dataclass(frozen=True, slots=True)
class Levels:
    """The meters of one strip in dBFS: peak at the input, after trim and filters, after the fader; gain reduction of
    gate and compressor as dB ≥ 0."""

    input_db: float = float("-inf")
    pre_db: float = float("-inf")
    post_db: float = float("-inf")
    gate_db: float = 0.0
    comp_db: float = 0.0
    clipped: str = ""
    """The stage that clipped in the last second, by name; empty: none."""


@dataclass(frozen=True)
class View:
    """All that a frame is drawn from. `strip`: the selected one ("channel.3", "main.lr"). `part`: which of a page's
    parts is shown (the band of the equaliser, the gate or the compressor, the group of sends), from 0. `touched`: the
    path of the value that fills the display, empty for none; `value_text` stands for a value that is not a parameter's
    (a scene's name). `spectrum_db`: of the strip's sound, one value for each of 64 places from 20 Hz to 20 kHz, evenly
    on the logarithm; empty: not known. `rows`: what a page that lists things lists (scenes, chips), `row` the one the
    cursor is on. `ask`: a question that a hold has to answer ("Hold to reset EQ"), with how far the hold is, 0 to 1.
    `lost`: names of chips that do not answer; `card_lost`: the sound card is away."""

    model: DeskModel
    page: PageName
    strip: str
    part: int = 0
    fields: tuple[Field, ...] = ()
    touched: str = ""
    value_text: str = ""
    label_text: str = ""
    fine: bool = False
    levels: Levels = field(default_factory=Levels)
    meters_db: Mapping[str, float] = field(default_factory=dict)
    """Peaks of strips after their faders, by strip, for the rows of meters."""
    spectrum_db: tuple[float, ...] = ()
    pickup: Pickup | None = None
    rows: tuple[str, ...] = ()
    row: int = 0
    ask: str = ""
    ask_share: float = 0.0
    lost: tuple[str, ...] = ()
    card_lost: bool = False
    main_muted: bool = False
    note: str = ""
    """One line to be told for a moment: "Undo: Fader 3"."""
    saver: bool = False
    """The screensaver is on: the display rests, but for what overlays every page."""
    chosen: int = -1
    """The first of the fields that the value encoders turn, where there are fewer encoders than fields can be; −1:
    every field has one of its own."""
    turned: int = 1
    """How many fields they turn, from `chosen` on."""
    cursor: str = ""
    """What the cursor moves: "strip", "page", "part", "field" or "value"; empty: there is none."""
