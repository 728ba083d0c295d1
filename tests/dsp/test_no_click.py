"""Law 4 for the whole console: what is rerouted, soloed, grouped, linked or sent is changed without a click."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.size import DeskSize
from dsp.slots import (
    INSERT_LINE,
    KEY_FILTERS,
    MAIN_MEAN,
    MONITOR_L,
    MONITOR_R,
    NONE,
    OSC_TYPES,
    SOLO_BUS,
    SOURCE_FX,
    SOURCE_OSC,
)
from dsp.slots import SOURCE_PLAY as PLAY
from tests.dsp.clicks import BAR_DB, splatter_db
from tests.dsp.console import Console, Settings, code
from tests.dsp.rig import sine

RATE_HZ = 48000
SIZE = DeskSize(channels=10, inputs=3, outputs=10, rate_hz=RATE_HZ, buses=10, effects=2, matrices=2, plays=1)
FRAMES, MOVE_AT = 14400, 5000
PFL, AFL, SIP = range(3)
# Sines on inputs 1 to 3 and on playback; none is in step with another, so a leap from one to another is heard
TONES = ((1000.0, -12.0), (700.0, -15.0), (440.0, -12.0), (310.0, -14.0))
EARS = (
    code("main.lr"), code("main.lr.right"), code("main.mono"), MONITOR_L, MONITOR_R, code("bus.1"), code("bus.2"),
    code("matrix.1"), code("matrix.2"), code("bus.9"),
)  # fmt: skip
BASE: dict[str, float] = {
    "channel.1.pan": -30, "channel.2.to_main": 0, "channel.3.to_main": 0, "return.1.to_main": 0, "return.2.to_main": 0,
    "monitor.source": code("main.lr"), **{f"output.{k}.source": ear for k, ear in enumerate(EARS, 1)},
}  # fmt: skip
Move = tuple[Settings, Settings]  # what stands before it, what changes
FEED_1: Settings = {"channel.1.send.1.level_db": 0}
PAIR: Settings = {"channel.2.to_main": 1, "channel.2.pan": 60, "channel.1.pan": -60}
JOINED: Settings = {**PAIR, "channel.1.link": 1}
BUSES: Settings = {"channel.1.send.1.level_db": 0, "channel.2.send.2.level_db": -3}
FX: Settings = {
    **BUSES,
    "fx.1.source": code("bus.1"),
    "return.1.source": SOURCE_FX,
    "return.1.right.source": SOURCE_FX + 1,
}
INSERT: Settings = {"channel.1.insert.on": 1, "channel.1.insert.slot": 1}
SHAPED: Settings = {  # so that the taps differ
    "channel.1.trim_db": -3, "channel.1.hpf.on": 1, "channel.1.hpf.freq_hz": 700, "channel.1.eq.on": 1,
    "channel.1.eq.band.1.on": 1, "channel.1.eq.band.1.gain_db": 6, "channel.1.eq.band.1.freq_hz": 800,
    "channel.1.fader_db": -4,
}  # fmt: skip
DCA: Settings = {"channel.1.dca.3": 1, "main.lr.dca.4": 1}
GROUP: Settings = {"channel.1.mute_group.2": 1}
KEYED: Settings = {
    "channel.1.comp.on": 1, "channel.1.comp.threshold_db": -40, "channel.1.comp.ratio": 4,
    "channel.1.comp.attack_ms": 10, "channel.3.trim_db": -24,
}  # fmt: skip
HEARD: Settings = {**KEYED, "channel.1.comp.key.source": code("channel.3"), "channel.1.comp.key.listen": 1}
HEARD_GATE: Settings = {"channel.1.gate.on": 1, "channel.1.gate.threshold_db": -60, "channel.1.gate.key.listen": 1}
TALK: Settings = {"talkback.source": 2, "talkback.to.bus.1": 1, "talkback.to.main": 1}
TONE: Settings = {
    "osc.on": 1,
    "osc.level_db": -20,
    "osc.freq_hz": 600,
    "osc.freq_2_hz": 900,
    "osc.destination": code("bus.1"),
}

MOVES: dict[str, Move] = {
    "a channel to another input": ({}, {"channel.1.source": 2}),
    "a channel to playback": ({}, {"channel.1.source": PLAY}),
    "a channel to the generator": (TONE, {"channel.1.source": SOURCE_OSC}),
    "a channel to an effect": (FX, {"channel.1.source": SOURCE_FX + 1}),
    "a return to an input": ({**FX, "return.1.to_main": 1}, {"return.1.source": 2}),
    "an output to another strip": (FEED_1, {"output.1.source": code("channel.3")}),
    "an output to a mean": (PAIR, {"output.1.source": MAIN_MEAN}),
    "an output to an insert line": (INSERT, {"output.2.source": INSERT_LINE}),
    **{
        f"an output to tap {tap}": ({**SHAPED, "output.1.source": code("channel.1")}, {"output.1.tap": tap})
        for tap in range(4)
    },
    "an output's delay": ({}, {"output.1.delay_ms": 3.3}),
    "a send on": ({**FEED_1, "channel.1.send.1.on": 0}, {"channel.1.send.1.on": 1}),
    "a send off": (FEED_1, {"channel.1.send.1.on": 0}),
    "a send from silence": ({}, {"channel.1.send.9.level_db": 3}),
    "a send to silence": (FEED_1, {"channel.1.send.1.level_db": -math.inf}),
    **{f"a send to tap {tap}": ({**SHAPED, **FEED_1}, {"channel.1.send.1.tap": tap}) for tap in range(4)},
    "a send's pan": ({**FEED_1, "bus.1.link": 1}, {"channel.1.send.1.pan": 100}),
    "a bus into the mains": (BUSES, {"bus.1.to_main": 1}),
    "a bus into a higher one": (BUSES, {"bus.1.send.2.level_db": 0}),
    "a bus no longer into a higher one": ({**BUSES, "bus.1.send.9.level_db": 0}, {"bus.1.send.9.level_db": -math.inf}),
    "to_main off": ({}, {"channel.1.to_main": 0}),
    "to_mono on": ({}, {"channel.1.to_mono": 1}),
    "the mono level": ({"channel.1.to_mono": 1}, {"channel.1.mono_level_db": -math.inf}),
    "pan": ({}, {"channel.1.pan": 100}),
    "balance": (JOINED, {"channel.1.pan": 100}),
    "width": (JOINED, {"channel.1.width_pct": -100}),
    "two channels joined": (PAIR, {"channel.1.link": 1}),
    "two channels parted": (JOINED, {"channel.1.link": 0}),
    "two buses joined": (BUSES, {"bus.1.link": 1}),
    "two buses parted": ({**BUSES, "bus.1.link": 1}, {"bus.1.link": 0}),
    "two buses joined while one feeds the other": ({**BUSES, "bus.1.send.2.level_db": -6}, {"bus.1.link": 1}),
    "two buses parted so that one feeds the other": (
        {**BUSES, "bus.1.send.2.level_db": -6, "bus.1.link": 1}, {"bus.1.link": 0}
    ),
    "two matrices joined": ({"main.lr.matrix.1.level_db": 0}, {"matrix.1.link": 1}),
    "two matrices parted": ({"main.lr.matrix.1.level_db": 0, "matrix.1.link": 1}, {"matrix.1.link": 0}),
    "the mains into a matrix": ({}, {"main.lr.matrix.1.level_db": 0}),
    "a bus into a matrix": (BUSES, {"bus.1.matrix.2.level_db": 0}),
    "a matrix's send off": ({"main.lr.matrix.1.level_db": 0}, {"main.lr.matrix.1.on": 0}),
    "a matrix's fader": ({"main.lr.matrix.1.level_db": 0}, {"matrix.1.fader_db": -math.inf}),
    "a mute group": (GROUP, {"mute_group.2.mute": 1}),
    "a mute group let go": ({**GROUP, "mute_group.2.mute": 1}, {"mute_group.2.mute": 0}),
    "a strip into a muted group": ({"mute_group.2.mute": 1}, GROUP),
    "a dca's fader": (DCA, {"dca.3.fader_db": -math.inf}),
    "a dca's fader up": ({**DCA, "dca.3.fader_db": -30}, {"dca.3.fader_db": 6}),
    "a dca's mute": (DCA, {"dca.4.mute": 1}),
    "a strip out of a dca": ({**DCA, "dca.3.fader_db": -20}, {"channel.1.dca.3": 0}),
    **{
        f"{what} in {name}": ({**before, "monitor.solo_mode": mode}, after)
        for mode, name in ((PFL, "pfl"), (AFL, "afl"), (SIP, "sip"))
        for what, before, after in (
            ("solo on", {**SHAPED, **PAIR}, {"channel.1.solo": 1}),
            ("solo of another on", {**SHAPED, **PAIR}, {"channel.2.solo": 1}),
            ("solo off", {**SHAPED, **PAIR, "channel.1.solo": 1}, {"channel.1.solo": 0}),
            ("solo of another off", {**SHAPED, **PAIR, "channel.2.solo": 1}, {"channel.2.solo": 0}),
            ("a second solo", {**PAIR, "channel.2.solo": 1}, {"channel.1.solo": 1}),
        )
    },
    **{
        f"solo mode {a} to {b}": (
            {**SHAPED, **PAIR, "channel.2.solo": 1, "monitor.solo_mode": a}, {"monitor.solo_mode": b}
        )
        for a in range(3) for b in range(3) if a != b
    },
    "solo safe": ({**PAIR, "channel.2.solo": 1, "monitor.solo_mode": SIP}, {"channel.1.solo_safe": 1}),
    "an insert on": ({**INSERT, "channel.1.insert.on": 0}, {"channel.1.insert.on": 1}),
    "an insert off": (INSERT, {"channel.1.insert.on": 0}),
    "an insert to another slot": (INSERT, {"channel.1.insert.slot": 2}),
    "an insert to before the eq": ({**INSERT, **SHAPED}, {"channel.1.insert.position": 0}),
    "the monitor to a bus": (BUSES, {"monitor.source": code("bus.2")}),
    "the monitor to the solo bus": ({}, {"monitor.source": SOLO_BUS}),
    "the monitor to nothing": ({}, {"monitor.source": NONE}),
    "the monitor's dim": ({}, {"monitor.dim": 1}),
    "the monitor's dim let go": ({"monitor.dim": 1}, {"monitor.dim": 0}),
    "the monitor's delay": ({}, {"monitor.delay_ms": 7.7}),
    "the monitor's swap": ({"channel.1.pan": -100}, {"monitor.swap": 1}),
    "the monitor's mono": (PAIR, {"monitor.mono": 1}),
    "the monitor's polarity": ({}, {"monitor.polarity": 1}),
    "an effect's source": ({**FX, "return.1.to_main": 1}, {"fx.1.source": code("bus.2")}),
    "an effect's source to nothing": ({**FX, "return.1.to_main": 1}, {"fx.1.source": NONE}),
    "a loop opened": ({**FX, "return.1.send.1.level_db": -6}, {"return.1.send.1.on": 0}),
    "a loop closed": ({**FX, "return.1.send.1.level_db": -6, "return.1.send.1.on": 0}, {"return.1.send.1.on": 1}),
    "a compressor's key": (KEYED, {"channel.1.comp.key.source": code("channel.3")}),
    "a compressor's key filter": (KEYED, {"channel.1.comp.key.filter": 1, "channel.1.comp.key.freq_hz": 3000}),
    "a key listened to": (KEYED, {"channel.1.comp.key.listen": 1}),
    "a key no longer listened to": (HEARD, {"channel.1.comp.key.listen": 0}),
    "the source of a key that is heard": (HEARD, {"channel.1.comp.key.source": code("channel.2")}),
    "the filter of a key that is heard": (HEARD, {"channel.1.comp.key.filter": KEY_FILTERS.index("high_cut")}),
    "a key that is heard, unfiltered": (
        {**HEARD, "channel.1.comp.key.filter": KEY_FILTERS.index("band")}, {"channel.1.comp.key.filter": 0}
    ),
    "the frequency of a key that is heard": (
        {**HEARD, "channel.1.comp.key.filter": KEY_FILTERS.index("low_cut")}, {"channel.1.comp.key.freq_hz": 3000}
    ),
    "the source of a gate's key that is heard": (HEARD_GATE, {"channel.1.gate.key.source": code("channel.2")}),
    "from one key heard to the other": (
        {**HEARD, "channel.1.gate.key.source": code("channel.2")}, {"channel.1.gate.key.listen": 1}
    ),
    "talkback on": (TALK, {"talkback.on": 1}),
    "talkback off": ({**TALK, "talkback.on": 1}, {"talkback.on": 0}),
    "talkback from another input": ({**TALK, "talkback.on": 1}, {"talkback.source": 0}),
    "talkback to one more": ({**TALK, "talkback.on": 1}, {"talkback.to.matrix.1": 1}),
    "the generator on": ({**TONE, "osc.on": 0}, {"osc.on": 1}),
    "the generator off": (TONE, {"osc.on": 0}),
    "the generator to two sines": (TONE, {"osc.type": OSC_TYPES.index("two_sines")}),
    "the generator's frequency": (TONE, {"osc.freq_hz": 1200}),
    "the generator elsewhere": (TONE, {"osc.destination": code("bus.2")}),
}  # fmt: skip


@pytest.mark.parametrize("move", list(MOVES))
def test_a_change_of_the_console_makes_no_click(move: str) -> None:
    before, after = MOVES[move]
    console = Console(SIZE, {**BASE, **before})
    x = np.concatenate([sine(FRAMES, hz, RATE_HZ, level_db) for hz, level_db in TONES], axis=1)
    y = console.play(x, console.events(MOVE_AT, after))[2400:]
    still = console.play(x)[2400:]
    assert np.abs(y - still).max() > 1e-3, "the change must do something"
    worst_db = -math.inf
    for k in range(len(EARS)):  # below the sine as it is at its louder end, before or after
        amplitude = max(float(np.abs(part).max()) for part in (y[:1500, k], y[-1500:, k]))
        if amplitude > 0.001:
            worst_db = max(worst_db, splatter_db(y[:, k], RATE_HZ, amplitude))
    print(f"{move}: {worst_db:.1f} dB")
    assert worst_db <= BAR_DB
