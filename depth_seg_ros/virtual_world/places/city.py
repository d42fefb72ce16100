"""City streets: closed fronts, shops, parked cars, crossroads, from lanes to arterials."""

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
    Parking,
    PlaceParameters,
    RoadParameters,
    SurroundingsParameters,
)

WEIGHT = 38.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A stretch of it."""
    kind = rng.choice(["street", "narrow", "boulevard", "arterial"], p=[0.38, 0.2, 0.2, 0.22])
    wide = kind in ("boulevard", "arterial")
    length = uniform(rng, 150, 210)
    lanes = {"street": 1, "narrow": 1, "boulevard": 2, "arterial": int(rng.integers(2, 4))}[kind]
    parking: Parking = "none" if kind == "arterial" else ("kerb", "bays")[rng.integers(2)]
    opposite: Parking = parking if chance(rng, 0.7) else "none"
    queue = chance(rng, 0.45 if kind == "arterial" else 0.25)
    median = uniform(rng, 1.5, 6.0) if wide and chance(rng, 0.75) else 0.0
    road = RoadParameters(
        lanes_forward=lanes,
        lanes_backward=0 if kind == "narrow" and chance(rng, 0.6) else lanes,
        lane_width_m=uniform(rng, 2.75, 3.1) if kind == "narrow" else uniform(rng, 3.0, 3.5),
        median_m=median,
        shoulder_m=uniform(rng, 0.1, 0.4),
        cycle_lane_m=uniform(rng, 1.3, 1.8) if chance(rng, 0.3) else 0.0,
        parking_left=opposite,
        parking_right=parking,
        kerb_m=uniform(rng, 0.08, 0.15),
        verge_m=uniform(rng, 1.2, 3) * chance(rng, 0.25),
        pavement_m=uniform(rng, 1.6, 2.6) if kind == "narrow" else uniform(rng, 2.2, 5.5),
        **course_of(rng, (0.0, 0.16), (160, 300), hill_m=(0, 1.6), each_m=(160, 320), asphalts=3),
        paving=int(rng.integers(3)),
        centre_line="none"
        if kind == "narrow"
        else ("dashed", "solid", "double")[rng.choice(3, p=[0.7, 0.15, 0.15])],
        edge_lines=chance(rng, 0.3),
        dash_m=(3.0, 3.0),
        wear=uniform(rng, 0, 1),
    )
    junctions = junctions_at(
        rng,
        spread(rng, int(rng.integers(1, 4)), 30, length + 60, 50),
        signals=0.75 if wide else 0.35,
        width=(6, 10),
        both=0.7,
        zebra=0.6,
    )
    old_town = chance(rng, 0.45) and not wide
    mix = (
        (("townhouse", 3.0), ("block", 0.6), ("shophouse", 2.0))
        if old_town
        else (
            ("townhouse", 1.2),
            ("block", 2.0),
            ("office", 1.0),
            ("shophouse", 1.4),
            ("shed", 0.15),
        )
    )
    surroundings = SurroundingsParameters(
        setback_m=(0.0, 0.3) if old_town else (0.0, uniform(rng, 1, 9)),
        gap_m=(2.5, 9.0),
        closed_share=uniform(rng, 0.55, 0.97),
        storeys=(2, 4) if old_town else (2, int(rng.integers(4, 8))),
        building_share=uniform(rng, 0.7, 1.0),
        building_mix=mix,
        street_tree_m=uniform(rng, 7, 18) if chance(rng, 0.5) else 0.0,
        tree_density=uniform(rng, 0, 4),
        bush_density=uniform(rng, 0, 3),
        hill_m=uniform(rng, 0, 1.0),
        season_tint=season(rng),
        fences=uniform(rng, 0.1, 0.5),
        ground="paving",
    )
    furniture = FurnitureParameters(
        lamp_m=uniform(rng, 20, 34),
        lamp_height_m=uniform(rng, 5, 9),
        lamp_sides=int(rng.integers(1, 3)),
        sign_m=uniform(rng, 16, 40),
        bollard_share=uniform(rng, 0, 0.5) * chance(rng, 0.65),
        billboards=int(rng.integers(0, 3)),
        overpasses=tuple(spread(rng, 1, 60, length + 50, 1))
        if chance(rng, 0.4 if wide else 0.06)
        else (),
        bus_stop=chance(rng, 0.4),
        clutter=uniform(rng, 2, 9),
    )
    traffic = traffic_of(
        rng, lanes=lanes, queue=queue, speed=(6, 13), density=(0.6, 3.0),
        heavy=0.14, people=(1.0, 9.0), cyclists=3, parked=(0.4, 0.97),
    )  # fmt: skip
    return PlaceParameters(
        seed, "city", "town", length, 130.0, duration_s(length, traffic),
        road, junctions, surroundings, furniture, traffic,
    )  # fmt: skip
