"""What stands out of a building's walls: sills, shutters, balconies, awnings, cornices, pipes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.buildings import facade
from depth_seg_ros.virtual_world.buildings.facade import UP, Plane
from depth_seg_ros.virtual_world.buildings.spec import BuildingSpec, Look
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator


def dress_openings(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    plane: Plane,
    hole: Float,
    is_door: NDArray[np.bool_],
    rng: Generator,
    *,
    front: bool,
) -> None:
    """Sills, surrounds, shutters, balconies, the door's step and canopy."""
    window = hole[~is_door]
    u0, v0, u1, v1 = window.T
    sill = np.stack([u0 - 0.06, v0 - 0.07, u1 + 0.06, v0], -1)
    facade.bars(builder, plane, sill, look.trim, 0.0, 0.08, sides=False)
    if spec.surround:
        for frame in (
            (u0 - 0.14, v0, u0, v1 + 0.14),
            (u1, v0, u1 + 0.14, v1 + 0.14),
            (u0, v1, u1, v1 + 0.14),
        ):
            facade.flat(builder, plane, np.stack(frame, -1), look.trim, 0.03)
    if spec.shutters:
        color = palette("wood", "building", rng.uniform(0.15, 0.6, 3))
        wide = (u1 - u0) * 0.5
        for frame in ((u0 - wide - 0.02, v0, u0 - 0.02, v1), (u1 + 0.02, v0, u1 + wide + 0.02, v1)):
            facade.flat(builder, plane, np.stack(frame, -1), color, 0.05)
    if spec.balconies != "none" and front:
        high = window[window[:, 1] > spec.plinth_m + spec.storey_m]
        columns = np.unique(np.round(high[:, 0], 2))
        chosen = columns[rng.random(len(columns)) < 0.5]
        _balconies(
            builder, spec, look, palette, plane, high[np.isin(np.round(high[:, 0], 2), chosen)]
        )
    if is_door.any():
        u0, v0, u1, _ = hole[is_door][0]
        facade.bars(builder, plane, [(u0 - 0.25, -0.6, u1 + 0.25, v0)], look.trim, 0.0, 0.5)
        if rng.random() < 0.5:
            facade.bars(
                builder, plane, [(u0 - 0.4, v0 + 2.4, u1 + 0.4, v0 + 2.5)], look.trim, 0.0, 0.9
            )


def _balconies(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    palette: Palette,
    plane: Plane,
    window: Float,
) -> None:
    if not len(window):
        return
    out = 1.15
    u0, v0, u1, _ = window.T
    low, high = u0 - 0.5, u1 + 0.5
    floor = v0 - 0.85
    facade.bars(
        builder, plane, np.stack([low, floor - 0.16, high, floor], -1), look.trim, 0.0, out + 0.05
    )
    if spec.balconies == "panel":
        panel = look.trim.tinted(0.85)
        facade.bars(
            builder, plane, np.stack([low, floor, high, floor + 0.95], -1), panel, out, out + 0.05
        )
    else:
        panel = palette("railing", "building", 0.16)
    for near, far in ((0.0, out), (out, 0.0)):
        edge = low if near == 0.0 else high
        points = np.stack(
            [
                plane.at(edge, floor, near),
                plane.at(edge, floor, far),
                plane.at(edge, floor + 0.95, far),
                plane.at(edge, floor + 0.95, near),
            ],
            1,
        )
        _both_sides(builder, points, panel, 0.95 if spec.balconies == "railing" else None)
    if spec.balconies == "railing":
        points = np.stack(
            [
                plane.at(low, floor, out),
                plane.at(high, floor, out),
                plane.at(high, floor + 0.95, out),
                plane.at(low, floor + 0.95, out),
            ],
            1,
        )
        _both_sides(builder, points, panel, 0.95)


def _both_sides(
    builder: MeshBuilder, corners: Float, material: Material, height: float | None
) -> None:
    """A thin sheet seen from either side; a railing's texture spans its height once."""
    both = replace(material, flags=material.flags | Surface.DOUBLE_SIDED)
    uv = None
    if height is not None:
        wide = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=-1) / material.repeat_m
        zero, one = np.zeros_like(wide), np.ones_like(wide)
        uv = np.stack(
            [np.stack(c, -1) for c in ((zero, zero), (wide, zero), (wide, one), (zero, one))], 1
        )
    builder.quads(corners, both, uv=uv)


def awnings(
    builder: MeshBuilder, palette: Palette, plane: Plane, hole: Float, rng: Generator
) -> None:
    chosen = hole[rng.random(len(hole)) < 0.4]
    if not len(chosen):
        return
    u0, _, u1, v1 = chosen.T
    top, drop, out = v1 - 0.55, 0.5, float(rng.uniform(0.8, 1.4))
    cloth = palette("plain", "building", rng.uniform(0.1, 0.9, 3), flags=Surface.DOUBLE_SIDED)
    points = np.stack(
        [
            plane.at(u0, top - drop, out),
            plane.at(u1, top - drop, out),
            plane.at(u1, top, 0.02),
            plane.at(u0, top, 0.02),
        ],
        1,
    )
    slope = np.asarray(plane.normal) * drop + UP * out
    builder.quads(
        points, cloth, normals=(slope / np.linalg.norm(slope))[None].repeat(len(chosen), 0)
    )
    facade.flat(builder, plane, np.stack([u0, top - drop - 0.2, u1, top - drop], -1), cloth, out)


def trims(
    builder: MeshBuilder,
    spec: BuildingSpec,
    look: Look,
    plane: Plane,
    width: float,
    rng: Generator,
    top: float,
) -> None:
    """Cornice, string course, downpipe."""
    if spec.kind in ("townhouse", "shophouse"):
        facade.bars(builder, plane, [(0, top - 0.25, width, top)], look.trim, 0.0, 0.22)
        course = spec.plinth_m + spec.storey_m
        facade.bars(
            builder,
            plane,
            [(0, course - 0.08, width, course + 0.08)],
            look.trim,
            0.0,
            0.07,
            sides=False,
        )
    if spec.kind not in ("shed",):
        pipe = 0.15 if rng.random() < 0.5 else width - 0.25
        facade.bars(
            builder, plane, [(pipe, -0.5, pipe + 0.1, top)], look.trim.tinted(0.5), 0.0, 0.12
        )
