"""A few noise fields, reused shifted and mirrored: fractal noise is the costly part."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.textures.noise import fbm

Float = NDArray[np.floating[Any]]


class NoiseBank:
    """Named seamless fields float32 [n, n] in 0..1; each draw looks different."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.size = size
        self._rng = rng
        self._fields = _fields(size)

    def draw(self, kind: str) -> Float:
        """One field of a kind: grain, rough, clouds, streaks (vertical) or veins."""
        fields = self._fields[kind]
        field = fields[self._rng.integers(len(fields))]
        shift = self._rng.integers(self.size, size=2)
        flips = self._rng.integers(2, size=3)
        field = np.roll(field, (int(shift[0]), int(shift[1])), (0, 1))
        if flips[0]:
            field = field[:, ::-1]
        if flips[1]:
            field = field[::-1]
        if flips[2] and kind != "streaks":
            field = field.T
        return field

    def cracks(self, width: float = 0.006) -> NDArray[np.bool_]:
        """Thin winding lines (the level set of a field)."""
        return np.asarray(np.abs(self.draw("veins") - self._rng.uniform(0.4, 0.6)) < width)


@lru_cache(maxsize=4)
def _fields(size: int) -> dict[str, list[Float]]:
    """The fields all banks share, by kind."""
    rng = np.random.default_rng([size, 0xBA2C])
    return {
        "grain": [fbm(rng, size, octaves=5, persistence=0.95, first=4) for _ in range(2)],
        "rough": [fbm(rng, size, octaves=7, persistence=0.75, first=2) for _ in range(3)],
        "clouds": [fbm(rng, size, octaves=4, persistence=0.55, first=1) for _ in range(3)],
        "streaks": [
            fbm(rng, size, octaves=6, persistence=0.65, first=1, stretch=(1, 6)) for _ in range(2)
        ],
        "veins": [fbm(rng, size, octaves=6, persistence=0.6, first=1) for _ in range(2)],
    }


def paint(color: ArrayLike, brightness: Float) -> Float:
    """[n, n, 3]: a colour at each texel's brightness."""
    return np.asarray(color, np.float32) * brightness[..., None]


def mix(base: Float, over: ArrayLike, weight: Float | float) -> Float:
    """``base`` [n, n, 3] blended to ``over`` ([3] or [n, n, 3]) by ``weight`` ([n, n] or one)."""
    w = np.asarray(weight, np.float32)
    w = w[..., None] if w.ndim == 2 else w
    return np.asarray(base * (1 - w) + np.asarray(over, np.float32) * w, np.float32)


def tile_coordinates(size: int) -> tuple[Float, Float]:
    """(v, u) of each texel centre in 0..1, [n, n] each."""
    axis = ((np.arange(size) + 0.5) / size).astype(np.float32)
    v, u = np.meshgrid(axis, axis, indexing="ij")
    return v, u


def bricks(
    size: int, rows: int, columns: int, joint: tuple[float, float], offset: float = 0.5
) -> tuple[NDArray[np.int64], NDArray[np.bool_], Float]:
    """Running bond: (index of each texel's brick, whether it is mortar, height 0..1 in the course).

    ``joint`` is the share of a course and of a brick that is mortar.
    """
    axis = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / size
    height = (axis * rows) % 1
    course = np.floor(axis * rows).astype(np.int64) % rows
    along = axis * columns + offset * np.arange(2, dtype=np.float32)[:, None]  # even, odd courses
    number = np.floor(along).astype(np.int64) % columns
    index = course[:, None] * columns + number[course % 2]
    mortar = (height < joint[0])[:, None] | (along % 1 < joint[1])[course % 2]
    return index, mortar, np.broadcast_to(height[:, None], (size, size))
