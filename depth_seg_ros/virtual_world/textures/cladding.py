"""Coverings of walls and cases: tiles, murals, sheet metal, bamboo, glass, containers, shutters."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.bank import (
    Float,
    NoiseBank,
    bricks,
    mix,
    paint,
    tile_coordinates,
)
from depth_seg_ros.virtual_world.textures.drawing import WORDS, write
from depth_seg_ros.virtual_world.textures.layer import LooseLayer

Generator = np.random.Generator


def _tiles(bank: NoiseBank, rng: Generator) -> Float:
    """Glazed tiles, plain, chequered or in bands."""
    count = int(rng.choice([8, 12, 16]))
    index, joint, _ = bricks(bank.size, count, count, (0.06, 0.06), 0.0)
    colors = np.array([[0.90, 0.89, 0.86], [0.55, 0.68, 0.72], [0.35, 0.45, 0.62],
                       [0.72, 0.62, 0.45], [0.40, 0.55, 0.45], [0.62, 0.30, 0.25]])  # fmt: skip
    base, other = colors[rng.permutation(len(colors))[:2]]
    row, column = np.divmod(index, count)
    pattern = [np.zeros_like(row), (row + column) % 2, (row % 4 == 0) * 1][int(rng.integers(3))]
    tone = rng.uniform(0.9, 1.06, count * count)[index].astype(np.float32)
    image = paint(base, tone)
    image[pattern == 1] = paint(other, tone)[pattern == 1]
    image[joint] = np.array([0.72, 0.71, 0.68]) * rng.uniform(0.6, 1.0)
    return np.asarray(image * (0.92 + 0.12 * bank.draw("clouds"))[..., None], np.float32)


def _mural(bank: NoiseBank, rng: Generator) -> Float:
    """Paint sprayed on a wall: fields of colour, figures, outlines, letters."""
    n = bank.size
    image = np.ascontiguousarray(paint(rng.uniform(0.1, 0.9, 3), 0.9 + 0.1 * bank.draw("rough")))
    for _ in range(int(rng.integers(12, 26))):
        color = (rng.uniform(0.1, 0.85, 3) * 0.7 + 0.3 * rng.uniform(0.1, 0.8)).tolist()
        points = (rng.uniform(-0.1, 1.1, 2) + rng.normal(0, 0.16, (int(rng.integers(3, 7)), 2))) * n
        outline = cv2.convexHull(points.astype(np.int32))
        cv2.fillConvexPoly(image, outline, color, cv2.LINE_AA)
        if rng.random() < 0.4:
            cv2.polylines(image, [outline], True, (0.03, 0.03, 0.03), 2, cv2.LINE_AA)
    for _ in range(int(rng.integers(3, 9))):
        center, axes = rng.integers(0, n, 2).tolist(), rng.integers(n // 24, n // 6, 2).tolist()
        angle, color = float(rng.uniform(0, 180)), rng.uniform(0, 1, 3).tolist()
        line = int(rng.choice([-1, 3]))
        cv2.ellipse(image, center, axes, angle, 0, 360, color, line, cv2.LINE_AA)
    lettered = np.ascontiguousarray(np.dstack([image, np.ones((n, n), np.float32)])[::-1])
    for _ in range(int(rng.integers(0, 3))):
        write(lettered, str(rng.choice(WORDS)), (float(rng.uniform(0.3, 0.7)),
              float(rng.uniform(0.3, 0.8))), float(rng.uniform(0.3, 0.6)),
              rng.uniform(0, 1, 3), rng)  # fmt: skip
    return np.asarray(lettered[::-1, :, :3] * (0.88 + 0.16 * bank.draw("rough"))[..., None])


def _sheet_metal(bank: NoiseBank, rng: Generator) -> Float:
    """Trapezoidal sheets; pale, the tint colours them."""
    _, u = tile_coordinates(bank.size)
    phase = (u * 8) % 1
    rib = np.interp(phase, [0, 0.1, 0.4, 0.5, 1.0], [0.62, 1.0, 0.97, 0.7, 0.82])
    image = paint([0.93, 0.94, 0.95], rib * (0.9 + 0.12 * bank.draw("streaks")))
    rust = np.clip(bank.draw("streaks") - rng.uniform(0.62, 0.95), 0, 1) * 2.5
    return mix(image, [0.40, 0.24, 0.14], np.clip(rust, 0, 0.7))


def _container(bank: NoiseBank, rng: Generator) -> Float:
    """The corrugated side of a shipping container; pale, with numbers and scrapes."""
    n = bank.size
    _, u = tile_coordinates(n)
    phase = (u * 20) % 1
    rib = np.interp(phase, [0, 0.15, 0.5, 0.65, 1.0], [0.66, 1.0, 0.96, 0.74, 0.72])
    image = paint([0.92, 0.92, 0.92], rib * (0.86 + 0.18 * bank.draw("rough")))
    rust = np.clip(bank.draw("rough") - 0.7, 0, 1) * rng.uniform(0.5, 3)
    image = mix(image, [0.36, 0.2, 0.12], np.clip(rust, 0, 0.8))
    upright = np.ascontiguousarray(np.dstack([image, np.ones((n, n), np.float32)])[::-1])
    text = "".join(rng.choice(list("ABCGHKLMSTU"), 4))
    ink = [0.95, 0.95, 0.95] if rng.random() < 0.6 else [0.08, 0.08, 0.08]
    write(upright, text, (0.78, 0.14), 0.2, ink, rng)
    write(upright, f"{rng.integers(100000, 999999)}", (0.78, 0.24), 0.25, ink, rng)
    return np.asarray(upright[::-1, :, :3], np.float32)


def _bamboo(bank: NoiseBank, rng: Generator) -> Float:
    """Canes side by side with their knots; seen as a screen fence or a scaffold's cladding."""
    n, count = bank.size, 18
    v, u = tile_coordinates(n)
    cane = np.floor(u * count).astype(np.int64)
    across = (u * count) % 1 - 0.5
    knots = rng.uniform(0, 1, count)[cane]
    color = np.array([[0.72, 0.60, 0.36], [0.62, 0.60, 0.34], [0.55, 0.45, 0.28]])
    tone = rng.uniform(0.75, 1.15, count)[cane].astype(np.float32)
    image = paint(color[int(rng.integers(3))], tone * (1.05 - 1.5 * across**2 * 2))
    image[((v * 3 + knots) % 1) < 0.035] *= 0.6
    image[np.abs(across) > 0.46] *= 0.3
    return np.asarray(image * (0.85 + 0.25 * bank.draw("streaks"))[..., None], np.float32)


def _glass_facade(bank: NoiseBank, rng: Generator) -> Float:
    """Large panes that mirror (alpha 0) between slim mullions, some with blinds, some lit."""
    v, u = tile_coordinates(bank.size)
    columns, rows = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    pane = np.floor(v * rows).astype(np.int64) * columns + np.floor(u * columns).astype(np.int64)
    tint = np.array([[0.08, 0.12, 0.13], [0.10, 0.14, 0.18], [0.10, 0.11, 0.11]])
    tone = rng.uniform(0.5, 1.7, columns * rows)[pane].astype(np.float32)
    image = paint(tint[int(rng.integers(3))], tone * (0.85 + 0.3 * bank.draw("clouds")))
    blind = (rng.random(columns * rows) < 0.25)[pane]
    drop = (v * rows) % 1 > rng.uniform(0.2, 0.9, columns * rows)[pane]
    image[blind & drop] = np.array([0.60, 0.59, 0.56]) * rng.uniform(0.5, 1.0)
    frame = ((u * columns) % 1 < 0.035) | ((v * rows) % 1 < 0.03)
    slab = (v * rows) % 1 > rng.uniform(0.82, 0.97)
    image[slab] = rng.uniform(0.15, 0.6)
    image[frame] = rng.uniform(0.1, 0.75)
    solid = np.where(frame | slab, 1.0, np.where(blind & drop, 0.4, 0.0))
    return np.dstack([image, solid]).astype(np.float32)


def _shutter(bank: NoiseBank, rng: Generator) -> Float:
    """Rolled slats of a gate or a closed shop; sometimes tagged."""
    v, _ = tile_coordinates(bank.size)
    slat = 0.72 + 0.28 * np.abs(np.sin(np.pi * v * 24))
    image = paint([0.85, 0.86, 0.87], slat * (0.88 + 0.16 * bank.draw("rough")))
    if rng.random() < 0.4:
        tag = bank.cracks(0.02)
        image[tag] = image[tag] * 0.4 + rng.uniform(0, 0.6, 3) * 0.6
    return image


def _diagonal(first: tuple[float, ...], second: tuple[float, ...]) -> LooseLayer:
    """Slanting bars in two colours, as on barriers and hazards."""

    def draw(bank: NoiseBank, rng: Generator) -> Float:
        v, u = tile_coordinates(bank.size)
        bars = ((u + v) * 2) % 1 < 0.5
        image = np.where(bars[..., None], np.asarray(first), np.asarray(second))
        dirt = np.clip(bank.draw("rough") - 0.55, 0, 1) * rng.uniform(0, 1.2)
        return mix(image.astype(np.float32), [0.4, 0.38, 0.35], dirt)

    return LooseLayer(draw, 0.8)


LAYERS = {
    "tiles": LooseLayer(_tiles, 2.4, Surface.GLOSSY),
    "mural": LooseLayer(_mural, 6.0),
    "sheet_metal": LooseLayer(_sheet_metal, 1.6),
    "container": LooseLayer(_container, 6.06, Surface.PLAIN),
    "bamboo": LooseLayer(_bamboo, 1.2),
    "glass_facade": LooseLayer(_glass_facade, 7.0, Surface.WINDOW_MASK),
    "shutter": LooseLayer(_shutter, 2.4),
    "red_white": _diagonal((0.75, 0.06, 0.06), (0.92, 0.92, 0.91)),
    "yellow_black": _diagonal((0.93, 0.72, 0.04), (0.06, 0.06, 0.06)),
}
