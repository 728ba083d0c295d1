"""`pidesk oled`: pages of the display as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware.surface.view import PageName

HELP = "Draw what the display shows: a page of a strip, or all pages on one sheet, with sound that is made up."
SIZES = {"128x64": (128, 64), "256x64": (256, 64)}
INPUTS = OUTPUTS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--png", metavar="FILE", required=True, help="where the picture goes")
    parser.add_argument("--page", metavar="NAME", help="gain, eq, dynamics … (default gain)")
    parser.add_argument("--part", type=int, metavar="N", help="of the page, from 1 (default 1)")
    parser.add_argument("--strip", default="channel.1", metavar="STRIP", help="channel.3, bus.1, main.lr …")
    parser.add_argument("--scene", metavar="SCENE", help="a file, or the name of a scene (default: the band, mixed)")
    parser.add_argument("--size", choices=SIZES, default="128x64", help="of the display (default 128x64)")
    parser.add_argument("--scale", type=int, default=1, metavar="N", help="enlarge it so many times, up to 16")
    parser.add_argument("--contact-sheet", action="store_true", help="all pages, enlarged and at true size")


def run(args: argparse.Namespace) -> int:
    """Draw it."""
    from firmware import desk_config, files, scene
    from firmware.errors import UsageError, did_you_mean
    from firmware.params import quoted
    from firmware.surface import contact_sheet, samples, screen
    from firmware.surface.pages.all import PAGES

    output = Path(args.png)
    if output.suffix.lower() != ".png":
        raise UsageError(f"The picture is a PNG: call it {quoted(output.stem + '.png')}.")
    if not 1 <= args.scale <= 16:
        raise UsageError("--scale goes from 1 to 16.")
    if args.contact_sheet and (args.page is not None or args.part is not None):
        raise UsageError("--contact-sheet shows all pages: leave --page and --part out.")
    wanted, part = args.page or "gain", 1 if args.part is None else args.part
    if wanted not in list(PAGES):
        hint = did_you_mean(wanted, PAGES)
        raise UsageError(f"There is no page {quoted(wanted)}: {', '.join(PAGES)}.{hint}")
    if args.scene is None:
        model = samples.model()
    else:
        desk = desk_config.load()
        model = desk.model(desk.size(INPUTS, OUTPUTS))
        scene.apply(model, scene.load(scene.find(args.scene)))
    if f"{args.strip}.mute" not in model.places:
        strips = [path.removesuffix(".mute") for path in model.places if path.endswith(".mute")]
        hint = did_you_mean(args.strip, strips)
        raise UsageError(f"This desk has no strip {quoted(args.strip)}: channel.1, bus.1, main.lr are some.{hint}")
    size = SIZES[args.size]
    if args.contact_sheet:
        image = contact_sheet.sheet(list(contact_sheet.chosen(model, args.strip)), size)
    else:
        page = PageName(wanted)
        parts = PAGES[page].parts(model, args.strip)
        if not 1 <= part <= parts:
            raise UsageError(f"The page {page} of {args.strip} has the parts 1 to {parts}.")
        view = samples.view_of(model, page, args.strip, part - 1)
        image = contact_sheet.enlarged(screen.render(view, size), args.scale)
    files.write(output, contact_sheet.png(image), keep_previous=False)
    print(f"{files.name_of(output)} is drawn.")
    return 0
