"""Gives the simulated traffic its bodies: vehicles, parked cars, people, cyclists, lights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.figures import draw_walking, make_group
from depth_seg_ros.virtual_world.assets.kick_scooter import make_kick_scooter
from depth_seg_ros.virtual_world.assets.motorcycle import make_motorcycle
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.land.fleet import LENGTH_M, WALK_PHASES
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.layout import Arm, Layout, smoothstep
from depth_seg_ros.virtual_world.plan.section import PARKING_BAY_M, Strip
from depth_seg_ros.virtual_world.street import posts
from depth_seg_ros.virtual_world.street.furniture import signal_places
from depth_seg_ros.virtual_world.traffic.actors import Actor, standing
from depth_seg_ros.virtual_world.traffic.crossing import draw_walks
from depth_seg_ros.virtual_world.traffic.encounters import draw_encounters
from depth_seg_ros.virtual_world.traffic.simulation import Traffic, Vehicle

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

NEAR_M = 15.0
"""Vehicles that never come nearer to the camera are drawn with few triangles."""


class Cast:
    """Makes actors and numbers their instances."""

    def __init__(self, sites: Sequence[Site], traffic: Traffic) -> None:
        self.sites = sites
        self.site = sites[0]  # the place that is being peopled
        self.palette = self.site.palette
        self.traffic = traffic
        self.actors: list[Actor] = []
        self.fleet = self.site.fleet
        self.instance = self.fleet.next_instance

    @property
    def layout(self) -> Layout:
        """Of the place that is being peopled."""
        return self.site.layout

    def fill(self) -> tuple[Actor, ...]:
        """All actors of the scene; parked vehicles go into the static mesh."""
        for site in self.sites:
            self.site = site
            rng = self.layout.parameters.rng("cast")
            self._park(rng)
            if self.layout.first:
                for vehicle in self.traffic.vehicles:
                    self._drive(vehicle, rng)
                self._cycle_lanes(rng)
            self._side_roads(rng)
            self._walkers(rng)
            self._crossers(self.layout.parameters.rng("crossing"))
            self._met(self.layout.parameters.rng("encounters"))
            self._lights(rng)
        return tuple(self.actors)

    def _drive(self, vehicle: Vehicle, rng: Generator) -> None:
        lane, axis = vehicle.lane, self.layout.axis
        s = lane.direction * vehicle.q
        lateral = lane.center_m + lane.direction * vehicle.lateral_m
        inside = np.clip(s, axis.s[0] + 2, axis.end_m - 2)
        position = axis.at(inside, lateral)
        heading = axis.heading_at(inside) + (0.0 if lane.direction > 0 else np.pi)
        pitch = np.arctan(axis.slope_at(inside)) * lane.direction
        away = np.abs(s - self.traffic.ego_s).min()
        leaves = (s < axis.s[0] + 2) | (s > axis.end_m - 2)
        position[leaves, 1] -= 60.0  # off the road's end: out of sight under the land
        kind = vehicle.kind
        number = self.instance()
        if kind == "cyclist":
            meshes = self.fleet.cyclist(rng)
            rate = 1.3 * WALK_PHASES
        elif kind == "motorcycle":
            meshes, rate = (make_motorcycle(self.palette, rng, rider=True),), 0.0
        else:
            braking = bool(
                (np.diff(vehicle.speed, prepend=vehicle.speed[:1]) < -0.1).mean() > 0.2
                or vehicle.speed.mean() < 0.8
            )
            meshes = (
                self.fleet.vehicle(rng, kind, near=bool(away < NEAR_M), brake=braking, driven=True),
            )
            rate = 0.0
        meshes = tuple(m.with_instance(number) for m in meshes)
        self.actors.append(
            Actor(meshes, self.traffic.times, position, heading, pitch, number, rate)
        )

    def _park(self, rng: Generator) -> None:
        share = self.layout.parameters.traffic.parked_share
        for strip in self.layout.section.parking:
            deep = abs(strip.width_m - PARKING_BAY_M) < 0.1
            s = max(-25.0, self.layout.low_m)
            end = min(self.layout.parameters.length_m + 70.0, self.layout.high_m)
            nose_in = rng.random() < 0.7
            while s < end:
                kind = "van" if rng.random() < 0.12 and not deep else "car"
                room = 2.5 if deep else LENGTH_M[kind] + float(rng.uniform(0.5, 1.4))
                if rng.random() < share and not self._blocked(strip, s, s + room):
                    self._park_one(strip, s + room / 2, kind, deep, nose_in, rng)
                s += room

    def _blocked(self, strip: Strip, s0: float, s1: float) -> bool:
        side = 1 if strip.center_m > 0 else -1
        if not (self.layout.holds(s0, 1) and self.layout.holds(s1, 1)):
            return True
        return any(low - 2 < s1 and high + 2 > s0 for low, high in self.layout.openings(side))

    def _park_one(
        self, strip: Strip, s: float, kind: str, deep: bool, nose_in: bool, rng: Generator
    ) -> None:
        axis = self.layout.axis
        side = 1 if strip.center_m > 0 else -1
        mesh = self.fleet.vehicle(rng, kind, near=self._seen_close(strip, s, rng))
        jitter = float(rng.normal(0, 0.07))
        if deep:
            yaw = side * np.pi / 2 * (1 if nose_in == (rng.random() < 0.9) else -1)
        else:
            yaw = 0.0 if side > 0 else np.pi
        position = axis.at(s, strip.center_m + jitter, 0.0)
        turn = axis.rotation(s, yaw + float(rng.normal(0, 0.02)))
        self.site.builder.add(mesh.with_instance(self.instance()).transformed(turn, position))

    def _seen_close(self, strip: Strip, s: float, rng: Generator) -> bool:
        """Whether a parked vehicle gets all its triangles: beside the ego lane, now and then."""
        away = abs(strip.center_m - self.traffic.ego_lane.center_m)
        ahead = 3 < s < self.layout.parameters.length_m + 12
        return bool(away < 7 and ahead and rng.random() < (0.5 if s < 40 else 0.2))

    def _cycle_lanes(self, rng: Generator) -> None:
        """Cyclists at a steady pace on the cycle lanes."""
        axis = self.layout.axis
        for strip in self.layout.section.cycle:
            direction = 1 if strip.center_m > 0 else -1
            for _ in range(self.layout.parameters.traffic.cyclists):
                start = float(rng.uniform(-20, self.layout.parameters.length_m + 40))
                s = start + direction * float(rng.uniform(3.5, 6.5)) * self.traffic.times
                s = np.clip(s, axis.s[0] + 1, axis.end_m - 1)
                number = self.instance()
                meshes = tuple(m.with_instance(number) for m in self.fleet.cyclist(rng))
                heading = axis.heading_at(s) + (0.0 if direction > 0 else np.pi)
                self.actors.append(
                    Actor(
                        meshes,
                        self.traffic.times,
                        axis.at(s, strip.center_m),
                        heading,
                        0 * s,
                        number,
                        1.3 * WALK_PHASES,
                    )
                )

    def _side_roads(self, rng: Generator) -> None:
        """Cars that cross while the main road has red, and cars that wait on the arms."""
        if not self.layout.parameters.traffic.crossing:
            return
        release = {g.junction_s: g.release_s for g in self.traffic.signals}
        for arm in self.layout.arms:
            red = release.get(arm.junction.s_m, 0.0)
            others = [
                a for a in self.layout.arms if a.junction == arm.junction and a.side != arm.side
            ]
            if red > 0 and others:
                self._cross(arm, others[0], red, rng)
            out = arm.corner_m + 1.2 + LENGTH_M["car"] / 2
            for k in range(int(rng.integers(0, 3))):
                if red > 0 and others:
                    break
                position, heading = self._arm_pose(arm, out + k * 6.3)
                if out + k * 6.3 > arm.length_m - 6:
                    break
                number = self.instance()
                near = arm.junction.s_m < self.layout.parameters.length_m + 40
                mesh = self.fleet.vehicle(rng, "car", near=near, driven=True).with_instance(number)
                self.actors.append(standing(mesh, position, heading, number))

    def _arm_pose(self, arm: Arm, out: float) -> tuple[Float, float]:
        """Position and heading of a vehicle that comes to the main road, ``out`` metres off."""
        u = arm.side * arm.junction.width_m / 4
        place = arm.at(self.layout.axis, u, out)
        step = arm.at(self.layout.axis, u, out - 1.0) - place
        return place, float(np.arctan2(step[0], step[2]))

    def _cross(self, start: Arm, end: Arm, red: float, rng: Generator) -> None:
        """Cars from one arm straight over to the other, all gone before the light changes."""
        axis = self.layout.axis
        u = start.side * start.junction.width_m / 4
        out = np.arange(min(start.length_m - 3, 60.0), 0, -1.5)
        onto = np.arange(0.5, end.length_m - 3, 1.5)
        lateral = np.linspace(start.side * start.edge_m, end.side * end.edge_m, 8)
        middle = axis.at(start.junction.s_m + u, lateral)
        path = np.concatenate([start.at(axis, u, out), middle, end.at(axis, u, onto)])
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        clear = along[len(out) + len(lateral)] + 9.0
        speed = float(rng.uniform(6, 9.5))
        progress = float(rng.uniform(20, 45))
        while True:
            if (clear - progress) / speed > red - 0.5:
                return
            travelled = np.clip(progress + speed * self.traffic.times, 0, along[-1])
            position = np.stack([np.interp(travelled, along, path[:, k]) for k in range(3)], -1)
            ahead = np.stack([np.interp(travelled + 1.0, along, path[:, k]) for k in (0, 2)], -1)
            behind = np.stack([np.interp(travelled - 1.0, along, path[:, k]) for k in (0, 2)], -1)
            heading = np.unwrap(np.arctan2(*(ahead - behind).T))
            number = self.instance()
            mesh = self.fleet.vehicle(
                rng, "car" if rng.random() < 0.8 else "van", near=True, driven=True
            )
            self.actors.append(
                Actor(
                    (mesh.with_instance(number),),
                    self.traffic.times,
                    position,
                    heading,
                    0 * travelled,
                    number,
                )
            )
            progress -= float(rng.uniform(9, 22))
            if progress < 0:
                return

    def _walkers(self, rng: Generator) -> None:
        """People on the pavements, walking within a stretch between two side roads."""
        layout = self.layout
        density = layout.parameters.traffic.pedestrian_density
        if layout.section.side_width < 1.2 or not density:
            return
        length = layout.parameters.length_m + 60
        for side in (-1, 1):
            for _ in range(int(rng.poisson(density * length / 100))):
                self._walker(side, float(rng.uniform(-10, length)), rng)

    def _walker(self, side: int, start: float, rng: Generator) -> None:
        layout, times = self.layout, self.traffic.times
        pace = float(rng.uniform(0.9, 1.7)) * (1 if rng.random() < 0.5 else -1)
        if rng.random() < 0.15:
            pace = 0.0
        s = start + pace * times
        low, high = float(s.min()) - 1, float(s.max()) + 1
        if not (layout.holds(low) and layout.holds(high)):
            return
        if any(a < high and b > low for a, b in layout.openings(side)):
            return
        room = layout.section.side_width
        out = float(rng.uniform(min(1.5, room * 0.6), room - 0.35))
        position = layout.axis.at(s, side * (layout.section.edge(side) + out))
        position[:, 1] += layout.parameters.road.kerb_m + 0.01 * out
        heading = layout.axis.heading_at(s) + (0.0 if pace >= 0 else np.pi)
        if pace == 0.0:
            heading = heading * 0 + float(rng.uniform(-np.pi, np.pi))
        number = self.instance()
        far = not self.site.near(start, 0) or abs(start) > 90
        meshes = tuple(
            m.with_instance(number)
            for m in self.fleet.person(rng, walking=pace != 0, far=far, kind=draw_walking(rng))
        )
        self.actors.append(
            Actor(meshes, times, position, heading, 0 * s, number, abs(pace) / 1.4 * WALK_PHASES)
        )

    def _met(self, rng: Generator) -> None:
        """People near the camera."""
        layout, times = self.layout, self.traffic.times
        for met in draw_encounters(layout, self.traffic, rng):
            feet = self.site.edge_path(met.s, met.side, met.out_m)
            heading = layout.axis.heading_at(met.s) + (0.0 if met.pace_mps >= 0 else np.pi)
            if met.kind == "group":
                people = make_group(self.palette, rng, int(rng.integers(2, 5)))
                for mesh in people:
                    number = self.instance()
                    self.actors.append(
                        standing(mesh.with_instance(number), feet[0], heading[0], number)
                    )
                continue
            rate = abs(met.pace_mps) / 1.4 * WALK_PHASES
            if met.kind == "scooter":
                meshes: tuple[Mesh, ...] = (make_kick_scooter(self.palette, rng, rider=True),)
            elif met.kind == "motorcycle":
                meshes = (make_motorcycle(self.palette, rng, rider=True),)
            elif met.kind == "cyclist":
                meshes, rate = self.fleet.cyclist(rng), 1.3 * WALK_PHASES
            else:
                moving = met.kind == "walk"
                kind = draw_walking(rng)
                meshes = self.fleet.person(rng, walking=moving, far=False, kind=kind)
                if not moving:
                    heading = heading * 0 + float(rng.uniform(-np.pi, np.pi))
            number = self.instance()
            meshes = tuple(m.with_instance(number) for m in meshes)
            self.actors.append(Actor(meshes, times, feet, heading, 0 * met.s, number, rate))

    def _crossers(self, rng: Generator) -> None:
        """People who cross the main road."""
        layout = self.layout
        for walk in draw_walks(layout, self.traffic, rng):
            position = layout.axis.at(walk.s, walk.lateral)
            for side in (-1, 1):  # up the kerb, in half a step
                out = side * walk.lateral - layout.section.edge(side)
                position[:, 1] += layout.parameters.road.kerb_m * smoothstep(out / 0.3)
            number = self.instance()
            meshes = tuple(
                m.with_instance(number) for m in self.fleet.person(rng, walking=True, far=False)
            )
            self.actors.append(
                Actor(
                    meshes,
                    self.traffic.times,
                    position,
                    layout.axis.heading_at(walk.s) + walk.turn,
                    0 * walk.s,
                    number,
                    walk.pace / 1.4 * WALK_PHASES,
                )
            )

    def _lights(self, rng: Generator) -> None:
        """Traffic lights: red until the release, then green."""
        layout = self.layout
        release = {g.junction_s: g.release_s for g in self.traffic.signals}
        for junction_s, s, side, reach in signal_places(layout):
            seed = int(rng.integers(1 << 30))
            meshes = tuple(
                posts.traffic_light(self.palette, np.random.default_rng(seed), state, reach)
                for state in (0, 2)
            )
            foot = layout.axis.at(
                s, side * (layout.section.edge(side) + 0.55), layout.parameters.road.kerb_m
            )
            heading = float(layout.axis.heading_at(s)) + (0.0 if side > 0 else np.pi)
            lit_s = release.get(junction_s, 0.0)
            here = np.zeros(1), foot[None], np.array([heading]), np.zeros(1)
            self.actors.append(Actor(meshes, *here, 0, switch_s=lit_s))
