"""Lamps of a world: where street lamps hang, and which of them light a spot on the ground.

Street lamps are found in the geometry itself (triangles flagged ``Surface.LAMP`` that never move),
head lights at the front of bodies that move. Their light falls without shadows. Convention:
intensities are such that a lamp 6.8 m above a white ground makes it 0.35 bright.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.render.geometry import Geometry, Transforms

_CELL_M = 5.0
_REACH_M = 32.0
_NEAREST = 5
"""Lamps that light a cell at most."""
_STREET_CANDELA = 16.0
_HEAD_CANDELA = 260.0
_MOST_HEAD_LIGHTS = 5
_WARM, _WHITE = np.array([1.0, 0.70, 0.36]), np.array([0.95, 0.97, 1.0])


class LampField(NamedTuple):
    """position f4 [L, 3]; color f4 [L, 3] (intensity); cell i4 [nz, nx, K] lamps of each cell of
    the ground, -1 = none; corner f4 [2] = lowest x, z; cell_m."""

    position: NDArray[np.float32]
    color: NDArray[np.float32]
    cell: NDArray[np.int32]
    corner: NDArray[np.float32]
    cell_m: float


_NONE = np.zeros((0, 3), np.float32)
NO_LAMPS = LampField(
    _NONE, _NONE, np.full((1, 1, _NEAREST), -1, np.int32), np.zeros(2, np.float32), 1e9
)
"""A world without street lamps."""


def find_lamps(geometry: Geometry) -> LampField:
    """The street lamps of the static world."""
    records = geometry.triangle
    still = (records["body"] == 0) & ((records["flags"] & int(Surface.LAMP)) != 0)
    middle = geometry.position[still].mean(1).astype(np.float64)
    if not len(middle):
        return NO_LAMPS
    spot = np.unique(np.round(middle / 1.5), axis=0, return_inverse=True)[1].reshape(-1)
    count = np.bincount(spot)
    position = np.stack([np.bincount(spot, middle[:, k]) / count for k in range(3)], -1)
    white = (np.floor(position[:, 0] / 400).astype(np.int64) % 2 == 0)[:, None]
    color = np.where(white, _WHITE, _WARM) * _STREET_CANDELA
    corner = position[:, [0, 2]].min(0) - _REACH_M
    size = np.ceil((position[:, [0, 2]].max(0) + _REACH_M - corner) / _CELL_M).astype(np.int64) + 1
    cell = _nearest(position, corner, (int(size[1]), int(size[0])))
    return LampField(
        position.astype(np.float32),
        color.astype(np.float32),
        cell,
        corner.astype(np.float32),
        _CELL_M,
    )


def _nearest(
    position: NDArray[np.float64], corner: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """The nearest lamps of every cell of the ground [nz, nx, K], -1 where none is in reach."""
    cell = np.full((*shape, _NEAREST), -1, np.int32)
    best = np.full((*shape, _NEAREST), _REACH_M**2)
    span = int(np.ceil(_REACH_M / _CELL_M))
    for number, (x, _, z) in enumerate(position):
        column, row = int((x - corner[0]) / _CELL_M), int((z - corner[1]) / _CELL_M)
        rows = slice(max(row - span, 0), min(row + span + 1, shape[0]))
        columns = slice(max(column - span, 0), min(column + span + 1, shape[1]))
        zs = corner[1] + (np.arange(rows.start, rows.stop) + 0.5) * _CELL_M - z
        xs = corner[0] + (np.arange(columns.start, columns.stop) + 0.5) * _CELL_M - x
        far = zs[:, None] ** 2 + xs[None] ** 2
        held, nearest = cell[rows, columns], best[rows, columns]
        worst = nearest.argmax(-1)[..., None]
        farthest = np.take_along_axis(nearest, worst, -1)
        better = far[..., None] < farthest
        replaced = np.where(better, number, np.take_along_axis(held, worst, -1))
        np.put_along_axis(held, worst, replaced, -1)
        np.put_along_axis(nearest, worst, np.where(better, far[..., None], farthest), -1)
    return cell


class HeadLights(NamedTuple):
    """Of bodies that move: body i4 [N]; front f4 [N, 3], the middle between the lamps, in body
    coordinates."""

    body: NDArray[np.int32]
    front: NDArray[np.float32]


def find_head_lights(geometry: Geometry) -> HeadLights:
    """The front lamps of every moving body that has any."""
    records = geometry.triangle
    lit = ((records["flags"] & int(Surface.LAMP)) != 0) & (records["body"] > 0)
    bodies, fronts = [], []
    for body in np.unique(records["body"][lit]):
        corner = geometry.position[lit & (records["body"] == body)].reshape(-1, 3)
        front = corner[:, 2].max()
        lamps = corner[corner[:, 2] > front - 0.6]
        if front > 0.3:
            bodies.append(int(body))
            fronts.append((0.0, float(lamps[:, 1].mean()), float(front)))
    return HeadLights(np.array(bodies, np.int32), np.array(fronts, np.float32).reshape(-1, 3))


def beams(
    lights: HeadLights,
    transforms: Transforms,
    position: NDArray[np.float64],
    rotation: NDArray[np.float64],
    own_height_m: float | None,
) -> NDArray[np.float32]:
    """Head lights that shine now, f4 [S, 7]: position, direction, intensity. The camera's own
    vehicle has its lamps 0.65 m above the road where ``own_height_m`` says how high the camera
    hangs (None: it carries none)."""
    found: list[NDArray[np.float64]] = []
    if own_height_m is not None:
        ahead = rotation[:, 2] * [1, 0, 1]
        ahead /= max(float(np.linalg.norm(ahead)), 1e-6)
        lamp = position + ahead * 1.2
        lamp[1] += min(0.65 - own_height_m, 0.0)
        found.append(np.concatenate([lamp, ahead, [_HEAD_CANDELA]]))
    shown = [k for k, b in enumerate(lights.body) if transforms.shown[b]]
    matrix = transforms.matrix[lights.body[shown]]
    places = np.einsum("nij,nj->ni", matrix[:, :, :3], lights.front[shown]) + matrix[:, :, 3]
    near = np.argsort(((places - position) ** 2).sum(1))[: _MOST_HEAD_LIGHTS - len(found)]
    found += [np.concatenate([places[k], matrix[k, :, 2], [_HEAD_CANDELA]]) for k in near]
    return np.array(found, np.float32).reshape(-1, 7)
