"""A robot's way along the pavement, round whatever stands on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Float32
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.scene import Scene
from depth_seg_ros.virtual_world.ways import Way, way_along

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

STEP_M, ACROSS_M = 0.5, 0.15
ROBOT_M = 0.38
"""Half its width and a hand's breadth."""
LOW_M, HIGH_M = 0.12, 1.3
"""What is in its way stands between these heights above the pavement."""
LEAST_M, MOST_M = 12.0, 90.0


def pavement_way(scene: Scene, rng: Generator) -> Way | None:
    """A way along a pavement of the drive that touches nothing; None where there is none."""
    wide = [a for a in scene.course.layouts if a.section.side_width > 2 * ROBOT_M + 0.5]
    sides = [(a, side) for a in wide for side in (1, -1) if not a.parameters.traffic.closed]
    for k in rng.permutation(len(sides)):
        layout, side = sides[k]
        stretch = _stretch(layout, side)
        if stretch is None:
            continue
        s = np.arange(*stretch, STEP_M)
        path = _round(_blocked(scene, layout, side, s))
        if path is not None and len(path) * STEP_M >= LEAST_M:
            return _walk(scene, layout, side, s[: len(path)], path, rng)
    return None


def _across(layout: Layout) -> Float:
    return np.arange(ROBOT_M + 0.15, layout.section.side_width - ROBOT_M, ACROSS_M)


def _stretch(layout: Layout, side: int) -> tuple[float, float] | None:
    """The longest piece between side roads that the drive knows."""
    low = max(layout.start(10), 0.0)
    high = min(layout.end(40), layout.parameters.length_m + 30)
    best, start = None, low
    for a, b in [*layout.openings(side), (high, high)]:
        end = min(a - 1, high)
        if end - start > (best[1] - best[0] if best else LEAST_M):
            best = (start, min(end, start + MOST_M))
        start = max(start, b + 1)
    return best


def _blocked(scene: Scene, layout: Layout, side: int, s: Float) -> NDArray[np.bool_]:
    """[S, A] whether the robot would touch something at s and across the pavement."""
    out = _across(layout)
    blocked = np.zeros((len(s), len(out)), bool)
    p = _solids(scene, layout, side, s)
    at, lateral = layout.axis.project(p[..., 0], p[..., 2])
    up = p[..., 1] - layout.axis.height_at(at) - layout.parameters.road.kerb_m
    away = side * lateral - layout.section.edge(side)
    in_way = (up.max(1) > LOW_M) & (up.min(1) < HIGH_M)
    first = np.searchsorted(s, at[in_way].min(1) - ROBOT_M)
    last = np.searchsorted(s, at[in_way].max(1) + ROBOT_M)
    near = np.searchsorted(out, away[in_way].min(1) - ROBOT_M)
    far = np.searchsorted(out, away[in_way].max(1) + ROBOT_M)
    for a, b, c, d in zip(first, last, near, far, strict=True):
        blocked[a:b, c:d] = True
    return blocked


def _solids(scene: Scene, layout: Layout, side: int, s: Float) -> Float32:
    """Triangles near the pavement, of the static world and of what stands still."""
    path = layout.axis.at(s, side * layout.section.edge(side))
    reach = layout.section.side_width + 2.0
    found = [scene.static.position]
    for actor in scene.actors:
        if len(actor.times) == 1:
            rotation, position = actor.pose(0.0)
            found.append(np.asarray(actor.mesh.position @ rotation.T + position, np.float32))
    p = np.concatenate(found)
    near = np.ones(len(p), bool)
    for k in (0, 2):
        near &= (p[..., k].max(1) > path[:, k].min() - reach) & (
            p[..., k].min(1) < path[:, k].max() + reach
        )
    near &= p[..., 1].max(1) > path[:, 1].min()
    return np.asarray(p[near], np.float32)


def _round(blocked: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Columns of the straightest way through a grid, as far as there is one."""
    rows, columns = blocked.shape
    if not columns or blocked[0].all():
        return None
    cost = np.where(blocked[0], np.inf, 0.02 * np.abs(np.arange(columns) - columns / 2))
    came = np.zeros((rows, columns), np.int64)
    last = 0
    for k in range(1, rows):
        moves = np.stack([np.roll(cost, shift) + abs(shift) for shift in (-1, 0, 1)])
        moves[0, -1] = moves[2, 0] = np.inf
        best = moves.argmin(0)
        came[k] = np.arange(columns) - (best - 1)
        cost = np.where(blocked[k], np.inf, moves.min(0))
        if not np.isfinite(cost).any():
            break
        last, end = k, int(cost.argmin())
    if last == 0:
        return None
    path = [end]
    for k in range(last, 0, -1):
        path.append(int(came[k, path[-1]]))
    return np.array(path[::-1])


def _walk(
    scene: Scene, layout: Layout, side: int, s: Float, path: NDArray[np.int64], rng: Generator
) -> Way:
    out = _across(layout)[path]
    smooth = np.convolve(np.pad(out, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    line = layout.axis.at(s, side * (layout.section.edge(side) + smooth))
    line[:, 1] += layout.parameters.road.kerb_m + 0.015 * smooth
    if rng.random() < 0.5:
        line, s = line[::-1], s[::-1]
    pace = float(rng.uniform(0.5, 1.7))
    times = np.arange(0, scene.duration_s + 0.1, 0.1)
    travelled = np.minimum(pace * times, (len(s) - 1) * STEP_M)
    along = np.interp(travelled, np.arange(len(s)) * STEP_M, s)
    return way_along(line, times, travelled, along)
