"""`pidesk band`: the band's stems as files."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Make the band's sixteen tracks, a song of forty seconds with a mixer's real problems, as float32 WAV files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--output", required=True, metavar="FOLDER", help="where the sixteen files go; made if missing")
    parser.add_argument("--rate", type=int, default=48000, metavar="HZ", help="sample rate (default 48000)")


def run(args: argparse.Namespace) -> int:
    """Play and write."""
    from firmware import audio_files, band, files, progress, stems
    from firmware.errors import OutputError, UsageError

    if not band.LEAST_RATE_HZ <= args.rate <= 192000:
        raise UsageError(f"--rate: {args.rate} Hz is not possible; {band.LEAST_RATE_HZ} to 192000 are.")
    folder = Path(args.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = "it is a file" if isinstance(error, FileExistsError) else getattr(error, "strerror", None) or error
        raise OutputError(f"The folder {files.name_of(folder)} cannot be made: {why}.") from None
    with progress.bar("the band plays") as told:
        names, sound = band.tracks(args.rate, lambda _name, done, of: told(0.8 * done / of))
        for n, name in enumerate(names):
            audio_files.write(folder / file_name(n + 1, name), stems.as_heard(sound[:, n]), args.rate)
            told(0.8 + 0.2 * (n + 1) / len(names))
    print(f"{len(names)} tracks of {len(sound) / args.rate:.1f} s at {args.rate} Hz are in {files.name_of(folder)}.")
    return 0


def file_name(number: int, name: str) -> str:
    """`01-kick.wav`: sorted by name they are in the order of the desk's inputs."""
    return f"{number:02d}-{name.lower().replace(' ', '-')}.wav"
