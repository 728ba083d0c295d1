"""What a desk of a given size is set to: every parameter by its path, checked, and as the kernel takes it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dsp import slots
from dsp.ring import Event
from dsp.rows import DESK_SLOTS, OUTPUT_SLOTS, STRIP_SLOTS
from dsp.size import DeskSize
from firmware.desk_links import carried, joined
from firmware.desk_places import Pair, Place, count_of, counted, fitting, lane_of, path_of, places, refusal
from firmware.errors import ParameterError, did_you_mean
from firmware.params import HIDDEN, STRIP, Kind, Sided, Value, quoted
from firmware.params.lookup import FEEDS_BACK, feeds_back

LINK_GLIDE_MS = 20.0


class DeskModel:
    """The values of all parameters of a desk. Starts at the defaults.

    `stereo` are its linked pairs, each as the kind and the odd number of its left strip. `own_defaults` are values that
    this desk starts from where a scene is silent: what its strips are called, where its outputs lead. `order`: the
    channels that hands find first; those that it leaves out follow by number.
    """

    def __init__(
        self,
        size: DeskSize,
        stereo: Iterable[Pair] = (),
        own_defaults: Mapping[str, Value] | None = None,
        order: Iterable[int] = (),
    ) -> None:
        self.size = size
        self._order = tuple(order)
        self.stereo = frozenset(stereo)
        self._own = dict(own_defaults or {})
        self._build()
        self.values: dict[str, Value] = dict(self.defaults)

    def _build(self) -> None:
        self.places: dict[str, Place] = {place.path: place for place in places(self.size, self.stereo)}
        self.defaults: dict[str, Value] = {path: self._default(place) for path, place in self.places.items()}
        self.__dict__.pop("by_address", None)

    def _default(self, place: Place) -> Value:
        value = place.parameter.default(place.kind, place.number)
        if place.parameter.name == "source" and place.kind is Kind.CHANNEL and place.is_stereo:
            value = f"{value}+{place.number + 1}"
        value = self._own.get(place.path, value)
        if isinstance(place.parameter.type, Sided):
            value = self._own_side(place, place.parameter.type, value)
        return fitting(place, value, self.size, self.stereo)

    def _own_side(self, place: Place, sides: Sided, value: Value) -> Value:
        """The same, whether what this desk starts from was said for two mono strips or for a stereo one."""
        if place.number % 2 == 0:
            left = self._own.get(path_of(place.kind, place.number - 1, place.parameter.name), value)
            return value if sides.side(left, 1) == left else sides.side(left, 1)
        right = self._own.get(path_of(place.kind, place.number + 1, place.parameter.name), value)
        return joined(place, value, right) if place.is_stereo else value

    def place(self, path: str) -> Place:
        """What stands at a path. Raises ParameterError with the nearest path there is."""
        found = self.places.get(path)
        if found is None and feeds_back(path):
            raise ParameterError(f"{path} is not possible: {FEEDS_BACK}.")
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
        why = refusal(place, checked, self.size, self.stereo)
        if why:
            raise ParameterError(f"{path} = {quoted(value)} is not possible: {why}.")
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

    def channels(self) -> list[int]:
        """The channels as hands find them, from left to right; a stereo pair is its left side."""
        rights = {number + 1 for kind, number in self.stereo if kind is Kind.CHANNEL}
        behind = (n for n in range(1, self.size.channels + 1) if n not in self._order)
        return [n for n in (*self._order, *behind) if n not in rights]

    # --- stereo strips ----------------------------------------------------------------------------------------------

    def link(self, pair: Pair, stereo: bool) -> list[Event]:
        """Join the strip of an odd number with the one after it, or part them; the events that do so without a click.

        A right side takes its left's values, or keeps them; inputs of their own stay theirs (in.3 and in.8 are joined
        to in.3+8). What is sent to the pair is sent to both of the strips that it is parted into; of two that are
        joined what went to the left one stays. What listened to the right one listens to the pair. A pair that is so
        already stays as it is. Raises ParameterError for a pair that this desk has not.
        """
        kind, number = pair
        left = lane_of(self.size, kind, number)
        linkable = kind in (Kind.CHANNEL, Kind.BUS, Kind.MATRIX) and number % 2 == 1
        if left is None or not linkable or lane_of(self.size, kind, number + 1) is None:
            there = f"this desk has {counted(count_of(kind, self.size), kind)}."
            why = there if linkable else "pairs are 1 and 2, 3 and 4 …"
            raise ParameterError(f"This desk cannot join {kind}.{number} and {kind}.{number + 1}: {why}")
        if (pair in self.stereo) is stereo:
            return []
        before = self.kernel_values()
        old = self.values
        self.stereo = self.stereo | {pair} if stereo else self.stereo - {pair}
        self._build()
        self.values = {path: self._carried(place, old, pair) for path, place in self.places.items()}
        after = self.kernel_values()
        changed = {int(address) for address in np.flatnonzero(after != before)}
        link = left * STRIP_SLOTS + slots.STRIP_INDEX["link"]
        if not stereo:  # who keeps the values by address has only seen the left side's
            changed |= set(range((left + 1) * STRIP_SLOTS, (left + 2) * STRIP_SLOTS))
        frames = math.ceil(LINK_GLIDE_MS * self.size.rate_hz / 1000.0)
        events = [
            Event(0, address, float(after[address]), frames) for address in sorted(changed - {link, link + STRIP_SLOTS})
        ]
        # An event for the left lane of a linked pair is one for both: the link goes first when it ends, else last.
        own = [Event(0, link, float(stereo), frames)]
        return events + own if stereo else own + events

    def _carried(self, place: Place, old: Mapping[str, Value], pair: Pair) -> Value:
        value = carried(place, old, pair, joins=pair in self.stereo)
        return self.defaults[place.path] if value is None else fitting(place, value, self.size, self.stereo)

    # --- the kernel's view ------------------------------------------------------------------------------------------

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
        return [Event(at, address, number, frames) for address, number in _numbers(place, checked)]

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
        """float64[size.addresses] in natural units, as `dsp.desk.reset` takes it. Lanes that fill up a tile are at
        their defaults with no source and the fader down; right sides of stereo strips are like their left."""
        values = self._resting.copy()
        for path, value in self.values.items():
            place = self.places[path]
            if place.address is not None:
                for address, number in _numbers(place, value):
                    values[address] = number
        strips = values[: self.size.lanes * STRIP_SLOTS].reshape(self.size.lanes, STRIP_SLOTS)
        link, of_a_side = slots.STRIP_INDEX["link"], [slots.STRIP_INDEX["source"], slots.STRIP_INDEX["insert.slot"]]
        for kind, number in self.stereo:
            left = lane_of(self.size, kind, number)
            assert left is not None
            strips[left, link] = 1.0
        for left in range(0, self.size.lanes, 2):
            if strips[left, link] == 1.0 or self.size.is_linked_for_ever(left):
                strips[left, link] = 1.0
                own = strips[left + 1, of_a_side]
                strips[left + 1] = strips[left]
                strips[left + 1, of_a_side] = own
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
        for name, index in slots.DESK_INDEX.items():
            if name.startswith("fx."):  # an effect that this desk has not
                desk[index] = slots.NONE
        return np.concatenate((np.tile(strip, self.size.lanes), desk, np.zeros(self.size.outputs * OUTPUT_SLOTS)))


def _numbers(place: Place, value: Value) -> list[tuple[int, float]]:
    """The kernel's addresses of a value and its numbers there: two where each side of a stereo strip has its own."""
    assert place.address is not None
    kind = place.parameter.type
    if isinstance(kind, Sided) and place.is_stereo:
        left, right = kind.sides(value)
        return [(place.address, left), (place.address + STRIP_SLOTS, right)]
    return [(place.address, kind.to_kernel(value))]
