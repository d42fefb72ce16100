"""Roofs: gable, gable facing the street, hip, mansard, flat; chimneys, dormers, machine rooms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.buildings import facade
from depth_seg_ros.virtual_world.buildings.facade import Plane
from depth_seg_ros.virtual_world.buildings.spec import BuildingSpec, Look
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator


def build_roof(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    rng: Generator,
    detail: int,
) -> None:
    """The roof above the eaves at ``spec.plinth_m + spec.height_m``."""
    eaves = spec.plinth_m + spec.height_m
    if spec.roof == "flat":
        _flat(builder, spec, look, palette, eaves, rng)
    elif spec.roof == "mansard":
        _mansard(builder, spec, look, palette, eaves, rng)
    elif spec.roof == "hip":
        _hip(builder, spec, look, eaves)
    else:
        _gable(builder, spec, look, palette, eaves, rng, detail)


def _flat(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    eaves: float,
    rng: Generator,
) -> None:
    half, depth = spec.width_m / 2, spec.depth_m
    rim = float(rng.uniform(0.3, 0.9))
    top = palette("roof_flat", "building")
    corners = np.array(
        [[(-half, eaves, 0), (half, eaves, 0), (half, eaves, depth), (-half, eaves, depth)]]
    )
    builder.quads(corners, top, normals=[(0.0, 1.0, 0.0)])
    centers = [
        (0, eaves + rim / 2, 0.1),
        (0, eaves + rim / 2, depth - 0.1),
        (-half + 0.1, eaves + rim / 2, depth / 2),
        (half - 0.1, eaves + rim / 2, depth / 2),
    ]
    sizes = [
        (2 * half + 0.08, rim, 0.28),
        (2 * half + 0.08, rim, 0.28),
        (0.28, rim, depth),
        (0.28, rim, depth),
    ]
    builder.boxes(centers, sizes, look.wall.tinted(0.95), faces="xXYzZ")
    for _ in range(int(rng.integers(0, 4))):
        size = rng.uniform([1.0, 0.8, 1.0], [4.0, 2.6, 3.5])
        size[[0, 2]] = np.minimum(size[[0, 2]], [spec.width_m * 0.5, depth * 0.4])
        x = rng.uniform(-half + size[0], half - size[0]) if half > size[0] else 0.0
        place = (x, eaves + size[1] / 2, rng.uniform(depth * 0.35, depth * 0.8))
        builder.box(place, size, palette("metal", "building", rng.uniform(0.4, 0.8)), faces="xXYzZ")


def _slope(builder: MeshBuilder, corners: Float, look: Look) -> None:
    """A roof face (eaves left, eaves right, ridge right, ridge left) and its underside."""
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    normal = normal * (1 if normal[1] > 0 else -1) / np.linalg.norm(normal)
    run = np.linalg.norm(corners[1] - corners[0]) / look.roof.repeat_m
    rise = np.linalg.norm(corners[3] - corners[0]) / look.roof.repeat_m
    inset = np.linalg.norm(corners[2] - corners[3]) / look.roof.repeat_m
    left = (run - inset) / 2
    uv = np.array([(0, 0), (run, 0), (run - left, rise), (left, rise)])
    builder.quads(corners[None], look.roof, uv=uv, normals=normal[None])
    builder.quads(corners[None] - [0, 0.12, 0], look.trim.tinted(0.7), uv=uv, normals=-normal[None])
    drop = np.array([corners[0], corners[1], corners[1] - [0, 0.14, 0], corners[0] - [0, 0.14, 0]])
    out = normal * [1, 0, 1]
    builder.quads(drop[None], look.trim, normals=(out / np.linalg.norm(out))[None])


def _gable(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    eaves: float,
    rng: Generator,
    detail: int,
) -> None:
    along_x = spec.roof == "gable"
    half, depth, over = spec.width_m / 2, spec.depth_m, float(rng.uniform(0.2, 0.55))
    span = depth if along_x else spec.width_m
    rise = span / 2 * spec.roof_pitch
    drop = over * spec.roof_pitch
    side = 0.02 if spec.kind in ("townhouse", "shophouse", "rowhouse") else over * 0.7
    ridge = eaves + rise
    if along_x:
        x0, x1, z = -half - side, half + side, depth / 2
        faces = [
            [(x0, eaves - drop, -over), (x1, eaves - drop, -over), (x1, ridge, z), (x0, ridge, z)],
            [
                (x1, eaves - drop, depth + over),
                (x0, eaves - drop, depth + over),
                (x0, ridge, z),
                (x1, ridge, z),
            ],
        ]
        ends = [[(x, eaves, 0), (x, eaves, depth), (x, ridge, z)] for x in (-half, half)]
        outward = np.array([[-1.0, 0, 0], [1.0, 0, 0]])
    else:
        z0, z1 = -side, depth + side
        faces = [
            [
                (-half - over, eaves - drop, z1),
                (-half - over, eaves - drop, z0),
                (0, ridge, z0),
                (0, ridge, z1),
            ],
            [
                (half + over, eaves - drop, z0),
                (half + over, eaves - drop, z1),
                (0, ridge, z1),
                (0, ridge, z0),
            ],
        ]
        ends = [[(-half, eaves, z), (half, eaves, z), (0, ridge, z)] for z in (0, depth)]
        outward = np.array([[0, 0, -1.0], [0, 0, 1.0]])
    for corners in faces:
        _slope(builder, np.array(corners), look)
    builder.tri(np.array(ends), look.wall, normals=outward)
    if spec.kind in ("shed",):
        return
    if not along_x and rise > 2.2 and detail:
        plane = Plane(np.array([-half, eaves, 0]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
        facade.picture(
            builder,
            plane,
            [(half - 0.55, 0.35, half + 0.55, 1.55)],
            look.panes,
            rng.integers(4),
            0.02,
        )
    _chimney(builder, spec, palette, eaves, ridge, rng, along_x=along_x)
    if along_x and spec.dormers and detail and rise > 2.4:
        _dormers(builder, spec, look, eaves, rise, rng)


def _chimney(
    builder: MeshBuilder,
    spec: BuildingSpec,
    palette: Palette,
    eaves: float,
    ridge: float,
    rng: Generator,
    *,
    along_x: bool,
) -> None:
    for _ in range(int(rng.integers(0, 3))):
        x = rng.uniform(-0.4, 0.4) * spec.width_m
        z = spec.depth_m * rng.uniform(0.45, 0.7)
        size = rng.uniform(0.45, 0.9)
        low = eaves + (ridge - eaves) * 0.35
        top = ridge + rng.uniform(0.4, 1.1)
        builder.box(
            (x if along_x else x * 0.4, (low + top) / 2, z),
            (size, top - low, size * 0.8),
            palette("brick_0", "building", rng.uniform(0.6, 1.0)),
            faces="xXYzZ",
        )


def _dormers(
    builder: MeshBuilder, spec: BuildingSpec, look: Look, eaves: float, rise: float, rng: Generator
) -> None:
    """Small windowed boxes on the street side of the roof."""
    count = max(1, int(spec.width_m / rng.uniform(3.2, 5)))
    height, wide = min(1.5, rise * 0.5), 1.3
    for x in (np.arange(count) + 0.5) / count * spec.width_m - spec.width_m / 2:
        base = eaves + 0.35
        z = (base - eaves) / spec.roof_pitch
        deep = height / spec.roof_pitch
        builder.box(
            (x, base + height / 2, z + deep / 2), (wide, height, deep), look.wall, faces="xXz"
        )
        builder.box(
            (x, base + height + 0.06, z + deep / 2 - 0.1),
            (wide + 0.3, 0.12, deep + 0.4),
            look.roof,
            faces="xXYyz",
        )
        plane = Plane(
            np.array([x - wide / 2, base, z]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
        )
        facade.picture(
            builder,
            plane,
            [(0.15, 0.15, wide - 0.15, height - 0.1)],
            look.panes,
            rng.integers(4),
            0.02,
        )


def _hip(builder: MeshBuilder, spec: BuildingSpec, look: Look, eaves: float) -> None:
    over = 0.45
    half, z0, z1 = spec.width_m / 2 + over, -over, spec.depth_m + over
    span = min(spec.width_m, spec.depth_m) + 2 * over
    rise, low = span / 2 * spec.roof_pitch * 0.75, eaves - 0.1
    ridge = low + rise
    middle = spec.depth_m / 2
    reach = max(half - span / 2, 0.01)
    inner = max((z1 - z0) / 2 - span / 2, 0.0)
    a, b = (-reach, ridge, middle), (reach, ridge, middle)
    if inner > 0:  # deeper than wide: the ridge runs away from the street
        a, b = (0.0, ridge, middle - inner), (0.0, ridge, middle + inner)
        faces = [
            [(half, low, z0), (half, low, z1), b, a],
            [(-half, low, z1), (-half, low, z0), a, b],
        ]
        ends = [[(-half, low, z0), (half, low, z0), a], [(half, low, z1), (-half, low, z1), b]]
    else:
        faces = [
            [(-half, low, z0), (half, low, z0), b, a],
            [(half, low, z1), (-half, low, z1), a, b],
        ]
        ends = [[(half, low, z0), (half, low, z1), b], [(-half, low, z1), (-half, low, z0), a]]
    for corners in faces:
        _slope(builder, np.array(corners, np.float64), look)
    for left, right, top in ends:
        corner = np.array([left, right, top, top], np.float64)
        _slope(builder, corner + [[0, 0, 0]] * 4, look)


def _mansard(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    eaves: float,
    rng: Generator,
) -> None:
    """A steep storey of roof with windows, flat above."""
    half, depth, height, back = spec.width_m / 2, spec.depth_m, 2.6, 0.9
    top = eaves + height
    for front in (True, False):
        z0, z1 = (0.0, back) if front else (depth, depth - back)
        corners = np.array(
            [(-half, eaves, z0), (half, eaves, z0), (half, top, z1), (-half, top, z1)]
        )
        _slope(builder, corners, look)
    for x in (-half, half):
        corners = np.array(
            [[(x, eaves, 0), (x, eaves, depth), (x, top, depth - back), (x, top, back)]]
        )
        builder.quads(corners, look.wall, normals=[(np.sign(x), 0.0, 0.0)])
    builder.quads(
        np.array(
            [
                [
                    (-half, top, back),
                    (half, top, back),
                    (half, top, depth - back),
                    (-half, top, depth - back),
                ]
            ]
        ),
        palette("roof_flat", "building"),
        normals=[(0.0, 1.0, 0.0)],
    )
    edges = np.linspace(-half, half, max(1, round(spec.width_m / spec.bay_m)) + 1)
    for x in (edges[:-1] + edges[1:]) / 2:
        builder.box((x, eaves + 1.05, 0.62), (1.25, 1.7, 0.9), look.trim, faces="xXYz")
        plane = Plane(
            np.array([x - 0.625, eaves + 0.2, 0.17]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
        )
        facade.picture(
            builder, plane, [(0.12, 0.12, 1.13, 1.58)], look.panes, rng.integers(4), 0.02
        )
