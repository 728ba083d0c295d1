"""The desk as it runs: the model, the engine it is heard through, and everyone who asks something of either.

One thread, one loop: `tick` does what is due and returns. It never waits for the engine; the engine never waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from dsp.ring import Event
from dsp.size import DeskSize
from dsp.slots import StripKind
from firmware import desk_links, scene, scene_store, status
from firmware.control import Answer, ControlServer
from firmware.desk_model import DeskModel
from firmware.desk_places import pair_of
from firmware.errors import ParameterError, PideskError, UsageError
from firmware.event_log import MAX_OVER_MS
from firmware.image import IN_PLACE, MOMENTS, SOLO_MODE
from firmware.params import Value
from firmware.playback import Playback
from firmware.realtime import peak_resident_bytes
from firmware.recorder import Recorder
from firmware.rings import EventSender
from firmware.scene import Scene
from firmware.shared import Shared
from firmware.solos import Solos
from firmware.status import Meters, Word
from firmware.supervisor import Supervisor

ALIVE_EVERY_S = 0.01
IMAGE_EVERY_S = 0.1
LOOK_EVERY_S = 1.0
MUTE_ALL_MS = 50.0


class DeskPanel(Protocol):
    """`firmware.surface.attached.AttachedPanel`: what plays the desk. Neither of these waits or raises."""

    def tick(self) -> None:
        """Do what hands ask for, and show what there is to see."""
        ...

    def status(self) -> Answer:
        """How it is, as plain values."""
        ...


class Desk:
    """Everything but the sound. `start`, then `tick` some fifty times a second, then `stop`."""

    def __init__(
        self, shared: Shared, model: DeskModel, supervisor: Supervisor, recorder: Recorder, socket: Path | None = None
    ) -> None:
        """Listens at `socket` (default: where `pidesk status` looks). Raises OutputError when another desk does."""
        self.shared, self.model, self.supervisor, self.recorder = shared, model, supervisor, recorder
        self.sender = EventSender(shared, model.kernel_values())
        self.meters = status.MeterReader(shared)
        self.solos = Solos(self)
        self.playback: Playback | None = None
        self.panel: DeskPanel | None = None
        self.scene = ""
        self.stopping = False
        self.engine_rss_bytes = 0
        self._server = ControlServer(self.answer, socket)
        self._alive_at = self._image_at = self._look_at = 0.0
        self._broken = 0

    @property
    def size(self) -> DeskSize:
        """What the desk is made of."""
        return self.model.size

    # --- the loop ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Write the state down for the engine and start it."""
        self.sender.write_image()
        self.supervisor.start()

    def wake(self) -> None:
        """End the wait of `tick`, from any thread: a hand has done something."""
        self._server.wake()

    def tick(self, wait_s: float = 0.0) -> list[Event]:
        """Do what is due and return the new log entries; waits up to `wait_s` for someone at the control socket, or
        for a hand on the panel.

        Raises EngineDied when the engine is dead and not worth starting again.
        """
        self._server.serve(wait_s)
        if self.panel is not None:
            self.panel.tick()
        self.sender.repair()
        self.sender.flush()
        now_s = time.monotonic()
        due = now_s - self._image_at > IMAGE_EVERY_S or self.sender.waiting
        if due and self.sender.taken > self.sender.imaged and self.supervisor.has_begun():
            self._image_at = now_s
            self.sender.write_image()
        if self.playback is not None:
            self.playback.tick()
        if now_s - self._look_at > LOOK_EVERY_S:
            self._look_at = now_s
            self._look()
        events = self.recorder.drain()
        if not self.stopping and now_s - self._alive_at > ALIVE_EVERY_S:
            self._alive_at = now_s
            events += self._keep_alive()
        return events

    def _keep_alive(self) -> list[Event]:
        if not self.supervisor.has_died():
            return []
        left = self.recorder.drain()
        if self.supervisor.revive():
            self._fall_asleep()
        return left

    def _fall_asleep(self) -> None:
        """What does not survive an engine's start, here too; sent as well, for what the ring still holds."""
        for path in MOMENTS:
            if self.model.get(path) is True:
                self.set(path, False)
        if self.model.get(SOLO_MODE) == IN_PLACE:
            self.set(SOLO_MODE, "pfl")

    def _look(self) -> None:
        """What need not be seen at once: memory of the engine, slots of the ring that were damaged."""
        self._measure()
        broken = int(self.shared.status[Word.EVENTS_BROKEN])
        if broken > self._broken:  # the engine gave slots up: tell it everything once more
            values = self.model.kernel_values()
            self.send(Event(0, address, float(values[address]), 0) for address in self.model.by_address)
        self._broken = broken

    def _measure(self) -> None:
        """The most memory an engine has had so far: by its own word as it began and ended, by /proc meanwhile."""
        seen = [self.engine_rss_bytes, int(self.shared.status[Word.PEAK_RSS_BYTES])]
        pid = self.supervisor.pid
        self.engine_rss_bytes = max([*seen, peak_resident_bytes(pid)] if pid is not None else seen)

    def stop(self) -> bool:
        """Ramp out, end the engine, drain what is left and hang up; True if the engine ended by itself."""
        self.stopping = True
        self._measure()
        well = self.supervisor.stop()
        self.recorder.close()
        self._server.close()
        return well

    # --- what can be done to it -------------------------------------------------------------------------------------

    def send(self, events: Iterable[Event]) -> int:
        """Send events as they are; returns how many found no room yet and wait."""
        return self.sender.send(events)

    def set(self, path: str, value: object, over_ms: float | None = None) -> Value:
        """Move one parameter. Raises ParameterError, and then nothing has changed."""
        if over_ms is not None and not 0 <= over_ms <= MAX_OVER_MS:
            raise ParameterError(f"over_ms: a glide takes from 0 to {MAX_OVER_MS:.0f} ms.")
        events = self.model.to_events(path, value, over_ms)
        checked = self.model.set(path, value)
        self.send(events)
        self.solos.seen(path, checked)
        return checked

    def recall(self, name_or_path: str | Path, everything: bool = False) -> list[str]:
        """Recall a scene; returns what there is to say about it. Raises SceneError, and then nothing has changed."""
        return self.apply(scene.load(scene.find(name_or_path)), str(name_or_path), everything)

    def apply(self, loaded: Scene, name: str, everything: bool = False, at: int = 0) -> list[str]:
        """As `recall`, with a scene that was loaded before, from sample `at` on. What is sent after it waits for it."""
        changes, told = scene.plan_recall(self.model, loaded, everything)
        events = [event for path, value in changes for event in self.model.to_events(path, value, None, at)]
        self.model.values.update(changes)
        self.scene = name
        waiting = self.send(events)
        if waiting:
            told.append(f"{waiting} values wait for the engine to take those before them.")
        return told

    def link(self, strip: str, stereo: bool) -> list[str]:
        """Join the strip of an odd number ("channel.3", "bus.1") with the one after it, or part them; returns what
        there is to say about it: who hears something else now. Raises ParameterError."""
        pair, before = pair_of(strip), self.model.values
        events = self.model.link(pair, stereo)
        self.send(events)
        return desk_links.told(before, self.model.values, self.model.places, pair) if events else []

    def mute_all(self) -> None:
        """Bring everything that leaves the desk to silence."""
        self.set("main.lr.mute", True, MUTE_ALL_MS)
        self.set("monitor.level_db", float("-inf"), MUTE_ALL_MS)

    # --- what can be asked ------------------------------------------------------------------------------------------

    def status(self) -> Answer:
        """All there is to know, as plain values."""
        self._measure()
        return {
            **status.snapshot(self.shared),
            "card": self.supervisor.card.playback_device,
            "formats": [self.supervisor.card.capture_format, self.supervisor.card.playback_format],
            "desk": asdict(self.size),
            "scene": self.scene,
            "restarts": self.supervisor.restarts,
            "events_sent": self.sender.written,
            "events_waiting": self.sender.waiting,
            "ring_full": self.sender.full_count,
            "ring_repaired": self.sender.repaired,
            "meters_missed": self.meters.missed,
            "taps_lost_frames": self.recorder.lost_frames,
            "log_lost": self.recorder.lost_entries,
            "engine_rss_mb": round(self.engine_rss_bytes / 1e6, 1),
            "stereo": sorted(f"{kind}.{number}" for kind, number in self.model.stereo),
            "solos": self.solos.on(),
            "carries": [self.model.get(f"output.{k}.source") for k in range(1, self.size.outputs + 1)],
            "playback": None if self.playback is None else self.playback.status(),
            "panel": None if self.panel is None else self.panel.status(),
        }

    def answer(self, request: Answer) -> Answer:
        """What the control socket is answered. Raises PideskError with the sentence to send back."""
        asked = request.get("do")
        actions = {
            "status": self._answer_status,
            "get": self._answer_get,
            "values": self._answer_values,
            "set": self._answer_set,
            "recall": self._answer_recall,
            "store": self._answer_store,
            "solo": self._answer_solo,
            "play": self._answer_play,
            "link": self._answer_link,
            "meters": self._answer_meters,
            "mute_all": self._answer_mute_all,
            "stop": self._answer_stop,
        }
        if not isinstance(asked, str) or asked not in actions:
            raise UsageError(f"A desk can be asked to do: {', '.join(actions)}.")
        return actions[asked](request)

    def _answer_status(self, _request: Answer) -> Answer:
        return {"status": self.status()}

    def _answer_get(self, request: Answer) -> Answer:
        return {"value": self.model.get(_text(request, "path"))}

    def _answer_values(self, _request: Answer) -> Answer:
        return {"values": self.model.differences()}

    def _answer_set(self, request: Answer) -> Answer:
        value, over_ms = request.get("to"), request.get("over_ms")
        if value in ("-inf", "inf"):
            value = float(str(value))
        if over_ms is not None and (isinstance(over_ms, bool) or not isinstance(over_ms, (int, float))):
            raise ParameterError("over_ms is a number of milliseconds.")
        path = _text(request, "path")
        if path == SOLO_MODE and value == IN_PLACE and request.get("sure") is not True:
            raise UsageError(
                "Solo in place silences all other channels for the audience too; say that you are sure: "
                "pidesk set --sure monitor.solo_mode sip."
            )
        return {"value": self.set(path, value, over_ms)}

    def _answer_solo(self, request: Answer) -> Answer:
        action = _text(request, "action")
        if action not in ("clear", "again"):
            raise UsageError("Solos can be asked to clear, or to come back again.")
        return {"solos": self.solos.clear() if action == "clear" else self.solos.again()}

    def _answer_play(self, request: Answer) -> Answer:
        if self.playback is None:
            raise UsageError("No stems are loaded; start the desk with --play FOLDER, or name one in desk.toml.")
        at_s = request.get("at_s", 0.0)
        if isinstance(at_s, bool) or not isinstance(at_s, (int, float)) or not 0 <= at_s < 1e7:
            raise UsageError("A place in the stems is a number of seconds from 0 on.")
        self.playback.do(_text(request, "action"), float(at_s))
        return {"playback": self.playback.status()}

    def _answer_link(self, request: Answer) -> Answer:
        stereo = request.get("stereo")
        if not isinstance(stereo, bool):
            raise UsageError("stereo is true or false.")
        notes = self.link(str(request.get("strip", "")), stereo)
        return {"notes": notes, "stereo": sorted(f"{kind}.{number}" for kind, number in self.model.stereo)}

    def _answer_recall(self, request: Answer) -> Answer:
        return {"notes": self.recall(_text(request, "scene"), request.get("everything") is True)}

    def _answer_store(self, request: Answer) -> Answer:
        title = request.get("title")
        if title is not None and not isinstance(title, str):
            raise UsageError("title is a text.")
        path, told = scene_store.store(self.model, _text(request, "scene"), title)
        return {"file": str(path), "notes": told}

    def _answer_meters(self, _request: Answer) -> Answer:
        found = self.meters.read()
        if found is None:
            raise PideskError("The engine was writing its meters each time; ask again.")
        return {"meters": plain_meters(found, self.size)}

    def _answer_mute_all(self, _request: Answer) -> Answer:
        self.mute_all()
        return {}

    def _answer_stop(self, _request: Answer) -> Answer:
        self.stopping = True
        return {}


def _text(request: Answer, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f'The request needs "{key}", a text.')
    return value


def plain_meters(found: Meters, size: DeskSize) -> Answer:
    """A reading as lists: peaks and mean squares of all lanes that the desk has, kind by kind (`strips` says how many
    of each: channels, buses, two of each return, mains left, right and mono, matrices), and of outputs; reductions in
    dB."""
    lanes = [size.lane(kind, place) for kind in StripKind for place in range(size.lanes_of[kind])]
    return {
        "clock": found.clock,
        "strips": list(size.lanes_of),
        "peak": found.peak[:, lanes].tolist(),
        "mean_square": found.mean_square[:, lanes].tolist(),
        "gr_gate_db": found.gr_gate_db[lanes].tolist(),
        "gr_comp_db": found.gr_comp_db[lanes].tolist(),
        "clips": found.clips[:, lanes].tolist(),
        "out_peak": found.out_peak.tolist(),
        "limiter_gr_db": found.limiter_gr_db.tolist(),
    }
