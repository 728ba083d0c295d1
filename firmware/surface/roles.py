"""The names a panel's controls can have: boards bind them to pins, the surface gives them their work."""

from __future__ import annotations

STRIPS = 8  # faders of a full bank
KEYS = (
    "gain", "eq", "dynamics", "pan", "effects", "automation", "monitor", "scenes", "layer", "flip", "solo", "shift",
)  # fmt: skip
ENCODERS = 5  # four under the page's values, the fifth is the cursor


def _numbered(kind: str, highest: int) -> tuple[str, ...]:
    return tuple(f"{kind}.{number}" for number in range(1, highest + 1))


FADERS = (*_numbered("fader", STRIPS), "fader.main")
KEY_ROLES = tuple(f"key.{name}" for name in KEYS)
ROLES: dict[str, tuple[str, ...]] = {
    "fader": FADERS,
    "encoder": _numbered("encoder", ENCODERS),
    "push": _numbered("push", ENCODERS),
    "select": _numbered("select", STRIPS),
    "mute": _numbered("mute", STRIPS),
    "key": KEY_ROLES,
    "foot": _numbered("foot", 2),
    "light": (
        *_numbered("light.select", STRIPS), *_numbered("light.mute", STRIPS), *_numbered("light.meter", STRIPS),
        "light.meter.left", "light.meter.right", *(f"light.{key}" for key in KEY_ROLES),
    ),
}  # fmt: skip
"""Every role by the word before its first dot, in the order of a panel."""
BUTTONS = (*ROLES["push"], *ROLES["select"], *ROLES["mute"], *ROLES["key"], *ROLES["foot"])
