"""Everything that is random about a stretch of a drive, drawn once from its seed.

The places' ``draw`` is the one spot where kinds, numbers and sizes are chosen; what is left to the
builders are instances (the colour of one house, the place of one tree), each room with a generator
of its own, so that a change in one room leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Generator = np.random.Generator
Setting = Literal["town", "open", "motorway"]
"""What rules hold: built on, open land, or a road for motors alone."""
Parking = Literal["none", "kerb", "bays"]


@dataclass(frozen=True)
class RoadParameters:
    """The main road: its cross section (traffic keeps to the right) and its course."""

    lanes_forward: int
    lane_width_m: float
    turn_rad: float  # amplitude of the heading
    turn_wavelength_m: float
    hill_m: float
    hill_wavelength_m: float
    asphalt: int  # variant
    wear: float  # 0 new .. 1 patched and stained
    lanes_backward: int = 0  # 0 = one-way street
    median_m: float = 0.0  # kerbed or railed strip between the directions, 0 = none
    shoulder_m: float = 0.0  # asphalt beyond the outer lanes
    cycle_lane_m: float = 0.0
    parking_left: Parking = "none"
    parking_right: Parking = "none"
    kerb_m: float = 0.0  # 0 = no kerb and no pavement
    verge_m: float = 0.0  # grass between kerb and pavement
    pavement_m: float = 0.0
    paving: int = 0
    centre_line: Literal["none", "dashed", "solid", "double"] = "none"
    edge_lines: bool = False
    dash_m: tuple[float, float] = (3.0, 6.0)  # of broken lines: paint, gap
    surface: str = ""  # texture instead of the asphalt variant
    surface_class: str = "road"
    paving_texture: str = ""  # of the pavement, instead of the paving variant
    parking_class: str = ""  # of parking lanes and bays that differ from the road


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
    storeys: tuple[int, int]
    building_share: float  # share of plots that are built on
    building_mix: tuple[tuple[str, float], ...]  # kind, weight
    tree_density: float  # trees per 100 m and side, beyond the pavement
    bush_density: float
    hill_m: float  # height of the land's waves
    season_tint: tuple[float, float, float]
    ground: Literal["paving", "lawn", "meadow", "field"]
    fences: float = 0.0  # share of plots with a fence, wall or hedge
    closed_share: float = 0.0  # share of house fronts that join their neighbour
    street_tree_m: float = 0.0  # spacing of trees along the kerb, 0 = none
    forest_share: float = 0.0  # share of each side that is a wood
    thicket_share: float = 0.0  # share of each side overgrown up to the road, at most
    embankment_m: float = 0.0  # land beside the road higher (+) or lower (-) than it
    ditch_m: float = 0.0  # depth of a ditch beside a road without kerb
    arcades: float = 0.0  # share of town houses that stand on arches
    ground_texture: str = ""  # instead of the ground's own, near the road
    ground_class: str = "terrain"  # of that texture
    median_plants: bool = True
    banks: tuple[float, float] = (1.0, 1.0)  # embankment on the left and right, as its share


@dataclass(frozen=True)
class FurnitureParameters:
    """Street furniture; spacings in metres, 0 = none."""

    lamp_height_m: float
    sign_m: float
    lamp_m: float = 0.0
    lamp_sides: int = 1
    bollard_share: float = 0.0
    rail_left: float = 0.0  # share of the length with a guard rail
    rail_right: float = 0.0
    power_line: bool = False
    noise_barrier: bool = False
    median_wall: bool = False  # concrete between the directions instead of rails
    billboards: int = 0
    overpasses: tuple[float, ...] = ()  # s of bridges across the road
    gantries: tuple[float, ...] = ()
    bus_stop: bool = False
    clutter: float = 0.0  # bins, benches, cabinets, bicycles per 100 m and side
    power_line_m: tuple[float, float] = (5.0, 14.0)  # beyond the pavement


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
    closed: bool = False  # nobody but the ego vehicle drives on the way


@dataclass(frozen=True)
class PlaceParameters:
    """All of a stretch of the drive through one place; `seed` drives what is left to instances."""

    seed: int
    place: str
    setting: Setting
    length_m: float  # the ego vehicle's stretch of the whole drive
    beyond_m: float  # built on beyond its end
    duration_s: float
    road: RoadParameters
    junctions: tuple[JunctionParameters, ...]
    surroundings: SurroundingsParameters
    furniture: FurnitureParameters
    traffic: TrafficParameters

    def rng(self, room: str) -> Generator:
        """The generator of one room: the same whatever the others draw."""
        return np.random.default_rng([self.seed, *room.encode()])
