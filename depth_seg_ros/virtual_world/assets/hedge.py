"""Solid clipped hedges along a path, walls of leaves; balls, cones and columns of box or yew."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.sweep import Float, arc_length, resampled, sideways
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "vegetation"
_REPEAT_M = 1.1


def clipped_hedge(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    height: float,
    width: float,
    *,
    step_m: float = 0.8,
) -> None:
    """A hedge along a path [K, 3] on the ground, closed at both ends, its faces a little uneven
    as shears leave them."""
    spine = np.concatenate([path[:1], resampled(path, step_m), path[-1:]])
    right = sideways(spine)
    bulge = float(rng.uniform(0.0, 0.12))
    section = np.array(
        [
            (0.5, -0.3),
            (0.5 + bulge, 0.35),
            (0.5, 0.85),
            (0.44, 0.97),
            (0.0, 1.0),
            (-0.44, 0.97),
            (-0.5, 0.85),
            (-0.5 - bulge, 0.35),
            (-0.5, -0.3),
        ]
    )
    across = section[:, 0] * width + rng.normal(0, 0.03, (len(spine), len(section)))
    up = section[:, 1] * height + rng.normal(0, 0.025, across.shape)
    up[:, [0, -1]] = -0.3
    up *= (1 + rng.normal(0, 0.012, len(spine)))[:, None]
    points = spine[:, None] + right[:, None] * across[..., None]
    points[..., 1] += up
    around = np.concatenate(
        [[0], np.cumsum(np.hypot(*np.diff(section * [width, height], axis=0).T))]
    )
    uv = np.stack(np.broadcast_arrays(arc_length(spine)[:, None], around), -1) / _REPEAT_M
    tint = _green(rng)
    leaves = palette("hedge_leaves", LABEL, tint)
    shade = 0.72 + 0.28 * np.clip((up[:-1, :-1] + up[1:, 1:]) / 2 / height, 0, 1)
    builder.grid(points[:, ::-1], leaves, uv=uv[:, ::-1], tint=shade[:, ::-1, None] * np.ones(3))
    for end, inner in ((0, 1), (-1, -2)):
        rim = np.concatenate([points[end], points[end][:1]])
        fan = np.stack(
            [np.broadcast_to(rim[4] - [0, height / 2, 0], rim[1:].shape), rim[:-1], rim[1:]], 1
        )
        out = spine[end] - spine[inner]
        builder.tri(fan, leaves, normals=np.broadcast_to(out / np.linalg.norm(out), (len(fan), 3)))


def hedge_block(
    palette: Palette, rng: Generator, length: float, height: float, width: float
) -> Mesh:
    """A straight hedge along z, its middle at the origin."""
    builder = MeshBuilder()
    z = np.linspace(-length / 2, length / 2, 3)
    clipped_hedge(builder, palette, rng, np.stack([0 * z, 0 * z, z], -1), height, width)
    return builder.build()


def topiary(palette: Palette, rng: Generator) -> Mesh:
    """A ball, cone or column of box or yew."""
    builder = MeshBuilder()
    leaves = palette("hedge_leaves", LABEL, _green(rng))
    kind = int(rng.integers(3))
    radius = float(rng.uniform(0.3, 0.65))
    if kind == 0:
        builder.ellipsoid((0, radius * 0.9, 0), (radius, radius, radius), leaves, sides=10, rings=6)
    elif kind == 1:
        tall = radius * float(rng.uniform(2.5, 4))
        builder.lathe(
            [(radius, 0.0), (radius * 0.95, 0.3), (radius * 0.4, tall * 0.75), (0.0, tall)],
            leaves,
            sides=10,
        )
    else:
        tall = float(rng.uniform(1.4, 2.6))
        builder.lathe(
            [(radius, 0.0), (radius * 1.05, tall * 0.9), (radius * 0.8, tall), (0.0, tall)],
            leaves,
            sides=10,
        )
    return builder.build()


def _green(rng: Generator) -> Float:
    return np.asarray(rng.uniform(0.8, 1.3) * rng.uniform([0.85, 0.95, 0.75], [1.2, 1.05, 1.1]))
