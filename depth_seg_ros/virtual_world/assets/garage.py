"""Garages and carports beside houses and in rows behind them.

Doors face -x, a row runs along z.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "building"
DEPTH_M = 5.8


def make_garage(palette: Palette, rng: Generator, doors: int = 1) -> Mesh:
    """A garage of one or more bays, its front's middle at the origin, reaching to x = DEPTH_M."""
    builder = MeshBuilder()
    bay = float(rng.uniform(2.8, 3.2))
    width, high = doors * bay, float(rng.uniform(2.4, 2.8))
    wall = _wall(palette, rng)
    door_high = min(high - 0.3, 2.15)
    _front(builder, wall, doors, bay, width, high, door_high)
    builder.box((DEPTH_M / 2, high / 2 - 0.2, 0), (DEPTH_M, high + 0.4, width), wall, faces="XzZ")
    texture = "garage" if rng.random() < 0.7 else "shutter"
    door = palette(texture, LABEL, _door_tint(rng))
    for k in range(doors):
        z = (k - (doors - 1) / 2) * bay
        corners = [
            (0.15, 0, z + bay * 0.42),
            (0.15, 0, z - bay * 0.42),
            (0.15, door_high, z - bay * 0.42),
            (0.15, door_high, z + bay * 0.42),
        ]
        builder.quads([corners], door, uv=[(0, 0), (1, 0), (1, 1), (0, 1)], normals=(-1, 0, 0))
    if rng.random() < 0.35:
        _pitched(builder, palette, wall, width, high)
    else:
        roof = palette("roof_flat", LABEL)
        builder.box((DEPTH_M / 2, high + 0.12, 0), (DEPTH_M + 0.3, 0.28, width + 0.25), roof)
    return builder.build()


def _wall(palette: Palette, rng: Generator) -> Material:
    kind = ("plaster_0", "brick_1", "concrete", "sheet_metal")[int(rng.integers(4))]
    return palette(kind, LABEL, rng.uniform(0.65, 1.05) * rng.uniform(0.95, 1.05, 3))


def _door_tint(rng: Generator) -> tuple[float, float, float]:
    paints = ((0.8, 0.8, 0.78), (0.75, 0.75, 0.75), (0.3, 0.18, 0.1), (0.12, 0.2, 0.14),
              (0.25, 0.26, 0.28), (0.4, 0.1, 0.08), (0.1, 0.16, 0.3))  # fmt: skip
    return paints[int(rng.integers(len(paints)))]


def _front(
    builder: MeshBuilder,
    wall: Material,
    doors: int,
    bay: float,
    width: float,
    high: float,
    door_high: float,
) -> None:
    """Lintel and piers round the doors, 0.15 m thick."""
    lintel = high - door_high
    builder.box((0.075, door_high + lintel / 2, 0), (0.15, lintel, width), wall, faces="xXyYzZ")
    edges = [-width / 2, *((k - doors / 2) * bay for k in range(1, doors)), width / 2]
    for k, z in enumerate(edges):
        thick = bay * 0.16 if 0 < k < doors else bay * 0.08
        middle = z + (thick / 2 if k == 0 else (-thick / 2 if k == doors else 0.0))
        builder.box(
            (0.075, door_high / 2 - 0.2, middle), (0.15, door_high + 0.4, thick), wall, faces="xXzZ"
        )


def _pitched(
    builder: MeshBuilder, palette: Palette, wall: Material, width: float, high: float
) -> None:
    """A gable over the door."""
    rise = min(width * 0.35, 1.6)
    tiles = palette("roof_tile_0", LABEL)
    front, back, out = -0.25, DEPTH_M + 0.2, width / 2 + 0.25
    eaves = high - 0.1
    for side in (-1, 1):
        corners = [
            (front, eaves, side * out),
            (back, eaves, side * out),
            (back, high + rise, 0),
            (front, high + rise, 0),
        ]
        normal = (0, width / 2, side * rise)
        builder.quads([corners], tiles, normals=normal)
        builder.quads([corners], tiles.tinted(0.5), normals=tuple(-n for n in normal))
    for x, n in ((0.0, -1.0), (DEPTH_M, 1.0)):
        gable = [[(x, high, -width / 2), (x, high, width / 2), (x, high + rise * 0.93, 0)]]
        builder.tri(gable, wall, normals=[(n, 0, 0)])


def make_carport(palette: Palette, rng: Generator) -> Mesh:
    """A roof on four posts; a car fits below. The entrance's middle is at the origin."""
    builder = MeshBuilder()
    wood = rng.random() < 0.6
    post = palette("wood", LABEL, (0.5, 0.38, 0.27)) if wood else palette("metal", LABEL, 0.4)
    width, high = float(rng.uniform(2.9, 5.6)), float(rng.uniform(2.3, 2.7))
    for x in (0.3, 2.7, 5.1):
        for z in (-width / 2 + 0.1, width / 2 - 0.1):
            builder.box((x, high / 2 - 0.1, z), (0.12, high + 0.2, 0.12), post, faces="xXzZ")
    builder.box((2.7, high + 0.08, 0), (5.6, 0.18, width + 0.3), post)
    builder.box((2.7, high + 0.2, 0), (5.7, 0.05, width + 0.4), palette("roof_flat", LABEL))
    return builder.build()
