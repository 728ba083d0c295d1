"""What a display has shown, kept frame by frame, as an animated picture."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

from PIL import Image, ImageChops
from PIL.GifImagePlugin import getdata, getheader

SCALE = 4
"""A pixel of the display in pixels of the picture."""
TICK_MS = 10  # a GIF counts in hundredths of a second
LAST_MS = 2000  # how long the last picture stays before the film begins again
MOST_FRAMES = 20 * 600
"""Ten minutes of a display that never rests, or 3 MB; what comes after that is not kept."""

Look = Callable[[], Image.Image | None]


class Film:
    """What `look` finds when `take` is called and `count`, of pictures that the display has got whole, has grown: to
    be called after each transfer, so that no picture is half the next one."""

    def __init__(self, look: Look, count: Callable[[], int], clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._look, self._count, self._clock = look, count, clock
        self._counted = 0
        self._size = (0, 0)
        self._newest = b""
        self._frames: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        return len(self._frames)

    def take(self) -> None:
        """Look, and keep what has changed."""
        counted = self._count()
        if counted == self._counted or len(self._frames) >= MOST_FRAMES:
            return
        self._counted = counted
        image = self._look()
        if image is None:
            return
        bits = image.tobytes()
        if bits != self._newest:
            self._size, self._newest = image.size, bits
            self._frames.append((self._clock(), zlib.compress(bits, 1)))

    def gif(self) -> bytes:
        """The film from its first frame on, each shown for as long as it was; empty where there was none. Of each only
        what differs from the one before it is in the file, and one picture at a time in memory."""
        return b"".join(self._parts()) if self._frames else b""

    def _parts(self) -> Iterator[bytes]:
        start_ns = self._frames[0][0]
        ends_ms = [(at_ns - start_ns) / 1e6 for at_ns, _ in self._frames[1:]]
        ends_ms.append((ends_ms[-1] if ends_ms else 0.0) + LAST_MS)
        before, shown_ms = Image.new("1", self._size), 0
        yield from getheader(_enlarged(before), info={"loop": 0})[0]
        for (_, packed), end_ms in zip(self._frames, ends_ms, strict=True):
            image = Image.frombytes("1", self._size, zlib.decompress(packed))
            box = ImageChops.logical_xor(image, before).getbbox() or (0, 0, 1, 1)
            for_ms = max(round(end_ms / TICK_MS) * TICK_MS - shown_ms, TICK_MS)
            shown_ms += for_ms
            at = (box[0] * SCALE, box[1] * SCALE)
            yield from getdata(_enlarged(image.crop(box)), at, duration=for_ms)
            before = image
        yield b";"


def _enlarged(image: Image.Image) -> Image.Image:
    """In mode "L", which a GIF takes as it is."""
    return image.convert("L").resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST)
