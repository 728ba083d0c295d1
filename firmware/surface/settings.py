"""What the panel itself is set to, in the list of the page Setup: no parameters of the desk, and in no scene."""

from __future__ import annotations

from dataclasses import dataclass

BRIGHTEST = 10
SAVER_MINUTES = (0, 1, 2, 5, 10, 20, 30, 60)


@dataclass
class Settings:
    """`brightness`: 0 to 10. `saver_minutes`: without a touch, until the display rests; 0: never."""

    brightness: int = 7
    saver_minutes: int = 10

    def rows(self) -> tuple[str, ...]:
        """One row each."""
        saver = f"{self.saver_minutes} min" if self.saver_minutes else "off"
        return (f"Brightness: {self.brightness}", f"Screensaver: {saver}")

    def turn(self, row: int, steps: int) -> None:
        """Turn the setting in a row so many steps on, held at the ends; a row of none is left alone."""
        if row == 0:
            self.brightness = min(max(self.brightness + steps, 0), BRIGHTEST)
        elif row == 1:
            at = SAVER_MINUTES.index(self.saver_minutes) if self.saver_minutes in SAVER_MINUTES else 0
            self.saver_minutes = SAVER_MINUTES[min(max(at + steps, 0), len(SAVER_MINUTES) - 1)]

    def contrast(self, resting: bool) -> int:
        """The display's contrast, 0 to 255: dark enough for a dark stage while it rests."""
        return round((min(self.brightness, 1) if resting else self.brightness) * 255 / BRIGHTEST)
