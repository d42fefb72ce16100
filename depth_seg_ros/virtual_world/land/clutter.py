"""Randomised geometry: solids of any shape and stuff beside the way and over its edge, so that
depth is learnt from geometry and not from a short list of looks.

In a share of the places (``clutter`` of ``build_scene``) boxes, cylinders, cones, balls, arches,
ramps, steps, walls and piles of all sizes stand on pavements and plots, and known walls wear
materials that nobody builds with. Loose solids are of class static, walls wall, earth terrain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.street import linear
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

STUFF = (
    "tiles", "mural", "sheet_metal", "bamboo", "tarpaulin", "container", "shutter", "red_white",
    "yellow_black", "rock", "earth", "planking", "setts", "brick_0", "brick_1", "plaster_0",
    "plaster_1", "stone", "rubble", "panel", "concrete", "wood", "corrugated", "gravel", "plain",
    "metal", "roof_tile_0", "hedge_leaves", "grass_0", "awning",
)  # fmt: skip
"""Textures that a solid may wear."""
ODD = ("tiles", "mural", "sheet_metal", "bamboo", "container", "corrugated", "wood", "rock",
       "tarpaulin", "planking", "shutter", "hedge_leaves")  # fmt: skip
WALLS = ("plaster_0", "plaster_1", "plaster_2", "brick_0", "brick_1", "brick_2", "stone", "rubble",
         "panel", "concrete")  # fmt: skip
"""What known walls are made of."""


def odd_materials(rng: Generator) -> dict[str, str]:
    """Materials for a scene's known walls that nobody expects there."""
    count = int(rng.integers(1, 5))
    worn = rng.permutation(np.array(WALLS))[:count].tolist()
    return {name: str(rng.choice(ODD)) for name in worn}


def build_clutter(site: Site) -> None:
    """Solids on pavements and plots, walls and ramps along the way."""
    rng = site.layout.parameters.rng("clutter")
    low, high = site.seen()
    if high - low < 8:
        return
    room = site.layout.section.side_width
    many = float(rng.uniform(0.3, 1.0))
    for side in (-1, 1):
        for _ in range(int(rng.poisson(many * (high - low) / 9))):
            s = float(rng.uniform(low, high))
            if rng.random() < 0.45 and room > 1.2:
                size = float(rng.uniform(0.15, min(room * 0.4, 1.2)))
                if site.kerb(s, side, 2 * size + 0.3):
                    out = float(rng.uniform(size + 0.15, max(room - size, size + 0.2)))
                    site.put(solid(site.palette, rng, size), s, side, out, _yaw(rng))
            else:
                size = float(np.exp(rng.uniform(np.log(0.3), np.log(4.0))))
                out = room + 0.4 + size * 1.3 + float(rng.exponential(3))
                if site.free(s, side, out, 2.6 * size, 2.6 * size):
                    site.put(solid(site.palette, rng, size), s, side, out, _yaw(rng))
        for _ in range(int(rng.poisson(many * (high - low) / 45))):
            _run(site, float(rng.uniform(low, high)), side, rng)
        for _ in range(int(rng.poisson(many * (high - low) / 30))):
            _on_the_edge(site, float(rng.uniform(low, high)), side, rng)


def _on_the_edge(site: Site, s: float, side: int, rng: Generator) -> None:
    """A solid that reaches over the edge of the way, clear of whoever drives there."""
    section, closed = site.layout.section, site.layout.parameters.traffic.closed
    if any((a.center_m > 0) == (side > 0) for a in (*section.parking, *section.cycle)):
        return
    clear = max(side * a.center_m for a in section.lanes) + (1.35 if closed else 1.6)
    inner = clear - section.edge(side)
    size = float(rng.uniform(0.12, 0.6))
    if inner < -0.05 and site.kerb(s, side, 2 * size + 0.4):
        out = inner + size + float(rng.uniform(0, 0.1))
        site.put(solid(site.palette, rng, size), s, side, out, _yaw(rng))


def _yaw(rng: Generator) -> float:
    return float(rng.uniform(-np.pi, np.pi))


def stuff(palette: Palette, rng: Generator, class_name: str) -> Material:
    """A random material in a random colour."""
    texture = str(rng.choice(STUFF))
    bright = float(rng.uniform(0.25, 1.1))
    color = bright * rng.uniform(0.6, 1.0, 3) if texture in ("plain", "metal") else bright
    if texture in ("plain", "metal") and rng.random() < 0.5:
        color = rng.uniform(0.02, 0.9, 3)
    return palette(texture, class_name, color)


def solid(palette: Palette, rng: Generator, size: float) -> Mesh:
    """One solid, or a few piled up, within ``size`` metres of the origin in plan."""
    builder = MeshBuilder()
    base = 0.0
    for _ in range(int(rng.choice([1, 2, 3], p=[0.65, 0.25, 0.1]))):
        material = stuff(palette, rng, "static")
        tall = size * float(np.exp(rng.uniform(np.log(0.3), np.log(4.0))))
        base += _shape(builder, material, rng, size, min(tall, 7.0), base)
        size *= float(rng.uniform(0.5, 0.95))
    return builder.build()


def _shape(
    builder: MeshBuilder, material: Material, rng: Generator, size: float, tall: float, base: float
) -> float:
    """Add a shape standing at ``base``; returns the height of its top above it."""
    kind = int(rng.integers(7))
    foot = (0.0, base, 0.0)
    if kind == 0:
        wide = size * rng.uniform([0.4, 0.4], [1.4, 1.4])
        builder.box((0, base + tall / 2, 0), (wide[0], tall, wide[1]), material)
        return tall
    if kind == 1:
        builder.cylinder(foot, size * 0.8, tall, material, sides=int(rng.integers(5, 16)), cap=True)
        return tall
    if kind == 2:
        builder.cylinder(foot, size * 0.9, tall, material, top_radius=0.02, sides=9)
        return tall * 0.5
    if kind == 3:
        radius = size * 0.8
        builder.ellipsoid((0, base + radius * 0.8, 0), (radius, radius * 0.8, radius), material)
        return radius * 1.5
    if kind == 4:
        corners = rng.uniform(0.5, 1.0, (6, 1)) * size
        angle = np.sort(rng.uniform(0, 2 * np.pi, 6))[:, None]
        outline = corners * np.concatenate([np.cos(angle), np.sin(angle)], 1)
        hull = _convex(outline)
        builder.prism(hull, tall, material, base=foot)
        return tall
    if kind == 5:
        heights = np.linspace(0, tall, 6)
        radii = size * rng.uniform(0.25, 0.95, 6)
        profile = [*zip(radii.tolist(), heights.tolist(), strict=True), (0.0, tall + 0.01)]
        builder.lathe(profile, material, sides=11, center=foot)
        return tall
    for x in (-0.7, 0.7):  # a gate
        builder.box((x * size, base + tall / 2, 0), (size * 0.3, tall, size * 0.4), material)
    builder.box((0, base + tall, 0), (size * 1.8, size * 0.3, size * 0.4), material)
    return tall + size * 0.15


def _convex(points: Float) -> Float:
    """The convex hull [K, 2] of points (gift wrapping; a handful of them)."""
    start = int(points[:, 0].argmin())
    hull, at = [start], start
    while True:
        other = (at + 1) % len(points)
        for k in range(len(points)):
            a, b = points[other] - points[at], points[k] - points[at]
            if a[0] * b[1] - a[1] * b[0] < 0:
                other = k
        if other == start or len(hull) > len(points):
            return points[hull]
        hull.append(other)
        at = other


def _run(site: Site, s: float, side: int, rng: Generator) -> None:
    """A wall, a ramp or a flight of steps along the way, of any height and stuff."""
    layout, palette = site.layout, site.palette
    length = float(rng.uniform(4, 22))
    room = layout.section.side_width
    out = room + float(rng.uniform(0.4, 5.0))
    kind = rng.random()
    deep = 0.5 if kind < 0.6 else float(rng.uniform(1.5, 4))
    if not site.free(s, side, out + deep / 2, deep, length):
        return
    height = float(np.exp(rng.uniform(np.log(0.25), np.log(4.0))))
    if kind < 0.6:
        material = stuff(palette, rng, "wall")
        path = site.path(s - length / 2 + 0.3, s + length / 2 - 0.3, side, out + 0.2)
        linear.wall(site.builder, material, path, height, float(rng.uniform(0.1, 0.6)))
        return
    builder = MeshBuilder()
    material = stuff(palette, rng, "terrain" if kind < 0.8 else "static")
    half, high = length / 2 - 0.3, min(height, 2.0)
    if kind < 0.8:  # an embankment
        x = np.array([0.0, deep * 0.5, deep])
        y = np.array([-0.4, high, -0.4])
        z = np.linspace(-half, half, 6)
        rise = y[None] * np.array([0.1, 1, 1, 1, 1, 0.1])[:, None]
        points = np.stack(np.broadcast_arrays(x[None], rise, z[:, None]), -1)
        builder.grid(points, material, up=(0, 1, 0), smooth=False)
    else:  # steps of any size
        count = int(rng.integers(2, 8))
        for k in range(count):
            top = high * (k + 1) / count
            x0 = deep * k / count
            builder.box(((x0 + deep) / 2, top / 2 - 0.2, 0), (deep - x0, top + 0.4, 2 * half),
                        material)  # fmt: skip
    site.put(builder.build(), s, side, out)
