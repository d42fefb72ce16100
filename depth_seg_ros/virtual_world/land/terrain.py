"""The land: near the road as it needs it, rolling beyond, hills on the horizon.

Places that follow each other along a drive have land of their own; between them it blends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.plan.layout import Layout, smoothstep
from depth_seg_ros.virtual_world.textures.noise import fbm
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
UP = (0.0, 1.0, 0.0)
NEAR_M = np.array([-0.4, 0.5, 1.3, 2.2, 3.4, 5, 8, 12, 18, 26])
"""Columns of the land near the road, from the pavement's outer edge."""

_UNDER_M = 20.0
"""Where the far land, drawn with fewer rows, begins: under the near, so that no slit is between."""
_ON_M = 6.0
"""How far it runs on under the far land of the next place."""

HORIZON_M = (330.0, 750.0, 1500.0)
"""Rings of hills, beyond the half of the drive's extent."""

NOISE_M = 420.0
"""Metres one repeat of the land's noise covers."""


BACKSTOP_M = 2.5
"""How deep under the land a second, coarse land lies: where two places' land meets at a curve it
may gape by centimetres, and a drone would see the sky below the horizon."""
_BACKSTOP_CELL_M = 20.0
_SAMPLES = 2
"""Of the land, along each cell of it."""

BLEND_M = 8.0
"""Half the length over which the land of one place becomes that of the next."""


class Ground:
    """Height of the land anywhere on a drive."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self._axis = layouts[0].axis
        self._parts = [PlaceGround(layout) for layout in layouts]
        self._ends = [layout.high_m for layout in layouts[:-1]]

    def height(self, x: ArrayLike, z: ArrayLike) -> Float:
        """Height [...] at world points."""
        if len(self._parts) == 1:
            return self._parts[0].height(x, z)
        px, pz = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(z, np.float64))
        s, _ = self._axis.project(px, pz)
        height = np.zeros(px.shape)
        rest = np.ones(px.shape)
        for part, end in zip(self._parts, [*self._ends, np.inf], strict=True):
            weight = rest * (1 - smoothstep((s - end + BLEND_M) / (2 * BLEND_M)))
            here = weight > 0
            if here.any():
                height[here] += weight[here] * part.height(px[here], pz[here])
            rest = rest - weight
        return height


class PlaceGround:
    """Height of the land of one place; under side roads it lies a little below their surface."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        rng = layout.parameters.rng("terrain")
        self._noise = fbm(rng, 128, octaves=4, persistence=0.45, first=2) - 0.45
        self._mean = float(layout.axis.center[:, 1].mean())

    def height(self, x: ArrayLike, z: ArrayLike) -> Float:
        """Height [...] at world points."""
        layout = self._layout
        road, around = layout.parameters.road, layout.parameters.surroundings
        s, lateral = layout.axis.project(x, z)
        side = np.where(lateral >= 0, 1, -1)
        outer = np.where(side > 0, layout.section.outer(1), layout.section.outer(-1))
        beyond = np.abs(lateral) - outer
        far = smoothstep((beyond - 20) / 130)
        level = layout.axis.height_at(s) * (1 - far) + self._mean * far
        pavement = road.kerb_m + 0.015 * road.pavement_m - 0.02 if road.kerb_m else -0.05
        share = np.where(side > 0, around.banks[1], around.banks[0])
        bank = (
            share
            * around.embankment_m
            * smoothstep((beyond - 1.5) / max(4, abs(around.embankment_m) * 2.5))
        )
        ditch = (
            0.0
            if road.kerb_m or layout.parameters.traffic.closed
            else -0.35 * smoothstep((beyond - 0.4) / 1.2) * smoothstep((3.4 - beyond) / 1.2)
        )
        waves = (
            self._sample(x, z)
            * around.hill_m
            * smoothstep((beyond - 4) / 70)
            * (1 + smoothstep((beyond - 60) / 200))
        )
        deep = smoothstep((beyond - 1.0) / 1.4) * smoothstep((4.6 - beyond) / 1.4)
        height = level + pavement + bank + ditch + waves - around.ditch_m * deep
        for arm in layout.arms:
            out = np.abs(lateral) - arm.edge_m
            u = np.abs(arm.u_of(s, out))
            half = arm.junction.width_m / 2
            there = (side == arm.side) & (out > 0)
            reach = 1 - smoothstep((out - arm.length_m) / 10)
            sink = 0.13 + pavement * (1 - smoothstep((u - half - layout.section.side_width) / 1.5))
            weight = (1 - smoothstep((u - half - layout.section.side_width - 1) / 14)) * reach
            flat = arm.height(layout.axis, s, out) + pavement - sink
            height = np.where(there, height * (1 - weight) + flat * weight, height)
        return np.asarray(height)

    def _sample(self, x: ArrayLike, z: ArrayLike) -> Float:
        """Bilinear, repeating noise at world points."""
        n = len(self._noise)
        column = np.asarray(x, np.float64) / NOISE_M * n
        row = np.asarray(z, np.float64) / NOISE_M * n
        c0, r0 = np.floor(column).astype(int), np.floor(row).astype(int)
        a, b = column - c0, row - r0
        pick = self._noise
        return np.asarray(
            (pick[r0 % n, c0 % n] * (1 - a) + pick[r0 % n, (c0 + 1) % n] * a) * (1 - b)
            + (pick[(r0 + 1) % n, c0 % n] * (1 - a) + pick[(r0 + 1) % n, (c0 + 1) % n] * a) * b
        )


def build_terrain(builder: MeshBuilder, layout: Layout, ground: Ground, palette: Palette) -> None:
    """Land on both sides of the road and, from the first place, the horizon."""
    rng = layout.parameters.rng("land")
    for side in (-1, 1):
        _side(builder, layout, ground, palette, side, rng)
    if layout.first:
        _horizon(builder, layout, palette, rng)


def build_backstop(
    builder: MeshBuilder, layouts: Sequence[Layout], ground: Ground, palette: Palette
) -> None:
    """Coarse land under all of a drive, out to the hills on the horizon."""
    low, high = _extent(layouts[0])
    reach = float(np.hypot(*(high - low)[[0, 2]])) / 2 + HORIZON_M[0]
    middle = (low + high) / 2
    cells = int(np.ceil(2 * reach / _BACKSTOP_CELL_M))
    steps = np.linspace(-reach, reach, cells * _SAMPLES + 1)
    points = np.stack(
        np.broadcast_arrays(middle[0] + steps[None], 0.0, middle[2] + steps[:, None]), -1
    )
    height = ground.height(points[..., 0], points[..., 2])
    # The lowest land of the cells around, so that it comes out nowhere.
    points[..., 1] = cv2.erode(height, np.ones((2 * _SAMPLES + 1,) * 2)) - BACKSTOP_M
    points = points[::_SAMPLES, ::_SAMPLES]
    season = np.asarray(layouts[0].parameters.surroundings.season_tint)
    material = palette("grass_1", "terrain", season)
    builder.grid(points, material, uv=points[..., [0, 2]] / material.repeat_m, up=UP)


def _extent(layout: Layout) -> tuple[Float, Float]:
    """Lowest and highest corner of the drive's axis."""
    return layout.axis.center.min(0), layout.axis.center.max(0)


def _side(
    builder: MeshBuilder,
    layout: Layout,
    ground: Ground,
    palette: Palette,
    side: int,
    rng: np.random.Generator,
) -> None:
    axis = layout.axis
    near = NEAR_M
    far = np.array([_UNDER_M, 26, 36, 50, 70, 95, 130, 180, 250, 340])
    edge = layout.section.outer(side)
    if not layout.parameters.road.kerb_m:
        near = np.concatenate([[0.55], near[2:]])
    rows: Float = np.arange(layout.low_m, layout.high_m + (0.0 if layout.last else 0.1), 4.0)
    points = axis.at(rows[:, None], side * (edge + near)[None])
    points[..., 1] = ground.height(points[..., 0], points[..., 2])
    kerb = layout.parameters.road.kerb_m
    beside = np.ones(len(rows), bool)  # in the mouths of side roads the land stays below them
    for low, high in layout.openings(side):
        beside &= (rows < low) | (rows > high)
    points[beside, 0, 1] = axis.height_at(rows[beside]) + (kerb - 0.02 if kerb else -0.031)
    _land(builder, layout, palette, points, rng, near=True)
    low = layout.low_m - (40 if layout.first else 0)
    rows = np.arange(low, layout.high_m + (160 if layout.last else 0), 10.0)
    if not layout.last:
        rows = np.append(rows, [layout.high_m, layout.high_m + _ON_M])
    mean_heading = float(axis.heading.mean())
    sideways = side * np.array([np.cos(mean_heading), 0, -np.sin(mean_heading)])
    inside = np.clip(rows, axis.s[0], axis.s[-1])
    start = axis.at(inside, side * (edge + 26.0))
    heading = axis.heading_at(inside)
    ahead = np.stack([np.sin(heading), 0 * heading, np.cos(heading)], -1)
    start = start + ahead * (rows - inside)[:, None]
    points = start[:, None] + sideways * (far - 26)[None, :, None]
    points[..., 1] = ground.height(points[..., 0], points[..., 2])
    points[:, 0, 1] -= 1.0
    if not layout.last:
        points[-1, :, 1] -= 1.0
    _land(builder, layout, palette, points, rng, near=False)


def _land(
    builder: MeshBuilder,
    layout: Layout,
    palette: Palette,
    points: Float,
    rng: np.random.Generator,
    *,
    near: bool,
) -> None:
    """Cover a grid of points with what grows or lies there."""
    around = layout.parameters.surroundings
    kind = around.ground
    season = np.asarray(around.season_tint)
    if near and around.ground_texture:
        season = np.ones(3) if around.ground_class != "terrain" else season
        material = palette(around.ground_texture, around.ground_class, season)
    elif near and kind == "paving":
        name = str(rng.choice(["paving_0", "paving_1", "paving_2", "gravel"]))
        material = palette(
            name, "sidewalk" if name != "gravel" else "terrain", rng.uniform(0.8, 1.05)
        )
    elif near or kind in ("lawn", "paving"):
        material = palette("grass_1" if kind == "meadow" else "grass_0", "terrain", season)
    elif kind == "field":
        material = palette("field_0", "terrain", season)
    else:
        material = palette("grass_1", "terrain", season)
    shape = (points.shape[0] - 1, points.shape[1] - 1)
    if near:
        tint: Float = np.ones((*shape, 1)) * rng.uniform(0.93, 1.05, (shape[0], 1, 1))
    else:  # parcels of different crops
        parcels = rng.uniform(0.75, 1.2, (shape[0] // 7 + 1, shape[1] // 2 + 1, 3)).astype(
            np.float32
        )
        parcels[..., 1] = np.clip(parcels[..., 1], 0.85, 1.1)
        tint = np.asarray(
            cv2.resize(parcels, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST), np.float64
        )
    uv = points[..., [0, 2]] / material.repeat_m
    builder.grid(points, material, uv=uv, up=UP, tint=tint * np.ones(3))


def _horizon(
    builder: MeshBuilder, layout: Layout, palette: Palette, rng: np.random.Generator
) -> None:
    """Rings of wooded hills far away; they close the view below the sky."""
    low, high = _extent(layout)
    middle, base = (low + high) / 2, float(low[1])
    around = layout.parameters.surroundings
    span = float(np.hypot(high[0] - low[0], high[2] - low[2])) / 2
    count = 128
    angle = np.linspace(0, 2 * np.pi, count + 1)
    noise = fbm(rng, count, octaves=5, persistence=0.5, first=2)
    for k, (gap, top) in enumerate(zip(HORIZON_M, (6.0, 16.0, 38.0), strict=True)):
        ridge = np.append(noise[40 * k], noise[40 * k, 0])
        height = (top + 0.7 * around.hill_m * (1 + k)) * (0.15 + 1.1 * ridge)
        radius = span + gap
        out = np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], -1)
        rings = [
            np.array([middle[0], 0, middle[2]])
            + out * (radius + shift)
            + np.stack([0 * angle, base - 6 + (height + 6) * share, 0 * angle], -1)
            for shift, share in ((0.0, 0.0), (gap * 0.04, 0.55), (gap * 0.12, 1.0))
        ]
        tone = np.array([0.62, 0.66, 0.6]) * (1 - 0.1 * k) * rng.uniform(0.8, 1.1)
        material = palette(
            "grass_1", "vegetation" if k else "terrain", tone * np.asarray(around.season_tint)
        )
        points = np.stack(rings)
        uv = np.stack(
            np.broadcast_arrays(angle[None] * radius / 25, np.arange(3)[:, None] * gap / 60), -1
        )
        builder.grid(points, material, uv=uv, up=UP)
