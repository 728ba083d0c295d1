"""What the pages hold: all that a strip and the desk have is under the hands, and the manual tells it."""

from __future__ import annotations

from dsp.size import DeskSize
from firmware.desk_model import DeskModel
from firmware.params import Kind, Text
from firmware.surface import key_table, page_table
from firmware.surface.pages.all import PAGES

LATER = {"fx"}  # the effects and their page come together


def test_every_value_of_the_desk_is_on_a_page() -> None:
    model = DeskModel(DeskSize(4, 2, 2, buses=4, effects=1, matrices=2), stereo=[(Kind.CHANNEL, 3), (Kind.BUS, 1)])
    strips = [path.removesuffix(".mute") for path in model.places if path.endswith(".mute")]
    found = set()
    for mode in ("gate", "expander"):  # one has a hysteresis, the other a ratio
        model.update({f"{strip}.gate.mode": mode for strip in strips if f"{strip}.gate.mode" in model.places})
        for strip in strips:
            for page in PAGES.values():
                for part in range(page.parts(model, strip)):
                    found |= {field.path for field in page.fields(model, strip, part)}
    missing = {path for path, place in model.places.items() if path not in found and str(place.kind) not in LATER}
    unheard = {path for path in missing if path.endswith(".pan")}
    assert all(".send." in path or ".matrix." in path for path in unheard), "sends to what is mono have no sides"
    words = {
        path for path in missing if isinstance(model.places[path].parameter.type, Text) or path.endswith(".colour")
    }
    assert missing == unheard | words, "names and colours are written in scenes"


def test_the_parts_of_a_page_are_told_apart() -> None:
    """Each heading and each label says something; nothing is twice on one part."""
    model = DeskModel(DeskSize(16, 2, 2, buses=8, effects=2, matrices=2))
    for page in PAGES.values():
        for part in range(page.parts(model, "channel.1")):
            fields = [field for field in page.fields(model, "channel.1", part) if field.path]
            assert len({field.label for field in fields}) == len(fields)
            assert len(page.fields(model, "channel.1", part)) <= 4
            assert page.heading(model, "channel.1", part) or not fields


def test_the_manual_has_the_pages_as_they_are() -> None:
    text = key_table.PAGE.read_text("utf-8")
    assert page_table.page(text) == text, "python -m firmware.surface.page_table writes it anew"
    for label in ("Trim", "LoCut", "Thr", "Ratio", "Make", "Pan", "Vol", "Max"):
        assert f"| {label}: " in text
