"""World -> screen: which clusters the camera sees, and the screen form of their triangles.

A triangle behind the near plane in part is clipped there (into one or two triangles). On screen it
becomes a SPAN (edges and inverse depth: all the rasteriser needs) and a PLANE (perspective
barycentric coordinates over depth, as planes in x and y: all that shading needs). Inverse depth is
linear on screen, so depth at a pixel centre is exact, not interpolated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.render.geometry import Geometry, Transforms
from depth_seg_ros.virtual_world.render.jit import Workers, kernel

_DOUBLE_SIDED, _ALPHA_TEST = int(Surface.DOUBLE_SIDED), int(Surface.ALPHA_TEST)

NEAR_M = 0.1

SPAN = np.dtype(
    [
        ("x0", "f8"), ("y0", "f8"), ("x1", "f8"), ("y1", "f8"), ("y2", "f8"),  # by rising y
        ("slope_long", "f8"), ("slope_01", "f8"), ("slope_12", "f8"),  # dx/dy of the edges
        ("qx", "f8"), ("qy", "f8"), ("q0", "f8"),  # 1/z = qx x + qy y + q0
        ("triangle", "i4"),
        ("level", "i4"),  # mip level of the alpha test, -1 = opaque
    ],
    align=True,
)  # fmt: skip

PLANE = np.dtype(
    [
        ("ax", "f8"), ("ay", "f8"), ("a0", "f8"),  # weight of corner 0, divided by z
        ("bx", "f8"), ("by", "f8"), ("b0", "f8"),  # weight of corner 1, divided by z
        ("qx", "f8"), ("qy", "f8"), ("q0", "f8"),
        ("triangle", "i4"),
    ],
    align=True,
)  # fmt: skip


class Pinhole(NamedTuple):
    """Intrinsics as the kernels take them."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float


class Projected(NamedTuple):
    """Screen triangles; runs of valid records come in draw order.

    reach i4 [N, 2]: first and last row of the sample buffer (``raster``) a triangle may touch.
    """

    span: NDArray[np.void]
    plane: NDArray[np.void]
    reach: NDArray[np.int32]


class Sight(NamedTuple):
    """Clusters in a view: cluster CLUSTER [C], nearest f8 [C] rising (metres); and the bodies'
    transforms to_camera f8 [B, 3, 4]."""

    cluster: NDArray[np.void]
    nearest: NDArray[np.float64]
    to_camera: NDArray[np.float64]


def find_clusters(
    geometry: Geometry,
    transforms: Transforms,
    world_to_camera: NDArray[np.float64],
    camera: Pinhole,
) -> Sight:
    """What the view's pyramid touches, near before far."""
    to_camera = _body_to_camera(world_to_camera, transforms.matrix)
    nearest = np.empty(len(geometry.cluster))
    _nearest_depth(geometry.cluster, transforms.shown, to_camera, camera, nearest)
    visible = np.flatnonzero(np.isfinite(nearest))
    visible = visible[np.argsort(nearest[visible], kind="stable")]
    return Sight(geometry.cluster[visible], nearest[visible], to_camera)


def new_projected(sight: Sight) -> Projected:
    """Room for all triangles in sight: near clipping makes up to two of one."""
    room = 2 * int((sight.cluster["end"] - sight.cluster["begin"]).sum())
    return Projected(np.empty(room, SPAN), np.empty(room, PLANE), np.empty((room, 2), np.int32))


def project(
    geometry: Geometry,
    clusters: NDArray[np.void],
    to_camera: NDArray[np.float64],
    camera: Pinhole,
    texture_size: int,
    screen: Projected,
    used: int,
    workers: Workers,
) -> NDArray[np.int64]:
    """Write the screen triangles of clusters from record ``used`` on; opaque clusters go first.

    Returns runs i8 [P, 2] of valid records (begin, end).
    """
    clusters = clusters[np.argsort(clusters["alpha"], kind="stable")]
    counts = (clusters["end"] - clusters["begin"]).astype(np.int64)
    first = used + np.concatenate([[0], np.cumsum(2 * counts)])

    def work(begin: int, end: int) -> tuple[int, int]:
        start = int(first[begin])
        made = _project_clusters(
            geometry.position, geometry.triangle, clusters[begin:end], to_camera, camera,
            texture_size, screen.span[start:], screen.plane[start:], screen.reach[start:],
        )  # fmt: skip
        return start, start + made

    runs = workers.run(len(clusters), work) if len(clusters) else []
    return np.asarray(runs, np.int64).reshape(-1, 2)


def _body_to_camera(
    world_to_camera: NDArray[np.float64], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """f8 [B, 3, 4]: body coordinates -> camera coordinates."""
    result = np.empty_like(matrix)
    result[:, :, :3] = world_to_camera[:, :3] @ matrix[:, :, :3]
    result[:, :, 3] = matrix[:, :, 3] @ world_to_camera[:, :3].T + world_to_camera[:, 3]
    return result


@kernel
def _nearest_depth(cluster, shown, to_camera, camera, nearest):  # type: ignore[no-untyped-def]
    """Nearest depth of each cluster's sphere, +Inf where the view cannot touch it."""
    left = (camera.cx + 1.0) / camera.fx
    right = (camera.width - camera.cx) / camera.fx
    top = (camera.cy + 1.0) / camera.fy
    bottom = (camera.height - camera.cy) / camera.fy
    for i in range(cluster.shape[0]):
        c = cluster[i]
        nearest[i] = np.inf
        if shown[c.body] == 0:
            continue
        m = to_camera[c.body]
        x = m[0, 0] * c.center[0] + m[0, 1] * c.center[1] + m[0, 2] * c.center[2] + m[0, 3]
        y = m[1, 0] * c.center[0] + m[1, 1] * c.center[1] + m[1, 2] * c.center[2] + m[1, 3]
        z = m[2, 0] * c.center[0] + m[2, 1] * c.center[1] + m[2, 2] * c.center[2] + m[2, 3]
        r = c.radius
        if z + r < NEAR_M:
            continue
        if x + z * left < -r * np.sqrt(1 + left * left):
            continue
        if -x + z * right < -r * np.sqrt(1 + right * right):
            continue
        if -y + z * top < -r * np.sqrt(1 + top * top):
            continue
        if y + z * bottom < -r * np.sqrt(1 + bottom * bottom):
            continue
        nearest[i] = z - r


@kernel
def _project_clusters(  # type: ignore[no-untyped-def]
    position, triangle, clusters, to_camera, camera, texture_size, span, plane, reach
):
    """Fill span, plane and reach; returns how many."""
    fx, fy, cx, cy = camera.fx, camera.fy, camera.cx, camera.cy
    width, height = camera.width, camera.height
    screen = np.empty((3, 3))
    corner = np.empty((3, 3))
    polygon = np.empty((4, 3))
    weight = np.empty((4, 3))
    made = 0
    for c in range(clusters.shape[0]):
        m = to_camera[clusters[c].body]
        for t in range(clusters[c].begin, clusters[c].end):
            nearest = np.inf
            farthest = -np.inf
            for k in range(3):
                px, py, pz = position[t, k, 0], position[t, k, 1], position[t, k, 2]
                for j in range(3):
                    corner[k, j] = m[j, 0] * px + m[j, 1] * py + m[j, 2] * pz + m[j, 3]
                nearest = min(nearest, corner[k, 2])
                farthest = max(farthest, corner[k, 2])
            if farthest < NEAR_M:
                continue
            flags = triangle[t].flags
            if flags & _DOUBLE_SIDED == 0 and _faces_away(corner):
                continue
            sides = 3
            if nearest >= NEAR_M:
                polygon[:3] = corner
            else:
                sides = _clip_near(corner, polygon, weight)
            for q in range(sides - 2):
                for k in range(3):
                    i = 0 if k == 0 else q + k
                    inverse_z = 1 / polygon[i, 2]
                    screen[k, 0] = fx * polygon[i, 0] * inverse_z + cx
                    screen[k, 1] = cy - fy * polygon[i, 1] * inverse_z
                    screen[k, 2] = inverse_z
                area = _screen_area(screen, width, height)
                if area == 0:
                    continue
                o, s = plane[made], span[made]
                o.triangle = s.triangle = t
                _write_plane(screen, area, o)
                if nearest < NEAR_M:
                    _recombine(o, weight, 0, q + 1, q + 2)
                s.qx, s.qy, s.q0 = o.qx, o.qy, o.q0
                s.level = -1
                if flags & _ALPHA_TEST:
                    s.level = _alpha_level(triangle[t], abs(area) * 4, texture_size)
                _write_edges(screen, s)
                reach[made, 0] = int(np.ceil(2 * max(s.y0, -0.5) + 1))
                reach[made, 1] = int(np.floor(2 * min(s.y2, height - 0.5) + 1))
                made += 1
    return made


@kernel
def _faces_away(p):  # type: ignore[no-untyped-def]
    """Outside (cross of the edges) points away from the eye at the origin."""
    ux, uy, uz = p[1, 0] - p[0, 0], p[1, 1] - p[0, 1], p[1, 2] - p[0, 2]
    vx, vy, vz = p[2, 0] - p[0, 0], p[2, 1] - p[0, 1], p[2, 2] - p[0, 2]
    return (
        (uy * vz - uz * vy) * p[0, 0]
        + (uz * vx - ux * vz) * p[0, 1]
        + (ux * vy - uy * vx) * p[0, 2]
    ) >= 0


@kernel
def _clip_near(corner, polygon, weight):  # type: ignore[no-untyped-def]
    """Part of a triangle before the near plane: corners and their weights of the original ones."""
    sides = 0
    for k in range(3):
        n = (k + 1) % 3
        inside = corner[k, 2] >= NEAR_M
        if inside:
            polygon[sides] = corner[k]
            weight[sides] = 0
            weight[sides, k] = 1
            sides += 1
        if inside != (corner[n, 2] >= NEAR_M):
            s = (NEAR_M - corner[k, 2]) / (corner[n, 2] - corner[k, 2])
            polygon[sides] = corner[k] + s * (corner[n] - corner[k])
            weight[sides] = 0
            weight[sides, k] = 1 - s
            weight[sides, n] = s
            sides += 1
    return sides


@kernel
def _screen_area(p, width, height):  # type: ignore[no-untyped-def]
    """Twice the signed area of a screen triangle [corner, (x, y, 1/z)]; 0 = no sample in it."""
    low, high = min(p[0, 1], p[1, 1], p[2, 1]), max(p[0, 1], p[1, 1], p[2, 1])
    left, right = min(p[0, 0], p[1, 0], p[2, 0]), max(p[0, 0], p[1, 0], p[2, 0])
    if right < -0.5 or left > width - 0.5 or high < -0.5 or low > height - 0.5:
        return 0.0
    # Samples lie on half-pixel rows and columns only.
    if np.ceil(2 * low) > np.floor(2 * high) or np.ceil(2 * left) > np.floor(2 * right):
        return 0.0
    area = (p[1, 0] - p[0, 0]) * (p[2, 1] - p[0, 1]) - (p[2, 0] - p[0, 0]) * (p[1, 1] - p[0, 1])
    return area if abs(area) > 1e-9 else 0.0


@kernel
def _write_plane(p, area, o):  # type: ignore[no-untyped-def]
    """Weight of a corner: 1 there, 0 at the other two; divided by z it stays linear on screen."""
    inverse = 1 / area
    xi, yi, qi = p[0, 0], p[0, 1], p[0, 2]
    xj, yj, qj = p[1, 0], p[1, 1], p[1, 2]
    xk, yk, qk = p[2, 0], p[2, 1], p[2, 2]
    o.ax = qi * (yj - yk) * inverse
    o.ay = qi * (xk - xj) * inverse
    o.a0 = qi - o.ax * xi - o.ay * yi
    o.bx = qj * (yk - yi) * inverse
    o.by = qj * (xi - xk) * inverse
    o.b0 = qj - o.bx * xj - o.by * yj
    o.qx = ((qj - qi) * (yk - yi) - (qk - qi) * (yj - yi)) * inverse
    o.qy = ((xj - xi) * (qk - qi) - (xk - xi) * (qj - qi)) * inverse
    o.q0 = qi - o.qx * xi - o.qy * yi


@kernel
def _write_edges(p, s):  # type: ignore[no-untyped-def]
    """Corners by rising y; an edge always starts at its upper end, so that the two triangles it
    belongs to find the same x on every row: no gaps."""
    xi, yi, xj, yj, xk, yk = p[0, 0], p[0, 1], p[1, 0], p[1, 1], p[2, 0], p[2, 1]
    if yi > yj:
        xi, yi, xj, yj = xj, yj, xi, yi
    if yj > yk:
        xj, yj, xk, yk = xk, yk, xj, yj
    if yi > yj:
        xi, yi, xj, yj = xj, yj, xi, yi
    s.x0, s.y0, s.x1, s.y1, s.y2 = xi, yi, xj, yj, yk
    s.slope_long = (xk - xi) / (yk - yi) if yk > yi else 0.0
    s.slope_01 = (xj - xi) / (yj - yi) if yj > yi else 0.0
    s.slope_12 = (xk - xj) / (yk - yj) if yk > yj else 0.0


@kernel
def _alpha_level(tri, samples, size):  # type: ignore[no-untyped-def]
    """Mip level at which a triangle has about one texel a sample."""
    du1, dv1 = tri.uv[1, 0] - tri.uv[0, 0], tri.uv[1, 1] - tri.uv[0, 1]
    du2, dv2 = tri.uv[2, 0] - tri.uv[0, 0], tri.uv[2, 1] - tri.uv[0, 1]
    texels = abs(du1 * dv2 - du2 * dv1) * size * size
    level = int(0.5 * np.log2(max(texels / max(samples, 1e-9), 1.0)))
    return min(level, 6)


@kernel
def _recombine(o, weight, i, j, k):  # type: ignore[no-untyped-def]
    """Turn weights of a clipped triangle's corners into those of the original corners."""
    cx, cy, c0 = o.qx - o.ax - o.bx, o.qy - o.ay - o.by, o.q0 - o.a0 - o.b0
    ax = weight[i, 0] * o.ax + weight[j, 0] * o.bx + weight[k, 0] * cx
    ay = weight[i, 0] * o.ay + weight[j, 0] * o.by + weight[k, 0] * cy
    a0 = weight[i, 0] * o.a0 + weight[j, 0] * o.b0 + weight[k, 0] * c0
    bx = weight[i, 1] * o.ax + weight[j, 1] * o.bx + weight[k, 1] * cx
    by = weight[i, 1] * o.ay + weight[j, 1] * o.by + weight[k, 1] * cy
    b0 = weight[i, 1] * o.a0 + weight[j, 1] * o.b0 + weight[k, 1] * c0
    o.ax, o.ay, o.a0, o.bx, o.by, o.b0 = ax, ay, a0, bx, by, b0
