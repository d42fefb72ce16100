"""Shapes: triangles that know the *name* of their material, not yet its colour or texture.

One shape (a car body, an oak) is built once and dressed many times (``geometry.dress``).

Convention: x right, y up, z forward, metres; counter-clockwise seen from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.mesh import cross, normalized
from depth_seg_ros.virtual_world.geometry.primitives import (
    QUAD_TRIANGLES,
    box_faces,
    cells,
    circle,
    globe,
    grid_normals,
    grid_triangles,
    rings,
    tube_frame,
)

Float = NDArray[np.floating[Any]]

MIN_AREA = 1e-8  # m²; smaller triangles are dropped
_MIRROR = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True)
class Shape:
    """T triangles with material slots."""

    position: Float  # [T, 3, 3]
    normal: Float  # [T, 3, 3]
    uv: Float  # [T, 3, 2]
    slot: NDArray[np.int32]  # [T] index into slots
    shade: Float  # [T, 3] colour multiplier
    slots: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.position)

    def moved(self, rotation: ArrayLike, translation: ArrayLike) -> Shape:
        """``p -> rotation @ p + translation``."""
        turn = np.asarray(rotation, np.float32)
        return replace(
            self,
            position=self.position @ turn.T + np.asarray(translation, np.float32),
            normal=self.normal @ turn.T,
        )

    def stretched(self, factors: ArrayLike) -> Shape:
        """Scaled along the axes by positive factors (a number or [3]); normals follow."""
        f = np.broadcast_to(np.asarray(factors, np.float32), 3)
        return replace(self, position=self.position * f, normal=normalized(self.normal / f))

    def mirrored(self) -> Shape:
        """The left half for a right half: x negated, still outside out."""
        order = [0, 2, 1]
        return replace(
            self,
            position=(self.position * _MIRROR)[:, order],
            normal=(self.normal * _MIRROR)[:, order],
            uv=self.uv[:, order],
        )


class ShapeBuilder:
    """Collects triangles by slot name; ``build()`` makes the Shape."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._parts: list[tuple[Float, Float, Float, NDArray[np.int32], Float]] = []

    def slot(self, name: str) -> int:
        """Index of a slot name, added when new (for grids with a slot per cell)."""
        return self._names.setdefault(name, len(self._names))

    def add(self, shape: Shape) -> None:
        """Append a finished shape, matching slots by name."""
        lookup = np.array([self.slot(name) for name in shape.slots] or [0], np.int32)
        self._parts.append(
            (shape.position, shape.normal, shape.uv, lookup[shape.slot], shape.shade)
        )

    def mirror(self) -> None:
        """Append the mirror image (x negated) of everything so far."""
        self.add(self.build().mirrored())

    def tri(
        self,
        position: ArrayLike,
        slot: str | NDArray[Any],
        *,
        normals: ArrayLike | None = None,
        uv: ArrayLike | None = None,
        shade: ArrayLike = 1.0,
    ) -> None:
        """Triangles [T, 3, 3]; normals [T, 3, 3] (flat without), uv [T, 3, 2], shade [T, 3]."""
        p: Float = np.asarray(position, np.float32).reshape(-1, 3, 3)
        count = len(p)
        n: Float = np.empty_like(p)
        n[:] = np.nan if normals is None else normals  # flat ones are found in build()
        w: Float = np.empty((count, 3, 2), np.float32)
        w[:] = 0.0 if uv is None else uv
        s = np.empty(count, np.int32)
        s[:] = self.slot(slot) if isinstance(slot, str) else slot
        color: Float = np.empty((count, 3), np.float32)
        color[:] = shade
        self._parts.append((p, n, w, s, color))

    def quads(
        self,
        corners: ArrayLike,
        slot: str | NDArray[Any],
        *,
        normals: ArrayLike | None = None,
        uv: ArrayLike | None = None,
        shade: ArrayLike | None = None,
    ) -> None:
        """Quads [Q, 4, 3], counter-clockwise from outside; normals [Q, 4, 3], [Q, 1, 3] or [3];
        uv [Q, 4, 2] or [4, 2]; slot a name or [Q]; shade [Q, 3] or [Q, 1]."""
        q = np.asarray(corners, np.float32).reshape(-1, 4, 3)

        def split(a: ArrayLike, width: int) -> Float:
            full = np.asarray(a, np.float32)
            if full.shape != (len(q), 4, width):
                full = np.broadcast_to(full, (len(q), 4, width))
            return full.take(QUAD_TRIANGLES, 1).reshape(-1, 3, width)

        self.tri(
            q.take(QUAD_TRIANGLES, 1).reshape(-1, 3, 3),
            slot if isinstance(slot, str) else np.repeat(slot, 2),
            normals=None if normals is None else split(normals, 3),
            uv=None if uv is None else split(uv, 2),
            shade=1.0 if shade is None else np.repeat(np.asarray(shade), 2, 0),
        )

    def grid(
        self,
        points: ArrayLike,
        slot: str | NDArray[Any],
        *,
        uv: ArrayLike | None = None,
        normals: ArrayLike | None = None,
        flat: bool = False,
    ) -> None:
        """A surface through points [A, B, 3], outside = ``cross(d/dA, d/dB)``.

        Smooth normals unless ``flat``; uv [A, B, 2]; slot a name or one a cell [A-1, B-1].
        """
        g = np.asarray(points, np.float32)
        pick = grid_triangles(*g.shape[:2])
        count = len(pick)
        if normals is None and not flat:
            normals = grid_normals(g)
        n: Float = np.full((count, 3, 3), np.nan, np.float32)  # flat ones are found in build()
        if normals is not None:
            n = np.asarray(normals, np.float32).reshape(-1, 3).take(pick, 0)
        w: Float = np.zeros((count, 3, 2), np.float32)
        if uv is not None:
            w = np.asarray(uv, np.float32).reshape(-1, 2).take(pick, 0)
        s = np.empty(count, np.int32)
        s[:] = self.slot(slot) if isinstance(slot, str) else np.asarray(slot).reshape(-1).repeat(2)
        self._parts.append(
            (g.reshape(-1, 3).take(pick, 0), n, w, s, np.ones((count, 3), np.float32))
        )

    def cells(
        self,
        points: Float,
        slot: str | NDArray[np.int_],
        normals: Float,
        uv: Float,
        keep: NDArray[np.bool_],
    ) -> None:
        """The kept cells [A-1, B-1] of a grid with normals and uv; slot a name or one a cell."""
        chosen = keep.reshape(-1)
        if chosen.any():
            self.quads(
                cells(points)[chosen],
                slot if isinstance(slot, str) else slot.reshape(-1)[chosen],
                normals=cells(normals)[chosen],
                uv=cells(uv)[chosen],
            )

    def box(
        self,
        center: ArrayLike,
        size: ArrayLike,
        slot: str,
        *,
        faces: str = "xXyYzZ",
        rotation: ArrayLike | None = None,
        uv: ArrayLike | None = None,
        repeat_m: float = 1.0,
    ) -> None:
        """A box; ``faces`` names the sides drawn (lower case = negative axis). uv [4, 2] for every
        face, else metres over ``repeat_m``."""
        local = box_faces(size, faces)
        if uv is None:
            w = np.linalg.norm(local[:, 1] - local[:, 0], axis=-1) / repeat_m
            h = np.linalg.norm(local[:, 3] - local[:, 0], axis=-1) / repeat_m
            o = np.zeros_like(w)
            uv = np.stack([np.stack(c, -1) for c in ((o, o), (w, o), (w, h), (o, h))], 1)
        turn = np.eye(3, dtype=np.float32) if rotation is None else np.asarray(rotation, np.float32)
        self.quads(local @ turn.T + np.asarray(center, np.float32), slot, uv=uv)

    def tube(
        self,
        path: ArrayLike,
        radius: ArrayLike,
        slot: str,
        *,
        sides: int = 6,
        flatten: float = 1.0,
        repeat_m: float = 1.0,
        capped: bool = False,
    ) -> None:
        """A tube along a path [K, 3], radius a number or [K]; ``flatten`` squeezes it front to
        back (limbs, torsos). Texture: u once round, v metres over ``repeat_m``."""
        p = np.asarray(path, np.float64)
        r = np.broadcast_to(np.asarray(radius, np.float64), len(p))
        ring, normal = rings(tube_frame(p, (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)), sides, flatten)
        turn, _, _ = circle(sides)
        piece = p[1:] - p[:-1]
        uv = np.empty((sides + 1, len(p), 2))
        uv[..., 0] = turn[:, None]
        uv[:, 0, 1] = 0
        uv[:, 1:, 1] = np.cumsum(np.sqrt((piece * piece).sum(1))) / repeat_m
        points = p + r[:, None] * ring
        self.grid(points[::-1], slot, normals=normal[::-1], uv=uv[::-1])
        if capped:
            for end, step in ((0, 1), (-1, -1)):
                rim = points[:, end][::step]
                fan = np.stack([np.broadcast_to(p[end], rim[1:].shape), rim[:-1], rim[1:]], 1)
                self.tri(fan, slot)

    def lathe(
        self,
        profile: ArrayLike,
        slot: str | Sequence[str],
        *,
        sides: int = 12,
        uv_scale: float = 1.0,
    ) -> None:
        """A profile [K, 2] of (x, radius) turned round the x axis, its outside on the left of the
        direction of travel (x, r). One slot, or one a segment. Texture: the disc seen along x."""
        x, r = np.asarray(profile, np.float64).T
        a = np.linspace(np.pi, 3 * np.pi, sides + 1)  # a corner at the bottom: wheels touch ground
        radial = np.stack([np.zeros_like(a), np.cos(a), np.sin(a)], -1)
        points = x[:, None, None] * np.array([1.0, 0, 0]) + r[:, None, None] * radial
        scale = uv_scale / max(float(r.max()), 1e-6) / 2
        uv = points[..., [2, 1]] * scale + 0.5
        for k in range(len(x) - 1):
            dx, dr = x[k + 1] - x[k], r[k + 1] - r[k]
            n = normalized(np.array([-dr, 0, 0]) + dx * radial)
            normals = np.broadcast_to(n, (2, *n.shape))
            self.grid(
                points[[k + 1, k]],
                slot if isinstance(slot, str) else slot[k],
                normals=normals,
                uv=uv[[k + 1, k]],
            )

    def ellipsoid(
        self,
        center: ArrayLike,
        radii: ArrayLike,
        slot: str,
        *,
        sides: int = 8,
        rings: int = 5,
        rotation: ArrayLike | None = None,
    ) -> None:
        """An ellipsoid with half axes [3]; texture: u round y from -z, v bottom to top."""
        unit = globe(sides, rings)
        uv = np.stack(
            np.broadcast_arrays(
                np.linspace(0, 1, sides + 1)[:, None], np.linspace(0, 1, rings + 1)[None]
            ),
            -1,
        )
        turn = np.eye(3) if rotation is None else np.asarray(rotation)
        size = np.asarray(radii, np.float64)
        self.grid(
            (unit * size) @ turn.T + np.asarray(center),
            slot,
            normals=normalized(unit / size) @ turn.T,
            uv=uv,
        )

    def build(self) -> Shape:
        """Everything added so far."""
        if not self._parts:
            raise ValueError("a shape needs at least one triangle")
        p, n, uv, slot, shade = (np.concatenate(c) for c in zip(*self._parts, strict=True))
        face = cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
        double = np.sqrt((face * face).sum(-1))
        flat = np.isnan(n[:, 0, 0])
        n[flat] = (face[flat] / np.maximum(double[flat], 1e-12)[:, None])[:, None]
        solid = double > 2 * MIN_AREA
        return Shape(
            p[solid],
            n[solid],
            uv[solid],
            slot[solid].astype(np.int32),
            shade[solid],
            tuple(self._names),
        )


def vec(x: float, y: float, z: float) -> NDArray[np.float64]:
    """A point or a shift [3]."""
    return np.array([x, y, z], np.float64)
