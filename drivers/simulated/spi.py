"""A simulated SPI bus: what spidev.SpiDev is to its callers, with models of chips behind it and time that is charged.

    spi = SimulatedSpi(clock)
    spi.attach(0, Mcp3008Model(voltage))
    panel = SpiPanel(config, spi.open, ...)
    spi.unplug(0)

There is no acknowledge on SPI: where no chip is, bytes go nowhere and the line to the Pi is where it is pulled to.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from PIL import Image

from drivers.clock import Clock
from drivers.simulated.chips import rubbish

VREF_V = 3.3


class SpiModel(Protocol):
    """A chip on SPI."""

    def power_on(self) -> None:
        """Power comes: everything that was set is lost."""
        ...

    def transfer(self, data: bytes, at_ns: int) -> bytes:
        """Bytes to the chip while it is selected; as many from it."""
        ...


class SimulatedSpi:
    """One bus with its chips, by chip select. `busy_ns`: time charged; `call_ns`: charged for each transfer beside its
    bytes. A `failing` bus raises OSError. `idle`: what MISO reads as where nobody drives it: 0xFF with a pull-up,
    0x00 as the Pi has it by itself."""

    def __init__(self, clock: Clock, *, call_ns: int = 0, idle: int = 0xFF) -> None:
        self.clock = clock
        self.idle = idle
        self.busy_ns = 0
        self.failing = False
        self.after: list[Callable[[], None]] = []
        """Called after each transfer, by whoever made it."""
        self._call_ns = call_ns
        self._chips: dict[int, SpiModel] = {}
        self._plugged: set[int] = set()
        self._lock = threading.Lock()

    def attach(self, device: int, chip: SpiModel) -> None:
        """A chip is there, with power."""
        self._chips[device] = chip
        self.plug(device)

    def has(self, device: int) -> bool:
        """Whether there is a chip at this chip select, plugged or not."""
        return device in self._chips

    def unplug(self, device: int) -> None:
        """Take a chip away."""
        self._plugged.discard(device)

    def plug(self, device: int) -> None:
        """Put it back: it wakes as its data sheet says."""
        if device not in self._plugged:
            self._chips[device].power_on()
            self._plugged.add(device)

    def open(self, bus: int, device: int) -> Handle:  # noqa: ARG002 (there is one bus)
        """As spidev's open(); raises FileNotFoundError where there is no such chip select."""
        if device not in self._chips:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return Handle(self, device)

    def transfer(self, device: int, data: bytes, speed_hz: int) -> bytes:
        """One transfer; raises OSError."""
        with self._lock:
            if self.failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            took_ns = self._call_ns + round(len(data) * 8e9 / speed_hz)
            self.busy_ns += took_ns
            now_ns = self.clock.now_ns()
            is_there = device in self._plugged
            answer = self._chips[device].transfer(data, now_ns) if is_there else bytes([self.idle]) * len(data)
            self.clock.sleep_until_ns(now_ns + took_ns)
        for act in self.after:
            act()
        return answer


class Handle:
    """An open chip select, with the names of spidev."""

    def __init__(self, spi: SimulatedSpi, device: int) -> None:
        self.max_speed_hz, self.mode = 500_000, 0
        self._spi, self._device = spi, device
        self._open = True

    def xfer2(self, values: list[int]) -> list[int]:
        """Bytes there and back."""
        return list(self._transfer(bytes(values)))

    def writebytes2(self, values: bytes) -> None:
        """Bytes there."""
        self._transfer(bytes(values))

    def close(self) -> None:
        """Let go."""
        self._open = False

    def _transfer(self, data: bytes) -> bytes:
        if not self._open:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._spi.transfer(self._device, data, self.max_speed_hz)


class Mcp3008Model:
    """MCP3008 or, with 12 `bits`, MCP3208: looks for the start bit, samples, answers (DS21295, figure 5-1).

    `voltage(channel, at_ns)`: at its inputs, in V; `reference(at_ns)`: VREF.
    """

    def __init__(
        self, voltage: Callable[[int, int], float], *, bits: int = 10, reference: Callable[[int], float] | None = None
    ) -> None:
        self._voltage, self._bits = voltage, bits
        self._reference = reference if reference is not None else lambda _at_ns: VREF_V

    def power_on(self) -> None:
        """It keeps nothing."""

    def transfer(self, data: bytes, at_ns: int) -> bytes:
        """Bit by bit, as the pins have it; before the answer its output floats, which reads as 1."""
        sent = "".join(f"{byte:08b}" for byte in data)
        start = sent.find("1")
        if start < 0 or len(sent) < start + 5:
            return b"\xff" * len(data)
        single, channel = sent[start + 1] == "1", int(sent[start + 2 : start + 5], 2)
        volts = self._voltage(channel, at_ns)
        if not single:
            volts -= self._voltage(channel ^ 1, at_ns)
        full = 1 << self._bits
        value = min(max(int(volts / self._reference(at_ns) * full), 0), full - 1)
        answer = "1" * (start + 6) + "0" + f"{value:0{self._bits}b}"
        answer = answer[: len(sent)].ljust(len(sent), "0")
        return bytes(int(answer[place : place + 8], 2) for place in range(0, len(answer), 8))


class Ssd1322Model:
    """SSD1322: 480 × 128 pixels of 4 bits, of which a glass shows `width` × `height` in the middle.

    `data_line()`: its D/C line, 0 for a command. What it cannot be asked, image() tells.
    """

    COLUMNS, ROWS = 120, 128  # a column is 4 pixels, 2 bytes

    def __init__(self, data_line: Callable[[], int], width: int = 256, height: int = 64) -> None:
        self._data_line = data_line
        self._width, self._height = width, height
        self.power_on()

    def power_on(self) -> None:
        """Dark and locked; its RAM holds rubbish."""
        self.ram = np.frombuffer(rubbish(self.ROWS * self.COLUMNS * 2), np.uint8).reshape(self.ROWS, -1).copy()
        self.on = False
        self.lit = True
        self.contrast = 0x7F
        self._command = 0
        self._arguments: list[int] = []
        self._columns, self._rows = (0, self.COLUMNS - 1), (0, self.ROWS - 1)
        self._at = 0

    def transfer(self, data: bytes, at_ns: int) -> bytes:  # noqa: ARG002 (nothing in it runs)
        """Commands, their arguments, or pixels."""
        if self._data_line():
            self._take(data)
        else:
            for command in data:
                self._begin(command)
        return b"\xff" * len(data)

    def _begin(self, command: int) -> None:
        self._command, self._arguments = command, []
        if command == 0x5C:
            self._at = 0
        elif command in {0xAE, 0xAF}:
            self.on = command == 0xAF
        elif command in {0xA4, 0xA5, 0xA6, 0xA7}:
            self.lit = command == 0xA6

    def _take(self, data: bytes) -> None:
        if self._command == 0x5C:
            self._write(data)
            return
        self._arguments += data
        if self._command == 0x15 and len(self._arguments) == 2:
            self._columns = self._arguments[0], self._arguments[1]
        elif self._command == 0x75 and len(self._arguments) == 2:
            self._rows = self._arguments[0], self._arguments[1]
        elif self._command == 0xC1:
            self.contrast = self._arguments[0]

    def _write(self, data: bytes) -> None:
        """Pixels fill the window row by row, and then again from its beginning."""
        row_bytes = 2 * (self._columns[1] - self._columns[0] + 1)
        rows = self._rows[1] - self._rows[0] + 1
        places = (self._at + np.arange(len(data))) % (rows * row_bytes)
        self.ram[self._rows[0] + places // row_bytes, 2 * self._columns[0] + places % row_bytes] = np.frombuffer(
            data, np.uint8
        )
        self._at += len(data)

    def image(self) -> Image.Image:
        """What is seen: mode "L", 17 a step of grey."""
        left = self.COLUMNS - self._width // 4  # in bytes: half of the pixels that are not behind glass
        shown = self.ram[: self._height, left : left + self._width // 2]
        greys = np.stack((shown >> 4, shown & 15), axis=2).reshape(self._height, self._width) * 17
        return Image.fromarray(greys * np.uint8(self.on and self.lit))
