"""Who is served when on one I2C bus: converters first, then expanders, lights, and the OLED in what time is left.

A converter works for more than a millisecond after it was asked. That time is not waited for but used: what is sent in
it is cut so that it fits before the next converter is ready. A bus too slow to leave any time still serves everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from drivers.clock import Clock
from drivers.errors import ChipSilent
from drivers.i2c_bus import I2cBus
from drivers.i2c_parts import AdcPart, DisplayPart, ExpanderPart, LightsPart, Part

PASS_NS = 2_000_000  # a pass takes no longer than this, while the bus keeps up
LOOK_NS = 3_500_000  # expanders are read in the first pass after this: every second one
CALL_NS = 50_000  # what the system takes for a transfer beside its bytes, until it is known
LONGEST_CALL_NS = 400_000
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
        self._interrupt = interrupt
        self._look_ns = clock.now_ns()
        self._sliced_ns = clock.now_ns()
        self._call_ns = CALL_NS

    def parts(self) -> Iterator[Part]:
        """All chips, in the order of service."""
        yield from self.adcs
        yield from self.expanders
        yield from self.lights
        if self.display is not None:
            yield self.display

    def step(self) -> None:
        """One pass, and the wait for the next one."""
        now_ns = self._clock.now_ns
        self._revive()
        for adc in self.adcs:
            if adc.watch.live and adc.due_ns <= now_ns():
                self._serve(adc, adc.turn, now_ns)
        self._look()
        until_ns = min([now_ns() + PASS_NS, *(adc.due_ns for adc in self.adcs if adc.watch.live)])
        self._show_lights(until_ns)
        self._show_slices(until_ns)
        self._clock.sleep_until_ns(until_ns)

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

    def _revive(self) -> None:
        """Set up what is not live and due, at most one that fails: each may cost a time-out."""
        for part in self.parts():
            if part.watch.due(self._clock.now_ns()):
                self._serve(part, self._begin, part)
                if not part.watch.live:
                    return

    def _begin(self, part: Part) -> None:
        part.begin(self._clock.now_ns)
        part.watch.find(self._clock.now_ns())

    def _look(self) -> None:
        """Read expanders in turn, all at once where a line says so, and one whose contacts have not rested."""
        now_ns = self._clock.now_ns
        everyone = now_ns() >= self._look_ns or (self._interrupt is not None and self._interrupt())
        if everyone:
            self._look_ns = now_ns() + LOOK_NS
        for expander in self.expanders:
            if expander.watch.live and (everyone or expander.settling):
                self._serve(expander, expander.look, now_ns)

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
            call_ns = self._sliced_ns - start_ns - sent * self.bus.byte_ns
            self._call_ns += (min(max(call_ns, 0), LONGEST_CALL_NS) - self._call_ns) // 8
            room = self._room_bytes(until_ns)
