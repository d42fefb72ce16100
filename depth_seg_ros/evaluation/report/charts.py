"""Small charts as SVG text: bars, signed bars, a line, horizontal bars. No plotting library.

Colours are CSS variables of the page, so charts follow its light or dark scheme; every mark carries
its numbers as a tooltip (``<title>``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 520, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 10, 26, 44


@dataclass(frozen=True)
class Mark:
    """One value: its label on the axis, and what its tooltip says."""

    label: str
    value: float
    tooltip: str


def bars(marks: Sequence[Mark], x_title: str, y_title: str, reference: float | None = None) -> str:
    """Vertical bars from zero, up or down. reference: a dashed line, e.g. a median."""
    values = [m.value for m in marks if math.isfinite(m.value)]
    frame = _Frame(min([0.0, *values]), max([0.0, *values]))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(marks))
    parts = [frame.grid(y_title), _x_title(x_title)]
    every = max(1, math.ceil(len(marks) / 18))
    for i, mark in enumerate(marks):
        x = _LEFT + i * step
        if math.isfinite(mark.value):
            top, bottom = sorted((frame.y(mark.value), frame.y(0.0)))
            sign = "bar" if mark.value >= 0 else "bar low"
            parts.append(
                f'<rect class="{sign}" x="{x + step * 0.1:.1f}" y="{top:.1f}" '
                f'width="{step * 0.8:.1f}" height="{max(bottom - top, 0.5):.1f}" rx="1.5">'
                f"<title>{escape(mark.tooltip)}</title></rect>"
            )
        if i % every == 0:
            parts.append(_text(x + step / 2, HEIGHT - _BOTTOM + 15, mark.label, "middle"))
    if reference is not None:
        y = frame.y(reference)
        parts.append(
            f'<line class="ref" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return _svg("".join(parts), HEIGHT)


def line(marks: Sequence[Mark], x_title: str, y_title: str) -> str:
    """A line through the values in order, with a dot each (few) or none (many)."""
    values = [m.value for m in marks if math.isfinite(m.value)]
    frame = _Frame(0.0, max([0.0, *values]))
    room = WIDTH - _LEFT - _RIGHT
    step = room / max(1, len(marks) - 1)
    first = _LEFT if len(marks) > 1 else _LEFT + room / 2  # a lone point stands in the middle
    points = [
        (first + i * step, frame.y(m.value), m)
        for i, m in enumerate(marks)
        if math.isfinite(m.value)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    parts = [frame.grid(y_title), _x_title(x_title), f'<polyline class="line" points="{path}"/>']
    radius = 4.0 if len(points) == 1 else 2.4 if len(points) <= 150 else 1.2
    parts += [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius}">'
        f"<title>{escape(m.tooltip)}</title></circle>"
        for x, y, m in points[:: max(1, len(points) // 1000)]
    ]
    every = max(1, math.ceil(len(marks) / 10))
    parts += [
        _text(first + i * step, HEIGHT - _BOTTOM + 15, m.label, "middle")
        for i, m in enumerate(marks)
        if i % every == 0
    ]
    return _svg("".join(parts), HEIGHT)


def horizontal_bars(marks: Sequence[Mark], colors: Sequence[tuple[int, int, int]]) -> str:
    """One row a mark, from 0 to 1, in the given colours, with its value behind it."""
    row, left = 22, 140
    height = row * len(marks) + 8
    room = WIDTH - left - 60
    parts = []
    for i, (mark, color) in enumerate(zip(marks, colors, strict=True)):
        y = 4 + i * row
        width = max(0.0, 0.0 if math.isnan(mark.value) else mark.value * room)
        words = "–" if math.isnan(mark.value) else f"{mark.value:.3f}"
        parts.append(_text(left - 8, y + 15, mark.label, "end"))
        parts.append(f'<rect class="track" x="{left}" y="{y + 4}" width="{room}" height="14"/>')
        parts.append(
            f'<rect x="{left}" y="{y + 4}" width="{width:.1f}" height="14" '
            f'fill="rgb{color}" class="class"><title>{escape(mark.tooltip)}</title></rect>'
        )
        parts.append(_text(left + room + 8, y + 15, words, "start"))
    return _svg("".join(parts), height)


class _Frame:
    """The vertical axis: data range -> pixels, at round steps."""

    def __init__(self, low: float, high: float) -> None:
        if high - low < 1e-12:
            high = low + 1.0
        self._step = _round_step((high - low) / 4)
        self._low = math.floor(low / self._step + 1e-9) * self._step
        self._high = math.ceil(high / self._step - 1e-9) * self._step

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    def grid(self, title: str) -> str:
        parts = [_text(8, 11, title, "start", "axis")]
        for i in range(round((self._high - self._low) / self._step) + 1):
            value = self._low + i * self._step
            y = self.y(value)
            zero = ' class="zero"' if abs(value) < self._step / 1e6 else ""
            parts.append(
                f'<line{zero} x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            )
            parts.append(_text(_LEFT - 6, y + 4, f"{value:.6g}", "end"))
        return "".join(parts)


def _round_step(about: float) -> float:
    """1, 2 or 5 times a power of ten, not below ``about``."""
    power = 10.0 ** math.floor(math.log10(about))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= about * (1 - 1e-9))


def _x_title(text: str) -> str:
    return _text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, text, "middle", "axis")


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(body: str, height: float) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{body}</svg>'
