"""Starting points for places: another place with some facts changed, and a way without traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from depth_seg_ros.virtual_world.plan.drawing import Generator, course_of, season, uniform
from depth_seg_ros.virtual_world.plan.parameters import (
    FurnitureParameters,
    PlaceParameters,
    RoadParameters,
    SurroundingsParameters,
    TrafficParameters,
)


def altered(
    p: PlaceParameters,
    place: str,
    *,
    road: dict[str, Any] | None = None,
    around: dict[str, Any] | None = None,
    furniture: dict[str, Any] | None = None,
    traffic: dict[str, Any] | None = None,
    **own: Any,
) -> PlaceParameters:
    """The same with other values for some fields of its parts (and of itself)."""
    changed = replace(
        p,
        place=place,
        road=replace(p.road, **(road or {})),
        surroundings=replace(p.surroundings, **(around or {})),
        furniture=replace(p.furniture, **(furniture or {})),
        traffic=replace(p.traffic, **(traffic or {})),
        **own,
    )
    return replace(changed, duration_s=length_s(changed))


def length_s(p: PlaceParameters) -> float:
    """Seconds of the drive at the wished speed: at most 24, slow ones 40, on foot 60."""
    speed = p.traffic.ego_speed_mps
    if p.traffic.closed:
        return min(60.0, p.length_m / max(speed, 1.0))
    return min(24.0 if speed >= 6 or p.traffic.queue else 40.0, p.length_m / max(speed, 4.0))


def quiet_way(
    rng: Generator, seed: int, place: str, *, width_m: float, speed_mps: float
) -> PlaceParameters:
    """A way of one lane without kerb, marks, junctions or traffic, over flat lawn."""
    length = uniform(rng, 90, 140)
    road = RoadParameters(
        lanes_forward=1, lane_width_m=width_m,
        **course_of(rng, (0.0, 0.35), (120, 240), hill_m=(0, 1.5), each_m=(120, 300), asphalts=3),
        paving=int(rng.integers(3)), wear=uniform(rng, 0.2, 0.9),
    )  # fmt: skip
    around = SurroundingsParameters(
        setback_m=(8.0, 20.0), gap_m=(6.0, 30.0), storeys=(1, 3),
        building_share=0.0, building_mix=(("house", 1.0),), tree_density=6.0,
        bush_density=6.0, hill_m=uniform(rng, 0.5, 4), season_tint=season(rng), ground="lawn",
    )  # fmt: skip
    furniture = FurnitureParameters(lamp_height_m=4.0, sign_m=200.0)
    traffic = TrafficParameters(
        queue=False, ego_speed_mps=speed_mps, lane_density=0.0, parked_share=0.0,
        heavy_share=0.0, van_share=0.0, crossing=False,
        pedestrian_density=uniform(rng, 1, 6), cyclists=int(rng.integers(0, 3)), ego_lane=0,
        first_gap_m=30.0, closed=True,
    )  # fmt: skip
    drawn = PlaceParameters(
        seed, place, "open", length, 120.0, 1.0, road, (), around, furniture, traffic
    )
    return replace(drawn, duration_s=length_s(drawn))
