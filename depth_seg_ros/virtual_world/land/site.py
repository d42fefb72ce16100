"""Where things are put: what every builder of a place is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.tree import make_tree
from depth_seg_ros.virtual_world.assets.undergrowth import make_bush
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.land.fleet import Fleet
from depth_seg_ros.virtual_world.land.runs import Run
from depth_seg_ros.virtual_world.land.terrain import NEAR_M, Ground
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator


class PlantStock:
    """A nursery: a few plants of each kind, made once a scene and set out many times."""

    def __init__(self, palette: Palette, rng: Generator, season: Float) -> None:
        self._layers, self._rng, self._season = palette.layers, rng, season
        self._plants: dict[tuple[str, bool], list[tuple[Mesh, float]]] = {}

    def set_out(
        self,
        builder: MeshBuilder,
        kind: str,
        feet: Float,
        rng: Generator,
        *,
        near: bool,
        room_m: Float,
    ) -> None:
        """Plants of a kind ("bush" or a kind of tree) at feet [N, 3], each in its own shade of
        green and size; none that would reach farther than room_m [N] where a car drives by."""
        plants = self._plants.setdefault((kind, near), [])
        count = 14 if kind == "any" else 7
        while len(plants) < min(count, len(feet)):
            plants.append(self._grow(kind, near))
        chosen = rng.integers(len(plants), size=len(feet)) if plants else np.zeros(0, np.int64)
        scale = rng.uniform(0.82, 1.18, len(feet))
        green = rng.uniform(0.85, 1.12, (len(feet), 1)) * rng.uniform(
            [0.93, 0.98, 0.9], [1.08, 1.02, 1.05], (len(feet), 3)
        )
        yaw = rng.uniform(0, 2 * np.pi, len(feet))
        for index in np.unique(chosen):
            mesh, reach = plants[index]
            here = np.flatnonzero((chosen == index) & (reach * scale <= room_m))
            builder.add(mesh.copies(yaw[here], feet[here] - [0, 0.08, 0], scale[here], green[here]))

    def _grow(self, kind: str, near: bool) -> tuple[Mesh, float]:
        """A new plant and its reach at the height of cars."""
        if kind == "bush":
            mesh = make_bush(self._rng, self._layers, far=not near)
        else:
            mesh = make_tree(self._rng, kind, self._layers, detail="near" if near else "far")
        return mesh.tinted(self._season), low_reach(mesh)


def low_reach(plant: Mesh, height_m: float = 3.2) -> float:
    """Farthest horizontal distance from the stem of anything below a height."""
    corner = plant.position.reshape(-1, 3)
    low = corner[corner[:, 1] < height_m]
    return float(np.hypot(low[:, 0], low[:, 2]).max()) if len(low) else 0.0


@dataclass(frozen=True)
class Site:
    """Where things are put: the builder, the plan, the land, the materials, the bodies.

    Things face -x in their own frame, stand at the origin and are long along z; beside the road
    -x turns to the road on both sides.
    """

    builder: MeshBuilder
    layout: Layout
    ground: Ground
    palette: Palette
    stock: PlantStock
    fleet: Fleet
    runs: list[Run] = field(default_factory=list)
    """Trams and trains on the place's tracks."""

    def detail(self, s: float, beyond_m: float) -> int:
        """Level of detail of a building at s whose front is ``beyond_m`` from the pavement."""
        length = self.layout.parameters.length_m
        if -20 < s < length + 30 and beyond_m < 14:
            return 2
        return 1 if -40 < s < length + 90 and beyond_m < 30 else 0

    def near(self, s: float, beyond_m: float) -> bool:
        """Whether plants here are drawn in full."""
        return -8 < s < self.layout.parameters.length_m + 15 and beyond_m < 11

    def rng(self) -> Generator:
        """The generator of what only this kind of place has."""
        return self.layout.parameters.rng(self.layout.parameters.place)

    def seen(self, margin_m: float = 0.0) -> tuple[float, float]:
        """The stretch of this place that the drive shows from near: worth furnishing."""
        low = max(self.layout.start(10), -25.0) + margin_m
        return low, min(self.layout.end(25), self.layout.parameters.length_m + 90.0) - margin_m

    def driven(self, margin_m: float = 0.0) -> tuple[float, float]:
        """The stretch of this place before the camera on its way: where things stand of which a
        place has one."""
        low, high = self.seen(margin_m)
        return max(low, 12.0), min(high, self.layout.parameters.length_m * 0.8)

    def foot(self, s: float, side: int, out_m: float) -> Float:
        """Point [3] on the surface ``out_m`` outside the kerb (negative: on the road)."""
        layout = self.layout
        point = layout.axis.at(s, side * (layout.section.edge(side) + out_m))
        if out_m <= 0:
            return point
        if layout.parameters.road.kerb_m and out_m <= layout.section.side_width:
            point[1] += layout.parameters.road.kerb_m
        else:
            point[1] = float(self.ground.height(point[0], point[2]))
        return point

    def edge_path(self, s: Float, side: int, out_m: float) -> Float:
        """Points [N, 3] on the surface ``out_m`` outside the kerb at s [N]."""
        layout = self.layout
        points = layout.axis.at(s, side * (layout.section.edge(side) + out_m))
        if out_m <= 0:
            return points
        if layout.parameters.road.kerb_m and out_m <= layout.section.side_width:
            points[:, 1] += layout.parameters.road.kerb_m + 0.01 * out_m
        else:
            points[:, 1] = self.ground.height(points[:, 0], points[:, 2])
        return points

    def put(self, mesh: Mesh, s: float, side: int, out_m: float, yaw: float = 0.0) -> None:
        """A mesh ``out_m`` outside the kerb, -x towards the road, whatever is there."""
        turn = self.layout.axis.rotation(s, yaw + (0.0 if side > 0 else np.pi))
        self.builder.add(mesh.transformed(turn, self.foot(s, side, out_m)))

    def free(self, s: float, side: int, out_m: float, across_m: float, along_m: float) -> bool:
        """Claim ground beyond the pavement, ``out_m`` (of its middle) outside the kerb; whether
        it was free and in this place."""
        layout = self.layout
        if not layout.holds(s, along_m / 2):
            return False
        x, _, z = layout.axis.at(s, side * (layout.section.edge(side) + out_m))
        return layout.occupancy.take(x, z, float(layout.axis.heading_at(s)), across_m, along_m)

    def kerb(self, s: float, side: int, along_m: float) -> bool:
        """Claim a stretch of the pavement's kerb side; whether it was free, clear of side roads
        and in this place."""
        layout = self.layout
        if not layout.holds(s, along_m / 2) or layout.in_junction(s, along_m / 2):
            return False
        return layout.kerb_space.take(side, s, along_m)

    def path(self, s0: float, s1: float, side: int, out_m: float, step_m: float = 4.0) -> Float:
        """Points [K, 3] along the road from s0 to s1, ``out_m`` outside the kerb."""
        s = np.linspace(s0, s1, max(2, int(np.ceil((s1 - s0) / step_m)) + 1))
        return np.stack([self.foot(float(at), side, out_m) for at in s])

    def clear_stretches(self, side: int, margin_m: float = 1.0) -> list[tuple[float, float]]:
        """What is left of the seen stretch between the side roads of a side."""
        start, end = self.seen()
        found = []
        for low, high in [*self.layout.openings(side), (end, end)]:
            if low - margin_m > start + 2:
                found.append((start, min(low - margin_m, end)))
            start = max(start, high + margin_m)
        return found

    def pave(
        self, s0: float, s1: float, side: int, deep_m: float, material: Material
    ) -> tuple[float, float]:
        """Cover the land from the pavement's outer edge ``deep_m`` outwards, and claim it. Returns
        the stretch that became of s0 .. s1: whole rows of the land."""
        layout = self.layout
        rows = layout.axis.rows()
        rows = rows[(rows >= max(s0, layout.low_m) - 2) & (rows <= min(s1, layout.high_m) + 2)]
        off = NEAR_M[1:][NEAR_M[1:] < deep_m]
        out = layout.section.outer(side) + np.array([0.0, *off, deep_m])
        points = layout.axis.at(rows[:, None], side * out[None])
        points[..., 1] = self.ground.height(points[..., 0], points[..., 2]) + 0.035
        uv = points[..., [0, 2]] / material.repeat_m
        self.builder.grid(points, material, uv=uv, up=(0.0, 1.0, 0.0))
        for at in rows[:-1] + 2.0:
            x, _, z = layout.axis.at(at, side * (layout.section.outer(side) + deep_m / 2))
            yaw = float(layout.axis.heading_at(at))
            layout.occupancy.claim(x, z, yaw, deep_m - 0.2, 4.4)
        return float(rows[0]), float(rows[-1])
