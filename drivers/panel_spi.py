"""The SPI part of a panel: one thread reads converters every 8 ms and sends the display's picture between two readings.

    panel = SpiPanel(config, open_spi, tell=events.append)
    panel.start()
    panel.show(greys_of(image))
    ...
    panel.close()

A picture goes in slices of 2 ms, so that no fader waits for it. Nothing on SPI acknowledges: a converter that is gone
is known by a bit that is not 0, where MISO is pulled up, and by zeros everywhere, where it is down (the Pi pulls GPIO 9
down by itself); a display not at all. It is told everything again each second, so that one that was unplugged comes
back by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from drivers import gpio_lines, oled
from drivers.clock import Clock, SystemClock
from drivers.errors import ChipSilent, reason
from drivers.mcp3008 import Mcp3008, silent
from drivers.panel_config import SPI_CHIPS, SPI_DISPLAYS, Chip, Display, PanelConfig
from drivers.panel_events import ChipState, Happened, Health, Slid
from drivers.spi_bus import OpenSpi, Spi, open_spi

Tell = Callable[[Happened], None]

SCAN_NS = 8_000_000
PROBE_NS = 500_000_000
REFRESH_NS = 1_000_000_000
DISPLAY_HZ = 8_000_000  # SSD1322 data sheet: a clock of 100 ns at least
SLICE_BYTES = 2048  # 2 ms
DARKENING = (0xAE, 0xA4)  # of the set-up: not when it is told again
ON = 0xAF  # said when the first picture is whole: the RAM wakes with rubbish
FALLS = 0.5
"""Of the travel: where no channel measures the supply, wipers that were above this in the scan before do not all read 0
in this one; that would be more than 3 m/s."""
TRIES = 3
DISPLAY = "display"
"""The name under which states() tells of the OLED."""


class _Part:
    """The health of what is on one chip select, and the door to it."""

    def __init__(self, name: str, bus: int, device: int, now_ns: int) -> None:
        self.name, self.bus, self.device = name, bus, device
        self.errors = 0
        self.health, self.reason, self.since_ns = Health.GOOD, "", now_ns
        self.probe_ns = now_ns
        self.live = False

    def lose(self, reason: str, now_ns: int) -> None:
        self.errors += 1
        if self.health is Health.GOOD:
            self.health, self.since_ns = Health.LOST, now_ns
        self.live, self.reason, self.probe_ns = False, reason, now_ns + PROBE_NS

    def find(self, now_ns: int) -> None:
        if self.health is Health.LOST:
            self.health, self.reason, self.since_ns = Health.GOOD, "", now_ns
        self.live = True

    def state(self) -> ChipState:
        return ChipState(self.name, self.health, self.errors, self.since_ns, self.reason)


class _Adc(_Part):
    def __init__(self, chip: Chip, names: dict[int, str], supply: int, now_ns: int) -> None:
        super().__init__(chip.name, chip.bus, chip.address, now_ns)
        self.kind, self.names, self.supply = chip.kind, names, supply
        self.chip: Mcp3008 | None = None
        self.highest, self.read_ns = 0.0, now_ns
        self.fallen = False

    def is_silent(self, shares: list[float], now_ns: int) -> bool:
        """Whether a whole scan is what a line that is down reads as. The supply is never 0; where it is not measured,
        zeros are believed unless no hand could have been so quick."""
        if any(shares):
            self.highest, self.read_ns, self.fallen = max(shares), now_ns, False
            return False
        self.fallen |= self.highest > FALLS and now_ns - self.read_ns <= 2 * SCAN_NS
        return self.supply >= 0 or self.fallen


class _Oled(_Part):
    def __init__(self, display: Display, now_ns: int) -> None:
        super().__init__(DISPLAY, display.bus, display.address, now_ns)
        self.display = display
        self.init = oled.init_commands(display.kind, display.width, display.height)
        self.brightness = b""
        self.window = oled.window_commands(display.width, display.height)
        self.spi: Spi | None = None
        self.next = bytes(display.width * display.height // 2)  # dark: its RAM wakes with rubbish
        self.shown: bytes | None = None
        self.sending: memoryview | None = None
        self.contrast: bytes = b""
        self.refresh_ns = now_ns
        self.is_on = False
        self.counted: bytes | None = None
        self.frames = 0


class SpiPanel:
    """The chips of `config` that are on SPI, all served by one thread. `gpio`: gives the module for the display's D/C
    and reset lines, when it is needed. `tell` is called by the thread. Raises DisplayError for a display that
    is not made in its size."""

    def __init__(
        self,
        config: PanelConfig,
        open_bus: OpenSpi = open_spi,
        gpio: Callable[[], Any] = gpio_lines.load_gpio,
        *,
        tell: Tell,
        clock: Clock | None = None,
    ) -> None:
        self._load_gpio, self._open_bus, self._tell = gpio, open_bus, tell
        self._gpio: Any = None
        self._clock: Clock = SystemClock() if clock is None else clock
        now_ns = self._clock.now_ns()
        self._adcs = [self._adc(config, chip, now_ns) for chip in config.chips if chip.kind in SPI_CHIPS]
        display = config.display
        self._oled = _Oled(display, now_ns) if display is not None and display.kind in SPI_DISPLAYS else None
        self._claimed: list[int] = []
        self._scan_ns = now_ns
        self._thread: threading.Thread | None = None
        self._stopping = False

    @staticmethod
    def _adc(config: PanelConfig, chip: Chip, now_ns: int) -> _Adc:
        names = {fader.channel: fader.name for fader in config.faders if fader.chip == chip.name}
        supply = config.supply.channel if config.supply is not None and config.supply.chip == chip.name else -1
        return _Adc(chip, names, supply, now_ns)

    @property
    def used(self) -> bool:
        """Whether there is anything on SPI."""
        return bool(self._adcs) or self._oled is not None

    @property
    def frames(self) -> int:
        """Pictures that the display has got whole."""
        return 0 if self._oled is None else self._oled.frames

    def open(self) -> None:
        """Take the display's lines. Raises DriverMissing, LineBusy or LinesMissing."""
        if self._oled is None:
            return
        self._gpio = self._load_gpio()
        for line, what in ((self._oled.display.dc, "D/C"), (self._oled.display.reset, "reset")):
            if line >= 0:
                gpio_lines.claim(self._gpio, line, output=True, name=f"the display’s {what}")
                self._claimed.append(line)

    def start(self) -> None:
        """As open(), and serve the bus from a thread."""
        self.open()
        if self.used:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="spi", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop; the display goes dark and its lines are given back."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._claimed:
            self._gpio.cleanup(self._claimed)
            self._claimed = []

    def states(self) -> list[ChipState]:
        """How each chip is."""
        parts = [*self._adcs, self._oled] if self._oled is not None else self._adcs
        return [part.state() for part in parts]

    def show(self, greys: bytes) -> None:
        """A picture as the display's RAM has it (`drivers.oled.greys_of`); of several the last one counts."""
        if self._oled is not None:
            self._oled.next = greys

    def contrast(self, level: int) -> None:
        """The display's brightness, 0 to 255."""
        if self._oled is not None:
            self._oled.contrast = oled.contrast_command(level, self._oled.display.kind)

    def step(self) -> None:
        """Read all converters, then send slices until it is time to read them again."""
        for adc in self._adcs:
            self._scan(adc)
        self._scan_ns = max(self._scan_ns + SCAN_NS, self._clock.now_ns())
        while self._slice() and self._clock.now_ns() + 2_000_000 <= self._scan_ns:
            pass
        self._clock.sleep_until_ns(self._scan_ns)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self.step()
        screen = self._oled
        if screen is not None and screen.live:
            self._try(screen, lambda: self._dark(screen))
        for adc in self._adcs:
            adc.chip = None

    def _dark(self, screen: _Oled) -> bool:
        self._command(screen, b"\xae")
        return True

    def _try(self, part: _Part, act: Callable[[], bool]) -> bool:
        """What `act` returns; where it fails the part is lost until it is tried again, and it is False."""
        try:
            done = act()
        except Exception as error:  # noqa: BLE001  whatever it is, the thread lives
            part.lose(reason(error), self._clock.now_ns())
            return False
        part.find(self._clock.now_ns())
        return done

    def _scan(self, adc: _Adc) -> None:
        if adc.live or self._clock.now_ns() >= adc.probe_ns:
            self._try(adc, lambda: self._read(adc))
            if not adc.live:
                adc.chip = None  # opened anew: what is behind may have gone and come back

    def _read(self, adc: _Adc) -> bool:
        if adc.chip is None:
            adc.chip = Mcp3008(self._open_bus(adc.bus, adc.device), adc.kind)
        supply = self._channel(adc, adc.supply) if adc.supply >= 0 else 1.0
        shares, times_ns = [], []
        for channel in adc.names:
            shares.append(self._channel(adc, channel))
            times_ns.append(self._clock.now_ns())
        if adc.is_silent(shares if adc.supply < 0 else [supply, *shares], self._clock.now_ns()):
            raise silent(adc.kind)
        if supply < 0.5:
            supply = 1.0  # its wire is off
        for at_ns, name, share in zip(times_ns, adc.names.values(), shares, strict=True):
            self._tell(Slid(at_ns, name, min(share / supply, 1.0)))
        return True

    def _channel(self, adc: _Adc, channel: int) -> float:
        """One reading; a chip that lives is given another chance."""
        assert adc.chip is not None
        for _ in range(TRIES - 1 if adc.live else 0):
            try:
                return adc.chip.read(channel)
            except (OSError, ChipSilent):
                adc.errors += 1
        return adc.chip.read(channel)

    def _slice(self) -> bool:
        """Send the next slice of a picture; False where there is nothing to send."""
        screen = self._oled
        if screen is None or not (screen.live or self._clock.now_ns() >= screen.probe_ns):
            return False
        sent = self._try(screen, lambda: self._send(screen))
        if not screen.live:
            screen.spi = screen.sending = None
        return sent

    def _send(self, screen: _Oled) -> bool:
        if screen.spi is None:
            self._begin(screen)
        elif screen.sending is None:
            self._keep(screen)
        if screen.sending is None:
            picture = screen.next
            if picture is screen.shown:
                return False
            for command in screen.window:
                self._command(screen, command)
            screen.sending, screen.shown = memoryview(picture), picture
        assert screen.spi is not None
        screen.spi.writebytes2(bytes(screen.sending[:SLICE_BYTES]))
        screen.sending = screen.sending[SLICE_BYTES:] or None
        if screen.sending is None:
            self._arrived(screen)
        return True

    def _arrived(self, screen: _Oled) -> None:
        if not screen.is_on:
            self._command(screen, bytes((ON,)))
            screen.is_on = True
        if screen.shown is not screen.counted:  # else it was only told again
            screen.counted = screen.shown
            screen.frames += 1

    def _keep(self, screen: _Oled) -> None:
        """Between two pictures: a new brightness, and everything again where that is due."""
        now_ns = self._clock.now_ns()
        if screen.contrast:
            screen.brightness, screen.contrast = screen.contrast, b""
            self._command(screen, screen.brightness)
        if now_ns >= screen.refresh_ns:
            screen.refresh_ns = now_ns + REFRESH_NS
            self._set_up(screen, *(command for command in screen.init if command[0] not in DARKENING))

    def _begin(self, screen: _Oled) -> None:
        """Reset (SSD1322 data sheet: 100 µs low), set up; still dark."""
        spi = self._open_bus(screen.bus, screen.device)
        spi.max_speed_hz, spi.mode = DISPLAY_HZ, 0
        screen.spi = spi
        if screen.display.reset >= 0:
            self._gpio.output(screen.display.reset, 0)
            self._clock.sleep_until_ns(self._clock.now_ns() + 200_000)
            self._gpio.output(screen.display.reset, 1)
            self._clock.sleep_until_ns(self._clock.now_ns() + 200_000)
        screen.is_on = False
        self._set_up(screen, *(command for command in screen.init if command[0] != ON))
        screen.refresh_ns = self._clock.now_ns() + REFRESH_NS

    def _set_up(self, screen: _Oled, *commands: bytes) -> None:
        for command in (*commands, screen.brightness):
            self._command(screen, command)
        screen.shown = None

    def _command(self, screen: _Oled, command: bytes) -> None:
        """The first byte with D/C low, arguments with D/C high, and so it stays for pixels."""
        if not command:
            return
        assert screen.spi is not None
        self._gpio.output(screen.display.dc, 0)
        screen.spi.writebytes2(command[:1])
        self._gpio.output(screen.display.dc, 1)
        if len(command) > 1:
            screen.spi.writebytes2(command[1:])
