"""A palette to make things with, and what every thing must hold to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene


@lru_cache(maxsize=1)
def palette() -> Palette:
    """All textures, tiny."""
    library = TextureLibrary(16)
    dress_scene(library, np.random.default_rng(0))
    return Palette(library, np.random.default_rng(1))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 5])


@dataclass(frozen=True)
class Expected:
    """Range of the box round a thing (x, y, z) in metres, its classes, its most triangles."""

    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    classes: tuple[str, ...]
    triangles: int


def check(mesh: Mesh, expected: Expected, *, stands: bool = True, inward: float = 0.005) -> None:
    """Size, classes, triangles, finite values, normals on the winding's side, on the ground."""
    assert 0 < len(mesh) <= expected.triangles, len(mesh)
    low, high = mesh.bounds()
    size = high - low
    assert (size >= expected.low_m).all() and (size <= expected.high_m).all(), size
    assert set(mesh.class_id.tolist()) == {CITYSCAPES.id(name) for name in expected.classes}
    for values in (mesh.position, mesh.normal, mesh.uv, mesh.tint):
        assert np.isfinite(values).all()
    assert np.allclose(np.linalg.norm(mesh.normal, axis=-1), 1, atol=0.06)
    facing = (mesh.face_normals()[:, None] * mesh.normal).sum(-1).max(1)
    assert (facing <= 0).mean() <= inward
    assert (mesh.layer >= 0).all() and (mesh.layer < len(palette().library)).all()
    if stands:
        assert -1.2 < low[1] < 0.15, low[1]


def same(first: Mesh, second: Mesh) -> bool:
    """Whether two meshes are bit for bit the same."""
    return bool(
        np.array_equal(first.position, second.position) and np.array_equal(first.tint, second.tint)
    )
