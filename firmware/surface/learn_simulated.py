"""Hands that do on a simulated panel what `pidesk learn` asks for: to see it without a panel."""

from __future__ import annotations

from drivers.panel_config import PanelConfig


def script(panel: PanelConfig) -> str:
    """What hands do, in the words of `drivers.simulated.script`."""
    faders = [name.partition(".")[2] for name in (fader.name for fader in panel.faders)]
    lines = [f"fader {name} to 0 % in 100 ms" for name in faders]
    lines += ["wait 1500 ms"] if faders else []
    for name in faders:
        lines += [f"fader {name} to 100 % in 250 ms", "wait 100 ms"]
    lines += ["wait 1500 ms"] if faders else []
    lines += [f"encoder {encoder.name.partition('.')[2]} by +4" for encoder in panel.encoders]
    lines += [f"press {button.name.replace('.', ' ')}" for button in panel.buttons]
    return "\n".join(lines)
