"""Platforms beside tracks: slab, white edge, guiding strip, shelter, name boards, lamps."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.geometry.sweep import Float, sweep
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
TRACK_M = 1.65
"""From the track's middle to a platform's edge."""


def platform(
    builder: MeshBuilder,
    palette: Palette,
    path: Float,
    side: int,
    *,
    width_m: float,
    height_m: float,
    edge_m: float = TRACK_M,
) -> None:
    """A platform on a side (+1 right) of a track's path, ``height_m`` above the path: 0.25 for
    trams, 0.55 to 0.96 for trains."""
    near, far = side * edge_m, side * (edge_m + width_m)
    concrete = palette("concrete", "wall", 1.0)
    box = [(near, -0.5), (near, height_m), (far, height_m), (far, -0.5)]
    order = box if side > 0 else box[::-1]
    sweep(builder, concrete, path, order[:2])
    sweep(builder, concrete, path, order[2:])
    top = palette("paving_0", "sidewalk")
    sweep(builder, top, path, order[1:3])
    for low, high, material in (
        (0.0, 0.12, palette("plain", "sidewalk", 0.8)),
        (0.55, 0.95, palette("tactile", "sidewalk")),
    ):
        a, b = side * (edge_m + low), side * (edge_m + high)
        strip = [(min(a, b), height_m + 0.006), (max(a, b), height_m + 0.006)]
        sweep(builder, material, path, strip)
    for end, step in ((0, 1), (-1, -1)):
        _end_wall(builder, palette, path, order, end, step)


def _end_wall(
    builder: MeshBuilder, palette: Palette, path: Float, order: list[tuple[float, float]],
    end: int, step: int,
) -> None:  # fmt: skip
    ahead = np.asarray(path[end + step] - path[end], np.float64)
    ahead /= np.linalg.norm(ahead)
    right = np.array([ahead[2], 0, -ahead[0]]) * step
    corners = [path[end] + right * x + [0, y, 0] for x, y in order]
    builder.quads([corners], palette("concrete", "wall", 0.9), normals=-ahead)


def platform_roof(palette: Palette, rng: Generator, length: float) -> Mesh:
    """A roof on a row of posts along z, its middle at the origin on the platform."""
    builder = MeshBuilder()
    steel = palette("metal", "pole", rng.uniform(0.1, 0.5))
    sheet = palette("sheet_metal", "building", rng.uniform(0.4, 0.8))
    for z in np.linspace(-length / 2 + 1, length / 2 - 1, max(int(length / 7), 2)).tolist():
        builder.box((0, 1.7, z), (0.22, 3.4, 0.22), steel, faces="xXzZ")
        for x in (-1.6, 1.6):
            builder.tube([(0, 3.0, z), (x, 3.5, z)], 0.06, steel, sides=5)
    builder.box((0, 3.62, 0), (4.2, 0.16, length), sheet)
    return builder.build()


def name_board(palette: Palette, rng: Generator) -> Mesh:
    """The blue board with the station's name, readable from the track (towards -x)."""
    builder = MeshBuilder()
    steel = palette("metal", "pole", 0.4)
    for z in (-1.0, 1.0):
        builder.cylinder((0, -0.05, z), 0.04, 2.7, steel, sides=6)
    blue = palette("plain", "traffic sign", (0.03, 0.08, 0.32))
    builder.box((0, 2.35, 0), (0.05, 0.6, 2.4), blue)
    white = palette("plain", "traffic sign", 0.85)
    for k, z in enumerate(np.linspace(0.75, -0.75, int(rng.integers(5, 9))).tolist()):
        tall = 0.22 if k else 0.30
        builder.box((-0.03, 2.35, z), (0.01, tall, 0.09), white, faces="x")
        builder.box((0.03, 2.35, z), (0.01, tall, 0.09), white, faces="X")
    return builder.build()


def ticket_machine(palette: Palette, rng: Generator) -> Mesh:
    """A machine with a screen towards -x."""
    builder = MeshBuilder()
    case = palette("asset paint", "static", rng.uniform(0.05, 0.4, 3), flags=Surface.GLOSSY)
    builder.box((0, 0.95, 0), (0.5, 1.9, 0.8), case)
    screen = palette("plain", "static", (0.10, 0.16, 0.22), flags=Surface.GLASS)
    builder.box((-0.26, 1.35, 0), (0.02, 0.35, 0.5), screen, faces="x")
    return builder.build()
