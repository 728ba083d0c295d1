"""The engine dies, the desk does not: what is restored, what is replayed, and what the next engine says it did."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from dsp import ring
from dsp.ring import Event
from firmware import image, status
from firmware.errors import EngineDied
from firmware.notes import Note
from firmware.status import State, Word
from firmware.supervisor import BACK_OFF_S, GIVE_UP, HANGS_AFTER_S, STARTS_WITHIN_S, Supervisor
from tests.firmware.test_engine import assert_live_is_offline
from tests.rigs.running import RATE_HZ, Running, events_of_every_kind, noise, running


def kill(run: Running) -> None:
    pid = run.desk.supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    blocks = int(run.shared.status[Word.BLOCKS])
    run.until(lambda: run.desk.supervisor.restarts > 0 and int(run.shared.status[Word.BLOCKS]) > blocks + 10)


def test_a_killed_engine_is_started_again_and_the_desk_is_as_it_was(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=4.0) as run:
        desk = run.desk
        for event in events_of_every_kind(desk.model, 300, 1, seed=9):  # now, as a hand would
            found = desk.model.from_event(event)
            assert found is not None
            desk.set(*found)
        run.until_clock(RATE_HZ // 2)
        later = desk.model.to_events("main.lr.pan", 40.0, 0.0, at=run.clock + 4 * RATE_HZ)
        desk.send(later)  # for after the death: the next engine must still be told
        kill(run)
        desk.set("channel.1.fader_db", -7.5)
        run.until_clock(later[0].at + RATE_HZ)
        expected = desk.model.kernel_values()
        expected[later[0].address] = 40.0
        assert run.close()

        lives, notes = run.recorder.lives, run.notes()
        assert [life.number for life in lives] == [1, 2]
        assert notes[0] == Note.START
        assert Note.RESTART in notes
        at_start = next(
            e for e in run.recorder.log[lives[1].log_index :] if e.address == desk.size.desk("engine.gain_db")
        )
        assert (at_start.value, at_start.over_frames) == (0.0, RATE_HZ // 5)  # 200 ms
        assert lives[1].clock % 32 == 0
        assert lives[1].clock > 0
        stands = lives[1].values.copy()
        for event in run.recorder.log[lives[1].log_index :]:
            if event.address >= 0:
                stands[event.address] = event.value
        known = [address for address in desk.model.by_address if address != desk.size.desk("engine.gain_db")]
        assert np.array_equal(stands[known], expected[known])
        assert_live_is_offline(run)


def test_with_the_newest_image_half_written_the_one_before_and_the_ring_make_up_for_it(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=4.0) as run:
        desk = run.desk
        address = desk.size.channel(2, "trim_db")
        desk.set("channel.2.trim_db", 3.0)
        run.until(lambda: desk.sender.imaged == desk.sender.written == 1)
        desk.set("channel.2.trim_db", 6.0)
        run.until(lambda: desk.sender.imaged == desk.sender.written == 2)
        found = image.newest(run.shared)
        assert found is not None
        run.shared.images[found.generation & 1, 20:] = 0  # the surface was killed here
        older = image.newest(run.shared)
        assert older is not None
        assert (older.generation, older.ring_index) == (found.generation - 1, 1)
        kill(run)
        run.until(lambda: desk.sender.taken == 2)
        run.until_clock(run.clock + RATE_HZ)
        assert run.close()
        life = run.recorder.lives[1]
        assert life.values[address] == 3.0
        replayed = [event for event in run.recorder.log[life.log_index :] if event.address == address]
        assert [event.value for event in replayed] == [6.0]
        assert_live_is_offline(run)


def test_a_damaged_slot_is_not_believed_and_the_event_still_arrives(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=2.0) as run:
        desk = run.desk
        run.until(lambda: run.state is State.RUNNING)
        sent: list[Event] = []
        for n in range(40):
            sent += desk.model.to_events("channel.3.trim_db", n * 0.25, 0.0)
        slots = ring.pack(sent, 0)
        slots[7, 3] ^= 1 << 50  # its value: the checksum does not fit
        slots[20, 0] += 1  # its sequence number
        run.shared.events.reshape(-1, 8)[:40] = slots
        desk.sender.written = 40
        desk.sender._sent.extend(sent)
        run.until(lambda: desk.sender.taken >= 40)
        assert desk.sender.repaired + int(run.shared.status[Word.EVENTS_BROKEN]) >= 1
        desk.set("channel.3.trim_db", 12.0, 0.0)
        run.until(lambda: desk.sender.taken == desk.sender.written)
        run.until_clock(3 * RATE_HZ)
        assert run.close()
        told = [event.value for event in run.recorder.log if event.address == desk.size.channel(3, "trim_db")]
        assert set(told) <= {event.value for event in sent} | {12.0}
        assert told[-1] == 12.0
        assert_live_is_offline(run)


def test_a_card_that_is_not_there_is_one_sentence_and_no_second_try(tmp_path: Path) -> None:
    from dataclasses import replace

    from drivers.simulated.card import SimulatedCard

    config = replace(SimulatedCard().config(), playback_device="hw:CARD=absent", capture_device="hw:CARD=absent")
    with running(tmp_path, config=config) as run:
        with pytest.raises(EngineDied, match=r"^There is no sound card hw:CARD=absent .*\.$"):
            run.until(lambda: False)
        assert run.desk.supervisor.restarts == 0


def test_a_card_of_another_format_is_one_sentence(tmp_path: Path) -> None:
    from dataclasses import replace

    from drivers.simulated.card import SimulatedCard

    config = replace(SimulatedCard(inputs=4).config(), capture_format="S16_LE")
    with running(tmp_path, config=config) as run, pytest.raises(EngineDied, match=r"^The sound card pidesk_sim .*\.$"):
        run.until(lambda: False)


class Dying:
    """Stands in for a process that dies at once."""

    def __init__(self, code: int) -> None:
        self.pid, self.returncode = 1, code

    def poll(self) -> int:
        return self.returncode

    def wait(self, _timeout: float = 0.0) -> int:
        return self.returncode


def test_an_engine_that_keeps_dying_is_tried_more_and_more_slowly_and_then_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drivers.simulated.card import SimulatedCard
    from dsp.size import DeskSize
    from firmware import engine_process
    from firmware.shared import Shared, Sizes

    shared = Shared.create(tmp_path / "desk", Sizes(DeskSize(8, 2, 2), tap_bytes=1 << 20))
    now, starts = 0.0, []
    monkeypatch.setattr(engine_process, "spawn", lambda: Dying(-signal.SIGSEGV))
    monkeypatch.setattr(engine_process, "order", lambda _process, _what: starts.append(now))
    supervisor = Supervisor(shared, SimulatedCard().config(), clock=lambda: now)
    supervisor.start()

    def go_on() -> None:
        nonlocal now
        while True:
            assert supervisor.has_died() or supervisor.pid is None
            supervisor.revive()
            now += 0.01

    with pytest.raises(EngineDied, match=rf"died {GIVE_UP} times in a row \(SIGSEGV\)"):
        go_on()
    waits = np.diff(starts)
    assert len(starts) == GIVE_UP
    assert waits == pytest.approx([*BACK_OFF_S, *[BACK_OFF_S[-1]] * (GIVE_UP - 1 - len(BACK_OFF_S))], abs=0.03)
    shared.unlink()


class Hanging(Dying):
    """Stands in for a process that does nothing any more until it is killed."""

    def __init__(self) -> None:
        super().__init__(-signal.SIGKILL)
        self.killed = False

    def poll(self) -> int | None:  # type: ignore[override]
        return self.returncode if self.killed else None

    def kill(self) -> None:
        self.killed = True


@pytest.mark.parametrize(("state", "patience_s"), [(State.RUNNING, HANGS_AFTER_S), (State.STARTING, STARTS_WITHIN_S)])
def test_an_engine_that_hangs_is_ended_once_patience_is_over_and_one_whose_heart_beats_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: State, patience_s: float
) -> None:
    from drivers.simulated.card import SimulatedCard
    from dsp.size import DeskSize
    from firmware import engine_process
    from firmware.shared import Shared, Sizes

    shared = Shared.create(tmp_path / "desk", Sizes(DeskSize(8, 2, 2), tap_bytes=1 << 20))
    now, beats_at, process = 100.0, 100.0, Hanging()
    monkeypatch.setattr(engine_process, "spawn", lambda: process)
    monkeypatch.setattr(engine_process, "order", lambda _process, _what: None)
    monkeypatch.setattr(status, "heartbeat_age_s", lambda _: now - beats_at)
    supervisor = Supervisor(shared, SimulatedCard().config(), clock=lambda: now)
    supervisor.start()
    shared.status[Word.PID], shared.status[Word.STATE] = process.pid, state
    now += 10 * patience_s
    beats_at = now - patience_s + 0.1
    assert not supervisor.has_died()  # it is old, but was heard of just now
    now += 0.2
    assert supervisor.has_died()
    assert process.killed
    assert status.message(shared) == "The engine hung and was ended."
    monkeypatch.setattr(supervisor, "start", lambda: None)
    assert supervisor.revive()
    assert supervisor.restarts == 1
    shared.unlink()


def test_between_two_engines_the_desk_does_not_say_that_it_runs_and_may_be_stopped(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 20 * RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", speed=1.0) as run:
        run.until_clock(RATE_HZ // 4)
        supervisor = run.desk.supervisor
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        run.until(lambda: supervisor.restarts > 0)
        assert status.snapshot(run.shared)["state"] == "starting"
        assert not supervisor.has_begun()
