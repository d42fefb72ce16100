"""Masts that hold the wire over a track, and the wires."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.sweep import Float, beside, headings, raised, resampled
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
WIRE_M = 5.5


def catenary_mast(palette: Palette, rng: Generator, reach_m: float, *, tram: bool = False) -> Mesh:
    """A mast at the origin whose arm reaches ``reach_m`` to +x, over the track's middle: lattice
    or H-section with a bracket beside railways, a slim tube with a span arm for trams."""
    builder = MeshBuilder()
    steel = palette("metal", "pole", rng.uniform(0.25, 0.55))
    insulator = palette("plain", "pole", (0.25, 0.14, 0.10))
    high = 6.6 if tram else 8.0
    if tram:
        builder.cylinder((0, -0.3, 0), 0.11, high + 0.3, steel, top_radius=0.07, sides=8, cap=True)
        builder.tube([(0, 5.9, 0), (reach_m, 6.05, 0)], 0.03, steel, sides=5)
        builder.tube([(0, high - 0.1, 0), (reach_m * 0.7, 6.02, 0)], 0.012, steel, sides=4)
    else:
        builder.boxes([(0, high / 2, -0.11), (0, high / 2, 0.11)], (0.24, high, 0.02), steel)
        builder.box((0, high / 2, 0), (0.02, high, 0.2), steel)
        builder.box((0, 0.1, 0), (0.6, 0.7, 0.6), palette("concrete", "pole", 0.9))
        builder.tube([(0.1, 5.4, 0), (reach_m, 6.9, 0)], 0.028, steel, sides=5)
        builder.tube([(0.1, 6.95, 0), (reach_m, 6.9, 0)], 0.022, steel, sides=5)
        builder.tube(
            [(reach_m * 0.55, 6.1, 0), (reach_m - 0.2, WIRE_M + 0.15, 0)], 0.018, steel, sides=4
        )
        for y in (5.4, 6.95):
            builder.cylinder((0.35, y - 0.02, 0), 0.06, 0.2, insulator, sides=6)
    builder.tube([(reach_m - 0.2, WIRE_M + 0.2, 0), (reach_m, WIRE_M, 0)], 0.015, steel, sides=4)
    return builder.build()


def catenary_wires(
    builder: MeshBuilder, palette: Palette, path: Float, *, tram: bool = False
) -> None:
    """The contact wire over a track from support to support (path points are the supports), and
    beside railways the rope it hangs from, with droppers."""
    black = palette("plain", "static", 0.04)
    contact = raised(path, WIRE_M)
    builder.tube(contact, 0.012, black, sides=3)
    if tram:
        return
    for a, b in pairwise(np.asarray(path, np.float64)):
        t = np.linspace(0, 1, 7)[:, None]
        rope = a + (b - a) * t + [0, 1, 0] * (6.9 - 0.9 * 4 * t * (1 - t))
        builder.tube(rope, 0.012, black, sides=3)
        for k in (1, 2, 3, 4, 5):
            low = rope[k] * [1, 0, 1] + [0, WIRE_M + (a + (b - a) * t[k])[1], 0]
            builder.tube([low, rope[k]], 0.006, black, sides=3)


def catenary(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    *,
    side: int,
    out_m: float = 3.0,
    tram: bool = False,
) -> None:
    """Masts every 35 to 60 m on a side (+1 right) of a track, ``out_m`` from its middle, and the
    wires between."""
    supports = resampled(path, float(rng.uniform(30, 38) if tram else rng.uniform(42, 60)))
    if len(supports) < 2:
        return
    catenary_wires(builder, palette, supports, tram=tram)
    feet = beside(supports, side * out_m)
    mast = catenary_mast(palette, rng, out_m, tram=tram)
    yaw = headings(supports) + (np.pi if side > 0 else 0.0)
    builder.add(mast.copies(yaw, feet))
