"""Screen triangles -> which triangle each sample sees (a visibility buffer).

Two samples a pixel in a quincunx: one at the pixel's centre, one at its corner. Depth and ids come
from the centre sample alone; colour also takes the four corners, which neighbours share: the
smoothing of four samples a pixel at the price of two.

Buffer rows alternate: row 2y + 1 holds the centres of pixel row y (columns 0 .. W-1 at x = column),
row 2y the corners half a pixel above (columns 0 .. W at x = column - 0.5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.render.geometry import Geometry
from depth_seg_ros.virtual_world.render.jit import Workers, kernel
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps
from depth_seg_ros.virtual_world.render.project import Pinhole, Projected

EMPTY = -1
_BAND_ROWS = 48
"""Buffer rows drawn at a time: about what stays in a core's second-level cache."""


class Samples(NamedTuple):
    """inverse_depth f4 and winner i4 (index of the screen triangle or EMPTY), [2H + 1, W + 1]."""

    inverse_depth: NDArray[np.float32]
    winner: NDArray[np.int32]


def new_samples(camera: Pinhole) -> Samples:
    """An unfilled buffer for a camera."""
    shape = (2 * camera.height + 1, camera.width + 1)
    return Samples(np.empty(shape, np.float32), np.empty(shape, np.int32))


def rasterise(
    screen: Projected, geometry: Geometry, textures: MipMaps, samples: Samples, workers: Workers
) -> None:
    """Fill the buffer with the nearest triangle of every sample."""
    rows = samples.winner.shape[0]

    def work(begin: int, end: int) -> None:
        for top in range(begin, end, _BAND_ROWS):
            _raster_band(
                screen.span, screen.plane, screen.parts, geometry.triangle, textures,
                samples.inverse_depth, samples.winner, top, min(top + _BAND_ROWS, end),
            )  # fmt: skip

    workers.run(rows, work)


@kernel
def _raster_band(  # type: ignore[no-untyped-def]
    span, plane, parts, triangle, textures, inverse_depth, winner, row_begin, row_end
):
    inverse_depth[row_begin:row_end] = 0
    winner[row_begin:row_end] = EMPTY
    width = winner.shape[1] - 1
    y_low, y_high = (row_begin - 1) * 0.5, (row_end - 2) * 0.5
    for part in range(parts.shape[0]):
        for i in range(parts[part, 0], parts[part, 1]):
            s = span[i]
            if s.y2 < y_low or s.y0 > y_high:
                continue
            alpha = triangle[s.triangle].flags & 2 != 0
            first = max(row_begin, int(np.ceil(2 * max(s.y0, y_low) + 1)))
            last = min(row_end - 1, int(np.floor(2 * min(s.y2, y_high) + 1)))
            for row in range(first, last + 1):
                y = (row - 1) * 0.5
                a = s.x0 + (y - s.y0) * s.slope_long
                if y < s.y1:
                    b = s.x0 + (y - s.y0) * s.slope_01
                else:
                    b = s.x1 + (y - s.y1) * s.slope_12
                shift = 0.5 * ((row + 1) & 1)
                columns = width - (row & 1)
                begin = max(0, int(np.ceil(max(min(a, b), -1.0) + shift)))
                end = min(columns, int(np.floor(min(max(a, b), width + 1.0) + shift)))
                q_row = s.q0 + s.qy * y - s.qx * shift
                if alpha:
                    _alpha_run(
                        s, plane[i], triangle[s.triangle], textures, i, y, begin, end, shift,
                        inverse_depth[row], winner[row],
                    )  # fmt: skip
                else:
                    depth_row, winner_row = inverse_depth[row], winner[row]
                    for column in range(begin, end + 1):
                        q = np.float32(q_row + s.qx * column)
                        if q > depth_row[column]:
                            depth_row[column] = q
                            winner_row[column] = i


@kernel
def _alpha_run(  # type: ignore[no-untyped-def]
    s, o, tri, textures, index, y, begin, end, shift, depth_row, winner_row
):
    """One row of an alpha-tested triangle: texels below one half are holes."""
    level = alpha_level(tri, s.area * 4, textures.size)
    size = textures.size >> level
    first = textures.first[tri.layer, level]
    a_row, b_row, q_row = o.a0 + o.ay * y, o.b0 + o.by * y, o.q0 + o.qy * y
    for column in range(begin, end + 1):
        x = column - shift
        exact = q_row + o.qx * x
        q = np.float32(exact)
        if q <= depth_row[column]:
            continue
        z = 1 / exact
        a = (a_row + o.ax * x) * z
        b = (b_row + o.bx * x) * z
        c = 1 - a - b
        u = a * tri.uv[0, 0] + b * tri.uv[1, 0] + c * tri.uv[2, 0]
        v = a * tri.uv[0, 1] + b * tri.uv[1, 1] + c * tri.uv[2, 1]
        tx = int(np.floor(u * size)) & (size - 1)
        ty = int(np.floor(v * size)) & (size - 1)
        if textures.texels[first + ty * size + tx, 3] >= 128:
            depth_row[column] = q
            winner_row[column] = index


@kernel
def alpha_level(tri, pixel_area, size):  # type: ignore[no-untyped-def]
    """Mip level at which a triangle has about one texel a sample."""
    du1, dv1 = tri.uv[1, 0] - tri.uv[0, 0], tri.uv[1, 1] - tri.uv[0, 1]
    du2, dv2 = tri.uv[2, 0] - tri.uv[0, 0], tri.uv[2, 1] - tri.uv[0, 1]
    texels = abs(du1 * dv2 - du2 * dv1) * size * size
    level = int(0.5 * np.log2(max(texels / max(pixel_area, 1e-9), 1.0)))
    return min(level, 6)


@kernel
def resolve_truth(  # type: ignore[no-untyped-def]
    winner, plane, triangle, far, sky_id, row_begin, row_end, depth, class_id, instance_id
):
    """Depth and ids of pixel rows from the centre samples; depth beyond ``far`` is ``far``."""
    width = depth.shape[1]
    for y in range(row_begin, row_end):
        for x in range(width):
            i = winner[2 * y + 1, x]
            if i == EMPTY:
                depth[y, x] = np.inf
                class_id[y, x] = sky_id
                instance_id[y, x] = 0
                continue
            o = plane[i]
            depth[y, x] = min(1 / (o.q0 + o.qx * x + o.qy * y), far)
            t = triangle[o.triangle]
            class_id[y, x] = t.class_id
            instance_id[y, x] = t.instance_id
