"""What a desk of a given size is set to: every parameter by its path, checked, and as the kernel takes it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from dsp.arena import DeskSize
from dsp.ring import Event
from dsp.rows import DESK_SLOTS, OUTPUT_SLOTS, STRIP_SLOTS
from firmware.errors import ParameterError, did_you_mean
from firmware.params import (
    HIDDEN,
    PARAMETERS,
    PREFIX,
    STRIP,
    Kind,
    Parameter,
    Patch,
    Scope,
    Value,
    quoted,
)


@dataclass(frozen=True)
class Place:
    """One parameter of one strip, output or of the desk. `address` is the kernel's; None for what it does not know."""

    path: str
    parameter: Parameter
    kind: Kind
    number: int
    address: int | None

    @property
    def scope(self) -> Scope:
        """Whether a scene moves it."""
        return self.parameter.scope(self.kind)


def count_of(kind: Kind, size: DeskSize) -> int:
    """How many strips or outputs of a kind a desk has."""
    return {Kind.CHANNEL: size.channels, Kind.OUTPUT: size.outputs}.get(kind, 1)


def path_of(kind: Kind, number: int, name: str) -> str:
    """The path of a parameter: `channel.3.fader_db`."""
    return PREFIX[kind].replace("N", str(number)) + name


def _address(size: DeskSize, parameter: Parameter, kind: Kind, number: int) -> int | None:
    if not parameter.slot:
        return None
    if kind is Kind.CHANNEL:
        return size.channel(number, parameter.name)
    if kind is Kind.MAIN:
        return size.main(parameter.name)
    if kind is Kind.OUTPUT:
        return size.output(number, parameter.name)
    return size.desk(parameter.name)


def places(size: DeskSize) -> Iterator[Place]:
    """Every parameter of a desk, in its order on the desk: channel by channel, mains, monitor, outputs."""
    for kind in Kind:
        mine = [parameter for parameter in PARAMETERS if kind in parameter.kinds]
        for number in range(1, count_of(kind, size) + 1):
            for parameter in mine:
                path = path_of(kind, number, parameter.name)
                yield Place(path, parameter, kind, number, _address(size, parameter, kind, number))


def fits(parameter: Parameter, value: Value, size: DeskSize) -> bool:
    """Whether a desk of this size has what the value names: an input may be missing."""
    is_input = isinstance(parameter.type, Patch) and value != "none"
    return not is_input or int(str(value).removeprefix("in.")) <= size.inputs


class DeskModel:
    """The values of all parameters of a desk. Starts at the defaults."""

    def __init__(self, size: DeskSize) -> None:
        self.size = size
        self.places: dict[str, Place] = {place.path: place for place in places(size)}
        self.defaults: dict[str, Value] = {path: self._default(place) for path, place in self.places.items()}
        self.values: dict[str, Value] = dict(self.defaults)

    def _default(self, place: Place) -> Value:
        value = place.parameter.default(place.kind, place.number)
        return value if fits(place.parameter, value, self.size) else "none"

    def place(self, path: str) -> Place:
        """What stands at a path. Raises ParameterError with the nearest path there is."""
        found = self.places.get(path)
        if found is None:
            raise ParameterError(f"This desk has no {path[:80]}.{did_you_mean(path[:80], self.places)}")
        return found

    def get(self, path: str) -> Value:
        """The value at a path. Raises ParameterError."""
        return self.values[self.place(path).path]

    def check(self, path: str, value: object) -> Value:
        """The value as the parameter takes it. Raises ParameterError when there is no such path or it cannot."""
        place = self.place(path)
        try:
            checked = place.parameter.type.check(value)
        except ValueError as error:
            raise ParameterError(f"{path} = {quoted(value)} {error}.") from None
        if not fits(place.parameter, checked, self.size):
            raise ParameterError(f"{path} = {quoted(value)} is not possible: this desk has {self.size.inputs} inputs.")
        return checked

    def set(self, path: str, value: object) -> Value:
        """Check a value, keep it and return it as kept. Raises ParameterError."""
        checked = self.check(path, value)
        self.values[path] = checked
        return checked

    def update(self, values: Mapping[str, object] | Iterable[tuple[str, object]]) -> None:
        """Set many; all of them or, if one is wrong, none. Raises ParameterError that names every wrong one."""
        pairs = values.items() if isinstance(values, Mapping) else values
        checked: dict[str, Value] = {}
        wrong = []
        for path, value in pairs:
            try:
                checked[path] = self.check(path, value)
            except ParameterError as error:
                wrong.append(str(error))
        if wrong:
            raise ParameterError("\n".join(wrong))
        self.values.update(checked)

    def differences(self) -> dict[str, Value]:
        """What is not at its default, in the order of the desk."""
        return {path: value for path, value in self.values.items() if value != self.defaults[path]}

    def to_events(self, path: str, value: object, over_ms: float | None = None, at: int = 0) -> list[Event]:
        """The events that take the kernel's parameter to `value` from sample `at` on, over the parameter's own glide or
        `over_ms`; none for what the kernel does not know. The model itself is left as it is. Raises ParameterError."""
        place = self.place(path)
        checked = self.check(path, value)
        if place.address is None:
            return []
        glide_ms = place.parameter.glide_ms if over_ms is None else over_ms
        if not 0.0 <= glide_ms < math.inf:
            raise ParameterError(f"{path}: a glide over {glide_ms} ms is not possible.")
        frames = math.ceil(glide_ms * self.size.rate_hz / 1000.0)
        return [Event(at, place.address, place.parameter.type.to_kernel(checked), frames)]

    @cached_property
    def by_address(self) -> dict[int, Place]:
        """The place of each address of the kernel that stands for a parameter."""
        return {place.address: place for place in self.places.values() if place.address is not None}

    def from_event(self, event: Event) -> tuple[str, Value] | None:
        """Path and value an event (or an entry of the log) is about; None where it is about no parameter."""
        place = self.by_address.get(event.address)
        if place is None:
            return None
        return place.path, place.parameter.type.from_kernel(event.value)

    def kernel_values(self) -> NDArray[np.float64]:
        """float64[size.addresses] in natural units, as `dsp.desk.reset` takes it. Strips that fill up a tile are at
        their defaults with no source and the fader down."""
        values = self._resting.copy()
        for path, value in self.values.items():
            place = self.places[path]
            if place.address is not None:
                values[place.address] = place.parameter.type.to_kernel(value)
        main = self.size.main_lane * STRIP_SLOTS
        values[main + STRIP_SLOTS : main + 2 * STRIP_SLOTS] = values[main : main + STRIP_SLOTS]  # left and right alike
        return values

    @cached_property
    def _resting(self) -> NDArray[np.float64]:
        strip = np.zeros(STRIP_SLOTS)
        for parameter in STRIP:
            if parameter.slot:
                value = parameter.default(parameter.kinds[0])
                strip[slots.STRIP_INDEX[parameter.name]] = parameter.type.to_kernel(value)
        for name, number in (("source", -1.0), ("fader_db", -math.inf), ("to_main", 0.0)):
            strip[slots.STRIP_INDEX[name]] = number
        desk = np.zeros(DESK_SLOTS)
        for name, number in HIDDEN.items():
            desk[slots.DESK_INDEX[name]] = number
        return np.concatenate((np.tile(strip, self.size.lanes), desk, np.zeros(self.size.outputs * OUTPUT_SLOTS)))
