"""What this machine has and lacks for a desk: each finding ok, worth knowing (warn) or in the way (bad)."""

from __future__ import annotations

import importlib.util
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from drivers.errors import DriverError
from firmware import paths
from firmware.errors import PideskError
from firmware.findings import BAD, OK, WARN, Finding

LEAST_LOCKED_BYTES = 512 << 20
THROTTLED = {
    0: "under-voltage now",
    1: "frequency capped now",
    2: "throttled now",
    3: "soft temperature limit now",
    16: "under-voltage since boot",
    17: "frequency capped since boot",
    18: "throttled since boot",
    19: "soft temperature limit since boot",
}  # the bits of `vcgencmd get_throttled`


def examine() -> list[Finding]:
    """Everything, in the order in which it would matter."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        python, packages, kernel, cards, simulated_card, panel, priority, memory, governor, throttling, folders,
    )  # fmt: skip
    found: list[Finding] = []
    for check in checks:
        try:
            found += check()
        except (PideskError, DriverError, OSError) as error:
            found.append(Finding(check.__name__.replace("_", " "), BAD, str(error)))
    return found


def python() -> Iterator[Finding]:
    """The interpreter (an older one than 3.11 does not get as far as here)."""
    bits = 64 if sys.maxsize > 2**32 else 32
    found = f"{platform.python_version()}, {bits} bit, {platform.machine()}"
    if bits == 32:
        yield Finding("Python", BAD, found, "Install the 64-bit Raspberry Pi OS.")
    else:
        yield Finding("Python", OK, found)


def packages() -> Iterator[Finding]:
    """What is needed beyond Python."""
    for name, remedy in (
        ("numba", "Start with ./pidesk, which sets up what is needed."),
        ("alsaaudio", "Start with ./pidesk (it needs gcc and libasound2-dev to build pyalsaaudio)."),
        ("soundfile", "Start with ./pidesk, which sets up what is needed."),
    ):
        there = importlib.util.find_spec(name) is not None
        yield Finding(
            f"package {name}", OK if there else BAD, "installed" if there else "missing", "" if there else remedy
        )


def kernel() -> Iterator[Finding]:
    """Whether the sound kernel has been compiled; asked in another process, as this one does not load the compiler."""
    program = "from dsp import compile as k; print(k.is_warm(), k.cache_folder())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )
    warm, _, folder = done.stdout.strip().partition(" ")
    if done.returncode:
        yield Finding(
            "sound kernel", BAD, "the compiler does not load", "Start with ./pidesk, which repairs the set-up."
        )
    elif warm == "True":
        yield Finding("sound kernel", OK, f"compiled, in {folder}")
    else:
        yield Finding("sound kernel", WARN, "not compiled yet: the first start takes a minute or two", "pidesk warmup")


def cards() -> Iterator[Finding]:
    """The sound cards, and the profile each would be used with."""
    from drivers.cards import detect, match
    from firmware import boards

    profiles, found = boards.profiles(), detect()
    if not found:
        yield Finding(
            "sound card", WARN, "none", "The desk runs on the simulated board. For a HAT: dtoverlay=… in config.txt."
        )
    for card in found:
        fitting = match(profiles, [card])
        if fitting is None:
            one_way = not (card.playback and card.capture)
            why = "it does not both play and capture" if one_way else "no profile fits"
            yield Finding(f"card {card.card_id}", WARN, f"{card.name}: {why}", "A desk needs a card that does both.")
            continue
        profile, _ = fitting
        yield Finding(f"card {card.card_id}", OK, f"{card.name}, profile {profile.key}")
        for quirk in profile.quirks:
            yield Finding(f"card {card.card_id}", OK, quirk)
    devices = sorted(Path("/dev/snd").glob("pcm*")) if found else []
    if devices and not os.access(devices[0], os.R_OK | os.W_OK):
        yield Finding(
            "access to sound", BAD, f"{devices[0]} may not be opened", "sudo usermod -aG audio $USER, log in again"
        )


def simulated_card() -> Iterator[Finding]:
    """Whether the simulated card is built or could be."""
    if any(paths.cache_dir().glob("libasound_module_pcm_pidesk-*.so")):
        yield Finding("simulated card", OK, "built")
    elif shutil.which("gcc") is None:
        yield Finding("simulated card", WARN, "gcc is missing", "sudo apt install gcc libc6-dev libasound2-dev")
    else:
        yield Finding("simulated card", OK, "will be built at the first run")


def panel() -> Iterator[Finding]:
    """The faders, knobs and display of the configured board."""
    from firmware import desk_config
    from firmware.surface import doctor
    from firmware.surface.beside import card_of

    desk = desk_config.load()
    if not desk.board:
        remedy = 'board = "reference" in desk.toml; docs/boards.md lists the boards'
        yield Finding("panel", OK, f"none: with one, say {remedy}")
        return
    yield from doctor.examine(desk.board, card_of(desk))
    yield from _panel_in_use()


def _panel_in_use() -> Iterator[Finding]:
    """What the desk that runs says of its panel."""
    from firmware import control
    from firmware.errors import NoDeskRunning

    try:
        found = control.ask({"do": "status"}, timeout_s=2.0)["status"]["panel"]
    except NoDeskRunning:
        return
    remedy = "Look at its plug and power; it comes back by itself."
    if found is None:
        yield Finding("panel in use", WARN, "the desk that runs has none", "Start it again to take the panel.")
        return
    if found["trouble"]:
        yield Finding("panel in use", BAD, found["trouble"], "Remove the cause and start the desk again.")
    chips = found["chips"]
    lost = [chip for chip in chips if chip["health"] != "good"]
    for chip in lost:
        yield Finding(f"panel in use: {chip['name']}", BAD, chip["reason"] or "does not answer", remedy)
    if chips and not lost:
        yield Finding("panel in use", OK, f"{len(chips)} chips answer")


def priority() -> Iterator[Finding]:
    """Whether the audio process may be real-time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    if os.geteuid() == 0 or soft >= 70 or soft == resource.RLIM_INFINITY:
        yield Finding("real-time priority", OK, "permitted")
    else:
        remedy = "@audio - rtprio 95 in /etc/security/limits.d/audio.conf, then log in again"
        yield Finding("real-time priority", WARN, "not permitted: a busy machine will be heard", remedy)


def memory() -> Iterator[Finding]:
    """Whether the audio process may lock its memory."""
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() == 0 or soft == resource.RLIM_INFINITY or soft >= LEAST_LOCKED_BYTES:
        yield Finding("locked memory", OK, "permitted")
    else:
        remedy = "@audio - memlock unlimited in /etc/security/limits.d/audio.conf, then log in again"
        yield Finding("locked memory", WARN, f"only {soft >> 20} MB: swapping will be heard", remedy)


def governor() -> Iterator[Finding]:
    """How the processor's clock is governed."""
    try:
        name = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text("ascii").strip()
    except OSError:
        yield Finding("clock governor", OK, "none on this machine")
        return
    if name == "performance":
        yield Finding("clock governor", OK, name)
    else:
        yield Finding("clock governor", WARN, name, "cpufreq.default_governor=performance in cmdline.txt")


def throttling() -> Iterator[Finding]:
    """What the firmware of a Pi says of its supply and temperature."""
    if shutil.which("vcgencmd") is None:
        return
    done = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, check=False)
    try:
        bits = int(done.stdout.strip().partition("=")[2], 16)
    except ValueError:
        yield Finding("power and heat", WARN, "vcgencmd does not answer", "The user must be in the group video.")
        return
    told = [text for bit, text in THROTTLED.items() if bits >> bit & 1]
    if not told:
        yield Finding("power and heat", OK, "never throttled")
    else:
        level = BAD if bits & 0b1111 else WARN
        yield Finding("power and heat", level, ", ".join(told), "Use the official power supply and cool the board.")


def folders() -> Iterator[Finding]:
    """Whether the desk can write what it must."""
    for name, folder in (("cache", paths.cache_dir()), ("state", paths.state_dir()), ("runtime", paths.runtime_dir())):
        there = folder
        while not there.exists():
            there = there.parent
        if os.access(there, os.W_OK | os.X_OK):
            yield Finding(f"{name} folder", OK, str(folder))
        else:
            yield Finding(f"{name} folder", BAD, f"{folder} cannot be written", f"Make {there} writable for this user.")
