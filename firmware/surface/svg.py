"""A drawing as SVG text: lines, boxes and words, with the few styles a wiring diagram needs."""

from __future__ import annotations

from xml.etree import ElementTree as ET

Point = tuple[float, float]

STYLE = """
text { font-family: "DejaVu Sans", "Noto Sans", Helvetica, Arial, sans-serif; font-size: 12px; fill: #1f2933 }
.h1 { font-size: 20px; font-weight: bold } .h2 { font-size: 13px; font-weight: bold } .small { font-size: 11px }
.faint { fill: #8a949e } .mid { text-anchor: middle } .end { text-anchor: end } .pin { font-size: 9px; fill: #fff }
.box { fill: #fbfaf7; stroke: #4a5560; stroke-width: 1.2 } .bar { fill: #e4e9e4 } .board { fill: #2f5d46 }
.note { fill: #fff; stroke: #c9cfd4; stroke-width: 1 } .part { fill: none; stroke: #1f2933; stroke-width: 1.4 }
.wire { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }
"""
COLOURS = {
    "3V3": "#d1242f", "GND": "#1f2933", "SDA": "#0969da", "SCL": "#1a9aa0", "INT": "#bf3989", "MOSI": "#0969da",
    "MISO": "#1a9aa0", "SCLK": "#6e40c9", "CE0": "#8c6d1f", "CE1": "#8c6d1f", "D/C": "#57606a", "RES": "#57606a",
    "encoder": "#cf7a00", "button": "#2da44e", "5V": "#f0883e",
}  # fmt: skip


class Drawing:
    """A picture of `width` × `height` px that is added to from back to front."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        self._root.set("viewBox", f"0 0 {width:g} {height:g}")
        self._root.set("aria-label", title)
        ET.SubElement(self._root, "style").text = STYLE
        self.box(0, 0, width, height, fill="#ffffff")

    def _add(self, tag: str, kind: str, **given: float | str) -> ET.Element:
        told = {key.replace("_", "-"): f"{v:g}" if isinstance(v, int | float) else v for key, v in given.items()}
        found = ET.SubElement(self._root, tag, told)
        if kind:
            found.set("class", kind)
        return found

    def box(self, x: float, y: float, width: float, height: float, kind: str = "", **given: float | str) -> None:
        """A rectangle."""
        self._add("rect", kind, x=x, y=y, width=width, height=height, **given)

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        """Words whose middle line is at `y`."""
        self._add("text", kind, x=x, y=y, dy="0.35em").text = words

    def wire(self, net: str, *points: Point) -> None:
        """A line through these points, in the colour of its net."""
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        self._add("path", "wire", d=path, stroke=COLOURS[net])

    def dot(self, net: str, x: float, y: float, radius: float = 3) -> None:
        """Where two lines of a net meet."""
        self._add("circle", "", cx=x, cy=y, r=radius, fill=COLOURS[net])

    def path(self, d: str, kind: str = "part") -> None:
        """A path of a schematic's symbol."""
        self._add("path", kind, d=d)

    def finish(self) -> str:
        """The whole as a text."""
        ET.indent(self._root, " ")
        return ET.tostring(self._root, encoding="unicode") + "\n"
