"""What the display is known to look like. `python -m tests.firmware.oled_pages` draws the references anew: look at them
before they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from firmware.desk_model import DeskModel
from firmware.surface import contact_sheet, samples, screen
from firmware.surface.view import PageName, View

FOLDER = Path(__file__).parent / "oled"
STRIP = "channel.1"
WIDE = (256, 64)


@cache
def model() -> DeskModel:
    """The desk that all references show."""
    return samples.model()


def _views() -> Iterator[tuple[str, View]]:
    yield from contact_sheet.all_pages(model(), STRIP)
    eq = samples.view_of(model(), PageName.EQ, STRIP, 1)
    for name, view in samples.overlays(eq, "fader.1", f"{STRIP}.fader_db").items():
        yield f"over-{name}", view
    yield "pan-stereo", samples.view_of(model(), PageName.PAN, "channel.9")
    yield "pan-of-a-stereo-bus", samples.view_of(model(), PageName.PAN, "bus.3")
    yield "gain-of-main", samples.view_of(model(), PageName.GAIN, "main.lr")
    yield "gain-of-a-dca", samples.view_of(model(), PageName.GAIN, "dca.1")
    yield "eq-of-a-dca", samples.view_of(model(), PageName.EQ, "dca.1")
    yield "scenes-none", replace(samples.view_of(model(), PageName.SCENES, STRIP), rows=())
    yield "scenes-touched", replace(eq, value_text="Saturday, first set", label_text="Scene")
    yield "comp-touched", replace(samples.view_of(model(), PageName.DYNAMICS, STRIP, 3), touched=f"{STRIP}.comp.ratio")
    yield "send-touched", replace(samples.view_of(model(), PageName.PAN, STRIP, 1), touched=f"{STRIP}.send.3.level_db")
    yield "one-encoder", replace(eq, chosen=1, cursor="strip")
    yield "one-encoder-page", replace(samples.view_of(model(), PageName.MONITOR, STRIP), chosen=0, cursor="page")
    yield "one-encoder-value", replace(samples.view_of(model(), PageName.DYNAMICS, STRIP, 3), chosen=2, cursor="field")
    yield "gate-touched", replace(samples.view_of(model(), PageName.DYNAMICS, STRIP), touched=f"{STRIP}.gate.range_db")
    yield "type-touched", replace(eq, touched=f"{STRIP}.eq.band.6.type")


def references() -> dict[str, tuple[View, tuple[int, int]]]:
    """Every view that has a reference, by the name of its file, with the size of the display."""
    found = {name: (view, screen.SIZE) for name, view in _views()}
    for name in ("gain-1", "eq-2", "dynamics-4", "pan-2", "scenes-1", "over-all", "over-touched", "over-pickup"):
        found[f"wide-{name}"] = (found[name][0], WIDE)
    return found


def main() -> None:
    """Draw them all."""
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, (view, size) in references().items():
        (FOLDER / f"{name}.png").write_bytes(contact_sheet.png(screen.render(view, size)))


if __name__ == "__main__":
    main()
