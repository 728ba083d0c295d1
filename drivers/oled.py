"""What an OLED is told, in bytes: luma.oled says how each kind is set up, and nothing is sent from here.

luma's drivers are given an interface that only listens. Their own way to send a picture is not used: it is a loop over
pixels, and one transfer of a whole frame would keep the I2C bus from the faders for 25 ms.
"""

from __future__ import annotations

from functools import cache

import luma.oled.device
import numpy as np
from PIL import Image

from drivers.errors import DisplayError
from drivers.panel_config import I2C_DISPLAYS, SPI_DISPLAYS

SETCONTRAST = {"ssd1322": 0xC1}  # 81 on all the others (data sheets)
SSD1322_FIRST_COLUMN = 28  # of 120 columns of 4 pixels: a glass of 256 sits in the middle of 480 (as luma has it)
GREY = np.array([0x0, 0xF], np.uint8)


class _Listener:
    """A serial interface of luma's that keeps what it is told: commands as one bytes each, data behind its command."""

    def __init__(self) -> None:
        self.told: list[bytes] = []

    def command(self, *command: int) -> None:
        self.told.append(bytes(command))

    def data(self, data: list[int]) -> None:
        """Only arguments come here, of a kind that takes them as data: pictures are not sent."""
        self.told[-1] += bytes(data)

    def cleanup(self) -> None:
        """luma calls this when the program ends."""


@cache
def init_commands(kind: str, width: int = 128, height: int = 64) -> tuple[bytes, ...]:
    """What a display of `kind` must be told after power-up, in order, up to "on": each a command with its arguments,
    without the control byte of I2C. On SPI the first byte of each goes with D/C low, the rest with D/C high.

    Raises DisplayError for a kind nobody knows, or one that is not made in this size.
    """
    if kind not in I2C_DISPLAYS + SPI_DISPLAYS:
        raise DisplayError(f"There is no display “{kind}”: take one of {', '.join(I2C_DISPLAYS + SPI_DISPLAYS)}.")
    base = getattr(luma.oled.device, kind)
    quiet = type(kind, (base,), {"display": lambda _self, _image: None})
    listener = _Listener()
    try:
        quiet(listener, width=width, height=height, rotate=0)
    except luma.core.error.DeviceDisplayModeError as error:
        raise DisplayError(f"A display {kind} is not made with {width} × {height} pixels: say how it is.") from error
    return tuple(listener.told)


def contrast_command(level: int, kind: str = "ssd1306") -> bytes:
    """The brightness, 0 to 255: a command as in init_commands()."""
    return bytes((SETCONTRAST.get(kind, 0x81), min(max(level, 0), 255)))


def turned(image: Image.Image, rotate: int) -> Image.Image:
    """The picture as a display that is mounted turned needs it: `rotate` quarter turns clockwise."""
    return image.rotate(-90 * rotate, expand=True) if rotate % 4 else image


def pages_of(image: Image.Image) -> bytes:
    """A picture of mode "1", its height a multiple of 8, as the RAM of an SSD1306 has it: pages of 8 rows from the top,
    one byte a column from the left, bit 0 on top."""
    width, height = image.size
    rows = np.asarray(image, np.uint8).reshape(height // 8, 8, width)
    return np.packbits(rows, axis=1, bitorder="little").tobytes()


def greys_of(image: Image.Image) -> bytes:
    """A picture of mode "1", its width even, as the RAM of an SSD1322 has it: rows from the top, 4 bits a pixel, the
    left pixel in the high half; lit is full (15)."""
    greys = GREY[np.asarray(image, np.uint8)]
    return (greys[:, 0::2] << 4 | greys[:, 1::2]).tobytes()


def window_commands(width: int, height: int) -> tuple[bytes, ...]:
    """Where an SSD1322 is to put the `width` × `height` pixels that follow as data: columns, rows, write RAM."""
    first = SSD1322_FIRST_COLUMN + (256 - width) // 8
    return bytes((0x15, first, first + width // 4 - 1)), bytes((0x75, 0, height - 1)), bytes((0x5C,))
