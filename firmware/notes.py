"""What the engine itself did, as entries of the log: address −1, the value is one of these codes.

What changes the sound (a ramp out, the ramp back) stands in the log as events of `engine.gain_db` beside the note; a
note alone changes nothing, and offline it is passed over.
"""

from __future__ import annotations

from enum import IntEnum

STRIP_STEP = 1024  # code + STRIP_STEP * strip: a note about one strip


class Note(IntEnum):
    """A code in the log. `over_frames` of the entry carries the number named here."""

    START = 1  # the life (how many engines this desk has had)
    RESTART = 2  # the life
    XRUN = 3  # both directions were resynchronised; how many so far
    CARD_GONE = 4  # how many so far
    CARD_BACK = 5  # reopened, how many so far
    STALL = 6  # the card's clock stood still or it took no frames; how many so far
    BAD_NUMBER = 8  # a strip (its lane is in the code) was cleared; how many so far
    RAMP_OUT = 9  # frames of the ramp
    SILENCE = 11  # from this sample on, so many frames left the engine as zeros
    STOP = 10


TEXT = {
    Note.START: "engine started",
    Note.RESTART: "engine restarted",
    Note.XRUN: "xrun, both directions resynchronised",
    Note.CARD_GONE: "card gone",
    Note.CARD_BACK: "card back",
    Note.STALL: "card stalled",
    Note.BAD_NUMBER: "bad number, strip cleared",
    Note.RAMP_OUT: "ramp out",
    Note.SILENCE: "output held at zero",
    Note.STOP: "engine stopped",
}
