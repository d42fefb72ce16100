"""Depth maps along parallel rays: sun shadows, and how much sky each corner of the world sees.

A :class:`LightMap` looks along the direction *from* the light; its depth grows towards the light,
so the map keeps the largest value of each texel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.render.geometry import Geometry, Transforms
from depth_seg_ros.virtual_world.render.jit import Workers, kernel
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps

_ALPHA_TEST = int(Surface.ALPHA_TEST)
_NOTHING = np.float32(-1e9)


class LightMap(NamedTuple):
    """to_map f8 [3, 4]: world -> (column, row, depth towards the light); depth f4 [R, C]."""

    to_map: NDArray[np.float64]
    depth: NDArray[np.float32]
    texel_m: float


def aim(
    direction: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], size: int
) -> LightMap:
    """An unfilled map towards ``direction`` (unit, to the light) that covers the box low..high."""
    helper = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.95 else np.array([0.0, 0.0, 1.0])
    across = np.cross(helper, direction)
    across /= np.linalg.norm(across)
    up = np.cross(direction, across)
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1)
    to_map = np.zeros((3, 4))
    texel = 0.0
    for row, axis in enumerate((across, up)):
        reach = axis @ corners
        step = max((reach.max() - reach.min()) / (size - 3), 1e-3)
        to_map[row, :3] = axis / step
        to_map[row, 3] = 1 - reach.min() / step
        texel = max(texel, float(step))
    to_map[2, :3] = direction
    return LightMap(to_map, np.empty((size, size), np.float32), texel)


def draw_light_map(
    light: LightMap,
    geometry: Geometry,
    transforms: Transforms,
    textures: MipMaps,
    bodies: tuple[int, int],
    workers: Workers,
) -> None:
    """Fill the map with the shown bodies begin <= body < end."""
    to_light = np.empty_like(transforms.matrix)
    to_light[:, :, :3] = light.to_map[:, :3] @ transforms.matrix[:, :, :3]
    to_light[:, :, 3] = transforms.matrix[:, :, 3] @ light.to_map[:, :3].T + light.to_map[:, 3]

    def work(begin: int, end: int) -> None:
        _draw_rows(
            geometry, transforms.shown, to_light, textures, bodies, (begin, end), light.depth
        )

    workers.run(len(light.depth), work)


@kernel
def _draw_rows(  # type: ignore[no-untyped-def]
    geometry, shown, to_light, textures, bodies, rows, depth
):
    position, triangle, cluster = geometry.position, geometry.triangle, geometry.cluster
    size, (row_begin, row_end) = depth.shape[0], rows
    depth[row_begin:row_end] = _NOTHING
    for i in range(cluster.shape[0]):
        c = cluster[i]
        if c.body < bodies[0] or c.body >= bodies[1] or shown[c.body] == 0:
            continue
        m = to_light[c.body]
        x = m[0, 0] * c.center[0] + m[0, 1] * c.center[1] + m[0, 2] * c.center[2] + m[0, 3]
        y = m[1, 0] * c.center[0] + m[1, 1] * c.center[1] + m[1, 2] * c.center[2] + m[1, 3]
        # Rotations keep lengths and rows of to_map are scaled: the sphere's radius in texels.
        rx = c.radius * np.sqrt(m[0, 0] ** 2 + m[0, 1] ** 2 + m[0, 2] ** 2)
        ry = c.radius * np.sqrt(m[1, 0] ** 2 + m[1, 1] ** 2 + m[1, 2] ** 2)
        if x + rx < 0 or x - rx > size - 1 or y + ry < row_begin or y - ry > row_end - 1:
            continue
        for t in range(c.begin, c.end):
            _draw_triangle(position[t], triangle[t], m, textures, rows, depth)


@kernel
def _draw_triangle(p, tri, m, textures, rows, depth):  # type: ignore[no-untyped-def]
    """One triangle into the rows of the map; each texel centre is one sample."""
    first_texel, (row_begin, row_end) = textures.first, rows
    x0 = m[0, 0] * p[0, 0] + m[0, 1] * p[0, 1] + m[0, 2] * p[0, 2] + m[0, 3]
    y0 = m[1, 0] * p[0, 0] + m[1, 1] * p[0, 1] + m[1, 2] * p[0, 2] + m[1, 3]
    x1 = m[0, 0] * p[1, 0] + m[0, 1] * p[1, 1] + m[0, 2] * p[1, 2] + m[0, 3]
    y1 = m[1, 0] * p[1, 0] + m[1, 1] * p[1, 1] + m[1, 2] * p[1, 2] + m[1, 3]
    x2 = m[0, 0] * p[2, 0] + m[0, 1] * p[2, 1] + m[0, 2] * p[2, 2] + m[0, 3]
    y2 = m[1, 0] * p[2, 0] + m[1, 1] * p[2, 1] + m[1, 2] * p[2, 2] + m[1, 3]
    first = max(row_begin, int(np.ceil(min(y0, y1, y2))))
    last = min(row_end - 1, int(np.floor(max(y0, y1, y2))))
    left, right = min(x0, x1, x2), max(x0, x1, x2)
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if first > last or np.ceil(left) > np.floor(right) or abs(area) < 1e-9:
        return
    d0 = m[2, 0] * p[0, 0] + m[2, 1] * p[0, 1] + m[2, 2] * p[0, 2] + m[2, 3]
    d1 = m[2, 0] * p[1, 0] + m[2, 1] * p[1, 1] + m[2, 2] * p[1, 2] + m[2, 3]
    d2 = m[2, 0] * p[2, 0] + m[2, 1] * p[2, 1] + m[2, 2] * p[2, 2] + m[2, 3]
    inverse = 1 / area
    alpha = tri.flags & _ALPHA_TEST != 0
    level = min(3, first_texel.shape[1] - 1)
    size = textures.size >> level
    texel = first_texel[tri.layer, level]
    w1x, w1y = (y2 - y0) * inverse, (x0 - x2) * inverse
    w2x, w2y = (y0 - y1) * inverse, (x1 - x0) * inverse
    columns = depth.shape[1]
    for y in range(first, last + 1):
        low, high = _row_reach(x0, y0, x1, y1, x2, y2, y)
        for x in range(max(0, int(np.ceil(low))), min(columns - 1, int(np.floor(high))) + 1):
            w1 = w1x * (x - x0) + w1y * (y - y0)
            w2 = w2x * (x - x0) + w2y * (y - y0)
            d = np.float32(d0 + w1 * (d1 - d0) + w2 * (d2 - d0))
            if d <= depth[y, x]:
                continue
            if alpha:
                w0 = 1 - w1 - w2
                u = w0 * tri.uv[0, 0] + w1 * tri.uv[1, 0] + w2 * tri.uv[2, 0]
                v = w0 * tri.uv[0, 1] + w1 * tri.uv[1, 1] + w2 * tri.uv[2, 1]
                tx = int(np.floor(u * size)) & (size - 1)
                ty = int(np.floor(v * size)) & (size - 1)
                if textures.alpha[texel + ty * size + tx] < 128:
                    continue
            depth[y, x] = d


@kernel
def _row_reach(x0, y0, x1, y1, x2, y2, y):  # type: ignore[no-untyped-def]
    """Lowest and highest x of a triangle on a row."""
    low, high = np.inf, -np.inf
    for edge in range(3):
        if edge == 0:
            ax, ay, bx, by = x0, y0, x1, y1
        elif edge == 1:
            ax, ay, bx, by = x1, y1, x2, y2
        else:
            ax, ay, bx, by = x2, y2, x0, y0
        if (ay <= y) != (by <= y) or ay == y or by == y:
            x = ax if ay == by else ax + (bx - ax) * ((y - ay) / (by - ay))
            low, high = min(low, x), max(high, x)
    return low, high


def bake_sky_visibility(
    geometry: Geometry,
    transforms: Transforms,
    textures: MipMaps,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    workers: Workers,
    directions: int = 12,
    size: int = 768,
) -> None:
    """Write the cosine-weighted share of open sky into ``triangle.sky`` of every shown body.

    The shown bodies must be neighbours: triangles lie in the order of their bodies.
    """
    bodies = np.flatnonzero(transforms.shown)
    begin, end = np.searchsorted(geometry.triangle["body"], [bodies[0], bodies[-1] + 1])
    position, triangle = geometry.position[begin:end], geometry.triangle[begin:end]
    count = len(position)
    seen = np.zeros((count, 3), np.float32)
    total = np.full((count, 3), 1e-6, np.float32)
    golden = np.pi * (3 - np.sqrt(5))
    for i in range(directions):
        height = np.sqrt((i + 0.5) / directions) * 0.97 + 0.02
        flat = np.sqrt(1 - height * height)
        direction = np.array([flat * np.cos(i * golden), height, flat * np.sin(i * golden)])
        light = aim(direction, low, high, size)
        draw_light_map(light, geometry, transforms, textures, (0, geometry.bodies), workers)
        bias = 0.2 + light.texel_m
        workers.run(
            count,
            lambda a, b, m=light, d=direction, s=bias: _gather(  # type: ignore[misc]
                position,
                triangle,
                transforms.matrix,
                m.depth,
                m.to_map,
                d,
                s,
                a,
                b,
                seen,
                total,
            ),
        )
    # Corners that no direction lights (undersides) see what the ground throws back.
    share = np.where(total > 1e-3, seen / total, 0.4)
    triangle["sky"] = np.float32(0.12) + np.float32(0.88) * share


@kernel
def _gather(  # type: ignore[no-untyped-def]
    position, triangle, matrix, depth, to_map, direction, bias, begin, end, seen, total
):
    """Add the corners of triangles that see a direction, weighted by the cosine to it."""
    size = depth.shape[0]
    for t in range(begin, end):
        tri = triangle[t]
        m = matrix[tri.body]
        for k in range(3):
            n0, n1, n2 = tri.normal[k, 0], tri.normal[k, 1], tri.normal[k, 2]
            nx = m[0, 0] * n0 + m[0, 1] * n1 + m[0, 2] * n2
            ny = m[1, 0] * n0 + m[1, 1] * n1 + m[1, 2] * n2
            nz = m[2, 0] * n0 + m[2, 1] * n1 + m[2, 2] * n2
            cosine = nx * direction[0] + ny * direction[1] + nz * direction[2]
            if cosine <= 0:
                continue
            p = position[t, k]
            x = m[0, 0] * p[0] + m[0, 1] * p[1] + m[0, 2] * p[2] + m[0, 3] + nx * 0.15
            y = m[1, 0] * p[0] + m[1, 1] * p[1] + m[1, 2] * p[2] + m[1, 3] + ny * 0.15
            z = m[2, 0] * p[0] + m[2, 1] * p[1] + m[2, 2] * p[2] + m[2, 3] + nz * 0.15
            s = to_map
            column = int(s[0, 0] * x + s[0, 1] * y + s[0, 2] * z + s[0, 3] + 0.5)
            row = int(s[1, 0] * x + s[1, 1] * y + s[1, 2] * z + s[1, 3] + 0.5)
            d = s[2, 0] * x + s[2, 1] * y + s[2, 2] * z + s[2, 3]
            total[t, k] += cosine
            outside = column < 0 or row < 0 or column >= size or row >= size
            if outside or depth[row, column] < d + bias:
                seen[t, k] += cosine
