"""Models of chips at the level of their registers, one file a chip: what a bus says to them and what they answer.

A model keeps no clock: whoever calls says when it is, in ns. It is told of power by power_on(), which every chip lives
through when it is plugged in: registers stand as its data sheet says, RAM holds rubbish.
"""

from __future__ import annotations

from typing import Protocol


class ChipModel(Protocol):
    """A chip on an I2C bus."""

    def power_on(self, at_ns: int) -> None:
        """Power comes: everything that was set is lost."""
        ...

    def write(self, data: bytes, at_ns: int) -> None:
        """A message to the chip, without its address, that ends at `at_ns`."""
        ...

    def read(self, count: int, at_ns: int) -> bytes:
        """The next `count` bytes from the chip, whose transfer begins at `at_ns`."""
        ...


def rubbish(count: int) -> bytes:
    """What RAM holds after power came: no data sheet promises zeros."""
    return bytes((place * 73 + 41) & 0xFF for place in range(count))
