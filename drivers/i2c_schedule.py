"""Who is served when on one I2C bus: converters first, then expanders, lights, and the OLED in what time is left.

A converter works for more than a millisecond after it was asked. That time is not waited for but used: what is sent in
it is cut so that it fits before the next converter is ready. A bus too slow to leave any time still serves everybody.

Each transfer costs a call of the system beside its bytes, some 50 to 100 µs on a Pi. So a converter takes one transfer
a turn, expanders are read one after the other, a slice of the picture is all that fits in one transfer; and where calls
are dear converters are read a little less often, which leaves the display that time in longer pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.clock import Clock
from drivers.errors import ChipSilent, reason
from drivers.i2c_bus import I2cBus
from drivers.i2c_parts import SCAN_NS, AdcPart, DisplayPart, ExpanderPart, LightsPart, Part

PASS_NS = 2_000_000  # the next pass comes after this, or with the next converter that is due until LONGEST_PASS_NS
LONGEST_PASS_NS = 3_000_000
LOOK_NS = 3_500_000  # an expander is read in the first pass after this: every second one
LINE_LOOK_NS = 9_000_000  # the same where a line says when there is something to see: in case its wire is off
CALL_NS = 50_000  # what the system takes for a transfer beside its bytes, until it is known
LONGEST_CALL_NS = 400_000
DEAR_CALL_NS, CHEAP_CALL_NS = 75_000, 60_000
DEAR_SCAN_NS = 9_600_000  # 104 Hz
LEAST_BYTES = 8  # less is mostly addresses
STARVED_NS, RATION_BYTES = 10_000_000, 64  # who was not served for so long gets so much at any cost


class I2cSchedule:
    """The parts of one bus. `interrupt`: whether an expander pulls the shared line down; None where there is none."""

    def __init__(
        self,
        bus: I2cBus,
        clock: Clock,
        *,
        adcs: Sequence[AdcPart] = (),
        expanders: Sequence[ExpanderPart] = (),
        lights: Sequence[LightsPart] = (),
        display: DisplayPart | None = None,
        interrupt: Callable[[], bool] | None = None,
    ) -> None:
        self.bus, self._clock = bus, clock
        self.adcs, self.expanders, self.lights, self.display = adcs, expanders, lights, display
        self._parts: tuple[Part, ...] = (*adcs, *expanders, *lights, *([] if display is None else [display]))
        self._interrupt = interrupt
        self._look_ns = LOOK_NS if interrupt is None else LINE_LOOK_NS
        self._looks = -(-len(expanders) // 2) if interrupt is None else 1  # a pass
        self._sliced_ns = clock.now_ns()
        self._call_ns = CALL_NS
        self._dear = False

    def parts(self) -> tuple[Part, ...]:
        """All chips, in the order of service."""
        return self._parts

    def step(self) -> None:
        """One pass, and the wait for the next one."""
        now_ns = self._clock.now_ns
        self._revive()
        for adc in self.adcs:
            if adc.watch.live and adc.due_ns <= now_ns():
                self._serve(adc, adc.turn, now_ns)
        self._look()
        until_ns = self._next_ns(now_ns())
        self._show_lights(until_ns)
        self._show_slices(until_ns)
        self._clock.sleep_until_ns(until_ns)

    def _next_ns(self, now_ns: int) -> int:
        """When the next pass begins: with a converter, if one is due soon."""
        due_ns = min((adc.due_ns for adc in self.adcs if adc.watch.live), default=now_ns + 2 * LONGEST_PASS_NS)
        return due_ns if due_ns - now_ns <= LONGEST_PASS_NS else now_ns + PASS_NS

    def dark(self) -> None:
        """Lights and display off, as far as they answer."""
        for light in self.lights:
            if light.watch.live:
                self._serve(light, light.dark)
        if self.display is not None and self.display.watch.live:
            self._serve(self.display, self.display.dark)

    def _serve(self, part: Part, act: Callable[..., None], *arguments: object) -> None:
        try:
            act(*arguments)
        except ChipSilent as error:
            part.watch.lose(str(error), self._clock.now_ns())
        except Exception as error:  # noqa: BLE001  a fault with one chip costs that chip
            part.watch.port.errors += 1
            part.watch.lose(reason(error), self._clock.now_ns())

    def _revive(self) -> None:
        """Set up what is not live and due, at most one that fails: each may cost a time-out."""
        for part in self._parts:
            if not part.watch.live and part.watch.due(self._clock.now_ns()):
                self._serve(part, self._begin, part)
                if not part.watch.live:
                    return

    def _begin(self, part: Part) -> None:
        part.begin(self._clock.now_ns)
        part.watch.find(self._clock.now_ns())

    def _look(self) -> None:
        """Read expanders: one whose contacts have not rested, those whose turn it is, and while the line says that
        there is more, the others."""
        now_ns, interrupt = self._clock.now_ns, self._interrupt
        pulled = interrupt is not None and interrupt()
        at_ns, left = now_ns(), self._looks
        for expander in sorted(self.expanders, key=_urgency):
            if not expander.watch.live:
                continue
            age_ns = at_ns - expander.looked_ns
            in_turn = age_ns >= self._look_ns and (left > 0 or age_ns >= 2 * self._look_ns)
            if pulled or in_turn or expander.settling:
                left -= in_turn
                self._serve(expander, expander.look, now_ns)
                pulled = pulled and interrupt is not None and interrupt()

    def _room_bytes(self, until_ns: int) -> int:
        return (until_ns - self._clock.now_ns() - self._call_ns) // self.bus.byte_ns

    def _show_lights(self, until_ns: int) -> None:
        for part in self.lights:
            now_ns = self._clock.now_ns()
            if not part.watch.live or not part.wants(now_ns):
                continue
            room = self._room_bytes(until_ns)
            if room < LEAST_BYTES and now_ns >= part.due_ns + STARVED_NS:
                room = RATION_BYTES
            if room >= LEAST_BYTES:
                self._serve(part, part.show, now_ns, room)

    def _show_slices(self, until_ns: int) -> None:
        display = self.display
        if display is None or not display.watch.live:
            return
        self._serve(display, self._slices, display, until_ns)

    def _slices(self, display: DisplayPart, until_ns: int) -> None:
        now_ns = self._clock.now_ns()
        display.refresh(now_ns)
        room = self._room_bytes(until_ns)
        if room < LEAST_BYTES and now_ns - self._sliced_ns >= STARVED_NS:
            room = RATION_BYTES
        while room >= LEAST_BYTES:
            start_ns = self._clock.now_ns()
            sent = display.slice(room)
            if not sent:
                return
            self._sliced_ns = self._clock.now_ns()
            self._learn(self._sliced_ns - start_ns - sent * self.bus.byte_ns)
            room = self._room_bytes(until_ns)

    def _learn(self, call_ns: int) -> None:
        """What a call costs, smoothed; whether that is dear."""
        self._call_ns += (min(max(call_ns, 0), LONGEST_CALL_NS) - self._call_ns) // 8
        dear = self._call_ns > (CHEAP_CALL_NS if self._dear else DEAR_CALL_NS)
        if dear != self._dear:
            self._dear = dear
            for adc in self.adcs:
                adc.pace(DEAR_SCAN_NS if dear else SCAN_NS)


def _urgency(expander: ExpanderPart) -> tuple[bool, int]:
    return not expander.settling, expander.looked_ns
