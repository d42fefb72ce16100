"""The colour of every sample, and of every pixel from its samples.

Centres are shaded row by row; of the corners only those that see a triangle none of their four
pixels' centres sees. Radiance is linear and unbounded; exposure comes later (``camera_model``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.render.jit import Workers, color_kernel
from depth_seg_ros.virtual_world.render.lighting import light_row, shadow_row, sky_row, wear_row
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps
from depth_seg_ros.virtual_world.render.project import Pinhole
from depth_seg_ros.virtual_world.render.rows import Row, locate_row, look_row, new_row, turn_row
from depth_seg_ros.virtual_world.render.shadow import LightMap
from depth_seg_ros.virtual_world.render.sky import Light
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


def shade(
    winner: NDArray[np.int32], view: View, world: World, workers: Workers
) -> NDArray[np.float32]:
    """Linear anti-aliased radiance f4 [H, W, 3]."""
    height, width = view.camera.height, view.camera.width
    centers = np.empty((height, width, 3), np.float32)
    result = np.empty_like(centers)

    def shade_centers(begin: int, end: int) -> None:
        _shade_centers(winner, view, world, new_row(width + 1), begin, end, centers)

    def resolve(begin: int, end: int) -> None:
        _resolve(winner, view, world, new_row(width + 1), centers, begin, end, result)

    workers.run(height, shade_centers)
    workers.run(height, resolve)
    return result


@color_kernel
def _shade_row(row, count, view, world):  # type: ignore[no-untyped-def]
    """Radiance of the samples screen, x, y of a row."""
    look_row(row, count, view.camera, view.axes)
    locate_row(
        row, count, world.plane, world.triangle, view.position, world.contact
    )
    turn_row(row, count, world.matrix)
    sky_row(row, count, world.light)
    textures = world.textures
    texture_row(row, count, textures.texels, textures.first, textures.size)
    wear_row(row, count, world.light)
    shadow_row(row, count, world.light, world.still_shadow, world.moving_shadow)
    light_row(row, count, world.light)


@color_kernel
def _shade_centers(winner, view, world, row, begin, end, centers):  # type: ignore[no-untyped-def]
    width = centers.shape[1]
    for y in range(begin, end):
        for x in range(width):
            row.screen[x] = winner[2 * y + 1, x]
            row.x[x], row.y[x] = np.float32(x), np.float32(y)
        _shade_row(row, width, view, world)
        for x in range(width):
            centers[y, x, 0] = row.red[x]
            centers[y, x, 1] = row.green[x]
            centers[y, x, 2] = row.blue[x]


@color_kernel
def _resolve(winner, view, world, row, centers, begin, end, result):  # type: ignore[no-untyped-def]
    """Half the centre, an eighth of each corner; a corner on the centre's own triangle counts with
    the centre's colour, so that textures stay sharp."""
    width = centers.shape[1]
    above = np.empty((width + 1, 3), np.float32)
    below = np.empty((width + 1, 3), np.float32)
    source = np.empty(width + 1, np.int64)
    _corner_row(begin, winner, view, world, row, source, centers, above)
    for y in range(begin, end):
        _corner_row(y + 1, winner, view, world, row, source, centers, below)
        for x in range(width):
            own = winner[2 * y + 1, x]
            a, b = winner[2 * y, x] == own, winner[2 * y, x + 1] == own
            c, d = winner[2 * y + 2, x] == own, winner[2 * y + 2, x + 1] == own
            for k in range(3):
                middle = centers[y, x, k]
                total = middle * np.float32(4)
                total += middle if a else above[x, k]
                total += middle if b else above[x + 1, k]
                total += middle if c else below[x, k]
                total += middle if d else below[x + 1, k]
                result[y, x, k] = total * np.float32(0.125)
        above, below = below, above


@color_kernel
def _corner_row(y, winner, view, world, row, source, centers, colors):  # type: ignore[no-untyped-def]
    """Colours of the corners between pixel rows y - 1 and y."""
    height, width = centers.shape[0], centers.shape[1]
    up, down = max(y - 1, 0), min(y, height - 1)
    count = 0
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
            row.screen[count] = own
            row.x[count], row.y[count] = np.float32(x - 0.5), np.float32(y - 0.5)
            source[count] = x
            count += 1
            continue
        colors[x, 0], colors[x, 1], colors[x, 2] = centers[j, i, 0], centers[j, i, 1], centers[j, i, 2]
    _shade_row(row, count, view, world)
    for k in range(count):
        x = source[k]
        colors[x, 0], colors[x, 1], colors[x, 2] = row.red[k], row.green[k], row.blue[k]
