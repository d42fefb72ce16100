"""Suburbs: houses with gardens, rows, collector roads."""

from __future__ import annotations

from depth_seg_ros.virtual_world.plan.drawing import (
    Generator,
    chance,
    course_of,
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

WEIGHT = 26.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A stretch of it."""
    kind = rng.choice(["residential", "collector", "rows"], p=[0.4, 0.35, 0.25])
    length = uniform(rng, 150, 210)
    through = kind == "collector"
    road = RoadParameters(
        lanes_forward=1,
        lanes_backward=1,
        lane_width_m=uniform(rng, 3.0, 3.5) if through else uniform(rng, 2.5, 3.0),
        shoulder_m=uniform(rng, 0.1, 0.5),
        cycle_lane_m=uniform(rng, 1.2, 1.6) if through and chance(rng, 0.3) else 0.0,
        parking_left="kerb" if chance(rng, 0.35) else "none",
        parking_right="kerb" if chance(rng, 0.45) else "none",
        kerb_m=uniform(rng, 0.05, 0.14),
        verge_m=uniform(rng, 0.8, 3) * chance(rng, 0.45),
        pavement_m=uniform(rng, 1.4, 2.6),
        **course_of(rng, (0.03, 0.3), (150, 260), hill_m=(0, 4), each_m=(140, 300), asphalts=3),
        paving=int(rng.integers(3)),
        centre_line="dashed" if through else "none",
        edge_lines=through and chance(rng, 0.3),
        dash_m=(3.0, 6.0),
        wear=uniform(rng, 0.1, 1),
    )
    junctions = junctions_at(
        rng,
        spread(rng, int(rng.integers(0, 4)), 25, length + 60, 45),
        signals=0.15 if through else 0.0,
        width=(5, 7.5),
        both=0.4,
        zebra=0.3,
    )
    rows = kind == "rows"
    surroundings = SurroundingsParameters(
        setback_m=(uniform(rng, 2, 5), uniform(rng, 5, 11)),
        gap_m=(3.0, uniform(rng, 6, 16)),
        closed_share=0.8 if rows else uniform(rng, 0, 0.2),
        storeys=(1, 2 if chance(rng, 0.6) else 3),
        building_share=uniform(rng, 0.7, 1.0),
        building_mix=(
            ("house", 3.0),
            ("rowhouse", 4.0 if rows else 0.6),
            ("block", 0.3),
            ("shophouse", 0.15),
        ),
        street_tree_m=uniform(rng, 9, 20) if chance(rng, 0.35) else 0.0,
        tree_density=uniform(rng, 3, 12),
        bush_density=uniform(rng, 4, 14),
        forest_share=uniform(rng, 0, 0.12),
        thicket_share=0.45,
        hill_m=uniform(rng, 0.5, 5),
        season_tint=season(rng),
        fences=uniform(rng, 0.5, 0.95),
        ground="lawn",
    )
    furniture = FurnitureParameters(
        lamp_m=uniform(rng, 24, 40),
        lamp_height_m=uniform(rng, 4, 7),
        sign_m=uniform(rng, 25, 60),
        power_line=chance(rng, 0.35),
        power_line_m=(1.5, 6.0),
        overpasses=tuple(spread(rng, 1, 90, length + 50, 1)) if chance(rng, 0.08) else (),
        bus_stop=through and chance(rng, 0.4),
        clutter=uniform(rng, 0.5, 4),
    )
    traffic = traffic_of(
        rng, lanes=1, queue=through and chance(rng, 0.2), speed=(7, 13), density=(0.3, 2.0),
        heavy=0.10, people=(0.3, 3.0), cyclists=2, parked=(0.15, 0.8),
    )  # fmt: skip
    return PlaceParameters(
        seed, "suburb", "town", length, 140.0, duration_s(length, traffic),
        road, junctions, surroundings, furniture, traffic,
    )  # fmt: skip
