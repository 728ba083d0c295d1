"""What can go wrong with hardware: one root, one class for each failure, one plain sentence with the remedy each.

Where a failure is also something Python has a name for, the class is that builtin too, so that callers who know
nothing of Pidesk can still catch it.
"""

from __future__ import annotations


class DriverError(Exception):
    """Root of everything the drivers raise; its text is one sentence that can be shown to a person."""


def reason(error: Exception) -> str:
    """What a person is told of a fault that a thread of the panel lives through."""
    if isinstance(error, DriverError):
        return str(error)
    return f"A fault that no driver knows ({type(error).__name__}: {error}); it is tried again."


class DriverMissing(DriverError, ImportError):
    """A library or tool a driver stands on is not installed."""


class CardMissing(DriverError, LookupError):
    """No sound card of that name is there."""


class CardBusy(DriverError, BlockingIOError):
    """The card is there and another program holds it."""


class CardDenied(DriverError, PermissionError):
    """The card is there and this user may not open it."""


class CardRefused(DriverError, ValueError):
    """The card gave something else than was asked for; the text says both."""


class ClocksApart(DriverError, ValueError):
    """Playback and capture are different cards and nothing says that one word clock drives both."""


class CardGone(DriverError, ConnectionError):
    """The card was there and is not any more (unplugged, or its driver was taken away)."""


class ClockStalled(DriverError, TimeoutError):
    """The card is there and its sample clock does not move."""


class ControlMissing(DriverError, LookupError):
    """The card has no mixer control of that name."""


class ControlRefused(DriverError, ValueError):
    """The mixer control exists and does not take, or did not keep, the value."""


class ProfileError(DriverError, ValueError):
    """A card profile is wrong; the text lists every fault with its file and key."""


class SimulatorError(DriverError, RuntimeError):
    """The simulated card could not be built or set up."""


class BusMissing(DriverError, LookupError):
    """There is no bus of that number: it is not switched on."""


class BusDenied(DriverError, PermissionError):
    """The bus is there and this user may not open it."""


class ChipSilent(DriverError, ConnectionError):
    """A chip on a bus does not answer, or answers what it cannot."""


class DisplayError(DriverError, ValueError):
    """There is no display of that kind or size."""


class LinesMissing(DriverError, LookupError):
    """The GPIO lines cannot be opened at all."""


class LineBusy(DriverError, BlockingIOError):
    """A GPIO line is there and something else holds it."""


class ScriptError(DriverError, ValueError):
    """A script of hands is wrong; the text lists every fault with its line."""
