"""What shops put out: awnings, parasols, sandwich boards, goods on racks.

Awnings hang on a wall at x = 0 and reach towards -x, the pavement; their length is along z.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.shapes import Float, vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator


def make_awning(palette: Palette, rng: Generator, length: float, top_m: float = 3.0) -> Mesh:
    """A sloping awning with a valance and folding arms, its upper edge ``top_m`` above ground."""
    builder = MeshBuilder()
    cloth = palette("awning", "building", rng.uniform(0.85, 1.1))
    out, drop = float(rng.uniform(0.9, 2.0)), float(rng.uniform(0.3, 0.7))
    low, half = max(top_m - drop, 2.15), length / 2
    sheet = [(0, top_m, half), (0, top_m, -half), (-out, low, -half), (-out, low, half)]
    stripes = length / cloth.repeat_m
    uv = [(0, 0), (stripes, 0), (stripes, 1), (0, 1)]
    builder.quads([sheet], cloth, uv=uv, normals=(-(top_m - low), out, 0))
    fall = low - float(rng.uniform(0.15, 0.28))
    valance = [(-out, low, half), (-out, low, -half), (-out, fall, -half), (-out, fall, half)]
    builder.quads([valance], cloth.tinted(0.9), uv=uv, normals=(-1, 0, 0))
    for side in (-1, 1):
        cheek = [[(0, top_m, side * half), (-out, low, side * half), (0, low, side * half)]]
        if rng.random() < 0.4:
            builder.tri(cheek, cloth, normals=[(0, 0, side)])
    steel = palette("metal", "building", 0.5)
    builder.tube([(-out, low, -half), (-out, low, half)], 0.03, steel, sides=5)
    for z in (-half * 0.7, half * 0.7):
        builder.tube(
            [(0, low - 0.1, z), (-out * 0.5, low - 0.05, z), (-out, low, z)], 0.025, steel, sides=4
        )
    return builder.build()


def make_parasol(palette: Palette, rng: Generator) -> Mesh:
    """A market umbrella of 2.4 to 4 m on a weighted foot."""
    builder = MeshBuilder()
    cloth = palette("awning", "static", rng.uniform(0.85, 1.1))
    half, rim = float(rng.uniform(1.2, 2.0)), float(rng.uniform(2.05, 2.35))
    square = rng.random() < 0.6
    sides = 4 if square else 8
    wide = half * (2**0.5 if square else 1.0)
    turn = np.array([[1, 0, 1], [0, 2**0.5, 0], [-1, 0, 1]]) / 2**0.5 if square else np.eye(3)
    builder.lathe([(wide, rim), (0.0, rim + 0.35 * half)], cloth, sides=sides, rotation=turn)
    builder.lathe([(wide, rim - 0.18), (wide, rim)], cloth.tinted(0.92), sides=sides, rotation=turn)
    pole = palette("wood" if rng.random() < 0.4 else "metal", "static", 0.6)
    builder.cylinder((0, 0, 0), 0.035, rim + 0.3 * half, pole, sides=6)
    builder.box((0, 0.08, 0), (0.7, 0.16, 0.7), palette("concrete", "static"), faces="xXYzZ")
    return builder.build()


def sandwich_board(palette: Palette, rng: Generator) -> Mesh:
    """A folding board with a menu or an advertisement, readable along z."""
    builder = MeshBuilder()
    frame = palette("wood", "static", rng.uniform(0.2, 0.7))
    poster = palette("adverts", "static")
    wide, tall, lean = 0.6, float(rng.uniform(0.9, 1.2)), 0.22
    cell = int(rng.integers(4))
    u0, v0 = cell % 2 / 2 + 0.003, cell // 2 / 2 + 0.003
    uv = [(u0 + 0.494, v0), (u0, v0), (u0, v0 + 0.494), (u0 + 0.494, v0 + 0.494)]
    for side in (-1.0, 1.0):
        foot, top = side * lean * tall, side * 0.02
        x = wide / 2 * side
        face = [(x, 0.05, foot), (-x, 0.05, foot), (-x, tall, top), (x, tall, top)]
        builder.quads([face], poster, uv=uv, normals=(0, lean, side))
        for edge in (-wide / 2, wide / 2):
            builder.tube([(edge, 0, foot), (edge, tall + 0.02, top)], 0.022, frame, sides=4)
    return builder.build()


def goods_rack(palette: Palette, rng: Generator, length: float) -> Mesh:
    """Crates of fruit or a rail of clothes before a shop, along z."""
    builder = MeshBuilder()
    if rng.random() < 0.5:
        crates(builder, palette, rng, length, np.zeros(3))
        return builder.build()
    steel = palette("metal", "static", 0.5)
    high, half = 1.45, length / 2
    builder.tube([(0, high, -half), (0, high, half)], 0.018, steel, sides=4)
    for z in (-half, half):
        builder.tube([(0, 0, z), (0, high, z)], 0.018, steel, sides=4)
        builder.tube([(-0.25, 0.03, z), (0.25, 0.03, z)], 0.018, steel, sides=4)
    hung = np.arange(-half + 0.1, half - 0.05, 0.11)
    centers = np.stack([0 * hung, np.full(len(hung), high - 0.45), hung], -1)
    sizes = np.stack(
        [rng.uniform(0.35, 0.5, len(hung)), rng.uniform(0.6, 0.95, len(hung)), 0 * hung + 0.05], -1
    )
    centers[:, 1] = high - 0.06 - sizes[:, 1] / 2
    builder.boxes(
        centers,
        sizes,
        palette("asset cloth", "static"),
        tint=rng.uniform(0.02, 0.7, (len(hung), 3)),
    )
    return builder.build()


_FRUIT = ((0.45, 0.03, 0.02), (0.62, 0.28, 0.01), (0.55, 0.5, 0.03), (0.12, 0.3, 0.04),
          (0.2, 0.04, 0.12), (0.5, 0.35, 0.15))  # fmt: skip


def crates(
    builder: MeshBuilder, palette: Palette, rng: Generator, length: float, at: Float
) -> None:
    """Two sloping rows of open crates full of fruit, along z round ``at`` [3]."""
    wood = palette("wood", "static", (0.6, 0.46, 0.3))
    fruit = palette("gravel", "static", 1.4)
    count = max(int(length / 0.5), 1)
    z = (np.arange(count) - (count - 1) / 2) * 0.5
    for row, (x, y) in enumerate(((-0.3, 0.45), (0.1, 0.68))):
        places = np.stack([np.full(count, x), np.full(count, y), z], -1) + at
        builder.boxes(places, (0.38, 0.2, 0.47), wood, faces="xXzZ")
        tint = np.array(_FRUIT)[rng.integers(len(_FRUIT), size=count)]
        builder.boxes(places + vec(0, 0.09, 0), (0.34, 0.06, 0.43), fruit, faces="Y", tint=tint)
        base = places[:, 1].mean() - 0.1 - at[1]
        builder.box(
            at + vec(x, base / 2, 0), (0.3, base, length * 0.96), wood.tinted(0.6 + 0.1 * row)
        )
