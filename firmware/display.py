"""What a terminal shows while the desk runs: how far it is, load, meters. Without a terminal: nothing."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from firmware import status
from firmware.params import Kind
from firmware.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType

EVERY_S = 0.1
BAR_CELLS = 30
FLOOR_DB = -60.0

Show = Callable[[Session], None]


def bar(peak: float) -> str:
    """A peak (1 is full scale) as a bar of `BAR_CELLS` from −60 to 0 dBFS."""
    level_db = 20.0 * math.log10(peak) if peak > 0.0 else -math.inf
    filled = round(BAR_CELLS * (max(level_db, FLOOR_DB) - FLOOR_DB) / -FLOOR_DB)
    return "█" * min(filled, BAR_CELLS) + "·" * (BAR_CELLS - min(filled, BAR_CELLS))


def picture(session: Session) -> RenderableType:
    """Everything at one moment."""
    from rich.table import Table
    from rich.text import Text

    shared, size = session.shared, session.board.size
    load, now = status.load(shared), status.snapshot(shared)
    table = Table.grid(padding=(0, 2))
    length = "" if session.course.frames is None else f" of {session.course.frames / size.rate_hz:.0f}"
    at = session.clock / size.rate_hz
    state = f"{now['state']} (the first start compiles the kernel)" if now["state"] == "starting" else now["state"]
    table.add_row(state, f"{at:5.1f}{length} s", Text(f"scene {session.desk.scene or '–'}  {now['message']}".rstrip()))
    table.add_row("load", f"{load.median:.1%} median, {load.p999:.1%} p99.9, {now['xruns']} xruns")
    values = session.model.values
    found = session.desk.meters.read()
    if found is not None:
        for k in range(1, size.outputs + 1):
            reduction = found.limiter_gr_db[k - 1]
            limiter = f"limiter {reduction:.1f} dB" if reduction < -0.05 else ""
            carries = values[f"output.{k}.source"]  # on a card of two, perhaps the phones in place of the mains
            table.add_row(f"out {k} {carries}", bar(float(found.out_peak[k - 1])), limiter)
        for number in session.model.channels():
            sides = [number - 1, number] if (Kind.CHANNEL, number) in session.model.stereo else [number - 1]
            clips = "CLIP" if found.clips[:, sides].any() else ""
            name = values[f"channel.{number}.name"] or f"ch {number}"
            table.add_row(Text(str(name)), bar(float(found.peak[-1, sides].max())), clips)
    return table


@contextmanager
def display(session: Session, heard: str) -> Iterator[Show]:
    """Shows the session until the `with` ends; what it gives is called at every tick."""
    with suppress(OSError):  # nobody may be reading: that is no reason not to play
        print(f"On {session.board.title}. {heard}".rstrip())
    if not sys.stdout.isatty():
        yield lambda _: None
        return
    from rich.live import Live

    shown_at = 0.0
    with Live(transient=True, auto_refresh=False) as live:

        def show(current: Session) -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at > EVERY_S:
                shown_at = time.monotonic()
                live.update(picture(current), refresh=True)

        yield show
