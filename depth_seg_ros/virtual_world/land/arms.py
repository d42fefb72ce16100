"""What stands along the side roads that the drive passes or turns into: lamps, parked cars, trees,
bins, people."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from depth_seg_ros.virtual_world.assets.figures import draw_walking
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, yaw_rotation
from depth_seg_ros.virtual_world.geometry.sweep import Float
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.layout import Arm
from depth_seg_ros.virtual_world.street import posts, small

Generator = np.random.Generator

WAITING_M = 24.0
"""From the mouth outwards cars may wait for the main road: nobody parks there."""
_PARKED_WIDTH_M = 6.5
"""Narrower side roads have no room for parked cars."""


def furnish_arms(site: Site) -> None:
    """Furnish the side roads of a town that are seen from near."""
    layout = site.layout
    if layout.parameters.setting != "town" or not layout.parameters.road.kerb_m:
        return
    rng = layout.parameters.rng("arms")
    for arm in layout.arms:
        if -20 < arm.junction.s_m < layout.parameters.length_m + 20:
            _lamps(_Along(site, arm, 1), rng)
            for sign in (1, -1):
                _pavement(_Along(site, arm, sign), rng)
            _park(_Along(site, arm, arm.side), rng)


class _Along(NamedTuple):
    """One side of a side road; sign: of u, +1 towards larger s of the main road."""

    site: Site
    arm: Arm
    sign: int

    def put(self, mesh: Mesh, out_m: float, beside_m: float, yaw: float = 0.0) -> None:
        """A mesh ``out_m`` along the side road, ``beside_m`` outside its kerb (negative: on the
        road), -x towards the road."""
        foot, along = self.foot(out_m, beside_m)
        turn = along + yaw + (0.0 if self.sign == -self.arm.side else np.pi)
        self.site.builder.add(mesh.transformed(yaw_rotation(turn), foot))

    def foot(self, out_m: float, beside_m: float) -> tuple[Float, float]:
        """The point [3] there, and the side road's heading."""
        axis, arm = self.site.layout.axis, self.arm
        u = self.sign * (arm.junction.width_m / 2 + beside_m)
        up = self.site.layout.parameters.road.kerb_m if beside_m > 0 else 0.0
        foot = arm.at(axis, u, out_m, up)
        step = arm.at(axis, u, out_m + 1.0, up) - foot
        return foot, float(np.arctan2(step[0], step[2]))

    def stretch(self, rng: Generator, pitch_m: float, first_m: float = 4.0) -> list[float]:
        """Places every ``pitch_m``, begun anywhere."""
        start = self.arm.corner_m + first_m + float(rng.uniform(0, pitch_m))
        return [float(out) for out in np.arange(start, self.arm.length_m - 6, pitch_m)]


def _lamps(along: _Along, rng: Generator) -> None:
    furniture = along.site.layout.parameters.furniture
    if furniture.lamp_m:
        mesh = posts.lamp(along.site.palette, rng, furniture.lamp_height_m, int(rng.integers(3)), 1)
        for out in along.stretch(rng, furniture.lamp_m):
            along.put(mesh, out, 0.55)


def _pavement(along: _Along, rng: Generator) -> None:
    """Trees, bins, benches, people."""
    site, parameters = along.site, along.site.layout.parameters
    room, long = site.layout.section.side_width, along.arm.length_m
    around = parameters.surroundings
    if around.street_tree_m and room > 1.9:
        feet = [along.foot(out, 0.9)[0] for out in along.stretch(rng, around.street_tree_m)]
        if feet:
            away = np.full(len(feet), 0.9)
            kind = str(rng.choice(["street", "round", "columnar"]))
            site.stock.set_out(site.builder, kind, np.stack(feet), rng, near=False, room_m=away)
    if room < 1.5:
        return
    for _ in range(int(rng.poisson(parameters.furniture.clutter * long / 100))):
        along.put(small.clutter(site.palette, rng), _anywhere(along, rng), room - 0.5)
    people = min(parameters.traffic.pedestrian_density, 2.5) * long / 100
    for _ in range(int(rng.poisson(people))):
        out = _anywhere(along, rng)
        figure = site.fleet.person(rng, walking=False, far=out > 30, kind=draw_walking(rng))[0]
        mesh = figure.with_instance(site.fleet.next_instance())
        beside = float(rng.uniform(0.4, room - 0.8)) if room > 1.6 else 0.5
        along.put(mesh, out, beside, float(rng.uniform(-np.pi, np.pi)))


def _anywhere(along: _Along, rng: Generator) -> float:
    return float(rng.uniform(along.arm.corner_m + 4, along.arm.length_m - 6))


def _park(along: _Along, rng: Generator) -> None:
    """A row of parked cars on the side of those who come to the main road."""
    arm, traffic = along.arm, along.site.layout.parameters.traffic
    if arm.junction.width_m < _PARKED_WIDTH_M or arm.junction.signals:
        return
    for out in along.stretch(rng, 6.2, WAITING_M):
        if rng.random() < traffic.parked_share * 0.6:
            mesh = along.site.fleet.vehicle(rng, "car", near=False)
            numbered = mesh.with_instance(along.site.fleet.next_instance())
            along.put(numbered, out, -1.05, float(rng.normal(0, 0.02)))
