"""Things along a path: profiles swept, boxes set out at a pitch, points beside it.

A path is [K, 3] world points; its own axes are right (in the ground plane), up and ahead.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, normalized

Float = NDArray[np.floating[Any]]


def sideways(path: Float) -> Float:
    """Unit right-hand normals [K, 3] in the ground plane of a path [K, 3]."""
    ahead = np.gradient(np.asarray(path, np.float64), axis=0)
    right = np.stack([ahead[:, 2], np.zeros(len(path)), -ahead[:, 0]], -1)
    return np.asarray(normalized(right), np.float64)


def raised(points: Float, up: float) -> Float:
    """Points [..., 3] moved up."""
    return np.asarray(points + np.array([0.0, up, 0.0]))


def beside(path: Float, right: ArrayLike, up: ArrayLike = 0.0) -> Float:
    """The path moved to its right and up (numbers or [K])."""
    shift = np.broadcast_to(np.asarray(right, np.float64), len(path))[:, None]
    rise = np.broadcast_to(np.asarray(up, np.float64), len(path))
    moved = np.asarray(path, np.float64) + sideways(path) * shift
    moved[:, 1] += rise
    return np.asarray(moved)


def arc_length(path: Float) -> Float:
    """Metres along the path at each of its points [K], from 0."""
    steps = np.linalg.norm(np.diff(np.asarray(path, np.float64), axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def resampled(path: Float, pitch_m: float) -> Float:
    """Points every ``pitch_m`` metres along the path, from half a pitch in; at least two."""
    along = arc_length(path)
    count = max(int(along[-1] / pitch_m), 2)
    at = (np.arange(count) + 0.5) * along[-1] / count
    return np.stack([np.interp(at, along, np.asarray(path)[:, k]) for k in range(3)], -1)


def headings(points: Float) -> Float:
    """Yaw [K] at each point: radians from +z towards +x."""
    ahead = np.gradient(np.asarray(points, np.float64), axis=0)
    return np.asarray(np.arctan2(ahead[:, 0], ahead[:, 2]))


def sweep(
    builder: MeshBuilder,
    material: Material,
    path: Float,
    profile: ArrayLike,
    *,
    caps: bool = False,
) -> None:
    """Flat faces between consecutive points (right, up) of a profile moved along a path; the
    outside is on the left of the profile's direction of travel. ``caps`` closes both ends of a
    convex profile."""
    outline = [(float(x), float(y)) for x, y in np.asarray(profile, np.float64)]
    right = sideways(path)
    along = arc_length(path)
    for (x0, y0), (x1, y1) in pairwise(outline):
        points = np.stack([path + right * x0 + [0, y0, 0], path + right * x1 + [0, y1, 0]], 1)
        dx, dy = x1 - x0, y1 - y0
        facing = normalized(right * -dy + np.array([0, dx, 0]))
        height = np.array([y0, y1]) if abs(dy) > abs(dx) else np.array([x0, x1])
        uv = np.stack(np.broadcast_arrays(along[:, None], height[None]), -1) / material.repeat_m
        builder.grid(
            points, material, uv=uv, normals=np.broadcast_to(facing[:, None], points.shape)
        )
    if caps:
        for end, inner in ((0, 1), (-1, -2)):
            rim = np.array([path[end] + right[end] * x + [0, y, 0] for x, y in outline])
            fan = np.stack([np.broadcast_to(rim[0], rim[2:].shape), rim[1:-1], rim[2:]], 1)
            out = normalized(np.asarray(path[end]) - np.asarray(path[inner]))
            builder.tri(fan, material, normals=np.broadcast_to(out, (len(fan), 3)))


def boxes_along(
    builder: MeshBuilder,
    material: Material,
    points: Float,
    size: ArrayLike,
    *,
    faces: str = "xXyYzZ",
) -> None:
    """Boxes of a size (right, up, ahead) at points [K, 3], each turned along the row."""
    yaw = headings(points) if len(points) > 1 else np.zeros(len(points))
    c, s, o = np.cos(yaw), np.sin(yaw), np.zeros(len(yaw))
    turn = np.stack([c, o, s, o, o + 1, o, -s, o, c], -1).reshape(-1, 3, 3)
    builder.boxes(points, size, material, rotations=turn, faces=faces)
