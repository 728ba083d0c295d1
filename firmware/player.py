"""The player: `python -m firmware.player SHARED`. Decodes sound files side by side into the playback channels' ring.

It is told what to do by lines of JSON on its standard input, of which each may say `files` (in the order of the
playback channels), `position` (frames) and `playing`; it ends with its standard input. At the end it begins again. A
player that takes the place of another goes on where that one was: what is ready in the ring is played meanwhile.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware import audio_files
from firmware.errors import AudioFileError, PideskError
from firmware.shared import (
    PLAY_FRAMES,
    PLAY_PLAYING,
    PLAY_POSITION,
    PLAY_READ,
    PLAY_SKIP_TO,
    PLAY_WRITTEN,
    Shared,
)

CHUNK_FRAMES = 2048
FADE_FRAMES = 128  # of what begins in the middle of a take
WAIT_S = 0.02

Signal = NDArray[np.float32]


class Track:
    """One file at the desk's rate, from some frame on, in pieces of any length; silence where it has ended or fails."""

    def __init__(self, file: Path, rate_hz: int) -> None:
        info = audio_files.probe(file)
        self.file, self.channels, self._rate_hz = file, info.channels, rate_hz
        self.frames = -(-info.frames * rate_hz // info.rate_hz)
        self._told = False
        self._blocks: Iterator[Signal] = iter(())
        self._rest: Signal = np.zeros((0, self.channels), np.float32)

    def locate(self, frame: int) -> None:
        """Go on from there."""
        self._rest = self._rest[:0]
        self._blocks = audio_files.blocks(self.file, self._rate_hz, frame) if frame < self.frames else iter(())

    def read_into(self, out: Signal) -> None:
        """Fills out[frames, channels]."""
        done = 0
        while done < len(out):
            if not len(self._rest):
                try:
                    self._rest = next(self._blocks)
                except StopIteration:
                    out[done:] = 0.0
                    return
                except AudioFileError as error:
                    if not self._told:  # once: what is said is read when the player has ended
                        print(str(error).splitlines()[0], file=sys.stderr)
                    self._told = True
                continue
            count = min(len(self._rest), len(out) - done)
            out[done : done + count] = self._rest[:count]
            self._rest, done = self._rest[count:], done + count


class Player:
    """All tracks, at one place of the take."""

    def __init__(self, shared: Shared) -> None:
        self._shared, self._tracks = shared, list[Track]()
        self._frames, self._position = 1, 0
        self._playing = self._fades = False
        self._written = int(shared.player[PLAY_WRITTEN])

    def do(self, what: dict[str, Any]) -> None:
        """Take what a line says. Raises AudioFileError for a file that cannot be opened."""
        words = self._shared.player
        if "files" in what:
            self._tracks = [Track(Path(file), self._shared.sizes.desk.rate_hz) for file in what["files"]]
            self._frames = max(track.frames for track in self._tracks)
            words[PLAY_FRAMES] = self._frames
            self._locate(int(words[PLAY_POSITION]) % self._frames)  # behind what another has left in the ring
            self._fades = self._position > 0 and int(self._shared.control[PLAY_READ]) >= self._written
        if "position" in what:
            self._go_on(int(what["position"]))
        if "playing" in what:
            stops = not what["playing"] and (self._playing or words[PLAY_PLAYING])
            if stops:  # what was decoded ahead is not played: it comes later
                ahead = max(int(words[PLAY_WRITTEN]) - int(self._shared.control[PLAY_READ]), 0)
                self._go_on(self._position - (self._written - int(words[PLAY_WRITTEN])) - ahead)
            self._playing = bool(what["playing"])

    def _go_on(self, frame: int) -> None:
        """Go on from a frame, and from there round again; what is in the ring is not to be played any more."""
        words = self._shared.player
        words[PLAY_PLAYING] = 0  # until something is ready again: meanwhile nothing is late
        self._written = int(words[PLAY_WRITTEN])
        words[PLAY_SKIP_TO] = self._written
        self._locate(frame % self._frames)
        words[PLAY_POSITION] = self._position
        self._fades = self._position > 0

    def _locate(self, frame: int) -> None:
        self._position = frame
        for track in self._tracks:
            track.locate(frame)

    def fill(self) -> None:
        """Decode until the ring is full.

        A piece is announced when the next one is in the ring: CPython has no fence, and a processor that shows its
        stores in another order has long shown all of it by then.
        """
        ring, words = self._shared.play, self._shared.player
        while self._tracks and self._playing:
            room = len(ring) - (self._written - int(self._shared.control[PLAY_READ]))
            count = min(CHUNK_FRAMES, self._frames - self._position, len(ring) - self._written % len(ring))
            if room < max(count, 1):
                return
            first, column = self._written % len(ring), 0
            for track in self._tracks:
                track.read_into(ring[first : first + count, column : column + track.channels])
                column += track.channels
            if self._fades:  # in the middle of a sound: without a click
                length, self._fades = min(count, FADE_FRAMES), False
                ring[first : first + length] *= np.linspace(0.0, 1.0, length, dtype=np.float32)[:, None]
            words[PLAY_POSITION] = self._position
            words[PLAY_PLAYING] |= self._written > words[PLAY_WRITTEN]
            words[PLAY_WRITTEN] = self._written
            self._position += count
            self._written += count
            if self._position >= self._frames:
                self._locate(0)


def main(argv: list[str]) -> int:
    """Play until standard input ends; 1, and a sentence on stderr, when a file cannot be played."""
    try:
        return _serve(argv)
    except PideskError as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1


def _serve(argv: list[str]) -> int:
    player = Player(Shared.attach(Path(argv[0])))
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    heard = b""
    while True:
        if selector.select(WAIT_S):
            # Not through sys.stdin: of lines that come together, it would keep all but the first for itself.
            data = os.read(sys.stdin.fileno(), 1 << 16)
            if not data:
                return 0
            *lines, heard = (heard + data).split(b"\n")
            for line in lines:
                player.do(json.loads(line))
        player.fill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
