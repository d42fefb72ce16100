"""How high a camera can fly along the ego lane without touching bridges, crowns or wires."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Float32
from depth_seg_ros.virtual_world.scene import Scene

LOW_M = 2.2
"""Below this the ego lane is kept clear of everything already."""
_MARGIN_M = 1.2
_STEP_M = 0.25
_TOP_M = 40.0


def clear_height(scene: Scene, height_m: float, lateral_m: float = 0.0) -> float:
    """The height above the road nearest to ``height_m`` at which nothing that stands comes within
    a metre of a camera ``lateral_m`` beside the ego lane's middle, anywhere along the drive."""
    if height_m <= LOW_M:
        return height_m
    low, high = _heights_beside(scene, scene.traffic.ego_lane.center_m + lateral_m)
    heights = np.arange(LOW_M, _TOP_M, _STEP_M)
    order = np.argsort(np.abs(heights - height_m), kind="stable")
    for candidate in (height_m, *heights[order].tolist()):
        if not ((low < candidate + _MARGIN_M) & (high > candidate - _MARGIN_M)).any():
            return float(candidate)
    return LOW_M


def _standing(scene: Scene) -> list[Float32]:
    """Triangles [N, 3, 3] of what changes but does not move: the masts of traffic lights."""
    found = []
    for actor in scene.actors:
        if len(actor.times) == 1:
            rotation, position = actor.pose(0.0)
            found.append(np.asarray(actor.mesh.position @ rotation.T + position, np.float32))
    return found


def _heights_beside(scene: Scene, lateral: float) -> tuple[Float32, Float32]:
    """Lowest and highest point above the road of every triangle over the camera's corridor."""
    axis, ego = scene.axis, scene.traffic.ego_s
    s = np.arange(ego.min() - 2, ego.max() + 4, 2.0)
    path = axis.at(s, lateral)
    p = np.concatenate([scene.static.position, *_standing(scene)])
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    near = y.max(1) > path[:, 1].min() + LOW_M - _MARGIN_M
    for values, column in ((x, 0), (z, 2)):
        near &= (values.max(1) > path[:, column].min() - _MARGIN_M) & (
            values.min(1) < path[:, column].max() + _MARGIN_M
        )
    at, off = axis.project(x[near], z[near])
    over = (off.max(1) > lateral - _MARGIN_M) & (off.min(1) < lateral + _MARGIN_M)
    over &= (at.max(1) > s[0]) & (at.min(1) < s[-1])
    up = y[near][over] - axis.height_at(at[over])
    return up.min(1), up.max(1)
