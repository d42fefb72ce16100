"""The one library of mesh primitives: points and normals, before anything has a material.

Convention, for every function here and for both builders: x right, y up, z forward, metres;
triangles run counter-clockwise seen from outside. A grid [A, B, 3] has its outside on the side of
``cross(d/dA, d/dB)``, and its cells turn from A to B. Rings start where the frame says and turn so
that grids of them face outwards.

Two builders stand on it. ``MeshBuilder`` puts Materials on what it makes and turns windings to
agree with normals; ``ShapeBuilder`` names material slots, for things dressed many times.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.mesh import cross, normalized

Float = NDArray[np.floating[Any]]

QUAD_TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]])
"""The two triangles of a quad's corners."""

BOX_FACES: dict[str, list[tuple[int, int, int]]] = {
    "x": [(-1, -1, -1), (-1, -1, 1), (-1, 1, 1), (-1, 1, -1)],
    "X": [(1, -1, 1), (1, -1, -1), (1, 1, -1), (1, 1, 1)],
    "y": [(-1, -1, -1), (1, -1, -1), (1, -1, 1), (-1, -1, 1)],
    "Y": [(-1, 1, 1), (1, 1, 1), (1, 1, -1), (-1, 1, -1)],
    "z": [(1, -1, -1), (-1, -1, -1), (-1, 1, -1), (1, 1, -1)],
    "Z": [(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)],
}
"""Unit box (half size 1): lower case = the face on the negative axis, upper case = positive."""


def box_faces(sizes: ArrayLike, faces: str) -> Float:
    """Corners [..., F, 4, 3] of the named faces of boxes of sizes [..., 3] round the origin."""
    unit = np.array([BOX_FACES[f] for f in faces], np.float32)
    half = np.asarray(sizes, np.float32) / 2
    return np.asarray(unit * half[..., None, None, :])


def cells(a: Float) -> Float:
    """[A, B, C] -> the corners of each cell [(A-1)(B-1), 4, C], turning from A to B."""
    rows, columns, width = a.shape
    c = np.empty((rows - 1, columns - 1, 4, width), np.float32)
    c[:, :, 0], c[:, :, 1] = a[:-1, :-1], a[1:, :-1]
    c[:, :, 2], c[:, :, 3] = a[1:, 1:], a[:-1, 1:]
    return c.reshape(-1, 4, width)


@lru_cache(maxsize=256)
def grid_triangles(rows: int, columns: int) -> NDArray[np.int64]:
    """[T, 3] indices into a grid's flattened points: two triangles a cell, turning from A to B."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1, 1, 1)
    corner = np.array([0, columns, columns + 1, 1])
    return np.asarray((first + corner[QUAD_TRIANGLES]).reshape(-1, 3))


def grid_normals(g: Float) -> Float:
    """Smooth unit normals [A, B, 3] of a grid of points, on the side of ``cross(d/dA, d/dB)``."""
    return normalized(cross(differences(g), differences(g.swapaxes(0, 1)).swapaxes(0, 1)))


def differences(a: Float) -> Float:
    """Change along the first axis, a step as long as its neighbours' half distance."""
    out = np.empty_like(a)
    out[0], out[-1] = a[1] - a[0], a[-1] - a[-2]
    out[1:-1] = (a[2:] - a[:-2]) / 2
    return out


@lru_cache(maxsize=64)
def circle(sides: int) -> tuple[Float, Float, Float]:
    """Turn 0..1 [sides + 1], and cosine and sine [sides + 1, 1, 1] of it."""
    turn = np.linspace(0, 1, sides + 1)
    angle = 2 * np.pi * turn[:, None, None]
    return turn, np.cos(angle), np.sin(angle)


def tube_frame(path: Float, front: ArrayLike, instead: ArrayLike) -> tuple[Float, Float]:
    """(first, second) unit vectors [K, 3] across a path [K, 3], turning clockwise about its
    direction: across ``front``, or where the path starts along that, across ``instead``."""
    along = normalized(differences(path)).astype(np.float64)
    steep = abs(float(along[0] @ np.asarray(front))) >= 0.9
    helper = np.broadcast_to(np.asarray(instead if steep else front, np.float64), along.shape)
    first = normalized(cross(along, helper)).astype(np.float64)
    return first, np.asarray(cross(first, along))


def rings(frame: tuple[Float, Float], sides: int, flatten: float = 1.0) -> tuple[Float, Float]:
    """(points, unit normals) [sides + 1, K, 3] of circles of radius 1 across a frame; ``flatten``
    squeezes its second direction."""
    first, second = frame
    _, cos, sin = circle(sides)
    ring = cos * first + flatten * sin * second
    normal = ring if flatten == 1.0 else cos * first + sin * second / flatten
    return ring, normalized(normal)


def globe(sides: int, rings: int) -> Float:
    """Unit sphere [sides + 1, rings + 1, 3]: round y from -z, bottom to top."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)[None]
    a = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    return np.stack(
        np.broadcast_arrays(
            -np.sin(a) * np.cos(latitude), np.sin(latitude), -np.cos(a) * np.cos(latitude)
        ),
        -1,
    )
