"""What a forest path passes: tall trunks, dead branches, stumps, logs, ferns, brambles, litter."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.undergrowth import make_bush, make_grass
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface, yaw_rotation
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "vegetation"


def _bark(palette: Palette, rng: Generator) -> Material:
    birch = rng.random() < 0.15
    tint = rng.uniform(0.6, 1.1) * rng.uniform(0.93, 1.07, 3)
    return palette("asset bark_birch" if birch else "asset bark", LABEL, tint)


def make_forest_tree(palette: Palette, rng: Generator, *, near: bool = True) -> Mesh:
    """A tree that grew among others: a straight bare trunk of 0.2 to 0.8 m with flaring
    roots and dead twigs, and a crown that begins 5 m or more above the ground."""
    builder = MeshBuilder()
    bark = _bark(palette, rng)
    radius, high = float(rng.uniform(0.1, 0.4)), float(rng.uniform(11, 20))
    lean = rng.normal(0, 0.03, 2)
    t = np.array([0.0, 0.02, 0.06, 0.3, 0.6, 1.0]) if near else np.array([0.0, 0.06, 1.0])
    spine = np.stack([lean[0] * t * high, t * high - 0.15, lean[1] * t * high], -1)
    spine[1:-1, [0, 2]] += rng.normal(0, 0.05, (len(t) - 2, 2))
    girth = radius * np.interp(t, [0, 0.02, 0.06, 0.6, 1.0], [1.7, 1.25, 1.05, 0.7, 0.2])
    builder.tube(spine, girth, bark, sides=9 if near else 5)
    if near:
        for _ in range(int(rng.integers(2, 9))):
            at = float(rng.uniform(0.1, 0.5))
            foot = np.array([np.interp(at, t, spine[:, k]) for k in range(3)])
            yaw = float(rng.uniform(0, 2 * np.pi))
            out = np.array([np.sin(yaw), float(rng.uniform(-0.1, 0.5)), np.cos(yaw)])
            tip = foot + out * float(rng.uniform(0.5, 1.8))
            builder.tube([foot, tip], (0.12 * radius, 0.01), bark, sides=4)
    for k in range(3 if near else 1):
        size = float(rng.uniform(3.0, 5.5)) if near else 6.5
        crown = make_bush(rng, palette.layers, height=size, far=not near)
        place = spine[-1] * float(rng.uniform(0.45, 0.85)) + rng.normal(0, 0.8, 3) * [1, 0, 1] * (
            k > 0
        )
        builder.add(crown.transformed(yaw_rotation(float(rng.uniform(0, 6))), place))
    return builder.build()


def make_log(palette: Palette, rng: Generator) -> Mesh:
    """A felled or fallen trunk along z, its cut ends pale."""
    builder = MeshBuilder()
    bark = _bark(palette, rng)
    radius, long = float(rng.uniform(0.12, 0.4)), float(rng.uniform(2, 7))
    y = radius * 0.9
    ends = [(0, y, -long / 2), (0, y, long / 2)]
    builder.tube(ends, (radius, radius * 0.8), bark, sides=9)
    wood = palette("wood", LABEL, (0.7, 0.55, 0.36))
    angle = np.linspace(0, 2 * np.pi, 10)
    for z, r, n in ((-long / 2, radius, -1.0), (long / 2, radius * 0.8, 1.0)):
        rim = np.stack([r * np.cos(angle), y + r * np.sin(angle), 0 * angle + z], -1)
        fan = np.stack([np.broadcast_to([0, y, z], rim[1:].shape), rim[:-1], rim[1:]], 1)
        builder.tri(fan, wood, normals=np.broadcast_to((0, 0, n), (9, 3)))
    return builder.build()


def log_pile(palette: Palette, rng: Generator) -> Mesh:
    """Timber stacked beside the path, lengthwise along z."""
    long, rows = float(rng.uniform(3, 6)), int(rng.integers(2, 5))
    logs, radius = [], float(rng.uniform(0.13, 0.25))
    for level in range(rows):
        for k in range(rows + 3 - level):
            x = (k - (rows + 2 - level) / 2) * 2 * radius
            log = make_log(palette, np.random.default_rng(int(rng.integers(1 << 30))))
            low, high = log.bounds()
            scale = [2 * radius / (high[0] - low[0]), 2 * radius / (high[1] - low[1]),
                     long / (high[2] - low[2])]  # fmt: skip
            fitted = log.position * np.asarray(scale, np.float32)
            moved = fitted + vec(x, level * 1.75 * radius, float(rng.normal(0, 0.08))).astype(
                np.float32
            )
            logs.append(Mesh(**{**vars(log), "position": moved}))
    return Mesh.concatenate(logs)


def make_stump(palette: Palette, rng: Generator) -> Mesh:
    """A stump with roots."""
    builder = MeshBuilder()
    bark = _bark(palette, rng)
    radius, high = float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.25, 0.6))
    builder.lathe([(radius * 1.5, -0.1), (radius * 1.1, 0.12), (radius, high)], bark, sides=10)
    builder.lathe(
        [(radius, high), (0.0, high + 0.01)], palette("wood", LABEL, (0.6, 0.48, 0.32)), sides=10
    )
    for yaw in rng.uniform(0, 2 * np.pi, 3).tolist():
        out = np.array([np.sin(yaw), 0, np.cos(yaw)])
        builder.tube([out * radius * 0.8 + [0, 0.12, 0], out * radius * 2.2 - [0, 0.05, 0]],
                     (radius * 0.35, radius * 0.1), bark, sides=5)  # fmt: skip
    return builder.build()


def make_fern(palette: Palette, rng: Generator) -> Mesh:
    """A tussock of fern or bramble: arching fronds round the origin."""
    builder = MeshBuilder()
    leaf = palette(
        "asset leaf_needle" if rng.random() < 0.5 else "asset leaf_dense",
        LABEL,
        rng.uniform(0.8, 1.3) * rng.uniform([0.9, 1.0, 0.7], [1.2, 1.05, 1.0]),
        flags=Surface.FOLIAGE | Surface.ALPHA_TEST | Surface.DOUBLE_SIDED,
    )
    count, long = int(rng.integers(6, 11)), float(rng.uniform(0.4, 0.95))
    for k in range(count):
        yaw = 2 * np.pi * k / count + float(rng.normal(0, 0.2))
        out, aside = (
            np.array([np.sin(yaw), 0, np.cos(yaw)]),
            np.array([np.cos(yaw), 0, -np.sin(yaw)]),
        )
        t = np.array([0.0, 0.5, 1.0])[:, None]
        spine = out * long * t + [0, 1, 0] * (long * (1.7 * t - 1.15 * t**2))
        half = long * 0.22
        grid = np.stack([spine - aside * half, spine + aside * half], 1)
        uv = np.stack(np.broadcast_arrays(np.array([0.0, 1.0])[None], t), -1)
        builder.grid(grid, leaf, uv=uv, up=(0, 1, 0))
    return builder.build()


def undergrowth(palette: Palette, rng: Generator, radius: float) -> Mesh:
    """A patch of ferns, shrubs and grass round the origin."""
    parts = []
    for _ in range(int(3 + 3 * radius)):
        place = np.append(rng.normal(0, radius * 0.5, 2), 0.0)[[0, 2, 1]]
        draw = rng.random()
        if draw < 0.5:
            plant = make_fern(palette, rng)
        elif draw < 0.8:
            plant = make_bush(rng, palette.layers, height=float(rng.uniform(0.4, 1.3)), far=True)
        else:
            plant = make_grass(rng, palette.layers, area=(1.2, 1.2), count=8, height=0.35)
        parts.append(plant.transformed(yaw_rotation(float(rng.uniform(0, 6))), place))
    return Mesh.concatenate(parts)
