"""Board files: the panels that come of them, and everything that can be wrong, all at once, with line and remedy."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from drivers.card_profile import load_profiles
from drivers.panel_config import Analog, Button, Chip, Display, Encoder, Light
from firmware import paths
from firmware.errors import ConfigError, Problem
from firmware.surface import board_file
from firmware.surface.board_file import BoardFile
from firmware.surface.roles import BUTTONS, FADERS, ROLES

CARDS = load_profiles()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = paths.config_dir() / "boards"
    folder.mkdir(parents=True)
    return folder


def wrong(path: Path, text: str, card: str = "") -> list[tuple[int | None, str]]:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        board_file.load(path, CARDS.get(card))
    assert all(problem.file.endswith(".toml") for problem in caught.value.problems)
    return [(problem.line, problem.text) for problem in caught.value.problems]


def test_the_reference_panel_is_the_one_of_the_design() -> None:
    """DESIGN §6: 9 faders on three ADS1115 at 0x48, 0x49, 0x4B with a supply channel, 5 encoders on 10 lines, 28
    buttons, 5 pushes and 2 foot switches on MCP23017 at 0x20 to 0x22 with one INT line, SSD1309, HT16K33 at 0x70."""
    panel = board_file.load("reference").panel
    assert [(chip.kind, chip.address) for chip in panel.chips] == [
        ("ads1115", 0x48), ("ads1115", 0x49), ("ads1115", 0x4B),
        ("mcp23017", 0x20), ("mcp23017", 0x21), ("mcp23017", 0x22), ("ht16k33", 0x70),
    ]  # fmt: skip
    assert tuple(fader.name for fader in panel.faders) == FADERS
    assert panel.faders[5] == Analog("fader.6", "adc2", 1)
    assert panel.supply == Analog("supply", "adc3", 3)
    lines = {line for encoder in panel.encoders for line in (encoder.a, encoder.b)} | {panel.interrupt}
    assert (len(panel.encoders), len(lines)) == (5, 11)
    assert {button.name for button in panel.buttons} == set(BUTTONS)
    assert all(button.chip.startswith("exp") and button.pin not in (7, 15) for button in panel.buttons)
    assert Light("light.meter.2", "leds", 40, 8) in panel.lights
    assert Light("light.mute.8", "leds", 23) in panel.lights
    assert panel.display == Display("ssd1309", 1, 0x3C)
    assert panel.i2c_hz == 400_000


def test_a_board_like_another_has_its_own_sections_in_place_of_the_others() -> None:
    reference, dac8x = board_file.load("reference").panel, board_file.load("dac8x").panel
    assert dac8x.chips == reference.chips
    assert dac8x.encoders[0] == Encoder("encoder.1", 17, 10)
    assert {e.name for e in dac8x.encoders} == set(ROLES["encoder"])
    assert board_file.load("pisound").panel.interrupt == -1


def test_a_cards_own_button_is_there_only_beside_a_card_that_has_one() -> None:
    """Codec Zero: GPIO 27, Pisound: GPIO 17 (their schematics)."""
    for card, buttons in (("codec-zero", (Button("foot.1", 27),)), ("pisound", (Button("foot.1", 17),)), ("usb", ())):
        board = board_file.load("hat-only", CARDS[card])
        assert board.panel.buttons == buttons
        assert not board.panel.faders
    assert board_file.load("hat-only").panel.buttons == ()


def test_every_way_of_writing_a_place(own: Path) -> None:
    path = own / "mine.toml"
    path.write_text(
        'interrupt = 25\n[buses]\ni2c3 = [4, 5]\n[chips]\nadc = "ads7830 i2c3 0x4A"\nspi = "mcp3208 spi0.1"\n'
        'exp = "mcp23017 0x27"\n[display]\nchip = "ssd1306 0x3D"\nheight = 32\nupside_down = true\n'
        '[faders]\n1-3 = ["adc.7", "adc.0-1"]\nmain = "spi.3"\n[select]\n1-3 = [6, "exp.B0-B1"]\n'
        "[encoders]\nedges_per_detent = 2\n2 = [12, 13]\n",
        "utf-8",
    )
    board = board_file.load("mine")
    assert board.panel.chips[:2] == (Chip("adc", "ads7830", 3, 0x4A), Chip("spi", "mcp3208", 0, 1))
    assert [(f.name, f.chip, f.channel) for f in board.panel.faders] == [
        ("fader.1", "adc", 7), ("fader.2", "adc", 0), ("fader.3", "adc", 1), ("fader.main", "spi", 3),
    ]  # fmt: skip
    assert board.panel.buttons == (Button("select.1", 6), Button("select.2", 8, "exp"), Button("select.3", 9, "exp"))
    assert board.panel.encoders == (Encoder("encoder.2", 12, 13, 2),)
    assert board.panel.display == Display("ssd1306", 1, 0x3D, 128, 32, rotate=2)
    assert board.buses == {1: (2, 3), 3: (4, 5)}


BAD = """\
titel = "Mine"
i2c_hz = 300000
interrupt = 17
[chips]
adc1 = "ads1115 0x4C"
adc2 = "ads1155 0x49"
adc3 = "ads1115 0x48"
adc4 = "ads1115 0x48"
exp1 = "mcp23017 0x20"
pot = "mcp3008 spi1.0"
display = "ads1115 0x49"
far = "ads1115 i2c3 0x48"
[display]
chip = "ssd1322 spi0.0"
[faders]
1-4 = "adc1.0-3"
4 = "adc3.0"
5 = "adc3.0"
6 = "adc3.9"
7 = "exp1.A0"
9 = "adc3.1"
8 = "adc9.1"
[encoders]
1 = [5, 5]
2 = [2, 1]
3 = 12
[select]
1 = "exp1.A7"
2 = 17
3-4 = "exp1.A0-A4"
5 = 40
[lights]
mute.1 = "exp1.A0"
"""
BAD_TOLD = [
    (1, 'a board has no "titel". Did you mean "title"?'),
    (2, "i2c_hz is one of 100000, 400000, 1000000"),
    (5, "ADS1115 cannot have the address 0x4C; it can have 0x48, 0x49, 0x4A, 0x4B"),
    (6, '"ads1155" is none of ads1115'),
    (8, "address 0x48 on I2C bus 1 is taken by adc3 and by adc4; set adc4 to 0x49 or 0x4A or 0x4B"),
    (10, "SPI1 shares its lines with the sound card"),
    (11, '"display" is no name for a chip'),
    (12, "no lines are named for I2C bus 3; write i2c3 = [SDA, SCL] in [buses]"),
    (14, "a display on SPI needs its D/C line: dc = 25"),
    (17, "fader.4 is bound twice, also in line 16"),
    (18, "channel AIN0 of adc3 is taken by fader.4 and by fader.5"),
    (19, "adc3 has no 9; it has 0 to 3"),
    (20, "exp1 is of the kind MCP23017, which takes no faders"),
    (21, '[faders] has no "9"; it can have 1 to 8, main'),
    (22, 'there is no chip "adc9"; name it in [chips]. Did you mean "adc'),
    (24, "GPIO 5 is taken by encoder.1 (A) and by encoder.1 (B); free are 4, "),
    (25, "GPIO 2 is taken by I2C bus 1 and by encoder.2 (A)"),
    (25, "GPIO 1 is taken by the ID EEPROM and by encoder.2 (B)"),
    (26, "an encoder hangs on two GPIO lines from 2 to 27, its A and its B: 1 = [5, 6]"),
    (28, "A7 and B7 of exp1 are outputs only; take A0 to A6 and B0 to B6"),
    (29, "GPIO 17 is taken by interrupt and by select.2"),
    (30, "here are 2 controls and 5 places"),
    (31, "40 is no place here; write GPIO lines from 2 to 27 or pins of an expander"),
    (33, "exp1 is of the kind MCP23017, which takes no lights"),
]


def test_all_that_is_wrong_is_told_at_once_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    told = wrong(tmp_path / "mine.toml", BAD)
    missed = [(line, text) for line, text in BAD_TOLD if not any(at == line and text in said for at, said in told)]
    assert not missed, told
    assert {line for line, _ in told} == {line for line, _ in BAD_TOLD}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "Mine"\n', "is wrong: there are no faders; write [faders], or faders = false"),
        ("[faders]\n", "there are no faders"),
        ("faders = 3\n", "faders is a section: write [faders]"),
        ('like = "refernce"\n', 'There is no board "refernce"'),
        ("title = 3\nfaders = false\n", "title is one line of text"),
        ("faders = false\ninterrupt = 4\n", "there is no expander to pull this line"),
        ("faders = false\n[push]\n1 = true\n", "is no place here"),
        ('faders = false\n[chips]\nA = "ads1115 0x48"\n', '"A" is no name for a chip'),
        ("faders = false\n[chips]\na = 3\n", "a is written as its kind and its address"),
        ('faders = false\n[chips]\na = "mcp3008 0x48"\n', 'its address: "mcp3008 spi0.0"'),
        ('faders = false\n[display]\nchip = "ssd1306 0x3C"\nwidth = 256\n', "has 128 × 64 or 128 × 32 pixels"),
        ('faders = false\n[chips]\nl = "ht16k33 0x70"\n[lights]\nmute.1-3 = "l.0-3"\n', "cannot be shared evenly"),
    ],
)
def test_what_a_board_may_not_say(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(f"{sentence}" for _, sentence in wrong(tmp_path / "mine.toml", text))


def test_what_the_card_owns_is_refused_with_what_is_free(tmp_path: Path) -> None:
    """HARDWARE.md §1: DAC+ADC Pro owns 0x4A and 0x4D; §2: Pisound owns SPI0 and GPIO 12, 13, 16, 17, 24, 25, 26."""
    path = tmp_path / "mine.toml"
    told = wrong(path, '[chips]\na = "ads1115 0x4A"\n[faders]\n1 = "a.0"\n[mute]\n1 = 19\n', "hifiberry-dacplusadcpro")
    assert [line for line, _ in told] == [2, 6]
    assert "set a to 0x48 or 0x49 or 0x4B" in told[0][1]
    assert "GPIO 19 is taken by the card HiFiBerry DAC+ ADC Pro" in told[1][1]
    told = wrong(path, '[chips]\na = "mcp3208 spi0.0"\n[faders]\n1 = "a.0"\n[foot]\n1 = 17\n', "pisound")
    assert told[0] == (2, "SPI0 is taken by the card Blokas Pisound and by a; use chips on I2C with this card.")
    assert told[1][1].endswith('as the card\'s own button it is written "card.button".')


def test_a_users_own_board_wins_over_the_shipped_one_and_may_be_like_it(own: Path) -> None:
    (own / "minimal.toml").write_text('like = "minimal"\ntitle = "Mine"\n[push]\n1 = 16\n', "utf-8")
    board = board_file.load("minimal")
    assert board.title == "Mine"
    assert board.panel.buttons == (Button("push.1", 16),)
    assert len(board.panel.faders) == 4
    assert "minimal" in board_file.names()
    with pytest.raises(ConfigError, match='no board "minimul"'):
        board_file.load("minimul")


def test_a_fault_in_the_board_that_is_copied_is_told_of_that_file(own: Path) -> None:
    (own / "base.toml").write_text('[chips]\na = "ads1115 0x40"\n[faders]\n1 = "a.0"\n', "utf-8")
    (own / "mine.toml").write_text('like = "base"\n[mute]\n1 = 99\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        board_file.load("mine")
    told = sorted((Path(problem.file).name, problem.line) for problem in caught.value.problems)
    assert told == [("base.toml", 2), ("mine.toml", 3)]


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 70), st.floats(allow_nan=True), st.text(max_size=12),
    st.sampled_from(["adc1.0-3", "exp1.A0-B7", "exp1.A9", "leds.0-200", "ads1115 0x48", "mcp3208 spi0.0"]),
    st.sampled_from(["card.button", "none", "reference", "ssd1322 spi0.0"]),
    st.lists(st.integers(-1, 30), max_size=3), st.lists(st.sampled_from(["exp1.A0", "adc1.3", 5, "x"]), max_size=3),
    st.dictionaries(st.sampled_from(["1", "a", "1-4", "chip"]), st.integers(0, 30), max_size=2),
)  # fmt: skip
KEYS = st.sampled_from(["1", "1-8", "9-1", "main", "supply", "left.1", "meter.1-8", "chip", "dc", "x" * 20, "ä"])


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """A shipped board with a few things changed, taken out or put in."""
    name = draw(st.sampled_from(config.names("boards")))
    table: dict[str, Any] = tomlkit.parse(config.path(f"boards/{name}.toml").read_text("utf-8")).unwrap()
    for _ in range(draw(st.integers(1, 4))):
        key = draw(st.sampled_from([*table, "lights", "display", "buses", "like", "push", "chips", "faders"]))
        section = table.get(key)
        if isinstance(section, dict) and section and draw(st.booleans()):
            section[draw(st.one_of(st.sampled_from(list(section)), KEYS))] = draw(VALUES)
        elif draw(st.booleans()):
            table.pop(key, None)
        else:
            table[key] = draw(VALUES)
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    return value


def loaded(path: Path, card: str | None) -> tuple[BoardFile | None, tuple[Problem, ...]]:
    """The board, or what is wrong with it."""
    try:
        return board_file.load(path, CARDS.get(card or "")), ()
    except ConfigError as error:
        return None, error.problems


@settings(max_examples=300, deadline=None)
@given(mutations(), st.sampled_from([None, *CARDS]))
def test_any_change_of_a_board_gives_a_panel_or_sentences(table: dict[str, Any], card: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.toml"
        path.write_text(tomlkit.dumps(_plain(table)), "utf-8")
        board, problems = loaded(path, card)
    assert all(problem.text.endswith((".", "?")) for problem in problems), problems
    if board is None:
        assert problems
        return
    names = [chip.name for chip in board.panel.chips]
    assert {fader.chip for fader in board.panel.faders} <= set(names)
    bound = [fader.name for fader in board.panel.faders] + [encoder.name for encoder in board.panel.encoders]
    bound += [button.name for button in board.panel.buttons]
    assert len(bound) == len(set(bound))
