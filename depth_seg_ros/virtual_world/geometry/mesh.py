"""Triangle soup: what every part of a world is made of (``mesh_builder`` makes it).

Convention: world axes x right (east), y up, z forward (north), metres. Triangles run
counter-clockwise seen from outside, so ``cross(p1 - p0, p2 - p0)`` points out. Texture
coordinates repeat; texel row r lies at ``v = (r + 0.5) / n``, so pictures that have an up are
stored bottom row first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Float = NDArray[np.floating[Any]]


class Surface(IntFlag):
    """How a triangle is drawn, as bits of ``Mesh.flags``."""

    PLAIN = 0
    DOUBLE_SIDED = 1
    ALPHA_TEST = 2
    """Texels with alpha < 0.5 are holes."""
    GLOSSY = 4
    """Car paint, metal: mirrors the sky at grazing angles."""
    FOLIAGE = 8
    """Light wraps round and shines through."""
    EMISSIVE = 16
    ROAD = 32
    """Gets wet in the rain."""
    WINDOW_MASK = 64
    """Texture alpha 0 is glass that mirrors the sky, alpha 1 is wall."""
    GLASS = 128
    """Dark, all reflective."""
    LAMP = 256
    """Shines after dark."""


@dataclass(frozen=True)
class Material:
    """What a surface is made of. ``tint`` is a linear colour multiplied with the texture."""

    layer: int
    class_id: int
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flags: Surface = Surface.PLAIN
    repeat_m: float = 1.0
    """Metres one texture repeat covers, where the texture coordinates are derived from sizes."""

    def tinted(self, tint: ArrayLike) -> Material:
        """The same material with its tint multiplied by ``tint`` (a number or 3 numbers)."""
        color = np.asarray(self.tint, np.float64) * np.asarray(tint, np.float64)
        return replace(self, tint=(float(color[0]), float(color[1]), float(color[2])))


@dataclass(frozen=True)
class Mesh:
    """T triangles that share nothing (triangle soup)."""

    position: Float32  # [T, 3, 3] metres
    normal: Float32  # [T, 3, 3] unit, for shading
    uv: Float32  # [T, 3, 2]
    layer: NDArray[np.int32]  # [T] texture layer in the TextureSet
    class_id: NDArray[np.uint8]  # [T] Cityscapes label id
    instance_id: NDArray[np.uint16]  # [T] 0 = no instance
    flags: NDArray[np.int32]  # [T] bits of Surface
    tint: Float32  # [T, 3] linear colour multiplier

    def __len__(self) -> int:
        return len(self.position)

    @staticmethod
    def empty() -> Mesh:
        """A mesh without triangles."""
        none = np.zeros((0, 3, 3), np.float32)
        index = np.zeros(0, np.int32)
        return Mesh(
            none,
            none,
            none[..., :2],
            index,
            index.astype(np.uint8),
            index.astype(np.uint16),
            index,
            none[:, 0],
        )

    @staticmethod
    def concatenate(meshes: Sequence[Mesh]) -> Mesh:
        """All triangles of ``meshes`` in order."""
        if not meshes:
            return Mesh.empty()
        columns = {
            f.name: np.concatenate([getattr(m, f.name) for m in meshes]) for f in fields(Mesh)
        }
        return Mesh(**columns)

    def transformed(self, rotation: ArrayLike, translation: ArrayLike) -> Mesh:
        """``p -> rotation @ p + translation`` (rotation [3, 3] orthonormal, or that times one
        positive scale; translation [3])."""
        turn = np.asarray(rotation, np.float32)
        shift = np.asarray(translation, np.float32)
        pure = turn / np.cbrt(np.linalg.det(turn))
        return replace(self, position=self.position @ turn.T + shift, normal=self.normal @ pure.T)

    def copies(
        self, yaw: ArrayLike, position: ArrayLike, scale: ArrayLike = 1.0, tint: ArrayLike = 1.0
    ) -> Mesh:
        """N copies, turned by yaw [N], at position [N, 3], with scale and tint a number or [N]
        and [N, 3]."""
        angle = np.asarray(yaw, np.float64)
        count, triangles = len(angle), len(self)
        c, s, o = np.cos(angle), np.sin(angle), np.zeros(count)
        turn = np.stack([c, o, -s, o, o + 1, o, s, o, c], -1).reshape(count, 3, 3)  # transposed
        size = np.broadcast_to(np.asarray(scale, np.float64), count)[:, None, None]
        corners = self.position.reshape(-1, 3) @ (turn * size).astype(np.float32)
        corners += np.asarray(position, np.float32)[:, None]
        normals = self.normal.reshape(-1, 3) @ turn.astype(np.float32)
        shade = np.broadcast_to(np.asarray(tint, np.float32), (count, 3))

        def same(column: NDArray[Any]) -> NDArray[Any]:
            return np.tile(column, (count,) + (1,) * (column.ndim - 1))

        return Mesh(
            corners.reshape(-1, 3, 3),
            normals.reshape(-1, 3, 3),
            same(self.uv),
            same(self.layer),
            same(self.class_id),
            same(self.instance_id),
            same(self.flags),
            same(self.tint) * shade.repeat(triangles, 0),
        )

    def with_instance(self, instance_id: int) -> Mesh:
        """The same triangles, all of one instance."""
        return replace(self, instance_id=np.full(len(self), instance_id, np.uint16))

    def tinted(self, tint: ArrayLike) -> Mesh:
        """The same triangles, tint multiplied by ``tint`` (a number, [3] or [T, 3])."""
        return replace(self, tint=(self.tint * np.asarray(tint, np.float32)).astype(np.float32))

    def mended(self) -> Mesh:
        """The same triangles; normals that are not of unit length become the face's (or up)."""
        broken = np.abs(lengths(self.normal) - 1) > 0.05
        if not broken.any():
            return self
        face = self.face_normals()
        face[~face.any(-1)] = (0.0, 1.0, 0.0)
        normal = np.where(broken[..., None], face[:, None], self.normal)
        return replace(self, normal=np.asarray(normal, np.float32))

    def select(self, keep: NDArray[Any]) -> Mesh:
        """The triangles picked by a boolean mask or an index array."""
        return Mesh(**{f.name: getattr(self, f.name)[keep] for f in fields(Mesh)})

    def bounds(self) -> tuple[Float32, Float32]:
        """Lowest and highest corner of the axis-aligned box round all triangles."""
        corners = self.position.reshape(-1, 3)
        return corners.min(0), corners.max(0)

    def face_normals(self) -> Float32:
        """[T, 3] unit geometric normals by the winding (zero for degenerate triangles)."""
        p = self.position
        return normalized(cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]))


def normalized(vectors: ArrayLike) -> Float32:
    """Vectors [..., 3] at length 1; zero vectors stay zero."""
    v = np.asarray(vectors, np.float32)
    return np.asarray(v / np.maximum(lengths(v), np.float32(1e-12))[..., None], np.float32)


def lengths(v: Float) -> Float:
    """Of vectors [..., 3]; a sum over an axis of three is several times slower."""
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return np.asarray(np.sqrt(x * x + y * y + z * z))


def yaw_rotation(yaw: float) -> Float32:
    """Rotation about y that turns forward (+z) towards right (+x) by ``yaw`` radians."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)


def cross(a: Float, b: Float) -> Float:
    """Cross product along the last axis; np.cross spends most of its time on checks."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    out = np.empty(a.shape, a.dtype)
    out[..., 0] = ay * bz - az * by
    out[..., 1] = az * bx - ax * bz
    out[..., 2] = ax * by - ay * bx
    return out
