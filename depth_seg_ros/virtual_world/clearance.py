"""How high a camera can fly along a way without touching bridges, crowns or wires."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Float32
from depth_seg_ros.virtual_world.scene import Scene
from depth_seg_ros.virtual_world.ways import Float, Way

LOW_M = 2.2
"""Below this the ego lane is kept clear of everything already."""
_MARGIN_M = 1.2
_STEP_M = 0.25
_TOP_M = 40.0
ASIDE_SHARE = 0.5
"""Of flights that leave the road, between houses and over gardens."""
ASIDE_M = 28.0


def clear_height(scene: Scene, way: Way, height_m: float, lateral_m: float = 0.0) -> float:
    """The height above a way nearest to ``height_m`` at which nothing that stands comes within a
    metre of a camera ``lateral_m`` to its right, anywhere along it."""
    if height_m <= LOW_M:
        return height_m
    low, high = _heights_beside(scene, _moved(way, lateral_m))
    heights = np.arange(LOW_M, _TOP_M, _STEP_M)
    order = np.argsort(np.abs(heights - height_m), kind="stable")
    for candidate in (height_m, *heights[order].tolist()):
        if not ((low < candidate + _MARGIN_M) & (high > candidate - _MARGIN_M)).any():
            return float(candidate)
    return LOW_M


def flight(scene: Scene, height_m: float, rng: np.random.Generator) -> Way:
    """A drone's way at about a height: along the lane, or beside the road where the way is free
    within three metres of that height."""
    if rng.random() < ASIDE_SHARE:
        for lateral in rng.uniform(-ASIDE_M, ASIDE_M, 5).tolist():
            aside = _moved(scene.way, lateral)
            if abs(clear_height(scene, aside, height_m) - height_m) < 3.0:
                return aside
    return scene.way


def _moved(way: Way, lateral_m: float) -> Way:
    """The way, ``lateral_m`` to its right."""
    right = np.stack([np.cos(way.heading), 0 * way.heading, -np.sin(way.heading)], -1)
    return replace(way, points=way.points + lateral_m * right)


def _standing(scene: Scene) -> list[Float32]:
    """Triangles [N, 3, 3] of what changes but does not move: the masts of traffic lights."""
    found = []
    for actor in scene.actors:
        if len(actor.times) == 1:
            rotation, position = actor.pose(0.0)
            found.append(np.asarray(actor.mesh.position @ rotation.T + position, np.float32))
    return found


def _heights_beside(scene: Scene, way: Way) -> tuple[Float, Float]:
    """Lowest and highest point above the way of every triangle over its corridor."""
    path = _thinned(way.points)
    p = np.concatenate([scene.static.position, *_standing(scene)])
    low, high = p.min(1), p.max(1)
    near = high[:, 1] > path[:, 1].min() + LOW_M - _MARGIN_M
    for k in (0, 2):
        near &= (high[:, k] > path[:, k].min() - _MARGIN_M) & (
            low[:, k] < path[:, k].max() + _MARGIN_M
        )
    low, high = low[near], high[near]
    under, over = [], []
    reach = _MARGIN_M + 0.7  # points are less than 2 m apart
    for point in path:
        here = ((high > point - reach) & (low < point + reach))[:, [0, 2]].all(1)
        under.append(low[here, 1] - point[1])
        over.append(high[here, 1] - point[1])
    return np.concatenate(under), np.concatenate(over)


def _thinned(points: Float) -> Float:
    """Points of a way at most a metre and a half apart."""
    step = np.linalg.norm(np.diff(points[:, [0, 2]], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.arange(0.0, along[-1] + 4.0, 1.4)
    return np.stack([np.interp(at, along, points[:, k]) for k in range(3)], -1)
