"""Which strip lies under which fader, select and mute: layers of a bank's width, and sends on faders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dsp import slots
from firmware.desk_model import DeskModel
from firmware.surface.words import title

NAMES = {
    "channel": "Channels",
    "bus": "Buses",
    "return": "Returns",
    "matrix": "Matrices",
    "dca": "DCAs",
    "mute_group": "Mute groups",
    "main": "Mains",
}
GROUPS = ("dca", "mute_group")
"""Kinds that strips are members of: their select buttons take the selected strip in or let it out."""
_TO = {"bus": "send", "matrix": "matrix"}


@dataclass(frozen=True)
class Slot:
    """What is under one fader. `strip`: what its select and mute buttons are about; `path`: of the level it moves; both
    empty where the layer has fewer strips than the panel has faders. `path` alone is empty where a strip has no such
    send, and of a mute group, which has no level."""

    strip: str = ""
    path: str = ""


@dataclass(frozen=True)
class Layer:
    """One bank of strips, as many as the panel has faders or fewer."""

    title: str
    strips: tuple[str, ...]


def _chunks(title: str, strips: list[str], width: int) -> list[Layer]:
    several = len(strips) > width
    return [
        Layer(f"{title} {at // width + 1}" if several else title, tuple(strips[at : at + width]))
        for at in range(0, len(strips), width)
    ]


def layers(model: DeskModel, width: int) -> list[Layer]:
    """All layers of a desk for banks of `width` ≥ 1: channels as hands find them, buses, returns, matrices, DCAs, mute
    groups, mains. Of stereo pairs the left side."""
    size = model.size
    counts = {"bus": size.buses, "return": size.effects, "matrix": size.matrices}
    counts |= {"dca": slots.DCAS, "mute_group": slots.MUTE_GROUPS}
    found = _chunks(NAMES["channel"], [f"channel.{n}" for n in model.channels()], width)
    for word, count in counts.items():
        strips = [f"{word}.{n}" for n in range(1, count + 1)]
        found += _chunks(NAMES[word], [s for s in strips if f"{s}.mute" in model.places], width)
    return found + _chunks(NAMES["main"], ["main.lr", "main.mono"], width)


def sends_of(model: DeskModel, strip: str) -> list[str]:
    """The buses, then matrices, that a strip can be sent to, as strips."""
    to = [f"bus.{n}" for n in range(1, model.size.buses + 1)]
    to += [f"matrix.{n}" for n in range(1, model.size.matrices + 1)]
    return [other for other in to if send_path(model, strip, other)]


def send_path(model: DeskModel, strip: str, to: str) -> str:
    """The path of the level of a strip's send to a bus or matrix; empty where there is none."""
    word, _, number = to.partition(".")
    path = f"{strip}.{_TO[word]}.{number}.level_db" if word in _TO else ""
    return path if path in model.places else ""


def is_group(strip: str) -> bool:
    """Whether a strip is a DCA or a mute group."""
    return strip.partition(".")[0] in GROUPS


def is_fed(strip: str) -> bool:
    """Whether a strip is one that others are sent to: a bus or a matrix."""
    return strip.partition(".")[0] in _TO


def living(model: DeskModel, strip: str) -> str:
    """The strip, or where it has become the right side of a pair the left one, which stands for both now."""
    word, _, number = strip.partition(".")
    return strip if f"{strip}.mute" in model.places else f"{word}.{int(number) - 1}"


def _nothing() -> None:
    """Tell no one."""


class Bank:
    """The faders 1 to `width` and what is under them. `flipped`: empty, or the strip whose sends are on the faders: of
    a bus or matrix what comes in from the layer's strips, of any other strip what it gives to the buses.
    `changed` is called whenever something else has come under a fader, whatever the reason."""

    def __init__(self, model: DeskModel, width: int) -> None:
        self._model, self.width = model, max(width, 1)
        self.index = 0
        self.send_bank = 0
        self.flipped = ""
        self.slots: tuple[Slot, ...] = ()
        self.changed: Callable[[], None] = _nothing
        self.refresh()

    def refresh(self) -> None:
        """Look at the desk anew, as after strips were joined or parted."""
        before = self.slots
        self.all = layers(self._model, self.width)
        self.index = min(self.index, len(self.all) - 1)
        strip = self.flipped = living(self._model, self.flipped) if self.flipped else ""
        if strip and not is_fed(strip):
            to = sends_of(self._model, strip)
            self._banks = max(-(-len(to) // self.width), 1)
            self.send_bank = min(self.send_bank, self._banks - 1)
            shown = to[self.send_bank * self.width :][: self.width]
            slots_ = [Slot(other, send_path(self._model, strip, other)) for other in shown]
        else:
            slots_ = [Slot(one, self._level_of(one)) for one in self.all[self.index].strips]
        self.slots = tuple(slots_) + (Slot(),) * (self.width - len(slots_))
        if self.slots != before:
            self.changed()

    def _level_of(self, strip: str) -> str:
        if self.flipped:
            return send_path(self._model, strip, self.flipped)
        path = f"{strip}.fader_db"
        return path if path in self._model.places else ""

    @property
    def title(self) -> str:
        """What the faders are now: "Channels 2", "Sends to Bus 3"."""
        if not self.flipped:
            return self.all[self.index].title
        return f"Sends {'to' if is_fed(self.flipped) else 'of'} {title(self._model, self.flipped)}"

    def step(self, by: int) -> None:
        """To the layer after or before, round and round."""
        if self.flipped and not is_fed(self.flipped):
            self.send_bank = (self.send_bank + by) % self._banks
        else:
            self.index = (self.index + by) % len(self.all)
        self.refresh()

    def first(self) -> None:
        """Back to the first layer."""
        self.index = self.send_bank = 0
        self.refresh()

    def flip(self, strip: str) -> None:
        """Put a strip's sends on the faders; empty: the levels again. A bus finds the first channels."""
        if strip and is_fed(strip) and is_fed(self.all[self.index].strips[0]):
            self.index = 0
        self.flipped, self.send_bank = strip, 0
        self.refresh()

    def show(self, strip: str) -> None:
        """The layer with this strip, where there is one."""
        for index, layer in enumerate(self.all):
            if strip in layer.strips and not self.flipped:
                self.index = index
        self.refresh()

    def strips(self, groups: bool = False) -> Iterable[str]:
        """All strips of the desk in the order of the layers, with or without DCAs and mute groups."""
        return [strip for layer in self.all for strip in layer.strips if groups or not is_group(strip)]
