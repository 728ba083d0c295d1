"""`pidesk bench surface`: how long it takes from a hand to the engine's ring, and what that costs (in
docs/performance.md, "The hands").

In virtual time buses take their bytes' time and a call's, and the desk's own code the thread time that it takes here.
In real time threads, their waking and the simulator's own work come on top.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random
from typing import Any

import numpy as np

from drivers.panel_config import Encoder, PanelConfig
from drivers.simulated.world import BOUNCE_NS
from firmware import bench_report
from firmware.realtime import resident_bytes
from firmware.surface import board_file
from firmware.surface.bench_rig import Rig

Report = dict[str, Any]
Say = Callable[[str], None]

BOARD = "reference"
MS, S = 1_000_000, 1_000_000_000
SETTLE_S = 1.0
"""Not counted: what is done once, letters of the display and messages on the bus."""
DETENTS_PER_S = 20.0
STEP = 0.1
"""How far a wiper is moved at once, of its travel."""
PATIENCE_NS = S
MOVES, QUICK_MOVES = 600, 24
REAL_S, QUICK_REAL_S = 30.0, 1.0
REST_SHARE = 3
"""Hands rest for one part in so many of that time."""


@dataclass(frozen=True)
class Row:
    """What a panel is asked under: what the system takes for a transfer beside its bytes, and how many times slower
    than here the code runs."""

    call_us: int = 0
    slower: float = 1.0


ROWS = (Row(0), Row(50), Row(100), Row(150), Row(50, 4.0))
HEADLINE = Row(50)
"""A Pi's I2C driver takes so much, about."""


@dataclass
class Heard:
    """How long moves took to be in the ring, in ms, by kind; `lost`: moves that never were."""

    ms: dict[str, list[float]] = field(default_factory=lambda: {"wiper": [], "detent": [], "key": []})
    lost: int = 0

    @property
    def count(self) -> int:
        """Moves, heard or not."""
        return sum(map(len, self.ms.values())) + self.lost

    def summary(self, *kinds: str) -> dict[str, float]:
        """p50, p99 and the largest of some kinds together."""
        took = [one for kind in kinds for one in self.ms[kind]]
        if not took:
            return dict.fromkeys(("p50", "p99", "max"), float("nan"))
        return dict(zip(("p50", "p99", "max"), np.round(np.percentile(took, (50, 99, 100)), 2).tolist(), strict=True))


class Moves:
    """Hands that do one thing after the other: a wiper, a detent of an encoder, a key; each when the one before it was
    heard."""

    def __init__(self, rig: Rig, seed: int = 1) -> None:
        self._rig, self._random = rig, Random(seed)  # noqa: S311 (moments, not a secret)
        self.heard = Heard()
        config = rig.config
        self._wipers = cycle([one.name for one in config.faders])
        self._encoders = cycle([one for one in config.encoders if one.name in rig.encoders])
        self._keys = cycle([one.name for one in config.buttons if one.name.startswith("mute.")])
        kinds = {"wiper": config.faders, "detent": rig.encoders, "key": any(b.name == "mute.1" for b in config.buttons)}
        self._kinds = cycle([kind for kind, there in kinds.items() if there])
        self._kind = ""
        self._ways: Iterator[int] = (1 if k // 3 % 2 else -1 for k in count())
        self._next_ns = rig.now_ns()
        self._release: tuple[int, str] | None = None

    def act(self) -> None:
        """Look whether the last move was heard, and begin the next one when it is time."""
        desk, now_ns = self._rig.desk, self._rig.now_ns()
        if self._release is not None and now_ns >= self._release[0]:
            self._rig.world.press(self._release[1], False, now_ns)
            self._release = None
        if desk.awaited:
            if desk.heard_ns:
                self.heard.ms[self._kind].append((desk.heard_ns - desk.since_ns) / MS)
            elif now_ns - desk.since_ns > PATIENCE_NS:
                self.heard.lost += 1
            else:
                return
            desk.awaited = ""
            self._next_ns = now_ns + self._random.randrange(20 * MS, 60 * MS)
        elif now_ns >= self._next_ns and self._release is None:
            self._kind = next(self._kinds)
            at_ns = now_ns + self._random.randrange(10 * MS)
            desk.heard_ns = 0
            desk.since_ns, desk.awaited = getattr(self, f"_{self._kind}")(at_ns)

    def _wiper(self, at_ns: int) -> tuple[int, str]:
        name = next(self._wipers)
        place = self._rig.world.position(name, at_ns)
        to = place + (STEP if place < 0.5 else -STEP) * self._random.uniform(0.5, 3.0)
        self._rig.world.slide(name, to, at_ns)
        return at_ns, self._rig.attached.surface.faders.path(name)

    def _detent(self, at_ns: int) -> tuple[int, str]:
        encoder = next(self._encoders)
        self._rig.world.turn(encoder.name, next(self._ways), at_ns, DETENTS_PER_S)
        shown = self._rig.attached.surface.editor.field_of(encoder.name)
        return last_edge_ns(self._rig, encoder, at_ns), shown.path if shown is not None else ""

    def _key(self, at_ns: int) -> tuple[int, str]:
        name = next(self._keys)
        self._rig.world.press(name, True, at_ns)
        self._release = (at_ns + 80 * MS, name)
        return at_ns, f"channel.{name.partition('.')[2]}.mute"


def last_edge_ns(rig: Rig, encoder: Encoder, after_ns: int) -> int:
    """When a contact first closed or opened for the last edge of a turn that was begun then."""
    edges = []
    for line in (encoder.a, encoder.b):
        before_ns = after_ns - S
        for at_ns, _ in rig.world.changes(line, after_ns - 1, after_ns + 10 * S):
            if at_ns - before_ns > BOUNCE_NS:
                edges.append(at_ns)
            before_ns = at_ns
    return max(edges)


@dataclass
class Measured:
    """What one rig showed in `seconds` of its time; `own_s`: thread time of the desk's own code by thread."""

    seconds: float
    heard: Heard
    fader_scan_hz: float
    oled_fps: float
    own_s: dict[str, float]


def run(rig: Rig, moves: int, seconds: float = float("inf")) -> Measured:
    """Let hands play until they have made so many moves, or so much time is over; none: they rest."""
    settle(rig)
    hands = Moves(rig)
    scans, frames, start_ns = dict(rig.panel.scans), rig.panel.frames, rig.now_ns()
    before = rig.ledger.all_ns()
    act = rig.ledger.aside(hands.act)
    heard = hands.heard
    while rig.now_ns() - start_ns < seconds * S and (not moves or heard.count < moves):
        if moves:
            act()
        rig.turn()
    took_s = (rig.now_ns() - start_ns) / S
    after = rig.ledger.all_ns()
    return Measured(
        took_s,
        heard,
        min((rig.panel.scans[name] - scans[name] for name in scans), default=0) / took_s,
        (rig.panel.frames - frames) / took_s,
        {name: (after[name] - before[name]) / S for name in after if name in before},
    )


def settle(rig: Rig) -> None:
    """Faders to the middle, the page EQ on the display, everything done once."""
    at_ns = rig.now_ns() + 100 * MS
    for fader in rig.config.faders:
        rig.world.slide(fader.name, 0.5, at_ns, 50 * MS)
    if any(button.name == "key.eq" for button in rig.config.buttons):
        rig.world.press("key.eq", True, at_ns)
        rig.world.press("key.eq", False, at_ns + 60 * MS)
    end_ns = rig.now_ns() + int(SETTLE_S * S)
    while rig.now_ns() < end_ns:
        rig.turn()


def virtual(config: PanelConfig, row: Row, moves: int) -> Measured:
    """In virtual time, with pictures of which every byte differs from the one before."""
    with Rig(config, slower=row.slower, call_ns=1000 * row.call_us, contrary=True) as rig:
        return run(rig, moves)


def measure(quick: bool, say: Say) -> Report:
    """All figures. `quick` takes few moves: its figures are rough and only show that all works."""
    config = board_file.load(BOARD).panel
    moves, seconds = (QUICK_MOVES, QUICK_REAL_S) if quick else (MOVES, REAL_S)
    say(f"playing the {BOARD} panel in real time for {seconds:.0f} s")
    with Rig(config, virtual=False) as rig:
        before_ns = time.process_time_ns()
        real = run(rig, 1 << 30, seconds)
        process_s = (time.process_time_ns() - before_ns) / S
        rest = run(rig, 0, seconds / REST_SHARE)
        rss_mb, shared_mb = resident_bytes() / 1e6, len(rig.shared.bytes) / 1e6
    rows: list[Report] = []
    for row in ROWS:
        slower = f", code {row.slower:g} times slower" if row.slower != 1.0 else ""
        say(f"{moves} moves in virtual time, {row.call_us} µs a call{slower}")
        found = virtual(config, row, moves)
        rows.append(
            {
                "call_us": row.call_us,
                "slower": row.slower,
                "hand_to_event_ms": found.heard.summary("wiper", "detent"),
                **{f"{kind}_ms": found.heard.summary(kind) for kind in found.heard.ms},
                "fader_scan_hz": round(found.fader_scan_hz, 1),
                "oled_fps": round(found.oled_fps, 1),
                "lost": found.heard.lost,
                "seconds": round(found.seconds, 1),
            }
        )
    chosen = rows[ROWS.index(HEADLINE)]
    return {
        **{key: chosen[key] for key in ("hand_to_event_ms", "fader_scan_hz", "oled_fps")},
        "hand_to_event_wall_ms": real.heard.summary("wiper", "detent"),
        "surface_core_share": round(sum(real.own_s.values()) / real.seconds, 4),
        "surface_rss_mb": round(rss_mb, 1),
        "rows": rows,
        "real": {
            "seconds": round(real.seconds, 1),
            **{f"{kind}_ms": real.heard.summary(kind) for kind in real.heard.ms},
            "moves": real.heard.count,
            "shared_mb": round(shared_mb, 1),
            "lost": real.heard.lost,
            "fader_scan_hz": round(real.fader_scan_hz, 1),
            "oled_fps": round(real.oled_fps, 1),
            "core_share": {name: round(own_s / real.seconds, 4) for name, own_s in real.own_s.items()},
            "core_share_at_rest": round(sum(rest.own_s.values()) / rest.seconds, 4),
            "simulator_core_share": round((process_s - sum(real.own_s.values())) / real.seconds, 4),
        },
        "with": {
            "board": BOARD,
            "i2c_hz": config.i2c_hz,
            "faders": len(config.faders),
            "buttons": len(config.buttons),
            "encoders": len(config.encoders),
            "lights": len(config.lights),
            "moves": moves,
            "call_us": HEADLINE.call_us,
        },
        "machine": bench_report.machine(),
        "quick": quick,
    }


def text(report: Report) -> str:
    """The report as a table for people."""
    on, of, real = report["machine"], report["with"], report["real"]
    machine = f"{on['cpu']}, {on['cores']} cores, load {on['load_1_min']:.1f}"
    counts = ", ".join(f"{of[name]} {name}" for name in ("faders", "buttons", "encoders", "lights"))
    lines = [
        f"{machine}; board {of['board']} on one simulated bus of {of['i2c_hz'] // 1000} kHz:",
        f"{counts}, a display of which every byte changes",
        "",
    ]
    table = [["", "wiper or detent p50", "p99", "max", "key p50", "p99", "faders", "display"]]
    for row in report["rows"]:
        name = f"{row['call_us']} µs a call" + (f", code {row['slower']:g} × slower" if row["slower"] != 1.0 else "")
        table.append([name, *_cells(row["hand_to_event_ms"], row)])
    table.append(["real time, own pictures", *_cells(report["hand_to_event_wall_ms"], real)])
    widths = [max(len(line[k]) for line in table) for k in range(len(table[0]))]
    lines += ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in table]
    share, rss, shared = report["surface_core_share"], report["surface_rss_mb"], real["shared_mb"]
    shares = ", ".join(f"{name} {own:.1%}" for name, own in real["core_share"].items())
    lost = sum(row["lost"] for row in report["rows"])
    lines += [
        "",
        f"While hands play, the desk and its panel take {share:.1%} of a core ({shares}),",
        f"at rest {real['core_share_at_rest']:.1%}; the simulator beside them {real['simulator_core_share']:.1%}.",
        f"The process has {rss:.0f} MB of memory, {shared:.0f} of them shared with the engine.",
        f"Moves that were not heard: {lost} in virtual, {real['lost']} in real time.",
    ]
    return "\n".join(lines)


def _cells(ms: Report, row: Report) -> list[str]:
    key = row["key_ms"]
    return [
        *(f"{ms[name]:.1f} ms" for name in ("p50", "p99", "max")),
        *(f"{key[name]:.1f} ms" for name in ("p50", "p99")),
        f"{row['fader_scan_hz']:.0f} Hz",
        f"{row['oled_fps']:.1f} fps",
    ]
