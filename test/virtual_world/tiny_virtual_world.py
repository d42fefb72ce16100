"""A hand-built world of a few triangles: enough to check every number of the renderer."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps, pack_textures

ROAD, BUILDING, VEGETATION, CAR, SKY = 7, 11, 21, 26, 23
CAMERA = Intrinsics(96, 64, 80.0, 80.0, 47.5, 31.5)


def textures(size: int = 16) -> MipMaps:
    """Layer 0: speckled grey; layer 1: a disc in a transparent square."""
    rng = np.random.default_rng(3)
    layers = np.full((2, size, size, 4), 255, np.uint8)
    layers[0, ..., :3] = rng.integers(90, 200, (size, size, 1))
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    layers[1, ..., 3] = np.where(x * x + y * y < (size * 0.4) ** 2, 255, 0)
    layers[1, ..., :3] = (60, 140, 40)
    return pack_textures(layers)


def ground(half_m: float = 400.0) -> Mesh:
    """The plane y = 0."""
    builder = MeshBuilder()
    corner = half_m * np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])
    builder.quads([corner], Material(0, ROAD, flags=Surface.ROAD), normals=[[0, 1, 0]],
                  uv=corner[:, [0, 2]] / 4)  # fmt: skip
    return builder.build()


def box(
    center: tuple[float, float, float],
    size: tuple[float, float, float],
    class_id: int = BUILDING,
    flags: Surface = Surface.PLAIN,
) -> Mesh:
    builder = MeshBuilder()
    builder.box(np.array(center), np.array(size), Material(0, class_id, flags=flags))
    return builder.build()


def leaf(center: tuple[float, float, float], half_m: float = 1.0) -> Mesh:
    """An upright alpha-tested square facing the camera."""
    x, y, z = center
    corner = np.array([[x - half_m, y - half_m, z], [x + half_m, y - half_m, z],
                       [x + half_m, y + half_m, z], [x - half_m, y + half_m, z]])  # fmt: skip
    builder = MeshBuilder()
    flags = Surface.ALPHA_TEST | Surface.DOUBLE_SIDED | Surface.FOLIAGE
    builder.quads([corner], Material(1, VEGETATION, flags=flags), normals=[[0, 0, -1]],
                  uv=[(0, 0), (1, 0), (1, 1), (0, 1)])  # fmt: skip
    return builder.build()


def car() -> Mesh:
    """A box on wheels' height, origin on the ground, instance 5."""
    return box((0, 0.75, 0), (1.8, 1.5, 4.2), CAR, Surface.GLOSSY).with_instance(5)


def world() -> Mesh:
    """Ground, a house to the left, a leaf to the right."""
    return Mesh.concatenate([ground(), box((-6, 4, 18), (6, 8, 6)), leaf((3.5, 1.6, 9.0))])
