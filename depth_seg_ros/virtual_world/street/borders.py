"""Where one place on a drive ends and the next begins: the faces that close their steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.land.terrain import Ground
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.plan.section import KERB_TOP_M
from depth_seg_ros.virtual_world.street.roads import road_height
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]

REACH_M = 30.0
"""How far from the centre line neighbours may differ."""
_OVERLAP_M = 0.04


def build_border(
    builder: MeshBuilder, ground: Ground, palette: Palette, before: Layout, after: Layout
) -> None:
    """Upright faces across the whole way at ``before.high_m``, from the lower surface to the
    higher one: the ends of kerbs, pavements and banks."""
    s = before.high_m
    lateral: Float = np.arange(-REACH_M, REACH_M, 0.4)
    for layout in (before, after):
        for side in (-1, 1):
            edge = side * layout.section.edge(side)
            steps = [0.0, 0.02 * side, KERB_TOP_M * side, side * layout.section.side_width]
            lateral = np.append(lateral, edge + np.array(steps))
    lateral = np.unique(lateral)
    one, other = (_surface(layout, ground, s, lateral) for layout in (before, after))
    low, high = np.minimum(one, other) - _OVERLAP_M, np.maximum(one, other)
    there = (high - low)[:-1] + (high - low)[1:] > 2.5 * _OVERLAP_M
    foot = before.axis.at(s, lateral)
    corners = np.stack([_raised(foot, low), _raised(foot, high)])  # [2, N, 3]
    faces = np.stack([corners[0, :-1], corners[0, 1:], corners[1, 1:], corners[1, :-1]], 1)
    kerbs = np.abs(lateral[:-1]) < max(
        layout.section.outer(side) for layout in (before, after) for side in (-1, 1)
    )
    for part, texture, name in ((kerbs, "kerb", "sidewalk"), (~kerbs, "soil", "terrain")):
        material = palette(texture, name, flags=Surface.DOUBLE_SIDED)
        builder.quads(faces[there & part], material)


def _surface(layout: Layout, ground: Ground, s: float, lateral: Float) -> Float:
    """Height of what one walks on at the border of a place [N]."""
    base = float(road_height(layout, np.array(s)))
    x, _, z = layout.axis.at(s, lateral).T
    height = ground.height(x, z)
    road = layout.parameters.road
    for side in (-1, 1):
        out = side * lateral - layout.section.edge(side)
        on = (out >= 0) & (out <= layout.section.side_width)
        rise = road.kerb_m * np.clip(out / 0.02, 0, 1) if road.kerb_m else -0.04
        height = np.where(on, base + rise, height)
    inside = (lateral >= layout.section.left_edge) & (lateral <= layout.section.right_edge)
    return np.where(inside, base, height)


def _raised(foot: Float, height: Float) -> Float:
    points = foot.copy()
    points[:, 1] = height
    return points
