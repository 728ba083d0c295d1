"""Which parameters a desk of a given size has, by their paths, and which values each of them can take there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dsp import slots
from dsp.size import MONO, DeskSize
from dsp.slots import StripKind
from firmware.errors import ParameterError
from firmware.params import PARAMETERS, PREFIX, STRIPS, Kind, Parameter, Scope, Sided, Value, needs, quoted
from firmware.params import Place as PlaceType
from firmware.params.lookup import NUMBER

Pair = tuple[Kind, int]  # the kind and the odd number of the left of two strips that are joined

_KINDS = {
    Kind.CHANNEL: StripKind.CHANNEL,
    Kind.BUS: StripKind.BUS,
    Kind.RETURN: StripKind.RETURN,
    Kind.MAIN: StripKind.MAIN,
    Kind.MONO: StripKind.MAIN,
    Kind.MATRIX: StripKind.MATRIX,
}
_THINGS = {"in": "input", "play": "playback channel", "fx": "effect", "io": "input"}


@dataclass(frozen=True)
class Place:
    """One parameter of one strip, output or of the desk. `address` is the kernel's; None for what it does not know."""

    path: str
    parameter: Parameter
    kind: Kind
    number: int
    address: int | None
    is_stereo: bool = False

    @property
    def scope(self) -> Scope:
        """Whether a scene moves it."""
        return self.parameter.scope(self.kind)


def pair_of(strip: str) -> Pair:
    """The pair whose left strip is named so: "channel.3". Raises ParameterError for another name."""
    word, _, number = strip.partition(".")
    if word not in (Kind.CHANNEL, Kind.BUS, Kind.MATRIX) or not NUMBER.fullmatch(number):
        raise ParameterError(f"{quoted(strip)} is no strip that can be stereo: channel.1, bus.3, matrix.1 are.")
    return Kind(word), int(number)


def count_of(kind: Kind, size: DeskSize) -> int:
    """How many strips, groups or outputs of a kind a desk has."""
    counts = {
        Kind.CHANNEL: size.channels,
        Kind.BUS: size.buses,
        Kind.RETURN: size.effects,
        Kind.EFFECT: size.effects,
        Kind.MATRIX: size.matrices,
        Kind.OUTPUT: size.outputs,
        Kind.DCA: slots.DCAS,
        Kind.MUTE_GROUP: slots.MUTE_GROUPS,
    }
    return counts.get(kind, 1)


def path_of(kind: Kind, number: int, name: str) -> str:
    """The path of a parameter: `channel.3.fader_db`."""
    return PREFIX[kind].replace("N", str(number)) + name


@cache
def lane_of(size: DeskSize, kind: Kind, number: int) -> int | None:
    """The lane of a strip, of a stereo one the left; None where the desk has none of that number."""
    if not 1 <= number <= count_of(kind, size):
        return None
    place = {Kind.RETURN: 2 * number - 2, Kind.MAIN: 0, Kind.MONO: MONO}.get(kind, number - 1)
    return size.lane(_KINDS[kind], place)


def _address(size: DeskSize, parameter: Parameter, kind: Kind, number: int) -> int | None:
    if not parameter.slot:
        return None
    if kind in STRIPS:
        lane = lane_of(size, kind, number)
        assert lane is not None
        return lane * len(slots.STRIP) + slots.STRIP_INDEX[parameter.name]
    if kind is Kind.OUTPUT:
        return size.output(number, parameter.name)
    return size.desk(path_of(kind, number, parameter.name))


def _leads_nowhere(parameter: Parameter, kind: Kind, number: int, size: DeskSize, stereo: frozenset[Pair]) -> bool:
    """Whether a send is one to a strip that this desk has not, to the right side of a stereo one, to a bus that is
    worked out before the sender, or to the sender itself."""
    word, _, rest = parameter.name.removeprefix("talkback.to.").partition(".")
    to = {"send": Kind.BUS, "bus": Kind.BUS, "matrix": Kind.MATRIX}.get(word)
    if to is None or (kind is not Kind.DESK and kind not in STRIPS):
        return False
    there = int(rest.partition(".")[0])
    if there > count_of(to, size):
        return True
    if (to, there - 1) in stereo and there % 2 == 0:
        return True
    if kind is not Kind.BUS or to is not Kind.BUS:
        return False
    own_right = number + 1 if (Kind.BUS, number) in stereo else number
    return there <= own_right


def places(size: DeskSize, stereo: frozenset[Pair] = frozenset()) -> Iterator[Place]:
    """Every parameter of a desk in its order: channels, buses, returns, mains, matrices, groups, the rest."""
    for kind in Kind:
        mine = [parameter for parameter in PARAMETERS if kind in parameter.kinds]
        for number in range(1, count_of(kind, size) + 1):
            if number % 2 == 0 and (kind, number - 1) in stereo:
                continue  # a right side has no parameters of its own
            is_stereo = kind in (Kind.RETURN, Kind.MAIN) or (kind, number) in stereo
            for parameter in mine:
                if parameter.stereo_only and not is_stereo:
                    continue
                if _leads_nowhere(parameter, kind, number, size, stereo):
                    continue
                path = path_of(kind, number, parameter.name)
                yield Place(path, parameter, kind, number, _address(size, parameter, kind, number), is_stereo)


def counted(count: int, thing: str) -> str:
    """A number of things in words: no bus, 1 value, 2 values, 2 matrices."""
    plural = {"bus": "buses", "matrix": "matrices"}.get(thing, f"{thing}s")
    return f"no {thing}" if count == 0 else f"{count} {thing}" if count == 1 else f"{count} {plural}"


def refusal(place: Place, value: Value, size: DeskSize, stereo: frozenset[Pair]) -> str:
    """Why a value cannot be on this desk, in words that follow "is not possible: "; "" where it can."""
    if not isinstance(place.parameter.type, PlaceType):
        return ""
    needed = needs(value)
    if needed is None:
        return ""
    counts = {
        "in": size.inputs,
        "play": size.plays,
        "fx": size.effects,
        "io": min(size.inputs, size.outputs),
        "channel": size.channels,
        "bus": size.buses,
        "return": size.effects,
        "matrix": size.matrices,
    }
    if needed.number > counts[needed.word]:
        if needed.word == "io":
            return f"an insert needs an output and an input of its number, this desk has {counts['io']} of both"
        return f"this desk has {counted(counts[needed.word], _THINGS.get(needed.word, needed.word))}"
    if isinstance(place.parameter.type, Sided):
        if (needed.stereo or needed.word == "fx") and not place.is_stereo:
            return f"{value} has two sides and this strip is mono"
        return ""
    left = _left_of(value, stereo)
    if left is not None and place.kind is not Kind.OUTPUT:
        return f"{value} is the right side of {left[0]}.{left[1]}"
    return ""


def _left_of(value: Value, stereo: frozenset[Pair]) -> Pair | None:
    """The pair whose right side a value names; None where it names none."""
    word, _, number = str(value).partition(".")
    if word not in (Kind.CHANNEL, Kind.BUS, Kind.MATRIX) or int(number) % 2:
        return None
    left = Kind(word), int(number) - 1
    return left if left in stereo else None


def fitting(place: Place, value: Value, size: DeskSize, stereo: frozenset[Pair]) -> Value:
    """The value itself where it can be on this desk; of a pair of sources (in.3+4) on a mono strip the side that the
    strip would be, odd numbers left; for a right side, the pair, but for one side keyed by the other: that listens to
    itself. Else silence, and not whatever happened to be patched."""
    if not refusal(place, value, size, stereo):
        return value
    if isinstance(place.parameter.type, Sided) and not place.is_stereo:
        side = place.parameter.type.side(value, 1 - place.number % 2)
        if not refusal(place, side, size, stereo):
            return side
    left = _left_of(value, stereo)
    if left is not None and left != (place.kind, place.number):
        return f"{left[0]}.{left[1]}"
    assert isinstance(place.parameter.type, PlaceType)
    return place.parameter.type.neutral
