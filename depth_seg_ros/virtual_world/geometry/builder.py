"""Makes meshes out of quads, grids, boxes and bodies of revolution."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike

from depth_seg_ros.virtual_world.geometry.finish import (
    Raw,
    arc_length_uv,
    finish,
    flat_normals,
    planar_uv,
)
from depth_seg_ros.virtual_world.geometry.mesh import (
    Float,
    Material,
    Mesh,
    cross,
    lengths,
    normalized,
)
from depth_seg_ros.virtual_world.geometry.primitives import (
    QUAD_TRIANGLES,
    box_faces,
    cells,
    globe,
    grid_normals,
    rings,
    tube_frame,
)


class MeshBuilder:
    """Collects triangles; ``build()`` makes the Mesh.

    Without ``normals`` a surface is shaded flat; with them, the winding is made to agree. Without
    ``uv``, texture coordinates follow the sizes in metres divided by ``material.repeat_m``.
    """

    def __init__(self) -> None:
        self._parts: list[Mesh | Raw] = []

    def add(self, mesh: Mesh) -> None:
        """Append finished triangles."""
        if len(mesh):
            self._parts.append(mesh)

    def build(self) -> Mesh:
        """Everything added so far as one mesh, in order."""
        meshes: list[Mesh] = []
        for finished, group in groupby(self._parts, lambda part: isinstance(part, Mesh)):
            parts = list(group)
            if finished:
                meshes += [p for p in parts if isinstance(p, Mesh)]
            else:
                meshes.append(finish([p for p in parts if isinstance(p, Raw)]))
        return Mesh.concatenate(meshes) if meshes else finish([])

    def tri(
        self,
        position: ArrayLike,
        material: Material,
        *,
        normals: ArrayLike | None = None,
        uv: ArrayLike | None = None,
        tint: ArrayLike | None = None,
    ) -> None:
        """Triangles: position [T, 3, 3], normals [T, 3, 3] or [T, 3], uv [T, 3, 2], tint [T, 3]."""
        p: Float = np.asarray(position, np.float32).reshape(-1, 3, 3)
        if uv is None:
            uv = planar_uv(p, cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), material.repeat_m)
        n = np.zeros(p.shape, np.float32)
        if normals is not None:
            given = np.asarray(normals, np.float32)
            n[:] = given[:, None] if given.ndim == 2 else given
        self._raw(p, n, np.asarray(uv, np.float32), material, tint)

    def quads(
        self,
        corners: ArrayLike,
        material: Material,
        *,
        normals: ArrayLike | None = None,
        uv: ArrayLike | None = None,
        tint: ArrayLike | None = None,
    ) -> None:
        """Quads [Q, 4, 3] (counter-clockwise from outside); normals [Q, 4, 3], [Q, 3] or [3];
        uv [Q, 4, 2] or [4, 2]; tint [Q, 3] or [3]."""
        q = np.asarray(corners, np.float32).reshape(-1, 4, 3)
        w = np.empty((len(q), 4, 2), np.float32)
        if uv is None:
            w[:] = 0
            wide, high = q[:, 1] - q[:, 0], q[:, 3] - q[:, 0]
            w[:, 1:3, 0] = (lengths(wide) / material.repeat_m)[:, None]
            w[:, 2:, 1] = (lengths(high) / material.repeat_m)[:, None]
        else:
            w[:] = np.asarray(uv, np.float32)
        n = np.zeros(q.shape, np.float32)
        if normals is not None:
            given = np.asarray(normals, np.float32)
            n[:] = given[:, None] if given.ndim == 2 else given
        if tint is not None:
            each = np.empty((len(q), 3), np.float32)
            each[:] = np.asarray(tint, np.float32)
            tint = each.repeat(2, 0)
        self._raw(
            q.take(QUAD_TRIANGLES, 1).reshape(-1, 3, 3),
            n.take(QUAD_TRIANGLES, 1).reshape(-1, 3, 3),
            w.take(QUAD_TRIANGLES, 1).reshape(-1, 3, 2),
            material,
            tint,
        )

    def grid(
        self,
        points: ArrayLike,
        material: Material,
        *,
        uv: ArrayLike | None = None,
        normals: ArrayLike | None = None,
        up: ArrayLike | None = None,
        smooth: bool = True,
        tint: ArrayLike | None = None,
    ) -> None:
        """A surface through points [A, B, 3]; outside = ``cross(d/dA, d/dB)``, or the side of
        ``up`` [3] or of the normals. These are smooth unless given or ``smooth`` is false. tint
        [3], or one a cell: [A-1, B-1, 3]."""
        g = np.asarray(points, np.float32)
        if uv is None:
            uv = arc_length_uv(g, material.repeat_m)
        w = np.broadcast_to(np.asarray(uv, np.float32), (*g.shape[:2], 2))
        if normals is None and (smooth or up is not None):
            n = grid_normals(g)
            if up is not None:
                n = n * np.where((n @ np.asarray(up, np.float32))[..., None] < 0, -1, 1)
        elif normals is not None:
            n = np.broadcast_to(np.asarray(normals, np.float32), g.shape)
        else:
            n = None
        if tint is not None:
            each = (g.shape[0] - 1, g.shape[1] - 1, 3)
            tint = np.broadcast_to(np.asarray(tint, np.float32), each).reshape(-1, 3)
        corners = cells(g)
        if n is None:
            self.quads(corners, material, uv=cells(w), tint=tint)
        elif smooth:
            self.quads(corners, material, normals=cells(n), uv=cells(w), tint=tint)
        else:
            sides = np.repeat(flat_normals(corners, cells(n))[:, None], 4, 1)
            self.quads(corners, material, normals=sides, uv=cells(w), tint=tint)

    def boxes(
        self,
        centers: ArrayLike,
        sizes: ArrayLike,
        material: Material,
        *,
        rotations: ArrayLike | None = None,
        faces: str = "xXyYzZ",
        tint: ArrayLike | None = None,
    ) -> None:
        """N boxes: centers [N, 3], sizes [N, 3] or [3], rotations [N, 3, 3] or [3, 3], tint [N, 3].

        ``faces`` picks the sides drawn: lower case = negative axis, upper case = positive.
        """
        c = np.asarray(centers, np.float32).reshape(-1, 3)
        local = box_faces(np.broadcast_to(np.asarray(sizes, np.float32), c.shape), faces)
        if rotations is None:
            turned = local
        else:
            turn = np.broadcast_to(np.asarray(rotations, np.float32), (len(c), 3, 3))
            turned = np.einsum("nij,nfkj->nfki", turn, local)
        if tint is not None:
            per_box = np.broadcast_to(np.asarray(tint, np.float32), c.shape)
            tint = np.repeat(per_box, len(faces), 0)
        self.quads((turned + c[:, None, None]).reshape(-1, 4, 3), material, tint=tint)

    def box(
        self,
        center: ArrayLike,
        size: ArrayLike,
        material: Material,
        *,
        rotation: ArrayLike | None = None,
        faces: str = "xXyYzZ",
    ) -> None:
        """One box; see :meth:`boxes`."""
        self.boxes(np.asarray(center)[None], size, material, rotations=rotation, faces=faces)

    def lathe(
        self,
        profile: ArrayLike,
        material: Material,
        *,
        sides: int = 12,
        center: ArrayLike = (0.0, 0.0, 0.0),
        rotation: ArrayLike | None = None,
    ) -> None:
        """A profile [K, 2] of (radius, height) turned round the y axis, from bottom to top seen
        from outside; caps are profile points of radius 0."""
        radius, height = np.asarray(profile, np.float32).T
        angle = np.linspace(0, 2 * np.pi, sides + 1)
        ring = np.stack([np.cos(angle), np.zeros_like(angle), -np.sin(angle)], -1)
        points = radius[:, None, None] * ring[None] + height[:, None, None] * [0, 1, 0]
        slope = np.stack([np.gradient(height), -np.gradient(radius)], -1)
        normals = slope[:, :1, None] * ring[None] + slope[:, 1:, None] * [0, 1, 0]
        around = np.maximum(1, np.round(2 * np.pi * radius.max() / material.repeat_m))
        arc = np.concatenate([[0], np.cumsum(np.hypot(np.diff(radius), np.diff(height)))])
        uv = np.stack(
            np.broadcast_arrays(
                angle[None] / (2 * np.pi) * around, arc[:, None] / material.repeat_m
            ),
            -1,
        )
        turn = np.eye(3) if rotation is None else np.asarray(rotation)
        self.grid(
            points @ turn.T + np.asarray(center),
            material,
            uv=uv,
            normals=normalized(normals) @ turn.T,
        )

    def cylinder(
        self,
        base: ArrayLike,
        radius: float,
        height: float,
        material: Material,
        *,
        top_radius: float | None = None,
        sides: int = 8,
        cap: bool = False,
        rotation: ArrayLike | None = None,
    ) -> None:
        """A cylinder or cone standing on ``base``; axis = rotated y; open below."""
        top = radius if top_radius is None else top_radius
        self.lathe(
            [(radius, 0), (top, height)], material, sides=sides, center=base, rotation=rotation
        )
        if cap:
            turn = np.eye(3) if rotation is None else np.asarray(rotation)
            angle = np.linspace(0, 2 * np.pi, sides + 1)
            rim = np.stack(
                [top * np.cos(angle), np.full_like(angle, height), -top * np.sin(angle)], -1
            ) @ turn.T + np.asarray(base)
            middle = turn @ np.array([0, height, 0]) + np.asarray(base)
            fan = np.stack([np.broadcast_to(middle, rim[1:].shape), rim[:-1], rim[1:]], 1)
            self.tri(fan, material)

    def tube(
        self, path: ArrayLike, radius: ArrayLike, material: Material, *, sides: int = 6
    ) -> None:
        """A round tube along a path [K, 3] with radius a number or [K]; open ends."""
        p = np.asarray(path, np.float64)
        r = np.broadcast_to(np.asarray(radius, np.float64), len(p))
        ring, normal = rings(tube_frame(p, (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)), sides)
        self.grid((p + r[:, None] * ring)[::-1], material, normals=normal[::-1])

    def ellipsoid(
        self,
        center: ArrayLike,
        radii: ArrayLike,
        material: Material,
        *,
        sides: int = 10,
        rings: int = 6,
        rotation: ArrayLike | None = None,
    ) -> None:
        """An ellipsoid with half axes ``radii`` [3]."""
        unit = globe(sides, rings)
        turn = np.eye(3) if rotation is None else np.asarray(rotation)
        size = np.asarray(radii, np.float64)
        self.grid(
            (unit * size) @ turn.T + np.asarray(center),
            material,
            normals=normalized(unit / size) @ turn.T,
        )

    def prism(
        self,
        outline: ArrayLike,
        height: float,
        material: Material,
        *,
        base: ArrayLike = (0.0, 0.0, 0.0),
        rotation: ArrayLike | None = None,
        cap: bool = True,
    ) -> None:
        """A convex outline [K, 2] of (x, z), in either order, extruded up from ``base``."""
        o = np.asarray(outline, np.float64)
        area = np.sum(o[:, 0] * np.roll(o[:, 1], -1) - np.roll(o[:, 0], -1) * o[:, 1])
        if area > 0:  # x, y up, z is left-handed on paper: positive (x, z) area looks clockwise
            o = o[::-1]
        turn = np.eye(3) if rotation is None else np.asarray(rotation)
        low = np.stack([o[:, 0], np.zeros(len(o)), o[:, 1]], -1)
        high = low + np.array([0, height, 0])
        low, high = (a @ turn.T + np.asarray(base) for a in (low, high))
        self.quads(np.stack([low, np.roll(low, -1, 0), np.roll(high, -1, 0), high], 1), material)
        if cap:
            fan = np.stack([np.broadcast_to(high[0], high[2:].shape), high[1:-1], high[2:]], 1)
            self.tri(fan, material)

    def _raw(
        self, p: Float, n: Float, uv: Float, material: Material, tint: ArrayLike | None
    ) -> None:
        if len(p):
            color = None if tint is None else np.asarray(tint, np.float32)
            self._parts.append(Raw(p, n, uv, material, color))
