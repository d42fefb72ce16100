"""Meshes packed for drawing: triangle records in spatial clusters, one body a moving thing.

Body 0 is the static world, body k the k-th moving mesh; a body is drawn where its transform says
(``world = rotation @ p + translation``) or not at all. Clusters are runs of up to 64 neighbouring
triangles with a bounding sphere: what the view does not touch costs one test a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface, normalized

CLUSTER_SIZE = 64
_CELL_M = 6.0

TRIANGLE = np.dtype(
    [
        ("normal", "f4", (3, 3)),
        ("uv", "f4", (3, 2)),
        ("sky", "f4", (3,)),  # share of the sky each corner sees (baked)
        ("tint", "f4", (3,)),
        ("layer", "i4"),
        ("flags", "i4"),
        ("body", "i4"),
        ("instance_id", "u2"),
        ("class_id", "u1"),
    ],
    align=True,
)
"""What shading needs of a triangle, in one place in memory."""

CLUSTER = np.dtype(
    [
        ("center", "f4", (3,)),
        ("half", "f4", (3,)),  # half the size of the box round it
        ("radius", "f4"),
        ("begin", "i4"),
        ("end", "i4"),
        ("body", "i4"),
        ("alpha", "i4"),  # 1: alpha-tested triangles, drawn after the opaque ones
    ],
    align=True,
)


class Geometry(NamedTuple):
    """position f4 [T, 3, 3] in body coordinates; triangle TRIANGLE [T]; cluster CLUSTER [C]."""

    position: NDArray[np.float32]
    triangle: NDArray[np.void]
    cluster: NDArray[np.void]
    bodies: int


class Transforms(NamedTuple):
    """Where each body is: matrix f8 [B, 3, 4] body -> world; shown u1 [B]."""

    matrix: NDArray[np.float64]
    shown: NDArray[np.uint8]


def pack_geometry(static: Mesh, moving: Sequence[Mesh] = ()) -> Geometry:
    """Sort the triangles of all bodies into clusters."""
    positions, triangles, clusters = [], [], []
    count = 0
    for body, mesh in enumerate([static, *moving]):
        order, bounds = _clustered(mesh)
        positions.append(np.ascontiguousarray(mesh.position[order], np.float32))
        triangles.append(_records(mesh.select(order), body))
        clusters.append(_cluster_records(positions[-1], mesh.flags[order], bounds, body, count))
        count += len(order)
    return Geometry(
        np.concatenate(positions),
        np.concatenate(triangles),
        np.concatenate(clusters),
        len(moving) + 1,
    )


def rest_transforms(bodies: int) -> Transforms:
    """The static world shown at the origin, everything else hidden."""
    matrix = np.zeros((bodies, 3, 4))
    matrix[:, :, :3] = np.eye(3)
    shown = np.zeros(bodies, np.uint8)
    shown[0] = 1
    return Transforms(matrix, shown)


def _records(mesh: Mesh, body: int) -> NDArray[np.void]:
    records = np.zeros(len(mesh), TRIANGLE)
    records["normal"] = normalized(mesh.normal)
    records["uv"] = mesh.uv
    records["sky"] = 1
    records["body"] = body
    for name in ("tint", "layer", "flags", "instance_id", "class_id"):
        records[name] = getattr(mesh, name)
    return records


def _clustered(mesh: Mesh) -> tuple[NDArray[np.intp], list[int]]:
    """(triangle order, cluster boundaries): opaque before alpha-tested, then by place."""
    if not len(mesh):
        return np.zeros(0, np.intp), [0]
    center = (mesh.position[:, 0] + mesh.position[:, 1] + mesh.position[:, 2]) / np.float32(3)
    cell = np.floor((center - center.min(0)) / _CELL_M).astype(np.int64)
    place = _interleaved(cell[:, 0], cell[:, 2]) * 64 + np.minimum(cell[:, 1], 63)
    key = place + ((mesh.flags & int(Surface.ALPHA_TEST)) != 0) * (np.int64(1) << 50)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    bounds = [0]
    for edge in [*(np.flatnonzero(np.diff(ordered)) + 1).tolist(), len(order)]:
        while edge - bounds[-1] > CLUSTER_SIZE:
            bounds.append(bounds[-1] + CLUSTER_SIZE)
        bounds.append(edge)
    return order, bounds


def _interleaved(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Morton code of two 16-bit numbers: neighbours in the plane stay near in memory."""
    code = np.zeros_like(a)
    for bit in range(16):
        code |= ((a >> bit) & 1) << (2 * bit)
        code |= ((b >> bit) & 1) << (2 * bit + 1)
    return code


def _cluster_records(
    position: NDArray[np.float32],
    flags: NDArray[np.int32],
    bounds: list[int],
    body: int,
    offset: int,
) -> NDArray[np.void]:
    records = np.zeros(len(bounds) - 1, CLUSTER)
    if not len(records):
        return records
    starts = np.asarray(bounds[:-1])
    a, b, c = position[:, 0], position[:, 1], position[:, 2]  # faster than reducing over an axis
    low = np.minimum.reduceat(np.minimum(np.minimum(a, b), c), starts, axis=0)
    high = np.maximum.reduceat(np.maximum(np.maximum(a, b), c), starts, axis=0)
    records["center"] = (low + high) / 2
    records["half"] = (high - low) / 2
    records["radius"] = np.linalg.norm(high - low, axis=1) / 2 * 1.0001
    records["begin"] = starts + offset
    records["end"] = np.asarray(bounds[1:]) + offset
    records["body"] = body
    records["alpha"] = (flags[starts] & int(Surface.ALPHA_TEST)) != 0
    return records
