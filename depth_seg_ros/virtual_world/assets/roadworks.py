"""Construction sites: cones, barrier boards, fences, barriers, trenches, heaps, scaffolds.

Class static unless it is a fence or a heap of earth.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    arc_length,
    boxes_along,
    headings,
    raised,
    resampled,
    sweep,
)
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"


def make_cone(palette: Palette, rng: Generator) -> Mesh:
    """A traffic cone of 0.5 to 1 m with reflecting rings."""
    builder = MeshBuilder()
    high = float(rng.choice([0.5, 0.75, 1.0]))
    orange = palette("plain", LABEL, (0.72, 0.13, 0.01))
    wide = 0.2 * high + 0.04
    builder.box((0, 0.02, 0), (2.4 * wide, 0.04, 2.4 * wide), palette("plain", LABEL, 0.03))
    builder.cylinder((0, 0.03, 0), wide, high, orange, top_radius=0.03, sides=10, cap=True)
    white = palette("plain", LABEL, 0.85)
    for low, tall in ((0.35, 0.16), (0.68, 0.12)):
        a, b = (wide + (0.03 - wide) * t + 0.004 for t in (low, low + tall))
        builder.cylinder((0, 0.03 + low * high, 0), a, tall * high, white, top_radius=b, sides=10)
    return builder.build()


def make_barrier_board(palette: Palette, rng: Generator) -> Mesh:
    """A red and white plank on two feet across x, sometimes with warning lamps."""
    builder = MeshBuilder()
    width = float(rng.uniform(1.2, 2.4))
    plank = palette("red_white", LABEL)
    builder.box((0, 1.0, 0), (width, 0.25, 0.04), plank)
    if rng.random() < 0.6:
        builder.box((0, 0.35, 0), (width, 0.2, 0.04), plank)
    grey, foot = palette("plain", LABEL, 0.6), palette("plain", LABEL, 0.03)
    for x in (-width * 0.42, width * 0.42):
        builder.box((x, 0.55, 0.04), (0.06, 1.1, 0.03), grey)
        builder.box((x, 0.06, 0), (0.36, 0.12, 0.8), foot)
    if rng.random() < 0.5:
        lamp = palette("plain", LABEL, (0.75, 0.4, 0.02), flags=Surface.GLOSSY)
        builder.box((0, 1.2, 0), (0.18, 0.24, 0.08), lamp)
    return builder.build()


def make_beacon(palette: Palette, rng: Generator) -> Mesh:
    """The upright red and white plate that leads traffic past."""
    builder = MeshBuilder()
    builder.box((0, 0.06, 0), (0.4, 0.12, 0.8), palette("plain", LABEL, 0.03))
    high = float(rng.uniform(0.8, 1.0))
    builder.box((0, 0.15 + high / 2, 0), (0.25, high, 0.04), palette("red_white", "traffic sign"))
    if rng.random() < 0.3:
        builder.cylinder(
            (0, 0.15 + high, 0),
            0.09,
            0.2,
            palette("plain", LABEL, (0.75, 0.4, 0.02)),
            sides=8,
            cap=True,
        )
    return builder.build()


def barrier_run(builder: MeshBuilder, palette: Palette, path: Float, *, plastic: bool) -> None:
    """Water-filled plastic barriers, red and white in turn, or concrete ones along a path."""
    points = resampled(path, 1.02 if plastic else 2.02)
    size = (0.45, 0.85, 1.0) if plastic else (0.5, 0.9, 2.0)
    if not plastic:
        concrete = palette("concrete", "wall", 1.05)
        for scale, low, high in ((1.0, 0.0, 0.3), (0.55, 0.3, 0.9)):
            part = (size[0] * scale, high - low, size[2])
            boxes_along(builder, concrete, raised(points, (low + high) / 2), part)
        return
    for k, tint in enumerate(((0.55, 0.05, 0.03), (0.75, 0.75, 0.73))):
        paint = palette("plain", LABEL, tint)
        some = points[k::2]
        if len(some) > 1:
            yaw = headings(points)[k::2]
            piece = MeshBuilder()
            piece.box((0, 0.2, 0), (0.45, 0.4, 0.98), paint)
            piece.box((0, 0.6, 0), (0.28, 0.5, 0.98), paint)
            builder.add(piece.build().copies(yaw, some))


def site_fence(builder: MeshBuilder, palette: Palette, rng: Generator, path: Float) -> None:
    """Mesh panels 3.5 m wide and 2 m high on concrete feet; now and then with a sheet on."""
    panels = resampled(path, 3.5)
    yaw = headings(panels)
    netting = rng.random() < 0.35
    wire = palette("chain_link", "fence", 0.6)
    steel = palette("metal", "fence", 0.6)
    sheet = palette("netting", "fence")
    foot = palette("concrete", LABEL, 0.7)
    panel = MeshBuilder()
    corners = [(0, 0.12, -1.72), (0, 0.12, 1.72), (0, 2.0, 1.72), (0, 2.0, -1.72)]
    panel.quads(
        [corners],
        sheet if netting else wire,
        uv=np.array([(0, 0), (3.44, 0), (3.44, 1.9), (0, 1.9)]) / (2.0 if netting else 0.9),
    )
    for z in (-1.72, 1.72):
        panel.cylinder((0, 0.05, z), 0.02, 2.0, steel, sides=5)
        panel.box((0, 0.07, z), (0.7, 0.14, 0.24), foot)
    for y in (0.15, 2.0):
        panel.tube([(0, y, -1.72), (0, y, 1.72)], 0.02, steel, sides=4)
    builder.add(panel.build().copies(yaw, panels))


def trench(
    builder: MeshBuilder, palette: Palette, path: Float, width: float, depth: float, side: int
) -> None:
    """What a trench looks like in a ground that goes on over it: dark edges, and the dug earth on
    one side (+1 right) as a long heap. The floor of the cut lies 2 cm above the ground."""
    half = width / 2
    floor = palette("earth", "terrain", 0.35)
    sweep(builder, floor, path, [(-half, 0.02), (half, 0.02)])
    board = palette("wood", LABEL, (0.4, 0.3, 0.2))
    for x in (-half, half):
        sweep(
            builder,
            board,
            path,
            [(x - 0.03, 0.0), (x - 0.03, 0.12), (x + 0.03, 0.12), (x + 0.03, 0.0)],
        )
    out = side * (half + 0.7 + depth * 0.5)
    heap(builder, palette, np.asarray(path), out, depth * 0.8, depth * 1.1)


def heap(
    builder: MeshBuilder, palette: Palette, path: Float, right: float, height: float, half: float
) -> None:
    """A ridge of earth along a path, its crest ``right`` of it, ends sloping to the ground."""
    points = np.concatenate([path[:1], resampled(path, 0.8), path[-1:]])
    along = arc_length(points)
    rng = np.random.default_rng(len(points))
    across = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    bump = np.array([-0.05, 0.6, 1.0, 0.6, -0.05])
    fall = np.clip(np.minimum(along, along[-1] - along) / max(height, 0.3), 0, 1)
    yaw = headings(points)
    aside = np.stack([np.cos(yaw), 0 * yaw, -np.sin(yaw)], -1)
    grid = points[:, None] + aside[:, None] * (right + across * half)[:, None]
    rough = rng.uniform(0.75, 1.15, (len(points), 5))
    grid[..., 1] += height * bump * fall[:, None] * rough - 0.02
    builder.grid(grid, palette("earth", "terrain"), up=(0, 1, 0))


def pile(palette: Palette, rng: Generator, radius: float, texture: str = "earth") -> Mesh:
    """A heap of earth, sand, gravel or rubble."""
    builder = MeshBuilder()
    sides, rings = 12, 5
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    r = np.linspace(1, 0, rings + 1)
    high = radius * float(rng.uniform(0.45, 0.65))
    wobble = rng.uniform(0.85, 1.15, (rings + 1, sides))
    wobble = np.concatenate([wobble, wobble[:, :1]], 1)
    height = high * (1 - r[:, None] ** 1.3) * np.where(r[:, None] < 0.05, 1.0, wobble) - 0.05
    reach = radius * r[:, None] * wobble
    points = np.stack([reach * np.cos(angle), height, reach * np.sin(angle)], -1)
    builder.grid(points, palette(texture, "terrain"), up=(0, 1, 0))
    return builder.build().mended()


def make_scaffold(palette: Palette, rng: Generator, length: float, storeys: int) -> Mesh:
    """A scaffold before a front at x = 0, standing at x < 0, along z: tubes, boards, netting."""
    builder = MeshBuilder()
    steel = palette("metal", "building", 0.5)
    boards = palette("wood", "building", (0.5, 0.4, 0.28))
    bays = max(round(length / 2.5), 1)
    z = np.linspace(-length / 2, length / 2, bays + 1)
    high = storeys * 2.0 + 1.0
    for x in (-1.1, -0.2):
        centers = np.stack([0 * z + x, 0 * z + high / 2, z], -1)
        builder.boxes(centers, (0.05, high, 0.05), steel, faces="xXzZ")
    for k in range(1, storeys + 1):
        builder.box((-0.65, k * 2.0, 0), (0.9, 0.05, length), boards)
        for up in (0.5, 1.0):
            if k * 2.0 + up < high + 0.1:
                builder.box((-1.1, k * 2.0 + up, 0), (0.04, 0.04, length), steel)
    if rng.random() < 0.6:
        net = palette("netting", "building")
        levels = np.linspace(1.8, high, storeys + 1)
        sheet = np.stack(np.broadcast_arrays(-1.16, levels[:, None], z[::-1][None]), -1)
        uv = np.stack(np.broadcast_arrays(-z[::-1][None], levels[:, None]), -1) / net.repeat_m
        builder.grid(sheet, net, uv=uv, normals=np.broadcast_to((-1.0, 0, 0), sheet.shape))
    return builder.build()


def make_toilet(palette: Palette, rng: Generator) -> Mesh:
    """A portable toilet, its door towards -x."""
    builder = MeshBuilder()
    tint = ((0.03, 0.12, 0.4), (0.04, 0.3, 0.2), (0.45, 0.05, 0.05))[int(rng.integers(3))]
    shell = palette("plain", LABEL, tint)
    builder.box((0, 1.1, 0), (1.1, 2.1, 1.1), shell)
    builder.box((-0.56, 1.05, 0), (0.02, 1.9, 0.75), shell.tinted(1.5), faces="x")
    builder.box((0, 2.22, 0), (1.15, 0.16, 1.15), palette("plain", LABEL, 0.7))
    return builder.build()
