"""Signs as streets have them: any plate on a post, with plates below, low ones on islands, street
names at corners, chevrons in bends, mirrors, plates on walls.

Frame as in ``posts``: the foot at the origin, signs face -z.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.buildings.facade import Plane, picture
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "traffic sign"

_FACES: tuple[tuple[str, int, float], ...] = (
    ("signs_0", 0, 0.14), ("signs_0", 1, 0.10), ("signs_0", 2, 0.05), ("signs_0", 3, 0.09),
    ("signs_1", 0, 0.08), ("signs_1", 1, 0.04), ("signs_1", 2, 0.07), ("signs_1", 3, 0.09),
    ("signs_2", 0, 0.09), ("signs_2", 1, 0.06), ("signs_2", 2, 0.04), ("signs_2", 3, 0.03),
    ("signs_3", 1, 0.04), ("signs_4", 0, 0.03), ("signs_4", 1, 0.02), ("signs_4", 2, 0.02),
    ("signs_4", 3, 0.01),
)  # fmt: skip
"""(layer, cell of its atlas, share among the signs on posts)."""


def draw_sign(palette: Palette, rng: Generator, *, large: bool = False) -> Mesh:
    """Any sign of a street; ``large`` ones stand beside fast roads."""
    draw = rng.random()
    if draw < 0.72:
        return sign_post(palette, rng, large=large)
    if draw < 0.82:
        return street_name(palette, rng)
    if draw < 0.90:
        return island_sign(palette, rng)
    if draw < 0.95:
        return chevron_board(palette, rng)
    return traffic_mirror(palette, rng)


def sign_post(palette: Palette, rng: Generator, *, large: bool = False) -> Mesh:
    """One or two signs and perhaps a plate below them, 0.4 to 0.95 m wide, on a tube or on a
    grey-painted lattice of two posts."""
    builder = MeshBuilder()
    size = float(rng.uniform(0.7, 0.95) if large else rng.uniform(0.4, 0.72))
    low = float(rng.uniform(1.7, 2.5))
    plate = rng.random() < 0.3
    count = 1 if rng.random() < 0.75 else 2
    top = low + count * size * 1.05 + 0.08
    metal = palette("metal", "pole", rng.uniform(0.15, 0.75))
    radius = float(rng.uniform(0.028, 0.045))
    for x in (-size * 0.35, size * 0.35) if large and rng.random() < 0.3 else (0.0,):
        builder.cylinder((x, -0.2, 0), radius, top + 0.2, metal, sides=7, cap=True)
    for k in range(count):
        shares = np.array([f[2] for f in _FACES])
        layer, cell, _ = _FACES[int(rng.choice(len(_FACES), p=shares / shares.sum()))]
        y = low + k * size * 1.05
        _face(builder, palette, layer, cell, (-size / 2, y, size / 2, y + size), radius)
    if plate:
        tall = size * float(rng.uniform(0.35, 0.55))
        _face(
            builder,
            palette,
            "signs_3",
            2,
            (-size / 2, low - tall - 0.03, size / 2, low - 0.03),
            radius,
        )
    return builder.build()


def _face(
    builder: MeshBuilder,
    palette: Palette,
    layer: str,
    cell: int,
    box: tuple[float, float, float, float],
    out: float,
) -> None:
    """A plate in front of a post, and its grey back."""
    front = palette(layer, LABEL, flags=Surface.ALPHA_TEST)
    back = palette(layer, LABEL, (0.33, 0.33, 0.34), flags=Surface.ALPHA_TEST)
    z = -out - 0.015
    facing = Plane(np.array([0, 0, z]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
    away = Plane(np.array([0, 0, z]), np.array([-1.0, 0, 0]), np.array([0, 0, 1.0]))
    picture(builder, facing, [box], front, cell)
    mirrored = (-box[2], box[1], -box[0], box[3])
    picture(builder, away, [mirrored], back, cell, 0.012)


def street_name(palette: Palette, rng: Generator) -> Mesh:
    """Two name plates at right angles on top of a post."""
    builder = MeshBuilder()
    high = float(rng.uniform(2.3, 3.0))
    builder.cylinder((0, -0.2, 0), 0.03, high + 0.5, palette("metal", "pole", 0.4), sides=6)
    plates = palette("plates", LABEL, flags=Surface.PLAIN)
    cell, width = int(rng.integers(4)), float(rng.uniform(0.7, 1.2))
    for k in range(2):
        turn = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]]) if k else np.eye(3)
        part = MeshBuilder()
        y = high + 0.22 * k
        for sign in (-1.0, 1.0):
            plane = Plane(
                np.array([0, 0, 0.015 * sign]), np.array([-sign, 0, 0]), np.array([0, 0, sign])
            )
            picture(part, plane, [(-width / 2, y, width / 2, y + 0.2)], plates, cell)
        builder.add(part.build().transformed(turn, (0, 0, 0)))
    return builder.build()


def island_sign(palette: Palette, rng: Generator) -> Mesh:
    """A low sign on a yellow or white beacon, as on traffic islands and at works."""
    builder = MeshBuilder()
    color = ((0.6, 0.45, 0.02), (0.75, 0.75, 0.73))[int(rng.integers(2))]
    shell = palette("plain", "pole", color)
    high = float(rng.uniform(0.5, 0.9))
    builder.box((0, high / 2, 0), (0.38, high, 0.16), shell, faces="xXYzZ")
    size = float(rng.uniform(0.36, 0.5))
    _face(
        builder, palette, "signs_0", 3, (-size / 2, high * 0.45, size / 2, high * 0.45 + size), 0.07
    )
    return builder.build()


def chevron_board(palette: Palette, rng: Generator) -> Mesh:
    """A row of chevrons at the outside of a bend."""
    builder = MeshBuilder()
    count, size = int(rng.integers(1, 5)), float(rng.uniform(0.45, 0.6))
    low = float(rng.uniform(0.7, 1.3))
    for k in range(count):
        x = (k - (count - 1) / 2) * size
        _face(builder, palette, "signs_3", 0, (x - size / 2, low, x + size / 2, low + size), 0.03)
    post = palette("metal", "pole", 0.5)
    for x in (-count * size * 0.35, count * size * 0.35) if count > 1 else (0.0,):
        builder.cylinder((x, -0.2, 0), 0.03, low + size + 0.2, post, sides=6)
    return builder.build()


def traffic_mirror(palette: Palette, rng: Generator) -> Mesh:
    """A convex mirror with a red and white rim."""
    builder = MeshBuilder()
    high, radius = float(rng.uniform(2.2, 3.0)), float(rng.uniform(0.3, 0.45))
    builder.cylinder((0, -0.2, 0.08), 0.035, high + 0.5, palette("metal", "pole", 0.5), sides=6)
    turn = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    rim = palette("red_white", LABEL)
    builder.lathe([(radius * 1.18, -0.02), (radius * 1.18, 0.03), (radius, 0.05)], rim, sides=16,
                  center=(0, high, 0), rotation=turn)  # fmt: skip
    glass = palette("plain", LABEL, 0.3, flags=Surface.GLASS)
    builder.lathe([(radius, 0.04), (radius * 0.6, 0.10), (0.0, 0.12)], glass, sides=16,
                  center=(0, high, 0), rotation=turn)  # fmt: skip
    return builder.build()
