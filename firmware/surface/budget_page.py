"""Which panel fits beside which card, and what each takes: as lines for a terminal and as docs/boards.md."""

from __future__ import annotations

from drivers.card_profile import CardProfile, load_profiles
from firmware.errors import ConfigError
from firmware.surface import board_file, budget
from firmware.surface.board_file import BoardFile
from firmware.surface.header import I2C_LINES, ID_EEPROM

Table = list[tuple[str, ...]]
FITS, NOT = "fits", "no"


def misfits(board: str, card: CardProfile) -> tuple[str, ...]:
    """Why a board does not fit beside a card: what both want; empty where it fits."""
    try:
        board_file.load(board, card)
    except ConfigError as error:
        return tuple(dict.fromkeys(problem.text.partition(" is taken")[0] for problem in error.problems))
    return ()


def matrix() -> Table:
    """Boards by cards: "fits", or what both want."""
    cards = load_profiles()
    rows: Table = [("card", *board_file.shipped())]
    for card in cards.values():
        cells = (misfits(board, card) for board in board_file.shipped())
        rows.append((card.title, *(FITS if not cell else _short(cell) for cell in cells)))
    return rows


def _short(wanted: tuple[str, ...]) -> str:
    """ "GPIO 5, GPIO 22" as "GPIO 5 22"."""
    lines = _span(sorted(int(one.removeprefix("GPIO ")) for one in wanted if one.startswith("GPIO ")))
    others = [one for one in wanted if not one.startswith("GPIO ")]
    return f"{NOT}: {', '.join([*([f'GPIO {lines}'] if lines else []), *others])}"


def boards() -> Table:
    """What each board has, and what it takes."""
    rows: Table = [("board", "what it is", "faders", "encoders", "buttons", "GPIO lines", "addresses")]
    for name in board_file.shipped():
        board = board_file.load(name)
        panel = board.panel
        counts = (len(panel.faders), len(panel.encoders), len(panel.buttons))
        rows.append((name, board.title, *map(str, counts), _lines(board), " ".join(budget.addresses_of(panel)) or "–"))
    return rows


def _lines(board: BoardFile) -> str:
    lines = budget.lines_of(board.panel, board.buses)
    return f"{len(lines)}: {_span(lines)}" if lines else "–"


def cards() -> Table:
    """What each card leaves to a panel."""
    rows: Table = [("card", "GPIO lines it leaves", "I2C addresses it takes", "SPI0")]
    for card in load_profiles().values():
        free = [line for line in budget.free_lines(card) if line not in I2C_LINES[1]]
        addresses = " ".join(f"0x{one:02X}" for one in card.i2c) or "–"
        rows.append((card.title, f"{len(free)}: {_span(free)}", addresses, "taken" if "SPI0" in card.spi else "free"))
    return rows


def _span(lines: list[int]) -> str:
    """Numbers with runs of three or more drawn together: "4 6 12–17"."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return " ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else " ".join(map(str, run)) for run in runs)


def text() -> str:
    """All three tables for a terminal."""
    return "\n\n".join(_columns(table) for table in (boards(), matrix(), cards()))


def _columns(table: Table) -> str:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in table)


_LANGUAGE = f"""\
A board file says which control hangs on which pin of which chip. The desk takes the one that `board = "…"` names in
`desk.toml`: yours in `/etc/pidesk/boards` (an appliance) or `~/.config/pidesk/boards`, else one of those below.
`pidesk boards FILE` checks one and draws its wiring; all that is wrong with it is told at once.

```toml
title = "My panel"
like = "minimal"          # optional: sections that this file does not have are taken from that board
card = "pisound"          # optional: the card it is made for; the drawing marks that card's lines

i2c_hz = 400000           # as in config.txt: dtparam=i2c_arm=on,i2c_arm_baudrate=400000
interrupt = 4             # optional: the GPIO line that all expanders pull down, or "none"

[chips]                   # a name of yours = "kind address"
adc1 = "ads1115 0x48"     # or "mcp3208 spi0.0", or "ads1115 i2c3 0x48" on another bus
exp1 = "mcp23017 0x20"
leds = "ht16k33 0x70"

[buses]                   # only for buses beside i2c1: SDA and SCL
i2c3 = [4, 5]

[display]
chip = "ssd1309 0x3C"     # or "ssd1322 spi0.0" with dc = 25 and reset = 24
upside_down = false

[faders]                  # faders = false where there are to be none
1-4 = "adc1.0-3"          # faders 1 to 4 on channels 0 to 3
main = "adc2.0"
supply = "adc2.3"         # a channel that measures the pots' 3.3 V

[encoders]
1 = [17, 27]              # GPIO lines of A and B; the highest number is the cursor
edges_per_detent = 4      # 1, 2 or 4, as its data sheet says

[push]                    # also: select, mute, keys, foot
1 = 22                    # a GPIO line
2-3 = "exp1.A0-A1"        # or pins of an expander
4 = "card.button"         # or the card's own button

[lights]                  # select, mute, meter, key
mute.1-8 = "leds.16-23"   # one place each
meter.1-8 = "leds.32-95"  # eight each: a column of eight steps
```

GPIO {ID_EEPROM[0]} and {ID_EEPROM[1]} belong to the card's EEPROM, 2 and 3 are I2C. A7 and B7 of an MCP23017 cannot be
inputs. With SPI chips both chip selects (GPIO 7 and 8) are taken. SPI converters need 10 kΩ
from MISO (GPIO 9) to 3.3 V and a channel for `supply`: nothing else tells one that is gone from faders at 0.
"""


def markdown() -> str:
    """docs/boards.md, which a test holds equal to this."""
    parts = ["# Boards", "This page is made by `pidesk boards --markdown`.", _LANGUAGE.rstrip()]
    parts += ["## The boards that come with Pidesk", _markdown(boards())]
    parts += ["Wiring: " + ", ".join(f"[{name}](boards/{name}.svg)" for name in drawn()) + "."]
    parts += [
        "## Which fits beside which card",
        "Where one does not, it says what both want.",
        _markdown(matrix()),
    ]
    parts += ["## What the cards leave", _markdown(cards())]
    return "\n\n".join(parts) + "\n"


def drawn() -> list[str]:
    """The boards that have something to be wired."""
    return [name for name in board_file.shipped() if budget.lines_of(board_file.load(name).panel)]


def _markdown(table: Table) -> str:
    head, *rows = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([head, "|" + "---|" * len(table[0]), *rows])
