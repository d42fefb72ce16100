"""A row of samples on its way through shading: one array a quantity, filled stage by stage."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Surface
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
    body: NDArray[np.int32]
    open_sky: Floats  # share of the sky that is open
    sun: Floats  # share of the sun that is open
    red: Floats  # tint, then albedo, then radiance
    green: Floats
    blue: Floats
    alpha: Floats


def new_row(size: int) -> Row:
    """An unfilled row for ``size`` samples."""
    integer = {"screen", "layer", "flags", "body"}
    arrays: list[Any] = [
        np.zeros(size, np.int32 if f in integer else np.float32) for f in Row._fields
    ]
    return Row(*arrays)


# Arrays are taken out of the row before a loop, and helpers take numbers only: handing a tuple of
# arrays to a function costs Numba two atomic operations an array.
_HALF, _ONE = np.float32(0.5), np.float32(1)
_DOUBLE_SIDED = int(Surface.DOUBLE_SIDED)
_SIDES = _DOUBLE_SIDED | int(Surface.FOLIAGE)


@color_kernel
def look_row(row, count, camera, axes):  # type: ignore[no-untyped-def]
    """Directions of looking through x, y."""
    xs, ys, dx, dy, dz, distance = row.x, row.y, row.dx, row.dy, row.dz, row.distance
    cx, cy = np.float32(camera.cx), np.float32(camera.cy)
    per_fx, per_fy = np.float32(1 / camera.fx), np.float32(1 / camera.fy)
    a00, a01, a02 = axes[0, 0], axes[0, 1], axes[0, 2]
    a10, a11, a12 = axes[1, 0], axes[1, 1], axes[1, 2]
    a20, a21, a22 = axes[2, 0], axes[2, 1], axes[2, 2]
    for k in range(count):
        rx = (xs[k] - cx) * per_fx
        ry = (cy - ys[k]) * per_fy
        length = np.sqrt(rx * rx + ry * ry + _ONE)
        scale = _ONE / length
        distance[k] = length  # times depth, once that is known
        dx[k] = (a00 * rx + a10 * ry + a20) * scale
        dy[k] = (a01 * rx + a11 * ry + a21) * scale
        dz[k] = (a02 * rx + a12 * ry + a22) * scale


@kernel
def locate_row(row, count, plane, triangle, position, contact):  # type: ignore[no-untyped-def]
    """Where each sample hits its triangle, and what that triangle is there."""
    screen, xs, ys, depth, distance = row.screen, row.x, row.y, row.depth, row.distance
    dx, dy, dz, px, py, pz = row.dx, row.dy, row.dz, row.px, row.py, row.pz
    nx, ny, nz, body = row.nx, row.ny, row.nz, row.body
    u, v, ux, vx, uy, vy = row.u, row.v, row.ux, row.vx, row.uy, row.vy
    layer, flags, open_sky = row.layer, row.flags, row.open_sky
    red, green, blue = row.red, row.green, row.blue
    for k in range(count):
        if screen[k] == EMPTY:
            continue
        o = plane[screen[k]]
        tri = triangle[o.triangle]
        x, y = np.float64(xs[k]), np.float64(ys[k])
        exact = 1.0 / (o.q0 + o.qx * x + o.qy * y)
        z = np.float32(exact)
        w0 = np.float32((o.a0 + o.ax * x + o.ay * y) * exact)
        w1 = np.float32((o.b0 + o.bx * x + o.by * y) * exact)
        w2 = _ONE - w0 - w1
        depth[k] = z
        distance[k] *= z
        px[k] = position[0] + dx[k] * distance[k]
        py[k] = position[1] + dy[k] * distance[k]
        pz[k] = position[2] + dz[k] * distance[k]
        u0, v0 = tri.uv[0, 0] - tri.uv[2, 0], tri.uv[0, 1] - tri.uv[2, 1]
        u1, v1 = tri.uv[1, 0] - tri.uv[2, 0], tri.uv[1, 1] - tri.uv[2, 1]
        u[k] = tri.uv[2, 0] + w0 * u0 + w1 * u1
        v[k] = tri.uv[2, 1] + w0 * v0 + w1 * v1
        # d(weight)/dx = (d(weight/z)/dx - weight d(1/z)/dx) z
        qx, qy = np.float32(o.qx), np.float32(o.qy)
        w0x, w1x = (np.float32(o.ax) - w0 * qx) * z, (np.float32(o.bx) - w1 * qx) * z
        w0y, w1y = (np.float32(o.ay) - w0 * qy) * z, (np.float32(o.by) - w1 * qy) * z
        ux[k], vx[k] = w0x * u0 + w1x * u1, w0x * v0 + w1x * v1
        uy[k], vy[k] = w0y * u0 + w1y * u1, w0y * v0 + w1y * v1
        layer[k], flags[k], body[k] = tri.layer, tri.flags, tri.body
        red[k], green[k], blue[k] = tri.tint[0], tri.tint[1], tri.tint[2]
        j = min(max(int(ys[k] * _HALF), 0), contact.shape[0] - 1)
        i = min(max(int(xs[k] * _HALF), 0), contact.shape[1] - 1)
        open_sky[k] = (w0 * tri.sky[0] + w1 * tri.sky[1] + w2 * tri.sky[2]) * contact[j, i]
        nx[k] = w0 * tri.normal[0, 0] + w1 * tri.normal[1, 0] + w2 * tri.normal[2, 0]
        ny[k] = w0 * tri.normal[0, 1] + w1 * tri.normal[1, 1] + w2 * tri.normal[2, 1]
        nz[k] = w0 * tri.normal[0, 2] + w1 * tri.normal[1, 2] + w2 * tri.normal[2, 2]


@color_kernel
def turn_row(row, count, matrix):  # type: ignore[no-untyped-def]
    """Normals: into the world, to unit length, and towards the camera on sheets."""
    screen, body, flags = row.screen, row.body, row.flags
    dx, dy, dz, nx, ny, nz = row.dx, row.dy, row.dz, row.nx, row.ny, row.nz
    for k in range(count):
        if screen[k] == EMPTY:
            continue
        x, y, z = nx[k], ny[k], nz[k]
        b = body[k]
        if b != 0:
            x, y, z = (
                np.float32(matrix[b, 0, 0] * x + matrix[b, 0, 1] * y + matrix[b, 0, 2] * z),
                np.float32(matrix[b, 1, 0] * x + matrix[b, 1, 1] * y + matrix[b, 1, 2] * z),
                np.float32(matrix[b, 2, 0] * x + matrix[b, 2, 1] * y + matrix[b, 2, 2] * z),
            )
        scale = _ONE / np.sqrt(x * x + y * y + z * z + np.float32(1e-12))
        # Not foliage, whose light wraps round anyway.
        if flags[k] & _SIDES == _DOUBLE_SIDED and x * dx[k] + y * dy[k] + z * dz[k] > 0:
            scale = -scale
        nx[k], ny[k], nz[k] = x * scale, y * scale, z * scale
