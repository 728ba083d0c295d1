"""`pidesk meter`: what sound files measure."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware.measure import Measurement

HELP = "Loudness (BS.1770, EBU R 128), true peak, RMS, crest, loudness range and balance of sound files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="WAV, FLAC, MP3 and what else libsndfile reads")
    parser.add_argument("--json", action="store_true", help="for a program: a list with one object for each file")


def run(args: argparse.Namespace) -> int:
    """Measure and print; every file that cannot be read is told, the others are measured all the same."""
    import json
    import sys

    from firmware.errors import AudioFileError

    found, wrong = [], []
    for path in args.files:
        try:
            found.append((path, _measured(path)))
        except AudioFileError as error:
            wrong.append(error)
    if args.json:
        print(json.dumps([{"file": path, **measurement.as_json()} for path, measurement in found], indent=2))
    else:
        print("\n\n".join(_text(path, measurement) for path, measurement in found), end="\n" if found else "")
    for other in wrong[:-1]:
        print(f"pidesk: {other}", file=sys.stderr)
    if wrong:
        raise wrong[-1]
    return 0


def _measured(path: str) -> Measurement:
    from firmware import audio_files, progress
    from firmware.measure import Meter

    info = audio_files.probe(path)
    meter = Meter(info.rate_hz, info.channels)
    done = 0
    with progress.bar(info.path.name[:40]) as told:
        for block in audio_files.blocks(path):
            meter.add(block)
            done += len(block)
            told(done / info.frames)
    return meter.result()


def _number(value: float, unit: str) -> str:
    if math.isnan(value):
        return f"{'–':>7} (too short)"
    return f"{'−∞' if value == -math.inf else f'{value:.1f}'.replace('-', '−'):>7} {unit}"


def _text(path: str, m: Measurement) -> str:
    from pathlib import Path

    from firmware.files import name_of
    from firmware.measure import BANDS_HZ

    rows = [
        ("loudness", m.loudness_lufs, "LUFS"),
        ("loudness range", m.range_lu, "LU"),
        ("momentary, at most", m.momentary_max_lufs, "LUFS"),
        ("short-term, at most", m.short_term_max_lufs, "LUFS"),
        ("true peak", m.true_peak_dbtp, "dBTP"),
        ("peak", m.peak_dbfs, "dBFS"),
        ("RMS", m.rms_dbfs, "dBFS"),
        ("crest", m.crest_db, "dB"),
    ]
    rows += [
        (f"{name} {low:g}–{high:g} Hz", m.band_share_db[name], "dB of all") for name, (low, high) in BANDS_HZ.items()
    ]
    plural = "" if m.channels == 1 else "s"
    head = f"{name_of(Path(path))}: {m.seconds:.2f} s, {m.channels} channel{plural}, {m.rate_hz} Hz"
    if m.clipped:
        head += f", {m.clipped} samples at full scale"
    return "\n".join([head, *(f"  {label:<24}{_number(value, unit)}" for label, value, unit in rows)])
