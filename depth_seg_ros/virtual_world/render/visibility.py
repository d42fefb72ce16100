"""Which triangle each sample of a view sees, leaving out what nearer things hide.

Clusters are drawn in passes from near to far. After each pass the farthest depth in every tile of
the sample buffer is noted; a cluster of a later pass whose box lies behind all tiles it could
touch is not even projected. In streets and woods that is most of the world. What is left out could
not have won a sample, so the result is the same as without.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.render.geometry import Geometry, Transforms
from depth_seg_ros.virtual_world.render.jit import Workers, kernel
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps
from depth_seg_ros.virtual_world.render.project import (
    NEAR_M,
    Pinhole,
    Projected,
    find_clusters,
    new_projected,
    project,
)
from depth_seg_ros.virtual_world.render.raster import Samples, new_samples, rasterise

_PASS_M = (20.0, 60.0)
"""Where one pass ends and the next begins."""
_TILE_ROWS, _TILE_COLUMNS = 16, 8
"""Of the sample buffer: 8 x 8 pixels."""


def draw_view(
    geometry: Geometry,
    transforms: Transforms,
    world_to_camera: NDArray[np.float64],
    camera: Pinhole,
    textures: MipMaps,
    workers: Workers,
) -> tuple[Projected, Samples]:
    """The screen triangles of a view, and the samples that know which of them they see."""
    sight = find_clusters(geometry, transforms, world_to_camera, camera)
    screen, samples = new_projected(sight), new_samples(camera)
    edges = [0, *np.searchsorted(sight.nearest, _PASS_M).tolist(), len(sight.nearest)]
    used = 0
    for begin, end in pairwise(edges):
        clusters = sight.cluster[begin:end]
        if used and len(clusters):
            tiles = _tile_depths(samples, workers)
            seen = np.empty(len(clusters), np.bool_)
            _find_seen(clusters, sight.to_camera, camera, tiles, samples.winner.shape, seen)
            clusters = clusters[seen]
        runs = project(
            geometry, clusters, sight.to_camera, camera, textures.size, screen, used, workers
        )
        if len(runs):
            used = int(runs[-1, 1])
            rasterise(screen, runs, geometry, textures, samples, workers)
    return screen, samples


def _tile_depths(samples: Samples, workers: Workers) -> NDArray[np.float32]:
    """Smallest inverse depth in each tile of the buffer."""
    rows, columns = samples.winner.shape
    shape = (-(-rows // _TILE_ROWS), -(-columns // _TILE_COLUMNS))
    tiles = np.empty(shape, np.float32)
    workers.run(shape[0], lambda a, b: _reduce(samples.inverse_depth, a, b, tiles))
    return tiles


@kernel
def _reduce(inverse_depth, begin, end, tiles):  # type: ignore[no-untyped-def]
    rows, columns = inverse_depth.shape
    for j in range(begin, end):
        tiles[j] = np.inf
        for row in range(j * _TILE_ROWS, min((j + 1) * _TILE_ROWS, rows)):
            for i in range(tiles.shape[1]):
                least = tiles[j, i]
                for column in range(i * _TILE_COLUMNS, min((i + 1) * _TILE_COLUMNS, columns)):
                    least = min(least, inverse_depth[row, column])
                tiles[j, i] = least


@kernel
def _find_seen(clusters, to_camera, camera, tiles, shape, seen):  # type: ignore[no-untyped-def]
    """Whether a cluster's box reaches before the farthest sample of any tile it may touch."""
    for c in range(clusters.shape[0]):
        cluster = clusters[c]
        m = to_camera[cluster.body]
        nearest = np.inf
        left, right, top, bottom = np.inf, -np.inf, np.inf, -np.inf
        for corner in range(8):
            x = cluster.center[0] + cluster.half[0] * (1.0 if corner & 1 else -1.0)
            y = cluster.center[1] + cluster.half[1] * (1.0 if corner & 2 else -1.0)
            z = cluster.center[2] + cluster.half[2] * (1.0 if corner & 4 else -1.0)
            depth = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]
            nearest = min(nearest, depth)
            depth = max(depth, NEAR_M)
            u = camera.fx * (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3]) / depth + camera.cx
            v = camera.cy - camera.fy * (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3]) / depth
            left, right = min(left, u), max(right, u)
            top, bottom = min(top, v), max(bottom, v)
        seen[c] = True
        if nearest <= NEAR_M:
            continue
        # The box in whole tiles, one sample wider on every side.
        first_row = int(max(2 * top - 1, 0)) // _TILE_ROWS
        last_row = int(max(min(2 * bottom + 3, shape[0] - 1), 0)) // _TILE_ROWS
        first_column = int(max(left - 1, 0)) // _TILE_COLUMNS
        last_column = int(max(min(right + 2, shape[1] - 1), 0)) // _TILE_COLUMNS
        seen[c] = _before(tiles, first_row, last_row, first_column, last_column, 1.00001 / nearest)


@kernel
def _before(tiles, first_row, last_row, first_column, last_column, inverse):  # type: ignore[no-untyped-def]
    for j in range(first_row, last_row + 1):
        for i in range(first_column, last_column + 1):
            if tiles[j, i] <= inverse:
                return True
    return False
