"""Posts that one meets near: bollards of all kinds, chains, meters, low signs, clocks, flags,
advertising columns, charging points. Frame as in ``street/posts``: +z the traffic's direction,
fronts face -z.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import Float, vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator


def bollard_of(palette: Palette, rng: Generator, kind: str | None = None) -> Mesh:
    """A bollard of a kind (one of BOLLARDS; None draws one), 0.3 to 1.1 m high."""
    chosen = BOLLARDS[int(rng.integers(len(BOLLARDS)))] if kind is None else kind
    builder = MeshBuilder()
    iron = palette("plain", "pole", rng.uniform(0.015, 0.1))
    stone = palette("concrete", "pole", rng.uniform(0.7, 1.1))
    high = float(rng.uniform(0.75, 1.1))
    if chosen == "ball":
        radius = float(rng.uniform(0.2, 0.3))
        builder.ellipsoid((0, radius * 0.85, 0), (radius,) * 3, stone, sides=12, rings=7)
    elif chosen == "block":
        builder.box((0, 0.25, 0), (0.5, 0.5, float(rng.uniform(0.5, 1.6))), stone, faces="xXYzZ")
    elif chosen == "cast":
        profile = [
            (0.11, 0.0),
            (0.10, 0.12),
            (0.065, 0.2),
            (0.055, high - 0.2),
            (0.085, high - 0.17),
            (0.06, high - 0.12),
            (0.07, high - 0.04),
            (0.0, high),
        ]
        builder.lathe(profile, iron, sides=10)
    elif chosen == "hoop":
        angle = np.linspace(0, np.pi, 9)
        arch = np.stack([0 * angle, high - 0.35 + 0.35 * np.sin(angle), 0.35 * np.cos(angle)], -1)
        path = np.concatenate([[(0, -0.05, 0.35)], arch, [(0, -0.05, -0.35)]])
        builder.tube(path, 0.03, palette("metal", "pole", rng.uniform(0.3, 0.7)), sides=6)
    elif chosen == "plastic":
        paint = palette("plain", "pole", (0.6, 0.1, 0.02))
        builder.cylinder((0, 0, 0), 0.05, high - 0.15, paint, sides=8, cap=True)
        builder.cylinder((0, 0, 0), 0.12, 0.05, palette("plain", "pole", 0.02), sides=8, cap=True)
        for y in (0.3, 0.5):
            builder.cylinder((0, y, 0), 0.052, 0.09, palette("plain", "pole", 0.8), sides=8)
    else:
        steel = palette("metal", "pole", rng.uniform(0.3, 0.7))
        builder.cylinder(
            (0, -0.05, 0), float(rng.uniform(0.04, 0.11)), high, steel, sides=10, cap=True
        )
    return builder.build()


BOLLARDS = ("steel", "ball", "block", "cast", "hoop", "plastic")


def chain_between(builder: MeshBuilder, material: Material, a: Float, b: Float) -> None:
    """A chain that hangs between two post tops [3]."""
    t = np.linspace(0, 1, 7)[:, None]
    line = a + (b - a) * t - np.array([0, 0.6, 0]) * t * (1 - t)
    builder.tube(line, 0.014, material, sides=3)


def _meter(palette: Palette, rng: Generator) -> Mesh:
    """A parking ticket machine."""
    builder = MeshBuilder()
    case = palette("plain", "static", rng.uniform(0.05, 0.35, 3))
    builder.box((0, 0.55, 0), (0.2, 1.1, 0.16), case)
    builder.box((0, 1.32, 0), (0.34, 0.5, 0.24), case.tinted(1.2))
    screen = palette("plain", "static", 0.12, flags=Surface.GLASS)
    builder.box((0, 1.42, -0.125), (0.2, 0.14, 0.01), screen, faces="z")
    builder.box((0, 1.7, 0), (0.24, 0.24, 0.02), palette("plain", "traffic sign", (0.03, 0.1, 0.4)))
    return builder.build()


def _charger(palette: Palette, rng: Generator) -> Mesh:
    """A charging point with its cable."""
    builder = MeshBuilder()
    white = palette("asset paint", "static", rng.uniform(0.3, 0.75), flags=Surface.GLOSSY)
    builder.box((0, 0.8, 0), (0.4, 1.6, 0.28), white)
    glow = palette("plain", "static", (0.05, 0.5, 0.25))
    builder.box((0, 1.35, -0.145), (0.26, 0.2, 0.01), glow, faces="z")
    cable = [(0.2, 1.1, -0.1), (0.34, 0.6, -0.2), (0.3, 0.25, -0.15), (0.2, 0.9, 0.1)]
    builder.tube(cable, 0.018, palette("plain", "static", 0.02), sides=5)
    return builder.build()


def _column(palette: Palette, rng: Generator) -> Mesh:
    """An advertising column."""
    builder = MeshBuilder()
    radius, high = float(rng.uniform(0.5, 0.7)), float(rng.uniform(2.6, 3.6))
    angle = np.linspace(0, 2 * np.pi, 17)
    ring = np.stack([np.cos(angle), 0 * angle, -np.sin(angle)], -1)
    low, top = ring * radius + [0, 0.35, 0], ring * radius + [0, high - 0.3, 0]
    turns = float(rng.integers(2, 4))
    uv = np.stack(
        np.broadcast_arrays(angle[:, None] / (2 * np.pi) * turns, np.array([0.0, 1.0])), -1
    )
    posters = palette("adverts", "static")
    builder.grid(np.stack([low, top], 1), posters, uv=uv, normals=np.stack([ring, ring], 1))
    stone = palette("concrete", "static", 0.8)
    builder.lathe([(radius + 0.06, 0.0), (radius + 0.06, 0.35), (radius, 0.36)], stone, sides=16)
    builder.lathe(
        [(radius + 0.12, high - 0.3), (radius + 0.12, high - 0.1), (0.0, high)], stone, sides=16
    )
    return builder.build()


def _clock(palette: Palette, rng: Generator) -> Mesh:
    """A clock on a post."""
    builder = MeshBuilder()
    iron = palette("metal", "pole", rng.uniform(0.03, 0.3))
    high = float(rng.uniform(3.2, 4.5))
    builder.cylinder((0, -0.1, 0), 0.06, high, iron, sides=8)
    builder.box((0, high + 0.3, 0), (0.7, 0.7, 0.25), iron)
    face = palette("plain", "static", 0.85)
    hands = palette("plain", "static", 0.02)
    for side in (-1, 1):
        z = side * 0.13
        builder.box((0, high + 0.3, z), (0.56, 0.56, 0.012), face, faces="zZ")
        builder.box((0.0, high + 0.38, z + side * 0.01), (0.03, 0.2, 0.012), hands, faces="zZ")
        builder.box((0.07, high + 0.3, z + side * 0.01), (0.16, 0.03, 0.012), hands, faces="zZ")
    return builder.build()


def _flag(palette: Palette, rng: Generator) -> Mesh:
    """A flagpole with a flag or a hanging banner."""
    builder = MeshBuilder()
    high = float(rng.uniform(5, 9))
    builder.cylinder(
        (0, -0.2, 0), 0.06, high + 0.2, palette("metal", "pole", 0.75), top_radius=0.035, sides=7
    )
    cloth = palette("asset cloth", "static", rng.uniform(0.05, 0.8, 3), flags=Surface.DOUBLE_SIDED)
    t = np.linspace(0, 1, 6)
    drop, long = float(rng.uniform(1.0, 3.0)), 1.3
    wave = np.stack([0.05 + long * t, 0 * t, 0.12 * np.sin(7 * t)], -1)
    builder.grid(
        np.stack([wave + vec(0, high - 0.2 - drop, 0), wave + vec(0, high - 0.2, 0)], 1), cloth
    )
    return builder.build()


def _hydrant(palette: Palette, rng: Generator) -> Mesh:
    """A pillar hydrant."""
    builder = MeshBuilder()
    red = palette("asset paint", "static", (0.4, 0.02, 0.015), flags=Surface.GLOSSY)
    high = float(rng.uniform(0.7, 1.1))
    builder.lathe(
        [
            (0.14, 0.0),
            (0.1, 0.06),
            (0.09, high - 0.2),
            (0.12, high - 0.15),
            (0.1, high - 0.05),
            (0.0, high),
        ],
        red,
        sides=10,
    )
    for side in (-1, 1):
        builder.tube([(0, high - 0.28, 0), (side * 0.17, high - 0.28, 0)], 0.05, red, sides=6)
    return builder.build()


def _way_sign(palette: Palette, rng: Generator) -> Mesh:
    """A finger post for walkers and cyclists."""
    builder = MeshBuilder()
    builder.cylinder((0, -0.1, 0), 0.04, 2.7, palette("metal", "pole", 0.5), sides=7)
    colors = ((0.02, 0.2, 0.06), (0.75, 0.75, 0.72), (0.55, 0.4, 0.02), (0.03, 0.1, 0.4))
    plate = palette("plain", "traffic sign", colors[int(rng.integers(4))])
    for k in range(int(rng.integers(1, 4))):
        yaw = float(rng.uniform(0, 2 * np.pi))
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        at = turn @ np.array([0.4, 2.5 - 0.22 * k, 0])
        builder.box(at, (0.7, 0.16, 0.03), plate, rotation=turn)
    return builder.build()


_KINDS: dict[str, Callable[[Palette, Generator], Mesh]] = {
    "meter": _meter, "charger": _charger, "column": _column, "clock": _clock, "flag": _flag,
    "hydrant": _hydrant, "way_sign": _way_sign,
}  # fmt: skip
NEAR_POSTS = tuple(_KINDS)


def near_post(palette: Palette, rng: Generator, kind: str | None = None) -> Mesh:
    """One of NEAR_POSTS (None draws one)."""
    chosen = NEAR_POSTS[int(rng.integers(len(NEAR_POSTS)))] if kind is None else kind
    return _KINDS[chosen](palette, rng)
