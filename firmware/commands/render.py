"""`pidesk render`: sound files through a scene, offline."""

from __future__ import annotations

import argparse
import math
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware.event_log import Header

HELP = (
    "Send sound files through a scene, faster than real time, by the same compiled desk that plays live. "
    "The inputs' channels stack up as in.1, in.2 …; the output is float32 WAV, one channel for each physical output."
)


EVENTS = (
    "automation, or the log of a run (JSON Lines). With the scene and the number of outputs that the run started with "
    "(run: flat, 4), and what its card heard, the sound is the run's to the last bit. Sound files of up to 24 bits and "
    "the tracks of pidesk band are what the simulated card hears; finer ones it rounds to 32 bits."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--scene", required=True, help="a file, or the name of a scene")
    parser.add_argument("--input", required=True, nargs="+", metavar="FILE", help="sound files; resampled where needed")
    parser.add_argument("--play", nargs="+", default=[], metavar="FILE", help="sound files for play.1, play.2 …")
    parser.add_argument("--output", required=True, metavar="FILE", help="the WAV file to write")
    parser.add_argument("--events", metavar="FILE", help=EVENTS)
    parser.add_argument("--state", metavar="FILE", help="start from a kept state of the desk, not from the scene")
    parser.add_argument(
        "--tap",
        action="append",
        default=[],
        metavar="STRIP=FILE",
        help="also write a strip: bus.1=b1.wav, main.lr=m.wav",
    )
    parser.add_argument("--desk", metavar="FILE", help="the desk.toml of the desk (default: as configured)")
    parser.add_argument("--save-state", metavar="FILE", help="keep the desk as it stands at the end, for --state")
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

    from firmware import audio_files, desk_config, event_log, files, progress, render, render_desk, scene
    from firmware.errors import UsageError

    if not 0.0 <= args.tail_s <= 3600.0:
        raise UsageError("--tail-s must be from 0 to 3600 seconds.")
    if args.period < 32 or args.period % 32:
        raise UsageError(f"--period: {args.period} is not a multiple of 32.")
    output, found = Path(args.output), scene.find(args.scene)
    taps = [_tap(text) for text in args.tap]
    _check_files(args, [("--output", output), *(("--tap", file) for _, file in taps)], found)
    loaded = scene.load(found)
    desk = desk_config.load(Path(args.desk) if args.desk else None)
    inputs, plays = (sum(audio_files.probe(path).channels for path in paths) for paths in (args.input, args.play))
    wanted = render_desk.Wanted(inputs, plays, args.outputs, args.channels, args.rate)
    arena = render.load_state(Path(args.state)) if args.state else None
    if arena is None:
        size = render_desk.size_for(wanted, desk, loaded)
    else:
        size = arena.size
        render_desk.check_fits(wanted, size)
    if taps and (arena is not None or args.save_state):
        raise UsageError("--tap needs a desk of its own; leave --state and --save-state out.")
    plain = replace(desk, channels=size.channels, plays=size.plays).model(size)
    sides = {strip: render_desk.sides_of(plain, strip) for strip, _ in taps}
    carried = [side for strip in sides for side in sides[strip]]
    model = render_desk.with_outputs(plain, carried)
    for sentence in scene.apply(model, loaded):
        _say(sentence)
    values = model.kernel_values()
    log = event_log.EventLog(event_log.Header(size.rate_hz), [], [], [])
    if args.events:
        log = event_log.read(Path(args.events), model)
        if log.from_silence:
            values[model.size.desk("engine.gain_db")] = -math.inf
        for _, later in log.restarts:  # the taps stay: they stand behind all that the log knows
            later[size.addresses :] = values[size.addresses :]
        _compare(log.header, values[: size.addresses] if arena is None else arena.block)
    with progress.bar("reading") as told:
        x = audio_files.read_stack(args.input, size.rate_hz, told)
        played = audio_files.read_stack(args.play, size.rate_hz) if args.play else x[:0, :0]
    tail = round(args.tail_s * size.rate_hz)
    padded = np.zeros((max(len(x), len(played)) + tail, size.columns), np.float32)
    padded[: len(x), : x.shape[1]] = x
    padded[: len(played), size.inputs : size.inputs + played.shape[1]] = played
    if arena is None:
        arena = render.start(model.size, values)
    tapped = np.zeros((len(padded), len(carried)), np.float32)
    into = [(size.outputs + 1 + n, tapped[:, n]) for n in range(len(carried))]  # outputs behind the physical ones
    with progress.bar("rendering") as told:
        y = render.run_log(arena, padded, log, args.period, progress=told, taps=into)[:, : size.outputs]
    with progress.bar("writing") as told:
        audio_files.write(output, y, size.rate_hz, told)
        for strip, file in taps:
            audio_files.write(file, tapped[:, [carried.index(side) for side in sides[strip]]], size.rate_hz)
    if args.save_state:
        render.save_state(Path(args.save_state), arena)
    peak = float(np.max(np.abs(y), initial=0.0))
    shown = f"{20.0 * math.log10(peak):.1f} dBFS" if peak > 0.0 else "silence"
    seconds = len(y) / size.rate_hz
    print(f"{files.name_of(output)}: {seconds:.2f} s, {y.shape[1]} channels, {size.rate_hz} Hz, peak {shown}.")
    return 0


def _check_files(args: argparse.Namespace, sounds: list[tuple[str, Path]], scene_file: Path) -> None:
    """Raises before anything is read: what is written is a WAV file, or the kept state, in a folder there is, none of
    what is read, and each a file of its own."""
    from firmware import files
    from firmware.errors import OutputError, UsageError

    for option, path in sounds:
        if path == Path() or path.suffix.lower() not in ("", ".wav", ".wave"):
            raise UsageError(f"{option} writes WAV only; give a name that ends in .wav.")
        if not path.absolute().parent.is_dir():
            raise OutputError(f"{files.name_of(path)} cannot be written: its folder does not exist.")
    writes = list(sounds)
    if args.save_state:
        files.check_writable(Path(args.save_state))
        writes.append(("--save-state", Path(args.save_state)))
    reads = [*(("--input", path) for path in args.input), *(("--play", path) for path in args.play)]
    reads += [("--events", args.events), ("--state", args.state), ("--desk", args.desk), ("--scene", scene_file)]
    for number, (option, target) in enumerate(writes):
        shown = files.name_of(target)
        for other, before in writes[:number]:
            if before.resolve() == target.resolve():
                raise UsageError(f"{other} and {option} would both be {shown}; give each a name of its own.")
        for reader, path in reads:
            with suppress(OSError, ValueError):  # what is not there is not overwritten
                if path and Path(path).samefile(target):
                    raise UsageError(f"{option} {shown} is the file that {reader} reads; give it another name.")


def _say(sentence: str) -> None:
    import sys

    print(f"pidesk: {sentence}", file=sys.stderr)


def _tap(text: str) -> tuple[str, Path]:
    from firmware.errors import UsageError

    strip, _, file = text.partition("=")
    if not strip or not file:
        raise UsageError(f'--tap "{text}" is not possible: a strip and a file are needed, bus.1=b1.wav.')
    return strip, Path(file)


def _compare(header: Header, start: NDArray[Any]) -> None:
    """Say where a log was made under other conditions: it is played all the same."""
    from firmware import event_log, render

    if header.state_hash and header.state_hash != event_log.state_hash(start):
        _say("The events began at another state of the desk than this scene's; the sound will differ from that run's.")
    if header.kernel and header.kernel != render.kernel_key():
        _say("The events were logged by another build or processor; the last bits may differ from that run's.")
