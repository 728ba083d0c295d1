"""Pins and addresses of every card and panel: printed as tables, and what must fit fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.card_profile import load_profiles
from firmware.surface import board_file, budget, budget_page, wiring, wiring_svg
from firmware.surface.board_file import BoardFile

ROOT = Path(__file__).resolve().parents[2]
CARDS = load_profiles()
PLAIN = {"audioinjector-stereo", "hifiberry-dacplusadc", "hifiberry-dacplusadcpro", "usb", "simulated"}
# What cannot fit, by name: the cards each board is refused with.
REFUSED = {
    "reference": {"codec-zero", "hifiberry-dac8x-adc8x", "pisound"},
    "minimal": {"pisound"},
    "faders-only": {"pisound"},  # takes SPI0
    "hat-only": set(),
    "dac8x": {"pisound"},
    "codec-zero": {"hifiberry-dac8x-adc8x", "pisound"},
    "pisound": {"codec-zero", "hifiberry-dac8x-adc8x"},
    "minimal-pisound": {"codec-zero", "hifiberry-dac8x-adc8x"},
}
# DESIGN §6: practice (a two-channel HAT, minimal panel), stage (Pi 5 with the eight-channel HAT), USB.
BUILDS = {
    "practice": [("minimal", card) for card in (*sorted(PLAIN), "codec-zero")] + [("minimal-pisound", "pisound")],
    "stage": [("dac8x", "hifiberry-dac8x-adc8x")],
    "usb": [("reference", "usb"), ("codec-zero", "codec-zero"), ("pisound", "pisound")],
}


def test_the_budget_of_every_card_and_panel_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        board: {key for key, card in CARDS.items() if budget_page.misfits(board, card)}
        for board in board_file.shipped()
    }
    with capsys.disabled():
        print(f"\n{budget_page.text()}")
    assert found == REFUSED


@pytest.mark.parametrize("build", BUILDS)
def test_every_documented_build_fits(build: str) -> None:
    guide = (ROOT / "docs" / f"build-{build}.md").read_text("utf-8")
    for board, card in BUILDS[build]:
        assert budget_page.misfits(board, CARDS[card]) == ()
        assert f"`{board}`" in guide


def test_the_reference_panel_takes_eleven_lines_beside_the_bus_and_leaves_spi_and_serial() -> None:
    lines = set(budget.lines_of(board_file.load("reference").panel))
    assert len(lines - {2, 3}) == 11
    assert not lines & {7, 8, 9, 10, 11, 14, 15, 18, 19, 20, 21}


def test_what_a_card_leaves_is_what_the_hardware_page_says() -> None:
    """HARDWARE.md §2: free beside a plain HAT are 4 5 6 12 13 16 17 22–27, SPI0 7–11, UART 14/15."""
    plain = [4, 5, 6, *range(7, 12), 12, 13, 14, 15, 16, 17, *range(22, 28)]
    assert [line for line in budget.free_lines(CARDS["hifiberry-dacplusadc"]) if line > 3] == plain
    assert [line for line in budget.free_lines(CARDS["pisound"]) if line > 3] == [4, 5, 6, 14, 15, 22, 23, 27]


def test_addresses_on_two_buses_do_not_clash(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(
        '[buses]\ni2c3 = [4, 5]\n[chips]\na = "ads1115 0x48"\nb = "ads1115 i2c3 0x48"\n[faders]\n1 = "a.0"\n2 = "b.0"\n'
    )
    board = board_file.load(path)
    assert budget.addresses_of(board.panel) == ["0x48", "i2c3 0x48"]
    assert budget.lines_of(board.panel, board.buses) == [2, 3, 4, 5]


def test_the_written_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "boards.md").read_text("utf-8") == budget_page.markdown()


def drawn() -> list[BoardFile]:
    made_for = {name: CARDS.get(board_file.load(name).card) for name in budget_page.drawn()}
    return [board_file.load(name, card) for name, card in made_for.items()]


@pytest.mark.parametrize("board", drawn(), ids=lambda board: board.key)
def test_the_drawings_are_up_to_date(board: BoardFile) -> None:
    drawing = (ROOT / "docs" / "boards" / f"{board.key}.svg").read_text("utf-8")
    assert drawing == wiring_svg.draw(board, CARDS.get(board.card))


@pytest.mark.parametrize("build", BUILDS)
def test_the_guides_show_the_wiring_of_their_boards(build: str) -> None:
    board, card = BUILDS[build][0]
    guide = (ROOT / "docs" / f"build-{build}.md").read_text("utf-8")
    assert f"(boards/{board}.svg)" in guide
    assert wiring.markdown(board_file.load(board, CARDS[card])) in guide
