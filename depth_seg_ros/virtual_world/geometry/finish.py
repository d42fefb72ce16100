"""What becomes of raw triangles: normals, winding, texture coordinates where none were given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import (
    Float,
    Float32,
    Material,
    Mesh,
    cross,
    lengths,
    normalized,
)


@dataclass(frozen=True)
class Raw:
    """Triangles as they were handed in; normals of zero length ask for flat shading."""

    position: Float  # [T, 3, 3]
    normal: Float  # [T, 3, 3]
    uv: Float  # [T, 3, 2]
    material: Material
    tint: Float | None  # [T, 3], multiplied with the material's, or [3]


def finish(parts: list[Raw]) -> Mesh:
    """One mesh of raw parts: normals made, winding made to agree, slivers dropped.

    Done for many parts at once, because a world is hundreds of thousands of triangles in tens of
    thousands of small parts.
    """
    if not parts:
        return Mesh.empty()
    p = np.concatenate([part.position for part in parts])
    n = np.concatenate([part.normal for part in parts])
    uv = np.concatenate([part.uv for part in parts])
    face = cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    area = lengths(face)
    mean = n[:, 0] + n[:, 1] + n[:, 2]
    against = face[:, 0] * mean[:, 0] + face[:, 1] * mean[:, 1] + face[:, 2] * mean[:, 2] < 0
    if against.any():
        for a in (p, n, uv):
            a[against] = a[against][:, [0, 2, 1]]
        face[against] *= -1
    size = lengths(n)
    flat = (size[:, 0] == 0) & (size[:, 1] == 0) & (size[:, 2] == 0)
    n /= np.maximum(size, np.float32(1e-12))[..., None]
    n[flat] = (face[flat] / np.maximum(area[flat], 1e-12)[:, None])[:, None]
    counts = [len(part.position) for part in parts]
    tint = np.array([part.material.tint for part in parts], np.float32).repeat(counts, 0)
    start = 0
    for part, count in zip(parts, counts, strict=True):
        if part.tint is not None:
            tint[start : start + count] *= part.tint
        start += count

    def spread(values: list[int], kind: type[np.integer[Any]]) -> NDArray[Any]:
        return np.array(values, kind).repeat(counts)

    mesh = Mesh(
        p,
        n,
        uv,
        spread([part.material.layer for part in parts], np.int32),
        spread([part.material.class_id for part in parts], np.uint8),
        np.zeros(len(p), np.uint16),
        spread([int(part.material.flags) for part in parts], np.int32),
        tint,
    )
    solid = area > 1e-9
    return mesh if solid.all() else mesh.select(solid)


def flat_normals(corners: Float, normals: Float) -> Float32:
    """One normal a quad, on the side of its corner normals."""
    flat = normalized(cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]))
    side = np.where((flat * normals.sum(1)).sum(-1, keepdims=True) < 0, -1, 1)
    return np.asarray(flat * side, np.float32)


def arc_length_uv(g: Float, repeat_m: float) -> Float:
    """u along the second axis, v along the first, in mean arc length over ``repeat_m``."""

    def along(axis: int) -> Float:
        steps = np.linalg.norm(np.diff(g, axis=axis), axis=-1).mean(1 - axis)
        return np.concatenate([[0.0], np.cumsum(steps)]) / repeat_m

    return np.stack(np.broadcast_arrays(along(1)[None], along(0)[:, None]), -1)


def planar_uv(p: Float, face: Float, repeat_m: float) -> Float:
    """Texture coordinates of triangles [T, 3, 3] projected along their main axis."""
    main = np.abs(face).argmax(-1)
    u = np.where(main[:, None] == 0, p[..., 2], p[..., 0])
    v = np.where(main[:, None] == 1, p[..., 2], p[..., 1])
    return np.stack([u, v], -1) / repeat_m
