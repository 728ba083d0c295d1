"""One I2C bus: transfers that are tried again, and a door to each address. Used by one thread.

A chip that does not acknowledge its address makes the kernel answer EREMOTEIO (121), on some adapters ENXIO or EIO; a
line that is held down makes it answer ETIMEDOUT, which is not worth a second try at once.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
from collections.abc import Callable
from typing import Any, Protocol

from smbus2 import SMBus, i2c_msg

from drivers.errors import BusDenied, BusMissing, ChipSilent, DriverError

TRIES = 3
GONE = frozenset({errno.ENODEV, errno.EBADF, errno.ESHUTDOWN})
"""Of a device that will not come back as it is: it is opened anew."""
UNSURE = frozenset({errno.ENXIO, errno.EIO})
"""A chip that does not acknowledge, or an adapter that is gone: after so many one after the other it is opened anew."""
MOST_UNSURE = 8
_I2C_RETRIES, _I2C_TIMEOUT = 0x0701, 0x0702  # linux/i2c-dev.h; the time-out counts in 10 ms
_TIMEOUT_10MS = 2


class Smbus(Protocol):
    """What is used of smbus2.SMBus."""

    def i2c_rdwr(self, *i2c_msgs: Any) -> None:
        """Messages as one transaction; raises OSError."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


OpenBus = Callable[[int], Smbus]
"""Opens a bus by its number; raises DriverError or OSError."""


def open_smbus(number: int) -> Smbus:
    """/dev/i2c-<number>, with a time-out of 20 ms in place of the second an adapter waits on a bus that hangs.

    Raises BusMissing or BusDenied.
    """
    try:
        bus = SMBus(number)
    except PermissionError:
        raise BusDenied(
            f"This user may not open I2C bus {number}: sudo usermod -aG i2c $USER, then log in again."
        ) from None
    except OSError as error:
        raise BusMissing(
            f"There is no I2C bus {number} ({error.strerror}): put dtparam=i2c_arm=on into config.txt and restart."
        ) from None
    assert bus.fd is not None
    with contextlib.suppress(OSError):  # an adapter that cannot set them keeps its own
        fcntl.ioctl(bus.fd, _I2C_TIMEOUT, _TIMEOUT_10MS)
        fcntl.ioctl(bus.fd, _I2C_RETRIES, 0)
    return bus


class I2cBus:
    """A bus by its number, opened with `open_bus` at the first transfer and again after it went away."""

    __slots__ = ("_bus", "_open_bus", "_unsure", "byte_ns", "number")

    def __init__(self, number: int, open_bus: OpenBus = open_smbus, *, speed_hz: int = 400_000) -> None:
        self.number = number
        self.byte_ns = round(9 * 1e9 / speed_hz)
        """How long a byte and its acknowledge take."""
        self._open_bus = open_bus
        self._bus: Smbus | None = None
        self._unsure = 0

    def port(self, address: int) -> Port:
        """The chip at an address, 0x08 to 0x77."""
        return Port(self, address)

    def transfer(self, port: Port, *messages: Any, tries: int = 0) -> None:
        """One transaction for a chip, in `tries` or the port's own; each that fails counts as one of its errors.
        Raises ChipSilent."""
        tries = tries or port.tries
        for tried in range(1, tries + 1):
            bus = self._bus or self._open(port)
            try:
                bus.i2c_rdwr(*messages)
                self._unsure = 0
                return
            except OSError as error:
                port.errors += 1
                self._unsure += error.errno in UNSURE
                if error.errno in GONE or self._unsure >= MOST_UNSURE:
                    self.close()
                if tried == tries or error.errno in GONE | {errno.ETIMEDOUT}:
                    raise ChipSilent(self._explain(port.address, error)) from error

    def _open(self, port: Port) -> Smbus:
        try:
            self._bus = self._open_bus(self.number)
        except (DriverError, OSError) as error:
            port.errors += 1
            raise ChipSilent(str(error)) from error
        return self._bus

    def _explain(self, address: int, error: OSError) -> str:
        if error.errno == errno.ETIMEDOUT:
            return f"I2C bus {self.number} hangs: look for a short at SDA and SCL, or a chip without power."
        if error.errno in GONE:
            return f"I2C bus {self.number} is gone: look at the plug of its adapter."
        where = f"0x{address:02X} on I2C bus {self.number}"
        return f"Nothing answers at {where}: look at the chip's plug, its power and its address."

    def close(self) -> None:
        """Let go of the device; the next transfer opens it again."""
        if self._bus is not None:
            with contextlib.suppress(OSError):
                self._bus.close()
        self._bus = None
        self._unsure = 0


class Port:
    """One chip's address on its bus. All calls raise ChipSilent. `errors`: tries that failed, `tries`: how many each
    transfer gets."""

    __slots__ = ("_reads", "_writes", "address", "bus", "errors", "tries")

    def __init__(self, bus: I2cBus, address: int) -> None:
        self.bus, self.address = bus, address
        self.errors, self.tries = 0, TRIES
        # A converter is asked the same few things for ever, so these messages are made once. The kernel writes each
        # answer into the message that asked for it.
        self._writes: dict[bytes, i2c_msg] = {}
        self._reads: dict[int, i2c_msg] = {}

    def write(self, *messages: bytes, tries: int = 0) -> None:
        """Messages in one transaction. `tries`: for what may not be said twice; 0: as always."""
        self.bus.transfer(self, *(i2c_msg.write(self.address, data) for data in messages), tries=tries)

    def write_again(self, data: bytes) -> None:
        """write() for one of the few messages that are sent over and over."""
        self.bus.transfer(self, self._kept(data))

    def read(self, count: int) -> bytes:
        """`count` bytes."""
        message = self._answer(count)
        self.bus.transfer(self, message)
        return _bytes(message)

    def write_read(self, data: bytes, count: int, *, before: bytes = b"") -> bytes:
        """Write one of a few messages, then read `count` bytes in the same transaction; `before` is written first.

        Nothing may follow: the Pi's adapter up to the Pi 4 takes one reading message, as the last (i2c-bcm2835.c). And
        all is for one chip: that of the Pi 5 takes messages to one address only (i2c-designware-master.c).
        """
        message = self._answer(count)
        if before:
            self.bus.transfer(self, self._kept(before), self._kept(data), message)
        else:
            self.bus.transfer(self, self._kept(data), message)
        return _bytes(message)

    def _kept(self, data: bytes) -> i2c_msg:
        message = self._writes.get(data)
        if message is None:
            message = self._writes[data] = i2c_msg.write(self.address, data)
        return message

    def _answer(self, count: int) -> i2c_msg:
        message = self._reads.get(count)
        if message is None:
            message = self._reads[count] = i2c_msg.read(self.address, count)
        return message


def _bytes(message: i2c_msg) -> bytes:
    """As bytes(message), in a sixth of the time."""
    found: bytes = message.buf[: message.len]
    return found
