"""Drawing texture layers: a canvas with v pointing up and anti-aliasing by twofold oversampling."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Color = Sequence[float]
Point = tuple[float, float]


class Canvas:
    """An RGBA picture addressed by texture coordinates (u right, v up, both 0..1)."""

    def __init__(self, size: int, color: Color, alpha: float = 1.0) -> None:
        self.n = 2 * size
        self.pixels: Image = np.empty((self.n, self.n, 4), np.float32)
        self.pixels[..., :3] = color
        self.pixels[..., 3] = alpha

    def _at(self, points: Sequence[Point]) -> NDArray[np.int32]:
        return np.round(np.asarray(points) * self.n * 16 - 8).astype(np.int32)

    def polygon(self, points: Sequence[Point], color: Color, alpha: float = 1.0) -> None:
        """A filled polygon."""
        cv2.fillPoly(self.pixels, [self._at(points)], (*map(float, color), alpha), cv2.LINE_8, 4)

    def rectangle(self, low: Point, high: Point, color: Color, alpha: float = 1.0) -> None:
        """A filled rectangle between two corners."""
        self.polygon([low, (high[0], low[1]), high, (low[0], high[1])], color, alpha)

    def line(self, points: Sequence[Point], width: float, color: Color, alpha: float = 1.0) -> None:
        """A polyline; width in texture units."""
        cv2.polylines(self.pixels, [self._at(points)], False, (*map(float, color), alpha),
                      max(1, round(width * self.n)), cv2.LINE_8, 4)

    def ellipse(self, center: Point, radii: Point, color: Color, *, angle: float = 0.0,
                alpha: float = 1.0) -> None:
        """A filled ellipse; angle in degrees."""
        (x, y), = self._at([center]).tolist()
        axes = (max(1, round(radii[0] * self.n * 16)), max(1, round(radii[1] * self.n * 16)))
        cv2.ellipse(self.pixels, (x, y), axes, angle, 0, 360, (*map(float, color), alpha), -1,
                    cv2.LINE_8, 4)

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
        region[:] = region * (1 - mask) + np.asarray(color, np.float32) * mask

    def shade(self, field: Image) -> None:
        """Multiply the colours by a field [2n, 2n] or [n, n]."""
        if len(field) != self.n:
            field = cv2.resize(field, (self.n, self.n), interpolation=cv2.INTER_LINEAR)
        self.pixels[..., :3] *= field[..., None]

    def finish(self) -> NDArray[np.uint8]:
        """The layer: uint8 [n, n, 4], row 0 at v = 0."""
        small = cv2.resize(self.pixels, (self.n // 2, self.n // 2), interpolation=cv2.INTER_AREA)
        return np.asarray(np.clip(small, 0, 1) * 255 + 0.5, np.uint8)
