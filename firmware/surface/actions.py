"""What buttons do: select and mute under the faders, the encoders' pushes, and the keys by the table in `keys`."""

from __future__ import annotations

from collections.abc import Callable

from firmware.errors import PideskError
from firmware.surface.changes import Changes
from firmware.surface.editor import Editor
from firmware.surface.gestures import Press, Release, TapTempo
from firmware.surface.holds import Holds
from firmware.surface.keys import KEYS, NOT_YET, SHIFTED, Do, Key
from firmware.surface.layers import Bank, is_fed, is_group, sends_of
from firmware.surface.library import Library
from firmware.surface.ports import DeskPort
from firmware.surface.setup import Setup
from firmware.surface.state import State
from firmware.surface.view import PageName
from firmware.surface.words import title

TALKBACK = "talkback.on"


class Actions:
    """Takes presses and releases. `shift` says whether SHIFT is down."""

    def __init__(
        self,
        setup: Setup,
        desk: DeskPort,
        state: State,
        changes: Changes,
        bank: Bank,
        editor: Editor,
        library: Library,
        shift: Callable[[], bool],
    ) -> None:
        self._setup, self._desk, self._state, self._changes = setup, desk, state, changes
        self._bank, self._editor, self._library = bank, editor, library
        self._shift = shift
        self._taps = TapTempo()
        self.holds = Holds()
        self._talking = ""  # the key that is held for talking
        self._does: dict[Do, Callable[[Key, Press], None]] = {
            Do.PAGE: lambda key, _: self._editor.show(key.page or PageName.GAIN),
            Do.NEXT_LAYER: lambda _, __: self._layer(lambda: self._bank.step(1)),
            Do.LAYER_BACK: lambda _, __: self._layer(lambda: self._bank.step(-1)),
            Do.FLIP: lambda _, __: self._flip(),
            Do.SOLO: lambda _, press: self._solo(self._state.strip, press.at_ns),
            Do.CLEAR: lambda _, press: self._clear(press.at_ns),
            Do.UNDO: lambda _, __: self._changes.undo(),
            Do.TAP: lambda _, press: self._tap(press.at_ns),
            Do.PLAY: lambda _, __: self._play(),
            Do.TALKBACK: lambda _, press: self._talk(press),
            Do.GO: lambda _, __: self._state.tell(NOT_YET[Do.GO]),
            Do.RECORD: lambda _, __: self._state.tell(NOT_YET[Do.RECORD]),
        }

    def press(self, press: Press) -> None:
        """A button went down."""
        kind, _, number = press.name.partition(".")
        if kind == "mute":
            self._mute(self._strip(number), press)
        elif kind == "select":
            self._select(self._strip(number), press)
        elif kind == "push":
            self._push(f"encoder.{number}", press)
        else:
            key = (SHIFTED if self._shift() else KEYS).get(press.name) or KEYS.get(press.name)
            if key is not None:
                self._key(key, press)

    def release(self, release: Release) -> None:
        """A button came up."""
        self.holds.end(release.name)
        if release.name == self._talking:
            self._talking = ""
            self._changes.set(TALKBACK, False, "", "", release.at_ns)
        kind, _, number = release.name.partition(".")
        if kind == "push" and release.was_short:
            self._editor.push(f"encoder.{number}")

    def strip_of(self, button: str) -> str:
        """The strip that a button beside a fader is about now; empty for any other button."""
        kind, _, number = button.partition(".")
        return self._strip(number) if kind in {"select", "mute"} else ""

    def _strip(self, number: str) -> str:
        place = int(number) - 1
        return self._bank.slots[place].strip if place < self._bank.width else ""

    # --- beside the faders ------------------------------------------------------------------------------------------

    def _mute(self, strip: str, press: Press) -> None:
        if strip:
            self._toggle(f"{strip}.mute", f"{title(self._desk.model, strip)} mute", press.at_ns)

    def _toggle(self, path: str, label: str, at_ns: int) -> None:
        self._changes.set(path, not self._desk.model.values[path], "", label, at_ns)
        self._state.touch(path, label)

    def _select(self, strip: str, press: Press) -> None:
        """A DCA or mute group takes the selected strip in or lets it out; any other strip is selected, with SHIFT or a
        second press soloed."""
        model, state = self._desk.model, self._state
        if not strip:
            return
        if is_group(strip):
            member = f"{state.strip}.{strip}"
            if member in model.places:
                label = f"{title(model, state.strip)} in {title(model, strip)}"
                self._toggle(member, label, press.at_ns)
        elif self._shift() or press.double:
            self._solo(strip, press.at_ns)
        else:
            self._editor.select(strip)
            if self._bank.flipped and is_fed(strip):
                self._layer(lambda: self._bank.flip(strip))

    def _solo(self, strip: str, at_ns: int) -> None:
        path = f"{strip}.solo"
        if path not in self._desk.model.places:
            self._state.tell(f"{title(self._desk.model, strip)} has no solo")
            return
        on = not self._desk.model.values[path]
        label = f"{title(self._desk.model, strip)} solo"
        self._changes.around(label, at_ns, lambda: self._desk.set(path, on))
        self._state.touch(path, label)

    # --- encoders' pushes -------------------------------------------------------------------------------------------

    def _push(self, encoder: str, press: Press) -> None:
        state, editor = self._state, self._editor
        if encoder == self._setup.cursor and "key.flip" not in self._setup.buttons:  # where no key is for undo
            self.holds.begin(press.name, "Hold to undo", self._changes.undo, press.at_ns)
        elif editor.is_list:
            if state.page is PageName.SCENES and not self._setup.has_page_keys:
                self._ask_to_store(press)
        else:
            field = editor.field_of(encoder)
            if field is not None and field.path in self._desk.model.places:
                label = editor.label(field)
                self.holds.begin(
                    press.name, f"Hold to reset {field.label}", lambda: editor.reset((field,), label), press.at_ns
                )

    # --- keys -------------------------------------------------------------------------------------------------------

    def _key(self, key: Key, press: Press) -> None:
        if key.does in self._does:
            self._does[key.does](key, press)
        if key.held is Do.RESET and self._state.page is key.page:
            self._ask_to_reset(key, press)
        elif key.held is Do.STORE:
            self._ask_to_store(press)
        elif key.held is Do.SILENCE:
            self.holds.begin(press.name, "Hold to silence all outputs", lambda: self._silence(press.at_ns), press.at_ns)
        elif key.held is Do.FIRST_LAYER:
            first = self._bank.all[0].title
            self.holds.begin(press.name, f"Hold for {first}", lambda: self._layer(self._bank.first), press.at_ns)

    def _ask_to_reset(self, key: Key, press: Press) -> None:
        strip = self._state.strip
        label = f"{title(self._desk.model, strip)} {key.word}"
        fields = tuple(one for one in self._editor.all_fields() if one.path.startswith(f"{strip}."))
        if fields:
            self.holds.begin(
                press.name, f"Hold to reset {key.word}", lambda: self._editor.reset(fields, label), press.at_ns
            )

    def _ask_to_store(self, press: Press) -> None:
        name = self._library.chosen()
        over = "" if self._library.is_new() else "over "
        self.holds.begin(press.name, f"Hold to store {over}{name}", lambda: self._library.store(name), press.at_ns)

    def _layer(self, change: Callable[[], None]) -> None:
        change()
        self._state.tell(self._bank.title)

    def _flip(self) -> None:
        strip = self._state.strip
        if self._bank.flipped:
            self._layer(lambda: self._bank.flip(""))
        elif is_fed(strip) or sends_of(self._desk.model, strip):
            self._layer(lambda: self._bank.flip(strip))
        else:
            self._state.tell(f"{title(self._desk.model, strip)} has no sends")

    def _clear(self, at_ns: int) -> None:
        solos = self._desk.solos
        if solos.on():
            self._changes.around("solos", at_ns, solos.clear)
            self._state.tell("Solos cleared")
        else:
            self._changes.around("solos", at_ns, solos.again)
            self._state.tell("Solos again" if solos.on() else "No solo is on")

    def _silence(self, at_ns: int) -> None:
        if self._changes.around("silence", at_ns, self._desk.mute_all):
            self._state.tell("All outputs are silent")

    def _tap(self, at_ns: int) -> None:
        bpm = self._taps.tap(at_ns)
        if bpm is not None:
            self._state.tempo_bpm = bpm
            self._state.touch("", "Tempo", value_text=f"{bpm:.0f} BPM")

    def _play(self) -> None:
        playback = self._desk.playback
        if playback is None:
            self._state.tell("No stems are loaded")
            return
        playing = playback.status()["playing"] is True
        try:
            playback.do("stop" if playing else "start")
        except PideskError as error:
            self._state.tell(str(error))
        else:
            self._state.tell("Stopped" if playing else "Playing")

    def _talk(self, press: Press) -> None:
        """Talkback is on while its key is down, or changes with each press where it latches."""
        values = self._desk.model.values
        on = values["talkback.latch"] is not True or values[TALKBACK] is not True
        if self._changes.set(TALKBACK, on, "", "", press.at_ns) is not None:
            self._talking = "" if values["talkback.latch"] is True else press.name
            self._state.touch(TALKBACK, "Talkback")
