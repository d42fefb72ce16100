"""Motorways: several lanes, rails, bridges, gantries."""

from __future__ import annotations

from depth_seg_ros.virtual_world.plan.drawing import (
    Generator,
    chance,
    course_of,
    duration_s,
    season,
    spread,
    traffic_of,
    uniform,
)
from depth_seg_ros.virtual_world.plan.parameters import (
    FurnitureParameters,
    PlaceParameters,
    RoadParameters,
    SurroundingsParameters,
)

WEIGHT = 16.0
JOINS = ("motorway",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A stretch of it."""
    length = uniform(rng, 220, 300)
    lanes = int(rng.integers(2, 5))
    road = RoadParameters(
        lanes_forward=lanes,
        lanes_backward=lanes,
        lane_width_m=uniform(rng, 3.4, 3.75),
        median_m=uniform(rng, 2.2, 5),
        shoulder_m=uniform(rng, 0.6, 3.0),
        **course_of(rng, (0.0, 0.16), (350, 700), hill_m=(0, 4), each_m=(350, 700), asphalts=4),
        edge_lines=True,
        dash_m=(6.0, 12.0),
        wear=uniform(rng, 0, 0.7),
    )
    queue = chance(rng, 0.35)
    surroundings = SurroundingsParameters(
        setback_m=(18.0, 60.0),
        gap_m=(10.0, 60.0),
        storeys=(1, 4),
        building_share=uniform(rng, 0, 0.4),
        building_mix=(("shed", 2.0), ("house", 0.6), ("block", 0.6), ("office", 0.6)),
        tree_density=uniform(rng, 2, 16),
        bush_density=uniform(rng, 4, 22),
        forest_share=uniform(rng, 0, 0.9),
        hill_m=uniform(rng, 1, 12),
        thicket_share=1.0,
        embankment_m=uniform(rng, -3, 5),
        season_tint=season(rng),
        fences=0.2,
        ground=("meadow", "field")[rng.integers(2)],
    )
    furniture = FurnitureParameters(
        lamp_m=uniform(rng, 35, 50) if chance(rng, 0.35) else 0.0,
        lamp_height_m=uniform(rng, 9, 12),
        sign_m=uniform(rng, 60, 140),
        bollard_share=1.0,
        rail_left=uniform(rng, 0.3, 1.0),
        rail_right=uniform(rng, 0.3, 1.0),
        power_line=chance(rng, 0.2),
        noise_barrier=chance(rng, 0.3),
        median_wall=chance(rng, 0.35),
        billboards=int(rng.random() < 0.2),
        overpasses=tuple(spread(rng, int(rng.integers(1, 3)), 50, length + 160, 90))
        if chance(rng, 0.65)
        else (),
        gantries=tuple(spread(rng, 1, 60, length + 60, 60)) if chance(rng, 0.55) else (),
    )
    traffic = traffic_of(
        rng, lanes=lanes, queue=queue, speed=(20, 29), density=(0.8, 2.6),
        heavy=0.25, people=(0, 0), cyclists=0, parked=(0, 0),
    )  # fmt: skip
    return PlaceParameters(
        seed, "highway", "motorway", length, 420.0, duration_s(length, traffic),
        road, (), surroundings, furniture, traffic,
    )  # fmt: skip
