"""Things that run along the road: guard rails, barriers, walls, fences, wires."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Surface, normalized
from depth_seg_ros.virtual_world.geometry.sweep import raised, sideways, sweep
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

W_BEAM = (
    (0.03, 0.46),
    (0.085, 0.52),
    (0.085, 0.56),
    (0.03, 0.61),
    (0.085, 0.66),
    (0.085, 0.70),
    (0.03, 0.76),
)
"""Profile of a guard rail: (towards the road, height)."""


def guard_rail(builder: MeshBuilder, palette: Palette, path: Float, towards: int) -> None:
    """A W-beam along a path with a post at each point; ``towards`` +1: the road is on its right."""
    steel = palette("metal", "guard rail", 0.6, flags=Surface.GLOSSY | Surface.DOUBLE_SIDED)
    right = sideways(path) * towards
    points = np.stack([path + right * out + [0, up, 0] for out, up in W_BEAM], 1)
    builder.grid(
        points,
        steel,
        normals=np.broadcast_to(normalized(right[:, None] + np.array([0, 0.2, 0])), points.shape),
    )
    posts = raised(path - right * 0.05, 0.2)
    builder.boxes(posts, (0.1, 1.0, 0.1), palette("metal", "guard rail", 0.35), faces="xXzZ")


def concrete_barrier(builder: MeshBuilder, palette: Palette, path: Float) -> None:
    """A New Jersey barrier along a path."""
    profile = (
        (-0.3, 0.0),
        (-0.28, 0.08),
        (-0.13, 0.33),
        (-0.08, 0.82),
        (0.08, 0.82),
        (0.13, 0.33),
        (0.28, 0.08),
        (0.3, 0.0),
    )
    sweep(builder, palette("concrete", "wall", 1.1), path, profile)


def wall(
    builder: MeshBuilder,
    material: Material,
    path: Float,
    height: float,
    thickness: float = 0.25,
    cap: Material | None = None,
) -> None:
    """A free-standing wall along a path, reaching half a metre into the ground, with its ends."""
    half = thickness / 2
    sweep(builder, material, path, ((-half, -0.5), (-half, height), (half, height), (half, -0.5)))
    if cap is not None:
        rim = half + 0.04
        sweep(
            builder,
            cap,
            path,
            ((-rim, height), (-rim, height + 0.07), (rim, height + 0.07), (rim, height)),
        )
    right = sideways(path)
    for k, order in ((0, 1), (-1, -1)):
        a, b = path[k] - right[k] * half, path[k] + right[k] * half
        face = np.array([a, b, raised(b, height), raised(a, height)])[::order]
        ahead = path[1] - path[0] if k == 0 else path[-2] - path[-1]
        builder.quads(face[None], material, normals=normalized(-ahead)[None])


def fence(
    builder: MeshBuilder,
    palette: Palette,
    texture: str,
    path: Float,
    height: float,
    tint: Any = 1.0,
) -> None:
    """A see-through fence (picket, railing, chain_link) along a path, with posts."""
    material = palette(texture, "fence", tint)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    points = np.stack([path, raised(path, height)], 1)
    rows = height / material.repeat_m if texture == "chain_link" else 1.0
    uv = np.stack(
        np.broadcast_arrays(along[:, None] / material.repeat_m, np.array([0.0, rows])[None]), -1
    )
    builder.grid(
        points, material, uv=uv, normals=np.broadcast_to(sideways(path)[:, None], points.shape)
    )
    count = max(2, int(along[-1] / 2.5))
    spots = np.linspace(0, along[-1], count)
    posts = np.stack([np.interp(spots, along, path[:, k]) for k in range(3)], -1)
    builder.boxes(
        raised(posts, height / 2 - 0.1),
        (0.08, height + 0.3, 0.08),
        palette("metal", "fence", np.asarray(tint) * 0.6),
        faces="xXYzZ",
    )


def wires(
    builder: MeshBuilder, palette: Palette, tops: Float, offsets: tuple[float, ...], right: Float
) -> None:
    """Sagging wires between consecutive pole tops [K, 3]; ``right`` [K, 3] holds the beams."""
    black = palette("plain", "static", 0.03)
    t = np.linspace(0, 1, 7)[:, None]
    for k in range(len(tops) - 1):
        for offset in offsets:
            a, b = tops[k] + right[k] * offset, tops[k + 1] + right[k + 1] * offset
            sag = np.array([0, -0.018 * np.linalg.norm(b - a), 0])
            builder.tube(a * (1 - t) + b * t + 4 * t * (1 - t) * sag, 0.012, black, sides=3)


def overpass(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    span: tuple[float, float],
    piers: list[float],
    width: float,
    clearance: float,
) -> None:
    """A bridge over the road in the road's frame (x across, z along, y = 0 the road surface).

    ``span``: x of the abutments; ``piers``: x of further supports between them.
    """
    concrete = palette("concrete", "bridge", rng.uniform(0.75, 1.1))
    left, right = span
    length, middle = right - left + 60, (left + right) / 2
    thick = rng.uniform(0.8, 1.5)
    half = width / 2
    builder.box((middle, clearance + thick / 2, 0), (length, thick, width * 0.8), concrete)
    builder.box((middle, clearance + thick + 0.15, 0), (length, 0.3, width), concrete.tinted(1.05))
    top = clearance + thick + 0.3
    for z in (-half + 0.15, half - 0.15):
        path = np.array([(middle - length / 2, top, z), (middle + length / 2, top, z)])
        if rng.random() < 0.5:
            fence(builder, palette, "railing", path, 1.1, rng.uniform(0.2, 0.7))
        else:
            wall(builder, concrete.tinted(1.1), path, 0.9, 0.2)
    if rng.random() < 0.6:
        girders = np.linspace(-width * 0.32, width * 0.32, 4)
        builder.boxes(
            np.stack([np.full(4, middle), np.full(4, clearance - 0.25), girders], -1),
            (length, 0.6, 0.5),
            concrete.tinted(0.9),
            faces="xXyzZ",
        )
    round_piers = rng.random() < 0.5
    for x in piers:
        for z in (-width * 0.3, width * 0.3) if width > 6 else (0.0,):
            if round_piers:
                builder.cylinder((x, -0.6, z), 0.5, clearance + 0.6, concrete, sides=12)
            else:
                builder.box((x, clearance / 2 - 0.3, z), (0.8, clearance + 0.6, 1.2), concrete)
    for x, sign in ((left, -1), (right, 1)):
        builder.box(
            (x + sign * 1.0, clearance / 2 - 0.5, 0),
            (2.0, clearance + 1, width),
            concrete.tinted(0.9),
        )
        _embankment(builder, palette, x + sign * 1.5, sign, half, top)


def _embankment(
    builder: MeshBuilder, palette: Palette, x: float, sign: int, half: float, top: float
) -> None:
    """The earth behind an abutment that carries the crossing road."""
    grass = palette("grass_1", "terrain")
    toe = top * 1.7
    far = x + sign * 29
    for z, out in ((-half, -1), (half, 1)):
        points = np.array(
            [
                [(x, top - 0.2, z), (far, top - 0.2, z)],
                [(x, -1.0, z + out * toe), (far, -1.0, z + out * toe)],
            ]
        )
        builder.grid(points, grass, up=(0.0, 1.0, 0.0))
        ends = np.array([[(x, top - 0.2, z), (x, -1.0, z), (x, -1.0, z + out * toe)]])
        builder.tri(ends, grass, normals=np.array([[-sign, 0.3, 0.0]]))
