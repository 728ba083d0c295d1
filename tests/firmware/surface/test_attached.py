"""A panel on its desk: how often it is drawn, what a fault costs, what it remembers; and the film of its display."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from drivers.errors import LineBusy
from drivers.panel_config import Display, PanelConfig
from drivers.panel_events import Health, Pressed, Turned
from drivers.simulated.clock import VirtualClock
from drivers.simulated.panel import simulated_panel
from firmware import files, paths
from firmware.errors import OutputError
from firmware.surface import remembered
from firmware.surface.attached import FRAME_NS, KEPT_AFTER_NS, AttachedPanel
from firmware.surface.film import LAST_MS, SCALE, Film
from firmware.surface.settings import BRIGHTEST, SAVER_MINUTES, Settings
from firmware.surface.view import View
from tests.firmware.surface import fakes

MS = 1_000_000


class Panel(fakes.Panel):
    """One that can be started; its display has each picture at once."""

    def __init__(self, *, display: bool = True, refuses: bool = False) -> None:
        super().__init__()
        self.config = PanelConfig(display=Display("ssd1309", 1, 0x3C) if display else None)
        self.chips = {"adc1": Health.GOOD, "display": Health.GOOD}
        self.shown: list[Image.Image] = []
        self.is_on = False
        self._refuses = refuses

    @property
    def frames(self) -> int:
        return len(self.shown)

    def start(self) -> None:
        if self._refuses:
            raise LineBusy("GPIO17 is held by another program.")
        self.is_on = True

    def show(self, image: Image.Image) -> None:
        self.shown.append(image)

    def close(self) -> None:
        self.is_on = False


class Rig:
    """A desk without an engine under a panel, with the time in hand."""

    def __init__(self, panel: Panel | None = None, draw: Callable[..., Any] | None = None, **options: Any) -> None:
        self.now_ns = 10_000 * MS
        self.desk, self.panel = fakes.Desk(), panel or Panel()
        self.told: list[str] = []
        self.attached = AttachedPanel(
            self.desk,
            self.panel,
            replace(fakes.full(), **options.pop("setup", {})),
            "Test panel",
            tell=self.told.append,
            clock=lambda: self.now_ns,
            pages=fakes.PAGES,
            draw=draw or (lambda _view, size: Image.new("1", size)),
            **options,
        )

    def run(self, ms: int, every_ms: int = 5) -> None:
        for _ in range(ms // every_ms):
            self.now_ns += every_ms * MS
            self.attached.tick()

    def turn(self, name: str, detents: int) -> None:
        self.panel.happened.append(Turned(self.now_ns, name, detents))

    def key(self, name: str, down: bool) -> None:
        self.panel.happened.append(Pressed(self.now_ns, name, down))
        self.run(50)


def test_what_hands_do_reaches_the_desk_in_the_next_tick() -> None:
    rig = Rig()
    assert rig.attached.start()
    rig.run(10)
    rig.turn("encoder.1", 2)
    rig.attached.tick()
    assert [path for path, _, _ in rig.desk.told] == ["channel.1.trim_db"]


def test_it_is_drawn_when_something_changed_and_twenty_times_a_second_at_most() -> None:
    rig = Rig()
    rig.attached.start()
    rig.run(1_000)
    assert len(rig.panel.shown) == 1  # nothing happens: one picture
    for step in range(200):  # and now at every tick
        rig.desk.model.set("channel.1.trim_db", step / 10.0)
        rig.run(5)
    assert 19 <= len(rig.panel.shown) - 1 <= 21
    shown = len(rig.panel.shown)
    rig.run(2_000)
    assert len(rig.panel.shown) == shown + 1  # the newest state is not left out
    rig.desk.set("channel.1.mute", True)
    rig.run(60)
    assert len(rig.panel.shown) == shown + 2


def test_ticks_that_come_every_20_ms_do_not_make_it_slower() -> None:
    rig = Rig()
    rig.attached.start()
    for step in range(100):
        rig.desk.model.set("channel.1.trim_db", step / 10.0)
        rig.run(20, every_ms=20)
    assert len(rig.panel.shown) >= 100 * 20 * MS // FRAME_NS - 1


def test_a_panel_without_a_display_is_not_drawn() -> None:
    rig = Rig(Panel(display=False))
    rig.attached.start()
    rig.turn("encoder.1", 1)
    rig.run(500)
    assert (rig.panel.shown, len(rig.desk.told)) == ([], 1)


def test_a_panel_that_cannot_be_taken_is_told_once_and_done_without() -> None:
    rig = Rig(Panel(refuses=True))
    assert not rig.attached.start()
    rig.turn("encoder.1", 1)
    rig.run(100)
    assert rig.told == ["The desk runs without its panel: GPIO17 is held by another program."]
    assert rig.desk.told == []
    assert rig.attached.status() == {
        "board": "Test panel", "trouble": "GPIO17 is held by another program.", "chips": [], "pictures": 0,
    }  # fmt: skip
    rig.attached.close()


@pytest.mark.parametrize("error", [RuntimeError("no edge detection"), OSError(24, "Too many open files")])
def test_a_start_that_fails_in_any_way_costs_the_panel_alone(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(Panel())
    monkeypatch.setattr(rig.panel, "start", Mock(side_effect=error))
    assert not rig.attached.start()
    assert rig.told[0] == f"The desk runs without its panel: It could not be started ({type(error).__name__}: {error})."
    rig.run(100)


def test_a_fault_in_drawing_is_told_once_and_ends_neither_desk_nor_display() -> None:
    faulty = True

    def draw(_: View, size: tuple[int, int]) -> Image.Image:
        if faulty:
            raise ZeroDivisionError("no pixels")
        return Image.new("1", size)

    rig = Rig(draw=draw)
    rig.attached.start()
    rig.desk.model.set("channel.1.trim_db", 1.0)
    for step in range(10):
        rig.desk.model.set("channel.1.trim_db", float(step))
        rig.turn("encoder.1", 1)
        rig.run(100)
    assert len(rig.told) == 1
    assert "ZeroDivisionError: no pixels" in rig.told[0]
    assert len(rig.desk.told) == 10
    assert rig.attached.status()["trouble"] == rig.told[0]
    faulty = False
    rig.desk.model.set("channel.1.trim_db", -3.0)
    rig.run(100)
    assert len(rig.panel.shown) == 1


def test_the_same_picture_is_tried_again_after_a_fault() -> None:
    tries = []

    def draw(_: View, size: tuple[int, int]) -> Image.Image:
        tries.append(size)
        if len(tries) == 1:
            raise MemoryError
        return Image.new("1", size)

    rig = Rig(draw=draw)
    rig.attached.start()
    rig.run(200)
    assert (len(tries), len(rig.panel.shown)) == (2, 1)


def test_status_names_every_chip_and_after_the_end_says_how_it_was() -> None:
    rig = Rig()
    rig.attached.start()
    rig.run(100)
    rig.panel.chips["adc1"] = Health.LOST
    found = rig.attached.status()
    assert found["chips"] == [
        {"name": "adc1", "health": "lost", "errors": 0, "reason": ""},
        {"name": "display", "health": "good", "errors": 0, "reason": ""},
    ]
    rig.attached.close()
    rig.panel.chips.clear()
    assert rig.attached.status() == found
    assert not rig.panel.is_on


def test_the_first_start_says_how_the_mains_are_opened_until_a_hand_does_something() -> None:
    rig = Rig(asks="Main is muted")
    rig.desk.model.set("main.lr.mute", True)
    rig.attached.start()
    rig.run(30_000)
    assert rig.attached.surface.view().note == "Main is muted"
    rig.turn("encoder.1", 1)
    rig.run(3_000)
    assert rig.attached.surface.view().note == ""
    opened = Rig(asks="Main is muted")
    opened.attached.start()
    opened.run(100)
    assert opened.attached.surface.view().note == ""


def test_settings_are_kept_when_they_have_come_to_rest_and_at_the_end() -> None:
    kept: list[Settings] = []
    rig = Rig(keep=kept.append, setup={"settings": Settings(saver_minutes=0)})
    rig.attached.start()
    rig.run(3_000)
    for brightness in (6, 5, 4):
        rig.attached.surface.settings.brightness = brightness
        rig.run(500)
    assert kept == []  # still being turned
    rig.run(KEPT_AFTER_NS // MS + 100)
    rig.attached.close()
    assert kept == [Settings(4, 0)]
    again = Rig(keep=kept.append, setup={"settings": Settings()})
    again.attached.start()
    again.attached.surface.settings.saver_minutes = 5
    again.attached.close()
    assert kept[1:] == [Settings(7, 5)]


def test_settings_that_cannot_be_kept_are_told() -> None:
    def keep(_: Settings) -> None:
        raise OutputError("panel.toml cannot be written: No space left on device.")

    rig = Rig(keep=keep)
    rig.attached.start()
    rig.attached.surface.settings.brightness = 1
    rig.attached.close()
    assert rig.told == ["panel.toml cannot be written: No space left on device."]


# --- what is remembered -----------------------------------------------------------------------------------------------


@given(st.integers(0, BRIGHTEST), st.sampled_from(SAVER_MINUTES))
def test_settings_come_back(brightness: int, minutes: int) -> None:
    remembered.save(Settings(brightness, minutes))
    assert remembered.load() == (Settings(brightness, minutes), True, [])


def test_nothing_is_known_before_the_first_start_and_a_broken_file_stands_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert remembered.load() == (Settings(), False, [])
    remembered.save(Settings(3, 5))
    remembered.save(Settings(4, 5))
    path = paths.state_dir() / "panel.toml"
    assert path == remembered.path()
    path.write_text("brightness = ")
    settings, known, wrong = remembered.load()
    assert (settings, known, len(wrong)) == (Settings(3, 5), True, 1)
    files.previous(path).write_text("[")
    settings, known, wrong = remembered.load()
    assert (settings, known, len(wrong)) == (Settings(), True, 2)  # it was started before, whatever is left of it
    path.write_text('brightness = 99\nsaver_minutes = "never"\n')
    assert remembered.load() == (Settings(), True, [])


# --- the film ---------------------------------------------------------------------------------------------------------


def bits(seed: int) -> Image.Image:
    image = Image.new("1", (128, 64))
    for k in range(1 + seed % 7):
        image.putpixel(((seed * 31 + k * 17) % 128, (seed * 7 + k) % 64), 1)
    return image


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(20, 900)), min_size=1, max_size=12))
def test_the_film_shows_each_picture_for_as_long_as_the_display_did(steps: list[tuple[int, int]]) -> None:
    """Within the hundredth of a second that a GIF counts in, however many there are."""
    now_ms, counted, image = 0, 0, bits(0)
    film = Film(lambda: image, lambda: counted, lambda: now_ms * MS)
    shown: list[tuple[int, bytes]] = []
    for seed, for_ms in steps:
        image, counted = bits(seed), counted + 1
        film.take()
        film.take()  # nothing new
        if not shown or shown[-1][1] != image.tobytes():
            shown.append((now_ms, image.tobytes()))
        now_ms += for_ms
    assert len(film) == len(shown)
    found = Image.open(io.BytesIO(film.gif()))
    assert found.size == (128 * SCALE, 64 * SCALE)
    at_ms = 0
    for frame, (begun_ms, wanted) in zip(ImageSequence.Iterator(found), shown, strict=True):
        seen = frame.convert("L").resize((128, 64), Image.Resampling.NEAREST).point(lambda level: 255 * (level > 127))
        assert seen.convert("1", dither=Image.Dither.NONE).tobytes() == wanted
        assert abs(at_ms - begun_ms) <= 5 + 10
        at_ms += int(frame.info["duration"])
    assert at_ms - shown[-1][0] == pytest.approx(LAST_MS, abs=15)


def test_a_display_that_showed_nothing_has_no_film() -> None:
    film = Film(lambda: None, lambda: 7)
    film.take()
    assert (len(film), film.gif()) == (0, b"")


@pytest.mark.parametrize("display", [Display("ssd1309", 1, 0x3C), Display("ssd1322", 0, 0, 256, 64, dc=25, reset=24)])
def test_no_picture_of_the_film_is_half_the_next_one(display: Display) -> None:
    """Pictures come faster than the bus can carry them: what the film keeps was shown, as it was."""
    config = PanelConfig(display=display)
    clock = VirtualClock(1_000 * MS)
    panel = simulated_panel(config, clock=clock)
    film = Film(panel.glass, lambda: panel.frames, clock.now_ns)
    panel.watch(film.take)
    panel.open()
    shown = {bytes(display.width * display.height // 8)}  # it is switched on when the first picture is whole
    for seed in range(60):
        noise = np.random.default_rng(seed).integers(0, 2, (display.height, display.width), np.uint8)
        image = Image.fromarray(noise * 255).convert("1", dither=Image.Dither.NONE)
        shown.add(image.tobytes())
        panel.show(image)
        for _ in range(5):
            panel.step()
    panel.close()
    assert len(film) >= 5
    assert {zlib.decompress(packed) for _, packed in film._frames} <= shown
