"""The desk that a render runs on: as large as its sounds and its scene need, with an output for each strip that is
written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dsp.rows import MAX_CHANNELS, MAX_PLAYS, MAX_PORTS
from dsp.size import DeskSize
from firmware import audio_files
from firmware.desk_config import DeskConfig
from firmware.desk_model import DeskModel
from firmware.errors import AudioFileError, UsageError, did_you_mean
from firmware.params import STRIPS, Kind
from firmware.params.lookup import resolve
from firmware.scene import Scene


@dataclass(frozen=True)
class Wanted:
    """What a render asks for. `inputs` and `plays` are the channels of its sounds; None is as configured or needed."""

    inputs: int
    plays: int
    outputs: int
    channels: int | None = None
    rate_hz: int | None = None


def check_fits(wanted: Wanted, size: DeskSize) -> None:
    """Raises AudioFileError where a kept desk has not as many inputs or playback channels."""
    if wanted.inputs > size.inputs:
        raise AudioFileError(
            f"The inputs have {wanted.inputs} channels together; the kept desk has {size.inputs} inputs."
        )
    if wanted.plays > size.plays:
        raise AudioFileError(f"--play has {wanted.plays} channels together; the kept desk plays {size.plays}.")


def size_for(wanted: Wanted, desk: DeskConfig, scene: Scene) -> DeskSize:
    """The configured desk, with as many strips more as the scene names and the sounds need.

    Raises AudioFileError, UsageError.
    """
    audio_files.check_inputs(wanted.inputs)
    if wanted.plays > MAX_PLAYS:
        raise AudioFileError(
            f"--play has {wanted.plays} channels together; a desk has at most {MAX_PLAYS} playback channels."
        )
    named = dict.fromkeys(Kind, 0)
    for path in scene.values:
        found = resolve(path)
        named[found.kind] = max(named[found.kind], found.number)
    needed = min(MAX_CHANNELS, max(wanted.inputs + wanted.plays, named[Kind.CHANNEL]))
    try:
        return DeskSize(
            needed if wanted.channels is None else wanted.channels,
            wanted.inputs,
            wanted.outputs,
            desk.rate_hz if wanted.rate_hz is None else wanted.rate_hz,
            max(desk.buses, named[Kind.BUS]),
            max(desk.effects, named[Kind.RETURN], named[Kind.EFFECT]),
            max(desk.matrices, named[Kind.MATRIX]),
            wanted.plays,
        )
    except ValueError as error:
        raise UsageError(f"This desk is not possible: {error}.") from None


def sides_of(model: DeskModel, strip: str) -> list[str]:
    """What an output carries that takes a strip, or each side of a stereo one: "bus.1"; "return.1.l" and "return.1.r".

    Raises UsageError.
    """
    place = model.places.get(f"{strip}.name")
    if place is None or place.kind not in STRIPS:
        known = [path.removesuffix(".name") for path, one in model.places.items() if one.kind in STRIPS]
        raise UsageError(f"This desk has no strip {strip[:40]}.{did_you_mean(strip[:40], set(known))}")
    if place.kind is Kind.MAIN:
        return ["main.l", "main.r"]
    if place.kind is Kind.RETURN:
        return [f"{strip}.l", f"{strip}.r"]
    return [strip, f"{place.kind}.{place.number + 1}"] if place.is_stereo else [strip]


def with_outputs(model: DeskModel, carried: list[str]) -> DeskModel:
    """The same desk, at its defaults, with an output more for each strip's side in `carried`. Raises UsageError."""
    if not carried:
        return model
    first = model.size.outputs + 1
    try:
        size = replace(model.size, outputs=model.size.outputs + len(carried))
    except ValueError:
        raise UsageError(
            f"--tap: {len(carried)} sides beside {model.size.outputs} outputs are too many: {MAX_PORTS} fit."
        ) from None
    more = {f"output.{first + n}.source": side for n, side in enumerate(carried)}
    return DeskModel(size, model.stereo, model.defaults | more)
