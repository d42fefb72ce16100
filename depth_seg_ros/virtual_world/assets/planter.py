"""Planters and flower tubs with what grows in them."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.hedge import topiary
from depth_seg_ros.virtual_world.assets.undergrowth import make_bush, make_grass
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"


def make_planter(palette: Palette, rng: Generator, *, length: float | None = None) -> Mesh:
    """A trough, tub, ring or pot with grasses, a bush or a clipped ball, its long side along z."""
    builder = MeshBuilder()
    kind = int(rng.integers(4)) if length is None else 0
    if kind == 0:
        long = float(rng.uniform(0.8, 2.6)) if length is None else length
        wide, high = float(rng.uniform(0.45, 0.9)), float(rng.uniform(0.4, 0.85))
        texture, tint = (("concrete", 1.0), ("wood", 0.6), ("metal", 0.25), ("brick_0", 1.0))[
            int(rng.integers(4))
        ]
        builder.box(
            (0, high / 2, 0), (wide, high, long), palette(texture, LABEL, tint), faces="xXYzZ"
        )
        builder.box(
            (0, high + 0.012, 0),
            (wide * 0.86, 0.02, long * 0.93),
            palette("soil", "terrain"),
            faces="Y",
        )
    else:
        wide = long = float(rng.uniform(0.5, 1.3)) if kind < 3 else float(rng.uniform(0.3, 0.6))
        high = float(rng.uniform(0.4, 0.7))
        stone = palette(
            "concrete" if kind < 3 else "plain", LABEL, 1.0 if kind < 3 else (0.45, 0.2, 0.12)
        )
        flare = 0.8 if kind > 1 else 1.0
        builder.lathe(
            [
                (flare * wide / 2, 0.0),
                (wide / 2, high),
                (wide * 0.43, high),
                (wide * 0.43, high - 0.05),
                (0.0, high - 0.05),
            ],
            stone,
            sides=12,
        )
        builder.lathe(
            [(wide * 0.42, high - 0.03), (0.0, high - 0.02)], palette("soil", "terrain"), sides=12
        )
    builder.add(_growth(palette, rng, wide, long).transformed(np.eye(3), (0, high - 0.03, 0)))
    return builder.build()


def _growth(palette: Palette, rng: Generator, wide: float, long: float) -> Mesh:
    kind = int(rng.integers(3))
    if kind == 0:
        area = (wide * 0.7, long * 0.85)
        grass = make_grass(
            rng, palette.layers, area=area, count=int(8 + 10 * long), height=min(0.4, 0.5 * wide)
        )
        return grass.tinted((0.9, 1.0, 0.8))
    if kind == 1 and long < 1.4:
        plant = topiary(palette, rng)
        reach = float(plant.bounds()[1][0])
        return plant.transformed(np.eye(3) * min(1.0, wide * 0.55 / reach), (0, 0, 0))
    spots = np.linspace(-long / 2 + 0.3, long / 2 - 0.3, max(int(long / 0.7), 1)).tolist()
    bushes = [
        make_bush(rng, palette.layers, height=float(rng.uniform(0.4, 0.8)), far=True) for _ in spots
    ]
    return Mesh.concatenate(
        [
            b.transformed(np.eye(3), (0, 0, z if len(spots) > 1 else 0.0))
            for b, z in zip(bushes, spots, strict=True)
        ]
    )
