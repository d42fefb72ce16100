"""Rock: cut faces beside mountain roads, boulders, gabions and dry-stone retaining walls."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, normalized
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    arc_length,
    boxes_along,
    raised,
    resampled,
    sideways,
    sweep,
)
from depth_seg_ros.virtual_world.textures.noise import fbm
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "terrain"


def rock_face(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    side: int,
    height: Float | float,
    *,
    lean: float = 0.35,
    back_m: float = 10.0,
) -> None:
    """A broken rock wall along a path on its side (+1: the rock rises to the right), ``height``
    metres (a number or one a point) high, leaning back, with a slope of grass behind its edge."""
    points = np.concatenate([path[:1], resampled(path, 1.3), path[-1:]])
    along = arc_length(points)
    tall = np.interp(along, arc_length(path), np.broadcast_to(np.asarray(height, float), len(path)))
    rows = 10
    t = np.linspace(0, 1, rows)
    noise = fbm(rng, 128, octaves=5, persistence=0.7, first=3)
    i = (np.arange(len(points)) * 5) % 128
    j = (np.arange(rows) * 9) % 128
    bump = noise[np.ix_(i, j)] - 0.5
    block = np.floor(noise[np.ix_((i * 3) % 128, (j * 5) % 128)] * 4) / 4 - 0.4
    out = lean * t * tall[:, None] - (2.6 * bump + 1.7 * block) * (0.3 + 0.7 * t)
    up = t * tall[:, None] + 0.6 * bump * tall[:, None] / 8 * np.sin(np.pi * t)
    up[:, 0] = -0.6
    right = sideways(points) * side
    grid = points[:, None] + right[:, None] * out[..., None]
    grid[..., 1] += up
    rock = palette("rock", LABEL)
    uv = np.stack(np.broadcast_arrays(along[:, None], t * float(tall.mean())), -1) / rock.repeat_m
    tint = 0.75 + 0.5 * (bump[:-1, :-1, None] + 0.5) * np.ones(3)
    facing = np.array([0.0, 0.15, 0.0]) - right.mean(0)
    builder.grid(grid, rock, uv=uv, up=facing, smooth=False, tint=tint)
    edge = grid[:, -1]
    behind = edge + right * back_m + [0, 1.5, 0]
    builder.grid(
        np.stack([edge, (edge + behind) / 2, behind], 1), palette("grass_1", LABEL), up=(0, 1, 0)
    )


def make_boulder(palette: Palette, rng: Generator, size: float | None = None) -> Mesh:
    """A rock of 0.3 to 2 m, half sunk."""
    builder = MeshBuilder()
    radius = float(rng.uniform(0.15, 1.0)) if size is None else size / 2
    sides, rings = 9, 6
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)[None]
    angle = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    unit = np.stack(
        np.broadcast_arrays(np.cos(latitude) * np.cos(angle), np.sin(latitude),
                            -np.cos(latitude) * np.sin(angle)), -1)  # fmt: skip
    rough = rng.uniform(0.7, 1.2, (sides + 1, rings + 1))
    rough[-1] = rough[0]
    rough[:, [0, -1]] = rough[0, [0, -1]]
    scale = radius * rng.uniform([0.8, 0.5, 0.8], [1.3, 0.9, 1.3])
    points = unit * rough[..., None] * scale + [0, 0.35 * scale[1], 0]
    tint = rng.uniform(0.75, 1.15)
    middle = np.array([0.0, 0.35 * scale[1], 0.0])
    builder.grid(points, palette("rock", LABEL, tint), normals=normalized(points - middle))
    mesh = builder.build()
    return _flat(mesh)


def _flat(mesh: Mesh) -> Mesh:
    """The same triangles with the normals of their faces, as broken stone has."""
    face = mesh.face_normals()
    keep = np.asarray(face.any(-1))
    solid = mesh.select(keep)
    broken = np.broadcast_to(face[keep][:, None], solid.normal.shape)
    return Mesh(**{**vars(solid), "normal": np.ascontiguousarray(broken, np.float32)})


def retaining_wall(
    builder: MeshBuilder, palette: Palette, rng: Generator, path: Float, height: float
) -> None:
    """Gabions (stone in wire cages, in steps) or a leaning wall of rubble along a path; the earth
    it holds is on the path's right."""
    if rng.random() < 0.5:
        stone = palette("ballast", "wall", rng.uniform(0.9, 1.2))
        for level in range(max(int(height), 1)):
            feet = resampled(path, 2.0)
            shift = sideways(feet) * (0.5 + 0.25 * level)
            boxes_along(
                builder, stone, raised(feet + shift, level + 0.5), (1.0, 0.98, 1.96), faces="xXYzZ"
            )
        return
    material = palette("rubble", "wall", rng.uniform(0.85, 1.1))
    lean = 0.12 * height
    outline = [(0.0, -0.5), (lean, height), (lean + 0.5, height), (lean + 0.5, -0.5)]
    sweep(builder, material, path, outline, caps=True)
