"""Drawing texture layers: a canvas with v pointing up and anti-aliasing by twofold oversampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Layer = NDArray[np.uint8]
Field = NDArray[np.floating[Any]]
Color = Sequence[float] | Field
Point = tuple[float, float]
_SUBPIXEL_BITS = 4


class Canvas:
    """An RGBA picture addressed by texture coordinates (u right, v up, both 0..1)."""

    def __init__(self, size: int, color: Color, alpha: float = 1.0) -> None:
        self.n = 2 * size
        texel = np.array(_rgba(color, alpha), np.uint8).view(np.uint32)[0]
        self.pixels: Layer = (
            np.full((self.n, self.n), texel, np.uint32).view(np.uint8).reshape(self.n, self.n, 4)
        )
        self._factor: Field | None = None

    def _at(self, points: Sequence[Point] | Field) -> NDArray[np.int32]:
        return np.rint(np.asarray(points, np.float64) * (self.n << _SUBPIXEL_BITS) - 8).astype(
            np.int32
        )

    def polygon(self, points: Sequence[Point] | Field, color: Color, alpha: float = 1.0) -> None:
        """A filled polygon."""
        cv2.fillPoly(
            self.pixels, [self._at(points)], _rgba(color, alpha), cv2.LINE_8, _SUBPIXEL_BITS
        )

    def polygons(self, points: Field, colors: Field) -> None:
        """Many opaque convex polygons [K, P, 2], colours [K, 3], drawn in order."""
        corners = self._at(points)
        shades = np.clip(colors * 255 + 0.5, 0, 255).tolist()
        for corner, (r, g, b) in zip(corners, shades, strict=True):
            cv2.fillConvexPoly(self.pixels, corner, (r, g, b, 255.0), cv2.LINE_8, _SUBPIXEL_BITS)

    def rectangle(self, low: Point, high: Point, color: Color, alpha: float = 1.0) -> None:
        """A filled rectangle between two corners."""
        self.polygon([low, (high[0], low[1]), high, (low[0], high[1])], color, alpha)

    def line(self, points: Sequence[Point], width: float, color: Color, alpha: float = 1.0) -> None:
        """A polyline; width in texture units."""
        cv2.polylines(
            self.pixels,
            [self._at(points)],
            False,
            _rgba(color, alpha),
            max(1, round(width * self.n)),
            cv2.LINE_8,
            _SUBPIXEL_BITS,
        )

    def ellipse(
        self, center: Point, radii: Point, color: Color, *, angle: float = 0.0, alpha: float = 1.0
    ) -> None:
        """A filled ellipse; angle in degrees."""
        ((x, y),) = self._at([center]).tolist()
        axes = tuple(max(1, round(r * (self.n << _SUBPIXEL_BITS))) for r in radii)
        cv2.ellipse(
            self.pixels,
            (x, y),
            axes,
            angle,
            0,
            360,
            _rgba(color, alpha),
            -1,
            cv2.LINE_8,
            _SUBPIXEL_BITS,
        )

    def text(self, text: str, low: Point, high: Point, color: Color, weight: float = 0.16) -> None:
        """A line of text that fills the box between two corners."""
        font = cv2.FONT_HERSHEY_SIMPLEX
        (w, h), base = cv2.getTextSize(text, font, 2.0, 1)
        patch = np.zeros((h + 2 * base, w + 2 * base), np.float32)
        cv2.putText(patch, text, (base, h + base), font, 2.0, 1.0, max(1, round(weight * h)))
        x0, y0 = (round(c * self.n) for c in low)
        x1, y1 = (round(c * self.n) for c in high)
        mask = cv2.resize(patch, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)[::-1, :, None]
        region = self.pixels[y0:y1, x0:x1, :3]
        region[:] = np.rint(region * (1 - mask) + 255 * np.asarray(color, np.float32) * mask)

    def shade(self, field: Field) -> None:
        """Multiply the colours of the finished picture by a field [n, n]."""
        self._factor = field if self._factor is None else self._factor * field

    def finish(self) -> Layer:
        """The layer: uint8 [n, n, 4], row 0 at v = 0."""
        small = cv2.resize(self.pixels, (self.n // 2, self.n // 2), interpolation=cv2.INTER_AREA)
        if self._factor is not None:
            factor = np.asarray(self._factor, np.float32)[..., None]
            small[..., :3] = np.minimum(small[..., :3] * factor + np.float32(0.5), 255)
        return np.asarray(small, np.uint8)


def _rgba(color: Color, alpha: float) -> tuple[float, float, float, float]:
    r, g, b = (min(max(float(c), 0.0), 1.0) * 255 for c in color)
    return r, g, b, alpha * 255
