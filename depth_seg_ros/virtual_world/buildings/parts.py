"""The walls of a building, storey by storey: windows, doors, shops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.arcade import make_arcade
from depth_seg_ros.virtual_world.buildings import facade
from depth_seg_ros.virtual_world.buildings.facade import Plane
from depth_seg_ros.virtual_world.buildings.relief import awnings, dress_openings, trims
from depth_seg_ros.virtual_world.buildings.spec import FOUNDATION_M, BuildingSpec, Look
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator


ARCADE_M = 3.0
"""Depth of the walk behind arches."""


def build_wall(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    plane: Plane,
    width: float,
    rng: Generator,
    *,
    relief: bool,
    front: bool,
) -> None:
    """One side of a building, from below the ground to the eaves."""
    facade.flat(builder, plane, [(0, -FOUNDATION_M, width, spec.plinth_m)], look.base.tinted(0.8))
    blind = not front and (spec.kind in ("shed", "barn") or rng.random() < 0.3)
    top = spec.plinth_m + spec.height_m
    if blind:
        floors = spec.plinth_m + np.arange(spec.storeys + 1) * spec.storey_m
        boxes = np.stack(
            [np.zeros(spec.storeys), floors[:-1], np.full(spec.storeys, width), floors[1:]], -1
        )
        facade.flat(builder, plane, boxes, look.wall)
    elif spec.ribbon == "curtain":
        _curtain(builder, spec, palette, plane, width)
    else:
        _storeys(builder, spec, look, palette, plane, width, rng, relief=relief, front=front)
    if relief and front:
        trims(builder, spec, look, plane, width, rng, top)


def _bays(spec: BuildingSpec, width: float) -> Float:
    count = max(1, round(width / spec.bay_m))
    return np.linspace(0, width, count + 1)


def _curtain(
    builder: MeshBuilder, spec: BuildingSpec, palette: Palette, plane: Plane, width: float
) -> None:
    """A glazed wall: one texture over everything."""
    glass = palette("glass_wall", "building", np.asarray(spec.trim_tint) ** 0.3)
    columns = max(1, round(width / glass.repeat_m))
    rows = spec.storeys / 2
    box = np.array([[0, spec.plinth_m, width, spec.plinth_m + spec.height_m]])
    uv = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)])
    builder.quads(plane.rectangles(box), glass, uv=uv, normals=plane.normal[None])


def _storeys(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    plane: Plane,
    width: float,
    rng: Generator,
    *,
    relief: bool,
    front: bool,
) -> None:
    edges = _bays(spec, width)
    door = int(rng.integers(len(edges) - 1)) if front else -1
    first = 0
    if front and spec.ground_floor in ("shop", "garage", "glass", "arcade"):
        _special_floor(builder, spec, look, palette, plane, edges, rng, relief=relief)
        first, door = 1, -1
    cells, holes = [], []
    for floor in range(first, spec.storeys):
        bottom = spec.plinth_m + floor * spec.storey_m
        for k in range(len(edges) - 1):
            cells.append((edges[k], bottom, edges[k + 1], bottom + spec.storey_m))
            holes.append(
                _hole(spec, edges[k], edges[k + 1], bottom, is_door=floor == 0 and k == door)
            )
    if not cells:
        return
    cell, hole = np.array(cells), np.array(holes)
    is_door = np.zeros(len(cell), bool)
    if first == 0 and door >= 0:
        is_door[door] = True
    ground = cell[:, 1] < spec.plinth_m + 0.1
    for pick, material in ((ground, look.base), (~ground, look.wall)):
        if relief:
            facade.pierced(builder, plane, cell[pick], hole[pick], material, spec.reveal_m)
        else:
            facade.flat(builder, plane, cell[pick], material)
    depth = -spec.reveal_m + 0.005 if relief else 0.02
    kind = rng.integers(4)
    own = np.where(rng.random(len(hole)) < 0.6, kind, rng.integers(0, 4, len(hole)))
    facade.picture(builder, plane, hole[~is_door], look.panes, own[~is_door], depth)
    if is_door.any():
        facade.picture(
            builder, plane, hole[is_door], palette("doors", "building"), rng.integers(4), depth
        )
    if relief:
        dress_openings(builder, spec, look, palette, plane, hole, is_door, rng, front=front)


def _hole(
    spec: BuildingSpec, left: float, right: float, bottom: float, *, is_door: bool
) -> tuple[float, float, float, float]:
    middle, bay = (left + right) / 2, right - left
    if is_door:
        half = min(0.55, bay * 0.45)
        return (middle - half, bottom + 0.02, middle + half, bottom + min(2.2, spec.storey_m - 0.3))
    half = bay * spec.window_share / 2
    if spec.ribbon == "ribbon":
        half = bay * 0.47
    height = spec.storey_m * spec.window_height
    sill = bottom + min(0.95, spec.storey_m - height - 0.35)
    return (middle - half, sill, middle + half, sill + height)


def _special_floor(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    plane: Plane,
    edges: Float,
    rng: Generator,
    *,
    relief: bool,
) -> None:
    """A ground floor of shops, garage doors, glass or arches."""
    low, high = spec.plinth_m, spec.plinth_m + spec.storey_m
    width = float(edges[-1])
    if spec.ground_floor == "arcade":
        _arcade(builder, look, palette, plane, width, high, rng, relief=relief)
        return
    if spec.ground_floor == "shop":
        count = max(1, round(width / rng.uniform(4.0, 6.5)))
    else:
        count = max(1, round(width / max(spec.bay_m, 3.2)))
    edge = np.linspace(0, width, count + 1)
    tall = 0.92 if spec.ground_floor != "garage" else min(0.8, 4.2 / spec.storey_m)
    cell = np.stack([edge[:-1], np.full(count, low), edge[1:], np.full(count, high)], -1)
    rim = 0.04 if spec.ground_floor != "garage" else 0.14
    hole = np.stack(
        [
            edge[:-1] + rim * np.diff(edge),
            np.full(count, low + 0.02),
            edge[1:] - rim * np.diff(edge),
            np.full(count, low + spec.storey_m * tall),
        ],
        -1,
    )
    depth = 0.18
    if relief:
        facade.pierced(builder, plane, cell, hole, look.base, depth)
    else:
        facade.flat(builder, plane, cell, look.base)
    d = -depth + 0.005 if relief else 0.02
    if spec.ground_floor == "shop":
        facade.picture(
            builder,
            plane,
            hole,
            palette(f"shops_{rng.integers(2)}", "building"),
            rng.integers(0, 4, count),
            d,
        )
        if relief:
            awnings(builder, palette, plane, hole, rng)
    elif spec.ground_floor == "garage":
        color = palette("garage", "building", rng.uniform(0.3, 1.0) * rng.uniform(0.7, 1.1, 3))
        facade.whole(builder, plane, hole, color, d)
    else:
        glass = palette("glass_wall", "building")
        facade.flat(builder, plane, hole, glass, d)


def _arcade(
    builder: MeshBuilder,
    look: Look,
    palette: Palette,
    plane: Plane,
    width: float,
    height: float,
    rng: Generator,
    *,
    relief: bool,
) -> None:
    """Arches that carry the front, a paved walk behind them."""
    if not relief:
        facade.flat(builder, plane, [(0, 0, width, height)], look.dark)
        return
    mesh = make_arcade(palette, rng, width, height=height, depth=ARCADE_M, wall=look.base)
    turn = np.stack([-plane.normal, facade.UP, -plane.right], -1)
    builder.add(mesh.transformed(turn, plane.at(width / 2, 0.0)))
    floor = [plane.at(u, 0.04, d) for u, d in
             ((0, 0), (width, 0), (width, -ARCADE_M), (0, -ARCADE_M))]  # fmt: skip
    paving = palette(f"paving_{int(rng.integers(3))}", "sidewalk", 0.9)
    builder.quads([floor], paving, normals=np.array([0.0, 1.0, 0.0]))
