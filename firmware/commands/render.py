"""`pidesk render`: sound files through a scene, offline."""

from __future__ import annotations

import argparse
import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dsp.arena import Arena, DeskSize
    from firmware.event_log import Header
    from firmware.scene import Scene

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
    parser.add_argument("--output", required=True, metavar="FILE", help="the WAV file to write")
    parser.add_argument("--events", metavar="FILE", help=EVENTS)
    parser.add_argument("--state", metavar="FILE", help="start from a kept state of the desk, not from the scene")
    parser.add_argument("--save-state", metavar="FILE", help="keep the desk as it stands at the end, for --state")
    parser.add_argument("--outputs", type=int, default=2, metavar="N", help="physical outputs (default 2: mains)")
    parser.add_argument("--channels", type=int, metavar="N", help="strips (default: what scene and inputs need)")
    parser.add_argument("--rate", type=int, default=48000, metavar="HZ", help="the desk's sample rate (default 48000)")
    parser.add_argument(
        "--period", type=int, default=64, metavar="FRAMES", help="a multiple of 32; not heard (default 64)"
    )
    parser.add_argument("--tail-s", type=float, default=1.0, metavar="S", help="silence sent after the end (default 1)")


def run(args: argparse.Namespace) -> int:
    """Render."""
    import numpy as np

    from firmware import audio_files, event_log, files, progress, render, scene
    from firmware.desk_model import DeskModel
    from firmware.errors import UsageError

    if not 0.0 <= args.tail_s <= 3600.0:
        raise UsageError("--tail-s must be from 0 to 3600 seconds.")
    if args.period < 32 or args.period % 32:
        raise UsageError(f"--period: {args.period} is not a multiple of 32.")
    output, found = Path(args.output), scene.find(args.scene)
    _check_output(args, output, found)
    loaded = scene.load(found)
    infos = [audio_files.probe(path) for path in args.input]
    arena = render.load_state(Path(args.state)) if args.state else None
    size = _size(args, loaded, sum(info.channels for info in infos), arena)
    model = DeskModel(size)
    for sentence in scene.apply(model, loaded):
        _say(sentence)
    values = model.kernel_values()
    log = event_log.EventLog(event_log.Header(size.rate_hz), [], [], [])
    if args.events:
        log = event_log.read(Path(args.events), model)
        if log.from_silence:
            values[size.desk("engine.gain_db")] = -math.inf
        _compare(log.header, values if arena is None else arena.block)
    with progress.bar("reading") as told:
        x = audio_files.read_stack(args.input, size.rate_hz, told)
    tail = round(args.tail_s * size.rate_hz)
    padded = np.zeros((len(x) + tail, size.inputs), np.float32)
    padded[: len(x), : x.shape[1]] = x
    if arena is None:
        arena = render.start(size, values)
    with progress.bar("rendering") as told:
        y = render.run_log(arena, padded, log, args.period, progress=told)
    with progress.bar("writing") as told:
        audio_files.write(output, y, size.rate_hz, told)
    if args.save_state:
        render.save_state(Path(args.save_state), arena)
    peak = float(np.max(np.abs(y), initial=0.0))
    shown = f"{20.0 * math.log10(peak):.1f} dBFS" if peak > 0.0 else "silence"
    seconds = len(y) / size.rate_hz
    print(f"{files.name_of(output)}: {seconds:.2f} s, {size.outputs} channels, {size.rate_hz} Hz, peak {shown}.")
    return 0


def _check_output(args: argparse.Namespace, output: Path, scene_file: Path) -> None:
    """Raises before anything is read: the output is a WAV file in a folder there is, what is written is none of what is
    read, and each is a file of its own."""
    from firmware import files
    from firmware.errors import OutputError, UsageError

    if not args.output or output.suffix.lower() not in ("", ".wav", ".wave"):
        raise UsageError("--output writes WAV only; give a name that ends in .wav.")
    if not output.absolute().parent.is_dir():
        raise OutputError(f"{files.name_of(output)} cannot be written: its folder does not exist.")
    reads = [("--input", path) for path in args.input]
    reads += [("--events", args.events), ("--state", args.state), ("--scene", scene_file)]
    writes = [("--output", output)]
    if args.save_state:
        kept = Path(args.save_state)
        files.check_writable(kept)
        if kept.resolve() == output.resolve():
            raise UsageError(f"--output and --save-state would both be {files.name_of(kept)}; give one another name.")
        writes.append(("--save-state", kept))
    for wrote, target in writes:
        for option, path in reads:
            with suppress(OSError, ValueError):  # what is not there is not overwritten
                if path and Path(path).samefile(target):
                    shown = files.name_of(target)
                    raise UsageError(f"{wrote} {shown} is the file that {option} reads; give it another name.")


def _say(sentence: str) -> None:
    import sys

    print(f"pidesk: {sentence}", file=sys.stderr)


def _size(args: argparse.Namespace, loaded: Scene, inputs: int, arena: Arena | None) -> DeskSize:
    from dsp.arena import MAX_CHANNELS, DeskSize
    from firmware import audio_files
    from firmware.errors import AudioFileError, UsageError

    audio_files.check_inputs(inputs)
    if arena is not None:
        if inputs > arena.size.inputs:
            raise AudioFileError(
                f"The inputs have {inputs} channels together; the kept desk has {arena.size.inputs} inputs."
            )
        return arena.size
    named = [int(path.split(".")[1]) for path in loaded.values if path.startswith("channel.")]
    channels = min(MAX_CHANNELS, max([inputs, *named])) if args.channels is None else args.channels
    try:
        return DeskSize(channels, inputs, args.outputs, args.rate)
    except ValueError as error:
        raise UsageError(f"This desk is not possible: {error}.") from None


def _compare(header: Header, start: NDArray[Any]) -> None:
    """Say where a log was made under other conditions: it is played all the same."""
    from firmware import event_log, render

    if header.state_hash and header.state_hash != event_log.state_hash(start):
        _say("The events began at another state of the desk than this scene's; the sound will differ from that run's.")
    if header.kernel and header.kernel != render.kernel_key():
        _say("The events were logged by another build or processor; the last bits may differ from that run's.")
