"""The simulated sound card: real alsa-lib, real pyalsaaudio, no metal. What it does is told in pcm_pidesk.c.

library = build(cache_folder)                       # once, at set-up; needs gcc and libasound2-dev
card = SimulatedCard(name="pidesk_sim", inputs=8, infile=Path("band.raw"), speed=20)
os.environ.update(environment(write_conf(folder, [card], library)))
DuplexCard(card.config(period_frames=64, periods=3))
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from drivers.card_config import MAX_CHANNELS, SAMPLE_BYTES, CardConfig
from drivers.errors import SimulatorError

SOURCE = Path(__file__).with_name("pcm_pidesk.c")
SOURCES = (SOURCE, *(SOURCE.with_name(name) for name in ("card_clock.h", "card_faults.h")))
NEEDS = "The simulated sound card needs gcc and the ALSA headers: sudo apt install gcc libasound2-dev"
FAULT = r"(play\.)?(xrun|short|gone|stall)@\d+(\+\d+(\.\d+)?)?(\*\d+)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCard:
    """One card; raises SimulatorError, naming every fault at once, for values it cannot have.

    A card keeps its clock, its position and the faults already fired as long as the process lives, under its name: give
    each card of a test a name of its own.
    """

    name: str = "pidesk_sim"
    """The ALSA device name of both directions."""
    rate_hz: int = 48_000
    inputs: int = 2
    outputs: int = 2
    capture_format: str = "S32_LE"
    playback_format: str = "S32_LE"
    min_period_frames: int = 16
    """Smaller periods are refused as a card refuses them: by giving this one."""
    ppm: float = 0.0
    """How much faster than nominal the card's clock runs."""
    pace: str = "virtual"
    """virtual: the card waits for a late application and reports by how much; realtime: xruns as in the kernel."""
    speed: float = 1.0
    """virtual only: times real time; 0 is as fast as the application goes."""
    infile: Path | None = None
    """Raw interleaved frames in capture_format; silence after its end, unless loop."""
    loop: bool = False
    outfile: Path | None = None
    """Every frame written, raw in playback_format, the silence of each priming included; appended to, also by a later
    process: remove it before a new take."""
    faults: str = ""
    """[play.]KIND@FRAME[+SECONDS][*OPENS], comma-separated. FRAME is the capture position (frames written with
    "play."); each fires once, in the transfer that reaches it.

    xrun: both directions give -EPIPE. short: the transfer ends at FRAME, then both give -EPIPE. gone: -ENODEV, and
    opening fails until SECONDS (of the card's time) have passed and OPENS attempts were refused. stall: the clock
    stands still for SECONDS, transfers give -EIO after 0.1 s.
    """
    report: Path | None = None
    """JSON written at each close; see read_report()."""

    def __post_init__(self) -> None:
        wrong = []
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", self.name):
            wrong.append(f"name {self.name!r} is not a plain word")
        for key, value, low, high in (
            ("inputs", self.inputs, 1, MAX_CHANNELS),
            ("outputs", self.outputs, 1, MAX_CHANNELS),
            ("rate_hz", self.rate_hz, 8_000, 192_000),
            ("min_period_frames", self.min_period_frames, 1, 8_192),
            ("ppm", self.ppm, -100_000, 100_000),
            ("speed", self.speed, 0, 1e6),
        ):
            if not low <= value <= high:
                wrong.append(f"{key} is {value}, which is not {low} to {high}")
        for key, text, known in (
            ("capture_format", self.capture_format, tuple(SAMPLE_BYTES)),
            ("playback_format", self.playback_format, tuple(SAMPLE_BYTES)),
            ("pace", self.pace, ("virtual", "realtime")),
        ):
            if text not in known:
                wrong.append(f"{key} is {text!r}, which is none of {', '.join(known)}")
        wrong += bad_faults(self.faults)
        if wrong:
            raise SimulatorError(f"There is no such simulated card: {'; '.join(wrong)}.")

    def config(self, period_frames: int = 64, periods: int = 3) -> CardConfig:
        """What to ask of this card to get it as it is."""
        return CardConfig(
            playback_device=self.name,
            capture_device=self.name,
            rate_hz=self.rate_hz,
            period_frames=period_frames,
            periods=periods,
            inputs=self.inputs,
            outputs=self.outputs,
            capture_format=self.capture_format,
            playback_format=self.playback_format,
        )

    def conf(self) -> str:
        """This card as a piece of alsa-lib configuration."""
        keys: dict[str, str | int | float | Path | None] = {
            "card": self.name,
            "rate": self.rate_hz,
            "in_channels": self.inputs,
            "out_channels": self.outputs,
            "capture_format": self.capture_format,
            "playback_format": self.playback_format,
            "min_period": self.min_period_frames,
            "ppm": float(self.ppm),
            "pace": self.pace,
            "speed": float(self.speed),
            "infile": self.infile and self.infile.resolve(),
            "loop": "yes" if self.loop else "no",
            "outfile": self.outfile and self.outfile.resolve(),
            "faults": self.faults,
            "report": self.report and self.report.resolve(),
        }
        lines = "".join(f"    {key} {_value(value)}\n" for key, value in keys.items() if value not in (None, ""))
        return f"pcm.{self.name} {{\n    type pidesk\n{lines}}}\n"


def bad_faults(faults: str) -> list[str]:
    """What is wrong with a list of faults, a phrase for each that is none."""
    parts = faults.split(",") if faults else []
    form = "[play.]KIND@FRAME[+SECONDS][*OPENS] with KIND xrun, short, gone or stall"
    return [f"fault {part!r} is not {form}" for part in parts if not re.fullmatch(FAULT, part)]


def _value(value: str | float | Path | None) -> str:
    if isinstance(value, float):
        return f"{value:.9f}"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def build(cache: Path) -> Path:
    """Compile the card's alsa-lib plugin into the folder `cache`, unless this very source is there; return its path.

    Raises SimulatorError, one sentence, when gcc or the ALSA headers are missing or the folder cannot be written.
    """
    digest = hashlib.sha256(platform.machine().encode() + b"".join(path.read_bytes() for path in SOURCES)).hexdigest()
    library = cache / f"libasound_module_pcm_pidesk-{digest[:16]}.so"
    if library.exists():
        return library
    part = library.with_suffix(f".{os.getpid()}.part")
    # nodelete: alsa-lib may unload the plugin between close and reopen, and with it the card's clock
    flags = ["-O2", "-shared", "-fPIC", "-DPIC", "-pthread", "-Wl,-z,nodelete"]
    try:
        cache.mkdir(parents=True, exist_ok=True)
        command = ["gcc", *flags, "-o", str(part), str(SOURCE), "-lasound", "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SimulatorError(f"{NEEDS}.") from error
    except OSError as error:
        raise SimulatorError(
            f"The simulated sound card cannot be built in {cache} ({error.strerror}): make that folder writable."
        ) from error
    if done.returncode:
        part.unlink(missing_ok=True)
        said = next((line for line in done.stderr.splitlines() if "error" in line or "cannot" in line), "gcc failed")
        raise SimulatorError(f"{NEEDS} ({said.strip()}).")
    part.replace(library)
    return library


def alsa_conf() -> Path:
    """The alsa.conf of this system's alsa-lib; raises SimulatorError if there is none."""
    folders = [os.environ.get("ALSA_CONFIG_DIR", "")]
    try:
        asound = ctypes.CDLL("libasound.so.2")
        asound.snd_config_topdir.restype = ctypes.c_char_p
        folders.append((asound.snd_config_topdir() or b"").decode())
    except (OSError, AttributeError):
        pass  # older than 1.1.7, or somewhere the loader does not look
    folders += ["/usr/share/alsa", "/usr/local/share/alsa", "/etc/alsa"]
    for folder in filter(None, folders):
        path = Path(folder) / "alsa.conf"
        if path.is_file():
            return path
    raise SimulatorError("alsa-lib's own alsa.conf was not found: sudo apt install libasound2-data.")


def write_conf(folder: Path, cards: Iterable[SimulatedCard], library: Path) -> Path:
    """Write the alsa-lib configuration of these cards into `folder` and return its path.

    Its name carries its content: alsa-lib rereads a file of the same name only when the second has changed.
    """
    text = f'pcm_type.pidesk {{\n    lib "{library.resolve()}"\n}}\n' + "".join(card.conf() for card in cards)
    path = folder / f"asound-{hashlib.sha256(text.encode()).hexdigest()[:16]}.conf"
    part = path.with_suffix(f".{os.getpid()}.part")
    folder.mkdir(parents=True, exist_ok=True)
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path


def environment(conf: Path) -> dict[str, str]:
    """The environment under which alsa-lib finds the simulated cards beside this system's own.

    Raises SimulatorError for a path alsa-lib would take apart.
    """
    paths = (alsa_conf(), conf.resolve())
    for path in paths:
        if set(str(path)) & set(": "):
            raise SimulatorError(f"alsa-lib takes no path with a space or a colon in it: move {path} elsewhere.")
    return {"ALSA_CONFIG_PATH": ":".join(str(path) for path in paths)}


@dataclass(frozen=True, slots=True)
class Report:
    """What a card says of itself at each close, over the life of the process."""

    card: str
    clock_frames: int
    captured_frames: int
    """Capture position: frames read and frames lost."""
    played_frames: int
    late_count: int
    late_total_us: float
    """For how long, in real time, the clock was held for a late application (virtual pace)."""
    late_max_us: float
    xruns: int
    opens: int
    """Directions opened: two for each DuplexCard.open()."""
    refused_opens: int
    faults_fired: int


def read_report(path: Path) -> Report:
    """The report of a card that was closed; raises SimulatorError if there is none to read."""
    try:
        return Report(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SimulatorError(
            f"There is no report of a simulated card in {path}: it is written when the card closes."
        ) from error
