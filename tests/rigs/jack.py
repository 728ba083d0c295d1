"""A JACK server with a dummy card, and alsa-lib's jack plugin over it: ALSA in real time without hardware.

Needs the Debian packages jackd2 and libasound2-plugins. The plugin speaks FLOAT_LE only, at the server's rate and
period. When the server dies under a waiting client, alsa-lib waits for ever: take it away while the card is closed.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.card_config import CardConfig
from drivers.simulated.card import alsa_conf

DEVICE = "pidesk_jack"
# One name for every run: JACK takes eight names, and keeps that of a server that was killed until the name comes again.
SERVER = "pidesk-tests"
START_S = 20.0
STOP_S = 3.0


@dataclass
class JackServer:
    """A running server; stop() and start() take it away and bring it back under the same name."""

    name: str
    conf: Path
    rate_hz: int = 48_000
    period_frames: int = 64
    channels: int = 8
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes clients."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    "jackd", "-r", "-n", self.name, "-d", "dummy", "-r", str(self.rate_hz),
                    "-p", str(self.period_frames), "-C", str(self.channels), "-P", str(self.channels),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"},
            )  # fmt: skip
        end = time.monotonic() + START_S
        while (
            subprocess.run(["jack_wait", "-s", self.name, "-c"], capture_output=True, check=False).stdout
            != b"running\n"
        ):
            status = self.process.poll()
            if status is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"jackd did not start (exit status {status}): {self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Take it away, as a card that is unplugged."""
        process, self.process = self.process, None
        if process:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.conf.with_name("jackd.log")

    @property
    def environment(self) -> dict[str, str]:
        """What a client's process needs."""
        return {
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_START_SERVER": "1",
            "ALSA_CONFIG_PATH": f"{alsa_conf()}:{self.conf}",
        }

    def config(self, period_frames: int = 64, periods: int = 3, channels: int = 2) -> CardConfig:
        """What to ask of it."""
        return CardConfig(
            playback_device=DEVICE, capture_device=DEVICE, rate_hz=self.rate_hz, period_frames=period_frames,
            periods=periods, inputs=channels, outputs=channels, capture_format="FLOAT_LE", playback_format="FLOAT_LE",
        )  # fmt: skip


@contextmanager
def jack_server(folder: Path, *, period_frames: int = 64, channels: int = 8, ports: int = 2) -> Iterator[JackServer]:
    """A server, its asound.conf in `folder` with so many ports each way, the environment set; stopped at the end."""
    conf = folder / "asound-jack.conf"
    play, record = (
        "".join(f"        {i} system:{way}_{i + 1}\n" for i in range(ports)) for way in ("playback", "capture")
    )
    conf.write_text(
        f"pcm.{DEVICE} {{\n    type jack\n"
        f"    playback_ports {{\n{play}    }}\n    capture_ports {{\n{record}    }}\n}}\n"
    )
    server = JackServer(SERVER, conf, period_frames=period_frames, channels=channels)
    before = {key: os.environ.get(key) for key in server.environment}
    server.start()
    os.environ.update(server.environment)
    try:
        yield server
    finally:
        server.stop()
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
