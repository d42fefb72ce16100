"""Arcades: a row of arches that carries the house above the pavement.

The arches stand in the plane x = 0 and face -x, the street; the walk behind them reaches to +x.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "building"
_STEPS = 8


def make_arcade(
    palette: Palette,
    rng: Generator,
    length: float,
    *,
    height: float = 4.2,
    depth: float = 3.0,
    wall: Material | None = None,
) -> Mesh:
    """Arches over ``length`` metres along z round the origin, a vaultless ceiling ``height`` up
    and the shop wall ``depth`` behind; the house stands on it."""
    builder = MeshBuilder()
    stone = wall or palette(
        ("stone", "plaster_0", "brick_0")[int(rng.integers(3))], LABEL, rng.uniform(0.75, 1.05)
    )
    count = max(round(length / float(rng.uniform(3.0, 4.2))), 1)
    bay = length / count
    pier = float(rng.uniform(0.5, 0.8))
    flat = rng.random() < 0.25
    spring = height - 0.5 - (0.0 if flat else min((bay - pier) / 2, 1.7))
    for k in range(count):
        z = -length / 2 + (k + 0.5) * bay
        _arch(builder, stone, z, bay, pier, spring, height, flat)
    feet = -length / 2 + np.arange(count + 1) * bay
    centers = np.stack([0 * feet + 0.3, np.full(count + 1, spring / 2 - 0.2), feet], -1)
    builder.boxes(centers, (0.6, spring + 0.4, pier), stone, faces="xXzZ")
    caps = centers * [1, 0, 1] + [0, spring - 0.06, 0]
    builder.boxes(caps, (0.7, 0.12, pier + 0.1), stone.tinted(1.05))
    ceiling = [(0.6, height - 0.02, -length / 2), (depth, height - 0.02, -length / 2),
               (depth, height - 0.02, length / 2), (0.6, height - 0.02, length / 2)]  # fmt: skip
    builder.quads([ceiling], palette("plaster_1", LABEL, 0.85), normals=(0, -1, 0))
    _shops(builder, palette, rng, length, count, height, depth)
    return builder.build()


def _arch(
    builder: MeshBuilder,
    stone: Material,
    z: float,
    bay: float,
    pier: float,
    spring: float,
    height: float,
    flat: bool,
) -> None:
    """The spandrels over one opening, front and back, and the soffit."""
    half = (bay - pier) / 2
    rise = 0.0 if flat else min(half, height - 0.4 - spring)
    angle = np.linspace(np.pi, 0, _STEPS + 1)
    across, up = z + half * np.cos(angle), spring + rise * np.sin(angle)
    edge = np.concatenate([[z - bay / 2], across, [z + bay / 2]])
    low = np.concatenate([[spring], up, [spring]])
    for x, n in ((0.0, -1.0), (0.6, 1.0)):
        points = np.stack([np.stack([0 * edge + x, low, edge], -1),
                           np.stack([0 * edge + x, 0 * edge + height, edge], -1)], 1)  # fmt: skip
        uv = points[..., [2, 1]] / stone.repeat_m
        normals = np.broadcast_to((n, 0.0, 0.0), points.shape)
        builder.grid(points, stone, uv=uv, normals=normals)
    rim = [np.stack([0 * across + x, up, across], -1) for x in (0.0, 0.6)]
    inward = np.stack(
        [0 * angle, -np.sin(angle) if not flat else -1 + 0 * angle, -np.cos(angle)], -1
    )
    builder.grid(np.stack(rim, 1), stone.tinted(0.9), normals=np.stack([inward, inward], 1))


def _shops(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    length: float,
    count: int,
    height: float,
    depth: float,
) -> None:
    """The wall behind, with a shop front in most bays."""
    bay = length / count
    wall = palette("plaster_0", LABEL, rng.uniform(0.6, 1.0))
    back = [(depth, -0.3, -length / 2), (depth, -0.3, length / 2), (depth, height, length / 2),
            (depth, height, -length / 2)]  # fmt: skip
    builder.quads([back], wall, normals=(-1, 0, 0))
    for k in range(count):
        if rng.random() < 0.2:
            continue
        z, wide = -length / 2 + (k + 0.5) * bay, bay * 0.8
        shop = palette(f"shops_{int(rng.integers(2))}", LABEL)
        cell = int(rng.integers(4))
        u, v = cell % 2 / 2 + 0.003, cell // 2 / 2 + 0.003
        x, top = depth - 0.03, min(3.1, height - 0.5)
        corners = [
            (x, 0.02, z + wide / 2),
            (x, 0.02, z - wide / 2),
            (x, top, z - wide / 2),
            (x, top, z + wide / 2),
        ]
        uv = [(u, v), (u + 0.494, v), (u + 0.494, v + 0.494), (u, v + 0.494)]
        builder.quads([corners], shop, uv=uv, normals=(-1, 0, 0))
