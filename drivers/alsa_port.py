"""One direction of one card through pyalsaaudio: open it, and believe nothing it does not confirm."""

from __future__ import annotations

import ctypes
import errno
import importlib
import os
from functools import cache
from typing import Any, Protocol

from drivers.errors import (
    CardBusy,
    CardDenied,
    CardGone,
    CardMissing,
    CardRefused,
    ClockStalled,
    DriverError,
    DriverMissing,
)

AUDIO_GROUP = "the user must be in the group audio: sudo usermod -aG audio $USER, then log in again"


class Pcm(Protocol):
    """What Pidesk uses of alsaaudio.PCM."""

    def info(self) -> dict[str, Any]:
        """What the card really gave."""

    def read(self) -> tuple[int, bytes]:
        """(frames, data) of at most one period; (-EPIPE, b"") after an xrun, prepared again."""

    def write(self, data: Any) -> int:
        """Frames taken; -EPIPE after an xrun, prepared again, the data lost."""

    def drop(self) -> int:
        """Stop at once; the next transfer prepares the stream."""

    def close(self) -> None:
        """Drain playback, then close."""


def load_alsaaudio() -> Any:
    """The alsaaudio module, quiet; raises DriverMissing with the remedy when pyalsaaudio is not installed."""
    try:
        module = importlib.import_module("alsaaudio")
        if not os.environ.get("PIDESK_DEBUG"):
            _quieten()
        return module
    except ImportError as error:
        raise DriverMissing(
            "The Python package pyalsaaudio is missing: run ./pidesk run once, which sets it up, or pip install"
            " pyalsaaudio (needs gcc and the Debian package libasound2-dev)."
        ) from error


@cache
def _quieten() -> None:
    """Keep alsa-lib from printing lines of its own on stderr beside our one sentence.

    The handler must be C, for it is called without the GIL: getpid ignores whatever it is given.
    """
    try:
        asound, libc = ctypes.CDLL("libasound.so.2"), ctypes.CDLL(None)
        asound.snd_lib_error_set_handler(ctypes.cast(libc.getpid, ctypes.c_void_p))
    except (OSError, AttributeError):
        return  # then it prints


def open_pcm(
    alsa: Any, *, capture: bool, device: str, rate_hz: int, channels: int, sample_format: str, period: int, periods: int
) -> Pcm:
    """Open one direction and refuse whatever is not exactly what was asked.

    alsaaudio.PCM() ignores every error of the hardware parameters: a card asked for S24_3LE gives U8 and says
    nothing. Raises CardRefused with both sides, or the DriverError that fits what ALSA said.
    """
    way = "capture" if capture else "playback"
    try:
        pcm: Pcm = alsa.PCM(
            type=alsa.PCM_CAPTURE if capture else alsa.PCM_PLAYBACK,
            mode=alsa.PCM_NORMAL,
            device=device,
            rate=rate_hz,
            channels=channels,
            format=getattr(alsa, f"PCM_FORMAT_{sample_format}"),
            periodsize=period,
            periods=periods,
        )
    except alsa.ALSAAudioError as error:
        raise explain(error, device, way, opening=True) from error
    asked = (sample_format, channels, rate_hz, period, period * periods, "RW_INTERLEAVED")
    got = _setup_of(pcm.info())
    if got != asked:
        let_go(alsa, pcm)
        raise CardRefused(
            f"The sound card {device} gave for {way} {_words(got)} where {_words(asked)} was asked for:"
            " choose a format, channel count, rate and period that its profile lists."
        )
    return pcm


def _setup_of(info: dict[str, Any]) -> tuple[str, int, int, int, int, str]:
    return (
        str(info["format_name"]),
        int(info["channels"]),
        int(info["rate"]),
        int(info["period_size"]),
        int(info["buffer_size"]),
        str(info["access_type"]),
    )


def _words(setup: tuple[str, int, int, int, int, str]) -> str:
    name, channels, rate_hz, period, buffer, access = setup
    plural = "" if channels == 1 else "s"
    tail = "" if access == "RW_INTERLEAVED" else f" {access}"
    return f"{name}, {channels} channel{plural}, {rate_hz} Hz, period {period} in a buffer of {buffer} frames{tail}"


def let_go(alsa: Any, pcm: Pcm) -> None:
    """Close without ever waiting: close() alone drains playback, and a dead card never drains.

    When drop() fails the handle is only released, which closes it in alsaaudio without the drain.
    """
    try:
        pcm.drop()
    except alsa.ALSAAudioError:
        return
    try:
        pcm.close()
    except alsa.ALSAAudioError:
        return


_KNOWN = (
    errno.EINTR,
    errno.EIO,
    errno.ENODEV,
    errno.ENXIO,
    errno.ENOENT,
    errno.EBUSY,
    errno.EACCES,
    errno.EPERM,
    errno.EPIPE,
    errno.ESTRPIPE,
    errno.EBADFD,
    errno.EINVAL,
    errno.ESHUTDOWN,
)
_BY_TEXT = {os.strerror(number): number for number in _KNOWN}


def errno_of(error: Exception) -> int:
    """The errno behind an ALSAAudioError, which carries only its text, "No such device [hw:0]"; 0 when unknown."""
    return _BY_TEXT.get(str(error).rpartition(" [")[0], 0)


def explain(error: Exception, device: str, way: str, *, opening: bool = False) -> DriverError:
    """The DriverError, with its remedy, for what ALSA said of one direction of a device."""
    number = errno_of(error)
    if opening and number in (errno.ENODEV, errno.ENXIO, errno.ENOENT):
        return CardMissing(
            f"There is no sound card {device} for {way}: check the cable or the overlay in config.txt; pidesk doctor"
            " lists the cards that are there."
        )
    if number == errno.EBUSY:
        return CardBusy(f"The sound card {device} is held by another program: stop it (fuser -v /dev/snd/* names it).")
    if number in (errno.EACCES, errno.EPERM):
        return CardDenied(f"The sound card {device} may not be opened: {AUDIO_GROUP}.")
    if number in (errno.ENODEV, errno.ENXIO, errno.ESHUTDOWN):
        return CardGone(f"The sound card {device} is gone: plug it in again, the desk takes it back by itself.")
    if number == errno.EIO:
        return ClockStalled(
            f"The clock of the sound card {device} stands still: check its overlay, or the external clock it waits for."
        )
    said = str(error).rpartition(" [")[0] or str(error)
    if opening:
        return CardRefused(
            f"The sound card {device} cannot be opened for {way} as asked ({said}): choose a format, channel count,"
            " rate and period that its profile lists."
        )
    return CardGone(f"The sound card {device} failed at {way} ({said}): the desk opens it again by itself.")
