"""High-voltage lines: lattice towers and their conductors, as cars see them far off and drones
see them from above."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.geometry.sweep import Float, headings
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator


def make_pylon(palette: Palette, rng: Generator, height: float = 32.0) -> tuple[Mesh, Float]:
    """A tower at the origin for a line along z, and where its conductors hang [W, 3]."""
    builder = MeshBuilder()
    steel = palette("metal", "pole", rng.uniform(0.35, 0.6))
    levels = np.array([0.0, 0.25, 0.5, 0.7, 0.85, 1.0]) * height
    half = np.interp(levels / height, [0, 0.7, 1.0], [0.1, 0.028, 0.008]) * height
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    rings = np.stack([np.stack([c[0] * half, levels, c[1] * half], -1) for c in corners], 1)
    for a, b in pairwise(rings):
        for k in range(4):
            n = (k + 1) % 4
            builder.tube([a[k], b[k]], 0.09, steel, sides=3)
            builder.tube([a[k], b[n]], 0.045, steel, sides=3)
            builder.tube([a[n], b[k]], 0.045, steel, sides=3)
            builder.tube([b[k], b[n]], 0.04, steel, sides=3)
    anchors = [(0.0, height, 0.0)]
    glass = palette("plain", "pole", (0.25, 0.3, 0.28))
    for share, reach in ((0.7, 0.22), (0.82, 0.17), (0.93, 0.12)):
        y, out = share * height, reach * height
        body = float(np.interp(y, levels, half))
        for side in (-1, 1):
            tip = np.array([side * out, y, 0.0])
            for z in (-body, body):
                builder.tube([vec(side * body, y, z), tip], 0.05, steel, sides=3)
                builder.tube([vec(side * body, y + 1.2, z), tip], 0.045, steel, sides=3)
            hang = tip - [0, 1.6, 0]
            builder.cylinder(hang, 0.12, 1.6, glass, sides=5)
            anchors.append((float(hang[0]), float(hang[1]), 0.0))
    return builder.build(), np.array(anchors)


def power_line_over(
    builder: MeshBuilder, palette: Palette, rng: Generator, feet: Float, height: float = 32.0
) -> None:
    """Towers at feet [K, 3] and seven sagging conductors from each to the next."""
    tower, anchors = make_pylon(palette, rng, height)
    yaw = headings(feet)
    builder.add(tower.copies(yaw, feet))
    c, s = np.cos(yaw), np.sin(yaw)
    hung = np.stack([
        feet + np.stack([c * x, 0 * c + y, -s * x], -1) for x, y, _ in anchors
    ], 1)  # fmt: skip
    black = palette("metal", "static", 0.12)
    for a, b in pairwise(hung):
        span = float(np.linalg.norm(b[0] - a[0]))
        t = np.linspace(0, 1, 10)[:, None]
        for p, q in zip(a, b, strict=True):
            line = p + (q - p) * t - [0, 1, 0] * (span * 0.03 * 4 * t * (1 - t))
            builder.tube(line, 0.03, black, sides=3)
