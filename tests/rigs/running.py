"""A real engine process on a simulated card, told what to do by a real desk: all of `pidesk run` but the person."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.card_config import SAMPLE_BYTES, CardConfig
from drivers.simulated.card import SimulatedCard, build, write_conf
from drivers.simulated.card import environment as card_environment
from dsp.ring import Event
from dsp.size import DeskSize
from firmware import paths
from firmware.desk_model import DeskModel
from firmware.desk_places import Pair, fitting
from firmware.live import Desk
from firmware.notes import Note
from firmware.params import STRIPS, Kind
from firmware.recorder import Recorder
from firmware.shared import Shared, Sizes
from firmware.status import State, Word
from firmware.supervisor import Supervisor

RATE_HZ = 48000
PATIENCE_S = 240.0  # for a first compile on a busy machine; nothing is judged by time


def noise(path: Path, frames: int, channels: int, seed: int = 1) -> NDArray[np.int32]:
    """A raw S32_LE file of bursts of noise, each channel at its own level; returns int32[frames, channels]."""
    rng = np.random.default_rng(seed)
    level = 0.3 * 2.0 ** -np.arange(channels, dtype=np.float64)[None, :]
    bursts = (np.arange(frames)[:, None] // 4800 + np.arange(channels)[None, :]) % 5 > 0
    sound = (rng.standard_normal((frames, channels)) * level * bursts).clip(-1, 1) * (2.0**31 - 1)
    made = sound.astype("<i4")
    path.write_bytes(made.tobytes())
    return made


def events_of_every_kind(model: DeskModel, count: int, frames: int, seed: int = 1) -> list[Event]:
    """`count` events or a few more spread over `frames`, the parameters in turn from a shuffled list: one of each name
    first, then all there are."""
    chance = random.Random(seed)
    every = [place for place in model.places.values() if place.address is not None]
    chance.shuffle(every)
    first = list({(place.kind in STRIPS, place.parameter.name): place for place in every}.values())
    places = [*first, *(place for place in every if place not in first)]
    stamps = sorted(chance.randrange(frames) for _ in range(count))
    events: list[Event] = []
    for n, at in enumerate(stamps):
        place = places[n % len(places)]
        value = fitting(place, place.parameter.type.at_position(chance.random()), model.size, model.stereo)
        if place.parameter.name == "source" and place.kind is Kind.CHANNEL:
            value = f"in.{chance.randint(1, model.size.inputs)}"
        events += model.to_events(place.path, value, chance.choice([0.0, 1.0, 20.0, 300.0]), at)
    return events


@dataclass
class Running:
    """A desk with its engine. `close` stops it; the recording stays."""

    folder: Path
    card: SimulatedCard
    desk: Desk
    closed: bool = False
    seen: list[Event] = field(default_factory=list)

    @property
    def shared(self) -> Shared:
        return self.desk.shared

    @property
    def recorder(self) -> Recorder:
        return self.desk.recorder

    @property
    def clock(self) -> int:
        return int(self.shared.status[Word.CLOCK])

    @property
    def state(self) -> State:
        return State(int(self.shared.status[Word.STATE]))

    def until(self, done: Callable[[], bool]) -> None:
        """Tick until `done`."""
        end = time.monotonic() + PATIENCE_S
        while not done():
            self.seen += self.desk.tick(0.005)
            assert time.monotonic() < end, f"nothing came of it: {self.desk.status()}"

    def until_clock(self, frames: int) -> None:
        self.until(lambda: self.clock >= frames)

    def close(self) -> bool:
        """Ramp out and stop; True if the engine ended by itself."""
        self.closed = True
        return self.desk.stop()

    def notes(self) -> list[Note]:
        """What the engine says it did, in order."""
        return [Note(int(event.value) % 1024) for event in self.recorder.log if event.address == -1]

    def played(self) -> bytes:
        assert self.card.outfile is not None
        return self.card.outfile.read_bytes()


@contextmanager
def running(
    folder: Path,
    *,
    channels: int = 8,
    inputs: int = 4,
    outputs: int = 2,
    period: int = 64,
    periods: int = 3,
    infile: Path | None = None,
    prepare: Callable[[DeskModel], None] | None = None,
    tap_bytes: int = 48 << 20,
    event_slots: int = 32768,
    config: CardConfig | None = None,
    wait_for_card: bool = False,
    environment: dict[str, str] | None = None,
    behind: tuple[int, ...] = (4, 2, 2),
    stereo: tuple[Pair, ...] = (),
    **card_keys: Any,
) -> Iterator[Running]:
    """A desk whose engine is starting; channels 1… hear inputs 1… with their faders at 0 dB.

    `config` and `environment`: another card than the simulated one. `behind`: buses, effects, matrices and, if wanted,
    playback channels.
    """
    library = build(paths.ensure(paths.cache_dir()))
    card = SimulatedCard(
        **{"speed": 0.0, "inputs": inputs, "outputs": outputs, "infile": infile, "outfile": folder / "out.raw"}
        | card_keys
    )
    asked = card.config(period, periods) if config is None else config
    size = DeskSize(channels, asked.inputs, asked.outputs, RATE_HZ, *behind)
    model = DeskModel(size, stereo)
    model.update({f"channel.{n}.fader_db": 0.0 for n in range(1, channels + 1)})
    if prepare is not None:
        prepare(model)
    shared = Shared.create(folder / "desk.shm", Sizes(size, event_slots=event_slots, tap_bytes=tap_bytes))
    settings = card_environment(write_conf(folder, [card], library)) if environment is None else environment
    supervisor = Supervisor(shared, asked, environment=settings, wait_for_card=wait_for_card, ends_with_parent=True)
    recorder = Recorder(shared, keep_sound=True, folder=folder)
    desk = Desk(shared, model, supervisor, recorder, folder / "control.sock")
    run = Running(folder, card, desk)
    desk.start()
    try:
        yield run
    finally:
        if not run.closed:
            run.close()
        recorder.forget()
        shared.unlink()


def to_raw(y: NDArray[np.float32], sample_format: str, seed: int = 1) -> bytes:
    """What the converter is given for y[frames, outputs]."""
    from dsp import convert

    raw = np.zeros(y.size * SAMPLE_BYTES[sample_format], np.uint8)
    convert.from_float(np.ascontiguousarray(y), raw, convert.FORMATS.index(sample_format), np.full(1, seed, np.int64))
    return raw.tobytes()


def offline(run: Running) -> NDArray[np.float32]:
    """The recorded input, state and log, played once more offline: float32[frames, outputs]."""
    from dsp import convert
    from firmware.replay import replay

    code = convert.FORMATS.index(run.desk.supervisor.card.playback_format)
    recorder = run.recorder
    out, _ = replay(run.shared.sizes.desk, recorder.lives, recorder.log, recorder.sound(), recorder.first_frame, code)
    return out


def live(run: Running) -> NDArray[np.float32]:
    """What the engine put out: float32[frames, outputs]."""
    return np.ascontiguousarray(run.recorder.sound()[:, run.shared.sizes.desk.columns :])
