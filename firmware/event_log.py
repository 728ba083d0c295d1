"""What was done to the desk and when, as JSON Lines: automation to be read, and the log of a run to be kept.

The first line is the header: `{"format": 1, "rate_hz": 48000, "desk": {"channels": 16, "inputs": 2, "outputs": 2},
"state_hash": "…", "kernel": "…", "cpu": "…"}`; only `format` and `rate_hz` must be there. Each further line is one of

    {"at": 4800, "set": "channel.1.fader_db", "to": -5.0, "over_ms": 20}     a parameter; `over_ms` may be left out
    {"at": 4800, "note": "output held at zero", "code": 11, "count": 960}    what the engine did by itself
    {"at": 4800, "address": 812, "value": 0.5, "over_frames": 960}           a kernel address that is no parameter

`at` is a sample. −inf is the string "-inf", inf "inf". `code` and `count` (firmware.notes) may be left out of a note
that changes no sound. These do: a silence; an engine that starts, its gain at −inf; one that takes the place of
another, whose `"state": {"channel.1.fader_db": -5.0, …}` is what it begins with where that is not the default.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from dsp.ring import NOTE_ADDRESS, Event
from dsp.size import DeskSize
from firmware import files
from firmware.desk_model import DeskModel
from firmware.desk_places import refusal
from firmware.errors import FileError, ParameterError, Problem
from firmware.notes import STRIP_STEP, TEXT, Note

FORMAT = 1
LIMIT_BYTES = 500_000_000
MAX_PROBLEMS = 50
MAX_AT = 1 << 52
MAX_OVER_MS = 1e9  # eleven days

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Header:
    """What a log belongs to; empty where it does not say."""

    rate_hz: int
    desk: dict[str, int] = field(default_factory=dict)
    state_hash: str = ""
    kernel: str = ""
    cpu: str = ""

    @classmethod
    def of(cls, size: DeskSize, values: NDArray[np.float64] | None = None, kernel: str = "", cpu: str = "") -> Header:
        """The header of a desk that starts with these values (`DeskModel.kernel_values`)."""
        desk = {name: count for name, count in asdict(size).items() if name != "rate_hz"}
        return cls(size.rate_hz, desk, "" if values is None else state_hash(values), kernel, cpu)

    def line(self) -> str:
        """The first line of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)})


@dataclass(frozen=True)
class EventLog:
    """A whole log: events ordered by their sample (those of one sample as written), notes as (sample, text), and the
    stretches (first, end) in samples for which the engine held its output at zero.

    `from_silence`: it is the log of an engine, which began with its gain at −inf. `restarts`: the samples at which
    another engine took its place, each with the values it began with (as `DeskModel.kernel_values`)."""

    header: Header
    events: list[Event]
    notes: list[tuple[int, str]]
    silences: list[tuple[int, int]]
    from_silence: bool = False
    restarts: list[tuple[int, Values]] = field(default_factory=list)


def state_hash(block: NDArray[Any]) -> str:
    """Sixteen hex digits that tell starting states apart: of the values, or of an arena's block."""
    import hashlib  # 3 MB, for what a desk that runs does not do

    return hashlib.sha256(np.ascontiguousarray(block).tobytes()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """A value of a line as the desk takes it: the strings "-inf" and "inf" become numbers."""
    return {"-inf": -math.inf, "inf": math.inf, "nan": math.nan}.get(value, value) if isinstance(value, str) else value


def over_ms(frames: int, rate_hz: int) -> float:
    """Milliseconds that `frames_of` turns into exactly `frames` again: rounded down to the nanosecond."""
    return math.floor(frames * 1e9 / rate_hz) / 1e6


def frames_of(milliseconds: float, rate_hz: int) -> int:
    """Whole frames of a glide; a millionth of a frame is a rounding error, not one more frame."""
    return math.ceil(milliseconds * rate_hz / 1000.0 - 1e-4)


def note_text(code: int) -> str:
    """What the engine did by itself (an entry with address −1), in words."""
    lane, number = divmod(code, STRIP_STEP)
    try:
        note = Note(number)
    except ValueError:
        return f"note {number}"
    return TEXT[note] + (f" (lane {lane})" if note is Note.BAD_NUMBER else "")


def line_of(model: DeskModel, event: Event) -> str:
    """One entry of the engine's log as a line. Reading it gives back the same event, to the last bit."""
    if event.address == NOTE_ADDRESS:
        code = int(event.value)
        note = {"at": event.at, "note": note_text(code), "code": code, "count": event.over_frames}
        return json.dumps(note, ensure_ascii=False)
    path, value = _parameter(model, event)
    if path is None:
        raw = {"at": event.at, "address": event.address, "value": _plain(event.value), "over_frames": event.over_frames}
        return json.dumps(raw)
    entry = {
        "at": event.at,
        "set": path,
        "to": _plain(value),
        "over_ms": over_ms(event.over_frames, model.size.rate_hz),
    }
    return json.dumps(entry)


def _parameter(model: DeskModel, event: Event) -> tuple[str | None, Any]:
    """Path and value of an event; no path where the parameter's own value would not be this very number again."""
    hidden = _engine_path(model.size, event.address)
    if hidden:
        return hidden, event.value
    try:
        found = model.from_event(event)
    except (OverflowError, ValueError):  # an infinite or missing number where a choice belongs: the kernel ignored it
        found = None
    if found is None:
        return None, None
    path, value = found
    if refusal(model.places[path], value, model.size, model.stereo):
        return None, None
    same = model.places[path].parameter.type.to_kernel(value)
    return (path, value) if np.float64(same).tobytes() == np.float64(event.value).tobytes() else (None, None)


def _engine_path(size: DeskSize, address: int) -> str:
    """The name of what only the engine moves, "" for all else."""
    for name in slots.DESK_INDEX:
        if name.startswith("engine.") and size.desk(name) == address:
            return name
    return ""


def lines(
    header: Header, model: DeskModel, log: Iterable[Event], lives: Mapping[int, Values] | None = None
) -> Iterator[str]:
    """The lines of a log file, header first, without line ends. `lives`: what the engine of each life began with."""
    known = lives or {}
    yield header.line()
    for event in log:
        line = line_of(model, event)
        if event.address == NOTE_ADDRESS and event.value == Note.RESTART and event.over_frames in known:
            line = f'{line[:-1]}, "state": {json.dumps(_state(model, known[event.over_frames]))}}}'
        yield line


def _state(model: DeskModel, values: Values) -> dict[str, Any]:
    """What of `values` is not at the defaults of the desk, by path, or by address where there is no path for it."""
    resting = DeskModel(model.size).kernel_values()
    told = {}
    for address in map(int, np.flatnonzero(values.view(np.int64) != resting.view(np.int64))):
        number = float(values[address])
        path, value = _parameter(model, Event(0, address, number, 0))
        told[str(address) if path is None else path] = _plain(number if path is None else value)
    return told


def write(
    path: Path, header: Header, model: DeskModel, log: Iterable[Event], lives: Mapping[int, Values] | None = None
) -> None:
    """Write a log whole or not at all. `log` is as `dsp.ring.read` gives it, `lives` as for `lines`.

    Raises OutputError."""
    text = "\n".join(lines(header, model, log, lives)) + "\n"
    files.write(path, text.encode(), keep_previous=False)


def read(path: Path, model: DeskModel) -> EventLog:
    """Read a log for the desk of `model`. Raises FileError with every bad line (the first 50)."""
    shown = files.name_of(path)
    content = files.read_bytes(path, FileError, LIMIT_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(Problem(shown, line, "this is not UTF-8 text.")) from None
    return parse(text.split("\n"), model, shown)


def parse(rows: Sequence[str], model: DeskModel, name: str = "events") -> EventLog:
    """As `read`, from lines; `name` is what messages call the file. Raises FileError."""
    if not any(row.strip() for row in rows):
        raise FileError(Problem(name, None, 'is empty; its first line must be {"format": 1, "rate_hz": 48000}.'))
    header = _header(rows[0], model.size, name)
    events: list[Event] = []
    notes: list[tuple[int, str]] = []
    silences: list[tuple[int, int]] = []
    from_silence = False
    restarts: list[tuple[int, Values]] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows[1:], 2):
        if not row.strip():
            continue
        try:
            entry = _object(row)
            at = _whole(entry, "at", MAX_AT)
            if "note" in entry:
                notes.append((at, str(entry["note"])))
                code = entry.get("code")
                from_silence = from_silence or code in (Note.START, Note.RESTART)
                if code == Note.SILENCE:
                    silences.append((at, at + _whole(entry, "count", MAX_AT)))
                elif code == Note.RESTART:
                    restarts.append((at, _state_values(entry, at, model)))
                    # What the engine before had logged of a block that it did not live to play was never heard.
                    events = [event for event in events if event.at < at]
                    silences = [(first, min(end, at)) for first, end in silences]
            else:
                events.extend(_event(entry, at, model))
        except (ValueError, ParameterError) as error:
            problems.append(Problem(name, number, str(error)))
            if len(problems) == MAX_PROBLEMS:
                problems.append(Problem(name, number, "and perhaps more: only the first 50 are told."))
                break
    if problems:
        raise FileError(problems)
    events.sort(key=lambda event: event.at)  # stable: an engine's own log is in order already
    return EventLog(header, events, notes, silences, from_silence, restarts)


def _object(row: str) -> dict[str, Any]:
    try:
        entry = json.loads(row)
    except (ValueError, RecursionError):
        raise ValueError("this is not a line of JSON.") from None
    if not isinstance(entry, dict):
        raise ValueError("this is not a JSON object in braces.")  # noqa: TRY004  what is wrong is the file
    return entry


def _whole(entry: dict[str, Any], key: str, most: int) -> int:
    value = entry.get(key)
    if value is None:
        raise ValueError(f'there is no "{key}".')
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f'"{key}" must be a whole number of at least 0.')
    return value


def _event(entry: dict[str, Any], at: int, model: DeskModel) -> list[Event]:
    if "address" in entry:
        value = _number(entry.get("value"))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError('"value" must be a number.')
        address = _whole(entry, "address", model.size.addresses - 1)
        return [Event(at, address, float(value), _whole(entry, "over_frames", MAX_AT))]
    path = entry.get("set")
    if not isinstance(path, str) or "to" not in entry:
        raise ValueError('"set" (a path) and "to" (its value) are needed, or "note".')
    if unknown := entry.keys() - {"at", "set", "to", "over_ms"}:
        raise ValueError(f'"{min(unknown)[:40]}" is not known here: at, set, to and over_ms are.')
    glide_ms = _number(entry.get("over_ms"))
    if glide_ms is not None and (
        isinstance(glide_ms, bool) or not isinstance(glide_ms, int | float) or not 0 <= glide_ms <= MAX_OVER_MS
    ):
        raise ValueError('"over_ms" must be a number of at least 0.')
    value = _number(entry["to"])
    if path.startswith("engine.") and path in slots.DESK_INDEX:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError('"to" must be a number.')
        found = [Event(at, model.size.desk(path), float(value), 0)]
    else:
        found = model.to_events(path, value, None, at)
    if glide_ms is None:
        return found
    frames = frames_of(glide_ms, model.size.rate_hz)
    return [event._replace(over_frames=frames) for event in found]


def _state_values(entry: dict[str, Any], at: int, model: DeskModel) -> Values:
    """What an engine that was started anew began with."""
    state = entry.get("state")
    if not isinstance(state, dict):
        raise ValueError('"state" is missing: what the engine began with.')  # noqa: TRY004  what is wrong is the file
    values = DeskModel(model.size).kernel_values()
    for key, value in state.items():
        by_address = {"address": int(key), "value": value, "over_frames": 0} if key.isdecimal() else {}
        for event in _event(by_address or {"set": key, "to": value}, at, model):
            values[event.address] = event.value
    return values


def _header(row: str, size: DeskSize, name: str) -> Header:
    try:
        entry = _object(row)
        _check_header(entry, size)
    except ValueError as error:
        raise FileError(Problem(name, 1, str(error))) from None
    texts = {key: str(entry.get(key, "")) for key in ("state_hash", "kernel", "cpu")}
    return Header(size.rate_hz, {str(key): value for key, value in entry.get("desk", {}).items()}, **texts)


def _check_header(entry: dict[str, Any], size: DeskSize) -> None:
    version, rate_hz = entry.get("format"), entry.get("rate_hz")
    if version is None:
        raise ValueError('the first line must say {"format": 1, "rate_hz": …}.')
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f'"format" must be {FORMAT}.')
    if version > FORMAT:
        raise ValueError(f"this log is of format {version}, this Pidesk knows {FORMAT}; update Pidesk.")
    if rate_hz != size.rate_hz:
        raise ValueError(f"these events are timed for {str(rate_hz)[:20]} Hz, the desk runs at {size.rate_hz} Hz.")
    if not isinstance(entry.get("desk", {}), dict):
        raise ValueError('"desk" must be an object: {"channels": 16, "inputs": 2, "outputs": 2}.')  # noqa: TRY004
