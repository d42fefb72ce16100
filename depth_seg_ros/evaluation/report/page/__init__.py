"""One template and one style sheet for every HTML page: self-contained, no scripts, no network.

A page is a value: its parts say what there is to show, ``page.html.j2`` how each part looks, and
``page.css`` in which colours. Pictures travel inside the file.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2

HERE = Path(__file__).parent
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Tile:
    """One number that matters, and a smaller line under it."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells, the first row the heads; the row whose first cell is ``marked`` stands out."""

    rows: Sequence[Sequence[str]]
    marked: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing (SVG text of charts.py) with its title."""

    title: str
    drawing: str
    words: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture: bytes of a JPEG, PNG or SVG file."""

    title: str
    data: bytes
    kind: str = "jpeg"

    @property
    def address(self) -> str:
        return f"data:image/{self.kind};base64,{b64encode(self.data).decode()}"


@dataclass(frozen=True)
class Strip:
    """Pictures that belong together, side by side where there is room."""

    caption: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Scale:
    """What colours mean: a ramp with evenly spaced ticks."""

    title: str
    colors: Sequence[str]
    ticks: Sequence[str]


@dataclass(frozen=True)
class Section:
    """Whatever of its parts is given, in this order.

    swatches: (name, colour) of the classes that pictures or charts of the section show.
    """

    heading: str = ""
    words: str = ""
    scales: Sequence[Scale] = ()
    swatches: Sequence[tuple[str, Color]] = ()
    table: Table | None = None
    charts: Sequence[Chart] = ()
    strips: Sequence[Strip] = ()
    commands: str = ""
    items: Sequence[str] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Page:
    """facts: (name, value) at its head; details: (summary, text), folded away."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    details: tuple[str, str] | None = None
    tiles: Sequence[Tile] = ()
    sections: Sequence[Section] = ()


def render(page: Page) -> str:
    """The whole file; every text in it is escaped, drawings are taken as they are."""
    return _template().render(page=page, style=_style())


@lru_cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return made.get_template("page.html.j2")


@lru_cache
def _style() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")
