"""A thing with countable things on it: a stand with bicycles, a terrace with guests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from depth_seg_ros.virtual_world.geometry.mesh import Mesh


@dataclass(frozen=True)
class Furnished:
    """``still`` belongs to no instance; each of ``things`` is one of its own."""

    still: Mesh
    things: tuple[Mesh, ...] = ()

    def mesh(self, next_instance: Callable[[], int] | None = None) -> Mesh:
        """Everything as one mesh; ``next_instance`` numbers the things (0 without it)."""
        numbered = [
            t if next_instance is None else t.with_instance(next_instance()) for t in self.things
        ]
        return Mesh.concatenate([self.still, *numbered])

    def transformed(self, rotation: ArrayLike, translation: ArrayLike) -> Furnished:
        """``p -> rotation @ p + translation`` of all of it."""
        turn, shift = np.asarray(rotation), np.asarray(translation)
        return Furnished(
            self.still.transformed(turn, shift),
            tuple(t.transformed(turn, shift) for t in self.things),
        )
