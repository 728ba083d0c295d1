"""Live is offline: a real engine process on the simulated card, and the same compiled desk on what it heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dsp.slots import DESK, OUTPUT, STRIP
from firmware import replay, status
from firmware.notes import Note
from firmware.status import Word
from tests.rigs.running import RATE_HZ, Running, events_of_every_kind, live, noise, offline, running, to_raw

SECONDS = 20
FRAMES = SECONDS * RATE_HZ
EVENTS = 1500  # each kind of parameter at least once


def assert_live_is_offline(run: Running, heard: bool = True) -> None:
    """To the last bit, in float and as the card was given it, and with nothing lost on the way."""
    recorder = run.recorder
    assert (recorder.lost_frames, recorder.lost_entries) == (0, 0)
    out, put_out = offline(run), live(run)
    assert len(put_out) == recorder.frames > 0
    different = np.flatnonzero((out.view(np.int32) != put_out.view(np.int32)).any(axis=1))
    assert not len(different), f"{len(different)} of {len(put_out)} frames differ, the first is {different[0]}"
    assert not heard or np.abs(put_out).max() > 0.01, "nothing was heard"


@pytest.mark.parametrize("period", [32, 64, 96, 256, 1024])
def test_live_equals_offline_to_the_last_bit_under_events_of_every_kind(tmp_path: Path, period: int) -> None:
    given = noise(tmp_path / "in.raw", FRAMES, 4)
    with running(tmp_path, period=period, infile=tmp_path / "in.raw", tap_bytes=96 << 20) as run:
        events = events_of_every_kind(run.desk.model, EVENTS, FRAMES, seed=period)
        run.desk.send(events)
        run.until_clock(FRAMES)
        assert run.close()
        applied = [event for event in run.recorder.log if event.address >= 0]
        assert len(applied) >= len(events) > 200
        by_address = run.desk.model.by_address
        told = {by_address[event.address].parameter.name for event in events if event.address in by_address}
        assert told == {place.parameter.name for place in by_address.values()}
        slots = {slot.name.rsplit(".", 1)[-1] for slot in (*STRIP, *DESK, *OUTPUT)} - {"gain_db", "link"}
        assert {name.rsplit(".", 1)[-1] for name in told} >= slots - {str(n) for n in range(1, 17)}
        assert_live_is_offline(run)
        # what was heard is what was on the card's input, and what the card was given is the converted output
        heard = run.recorder.sound()[: len(given), :4]
        assert np.array_equal(heard, (given[: len(heard)] / 2.0**31).astype(np.float32))
        primed = bytes(run.desk.supervisor.card.playback_period_bytes * 3)
        assert run.played() == primed + to_raw(live(run), "S32_LE")


@pytest.mark.parametrize("sample_format", ["S16_LE", "S24_3LE"])
def test_the_converted_output_is_the_same_offline_dither_included(tmp_path: Path, sample_format: str) -> None:
    noise(tmp_path / "in.raw", RATE_HZ, 4)
    with running(tmp_path, infile=tmp_path / "in.raw", playback_format=sample_format) as run:
        run.until_clock(3 * RATE_HZ)
        assert run.close()
        proof, flat = replay.in_child(run.recorder, flat_values=run.desk.model.kernel_values())
        assert (proof.equal, proof.converted_equal) == (True, True)
        assert run.played() == bytes(run.desk.supervisor.card.playback_period_bytes * 3) + to_raw(
            live(run), sample_format
        )
        assert flat is not None
        assert flat.shape == live(run).shape
        # a comparison that should fail fails
        parts = replay.describe(run.recorder)
        parts["lives"][0][3][run.shared.sizes.desk.channel(1, "trim_db")] = np.float64(0.25).view(np.int64)
        wrong = replay.compare(parts, run.recorder.sound())
        assert (wrong.equal, wrong.converted_equal) == (False, False)
        assert wrong.first_difference >= 0
        # without the cold start's ramp
        assert np.abs(flat[: RATE_HZ // 4]).max() > 4 * np.abs(live(run)[: RATE_HZ // 4]).max()


def test_xruns_and_a_card_that_goes_and_returns_are_in_the_log_and_in_the_sound(tmp_path: Path) -> None:
    noise(tmp_path / "in.raw", 8 * RATE_HZ, 4)
    faults = "xrun@30000,short@60010,play.xrun@90000,gone@120000+0.2*1,play.short@200000,stall@230000+0.15"
    with running(tmp_path, infile=tmp_path / "in.raw", faults=faults, speed=30.0) as run:
        run.desk.send(events_of_every_kind(run.desk.model, 400, 6 * RATE_HZ, seed=5))
        run.until_clock(6 * RATE_HZ)
        assert run.close()
        words, notes = run.shared.status, run.notes()
        assert words[Word.XRUNS] == 4
        assert words[Word.CARD_GONE] + words[Word.STALLS] == words[Word.REOPENS] == 2
        assert notes.count(Note.XRUN) == 4
        assert notes.count(Note.CARD_BACK) == 2
        assert notes.count(Note.SILENCE) == 6
        assert notes[0] == Note.START
        assert notes[-2:] == [Note.RAMP_OUT, Note.STOP]
        assert_live_is_offline(run)
        proof = replay.compare(replay.describe(run.recorder), run.recorder.sound())
        assert (proof.equal, proof.converted_equal) == (True, True)


def test_after_an_xrun_sound_comes_back_from_silence_without_a_step(tmp_path: Path) -> None:
    steady = np.full((2 * RATE_HZ * 3, 1), 2**29, "<i4")  # a steady −12 dBFS: every step in the output is the engine's
    (tmp_path / "in.raw").write_bytes(steady.tobytes())
    with running(tmp_path, inputs=1, infile=tmp_path / "in.raw", faults=f"xrun@{3 * RATE_HZ}") as run:
        run.until_clock(4 * RATE_HZ)
        assert run.close()
        y = live(run)[:, 0]
        at = next(event.at for event in run.recorder.log if event.address == -1 and int(event.value) == Note.SILENCE)
        before = y[at - 1000]
        assert before == pytest.approx(0.25 * 2**-0.5, rel=1e-4)  # a centred strip: −3.01 dB a side
        silent = -(-(32 + 43) // 64) * 64  # a quantum of ramp and the limiter's latency, in whole periods
        assert not y[at : at + silent].any()
        assert np.abs(np.diff(y[at : at + 4800])).max() < before / 50  # 20 ms are 960 frames, level law included
        assert y[at + 4800] == pytest.approx(before, rel=1e-4)


def test_a_cold_start_rises_over_two_seconds_and_a_stop_fades_and_plays_out(tmp_path: Path) -> None:
    steady = np.full((20 * RATE_HZ, 1), 2**29, "<i4")
    (tmp_path / "in.raw").write_bytes(steady.tobytes())
    with running(tmp_path, inputs=1, infile=tmp_path / "in.raw") as run:
        run.until_clock(3 * RATE_HZ)
        assert run.close()
        y = live(run)[:, 0]
        full = 0.25 * 2**-0.5
        assert not y[:43].any()
        reached = int(np.argmax(y > 0.999 * full))
        assert 1.9 * RATE_HZ < reached <= 2.0 * RATE_HZ + 128
        assert (np.diff(y[:reached]) >= -1e-7).all()
        fade = next(event.at for event in run.recorder.log if event.address == -1 and int(event.value) == Note.RAMP_OUT)
        assert y[fade + 42] == pytest.approx(full, rel=1e-3)
        assert not y[fade + 2400 + 32 + 43 :].any()
        assert len(y) - (fade + 2400 + 43) >= run.desk.supervisor.card.buffer_frames  # what fades has left the card
        assert run.state is status.State.STOPPED
