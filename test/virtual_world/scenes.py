"""A scene object of the hand-built world, for drives and data sets in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import tiny_virtual_world as tiny

from depth_seg_ros.virtual_world.geometry.mesh import Mesh, yaw_rotation

STATIC = 4
"""A class that the Virtual KITTI layout has no category for."""


def bin_() -> Mesh:
    """A thing of that class, to the right of the way."""
    return tiny.box((2.5, 0.6, 11.0), (0.8, 1.2, 0.8), STATIC)


@dataclass(frozen=True)
class TinyActor:
    """A car that drives ahead at 5 m/s."""

    mesh: Mesh = field(default_factory=tiny.car)

    def mesh_at(self, t_s: float) -> Mesh:
        return self.mesh

    def pose(self, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        return yaw_rotation(0.1), np.array([0.5, 0.0, 9.0 + 5 * t_s])


@dataclass(frozen=True)
class TinyScene:
    """Looks like a Scene as far as drives care; the ego path climbs a little."""

    seed: int
    places: tuple[str, ...] = ("tiny",)
    duration_s: float = 4.0
    static: Mesh = field(default_factory=lambda: Mesh.concatenate([tiny.world(), bin_()]))
    actors: tuple[TinyActor, ...] = field(default_factory=lambda: (TinyActor(),))

    @property
    def textures(self) -> Any:
        return SimpleNamespace(mip_maps=tiny.textures)

    def place_at(self, t_s: float) -> str:
        return "tiny"

    def camera_path(self, t_s: float) -> tuple[np.ndarray, float]:
        return np.array([0.2 * self.seed % 1, 0.0, 3.0 * t_s]), 0.02


def build_tiny_scene(seed: int, *_: object) -> TinyScene:
    return TinyScene(seed)
