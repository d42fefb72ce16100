"""A row of samples on its way through shading: one array a quantity, filled stage by stage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.render.jit import color_kernel, kernel
from depth_seg_ros.virtual_world.render.raster import EMPTY

Floats = NDArray[np.float32]


class Row(NamedTuple):
    """Arrays [n]; the first ``count`` entries are in use."""

    screen: NDArray[np.int32]  # screen triangle, or EMPTY
    x: Floats  # screen position
    y: Floats
    dx: Floats  # unit direction of looking, in the world
    dy: Floats
    dz: Floats
    distance: Floats  # along the ray
    depth: Floats
    px: Floats  # point in the world
    py: Floats
    pz: Floats
    nx: Floats  # shading normal in the world
    ny: Floats
    nz: Floats
    u: Floats  # texture coordinates and their change by one pixel
    v: Floats
    ux: Floats
    vx: Floats
    uy: Floats
    vy: Floats
    layer: NDArray[np.int32]
    flags: NDArray[np.int32]
    open_sky: Floats  # share of the sky that is open
    sun: Floats  # share of the sun that is open
    red: Floats  # tint, then albedo, then radiance
    green: Floats
    blue: Floats
    alpha: Floats


def new_row(size: int) -> Row:
    """An unfilled row for ``size`` samples."""
    integer = {"screen", "layer", "flags"}
    return Row(*(np.zeros(size, np.int32 if f in integer else np.float32) for f in Row._fields))


_HALF, _ONE = np.float32(0.5), np.float32(1)


@color_kernel
def look_row(row, count, camera, axes):  # type: ignore[no-untyped-def]
    """Directions of looking through x, y."""
    for k in range(count):
        rx = (row.x[k] - np.float32(camera.cx)) * np.float32(1 / camera.fx)
        ry = (np.float32(camera.cy) - row.y[k]) * np.float32(1 / camera.fy)
        length = np.sqrt(rx * rx + ry * ry + _ONE)
        scale = _ONE / length
        row.distance[k] = length  # times depth, once that is known
        row.dx[k] = (axes[0, 0] * rx + axes[1, 0] * ry + axes[2, 0]) * scale
        row.dy[k] = (axes[0, 1] * rx + axes[1, 1] * ry + axes[2, 1]) * scale
        row.dz[k] = (axes[0, 2] * rx + axes[1, 2] * ry + axes[2, 2]) * scale


@kernel
def locate_row(row, count, plane, triangle, matrix, position, contact):  # type: ignore[no-untyped-def]
    """Where each sample hits its triangle, and what that triangle is there."""
    for k in range(count):
        if row.screen[k] == EMPTY:
            continue
        o = plane[row.screen[k]]
        tri = triangle[o.triangle]
        x, y = np.float64(row.x[k]), np.float64(row.y[k])
        exact = 1 / (o.q0 + o.qx * x + o.qy * y)
        z = np.float32(exact)
        w0 = np.float32((o.a0 + o.ax * x + o.ay * y) * exact)
        w1 = np.float32((o.b0 + o.bx * x + o.by * y) * exact)
        w2 = _ONE - w0 - w1
        row.depth[k] = z
        row.distance[k] *= z
        row.px[k] = position[0] + row.dx[k] * row.distance[k]
        row.py[k] = position[1] + row.dy[k] * row.distance[k]
        row.pz[k] = position[2] + row.dz[k] * row.distance[k]
        uv = tri.uv
        u0, v0 = uv[0, 0] - uv[2, 0], uv[0, 1] - uv[2, 1]
        u1, v1 = uv[1, 0] - uv[2, 0], uv[1, 1] - uv[2, 1]
        row.u[k] = uv[2, 0] + w0 * u0 + w1 * u1
        row.v[k] = uv[2, 1] + w0 * v0 + w1 * v1
        # d(weight)/dx = (d(weight/z)/dx - weight d(1/z)/dx) z
        qx, qy = np.float32(o.qx), np.float32(o.qy)
        w0x, w1x = (np.float32(o.ax) - w0 * qx) * z, (np.float32(o.bx) - w1 * qx) * z
        w0y, w1y = (np.float32(o.ay) - w0 * qy) * z, (np.float32(o.by) - w1 * qy) * z
        row.ux[k], row.vx[k] = w0x * u0 + w1x * u1, w0x * v0 + w1x * v1
        row.uy[k], row.vy[k] = w0y * u0 + w1y * u1, w0y * v0 + w1y * v1
        row.layer[k], row.flags[k] = tri.layer, tri.flags
        row.red[k], row.green[k], row.blue[k] = tri.tint[0], tri.tint[1], tri.tint[2]
        j = min(max(int(row.y[k] * _HALF), 0), contact.shape[0] - 1)
        i = min(max(int(row.x[k] * _HALF), 0), contact.shape[1] - 1)
        row.open_sky[k] = (w0 * tri.sky[0] + w1 * tri.sky[1] + w2 * tri.sky[2]) * contact[j, i]
        _normal(row, k, tri, matrix, w0, w1, w2)


@kernel
def _normal(row, k, tri, matrix, w0, w1, w2):  # type: ignore[no-untyped-def]
    """Interpolated normal in the world; sheets seen from behind turn theirs."""
    n = tri.normal
    nx = w0 * n[0, 0] + w1 * n[1, 0] + w2 * n[2, 0]
    ny = w0 * n[0, 1] + w1 * n[1, 1] + w2 * n[2, 1]
    nz = w0 * n[0, 2] + w1 * n[1, 2] + w2 * n[2, 2]
    if tri.body != 0:
        m = matrix[tri.body]
        x, y, z = np.float64(nx), np.float64(ny), np.float64(nz)
        nx = np.float32(m[0, 0] * x + m[0, 1] * y + m[0, 2] * z)
        ny = np.float32(m[1, 0] * x + m[1, 1] * y + m[1, 2] * z)
        nz = np.float32(m[2, 0] * x + m[2, 1] * y + m[2, 2] * z)
    scale = _ONE / np.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12))
    # Double-sided and not foliage, whose light wraps round anyway.
    if tri.flags & 9 == 1 and nx * row.dx[k] + ny * row.dy[k] + nz * row.dz[k] > 0:
        scale = -scale
    row.nx[k], row.ny[k], row.nz[k] = nx * scale, ny * scale, nz * scale
