"""The colour of every sample, and of every pixel from its samples.

All centres are shaded; of the corners only those that see a triangle none of their four pixels'
centres sees. Radiance is linear and unbounded; exposure comes later (``camera_model``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.light.sky import Light
from depth_seg_ros.virtual_world.render.after_dark import Extras, keep_row, lamp_row, season_row
from depth_seg_ros.virtual_world.render.jit import Workers, color_kernel
from depth_seg_ros.virtual_world.render.lighting import light_row, shadow_row, sky_row, wear_row
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps
from depth_seg_ros.virtual_world.render.project import Pinhole
from depth_seg_ros.virtual_world.render.rows import locate_row, look_row, new_row, turn_row
from depth_seg_ros.virtual_world.render.shadow import LightMap
from depth_seg_ros.virtual_world.render.texture import texture_row


class View(NamedTuple):
    """position f4 [3]; axes f4 [3, 3]: rows are the camera's right, up, forward in the world."""

    camera: Pinhole
    position: NDArray[np.float32]
    axes: NDArray[np.float32]


class World(NamedTuple):
    """What the shading of every sample of a frame looks at."""

    plane: NDArray[np.void]
    triangle: NDArray[np.void]
    matrix: NDArray[np.float64]  # [B, 3, 4] body -> world
    textures: MipMaps
    light: Light
    still_shadow: LightMap
    moving_shadow: LightMap
    contact: NDArray[np.float32]  # [H/2, W/2]
    extras: Extras | None = None  # snow, autumn, lamps: where there are any


class Points(NamedTuple):
    """N samples to shade: screen i4 [N] (triangle or EMPTY) and screen position f4 [N]."""

    screen: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]


def shade(
    winner: NDArray[np.int32], view: View, world: World, workers: Workers
) -> NDArray[np.float32]:
    """Linear anti-aliased radiance f4 [H, W, 3]."""
    height, width = view.camera.height, view.camera.width
    centers = _radiance(_centers(winner, height, width), view, world, workers)
    centers = centers.reshape(height, width, 3)
    corners = np.empty((height + 1, width + 1, 3), np.float32)
    lonely = np.empty((height + 1) * (width + 1), np.int64)
    counts = workers.run(
        height + 1, lambda a, b: _borrow(winner, centers, a, b, corners, lonely[a * (width + 1) :])
    )
    starts = [a * (width + 1) for a, _ in workers.ranges(height + 1)]
    index = np.concatenate([lonely[s : s + n] for s, n in zip(starts, counts, strict=True)])
    row, column = np.divmod(index, width + 1)
    points = Points(
        winner[2 * row, column], (column - 0.5).astype(np.float32), (row - 0.5).astype(np.float32)
    )
    corners.reshape(-1, 3)[index] = _radiance(points, view, world, workers)
    result = np.empty_like(centers)
    workers.run(height, lambda a, b: _resolve(winner, centers, corners, a, b, result))
    return result


def _centers(winner: NDArray[np.int32], height: int, width: int) -> Points:
    """The centre samples of all pixels, row after row."""
    screen = np.ascontiguousarray(winner[1::2, :width]).reshape(-1)
    return Points(screen, *_pixel_grid(height, width))


@lru_cache(maxsize=4)
def _pixel_grid(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x and y of all pixels, row after row."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x.reshape(-1), y.reshape(-1)


def _radiance(points: Points, view: View, world: World, workers: Workers) -> NDArray[np.float32]:
    """Radiance f4 [N, 3] of samples."""
    colors = np.empty((len(points.screen), 3), np.float32)

    plain, extras = world._replace(extras=None), world.extras

    def work(begin: int, end: int) -> None:
        row = new_row(_ROW)
        if extras is None:
            _shade_points(points, view, plain, row, begin, end, colors)
        else:
            kept = np.empty((3, _ROW), np.float32)
            _shade_extra(points, view, plain, extras, row, kept, begin, end, colors)

    workers.run(len(colors), work)
    return colors


_ROW = 1024
"""Samples shaded together: their quantities fit into a core's cache."""


@color_kernel
def _shade_points(points, view, world, row, begin, end, colors):  # type: ignore[no-untyped-def]
    textures, light = world.textures, world.light
    for first in range(begin, end, _ROW):
        count = min(_ROW, end - first)
        row.screen[:count] = points.screen[first : first + count]
        row.x[:count] = points.x[first : first + count]
        row.y[:count] = points.y[first : first + count]
        look_row(row, count, view.camera, view.axes)
        locate_row(row, count, world.plane, world.triangle, view.position, world.contact)
        turn_row(row, count, world.matrix)
        texture_row(row, count, textures.texels, textures.first, textures.size)
        wear_row(row, count, light)
        shadow_row(row, count, light, world.still_shadow, world.moving_shadow)
        light_row(row, count, light)
        sky_row(row, count, light)
        for k in range(count):
            colors[first + k, 0] = row.red[k]
            colors[first + k, 1] = row.green[k]
            colors[first + k, 2] = row.blue[k]


@color_kernel
def _shade_extra(  # type: ignore[no-untyped-def]
    points, view, world, extras, row, kept, begin, end, colors
):
    """As ``_shade_points``, with seasons and lamps."""
    textures, light = world.textures, world.light
    for first in range(begin, end, _ROW):
        count = min(_ROW, end - first)
        row.screen[:count] = points.screen[first : first + count]
        row.x[:count] = points.x[first : first + count]
        row.y[:count] = points.y[first : first + count]
        look_row(row, count, view.camera, view.axes)
        locate_row(row, count, world.plane, world.triangle, view.position, world.contact)
        turn_row(row, count, world.matrix)
        texture_row(row, count, textures.texels, textures.first, textures.size)
        wear_row(row, count, light)
        season_row(row, count, light.noise, extras.snow, extras.autumn)
        shadow_row(row, count, light, world.still_shadow, world.moving_shadow)
        keep_row(row, count, kept)
        light_row(row, count, light)
        if extras.lamps > 0:
            lamp_row(row, count, kept, extras, light.haze_per_m, light.wetness)
        sky_row(row, count, light)
        for k in range(count):
            colors[first + k, 0] = row.red[k]
            colors[first + k, 1] = row.green[k]
            colors[first + k, 2] = row.blue[k]


@color_kernel
def _borrow(winner, centers, begin, end, corners, lonely):  # type: ignore[no-untyped-def]
    """Give corners the colour of a neighbouring centre that sees the same triangle.

    Those that find none are listed (index row * (W + 1) + column); returns how many.
    """
    height, width = centers.shape[0], centers.shape[1]
    count = 0
    for y in range(begin, end):
        up, down = max(y - 1, 0), min(y, height - 1)
        for x in range(width + 1):
            left, right = max(x - 1, 0), min(x, width - 1)
            own = winner[2 * y, x]
            if own == winner[2 * up + 1, left]:
                j, i = up, left
            elif own == winner[2 * up + 1, right]:
                j, i = up, right
            elif own == winner[2 * down + 1, left]:
                j, i = down, left
            elif own == winner[2 * down + 1, right]:
                j, i = down, right
            else:
                lonely[count] = y * (width + 1) + x
                count += 1
                continue
            for k in range(3):
                corners[y, x, k] = centers[j, i, k]
    return count


@color_kernel
def _resolve(winner, centers, corners, begin, end, result):  # type: ignore[no-untyped-def]
    """Half the centre, an eighth of each corner; a corner on the centre's own triangle counts with
    the centre's colour, so that textures stay sharp."""
    for y in range(begin, end):
        for x in range(centers.shape[1]):
            own = winner[2 * y + 1, x]
            a, b = winner[2 * y, x] == own, winner[2 * y, x + 1] == own
            c, d = winner[2 * y + 2, x] == own, winner[2 * y + 2, x + 1] == own
            for k in range(3):
                middle = centers[y, x, k]
                total = middle * np.float32(4)
                total += middle if a else corners[y, x, k]
                total += middle if b else corners[y, x + 1, k]
                total += middle if c else corners[y + 1, x, k]
                total += middle if d else corners[y + 1, x + 1, k]
                result[y, x, k] = total * np.float32(0.125)
