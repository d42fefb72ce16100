"""Steps and ramps with cheeks and handrails: they climb towards +x, their width is along z."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "sidewalk"


def make_stairs(
    palette: Palette,
    rng: Generator,
    rise: float,
    width: float,
    *,
    step_m: tuple[float, float] = (0.16, 0.32),
    cheeks: bool = True,
) -> Mesh:
    """Steps from the origin up to ``rise``; ``step_m`` = (height, depth) of one, about."""
    builder = MeshBuilder()
    count = max(round(rise / step_m[0]), 1)
    high, deep = rise / count, step_m[1]
    stone = palette(
        ("concrete", "stone", "paving_0")[int(rng.integers(3))], LABEL, rng.uniform(0.8, 1.1)
    )
    k = np.arange(count)
    tops = (k + 1) * high
    centers = np.stack([(k + 0.5) * deep, tops / 2 - 0.15, 0 * tops], -1)
    sizes = np.stack([np.full(count, deep), tops + 0.3, np.full(count, width)], -1)
    builder.boxes(centers, sizes, stone, faces="xYzZ")
    run = count * deep
    back = [
        (run, 0, -width / 2),
        (run, 0, width / 2),
        (run, rise, width / 2),
        (run, rise, -width / 2),
    ]
    builder.quads([back], palette("concrete", "wall"), normals=(1, 0, 0))
    if cheeks:
        for side in (-1, 1):
            _cheek(builder, palette("concrete", "wall", 0.95), run, rise, side * (width / 2 + 0.12))
    if rise > 0.4:
        _handrail(builder, palette, rng, (0.0, run), (0.0, rise), width)
    return builder.build()


def make_ramp(
    palette: Palette, rng: Generator, rise: float, width: float, slope: float = 0.08
) -> Mesh:
    """A ramp from the origin up to ``rise``, paved, with kerbs and rails."""
    builder = MeshBuilder()
    run = rise / slope
    top = [(0, 0, -width / 2), (0, 0, width / 2), (run, rise, width / 2), (run, rise, -width / 2)]
    builder.quads([top], palette("paving_1", LABEL), normals=(-slope, 1, 0))
    for side in (-1, 1):
        _cheek(
            builder,
            palette("concrete", "wall", 1.0),
            run,
            rise,
            side * (width / 2 + 0.1),
            lift=0.12,
        )
    back = [
        (run, 0, -width / 2),
        (run, 0, width / 2),
        (run, rise, width / 2),
        (run, rise, -width / 2),
    ]
    builder.quads([back], palette("concrete", "wall"), normals=(1, 0, 0))
    _handrail(builder, palette, rng, (0.0, run), (0.0, rise), width)
    return builder.build()


def _cheek(
    builder: MeshBuilder, material: Material, run: float, rise: float, z: float, lift: float = 0.18
) -> None:
    """The wall at one side, following the slope ``lift`` above it."""
    half = 0.12
    outline = np.array([(-0.2, -0.3), (-0.2, lift), (run, rise + lift), (run, -0.3)])
    for side in (-1.0, 1.0):
        face = [(x, y, z + side * half) for x, y in outline]
        builder.quads([face], material, normals=(0, 0, side))
    for (x0, y0), (x1, y1) in pairwise(outline):
        strip = [(x0, y0, z - half), (x0, y0, z + half), (x1, y1, z + half), (x1, y1, z - half)]
        builder.quads([strip], material, normals=(y0 - y1, x1 - x0, 0.0))


def _handrail(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    x: tuple[float, float],
    y: tuple[float, float],
    width: float,
) -> None:
    steel = palette("metal", "fence", rng.uniform(0.1, 0.7))
    for side in (-1, 1):
        z = side * (width / 2 + 0.12)
        ends = [(x[0], y[0] + 0.95, z), (x[1], y[1] + 0.95, z)]
        builder.tube(ends, 0.022, steel, sides=5)
        for t in np.linspace(0, 1, max(int((x[1] - x[0]) / 1.5), 2)).tolist():
            px, py = x[0] + (x[1] - x[0]) * t, y[0] + (y[1] - y[0]) * t
            builder.tube([(px, py, z), (px, py + 0.95, z)], 0.018, steel, sides=4)
