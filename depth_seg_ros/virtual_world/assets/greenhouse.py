"""The upper part of a car body: windows, pillars and roof, built for the right half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.assets.body_plan import GLASS_ROWS, BodyPlan
from depth_seg_ros.virtual_world.geometry.mesh import normalized
from depth_seg_ros.virtual_world.geometry.primitives import grid_normals
from depth_seg_ros.virtual_world.geometry.shapes import Float, ShapeBuilder

BASE_INSET_M = 0.085
"""The window line lies this far inside the body's side."""


@dataclass(frozen=True)
class Windows:
    """Which openings are glass; the rest is painted metal."""

    rear_door: bool = True
    quarter: bool = False
    backlight: bool = True


@dataclass(frozen=True)
class Greenhouse:
    """Columns from the windscreen's middle to the rear window's, rows from window line to roof."""

    points: Float  # [C, R, 3]
    normals: Float  # [C, R, 3]
    slots: list[str]  # [C - 1] material of each column's window rows


# Columns: slot of the cell to the next column.
_SLOTS = [
    "glass_front",
    "glass_front",
    "body",
    "trim",
    "glass_side",
    "trim",
    "glass_side",
    "trim",
    "glass_side",
    "body",
    "body",
    "glass_rear",
    "glass_rear",
]

_FAR_COLUMNS = [0, 2, 3, 5, 6, 8, 10, 11, 13]


def sample_greenhouse(plan: BodyPlan, windows: Windows, far: bool) -> Greenhouse:
    """Points, normals and the material of each column."""
    base, top = _feet(plan)
    rows = np.array([0.0, 0.9, 1.0]) if far else GLASS_ROWS
    base_y = plan.deck_y(base[:, 1]) - 0.01
    top_y = plan.roof_y(top[:, 1])
    low = np.stack([base[:, 0], base_y, base[:, 1]], -1)
    high = np.stack([top[:, 0], top_y, top[:, 1]], -1)
    points = low[:, None] + (high - low)[:, None] * rows[:, None]
    outward = np.zeros((len(low), 3))
    outward[:4, 2], outward[3:11, 0], outward[10:, 2] = 1, 1, -1
    bulge = 0.03 * 4 * rows * (1 - rows)
    points = points + normalized(outward)[:, None] * bulge[:, None]
    points[[0, -1], :, 0] = 0
    normals = grid_normals(points)
    normals[[0, -1], :, 0] = 0
    slots = list(_SLOTS)
    if not windows.rear_door:
        slots[5] = slots[6] = slots[7] = "body"
    if not windows.quarter:
        slots[8] = "body"
    if not windows.backlight:
        slots[11] = slots[12] = "body"
    normals = normalized(normals)
    if far:
        points, normals = points[_FAR_COLUMNS], normals[_FAR_COLUMNS]
        slots = [slots[4] if c == 3 else slots[c] for c in _FAR_COLUMNS[:-1]]
    return Greenhouse(points, normals, slots)


def _feet(plan: BodyPlan) -> tuple[Float, Float]:
    """(x, z) of every column at the window line [14, 2] and at the roof [14, 2]."""
    wide = plan.half_width - BASE_INSET_M
    narrow = wide - plan.tumblehome
    cowl, screen = plan.cowl_z, plan.screen_top_z
    back, roof = plan.backlight_z, plan.roof_rear_z
    b_z, c_z = plan.b_pillar_z, plan.c_pillar_z
    corner_back = back + 0.13
    quarter = corner_back + 0.05 + 0.10 * (roof - back > 0.3)
    c_top = max(min(c_z - 0.02, b_z - 0.3), roof + 0.22)
    base_z = [
        cowl + 0.06,
        cowl + 0.03,
        cowl - 0.05,
        cowl - 0.16,
        cowl - 0.30,
        b_z + 0.045,
        b_z - 0.045,
        c_z,
        c_z - 0.06,
        min(quarter, c_z - 0.10),
        corner_back,
        back + 0.03,
        back - 0.01,
        back - 0.02,
    ]
    top_z = [
        screen + 0.03,
        screen + 0.015,
        screen - 0.03,
        screen - 0.10,
        screen - 0.16,
        b_z + 0.02,
        b_z - 0.06,
        c_top,
        c_top - 0.06,
        max(roof + 0.12, min(c_top - 0.10, roof + 0.2)),
        roof + 0.07,
        roof + 0.03,
        roof + 0.01,
        roof,
    ]
    across = np.array([0, 0.55, 0.91, 1, 1, 1, 1, 1, 1, 1, 1, 0.88, 0.5, 0])
    back_narrow = np.array([0] * 8 + [0.0, 0.02, 0.04, 0.04, 0.02, 0])  # waist narrows to the rear
    base = np.stack([wide * (across - back_narrow * across), base_z], -1)
    top = np.stack([narrow * (across - 1.2 * back_narrow * across), top_z], -1)
    return base, top


def add_greenhouse(b: ShapeBuilder, house: Greenhouse) -> None:
    """Pillars, frames and glass. Window cells carry uv 0..1 over each window of the car."""
    points, columns = house.points, len(house.points)
    rows = points.shape[1]
    cells = np.zeros((columns - 1, rows - 1), np.int32)
    cells[:] = np.array([b.slot(slot) for slot in house.slots])[:, None]
    cells[:, -1] = b.slot("body")
    glazed = np.array([slot.startswith(("glass", "trim")) for slot in house.slots])
    if rows > 3:
        cells[:, 0] = np.where(glazed, b.slot("trim"), b.slot("body"))
    v = np.broadcast_to(
        (points[..., 1] - points[:, :1, 1]) / (points[:, -1:, 1] - points[:, :1, 1]),
        points.shape[:2],
    )
    uv = np.stack([_window_u(points), v], -1)
    b.grid(points, cells, normals=house.normals, uv=uv)


def _window_u(points: Float) -> Float:
    """Along the side 0 (rear) .. 1 (front); across screens 0.5 (middle) .. 1 (edge)."""
    x, z = points[..., 0], points[..., 2]
    corner, back = (3, 10) if len(points) > len(_FAR_COLUMNS) else (2, 6)
    side = (z - z[[back]]) / (z[[corner]] - z[[back]])
    across = 0.5 + 0.5 * x / np.maximum(x[[corner]], 1e-6)
    column = np.arange(len(points))[:, None]
    return np.asarray(np.where((column >= corner) & (column <= back), side, across))


def add_roof(b: ShapeBuilder, plan: BodyPlan, house: Greenhouse, far: bool) -> None:
    """The roof panel, domed between the windows' upper edges."""
    edge = house.points[:, -1]
    g = np.array([0.0, 1.0]) if far else np.array([0.0, 0.1, 0.4, 1.0])
    grid = np.repeat(edge[:, None], len(g), 1)
    grid[..., 0] *= 1 - g
    grid[..., 1] += plan.crown * (1 - (1 - g) ** 2) * np.minimum(edge[:, :1] * 4, 1)
    ends = np.minimum(np.abs(edge[:, 2] - edge[0, 2]), np.abs(edge[:, 2] - edge[-1, 2]))
    flat_end = plan.crown * (1 - np.clip(ends / 0.5, 0, 1)) ** 2
    grid[..., 1] -= flat_end[:, None] * (1 - (1 - g) ** 2)
    b.grid(grid, "body", uv=grid[..., [0, 2]] / 3)
