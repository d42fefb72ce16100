"""What the ego vehicle does besides keeping its lane: turning off at a junction, changing lanes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.course import Course
from depth_seg_ros.virtual_world.land.fleet import LENGTH_M
from depth_seg_ros.virtual_world.plan.layout import Arm, smoothstep
from depth_seg_ros.virtual_world.plan.section import Lane
from depth_seg_ros.virtual_world.traffic.simulation import Traffic
from depth_seg_ros.virtual_world.ways import Way, way_along

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

TURN_SHARE, CHANGE_SHARE = 0.3, 0.3
"""Of the drives that could: turn off, change lanes."""
CHANGE_S = 3.5
_GAP_M = 7.0


@dataclass(frozen=True)
class Turn:
    """Where the ego vehicle leaves the main road, and into which side road."""

    arm: Arm
    start_m: float  # s at which it begins to turn


def draw_turn(course: Course, lane: Lane, rng: Generator) -> Turn | None:
    """A turn into a side road of the drive's nearer part; right ones from the outermost lane, left
    ones from the innermost."""
    if rng.random() > TURN_SHARE:
        return None
    lanes = [a.center_m for a in course.layouts[0].section.forward()]
    found = []
    for layout in course.layouts:
        for arm in layout.arms:
            reach = arm.junction.width_m / 2 + arm.corner_m
            start = arm.junction.s_m - reach
            fits = lane.center_m == (max(lanes) if arm.side > 0 else min(lanes))
            if fits and 12 < start < 0.7 * course.parameters.length_m and arm.length_m > 40:
                found.append(Turn(arm, start))
    return found[int(rng.integers(len(found)))] if found else None


def ego_way(course: Course, traffic: Traffic, turn: Turn | None, rng: Generator) -> Way:
    """The camera's way over the traffic's times."""
    center = traffic.ego_lane.center_m
    lateral = np.full(len(traffic.times), center)
    if turn is None:
        other = _free_lane(course, traffic, rng)
        if other is not None:
            target, begin = other
            share = smoothstep((traffic.times - begin) / CHANGE_S)
            lateral = lateral + (target.center_m - center) * share
    points = course.axis.at(traffic.ego_s, lateral)
    if turn is None:
        heading = course.axis.heading_at(traffic.ego_s)
        drift = np.gradient(lateral, traffic.times)
        speed = np.maximum(np.gradient(traffic.ego_s, traffic.times), 1.0)
        return Way(traffic.times, points, heading + np.arctan2(drift, speed), traffic.ego_s)
    curve = _curve(course, turn, center)
    main = course.axis.at(np.arange(-20.0, turn.start_m, 1.0), center)
    line = np.concatenate([main, curve])
    return way_along(line, traffic.times, traffic.ego_s + 20.0, traffic.ego_s)


def _curve(course: Course, turn: Turn, center: float) -> Float:
    """Points from the lane round the corner and out along the side road, on its right."""
    axis, arm = course.axis, turn.arm
    u = -arm.side * arm.junction.width_m / 4
    start = axis.at(turn.start_m, center)
    end = arm.at(axis, u, arm.corner_m + 1.0)
    corner = axis.at(arm.junction.s_m + u, center)
    t = np.linspace(0, 1, 24)[:, None]
    bend = (1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end
    out = np.arange(arm.corner_m + 2.0, arm.length_m - 8.0, 1.0)
    return np.concatenate([bend, arm.at(axis, u, out)])


def _free_lane(course: Course, traffic: Traffic, rng: Generator) -> tuple[Lane, float] | None:
    """A neighbouring lane with room for the ego vehicle from a moment on, and that moment."""
    own = traffic.ego_lane
    width = own.width_m * 1.2
    lanes = [a for a in course.layouts[0].section.forward()
             if 0 < abs(a.center_m - own.center_m) < width]  # fmt: skip
    if not lanes or rng.random() > CHANGE_SHARE:
        return None
    lane = lanes[int(rng.integers(len(lanes)))]
    for begin in rng.uniform(0.1, 0.75, 4) * traffic.times[-1]:
        later = traffic.times > begin - 0.5
        clear = all(
            (np.abs(v.q[later] - traffic.ego_s[later]) > _GAP_M + LENGTH_M[v.kind] / 2).all()
            for v in traffic.vehicles
            if v.lane == lane
        )
        if clear:
            return lane, float(begin)
    return None
