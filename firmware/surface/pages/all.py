"""The pages there are, in the order of the craft. Effects and Automation come with their subjects."""

from __future__ import annotations

from firmware.surface.pages import Page, dynamics, eq, gain, monitor, pan, scenes, setup
from firmware.surface.view import PageName

PAGES: dict[PageName, Page] = {
    page.name: page for page in (gain.PAGE, eq.PAGE, dynamics.PAGE, pan.PAGE, monitor.PAGE, scenes.PAGE, setup.PAGE)
}
