"""Stems as sources: which channels of a desk the files of a folder land on, and the process that plays them.

Decoding and disks stay outside the engine: a player of its own (`firmware.player`) keeps two seconds of sound ready in
the shared memory. It may be slow, die or be started again; the engine goes on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.desk_places import Pair
from firmware.errors import AudioFileError, UsageError
from firmware.files import name_of
from firmware.params import MAX_PLAYS, Kind, Value, quoted
from firmware.shared import PLAY_FRAMES, PLAY_POSITION, PLAY_READ, PLAY_WRITTEN, Shared
from firmware.stems import no_files, sound_files

USB = "usb"
USB_ROOTS = (Path("/media"), Path("/run/media"), Path("/mnt"))
AGAIN_AFTER_S = 1.0
LONGEST_NAME = 24
_NUMBER = re.compile(r"^[\s._-]*(?:\d{1,2}[\s._-]+)+(?=[^\s._-])")  # not that of "808 kick" or "2nd guitar"


@dataclass(frozen=True)
class Landing:
    """A file and the channel it lands on; `play` is the first of its one or two playback channels."""

    file: Path
    name: str
    channel: int
    play: int
    stereo: bool


@dataclass(frozen=True)
class Plan:
    """Where the files of a folder land; `left_out` are those that found no channel, `too_wide` those that are neither
    mono nor stereo, `no_files` says what else lies there that is called like one."""

    landings: tuple[Landing, ...] = ()
    left_out: tuple[Path, ...] = ()
    too_wide: tuple[Path, ...] = ()
    no_files: tuple[str, ...] = ()

    @property
    def plays(self) -> int:
        """Playback channels that the plan needs."""
        return sum(2 if one.stereo else 1 for one in self.landings)

    @property
    def stereo(self) -> list[Pair]:
        """The pairs of channels that stereo files land on."""
        return [(Kind.CHANNEL, one.channel) for one in self.landings if one.stereo]

    def silent(self, channels: int) -> dict[str, Value]:
        """That the channels behind the first landing, up to the last of the desk, hear nothing of their own."""
        first = min((one.channel for one in self.landings), default=channels + 1)
        return {f"channel.{n}.source": "none" for n in range(first, channels + 1)}

    def defaults(self) -> dict[str, Value]:
        """Names and sources of the channels with a stem, for where a scene is silent."""
        found: dict[str, Value] = {}
        for one in self.landings:
            found[f"channel.{one.channel}.name"] = one.name
            found[f"channel.{one.channel}.source"] = (
                f"play.{one.play}+{one.play + 1}" if one.stereo else f"play.{one.play}"
            )
        return found

    def warnings(self, channels: int) -> list[str]:
        """What is not played on a desk of so many channels, and why."""
        told = list(self.no_files)
        if self.too_wide:
            told.append(f"Stems are mono or stereo; split {_names(self.too_wide)} into such files.")
        if self.left_out:
            told.append(
                f"A desk of {channels} channels has none left for {_names(self.left_out)}; make it larger (--size)."
            )
        return told


def _names(files: tuple[Path, ...]) -> str:
    return ", ".join(name_of(Path(file.name)) for file in files)


def folder_of(given: str) -> Path:
    """The folder that `play` names: itself, or for "usb" the first with sound files on a stick.

    Raises AudioFileError.
    """
    if given != USB:
        try:
            return Path(given).expanduser()
        except RuntimeError:
            raise AudioFileError(f"There is no home folder for {quoted(given)}; name a folder from / on.") from None
    for root in USB_ROOTS:
        for folder in sorted([*root.glob("*"), *root.glob("*/*"), *root.glob("*/*/*")]):
            with suppress(OSError, AudioFileError):
                if folder.is_dir() and sound_files(folder):
                    return folder
    raise AudioFileError("There is no USB stick with sound files here; put one in, or name a folder.")


def plan(folder: Path, first_channel: int, channels: int, joined: Iterable[Pair] = ()) -> Plan:
    """The files of a folder by name on the channels from `first_channel` on; a stereo file on the next odd one, with
    the channel after it, a mono one on both sides of a pair that is `joined` already. Raises AudioFileError."""
    from firmware import audio_files

    lefts = {number for kind, number in joined if kind is Kind.CHANNEL and number < channels}
    landings: list[Landing] = []
    left_out: list[Path] = []
    too_wide: list[Path] = []
    channel, play = first_channel, 1
    for info in audio_files.probe_all(sound_files(folder)):
        file, plays = info.path, info.channels
        is_right = channel % 2 == 0 and (plays == 2 or channel - 1 in lefts)
        at = channel + is_right
        width = 2 if plays == 2 or at in lefts else 1
        if plays > 2:
            too_wide.append(file)
        elif at + width - 1 > channels or play + plays - 1 > MAX_PLAYS:
            left_out.append(file)
        else:
            landings.append(Landing(file, strip_name(file), at, play, plays == 2))
            channel, play = at + width, play + plays
    found = Plan(tuple(landings), tuple(left_out), tuple(too_wide), tuple(no_files(folder)))
    if not landings:
        raise AudioFileError("\n".join(found.warnings(channels)))
    return found


def strip_name(file: Path) -> str:
    """What a strip is called after its file: "03-snare_top.wav" is "Snare top"."""
    words = _NUMBER.sub("", file.stem).replace("_", " ").replace("-", " ").split()
    name = " ".join(words) or file.stem
    shown = "".join(c if c.isprintable() else "?" for c in name[:1].upper() + name[1:])
    return shown[:LONGEST_NAME]


class Playback:
    """The player's process, kept alive; starts playing at once, and from the beginning when all is over."""

    def __init__(self, shared: Shared, landings: Iterable[Landing]) -> None:
        self._shared = shared
        self._files = [str(one.file.absolute()) for one in landings]
        self._process: subprocess.Popen[str] | None = None
        self._playing = True
        self._started_s = -AGAIN_AFTER_S
        self.restarts = -1
        self._written = 0  # into the ring when the player was started last
        self.trouble = ""
        """Why the player ended when it should not have, in a sentence."""

    def tick(self) -> None:
        """Start the player, or start it again if it has died."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._ask_why()
        now_s = time.monotonic()
        if now_s - self._started_s < AGAIN_AFTER_S:
            return
        self._started_s = now_s
        self._hang_up()
        self.restarts += 1
        self._written = int(self._shared.player[PLAY_WRITTEN])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "firmware.player", str(self._shared.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        self._tell(files=self._files, playing=self._playing)

    @property
    def position_frames(self) -> int:
        """Where in the take the desk hears it."""
        player, control = self._shared.player, self._shared.control
        ahead = max(int(player[PLAY_WRITTEN]) - int(control[PLAY_READ]), 0)
        length = max(int(player[PLAY_FRAMES]), 1)
        return (int(player[PLAY_POSITION]) - ahead) % length

    def do(self, action: str, at_s: float = 0.0) -> None:
        """ "start", "stop", or "locate" with a place in seconds. Raises UsageError."""
        if action == "locate":
            self._tell(position=max(round(at_s * self._shared.sizes.desk.rate_hz), 0))
        elif action in ("start", "stop"):
            self._playing = action == "start"
            self._tell(playing=self._playing)
        else:
            raise UsageError("Playback can start, stop or locate.")

    def status(self) -> dict[str, Any]:
        """Where it is, for people and programs."""
        rate_hz = self._shared.sizes.desk.rate_hz
        return {
            "playing": self._playing,
            "position_s": round(self.position_frames / rate_hz, 3),
            "length_s": round(int(self._shared.player[PLAY_FRAMES]) / rate_hz, 3),
            "files": [Path(file).name for file in self._files],
            "restarts": max(self.restarts, 0),
            "trouble": "" if int(self._shared.player[PLAY_WRITTEN]) > self._written else self.trouble,  # it plays again
        }

    def close(self) -> None:
        """End the player: it ends with its standard input."""
        if self._process is not None:
            self._hang_up()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2.0)
            self._process.kill()
            self._process.wait()
            self._ask_why()

    def _hang_up(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _ask_why(self) -> None:
        """Of a player that has ended: its last words, as far as there were any."""
        if self._process is not None and self._process.stderr is not None and not self._process.stderr.closed:
            with self._process.stderr as last:
                words = last.read().strip().splitlines()
            self.trouble = words[-1] if words else self.trouble

    def _tell(self, **what: Any) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(json.dumps(what) + "\n")
                self._process.stdin.flush()
