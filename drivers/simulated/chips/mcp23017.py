"""MCP23017 (Microchip DS20001952): 16 pins with pull-ups that tell of changes on an open-drain line. BANK = 0 only."""

from __future__ import annotations

from collections.abc import Callable

IODIR, IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU, INTF, INTCAP, GPIO, OLAT = range(0x00, 0x16, 2)
REGISTERS = 0x16
OUTPUT_ONLY = 0x8080  # GPA7 and GPB7, by the data sheet's revision D
_MIRROR, _SEQUENTIAL_OFF = 0x40, 0x20


class Mcp23017Model:
    """`pins(at_ns)`: 16 bits, A0 lowest, 1 where nothing pulls the pin down. It looks at them whenever it is asked for
    anything. `changes(after_ns, until_ns)`: when they changed between, so that what came and went is caught as well."""

    def __init__(self, pins: Callable[[int], int], changes: Callable[[int, int], list[int]] | None = None) -> None:
        self._pins, self._changes = pins, changes
        self.power_on(0)

    def power_on(self, at_ns: int) -> None:  # noqa: ARG002 - what the pins are is seen when they are asked for
        """All pins are inputs without pull-ups, and nothing is told."""
        self._pointer = 0
        self._registers = bytearray(REGISTERS)
        self._set(IODIR, 0xFFFF)
        self._before = 0
        self._looked_ns: int | None = None

    def write(self, data: bytes, at_ns: int) -> None:
        """A register and what follows it; A and B take turns, and the end of the registers is followed by their
        beginning."""
        if not data:
            return
        self._look(at_ns)
        self._pointer = data[0] % REGISTERS
        for value in data[1:]:
            self._store(self._pointer, value)
            self._step()
        if len(data) > 1:
            self._before = self._level(at_ns)

    def read(self, count: int, at_ns: int) -> bytes:
        """The registers from the pointer on. Reading a port, or what was captured of it, ends its interrupt."""
        self._look(at_ns)
        answer = bytearray()
        for _ in range(count):
            answer.append(self._fetch(self._pointer, at_ns))
            self._step()
        return bytes(answer)

    def interrupt(self, at_ns: int) -> bool:
        """Whether it pulls its INT lines down."""
        self._look(at_ns)
        return bool(self._get(INTF))

    def _step(self) -> None:
        if self._registers[IOCON] & _SEQUENTIAL_OFF:
            self._pointer ^= 1
        else:
            self._pointer = (self._pointer + 1) % REGISTERS

    def _store(self, place: int, value: int) -> None:
        if place in {IOCON, IOCON + 1}:
            self._registers[IOCON] = self._registers[IOCON + 1] = value
        elif place in {GPIO, GPIO + 1}:
            self._registers[place + OLAT - GPIO] = value
        elif place not in {INTF, INTF + 1, INTCAP, INTCAP + 1}:
            self._registers[place] = value

    def _fetch(self, place: int, at_ns: int) -> int:
        port = place & 1
        if place - port in {GPIO, INTCAP}:
            level = self._level(at_ns) >> 8 * port & 0xFF
            value = level if place - port == GPIO else self._registers[place]
            self._registers[INTF + port] = 0
            self._before = self._before & ~(0xFF << 8 * port) | level << 8 * port
            return value
        return self._registers[place]

    def _level(self, at_ns: int) -> int:
        """What GPIO reads: outputs as they are latched; an input that nothing pulls, neither a contact nor a pull-up,
        floats, which reads as 0 here so that a missing pull-up shows."""
        outputs = ~self._get(IODIR) | OUTPUT_ONLY
        inputs = self._pins(at_ns) & self._get(GPPU) ^ self._get(IPOL)
        return (self._get(OLAT) & outputs | inputs & ~outputs) & 0xFFFF

    def _look(self, at_ns: int) -> None:
        """Take note of what changed since the last look. A port whose interrupt stands keeps its first capture."""
        if self._changes is not None and self._looked_ns is not None:
            for changed_ns in self._changes(self._looked_ns, at_ns):
                self._capture(changed_ns)
        self._looked_ns = at_ns
        self._capture(at_ns)

    def _capture(self, at_ns: int) -> None:
        level = self._level(at_ns)
        against = self._before & ~self._get(INTCON) | self._get(DEFVAL) & self._get(INTCON)
        changed = (level ^ against) & self._get(GPINTEN)
        for port in (0, 1):
            mask = changed >> 8 * port & 0xFF
            if mask and not self._registers[INTF + port]:
                self._registers[INTF + port] = mask
                self._registers[INTCAP + port] = level >> 8 * port & 0xFF

    def _get(self, place: int) -> int:
        return self._registers[place] | self._registers[place + 1] << 8

    def _set(self, place: int, value: int) -> None:
        self._registers[place], self._registers[place + 1] = value & 0xFF, value >> 8
