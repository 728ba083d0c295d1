"""`pidesk plot`: the curves of a strip as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Draw what a scene does to one strip: filters and equaliser against the analog truth, gate and compressor."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("scene", metavar="SCENE", help="a file, or the name of a scene")
    parser.add_argument("strip", metavar="STRIP", help="11, channel.11, main.lr, or the strip's name in the scene")
    parser.add_argument("-o", "--output", metavar="FILE", help="PNG, SVG or PDF (default: <scene>-<strip>.png)")
    parser.add_argument("--rate", type=int, default=48000, metavar="HZ", help="sample rate (default 48000)")


def run(args: argparse.Namespace) -> int:
    """Draw it."""
    from dsp.rows import MAX_CHANNELS, MAX_PORTS
    from dsp.size import DeskSize
    from dsp.slots import MAX_BUSES, MAX_EFFECTS, MAX_MATRICES
    from firmware import curves, files, picture, scene
    from firmware.desk_model import DeskModel
    from firmware.errors import UsageError, did_you_mean
    from firmware.params import STRIPS, quoted

    try:
        size = DeskSize(MAX_CHANNELS, MAX_PORTS, MAX_PORTS, args.rate, MAX_BUSES, MAX_EFFECTS, MAX_MATRICES)
    except ValueError as error:
        raise UsageError(f"--rate: {error}.") from None
    loaded = scene.load(scene.find(args.scene))
    model = DeskModel(size)
    scene.apply(model, loaded)
    strips = [
        path.removesuffix(".name")
        for path, place in model.places.items()
        if path.endswith(".name") and place.kind in STRIPS
    ]
    names = {str(model.values[f"{strip}.name"]).lower(): strip for strip in strips if model.values[f"{strip}.name"]}
    known = {
        **names,
        **{strip: strip for strip in strips},
        "main": "main.lr",
        **{str(n): f"channel.{n}" for n in range(1, MAX_CHANNELS + 1)},
    }
    strip = known.get(args.strip.lower())
    if strip is None:
        hint = did_you_mean(args.strip.lower(), names)
        which = (
            f"channel 1 to {MAX_CHANNELS} (say 1 or channel.1), bus.1, return.1, main, main.mono, matrix.1 and so on"
        )
        raise UsageError(f"There is no strip {quoted(args.strip)}; the strips are {which}.{hint}")
    settings = curves.of_strip(model, strip)
    output = Path(args.output or f"{Path(args.scene).stem}-{strip}.png")
    file_format = output.suffix[1:].lower() or "png"
    if file_format not in picture.FORMATS:
        raise UsageError(f"A picture is .png, .svg or .pdf, not {output.suffix}.")
    name = str(settings["name"])
    content = picture.draw(settings, f"{name}  ·  {strip}" if name else strip, args.rate, file_format)
    files.write(output, content, keep_previous=False)
    print(f"{files.name_of(output)} is drawn.")
    return 0
