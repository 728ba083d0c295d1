"""The health of one chip: what it was lost for, and when to ask it again."""

from __future__ import annotations

from drivers.i2c_bus import TRIES, Port
from drivers.panel_events import ChipState, Health

FIRST_PROBE_NS, LAST_PROBE_NS = 20_000_000, 500_000_000  # back-off: a loose plug is often back at once


class Watch:
    """A chip by its name on the board. It is `live` when it was set up and answers; one never asked is not lost."""

    __slots__ = ("_health", "_probe_ns", "_reason", "_since_ns", "_wait_ns", "live", "name", "port")

    def __init__(self, name: str, port: Port, now_ns: int) -> None:
        self.name, self.port = name, port
        self.live = False
        self._health, self._reason, self._since_ns = Health.GOOD, "", now_ns
        self._probe_ns, self._wait_ns = now_ns, FIRST_PROBE_NS

    def due(self, now_ns: int) -> bool:
        """Whether it is not live and it is time to set it up."""
        return not self.live and now_ns >= self._probe_ns

    def lose(self, reason: str, now_ns: int) -> None:
        """It does not answer. Until it does, one try is enough each time."""
        if self._health is Health.GOOD:
            self._health, self._since_ns, self._wait_ns = Health.LOST, now_ns, FIRST_PROBE_NS
        else:
            self._wait_ns = min(2 * self._wait_ns, LAST_PROBE_NS)
        self.live, self._reason, self.port.tries = False, reason, 1
        self._probe_ns = now_ns + self._wait_ns

    def find(self, now_ns: int) -> None:
        """It was set up and answers."""
        if self._health is Health.LOST:
            self._since_ns = now_ns
        self.live, self._health, self._reason, self.port.tries = True, Health.GOOD, "", TRIES

    def state(self) -> ChipState:
        """As it is told to others."""
        return ChipState(self.name, self._health, self.port.errors, self._since_ns, self._reason)
