"""The ALSA mixer controls a card needs before it makes or takes any sound, set and read back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from drivers.alsa_port import load_alsaaudio
from drivers.errors import ControlMissing, ControlRefused, DriverError


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One simple mixer control by its name in `amixer scontrols` and what it must stand at; None leaves it alone."""

    name: str
    choice: tuple[str, ...] | None = None
    """For an enumeration: the first of these that the card knows (the same item has had several spellings)."""
    playback_db: float | None = None
    capture_db: float | None = None
    playback_percent: int | None = None
    """Of the control's raw range; for controls that do not tell their decibels."""
    capture_percent: int | None = None
    playback_switch: bool | None = None
    capture_switch: bool | None = None


DB_STEP = 2.0  # a control stops at its nearest step; farther off than this it was refused


def set_controls(controls: Iterable[Control], device: str, alsa: Any = None) -> list[DriverError]:
    """Set every control of a card ("hw:CARD=sndrpihifiberry"); returns what could not be set, in order, as errors.

    Nothing is raised: a card with one control less still sounds, and the caller says so in the log and on the screen.
    Each error, ControlMissing or ControlRefused, names the control. Only a missing pyalsaaudio raises (DriverMissing).
    """
    module = load_alsaaudio() if alsa is None else alsa
    faults: list[DriverError] = []
    for control in controls:
        try:
            mixer = module.Mixer(control=control.name, device=device)
        except module.ALSAAudioError:
            faults.append(
                ControlMissing(
                    f"The sound card {device} has no mixer control {control.name!r}: amixer -D {device} scontrols lists"
                    " what it has; is it the card its profile is for?"
                )
            )
            continue
        try:
            wrong = _set(module, mixer, control)
            # alsa-lib answers from what it was told: only a mixer opened anew asks the card.
            with closing(module.Mixer(control=control.name, device=device)) as afresh:
                wrong += _compare(module, afresh, control)
            faults += (_refused(control, device, why) for why in wrong)
        except module.ALSAAudioError as error:
            faults.append(_refused(control, device, str(error)))
        finally:
            mixer.close()
    return faults


def _refused(control: Control, device: str, why: str) -> ControlRefused:
    return ControlRefused(f"The mixer control {control.name!r} of {device} did not take its value: {why}.")


def _set(module: Any, mixer: Any, control: Control) -> list[str]:
    """Set all parts of one control; returns what it cannot take."""
    wrong: list[str] = []
    if control.choice is not None:
        wrong += _choose(mixer, control.choice)
    for way, level_db, percent in _volumes(module, control):
        if level_db is not None:
            mixer.setvolume(round(level_db * 100), pcmtype=way, units=module.VOLUME_UNITS_DB)
        if percent is not None:
            mixer.setvolume(percent, pcmtype=way)
    if control.playback_switch is not None:
        mixer.setmute(0 if control.playback_switch else 1)  # alsaaudio speaks of mutes, ALSA of switches
    if control.capture_switch is not None:
        mixer.setrec(int(control.capture_switch))
    return wrong


def _volumes(module: Any, control: Control) -> tuple[tuple[Any, float | None, int | None], ...]:
    """Decibels and percent wanted of each direction."""
    return (
        (module.PCM_PLAYBACK, control.playback_db, control.playback_percent),
        (module.PCM_CAPTURE, control.capture_db, control.capture_percent),
    )


def _compare(module: Any, mixer: Any, control: Control) -> list[str]:
    """What levels and switches of one control, on any of its channels, do not stand at what was asked."""
    off: list[tuple[str, str]] = []
    for way, level_db, percent in _volumes(module, control):
        if level_db is not None:
            stand = [value / 100 for value in mixer.getvolume(pcmtype=way, units=module.VOLUME_UNITS_DB)]
            off += [(f"{level_db:g} dB", f"{value:g} dB") for value in stand if abs(value - level_db) > DB_STEP]
        if percent is not None:
            low, high = mixer.getrange(pcmtype=way)
            nearest = 50.0 / max(high - low, 1) + 1.0  # half a step, and what is lost in whole percent
            stand = mixer.getvolume(pcmtype=way)
            off += [(f"{percent} %", f"{value} %") for value in stand if abs(value - percent) > nearest]
    switches = [] if control.playback_switch is None else [(control.playback_switch, not m) for m in mixer.getmute()]
    switches += [] if control.capture_switch is None else [(control.capture_switch, bool(r)) for r in mixer.getrec()]
    off += [("on" if asked else "off", "on" if stands else "off") for asked, stands in switches if asked != stands]
    return [f"asked {asked}, it stands at {value}" for asked, value in dict.fromkeys(off)]


def _choose(mixer: Any, wanted: tuple[str, ...]) -> list[str]:
    known = mixer.getenum()
    items: list[str] = list(known[1]) if known else []
    for text in wanted:
        if text in items:
            mixer.setenum(items.index(text))
            now = str(mixer.getenum()[0])
            return [] if now == text else [f"asked {text!r}, it stands at {now!r}"]
    return [f"it knows {', '.join(items) or 'no choices'}, not {' or '.join(wanted)}"]


def restore_state(state_file: str, card_id: str) -> list[DriverError]:
    """Set all of a card's controls from an alsactl state file; returns what went wrong, as set_controls() does."""
    command = ["alsactl", "--file", state_file, "restore", card_id]
    remedy = "install alsa-utils and put the card's state file there, see the card's profile"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return [ControlRefused(f"The controls of {card_id} cannot be restored from {state_file} ({error}): {remedy}.")]
    if done.returncode == 0:
        return []
    said = (done.stderr.strip().splitlines() or ["alsactl failed"])[-1]
    return [ControlRefused(f"The controls of {card_id} were not restored from {state_file} ({said}): {remedy}.")]
