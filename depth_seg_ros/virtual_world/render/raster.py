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
_ZERO, _ONE = np.float32(0), np.float32(1)
_BAND_ROWS = 48
"""Buffer rows drawn at a time: about what stays in a core's second-level cache."""


class Samples(NamedTuple):
    """inverse_depth f4 and winner i4 (index of the screen triangle or EMPTY), [2H + 1, W + 1]."""

    inverse_depth: NDArray[np.float32]
    winner: NDArray[np.int32]


def new_samples(camera: Pinhole) -> Samples:
    """A buffer for a camera that sees nothing yet."""
    shape = (2 * camera.height + 1, camera.width + 1)
    return Samples(np.zeros(shape, np.float32), np.full(shape, EMPTY, np.int32))


def rasterise(
    screen: Projected,
    runs: NDArray[np.int64],
    geometry: Geometry,
    textures: MipMaps,
    samples: Samples,
    workers: Workers,
) -> None:
    """Draw runs of screen triangles (i8 [P, 2]): every sample keeps the nearest."""
    rows = samples.winner.shape[0]

    def work(begin: int, end: int) -> None:
        for top in range(begin, end, _BAND_ROWS):
            _raster_band(
                screen, runs, geometry.triangle, textures, samples, top, min(top + _BAND_ROWS, end)
            )

    workers.run(rows, work)


@kernel
def _raster_band(  # type: ignore[no-untyped-def]
    screen, runs, triangle, textures, samples, row_begin, row_end
):
    span, plane, reach = screen.span, screen.plane, screen.reach
    alpha, first_texel, texture_size = textures.alpha, textures.first, textures.size
    inverse_depth, winner = samples.inverse_depth, samples.winner
    width = winner.shape[1] - 1
    stride = winner.shape[1]
    nearest, owners = inverse_depth.reshape(-1), winner.reshape(-1)
    for run in range(runs.shape[0]):
        for i in range(runs[run, 0], runs[run, 1]):
            if reach[i, 1] < row_begin or reach[i, 0] >= row_end:
                continue
            s = span[i]
            number, slope = np.int32(i), s.qx
            # Alpha-tested: texels below one half are holes. Texture coordinates over z, in texels,
            # are planes on screen; single precision is enough for them.
            first, mask, size = np.int64(0), 0, 0
            ux, uy, u0, u_last = _ZERO, 0.0, 0.0, _ZERO
            vx, vy, v0, v_last = _ZERO, 0.0, 0.0, _ZERO
            if s.level >= 0:
                o, tri = plane[i], triangle[s.triangle]
                size = texture_size >> s.level
                first, mask = first_texel[tri.layer, s.level], size - 1
                ux, uy, u0 = _texel_plane(o, tri, 0, size)
                vx, vy, v0 = _texel_plane(o, tri, 1, size)
                u_last = np.float32((tri.uv[2, 0] - np.floor(tri.uv[2, 0])) * size)
                v_last = np.float32((tri.uv[2, 1] - np.floor(tri.uv[2, 1])) * size)
            for row in range(max(row_begin, reach[i, 0]), min(row_end - 1, reach[i, 1]) + 1):
                y = (row - 1) * 0.5
                a = s.x0 + (y - s.y0) * s.slope_long
                if y < s.y1:  # noqa: SIM108
                    b = s.x0 + (y - s.y0) * s.slope_01
                else:
                    b = s.x1 + (y - s.y1) * s.slope_12
                shift = 0.5 * ((row + 1) & 1)
                begin = max(0, int(np.ceil(max(min(a, b), -1.0) + shift)))
                end = min(width - (row & 1), int(np.floor(min(max(a, b), width + 1.0) + shift)))
                if begin > end:
                    continue
                q_row = s.q0 + s.qy * y - slope * shift
                base = row * stride
                if s.level < 0:
                    # Written so that the compiler can treat several samples at once: unsigned
                    # indices, no jumps, stores in any case.
                    for k in range(np.uint64(base + begin), np.uint64(base + end + 1)):
                        q = np.float32(q_row + slope * np.int64(k - base))
                        before, owner = nearest[k], owners[k]
                        nearest[k] = q if q > before else before
                        owners[k] = number if q > before else owner
                    continue
                u_row = np.float32(u0 + uy * y - ux * shift)
                v_row = np.float32(v0 + vy * y - vx * shift)
                for k in range(np.uint64(base + begin), np.uint64(base + end + 1)):
                    column = np.int64(k - base)
                    q = np.float32(q_row + slope * column)
                    if q <= nearest[k]:
                        continue
                    z = _ONE / q
                    along = np.float32(column)
                    tx = int(np.floor(u_last + (u_row + ux * along) * z)) & mask
                    ty = int(np.floor(v_last + (v_row + vx * along) * z)) & mask
                    if alpha[np.uint64(first + ty * size + tx)] >= 128:
                        nearest[k] = q
                        owners[k] = number


@kernel
def _texel_plane(o, tri, axis, size):  # type: ignore[no-untyped-def]
    """A texture coordinate less that of corner 2, in texels over z: (per column, per row, at 0)."""
    last = np.float64(tri.uv[2, axis])
    one, two = (tri.uv[0, axis] - last) * size, (tri.uv[1, axis] - last) * size
    return (
        np.float32(o.ax * one + o.bx * two), o.ay * one + o.by * two, o.a0 * one + o.b0 * two
    )  # fmt: skip


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
