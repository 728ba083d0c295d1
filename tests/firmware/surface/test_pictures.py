"""The pictures of the pages: they stand where the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind, Value
from firmware.surface import plots, samples, scales
from firmware.surface.ink import Box, Ink
from firmware.surface.pages.all import PAGES
from firmware.surface.view import Levels, PageName, View

BOX = (2, 3, 123, 50)
STRIP = "channel.1"


def ink() -> Ink:
    return Ink(Image.new("1", (128, 64)))


def lit(drawn: Ink) -> NDArray[np.bool_]:
    return np.array(drawn.image, dtype=bool)


def model(**values: Value) -> DeskModel:
    made = DeskModel(DeskSize(2, 2, 2, buses=8), [(Kind.CHANNEL, 1)] if "width_pct" in values else [])
    made.update({f"{STRIP}.{name.replace('__', '.')}": value for name, value in values.items()})
    return made


def drawn_page(page: PageName, desk: DeskModel, part: int = 0, box: Box = BOX, **change: object) -> NDArray[np.bool_]:
    view = replace(samples.view_of(desk, page, STRIP, part), **change)  # type: ignore[arg-type]
    drawn = ink()
    PAGES[page].picture(drawn, box, view)
    found = lit(drawn)
    outside = found.copy()
    outside[box[1] : box[3], box[0] : box[2]] = False
    assert not outside.any()
    return found


def response(desk: DeskModel, spectrum_db: tuple[float, ...] = (), band: int = 0) -> NDArray[np.bool_]:
    drawn = ink()
    plots.response(drawn, BOX, desk, STRIP, spectrum_db, band)
    return lit(drawn)


@pytest.mark.parametrize("gain_db", [-12.0, -6.0, 6.0, 12.0, 18.0])
def test_a_bell_stands_at_its_frequency_as_high_as_its_gain(gain_db: float) -> None:
    """The picture is 47 rows high for ±18 dB, its middle row is 26: a decibel is 23 / 18 of a row."""
    hz = 1000.0
    found = response(model(eq__band__3__freq_hz=hz, eq__band__3__gain_db=gain_db, eq__band__3__q=2.0))
    column = BOX[0] + round((BOX[2] - BOX[0] - 1) * scales.of_hz(hz))
    rows = np.flatnonzero(found[:, column])
    peak = rows[0] if gain_db > 0.0 else rows[-1]
    assert peak == pytest.approx(26.0 - 23.0 * gain_db / 18.0, abs=1.0)


def test_a_flat_equaliser_is_a_line_in_the_middle() -> None:
    found = response(model())
    assert found[26, BOX[0] : BOX[2]].all()
    assert found.sum() == BOX[2] - BOX[0]


def test_the_band_under_the_hands_is_marked() -> None:
    desk = model()
    plain, marked = response(desk), response(desk, band=2)
    column = BOX[0] + round((BOX[2] - BOX[0] - 1) * scales.of_hz(250.0))
    changed = np.flatnonzero((plain != marked).any(axis=0))
    assert changed.min() >= column - 3
    assert changed.max() <= column + 3


def test_more_sound_is_more_grey_behind_the_curve() -> None:
    dark, quiet, loud = (int(response(model(), (level,) * 64).sum()) for level in (-100.0, -60.0, -20.0))
    assert dark < quiet < loud
    assert loud < 0.6 * (BOX[2] - BOX[0]) * (BOX[3] - BOX[1])


def test_a_spectrum_stands_where_its_frequency_is() -> None:
    peak = [-100.0] * 64
    peak[48] = -6.0
    columns = response(model(), tuple(peak))[BOX[1] : 24].sum(axis=0)
    assert int(np.argmax(columns)) == pytest.approx(BOX[0] + 48 / 63 * (BOX[2] - BOX[0] - 1), abs=1.5)


def transfer(desk: DeskModel, level_db: float, reduction_db: float, stage: str = "comp") -> NDArray[np.bool_]:
    drawn = ink()
    plots.transfer(drawn, BOX, desk, STRIP, stage, level_db, reduction_db)
    return lit(drawn)


def test_the_compressor_bends_where_its_threshold_is() -> None:
    """−30 dBFS, 10:1, no knee: full scale comes out at −27 dBFS, 0.55 of the way up 47 rows: row 24."""
    found = transfer(model(comp__on=True, comp__threshold_db=-30.0, comp__ratio=10.0, comp__knee_db=0.0), -99.0, 0.0)
    right = BOX[0] + 94 - 1  # twice as wide as high
    rows = np.flatnonzero(found[: BOX[3] - 1, right])
    assert rows.max() == pytest.approx(49 - 46 * 33 / 60, abs=1.0)
    middle = np.flatnonzero(found[: BOX[3] - 1, BOX[0] + 47])
    assert middle.min() == pytest.approx(49 - 46 * 0.5, abs=1.0)


def test_the_live_point_is_where_the_sound_is() -> None:
    desk = model(comp__on=True, comp__threshold_db=-30.0, comp__ratio=4.0)
    for level_db, reduction_db in ((-40.0, 0.0), (-20.0, 7.5), (-6.0, 18.0)):
        silent, sounding = transfer(desk, -99.0, reduction_db), transfer(desk, level_db, reduction_db)
        new = np.argwhere(sounding & ~silent)
        y, x = new.mean(axis=0)
        assert x == pytest.approx(BOX[0] + 93 * (level_db + 60.0) / 60.0, abs=2.0)
        assert y == pytest.approx(49 - 46 * (level_db - reduction_db + 60.0) / 60.0, abs=2.0)


def test_what_is_taken_away_hangs_from_the_top_24_db_at_the_foot() -> None:
    full = 43
    for reduction_db, rows in ((0.0, 0.0), (12.0, full / 2), (24.0, full), (60.0, full)):
        column = transfer(model(), -99.0, reduction_db)[BOX[1] + 2 : BOX[3] - 2, BOX[2] - 4]
        assert int(column.sum()) == pytest.approx(rows, abs=1.0)
        assert not column[int(column.sum()) :].any()


def test_an_open_gate_is_a_straight_line_and_a_closed_one_falls() -> None:
    closed = transfer(model(gate__on=True, gate__threshold_db=-30.0, gate__range_db=20.0), -99.0, 0.0, "gate")
    column = BOX[0] + 31  # −40 dBFS, 20 dB lower: −60 dBFS, the foot
    assert closed[46:49, column].any() or closed[49, column]
    above = np.flatnonzero(closed[:49, BOX[0] + 70])
    assert above.min() == pytest.approx(49 - 46 * 70 / 93, abs=1.0)


def test_meters_are_as_long_as_the_sound_is_loud_and_say_where_it_clipped() -> None:
    desk = model()
    quiet = drawn_page(PageName.GAIN, desk, levels=Levels(-60.0, -60.0, -60.0))
    lengths = []
    for level_db in (-45.0, -30.0, -15.0, 0.0):
        found = drawn_page(PageName.GAIN, desk, levels=Levels(level_db, -60.0, -60.0))
        lengths.append(int((found & ~quiet).any(axis=0).sum()))
    assert np.diff(lengths) == pytest.approx(lengths[0], abs=1.0)
    clipped = drawn_page(PageName.GAIN, desk, levels=Levels(-60.0, -60.0, -60.0, clipped="filters"))
    rows = np.flatnonzero((clipped & ~quiet).any(axis=1))
    assert BOX[1] + 15 <= rows.min() <= rows.max() < BOX[1] + 30  # the second of three


@pytest.mark.parametrize("pan", [-100.0, -50.0, 0.0, 50.0, 100.0])
def test_the_sound_stands_where_it_is_panned(pan: float) -> None:
    found = drawn_page(PageName.PAN, model(pan=pan))
    centred = drawn_page(PageName.PAN, model(pan=0.0))
    if pan:
        new = np.argwhere(found & ~centred)
        assert np.sign(new.mean(axis=0)[1] - (BOX[0] + BOX[2]) / 2) == np.sign(pan)
    mirrored = drawn_page(PageName.PAN, model(pan=-pan))
    middle = (BOX[0] + BOX[2]) // 2
    left, right = found[:, middle - 50 : middle + 51], mirrored[:, middle - 50 : middle + 51]
    assert np.array_equal(left, right[:, ::-1])


def test_a_wider_stereo_strip_has_a_wider_arc() -> None:
    arcs = [int(drawn_page(PageName.PAN, model(width_pct=width)).sum()) for width in (0.0, 50.0, 100.0, 150.0)]
    assert arcs == sorted(set(arcs))


def test_a_louder_send_has_a_higher_bar_and_one_that_is_off_is_hollow() -> None:
    heights = []
    for level_db in (-60.0, -30.0, -10.0, 0.0, 10.0):
        found = drawn_page(PageName.PAN, model(send__2__level_db=level_db), part=1)
        heights.append(int(found[:46, BOX[0] + 14 : BOX[0] + 26].any(axis=1).sum()))
    assert heights == sorted(set(heights))
    on = drawn_page(PageName.PAN, model(send__2__level_db=0.0), part=1)
    off = drawn_page(PageName.PAN, model(send__2__level_db=0.0, send__2__on=False), part=1)
    assert int(off.sum()) < int(on.sum()) / 2


def test_groups_are_full_where_the_strip_is_in_them() -> None:
    part = next(n for n in range(20) if PAGES[PageName.PAN].heading(model(), STRIP, n) == "DCA 1-4")
    none, one = (drawn_page(PageName.PAN, model(dca__6=is_in), part=part) for is_in in (False, True))
    rows, columns = np.nonzero(one & ~none)
    assert rows.min() > BOX[1] + 14  # the second row of boxes
    assert BOX[0] + 14 < columns.min() <= columns.max() < BOX[0] + 28  # the second box in it


def test_the_monitor_tells_dim_mono_and_solo_while_they_are_on() -> None:
    for path, word in (("monitor.dim", "DIM"), ("monitor.mono", "MONO"), (f"{STRIP}.solo", "SOLO")):
        desk = model()
        for is_on in (False, True):
            desk.set(path, is_on)
            drawn = ink()
            PAGES[PageName.MONITOR].picture(drawn, BOX, View(desk, PageName.MONITOR, STRIP))
            assert (word in [one.text for one in drawn.written]) is is_on


@pytest.mark.parametrize("height", [12, 16, 24, 39, 51])
@pytest.mark.parametrize("width", [55, 128])
def test_pictures_keep_to_their_box_whatever_its_size(width: int, height: int) -> None:
    desk = samples.model()
    for name, page in PAGES.items():
        for part in range(page.parts(desk, STRIP)):
            box = (128 - width, 64 - height, 128, 64)
            drawn_page(name, desk, part, box, levels=Levels(0.0, 6.0, -3.0, 90.0, 40.0, "in"))
