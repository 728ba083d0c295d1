"""What a run leaves: mix.wav, flat.wav, the table of what changed between them, and the report in figures."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware import audio_files, event_log, files, measure, processor, status
from firmware.control import plain
from firmware.replay import Comparison
from firmware.session import Session
from firmware.status import Word

MAINS = 2


def write_mix(session: Session, folder: Path) -> Path:
    """mix.wav in `folder`, the mains as they were heard, whole or not at all. Raises OutputError."""
    path, first = folder / "mix.wav", session.board.size.columns
    audio_files.write(path, session.recorder.sound()[:, first : first + MAINS], session.board.size.rate_hz)
    return path


def write_flat(session: Session, flat: NDArray[np.float32], folder: Path) -> Path:
    """flat.wav in `folder`, the mains of the same input without the mixing, whole or not at all. Raises OutputError."""
    path = folder / "flat.wav"
    audio_files.write(path, flat[:, :MAINS], session.board.size.rate_hz)
    return path


def write_film(session: Session, folder: Path) -> Path | None:
    """oled.gif in `folder`, what the display of a simulated panel showed, whole or not at all; None where it showed
    nothing. Raises OutputError."""
    film = session.made and session.made.film
    if not film:
        return None
    path = folder / "oled.gif"
    files.write(path, film.gif(), keep_previous=False)
    return path


def changes(session: Session, flat: NDArray[np.float32]) -> str:
    """A table of what the mixing did: loudness, peaks, crest, and the balance of the bands."""
    first, rate_hz = session.board.size.columns, session.board.size.rate_hz
    before = measure.measure(flat[:, :MAINS], rate_hz)
    after = measure.measure(session.recorder.sound()[:, first : first + MAINS], rate_hz)
    rows = [
        ("loudness", "LUFS", before.loudness_lufs, after.loudness_lufs),
        ("loudness range", "LU", before.range_lu, after.range_lu),
        ("true peak", "dBTP", before.true_peak_dbtp, after.true_peak_dbtp),
        ("crest", "dB", before.crest_db, after.crest_db),
    ]
    for name, (low, high) in measure.BANDS_HZ.items():
        rows.append((f"{name} {low:g}–{high:g} Hz", "dB", before.band_share_db[name], after.band_share_db[name]))
    lines = [f"{'':<26}{'flat':>9}{'mix':>9}{'change':>9}"]
    lines += [f"{name:<26}{_cell(a)}{_cell(b)}{_cell(b - a, '+')} {unit}" for name, unit, a, b in rows]
    return "\n".join(lines)


def _cell(value: float, sign: str = "") -> str:
    """A figure nine characters wide; a dash for none, as the change from silence to silence."""
    return f"{'–':>9}" if math.isnan(value) else f"{value:{sign}.1f}".rjust(9)


def figures(session: Session, proof: Comparison | None) -> dict[str, Any]:
    """The report: what `--report` writes.

    `start_to_first_block_s` counts from the first line of this program, after the launcher's set-up and Python's start.
    """
    shared, found = session.shared, session.desk.status()
    late = {}
    if session.board.report is not None:
        with suppress(OSError, ValueError):  # never written, or not whole, where the disk was full
            late = json.loads(session.board.report.read_text("utf-8"))
    return {
        "live_equals_offline": proof is not None and proof.equal and proof.converted_equal is not False,
        "xruns": found["xruns"],
        "blocks": found["blocks"],
        "dsp_load": found["dsp_load"],
        "start_to_first_block_s": round(session.first_block_s, 3),
        "engine_rss_mb": found["engine_rss_mb"],
        "board": session.board.title,
        "card": found["card"],
        "formats": found["formats"],
        "desk": found["desk"],
        "period_frames": found["period_frames"],
        "periods": found["periods"],
        "seconds": round(session.clock / session.board.size.rate_hz, 3),
        "events": len(session.recorder.log),
        "restarts": found["restarts"],
        "stalls": found["stalls"],
        "card_gone": found["card_gone"],
        "reopens": found["reopens"],
        "play_late_frames": found["play_late_frames"],
        "bad_numbers": found["bad_numbers"],
        "events_ignored": found["events_ignored"],
        "events_broken": found["events_broken"],
        "log_lost": found["log_lost"],
        "taps_lost_frames": found["taps_lost_frames"],
        "realtime_priority": found["realtime_priority"],
        "memory_locked": found["memory_locked"],
        "engine_ended_well": session.ended_well,
        "thread_time_max_us": round(int(shared.status[Word.THREAD_MAX_NS]) / 1e3, 1),
        "panel": found["panel"],
        "proof": None if proof is None else vars(proof),
        "card_report": late,
    }


def write(path: Path, found: dict[str, Any]) -> None:
    """Write the report as JSON, whole or not at all. Raises OutputError."""
    files.write(path, (json.dumps(plain(found), indent=2, ensure_ascii=False) + "\n").encode(), keep_previous=False)


def write_log(path: Path, session: Session) -> None:
    """Write the log of the run as JSON Lines, whole or not at all. Raises OutputError."""
    lives = session.recorder.lives
    began = lives[0].values if lives else None
    header = event_log.Header.of(session.board.size, began, status.kernel_key(session.shared), processor.name())
    event_log.write(path, header, session.model, session.recorder.log, {life.number: life.values for life in lives})


def one_line(found: dict[str, Any]) -> str:
    """The run in one line for a person."""
    load = found["dsp_load"]
    equal = "equal to the last bit" if found["live_equals_offline"] else "NOT EQUAL"
    if found["proof"] is None:
        equal = "not compared"
    return (
        f"{found['seconds']:.1f} s, {found['blocks']} blocks of {found['period_frames']}, {found['xruns']} xruns;"
        f" load {load['median']:.1%} median, {load['p999']:.1%} p99.9, {load['max']:.1%} max;"
        f" first block after {found['start_to_first_block_s']:.2f} s; live and offline: {equal}."
    )
