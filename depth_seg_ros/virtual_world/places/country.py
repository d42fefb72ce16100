"""Country roads: fields, woods, farms, no kerb."""

from __future__ import annotations

from dataclasses import replace

from depth_seg_ros.virtual_world.plan.drawing import (
    Generator,
    chance,
    course_of,
    ditch,
    duration_s,
    junctions_at,
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

WEIGHT = 20.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A stretch of it."""
    narrow = chance(rng, 0.3)
    length = uniform(rng, 170, 240)
    road = RoadParameters(
        lanes_forward=1,
        lanes_backward=1,
        lane_width_m=uniform(rng, 2.5, 2.9) if narrow else uniform(rng, 3.0, 3.6),
        shoulder_m=uniform(rng, 0.15, 0.9),
        **course_of(rng, (0.05, 0.5), (180, 340), hill_m=(0, 7), each_m=(160, 400), asphalts=3),
        centre_line="none" if narrow else ("dashed", "solid")[rng.choice(2, p=[0.75, 0.25])],
        edge_lines=not narrow and chance(rng, 0.85),
        dash_m=(4.0, 8.0),
        wear=uniform(rng, 0.1, 1),
    )
    junctions = junctions_at(
        rng,
        spread(rng, int(rng.integers(0, 2)), 50, length + 50, 60),
        signals=0.0,
        width=(5, 7),
        both=0.3,
        zebra=0.0,
    )
    surroundings = SurroundingsParameters(
        setback_m=(8.0, 30.0),
        gap_m=(10.0, 60.0),
        storeys=(1, 2),
        building_share=uniform(rng, 0.05, 0.5),
        building_mix=(("house", 2.0), ("barn", 1.2), ("shed", 0.4)),
        street_tree_m=uniform(rng, 9, 22) if chance(rng, 0.35) else 0.0,
        tree_density=uniform(rng, 2, 14),
        bush_density=uniform(rng, 3, 16),
        forest_share=uniform(rng, 0, 0.7) * chance(rng, 0.7),
        hill_m=uniform(rng, 2, 16),
        thicket_share=0.9,
        embankment_m=uniform(rng, -1.5, 2.5) * chance(rng, 0.5),
        season_tint=season(rng),
        fences=uniform(rng, 0.1, 0.6),
        ground=("meadow", "field")[rng.integers(2)],
    )
    furniture = FurnitureParameters(
        lamp_height_m=7.0,
        sign_m=uniform(rng, 50, 120),
        bollard_share=uniform(rng, 0, 1),
        rail_left=uniform(rng, 0, 0.7) * chance(rng, 0.4),
        rail_right=uniform(rng, 0, 0.7) * chance(rng, 0.5),
        power_line=chance(rng, 0.5),
        billboards=int(rng.random() < 0.2),
        overpasses=tuple(spread(rng, 1, 110, length + 80, 1)) if chance(rng, 0.12) else (),
    )
    traffic = traffic_of(
        rng, lanes=1, queue=False, speed=(13, 22), density=(0.2, 1.2),
        heavy=0.16, people=(0.0, 0.3), cyclists=2, parked=(0, 0),
    )  # fmt: skip
    surroundings = replace(surroundings, ditch_m=ditch(rng))
    return PlaceParameters(
        seed, "country", "open", length, 320.0, duration_s(length, traffic),
        road, junctions, surroundings, furniture, traffic,
    )  # fmt: skip
