"""Freight: shipping containers in stacks, pallets with goods, skips, barrels, cable drums.

Their long sides lie along z; class static, as they stand where they were left.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"
WIDTH_M, HEIGHT_M = 2.44, 2.6
_PAINTS = (
    (0.30, 0.05, 0.02),
    (0.02, 0.08, 0.25),
    (0.04, 0.16, 0.06),
    (0.35, 0.18, 0.03),
    (0.45, 0.45, 0.43),
    (0.12, 0.13, 0.14),
    (0.02, 0.18, 0.22),
    (0.5, 0.3, 0.02),
)


def make_container(palette: Palette, rng: Generator, *, long: bool | None = None) -> Mesh:
    """A container of 20 or 40 feet, its doors towards -z."""
    builder = MeshBuilder()
    forty = bool(rng.random() < 0.5) if long is None else long
    length = 12.19 if forty else 6.06
    tint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.8, 1.3)
    side = palette("container", LABEL, tint)
    half, w = length / 2, WIDTH_M / 2
    uv = [(0, 0), (length / 6.06, 0), (length / 6.06, 1), (0, 1)]
    for x, sign in ((-w, -1.0), (w, 1.0)):
        corners = [
            (x, 0.05, -sign * half * -1),
            (x, 0.05, sign * half * -1),
            (x, HEIGHT_M, sign * half * -1),
            (x, HEIGHT_M, -sign * half * -1),
        ]
        builder.quads([corners], side, uv=uv, normals=(sign, 0, 0))
    steel = palette("metal", LABEL, tint * 0.9)
    builder.box((0, HEIGHT_M - 0.03, 0), (WIDTH_M, 0.06, length), steel, faces="Y")
    for z, face in ((-half, "z"), (half, "Z")):
        builder.box((0, HEIGHT_M / 2, z), (WIDTH_M, HEIGHT_M - 0.1, 0.02), side, faces=face)
    posts = [(x, HEIGHT_M / 2, z) for x in (-w, w) for z in (-half, half)]
    builder.boxes(posts, (0.16, HEIGHT_M, 0.16), steel)
    rails = [(x, y, 0) for x in (-w, w) for y in (0.08, HEIGHT_M - 0.06)]
    builder.boxes(rails, (0.1, 0.12, length), steel.tinted(0.85))
    for x in (-0.85, -0.35, 0.35, 0.85):  # lock rods on the doors
        builder.tube(
            [(x, 0.15, -half - 0.05), (x, HEIGHT_M - 0.15, -half - 0.05)],
            0.02,
            steel.tinted(1.6),
            sides=4,
        )
    return builder.build()


def container_stack(palette: Palette, rng: Generator, rows: int, high: int) -> Mesh:
    """``rows`` stacks side by side along x, each one to ``high`` containers tall."""
    builder = MeshBuilder()
    long = bool(rng.random() < 0.5)
    models = [make_container(palette, rng, long=long) for _ in range(min(4, rows * high))]
    for k in range(rows):
        x = (k - (rows - 1) / 2) * (WIDTH_M + float(rng.uniform(0.05, 0.4)))
        for level in range(int(rng.integers(1, high + 1))):
            mesh = models[int(rng.integers(len(models)))]
            turn = np.diag([-1.0, 1.0, -1.0]) if rng.random() < 0.5 else np.eye(3)
            shift = (x, level * (HEIGHT_M + 0.02), float(rng.normal(0, 0.06)))
            builder.add(mesh.transformed(turn, shift).tinted(rng.uniform(0.7, 1.2)))
    return builder.build()


def make_pallet(palette: Palette, rng: Generator, *, load: bool | None = None) -> Mesh:
    """A pallet, empty ones in a pile, or with cartons, sacks, bricks or wrapped goods."""
    builder = MeshBuilder()
    wood = palette("wood", LABEL, (0.62, 0.5, 0.36))
    full = bool(rng.random() < 0.75) if load is None else load
    piles = 1 if full else int(rng.integers(1, 9))
    for k in range(piles):
        _pallet(builder, palette, k * 0.146)
    if not full:
        return builder.build()
    kind, high = int(rng.integers(4)), float(rng.uniform(0.5, 1.6))
    if kind == 0:
        carton = palette("plain", LABEL, (0.45, 0.31, 0.18))
        for level in range(max(int(high / 0.4), 1)):
            boxes = [
                (x, 0.15 + 0.2 + level * 0.4, z) for x in (-0.2, 0.2) for z in (-0.4, 0.0, 0.4)
            ]
            builder.boxes(
                boxes,
                (0.385, 0.385, 0.385),
                carton,
                tint=rng.uniform(0.8, 1.15, (6, 1)) * np.ones(3),
            )
    elif kind == 1:
        film = palette("asset paint", LABEL, rng.uniform(0.25, 0.75, 3) * 0.5 + 0.25)
        builder.box((0, 0.15 + high / 2, 0), (0.82, high, 1.22), film)
    elif kind == 2:
        sack = palette("asset cloth", LABEL, rng.uniform(0.3, 0.75))
        for level in range(max(int(high / 0.16), 2)):
            for z in (-0.3, 0.3):
                builder.ellipsoid(
                    (0, 0.23 + level * 0.15, z), (0.42, 0.1, 0.32), sack, sides=8, rings=4
                )
    else:
        builder.box((0, 0.15 + high / 2, 0), (0.8, high, 1.2), palette("brick_1", LABEL))
        builder.box((0, 0.15 + high / 2, 0.2), (0.82, high + 0.01, 0.02), wood.tinted(0.2))
    return builder.build()


def _pallet(builder: MeshBuilder, palette: Palette, y: float) -> None:
    wood = palette("wood", LABEL, (0.62, 0.5, 0.36))
    builder.boxes(
        [(x, y + 0.133, 0) for x in (-0.35, -0.17, 0.0, 0.17, 0.35)], (0.12, 0.022, 1.2), wood
    )
    builder.boxes(
        [(0, y + 0.06, z) for z in (-0.53, 0.0, 0.53)], (0.8, 0.12, 0.14), wood.tinted(0.8)
    )


def make_skip(palette: Palette, rng: Generator) -> Mesh:
    """A builder's skip with rubble in it."""
    builder = MeshBuilder()
    tint = ((0.5, 0.33, 0.02), (0.03, 0.1, 0.3), (0.05, 0.2, 0.08), (0.35, 0.06, 0.03))
    steel = palette("metal", LABEL, tint[int(rng.integers(4))])
    high, long, wide = float(rng.uniform(1.1, 1.5)), float(rng.uniform(3.2, 4.2)), 1.75
    a = np.array(
        [
            (-wide / 2 * 0.9, 0.08, -long * 0.32),
            (wide / 2 * 0.9, 0.08, -long * 0.32),
            (wide / 2 * 0.9, 0.08, long * 0.32),
            (-wide / 2 * 0.9, 0.08, long * 0.32),
        ]
    )
    b = np.array([(-wide / 2, high, -long / 2), (wide / 2, high, -long / 2),
                  (wide / 2, high, long / 2), (-wide / 2, high, long / 2)])  # fmt: skip
    sides = np.stack([np.roll(a, -1, 0), a, b, np.roll(b, -1, 0)], 1)
    builder.quads(sides, steel)
    builder.boxes(
        [(x, high, 0) for x in (-wide / 2, wide / 2)], (0.1, 0.1, long), steel.tinted(0.8)
    )
    rubble = palette("rubble" if rng.random() < 0.5 else "earth", LABEL)
    grid = np.stack(
        np.meshgrid(np.linspace(-0.47, 0.47, 5), np.linspace(-0.45, 0.45, 7), indexing="ij"), -1
    )
    heap = (
        high
        - 0.15
        + 0.35
        * np.cos(grid[..., 0] * 3)
        * np.cos(grid[..., 1] * 3)
        * rng.uniform(0.3, 1.0, grid.shape[:2])
    )
    points = np.stack([grid[..., 0] * wide, heap, grid[..., 1] * long], -1)
    builder.grid(points, rubble, up=(0, 1, 0))
    return builder.build()


def make_drum(palette: Palette, rng: Generator) -> Mesh:
    """A cable drum lying on its flange's rim, or a group of barrels."""
    builder = MeshBuilder()
    if rng.random() < 0.5:
        wood = palette("wood", LABEL, (0.5, 0.4, 0.28))
        radius, wide = float(rng.uniform(0.5, 1.1)), float(rng.uniform(0.5, 1.0))
        about_x = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        r, h = radius, wide / 2
        core = palette("plain", LABEL, rng.uniform(0.01, 0.1))
        builder.lathe(
            [(r * 0.7, -h), (r * 0.7, h)], core, sides=14, center=(0, r, 0), rotation=about_x
        )
        for x in (-h, h):
            flange = [(0.0, -0.04), (r, -0.04), (r, 0.04), (0.0, 0.04)]
            builder.lathe(flange, wood, sides=16, center=(x, r, 0), rotation=about_x)
        return builder.build()
    for x, z in ((-0.32, 0.0), (0.32, 0.1), (0.0, 0.6))[: int(rng.integers(1, 4))]:
        tint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.6, 1.2)
        ribs = [
            (0.0, 0.0),
            (0.29, 0.0),
            (0.29, 0.3),
            (0.305, 0.32),
            (0.29, 0.34),
            (0.29, 0.6),
            (0.305, 0.62),
            (0.29, 0.64),
            (0.29, 0.88),
            (0.0, 0.88),
        ]
        builder.lathe(ribs, palette("metal", LABEL, tint), sides=12, center=(x, 0, z))
    return builder.build()
