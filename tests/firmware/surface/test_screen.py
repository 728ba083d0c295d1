"""The display: every page pixel for pixel, every text in its place, what is touched large, alerts everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind, Number, Value
from firmware.surface import fonts, samples, screen, values
from firmware.surface.ink import Ink, Written
from firmware.surface.pages.all import PAGES
from firmware.surface.view import OF_THE_DESK, PageName, Pickup, View
from tests.firmware import oled_pages

ALERTS: Mapping[str, dict[str, object]] = {
    "MUTE": {"main_muted": True},
    "CLIP IN": {"levels": replace(samples.LEVELS, clipped="in")},
    "NO SOUND CARD": {"card_lost": True},
    "LOST ADC1": {"lost": ("adc1",)},
}
STRIPS = (
    "channel.1",
    "channel.9",
    "bus.3",
    "bus.8",
    "return.1",
    "main.lr",
    "main.mono",
    "matrix.1",
    "dca.8",
    "mute_group.6",
)
# The ends of what the drawing rules of the display promise, in pixels
TOUCHED_PX, LABEL_PX = 16, 8


@cache
def desk() -> DeskModel:
    """As large as a desk can be with names as long as they can be, for views that are not compared with pictures."""
    model = DeskModel(DeskSize(64, 32, 4, 48000, 16, 8, 8), [(Kind.BUS, 3), (Kind.CHANNEL, 9)])
    model.update({"channel.1.name": "Överhead of the drums, L", "bus.3.name": "Wwwwwwwwwwwwwwwwwwwwwwww"})
    return model


@cache
def parts() -> tuple[tuple[PageName, str, int], ...]:
    """Every part of every page of a strip of each kind; once where the page is the same for all."""
    return tuple(
        (name, strip, n)
        for name, page in PAGES.items()
        for strip in (STRIPS[:1] if name in OF_THE_DESK else STRIPS)
        for n in range(page.parts(desk(), strip))
    )


def pixels(image: Image.Image) -> NDArray[np.bool_]:
    return np.array(image, dtype=bool)


def overlap(one: Written, other: Written) -> bool:
    a, b = one.box, other.box
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def assert_in_order(ink: Ink) -> None:
    """All texts lie within the frame, none on another, and none is smaller than a label may be."""
    width, height = ink.image.size
    for place, one in enumerate(ink.written):
        left, top, right, bottom = one.box
        assert left >= 0, one
        assert top >= 0, one
        assert right <= width, one
        assert bottom <= height, one
        assert one.font.capital_px >= LABEL_PX, one
        for other in ink.written[:place]:
            assert not overlap(one, other), (one, other)


def texts(view: View, size: tuple[int, int] = screen.SIZE) -> list[str]:
    return [one.text for one in screen.draw(view, size).written]


# --- as it has been looked at -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(oled_pages.references()))
def test_a_view_looks_as_its_reference_pixel_for_pixel(name: str) -> None:
    view, size = oled_pages.references()[name]
    drawn = screen.render(view, size)
    assert drawn.mode == "1"
    with Image.open(oled_pages.FOLDER / f"{name}.png") as reference:
        assert reference.size == drawn.size
        assert np.array_equal(pixels(drawn), pixels(reference))


def test_there_is_a_reference_for_every_view_and_no_other() -> None:
    assert {path.stem for path in oled_pages.FOLDER.glob("*.png")} == set(oled_pages.references())


# --- texts ------------------------------------------------------------------------------------------------------------


@st.composite
def any_view(draw: st.DrawFn) -> View:
    page, strip, part = draw(st.sampled_from(parts()))
    view = samples.view_of(desk(), page, strip, part)
    words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)
    path = draw(st.sampled_from(["", f"{strip}.fader_db", *(field.path for field in view.fields)]))
    return replace(
        view,
        touched=path,
        value_text=draw(st.just("") | words),
        label_text=draw(st.just("") | words),
        fine=draw(st.booleans()),
        note=draw(st.just("") | words),
        ask=draw(st.just("") | words),
        ask_share=draw(st.floats(0.0, 1.0)),
        rows=tuple(draw(st.lists(words, max_size=9))) if not view.fields else (),
        row=draw(st.integers(0, 8)),
        main_muted=draw(st.booleans()),
        card_lost=draw(st.booleans()),
        lost=tuple(draw(st.lists(st.sampled_from(["adc1", "exp2", "the long name of a chip"]), max_size=3))),
        levels=replace(view.levels, clipped=draw(st.sampled_from(["", "in", "post_comp", "filters"]))),
        pickup=draw(st.none() | st.builds(Pickup, st.just("fader.1"), st.just(f"{strip}.fader_db"), unit, unit)),
        saver=draw(st.booleans()),
        spectrum_db=draw(st.sampled_from([(), view.spectrum_db, (-200.0,) * 64, (20.0,) * 64])),
    )


unit = st.floats(0.0, 1.0)


@settings(max_examples=400)
@given(any_view(), st.sampled_from([(128, 64), (256, 64)]))
def test_no_text_is_cut_by_the_frame_or_lies_on_another(view: View, size: tuple[int, int]) -> None:
    assert_in_order(screen.draw(view, size))


@settings(max_examples=200)
@given(any_view())
def test_the_same_view_is_the_same_picture(view: View) -> None:
    assert screen.render(view).tobytes() == screen.render(replace(view)).tobytes()


def extremes(model: DeskModel, path: str) -> Iterator[Value]:
    """Values of a parameter that are long to say: both ends, and between them."""
    kind = model.places[path].parameter.type
    if isinstance(kind, Number):
        yield from (kind.low, kind.high)
        yield from (kind.at_position(share) for share in (0.013, 0.21, 0.86))
    elif kind.choices:
        yield from (kind.choices[0], kind.choices[-1], *sorted(kind.choices[:120], key=lambda one: len(str(one)))[-2:])


@cache
def fields() -> tuple[tuple[PageName, str, int, str], ...]:
    """Every value of every page of a mono and of a stereo channel and of the mains."""
    return tuple(
        (page, strip, part, field.path)
        for page, strip, part in parts()
        if strip in {"channel.1", "channel.9", "main.lr"}
        for field in PAGES[page].fields(desk(), strip, part)
        if field.path
    )


def test_a_page_has_four_values_at_most_and_all_of_them_exist() -> None:
    for page, strip, part in parts():
        found = PAGES[page].fields(desk(), strip, part)
        assert len(found) <= 4
        assert all(field.label and field.path in desk().places for field in found if field.path)


def test_each_parameter_of_a_channel_but_its_name_and_colour_is_on_a_page() -> None:
    shown = {path for _, strip, _, path in fields() if strip in {"channel.1", "channel.9"}}
    missing = {
        name
        for name in ("channel.1", "channel.9")
        for path in desk().places
        if path.startswith(f"{name}.") and path not in shown and not path.endswith((".name", ".colour"))
        # a send's pan is heard in a stereo bus only; only one of ratio and hysteresis has a meaning in a gate's mode
        if not (path.endswith(".pan") and ".send." in path and ".send.3." not in path) and "gate.ratio" not in path
    }
    assert missing == set()
    desk().set("channel.1.gate.mode", "expander")
    assert "channel.1.gate.ratio" in {one.path for one in PAGES[PageName.DYNAMICS].fields(desk(), "channel.1", 1)}
    desk().set("channel.1.gate.mode", "gate")


def test_numbers_are_whole_wherever_they_stand_and_what_is_touched_is_large() -> None:
    """At rest each value shows all its figures; touched, its unit too, in letters of 16 pixels or more."""
    model, seen = desk(), set()
    for page, strip, part, path in fields():
        place = model.places[path]
        alike = (place.parameter.series or place.parameter.name, place.is_stereo, page, path.rpartition(".")[2])
        if strip == "channel.9" and alike in seen:
            continue
        seen.add(alike)
        before = model.values[path]
        view = samples.view_of(model, page, strip, part)
        for value in extremes(model, path):
            model.values[path] = value
            shown = values.shown(model, path)
            number, unit = values.parted(shown)
            at_rest = screen.draw(view)
            assert_in_order(at_rest)
            if isinstance(model.places[path].parameter.type, Number):
                assert any(one.text.startswith(number) for one in at_rest.written), (path, shown)
            large = screen.draw(replace(view, touched=path))
            assert_in_order(large)
            largest = max(large.written, key=lambda one: one.font.px)
            assert largest.font.capital_px >= TOUCHED_PX, (path, shown)
            assert largest.text == number if unit else largest.text in values.shorter(shown), (path, shown)
            assert not unit or unit in [one.text for one in large.written]
        model.values[path] = before


@pytest.mark.parametrize(
    ("path", "value", "number", "unit"),
    [
        ("channel.1.trim_db", -12.5, "−12.5", "dB"),
        ("channel.1.eq.band.2.freq_hz", 1020.0, "1.02", "kHz"),
        ("channel.1.comp.release_ms", 120.0, "120", "ms"),
        ("channel.1.fader_db", float("-inf"), "−∞", "dB"),
        ("channel.1.comp.ratio", float("inf"), "∞:1", ""),
        ("channel.1.pan", -30.0, "L30", ""),
    ],
)
def test_values_read_as_on_a_desk(path: str, value: float, number: str, unit: str) -> None:
    model = DeskModel(DeskSize(1, 2, 2))
    model.set(path, value)
    drawn = screen.draw(View(model, PageName.GAIN, "channel.1", touched=path)).written
    large = [one for one in drawn if one.font.capital_px >= TOUCHED_PX or one.text == unit]
    assert [one.text for one in large] == [number, *([unit] if unit else [])]


def test_the_touched_number_has_pixels_as_high_as_it_says() -> None:
    """A figure of the large size is 20 pixels high, measured on the picture."""
    view = replace(samples.view_of(samples.model(), PageName.GAIN, "channel.1"), touched="channel.1.trim_db")
    figure = next(one for one in screen.draw(view).written if one.font is fonts.VALUE)
    left, top, right, bottom = figure.box
    assert bottom - top == 20
    assert pixels(screen.render(view))[top:bottom, left:right].any(axis=1).all()


def test_a_number_that_moves_stands_still() -> None:
    """Its unit has one place, whatever the figures are."""
    model = DeskModel(DeskSize(1, 2, 2))
    places = set()
    for value in (-18.0, -9.9, 0.0, 11.1):
        model.set("channel.1.trim_db", value)
        drawn = screen.draw(View(model, PageName.GAIN, "channel.1", touched="channel.1.trim_db")).written
        places.add(next(one.box for one in drawn if one.text == "dB"))
    assert len(places) == 1


@pytest.mark.parametrize(("page", "strip", "part"), parts())
def test_each_page_says_strip_title_and_part(page: PageName, strip: str, part: int) -> None:
    found = texts(samples.view_of(desk(), page, strip, part))
    shown, count = PAGES[page], PAGES[page].parts(desk(), strip)
    assert any(shown.title in text for text in found)
    if count > 1 and (part or page is not PageName.SETUP):
        assert any(f"{part + 1}/{count}" in text for text in found)
    if page not in OF_THE_DESK:
        marks = {"channel.1": "1", "channel.9": "9+10", "bus.3": "B3+4", "main.lr": "LR", "dca.8": "D8"}
        assert marks.get(strip, found[0] if found else "") in found


# --- what overlays every page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "strip", "part"), [one for one in parts() if one[1] in {"channel.1", "dca.8"}])
@pytest.mark.parametrize("state", ["rest", "touched", "pickup", "ask", "message", "saver"])
def test_each_alert_overlays_each_page(page: PageName, strip: str, part: int, state: str) -> None:
    view = samples.view_of(desk(), page, strip, part)
    path = f"{strip}.fader_db"
    states: dict[str, dict[str, object]] = {
        "touched": {"touched": path},
        "pickup": {"touched": path, "pickup": Pickup("fader.1", path, 0.2, 0.8)},
        "ask": {"ask": "Hold to store over scene soundcheck", "ask_share": 0.5},
        "message": {"note": "That scene cannot be read: line 3 has no value"},
        "saver": {"saver": True},
    }
    view = replace(view, **states.get(state, {}))  # type: ignore[arg-type]
    for words, change in ALERTS.items():
        told = screen.draw(replace(view, **change))  # type: ignore[arg-type]
        assert_in_order(told)
        assert words in " ".join(one.text for one in told.written)
        assert words not in " ".join(texts(view))
    every = replace(view, main_muted=True, card_lost=True, lost=("adc1",), levels=replace(view.levels, clipped="in"))
    joined = " ".join(texts(every))
    assert all(word in joined for word in ("MUTE", "CLIP IN", "NO SOUND", "CARD", "LOST"))


def test_values_are_whole_beside_all_alerts() -> None:
    """Pictures yield, values do not."""
    view = samples.view_of(samples.model(), PageName.EQ, "channel.1", 1)
    every = samples.overlays(view, "fader.1", "channel.1.fader_db")["all"]
    assert {"310 Hz", "−8.0 dB", "1.00", "bell"} <= set(texts(every))


def test_at_rest_the_display_is_nearly_dark() -> None:
    view = replace(samples.view_of(samples.model(), PageName.EQ, "channel.1"), saver=True)
    assert 0 < int(pixels(screen.render(view)).sum()) <= 4


@pytest.mark.parametrize(("at", "wanted", "text"), [(0.2, 0.55, "35"), (0.9, 0.5, "40"), (0.5, 0.502, "1")])
def test_a_fader_to_pick_up_says_which_way_and_how_far(at: float, wanted: float, text: str) -> None:
    model = samples.model()
    view = samples.view_of(model, PageName.GAIN, "channel.1")
    path = "channel.1.fader_db"
    view = replace(view, touched=path, pickup=Pickup("fader.1", path, at, wanted))
    found = screen.draw(view)
    assert text in [one.text for one in found.written]
    assert "−1.5 dB" in [one.text for one in found.written]
    rows = pixels(found.image)[14:40, 0:20].sum(axis=1)
    lit = np.flatnonzero(rows)
    widest = int(lit[np.argmax(rows[lit])])
    points_up = bool(rows[lit[0]] < rows[lit[-1]])
    assert points_up == (wanted > at)
    assert lit[0] < widest < lit[-1]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_question_shows_how_far_the_hold_is(share: float) -> None:
    view = replace(samples.view_of(samples.model(), PageName.EQ, "channel.1"), ask="Hold to reset EQ", ask_share=share)
    drawn = screen.draw(view)
    assert "Hold to reset EQ" in [one.text for one in drawn.written]
    inside = pixels(drawn.image)[58, 10:118]  # a row of the bar, within its frame
    assert int(inside.sum()) == pytest.approx(108 * share, abs=2)


def test_a_list_keeps_its_cursor_in_sight_and_lights_it() -> None:
    rows = tuple(f"scene {n}" for n in range(30))
    for row in range(30):
        view = replace(samples.view_of(samples.model(), PageName.SCENES, "channel.1"), rows=rows, row=row)
        drawn = screen.draw(view)
        here = next(one for one in drawn.written if one.text == f"scene {row}")
        assert pixels(drawn.image)[here.box[1] - 1, here.box[0]]  # dark letters on light
        assert len([one for one in drawn.written if one.text.startswith("scene ")]) == 4
