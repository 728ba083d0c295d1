"""Scripted hands: what a line means, what is wrong with it, and that the world is as the script says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ScriptError
from drivers.panel_config import Analog, Button, Chip, Display, Encoder, PanelConfig
from drivers.simulated.hands import Hands
from drivers.simulated.script import FORMS, Hold, Plug, Slide, Step, Turn, parse
from drivers.simulated.world import World

MS = 1_000_000
S = 1000 * MS
CONFIG = PanelConfig(
    chips=(Chip("adc1", "ads1115", 1, 0x49), Chip("exp1", "mcp23017", 1, 0x20)),
    faders=(Analog("fader.3", "adc1", 0), Analog("fader.main", "adc1", 1)),
    encoders=(Encoder("encoder.2", 22, 23),),
    buttons=(
        Button("select.4", 3, "exp1"),
        Button("key.shift", 4, "exp1"),
        Button("key.scenes", 5, "exp1"),
        Button("key.solo", 6, "exp1"),
        Button("foot.1", 17),
    ),
    display=Display("ssd1309", 1, 0x3C),
)
ALIASES = {"clear": "shift+solo"}


def only(text: str) -> Step:
    (step,) = parse(text, CONFIG, ALIASES)
    return step


@pytest.mark.parametrize(
    ("line", "action", "took_ms"),
    [
        ("fader 3 to 70 % in 80 ms", Slide("fader.3", 0.7, 80 * MS), 80),
        ("fader main to 0%", Slide("fader.main", 0.0, 0), 0),
        ("Fader 3 to 12.5 % in 1.5 s", Slide("fader.3", 0.125, 1500 * MS), 1500),
        ("encoder 2 by +5 at 20 detents/s", Turn("encoder.2", 5, 20.0), 250),
        ("encoder 2 by −3", Turn("encoder.2", -3, 20.0), 150),
        ("encoder 2 by -3 at 60 detents/s", Turn("encoder.2", -3, 60.0), 50),
        ("press select 4", Hold(("select.4",), 80 * MS), 120),
        ("press shift+scenes", Hold(("key.shift", "key.scenes"), 80 * MS), 200),
        ("press foot 1", Hold(("foot.1",), 80 * MS), 120),
        ("hold clear for 1 s", Hold(("key.shift", "key.solo"), S), 1120),
        ("wait 500 ms", None, 500),
        ("unplug the ADC at 0x49", Plug(0x49, plugged=False), 0),
        ("plug 0x3c   # the OLED", Plug(0x3C, plugged=True), 0),
    ],
)
def test_what_a_line_means(line: str, action: Slide | Turn | Hold | Plug | None, took_ms: int) -> None:
    step = only(line)
    assert step == Step(1, 0, action, step.took_ns)
    assert step.took_ns == pytest.approx(took_ms * MS, abs=1)


def test_lines_follow_one_another_and_at_sets_the_time() -> None:
    steps = parse(
        "# a script\nfader 3 to 50 % in 1 s\nwait 200 ms\n\npress select 4\n"
        "at 10 s fader main to 20 % in 1 s\nwait 1 s\nat 500 ms: encoder 2 by 1\n",
        CONFIG,
    )
    assert [(step.line, step.at_ns // MS) for step in steps] == [
        (2, 0),
        (8, 500),
        (3, 1000),
        (5, 1200),
        (6, 10_000),
        (7, 11_000),
    ]


def test_twice_is_two_presses() -> None:
    first, second = parse("press select 4 twice", CONFIG)
    assert first.action == second.action == Hold(("select.4",), 80 * MS)
    assert second.at_ns - first.at_ns == 200 * MS, "within any double press"


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    script = """
        fader 3 to 70 %
        fader 9 to 70 %
        fader 3 to 130 %
        fader three times
        slide 3 to 4
        preß select 4
        encoder 2 by +5 at 0 detents/s
        press selekt 4
        unplug the ADC at 0x4A
        wait a bit
        hold clear for 1 s
    """
    with pytest.raises(ScriptError) as caught:
        parse(script, CONFIG)
    assert str(caught.value).splitlines() == [
        "Line 3: The panel has no fader “9”: there is fader.3, fader.main.",
        "Line 4: A fader goes from 0 to 100 %, not to 130 %.",
        "Line 5: “fader three times” is not how it is said: write “fader 3 to 70 % in 80 ms”.",
        "Line 6: No hand can “slide”: it can fader, encoder, press, hold, wait, unplug, plug.",
        "Line 7: No hand can “preß”: it can fader, encoder, press, hold, wait, unplug, plug. Did you mean “press”?",
        "Line 8: A hand turns up to 1000 detents/s, not 0.",
        "Line 9: The panel has no button “selekt 4”. Did you mean “select.4”?",
        "Line 10: The panel has no chip at 0x4A: there is 0x20, 0x3C, 0x49.",
        "Line 11: “wait a bit” is not how it is said: write “wait 500 ms”.",
        "Line 12: The panel has no button “clear”.",
    ]


@given(st.lists(st.sampled_from(" ".join(example for _, example in FORMS.values()).split()), max_size=8))
def test_any_words_are_steps_or_a_sentence(words: list[str]) -> None:
    try:
        parse(" ".join(words), CONFIG, ALIASES)
    except ScriptError as error:
        assert str(error).startswith("Line 1: ")  # noqa: PT017
        assert str(error).endswith((".", "?"))  # noqa: PT017


@given(st.text(max_size=40))
def test_any_text_is_steps_or_a_sentence(text: str) -> None:
    try:
        parse(text, CONFIG, ALIASES)
    except ScriptError as error:
        assert str(error).startswith("Line ")  # noqa: PT017


class Desk:
    """A world, hands on it, and what was plugged."""

    def __init__(self, text: str) -> None:
        self.world = World(CONFIG, noise=0.0, bounce_ns=0, supply_v=lambda _at_ns: 3.3)
        self.plugged: list[tuple[int, bool]] = []
        self.hands = Hands(parse(text, CONFIG, ALIASES), self.world, lambda *what: self.plugged.append(what))

    def play(self, until_ms: int) -> None:
        for ms in range(until_ms + 1):
            self.hands.act_until(5 * S + ms * MS)


def test_a_slide_is_where_it_should_be_all_the_way() -> None:
    desk = Desk("fader 3 to 80 % in 100 ms\nwait 100 ms\nfader 3 to 40 % in 100 ms")
    desk.play(400)
    for ms, position in ((0, 0.0), (50, 0.4), (100, 0.8), (150, 0.8), (200, 0.8), (250, 0.6), (300, 0.4), (999, 0.4)):
        assert desk.world.position("fader.3", 5 * S + ms * MS) == pytest.approx(position)
        assert desk.world.voltage(0x49, 0, 5 * S + ms * MS) == pytest.approx(3.3 * position)


def test_a_chord_goes_down_in_order_and_up_in_reverse() -> None:
    desk = Desk("hold clear for 1 s")
    desk.play(2000)
    pins = {ms: desk.world.pins(0x20, 5 * S + ms * MS) for ms in (0, 39, 40, 1039, 1040, 1079, 1080)}
    shift, solo = 1 << 4, 1 << 6
    down = {ms: 0xFFFF & ~value for ms, value in pins.items()}
    assert down == {0: shift, 39: shift, 40: shift | solo, 1039: shift | solo, 1040: shift, 1079: shift, 1080: 0}


def test_chips_are_pulled_when_their_time_comes() -> None:
    desk = Desk("wait 100 ms\nunplug the ADC at 0x49\nwait 1 s\nplug the ADC at 0x49")
    desk.play(99)
    assert desk.plugged == []
    desk.play(1099)
    assert desk.plugged == [(0x49, False)]
    assert not desk.hands.done
    desk.play(1100)
    assert desk.plugged == [(0x49, False), (0x49, True)]
    assert desk.hands.done
    assert desk.hands.length_ns == 1100 * MS


def test_hands_of_their_own_thread_play_to_the_end() -> None:
    from threading import Event

    ended = Event()
    world = World(CONFIG)
    hands = Hands(
        parse("fader 3 to 100 %\nwait 10 ms\nplug 0x20", CONFIG), world, lambda _address, _plugged: ended.set()
    )
    hands.start()
    assert ended.wait(20.0)
    hands.close()
    assert hands.done
    assert world.position("fader.3", 1 << 62) == 1.0


def test_hands_can_be_taken_away() -> None:
    hands = Hands(parse("wait 10 min\npress select 4", CONFIG), World(CONFIG), lambda *_: None)
    hands.start()
    hands.close()
    assert not hands.done
