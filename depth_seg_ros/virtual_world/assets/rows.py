"""Rows of cultivation: vines on wires, espaliers and orchard trees, maize and hop, poly-tunnels."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    arc_length,
    boxes_along,
    raised,
    resampled,
    sideways,
)
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "vegetation"


def vine_row(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    *,
    height: float = 1.9,
    near: bool = True,
) -> None:
    """A row of vines along a path: posts, wires, gnarled stems, and a thin wall of leaves from the
    lowest wire up."""
    wood = palette("wood" if rng.random() < 0.6 else "metal", "pole", rng.uniform(0.35, 0.7))
    posts = resampled(path, 5.5)
    boxes_along(
        builder, wood, raised(posts, height / 2 - 0.1), (0.08, height + 0.2, 0.08), faces="xXYzZ"
    )
    spine = np.concatenate([path[:1], resampled(path, 1.0 if near else 4.0), path[-1:]])
    right, along = sideways(spine), arc_length(spine)
    rough = 0.07 if near else 0.03
    leaves = palette("hedge_leaves", LABEL, rng.uniform(0.9, 1.3) * np.array([1.0, 1.05, 0.8]))
    low = 0.65
    section = np.array([(0.08, 0.0), (0.2, 0.3), (0.17, 0.8), (0.0, 1.0), (-0.17, 0.8), (-0.2, 0.3),
                        (-0.08, 0.0)])  # fmt: skip
    across = section[:, 0] + rng.normal(0, rough, (len(spine), len(section)))
    up = low + section[:, 1] * (height - low) + rng.normal(0, rough * 1.6, across.shape)
    grid = spine[:, None] + right[:, None] * across[..., None]
    grid[..., 1] += up
    uv = np.stack(np.broadcast_arrays(along[:, None], np.linspace(0, 2.6, len(section))), -1) / 1.1
    builder.grid(grid[:, ::-1], leaves, uv=uv[:, ::-1])
    if near:
        _shoots(builder, palette, rng, spine, right, low, height)
    bark = palette("asset bark", LABEL, 0.7)
    stems = resampled(path, 1.1 if near else 2.4)
    boxes_along(builder, bark, raised(stems, 0.35), (0.05, 0.75, 0.05), faces="xXzZ")


def _shoots(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    spine: Float,
    right: Float,
    low: float,
    high: float,
) -> None:
    """Cards of leaves that stick out of the row."""
    count = len(spine) * 2
    pick = rng.integers(0, len(spine), count)
    at = spine[pick] + right[pick] * rng.normal(0, 0.14, (count, 1))
    at[:, 1] += rng.uniform(low, high * 1.05, count)
    size, yaw = rng.uniform(0.16, 0.34, count), rng.uniform(0, np.pi, count)
    u = np.stack([np.cos(yaw), rng.normal(0, 0.3, count), np.sin(yaw)], -1) * size[:, None]
    v = (
        np.stack([rng.normal(0, 0.2, count), np.ones(count), rng.normal(0, 0.2, count)], -1)
        * size[:, None]
    )
    cards = np.stack([at - u - v, at + u - v, at + u + v, at - u + v], 1)
    ivy = palette("ivy", LABEL, (1.15, 1.2, 0.9))
    uv = [(0, 0), (1, 0), (1, 1), (0, 1)]
    builder.quads(cards, ivy, uv=uv, normals=np.broadcast_to((0.0, 1.0, 0.0), (count, 3)))


def orchard_tree(palette: Palette, rng: Generator, *, blossom: bool = False) -> Mesh:
    """A fruit tree: a short stem, a round crown of 2.5 to 5 m, fruit or blossom in it."""
    builder = MeshBuilder()
    high, stem = float(rng.uniform(2.6, 4.8)), float(rng.uniform(0.7, 1.5))
    bark = palette("asset bark", LABEL, rng.uniform(0.6, 1.0))
    lean = rng.normal(0, 0.1, 2)
    fork = np.array([lean[0], stem, lean[1]])
    builder.tube([vec(0, -0.1, 0), fork * [0.6, 0.6, 0.6], fork], (0.13, 0.1, 0.09), bark, sides=7)
    for yaw in rng.uniform(0, 2 * np.pi, 4).tolist():
        tip = fork + np.array([np.sin(yaw) * 0.9, 0.5 * (high - stem), np.cos(yaw) * 0.9])
        builder.tube([fork, tip], (0.07, 0.02), bark, sides=4)
    count, reach = 46, (high - stem) * 0.62
    out = rng.normal(size=(count, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    at = (
        fork
        + [0, (high - stem) * 0.5, 0]
        + out * reach * rng.uniform(0.25, 1.0, (count, 1)) * [1.05, 0.8, 1.05]
    )
    size = rng.uniform(0.35, 0.6, count)
    yaw = rng.uniform(0, 2 * np.pi, count)
    u = np.stack([np.cos(yaw), rng.normal(0, 0.3, count), np.sin(yaw)], -1) * size[:, None]
    v = np.cross(u, out + rng.normal(0, 0.5, (count, 3)))
    v *= (size / np.maximum(np.linalg.norm(v, axis=1), 1e-6))[:, None]
    cards = np.stack([at - u - v, at + u - v, at + u + v, at - u + v], 1)
    flags = Surface.FOLIAGE | Surface.ALPHA_TEST | Surface.DOUBLE_SIDED
    tint = (4.5, 2.2, 9.0) if blossom else rng.uniform([0.85, 0.95, 0.7], [1.25, 1.1, 1.0])
    leaf = palette("asset leaf_small", LABEL, tint, flags=flags)
    light = (0.6 + 0.4 * (at[:, 1] - stem) / (high - stem))[:, None] * np.ones(3)
    builder.quads(cards, leaf, uv=[(0, 0), (1, 0), (1, 1), (0, 1)], normals=out, tint=light)
    if not blossom and rng.random() < 0.6:
        fruit = ((0.45, 0.05, 0.03), (0.5, 0.4, 0.03), (0.12, 0.03, 0.12))[int(rng.integers(3))]
        spots = at[::2] + out[::2] * 0.1
        builder.boxes(spots, (0.09, 0.09, 0.09), palette("plain", LABEL, fruit))
    return builder.build()


def crop_row(
    builder: MeshBuilder, palette: Palette, rng: Generator, path: Float, height: float = 2.2
) -> None:
    """Maize, sunflowers or asparagus fern: upright cards in a row along a path."""
    feet = resampled(path, 0.45)
    count = len(feet)
    yaw = rng.uniform(0, np.pi, count)
    tall = height * rng.uniform(0.85, 1.1, count)
    side = np.stack([np.cos(yaw), 0 * yaw, np.sin(yaw)], -1) * 0.38
    up = np.stack([rng.normal(0, 0.1, count), tall, rng.normal(0, 0.1, count)], -1)
    cards = np.stack([feet - side, feet + side, feet + side + up, feet - side + up], 1)
    flags = Surface.FOLIAGE | Surface.ALPHA_TEST | Surface.DOUBLE_SIDED
    green = palette(
        "asset grass_card", LABEL, rng.uniform([0.9, 0.95, 0.7], [1.3, 1.15, 1.0]), flags=flags
    )
    builder.quads(
        cards,
        green,
        uv=[(0, 0), (1, 0), (1, 1), (0, 1)],
        normals=np.broadcast_to((0.0, 1.0, 0.0), (count, 3)),
    )


def poly_tunnel(palette: Palette, rng: Generator, length: float) -> Mesh:
    """A low greenhouse of film over hoops, along z."""
    builder = MeshBuilder()
    half, high = float(rng.uniform(2.0, 3.5)), float(rng.uniform(2.0, 3.0))
    angle = np.linspace(0, np.pi, 9)
    arch = np.stack([-half * np.cos(angle), high * np.sin(angle) ** 0.8], -1)
    ends = [
        np.stack([arch[:, 0], arch[:, 1], 0 * angle + z], -1) for z in (-length / 2, length / 2)
    ]
    film = palette("tarpaulin", "building", (0.75, 0.78, 0.78), flags=Surface.GLOSSY)
    builder.grid(np.stack(ends, 1), film, up=(0, 1, 0))
    for z, n in ((-length / 2, -1.0), (length / 2, 1.0)):
        rim = np.stack([arch[:, 0], arch[:, 1], 0 * angle + z], -1)
        fan = np.stack([np.broadcast_to([0, 0.5, z], rim[1:].shape), rim[:-1], rim[1:]], 1)
        builder.tri(fan, film, normals=np.broadcast_to((0, 0, n), (8, 3)))
    return builder.build().mended()
