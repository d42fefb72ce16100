"""Market stalls: a striped or plain roof over a table of goods, with somebody behind it."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.awning import crates
from depth_seg_ros.virtual_world.assets.figures import make_figure
from depth_seg_ros.virtual_world.assets.furnished import Furnished
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import yaw_rotation
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"


def make_stall(palette: Palette, rng: Generator, *, length: float | None = None) -> Furnished:
    """A stall 2.5 to 5 m long along z, its goods towards -x."""
    builder = MeshBuilder()
    long = float(rng.uniform(2.5, 5.0)) if length is None else length
    half, deep = long / 2, float(rng.uniform(1.8, 2.6))
    _roof(builder, palette, rng, half, deep)
    steel = palette("metal", LABEL, 0.55)
    for x in (-deep / 2, deep / 2):
        for z in (-half + 0.1, half - 0.1):
            builder.cylinder((x, 0, z), 0.025, 2.35, steel, sides=5)
    _goods(builder, palette, rng, long, deep)
    seller = make_figure(palette, rng, "plain")
    place = (deep * 0.3, 0, float(rng.uniform(-0.3, 0.3)) * long)
    turn = yaw_rotation(-np.pi / 2 + float(rng.normal(0, 0.4)))
    return Furnished(builder.build(), (seller.transformed(turn, place),))


def _roof(builder: MeshBuilder, palette: Palette, rng: Generator, half: float, deep: float) -> None:
    """A gable of cloth with valances."""
    striped = rng.random() < 0.6
    tint = rng.uniform(0.85, 1.1) if striped else rng.uniform(0.1, 0.9, 3)
    cloth = palette("awning" if striped else "tarpaulin", LABEL, tint)
    low, high, edge = 2.25, float(rng.uniform(2.6, 3.0)), deep / 2 + 0.3
    ends = half + 0.15
    u = 2 * ends / cloth.repeat_m
    uv = [(0, 0), (u, 0), (u, 1), (0, 1)]
    for side in (-1.0, 1.0):
        slope = [
            (side * edge, low, ends),
            (side * edge, low, -ends),
            (0, high, -ends),
            (0, high, ends),
        ]
        builder.quads([slope], cloth, uv=uv, normals=(side * (high - low), edge, 0))
        fall = [(side * edge, low - 0.22, ends), (side * edge, low - 0.22, -ends),
                (side * edge, low, -ends), (side * edge, low, ends)]  # fmt: skip
        builder.quads([fall], cloth.tinted(0.92), uv=uv, normals=(side, 0, 0))
        gable = [[(-edge, low, side * ends), (edge, low, side * ends), (0, high, side * ends)]]
        builder.tri(gable, cloth.tinted(0.95), normals=[(0, 0, side)])


def _goods(
    builder: MeshBuilder, palette: Palette, rng: Generator, long: float, deep: float
) -> None:
    """Fruit in crates, or a table with boxes, cheeses, cloth or flowers under a cover."""
    front = np.array([-deep / 2 + 0.35, 0.0, 0.0])
    if rng.random() < 0.45:
        crates(builder, palette, rng, long * 0.9, front + vec(0.05, 0.15, 0))
        return
    cover = palette("asset cloth", LABEL, rng.uniform(0.05, 0.6, 3))
    builder.box(front + vec(0.1, 0.42, 0), (0.8, 0.84, long * 0.92), cover, faces="xXYzZ")
    count = int(long * 7)
    size = rng.uniform(0.1, 0.32, (count, 3))
    place = np.stack([rng.uniform(-0.2, 0.4, count), 0.84 + size[:, 1] / 2,
                      rng.uniform(-0.44, 0.44, count) * long], -1)  # fmt: skip
    builder.boxes(
        front + place, size, palette("plain", LABEL), tint=rng.uniform(0.03, 0.75, (count, 3))
    )
    if rng.random() < 0.5:
        flowers = rng.uniform(-0.4, 0.4, (8, 1)) * [0, 0, long] + front + [-0.35, 0.2, 0]
        tints = rng.uniform([0.3, 0.02, 0.05], [0.7, 0.5, 0.4], (8, 3))
        for at, tint in zip(flowers, tints, strict=True):
            builder.cylinder(at - [0, 0.2, 0], 0.12, 0.3, palette("plain", LABEL, 0.05), sides=7)
            builder.ellipsoid(
                at + vec(0, 0.28, 0),
                (0.2, 0.2, 0.2),
                palette("hedge_leaves", "vegetation", tint * 4),
                sides=7,
                rings=4,
            )
