"""The SPI buses through spidev: `open_spi(bus, device)` gives what `spidev.SpiDev` is, on /dev/spidev<bus>.<device>."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from drivers import debian
from drivers.errors import BusDenied, BusMissing, DriverMissing


class Spi(Protocol):
    """What is used of spidev.SpiDev. Transfers raise OSError."""

    max_speed_hz: int
    mode: int

    def xfer2(self, values: list[int]) -> list[int]:
        """Send bytes and get as many, with the chip selected from the first to the last."""
        ...

    def writebytes2(self, values: bytes) -> None:
        """Send bytes, as many as they are."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


OpenSpi = Callable[[int, int], Spi]
"""Opens a bus and chip select by their numbers; raises DriverError."""


def open_spi(bus: int, device: int) -> Spi:
    """/dev/spidev<bus>.<device>. Raises DriverMissing, BusMissing or BusDenied."""
    try:
        spidev: Any = debian.import_module("spidev")
    except ImportError as error:
        raise DriverMissing(f"SPI needs spidev: sudo apt install python3-spidev ({error}).") from error
    spi: Spi = spidev.SpiDev()
    try:
        spi.open(bus, device)  # type: ignore[attr-defined]
    except PermissionError:
        raise BusDenied(
            f"This user may not open SPI bus {bus}: sudo usermod -aG spi $USER, then log in again."
        ) from None
    except OSError as error:
        raise BusMissing(
            f"There is no SPI bus {bus} with chip select {device} ({error.strerror}): put dtparam=spi=on into "
            "config.txt and restart."
        ) from None
    return spi
