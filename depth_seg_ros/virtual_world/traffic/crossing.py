"""People who cross the main road: where and when the simulated traffic leaves them room.

A walk comes along one pavement, turns, crosses straight over and goes on along the other pavement.
Walks are drawn at random, zebra crossings preferred, and kept only if no vehicle comes near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.land.fleet import LENGTH_M
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.plan.section import Lane
from depth_seg_ros.virtual_world.street.markings import crossing_s
from depth_seg_ros.virtual_world.traffic.simulation import (
    EGO_FRONT_M,
    EGO_REAR_M,
    Traffic,
)

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

_GAP_M, _GAP_S = 1.0, 0.5
"""Room a person keeps to a vehicle: metres, and seconds of its speed more."""
_SIDE_M = 2.0
"""From the middle of a lane to where a person is clear of what drives there."""
_MOST = 4
"""Crossings in a scene."""


@dataclass(frozen=True)
class Walk:
    """A person's way over the traffic's times: s, lateral [m], turn from the road's direction
    [rad], and the pace [m/s]."""

    s: Float  # [N]
    lateral: Float  # [N]
    turn: Float  # [N]
    pace: float


def draw_walks(layout: Layout, traffic: Traffic, rng: Generator) -> Iterator[Walk]:
    """Walks across the main road that meet nobody."""
    section, parameters = layout.section, layout.parameters
    density = parameters.traffic.pedestrian_density
    if section.side_width < 1.2 or not density or section.median or section.cycle:
        return
    zebras = [
        crossing_s(layout, j.s_m, sign) for j in parameters.junctions if j.zebra for sign in (-1, 1)
    ]
    found = 0
    for _ in range(int(rng.poisson(10 + 8 * density))):
        s = float(rng.uniform(12, parameters.length_m + 30))
        if not layout.holds(s, 6):
            continue
        if zebras and rng.random() < 0.7:
            s = zebras[int(rng.integers(len(zebras)))] + float(rng.uniform(-1, 1))
        elif section.parking or layout.in_junction(s, 3.0):
            continue  # between parked cars there is no way through
        if not all(layout.kerb_space.free(side, s, 0.9) for side in (-1, 1)):
            continue
        walk = _walk(layout, traffic, s, rng)
        if found < _MOST and not _off_the_pavement(layout, walk) and _room(traffic, walk):
            found += 1
            yield walk


def _walk(layout: Layout, traffic: Traffic, s: float, rng: Generator) -> Walk:
    section = layout.section
    side = 1 if rng.random() < 0.5 else -1
    away = min(1.6, 0.7 * section.side_width)  # from the kerb: inside of the posts
    near, far = section.edge(side) + away, section.edge(-side) + away
    pace = float(rng.uniform(1.0, 1.7))
    start = float(rng.uniform(-4.0, 0.7 * traffic.times[-1]))
    way = pace * (traffic.times - start)  # 0 where the crossing begins
    come, go = rng.choice([-1, 1], 2)
    over = np.clip(way, 0, near + far)
    along = come * np.minimum(way, 0) + go * np.maximum(way - near - far, 0)
    ahead = np.where(way < 0, come, go)
    turn = np.where(
        (way >= 0) & (way < near + far), -side * np.pi / 2, np.where(ahead > 0, 0.0, -side * np.pi)
    )
    soft = np.convolve(np.pad(turn, 3, mode="edge"), np.full(7, 1 / 7), mode="valid")
    return Walk(s + along, side * (near - over), soft, pace)


def _off_the_pavement(layout: Layout, walk: Walk) -> bool:
    """Whether the walk leads over the mouth of a side road."""
    for side in (-1, 1):
        here = walk.s[np.sign(walk.lateral) == side]
        for low, high in layout.openings(side):
            if ((here > low - 0.3) & (here < high + 0.3)).any():
                return True
    return not all(layout.holds(float(s), 1) for s in (walk.s.min(), walk.s.max()))


def _room(traffic: Traffic, walk: Walk) -> bool:
    """Whether no vehicle, the ego vehicle included, is near the person at any time."""
    lanes = [
        (v.lane, v.lane.direction * v.q, v.speed, LENGTH_M[v.kind] / 2, LENGTH_M[v.kind] / 2)
        for v in traffic.vehicles
    ]
    ego_speed = np.gradient(traffic.ego_s, traffic.times)
    lanes.append((traffic.ego_lane, traffic.ego_s, ego_speed, EGO_FRONT_M + 0.7, EGO_REAR_M))
    return not any(_near(walk, *one).any() for one in lanes)


def _near(
    walk: Walk,
    lane: Lane,
    s: Float,
    speed: Float,
    front: float,
    rear: float,
) -> NDArray[np.bool_]:
    ahead = (walk.s - s) * lane.direction
    beside = np.abs(walk.lateral - lane.center_m) < max(_SIDE_M, lane.width_m / 2 + 0.4)
    return np.asarray(beside & (ahead < front + _GAP_M + _GAP_S * speed) & (ahead > -rear - _GAP_M))
