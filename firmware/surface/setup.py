"""What the surface has to work with: which controls its board has, how its faders are calibrated, how it shall be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from drivers.panel_config import I2C_CHIPS, PanelConfig
from firmware.surface.roles import ROLES
from firmware.surface.settings import Settings


@dataclass(frozen=True)
class Setup:
    """`faders`, `encoders`, `buttons`, `lights`: the roles that the board has bound. `chip_of`: the chip that each
    control hangs on, by role, as far as it is one; `supply_of`: by fader, the chip that measures the supply which its
    readings are told by, where one does. `calibration`: by fader, the ratios at its lower and upper end.
    `adopt`: the very first start, at which parameters take the faders' places. `settings`: what the page Setup turns;
    whoever keeps them finds them there."""

    faders: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    lights: frozenset[str] = frozenset()
    chip_of: Mapping[str, str] = field(default_factory=dict)
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    adopt: bool = False
    settings: Settings = field(default_factory=Settings)
    supply_of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        config: PanelConfig,
        calibration: Mapping[str, tuple[float, float]] | None = None,
        *,
        adopt: bool = False,
        settings: Settings | None = None,
    ) -> Self:
        """As a board is made. Names that are no roles are left out: nothing would be done with them."""
        chips = {fader.name: fader.chip for fader in config.faders}
        chips |= {button.name: button.chip for button in config.buttons if button.chip}
        known = {role for roles in ROLES.values() for role in roles}
        on_i2c = {chip.name for chip in config.chips if chip.kind in I2C_CHIPS}
        supply = config.supply.chip if config.supply is not None and config.supply.chip in on_i2c else ""
        supplied = [one.name for one in config.faders if supply and one.chip in on_i2c and one.name in known]
        return cls(
            tuple(one.name for one in config.faders if one.name in known),
            tuple(one.name for one in config.encoders if one.name in known),
            tuple(one.name for one in config.buttons if one.name in known),
            frozenset(one.name for one in config.lights if one.name in known),
            {name: chip for name, chip in chips.items() if name in known},
            dict(calibration or {}),
            adopt,
            settings or Settings(),
            dict.fromkeys(supplied, supply),
        )

    def faders_of(self, chip: str) -> set[str]:
        """The faders that tell nothing while a chip is away: its own, and those whose supply it measures."""
        of = (*self.chip_of.items(), *self.supply_of.items())
        return {name for name, on in of if on == chip and name in self.faders}

    @property
    def width(self) -> int:
        """How many strips lie side by side: as many as there are faders for them, or selects, or mutes; 8 where there
        are none of these."""
        numbers = [
            int(number)
            for name in (*self.faders, *self.buttons)
            for kind, _, number in (name.partition("."),)
            if kind in {"fader", "select", "mute"} and number.isdigit()
        ]
        return max(numbers, default=8)

    @property
    def cursor(self) -> str:
        """The encoder that moves the cursor: the fifth, or where there is none the last; empty: there is no encoder."""
        return max(self.encoders, default="")

    @property
    def value_encoders(self) -> tuple[str, ...]:
        """The encoders under the page's values, from left to right; none where the only one is the cursor."""
        return tuple(sorted(name for name in self.encoders if name != self.cursor))

    @property
    def has_page_keys(self) -> bool:
        """Whether pages are chosen by keys."""
        return "key.eq" in self.buttons
