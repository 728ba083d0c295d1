"""What the surface needs of the desk and of the panel: `firmware.live.Desk` and `drivers.panel.Panel` have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PIL.Image import Image

from drivers.panel_events import ChipState, Happened
from firmware.desk_model import DeskModel
from firmware.params import Value
from firmware.scene import Scene
from firmware.shared import Shared
from firmware.status import Meters

# ruff: noqa: D102  they say what Desk and Panel say


class PanelPort(Protocol):
    """A panel, whatever it is made of. Nothing here waits."""

    def take(self) -> Sequence[Happened]: ...
    def states(self) -> Sequence[ChipState]: ...
    def light(self, name: str, level: float) -> None: ...
    def show(self, image: Image) -> None: ...
    def contrast(self, level: int) -> None: ...


class SolosPort(Protocol):
    """`firmware.solos.Solos`."""

    def on(self) -> list[str]: ...
    def clear(self) -> list[str]: ...
    def again(self) -> list[str]: ...


class PlaybackPort(Protocol):
    """`firmware.playback.Playback`."""

    def do(self, action: str, at_s: float = 0.0) -> None: ...
    def status(self) -> dict[str, Any]: ...


class MetersPort(Protocol):
    """`firmware.status.MeterReader`."""

    def read(self) -> Meters | None: ...


class DeskPort(Protocol):
    """The desk."""

    scene: str

    @property
    def model(self) -> DeskModel: ...
    @property
    def solos(self) -> SolosPort: ...
    @property
    def playback(self) -> PlaybackPort | None: ...
    @property
    def meters(self) -> MetersPort: ...
    @property
    def shared(self) -> Shared | None: ...
    def set(self, path: str, value: object, over_ms: float | None = None) -> Value: ...
    def apply(self, loaded: Scene, name: str, everything: bool = False, at: int = 0) -> list[str]: ...
    def mute_all(self) -> None: ...
