"""`pidesk render`: sound files through a scene, offline."""

from __future__ import annotations

import argparse
import math
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp.arena import Arena
    from dsp.size import DeskSize
    from firmware.desk_config import DeskConfig
    from firmware.desk_model import DeskModel
    from firmware.event_log import Header
    from firmware.scene import Scene

HELP = (
    "Send sound files through a scene, faster than real time, by the same compiled desk that plays live. "
    "The inputs' channels stack up as in.1, in.2 …; the output is float32 WAV, one channel for each physical output."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--scene", required=True, help="a file, or the name of a scene")
    parser.add_argument("--input", required=True, nargs="+", metavar="FILE", help="sound files; resampled where needed")
    parser.add_argument("--play", nargs="+", default=[], metavar="FILE", help="sound files for play.1, play.2 …")
    parser.add_argument("--output", required=True, metavar="FILE", help="the WAV file to write")
    parser.add_argument("--events", metavar="FILE", help="automation or the log of a run (JSON Lines)")
    parser.add_argument("--state", metavar="FILE", help="start from a kept state of the desk, not from the scene")
    parser.add_argument(
        "--tap",
        action="append",
        default=[],
        metavar="STRIP=FILE",
        help="also write a strip: bus.1=b1.wav, main.lr=m.wav",
    )
    parser.add_argument("--desk", metavar="FILE", help="the desk.toml of the desk (default: as configured)")
    parser.add_argument("--outputs", type=int, default=2, metavar="N", help="physical outputs (default 2: mains)")
    parser.add_argument("--channels", type=int, metavar="N", help="strips (default: what scene and inputs need)")
    parser.add_argument("--rate", type=int, metavar="HZ", help="the desk's sample rate (default: as configured)")
    parser.add_argument(
        "--period", type=int, default=64, metavar="FRAMES", help="a multiple of 32; not heard (default 64)"
    )
    parser.add_argument("--tail-s", type=float, default=1.0, metavar="S", help="silence sent after the end (default 1)")


def run(args: argparse.Namespace) -> int:
    """Render."""
    import numpy as np

    from firmware import audio_files, desk_config, event_log, files, progress, render, scene
    from firmware.errors import UsageError
    from firmware.interrupts import terminable

    if not 0.0 <= args.tail_s <= 3600.0:
        raise UsageError("--tail-s must be from 0 to 3600 seconds.")
    if args.period < 32 or args.period % 32:
        raise UsageError(f"--period: {args.period} is not a multiple of 32.")
    output, found = Path(args.output), scene.find(args.scene)
    taps = [_tap(text) for text in args.tap]
    for option, written in (("--output", output), *(("--tap", file) for _, file in taps)):
        _check_output(args, option, written, found)
    _check_apart([output, *(file for _, file in taps)])
    loaded = scene.load(found)
    desk = desk_config.load(Path(args.desk) if args.desk else None)
    inputs, plays = (sum(audio_files.probe(path).channels for path in paths) for paths in (args.input, args.play))
    arena = render.load_state(Path(args.state)) if args.state else None
    size = _size(args, desk, loaded, inputs, plays, arena)
    if taps and arena is not None:
        raise UsageError("--tap needs a desk of its own; leave --state out.")
    model = replace(desk, channels=size.channels, plays=size.plays).model(size)
    sides = {strip: render.sides_of(model, strip) for strip, _ in taps}
    tapped_at = size.outputs + 1  # the taps are outputs behind the physical ones
    carried = [side for strip in sides for side in sides[strip]]
    if carried:
        model, size = _with_outputs(model, carried)
    for sentence in scene.apply(model, loaded):
        _say(sentence)
    events, silences = [], []
    if args.events:
        log = event_log.read(Path(args.events), model)
        events, silences = log.events, log.silences
        _compare(log.header, model, arena)
    with terminable():
        with progress.bar("reading") as told:
            x = audio_files.read_stack(args.input, size.rate_hz, told)
            played = audio_files.read_stack(args.play, size.rate_hz) if args.play else x[:0, :0]
        tail = round(args.tail_s * size.rate_hz)
        padded = np.zeros((max(len(x), len(played)) + tail, size.columns), np.float32)
        padded[: len(x), : x.shape[1]] = x
        padded[: len(played), size.inputs : size.inputs + played.shape[1]] = played
        if arena is None:
            arena = render.start(size, model.kernel_values())
        began = arena.clock
        with progress.bar("rendering") as told:
            tapped = np.zeros((len(padded), len(carried)), np.float32)
            into = [(tapped_at + n, tapped[:, n]) for n in range(len(carried))]
            y = render.run(arena, padded, events, args.period, progress=told, taps=into)[:, : tapped_at - 1]
        for first, end in silences:  # on the arena's clock, which stood at `began` when the sound came in
            y[max(0, first - began) : max(0, end - began)] = 0.0
        with progress.bar("writing") as told:
            audio_files.write(output, y, size.rate_hz, told)
            for strip, file in taps:
                columns = [carried.index(side) for side in sides[strip]]
                audio_files.write(file, tapped[:, columns], size.rate_hz)
    peak = float(np.max(np.abs(y), initial=0.0))
    shown = f"{20.0 * math.log10(peak):.1f} dBFS" if peak > 0.0 else "silence"
    seconds = len(y) / size.rate_hz
    print(f"{files.name_of(output)}: {seconds:.2f} s, {y.shape[1]} channels, {size.rate_hz} Hz, peak {shown}.")
    return 0


def _check_output(args: argparse.Namespace, option: str, output: Path, scene_file: Path) -> None:
    """Raises before anything is read: what is written is a WAV file in a folder there is, and none of what is read."""
    from firmware import files
    from firmware.errors import OutputError, UsageError

    if output == Path() or output.suffix.lower() not in ("", ".wav", ".wave"):
        raise UsageError(f"{option} writes WAV only; give a name that ends in .wav.")
    shown = files.name_of(output)
    if not output.absolute().parent.is_dir():
        raise OutputError(f"{shown} cannot be written: its folder does not exist.")
    reads = [("--input", path) for path in args.input]
    reads += [("--play", path) for path in args.play]
    reads += [("--events", args.events), ("--state", args.state), ("--desk", args.desk), ("--scene", scene_file)]
    for reader, path in reads:
        with suppress(OSError, ValueError):  # what is not there is not overwritten
            if path and Path(path).samefile(output):
                raise UsageError(f"{option} {shown} is the file that {reader} reads; give the output another name.")


def _check_apart(written: list[Path]) -> None:
    """Raises UsageError where two of the files to be written are one."""
    from firmware import files
    from firmware.errors import UsageError

    places = [path.resolve() for path in written]
    for n, path in enumerate(written):
        if places[n] in places[:n]:
            raise UsageError(
                f"{files.name_of(path)} would be written twice; give each output and tap a name of its own."
            )


def _say(sentence: str) -> None:
    import sys

    print(f"pidesk: {sentence}", file=sys.stderr)


def _with_outputs(model: DeskModel, carried: list[str]) -> tuple[DeskModel, DeskSize]:
    """The same desk with an output more for each strip's side that is to be written."""
    from firmware.desk_model import DeskModel
    from firmware.errors import UsageError

    first = model.size.outputs + 1
    try:
        size = replace(model.size, outputs=model.size.outputs + len(carried))
    except ValueError:
        raise UsageError(
            f"--tap: {len(carried)} sides beside {model.size.outputs} outputs are too many: 32 fit."
        ) from None
    larger = DeskModel(
        size, model.stereo, model.defaults | {f"output.{first + n}.source": s for n, s in enumerate(carried)}
    )
    return larger, size


def _tap(text: str) -> tuple[str, Path]:
    from firmware.errors import UsageError

    strip, _, file = text.partition("=")
    if not strip or not file:
        raise UsageError(f'--tap "{text}" is not possible: a strip and a file are needed, bus.1=b1.wav.')
    return strip, Path(file)


def _size(
    args: argparse.Namespace, desk: DeskConfig, loaded: Scene, inputs: int, plays: int, arena: Arena | None
) -> DeskSize:
    """The configured desk, or as many strips more as the scene names and the inputs need."""
    from dsp.rows import MAX_CHANNELS, MAX_PLAYS, MAX_PORTS
    from dsp.size import DeskSize
    from firmware.errors import AudioFileError, UsageError
    from firmware.params import Kind
    from firmware.params.lookup import resolve

    if inputs > MAX_PORTS:
        raise AudioFileError(f"The inputs have {inputs} channels together; a desk has at most {MAX_PORTS} inputs.")
    if plays > MAX_PLAYS:
        raise AudioFileError(f"--play has {plays} channels together; a desk has at most {MAX_PLAYS} playback channels.")
    if arena is not None:
        has = arena.size
        if inputs > has.inputs:
            raise AudioFileError(f"The inputs have {inputs} channels together; the kept desk has {has.inputs} inputs.")
        if plays > has.plays:
            raise AudioFileError(f"--play has {plays} channels together; the kept desk plays {has.plays}.")
        return has
    named = dict.fromkeys(Kind, 0)
    for path in loaded.values:
        found = resolve(path)
        named[found.kind] = max(named[found.kind], found.number)
    channels = min(MAX_CHANNELS, max(inputs + plays, named[Kind.CHANNEL]))
    effects = max(desk.effects, named[Kind.RETURN], named[Kind.EFFECT])
    try:
        return DeskSize(
            channels if args.channels is None else args.channels,
            inputs,
            args.outputs,
            desk.rate_hz if args.rate is None else args.rate,
            max(desk.buses, named[Kind.BUS]),
            effects,
            max(desk.matrices, named[Kind.MATRIX]),
            plays,
        )
    except ValueError as error:
        raise UsageError(f"This desk is not possible: {error}.") from None


def _compare(header: Header, model: DeskModel, arena: Arena | None) -> None:
    """Say where a log was made under other conditions: it is played all the same."""
    from firmware import event_log, render

    start = arena.block if arena is not None else model.kernel_values()
    if header.state_hash and header.state_hash != event_log.state_hash(start):
        _say("The events began at another state of the desk than this scene's; the sound will differ from that run's.")
    if header.kernel and header.kernel != render.kernel_key():
        _say("The events were logged by another build or processor; the last bits may differ from that run's.")
