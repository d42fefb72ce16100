"""Ballast, rusty ground beside rails, tactile paving, fan-laid setts."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.textures.bank import (
    Float,
    NoiseBank,
    mix,
    paint,
    tile_coordinates,
)
from depth_seg_ros.virtual_world.textures.layer import LooseLayer

Generator = np.random.Generator


def pebbles(
    bank: NoiseBank, rng: Generator, colors: Float, count: int, size: tuple[float, float]
) -> Float:
    """Angular stones over dark gaps; ``size`` in texels at 256. The tile repeats."""
    n = bank.size
    scale = n / 256
    image = np.ascontiguousarray(paint(colors.mean(0) * 0.45, 0.7 + 0.6 * bank.draw("grain")))
    color = colors[rng.integers(len(colors), size=count)] * rng.uniform(0.62, 1.25, (count, 1))
    middle = rng.uniform(0, n, (count, 2))
    radius = rng.uniform(*size, count) * scale
    turn = rng.uniform(0, 2 * np.pi, count)
    corner = np.arange(6) / 6 * 2 * np.pi
    rim = rng.uniform(0.65, 1.15, (count, 6)) * radius[:, None]
    angle = turn[:, None] + corner
    offset = np.stack([np.cos(angle), 0.8 * np.sin(angle)], -1) * rim[..., None]
    for k in range(count):
        for shift in _wraps(middle[k], radius[k] * 1.3, n):
            outline = middle[k] + shift + offset[k]
            for grow, light in ((1.0, 0.62), (0.72, 1.0)):
                points = (middle[k] + shift + (outline - middle[k] - shift) * grow) * 16
                cv2.fillConvexPoly(
                    image,
                    (points - [0, (1 - grow) * 40]).astype(np.int32),
                    (color[k] * light).tolist(),
                    cv2.LINE_AA,
                    4,
                )
    return np.asarray(image * (0.85 + 0.3 * bank.draw("grain"))[..., None], np.float32)


def _wraps(middle: Float, reach: float, n: int) -> list[tuple[int, int]]:
    """Shifts that draw a stone on every side of the seam it lies across."""
    steps = [
        [0, *([n] if m < reach else []), *([-n] if m > n - reach else [])] for m in middle.tolist()
    ]
    return [(x, y) for x in steps[0] for y in steps[1]]


def _ballast(bank: NoiseBank, rng: Generator) -> Float:
    grey = np.array([[0.52, 0.50, 0.48], [0.60, 0.57, 0.53], [0.44, 0.40, 0.37]])
    rust = np.array([[0.50, 0.39, 0.31], [0.44, 0.34, 0.27]])
    colors = np.concatenate([grey, rust[: int(rng.integers(0, 3))]])
    return pebbles(bank, rng, colors * rng.uniform(0.85, 1.15), 2200, (3.2, 6.0))


def _rust_bed(bank: NoiseBank, rng: Generator) -> Float:
    """Old ballast full of brake dust, oil and weeds: what lies between rails in stations."""
    colors = np.array([[0.36, 0.29, 0.24], [0.30, 0.26, 0.23], [0.42, 0.35, 0.29]])
    image = pebbles(bank, rng, colors, 1900, (3.0, 5.5))
    weeds = np.clip(bank.draw("rough") - 0.6, 0, 1) * rng.uniform(0, 3)
    return mix(image, [0.25, 0.32, 0.13], np.clip(weeds, 0, 0.8))


def _tactile(bank: NoiseBank, rng: Generator) -> Float:
    """Ribbed guiding slabs, white or yellow."""
    v, u = tile_coordinates(bank.size)
    color = [0.86, 0.85, 0.80] if rng.random() < 0.6 else [0.85, 0.68, 0.15]
    rib = 0.72 + 0.28 * np.clip(np.sin(2 * np.pi * u * 16) * 3, -1, 1)
    image = paint(color, rib * (0.85 + 0.2 * bank.draw("rough")))
    image[((v * 2) % 1 < 0.02) | ((u * 2) % 1 < 0.02)] *= 0.6
    return image


def _setts(bank: NoiseBank, rng: Generator) -> Float:
    """Small setts laid in overlapping fans, as in old towns."""
    v, u = tile_coordinates(bank.size)
    fans = 4
    column = np.floor(u * fans)
    y = v * fans + 0.5 * (column % 2)
    x = u * fans % 1 - 0.5
    bend = y + 0.42 * np.cos(np.pi * x)  # rows bend over each fan
    row = bend * 6
    along = x * 7 + 0.5 * (np.floor(row) % 2)
    edge = np.minimum.reduce([row % 1, 1 - row % 1, along % 1, 1 - along % 1])
    stone = (np.floor(row) * 37 + np.floor(along) * 101 + column * 17).astype(np.int64) % 509
    tone = rng.uniform(0.7, 1.2, 509)[stone].astype(np.float32)
    color = [[0.43, 0.42, 0.41], [0.50, 0.45, 0.40], [0.36, 0.35, 0.36]][int(rng.integers(3))]
    dome = 0.35 + 0.65 * np.clip(edge * 5, 0, 1) ** 0.6
    return paint(color, tone * dome * (0.85 + 0.3 * bank.draw("grain")))


def _planking(bank: NoiseBank, rng: Generator) -> Float:
    """Rubber or timber panels of a level crossing."""
    v, _ = tile_coordinates(bank.size)
    timber = rng.random() < 0.4
    color = [0.34, 0.27, 0.20] if timber else [0.20, 0.20, 0.21]
    image = paint(color, 0.75 + 0.3 * bank.draw("streaks").T + 0.15 * bank.draw("grain"))
    image[(v * 6) % 1 < 0.06] *= 0.4
    return image


LAYERS = {
    "ballast": LooseLayer(_ballast, 1.9),
    "rust_bed": LooseLayer(_rust_bed, 1.9),
    "tactile": LooseLayer(_tactile, 0.6),
    "setts": LooseLayer(_setts, 3.4),
    "planking": LooseLayer(_planking, 1.5),
}
