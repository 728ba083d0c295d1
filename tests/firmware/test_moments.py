"""What does not survive an engine's start: generator, talkback, solo in place (DESIGN, law 7). All else does."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dsp import slots
from firmware.image import put_to_sleep
from firmware.notes import Note
from tests.firmware.test_engine import assert_live_is_offline
from tests.firmware.test_restart import kill
from tests.rigs.running import RATE_HZ, noise, running

LOUD = {
    "osc.on": True, "osc.level_db": -6.0, "osc.destination": "main.lr", "osc.type": "sine",
    "talkback.on": True, "talkback.source": "in.2", "talkback.to.bus.1": True, "talkback.latch": True,
    "monitor.solo_mode": "sip", "channel.3.solo": True, "monitor.exclusive": True,
    "channel.1.fader_db": -7.5, "bus.2.mute": True, "dca.3.fader_db": -3.0, "mute_group.1.mute": True,
}  # fmt: skip
ASLEEP = {"osc.on": False, "talkback.on": False, "monitor.solo_mode": "pfl"}


def test_after_an_engine_was_replaced_the_moments_are_asleep_and_all_else_is_as_it_was(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=4.0) as run:
        desk, size = run.desk, run.desk.size
        for path, value in LOUD.items():
            desk.set(path, value)
        desk.link("bus.3", stereo=True)
        run.until(lambda: desk.sender.imaged == desk.sender.written)
        kill(run)
        run.until(lambda: desk.sender.taken == desk.sender.written)
        run.until_clock(run.clock + RATE_HZ // 4)
        assert {path: desk.model.get(path) for path in LOUD} == LOUD | ASLEEP
        assert desk.status()["stereo"] == ["bus.3"]
        expected = desk.model.kernel_values()
        assert run.close()
        life = run.recorder.lives[1]
        began = life.values.copy()
        began[size.desk("engine.gain_db")] = 0.0  # its ramp is the engine's own
        pairs = [size.bus(4, name) for name in slots.STRIP_INDEX]  # a right side takes the left one's at its start
        own = np.setdiff1d(np.arange(size.addresses), pairs)
        assert np.array_equal(began[own], expected[own])
        assert Note.RESTART in run.notes()
        for event in run.recorder.log[life.log_index :]:  # nothing wakes them again
            assert event.address != size.desk("osc.on") or event.value == 0.0
            assert event.address != size.desk("talkback.on") or event.value == 0.0
        assert_live_is_offline(run)


def test_a_solo_mode_that_only_listens_survives() -> None:
    from dsp.size import DeskSize

    size = DeskSize(2)
    for mode, kept in (("pfl", "pfl"), ("afl", "afl"), ("sip", "pfl")):
        values = np.full(size.addresses, 1.0)
        values[size.desk("monitor.solo_mode")] = slots.SOLO_MODES.index(mode)
        put_to_sleep(size, values)
        assert values[size.desk("monitor.solo_mode")] == slots.SOLO_MODES.index(kept)
        asleep = [size.desk(name) for name in ("osc.on", "talkback.on", "monitor.solo_mode")]
        assert (np.delete(values, asleep) == 1.0).all()
        assert (values[asleep[:2]] == 0.0).all()
