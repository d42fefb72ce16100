"""Bushes, hedges, grass tufts and meadow strips."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.tree import LEAF, VEGETATION_ID
from depth_seg_ros.virtual_world.geometry.dress import Layers, Look, dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface, normalized
from depth_seg_ros.virtual_world.geometry.shapes import Float, ShapeBuilder, vec

TERRAIN_ID = CITYSCAPES.id("terrain")
_UNIT = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def make_bush(
    rng: np.random.Generator, layers: Layers, *, height: float | None = None, far: bool = False
) -> Mesh:
    """A shrub, 0.6 to 2 m unless ``height`` (metres) is given."""
    tall = float(rng.uniform(0.6, 2.0)) if height is None else height
    wide = tall * rng.uniform(0.8, 1.5)
    count = 10 if far else 40
    out = normalized(rng.normal(size=(count, 3))).astype(np.float64)
    out[:, 1] = np.abs(out[:, 1])
    at = out * rng.uniform(0.35, 0.8, count)[:, None] * [wide / 2, tall, wide / 2]
    at[:, 1] *= 0.85
    size = rng.uniform(0.28, 0.42, count) * min(tall, wide) * (1.5 if far else 1.0)
    layer = ["leaf_dense", "leaf_small", "leaf_broad"][int(rng.integers(3))]
    tint = rng.uniform(0.7, 1.2) * rng.uniform([0.85, 0.95, 0.8], [1.2, 1.05, 1.1])
    light = 0.5 + 0.5 * at[:, 1] / tall + rng.normal(0, 0.06, count)
    b = ShapeBuilder()
    _random_cards(b, rng, at, normalized(out + vec(0, 0.4, 0)), size, light)
    return dress(b.build(), {"leaf": _leaf(layer, tint)}, layers)


def make_hedge(
    rng: np.random.Generator,
    length: float,
    layers: Layers,
    *,
    height: float = 1.2,
    width: float = 0.7,
    far: bool = False,
) -> Mesh:
    """A clipped hedge along z, its middle at the origin: a bulging solid with loose twigs."""
    steps = max(1, round(length / (2.5 if far else 0.6)))
    z = np.linspace(-length / 2, length / 2, steps + 1)
    section = np.array(
        [
            (0.46, 0.0),
            (0.50, 0.5),
            (0.49, 0.9),
            (0.36, 1.0),
            (0, 1.02),
            (-0.36, 1.0),
            (-0.49, 0.9),
            (-0.50, 0.5),
            (-0.46, 0.0),
        ]
    )
    section = section[[0, 2, 6, 8]] if far else section
    points = np.zeros((len(z), len(section), 3))
    points[..., :2] = section * [width, height]
    points[..., 2] = z[:, None]
    if not far:
        wobble = rng.normal(0, 0.035, points.shape)
        wobble[:, [0, -1], 1] = 0
        points += wobble * [1, 1, 0]
    around = np.concatenate(
        [[0], np.cumsum(np.linalg.norm(np.diff(section * [width, height], axis=0), axis=1))]
    )
    uv = np.stack(np.broadcast_arrays(z[:, None] / 0.9, around / 0.9), -1)
    b = ShapeBuilder()
    b.grid(points[::-1], "hedge", uv=uv[::-1], flat=far)
    for end, step in ((0, 1), (-1, -1)):  # close the ends
        rim = points[end][::-step]
        middle = np.array([0, height / 2, points[end, 0, 2]])
        fan = np.stack([np.broadcast_to(middle, rim[1:].shape), rim[:-1], rim[1:]], 1)
        b.tri(fan, "hedge", uv=fan[..., :2] / 0.9)
    if not far:
        _hedge_twigs(b, rng, points)
    tint = rng.uniform(0.75, 1.25) * rng.uniform([0.85, 0.95, 0.8], [1.2, 1.05, 1.1])
    looks = {
        "hedge": Look("hedge", VEGETATION_ID, _rgb(tint), Surface.FOLIAGE),
        "leaf": _leaf("leaf_dense", tint),
    }
    return dress(b.build(), looks, layers)


def _hedge_twigs(b: ShapeBuilder, rng: np.random.Generator, points: Float) -> None:
    """Leaf cards that break the hedge's straight outline."""
    count = 4 * len(points)
    row = rng.integers(0, len(points), count)
    column = rng.integers(1, points.shape[1] - 1, count)
    at = points[row, column] + rng.normal(0, 0.03, (count, 3)) + vec(0, 0, rng.normal(0, 0.2))
    at[:, 2] = np.clip(at[:, 2], points[0, 0, 2], points[-1, 0, 2])
    out = normalized(at * [1, 0, 0] + vec(0, 0.15, 0))
    _random_cards(b, rng, at, out, rng.uniform(0.16, 0.26, count), rng.uniform(0.7, 1.05, count))


def make_grass(
    rng: np.random.Generator,
    layers: Layers,
    *,
    area: tuple[float, float] = (1.0, 1.0),
    count: int = 6,
    height: float = 0.25,
    meadow: bool = False,
) -> Mesh:
    """Grass tufts scattered over ``area`` (x, z metres) round the origin: upright cards."""
    at = np.stack(
        [
            rng.uniform(-0.5, 0.5, count) * area[0],
            np.zeros(count),
            rng.uniform(-0.5, 0.5, count) * area[1],
        ],
        -1,
    )
    a = rng.uniform(0, np.pi, count)
    tall = height * rng.uniform(0.6, 1.3, count)
    side = np.stack([np.cos(a), np.zeros(count), np.sin(a)], -1) * (tall * 0.9)[:, None]
    up = (
        np.stack([rng.normal(0, 0.12, count), np.ones(count), rng.normal(0, 0.12, count)], -1)
        * tall[:, None]
    )
    corners = np.stack([at - side, at + side, at + side + up, at - side + up], 1)
    light = rng.uniform(0.7, 1.15, (count, 1)) * rng.uniform(
        [0.9, 0.97, 0.8], [1.2, 1.03, 1.1], (count, 3)
    )
    b = ShapeBuilder()
    b.quads(corners, "grass", normals=np.array([0.0, 1.0, 0.0]), uv=_UNIT, shade=light)
    look = Look("meadow_card" if meadow else "grass_card", TERRAIN_ID, flags=LEAF)
    return dress(b.build(), {"grass": look}, layers)


def _random_cards(
    b: ShapeBuilder, rng: np.random.Generator, at: Float, out: Float, size: Float, light: Float
) -> None:
    count = len(at)
    plane = normalized(out + 0.7 * rng.normal(size=(count, 3))).astype(np.float64)
    u = normalized(np.cross(rng.normal(size=(count, 3)), plane)).astype(np.float64)
    u, v = u * size[:, None], np.cross(plane, u) * size[:, None]
    corners = np.stack([at - u - v, at + u - v, at + u + v, at - u + v], 1)
    hue = rng.normal(1, 0.04, (count, 3))
    b.quads(
        corners,
        "leaf",
        normals=np.asarray(out)[:, None],
        uv=_UNIT,
        shade=np.clip(light, 0.3, 1.2)[:, None] * hue,
    )


def _leaf(layer: str, tint: Float) -> Look:
    return Look(layer, VEGETATION_ID, _rgb(tint), LEAF)


def _rgb(color: Float) -> tuple[float, float, float]:
    return float(color[0]), float(color[1]), float(color[2])
