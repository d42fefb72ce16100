"""Everything that is random about a scene's layout, drawn once from its seed.

`SceneParameters.random` is the one place where kinds, numbers and sizes are chosen; what is left
to the builders are instances (the colour of one house, the place of one tree), each room with a
generator of its own, so that a change in one room leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from depth_seg_ros.errors import VirtualWorldError

Generator = np.random.Generator
Style = Literal["city", "suburb", "country", "highway"]
STYLES: tuple[Style, ...] = get_args(Style)

Parking = Literal["none", "kerb", "bays"]


@dataclass(frozen=True)
class RoadParameters:
    """The main road: its cross section (traffic keeps to the right) and its course."""

    lanes_forward: int
    lanes_backward: int  # 0 = one-way street
    lane_width_m: float
    median_m: float  # kerbed or railed strip between the directions, 0 = none
    shoulder_m: float  # asphalt beyond the outer lanes
    cycle_lane_m: float
    parking_left: Parking
    parking_right: Parking
    kerb_m: float  # 0 = no kerb and no pavement
    verge_m: float  # grass between kerb and pavement
    pavement_m: float
    turn_rad: float  # amplitude of the heading
    turn_wavelength_m: float
    hill_m: float
    hill_wavelength_m: float
    asphalt: int  # variant
    paving: int
    centre_line: Literal["none", "dashed", "solid", "double"]
    edge_lines: bool
    wear: float  # 0 new .. 1 patched and stained


@dataclass(frozen=True)
class JunctionParameters:
    """A side road or crossroads on the main road."""

    s_m: float
    width_m: float
    skew: float  # along-road metres per lateral metre of the arms
    left: bool
    right: bool
    signals: bool
    zebra: bool
    main_stops: bool  # stop line across the main road


@dataclass(frozen=True)
class SurroundingsParameters:
    """What stands beside the road."""

    setback_m: tuple[float, float]  # range, pavement to facade
    gap_m: tuple[float, float]  # range between neighbours
    closed_share: float  # share of house fronts that join their neighbour
    storeys: tuple[int, int]
    building_share: float  # share of plots that are built on
    building_mix: tuple[tuple[str, float], ...]  # kind, weight
    street_tree_m: float  # spacing of trees along the kerb, 0 = none
    tree_density: float  # trees per 100 m and side, beyond the pavement
    bush_density: float
    forest_share: float  # share of each side that is a wood
    hill_m: float  # height of the land's waves
    embankment_m: float  # land beside the road higher (+) or lower (-) than it
    dryness: float  # vegetation, 0 lush .. 1 straw
    season_tint: tuple[float, float, float]
    fences: float  # share of plots with a fence, wall or hedge
    ground: Literal["paving", "lawn", "meadow", "field"]


@dataclass(frozen=True)
class FurnitureParameters:
    """Street furniture; spacings in metres, 0 = none."""

    lamp_m: float
    lamp_height_m: float
    lamp_sides: int
    sign_m: float
    bollard_share: float
    rail_left: float  # share of the length with a guard rail
    rail_right: float
    power_line: bool
    noise_barrier: bool
    median_wall: bool  # concrete between the directions instead of rails
    billboards: int
    overpasses: tuple[float, ...]  # s of bridges across the road
    gantries: tuple[float, ...]
    bus_stop: bool
    clutter: float  # bins, benches, cabinets, bicycles per 100 m and side


@dataclass(frozen=True)
class TrafficParameters:
    """Who is on the road."""

    queue: bool  # standing or crawling traffic round the ego vehicle
    ego_speed_mps: float
    lane_density: float  # moving vehicles per 100 m and lane
    parked_share: float  # of the parking places
    heavy_share: float  # trucks and buses among the moving
    van_share: float
    crossing: bool  # cars on the side roads
    pedestrian_density: float  # per 100 m and side
    cyclists: int
    ego_lane: int  # forward lane, 0 = the one nearest the centre line
    first_gap_m: float  # bumper to camera of the vehicle ahead at t = 0


@dataclass(frozen=True)
class SceneParameters:
    """All of a scene; `seed` drives what is left to instances."""

    seed: int
    style: Style
    length_m: float  # the ego vehicle's stretch
    beyond_m: float  # built on beyond its end
    duration_s: float
    road: RoadParameters
    junctions: tuple[JunctionParameters, ...]
    surroundings: SurroundingsParameters
    furniture: FurnitureParameters
    traffic: TrafficParameters

    @staticmethod
    def of_seed(seed: int, style: str | None = None) -> SceneParameters:
        """The parameters of the scene of a seed."""
        return SceneParameters.random(np.random.default_rng([seed, 1]), style, seed)

    @staticmethod
    def random(rng: Generator, style: str | None = None, seed: int = 0) -> SceneParameters:
        """Draw a scene; raises VirtualWorldError for an unknown style."""
        if style is None:
            chosen: str = STYLES[rng.choice(len(STYLES), p=[0.38, 0.26, 0.2, 0.16])]
        elif style in STYLES:
            chosen = style
        else:
            raise VirtualWorldError(
                f"unknown style {style!r}; choose one of {', '.join(STYLES)}, or none for any"
            )
        draw = {"city": _city, "suburb": _suburb, "country": _country, "highway": _highway}[chosen]
        return draw(rng, seed)

    def rng(self, room: str) -> Generator:
        """The generator of one room: the same whatever the others draw."""
        return np.random.default_rng([self.seed, *room.encode()])


def _uniform(rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _chance(rng: Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _season(rng: Generator) -> tuple[float, float, float]:
    """Leaf colours from spring to early autumn."""
    kinds = ((1.0, 1.0, 1.0), (1.08, 1.06, 0.9), (0.92, 0.96, 0.92), (1.25, 1.0, 0.75))
    base = kinds[rng.choice(4, p=[0.45, 0.25, 0.2, 0.1])]
    jitter = rng.uniform(0.93, 1.07, 3)
    return (base[0] * float(jitter[0]), base[1] * float(jitter[1]), base[2] * float(jitter[2]))


def _junctions(
    rng: Generator,
    places: list[float],
    *,
    signals: float,
    width: tuple[float, float],
    both: float,
    zebra: float,
) -> tuple[JunctionParameters, ...]:
    found = []
    for s in places:
        crossroads = _chance(rng, both)
        right = crossroads or _chance(rng, 0.5)
        lit = _chance(rng, signals)
        found.append(
            JunctionParameters(
                s_m=s,
                width_m=_uniform(rng, *width),
                skew=_uniform(rng, -0.25, 0.25),
                left=crossroads or not right,
                right=right,
                signals=lit,
                zebra=_chance(rng, zebra),
                main_stops=lit,
            )
        )
    return tuple(found)


def _places(rng: Generator, count: int, low: float, high: float, apart: float) -> list[float]:
    """Up to ``count`` positions at least ``apart`` metres from each other."""
    found: list[float] = []
    for _ in range(count * 4):
        s = _uniform(rng, low, high)
        if len(found) < count and all(abs(s - other) >= apart for other in found):
            found.append(s)
    return sorted(found)


def _city(rng: Generator, seed: int) -> SceneParameters:
    kind = rng.choice(["street", "narrow", "boulevard", "arterial"], p=[0.38, 0.2, 0.2, 0.22])
    wide = kind in ("boulevard", "arterial")
    length = _uniform(rng, 150, 210)
    lanes = {"street": 1, "narrow": 1, "boulevard": 2, "arterial": int(rng.integers(2, 4))}[kind]
    parking: Parking = "none" if kind == "arterial" else ("kerb", "bays")[rng.integers(2)]
    opposite: Parking = parking if _chance(rng, 0.7) else "none"
    queue = _chance(rng, 0.45 if kind == "arterial" else 0.25)
    median = _uniform(rng, 1.5, 6.0) if wide and _chance(rng, 0.75) else 0.0
    road = RoadParameters(
        lanes_forward=lanes,
        lanes_backward=0 if kind == "narrow" and _chance(rng, 0.6) else lanes,
        lane_width_m=_uniform(rng, 2.75, 3.1) if kind == "narrow" else _uniform(rng, 3.0, 3.5),
        median_m=median,
        shoulder_m=_uniform(rng, 0.1, 0.4),
        cycle_lane_m=_uniform(rng, 1.3, 1.8) if _chance(rng, 0.3) else 0.0,
        parking_left=opposite,
        parking_right=parking,
        kerb_m=_uniform(rng, 0.08, 0.15),
        verge_m=_uniform(rng, 1.2, 3) * _chance(rng, 0.25),
        pavement_m=_uniform(rng, 1.6, 2.6) if kind == "narrow" else _uniform(rng, 2.2, 5.5),
        turn_rad=_uniform(rng, 0.0, 0.16),
        turn_wavelength_m=_uniform(rng, 160, 300),
        hill_m=_uniform(rng, 0, 1.6),
        hill_wavelength_m=_uniform(rng, 160, 320),
        asphalt=int(rng.integers(3)),
        paving=int(rng.integers(3)),
        centre_line="none"
        if kind == "narrow"
        else ("dashed", "solid", "double")[rng.choice(3, p=[0.7, 0.15, 0.15])],
        edge_lines=_chance(rng, 0.3),
        wear=_uniform(rng, 0, 1),
    )
    junctions = _junctions(
        rng,
        _places(rng, int(rng.integers(1, 4)), 30, length + 60, 50),
        signals=0.75 if wide else 0.35,
        width=(6, 10),
        both=0.7,
        zebra=0.6,
    )
    old_town = _chance(rng, 0.45) and not wide
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
        setback_m=(0.0, 0.3) if old_town else (0.0, _uniform(rng, 1, 9)),
        gap_m=(2.5, 9.0),
        closed_share=_uniform(rng, 0.55, 0.97),
        storeys=(2, 4) if old_town else (2, int(rng.integers(4, 8))),
        building_share=_uniform(rng, 0.8, 1.0),
        building_mix=mix,
        street_tree_m=_uniform(rng, 7, 18) if _chance(rng, 0.5) else 0.0,
        tree_density=_uniform(rng, 0, 4),
        bush_density=_uniform(rng, 0, 3),
        forest_share=0.0,
        hill_m=_uniform(rng, 0, 1.0),
        embankment_m=0.0,
        dryness=_uniform(rng, 0, 0.5),
        season_tint=_season(rng),
        fences=_uniform(rng, 0.1, 0.5),
        ground="paving",
    )
    furniture = FurnitureParameters(
        lamp_m=_uniform(rng, 20, 34),
        lamp_height_m=_uniform(rng, 5, 9),
        lamp_sides=int(rng.integers(1, 3)),
        sign_m=_uniform(rng, 16, 40),
        bollard_share=_uniform(rng, 0, 0.4) * _chance(rng, 0.5),
        rail_left=0.0,
        rail_right=0.0,
        power_line=False,
        noise_barrier=False,
        median_wall=False,
        billboards=int(rng.integers(0, 3)),
        overpasses=tuple(_places(rng, 1, 60, length + 50, 1))
        if _chance(rng, 0.4 if wide else 0.06)
        else (),
        gantries=(),
        bus_stop=_chance(rng, 0.4),
        clutter=_uniform(rng, 2, 9),
    )
    traffic = _traffic(
        rng,
        lanes=lanes,
        queue=queue,
        speed=(6, 13),
        density=(0.6, 3.0),
        heavy=0.14,
        people=(1.0, 9.0),
        cyclists=3,
        parked=(0.4, 0.97),
    )
    return SceneParameters(
        seed,
        "city",
        length,
        130.0,
        _duration(length, traffic),
        road,
        junctions,
        surroundings,
        furniture,
        traffic,
    )


def _suburb(rng: Generator, seed: int) -> SceneParameters:
    kind = rng.choice(["residential", "collector", "rows"], p=[0.4, 0.35, 0.25])
    length = _uniform(rng, 150, 210)
    through = kind == "collector"
    road = RoadParameters(
        lanes_forward=1,
        lanes_backward=1,
        lane_width_m=_uniform(rng, 3.0, 3.5) if through else _uniform(rng, 2.5, 3.0),
        median_m=0.0,
        shoulder_m=_uniform(rng, 0.1, 0.5),
        cycle_lane_m=_uniform(rng, 1.2, 1.6) if through and _chance(rng, 0.3) else 0.0,
        parking_left="kerb" if _chance(rng, 0.35) else "none",
        parking_right="kerb" if _chance(rng, 0.45) else "none",
        kerb_m=_uniform(rng, 0.05, 0.14),
        verge_m=_uniform(rng, 0.8, 3) * _chance(rng, 0.45),
        pavement_m=_uniform(rng, 1.4, 2.6),
        turn_rad=_uniform(rng, 0.03, 0.3),
        turn_wavelength_m=_uniform(rng, 150, 260),
        hill_m=_uniform(rng, 0, 4),
        hill_wavelength_m=_uniform(rng, 140, 300),
        asphalt=int(rng.integers(3)),
        paving=int(rng.integers(3)),
        centre_line="dashed" if through else "none",
        edge_lines=through and _chance(rng, 0.3),
        wear=_uniform(rng, 0.1, 1),
    )
    junctions = _junctions(
        rng,
        _places(rng, int(rng.integers(0, 4)), 25, length + 60, 45),
        signals=0.15 if through else 0.0,
        width=(5, 7.5),
        both=0.4,
        zebra=0.3,
    )
    rows = kind == "rows"
    surroundings = SurroundingsParameters(
        setback_m=(_uniform(rng, 2, 5), _uniform(rng, 5, 11)),
        gap_m=(3.0, _uniform(rng, 6, 16)),
        closed_share=0.8 if rows else _uniform(rng, 0, 0.2),
        storeys=(1, 2 if _chance(rng, 0.6) else 3),
        building_share=_uniform(rng, 0.7, 1.0),
        building_mix=(
            ("house", 3.0),
            ("rowhouse", 4.0 if rows else 0.6),
            ("block", 0.3),
            ("shophouse", 0.15),
        ),
        street_tree_m=_uniform(rng, 9, 20) if _chance(rng, 0.35) else 0.0,
        tree_density=_uniform(rng, 3, 12),
        bush_density=_uniform(rng, 4, 14),
        forest_share=_uniform(rng, 0, 0.12),
        hill_m=_uniform(rng, 0.5, 5),
        embankment_m=0.0,
        dryness=_uniform(rng, 0, 0.8),
        season_tint=_season(rng),
        fences=_uniform(rng, 0.5, 0.95),
        ground="lawn",
    )
    furniture = FurnitureParameters(
        lamp_m=_uniform(rng, 24, 40),
        lamp_height_m=_uniform(rng, 4, 7),
        lamp_sides=1,
        sign_m=_uniform(rng, 25, 60),
        bollard_share=0.0,
        rail_left=0.0,
        rail_right=0.0,
        power_line=_chance(rng, 0.35),
        noise_barrier=False,
        median_wall=False,
        billboards=0,
        overpasses=tuple(_places(rng, 1, 90, length + 50, 1)) if _chance(rng, 0.08) else (),
        gantries=(),
        bus_stop=through and _chance(rng, 0.4),
        clutter=_uniform(rng, 0.5, 4),
    )
    traffic = _traffic(
        rng,
        lanes=1,
        queue=through and _chance(rng, 0.2),
        speed=(7, 13),
        density=(0.3, 2.0),
        heavy=0.10,
        people=(0.3, 3.0),
        cyclists=2,
        parked=(0.15, 0.8),
    )
    return SceneParameters(
        seed,
        "suburb",
        length,
        140.0,
        _duration(length, traffic),
        road,
        junctions,
        surroundings,
        furniture,
        traffic,
    )


def _country(rng: Generator, seed: int) -> SceneParameters:
    narrow = _chance(rng, 0.3)
    length = _uniform(rng, 170, 240)
    road = RoadParameters(
        lanes_forward=1,
        lanes_backward=1,
        lane_width_m=_uniform(rng, 2.5, 2.9) if narrow else _uniform(rng, 3.0, 3.6),
        median_m=0.0,
        shoulder_m=_uniform(rng, 0.15, 0.9),
        cycle_lane_m=0.0,
        parking_left="none",
        parking_right="none",
        kerb_m=0.0,
        verge_m=0.0,
        pavement_m=0.0,
        turn_rad=_uniform(rng, 0.05, 0.5),
        turn_wavelength_m=_uniform(rng, 180, 340),
        hill_m=_uniform(rng, 0, 7),
        hill_wavelength_m=_uniform(rng, 160, 400),
        asphalt=int(rng.integers(3)),
        paving=0,
        centre_line="none" if narrow else ("dashed", "solid")[rng.choice(2, p=[0.75, 0.25])],
        edge_lines=not narrow and _chance(rng, 0.85),
        wear=_uniform(rng, 0.1, 1),
    )
    junctions = _junctions(
        rng,
        _places(rng, int(rng.integers(0, 2)), 50, length + 50, 60),
        signals=0.0,
        width=(5, 7),
        both=0.3,
        zebra=0.0,
    )
    surroundings = SurroundingsParameters(
        setback_m=(8.0, 30.0),
        gap_m=(10.0, 60.0),
        closed_share=0.0,
        storeys=(1, 2),
        building_share=_uniform(rng, 0.05, 0.5),
        building_mix=(("house", 2.0), ("barn", 1.2), ("shed", 0.4)),
        street_tree_m=_uniform(rng, 9, 22) if _chance(rng, 0.35) else 0.0,
        tree_density=_uniform(rng, 2, 14),
        bush_density=_uniform(rng, 3, 16),
        forest_share=_uniform(rng, 0, 0.7) * _chance(rng, 0.7),
        hill_m=_uniform(rng, 2, 16),
        embankment_m=_uniform(rng, -1.5, 2.5) * _chance(rng, 0.5),
        dryness=_uniform(rng, 0, 1),
        season_tint=_season(rng),
        fences=_uniform(rng, 0.1, 0.6),
        ground=("meadow", "field")[rng.integers(2)],
    )
    furniture = FurnitureParameters(
        lamp_m=0.0,
        lamp_height_m=7.0,
        lamp_sides=1,
        sign_m=_uniform(rng, 50, 120),
        bollard_share=_uniform(rng, 0, 1),
        rail_left=_uniform(rng, 0, 0.7) * _chance(rng, 0.4),
        rail_right=_uniform(rng, 0, 0.7) * _chance(rng, 0.5),
        power_line=_chance(rng, 0.5),
        noise_barrier=False,
        median_wall=False,
        billboards=int(rng.random() < 0.2),
        overpasses=tuple(_places(rng, 1, 110, length + 80, 1)) if _chance(rng, 0.12) else (),
        gantries=(),
        bus_stop=False,
        clutter=0.0,
    )
    traffic = _traffic(
        rng,
        lanes=1,
        queue=False,
        speed=(13, 22),
        density=(0.2, 1.2),
        heavy=0.16,
        people=(0.0, 0.3),
        cyclists=2,
        parked=(0, 0),
    )
    return SceneParameters(
        seed,
        "country",
        length,
        320.0,
        _duration(length, traffic),
        road,
        junctions,
        surroundings,
        furniture,
        traffic,
    )


def _highway(rng: Generator, seed: int) -> SceneParameters:
    length = _uniform(rng, 220, 300)
    lanes = int(rng.integers(2, 5))
    road = RoadParameters(
        lanes_forward=lanes,
        lanes_backward=lanes,
        lane_width_m=_uniform(rng, 3.4, 3.75),
        median_m=_uniform(rng, 2.2, 5),
        shoulder_m=_uniform(rng, 0.6, 3.0),
        cycle_lane_m=0.0,
        parking_left="none",
        parking_right="none",
        kerb_m=0.0,
        verge_m=0.0,
        pavement_m=0.0,
        turn_rad=_uniform(rng, 0.0, 0.16),
        turn_wavelength_m=_uniform(rng, 350, 700),
        hill_m=_uniform(rng, 0, 4),
        hill_wavelength_m=_uniform(rng, 350, 700),
        asphalt=int(rng.integers(4)),
        paving=0,
        centre_line="none",
        edge_lines=True,
        wear=_uniform(rng, 0, 0.7),
    )
    queue = _chance(rng, 0.35)
    surroundings = SurroundingsParameters(
        setback_m=(18.0, 60.0),
        gap_m=(10.0, 60.0),
        closed_share=0.0,
        storeys=(1, 4),
        building_share=_uniform(rng, 0, 0.4),
        building_mix=(("shed", 2.0), ("house", 0.6), ("block", 0.6), ("office", 0.6)),
        street_tree_m=0.0,
        tree_density=_uniform(rng, 2, 16),
        bush_density=_uniform(rng, 4, 22),
        forest_share=_uniform(rng, 0, 0.9),
        hill_m=_uniform(rng, 1, 12),
        embankment_m=_uniform(rng, -3, 5),
        dryness=_uniform(rng, 0, 1),
        season_tint=_season(rng),
        fences=0.2,
        ground=("meadow", "field")[rng.integers(2)],
    )
    furniture = FurnitureParameters(
        lamp_m=_uniform(rng, 35, 50) if _chance(rng, 0.35) else 0.0,
        lamp_height_m=_uniform(rng, 9, 12),
        lamp_sides=1,
        sign_m=_uniform(rng, 60, 140),
        bollard_share=1.0,
        rail_left=_uniform(rng, 0.3, 1.0),
        rail_right=_uniform(rng, 0.3, 1.0),
        power_line=_chance(rng, 0.2),
        noise_barrier=_chance(rng, 0.3),
        median_wall=_chance(rng, 0.35),
        billboards=int(rng.random() < 0.2),
        overpasses=tuple(_places(rng, int(rng.integers(1, 3)), 50, length + 160, 90))
        if _chance(rng, 0.65)
        else (),
        gantries=tuple(_places(rng, 1, 60, length + 60, 60)) if _chance(rng, 0.55) else (),
        bus_stop=False,
        clutter=0.0,
    )
    traffic = _traffic(
        rng,
        lanes=lanes,
        queue=queue,
        speed=(20, 29),
        density=(0.8, 2.6),
        heavy=0.25,
        people=(0, 0),
        cyclists=0,
        parked=(0, 0),
    )
    return SceneParameters(
        seed,
        "highway",
        length,
        420.0,
        _duration(length, traffic),
        road,
        (),
        surroundings,
        furniture,
        traffic,
    )


def _duration(length_m: float, traffic: TrafficParameters) -> float:
    """Seconds the ego vehicle takes over its stretch at its wished speed."""
    return min(24.0, length_m / max(traffic.ego_speed_mps, 6.0))


def _traffic(
    rng: Generator,
    *,
    lanes: int,
    queue: bool,
    speed: tuple[float, float],
    density: tuple[float, float],
    heavy: float,
    people: tuple[float, float],
    cyclists: int,
    parked: tuple[float, float],
) -> TrafficParameters:
    return TrafficParameters(
        queue=queue,
        ego_speed_mps=_uniform(rng, 0.0, 3.0) if queue else _uniform(rng, *speed),
        lane_density=_uniform(rng, 7.0, 9.0) if queue else _uniform(rng, *density),
        parked_share=_uniform(rng, *parked),
        heavy_share=heavy * _uniform(rng, 0.4, 2.0),
        van_share=_uniform(rng, 0.08, 0.2),
        crossing=_chance(rng, 0.75),
        pedestrian_density=_uniform(rng, *people),
        cyclists=int(rng.integers(0, cyclists + 1)),
        ego_lane=int(rng.integers(lanes)),
        first_gap_m=_uniform(rng, 4.0, 8.0) if queue else _uniform(rng, 9.0, 40.0),
    )
