"""The vehicles and people of a scene: a few models each, in colours and clothes of their own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np

from depth_seg_ros.virtual_world.assets import make_cyclist, make_vehicle
from depth_seg_ros.virtual_world.assets.figures import make_figure
from depth_seg_ros.virtual_world.assets.person import MODELS
from depth_seg_ros.virtual_world.assets.vehicle import MODELS_PER_STYLE
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator

LENGTH_M = {"car": 4.6, "van": 5.6, "truck": 10.5, "semi": 16.8, "bus": 12.3, "cyclist": 1.9,
            "motorcycle": 2.4}  # fmt: skip
"""Room reserved for a kind, front to back; no mesh of the kind is longer."""
CAR_MODELS = 3
"""Models of each body style in a scene; they come back in other colours."""
PEOPLE_MODELS = 6
CROWD = 12
"""People of a sort (walking or standing, near or far) that a scene makes."""
WALK_PHASES = 8
"""Meshes of one walking cycle (two steps, 1.4 m) and of one turn of the pedals."""


class Fleet:
    """Makes bodies and numbers their instances."""

    def __init__(self, palette: Palette, dice: Generator) -> None:
        self._palette = palette
        self._cars = dice.permutation(MODELS_PER_STYLE)[:CAR_MODELS].tolist()
        self._people = dice.permutation(MODELS)[:PEOPLE_MODELS].tolist()
        self._crowd: dict[tuple[bool, bool], list[tuple[Mesh, ...]]] = {}
        self.next_instance: Callable[[], int] = count(1).__next__

    def vehicle(
        self,
        rng: Generator,
        kind: str,
        *,
        near: bool,
        brake: bool = False,
        driven: bool = False,
    ) -> Mesh:
        """A vehicle of a kind, no longer than the traffic reserves for it; ``driven`` ones have
        their lamps on after dark."""
        limit = LENGTH_M.get(kind, 99.0)
        mesh = make_vehicle(
            rng,
            kind,
            self._palette.layers,
            detail="near" if near else "far",
            brake=brake,
            driven=driven,
            models=self._cars,
        ).mended()
        low, high = mesh.bounds()
        length = float(high[2] - low[2])
        if length > limit:
            mesh = mesh.transformed(np.eye(3) * (limit / length), (0, 0, 0))
        return mesh

    def person(
        self, rng: Generator, *, walking: bool, far: bool, kind: str = "plain"
    ) -> tuple[Mesh, ...]:
        """The phases of a walk, or one standing figure; kind as in ``assets.figures``. A crowd
        is drawn from a few people of each sort, in other shades."""
        crowd = self._crowd.setdefault((walking, far), [])
        if len(crowd) >= CROWD:
            shade = rng.uniform(0.86, 1.14) * rng.uniform(0.94, 1.06, 3)
            return tuple(mesh.tinted(shade) for mesh in crowd[int(rng.integers(CROWD))])
        crowd.append(self._person(rng, walking, far, kind))
        return crowd[-1]

    def _person(self, rng: Generator, walking: bool, far: bool, kind: str) -> tuple[Mesh, ...]:
        seed = int(rng.integers(1 << 30))
        phases: list[float | None] = [0.12 if walking else None]
        if walking and not far:
            phases = [k / WALK_PHASES for k in range(WALK_PHASES)]
        return tuple(
            make_figure(
                self._palette,
                np.random.default_rng(seed),
                kind,
                phase,
                far=far,
                models=self._people,
            ).mended()
            for phase in phases
        )

    def cyclist(self, rng: Generator) -> tuple[Mesh, ...]:
        """The phases of one turn of the pedals."""
        seed = int(rng.integers(1 << 30))
        layers = self._palette.layers
        return tuple(
            make_cyclist(np.random.default_rng(seed), k / WALK_PHASES, layers).mended()
            for k in range(WALK_PHASES)
        )
