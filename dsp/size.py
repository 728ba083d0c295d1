"""How large a desk is, and the addresses of its parameters that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from dsp import slots
from dsp.rows import DESK_SLOTS, LANES, MAX_CHANNELS, MAX_PLAYS, MAX_PORTS, OUTPUT_SLOTS, QUANTUM_FRAMES, STRIP_SLOTS
from dsp.slots import StripKind

MAX_DELAY_MS = 500
LR, MONO = 0, 2  # the lanes of main.lr's left and of main.mono among the mains


def _tiles(lanes: int) -> int:
    return -(-lanes // LANES)


@dataclass(frozen=True)
class DeskSize:
    """What a desk has of each kind.

    channels 1…64, inputs and outputs (physical) 1…32, rate_hz 8,000…192,000, buses 0…16, effects 0…8 (each with its
    return), matrices 0…8, plays (playback channels) 0…64. Raises ValueError outside these.
    """

    channels: int = 16
    inputs: int = 2
    outputs: int = 2
    rate_hz: int = 48000
    buses: int = 0
    effects: int = 0
    matrices: int = 0
    plays: int = 0

    def __post_init__(self) -> None:
        limits = (
            ("channels", self.channels, 1, MAX_CHANNELS),
            ("inputs", self.inputs, 1, MAX_PORTS),
            ("outputs", self.outputs, 1, MAX_PORTS),
            ("rate_hz", self.rate_hz, 8000, 192000),
            ("buses", self.buses, 0, slots.MAX_BUSES),
            ("effects", self.effects, 0, slots.MAX_EFFECTS),
            ("matrices", self.matrices, 0, slots.MAX_MATRICES),
            ("plays", self.plays, 0, MAX_PLAYS),
        )
        for name, number, low, high in limits:
            if not low <= number <= high:
                raise ValueError(f"{name} is {number}; a desk has {low} to {high}")

    @property
    def lanes_of(self) -> tuple[int, ...]:
        """How many lanes each `StripKind` has."""
        return self.channels, self.buses, 2 * self.effects, MONO + 1, self.matrices

    @property
    def tiles_of(self) -> tuple[int, ...]:
        """Tiles of eight lanes of each `StripKind`."""
        return tuple(_tiles(lanes) for lanes in self.lanes_of)

    @property
    def tiles(self) -> int:
        """Tiles of all kinds."""
        return sum(self.tiles_of)

    @property
    def lanes(self) -> int:
        """Lanes that the kernel computes, unused ones included."""
        return self.tiles * LANES

    @property
    def columns(self) -> int:
        """What the kernel is given a frame: the physical inputs, then the playback channels."""
        return self.inputs + self.plays

    @property
    def output_tiles(self) -> int:
        """Groups of eight outputs."""
        return _tiles(self.outputs)

    @property
    def addresses(self) -> int:
        """How many parameters the kernel knows."""
        return self.lanes * STRIP_SLOTS + DESK_SLOTS + self.outputs * OUTPUT_SLOTS

    @property
    def delay_frames(self) -> int:
        """Length of a delay line, a power of two."""
        longest = self.rate_hz * MAX_DELAY_MS // 1000 + 2 * QUANTUM_FRAMES
        return 1 << (longest - 1).bit_length()

    def first_lane(self, kind: StripKind) -> int:
        """The first lane of a kind."""
        return sum(self.tiles_of[:kind]) * LANES

    def lane(self, kind: StripKind, place: int) -> int:
        """The lane that is the `place`-th (from 0) of its kind. Raises IndexError when there is none."""
        if not 0 <= place < self.lanes_of[kind]:
            raise IndexError(f"there is no lane {place} among this desk's {kind.name.lower()} lanes")
        return self.first_lane(kind) + place

    def strip(self, kind: StripKind, place: int, name: str) -> int:
        """Address of a slot of the strip whose left or only lane is the `place`-th of its kind.

        Raises IndexError or KeyError when there is none.
        """
        return self.lane(kind, place) * STRIP_SLOTS + slots.STRIP_INDEX[name]

    def channel(self, number: int, name: str) -> int:
        """Address of a slot of channel `number` (from 1). Raises IndexError or KeyError when there is none."""
        return self.strip(StripKind.CHANNEL, number - 1, name)

    def bus(self, number: int, name: str) -> int:
        """Address of a slot of bus `number` (from 1)."""
        return self.strip(StripKind.BUS, number - 1, name)

    def main(self, name: str) -> int:
        """Address of a slot of `main.lr` (its right lane follows it)."""
        return self.strip(StripKind.MAIN, LR, name)

    def desk(self, name: str) -> int:
        """Address of a slot of the desk itself, `monitor.level_db` say."""
        return self.lanes * STRIP_SLOTS + slots.DESK_INDEX[name]

    def output(self, number: int, name: str) -> int:
        """Address of a slot of physical output `number` (from 1)."""
        if not 1 <= number <= self.outputs:
            raise IndexError(f"there is no output {number}")
        first = self.lanes * STRIP_SLOTS + DESK_SLOTS
        return first + (number - 1) * OUTPUT_SLOTS + slots.OUTPUT_INDEX[name]

    def is_linked_for_ever(self, lane: int) -> bool:
        """Whether a lane is a side of a strip that is stereo by nature: a return or `main.lr`."""
        first_return, first_main = self.first_lane(StripKind.RETURN), self.first_lane(StripKind.MAIN)
        is_return = first_return <= lane < first_return + self.lanes_of[StripKind.RETURN]
        return is_return or lane in (first_main, first_main + 1)
