"""What a bus does for each kind of chip: readings into events, wishes into messages.

light(), command() and the frame's put() may be called from any thread, all else from the bus's. What goes over the bus
raises ChipSilent. `now_ns` is the clock itself where the time after a transfer counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from drivers.ads1115 import Ads1115
from drivers.ads7830 import Ads7830
from drivers.button import Debouncer
from drivers.chip_watch import Watch
from drivers.errors import ChipSilent
from drivers.ht16k33 import Ht16k33
from drivers.i2c_bus import TRIES
from drivers.is31fl3731 import Is31fl3731
from drivers.mcp23017 import Mcp23017
from drivers.oled_frame import COMMAND, Frame
from drivers.panel_config import Button, Light
from drivers.panel_events import Happened, Pressed, Slid

Now = Callable[[], int]
Tell = Callable[[Happened], None]

SCAN_NS = 8_000_000  # all channels of a converter, in 1, 2, 4 or 8 even steps: 125 Hz
LATE_NS = 25_000_000  # after this an expander is asked for what came and went meanwhile as well
VERIFY_NS = 500_000_000  # an expander's settings are looked at
REFRESH_NS = 1_000_000_000  # lights and display are told everything again: they cannot say what they forgot
LIGHTS_NS = 20_000_000  # no more often than this, so that meters leave time for the display
SUPPLY_OLD_NS = 20_000_000  # the supply may have wandered since: 0.1 % by 7 % a second, a still fader has 0.15 %
NOMINAL = {True: 3.3, False: 1.0}  # the pots' supply where it is not measured: volts, or the chip's own
LOWEST_SUPPLY = 0.5  # of nominal: below that its wire is off, and the last good reading holds


class Part(Protocol):
    """A chip on the bus."""

    watch: Watch

    def begin(self, now_ns: Now) -> None:
        """Set it up after power came, or may have come."""
        ...


class Supply:
    """The pots' supply as last measured, for readings in volts (True) and in shares of a chip's own supply (False).
    Where it is measured (`is_measured`), only wipers are told that were read together with it: neither a bus that stood
    still for a moment nor a converter that was pulled out moves a fader that nobody touches."""

    __slots__ = ("_begun_ns", "is_measured", "measured")

    def __init__(self, is_measured: bool) -> None:
        self.measured = dict(NOMINAL)
        self.is_measured = is_measured
        self._begun_ns = -(1 << 62)

    def take(self, absolute: bool, value: float, begun_ns: int) -> None:
        """A reading of it that was begun then; where its wire is off the last good one counts as one of now."""
        self._begun_ns = begun_ns
        if value >= LOWEST_SUPPLY * NOMINAL[absolute]:
            self.measured[absolute] = value

    def fits(self, begun_ns: int) -> bool:
        """Whether a wiper's reading that was begun then can be told by it."""
        return not self.is_measured or abs(begun_ns - self._begun_ns) <= SUPPLY_OLD_NS


class AdcPart:
    """A converter. `names`: of the wipers by channel; a channel without a name measures the supply. `due_ns`: when it
    can and shall be turned over."""

    __slots__ = ("_adc", "_beat_ns", "_begun_ns", "_names", "_share", "_step_ns", "_supply", "_tell", "due_ns", "watch")

    def __init__(
        self, watch: Watch, adc: Ads1115 | Ads7830, names: Mapping[int, str], supply: Supply, tell: Tell
    ) -> None:
        self.watch, self._adc = watch, adc
        self._names, self._supply, self._tell = dict(names), supply, tell
        self._share = (len(adc.channels) - 1).bit_length()
        self._beat_ns = self._begun_ns = self.due_ns = 0
        self.pace(SCAN_NS)

    def pace(self, scan_ns: int) -> None:
        """All channels are read in `scan_ns` from now on."""
        self._step_ns = scan_ns >> self._share

    def begin(self, now_ns: Now) -> None:
        """Start the first conversion."""
        self._adc.begin()
        self._next(now_ns())

    def turn(self, now_ns: Now) -> None:
        """Tell one channel, start the next."""
        start_ns = now_ns()
        reading = self._adc.turn()
        at_ns, begun_ns = now_ns(), self._begun_ns
        self._next(at_ns)
        if reading is None or (at_ns - start_ns > self._adc.sure_ns and self._adc.late()):
            return
        channel, value = reading
        absolute = self._adc.absolute
        name = self._names.get(channel)
        if name is None:
            self._supply.take(absolute, value, begun_ns)
        elif self._supply.fits(begun_ns):
            ratio = value / self._supply.measured[absolute]
            self._tell(Slid(at_ns, name, min(max(ratio, 0.0), 1.0)))

    def _next(self, at_ns: int) -> None:
        """It was started at `at_ns`. All converters keep one beat, so that what lies between is in one piece; one that
        is ready within most of a beat is still served in it."""
        self._begun_ns = at_ns
        step_ns = self._step_ns
        ready_ns = at_ns + self._adc.conversion_ns
        earliest_ns = max(self._beat_ns + 1, ready_ns - 3 * step_ns // 4)
        self._beat_ns = -(-earliest_ns // step_ns) * step_ns
        self.due_ns = max(self._beat_ns, ready_ns)


class ExpanderPart:
    """An expander with its contacts. What they are taken for outlives a loss: a button that came up meanwhile is told
    up when the expander is back, one that stayed down is not told again."""

    __slots__ = ("_chip", "_closed", "_contacts", "_tell", "_verify_ns", "looked_ns", "settling", "watch")

    def __init__(self, watch: Watch, chip: Mcp23017, buttons: Iterable[Button], tell: Tell) -> None:
        self.watch, self._chip, self._tell = watch, chip, tell
        self._contacts = [(1 << button.pin, button.name, Debouncer()) for button in buttons]
        self._closed = 0
        self._verify_ns = 0
        self.looked_ns = -(1 << 62)
        """When its contacts were read last."""
        self.settling = False
        """A contact was seen in a new state that has not rested yet: look again soon."""

    def begin(self, now_ns: Now) -> None:
        """Set up its pins; what they are now is seen at the next look."""
        self._chip.begin()
        self._verify_ns = now_ns() + VERIFY_NS
        self.settling = True

    def look(self, now_ns: Now) -> None:
        """Read all contacts, tell those that changed and rested; after a pause of the bus also a press that was over
        before it ended."""
        if now_ns() - self.looked_ns < LATE_NS:
            closed, caught = self._chip.closed(), 0
        else:
            closed, caught = self._chip.closed_since()
        at_ns = self.looked_ns = now_ns()
        if at_ns >= self._verify_ns:
            self._chip.verify()
            self._verify_ns = at_ns + VERIFY_NS
        if closed == self._closed and not (self.settling or caught):
            return
        self._closed = closed
        self.settling = False
        for mask, name, contact in self._contacts:
            if caught & mask and contact.missed():
                self._tell(Pressed(at_ns, name, True))
            told = contact.update(at_ns, bool(closed & mask))
            if told is not None:
                self._tell(Pressed(at_ns, name, told))
            self.settling |= contact.settling


class LightsPart:
    """Lights of one chip, by name; of each the last wish counts."""

    __slots__ = ("_changed", "_chip", "_levels", "_lights", "_refresh_ns", "due_ns", "watch")

    def __init__(self, watch: Watch, chip: Ht16k33 | Is31fl3731, places: int, lights: Iterable[Light]) -> None:
        self.watch, self._chip = watch, chip
        self._levels = bytearray(places)
        self._lights = {light.name: light for light in lights}
        self._changed = True
        self._refresh_ns = 0
        self.due_ns = 0

    def light(self, name: str, level: float) -> None:
        """0 to 1. A column is as high as the level, its last light as bright as what is left."""
        light = self._lights[name]
        lit = min(max(level, 0.0), 1.0) * light.steps
        whole = int(lit)
        column = b"\xff" * whole + bytes((round(255 * (lit - whole)),)) + bytes(light.steps)
        places = slice(light.place, light.place + light.steps)
        if self._levels[places] != column[: light.steps]:
            self._levels[places] = column[: light.steps]
            self._changed = True

    def begin(self, now_ns: Now) -> None:
        """Set it up with all its lights."""
        self._refresh_ns = now_ns() + REFRESH_NS
        self._chip.begin()
        self._chip.show(bytes(self._levels))
        self._changed = True

    def wants(self, now_ns: int) -> bool:
        """Whether something is to be sent, and may be."""
        return now_ns >= self.due_ns and (self._changed or now_ns >= self._refresh_ns)

    def show(self, now_ns: int, max_bytes: int) -> None:
        """Send what changed, or everything when that is due, in messages of at most `max_bytes` on the bus."""
        if now_ns >= self._refresh_ns:
            self._refresh_ns = now_ns + REFRESH_NS
            self._chip.begin()
        self._changed = False  # before the levels are read: a wish that comes now is for the next time
        if self._chip.show(bytes(self._levels), max_bytes):
            self.due_ns = now_ns + LIGHTS_NS
        else:
            self._changed = True

    def dark(self) -> None:
        """All lights off, for good."""
        self._chip.show(bytes(len(self._levels)))


class DisplayPart:
    """The OLED. `init`: what it is told after power-up, commands without their control byte, from "off" to "on" as
    luma has them. It is switched on when the first picture is whole, so that nobody sees what its RAM held."""

    __slots__ = ("_dark", "_failed", "_init", "_refresh_ns", "_wish", "frame", "watch")

    def __init__(self, watch: Watch, frame: Frame, init: tuple[bytes, ...]) -> None:
        self.watch, self.frame = watch, frame
        self._init = tuple(bytes([COMMAND]) + command for command in init)
        self._wish: bytes | None = None
        self._refresh_ns = 0
        self._dark = True
        self._failed = 0

    def command(self, command: bytes) -> None:
        """One command that is kept through a loss (the brightness); the last one counts."""
        self._wish = bytes([COMMAND]) + command
        self._refresh_ns = 0

    def begin(self, now_ns: Now) -> None:
        """Set it up, dark, to be sent everything."""
        *settings, _ = self._init
        self._set_up(now_ns(), *settings)
        self._dark = True

    def refresh(self, now_ns: int) -> None:
        """Tell it everything again when that is due: it cannot say what it forgot."""
        if self._dark or now_ns < self._refresh_ns:
            return
        first, *others = self._init
        self._set_up(now_ns, bytes([COMMAND]) + first[2:], *others)  # all but its first byte, which is "off"

    def slice(self, max_bytes: int) -> int:
        """Send a slice of at most `max_bytes` on the bus; returns how many it took, 0 where there is none.

        A slice may go on where the last one ended, so none is said twice: after a failure all are sent again.
        """
        messages = self.frame.next_slice(max_bytes) or ()
        try:
            if messages:
                self.watch.port.write(*messages, tries=1)
                self._failed = 0
        except ChipSilent:
            self._failed += 1
            if self._failed >= TRIES:
                raise
            self.frame.all_dirty()
            return 0
        if self._dark and not self.frame.sending:
            self.watch.port.write(self._init[-1])
            self._dark = False
        return sum(1 + len(message) for message in messages)

    def dark(self) -> None:
        """Off, for good."""
        self.watch.port.write(bytes([COMMAND, 0xAE]))

    def _set_up(self, now_ns: int, *settings: bytes) -> None:
        self._refresh_ns = now_ns + REFRESH_NS
        wish = () if self._wish is None else (self._wish,)
        self.watch.port.write(*settings, *self.frame.setup(), *wish)
        self.frame.all_dirty()
