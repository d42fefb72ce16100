"""A wall with openings: piers, reveals, panes, sills. All facade geometry goes through here.

A facade has its own coordinates: u to the viewer's right, v up, both in metres from its lower
left corner as seen from outside, and d outwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.textures.drawing import ATLAS

Float = NDArray[np.floating[Any]]
UP = np.array([0.0, 1.0, 0.0])
INSET = 0.006
"""Share of an atlas cell left out at its rim, so that neighbours do not bleed in."""


@dataclass(frozen=True)
class Plane:
    """Lower left corner, viewer's right and outward normal of a facade."""

    origin: Float  # [3]
    right: Float  # [3]
    normal: Float  # [3]

    def at(self, u: ArrayLike, v: ArrayLike, d: ArrayLike = 0.0) -> Float:
        """Points [..., 3] of broadcast facade coordinates."""
        across, up, out = (np.asarray(a, np.float64)[..., None] for a in (u, v, d))
        return np.asarray(self.origin + across * self.right + up * UP + out * self.normal)

    def faces(self, u: ArrayLike, v: ArrayLike, d: ArrayLike) -> Float:
        """Corners [F N, 4, 3] of F faces of each of N boxes; u, v, d [F, 4, N]."""
        points = self.at(np.asarray(u), np.asarray(v), np.asarray(d))
        return points.transpose(0, 2, 1, 3).reshape(-1, 4, 3)

    def rectangles(self, boxes: ArrayLike, d: ArrayLike = 0.0) -> Float:
        """Corners [N, 4, 3] of rectangles (u0, v0, u1, v1) [N, 4]: lower left, lower right, ..."""
        u0, v0, u1, v1 = np.asarray(boxes, np.float64).reshape(-1, 4).T
        return self.at(np.stack([u0, u1, u1, u0], -1), np.stack([v0, v0, v1, v1], -1), d)


def flat(
    builder: MeshBuilder,
    plane: Plane,
    boxes: ArrayLike,
    material: Material,
    d: float = 0.0,
    *,
    shade: ArrayLike | None = None,
) -> None:
    """Rectangles in the facade plane, textured in metres; shade [N] multiplies their tint."""
    box = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not len(box):
        return
    uv = box[:, [[0, 1], [2, 1], [2, 3], [0, 3]]] / material.repeat_m
    tint = None if shade is None else np.asarray(shade)[:, None] * np.ones(3)
    builder.quads(
        plane.rectangles(box, d),
        material,
        normals=np.asarray(plane.normal)[None].repeat(len(box), 0),
        uv=uv,
        tint=tint,
    )


def picture(
    builder: MeshBuilder,
    plane: Plane,
    boxes: ArrayLike,
    material: Material,
    cell: ArrayLike,
    d: float = 0.0,
) -> None:
    """Rectangles that each show one cell (0..3) of a 2 x 2 atlas."""
    box = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not len(box):
        return
    index = np.broadcast_to(np.asarray(cell, np.int64), len(box))
    left = index % ATLAS / ATLAS
    low = (ATLAS - 1 - index // ATLAS) / ATLAS  # cell 0 is the top left one
    inset, size = INSET / ATLAS, 1 / ATLAS
    u0, u1 = left + inset, left + size - inset
    v0, v1 = low + inset, low + size - inset
    uv = np.stack([np.stack(c, -1) for c in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))], 1)
    builder.quads(
        plane.rectangles(box, d),
        material,
        normals=np.asarray(plane.normal)[None].repeat(len(box), 0),
        uv=uv,
    )


def whole(
    builder: MeshBuilder, plane: Plane, boxes: ArrayLike, material: Material, d: float = 0.0
) -> None:
    """Rectangles that each show one whole layer."""
    box = np.asarray(boxes, np.float64).reshape(-1, 4)
    builder.quads(
        plane.rectangles(box, d),
        material,
        uv=[(0, 0), (1, 0), (1, 1), (0, 1)],
        normals=np.asarray(plane.normal)[None].repeat(len(box), 0),
    )


def pierced(
    builder: MeshBuilder,
    plane: Plane,
    cells: ArrayLike,
    holes: ArrayLike,
    material: Material,
    depth: float,
) -> None:
    """Wall cells [N, 4] with one hole [N, 4] each, and the holes' reveals ``depth`` deep."""
    cell = np.asarray(cells, np.float64).reshape(-1, 4)
    hole = np.asarray(holes, np.float64).reshape(-1, 4)
    if not len(cell):
        return
    c0, b0, c1, b1 = cell.T
    h0, l0, h1, l1 = hole.T
    parts = [
        np.stack(p, -1)
        for p in ((c0, b0, c1, l0), (c0, l1, c1, b1), (c0, l0, h0, l1), (h1, l0, c1, l1))
    ]
    flat(builder, plane, np.concatenate(parts), material)
    zero, deep = np.zeros_like(h0), np.full_like(h0, -depth)
    points = plane.faces(
        [[h0, h0, h0, h0], [h1, h1, h1, h1], [h0, h0, h1, h1], [h0, h0, h1, h1]],
        [[l0, l0, l1, l1], [l0, l0, l1, l1], [l1, l1, l1, l1], [l0, l0, l0, l0]],
        [
            [zero, deep, deep, zero],
            [deep, zero, zero, deep],
            [zero, deep, deep, zero],
            [zero, deep, deep, zero],
        ],
    )
    facing = np.stack([plane.right, -np.asarray(plane.right), -UP, UP])
    builder.quads(points, material.tinted(0.9), normals=facing.repeat(len(hole), 0))


def bars(
    builder: MeshBuilder,
    plane: Plane,
    boxes: ArrayLike,
    material: Material,
    low: float,
    high: float,
    *,
    sides: bool = True,
) -> None:
    """Boxes standing out of the facade from d = low to high over rectangles [N, 4]."""
    box = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not len(box):
        return
    flat(builder, plane, box, material, high)
    u0, v0, u1, v1 = box.T
    near, far = np.full_like(u0, high), np.full_like(u0, low)
    u = [[u0, u1, u1, u0], [u0, u1, u1, u0], [u0, u0, u0, u0], [u1, u1, u1, u1]]
    v = [[v1, v1, v1, v1], [v0, v0, v0, v0], [v0, v1, v1, v0], [v0, v1, v1, v0]]
    facing = np.stack([UP, -UP, -np.asarray(plane.right), plane.right])
    count = 4 if sides else 2
    points = plane.faces(u[:count], v[:count], [[near, near, far, far]] * count)
    builder.quads(points, material, normals=facing[:count].repeat(len(box), 0))
