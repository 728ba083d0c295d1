"""The proof: what the engine heard and was told, played once more offline, compared bit for bit with what it put out.

Runs in a process of its own (`in_child`), because it needs the compiled desk and the surface does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.card_config import SAMPLE_BYTES
from dsp import ring
from dsp.arena import Arena
from dsp.ring import NOTE_ADDRESS, Event
from dsp.rows import HEAD_CLOCK
from dsp.size import DeskSize
from firmware.errors import EngineDied
from firmware.notes import STRIP_STEP, Note
from firmware.recorder import Life, Recorder
from firmware.status import Word

CHUNK_FRAMES = 4096


@dataclass(frozen=True)
class Comparison:
    """`equal`: the float output is the same to the last bit. `converted_equal`: so is what the card was given in the
    last life; None when that was cut short and left no sum. `first_difference`: a sample, −1 for none."""

    equal: bool
    converted_equal: bool | None
    frames: int
    events: int
    first_difference: int
    reason: str = ""


def silences(log: Sequence[Event]) -> list[tuple[int, int]]:
    """(first, end) samples between which the engine held its output at zero."""
    return [
        (entry.at, entry.at + entry.over_frames)
        for entry in log
        if entry.address == NOTE_ADDRESS and int(entry.value) % STRIP_STEP == Note.SILENCE
    ]


def replay(
    size: DeskSize,
    lives: Sequence[Life],
    log: Sequence[Event],
    sound: NDArray[np.float32],
    first_frame: int,
    playback_format: int,
) -> tuple[NDArray[np.float32], int]:
    """The output the desk makes of the tapped input, float32[frames, outputs]; the fold over its last life, converted.

    `log` starts with entry 0 of the first life's `log_index`; `sound` at sample `first_frame`. Silences are held.
    """
    from dsp import convert, desk
    from firmware import publish

    out = np.zeros((len(sound), size.outputs), np.float32)
    arena, folded = Arena(size), 0
    gain = size.desk("engine.gain_db")
    sample_bytes = SAMPLE_BYTES[convert.FORMATS[playback_format]]
    for number, life in enumerate(lives):
        last = number + 1 == len(lives)
        end = first_frame + len(sound) if last else lives[number + 1].clock
        first_entry = lives[0].log_index
        entries = log[life.log_index - first_entry : None if last else lives[number + 1].log_index - first_entry]
        told = [entry for entry in entries if entry.address not in (NOTE_ADDRESS, gain) and entry.at < end]
        own = [entry for entry in entries if entry.address == gain and entry.at < end]
        slots = 1 << max(len(told).bit_length(), 4)
        queue, scratch = ring.empty(slots), ring.empty(slots)
        ring.write(queue, told, 0)
        desk.reset(arena, life.values)
        arena.i64[HEAD_CLOCK] = life.clock
        held = silences(entries)
        dither, folded = np.full(1, convert.DITHER_SEED, np.int64), 0
        cuts = sorted({*range(life.clock, end, CHUNK_FRAMES), *(entry.at for entry in own)})
        for at, until in pairwise([*cuts, end]):
            while own and own[0].at == at:
                mine = own.pop(0)
                desk.inject(arena, scratch, mine.address, mine.value, mine.over_frames)
            x = np.ascontiguousarray(sound[at - first_frame : until - first_frame, : size.columns])
            y = out[at - first_frame : until - first_frame]
            desk.process(x, y, arena.f32, arena.f64, arena.i64, queue, scratch)
            for silent_from, silent_to in held:
                y[max(silent_from - at, 0) : max(silent_to - at, 0)] = 0.0
            raw = np.zeros(sample_bytes * size.outputs * (until - at), np.uint8)
            convert.from_float(y, raw, playback_format, dither)
            folded = publish.fold(raw.view(np.int64), folded)
    return out, folded


def compare(parts: dict[str, Any], sound: NDArray[np.float32]) -> Comparison:
    """Replay and compare; `parts` as `describe` makes them."""
    size = DeskSize(**parts["size"])
    lives = [Life(n, c, i, np.array(v, np.int64).view(np.float64)) for n, c, i, v in parts["lives"]]
    log = [Event(*entry) for entry in parts["log"]]
    out, folded = replay(size, lives, log, sound, parts["first_frame"], parts["playback_format"])
    wrong = (out.view(np.int32) != np.ascontiguousarray(sound[:, size.columns :]).view(np.int32)).any(axis=1)
    first = int(np.argmax(wrong)) if wrong.any() else -1
    converted = folded == parts["raw_hash"] if parts["whole"] else None
    return Comparison(first < 0, converted, len(sound), len(log), first + parts["first_frame"] if first >= 0 else -1)


def through_scene(parts: dict[str, Any], sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The tapped input through the desk standing still at `parts["flat_values"]`, float32[frames, outputs]."""
    size = DeskSize(**parts["size"])
    life = Life(1, parts["first_frame"], 0, np.array(parts["flat_values"], np.int64).view(np.float64))
    return replay(size, [life], [], sound, parts["first_frame"], parts["playback_format"])[0]


def describe(
    recorder: Recorder, *, whole: bool = True, flat_values: NDArray[np.float64] | None = None
) -> dict[str, Any]:
    """All but the sound that a comparison needs, in plain values. `whole`: the last life ended by itself."""
    end = recorder.first_frame + recorder.frames  # a full disk may have ended the recording before the last life began
    lives = [life for life in recorder.lives if life.clock <= end]
    return {
        "size": asdict(recorder.shared.sizes.desk),
        "lives": [(a.number, a.clock, a.log_index, a.values.view(np.int64).tolist()) for a in lives],
        "log": [tuple(event) for event in recorder.log],
        "first_frame": recorder.first_frame,
        "frames": recorder.frames,
        "playback_format": int(recorder.shared.status[Word.FORMAT_OUT]),
        "raw_hash": recorder.raw_hash,
        "whole": whole and recorder.error is None,
        "flat_values": None if flat_values is None else flat_values.view(np.int64).tolist(),
    }


def in_child(
    recorder: Recorder,
    *,
    whole: bool = True,
    flat_values: NDArray[np.float64] | None = None,
    folder: Path | None = None,
    timeout_s: float = 600.0,
) -> tuple[Comparison, NDArray[np.float32] | None]:
    """Compare what `recorder` (closed) holds in a process of its own; the last life ended by itself if `whole`.

    With `flat_values` also the same input through the desk as it stands there, float32[frames, outputs]. Its nameless
    files lie in `folder` (default: the system's). Raises EngineDied when that process fails, OSError when there is no
    room for them.
    """
    lost = recorder.lost_frames or recorder.lost_entries
    size = recorder.shared.sizes.desk
    if not recorder.lives or not recorder.frames:
        return Comparison(False, None, 0, len(recorder.log), -1, "nothing was recorded"), None
    parts = describe(recorder, whole=whole, flat_values=flat_values) | {"compare": not lost}
    with tempfile.TemporaryFile("w+", dir=folder) as description, tempfile.TemporaryFile(dir=folder) as flat:
        json.dump(parts, description)
        description.flush()
        handles = (description.fileno(), recorder.file, flat.fileno())
        done = subprocess.run(
            [sys.executable, "-m", "firmware.replay", *map(str, handles)], pass_fds=handles, capture_output=True,
            text=True, check=False, timeout=timeout_s, cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise EngineDied(f"The offline comparison failed: {last}")
        flat.seek(0)
        rendered = None if flat_values is None else np.fromfile(flat, np.float32).reshape(-1, size.outputs)
    if lost:
        return Comparison(False, None, recorder.frames, len(recorder.log), -1, "the recording has gaps"), rendered
    return Comparison(**json.loads(done.stdout)), rendered


def main(argv: list[str]) -> int:
    """`python -m firmware.replay DESCRIPTION-FD SOUND-FD FLAT-FD`: prints the comparison as JSON."""
    description, heard, flat = map(int, argv)
    with os.fdopen(description) as file:
        file.seek(0)
        parts = json.load(file)
    size = DeskSize(**parts["size"])
    width = size.columns + size.outputs
    with os.fdopen(heard, "rb") as file:
        sound = np.memmap(file, np.float32, "r", shape=(parts["frames"], width))
    if parts["compare"]:
        print(json.dumps(asdict(compare(parts, sound))))
    if parts["flat_values"] is not None:
        with os.fdopen(flat, "wb") as file:
            through_scene(parts, sound).tofile(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
