"""A simulated I2C bus: what smbus2.SMBus is to its callers, with models of chips behind it and time that is charged.

    bus = SimulatedI2c(clock, speed_hz=400_000)
    bus.attach(0x48, Ads1115Model(voltage))
    panel = I2cPanel(config, bus.open, ...)
    bus.unplug(0x48)

A byte with its acknowledge takes 9 clocks, a start or a stop one. Answers are those of the Pis' adapters: EREMOTEIO
where nobody acknowledges, ETIMEDOUT while the bus is stuck, EOPNOTSUPP for a read that is not the last message (up to
the Pi 4), EINVAL for messages to more than one address (Pi 5).
"""

from __future__ import annotations

import ctypes
import errno
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Self

from smbus2 import i2c_msg

from drivers.clock import Clock
from drivers.simulated.chips import ChipModel

READ = 0x0001  # i2c_msg's flag, linux/i2c.h
TIMEOUT_NS = 20_000_000


class SimulatedI2c:
    """A bus of one number with its chips, by address. The calls of SMBus come from any thread, one at a time as the
    kernel's adapter has it. `call_ns`: what the system takes for each transaction beside its bytes; `ahead_ns`: how far
    the bus may run ahead of the clock before it waits, for a clock that cannot wait shortly (chips then see the clock's
    time, not the bus's). `busy_ns`: time charged.
    """

    def __init__(self, clock: Clock, *, speed_hz: int = 400_000, call_ns: int = 0, ahead_ns: int = 0) -> None:
        self.clock = clock
        self.speed_hz = speed_hz
        self.busy_ns = 0
        self.stuck = False
        """A line is held down: every transfer takes its time-out and fails."""
        self.after: list[Callable[[], None]] = []
        """Called after each transaction, by whoever made it."""
        self._call_ns, self._ahead_ns = call_ns, ahead_ns
        self._clock_ns = round(1e9 / speed_hz)
        self._chips: dict[int, ChipModel] = {}
        self._plugged: set[int] = set()
        self._planned: deque[tuple[int, int, bool]] = deque()
        self._refusals: dict[int, int] = {}
        self._free_ns = 0
        self._lock = threading.Lock()

    def attach(self, address: int, chip: ChipModel) -> None:
        """A chip is there, with power."""
        self._chips[address] = chip
        self._plug(address, True, self.clock.now_ns())

    def has(self, address: int) -> bool:
        """Whether there is a chip at this address, plugged or not."""
        return address in self._chips

    def powered(self, address: int) -> bool:
        """Whether that chip is plugged in."""
        return address in self._plugged

    def unplug(self, address: int, at_ns: int | None = None) -> None:
        """Take a chip away, now or at a time to come: in the middle of a message too."""
        self._plan(address, False, at_ns)

    def plug(self, address: int, at_ns: int | None = None) -> None:
        """Put it back: it wakes as its data sheet says."""
        self._plan(address, True, at_ns)

    def refuse(self, address: int, times: int = 1) -> None:
        """The chip does not acknowledge its address the next few times."""
        self._refusals[address] = times

    def open(self, number: int = 1) -> Handle:  # noqa: ARG002 - there is one bus
        """What smbus2.SMBus(number) gives."""
        return Handle(self)

    def transfer(self, messages: tuple[i2c_msg, ...]) -> None:
        """One transaction; raises OSError."""
        with self._lock:
            now_ns = self.clock.now_ns()
            start_ns = self._free_ns = max(now_ns, self._free_ns)
            try:
                self._run(messages, now_ns)
            finally:
                self.busy_ns += self._free_ns - start_ns
                if self._free_ns - now_ns > self._ahead_ns:
                    self.clock.sleep_until_ns(self._free_ns)
        for act in self.after:
            act()

    def _run(self, messages: tuple[i2c_msg, ...], now_ns: int) -> None:
        if any(message.flags & READ for message in messages[:-1]):
            raise _error(errno.EOPNOTSUPP)
        if any(message.addr != messages[0].addr for message in messages):
            raise _error(errno.EINVAL)
        self._free_ns += self._call_ns
        if self.stuck:
            self._free_ns += TIMEOUT_NS
            raise _error(errno.ETIMEDOUT)
        for message in messages:
            self._message(message, now_ns)
        self._free_ns += self._clock_ns

    def _message(self, message: i2c_msg, now_ns: int) -> None:
        address, count, reads = message.addr, message.len, message.flags & READ
        self._free_ns += 10 * self._clock_ns  # the start and the address
        start_ns = now_ns if self._ahead_ns else self._free_ns
        self._settle(start_ns)
        if address not in self._plugged or self._refused(address):
            self._free_ns += self._clock_ns
            raise _error(errno.EREMOTEIO)
        self._free_ns += 9 * count * self._clock_ns
        end_ns = now_ns if self._ahead_ns else self._free_ns
        chip, lost_ns = self._chips[address], self._loss(end_ns, address)
        if reads:
            # A chip that goes leaves the line to its pull-up.
            there = count if lost_ns is None else (lost_ns - start_ns) // (9 * self._clock_ns)
            ctypes.memmove(message.buf, chip.read(there, start_ns) + b"\xff" * (count - there), count)
        elif lost_ns is None:
            chip.write(bytes(message), end_ns)
        self._settle(end_ns)
        if lost_ns is not None and not reads:
            raise _error(errno.EREMOTEIO)

    def _refused(self, address: int) -> bool:
        left = self._refusals.get(address, 0)
        if left:
            self._refusals[address] = left - 1
        return left > 0

    def _plan(self, address: int, plugged: bool, at_ns: int | None) -> None:
        with self._lock:
            planned = [*self._planned, (self.clock.now_ns() if at_ns is None else at_ns, address, plugged)]
            self._planned = deque(sorted(planned, key=lambda one: one[0]))
            self._settle(self.clock.now_ns())

    def _loss(self, until_ns: int, address: int) -> int | None:
        """When `address` will have lost its power, if it does so until then."""
        if not self._planned:
            return None
        return next(
            (at_ns for at_ns, which, on in self._planned if at_ns <= until_ns and which == address and not on), None
        )

    def _settle(self, at_ns: int) -> None:
        """Do what was planned until then."""
        while self._planned and self._planned[0][0] <= at_ns:
            when_ns, which, plugged = self._planned.popleft()
            self._plug(which, plugged, when_ns)

    def _plug(self, address: int, plugged: bool, at_ns: int) -> None:
        if plugged and address not in self._plugged:
            self._chips[address].power_on(at_ns)
            self._plugged.add(address)
        elif not plugged:
            self._plugged.discard(address)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class Handle:
    """A bus that was opened: the calls of smbus2.SMBus that Pidesk and i2c tools make, down to I2C messages."""

    def __init__(self, bus: SimulatedI2c) -> None:
        self._bus: SimulatedI2c | None = bus

    def i2c_rdwr(self, *i2c_msgs: Any) -> None:
        """Messages with repeated starts between them and one stop."""
        if self._bus is None:
            raise _error(errno.EBADF)
        self._bus.transfer(i2c_msgs)

    def read_byte(self, i2c_addr: int, force: bool | None = None) -> int:  # noqa: ARG002 - smbus2's signature
        """One byte."""
        message = i2c_msg.read(i2c_addr, 1)
        self.i2c_rdwr(message)
        return bytes(message)[0]

    def write_quick(self, i2c_addr: int, force: bool | None = None) -> None:  # noqa: ARG002 - smbus2's signature
        """The address alone."""
        self.i2c_rdwr(i2c_msg.write(i2c_addr, b""))

    def read_byte_data(self, i2c_addr: int, register: int, force: bool | None = None) -> int:  # noqa: ARG002 - as above
        """One byte of a register."""
        message = i2c_msg.read(i2c_addr, 1)
        self.i2c_rdwr(i2c_msg.write(i2c_addr, bytes([register])), message)
        return bytes(message)[0]

    def write_byte_data(self, i2c_addr: int, register: int, value: int, force: bool | None = None) -> None:  # noqa: ARG002
        """One byte to a register."""
        self.i2c_rdwr(i2c_msg.write(i2c_addr, bytes([register, value])))

    def close(self) -> None:
        """Let go: whoever calls after that gets EBADF."""
        self._bus = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
